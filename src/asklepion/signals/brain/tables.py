"""Recordings as .npy and as text: read strictly, so that a file that was cut short does not pass for a shorter one."""

import csv
import gzip
from pathlib import Path

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import is_counter
from asklepion.signals.brain.series import Series, listed, matrix

_NO_NUMBER = ("n/a", "nan", "NaN", "NA", "")


def npy(file: Path) -> Series:
    """Return a saved array; it does not say which way round time runs. Raises BadInput for one that is cut short."""
    try:
        found = np.load(file, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        what = f"It cannot be read as .npy; it may be cut short: {error}."
        raise BadInput(what, where=str(file), remedy="Copy or save it again.") from error
    if not isinstance(found, np.ndarray):
        found.close()
        raise BadInput("It is an .npz of several arrays.", where=str(file), remedy="Save the one array as .npy.")
    return Series(matrix(found, str(file)))


def text(file: Path) -> Series:
    """Return a table: with headings, time runs down the rows; without, the file does not say."""
    heads, lines = rows_of(file)
    values = np.empty((len(lines), len(lines[0][1]))) if lines else np.empty((0, 0))
    for place, (number, cells) in enumerate(lines):
        for column, cell in enumerate(cells):
            values[place, column] = _number(cell, file, number, heads[column] if heads else str(column + 1))
    if not heads:
        return Series(values)
    if counters := [heads[at] or "(no heading)" for at, row in enumerate(values.T) if is_counter(row)]:
        what = f"Columns count rows or time: {listed(counters)}."
        raise BadInput(what, where=str(file), remedy="Take them out: every column is a parcel.")
    twice = [name for name in dict.fromkeys(heads) if heads.count(name) > 1]
    if twice:
        what = f"Headings come twice: {listed(twice)}."
        raise BadInput(what, where=str(file), remedy="Each parcel needs a heading of its own.")
    return Series(values, "rows", tuple(heads), words=("Headings name the parcels, so each row is a volume.",))


def rows_of(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the headings of a table (none where its first row holds only numbers) and its rows with their lines.

    Raises BadInput for a file that is empty, is no text, or whose rows differ in length (as when it is cut short).
    """
    where = str(file)
    try:
        raw = gzip.decompress(file.read_bytes()) if file.name.endswith(".gz") else file.read_bytes()
        held = raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadInput(f"It cannot be read as text: {error}.", where=where, remedy="Save it as UTF-8.") from error
    delimiter = "," if file.name.lower().endswith(".csv") else "\t"
    reader = csv.reader(held.splitlines(), delimiter=delimiter)
    lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    if not lines:
        raise BadInput("It is empty.", where=where, remedy="Give a table of parcels over time.")
    wide = len(lines[0][1])
    other = "\t" if delimiter == "," else ","
    if wide == 1 and lines[0][1][0].count(other) > 1:
        what = f"Its cells are not separated by {'commas' if delimiter == ',' else 'tabs'}."
        raise BadInput(what, where=where, remedy="Name it .csv if commas separate them, .tsv if tabs do.")
    for number, cells in lines:
        if len(cells) != wide:
            what = f"Line {number} has {len(cells)} cells, the first line {wide}: it may be cut short."
            raise BadInput(what, where=where, remedy="Copy or save it again.")
    heads = [] if all(_is_number(cell) for cell in lines[0][1]) and not _numbered(lines) else lines.pop(0)[1]
    if not lines:
        raise BadInput("It has headings and no rows.", where=where, remedy="Give a table of parcels over time.")
    return heads, lines


def _numbered(lines: list[tuple[int, list[str]]]) -> bool:
    """Say whether the first line numbers the columns, from 0 or 1, and no other does: then it is a heading."""
    counts = [[str(at + begin) for at in range(len(lines[0][1]))] for begin in (0, 1)]
    return len(lines[0][1]) > 2 and lines[0][1] in counts and all(cells not in counts for _, cells in lines[1:])


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell in _NO_NUMBER
    return True


def _number(cell: str, file: Path, line: int, column: str) -> float:
    if cell in _NO_NUMBER:
        return float("nan")
    try:
        return float(cell)
    except ValueError as error:
        what = f"Line {line}, column {column}: `{cell}` is no number."
        raise BadInput(what, where=str(file), remedy="Give numbers, n/a where there is none.") from error
