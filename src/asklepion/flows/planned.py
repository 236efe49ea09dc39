"""One visit of one course: what the protocol plans for it, and the gate before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from asklepion.core import readiness, schedule
from asklepion.core.access import label_of
from asklepion.core.chart import Chart, Recorded, fold
from asklepion.core.entries import Entry
from asklepion.core.errors import GateShut, UnknownId
from asklepion.core.values import GateStatus, PlannedVisit, Verdict
from asklepion.flows import projection
from asklepion.flows.chart import Judged, gate_sentence
from asklepion.flows.facts import facts
from asklepion.knowledge.types import Observable, Protocol, VisitKind, VisitPlan
from asklepion.record import clock, reading
from asklepion.record.ledger import Author

UNSCHEDULED = "unscheduled"


@dataclass(frozen=True, slots=True)
class Place:
    """A visit of a course. `plan` is None for an unscheduled one. `whole` holds all labels: never for showing."""

    course: str
    visit: str
    protocol: Protocol
    plan: VisitPlan | None
    whole: Chart

    @property
    def title(self) -> str:
        return self.plan.title if self.plan else "Unscheduled visit"

    @property
    def is_session(self) -> bool:
        return self.plan is not None and self.plan.kind is VisitKind.DOSING

    def schedule(self, *, on: date, chart: Chart | None = None) -> tuple[PlannedVisit, ...]:
        return schedule.plan(self.protocol, chart or self.whole, on=on)

    def asked(self) -> tuple[Observable, ...]:
        """Return what the form of this visit asks for; an unscheduled one asks for vital signs.

        What a session asks for again and again, its sets of readings do, except the vital signs that its gate needs.
        """
        known = facts().observables
        if self.plan is None:
            return tuple(each for each in known.values() if each.group == "vital")
        over_time = {each.id for each in self.measured() if each.group == "session"} if self.is_session else ()
        return tuple(known[id] for id in self.plan.records if id in known and id not in over_time)

    def measured(self) -> tuple[Observable, ...]:
        """Return what a set of readings in a session asks for: what its moments and limits name, and session signs."""
        known = facts().observables
        decided = {rule.decided_by for rule in self.protocol.doses}
        named = [measure for time in self.protocol.readings for measure in time.measures]
        named += [limit.measure for limit in self.protocol.limits]
        named += [id for id in (self.plan.records if self.plan else ()) if id in known and known[id].group == "session"]
        return tuple(known[id] for id in dict.fromkeys(named) if id in known and id not in decided)


def place(course: str, visit: str) -> Place:
    """Return a visit of a course. Raises UnknownId if there is no such course or its protocol plans no such visit."""
    whole = reading.chart(course, reading.JUDGE)
    opened = whole.opened()
    protocol = facts().protocols.get(opened.entry.protocol) if opened else None
    if protocol is None:
        raise UnknownId("The protocol of this course is not on file.", where=course, remedy="Put its file back.")
    plan = next((each for each in protocol.visits if each.id == visit), None)
    if plan is None and visit != UNSCHEDULED:
        raise UnknownId("The protocol plans no such visit.", where=visit)
    return Place(course, visit, protocol, plan, whole)


def gate(here: Place, *, on: date, chart: Chart | None = None) -> GateStatus | None:
    """Return the gate before a visit, judged on all labels; None where none stands before it."""
    judged = chart or here.whole
    known = facts()
    consent = projection.consent_status(here.protocol, known, judged, on=on)
    plan = here.schedule(on=on, chart=judged)
    return readiness.gate_for(here.visit, here.protocol, known, judged, plan, on=on, consent=consent)


def refuse_if_shut(here: Place, *, at: datetime, by: Author | None = None, brings: Iterable[Entry] = ()) -> None:
    """Raise GateShut with its reasons unless the gate before a visit is open at an instant.

    It is judged with what comes along in the same form (`brings`), as if `by` had recorded that at `at`.
    """
    on = clock.local_date(at)
    chart = fold((_as_recorded(here, entry, at, by) for entry in brings), here.whole)
    status = gate(here, on=on, chart=chart)
    if status is None or status.verdict is Verdict.MET:
        return
    reasons = gate_sentence(here.title, status.findings, Judged(here.protocol, facts(), chart, on))
    raise GateShut(f"{reasons}.", remedy="Nothing was saved. Each reason stands below with the page that settles it.")


def _as_recorded(here: Place, entry: Entry, at: datetime, by: Author | None) -> Recorded[Entry]:
    return Recorded(
        id=f"{here.visit}-{entry.kind}-{label_of(entry)}",
        course=here.course,
        seq=here.whole.seq + 1,
        entry=entry,
        at=at,
        on=clock.local_date(at),
        recorded_at=at,
        by=by.account if by else "",
        role=str(by.role) if by else "",
        device="",
        label=str(label_of(entry)),
        corrects="",
        reason="",
        clock_offset_ms=0,
        previous_hash="",
        hash="",
        clock=clock.local(at).time(),
    )
