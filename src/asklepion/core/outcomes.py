"""Outcomes: scores over time with their gaps, what a change is worth, and whether somebody responded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from asklepion.core.chart import Chart
from asklepion.core.entries import AnswersGiven, DoseGiven, ScaleNotDone, VisitMissed
from asklepion.core.values import PlannedVisit, VisitState
from asklepion.knowledge.types import ChangeBand, Protocol, ResponseRule, Scale

_ROUNDING = 1e-9
"""What adding thirds may be off by; far below any point of any scale."""


@dataclass(frozen=True, slots=True)
class Point:
    """A scale that was given. `value` None has `why`. `reported` says that the number was computed elsewhere."""

    on: date
    visit: str
    value: float | None
    why: str
    seq: int
    id: str
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A planned giving of a scale that is not there, and why. `on` None: no day is known for it or any visit before."""

    visit: str
    title: str
    on: date | None
    why: str


@dataclass(frozen=True, slots=True)
class Series:
    """One score of one person over time. `order` is the protocol's order of visits, for days that bear several."""

    scale: str
    score: str
    points: tuple[Point, ...]
    gaps: tuple[Gap, ...]
    sessions: tuple[date, ...]
    order: tuple[str, ...] = ()

    @property
    def scored(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.value is not None)

    def runs(self) -> tuple[tuple[Point, ...], ...]:
        """Return the stretches that may be joined by a line: no gap and no unscored giving lies inside one."""
        marks: list[Point | Gap] = [*self.points, *self.gaps]
        runs: list[list[Point]] = [[]]
        for mark in sorted(marks, key=self._place):
            if isinstance(mark, Point) and mark.value is not None:
                runs[-1].append(mark)
            elif runs[-1]:
                runs.append([])
        return tuple(tuple(run) for run in runs if run)

    def _place(self, mark: Point | Gap) -> tuple[date, int, int]:
        place = self.order.index(mark.visit) if mark.visit in self.order else len(self.order)
        return mark.on or date.min, place, mark.seq if isinstance(mark, Point) else -1


@dataclass(frozen=True, slots=True)
class Change:
    """Last minus first, in points, held against the scale's chosen band, if it has one for this score."""

    points: float
    band: ChangeBand | None
    verdict: Literal["better", "worse", "not_reliable", "no_band"]


def series(chart: Chart, scale: Scale, score: str, *, plan: Sequence[PlannedVisit], protocol: Protocol) -> Series:
    """Return one score over time. Where the plan asks for the scale and it was not given, there is a gap with a reason.

    `chart` holds what the reader may see; a sealed result that they may not see is a gap like any other.
    """
    points = tuple(_points(chart, scale, score))
    asked = {
        visit.id: visit.repeatable
        for visit in protocol.visits
        if any(each.scale == scale.id for each in visit.assessments)
    }
    return Series(
        scale=scale.id,
        score=score,
        points=points,
        gaps=tuple(_gaps(chart, scale, points, plan=plan, asked=asked)),
        sessions=tuple(sorted({dose.on for dose in chart.of(DoseGiven)})),
        order=tuple(visit.id for visit in protocol.visits),
    )


def change(scale: Scale, score: str, first: float, last: float) -> Change:
    """Return what a change is worth by the scale's chosen band. A change of exactly the band's points counts."""
    points = last - first
    band = next((each for each in scale.change if each.score == score and each.chosen), None)
    if band is None:
        return Change(points, None, "no_band")
    if abs(points) < band.points - _ROUNDING:
        return Change(points, band, "not_reliable")
    return Change(points, band, "better" if (points < 0) == scale.higher_is_worse else "worse")


def responded(rule: ResponseRule, first: float | None, last: float | None, category: str | None = None) -> bool | None:
    """Return whether a rule of response is met, None where that cannot be told.

    `category` is the value of the rule's classification at the later time, None if unknown. One part that fails settles
    the rule even where another part is unknown.
    """
    parts = tuple(_parts(rule, first, last, category))
    if False in parts:
        return False
    return None if None in parts or not parts else True


