"""Raw signals from text: columns of numbers, with a column of time or a rate; compressed or not."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

import numpy as np

from asklepion.core.errors import BadInput, BadRow, ManyFaults
from asklepion.signals.arrays import Floats
from asklepion.signals.heart.asked import Asked, check_no_unit, same_rate
from asklepion.signals.heart.raw import Signal, check_unit, choose

_TIME = re.compile(r"(time|times|timestamps?|t|seconds?|sec)([ _]*[\[(]?\s*(s|ms|sec|seconds)\s*[\])]?)?", re.I)
_MILLISECONDS = re.compile(r"[ _\[(]ms[\])]?$", re.I)
_UNIT = re.compile(r"[\[(]\s*([^\])]+?)\s*[\])]\s*$")
_MOST_FAULTS = 20
UNEVEN_SAMPLES = 2.0
"""A clock that strays further than this from an even one is refused (ours): beats between its samples would be off."""
_MOST_GAP_FACTOR = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written: the mark between cells, its heading, and how many lines come before the numbers."""

    mark: str
    heading: tuple[str, ...]
    before: int


def read(path: Path, asked: Asked) -> Signal:
    """Return one channel of a table with a heading, a row for each sample and a column of time, or a rate asked.

    `n/a`, `nan` and empty cells are samples that are missing; a clock that jumps leaves missing samples behind. Raises
    BadInput, every faulty line named.
    """
    check_no_unit(asked, path)
    layout = _layout(path)
    timed = next((place for place, name in enumerate(layout.heading) if _TIME.fullmatch(name)), None)
    places = [place for place in range(len(layout.heading)) if place != timed]
    names = [layout.heading[place] for place in places]
    plain = [_UNIT.sub("", name).strip() for name in names]
    wanted = asked.named
    if wanted is not None and wanted not in names and wanted in plain:
        wanted = names[plain.index(wanted)]
    if not names:
        remedy = "Write a column for each channel beside that of time."
        raise BadInput("It has no column of a channel.", where=str(path), remedy=remedy)
    chosen = choose(names, channel=wanted, signal=asked.signal, where=str(path), described=plain)
    unit = _UNIT.search(names[chosen.place])
    check_unit(unit[1] if unit else "", chosen.kind, name=names[chosen.place], where=str(path))
    place = places[chosen.place]
    columns = numbers(path, layout, places=(place,) if timed is None else (place, timed))
    if timed is None:
        if asked.sampling_hz is None:
            remedy = "Say how many samples a second it has (--sampling-hz), or add a column `time` in seconds."
            raise BadInput("It has no column of time, and no rate was given.", where=str(path), remedy=remedy)
        values, rate = columns[0], same_rate(None, asked.sampling_hz, path)
        told: tuple[str, ...] = (f"{rate:g} Hz, as asked.",)
    else:
        in_ms = _MILLISECONDS.search(layout.heading[timed]) is not None
        values, rate, told = _timed(columns[0], columns[1] / (1000 if in_ms else 1), path)
        same_rate(asked.sampling_hz, rate, path)
    words = (f"{path.name}: {len(values) / rate:.1f} s at {rate:.6g} Hz.", chosen.words, *told)
    return Signal(values, rate, chosen.kind, names[chosen.place], words, (path,))


def headings(path: Path) -> tuple[str, ...]:
    """Return the names of a table's columns."""
    return _layout(path).heading


def _opened(path: Path) -> TextIO:
    """Return a text file opened for reading, uncompressed where its name ends in `.gz`."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def numbers(path: Path, layout: Layout, *, places: tuple[int, ...]) -> Floats:
    """Return columns of a table, as columns x rows, NaN where a cell is empty or `n/a`. Raises BadInput, ManyFaults."""
    with readable(path), _opened(path) as file:
        try:
            lines = _lines(file, layout)
            first = next(lines, None)
            if first is None:
                raise BadInput("It holds no samples.", where=str(path), remedy="Write a row for each sample.")
            lines = chain([first], lines)
            found = np.loadtxt(lines, delimiter=layout.mark, usecols=places, unpack=True, ndmin=2, comments=None)
        except UnicodeDecodeError:
            raise
        except ValueError as error:
            _faults(path, layout, places, str(error))
    columns: Floats = np.ascontiguousarray(found, dtype=np.float64)
    return columns


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what breaks while a file is read into BadInput: a file cut off within its compression, or no text."""
    again = "Copy it again, or name another file."
    try:
        yield
    except EOFError as error:
        raise BadInput("It is cut off: its compressed stream has no end.", where=str(path), remedy=again) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        what = "Its name ends in .gz, and it is not compressed so, or it is damaged."
        raise BadInput(what, where=str(path), remedy=again) from error
    except UnicodeDecodeError as error:
        raise BadInput("It cannot be read: it is not UTF-8 text.", where=str(path), remedy=again) from error
    except OSError as error:
        raise BadInput(f"It cannot be read: {error.strerror or error}.", where=str(path), remedy=again) from error


