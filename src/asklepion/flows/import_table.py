"""A CSV file as records of named cells, each with its line. What cannot be read is told; reading goes on after it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from asklepion.core.errors import BadRow
from asklepion.knowledge.load import shown

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UNDECODED = range(0xDC80, 0xDD00)
"""Where Python keeps bytes that are no UTF-8."""


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record by column, blanks around them cut off. `line` is where it begins, counted from 1."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What could be read of a file, and every fault of the rest. Where the columns are wrong there are no records."""

    file: str
    records: tuple[Record, ...]
    faults: tuple[BadRow, ...]


def read(file: Path, columns: Sequence[str], *, ignore: Sequence[str], delimiter: str) -> Table:
    """Return the records of a CSV file whose columns are exactly those named, in any order."""
    name, raw = shown(file), file.read_bytes()
    if raw.startswith(_UTF_16):
        return Table(name, (), (BadRow("The table is UTF-16.", file=name, line=1, remedy="Save it as CSV in UTF-8."),))
    found = list(_lines(raw, delimiter))
    if not found:
        what, remedy = "The table is empty.", "Its first line names the columns, each further line is a row."
        return Table(name, (), (BadRow(what, file=name, line=1, remedy=remedy),))
    (line, header), rows = found[0], found[1:]
    end = () if raw.endswith((b"\n", b"\r")) else (_cut_off(name, raw),)
    if isinstance(header, csv.Error):
        return Table(name, (), (_not_csv(name, line, header), *end))
    faults = tuple(_header_faults(name, line, header, columns, ignore=ignore))
    if faults:
        return Table(name, (), (*faults, *end))
    if not rows:
        return Table(name, (), (BadRow("The table has no rows.", file=name, line=line), *end))
    names = _stripped(header)
    records = tuple(
        Record(line, dict(zip(names, _stripped(cells), strict=True)))
        for line, cells in rows
        if not isinstance(cells, csv.Error) and len(cells) == len(names)
    )
    return Table(name, records, (*(fault for row in rows for fault in _row_faults(name, *row, names=names)), *end))


def is_undecoded(cell: str) -> bool:
    """Return whether a cell holds bytes that are no UTF-8."""
    return any(ord(character) in _UNDECODED for character in cell)


def _lines(raw: bytes, delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield each record with the line on which it begins; a line that breaks the format comes as the error it makes."""
    content = raw.decode("utf-8-sig", errors="surrogateescape")
    lines = list(io.StringIO(content, newline=""))
    start = 0
    while start < len(lines):
        reader = csv.reader(islice(lines, start, None), delimiter=delimiter, strict=True)
        begun = start
        try:
            for cells in reader:
                if cells:
                    yield begun + 1, cells
                begun = start + reader.line_num
            return
        except csv.Error as error:
            yield begun + 1, error
            start = begun + 1


def _header_faults(
    file: str, line: int, header: list[str], columns: Sequence[str], *, ignore: Sequence[str]
) -> Iterator[BadRow]:
    names = _stripped(header)
    wanted = (*columns, *ignore)
    for place, column in enumerate(names, 1):
        said = column or f"number {place}, which has no name"
        if is_undecoded(column):
            yield BadRow(f"The name of column {place} is not UTF-8.", file=file, line=line, remedy="Save it as UTF-8.")
        elif column in names[: place - 1]:
            what = "Two columns bear this name."
            yield BadRow(what, file=file, line=line, column=said, remedy="Rename or leave out one of them.")
        elif column not in wanted:
            what = "The map does not say what this column is."
            yield BadRow(what, file=file, line=line, column=said, remedy="Map it, or list it under `ignore`.")
    for column in wanted:
        if column not in names:
            what = "The map names this column, and the table does not have it."
            remedy = f"Its columns are: {', '.join(names)}."
            yield BadRow(what, file=file, line=line, column=column, remedy=remedy)


def _row_faults(file: str, line: int, cells: list[str] | csv.Error, *, names: list[str]) -> Iterator[BadRow]:
    if isinstance(cells, csv.Error):
        yield _not_csv(file, line, cells)
        return
    if len(cells) != len(names):
        what = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}, where the first line names {len(names)} columns."
        column = names[len(cells)] if len(cells) < len(names) else str(len(names) + 1)
        remedy = "The line may have been cut off." if len(cells) < len(names) else "A cell with a comma needs quotes."
        yield BadRow(what, file=file, line=line, column=column, remedy=remedy)
    for column, cell in zip(names, cells, strict=False):
        if is_undecoded(cell):
            what = "This cell holds bytes that are not UTF-8."
            yield BadRow(what, file=file, line=line, column=column, remedy="Save the table as UTF-8.")


def _not_csv(file: str, line: int, error: csv.Error) -> BadRow:
    return BadRow(f"This line is not CSV: {error}.", file=file, line=line, remedy="Look at its quotes.")


def _cut_off(file: str, raw: bytes) -> BadRow:
    return BadRow(
        "The last line does not end: the table may have been cut off while it was written.",
        file=file,
        line=raw.count(b"\n") + 1,
        remedy="If it is whole, add a line end after it.",
    )


def _stripped(cells: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells]
