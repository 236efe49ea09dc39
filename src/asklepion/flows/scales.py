"""Filling in a scale, one item at a time and on any device: what is asked, what is kept, handing it in once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from asklepion.core import schedule, scoring
from asklepion.core.access import Label, Role
from asklepion.core.answers import read, tell
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import AnswersGiven, CourseEnded, ScaleNotDone
from asklepion.core.errors import BadInput, HandedIn, IdReused, UnknownId
from asklepion.core.values import PlannedVisit
from asklepion.flows import alerts, projection
from asklepion.flows.facts import facts
from asklepion.knowledge.types import (
    Administration,
    Assessment,
    Classification,
    Facts,
    Item,
    Protocol,
    Scale,
    VisitPlan,
)
from asklepion.record import clock, drafts, ledger, reading
from asklepion.record.ledger import Author, Receipt
from asklepion.record.reading import JUDGE, Reader

UNPLANNED = "unscheduled"
"""The visit of a scale that was given outside the plan."""
_LONGEST = 400
OFFERED_DAYS = 14
"""How long a scale that may be left out stays on a participant's page: our choice, of no clinical meaning."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One scale at one visit as somebody fills it in. `answers` are those kept so far; None is a blank left on purpose.

    `handed_in` is when it was handed in, None while it is open; `nth` counts givings at this visit, struck ones too.
    `rated` says that an independent rater gives it.
    """

    course: str
    scale: Scale
    visit: str
    visit_title: str
    sealed: bool
    nth: int
    answers: Mapping[str, int | None]
    handed_in: datetime | None = None
    rated: bool = False

    @property
    def asked(self) -> tuple[Item, ...]:
        """The items that are asked, given the answers so far. Where that cannot be told, an item is asked."""
        return tuple(item for item in self.scale.items if _is_asked(item, self.scale, self.answers))

    @property
    def open_items(self) -> tuple[Item, ...]:
        """The items that are asked and were neither answered nor left blank on purpose."""
        return tuple(item for item in self.asked if item.id not in self.answers)

    def item(self, number: int) -> Item:
        """Return the item with a number on the form, from 1. Raises UnknownId for another number."""
        if not 1 <= number <= len(self.scale.items):
            raise UnknownId("There is no such item.", where=str(number))
        return self.scale.items[number - 1]

    def number(self, item: Item) -> int:
        """Return an item's number on the form, from 1."""
        return self.scale.items.index(item) + 1

    def before(self, item: Item) -> Item | None:
        """Return the item that is asked before this one."""
        earlier = [each for each in self.asked if self.number(each) < self.number(item)]
        return earlier[-1] if earlier else None

    def after(self, item: Item) -> Item | None:
        """Return the item that is asked after this one."""
        return next((each for each in self.asked if self.number(each) > self.number(item)), None)

    @property
    def resumes_at(self) -> int:
        """The number of the first item that is still open; 0 where none is and the answers can be checked."""
        return self.number(self.open_items[0]) if self.open_items else 0


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed in, when, and what of it needs a person. `again` says that it had been handed in before."""

    receipt: Receipt
    entry: AnswersGiven
    raised: tuple[alerts.Raised, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sheet belongs: a planned visit with its assessment, or none of both outside the plan."""

    chart: Chart
    protocol: Protocol
    visit: VisitPlan | None
    assessment: Assessment | None


def start(course: str, scale: str, visit: str, *, reader: Reader) -> Sheet:
    """Return a sheet with what this account has kept of it, to begin or to go on with.

    A participant fills in the self-report scales of their own course that are due; care roles any scale that is not
    sealed; a rater the sealed ones that are due. Raises UnknownId alike for everything else.
    """
    sheet = _sheet(course, scale, visit)
    if not _may_fill(sheet, reader):
        raise UnknownId("There is no such scale to fill in.")
    if sheet.handed_in:
        return sheet
    return replace(sheet, answers=drafts.load(reader.account, course, scale, visit))


