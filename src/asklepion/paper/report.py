"""A report of analyses as typed values, and the list of where each of its numbers comes from."""

import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from markupsafe import Markup

from asklepion.paper.tables import csv_lines

Cell = float | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A column: its name, how its values are printed, and with how many decimals (the report's own without)."""

    name: str
    shown: Literal["number", "small", "p", "count", "text"] = "number"
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is about, and a value for each head. None is no number and prints as a word."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Maker:
    """The function that gave the numbers of a table: its qualified name, and file and line at which it stands."""

    function: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    title: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    made_by: Maker
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing and the CSV of its numbers. `name` is that of both files, without ending."""

    name: str
    title: str
    svg: Markup
    csv: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that was read: `stated` says whether the plan gave its hash beforehand."""

    name: str
    path: str
    sha256: str
    stated: bool
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the numbers of a section rest on. `used` is in words; `left_out` are (why, rows)."""

    source: Source | None
    population: str
    used: str
    left_out: tuple[tuple[str, int], ...]
    parameters: tuple[tuple[str, str], ...]
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """An analysis at its place. `failed` is why it has no numbers, `unmet` why parts have none; empty if all has."""

    number: int
    id: str
    title: str
    kind: str
    trace: Trace
    failed: str = ""
    notes: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A hypothesis in its order: its number in the report, p, and what the procedure says of it."""

    hypothesis: str
    number: str
    p: float | None
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it. `program` names version and commit; `plan` is the file of the plan."""

    title: str
    plan: Source
    program: str
    alpha: float
    seed: int | None
    decimals: int
    sources: tuple[Source, ...]
    populations: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    testing: tuple[Tested, ...] = ()
    multiplicity: str = ""

    @property
    def failed(self) -> tuple[Section, ...]:
        return tuple(each for each in self.sections if each.failed)

    @property
    def whole(self) -> bool:
        """Tell whether everything that was asked for has its numbers."""
        return not any(each.failed or each.unmet for each in self.sections)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number of the report with its id, such as `1.4.estimate`: section, line in it, column."""

    id: str
    value: float | int
    line: str
    table: str
    made_by: Maker


def numbered(section: Section) -> Iterator[Numbered]:
    """Yield every number of a section; lines are counted through all of its tables."""
    for place, table, line in numbered_lines(section):
        for head, cell in zip(table.heads, line.cells, strict=True):
            if isinstance(cell, int | float):
                id = f"{section.number}.{place}.{slug(head.name)}"
                yield Numbered(id, cell, line.label, table.title, table.made_by)


def slug(words: str) -> str:
    """Return words as a part of an id or of a file's name.

    >>> slug("95% upper limit")
    '95-upper-limit'
    """
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def as_json(report: Report) -> dict[str, object]:
    """Return the report as plain values: every number with its id, and for each analysis what it rests on."""
    return {
        "title": report.title,
        "program": report.program,
        "plan": asdict(report.plan),
        "alpha": report.alpha,
        "seed": report.seed,
        "inputs": [asdict(each) for each in report.sources],
        "analyses": [_section_json(each) for each in report.sections],
        "testing": {"multiplicity": report.multiplicity, "order": [asdict(each) for each in report.testing]},
        "numbers": {
            each.id: {
                "value": _plain(each.value),
                "of": each.line,
                "table": each.table,
                "analysis": section.id,
                "function": each.made_by.function,
                "place": each.made_by.place,
            }
            for section in report.sections
            for each in numbered(section)
        },
    }


def table_csv(section: Section, table: Table) -> str:
    """Return a table as CSV, numbers unrounded, each line with its number in the report, unit and source."""
    source = section.trace.source.sha256 if section.trace.source else ""
    lines = [
        (f"{section.number}.{place}", line.label, *line.cells, table.unit, source)
        for place, of, line in numbered_lines(section)
        if of is table
    ]
    return csv_lines(("number", "label", *(slug(each.name) for each in table.heads), "unit", "source_sha256"), lines)


def numbered_lines(section: Section) -> Iterator[tuple[int, Table, Line]]:
    """Yield each line of a section with its number, which counts through all tables, and its table."""
    place = 0
    for table in section.tables:
        for line in table.lines:
            place += 1
            yield place, table, line


def _plain(value: float | int) -> float | int | str | None:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "Inf" if value > 0 else "-Inf"
    return value


def _section_json(section: Section) -> dict[str, object]:
    trace = section.trace
    return {
        "number": section.number,
        "id": section.id,
        "kind": section.kind,
        "failed": section.failed or None,
        "unmet": list(section.unmet),
        "input_sha256": trace.source.sha256 if trace.source else None,
        "population": trace.population,
        "rows_read": trace.source.rows if trace.source else None,
        "used": trace.used,
        "left_out": [{"why": why, "rows": rows} for why, rows in trace.left_out],
        "parameters": dict(trace.parameters),
        "seed": trace.seed,
        "notes": list(section.notes),
    }
