"""What pages over many people read of one course: where it stands, what comes next, which days its gate allows.

A pure composition over a chart with all labels. It runs inside every append, so it judges the next gate only, and it
stores dates and spans, never a verdict of today: a row is as right next week as it was when it was written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from asklepion.core import consent as consents
from asklepion.core import outcomes, readiness, schedule
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import AdverseEvent, CourseEnded, CourseOpened
from asklepion.core.errors import UnknownId
from asklepion.core.values import ConsentStatus, Finding, GateStatus, PlannedVisit, Span, Task
from asklepion.flows import alerts
from asklepion.flows.facts import facts
from asklepion.flows.score_rows import kept_scores, main_score, shown_scores
from asklepion.knowledge.types import Facts, Protocol, Scale, VisitKind
from asklepion.record.projection import (
    INTERVIEW,
    Blocked,
    CourseRow,
    Phase,
    ProjectedTask,
    Projection,
    ScoreRow,
    SessionDay,
)

_ENDS = {
    "completed": "Course completed",
    "screen_failed": "Ended at screening",
    "withdrew": "Ended: withdrew",
    "discontinued": "Ended: discontinued",
    "lost": "Ended: lost to follow-up",
    "not_told": "Ended: why is not told",
}
_BEYOND = {
    "reliable": "Reliable change",
    "minimal": "More than the smallest important change",
    "detectable": "More than the smallest detectable change",
}
_WITHIN = {
    "reliable": "Within noise",
    "minimal": "Less than the smallest important change",
    "detectable": "Within noise",
}
_BEFORE_ENROLMENT = frozenset({VisitKind.SCREENING, VisitKind.CONTACT})


def project(chart: Chart) -> Projection:
    """Return the rows that pages over many people read of this course.

    Raises UnknownId if the course follows a protocol that is not on file.
    """
    opened = chart.opened()
    if opened is None:
        raise UnknownId("This course has no opening entry.", where=chart.course, remedy="Open the course first.")
    known = facts()
    protocol = _protocol(opened, known)
    on = last_entry_on(chart)
    status = consent_status(protocol, known, chart, on=on)
    plan = schedule.plan(protocol, chart, on=on)
    ended = next(iter(reversed(chart.of(CourseEnded))), None)
    tasks = () if ended else steps(protocol, known, chart, plan, consent=status)
    interviews = () if ended else _interviews(protocol, chart, plan, consent=status)
    gate = None if ended else next_gate(protocol, known, chart, plan, on=on, consent=status)
    scores = shown_scores(protocol, known, chart)
    return Projection(
        row=_row(chart, opened, protocol, plan, tasks, gate=gate, status=status, scores=scores, known=known),
        tasks=tuple(_task(task, gate, protocol) for task in (*tasks, *interviews)),
        scores=kept_scores(protocol, known, chart),
    )


def steps(
    protocol: Protocol, known: Facts, chart: Chart, plan: tuple[PlannedVisit, ...], *, consent: ConsentStatus | None
) -> tuple[Task, ...]:
    """Return what waits in one course: who has to be spoken with, then what the schedule asks for.

    A scale that staff or a rater fill in at a visit still to be held is part of that visit and no step of its own.
    """
    tasks = (*alerts.tasks(chart, known), *schedule.tasks(protocol, plan, chart, consent=consent))
    to_hold = {task.what for task in tasks if task.kind == "visit"}
    return tuple(
        task for task in tasks if task.kind != "scale" or task.visit not in to_hold or task.role == "participant"
    )


def _interviews(
    protocol: Protocol, chart: Chart, plan: tuple[PlannedVisit, ...], *, consent: ConsentStatus | None
) -> tuple[Task, ...]:
    """Return the interviews of visits still to be held, for the rater's list only: nobody else's step of their own."""
    tasks = schedule.tasks(protocol, plan, chart, consent=consent)
    to_hold = {task.what for task in tasks if task.kind == "visit"}
    within = (task for task in tasks if task.kind == "scale" and task.visit in to_hold and _is_sealed(task, protocol))
    found = (*within, *schedule.interviews_ahead(protocol, plan, chart))
    return tuple(replace(task, id=f"{INTERVIEW}{task.id}") for task in found)


def last_entry_on(chart: Chart) -> date:
    """Return the day of the latest effective entry: the only `on` a projection may use."""
    return max(recorded[-1].on for recorded in chart.kinds.values() if recorded)


def consent_status(protocol: Protocol, known: Facts, chart: Chart, *, on: date) -> ConsentStatus | None:
    """Return how consent stands, or None where the protocol asks for none."""
    if not protocol.consent_document:
        return None
    documents = tuple(each for each in known.consent_documents if each.document == protocol.consent_document)
    return consents.status(documents, chart, on=on) if documents else None


def next_gated(protocol: Protocol, plan: Iterable[PlannedVisit]) -> PlannedVisit | None:
    """Return the first visit, in the protocol's order, that stands behind a gate and is neither held nor missed."""
    gated = {visit for gate in protocol.gates for visit in gate.before}
    return next((visit for visit in plan if visit.id in gated and not visit.held_on and not visit.missed_because), None)


