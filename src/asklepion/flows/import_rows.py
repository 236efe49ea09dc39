"""The rows of a table as people with their scores by visit. Every row that cannot be taken is told, with its cell."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Generic, TypeVar

from asklepion.core.errors import BadInput, BadRow
from asklepion.flows.import_map import Mapped
from asklepion.flows.import_table import Record, Table, is_undecoded
from asklepion.knowledge.types import Operator, ScoreRule

T = TypeVar("T")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_WHOLE = re.compile(r"[-+]?[0-9]{1,9}")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,30}")
"""What the code of a course may be; `flows.courses` and the page that opens one hold to the same."""
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Given:
    """A score as the table gives it, None where its cell is blank, and the cell in which it stands."""

    visit: str
    on: date
    value: float | None
    line: int
    column: str


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the table. `line` is that of their first row; `arm` is empty where the map names no arms."""

    subject: str
    code: str
    line: int
    arm: str
    given: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class _Cell(Generic[T]):
    """What a cell says; None if it is blank. `good` false: it could not be taken, and a fault says so."""

    value: T | None
    good: bool = True


@dataclass(slots=True)
class _Rows:
    """What the rows of one person said so far, each with the line that said it."""

    line: int
    baseline: tuple[int, float | None] | None = None
    arm: tuple[int, str] | None = None
    visits: dict[str, Given] = field(default_factory=dict)


def people(table: Table, mapped: Mapped, *, today: date) -> tuple[tuple[Person, ...], tuple[BadRow, ...]]:
    """Return the people of a table in the order of their first rows, and every fault, those of the file included."""
    reading = _Reading(mapped, table.file, today)
    for record in table.records:
        reading.take(record)
    faults = sorted((*table.faults, *reading.faults), key=lambda fault: fault.line)
    return tuple(reading.person(subject, rows) for subject, rows in reading.rows.items()), tuple(faults)


