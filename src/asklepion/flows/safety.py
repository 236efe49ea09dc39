"""Safety: what happened that was not wanted (or was welcome), contacts, and notes."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, get_args

from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import AdverseEvent, ContactMade, Note
from asklepion.core.errors import BadInput, ManyFaults, UnknownId
from asklepion.flows.facts import facts
from asklepion.record import clock, ledger, reading
from asklepion.record.ledger import Author, Receipt
from asklepion.record.reading import Reader

Related = Literal["related", "not_related", "unknown"]
How = Literal["telephone", "video", "message", "in_person"]
GRADES: dict[int, str] = {
    1: "Mild",
    2: "Moderate",
    3: "Severe",
    4: "Life-threatening",
    5: "Death",
}
"""Grades of severity, after the Common Terminology Criteria for Adverse Events (row REP-10 of the facts)."""
_LIFE_THREATENING = 4
RELATED: dict[str, str] = {
    "related": "Related to the treatment",
    "not_related": "Not related",
    "unknown": "Cannot be told yet",
}
HOW: dict[str, str] = {
    "telephone": "By telephone",
    "video": "By video",
    "message": "By message",
    "in_person": "In person",
}


@dataclass(frozen=True, slots=True)
class SafetyPage:
    """What the pages of safety show of one course. `open_events` have not ended, newest first."""

    course: str
    simulated: bool
    open_events: tuple[Recorded[AdverseEvent], ...]


def page(course: str, reader: Reader) -> SafetyPage:
    """Return what stands open. Raises UnknownId as for what does not exist."""
    chart = reading.chart(course, reader)
    opened = chart.opened()
    return SafetyPage(course, bool(opened and opened.entry.simulated), _open(chart))


def open_event(course: str, event: str, reader: Reader) -> Recorded[AdverseEvent]:
    """Return an event that has not ended, by the id of its entry. Raises UnknownId."""
    found = next((each for each in page(course, reader).open_events if each.id == event), None)
    if found is None:
        raise UnknownId("There is no such open event.", where=event)
    return found


def record_event(
    course: str,
    *,
    by: Author,
    term: str,
    grade: int,
    serious: bool,
    started_on: date,
    ended_on: date | None = None,
    related: Related = "unknown",
    special_interest: bool = False,
    welcome: bool = False,
    action: str = "",
    confirmed: bool = False,
    id: str | None = None,
) -> Receipt:
    """Record an event. Grade is how severe it is, serious what it led to: neither follows from the other.

    `confirmed` says that somebody was asked whether what is life-threatening is really not serious.
    Raises ManyFaults with every fault, each `where` a field; NotAllowed by role.
    """
    entry_id = id or ledger.new_id()
    event = AdverseEvent(
        event=entry_id,
        term=" ".join(term.split()),
        grade=grade,
        serious=serious,
        started_on=started_on,
        ended_on=ended_on,
        related=related,
        special_interest=special_interest,
        welcome=welcome,
        action=action.strip(),
    )
    faults = _event_faults(event)
    if grade == _LIFE_THREATENING and not serious and not confirmed:
        what = "Grade 4 is life-threatening, yet it is marked as not serious."
        remedy = "Mark it as serious, or tick that you have looked at both and it is not."
        faults.append(BadInput(what, where="confirmed", remedy=remedy))
    _refuse(faults, "The event was not saved.")
    return ledger.append(course, event, by, id=entry_id)


def end_event(
    course: str,
    event: str,
    ended_on: date,
    *,
    by: Author,
    reason: str,
    action: str = "",
    id: str | None = None,
) -> Receipt:
    """Close an open event, named by the id of its entry, by an amendment that stands in its place.

    Raises UnknownId if there is no such open event, BadInput for an end before its start or ahead of us, or no reason.
    """
    target = reading.entry(course, event, reading.JUDGE)
    if not isinstance(target.entry, AdverseEvent):
        raise UnknownId("There is no such open event.", where=event)
    if not ledger.knows(course, id) and event not in {each.id for each in _open(reading.chart(course, reading.JUDGE))}:
        raise UnknownId("This event has ended already, or was corrected.", where=event)
    ended = replace(target.entry, ended_on=ended_on, action=action.strip() or target.entry.action)
    faults = [fault for fault in _event_faults(ended) if fault.where == "ended_on"]
    if not reason.strip():
        faults.append(BadInput("The reason is empty.", where="reason", remedy="Say how you know that it ended."))
    _refuse(faults, "The end was not saved.")
    return ledger.append(course, ended, by, at=target.at, id=id, corrects=event, reason=reason.strip())


def record_contact(
    course: str,
    *,
    by: Author,
    how: How,
    reached: bool,
    about: str,
    minutes: int | None = None,
    at: datetime | None = None,
    clock_offset_ms: int = 0,
    id: str | None = None,
) -> Receipt:
    """Record a contact, or the try at one. Raises ManyFaults; NotAllowed by role."""
    faults = []
    if how not in get_args(How):
        faults.append(BadInput("It does not say how.", where="how", remedy="Choose one of the four."))
    if not about.strip():
        faults.append(BadInput("It does not say what it was about.", where="about", remedy="A few words are enough."))
    if minutes is not None and minutes < 0:
        faults.append(BadInput("A contact cannot last less than no time.", where="minutes", remedy="Type it again."))
    if at is not None and at > clock.now():
        faults.append(ahead(at, "at"))
    _refuse(faults, "The contact was not saved.")
    entry = ContactMade(how, reached, about.strip(), minutes)
    return ledger.append(course, entry, by, at=at, id=id, clock_offset_ms=clock_offset_ms)


def write_note(
    course: str,
    text: str,
    *,
    by: Author,
    visit: str = "",
    at: datetime | None = None,
    id: str | None = None,
) -> Receipt:
    """Write a note, of a visit or of the course. Raises BadInput if it is empty; NotAllowed by role."""
    if not text.strip():
        raise BadInput("The note is empty.", where="text", remedy="Write something, or leave the page.")
    if at is not None and at > clock.now():
        raise ahead(at, "at")
    return ledger.append(course, Note(text.strip(), visit), by, at=at, id=id)


def event_words(event: AdverseEvent) -> str:
    """Return an event in few words: `Headache, grade 1, mild`."""
    return f"{event.term}, grade {event.grade}, {GRADES[event.grade].lower()}"


def ahead(at: datetime, where: str) -> BadInput:
    """Return the refusal of an instant that the server's clock has not reached."""
    local, now = clock.local(at), clock.local(clock.now())
    same_day = local.date() == now.date()
    shown = f"{now:%H:%M}" if same_day else f"{now.day} {now:%b %Y}, {now:%H:%M}"
    return BadInput(
        f"This lies ahead of us: the server's clock says {shown}.",
        where=where,
        remedy="Type when it happened. If your device shows another time, its clock is wrong.",
    )