def next_gate(
    protocol: Protocol,
    known: Facts,
    chart: Chart,
    plan: tuple[PlannedVisit, ...],
    *,
    on: date,
    consent: ConsentStatus | None,
) -> GateStatus | None:
    """Return the gate before the next gated visit, judged on `on`; None where no gate is ahead."""
    visit = next_gated(protocol, plan)
    if visit is None:
        return None
    return readiness.gate_for(visit.id, protocol, known, chart, plan, on=on, consent=consent)


def gate_span(findings: Iterable[Finding]) -> Span | None:
    """Return the days on which every finding is met if nothing more is recorded; None if there is no such day."""
    span = Span()
    for finding in findings:
        if finding.met_on is None:
            return None
        span = span.both(finding.met_on)
    return None if span.first and span.last and span.last < span.first else span


def change_words(scale: Scale, first: float, last: float) -> str:
    """Return what the change from first to last is worth by the scale's chosen band: `Reliable change, −19`.

    A change for the worse says so.
    """
    change = outcomes.change(scale, main_score(scale), first, last)
    signed = f"{change.points:+.4g}".replace("-", "\N{MINUS SIGN}") if change.points else "0"
    if change.band is None:
        return f"Change {signed}, no band on file"
    if change.verdict == "not_reliable":
        return f"{_WITHIN[change.band.kind]}, {signed}"
    worse = " for the worse" if change.verdict == "worse" else ""
    return f"{_BEYOND[change.band.kind]}{worse}, {signed}"


def phase_of(protocol: Protocol, plan: Iterable[PlannedVisit], *, ended: bool) -> Phase:
    """Return the part of the course that a plan has reached."""
    if ended:
        return "ended"
    visits = tuple(plan)
    if not any(visit.held_on and visit.kind not in _BEFORE_ENROLMENT for visit in visits):
        return "screening"
    in_sessions = [visit for visit in visits if visit.kind in (VisitKind.DOSING, VisitKind.INTEGRATION)]
    if not any(_settled(visit) for visit in in_sessions if visit.kind is VisitKind.DOSING) and in_sessions:
        return "preparing"
    return "sessions" if any(visit.required and not _settled(visit) for visit in in_sessions) else "follow_up"


def where_text(plan: tuple[PlannedVisit, ...], phase: Phase, *, ended: CourseEnded | None) -> str:
    """Return where the course stands in a few words that no passing day makes wrong."""
    if ended:
        return _ENDS[ended.how]
    match phase:
        case "screening":
            return "Screening"
        case "preparing":
            return _preparation(plan)
        case "sessions":
            return _between_sessions(plan)
        case _:
            return "Follow-up"


