"""Courses: opened for a person who is a code, and ended with what became of them."""

from dataclasses import dataclass
from typing import Literal, get_args

from asklepion.core.entries import CourseEnded, CourseOpened
from asklepion.core.errors import BadInput
from asklepion.flows.facts import facts
from asklepion.knowledge.types import Protocol
from asklepion.record import ledger, people, reading
from asklepion.record.ledger import Author, Receipt
from asklepion.record.people import Person
from asklepion.record.reading import Reader

End = Literal["completed", "screen_failed", "withdrew", "discontinued", "lost"]
ENDS: dict[str, str] = {
    "screen_failed": "Screening showed that the treatment is not for this person now",
    "completed": "Completed: every visit of the protocol that was to be held was held",
    "withdrew": "The person does not want to go on",
    "discontinued": "The clinic stopped the course",
    "lost": "Lost: the person could not be reached any more",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """What the page that ends a course shows. `ended` says how it already was, if it was."""

    course: str
    protocol: str
    ended: str


def protocols() -> tuple[Protocol, ...]:
    """Return the protocols on file, by title."""
    return tuple(sorted(facts().protocols.values(), key=lambda protocol: protocol.title))


def open_course(
    protocol: str,
    *,
    by: Author,
    site: str,
    person: Person | None = None,
    simulated: bool = False,
    code: str | None = None,
    id: str | None = None,
) -> Receipt:
    """Begin a course on the present version of a protocol. Who it is about is kept apart, encrypted.

    Raises BadInput for a protocol that is not on file, an empty site or a code that is taken; NotAllowed by role.
    """
    known = facts().protocols.get(protocol)
    if known is None:
        raise BadInput("No such protocol is on file.", where="protocol", remedy="Choose one of the list.")
    if not site.strip():
        raise BadInput("The site is empty.", where="site", remedy="Type the name or number of your site.")
    opened = CourseOpened(known.id, known.version, site.strip(), simulated)
    receipt = ledger.open_course(opened, by=by, code=code or None, id=id)
    if person is not None and (person.name or person.contact or person.born):
        people.save(receipt.course, person)
    return receipt


def ending(course: str, reader: Reader) -> Ending:
    """Return what the page that ends a course shows. Raises UnknownId as for what does not exist."""
    chart = reading.chart(course, reader)
    opened = chart.opened()
    known = facts().protocols.get(opened.entry.protocol) if opened else None
    ended = next(iter(reversed(chart.of(CourseEnded))), None)
    return Ending(course, known.title if known else "", _said(ended.entry) if ended else "")


def _said(ended: CourseEnded) -> str:
    return ENDS.get(ended.how, ended.because or "Why is not told")


def end_course(course: str, how: End, *, by: Author, because: str = "", id: str | None = None) -> Receipt:
    """End a course. Its chart stays readable; nothing more falls due.

    Raises BadInput if it has ended already, or without a reason: only a completed course needs none.
    """
    if how not in get_args(End):
        raise BadInput("This is not one of the ways in which a course ends.", where="how", remedy="Choose one.")
    if how != "completed" and not because.strip():
        raise BadInput("The reason is empty.", where="because", remedy="Say in a few words why the course ends.")
    ended = reading.chart(course, reading.JUDGE).of(CourseEnded)
    if ended and ended[-1].id != id:
        raise BadInput("This course has ended already.", remedy="Retract that entry on the ledger if it was a mistake.")
    return ledger.append(course, CourseEnded(how, because.strip()), by, id=id)
