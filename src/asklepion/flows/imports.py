"""Import a table of outcomes: people become courses, rows become visits held and scores as they were reported.

All or nothing. Every entry has an id made from table, map, person and visit, so the same import twice is one.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from asklepion.core import schedule, scoring
from asklepion.core.access import Role
from asklepion.core.entries import (
    AnswersGiven,
    ArmAssigned,
    CourseEnded,
    CourseOpened,
    Entry,
    ScaleNotDone,
    VisitHeld,
    VisitMissed,
)
from asklepion.core.errors import BadInput, BadRow, ManyFaults
from asklepion.flows import import_map, import_rows, import_table
from asklepion.flows.import_map import Mapped
from asklepion.flows.import_rows import Given, Person
from asklepion.record import clock, ledger
from asklepion.record import imports as record
from asklepion.record.ledger import Author

Progress = Callable[[int, int], None]
_IDS = uuid.UUID("5f0c3a52-7d0e-5b1c-9a54-2f8f3c6f8a11")
"""Where the ids of imported entries live; never to be changed, or an import made before would be made again."""
DEVICE = "import"


@dataclass(frozen=True, slots=True)
class Plan:
    """A table that may be imported, and nothing of it recorded yet. `sha256` is over its bytes."""

    file: str
    sha256: str
    mapped: Mapped
    people: tuple[Person, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import recorded, or would record. `standing` courses were there already, from this table and map."""

    courses: int
    standing: int
    entries: int
    scores: int
    blank: int
    missed: int
    scores_by_visit: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Line:
    """An entry to come, when it happened, and under which role it is recorded."""

    id: str
    at: datetime
    entry: Entry
    role: Role = Role.COORDINATOR


def plan(table: Path, map_file: Path, *, origin: date | None = None) -> Plan:
    """Return what a table holds by its map.

    Raises ManyFaults with every fault, by line and column, if a single row cannot be taken; BadInput for a file that
    is not there and for faults of the map.
    """
    mapped = import_map.read(map_file, origin=origin)
    if not table.is_file():
        raise BadInput("There is no such file.", where=str(table), remedy="Name a CSV file.")
    asked = mapped.map
    read = import_table.read(table, asked.columns(), ignore=asked.ignore, delimiter=asked.delimiter)
    people, faults = import_rows.people(read, mapped, today=clock.today())
    if faults:
        _refuse(table, faults)
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    return Plan(table.name, digest, mapped, people, f"{digest}\n{mapped.content}")


def outlook(plan: Plan) -> Imported:
    """Return what an import would record now. Raises ManyFaults as `carry_out` does."""
    standing = _standing(plan)
    return _count(plan, standing)


def carry_out(plan: Plan, *, by: str, progress: Progress | None = None) -> Imported:
    """Record a table in one transaction and return what was recorded; the second time that is nothing.

    Raises ManyFaults, with nothing recorded, if a course with a person's code is there from elsewhere.
    """
    with ledger.together():
        standing = _standing(plan)
        for done, person in enumerate(plan.people, 1):
            if person.code not in standing:
                _record(plan, person, by)
            if progress:
                progress(done, len(plan.people))
    return _count(plan, standing)


def _refuse(table: Path, faults: tuple[BadRow, ...]) -> None:
    count = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
    raise ManyFaults(f"{count} in {table.name}.", faults, remedy="Nothing was imported.")


def _standing(plan: Plan) -> frozenset[str]:
    """Return the codes of the people whom this table and map brought in before."""
    opening = {_id(plan, person, "course_opened"): person.code for person in plan.people}
    standing = frozenset(opening[id] for id in record.recorded(tuple(opening)))
    strange = record.taken(tuple(opening.values())) - standing
    faults = tuple(
        BadRow(
            f"A course {person.code} is there already, and not from this table under this map.",
            file=plan.file,
            line=person.line,
            column=plan.mapped.map.subject,
            remedy="Correct single scores on its ledger page, or choose another code_prefix.",
        )
        for person in plan.people
        if person.code in strange
    )
    if faults:
        _refuse(Path(plan.file), faults)
    return standing


