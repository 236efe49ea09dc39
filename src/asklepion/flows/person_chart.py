"""A chart in memory from a file of one person's facts, and the findings on it. Nothing is recorded anywhere.

An entry's id is its place in the file (`medicines.0`), so that a finding names what it rests on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from asklepion.core import consent as consents
from asklepion.core import medicines, readiness, readings, schedule, scoring
from asklepion.core.access import Role, label_of
from asklepion.core.chart import Chart, Recorded, fold
from asklepion.core.entries import (
    AnswersGiven,
    ConsentCountersigned,
    ConsentSigned,
    ConsentWithdrawn,
    CourseOpened,
    Entry,
    MedicineDecided,
    MedicineRecorded,
    Observed,
    VisitHeld,
)
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.judgement import overlap
from asklepion.core.values import Finding, Span
from asklepion.flows import person_file
from asklepion.flows.facts import facts
from asklepion.flows.person_file import FilledIn, Medicine, Person
from asklepion.flows.written import Fault
from asklepion.knowledge.types import EventsTest, Facts, InteractionsTest, Protocol, Scale, SignedTest, WashoutTest

NOON = time(12)
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Screened:
    """The findings of one person on one day. `later` counts entries dated after it, which were not used."""

    person: str
    protocol: Protocol
    on: date
    findings: tuple[Finding, ...]
    earliest: date | None
    later: int
    hash: str


@dataclass(frozen=True, slots=True)
class _Dated:
    entry: Entry
    on: date
    id: str
    at: time = NOON
    role: Role = Role.PHYSICIAN


def screen(file: Path, *, protocol: str, on: date, before: str = "") -> Screened:
    """Return the findings of the worksheet and of every medicine, or those of the gate before a visit.

    The signature on the worksheet is left out: no file can give it. Raises ManyFaults with every fault of the file,
    BadInput for a protocol or visit that is not on file.
    """
    known = facts()
    chosen = _protocol(protocol, known)
    criteria = _criteria(chosen, before)
    read = person_file.read(file)
    faults: list[Fault] = []
    dated = list(_entries(read.value, chosen, known, faults, on=on))
    read.refuse(faults)
    chart = _chart(dated, read.value, chosen, on=on)
    documents = [each for each in known.consent_documents if each.document == chosen.consent_document]
    found = readiness.findings(
        chosen,
        known,
        chart,
        schedule.plan(chosen, chart, on=on),
        on=on,
        consent=consents.status(documents, chart, on=on) if documents else None,
        criteria=criteria,
    )
    later = sum(1 for each in dated if each.on > on)
    clear = overlap((Span(on), *(each.met_on for each in found)))
    return Screened(
        read.value.person, chosen, on, found, clear.first if clear else None, later, readiness.worksheet_hash(found)
    )


def _protocol(id: str, known: Facts) -> Protocol:
    found = known.protocols.get(id)
    if found is None:
        on_file = ", ".join(sorted(known.protocols))
        raise BadInput(f"There is no protocol {id}.", where="--protocol", remedy=f"On file: {on_file}.")
    return found


def _criteria(protocol: Protocol, before: str) -> tuple[str, ...]:
    """Return the criteria that a file can answer to: it holds no signatures and tells of no adverse events."""
    untold = {each.id for each in protocol.criteria if isinstance(each.test, SignedTest | EventsTest)}
    if not before:
        asked = [id for id in readiness.worksheet_criteria(protocol) if id not in untold]
        of_medicines = (each.id for each in protocol.criteria if isinstance(each.test, WashoutTest | InteractionsTest))
        return tuple(dict.fromkeys((*asked, *of_medicines)))
    gates = [gate for gate in protocol.gates if before in gate.before]
    if not gates:
        gated = ", ".join(dict.fromkeys(visit for gate in protocol.gates for visit in gate.before)) or "none"
        raise BadInput(f"No gate stands before {before}.", where="--before", remedy=f"Visits behind a gate: {gated}.")
    return tuple(dict.fromkeys(id for gate in gates for id in gate.criteria if id not in untold))


def _chart(dated: list[_Dated], person: Person, protocol: Protocol, *, on: date) -> Chart:
    opened = person.opened or min((each.on for each in dated), default=on)
    first = _Dated(CourseOpened(protocol.id, protocol.version, "file"), opened, "opened", time.min)
    return fold(_recorded(each, seq) for seq, each in enumerate((first, *dated), 1))


def _recorded(each: _Dated, seq: int) -> Recorded[Entry]:
    at = datetime.combine(each.on, each.at, UTC)
    return Recorded(
        id=each.id,
        course="",
        seq=seq,
        entry=each.entry,
        at=at,
        on=each.on,
        recorded_at=at,
        by="file",
        role=each.role,
        device="",
        label=label_of(each.entry),
        corrects="",
        reason="",
        clock_offset_ms=0,
        previous_hash="",
        hash="",
        clock=each.at,
    )


def _entries(person: Person, protocol: Protocol, known: Facts, faults: list[Fault], *, on: date) -> Iterator[_Dated]:
    yield from _observations(person, known, faults)
    for index, told in enumerate(person.medicines):
        yield from _medicine(told, index, known, faults, on=on)
    for index, filled in enumerate(person.scales):
        yield from _scale(filled, ("scales", index), known, faults)
    yield from _consent(person, protocol, known, faults)
    visits = {visit.id for visit in protocol.visits}
    for index, held in enumerate(person.visits):
        if held.visit not in visits:
            what = f"There is no visit {held.visit} in {protocol.id}."
            faults.append((("visits", index, "visit"), what, f"Use one of: {', '.join(sorted(visits))}."))
        started = datetime.combine(held.held, NOON, UTC)
        yield _Dated(VisitHeld(held.visit, started), held.held, f"visits.{index}")


def _observations(person: Person, known: Facts, faults: list[Fault]) -> Iterator[_Dated]:
    for index, seen in enumerate(person.observations):
        path: Path_ = ("observations", index)
        try:
            values = readings.read(known.observables, seen.values)
        except ManyFaults as error:
            faults.extend(((*path, "values", fault.where), fault.what, fault.remedy) for fault in error.faults)
            continue
        if not values:
            faults.append(((*path, "values"), "No value is given.", "Write at least one, or leave the entry out."))
        yield _Dated(Observed(values), seen.day, f"observations.{index}", _time(seen.at, (*path, "at"), faults))


def _time(typed: str, path: Path_, faults: list[Fault]) -> time:
    try:
        return time.fromisoformat(typed) if typed else NOON
    except ValueError:
        faults.append((path, f"`{typed}` is no time of day.", 'Write it as "09:30".'))
        return NOON


def _medicine(told: Medicine, index: int, known: Facts, faults: list[Fault], *, on: date) -> Iterator[_Dated]:
    path: Path_ = ("medicines", index)
    faults.extend(_medicine_faults(told, path, known))
    found = None if told.drug else medicines.match(known.drugs, told.name)
    entry = MedicineRecorded(
        medicine=f"medicines.{index}",
        typed=told.name.strip(),
        drug=told.drug or (found.id if found else ""),
        taking=bool(told.taking),
        started_on=told.started,
        stopped_on=told.stopped,
    )
    yield _Dated(entry, told.told or on, f"medicines.{index}")
    if told.decision:
        decision = told.decision
        decided = MedicineDecided(entry.medicine, decision.decision, decision.rests_on, decision.second_person)
        yield _Dated(decided, decision.day or told.told or on, f"medicines.{index}.decision")


def _medicine_faults(told: Medicine, path: Path_, known: Facts) -> Iterator[Fault]:
    if not told.name.strip():
        yield (*path, "name"), "The name is empty.", "Write it as it was told."
    if told.drug and told.drug not in known.drugs:
        near = ", ".join(each.id for each in medicines.suggest(known.drugs, told.drug)) or "none is near"
        yield (*path, "drug"), f"No medicine {told.drug} is on file.", f"Leave it out, or use one of: {near}."
    if told.taking is None and told.stopped is None:
        yield (*path, "taking"), "It does not say whether it is taken.", "Write `taking: true`, or the day it stopped."
    if told.taking and told.stopped:
        yield (*path, "stopped"), "It cannot be stopped and still be taken.", "Keep one of the two."
    if told.started and told.stopped and told.stopped < told.started:
        yield (*path, "stopped"), "It was stopped before it was begun.", "Look at both days."
    if told.decision and not (told.decision.rests_on.strip() and told.decision.second_person.strip()):
        what = "A decision says what it rests on, and who joined it."
        yield (*path, "decision"), what, "Fill in `rests_on` and `second_person`."


def _scale(filled: FilledIn, path: Path_, known: Facts, faults: list[Fault]) -> Iterator[_Dated]:
    scale = known.scales.get(filled.scale)
    if scale is None:
        what = f"There is no scale {filled.scale}."
        faults.append(((*path, "scale"), what, f"On file: {', '.join(sorted(known.scales))}."))
    elif (filled.answers is None) == (filled.scores is None):
        faults.append((path, "A scale has either answers or scores.", "Give one of the two."))
    else:
        try:
            yield _Dated(_answers(scale, filled), filled.day, text_of(path))
        except ManyFaults as error:
            below = "answers" if filled.scores is None else "scores"
            faults.extend(((*path, below), str(fault), "") for fault in error.faults)


def text_of(path: Path_) -> str:
    """Return a place in the file as the id of its entry."""
    return ".".join(map(str, path))


def _answers(scale: Scale, filled: FilledIn) -> AnswersGiven:
    if filled.scores is not None:
        return scoring.reported(scale, filled.scores, origin="file of facts")
    answers = filled.answers or ()
    if isinstance(answers, Mapping):
        return scoring.entry(scale, answers)
    if len(answers) != len(scale.items):
        what = f"{scale.short} has {len(scale.items)} items; {len(answers)} answers are given."
        fault = BadInput(what, remedy="Write a blank as null.")
        raise ManyFaults("The answers do not fit the form.", (fault,))
    return scoring.entry(scale, {item.id: answer for item, answer in zip(scale.items, answers, strict=True)})


def _consent(person: Person, protocol: Protocol, known: Facts, faults: list[Fault]) -> Iterator[_Dated]:
    name = protocol.consent_document
    versions = [each.version for each in known.consent_documents if each.document == name]
    for index, given in enumerate(person.consent):
        path: Path_ = ("consent", index)
        if given.version not in versions:
            what = f"There is no version {given.version} of the consent document."
            faults.append(((*path, "version"), what, f"On file: {', '.join(versions) or 'none'}."))
        signed = text_of(path)
        yield _Dated(ConsentSigned(name, given.version, "", True, 0, 0), given.signed, signed, role=Role.PARTICIPANT)
        for role, day in (given.countersigned or {}).items():
            if role not in list(Role):
                faults.append(((*path, "countersigned", role), f"There is no role {role}.", "Use a role of the team."))
                continue
            entry = ConsentCountersigned(name, given.version, signed, "", "")
            yield _Dated(entry, day, f"{signed}.countersigned.{role}", role=Role(role))
        if given.withdrawn:
            yield _Dated(ConsentWithdrawn(name, "all"), given.withdrawn, f"{signed}.withdrawn")
