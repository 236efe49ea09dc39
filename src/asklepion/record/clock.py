"""What time it is. The one place that reads a clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

_shifted: ContextVar[datetime | None] = ContextVar("shifted", default=None)


def now() -> datetime:
    """Return this instant in UTC."""
    return _shifted.get() or real_now()


def real_now() -> datetime:
    """Return this instant in UTC, also where the clock is shifted: no simulated life runs ahead of it."""
    return datetime.now(UTC)


def today() -> date:
    """Return the clinic's local date."""
    return local_date(now())


def local(at: datetime) -> datetime:
    """Return an instant as the clinic's own clock shows it."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE))


def local_date(at: datetime) -> date:
    """Return the clinic's local date of an instant."""
    return local(at).date()


def at_local(on: date, hours: int = 12, minutes: int = 0) -> datetime:
    """Return the instant of a wall-clock time in the clinic; noon where nobody said when on that day."""
    return datetime(on.year, on.month, on.day, hours, minutes, tzinfo=ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)


def is_shifted() -> bool:
    """Return whether the clock shows another time than now. The ledger of a real person then takes nothing."""
    return _shifted.get() is not None


@contextmanager
def shifted_to(instant: datetime) -> Iterator[None]:
    """Let the clock stand at an aware instant: for tests and for simulated courses only."""
    token = _shifted.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _shifted.reset(token)
