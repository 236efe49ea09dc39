"""What is kept of a recording: written whole or not at all, and known again by the hashes of all that it rests on."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.exchange import bids
from asklepion.exchange.bids import Name

PROGRAM = "Asklepion"
_CHUNK = 1 << 20


def program_version() -> str:
    """Return the version of this program."""
    return version("asklepion")


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file. Raises BadInput where it cannot be read."""
    found = hashlib.sha256()
    try:
        with file.open("rb") as content:
            while chunk := content.read(_CHUNK):
                found.update(chunk)
    except OSError as error:
        what = f"It cannot be read: {error.strerror or error}."
        raise BadInput(what, where=file.name, remedy="Look at the path and at who may read it.") from error
    return found.hexdigest()


def digest(value: object) -> str:
    """Return the SHA-256 of a plain value, whatever the order of its keys."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), default=list)
    return hashlib.sha256(canonical.encode()).hexdigest()


def write(file: Path, content: str) -> None:
    """Write a file whole: beside it first, to the disk, then in its place. A stop leaves the old one or none."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"No folder can be made here: {error.strerror}."
        raise BadInput(what, where=str(file.parent), remedy="Name another place with --out.") from error
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording's measures lie: the folder of its kind below the person, and the name of the table."""

    out: Path
    folder: str
    name: Name

    @property
    def _person(self) -> Path:
        parts = [f"{key}-{self.name.get(key)}" for key in ("sub", "ses") if self.name.get(key)]
        return Path(*parts)

    @property
    def table(self) -> Path:
        return self.out / self._person / self.folder / str(self.name)

    @property
    def sidecar(self) -> Path:
        return self.table.with_suffix(".json")

    def picture(self, key: str) -> Path:
        """Return the file of a picture, in the person's folder of figures, as other derivatives have it."""
        name = self.name.with_(desc=key, extension=".svg")
        return self.out / f"sub-{self.name.get('sub')}" / "figures" / str(name)

    def shown(self, file: Path) -> str:
        return file.relative_to(self.out).as_posix()


def place(out: Path, folder: str, name: Name) -> Place:
    """Return where the measures of a recording of that name are kept."""
    return Place(out, folder, name.with_(desc="asklepion", suffix="measures", extension=".tsv"))


def keep(where: Place, *, table: str, pictures: Mapping[str, str], sidecar: Mapping[str, object]) -> None:
    """Write a recording's table and pictures, and last its sidecar, which holds their hashes: then it is done."""
    where.sidecar.unlink(missing_ok=True)
    files = {where.table: table} | {where.picture(key): drawn for key, drawn in pictures.items()}
    for file, content in files.items():
        write(file, content)
    hashes = {where.shown(file): hashlib.sha256(content.encode()).hexdigest() for file, content in files.items()}
    write(where.sidecar, bids.written({**sidecar, "Outputs": hashes}))


def kept(where: Place) -> dict[str, object] | None:
    """Return the sidecar of what was kept; None where nothing was, or a file of it is not as it was written."""
    try:
        found = json.loads(where.sidecar.read_text("utf-8"))
        hashes: dict[str, str] = found["Outputs"]
        whole = all(sha256(where.out / file) == told for file, told in hashes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, BadInput):
        return None
    return dict(found) if whole else None
