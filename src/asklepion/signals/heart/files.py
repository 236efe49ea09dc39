"""Intervals from files: CSV and text as Polar, Kubios and spreadsheets write them."""

import csv
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from asklepion.core.errors import BadInput, BadRow, ManyFaults
from asklepion.signals.heart.intervals import Intervals, intervals

_NAMES = re.compile(r"\b(rr|r-r|rri|ibi|nn|ibis|interval)\b|rr[-_ ]?interval", re.IGNORECASE)
_SECONDS = re.compile(r"[\[(]\s*s(ec(onds?)?)?\s*[\])]|_s$|_sec(onds)?$", re.IGNORECASE)
_MILLISECONDS = re.compile(r"[\[(]\s*ms(ec)?\s*[\])]|_ms$", re.IGNORECASE)
_MOST_FAULTS = 20
UNITS = ("ms", "s")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of numbers with the line of each, and the unit that its heading names."""

    values: list[float]
    lines: list[int]
    unit: str


def read(path: Path, *, unit: str | None = None, column: str | None = None) -> Intervals:
    """Return the intervals of a file: text of one interval a line, or CSV.

    In CSV the column is `column`, or the one whose heading speaks of RR, NN or IBI, or the only one; a first column
    that rises like a clock is passed over. `unit` is ms or s; without it what the heading says, else ms. Raises
    BadInput for a file or a unit that cannot be taken, with every faulty line.
    """
    if unit is not None and unit not in UNITS:
        raise BadInput(f"There is no unit {unit}.", where="unit", remedy="Known: ms, s.")
    found = _column(_text(path), path, column)
    named = unit or found.unit or "ms"
    values = np.array(found.values) * (1000 if named == "s" else 1)
    if len(values) and named == "s" and np.median(values) > 10_000:
        what = f"Half of the intervals are above {np.median(values) / 1000:g} s: these look like milliseconds."
        raise BadInput(what, where=str(path), remedy="Name the unit: ms.")
    _above_zero(found, path)
    try:
        return intervals(values)
    except BadInput as error:
        raise BadInput(error.what, where=str(path), remedy=error.remedy) from error


def names_intervals(heading: str) -> bool:
    """Say whether a heading speaks of RR, NN or inter-beat intervals."""
    return _NAMES.search(heading.replace("_", " ")) is not None


def _text(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(f"The file cannot be read: {why}.", where=str(path), remedy="Name another file.") from error


def _column(lines: list[str], path: Path, wanted: str | None) -> Column:
    """Return the column of intervals, whatever separates cells. Raises ManyFaults for cells that are no numbers."""
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and line.strip()[0] not in "#%"]
    if not kept:
        raise BadInput("The file is empty.", where=str(path), remedy="Write one interval a line.")
    mark = _separator(kept[0][1])
    rows = [(number, _cells(line, mark)) for number, line in kept]
    heading = [] if all(_number(cell, mark) is not None for cell in rows[0][1]) else rows[0][1]
    body = rows[1:] if heading else rows
    place = _place(heading, body, wanted, path, mark)
    values, numbers, faults = [], [], []
    for number, cells in body:
        text = cells[place] if place < len(cells) else ""
        value = _number(text, mark)
        if value is None:
            what = f"`{text}` is no number." if text else "The interval is missing."
            faults.append(BadRow(what, file=path.name, line=number, remedy="Correct it, or take the line out."))
        else:
            values.append(value)
            numbers.append(number)
    if faults:
        told = tuple(faults[:_MOST_FAULTS])
        raise ManyFaults(f"{len(faults)} lines cannot be taken as they are.", told, where=str(path))
    return Column(values, numbers, _unit(heading[place]) if heading else "")


def _separator(line: str) -> str:
    return next((mark for mark in (";", "\t", ",") if mark in line), " ")


def _cells(line: str, mark: str) -> list[str]:
    if mark == " ":
        return line.split() if not re.search("[A-Za-z]", line) else [line.strip()]
    return [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]


def _number(text: str, mark: str) -> float | None:
    """Return a finite number; a decimal comma is one where cells are not separated by commas."""
    try:
        value = float(text.replace(",", ".") if mark != "," else text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _place(heading: list[str], body: list[tuple[int, list[str]]], wanted: str | None, path: Path, mark: str) -> int:
    if wanted is not None:
        if wanted in heading:
            return heading.index(wanted)
        remedy = f"Columns: {', '.join(heading)}." if heading else "The file has no headings."
        raise BadInput(f"There is no column {wanted}.", where=str(path), remedy=remedy)
    named = [place for place, name in enumerate(heading) if names_intervals(name)]
    width = max((len(cells) for _, cells in body), default=1)
    if len(named) == 1:
        return named[0]
    if width == 1:
        return 0
    if not heading and width == 2 and _rises(body, mark):
        return 1
    told = f"Columns: {', '.join(heading)}." if heading else f"It has {width} columns and no headings."
    remedy = f"Name it (--column); of a raw signal say what it is (--signal). {told}"
    raise BadInput("It is not clear which column holds the intervals.", where=str(path), remedy=remedy)


def _rises(body: list[tuple[int, list[str]]], mark: str) -> bool:
    first = [_number(cells[0], mark) for _, cells in body]
    return all(a is not None and b is not None and a < b for a, b in pairwise(first))


def _unit(heading: str) -> str:
    if _MILLISECONDS.search(heading):
        return "ms"
    return "s" if _SECONDS.search(heading) else ""


def _above_zero(found: Column, path: Path) -> None:
    bad = [line for value, line in zip(found.values, found.lines, strict=True) if value <= 0]
    if bad:
        faults = tuple(
            BadRow("The interval is not above zero.", file=path.name, line=line, remedy="Look at the recording.")
            for line in bad[:_MOST_FAULTS]
        )
        raise ManyFaults(f"{len(bad)} lines cannot be taken as they are.", faults, where=str(path))