class _Reading:
    """Takes rows one by one and notes what does not fit."""

    def __init__(self, mapped: Mapped, file: str, today: date) -> None:
        self._mapped, self._map, self._file, self._today = mapped, mapped.map, file, today
        self.rows: dict[str, _Rows] = {}
        self.faults: list[BadRow] = []

    def take(self, record: Record) -> None:
        subject = self._cell(record, self._map.subject, self._subject)
        visit = self._cell(record, self._map.visit.column, self._visit)
        on = self._cell(record, self._map.day, self._day)
        value = self._cell(record, self._map.value.column, self._score)
        baseline = self._cell(record, self._map.baseline.column, self._score) if self._map.baseline else _Cell(None)
        self._check_change(record, value, baseline)
        arm = self._cell(record, self._map.arm.column, self._arm) if self._map.arm else _Cell("")
        if subject.value is None:
            return
        rows = self.rows.setdefault(subject.value, _Rows(record.line))
        if baseline.good and self._map.baseline:
            self._keep_baseline(record, rows, baseline.value)
        if arm.value is not None and self._map.arm:
            self._keep_arm(record, rows, arm.value)
        if visit.value is not None:
            self._keep_visit(record, rows, visit.value, on=on.value, value=value.value)

    def person(self, subject: str, rows: _Rows) -> Person:
        """Return what the rows of one person came to, visits in the order of the protocol."""
        given = dict(rows.visits)
        if self._map.baseline and rows.baseline and rows.baseline[1] is not None:
            line, value = rows.baseline
            first = Given(self._map.baseline.visit, self._mapped.origin, value, line, self._map.baseline.column)
            given[first.visit] = first
        order = [visit.id for visit in self._mapped.protocol.visits]
        return Person(
            subject=subject,
            code=self._code(subject),
            line=rows.line,
            arm=rows.arm[1] if rows.arm else "",
            given=tuple(sorted(given.values(), key=lambda each: order.index(each.visit))),
        )

    def _cell(self, record: Record, column: str, read: Callable[[str], T | None]) -> _Cell[T]:
        cell = record.cells[column]
        if is_undecoded(cell):
            return _Cell(None, good=False)
        try:
            return _Cell(read(cell))
        except BadInput as fault:
            self._fault(record, column, fault.what, fault.remedy)
            return _Cell(None, good=False)

    def _fault(self, record: Record, column: str, what: str, remedy: str) -> None:
        self.faults.append(BadRow(what, file=self._file, line=record.line, column=column, remedy=remedy))

    def _code(self, subject: str) -> str:
        return f"{self._map.code_prefix}{subject}"

    def _subject(self, cell: str) -> str:
        if not cell:
            raise BadInput("The subject is missing.", remedy="Every row says whose it is.")
        if not _CODE.fullmatch(self._code(cell)):
            what = f"`{self._code(cell)}` cannot be the code of a course."
            raise BadInput(what, remedy="Use 2 to 31 capitals, digits and hyphens, the prefix of the map included.")
        return cell

    def _visit(self, cell: str) -> str:
        if cell not in self._map.visit.ids:
            what = f"`{cell}` is no visit of the map." if cell else "The visit is missing."
            raise BadInput(what, remedy=f"The map knows {_listed(self._map.visit.ids)}.")
        return self._map.visit.ids[cell]

    def _day(self, cell: str) -> date:
        if not _WHOLE.fullmatch(cell):
            what = f"`{cell}` is not a whole number of days." if cell else "The day is missing."
            raise BadInput(what, remedy="Write days since day 0 as a whole number, such as 14.")
        days, last = int(cell), (self._today - self._mapped.origin).days
        if 0 <= days <= last:
            return self._mapped.origin + timedelta(days=days)
        if days < 0:
            raise BadInput(f"Day {days} lies before day 0.", remedy="Day 0 is the first; correct it.")
        raise BadInput(
            f"Day {days} after {self._mapped.origin} lies in the future.",
            remedy="Correct it, or put day 0 on an earlier day with --origin.",
        )

    def _score(self, cell: str) -> float | None:
        if cell in self._map.value.blank:
            return None
        if not cell:
            remedy = "If blank cells mean that there is none, list '' under value, blank, in the map."
            raise BadInput("The score is missing.", remedy=remedy)
        value, rule = _number(cell), self._mapped.score
        if not rule.minimum <= value <= rule.maximum:
            what = f"{cell} lies outside {rule.minimum:g} to {rule.maximum:g}, the range of {self._mapped.scale.short}."
            raise BadInput(what, remedy="Look it up where the table is from.")
        if _is_whole(rule) and not value.is_integer():
            what = f"{cell} is not a whole number, and this score is a sum of whole answers."
            raise BadInput(what, remedy="Look it up where the table is from.")
        return value

    def _arm(self, cell: str) -> str:
        arms = self._map.arm.ids if self._map.arm else {}
        if cell not in arms:
            what = f"`{cell}` is no arm of the map." if cell else "The arm is missing."
            raise BadInput(what, remedy=f"The map knows {_listed(arms)}.")
        return arms[cell]

    def _check_change(self, record: Record, value: _Cell[float], baseline: _Cell[float]) -> None:
        column = self._map.change
        if not column:
            return
        change = self._cell(
            record, column, lambda cell: None if cell in ("", *self._map.value.blank) else _number(cell)
        )
        if change.value is None or not (value.good and baseline.good):
            return
        if value.value is None or baseline.value is None:
            what, remedy = f"A change of {change.value:g} is given, and a score it is counted from is blank.", ""
        elif abs(value.value - baseline.value - change.value) <= _ROUNDING:
            return
        else:
            counted = f"{value.value:g} minus {baseline.value:g} is {value.value - baseline.value:g}"
            what, remedy = f"A change of {change.value:g} is given, but {counted}.", "One of the three is wrong."
        self._fault(record, column, what, remedy)

    def _keep_baseline(self, record: Record, rows: _Rows, value: float | None) -> None:
        column = self._map.baseline.column if self._map.baseline else ""
        if rows.baseline is None:
            rows.baseline = record.line, value
        elif rows.baseline[1] != value:
            before = "blank" if rows.baseline[1] is None else f"{rows.baseline[1]:g}"
            what = f"This person's baseline is {before} on line {rows.baseline[0]} and another here."
            self._fault(record, column, what, "A person has one baseline.")

    def _keep_arm(self, record: Record, rows: _Rows, arm: str) -> None:
        column = self._map.arm.column if self._map.arm else ""
        if rows.arm is None:
            rows.arm = record.line, arm
        elif rows.arm[1] != arm:
            what = f"This person's arm is another on line {rows.arm[0]}."
            self._fault(record, column, what, "A person has one arm.")

    def _keep_visit(self, record: Record, rows: _Rows, visit: str, *, on: date | None, value: float | None) -> None:
        before = rows.visits.get(visit)
        if before is not None:
            what = f"This person has this visit on line {before.line} already."
            self._fault(record, self._map.visit.column, what, "Leave one of the two out.")
            return
        day = on or self._mapped.origin
        rows.visits[visit] = Given(visit, day, value, record.line, self._map.value.column)


def _number(cell: str) -> float:
    if not _NUMBER.fullmatch(cell):
        remedy = "Write a decimal point: 7.5, not 7,5." if "," in cell else "Write plain digits, such as 21."
        raise BadInput(f"`{cell}` is not a number.", remedy=remedy)
    return float(cell)


def _is_whole(rule: ScoreRule) -> bool:
    """Return whether a score can only be whole: a sum of answers into which no mean of others enters."""
    return rule.operator is Operator.SUM and (rule.missing is None or not rule.missing.prorated)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)
