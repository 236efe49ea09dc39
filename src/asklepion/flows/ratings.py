"""Interviews of blinded raters: by token, course code and scale, and nothing that tells of a visit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from asklepion.core.errors import UnknownId
from asklepion.flows import scales
from asklepion.flows.facts import facts
from asklepion.flows.scales import Sheet
from asklepion.record import clock
from asklepion.record import ratings as record
from asklepion.record.ledger import Author
from asklepion.record.reading import Reader


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview that is due, as the list shows it."""

    token: str
    course: str
    short: str
    title: str


def due(reader: Reader, *, on: date) -> tuple[Interview, ...]:
    """Return the interviews that are due, in an order that tells nothing."""
    known = facts().scales
    found = record.due(reader, on=on)
    return tuple(
        Interview(each.token, each.course, known[each.scale].short, known[each.scale].title)
        for each in found
        if each.scale in known
    )


def start(token: str, *, reader: Reader) -> Sheet:
    """Return the sheet behind a token, without its visit. Raises UnknownId alike for what is not this rater's."""
    behind = record.behind(token, reader, on=clock.today())
    return _blinded(scales.start(behind.course, behind.scale, behind.visit, reader=reader), behind.handed_in)


def answer(token: str, *, item: str, value: int | None, reader: Reader) -> Sheet:
    """Keep one answer and return the sheet with it. Raises HandedIn, BadInput and UnknownId as scales.answer does."""
    behind = record.behind(token, reader, on=clock.today())
    sheet = scales.answer(behind.course, behind.scale, behind.visit, item=item, value=value, reader=reader)
    return _blinded(sheet, behind.handed_in)


def hand_in(token: str, *, by: Author, reader: Reader, answers: Mapping[str, int | None] | None = None) -> None:
    """Score the answers and seal them. What they came to is not said, to this rater neither."""
    behind = record.behind(token, reader, on=clock.today())
    scales.hand_in(behind.course, behind.scale, behind.visit, by=by, reader=reader, answers=answers)


def not_done(token: str, because: str, *, by: Author, reader: Reader) -> None:
    """Record that an interview was not held, and why."""
    behind = record.behind(token, reader, on=clock.today())
    scales.not_done(behind.course, behind.scale, behind.visit, because, by=by, reader=reader)


def _blinded(sheet: Sheet, own: bool) -> Sheet:
    """Return a sheet that tells nothing of its visit, and no answers once it is handed in."""
    if sheet.handed_in is not None and not own:
        raise UnknownId("There is no such interview.")
    answers = {} if sheet.handed_in else sheet.answers
    return replace(sheet, visit="", visit_title="", nth=0, answers=answers)
