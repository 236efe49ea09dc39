"""Everything in one file that any engine can read back: a zip of one JSON line a row, with counts and hashes."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from allauth.mfa.models import Authenticator
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from asklepion.core.errors import BadInput, ChainBroken
from asklepion.record.models import Account, Course, Draft, LedgerEntry, Person
from asklepion.record.verify import rebuild, verify

Progress = Callable[[int, int], None]
_TABLES: tuple[type[models.Model], ...] = (Account, Authenticator, Course, LedgerEntry, Person, Draft)


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
    """Write one snapshot while others go on writing. The file appears under its name only when it is whole."""
    part = path.with_name(f"{path.name}.part")
    with transaction.atomic(), zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        if connection.vendor == "postgresql":
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        total = sum(table._default_manager.count() for table in _TABLES)
        manifest: dict[str, dict[str, object]] = {}
        done = 0
        for table in _TABLES:
            digest, count = hashlib.sha256(), 0
            with archive.open(f"{table.__name__}.jsonl", "w", force_zip64=True) as out:
                for row in table._default_manager.order_by("pk").iterator():
                    line = serializers.serialize("jsonl", [row], cls=_Exact).encode()
                    out.write(line)
                    digest.update(line)
                    count += 1
                    if progress and (done + count) % 1000 == 0:
                        progress(done + count, total)
            done += count
            manifest[table.__name__] = {"rows": count, "sha256": digest.hexdigest()}
        archive.writestr("manifest.json", json.dumps(manifest))
    part.replace(path)
    if progress:
        progress(total, total)
    with path.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(int(str(manifest["Course"]["rows"])), int(str(manifest["LedgerEntry"]["rows"])), whole)


def restore(path: Path, progress: Progress | None = None) -> Written:
    """Read a backup into an empty database; nothing is kept if a hash or a chain in it is broken.

    Raises BadInput if the database is not empty or the file is damaged, ChainBroken naming the entry.
    """
    with zipfile.ZipFile(path) as archive, transaction.atomic():
        if any(table._default_manager.exists() for table in _TABLES):
            raise BadInput("The database is not empty.", remedy="Restore into a new one.")
        manifest = json.loads(archive.read("manifest.json"))
        for table in _TABLES:
            _read(archive, f"{table.__name__}.jsonl", manifest[table.__name__]["sha256"])
        faults = verify()
        if faults:
            raise ChainBroken(faults[0].what, where=f"{faults[0].course}, entry {faults[0].seq}")
        rebuild(progress=progress)
    with path.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(manifest["Course"]["rows"], manifest["LedgerEntry"]["rows"], whole)


def _read(archive: zipfile.ZipFile, name: str, sha256: str) -> None:
    digest = hashlib.sha256()
    with archive.open(name) as lines:
        for line in lines:
            digest.update(line)
            for row in serializers.deserialize("jsonl", line.decode()):
                models.Model.save_base(row.object, raw=True, force_insert=True)
    if digest.hexdigest() != sha256:
        raise BadInput("The backup is damaged.", where=name, remedy="Use another copy.")
