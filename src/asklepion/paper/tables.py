"""Numbers as tables: CSV for the next program, unrounded, each row with the hash of the file it came from."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_COLUMNS = ("label", "estimate", "lower", "upper", "n", "unit", "source_sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a figure or table. None is no number. `source` is the SHA-256 of its input.

    `more` are further columns by name, such as weight, arm or why a study does not count.
    """

    label: str
    estimate: float | None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    unit: str = ""
    source: str = ""
    more: Mapping[str, object] = field(default_factory=dict)


def csv_of(rows: Iterable[Row]) -> str:
    """Return rows as CSV text after RFC 4180 (commas, CRLF, quotes doubled), numbers as they are, absence empty.

    Columns: label, estimate, lower, upper, n, unit, source_sha256, then every further column in the order of its first
    row. An infinite limit is written `Inf` or `-Inf`.
    """
    given = list(rows)
    further = list(dict.fromkeys(name for each in given for name in each.more))
    lines = [
        [
            row.label,
            row.estimate,
            row.lower,
            row.upper,
            row.n,
            row.unit,
            row.source,
            *(row.more.get(k) for k in further),
        ]
        for row in given
    ]
    return csv_lines([*_COLUMNS, *further], lines)


def csv_lines(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Return a heading and lines of cells as CSV text; numbers unrounded, None empty."""
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([[_cell(each) for each in line] for line in lines])
    return told.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return repr(value) if math.isfinite(value) else "Inf" if value > 0 else "-Inf"
    return str(value)