def answer(course: str, scale: str, visit: str, *, item: str, value: int | None, reader: Reader) -> Sheet:
    """Keep one answer, None for a blank left on purpose, and return the sheet with it.

    Raises HandedIn if the scale was handed in meanwhile, BadInput for an answer outside the item's range.
    """
    sheet = start(course, scale, visit, reader=reader)
    _check_open(sheet)
    known = next((each for each in sheet.scale.items if each.id == item), None)
    if known is None:
        raise UnknownId("There is no such item.", where=item)
    if value is not None and not may_be(known, value):
        raise BadInput(
            f"{value} is not one of the answers.",
            where=known.topic,
            remedy="Choose one of the answers shown.",
        )
    drafts.save(reader.account, course, scale, visit, item, value)
    return replace(sheet, answers={**sheet.answers, item: value})


def hand_in(
    course: str,
    scale: str,
    visit: str,
    *,
    by: Author,
    reader: Reader,
    answers: Mapping[str, int | None] | None = None,
    at: datetime | None = None,
) -> Given:
    """Score the answers on the server and record them; without `answers`, those kept as drafts are taken.

    Handing in again, from a second tab or device too, gives the receipt of the first. Raises BadInput that names the
    items still open, ManyFaults for answers that cannot be.
    """
    sheet = start(course, scale, visit, reader=reader)
    if sheet.handed_in is None:
        given = sheet.answers if answers is None else dict(answers)
        sheet = replace(sheet, answers=given)
        try:
            entry, receipt = _record(sheet, by, at=at, kept=answers is None)
        except IdReused:
            sheet = start(course, scale, visit, reader=reader)
        else:
            drafts.discard(reader.account, course, scale, visit)
            return Given(receipt, entry, alerts.of(sheet.scale, given))
    drafts.discard(reader.account, course, scale, visit)
    return _earlier(sheet)


def handed_in(course: str, scale: str, visit: str, *, reader: Reader) -> Given:
    """Return what was handed in at this visit. Raises UnknownId where nothing was, or it is not this reader's."""
    sheet = start(course, scale, visit, reader=reader)
    if sheet.handed_in is None:
        raise UnknownId("Nothing was handed in here.")
    return _earlier(sheet)


def spoken_since(course: str, seq: int) -> datetime | None:
    """Return when somebody of the team first recorded that they spoke with the person after an entry, or None."""
    found = [each for each in alerts.conversations(reading.chart(course, JUDGE)) if each.seq > seq]
    return min((each.at for each in found), default=None)


def results(scale: Scale, entry: AnswersGiven) -> tuple[tuple[str, float | None, str], ...]:
    """Return label, number and words of each score and category as they were recorded, for who may read them."""
    rules = {rule.id: rule for rule in scale.scores}
    scores = tuple(
        (rules[each.id].label, each.value, f"of {rules[each.id].minimum:g} to {rules[each.id].maximum:g}")
        if each.value is not None
        else (rules[each.id].label, None, f"No score: {each.unscored}")
        for each in entry.scores
        if each.id in rules
    )
    kinds = {each.id: each for each in scale.classifications}
    named = ((kinds[each.id], each) for each in entry.categories if each.id in kinds)
    return scores + tuple((kind.label, None, _named(kind, each.value)) for kind, each in named)


def category_words(scale: Scale, entry: AnswersGiven) -> tuple[str, ...]:
    """Return what each classification of a scale came to, in the words of its file."""
    kinds = {each.id: each for each in scale.classifications}
    named = ((kinds[each.id], each.value) for each in entry.categories if each.id in kinds)
    return tuple(f"{kind.label}: {_named(kind, value)}" for kind, value in named)


def _named(kind: Classification, value: str | None) -> str:
    if value is None:
        return kind.unknown_label or "Not known"
    return next((case.label for case in kind.cases if case.value == value), kind.otherwise_label)


