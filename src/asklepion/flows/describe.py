"""One plain line for every kind of ledger entry, and the word for its kind."""

from collections.abc import Callable
from datetime import date
from typing import Any

from asklepion.core.chart import Recorded
from asklepion.core.entries import (
    AdverseEvent,
    AnswersGiven,
    ArmAssigned,
    ConsentCountersigned,
    ConsentSigned,
    ConsentWithdrawn,
    ContactMade,
    CourseEnded,
    CourseOpened,
    Dispensed,
    DoseGiven,
    DoseWithheld,
    Entry,
    MedicineDecided,
    MedicineRecorded,
    Note,
    Observed,
    Retracted,
    ScaleNotDone,
    Signed,
    Value,
    VisitBooked,
    VisitHeld,
    VisitMissed,
)
from asklepion.core.values import unit_words
from asklepion.knowledge.types.facts import Facts

KIND_WORDS: dict[str, str] = {
    "course_opened": "Course opened",
    "observed": "Reading",
    "medicine_recorded": "Medicine",
    "medicine_decided": "Decision",
    "consent_signed": "Consent",
    "consent_countersigned": "Countersignature",
    "consent_withdrawn": "Withdrawal",
    "visit_booked": "Plan",
    "visit_held": "Visit",
    "visit_missed": "Missed visit",
    "answers_given": "Score",
    "scale_not_done": "Scale not done",
    "dose_given": "Dose",
    "dose_withheld": "Dose withheld",
    "dispensed": "Dispensing",
    "arm_assigned": "Allocation",
    "adverse_event": "Event",
    "contact_made": "Contact",
    "note": "Note",
    "signed": "Signature",
    "retracted": "Retraction",
    "course_ended": "Course ended",
}
_HOW = {
    "in_person": "in person",
    "video": "by video",
    "telephone": "by telephone",
    "message": "by message",
    "not_told": "on this day; how is not told",
}


def describe(recorded: Recorded[Entry], facts: Facts) -> str:
    """Return one plain line on what an entry says, with names from the facts where they are on file."""
    write: Callable[[Any, Facts], str] = _LINES[type(recorded.entry)]
    return write(recorded.entry, facts)


def kind_of(recorded: Recorded[Entry]) -> str:
    """Return the word for an entry's kind; an entry that replaces another is an amendment."""
    if recorded.corrects and not isinstance(recorded.entry, Retracted):
        return "Amendment"
    return KIND_WORDS[recorded.entry.kind]


def visit_title(visit: str, facts: Facts) -> str:
    """Return the title of a visit by its id; the id itself where no protocol on file has it."""
    for protocol in facts.protocols.values():
        for plan in protocol.visits:
            if plan.id == visit:
                return plan.title
    return visit.replace("-", " ").replace("_", " ").capitalize()


def _at(visit: str, facts: Facts) -> str:
    return f", {visit_title(visit, facts)}" if visit else ""


def _day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def value_words(value: Value, facts: Facts) -> str:
    """Return `Systolic 148 mmHg`, `PTSD for six months: yes`."""
    known = facts.observables.get(value.what)
    title = known.title if known else value.what.replace("_", " ")
    if isinstance(value.value, bool):
        return f"{title}: {'yes' if value.value else 'no'}"
    if isinstance(value.value, str):
        return f"{title}: {value.value.replace('_', ' ')}"
    return f"{title} {_number(value.value)} {unit_words(value.unit)}".rstrip()


def _opened(entry: CourseOpened, facts: Facts) -> str:
    protocol = facts.protocols.get(entry.protocol)
    who = ", a simulated person" if entry.simulated else ""
    title = protocol.title if protocol else entry.protocol
    return f"Course opened on {title}, version {entry.protocol_version}{f', {entry.site}' if entry.site else ''}{who}"


def _observed(entry: Observed, facts: Facts) -> str:
    return "; ".join(value_words(value, facts) for value in entry.values) + _at(entry.visit, facts)


def _medicine(entry: MedicineRecorded, facts: Facts) -> str:
    drug = facts.drugs.get(entry.drug)
    name = entry.typed if drug is None or drug.title.lower() == entry.typed.lower() else f"{entry.typed} ({drug.title})"
    known = "" if drug else ", no fact on file"
    dose = f", {entry.dose}" if entry.dose else ""
    since = f", since {_day(entry.started_on)}" if entry.started_on else ""
    if entry.taking:
        until = f", still taken{since}"
    elif entry.stopped_on:
        until = f"{since}, stopped {_day(entry.stopped_on)}"
    else:
        until = f"{since}, stopped, day unknown"
    return f"{name}{dose}{until}{known}"


def _decided(entry: MedicineDecided, facts: Facts) -> str:
    verdict = "may go on" if entry.decision == "may_go_on" else "stops the course"
    return f"Decision on a medicine: {verdict}. Rests on: {entry.rests_on}. Second person: {entry.second_person}"


def _document(document: str, version: str, facts: Facts) -> str:
    found = (each.title for each in facts.consent_documents if (each.document, each.version) == (document, version))
    return f"{next(found, document)}, version {version}"


def _signed_consent(entry: ConsentSigned, facts: Facts) -> str:
    again = f", {len(entry.wrong_first)} read again" if entry.wrong_first else ""
    right = f"{entry.questions_right} of {entry.questions_asked} questions right{again}"
    return f"Participant signed {_document(entry.document, entry.version, facts)}; {right}"


def _countersigned(entry: ConsentCountersigned, facts: Facts) -> str:
    return f"{entry.printed_name} countersigned {_document(entry.document, entry.version, facts)}"


