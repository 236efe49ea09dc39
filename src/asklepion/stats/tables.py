"""A table read from a CSV file, known by its hash."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from asklepion.core.errors import BadInput, BadRow

# What statistical programs write for a missing value. Words such as None stay words: an arm may be called so.
MISSING = ("", ".", "NA", "NaN", "nan", "n/a")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, numbered by its lines (the heading is line 1), with the file's SHA-256."""

    rows: pd.DataFrame
    path: str
    sha256: str


def read_csv(path: Path, *, labels: Iterable[str] = ()) -> Table:
    """Give the rows of a CSV file in UTF-8; the columns in `labels` stay text, so that 007 is not 7.

    A file that ends in .tsv has tabs. Raises BadInput if the file is not there, is no table, has no row, or has more
    values in a row than headings.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"It cannot be read: {error.strerror}.", where=str(path), remedy="Look at the path.") from error
    try:
        rows = pd.read_csv(
            path,
            sep="\t" if path.suffix.lower() == ".tsv" else ",",
            dtype=dict.fromkeys(labels, "string"),
            keep_default_na=False,
            na_values=list(MISSING),
            skip_blank_lines=False,
            encoding="utf-8-sig",
            low_memory=False,
        )
    except (ValueError, UnicodeDecodeError) as error:
        remedy = "Save it as CSV in UTF-8, with a heading and commas."
        raise BadRow(f"It is no table ({str(error).strip()}).", file=str(path), line=1, remedy=remedy) from error
    if not isinstance(rows.index, pd.RangeIndex):
        what = f"Its rows hold more values than there are headings ({len(rows.columns)})."
        raise BadRow(what, file=str(path), line=2, remedy="Give every column a heading, or quote values with commas.")
    rows = rows.dropna(how="all")
    if rows.empty:
        raise BadInput("It has no rows.", where=str(path), remedy="Give one row for each subject and visit.")
    rows.index = pd.Index(rows.index + 2, name="line")
    return Table(rows, str(path), hashlib.sha256(content).hexdigest())
