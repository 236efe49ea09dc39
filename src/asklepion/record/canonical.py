"""Entries as canonical JSON (RFC 8785) and their hash."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated

import rfc8785
from pydantic import Field, TypeAdapter

from asklepion.core.chart import Recorded
from asklepion.core.entries import Entry
from asklepion.record import clock
from asklepion.record.models import LedgerEntry

_ENTRIES: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def body_of(entry: Entry) -> str:
    """Return an entry as canonical JSON."""
    return rfc8785.dumps(_ENTRIES.dump_python(entry, mode="json")).decode()


def entry_of(body: str) -> Entry:
    """Return the entry of a stored body. Raises pydantic's ValidationError if it is none."""
    return _ENTRIES.validate_json(body)


def instant(at: datetime) -> str:
    """Return the one spelling of an instant that is hashed: UTC, microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def hash_of(row: LedgerEntry) -> str:
    """Return SHA-256, in hexadecimal, over the canonical JSON of every field of a row but its hash."""
    fields = {
        "id": row.id,
        "course": row.course,
        "seq": row.seq,
        "kind": row.kind,
        "body": json.loads(row.body),
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
    }
    return hashlib.sha256(rfc8785.dumps(fields)).hexdigest()


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
    )
