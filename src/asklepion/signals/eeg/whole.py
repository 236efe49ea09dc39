"""Is a recording all there? Its length against what its header tells, and the other files that belong to it."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput

_REMEDY = "Copy it again from where it was recorded."
_BYTES = {"INT_16": 2, "INT_32": 4, "IEEE_FLOAT_32": 4}


@dataclass(frozen=True, slots=True)
class Track:
    """A channel as an EDF or BDF header has it: its label, its unit as written, how many samples a record holds."""

    label: str
    unit: str
    samples: int


def whole_records(path: Path) -> None:
    """Compare the length of an EDF or BDF file with what its header tells. Raises BadInput where it is cut off."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(256)
        try:
            begin, records, seconds = int(head[184:192]), int(head[236:244]), float(head[244:252])
        except ValueError as error:
            raise _no_header(path) from error
        kind = head[192:236].decode("ascii", "replace").strip()
    lengths = [each.samples for each in tracks(path)]
    if not (math.isfinite(seconds) and seconds > 0):
        what = f"Its header tells of records of {seconds:g} s, from which no rate follows."
        raise BadInput(what, where=str(path), remedy="Export it again, with the length of a record.")
    if kind.startswith(("EDF+D", "BDF+D")):
        what = f"Its header says {kind}: its records have gaps, which the reader would close."
        raise BadInput(what, where=str(path), remedy="Save its stretches as files of their own.")
    record = sum(lengths) * (3 if path.suffix.lower() == ".bdf" else 2)
    held = (size - begin) / record if record else 0
    if records >= 0 and held < records:
        what = f"It is cut off: its header tells of {records} records, it holds {held:.4g}."
        raise BadInput(what, where=str(path), remedy=_REMEDY)
    if records < 0 and held < 1:
        raise BadInput("It holds no whole record.", where=str(path), remedy="Name another file.")


def tracks(path: Path) -> tuple[Track, ...]:
    """Return the channels of an EDF or BDF header, those of annotations too. Raises BadInput for no such header."""
    with path.open("rb") as file:
        head = file.read(256)
        try:
            count = int(head[252:256])
            fields = file.read(256 * count).decode("latin-1")
            samples = [int(fields[216 * count + 8 * at :][:8]) for at in range(count)]
        except ValueError as error:
            raise _no_header(path) from error
    labels, units = (
        [fields[begin * count + wide * at :][:wide].strip() for at in range(count)]
        for begin, wide in ((0, 16), (96, 8))
    )
    return tuple(Track(*each) for each in zip(labels, units, samples, strict=True))


def _no_header(path: Path) -> BadInput:
    what = "Its header is no EDF or BDF header, or is cut off."
    return BadInput(what, where=str(path), remedy="Name another file.")


def whole_samples(path: Path) -> None:
    """Compare the data file of a BrainVision header with its channels and points. Raises BadInput if it is cut off.

    A header that tells no binary format is left to the reader.
    """
    told = _header(path)
    size = _BYTES.get(told.get("BinaryFormat", "").upper())
    data = path.parent / told.get("DataFile", "")
    if size is None or not told.get("NumberOfChannels", "").isdigit() or not data.is_file():
        return
    held = data.stat().st_size / (size * int(told["NumberOfChannels"]))
    if held != int(held):
        what = f"Its data file ends within a sample, after {int(held)}: it is cut off."
        raise BadInput(what, where=str(path), remedy=_REMEDY)
    if told.get("DataPoints", "").isdigit() and held < int(told["DataPoints"]):
        what = f"It is cut off: its header tells of {told['DataPoints']} samples, it holds {held:g}."
        raise BadInput(what, where=str(path), remedy=_REMEDY)


def parts(path: Path) -> tuple[Path, ...]:
    """Return the files that a recording is made of: the one that is named, then those that it names or sits beside."""
    match path.suffix.lower():
        case ".vhdr":
            told = _header(path)
            others = [path.parent / told[name] for name in ("DataFile", "MarkerFile") if name in told]
        case ".set":
            others = [path.with_suffix(".fdt")]
        case _:
            others = []
    return (path, *(each for each in others if each.is_file()))


def _header(path: Path) -> dict[str, str]:
    try:
        header = path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise BadInput(f"It cannot be read: {error.strerror}.", where=str(path), remedy=_REMEDY) from error
    names = "DataFile|MarkerFile|NumberOfChannels|BinaryFormat|DataPoints"
    found = re.findall(rf"^({names})=(.*?)\s*$", header, re.M)
    return {name: value.replace("$b", path.stem) for name, value in found}
