"""The chart as a fold: the latest value up to a day, all of them, and what was struck."""

from datetime import UTC, datetime

from asklepion.core.chart import Chart, Recorded, fold
from asklepion.core.entries import CourseOpened, Entry, Note, Observed, Retracted, Value


def recorded(seq: int, entry: Entry, *, day: int, corrects: str = "") -> Recorded[Entry]:
    at = datetime(2026, 11, day, 9, tzinfo=UTC)
    return Recorded(
        *(f"e{seq}", "AK-0001", seq, entry, at, at.date(), at, "p", "physician", "test", "open", corrects),
        *("because" if corrects else "", 0, "", ""),
    )


WEIGHED = [recorded(day, Observed((Value("weight", 70.0 + day, "kg"),)), day=day) for day in (1, 2, 3)]


def test_the_latest_value_up_to_a_day_is_the_one_that_counts() -> None:
    chart = fold(WEIGHED)
    latest = chart.observed("weight")
    assert latest is not None
    assert (latest.value, latest.on.day) == (73.0, 3)
    before = chart.observed("weight", WEIGHED[1].on)
    assert before is not None
    assert before.value == 72.0
    assert chart.observed("height") is None
    assert chart.observed("weight", datetime(2026, 10, 1, tzinfo=UTC).date()) is None


def test_every_value_is_there_earliest_first() -> None:
    assert [each.value for each in fold(reversed(WEIGHED)).observations("weight")] == [71.0, 72.0, 73.0]


def test_what_is_retracted_counts_nowhere_and_is_named() -> None:
    chart = fold([*WEIGHED, recorded(4, Retracted(), day=4, corrects="e3")])
    assert [each.value for each in chart.observations("weight")] == [71.0, 72.0]
    assert dict(chart.struck) == {"e3": "e4"}


def test_an_amendment_stands_in_the_place_of_what_it_corrects() -> None:
    instead = recorded(4, Observed((Value("weight", 80.0, "kg"),)), day=2, corrects="e2")
    assert [each.value for each in fold([*WEIGHED, instead]).observations("weight")] == [71.0, 80.0, 73.0]


def test_the_fold_is_the_same_whole_or_in_pieces() -> None:
    entries = [*WEIGHED, recorded(4, Note("n"), day=3), recorded(5, Retracted(), day=4, corrects="e1")]
    pieces = Chart("AK-0001")
    for entry in entries:
        pieces = fold([entry], pieces)
    assert pieces == fold(entries, Chart("AK-0001"))


def test_a_course_begins_with_its_opening() -> None:
    opening = recorded(1, CourseOpened("p", "1", "site"), day=1)
    assert fold([opening, *WEIGHED]).opened() == opening
    assert fold(WEIGHED).opened() is None