def not_done(
    course: str, scale: str, visit: str, because: str, *, by: Author, reader: Reader, id: str | None = None
) -> Receipt:
    """Record that a scale was not done, and why. Raises HandedIn if it was, BadInput without a reason."""
    sheet = start(course, scale, visit, reader=reader)
    _check_open(sheet)
    if not because.strip():
        raise BadInput("Say in a few words why it was not done.", where="because")
    if len(because) > _LONGEST:
        raise BadInput(f"This is longer than {_LONGEST} letters.", where="because", remedy="A few words are enough.")
    receipt = ledger.append(course, ScaleNotDone(scale, visit, because.strip()), by, id=id)
    drafts.discard(reader.account, course, scale, visit)
    return receipt


def protocol_of(chart: Chart, known: Facts) -> Protocol:
    """Return the protocol of a course. Raises UnknownId where its file is gone."""
    opened = chart.opened()
    protocol = known.protocols.get(opened.entry.protocol) if opened else None
    if protocol is None:
        raise UnknownId("The protocol of this course is not on file.", where=chart.course)
    return protocol


def may_be(item: Item, value: int) -> bool:
    """Return whether a number is an answer to an item: inside its range, or one of its coded answers."""
    return item.minimum <= value <= item.maximum or any(each.code == value for each in item.coded)


def due_scales(chart: Chart, *, on: date) -> tuple[tuple[str, str], ...]:
    """Return scale and visit of every scale whose window has opened and that is neither given nor not done."""
    known = facts()
    protocol = protocol_of(chart, known)
    if chart.of(CourseEnded):
        return ()
    status = projection.consent_status(protocol, known, chart, on=on)
    plan = schedule.plan(protocol, chart, on=on)
    tasks = schedule.tasks(protocol, plan, chart, consent=status)
    asked = tuple((each.what, each.visit) for each in tasks if each.kind == "scale" and _begun(each.opens, on))
    return asked + offered_scales(protocol, plan, chart, on=on)


def offered_scales(
    protocol: Protocol, plan: Iterable[PlannedVisit], chart: Chart, *, on: date
) -> tuple[tuple[str, str], ...]:
    """Return scale and visit of those that a visit offers and nobody has to give, for two weeks after it was held."""
    settled = {(each.entry.scale, each.entry.visit) for each in chart.of(AnswersGiven)}
    settled |= {(each.entry.scale, each.entry.visit) for each in chart.of(ScaleNotDone)}
    recent = {each.id for each in plan if each.held_on and 0 <= (on - each.held_on[-1]).days <= OFFERED_DAYS}
    found = (
        (assessment.scale, visit.id)
        for visit in protocol.visits
        for assessment in visit.assessments
        if visit.id in recent and not assessment.required
    )
    return tuple(each for each in found if each not in settled)


def _begun(opens: date | None, on: date) -> bool:
    return opens is None or opens <= on


def _sheet(course: str, scale: str, visit: str) -> Sheet:
    known = facts()
    place = _place(course, scale, visit, known)
    earlier = _earlier_givings(course, scale, visit)
    nth = len(earlier)
    standing = [each for each in earlier if each.id not in place.chart.struck]
    closed = next((each for each in reversed(standing) if not _may_repeat(place, each)), None)
    return Sheet(
        course=course,
        scale=known.scales[scale],
        visit=visit,
        visit_title=place.visit.title if place.visit else "Outside the plan",
        sealed=place.assessment.sealed if place.assessment else _always_sealed(scale, place.protocol),
        nth=nth,
        answers={answer.item: answer.value for answer in closed.entry.answers} if closed else {},
        handed_in=closed.at if closed else None,
        rated=bool(place.assessment and (place.assessment.sealed or place.assessment.role == Role.RATER)),
    )


def _always_sealed(scale: str, protocol: Protocol) -> bool:
    """Return whether a protocol seals a scale wherever it plans it: outside the plan it is no more open."""
    return all(each.sealed for visit in protocol.visits for each in visit.assessments if each.scale == scale)


