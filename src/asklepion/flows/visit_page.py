"""The page of one visit as one reader may see it: its window and today, its gate, what it asks, what is recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from asklepion.core import schedule
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import (
    AnswersGiven,
    CourseEnded,
    DoseGiven,
    DoseWithheld,
    Note,
    Observed,
    ScaleNotDone,
    VisitBooked,
    VisitHeld,
)
from asklepion.core.values import PlannedVisit, Task, Verdict, VisitState
from asklepion.flows import projection
from asklepion.flows.caseload import in_words
from asklepion.flows.chart import GateCard, Judged, gate_card
from asklepion.flows.describe import describe
from asklepion.flows.facts import facts
from asklepion.flows.judging import observables_of
from asklepion.flows.planned import Place, gate, place
from asklepion.flows.session_page import SessionPage, readings_of, session_page
from asklepion.flows.visit_scales import DueScale, due_scales
from asklepion.flows.visit_words import LastValue, counted, hours, kept_words, last_value, standing, window_of
from asklepion.knowledge.types import Observable, Protocol, VisitPlan, Window
from asklepion.record import reading
from asklepion.record.reading import Reader

_STEPS_SHOWN = 3
_SHOWN: tuple[type, ...] = (Observed, AnswersGiven, ScaleNotDone, DoseGiven, DoseWithheld, Note)


@dataclass(frozen=True, slots=True)
class Asked:
    """A value that the form asks for. `last` says what was last recorded; it is shown beside and never filled in."""

    observable: Observable
    last: LastValue | None


@dataclass(frozen=True, slots=True)
class Held:
    """A time at which the visit was held. `left_out` is what its list names and nobody ticked."""

    recorded: Recorded[VisitHeld]
    title: str
    hours: str
    kept: str
    covered: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def under_way(self) -> bool:
        return self.recorded.entry.ended is None


@dataclass(frozen=True, slots=True)
class VisitPage:
    """Everything the visit page shows, filtered for its reader.

    `state` and `standing` say how today stands to the visit, `counted` from where its window is counted. `may_hold`
    says that it is open to be held (again): who may do it is the door's to say. `wanted` are observables that the gate
    still waits for.
    """

    course: str
    visit: str
    title: str
    simulated: bool
    protocol: Protocol
    plan: VisitPlan | None
    planned: PlannedVisit | None
    state: VisitState | None
    standing: str
    counted: str
    window: Window | None
    booked: Recorded[VisitBooked] | None
    gate: GateCard | None
    wanted: frozenset[str]
    asked: tuple[Asked, ...]
    measured: tuple[Asked, ...]
    scales: tuple[DueScale, ...]
    held: tuple[Held, ...]
    recorded: tuple[tuple[str, int], ...]
    session: SessionPage | None
    next_steps: tuple[Task, ...]
    ended_on: date | None
    may_hold: bool

    @property
    def shut(self) -> bool:
        return self.gate is not None and self.gate.shut

    @property
    def under_way(self) -> bool:
        return any(each.under_way for each in self.held)

    @property
    def is_early(self) -> bool:
        """Whether its window has not opened, or nobody knows yet when it will."""
        return not self.held and self.state in (VisitState.AHEAD, VisitState.WAITING)

    @property
    def lead(self) -> str:
        return self.plan.role.replace("_", " ") if self.plan else ""

    @property
    def repeats(self) -> bool:
        return bool(self.held) and self.may_hold and self.plan is not None


def page(course: str, visit: str, reader: Reader, *, on: date) -> VisitPage:
    """Return the page of one visit as this reader may see it on a day. Raises UnknownId as for what does not exist."""
    seen = reading.chart(course, reader)
    here = place(course, visit)
    schedule_ = here.schedule(on=on)
    planned = next((each for each in schedule_ if each.id == visit), None)
    held = _held(seen, here)
    may_hold = not held or here.plan is None or here.plan.repeatable
    card, wanted = _gate(here, seen, schedule_, on=on) if may_hold and here.plan else (None, frozenset[str]())
    opened = here.whole.opened()
    over = next(iter(reversed(here.whole.of(CourseEnded))), None)
    return VisitPage(
        course=course,
        visit=visit,
        title=here.title,
        simulated=bool(opened and opened.entry.simulated),
        protocol=here.protocol,
        plan=here.plan,
        planned=planned,
        state=planned.state if planned else None,
        standing=_standing(here, planned, held, on=on),
        counted=counted(here.plan, planned, here.protocol) if here.plan and planned else "",
        window=window_of(here.plan, planned) if here.plan and planned else None,
        booked=_booked(seen, visit),
        gate=card,
        wanted=wanted,
        asked=tuple(_asked(each, seen, on=on) for each in here.asked()),
        measured=tuple(_asked(each, seen, on=on) for each in here.measured()) if here.is_session else (),
        scales=tuple(due_scales(here, seen, facts())),
        held=held,
        recorded=tuple(_recorded(seen, here)),
        session=session_page(here, seen, shut=bool(card and card.shut and not held)) if here.is_session else None,
        next_steps=_next_steps(here, schedule_, on=on) if not over else (),
        ended_on=over.on if over else None,
        may_hold=may_hold,
    )


def _standing(here: Place, planned: PlannedVisit | None, held: tuple[Held, ...], *, on: date) -> str:
    if planned is None or here.plan is None:
        return _unscheduled(held)
    words = standing(planned, here.plan, on)
    return f"{words} No end is recorded yet." if held and held[-1].under_way else words


def _unscheduled(held: tuple[Held, ...]) -> str:
    if not held:
        return "For a visit that the protocol does not plan. It has no window and no gate."
    count = in_words(len(held))
    return f"{count.capitalize()} {'was' if len(held) == 1 else 'were'} held in this course. Another can be recorded."


def _booked(seen: Chart, visit: str) -> Recorded[VisitBooked] | None:
    """Return the booking that stands: none once the visit was held since."""
    held = max((each.seq for each in seen.of(VisitHeld) if each.entry.visit == visit), default=0)
    booked = (each for each in reversed(seen.of(VisitBooked)) if each.entry.visit == visit and each.seq > held)
    return next(booked, None)


def _gate(
    here: Place, seen: Chart, plan: tuple[PlannedVisit, ...], *, on: date
) -> tuple[GateCard | None, frozenset[str]]:
    """Return the card of the gate, and the observables that what is not met rests on."""
    status = gate(here, on=on)
    if status is None:
        return None, frozenset()
    open_ = {each.criterion for each in status.findings if each.verdict is not Verdict.MET}
    wanted = (what for each in here.protocol.criteria if each.id in open_ for what in observables_of(each.test))
    return gate_card(status, plan, seen, Judged(here.protocol, facts(), here.whole, on)), frozenset(wanted)


def _asked(observable: Observable, seen: Chart, *, on: date) -> Asked:
    last = seen.observed(observable.id, on)
    return Asked(observable, last_value(last, on) if last else None)


def _held(seen: Chart, here: Place) -> tuple[Held, ...]:
    texts: Mapping[str, str] = {item.id: item.text for item in here.plan.checklist} if here.plan else {}
    found = (each for each in seen.of(VisitHeld) if each.entry.visit == here.visit)
    return tuple(
        Held(
            recorded=each,
            title=each.entry.title or here.title,
            hours=hours(each.entry),
            kept=kept_words(each),
            covered=tuple(texts.get(id, id) for id in each.entry.covered),
            left_out=tuple(text for id, text in texts.items() if id not in each.entry.covered),
        )
        for each in found
    )


def _recorded(seen: Chart, here: Place) -> Iterable[tuple[str, int]]:
    """Yield what is recorded of this visit besides its holding; readings of a session stand in its own table."""
    apart = (DoseGiven, DoseWithheld) if here.is_session else ()
    in_table = {each.id for each in readings_of(here, seen)} if here.is_session else set()
    kinds = (kind for kind in _SHOWN if kind not in apart)
    every = (each for kind in kinds for each in seen.kinds.get(kind, ()))
    found = (each for each in every if getattr(each.entry, "visit", "") == here.visit and each.id not in in_table)
    for each in sorted(found, key=lambda recorded: (recorded.at, recorded.seq)):
        yield describe(each, facts()), each.seq


def _next_steps(here: Place, plan: tuple[PlannedVisit, ...], *, on: date) -> tuple[Task, ...]:
    consent = projection.consent_status(here.protocol, facts(), here.whole, on=on)
    tasks = schedule.tasks(here.protocol, plan, here.whole, consent=consent)
    others = (task for task in tasks if not (task.kind == "visit" and task.what == here.visit))
    return tuple(sorted(others, key=projection.soonest)[:_STEPS_SHOWN])
