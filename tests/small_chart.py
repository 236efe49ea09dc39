"""A chart made from a few entries: for tests that need a story and no database."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from asklepion.core.chart import Chart, Recorded, fold
from asklepion.core.entries import Entry

DAY = date(2026, 3, 2)


def day(number: int) -> date:
    """Return the day so many days after the first."""
    return DAY + timedelta(days=number)


def instant(number: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return an instant of a day in UTC, which is local time here."""
    return datetime.combine(day(number), time(hour, minute), UTC)


def told(
    entry: Entry,
    at: datetime,
    *,
    seq: int,
    role: str = "coordinator",
    corrects: str = "",
    id: str = "",
) -> Recorded[Entry]:
    """Return one recorded entry. Its id is `e<seq>` unless one is given."""
    return Recorded(
        id=id or f"e{seq}",
        course="AK-0001",
        seq=seq,
        entry=entry,
        at=at,
        on=at.date(),
        recorded_at=at,
        by=role,
        role=role,
        device="server",
        label="open",
        corrects=corrects,
        reason="typed wrongly" if corrects else "",
        clock_offset_ms=0,
        previous_hash="",
        hash=f"h{seq}",
    )


def chart_of(recorded: Iterable[Recorded[Entry]]) -> Chart:
    """Return the chart of recorded entries."""
    return fold(recorded, course="AK-0001")


def chart(*entries: tuple[int, Entry]) -> Chart:
    """Return the chart of entries told as (day, entry), recorded in that order."""
    return chart_of(told(entry, instant(number), seq=seq) for seq, (number, entry) in enumerate(entries, 1))
