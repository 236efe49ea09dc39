"""WFDB records: one channel of `100.dat` by `100.hea`, or the annotated beats of `100.atr`."""

import math
from collections import Counter
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from asklepion.core.errors import AsklepionError, BadInput
from asklepion.signals.arrays import Floats
from asklepion.signals.heart.asked import Asked, check_no_unit, same_rate
from asklepion.signals.heart.intervals import Intervals, Mark, intervals
from asklepion.signals.heart.raw import Signal, check_unit, choose

# Annotations of beats [mitdb2001]; others (rhythm, noise) are no beats.
BEATS = {
    "N": "normal",
    "L": "left bundle branch block",
    "R": "right bundle branch block",
    "B": "bundle branch block",
    "A": "atrial premature",
    "a": "aberrated atrial premature",
    "J": "junctional premature",
    "S": "supraventricular premature or ectopic",
    "V": "premature ventricular",
    "r": "R-on-T premature ventricular",
    "F": "fusion of ventricular and normal",
    "e": "atrial escape",
    "j": "junctional escape",
    "n": "supraventricular escape",
    "E": "ventricular escape",
    "/": "paced",
    "f": "fusion of paced and normal",
    "Q": "unclassifiable",
    "?": "not classified",
}
_VENTRICULAR = frozenset("VrE")
# Bits of a sample in the formats whose length tells how many samples there are; FLAC's (508, 516, 524) does not.
_BITS = {"80": 8, "212": 12, "16": 16, "61": 16, "160": 16, "24": 24, "32": 32}
_PIECE = 500_000
_CUT = "Copy it again from where it was recorded."


def is_record(path: Path) -> bool:
    """Say whether a path names a WFDB record, by one of its files or without a suffix."""
    return path.suffix.lower() in (".hea", ".dat") or record(path).with_name(f"{path.name}.hea").is_file()


def record(path: Path) -> Path:
    """Return the name of a record without the suffix of its files."""
    return path.with_suffix("") if path.suffix.lower() in (".hea", ".dat", ".atr") else path


def read(path: Path, asked: Asked) -> Signal:
    """Return one channel in its physical unit, NaN where the record says that nothing was recorded.

    Raises BadInput for a header or data file that is missing or cut off, and for a record of several segments.
    """
    check_no_unit(asked, path)
    own = record(path)
    wfdb = _library(path)
    header = _tried(lambda: wfdb.rdheader(str(own)), own, missing=f"{own.name}.hea")
    if hasattr(header, "seg_name"):
        what = "It is a record of several segments."
        raise BadInput(what, where=str(path), remedy="Name one of its segments, or save them as one record.")
    names = [name or f"signal {number}" for number, name in enumerate(header.sig_name or (), 1)]
    if not names:
        raise BadInput("The record has no signals.", where=str(path), remedy="Name another record.")
    chosen = choose(names, channel=asked.named, signal=asked.signal, where=str(path))
    place = chosen.place
    check_unit((header.units or [""] * len(names))[place] or "", chosen.kind, name=names[place], where=str(path))
    data = own.with_name(header.file_name[place])
    _whole(header, place, data)
    rate = same_rate(asked.sampling_hz, float(header.fs) * header.samps_per_frame[place], path)
    values, total = _values(wfdb, own, place, length=header.sig_len, data=data)
    damaged = _damaged(total, header.checksum, place, names[place])
    words = (f"Record {own.name}: {len(values) / rate:.1f} s at {rate:g} Hz.", chosen.words, *damaged)
    files = tuple(each for each in (own.with_name(f"{own.name}.hea"), data) if each.is_file())
    return Signal(values, rate, chosen.kind, names[place], words, files)


