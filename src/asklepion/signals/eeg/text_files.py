"""Recordings from text: a heading, a row for each sample, and a column of time or a rate."""

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asklepion.core.errors import BadInput, BadRow, ManyFaults
from asklepion.signals.arrays import Floats
from asklepion.signals.eeg.recording import Annotation, Recording, check_channels, recording

_TIME = re.compile(r"^(time|times|timestamps?|t|seconds?|sec)([ _]*[\[(]?\s*(s|ms|sec|seconds)\s*[\])]?)?$", re.I)
_MILLISECONDS = re.compile(r"[ _\[(]ms[\])]?$", re.I)
_TO_UV = {"uV": 1.0, "mV": 1e3, "V": 1e6, "nV": 1e-3}
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Clock:
    """The rate of a column of time, where it jumps (seconds from the first sample), and both in words."""

    sampling_hz: float
    gaps: tuple[Annotation, ...]
    words: tuple[str, ...]


def read_text(path: Path, *, sampling_hz: float | None, unit: str | None, channels: tuple[str, ...]) -> Recording:
    """Return the channels of a table; the unit is microvolt if nobody names one. Empty cells are no numbers.

    Without a column of time `sampling_hz` is needed; with one that says another rate it is refused. A jump of the
    clock is marked, and no epoch crosses it. Raises BadInput, every faulty line named.
    """
    heading, values, ended = _table(path)
    check_channels(channels, heading)
    timed = next((place for place, name in enumerate(heading) if _TIME.match(name)), None)
    names = [name for place, name in enumerate(heading) if place != timed and (not channels or name in channels)]
    if not names:
        remedy = "Write a column for each channel beside that of time."
        raise BadInput("It has no column of a channel.", where=str(path), remedy=remedy)
    clock = _clock(values[:, timed], heading[timed], path) if timed is not None else None
    rate = _rate(clock, sampling_hz, path)
    words = [f"{path.name}: {len(names)} columns of channels, {len(values) / rate:.1f} s at {rate:g} Hz."]
    if not ended:
        words.append("Its last line has no end: the file may be cut off, and the last number with it.")
    if unit is None:
        words.append("No unit is named; the values are taken as uV.")
    return recording(
        np.ascontiguousarray(values[:, [heading.index(name) for name in names]].T) * _TO_UV[unit or "uV"],
        tuple(names),
        sampling_hz=rate,
        annotations=clock.gaps if clock else (),
        words=(*words, *(clock.words if clock else ())),
        unit_is_named=unit is not None,
    )


def _table(path: Path) -> tuple[list[str], Floats, bool]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(f"The file cannot be read: {why}.", where=str(path), remedy="Name another file.") from error
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    mark = next((each for each in (";", "\t", ",") if each in first), ",")
    rows = [(number, row) for number, row in enumerate(csv.reader(lines, delimiter=mark), 1) if any(row)]
    if len(rows) < 2:
        raise BadInput("It holds no samples.", where=str(path), remedy="Write a heading and a row for each sample.")
    heading = [cell.strip() for cell in rows[0][1]]
    if all(_is_number(cell) for cell in heading):
        raise BadInput("It has no heading.", where=str(path), remedy="Name the channels in the first line.")
    faults: list[BadRow] = []
    values = np.full((len(rows) - 1, len(heading)), np.nan)
    for place, (number, row) in enumerate(rows[1:]):
        if len(row) != len(heading):
            what = f"It has {len(row)} cells; the heading has {len(heading)}."
            faults.append(BadRow(what, file=path.name, line=number, remedy="The file may be cut off here."))
            continue
        try:
            values[place] = [float(cell) if cell.strip() else math.nan for cell in row]
        except ValueError:
            column = next(at for at, cell in enumerate(row) if cell.strip() and not _is_number(cell))
            what = f"`{row[column]}` is no number."
            remedy = "Correct it, or leave the cell empty."
            faults.append(BadRow(what, file=path.name, line=number, column=heading[column], remedy=remedy))
    if faults:
        told = tuple(faults[:_MOST_FAULTS])
        raise ManyFaults(f"{len(faults)} lines cannot be taken as they are.", told, where=str(path))
    return heading, values, text.endswith(("\n", "\r"))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _clock(column: Floats, name: str, path: Path) -> Clock:
    times = column / 1000 if _MILLISECONDS.search(name) else column
    steps = np.diff(times)
    if not np.isfinite(times).all() or len(steps) == 0 or not (steps > 0).all():
        back = int(np.argmax(~(steps > 0))) + 3 if len(steps) else 2
        what = f"The column {name} does not rise from each row to the next (line {back})."
        raise BadInput(what, where=str(path), remedy="Put the rows in order, or take the column out and give the rate.")
    step = float(np.median(steps))
    jumps = np.flatnonzero(steps > 2 * step)
    even = steps[steps <= 2 * step]
    found = len(even) / float(even.sum())
    whole = round(found)
    words = [f"The column {name} tells of {found:.6g} Hz."]
    if whole and abs(len(even) / whole - float(even.sum())) < 1 / found and whole != found:
        words = [f"The column {name} tells of {found:.6g} Hz, within a sample of {whole} Hz, which is taken."]
        found = float(whole)
    gaps = tuple(Annotation((int(at) + 1) / found, 0.0, "boundary: the clock jumps") for at in jumps)
    if gaps:
        lost = float((steps[jumps] - step).sum())
        words.append(f"The clock jumps {len(gaps)} times over {lost:.3g} s in all; no epoch crosses a jump.")
    return Clock(found, gaps, tuple(words))


def _rate(clock: Clock | None, asked: float | None, path: Path) -> float:
    if clock is None and asked is None:
        remedy = "Say how many samples a second it has (--sampling-hz), or add a column `time` in seconds."
        raise BadInput("It has no column of time, and no rate was given.", where=str(path), remedy=remedy)
    if clock is None:
        return float(asked or 0)
    if asked is not None and abs(asked - clock.sampling_hz) > 0.001 * clock.sampling_hz:
        what = f"Its column of time tells of {clock.sampling_hz:.6g} Hz; {asked:g} Hz was given."
        raise BadInput(what, where=str(path), remedy="Leave the rate out, or take the column of time out.")
    return clock.sampling_hz
