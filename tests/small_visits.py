"""A course of the small protocol of tests/flows/facts, on a clock that a test moves by hand."""

from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asklepion.core.access import Role

OPENED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FACTS = Path(__file__).parent / "flows" / "facts"
COURSE = "AK-0001"


class Clinic:
    """What a test needs of the clinic: its clock, who acts, and the course."""

    course = COURSE

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.now = OPENED

    def at(self, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """Return an instant: a day of the course, 0 that of its opening, and the hour."""
        return OPENED.replace(hour=hour, minute=minute) + timedelta(days=day)

    def move(self, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """Let the clock stand there, in the threads of a live server too."""
        from asklepion.record import clock

        self.now = self.at(day, hour, minute)
        self._monkeypatch.setattr(clock, "_shifted", ContextVar("shifted", default=self.now))
        return self.now

    def by(self, role: Role = Role.FACILITATOR) -> object:
        from asklepion.record.ledger import Author

        return Author(str(role), role)

    def reader(self, role: Role = Role.FACILITATOR) -> object:
        from asklepion.record.reading import Reader

        return Reader(role, str(role), self.course if role is Role.PARTICIPANT else "")

    def chart(self) -> object:
        from asklepion.record import reading

        return reading.chart(self.course, reading.JUDGE)

    def page(self, visit: str, role: Role = Role.FACILITATOR) -> object:
        from asklepion.flows import visits
        from asklepion.record import clock

        return visits.page(self.course, visit, self.reader(role), on=clock.today())

    def hold(self, visit: str = "talk", **more: object) -> object:
        """Hold a visit an hour ago."""
        from asklepion.flows import visits

        given = {"started": self.now - timedelta(hours=1), "by": self.by(), **more}
        return visits.hold(self.course, visit, **given)

    def interview(self, total: float) -> None:
        """Let the blinded rater hand in a sealed interview."""
        from asklepion.core.entries import AnswersGiven, ScoreGiven
        from asklepion.record import ledger

        sealed = AnswersGiven("caps-5", "1", (), (ScoreGiven("total", total),), (), visit="talk", sealed=True)
        ledger.append(self.course, sealed, self.by(Role.RATER))

    def open_session(self) -> None:
        """Hold the talk, then let the clock stand on the day of the session with its gate open."""
        from asklepion.flows import visits

        self.move(4)
        self.hold("talk")
        self.interview(31.0)
        self.move(7)
        visits.record_values(self.course, "session", {"pregnancy-test": "negative"}, by=self.by(), at=self.at(7, 8))


@pytest.fixture
def clinic(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """Return a clinic with one course, opened on day 0, and the clock at that moment."""
    from asklepion.flows import courses
    from asklepion.flows import facts as room

    monkeypatch.setenv("ASKLEPION_FACTS", str(FACTS))
    room.corpus.cache_clear()
    room.facts.cache_clear()
    made = Clinic(monkeypatch)
    made.move(0)
    courses.open_course("small", by=made.by(Role.PHYSICIAN), site="Test", simulated=True, code=COURSE)
    yield made
    room.corpus.cache_clear()
    room.facts.cache_clear()
