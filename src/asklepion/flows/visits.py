"""Visits: booked, missed, held. What a form holds is several entries: all of them are saved, or none."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal, cast, get_args
from uuid import UUID, uuid5

from asklepion.core import readings
from asklepion.core.chart import Recorded
from asklepion.core.entries import CourseEnded, Note, Observed, Value, VisitBooked, VisitHeld, VisitMissed
from asklepion.core.errors import BadInput, ManyFaults, UnknownId
from asklepion.flows.facts import facts
from asklepion.flows.planned import UNSCHEDULED, Place, place, refuse_if_shut
from asklepion.flows.safety import ahead
from asklepion.flows.session import give_dose, record_readings, withhold_dose
from asklepion.flows.visit_page import VisitPage, page
from asklepion.knowledge.types import VisitKind
from asklepion.record import clock, ledger, reading
from asklepion.record.ledger import Author, Receipt

__all__ = [
    "HOW",
    "UNSCHEDULED",
    "VisitPage",
    "book",
    "finish",
    "give_dose",
    "hold",
    "miss",
    "page",
    "record_readings",
    "record_values",
    "withhold_dose",
]

How = Literal["in_person", "video", "telephone"]
HOW: dict[str, str] = {"in_person": "In person", "video": "By video", "telephone": "By telephone"}
Typed = Mapping[str, str | bool | float]
_LONGEST = timedelta(hours=36)
"""Guards against a wrong day only: a session with its night is shorter. Ours, without clinical meaning."""


def book(course: str, visit: str, starts: datetime, *, by: Author, room: str = "", id: str | None = None) -> Receipt:
    """Book a time; a later booking of the same visit replaces it. Raises BadInput for a time that is past."""
    here = _planned(course, visit)
    if not ledger.knows(course, id):
        _refuse_again(here)
        if starts < clock.now():
            raise BadInput(
                "This time is past.", where="starts", remedy="Book a time ahead of us, or record that it was held."
            )
    return ledger.append(course, VisitBooked(visit, starts, room.strip()), by, id=id)


def miss(course: str, visit: str, because: str, *, by: Author, id: str | None = None) -> Receipt:
    """Mark a visit as missed. Raises BadInput without a reason, or if it was held."""
    here = _planned(course, visit)
    if not because.strip():
        raise BadInput("The reason is empty.", where="because", remedy="Say in a few words why it was missed.")
    if not ledger.knows(course, id):
        _refuse_again(here)
    return ledger.append(course, VisitMissed(visit, because.strip()), by, id=id)


def hold(
    course: str,
    visit: str,
    *,
    by: Author,
    started: datetime,
    ended: datetime | None = None,
    how: How = "in_person",
    covered: Iterable[str] = (),
    present: Iterable[str] = (),
    title: str = "",
    values: Typed | None = None,
    note: str = "",
    clock_offset_ms: int = 0,
    id: str | None = None,
) -> Receipt:
    """Record that a visit took place, with the values and the note that came with it: all of it or nothing.

    Raises ManyFaults with every fault, each `where` a field or an observable's id; GateShut with the reasons if the
    gate before the visit was not open then; NotAllowed by role. The same `id` again is the same visit, recorded once.
    """
    here = place(course, visit)
    form = id or ledger.new_id()
    held = VisitHeld(visit, started, ended, " ".join(title.split()), how, tuple(covered), _named(present))
    observed = _checked(here, held, values or {})
    if not ledger.knows(course, form):
        _refuse_again(here)
        refuse_if_shut(here, at=started, by=by, brings=observed.values())
    with ledger.together():
        receipt = ledger.append(course, held, by, at=started, id=form, clock_offset_ms=clock_offset_ms)
        _append_values(course, observed, by=by, at=started, form=form)
        if note.strip():
            ledger.append(course, Note(note.strip(), visit), by, at=started, id=part_id(form, "note"))
    return receipt


def finish(
    course: str,
    held: str,
    ended: datetime,
    *,
    by: Author,
    covered: Iterable[str] = (),
    present: Iterable[str] = (),
    note: str = "",
    id: str | None = None,
) -> Receipt:
    """Record the end of a visit that is under way, named by its entry. It stands in the place of the beginning.

    Raises UnknownId if no such visit is under way, ManyFaults.
    """
    form = id or ledger.new_id()
    beginning, here = _under_way(course, held, form)
    before = beginning.entry
    together = tuple(dict.fromkeys((*before.covered, *covered)))
    whole = replace(before, ended=ended, covered=together, present=_named((*before.present, *present)))
    _checked(here, whole, {})
    with ledger.together():
        receipt = ledger.append(
            course, whole, by, at=beginning.at, id=form, corrects=held, reason="The end of the visit was recorded."
        )
        if note.strip():
            ledger.append(course, Note(note.strip(), before.visit), by, at=ended, id=part_id(form, "note"))
    return receipt


def record_values(
    course: str,
    visit: str,
    values: Typed,
    *,
    by: Author,
    at: datetime | None = None,
    clock_offset_ms: int = 0,
    id: str | None = None,
) -> tuple[Receipt, ...]:
    """Record values that belong to a visit without holding it: what its gate asks for comes first.

    Raises ManyFaults, each `where` an observable's id; BadInput if nothing was typed or `at` lies ahead of us.
    """
    here = place(course, visit)
    form = id or ledger.new_id()
    observed = _observed(here, values)
    if not observed:
        raise BadInput("Nothing was typed, so nothing was saved.", remedy="Fill in at least one value.")
    if at is not None and at > clock.now():
        raise ahead(at, "at")
    if at is not None and (too_early := _before_the_course(here, at, "at")):
        raise too_early
    with ledger.together():
        return _append_values(course, observed, by=by, at=at, form=form, clock_offset_ms=clock_offset_ms)


def part_id(form: str, part: str) -> str:
    """Return the id of a part of a form: sent twice, the parts are the same too. Raises BadInput for no UUID."""
    try:
        return str(uuid5(UUID(form), part))
    except ValueError:
        raise BadInput("The form's id is damaged.", where="id", remedy="Open the page anew and type again.") from None


def _planned(course: str, visit: str) -> Place:
    here = place(course, visit)
    if here.plan is None:
        raise UnknownId("The protocol plans no such visit.", where=visit)
    return here


def _refuse_again(here: Place) -> None:
    """Raise BadInput if a visit that is held once only was held already."""
    if here.plan is None or here.plan.repeatable:
        return
    held = next((each for each in here.whole.of(VisitHeld) if each.entry.visit == here.visit), None)
    if held:
        raise BadInput(
            f"{here.title} was held already, entry {held.seq}.",
            remedy="Correct that entry on the ledger, or record an unscheduled visit.",
        )


def _checked(here: Place, held: VisitHeld, values: Typed) -> dict[str, Observed]:
    """Return the readings of a form by label. Raises ManyFaults with every fault of the whole form."""
    faults = list(_faults(here, held))
    observed: dict[str, Observed] = {}
    try:
        observed = _observed(here, values)
    except ManyFaults as refused:
        faults.extend(refused.faults)
    if faults:
        raise ManyFaults("Nothing of the visit was saved.", tuple(faults))
    return observed


def _faults(here: Place, held: VisitHeld) -> Iterable[BadInput]:
    now = clock.now()
    if held.started > now:
        yield ahead(held.started, "started")
    if held.ended and held.ended > now:
        yield ahead(held.ended, "ended")
    if held.ended and held.ended < held.started:
        yield BadInput("The end lies before the start.", where="ended", remedy="Look at both times.")
    elif held.ended and held.ended - held.started > _LONGEST:
        days = f"{(held.ended - held.started).total_seconds() / 86400:.1f}"
        yield BadInput(f"It would have lasted {days} days.", where="ended", remedy="Look at both days.")
    if too_early := _before_the_course(here, held.started, "started"):
        yield too_early
    over = next((each for each in here.whole.of(CourseEnded) if each.at < held.started), None)
    if over and here.plan:
        remedy = "Record it as an unscheduled visit or a contact."
        yield BadInput(f"The course had ended before that, on {_day(over.on)}.", where="started", remedy=remedy)
    if held.how not in get_args(How):
        yield BadInput("It does not say how it was held.", where="how", remedy="Choose one.")
    if here.plan is None and not held.title:
        yield BadInput("An unscheduled visit needs a title.", where="title", remedy="Say in a few words what it was.")
    listed = {item.id for item in here.plan.checklist} if here.plan else set()
    if not set(held.covered) <= listed:
        yield BadInput("This is not on the list of this visit.", where="covered", remedy="Choose from the list.")


def _before_the_course(here: Place, at: datetime, where: str) -> BadInput | None:
    """Return the fault of a visit on a day before the course was opened: nearly always a wrong year.

    Windows and days between sessions are counted from visits, so that such a slip would open what must stay shut.
    Screening may have begun before anybody opened a course.
    """
    opened = here.whole.opened()
    if opened is None or clock.local_date(at) >= opened.on:
        return None
    if here.plan and here.plan.kind is VisitKind.SCREENING:
        return None
    what = f"This lies before the course was opened, on {_day(opened.on)}."
    return BadInput(what, where=where, remedy="Look at the day and the year.")


def _observed(here: Place, values: Typed) -> dict[str, Observed]:
    """Return typed values as entries, one a label, so that treatment does not hide what is open. Raises ManyFaults."""
    known = facts().observables
    groups: dict[str, list[Value]] = {}
    for value in readings.read(known, values):
        groups.setdefault(known[value.what].label, []).append(value)
    return {
        label: Observed(tuple(taken), visit=here.visit, treatment=label == "treatment")
        for label, taken in groups.items()
    }


def _append_values(
    course: str,
    observed: Mapping[str, Observed],
    *,
    by: Author,
    at: datetime | None,
    form: str,
    clock_offset_ms: int = 0,
) -> tuple[Receipt, ...]:
    return tuple(
        ledger.append(course, entry, by, at=at, id=part_id(form, label), clock_offset_ms=clock_offset_ms)
        for label, entry in observed.items()
    )


def _under_way(course: str, held: str, form: str) -> tuple[Recorded[VisitHeld], Place]:
    """Return a visit without an end, or the one that this form has ended already."""
    found = reading.entry(course, held, reading.JUDGE)
    whole = reading.chart(course, reading.JUDGE)
    stands = any(each.id == held and each.entry.ended is None for each in whole.of(VisitHeld))
    if not isinstance(found.entry, VisitHeld) or not (stands or ledger.knows(course, form)):
        raise UnknownId("No such visit is under way.", where=held)
    return cast("Recorded[VisitHeld]", found), place(course, found.entry.visit)


def _named(people: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in people if each.strip()))


def _day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"
