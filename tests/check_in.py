"""A small protocol of check-ins and people who walk it: what tests of questionnaires, outcomes and interviews share."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from django.http import HttpResponse

from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened, DoseGiven, VisitHeld
from asklepion.record import clock, ledger
from asklepion.record.ledger import Author
from asklepion.record.reading import Reader

T = TypeVar("T")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOODS = {"1": 4, "2": 3, "3": 1}


@pytest.fixture
def check_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the process know the facts of tests/check_in_facts beside the shipped ones."""
    from asklepion.flows.facts import corpus, facts

    monkeypatch.setenv("ASKLEPION_FACTS", str(Path(__file__).parent / "check_in_facts"))
    facts.cache_clear()
    corpus.cache_clear()
    yield
    monkeypatch.undo()
    facts.cache_clear()
    corpus.cache_clear()


def author(role: Role) -> Author:
    return Author(str(role), role)


def reader(role: Role, course: str = "") -> Reader:
    return Reader(role, str(role), course)


class Walker:
    """One simulated person of the small protocol, on days counted from the opening of the course."""

    def __init__(self, code: str | None = None, *, simulated: bool = True) -> None:
        with self.on(0) if simulated else _now():
            opened = CourseOpened("check-in", "1", "S1", simulated=simulated)
            self.course = ledger.open_course(opened, by=author(Role.COORDINATOR), code=code).course

    @contextmanager
    def on(self, day: int, hour: int = 0) -> Iterator[None]:
        with clock.shifted_to(START + timedelta(days=day, hours=hour)):
            yield

    def hold(self, visit: str, day: int) -> None:
        with self.on(day):
            ledger.append(self.course, VisitHeld(visit, clock.now()), author(Role.COORDINATOR))
            if visit == "night":
                ledger.append(self.course, DoseGiven(visit, "initial", 80, "HCl"), author(Role.FACILITATOR))

    def answers(self, scale: str, visit: str, day: int, values: Mapping[str, int | None], role: Role) -> object:
        from asklepion.flows import scales

        with self.on(day, hour=1):
            own = self.course if role is Role.PARTICIPANT else ""
            return scales.hand_in(self.course, scale, visit, by=author(role), reader=reader(role, own), answers=values)


@contextmanager
def _now() -> Iterator[None]:
    yield


def whole_course(code: str | None = None) -> Walker:
    """Return a person with moods 8 before the night and 4 a week after, none a month later, and a sealed interview."""
    person = Walker(code)
    person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    person.answers("held", "intake", 3, {"1": 4, "2": 3}, Role.RATER)
    person.hold("intake", 4)
    person.hold("night", 18)
    person.hold("after", 25)
    person.answers("moods", "after", 25, {"1": 2, "2": 1, "3": 1}, Role.PARTICIPANT)
    person.hold("late", 46)
    return person


def at_day(monkeypatch: pytest.MonkeyPatch, day: int, walk: Callable[[], T] = Walker) -> T:
    """Let the pages live on a day of the small protocol, two hours after it opens, and return whom `walk` makes."""
    found = walk()
    moment = START + timedelta(days=day, hours=2)
    monkeypatch.setattr(clock, "now", lambda: clock._shifted.get() or moment)
    monkeypatch.setattr(clock, "is_shifted", lambda: True)
    return found


def words(answer: HttpResponse) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