def _record(plan: Plan, person: Person, by: str) -> None:
    opening, *lines = _lines(plan, person)
    authors = {role: Author(by, role, DEVICE) for role in (Role.COORDINATOR, Role.PHARMACIST)}
    if not isinstance(opening.entry, CourseOpened):
        raise TypeError("The first entry of a course opens it.")
    ledger.open_course(opening.entry, by=authors[opening.role], code=person.code, at=opening.at, id=opening.id)
    for line in lines:
        ledger.append(person.code, line.entry, authors[line.role], at=line.at, id=line.id)


def _lines(plan: Plan, person: Person) -> Iterator[_Line]:
    """Yield the entries of one person: the opening, the arm, then visit by visit in the protocol's order."""
    mapped = plan.mapped
    opened = CourseOpened(mapped.protocol.id, mapped.protocol.version, mapped.map.site.strip())
    start = clock.at_local(mapped.origin)
    yield _Line(_id(plan, person, "course_opened"), start, opened)
    if person.arm:
        yield _Line(_id(plan, person, "arm_assigned"), start, ArmAssigned(person.arm), Role.PHARMACIST)
    given = {each.visit: each for each in person.given}
    for visit in mapped.asked:
        if visit in given:
            yield from _held(plan, person, given[visit])
        elif mapped.map.visit.absent == "missed" and visit in _expected(mapped):
            missed = VisitMissed(visit, "The imported table has no row for this visit.")
            yield _Line(_id(plan, person, visit, "missed"), clock.at_local(_nominal(plan, person, visit)), missed)
    if mapped.map.courses == "ended":
        last = max(each.on for each in person.given)
        ended = CourseEnded("not_told", "The imported table ends here and does not say why.")
        yield _Line(_id(plan, person, "course_ended"), clock.at_local(last), ended)


def _held(plan: Plan, person: Person, given: Given) -> Iterator[_Line]:
    at = clock.at_local(given.on)
    yield _Line(_id(plan, person, given.visit, "held"), at, VisitHeld(given.visit, started=at, how="not_told"))
    scale = plan.mapped.scale
    if given.value is None:
        blank = ScaleNotDone(scale.id, given.visit, f"The imported table has no value in {_cell(plan, given)}.")
        yield _Line(_id(plan, person, given.visit, "blank"), at, blank)
        return
    yield _Line(
        _id(plan, person, given.visit, "score"),
        at,
        scoring.reported(
            scale,
            {plan.mapped.score.id: given.value},
            origin=f"{plan.file} (sha256 {plan.sha256[:12]}), {_cell(plan, given)}, day 0 put on {plan.mapped.origin}",
            visit=given.visit,
            sealed=plan.mapped.asked[given.visit].sealed,
        ),
    )


def _expected(mapped: Mapped) -> frozenset[str]:
    """Return the visits that the table speaks of: one it never mentions was not missed for want of a row."""
    first = (mapped.map.baseline.visit,) if mapped.map.baseline else ()
    return frozenset((*mapped.map.visit.ids.values(), *first))


def _nominal(plan: Plan, person: Person, visit: str) -> date:
    """Return the day for which the protocol meant a visit; where it names none, the person's last day in the table."""
    mapped = plan.mapped
    held = {"opening": mapped.origin, **{each.visit: each.on for each in person.given if each.visit != visit}}
    laid = schedule.calendar(mapped.protocol, held, on=mapped.origin)
    meant = next((each.nominal for each in laid if each.id == visit), None)
    return min(meant or max(held.values()), clock.today())


def _cell(plan: Plan, given: Given) -> str:
    return f"line {given.line}, column {given.column}"


def _id(plan: Plan, person: Person, *about: str) -> str:
    return str(uuid.uuid5(_IDS, "\n".join((plan.key, person.subject, *about))))


def _count(plan: Plan, standing: frozenset[str]) -> Imported:
    people = [person for person in plan.people if person.code not in standing]
    entries = [line.entry for person in people for line in _lines(plan, person)]
    by_visit = Counter(entry.visit for entry in entries if isinstance(entry, AnswersGiven))
    return Imported(
        courses=len(people),
        standing=len(standing),
        entries=len(entries),
        scores=sum(by_visit.values()),
        blank=sum(isinstance(entry, ScaleNotDone) for entry in entries),
        missed=sum(isinstance(entry, VisitMissed) for entry in entries),
        scores_by_visit={visit: by_visit[visit] for visit in plan.mapped.asked if by_visit[visit]},
    )