def _withdrawn(entry: ConsentWithdrawn, facts: Facts) -> str:
    scope = "treatment; follow-up may go on" if entry.scope == "treatment" else "everything"
    return f"Consent withdrawn for {scope}"


def _booked(entry: VisitBooked, facts: Facts) -> str:
    place = f", {entry.room}" if entry.room else ""
    return f"{visit_title(entry.visit, facts)} booked for {_day(entry.starts.date())}, {entry.starts:%H:%M} UTC{place}"


def _held(entry: VisitHeld, facts: Facts) -> str:
    title = entry.title or visit_title(entry.visit, facts)
    lasted = ""
    if entry.ended:
        minutes = round((entry.ended - entry.started).total_seconds() / 60)
        lasted = f", {minutes // 60} h {minutes % 60} min" if minutes >= 60 else f", {minutes} min"
    return f"{title} held {_HOW[entry.how]}{lasted}"


def _missed(entry: VisitMissed, facts: Facts) -> str:
    return f"{visit_title(entry.visit, facts)} missed: {entry.because}"


def _answers(entry: AnswersGiven, facts: Facts) -> str:
    scale = facts.scales.get(entry.scale)
    labels = {rule.id: rule.label for rule in scale.scores} if scale else {}
    given = sum(answer.value is not None for answer in entry.answers)
    held = f"{given} of {len(entry.answers)} answers" if entry.answers else "no answers"
    parts = [scale.short if scale else entry.scale, held, *filter(None, [entry.origin])]
    for score in entry.scores:
        words = f"no score, {score.unscored.rstrip('.')}" if score.value is None else _number(score.value)
        words += " as reported" if score.reported else ""
        parts.append(f"{labels.get(score.id, score.id)} {words}")
    return ", ".join(parts) + _at(entry.visit, facts)


def _not_done(entry: ScaleNotDone, facts: Facts) -> str:
    scale = facts.scales.get(entry.scale)
    return f"{scale.short if scale else entry.scale} not done{_at(entry.visit, facts)}: {entry.because}"


def _dose(entry: DoseGiven, facts: Facts) -> str:
    witness = f", witnessed by {entry.witnessed_by}" if entry.witnessed_by else ""
    part, level = entry.part.capitalize(), f"{_number(entry.level_mg)} mg"
    what = f"level of the schedule {level}" if _blinded(entry.visit, facts) else f"level {level} {entry.salt}"
    return f"{part} dose, {what}{witness}{_at(entry.visit, facts)}"


def _blinded(visit: str, facts: Facts) -> bool:
    """Say whether a session may be one of a blinded protocol: then what was swallowed is not told."""
    return any(
        protocol.blinded and any(plan.id == visit for plan in protocol.visits) for protocol in facts.protocols.values()
    )


def _withheld(entry: DoseWithheld, facts: Facts) -> str:
    return f"{entry.part.capitalize()} dose withheld{_at(entry.visit, facts)}: {entry.because}"


def _dispensed(entry: Dispensed, facts: Facts) -> str:
    return f"Kit {entry.kit}, {entry.content}{_at(entry.visit, facts)}"


def _arm(entry: ArmAssigned, facts: Facts) -> str:
    return f"Assigned to {entry.arm}"


def _event(entry: AdverseEvent, facts: Facts) -> str:
    related = {"related": "related", "not_related": "not related", "unknown": "relation unknown"}[entry.related]
    ended = f" to {_day(entry.ended_on)}" if entry.ended_on else ", not ended"
    serious = ", serious" if entry.serious else ""
    return f"{entry.term}, grade {entry.grade}{serious}, {related}, {_day(entry.started_on)}{ended}"


def _contact(entry: ContactMade, facts: Facts) -> str:
    minutes = f", {entry.minutes} min" if entry.minutes is not None else ""
    return f"Contact {_HOW[entry.how]}, {'reached' if entry.reached else 'not reached'}{minutes}: {entry.about}"


def _note(entry: Note, facts: Facts) -> str:
    return entry.text


def _signature(entry: Signed, facts: Facts) -> str:
    what = "the screening worksheet" if entry.what == "worksheet" else "an entry"
    counts = ""
    if entry.what == "worksheet":
        counts = f": {entry.met} met, {entry.not_met} not met, {entry.unknown} unknown"
    return f"{entry.printed_name} {entry.meaning} {what}{counts}"


def _retracted(entry: Retracted, facts: Facts) -> str:
    return "An entry withdrawn; it stays, struck through, and counts nowhere"


def _ended(entry: CourseEnded, facts: Facts) -> str:
    return f"Course ended: {entry.how.replace('_', ' ')}{f', {entry.because}' if entry.because else ''}"


_LINES: dict[type, Callable[[Any, Facts], str]] = {
    CourseOpened: _opened,
    Observed: _observed,
    MedicineRecorded: _medicine,
    MedicineDecided: _decided,
    ConsentSigned: _signed_consent,
    ConsentCountersigned: _countersigned,
    ConsentWithdrawn: _withdrawn,
    VisitBooked: _booked,
    VisitHeld: _held,
    VisitMissed: _missed,
    AnswersGiven: _answers,
    ScaleNotDone: _not_done,
    DoseGiven: _dose,
    DoseWithheld: _withheld,
    Dispensed: _dispensed,
    ArmAssigned: _arm,
    AdverseEvent: _event,
    ContactMade: _contact,
    Note: _note,
    Signed: _signature,
    Retracted: _retracted,
    CourseEnded: _ended,
}