def _layout(path: Path) -> Layout:
    with readable(path), _opened(path) as file:
        numbered = ((number, line) for number, line in enumerate(file) if line.strip() and line.strip()[0] not in "#%")
        number, line = next(numbered, (0, ""))
    if not line:
        raise BadInput("The file is empty.", where=str(path), remedy="Write a heading and a row for each sample.")
    mark = next((each for each in (";", "\t", ",") if each in line), ",")
    cells = tuple(cell.strip() for cell in next(csv.reader([line.rstrip("\r\n")], delimiter=mark)))
    if all(_number(cell, mark) is not None for cell in cells):
        return Layout(mark, tuple(f"column {place}" for place in range(1, len(cells) + 1)), number)
    return Layout(mark, cells, number + 1)


def _lines(file: TextIO, layout: Layout) -> Iterator[str]:
    """Yield the lines of numbers as NumPy reads them: missing cells as nan, decimal commas as points."""
    for number, line in enumerate(file):
        if number >= layout.before and line.strip():
            yield _plain(line, layout.mark)


def _plain(line: str, mark: str) -> str:
    text = line.rstrip("\r\n")
    if mark != "," and "," in text:
        text = text.replace(",", ".")
    if "n/a" in text:
        text = text.replace("n/a", "nan")
    if mark * 2 in text or text.startswith(mark) or text.endswith(mark):
        text = mark.join(cell.strip() or "nan" for cell in text.split(mark))
    return text


def _faults(path: Path, layout: Layout, places: tuple[int, ...], why: str) -> None:
    """Raise ManyFaults with the lines that hold no number where one is wanted."""
    found = []
    with readable(path), _opened(path) as file:
        for number, line in enumerate(file, 1):
            if number <= layout.before or not line.strip():
                continue
            cells = _plain(line, layout.mark).split(layout.mark)
            for place in places:
                if place >= len(cells):
                    what = f"It has {len(cells)} cells; the first line has {len(layout.heading)}."
                    found.append(BadRow(what, file=path.name, line=number, remedy="The file may be cut off here."))
                    break
                if _number(cells[place], layout.mark) is None:
                    what, name = f"`{cells[place]}` is no number.", layout.heading[place]
                    remedy = "Correct it, or write n/a where nothing was recorded."
                    found.append(BadRow(what, file=path.name, line=number, column=name, remedy=remedy))
                    break
            if len(found) == _MOST_FAULTS:
                break
    if not found:
        raise BadInput(f"It is no table of numbers: {why}.", where=str(path), remedy="Look at its lines.")
    many = f"{len(found)} or more lines" if len(found) == _MOST_FAULTS else f"{len(found)} lines"
    raise ManyFaults(f"{many} cannot be taken as they are.", tuple(found), where=str(path))


def _number(text: str, mark: str) -> float | None:
    try:
        return float(text.replace(",", ".") if mark != "," else text)
    except ValueError:
        return None


def _timed(values: Floats, times: Floats, path: Path) -> tuple[Floats, float, tuple[str, ...]]:
    """Return samples on an even clock, its rate, and what was found; missing samples stand where the clock jumps."""
    steps = np.diff(times)
    if not np.isfinite(times).all() or not len(steps) or not (steps > 0).all():
        row = int(np.argmax(~(steps > 0))) + 2 if len(steps) else 1
        what = f"Its column of time does not rise from each row to the next (row {row} of numbers)."
        raise BadInput(what, where=str(path), remedy="Put the rows in order, or take the column out and give the rate.")
    step = float(np.median(steps))
    even = steps[steps <= 1.5 * step]
    rate = len(even) / float(even.sum())
    if round(rate) and abs(len(even) / round(rate) - float(even.sum())) < 1 / rate:
        rate = float(round(rate))
    jumps = np.flatnonzero(steps > 1.5 * step)
    lost = np.zeros(len(values), dtype=np.int64)
    places = np.arange(len(values))
    for each in jumps:
        begins = round((times[each + 1] - times[0]) * rate)
        lost[each + 1] = max(1, begins - int(each + 1) - int(lost[: each + 1].sum()))
    places = places + np.cumsum(lost)
    if places[-1] > _MOST_GAP_FACTOR * len(values):
        what = f"Its clock jumps over {float(steps[jumps].sum()):.0f} s in all, far more than it recorded."
        raise BadInput(what, where=str(path), remedy="Save its stretches as files of their own.")
    strays = float(np.abs(places / rate - (times - times[0])).max()) * rate
    if strays > UNEVEN_SAMPLES:
        what = f"Its clock is uneven: it strays {strays:.1f} samples from {rate:.6g} Hz."
        raise BadInput(what, where=str(path), remedy="Resample it evenly, or give intervals.")
    if not len(jumps):
        return values, rate, ()
    whole = np.full(int(places[-1]) + 1, np.nan)
    whole[places] = values
    missing = f"Its clock jumps {len(jumps)} times; {int(lost.sum()) / rate:.3g} s are missing and stay so."
    return whole, rate, (missing,)
