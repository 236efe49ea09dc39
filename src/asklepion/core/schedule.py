"""The schedule: a protocol's visits laid on the calendar of one course, and what somebody has to do next.

A window hangs on the day on which its anchor took place and on nothing else, so no earlier visit that moves can make
it drift. Whole local days throughout; what was recorded after `on` is not known on `on`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from asklepion.core.chart import Chart, E, Recorded
from asklepion.core.entries import (
    AnswersGiven,
    ConsentSigned,
    ConsentWithdrawn,
    CourseEnded,
    CourseOpened,
    DoseGiven,
    MedicineDecided,
    ScaleNotDone,
    Signed,
    VisitBooked,
    VisitHeld,
    VisitMissed,
)
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import ConsentState, ConsentStatus, PlannedVisit, Task, VisitState
from asklepion.knowledge.types import ANCHORS, Assessment, Protocol, SignedTest, VisitKind, VisitPlan, Window

_TREATMENT = frozenset({VisitKind.PREPARATION, VisitKind.DOSING})
_OPEN = frozenset({VisitState.DUE, VisitState.LATE})
_ANCHOR_WORDS = {
    "opening": "the opening of the course",
    "consent": "consent",
    "enrolment": "enrolment",
    "first_dose": "the first dose",
    "last_dose": "the last dose",
    "last_visit": "another visit",
}


@dataclass(frozen=True, slots=True)
class _Held:
    """The days on which one visit was held, earliest first, and the entries of the first and the last time."""

    days: tuple[date, ...]
    entry: str = ""
    last: Recorded[VisitHeld] | None = None


@dataclass(frozen=True, slots=True)
class _Course:
    """What took place in one course up to a day: the only thing that windows are counted from.

    `dosing` are the visits that have to be settled before a dose is known to be the last.
    """

    held: Mapping[str, _Held] = field(default_factory=dict)
    missed: Mapping[str, Recorded[VisitMissed]] = field(default_factory=dict)
    booked: Mapping[str, datetime] = field(default_factory=dict)
    anchors: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    dosing: tuple[str, ...] = ()
    stopped: str = ""
    treatment_stopped: str = ""


def plan(protocol: Protocol, chart: Chart, *, on: date) -> tuple[PlannedVisit, ...]:
    """Return every visit of the protocol, in its order, as it stands in this course on a day.

    A visit held more than once hangs on its own first day; a visit that hangs on it, on the last day before it was held
    itself. A missed visit that was booked anew is open again; one that was held after all is held.
    """
    return _laid(protocol, _course(protocol, chart, on), on)


def calendar(protocol: Protocol, anchors: Mapping[str, date], *, on: date) -> tuple[PlannedVisit, ...]:
    """Return the plan as it would be if each visit in `anchors` were held on its day; ANCHORS may be named as well.

    Raises ManyFaults if an anchor is neither a visit of the protocol nor one of ANCHORS.
    """
    visits = {visit.id: visit for visit in protocol.visits}
    known = (*(name for name in ANCHORS if name != "last_visit"), *visits)
    faults = tuple(
        BadInput(f"`{name}` is no anchor of {protocol.id}.", where=name, remedy=f"Use one of: {', '.join(known)}.")
        for name in anchors
        if name not in known
    )
    if faults:
        raise ManyFaults("The plan cannot be counted from that.", faults)
    held = {name: _Held((day,)) for name, day in anchors.items() if name in visits}
    dosing = _dosing(protocol)
    dosed = tuple(sorted(day for name, day in anchors.items() if name in dosing))
    found = {
        "first_dose": dosed[:1],
        "last_dose": dosed,
        "enrolment": _first_held(protocol, held, VisitKind.ENROLMENT),
        **{name: (day,) for name, day in anchors.items() if name not in visits},
    }
    return _laid(protocol, _Course(held=held, anchors=found, dosing=() if "last_dose" in anchors else dosing), on)


def _course(protocol: Protocol, chart: Chart, on: date) -> _Course:
    days: dict[str, list[Recorded[VisitHeld]]] = {}
    for recorded in _until(chart, VisitHeld, on):
        days.setdefault(recorded.entry.visit, []).append(recorded)
    held = {id: _Held(tuple(each.on for each in found), found[0].id, found[-1]) for id, found in days.items()}
    times = {visit.id: visit.times for visit in protocol.visits}
    booked = {recorded.entry.visit: recorded for recorded in _until(chart, VisitBooked, on)}
    missed = {recorded.entry.visit: recorded for recorded in _until(chart, VisitMissed, on)}
    opening = tuple(recorded.on for recorded in _until(chart, CourseOpened, on))
    doses = tuple(sorted(recorded.on for recorded in _until(chart, DoseGiven, on)))
    signed = [s for s in _until(chart, ConsentSigned, on) if s.entry.document == protocol.consent_document]
    has_enrolment = any(visit.kind is VisitKind.ENROLMENT for visit in protocol.visits)
    stopped, treatment_stopped = _stopped(protocol, chart, on)
    return _Course(
        held=held,
        missed={
            id: each for id, each in missed.items() if _stands(each, held.get(id), booked.get(id), times.get(id, 1))
        },
        booked={id: each.entry.starts for id, each in booked.items()},
        anchors={
            "opening": opening,
            "consent": tuple(each.on for each in signed[:1]),
            "enrolment": _first_held(protocol, held, VisitKind.ENROLMENT) if has_enrolment else opening,
            "first_dose": doses[:1],
            "last_dose": doses,
        },
        dosing=_dosing(protocol),
        stopped=stopped,
        treatment_stopped=treatment_stopped,
    )


def _stands(
    missed: Recorded[VisitMissed], held: _Held | None, booked: Recorded[VisitBooked] | None, times: int
) -> bool:
    """Return whether a visit is still missed: neither booked anew since, nor held after all, nor held often enough."""
    if booked and _place(missed) < _place(booked):
        return False
    return held is None or (held.last is not None and len(held.days) < times and _place(held.last) < _place(missed))


def _dosing(protocol: Protocol) -> tuple[str, ...]:
    return tuple(visit.id for visit in protocol.visits if visit.kind is VisitKind.DOSING)


def _until(chart: Chart, kind: type[E], on: date) -> tuple[Recorded[E], ...]:
    return tuple(recorded for recorded in chart.of(kind) if recorded.on <= on)


def _place(recorded: Recorded[E]) -> tuple[datetime, int]:
    return recorded.at, recorded.seq


def _first_held(protocol: Protocol, held: Mapping[str, _Held], kind: VisitKind) -> tuple[date, ...]:
    days = [held[visit.id].days[0] for visit in protocol.visits if visit.kind is kind and visit.id in held]
    return tuple(sorted(days)[:1])


def _stopped(protocol: Protocol, chart: Chart, on: date) -> tuple[str, str]:
    """Return why everything is over, and why treatment is, as sentences; empty where they go on."""
    if _until(chart, CourseEnded, on):
        return "The course has ended.", ""
    document = protocol.consent_document
    signed = [_place(each) for each in _until(chart, ConsentSigned, on) if each.entry.document == document]
    withdrawn = [each for each in _until(chart, ConsentWithdrawn, on) if each.entry.document == document]
    if not withdrawn or (signed and signed[-1] > _place(withdrawn[-1])):
        return "", ""
    if withdrawn[-1].entry.scope == "all":
        return "Consent was withdrawn.", ""
    return "", "Consent to treatment was withdrawn."


def _laid(protocol: Protocol, course: _Course, on: date) -> tuple[PlannedVisit, ...]:
    not_needed = _not_needed(protocol, course, on)
    titles = {visit.id: visit.title for visit in protocol.visits}
    return tuple(_planned(visit, course, not_needed, titles, on=on) for visit in protocol.visits)


def _not_needed(protocol: Protocol, course: _Course, on: date) -> dict[str, str]:
    """Return why each visit that is not needed is not: passed on from anchor to dependant until nothing changes."""
    titles = {visit.id: visit.title for visit in protocol.visits}
    found: dict[str, str] = {}
    left = [visit for visit in protocol.visits if visit.id not in course.held and visit.id not in course.missed]
    grew = True
    while grew:
        grew = False
        for visit in left:
            reason = "" if visit.id in found else _why_not(visit, protocol, course, found, titles=titles, on=on)
            if reason:
                found[visit.id] = reason
                grew = True
    return found


def _why_not(
    visit: VisitPlan,
    protocol: Protocol,
    course: _Course,
    not_needed: Mapping[str, str],
    *,
    titles: Mapping[str, str],
    on: date,
) -> str:
    if course.stopped:
        return course.stopped
    if course.treatment_stopped and visit.kind in _TREATMENT:
        return course.treatment_stopped
    window = _window(visit, course, not_needed)
    if window.anchor in not_needed:
        return f"It belongs to {titles[window.anchor]}, which is not needed."
    if visit.lapses and _is_missed(window.anchor, course):
        return f"It belongs to {titles[window.anchor]}, which was missed."
    doses = course.anchors.get("first_dose") or course.anchors.get("last_dose")
    if window.anchor in ("first_dose", "last_dose") and not doses and not _dose_comes(course, not_needed):
        return "No dose was given, and none is to come."
    closes = _day(_anchor_on(window, visit, course, not_needed), window.closes)
    if not visit.required and closes and closes < on:
        return "It was not required, and its window is over."
    return ""


def _dose_comes(course: _Course, not_needed: Mapping[str, str]) -> bool:
    """Return whether a dosing visit is still to be held."""
    return any(id not in course.held and id not in course.missed and id not in not_needed for id in course.dosing)


def _is_missed(visit: str, course: _Course) -> bool:
    return visit in course.missed and visit not in course.held


def _window(visit: VisitPlan, course: _Course, not_needed: Mapping[str, str]) -> Window:
    """Return the window that counts: the other one, once the anchor of the first will not come."""
    gone = visit.window.anchor in not_needed or _is_missed(visit.window.anchor, course)
    return visit.otherwise if gone and visit.otherwise else visit.window


def _anchor_on(window: Window, visit: VisitPlan, course: _Course, not_needed: Mapping[str, str]) -> date | None:
    """Return the day that a window is counted from: for a visit held, the last such day that was not after it.

    The last dose is not known to be the last while a dosing visit is still to be held.
    """
    days = _anchor_days(window.anchor, visit, course)
    own = course.held.get(visit.id)
    if own and days:
        return max((day for day in days if day <= own.days[0]), default=days[0])
    if window.anchor == "last_dose" and _dose_comes(course, not_needed):
        return None
    return days[-1] if days else None


def _anchor_days(anchor: str, visit: VisitPlan, course: _Course) -> tuple[date, ...]:
    if anchor == "last_visit":
        return tuple(sorted(day for id, held in course.held.items() if id != visit.id for day in held.days))
    return course.held[anchor].days if anchor in course.held else course.anchors.get(anchor, ())


def _day(anchor_on: date | None, days: int | None) -> date | None:
    return None if anchor_on is None or days is None else anchor_on + timedelta(days=days)


def _planned(
    visit: VisitPlan, course: _Course, not_needed: Mapping[str, str], titles: Mapping[str, str], *, on: date
) -> PlannedVisit:
    window = _window(visit, course, not_needed)
    anchor_on = _anchor_on(window, visit, course, not_needed)
    held = course.held.get(visit.id, _Held(()))
    missed = course.missed.get(visit.id)
    opens, closes = _day(anchor_on, window.opens), _day(anchor_on, window.closes)
    if len(held.days) >= visit.times or (held.days and course.stopped):
        state = VisitState.DONE
    elif missed:
        state = VisitState.MISSED
    elif visit.id in not_needed:
        state = VisitState.NOT_NEEDED
    else:
        state = _open_state(anchor_on, opens, closes, on=on, required=visit.required)
    return PlannedVisit(
        id=visit.id,
        number=visit.number,
        title=visit.title,
        kind=visit.kind,
        role=visit.role,
        state=state,
        anchor=window.anchor,
        anchor_on=anchor_on,
        opens=opens,
        nominal=_day(anchor_on, window.nominal),
        closes=closes,
        held_on=held.days,
        booked_at=course.booked.get(visit.id),
        outside_window=bool(held.days) and _outside(held.days[0], opens, closes),
        missed_because=missed.entry.because if missed else "",
        required=visit.required,
        entry=held.entry or (missed.id if missed else ""),
        why=_waits_words(window.anchor, course, titles)
        if state is VisitState.WAITING
        else not_needed.get(visit.id, ""),
    )


def _open_state(
    anchor_on: date | None, opens: date | None, closes: date | None, *, on: date, required: bool
) -> VisitState:
    """Return how a visit stands that is still to be held, or to be held once more."""
    if anchor_on is None:
        return VisitState.WAITING
    if closes and closes < on:
        return VisitState.LATE if required else VisitState.DONE
    return VisitState.AHEAD if opens and on < opens else VisitState.DUE


def _outside(day: date, opens: date | None, closes: date | None) -> bool:
    return bool((opens and day < opens) or (closes and closes < day))


def _waits_words(anchor: str, course: _Course, titles: Mapping[str, str]) -> str:
    name = titles.get(anchor) or _ANCHOR_WORDS[anchor]
    if _is_missed(anchor, course):
        return f"{name} was missed, and the protocol names no other day to count from."
    return f"Waits for {name}."


def tasks(
    protocol: Protocol, plan: Iterable[PlannedVisit], chart: Chart, *, consent: ConsentStatus | None
) -> tuple[Task, ...]:
    """Return what somebody has to do, made anew from the plan and the chart: nothing is kept, so nothing goes stale.

    Consent, signatures and decisions first, then visits in the protocol's order, each with its scales. A visit whose
    anchor is not known makes no task. The caller leaves courses out that have ended.
    """
    planned = tuple(plan)
    begun = next((recorded.on for recorded in chart.of(CourseOpened)), None)
    return (
        *_consent_tasks(consent, begun),
        *_signatures(protocol, planned, chart),
        *_decisions(chart),
        *_visit_tasks(protocol, planned, chart, begun),
    )


def interviews_ahead(protocol: Protocol, plan: Iterable[PlannedVisit], chart: Chart) -> tuple[Task, ...]:
    """Return the sealed scales of visits whose window has not opened: what waits from the day on which it does.

    A rater reads no chart, so their list is kept as rows: it has to hold what opens while nobody records anything.
    """
    settled = _settled(chart)
    return tuple(
        _scale_task(assessment, stands, None)
        for visit, stands in zip(protocol.visits, plan, strict=True)
        if stands.state is VisitState.AHEAD and not stands.held_on
        for assessment in visit.assessments
        if assessment.sealed and (assessment.scale, visit.id) not in settled
    )


def _consent_tasks(consent: ConsentStatus | None, begun: date | None) -> Iterator[Task]:
    match consent.state if consent else None:
        case ConsentState.NEVER_SIGNED if consent and consent.current:
            yield _at_once("consent", consent.document, "Read and sign the consent form", "participant", begun)
        case ConsentState.SIGN_AGAIN if consent and consent.current:
            title = f"Read and sign version {consent.current} of the consent form"
            yield _at_once("consent", consent.document, title, "participant", consent.since)
        case ConsentState.AWAITS_COUNTERSIGNATURE if consent:
            title = "Countersign the consent form"
            yield _at_once("countersign", consent.document, title, "physician", consent.signed_on)


def _signatures(protocol: Protocol, planned: tuple[PlannedVisit, ...], chart: Chart) -> Iterator[Task]:
    """Ask for each signature that a gate asks for, once the visit behind the gate has a day to be held on."""
    given = {(signed.entry.what, signed.role) for signed in chart.of(Signed) if signed.entry.meaning == "approved"}
    wanted = {each.id: each.test for each in protocol.criteria if isinstance(each.test, SignedTest)}
    behind = {
        (wanted[id], visit) for gate in protocol.gates for id in gate.criteria if id in wanted for visit in gate.before
    }
    for stands in planned:
        for test in sorted((test for test, visit in behind if visit == stands.id), key=lambda test: test.what):
            if (stands.state in _OPEN or stands.state is VisitState.AHEAD) and (test.what, test.role) not in given:
                given.add((test.what, test.role))
                title, opens = f"Sign the {test.what}", stands.opens or stands.anchor_on
                yield Task(f"sign:{test.what}", "sign", test.what, "", title, test.role, opens, stands.nominal, None)


def _decisions(chart: Chart) -> Iterator[Task]:
    decided = {recorded.entry.medicine: _place(recorded) for recorded in chart.of(MedicineDecided)}
    for recorded in chart.medicines():
        medicine = recorded.entry.medicine
        is_decided = medicine in decided and _place(recorded) < decided[medicine]
        if not recorded.entry.drug and not is_decided:
            yield _at_once("decision", medicine, f"Decide on {recorded.entry.typed}", "physician", recorded.on)


def _at_once(kind: str, what: str, title: str, role: str, since: date | None) -> Task:
    return Task(f"{kind}:{what}", kind, what, "", title, role, opens=since, due=since, closes=None)


def _visit_tasks(
    protocol: Protocol, planned: tuple[PlannedVisit, ...], chart: Chart, begun: date | None
) -> Iterator[Task]:
    settled = _settled(chart)
    for visit, stands in zip(protocol.visits, planned, strict=True):
        if stands.state in _OPEN or stands.state is VisitState.AHEAD:
            yield _visit_task(visit, stands, begun)
        if stands.state in _OPEN or stands.held_on:
            for assessment in visit.assessments:
                if assessment.required and (assessment.scale, visit.id) not in settled:
                    yield _scale_task(assessment, stands, begun)


def _settled(chart: Chart) -> set[tuple[str, str]]:
    given = {(each.entry.scale, each.entry.visit) for each in chart.of(AnswersGiven)}
    return given | {(each.entry.scale, each.entry.visit) for each in chart.of(ScaleNotDone)}


def _visit_task(visit: VisitPlan, stands: PlannedVisit, begun: date | None) -> Task:
    held = f" ({len(stands.held_on)} of {visit.times} held)" if stands.held_on else ""
    return Task(
        id=f"visit:{visit.id}",
        kind="visit",
        what=visit.id,
        visit=visit.id,
        title=f"{visit.title}{held}",
        role=visit.role,
        opens=stands.opens or begun,
        due=stands.booked_at.date() if stands.booked_at else stands.nominal,
        closes=stands.closes if visit.required else None,
    )


def _scale_task(assessment: Assessment, stands: PlannedVisit, begun: date | None) -> Task:
    """Return the task of one scale. Once its visit was held it is due; it is late when the visit's window is over."""
    first = stands.held_on[0] if stands.held_on else None
    closes = max(stands.closes, first) if stands.closes and first else stands.closes
    return Task(
        id=f"scale:{stands.id}:{assessment.scale}",
        kind="scale",
        what=assessment.scale,
        visit=stands.id,
        title=f"{assessment.scale.upper()}, {stands.title}",
        role=assessment.role or stands.role,
        opens=first or stands.opens or begun,
        due=first or stands.nominal,
        closes=closes if stands.required else None,
    )
