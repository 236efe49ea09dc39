"""One stats file of FreeSurfer as it stands: header, measures, and the rows of its table. A file cut off is refused."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput, BadRow, ManyFaults

_VERSION = re.compile(r"(?:^|[-v ])(\d+\.\d+(?:\.\d+)?)(?:[-.\s]|$)")
_UNITS = {"mm^3": "mm3", "mm^2": "mm2", "mm": "mm", "unitless": "1"}
ASEG = ("SegId", "Volume_mm3", "StructName")
USED = ("eTIV", "ICV", "MeanThickness", "WhiteSurfArea")
APARC = ("StructName", "SurfArea", "ThickAvg")
_TOLD = 20


@dataclass(frozen=True, slots=True)
class StatsFile:
    """A file's header. `kind` is aseg or aparc, `hemi` lh, rh or empty; `measures` are by short name, in `units`."""

    path: Path
    kind: str
    hemi: str
    subject: str
    version: str
    annotation: str
    measures: Mapping[str, tuple[float, str]]
    rows: Mapping[str, Mapping[str, str]]
    """Rows of the table by structure."""

    def number(self, structure: str, column: str) -> float:
        """Return a cell. Raises BadInput for a structure that the table has not."""
        if structure not in self.rows:
            what = f"The table has no {structure}."
            raise BadInput(what, where=self.path.name, remedy="Give a file that FreeSurfer wrote whole.")
        return float(self.rows[structure][column])


def read(path: Path) -> StatsFile:
    """Return a file of FreeSurfer: aseg.stats, or lh or rh.aparc.stats.

    Raises BadInput for a file that is none, is cut off, has other columns or units, or a cell that is no number above
    or at zero.
    """
    text = _text(path)
    lines = text.splitlines()
    header = [line[1:].strip() for line in lines if line.startswith("#")]
    named = {name: rest.strip() for name, _, rest in (line.partition(" ") for line in header)}
    columns = named.get("ColHeaders", "").split()
    kind = _kind(path, columns)
    rows = _rows(path, lines, columns, needed=ASEG if kind == "aseg" else APARC)
    told = named.get("NRows", "")
    if told.isdigit() and int(told) != len(rows):
        what = f"The header tells of {told} rows; there are {len(rows)}: the file is cut off, or two were put together."
        raise BadInput(what, where=path.name, remedy="Take it again from FreeSurfer's folder.")
    if not text.endswith("\n"):
        what = "The last line does not end: the file is cut off."
        raise BadInput(what, where=path.name, remedy="Take it again from FreeSurfer's folder.")
    subject = named.get("subjectname", "")
    if not subject:
        raise BadInput("The header names no subject.", where=path.name, remedy="Give a file as FreeSurfer wrote it.")
    hemi = named.get("hemi", "")
    if kind == "aparc" and hemi not in ("lh", "rh"):
        raise BadInput("The header names no hemisphere.", where=path.name, remedy="It is to say `# hemi lh`, or rh.")
    built = named.get("build_stamp") or named.get("cvs_version", "")
    version = "" if built.startswith("$Id") else _version(built)  # `$Id` counts the revisions of one program only.
    annotation = Path(named.get("AnnotationFile", "")).name
    return StatsFile(path, kind, hemi, subject, version, annotation, _measures(path, header), rows)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BadInput(f"It cannot be read: {why}.", where=str(path), remedy="Name a stats file.") from error


def _kind(path: Path, columns: list[str]) -> str:
    for kind, needed in (("aseg", ASEG), ("aparc", APARC)):
        if set(needed) <= set(columns):
            return kind
    what = f"The table has the columns {', '.join(columns)}." if columns else "The header has no line `# ColHeaders`."
    remedy = f"Wanted: {', '.join(ASEG)} (aseg.stats), or {', '.join(APARC)} (lh or rh.aparc.stats)."
    raise BadInput(what, where=path.name, remedy=remedy)


def _rows(path: Path, lines: list[str], columns: list[str], *, needed: tuple[str, ...]) -> dict[str, dict[str, str]]:
    faults: list[BadInput] = []
    found: dict[str, dict[str, str]] = {}
    for number, line in enumerate(lines, 1):
        cells = line.split()
        if line.startswith("#") or not cells:
            continue
        if len(cells) != len(columns):
            what = f"It has {len(cells)} cells, not {len(columns)}."
            faults.append(BadRow(what, file=path.name, line=number, remedy="The file may be cut off here."))
            continue
        row = dict(zip(columns, cells, strict=True))
        name = row["StructName"]
        if name in found:
            faults.append(BadRow(f"{name} stands twice.", file=path.name, line=number, remedy="Keep one file's table."))
        faults.extend(
            BadRow(f"`{row[column]}` is no size.", file=path.name, line=number, column=column, remedy="Look at it.")
            for column in needed
            if column != "StructName" and not _is_size(row[column])
        )
        found[name] = row
    if faults:
        what = f"{len(faults)} fault{'' if len(faults) == 1 else 's'} in the table."
        raise ManyFaults(what, tuple(faults[:_TOLD]), where=path.name)
    if not found:
        raise BadInput("The table has no rows.", where=path.name, remedy="Take it again from FreeSurfer's folder.")
    return found


def _is_size(text: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value) and value >= 0


def _measures(path: Path, header: list[str]) -> dict[str, tuple[float, str]]:
    """Return `# Measure Structure, Short, Words, number, unit` of those that are used, with a UCUM unit.

    Some versions leave out the comma after the short name.
    """
    found = {}
    for line in header:
        parts = [each.strip() for each in line.removeprefix("Measure ").split(",")]
        name = parts[1].partition(" ")[0] if line.startswith("Measure ") and len(parts) > 1 else ""
        if name not in USED:
            continue
        if len(parts) < 4 or not _is_size(parts[-2]):
            raise BadInput(f"`{line}` is no measure.", where=path.name, remedy="The file may be cut off here.")
        if parts[-1] not in _UNITS:
            what = f"{name} is in `{parts[-1]}`."
            raise BadInput(what, where=path.name, remedy=f"Known: {', '.join(_UNITS)}.")
        found[name] = (float(parts[-2]), _UNITS[parts[-1]])
    return found


def _version(built: str) -> str:
    found = _VERSION.search(built)
    return found[1] if found else ""