def _place(course: str, scale: str, visit: str, known: Facts) -> _Place:
    chart = reading.chart(course, JUDGE)
    protocol = protocol_of(chart, known)
    planned = next((each for each in protocol.visits if each.id == visit), None)
    assessment = next((each for each in planned.assessments if each.scale == scale), None) if planned else None
    in_protocol = any(each.scale == scale for held in protocol.visits for each in held.assessments)
    if scale not in known.scales or (assessment is None and not (visit == UNPLANNED and in_protocol)):
        raise UnknownId("There is no such scale to fill in.")
    return _Place(chart, protocol, planned, assessment)


def _earlier_givings(course: str, scale: str, visit: str) -> list[Recorded[AnswersGiven]]:
    """Return every giving at this visit, oldest first, amendments and struck ones included."""
    entries = reversed(reading.entries(course, JUDGE, kinds=("answers_given",)))
    given = (cast("Recorded[AnswersGiven]", each) for each in entries)
    return [each for each in given if (each.entry.scale, each.entry.visit) == (scale, visit)]


def _may_repeat(place: _Place, given: Recorded[AnswersGiven]) -> bool:
    """Return whether a scale may be given again after this: on another day, at a visit that may be held again."""
    repeatable = place.visit is None or place.visit.repeatable
    return repeatable and given.on < clock.today()


def _may_fill(sheet: Sheet, reader: Reader) -> bool:
    match reader.role:
        case Role.PARTICIPANT:
            own = reader.course == sheet.course and sheet.scale.administration is Administration.SELF
            return own and not sheet.sealed and (sheet.handed_in is not None or _is_due(sheet))
        case Role.COORDINATOR | Role.PHYSICIAN | Role.FACILITATOR:
            return not sheet.sealed and Label.OPEN in reader.labels
        case Role.RATER:
            return sheet.rated and (sheet.handed_in is not None or _is_due(sheet))
        case _:
            return False


def _is_due(sheet: Sheet) -> bool:
    chart = reading.chart(sheet.course, JUDGE)
    return (sheet.scale.id, sheet.visit) in due_scales(chart, on=clock.today())


def _is_asked(item: Item, scale: Scale, answers: Mapping[str, int | None]) -> bool:
    if item.only_if is None:
        return True
    return tell(item.only_if, read(scale, answers)).holds is not False


def _check_open(sheet: Sheet) -> None:
    if sheet.handed_in is not None:
        raise HandedIn("This scale was handed in already.", remedy="Your team can still correct it with a reason.")


def _record(sheet: Sheet, by: Author, *, at: datetime | None, kept: bool) -> tuple[AnswersGiven, Receipt]:
    if kept and sheet.open_items:
        names = ", ".join(item.topic for item in sheet.open_items)
        raise BadInput(f"Not answered yet: {names}.", remedy="Answer these, or say that you would rather not.")
    asked = {item.id for item in sheet.asked}
    entry = scoring.entry(
        sheet.scale,
        {item: value for item, value in sheet.answers.items() if item in asked or not kept},
        visit=sheet.visit,
        sealed=sheet.sealed,
        source="self" if sheet.scale.administration is Administration.SELF else "clinician",
    )
    return entry, ledger.append(sheet.course, entry, by, at=at, id=_name(sheet))


def _name(sheet: Sheet) -> str:
    """Return the id of this giving: the same on every device, so that two tabs make one entry."""
    return ledger.one_id(sheet.course, sheet.scale.id, sheet.visit, str(sheet.nth))


def _earlier(sheet: Sheet) -> Given:
    found = _earlier_givings(sheet.course, sheet.scale.id, sheet.visit)
    struck = reading.chart(sheet.course, JUDGE).struck
    given = next(each for each in reversed(found) if each.id not in struck)
    receipt = Receipt(given.id, given.course, given.seq, given.hash, given.recorded_at)
    return Given(receipt, given.entry, alerts.of(sheet.scale, sheet.answers), again=True)
