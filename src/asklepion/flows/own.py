"""A participant's own page: what is due now, when the next appointment is, what was handed in. Nothing of treatment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from asklepion.core import schedule
from asklepion.core.chart import Chart
from asklepion.core.entries import AnswersGiven, CourseEnded, VisitBooked
from asklepion.core.errors import UnknownId
from asklepion.core.values import ConsentState, ConsentStatus, PlannedVisit, Task, VisitState
from asklepion.flows import projection, scales
from asklepion.flows.facts import facts
from asklepion.knowledge.types import Administration, Facts, Protocol
from asklepion.record import clock, drafts, reading
from asklepion.record.reading import JUDGE, Reader

_TO_SIGN = (ConsentState.NEVER_SIGNED, ConsentState.SIGN_AGAIN)


@dataclass(frozen=True, slots=True)
class DueScale:
    """A scale that waits. `begun` says that answers are kept, `number` where it goes on; `offered` may be left out."""

    scale: str
    visit: str
    title: str
    about: str
    items: int
    begun: bool
    number: int
    closes: date | None
    offered: bool


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit with its time, or the days between which it is to be if no time is agreed yet."""

    title: str
    starts: datetime | None
    room: str
    opens: date | None
    closes: date | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Done:
    """Something handed in, without what it says."""

    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Home:
    """The participant's page. `consent` is never_signed, sign_again or empty."""

    course: str
    consent: str
    scales: tuple[DueScale, ...]
    appointments: tuple[Appointment, ...]
    handed_in: tuple[Done, ...]
    ended: bool

    @property
    def due(self) -> int:
        """How many things wait."""
        return sum(1 for each in self.scales if not each.offered) + bool(self.consent)


def home(reader: Reader, *, on: date) -> Home:
    """Return the page of the reader's own course. Raises UnknownId where there is none."""
    if not reader.course:
        raise UnknownId("There is no such course.")
    seen = reading.chart(reader.course, reader)
    whole = reading.chart(reader.course, JUDGE)
    known = facts()
    protocol = scales.protocol_of(whole, known)
    plan = schedule.plan(protocol, whole, on=on)
    status = projection.consent_status(protocol, known, whole, on=on)
    ended = bool(whole.of(CourseEnded))
    tasks = () if ended else schedule.tasks(protocol, plan, whole, consent=status)
    offered = () if ended else scales.offered_scales(protocol, plan, whole, on=on)
    return Home(
        course=reader.course,
        consent="" if ended else _consent(status),
        scales=tuple(_due(tasks, offered, reader, on=on)),
        appointments=() if ended else _appointments(plan, seen, protocol, on=on),
        handed_in=_handed_in(seen, known),
        ended=ended,
    )


def _consent(status: ConsentStatus | None) -> str:
    return str(status.state) if status and status.state in _TO_SIGN else ""


def _due(tasks: Iterable[Task], offered: Iterable[tuple[str, str]], reader: Reader, *, on: date) -> Iterator[DueScale]:
    """Yield the self-report scales that wait, the one that closes first before the others, then those on offer."""
    open_now = [each for each in tasks if each.kind == "scale" and (each.opens is None or each.opens <= on)]
    open_now.sort(key=lambda each: (each.closes or date.max, each.what))
    for task in open_now:
        yield from _waiting(task.what, task.visit, reader, closes=task.closes, offered=False)
    for scale, visit in offered:
        yield from _waiting(scale, visit, reader, closes=None, offered=True)


def _waiting(scale: str, visit: str, reader: Reader, *, closes: date | None, offered: bool) -> Iterator[DueScale]:
    known = facts().scales.get(scale)
    if known is None or known.administration is not Administration.SELF:
        return
    try:
        sheet = scales.start(reader.course, scale, visit, reader=reader)
    except UnknownId:  # sealed: not theirs to see here
        return
    if sheet.handed_in is None:
        yield DueScale(
            scale=scale,
            visit=visit,
            title=known.short,
            about=known.construct,
            items=len(sheet.asked),
            begun=bool(drafts.load(reader.account, reader.course, scale, visit)),
            number=sheet.resumes_at,
            closes=closes,
            offered=offered,
        )


def _appointments(
    plan: Iterable[PlannedVisit], seen: Chart, protocol: Protocol, *, on: date
) -> tuple[Appointment, ...]:
    """Return the booked visits ahead, earliest first; without one, the next visit and the days it may be on."""
    minutes = {visit.id: visit.minutes for visit in protocol.visits}
    rooms = {each.entry.visit: each.entry.room for each in seen.of(VisitBooked)}
    open_states = (VisitState.AHEAD, VisitState.DUE, VisitState.LATE, VisitState.WAITING)
    ahead = [visit for visit in plan if visit.state in open_states]
    booked = [visit for visit in ahead if visit.booked_at and clock.local_date(visit.booked_at) >= on]
    if booked:
        found = (
            Appointment(visit.title, visit.booked_at, rooms.get(visit.id, ""), None, None, minutes.get(visit.id))
            for visit in booked
        )
        return tuple(sorted(found, key=lambda each: str(each.starts)))
    coming = next((visit for visit in ahead if visit.required and visit.nominal and _still_open(visit, on)), None)
    if coming is None:
        return ()
    return (Appointment(coming.title, None, "", coming.opens, coming.closes, minutes.get(coming.id)),)


def _still_open(visit: PlannedVisit, on: date) -> bool:
    return visit.closes is None or visit.closes >= on


def _handed_in(seen: Chart, known: Facts) -> tuple[Done, ...]:
    """Return what the participant handed in, newest first, by name and time only."""
    own = [each for each in seen.of(AnswersGiven) if each.entry.source == "self" and each.entry.scale in known.scales]
    return tuple(Done(known.scales[each.entry.scale].short, each.at) for each in reversed(own))
