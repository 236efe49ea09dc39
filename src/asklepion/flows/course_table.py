"""A course as a table: every visit planned, held, missed, repeated or unscheduled, and what happened, by day.

Readings of one visit on one day are one row with their range, so that a session with hundreds of them stays readable.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import (
    AdverseEvent,
    AnswersGiven,
    ConsentSigned,
    ConsentWithdrawn,
    ContactMade,
    CourseEnded,
    DoseGiven,
    DoseWithheld,
    Entry,
    MedicineDecided,
    MedicineRecorded,
    Note,
    Observed,
    ScaleNotDone,
    VisitHeld,
    VisitMissed,
)
from asklepion.core.values import PlannedVisit, VisitState
from asklepion.flows.describe import describe, kind_of, visit_title
from asklepion.knowledge.types import Facts

_HAPPENED: tuple[type, ...] = (
    AnswersGiven,
    ScaleNotDone,
    MedicineRecorded,
    MedicineDecided,
    ConsentSigned,
    ConsentWithdrawn,
    DoseGiven,
    DoseWithheld,
    AdverseEvent,
    ContactMade,
    Note,
    CourseEnded,
)
STATE_WORDS = {
    VisitState.DONE: "Held",
    VisitState.MISSED: "Missed",
    VisitState.WAITING: "Waits for an earlier visit",
    VisitState.AHEAD: "Planned",
    VisitState.DUE: "Due",
    VisitState.LATE: "Late",
    VisitState.NOT_NEEDED: "Not needed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `until` is the end of a window or range; `first_seq` 0 means that nothing is recorded yet.

    `visit` is the planned visit that the line is, empty for all else.
    """

    kind: str
    what: str
    day: date | None
    until: date | None
    state: str
    look: str
    first_seq: int
    last_seq: int
    visit: str = ""


def rows(chart: Chart, plan: Iterable[PlannedVisit], facts: Facts) -> tuple[Row, ...]:
    """Return the table in order of day; what has no day yet comes last, in the protocol's order."""
    found = [*_planned(plan, chart), *_extra_visits(chart, facts), *_happened(chart, facts), *_readings(chart, facts)]
    return tuple(sorted(found, key=lambda row: (row.day is None, row.day or date.max, row.first_seq)))


def _planned(plan: Iterable[PlannedVisit], chart: Chart) -> Iterator[Row]:
    missed = {recorded.entry.visit: recorded.seq for recorded in chart.of(VisitMissed)}
    held: dict[str, int] = {}
    for recorded in chart.of(VisitHeld):
        held.setdefault(recorded.entry.visit, recorded.seq)
    for visit in plan:
        seq = held.get(visit.id) or missed.get(visit.id, 0)
        day, until = _days(visit)
        yield Row("Visit", _named(visit), day, until, visit_words(visit), str(visit.state), seq, seq, visit.id)


def visit_words(visit: PlannedVisit) -> str:
    """Return how a planned visit stands: `Held outside its window`, `Missed: phone was lost`."""
    if visit.state is VisitState.DONE:
        return "Held outside its window" if visit.outside_window else "Held"
    if visit.state is VisitState.MISSED:
        return f"Missed: {visit.missed_because}"
    return STATE_WORDS[visit.state]


def _named(visit: PlannedVisit) -> str:
    return f"{visit.number} {visit.title}" if visit.number else visit.title


def _days(visit: PlannedVisit) -> tuple[date | None, date | None]:
    if visit.held_on:
        return visit.held_on[0], None
    return visit.opens or visit.nominal or visit.closes, visit.closes


def _extra_visits(chart: Chart, facts: Facts) -> Iterator[Row]:
    seen: set[str] = set()
    for recorded in chart.of(VisitHeld):
        entry = recorded.entry
        again, unscheduled = entry.visit in seen, entry.visit == "unscheduled"
        seen.add(entry.visit)
        if unscheduled or again:
            title = entry.title or visit_title(entry.visit, facts)
            state = "Unscheduled, held" if unscheduled else "Repeated, held"
            yield Row("Visit", title, recorded.on, None, state, "done", recorded.seq, recorded.seq)


def _happened(chart: Chart, facts: Facts) -> Iterator[Row]:
    for kind in _HAPPENED:
        recorded: Recorded[Entry]
        for recorded in chart.of(kind):
            day, until, state, look = _how(recorded)
            yield Row(kind_of(recorded), describe(recorded, facts), day, until, state, look, recorded.seq, recorded.seq)


def _how(recorded: Recorded[Entry]) -> tuple[date, date | None, str, str]:
    match recorded.entry:
        case AdverseEvent() as event:
            state, look = ("Ended", "done") if event.ended_on else ("Open", "due")
            return event.started_on, event.ended_on, f"Grade {event.grade}, {state.lower()}", look
        case ScaleNotDone() as scale:
            return recorded.on, None, f"Missed: {scale.because}", "missed"
        case ContactMade() as contact:
            return recorded.on, None, "Reached" if contact.reached else "Not reached", "done"
        case _:
            return recorded.on, None, "Recorded", "done"


def _readings(chart: Chart, facts: Facts) -> Iterator[Row]:
    def place(recorded: Recorded[Observed]) -> tuple[date, str]:
        return recorded.on, recorded.entry.visit

    for (day, visit), group in groupby(sorted(chart.of(Observed), key=place), key=place):
        taken = tuple(group)
        where = f"Readings, {visit_title(visit, facts)}" if visit else "Readings"
        seqs = [recorded.seq for recorded in taken]
        what = f"{where}: {describe(taken[0], facts)}" if len(taken) == 1 else f"{where}: {_ranges(taken, facts)}"
        count = "1 entry" if len(taken) == 1 else f"{len(taken)} entries"
        yield Row("Reading", what, day, None, count, "done", min(seqs), max(seqs))


def _ranges(taken: tuple[Recorded[Observed], ...], facts: Facts) -> str:
    numbers: dict[str, list[float]] = {}
    words: dict[str, None] = {}
    for recorded in taken:
        for value in recorded.entry.values:
            title = facts.observables[value.what].title if value.what in facts.observables else value.what
            if isinstance(value.value, bool | str):
                words[title] = None
            else:
                numbers.setdefault(title, []).append(value.value)
    spans = [f"{title} {_range(min(found), max(found))}" for title, found in numbers.items()]
    return ", ".join([*spans, *words])


def _range(lowest: float, highest: float) -> str:
    return f"{lowest:g}" if lowest == highest else f"{lowest:g} to {highest:g}"