def _preparation(plan: tuple[PlannedVisit, ...]) -> str:
    visits = [visit for visit in plan if visit.kind is VisitKind.PREPARATION]
    held = sum(1 for visit in visits if _settled(visit))
    if not visits or held == 0:
        return "Enrolled"
    return f"Preparation {held} of {len(visits)}" if held < len(visits) else "Prepared for session 1"


def _between_sessions(plan: tuple[PlannedVisit, ...]) -> str:
    dosing = [visit for visit in plan if visit.kind is VisitKind.DOSING]
    held = [number for number, visit in enumerate(dosing, 1) if visit.held_on]
    number = held[-1] if held else 0
    if not number:
        return "Session 1 missed"
    place = plan.index(dosing[number - 1])
    later = plan.index(dosing[number]) if number < len(dosing) else len(plan)
    talks = [visit for visit in plan[place:later] if visit.kind is VisitKind.INTEGRATION]
    done = sum(1 for visit in talks if _settled(visit))
    if done and done < len(talks):
        return f"Integration {done} of {len(talks)} after session {number}"
    if done and number < len(dosing):
        return f"Between sessions {number} and {number + 1}"
    return f"After session {number}"


def _settled(visit: PlannedVisit) -> bool:
    return bool(visit.held_on or visit.missed_because)


def _row(
    chart: Chart,
    opened: Recorded[CourseOpened],
    protocol: Protocol,
    plan: tuple[PlannedVisit, ...],
    tasks: tuple[Task, ...],
    *,
    gate: GateStatus | None,
    status: ConsentStatus | None,
    scores: tuple[ScoreRow, ...],
    known: Facts,
) -> CourseRow:
    ended = next((recorded for recorded in reversed(chart.of(CourseEnded))), None)
    phase = phase_of(protocol, plan, ended=ended is not None)
    upcoming = min(tasks, key=soonest, default=None)
    expected = expected_days(protocol, plan, opened.on)
    span = gate_span(gate.findings) if gate else None
    return CourseRow(
        course=chart.course,
        protocol=protocol.id,
        title=protocol.short,
        phase=phase,
        where=where_text(plan, phase, ended=ended.entry if ended else None),
        simulated=opened.entry.simulated,
        next_task=upcoming.id if upcoming else "",
        next_title=upcoming.title if upcoming else "",
        next_role=upcoming.role if upcoming else "",
        next_opens=upcoming.opens if upcoming else None,
        next_due=upcoming.due if upcoming else None,
        next_closes=upcoming.closes if upcoming else None,
        gated=bool(gate and upcoming and upcoming.kind == "visit" and upcoming.what == gate.visit),
        gate_shut_never_opens=gate is not None and span is None,
        gate_opens=span.first if span else None,
        gate_closes=span.last if span else None,
        blocked_by=tuple(_blocked(finding) for finding in gate.findings) if gate else (),
        sessions=tuple(_session(visit, expected) for visit in plan if visit.kind is VisitKind.DOSING),
        first_score=scores[0].value if scores else None,
        last_score=scores[-1].value if len(scores) > 1 else None,
        score_text=_score_text(protocol, known, scores),
        enrolled_on=_enrolled_on(plan, opened),
        ends_on=ended.on if ended else max(expected.values(), default=None),
        open_events=sum(1 for event in chart.of(AdverseEvent) if event.entry.ended_on is None),
        consent_version=status.signed if status else "",
        search=" ".join((chart.course, protocol.short, opened.entry.site)).lower(),
    )


def expected_days(
    protocol: Protocol, plan: tuple[PlannedVisit, ...], opened_on: date, *, not_before: date = date.min
) -> dict[str, date]:
    """Return when each visit was held, is booked, or is to be expected if every visit before it keeps its day.

    What was not held is expected on `not_before` or later. For drawing only: a window is never computed from an
    expected day, since schedule knows a date or says that it does not.
    """
    days: dict[str, date] = {}
    previous = opened_on
    for visit, planned in zip(protocol.visits, plan, strict=True):
        anchor = _anchor_day(visit.window.anchor, protocol, days, previous=previous, opened_on=opened_on)
        day = visit_day(planned) or max(previous, anchor + timedelta(days=visit.window.nominal))
        days[visit.id] = day if planned.held_on else max(day, not_before)
        if visit.kind is not VisitKind.FOLLOW_UP:
            previous = day
    return days