def visits(course: str, reader: Reader) -> dict[str, str]:
    """Return the visits to which a note can belong: id and title, those of the protocol in its order."""
    opened = reading.chart(course, reader).opened()
    protocol = facts().protocols.get(opened.entry.protocol) if opened else None
    return {plan.id: plan.title for plan in protocol.visits} if protocol else {}


def _event_faults(event: AdverseEvent) -> list[BadInput]:
    today = clock.today()
    faults = []
    if not event.term:
        faults.append(BadInput("It has no name.", where="term", remedy="Say in a few words what happened."))
    if event.grade not in GRADES:
        faults.append(BadInput("A grade is 1, 2, 3, 4 or 5.", where="grade", remedy="Choose one."))
    if event.grade == max(GRADES) and not event.serious:
        faults.append(BadInput("A death is always serious.", where="serious", remedy="Look at grade and seriousness."))
    if event.related not in RELATED:
        faults.append(BadInput("It does not say whether it is related.", where="related", remedy="Choose one."))
    if event.started_on > today:
        faults.append(BadInput("This day lies ahead of us.", where="started_on", remedy="Give the day it began."))
    if event.ended_on and event.ended_on > today:
        faults.append(BadInput("This day lies ahead of us.", where="ended_on", remedy="Leave it empty until it ends."))
    if event.ended_on and event.ended_on < event.started_on:
        faults.append(BadInput("It ended before it began.", where="ended_on", remedy="Look at both days."))
    return faults


def _refuse(faults: list[BadInput], what: str) -> None:
    if faults:
        raise ManyFaults(what, tuple(faults))


def _open(chart: Chart) -> tuple[Recorded[AdverseEvent], ...]:
    return tuple(each for each in reversed(chart.of(AdverseEvent)) if each.entry.ended_on is None)
