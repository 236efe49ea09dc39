"""One course on one time axis: what is drawn of it, in days. The table beside it says the same in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from asklepion.core.chart import Chart
from asklepion.core.entries import AnswersGiven, ConsentSigned, ContactMade, ScaleNotDone, VisitHeld
from asklepion.core.values import PlannedVisit, VisitState
from asklepion.flows.chart import CoursePage
from asklepion.knowledge.types import Facts, VisitKind

_LONGEST = timedelta(days=7 * 90)
_ROWS = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """One point in time. `look` is done, missed, planned or again (repeated or unscheduled)."""

    on: date
    look: str
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasted. `first` None began before the axis or on an unknown day, `last` None goes on."""

    first: date | None
    last: date | None
    label: str
    grade: int = 0


@dataclass(frozen=True, slots=True)
class Lanes:
    """What the drawing shows. Weeks count from `zero`, the day of consent or, before it, of the first entry."""

    course: str
    zero: date
    zero_words: str
    first: date
    last: date
    windows: tuple[tuple[date, date], ...]
    visits: tuple[Mark, ...]
    sessions: tuple[Mark, ...]
    scales: tuple[Mark, ...]
    medicines: tuple[Bar, ...]
    events: tuple[Bar, ...]
    contacts: tuple[Mark, ...]
    medicines_left_out: int
    events_left_out: int


def lanes(page: CoursePage, facts: Facts, *, on: date) -> Lanes:
    """Return one course as lanes, filtered as the page is: it is made of the page's own chart."""
    consent = next((recorded.on for recorded in page.chart.of(ConsentSigned)), None)
    zero = consent or page.opened_on
    visits = tuple(_visits(page))
    windows = tuple((v.opens, v.closes) for v in page.plan if v.opens and v.closes and v.kind is not VisitKind.DOSING)
    scales = (*_scales_given(page.chart, facts), *_scales_planned(page, facts, on=on))
    contacts = tuple(
        Mark(each.on, "done" if each.entry.reached else "missed", each.entry.about)
        for each in page.chart.of(ContactMade)
    )
    days = [*(mark.on for mark in (*visits, *scales, *contacts)), zero, page.opened_on, *([] if page.ended else [on])]
    medicines = tuple(
        Bar(m.entry.started_on, _until(m.entry), _medicine(m.entry.typed, m.entry)) for m in page.medicines
    )
    events = tuple(
        Bar(e.entry.started_on, e.entry.ended_on, f"{e.entry.term}, grade {e.entry.grade}", e.entry.grade)
        for e in page.events
    )
    return Lanes(
        course=page.course,
        zero=zero,
        zero_words="consent" if consent else "the first entry",
        first=min(days),
        last=min(max(days), max(on, zero) + _LONGEST),
        windows=windows,
        visits=visits,
        sessions=tuple(_sessions(page)),
        scales=scales,
        medicines=medicines[:_ROWS],
        events=events[:_ROWS],
        contacts=contacts,
        medicines_left_out=max(len(medicines) - _ROWS, 0),
        events_left_out=max(len(events) - _ROWS, 0),
    )


def _visits(page: CoursePage) -> Iterable[Mark]:
    held: set[str] = set()
    for recorded in page.chart.of(VisitHeld):
        again = recorded.entry.visit in held or recorded.entry.visit == "unscheduled"
        held.add(recorded.entry.visit)
        if again:
            yield Mark(recorded.on, "again", recorded.entry.title or recorded.entry.visit)
    for visit in page.plan:
        if visit.kind is VisitKind.DOSING or visit.state is VisitState.NOT_NEEDED:
            continue
        yield Mark(_day(visit, page), _look(visit), visit.number or visit.title)


def _day(visit: PlannedVisit, page: CoursePage) -> date:
    """Return the day of a mark: held, missed on its nominal day, or to be expected from today on."""
    if visit.state is VisitState.MISSED and visit.nominal:
        return visit.nominal
    return page.expected[visit.id]


def _look(visit: PlannedVisit) -> str:
    if visit.state is VisitState.DONE:
        return "done"
    return "missed" if visit.state is VisitState.MISSED else "planned"


def _sessions(page: CoursePage) -> Iterable[Mark]:
    dosing = [visit for visit in page.plan if visit.kind is VisitKind.DOSING]
    for number, visit in enumerate(dosing, 1):
        if visit.state is not VisitState.NOT_NEEDED:
            yield Mark(_day(visit, page), _look(visit), str(number))


def _scales_given(chart: Chart, facts: Facts) -> Iterable[Mark]:
    for given in chart.of(AnswersGiven):
        known = facts.scales.get(given.entry.scale)
        yield Mark(given.on, "done", known.short if known else given.entry.scale)
    for missed in chart.of(ScaleNotDone):
        known = facts.scales.get(missed.entry.scale)
        yield Mark(missed.on, "missed", f"{known.short if known else missed.entry.scale} missed")


def _scales_planned(page: CoursePage, facts: Facts, *, on: date) -> Iterable[Mark]:
    """Yield one mark a visit ahead at which scales are planned."""
    planned = {each.id: each for each in page.protocol.visits}
    for visit in page.plan:
        ahead = visit.state in (VisitState.WAITING, VisitState.AHEAD, VisitState.DUE)
        day = page.expected[visit.id]
        if ahead and day >= on and planned[visit.id].assessments:
            named = (facts.scales[a.scale].short for a in planned[visit.id].assessments if a.scale in facts.scales)
            yield Mark(day, "planned", ", ".join(named))


def _until(entry: object) -> date | None:
    return None if getattr(entry, "taking", False) else getattr(entry, "stopped_on", None)


def _medicine(typed: str, entry: object) -> str:
    if getattr(entry, "taking", False):
        return typed
    stopped = getattr(entry, "stopped_on", None)
    return f"{typed}, stopped {stopped.day} {stopped:%b %Y}" if stopped else f"{typed}, stopped, day unknown"