def visit_day(planned: PlannedVisit) -> date | None:
    """Return the day on which a visit was held or is booked, else its nominal day, if that is known."""
    if planned.held_on:
        return planned.held_on[0]
    return planned.booked_at.date() if planned.booked_at else planned.nominal


def _anchor_day(anchor: str, protocol: Protocol, days: dict[str, date], *, previous: date, opened_on: date) -> date:
    kinds = {"enrolment": VisitKind.ENROLMENT, "first_dose": VisitKind.DOSING, "last_dose": VisitKind.DOSING}
    if anchor in days:
        return days[anchor]
    if anchor == "last_visit":
        return previous
    found = [days[visit.id] for visit in protocol.visits if visit.kind is kinds.get(anchor) and visit.id in days]
    if not found:
        return previous if anchor != "consent" else opened_on
    return found[-1] if anchor == "last_dose" else found[0]


def _task(task: Task, gate: GateStatus | None, protocol: Protocol) -> ProjectedTask:
    """Return a task as a row. What is sealed is the blinded rater's, whoever leads the visit."""
    return ProjectedTask(
        task=task.id,
        kind=task.kind,
        what=task.what,
        visit=task.visit,
        title=task.title,
        role="rater" if task.kind == "scale" and _is_sealed(task, protocol) else task.role,
        opens=task.opens,
        due=task.due,
        closes=task.closes,
        gated=bool(gate and task.kind == "visit" and task.what == gate.visit),
    )


def _is_sealed(task: Task, protocol: Protocol) -> bool:
    planned = next((visit for visit in protocol.visits if visit.id == task.visit), None)
    return any(each.scale == task.what and each.sealed for each in planned.assessments) if planned else False


def soonest(task: Task) -> tuple[bool, date, date, str]:
    """Order tasks: what a person must look at today before all that is due, however long."""
    return not task.id.startswith("alert:"), task.due or task.closes or date.max, task.opens or date.max, task.id


def _score_text(protocol: Protocol, known: Facts, scores: tuple[ScoreRow, ...]) -> str:
    if not scores:
        return "No reading yet"
    if len(scores) == 1:
        return "One reading only"
    first, last = scores[0].value or 0, scores[-1].value or 0  # shown scores are scored: never None
    return change_words(known.scales[protocol.shown_scale], first, last)


def _blocked(finding: Finding) -> Blocked:
    """Return what a finding shuts and the days on which it does not: any day is judged from it without a fold."""
    if finding.met_on is None:
        return Blocked(finding.title, ever=False)
    return Blocked(finding.title, finding.met_on.first, finding.met_on.last)


def _session(visit: PlannedVisit, expected: Mapping[str, date]) -> SessionDay:
    planned = None if visit.missed_because else expected.get(visit.id)
    return SessionDay(planned, visit.held_on[0] if visit.held_on else None)


def _enrolled_on(plan: tuple[PlannedVisit, ...], opened: Recorded[CourseOpened]) -> date | None:
    """Return the day of the enrolment visit; a protocol that has none counts from the opening of the course."""
    enrolments = [visit for visit in plan if visit.kind is VisitKind.ENROLMENT]
    if not enrolments:
        return opened.on
    return next((visit.held_on[0] for visit in enrolments if visit.held_on), None)


def _protocol(opened: Recorded[CourseOpened], known: Facts) -> Protocol:
    protocol = known.protocols.get(opened.entry.protocol)
    if protocol is None:
        raise UnknownId(
            f"No protocol `{opened.entry.protocol}` is on file.",
            where=opened.course,
            remedy="Put its file back into facts/protocols.",
        )
    return protocol