def annotated(path: Path) -> tuple[Intervals, tuple[str, ...]]:
    """Return the intervals between a record's annotated beats (`.atr`), and how many beats there are of each kind.

    What is not a normal beat is marked on both sides, as ventricular where it is so. Raises BadInput where the library
    `wfdb` is not installed or cannot read it.
    """
    own = record(path)
    wfdb = _library(path)
    _ended(own.with_name(f"{own.name}.atr"))
    found = _tried(lambda: wfdb.rdann(str(own), "atr"), own, missing=f"{own.name}.atr")
    hz = float(found.fs or _tried(lambda: wfdb.rdheader(str(own)), own, missing=f"{own.name}.hea").fs)
    kinds = np.array(found.symbol)
    beats = np.isin(kinds, list(BEATS))
    at, kinds = np.asarray(found.sample, dtype=np.float64)[beats], kinds[beats]
    if len(at) < 3:
        what = f"{len(at)} beats are annotated; intervals need at least 3."
        raise BadInput(what, where=str(path), remedy="Name another record.")
    other, ventricular = kinds != "N", np.isin(kinds, list(_VENTRICULAR))
    known = np.zeros(len(at) - 1, np.int8)
    known[other[1:] | other[:-1]] = Mark.ANNOTATED
    known[ventricular[1:] | ventricular[:-1]] = Mark.VENTRICULAR
    told = ", ".join(f"{count} {BEATS[kind]}" for kind, count in Counter(kinds.tolist()).most_common())
    return intervals(np.diff(at) * 1000 / hz, known=known), (f"{len(at)} beats by {own.name}.atr: {told}.",)


def _ended(file: Path) -> None:
    """Raise BadInput where annotations are cut off: their format ends with a word of zeros, which wfdb does not ask."""
    if file.is_file() and file.read_bytes()[-2:] != b"\0\0":
        raise BadInput("It is cut off: its annotations have no end.", where=str(file), remedy=_CUT)


def _library(path: Path) -> Any:
    try:
        import wfdb
    except ImportError as error:
        remedy = "Install it (pip install wfdb), or give the intervals as text."
        raise BadInput("WFDB records need the library wfdb.", where=str(path), remedy=remedy) from error
    return wfdb


def _tried(call: Any, own: Path, *, missing: str) -> Any:
    try:
        return call()
    except AsklepionError:
        raise
    except FileNotFoundError as error:
        what = f"There is no file {missing}, which the record needs."
        raise BadInput(what, where=str(own), remedy="Put the record's files into one folder.") from error
    except Exception as error:  # the library raises whatever broke it
        what = f"The record cannot be read: {str(error).rstrip('.') or type(error).__name__}."
        raise BadInput(what, where=str(own), remedy="Look whether its files are whole, or name another.") from error


def _whole(header: Any, place: int, data: Path) -> None:
    """Compare the length of a data file with what the header promises. Raises BadInput where it is cut off."""
    if not data.is_file():
        what = f"There is no file {data.name}, in which its header says that the signal is."
        raise BadInput(what, where=str(data.parent), remedy="Put the record's files into one folder.")
    bits = _BITS.get(header.fmt[place])
    if bits is None or not header.sig_len:
        return
    beside = [number for number, name in enumerate(header.file_name) if name == data.name]
    frame = sum(header.samps_per_frame[each] for each in beside)
    begin = header.byte_offset[place] or 0
    size = data.stat().st_size
    if size < begin + math.ceil(header.sig_len * frame * bits / 8):
        held = max(0, int((size - begin) * 8 // (bits * frame)))
        what = f"It is cut off: the header promises {header.sig_len} samples of each channel, it holds {held}."
        raise BadInput(what, where=str(data), remedy=_CUT)


def _values(wfdb: Any, own: Path, place: int, *, length: int | None, data: Path) -> tuple[Floats, int]:
    """Return one channel and the sum of its steps, read in pieces: all at once takes many times its memory."""
    bounds = [*range(0, length, _PIECE), length] if length else [0, None]
    pieces, total = [], 0
    for begin, end in pairwise(bounds):
        part = _tried(
            partial(
                wfdb.rdrecord,
                str(own),
                sampfrom=begin,
                sampto=end,
                channels=[place],
                physical=False,
                smooth_frames=False,
            ),
            own,
            missing=data.name,
        )
        total += int(part.calc_checksum(expanded=True)[0])
        pieces.append(np.asarray(part.dac(expanded=True)[0], dtype=np.float64))
    return np.concatenate(pieces), total


def _damaged(total: int, checksums: Any, place: int, name: str) -> tuple[str, ...]:
    """Say in words where the samples do not sum to what the header says of them."""
    if not checksums or checksums[place] is None or (total - int(checksums[place])) % 65536 == 0:
        return ()
    return (f"The samples of {name} do not sum to the header's checksum: the file was changed or is damaged.",)
