"""Entries as canonical JSON (RFC 8785) and their hash."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Annotated

import rfc8785
from pydantic import Field, TypeAdapter

from asklepion.core.chart import Recorded
from asklepion.core.entries import Entry
from asklepion.core.errors import BadInput
from asklepion.record import clock
from asklepion.record.models import LedgerEntry

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_ENTRIES: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def body_of(entry: Entry) -> str:
    """Return an entry as canonical JSON. Raises BadInput for a number or a letter that JSON cannot hold."""
    try:
        body = rfc8785.dumps(_ENTRIES.dump_python(entry, mode="json")).decode()
        if "\\u0000" in body and _NUL.search(body):
            raise ValueError("a letter of no text")
        return body
    except ValueError as fault:
        raise BadInput(
            "A number or a letter in it cannot be kept.",
            where=entry.kind,
            remedy="Numbers are finite, whole ones below 2^53; text is Unicode.",
        ) from fault


def entry_of(body: str) -> Entry:
    """Return the entry of a stored body. Raises pydantic's ValidationError if it is none."""
    return _ENTRIES.validate_json(body)


def instant(at: datetime) -> str:
    """Return the one spelling of an instant that is hashed: UTC, microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def hash_of(row: LedgerEntry) -> str:
    """Return SHA-256, in hexadecimal, over the canonical JSON of every field of a row but its hash.

    Canonical JSON orders fields by name. The body is canonical as it stands, so its bytes are taken as they are: a body
    that says the same in other letters is not what was hashed.
    """
    after_body: dict[str, str | int] = {
        "by": row.by,
        "clock_offset_ms": row.clock_offset_ms,
        "corrects": row.corrects,
        "course": row.course,
        "device": row.device,
        "id": row.id,
        "kind": row.kind,
        "label": row.label,
        "previous_hash": row.previous_hash,
        "reason": row.reason,
        "recorded_at": instant(row.recorded_at),
        "role": row.role,
        "seq": row.seq,
    }
    before = b'{"at":' + rfc8785.dumps(instant(row.at)) + b',"body":'
    return hashlib.sha256(before + row.body.encode() + b"," + rfc8785.dumps({**after_body})[1:]).hexdigest()


def written_of(row: LedgerEntry) -> dict[str, object]:
    """Return a row with every field that is hashed, as it was hashed, and its hash: what somebody else can check."""
    return {
        "id": row.id,
        "course": row.course,
        "seq": row.seq,
        "kind": row.kind,
        "entry": json.loads(row.body),
        "at": instant(row.at),
        "recorded_at": instant(row.recorded_at),
        "clock_offset_ms": row.clock_offset_ms,
        "by": row.by,
        "device": row.device,
        "role": row.role,
        "label": row.label,
        "corrects": row.corrects,
        "reason": row.reason,
        "previous_hash": row.previous_hash,
        "hash": row.hash,
    }


def recorded_of(row: LedgerEntry) -> Recorded[Entry]:
    """Return a row as the value that rules read."""
    return Recorded(
        id=row.id,
        course=row.course,
        seq=row.seq,
        entry=entry_of(row.body),
        at=row.at,
        on=clock.local_date(row.at),
        recorded_at=row.recorded_at,
        by=row.by,
        role=row.role,
        device=row.device,
        label=row.label,
        corrects=row.corrects,
        reason=row.reason,
        clock_offset_ms=row.clock_offset_ms,
        previous_hash=row.previous_hash,
        hash=row.hash,
        clock=clock.local(row.at).time(),
    )
