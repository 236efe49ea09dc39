"""Everything in one file that any engine can read back: a zip of one JSON line a row, with counts and hashes."""

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar

from allauth.mfa.models import Authenticator
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, models, transaction

from asklepion.core.errors import BadInput, ChainBroken
from asklepion.record.models import Account, Course, Draft, LedgerEntry, Person
from asklepion.record.snapshot import snapshot
from asklepion.record.verify import rebuild, verify

Progress = Callable[[int, int], None]
T = TypeVar("T")
_TABLES: tuple[type[models.Model], ...] = (Account, Authenticator, Course, LedgerEntry, Person, Draft)
_AT_ONCE = 500
_FORMAT = 1
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, DeserializationError, DatabaseError),
    *(KeyError, TypeError, ValueError, NotImplementedError),
)


class _Exact(DjangoJSONEncoder):
    """Keeps microseconds, which Django's own encoder cuts: the hashes cover them."""

    def default(self, o: object) -> object:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


@dataclass(frozen=True, slots=True)
class Written:
    courses: int
    entries: int
    sha256: str


def write(path: Path, progress: Progress | None = None) -> Written:
    """Write one snapshot while others go on writing. Only its owner may read the file, which appears when it is whole.

    Raises BadInput if the folder is not there; a file of that name is replaced.
    """
    if not path.parent.is_dir():
        raise BadInput("There is no such folder.", where=str(path.parent), remedy="Make it, or name another.")
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            manifest = _write(file, progress)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return Written(manifest["Course"]["rows"], manifest["LedgerEntry"]["rows"], _sha256(path))


def _write(file: IO[bytes], progress: Progress | None) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    with snapshot(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        total = sum(table._default_manager.count() for table in _TABLES)
        done = 0
        for table in _TABLES:
            digest, rows = hashlib.sha256(), 0
            with archive.open(f"{table.__name__}.jsonl", "w", force_zip64=True) as out:
                for some in _some(table._default_manager.order_by("pk").iterator(_AT_ONCE)):
                    lines = serializers.serialize("jsonl", some, cls=_Exact).encode()
                    out.write(lines)
                    digest.update(lines)
                    rows += len(some)
                    if progress:
                        progress(done + rows, total + 1)
            done += rows
            tables[table.__name__] = {"rows": rows, "sha256": digest.hexdigest()}
        archive.writestr("manifest.json", json.dumps({"format": _FORMAT, "tables": tables}))
    if progress:
        progress(total + 1, total + 1)
    return tables


def restore(path: Path, progress: Progress | None = None) -> Written:
    """Read a backup into an empty database; nothing is kept if a hash or a chain in it is broken.

    Raises BadInput if the database is not empty or the file is damaged or none of ours, ChainBroken naming the entry.
    """
    with transaction.atomic():
        if any(table._default_manager.exists() for table in _TABLES):
            raise BadInput("The database is not empty.", remedy="Restore into a new one.")
        try:
            with zipfile.ZipFile(path) as archive:
                tables = _manifest(archive)
                _read_all(archive, tables, progress)
        except _DAMAGED as fault:
            raise _damaged(str(path)) from fault
        faults = verify()
        if faults:
            raise ChainBroken(faults[0].what, where=f"{faults[0].course}, entry {faults[0].seq}")
        rebuild(progress=progress)
    return Written(tables["Course"]["rows"], tables["LedgerEntry"]["rows"], _sha256(path))


def _damaged(where: str) -> BadInput:
    return BadInput("This is no whole backup.", where=where, remedy="Nothing was written. Use another copy.")


def _manifest(archive: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    manifest = json.loads(archive.read("manifest.json"))
    if manifest["format"] != _FORMAT:
        remedy = "Restore it with the version that wrote it, then bring that one up to date."
        raise BadInput(f"The backup is of format {manifest['format']}.", where="manifest.json", remedy=remedy)
    tables: dict[str, dict[str, Any]] = {table.__name__: manifest["tables"][table.__name__] for table in _TABLES}
    return tables


def _read_all(archive: zipfile.ZipFile, tables: dict[str, dict[str, Any]], progress: Progress | None) -> None:
    total, done = sum(int(each["rows"]) for each in tables.values()), 0
    for table in _TABLES:
        for rows in _read(archive, table, tables[table.__name__]):
            done += rows
            if progress:
                progress(done, total)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(_TABLES)):
            cursor.execute(statement)


def _read(archive: zipfile.ZipFile, table: type[models.Model], said: dict[str, Any]) -> Iterator[int]:
    """Store the rows of one table and yield how many at a time. Raises BadInput if they are not what was written."""
    name = f"{table.__name__}.jsonl"
    digest, count = hashlib.sha256(), 0
    with archive.open(name) as lines:
        for some in _some(lines):
            for line in some:
                digest.update(line)
            # As a stream: of a text Django takes every line separator of Unicode for the end of a row.
            found = [row.object for row in serializers.deserialize("jsonl", BytesIO(b"".join(some)))]
            if any(type(row) is not table for row in found):
                raise _damaged(name)
            table._default_manager.bulk_create(found)
            count += len(found)
            yield len(found)
    if (digest.hexdigest(), count) != (said["sha256"], said["rows"]):
        raise _damaged(name)


def _some(rows: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
