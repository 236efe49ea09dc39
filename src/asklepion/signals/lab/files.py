"""Cortisol from CSV: one row a sample (subject, minutes, value), or one row a person and a column a sample."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput, BadRow, ManyFaults
from asklepion.signals.lab.concentration import Matrix, parse
from asklepion.signals.lab.cortisol import Sample

Row = tuple[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What all cells of a file share, and the faults that were met."""

    path: Path
    unit: str
    matrix: Matrix
    faults: list[BadInput]

    def sample(self, text: str, at: float, *, line: int, column: str) -> Sample:
        """Return the sample of a cell: missing if the cell is empty, or cannot be taken and is noted."""
        if not text:
            return Sample(at, None)
        try:
            return Sample(at, parse(text, unit=self.unit, matrix=self.matrix))
        except BadInput as error:
            self.faults.append(BadRow(error.what, file=self.path.name, line=line, column=column, remedy=error.remedy))
            return Sample(at, None)


@dataclass(frozen=True, slots=True)
class Series:
    """The samples of one person on one day: what the other columns say, joined, and the samples in order."""

    name: str
    samples: tuple[Sample, ...]


def read(path: Path, *, unit: str, matrix: Matrix, minutes: Sequence[float] | None = None) -> tuple[Series, ...]:
    """Return every series of a file of cortisol.

    A file with columns `minutes` and `value` has one row a sample; its other columns name the series. Else columns
    whose headings are numbers are samples, and `minutes` says when each was taken: 0, 1, 2 alone do not say. An empty
    cell is a missing sample. Raises ManyFaults with every cell that cannot be taken.
    """
    heading, lines = rows(path)
    sheet = _Sheet(path, unit, matrix, [])
    long = {"minutes", "value"} <= set(heading)
    found = _long(heading, lines, sheet) if long else _wide(heading, lines, sheet, minutes)
    if sheet.faults:
        told = tuple(sheet.faults[:20])
        raise ManyFaults(f"{len(sheet.faults)} cells cannot be taken as they are.", told, where=str(path))
    return found


def rows(path: Path) -> tuple[list[str], list[Row]]:
    """Return the heading of a file and its rows, each with its line. Commas, semicolons or tabs; raises BadInput."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(f"The file cannot be read: {why}.", where=str(path), remedy="Name another file.") from error
    first = text.split("\n", 1)[0]
    reader = csv.reader(text.splitlines(), delimiter=next((each for each in ";\t" if each in first), ","))
    lines = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(reader, 1) if any(cells)]
    if len(lines) < 2:
        raise BadInput("The file has no rows below its heading.", where=str(path), remedy="Give samples.")
    heading = lines[0][1]
    doubled = [each for each in heading if heading.count(each) > 1]
    if doubled:
        what = f"The column {doubled[0] or 'without a name'} stands twice."
        raise BadInput(what, where=str(path), remedy="Give each column a name of its own.")
    short = [number for number, cells in lines if len(cells) != len(heading)]
    if short:
        what = f"Line {short[0]} has not the {len(heading)} cells of the heading."
        raise BadInput(what, where=str(path), remedy="Look at this line: the file may be cut off.")
    return heading, [(number, dict(zip(heading, cells, strict=True))) for number, cells in lines[1:]]


def _long(heading: list[str], rows: list[Row], sheet: _Sheet) -> tuple[Series, ...]:
    names = [each for each in heading if each not in ("minutes", "value")]
    found: dict[str, list[Sample]] = {}
    for number, row in rows:
        try:
            at = float(row["minutes"].replace(",", "."))
        except ValueError:
            what = "It is no number of minutes."
            sheet.faults.append(BadRow(what, file=sheet.path.name, line=number, column="minutes"))
            continue
        sample = sheet.sample(row["value"], at, line=number, column="value")
        found.setdefault(" ".join(row[each] for each in names), []).append(sample)
    return tuple(Series(name, tuple(samples)) for name, samples in found.items())


def _wide(heading: list[str], rows: list[Row], sheet: _Sheet, minutes: Sequence[float] | None) -> tuple[Series, ...]:
    columns = [each for each in heading if _is_number(each)]
    if not columns:
        remedy = "Give columns minutes and value, or one column a sample."
        raise BadInput("No column holds samples.", where=str(sheet.path), remedy=remedy)
    if minutes is None or len(minutes) != len(columns):
        given = "none are" if minutes is None else f"{len(minutes)} are"
        what = f"The times of {len(columns)} samples are needed; {given} given."
        raise BadInput(what, where="minutes", remedy=f"Give the minutes of columns {', '.join(columns)}, in order.")
    names = [each for each in heading if each not in columns]
    found: dict[str, Series] = {}
    for number, row in rows:
        name = " ".join(row[each] for each in names) or f"line {number}"
        if name in found:
            what = f"A row of {name} stands above already."
            sheet.faults.append(
                BadRow(what, file=sheet.path.name, line=number, remedy="Keep one row, or name the day.")
            )
            continue
        cells = zip(columns, minutes, strict=True)
        samples = tuple(sheet.sample(row[column], at, line=number, column=column) for column, at in cells)
        found[name] = Series(name, samples)
    return tuple(found.values())


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