def lost_diagnosis(first: str | None, last: str | None, *, diagnosis: str) -> bool | None:
    """Return whether somebody who had a diagnosis at first no longer has it; None where either is unknown.

    Somebody who never had it has not lost it: count losses among those who had it.
    """
    if first is None or last is None:
        return None
    return first == diagnosis and last != diagnosis


def _points(chart: Chart, scale: Scale, score: str) -> Iterator[Point]:
    for given in chart.of(AnswersGiven):
        if given.entry.scale != scale.id:
            continue
        found = next((each for each in given.entry.scores if each.id == score), None)
        yield Point(
            on=given.on,
            visit=given.entry.visit,
            value=found.value if found else None,
            why=found.unscored if found else "This score was not computed when the scale was given.",
            seq=given.seq,
            id=given.id,
            reported=found.reported if found else False,
        )


def _gaps(
    chart: Chart, scale: Scale, points: tuple[Point, ...], *, plan: Sequence[PlannedVisit], asked: dict[str, bool]
) -> Iterator[Gap]:
    latest: date | None = None
    for visit in plan:
        given = tuple(point.on for point in points if point.visit == visit.id)
        if visit.id in asked:
            held = visit.held_on if asked[visit.id] else visit.held_on[:1]
            for on, why in _absent(chart, scale, visit, held=held, given=given):
                yield Gap(visit.id, visit.title, on or latest, why)
        latest = (visit.held_on[-1] if visit.held_on else visit.nominal) or latest


def _absent(
    chart: Chart, scale: Scale, visit: PlannedVisit, *, held: tuple[date, ...], given: tuple[date, ...]
) -> Iterator[tuple[date | None, str]]:
    """Yield the day and the reason of each giving that this visit owes."""
    refused = tuple(
        each for each in chart.of(ScaleNotDone) if (each.entry.scale, each.entry.visit) == (scale.id, visit.id)
    )
    not_done = f"Not done: {refused[-1].entry.because}" if refused else ""
    match visit.state:
        case VisitState.DONE:
            for on in _without(held, given):
                yield on, not_done or "The visit was held, but no answers are on file."
        case VisitState.MISSED if not given:
            yield _missed_on(chart, visit), ": ".join(filter(None, ("The visit was missed", visit.missed_because)))
        case VisitState.LATE if not given:
            yield visit.closes or visit.nominal, not_done or "The visit is late."
        case _ if refused and not given:
            yield refused[-1].on, not_done


def _missed_on(chart: Chart, visit: PlannedVisit) -> date | None:
    """Return the day a missed visit was meant for; where it never had one, the day it was recorded as missed."""
    said = (each.on for each in chart.of(VisitMissed) if each.entry.visit == visit.id)
    return visit.nominal or visit.closes or max(said, default=None)


def _without(held: tuple[date, ...], given: tuple[date, ...]) -> tuple[date, ...]:
    """Return the days on which a visit was held and no answers belong: those of a day count until the next holding."""
    covered = {max((day for day in held if day <= on), default=held[0]) for on in given}
    return tuple(day for day in dict.fromkeys(held) if day not in covered)


def _parts(rule: ResponseRule, first: float | None, last: float | None, category: str | None) -> Iterator[bool | None]:
    if rule.percent_fall is not None:
        yield _fell_by_percent(rule.percent_fall, first, last)
    if rule.points_fall is not None:
        yield None if first is None or last is None else first - last >= rule.points_fall - _ROUNDING
    if rule.at_most is not None:
        yield None if last is None else last <= rule.at_most + _ROUNDING
    if rule.classification:
        yield None if category is None else category != rule.not_value


def _fell_by_percent(percent: float, first: float | None, last: float | None) -> bool | None:
    """Return whether a score fell by so many per cent; from nothing there is no percentage."""
    if first is None or last is None or first <= 0:
        return None
    return (first - last) * 100 >= percent * first - _ROUNDING
