"""Who a code is: kept apart from the chart, looked up, corrected, forgotten. Each time leaves a line in the log."""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime

from asklepion.core.access import NAMES
from asklepion.core.errors import AsklepionError, BadInput, ManyFaults, NotAllowed, UnknownId
from asklepion.record import clock, people, reading
from asklepion.record.ledger import Author
from asklepion.record.people import Person

_log = logging.getLogger("asklepion.people")
"""Says which code, what was done and by whom. It never says a name."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the page on a person shows. `unreadable` says why nothing can be read, `edition` which keeping this is."""

    course: str
    simulated: bool
    person: Person | None
    forgotten_at: datetime | None
    unreadable: str
    edition: str

    @property
    def kept(self) -> bool:
        """Return whether somebody is kept, readable or not."""
        return bool(self.edition) and self.forgotten_at is None

    @property
    def born_on(self) -> date | None:
        return date.fromisoformat(self.person.born) if self.person and self.person.born else None


def page(course: str, *, by: Author) -> Page:
    """Return who a code is, and note in the log who looked. Raises UnknownId as for what does not exist."""
    simulated = _there(course, by)
    edition, forgotten_at = people.edition(course), people.forgotten_at(course)
    try:
        person, unreadable = people.find(course), ""
    except AsklepionError as fault:
        person, unreadable = None, f"{fault.what} {fault.remedy}"
    if person is not None:
        _note(course, "shown", by)
    return Page(course, simulated, person, forgotten_at, unreadable, edition)


def standing(course: str, *, by: Author) -> Page:
    """Return whether somebody is kept or was forgotten, and read no name. Raises UnknownId as `page` does."""
    simulated = _there(course, by)
    edition, forgotten_at = people.edition(course), people.forgotten_at(course)
    return Page(course, simulated, None, forgotten_at, "", edition)


def keep(course: str, person: Person, *, edition: str, by: Author) -> None:
    """Keep who a course is about, whole, in the place of what was kept; the name under signatures stays as it was.

    `edition` is what was shown when it was typed. Raises ManyFaults by field, BadInput if it was changed or forgotten
    meanwhile, UnknownId as `page` does, AsklepionError if what is kept cannot be read.
    """
    _there(course, by)
    typed = Person(" ".join(person.name.split()), person.contact.strip(), person.born.strip())
    if faults := _faults(typed):
        raise ManyFaults("It was not kept.", faults)
    kept = people.find(course)
    typed = replace(typed, signed_as=kept.signed_as if kept else "")
    if typed == kept:
        return
    if edition != people.edition(course):
        remedy = "Open the page again and look at what stands there now."
        raise BadInput("It was changed or forgotten while you typed. Nothing was saved.", remedy=remedy)
    people.save(course, typed)
    _note(course, "corrected" if kept else "kept", by)


def forget(course: str, typed: str, *, by: Author) -> None:
    """Destroy who a code is. The ledger stays whole. The code, typed again, says that the right person is meant.

    Raises BadInput if another code was typed, UnknownId if nobody is kept or the person was forgotten already.
    """
    if not standing(course, by=by).kept:
        raise UnknownId("Nobody is kept under this course.", where=course)
    if typed.strip() != course:
        raise BadInput("This is not the code of this course.", where="typed", remedy=f"Type {course}.")
    people.forget(course)
    _note(course, "forgotten", by)


def _there(course: str, by: Author) -> bool:
    """Return whether a course is simulated. Raises UnknownId if there is none, NotAllowed by role."""
    if by.role not in NAMES:
        raise NotAllowed(f"A {by.role.replace('_', ' ')} may not know who a code is.")
    opened = reading.chart(course, reading.JUDGE).opened()
    return bool(opened and opened.entry.simulated)


def _faults(person: Person) -> tuple[BadInput, ...]:
    if not (person.name or person.contact or person.born):
        remedy = "Type at least a name. To keep nobody, let the person be forgotten."
        return (BadInput("All of it is empty.", where="name", remedy=remedy),)
    if not person.born:
        return ()
    try:
        ahead = date.fromisoformat(person.born) > clock.today()
    except ValueError:
        return (BadInput("This is no day.", where="born", remedy="Type it as 1980-02-01."),)
    return (BadInput("This day lies ahead of us.", where="born", remedy="Look at the year."),) if ahead else ()


def _note(course: str, what: str, by: Author) -> None:
    _log.info("Who %s is: %s, by %s (%s)", course, what, by.account, by.role.replace("_", " "))
