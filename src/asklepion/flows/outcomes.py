"""Outcomes: one person's scores over time, and how many of a protocol's people answered to treatment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from asklepion.core import outcomes, schedule
from asklepion.core.access import Label
from asklepion.core.chart import Chart
from asklepion.core.entries import AnswersGiven
from asklepion.core.errors import UnknownId
from asklepion.core.outcomes import Change, Gap, Point
from asklepion.core.values import PlannedVisit
from asklepion.flows import projection
from asklepion.flows.change_words import sentence
from asklepion.flows.cohort import Held, Responders, Response, VisitOutcome, held, names, responders
from asklepion.flows.facts import facts
from asklepion.flows.scales import category_words, protocol_of
from asklepion.flows.score_rows import baseline, main_score
from asklepion.knowledge.types import ChangeBand, Cutoff, Protocol, Scale, ScoreRule, VisitKind
from asklepion.record import reading
from asklepion.record.reading import JUDGE, Reader

__all__ = [
    "Choice",
    "Held",
    "Responders",
    "Response",
    "Sorted",
    "Trajectory",
    "VisitOutcome",
    "held",
    "names",
    "responders",
    "trajectory",
]


@dataclass(frozen=True, slots=True)
class Choice:
    """A scale of the course. `sealed` ones are named, and nothing else of them is said."""

    scale: str
    short: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class Sorted:
    """What one giving of a scale was sorted into, in the words of the scale's file."""

    on: date
    visit: str
    seq: int
    words: str


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One score of one person over time, as this reader may see it.

    `points` hold what was handed in, scored or not; `runs` are those that a line may join; `gaps` what was due and is
    not there; `sessions` the days on which a session was held, `planned` those on which one is to be. `band` is drawn
    around `baseline`. A scale that is sorted and never summed has no `score`: `sorted` then holds its categories.
    """

    course: str
    on: date
    opened_on: date
    scale: Scale
    score: ScoreRule | None
    choices: tuple[Choice, ...]
    sealed: bool
    points: tuple[Point, ...]
    runs: tuple[tuple[Point, ...], ...]
    gaps: tuple[Gap, ...]
    sessions: tuple[date, ...]
    planned: tuple[date, ...]
    baseline: Point | None
    last: Point | None
    band: ChangeBand | None
    change: Change | None
    cutoffs: tuple[Cutoff, ...]
    sorted: tuple[Sorted, ...]
    titles: Mapping[str, str]

    @property
    def scored(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.value is not None)

    @property
    def drawn(self) -> tuple[Cutoff, ...]:
        """The cut-offs of the first scheme in the scale's file: one reading of the line, the others stand below."""
        return tuple(each for each in self.cutoffs if each.scheme == self.cutoffs[0].scheme)

    @property
    def not_drawn(self) -> tuple[Cutoff, ...]:
        return tuple(each for each in self.cutoffs if each.scheme != self.cutoffs[0].scheme)

    @property
    def words(self) -> str:
        """What the line says, in a sentence or two."""
        if self.score is None:
            last = self.sorted[-1].words if self.sorted else ""
            return f"{last} at the last giving. This scale is sorted, never summed." if last else "Not given yet."
        return sentence(self.scale, self.baseline, self.last, self.change, count=len(self.scored))


def trajectory(course: str, reader: Reader, scale: str = "", *, on: date) -> Trajectory:
    """Return the scores of a course over time, of the protocol's shown scale if none is named.

    Raises UnknownId for what does not exist, for what the reader may not see, and for a scale not of this course.
    """
    seen, whole, known = reading.chart(course, reader), reading.chart(course, JUDGE), facts()
    protocol = protocol_of(whole, known)
    choices = _choices(protocol, seen, reader)
    chosen = next((each for each in choices if each.scale == (scale or _first(protocol, choices))), None)
    opened = whole.opened()
    if chosen is None or opened is None:
        raise UnknownId("There is no such scale in this course.", where=scale)
    found = known.scales[chosen.scale]
    rule = _rule(found, main_score(found))
    score = rule.id if rule else ""
    plan = schedule.plan(protocol, whole, on=on)
    series = outcomes.series(seen, found, score, plan=plan, protocol=protocol)
    points = () if chosen.sealed else series.points
    start, last = _start(seen, found, score, protocol, points), _last(points)
    return Trajectory(
        course=course,
        on=on,
        opened_on=opened.on,
        scale=found,
        score=rule,
        choices=choices,
        sealed=chosen.sealed,
        points=points,
        runs=() if chosen.sealed else series.runs(),
        gaps=tuple(gap for gap in series.gaps if not _hidden(gap, found.id, protocol, reader)),
        sessions=series.sessions,
        planned=tuple(_planned_sessions(plan)),
        baseline=start,
        last=last,
        band=_band(found, score),
        change=_change(found, score, start, last),
        cutoffs=tuple(cutoff for cutoff in found.cutoffs if cutoff.score == score),
        sorted=() if chosen.sealed or rule else _sorted(seen, found),
        titles={visit.id: visit.title for visit in protocol.visits},
    )


def _choices(protocol: Protocol, seen: Chart, reader: Reader) -> tuple[Choice, ...]:
    """Return the scales of a course: those planned, in the order of the visits, then others that were given."""
    known = facts().scales
    planned: dict[str, list[bool]] = defaultdict(list)
    for visit in protocol.visits:
        for assessment in visit.assessments:
            planned[assessment.scale].append(assessment.sealed)
    for given in seen.of(AnswersGiven):
        planned[given.entry.scale].append(given.entry.sealed)
    may_read = Label.SEALED in reader.labels
    return tuple(
        Choice(id, known[id].short, sealed=all(sealed) and not may_read)
        for id, sealed in planned.items()
        if id in known
    )


def _first(protocol: Protocol, choices: tuple[Choice, ...]) -> str:
    return protocol.shown_scale or next((each.scale for each in choices if not each.sealed), "")


def _rule(scale: Scale, score: str) -> ScoreRule | None:
    return next((rule for rule in scale.scores if rule.id == score), None)


def _sorted(seen: Chart, scale: Scale) -> tuple[Sorted, ...]:
    return tuple(
        Sorted(each.on, each.entry.visit, each.seq, "; ".join(category_words(scale, each.entry)) or "Not sorted")
        for each in seen.of(AnswersGiven)
        if each.entry.scale == scale.id
    )


def _start(seen: Chart, scale: Scale, score: str, protocol: Protocol, points: tuple[Point, ...]) -> Point | None:
    given = [each for each in seen.of(AnswersGiven) if each.entry.scale == scale.id]
    found = baseline(given, score, protocol, seen)
    return next((point for point in points if found and point.id == found.id), None)


def _last(points: Iterable[Point]) -> Point | None:
    scored = [point for point in points if point.value is not None]
    return scored[-1] if scored else None


def _band(scale: Scale, score: str) -> ChangeBand | None:
    return next((band for band in scale.change if band.score == score and band.chosen), None)


def _change(scale: Scale, score: str, start: Point | None, last: Point | None) -> Change | None:
    if start is None or last is None or start.id == last.id or start.value is None or last.value is None:
        return None
    return outcomes.change(scale, score, start.value, last.value)


def _hidden(gap: Gap, scale: str, protocol: Protocol, reader: Reader) -> bool:
    """Return whether a gap may only be a sealed result that this reader does not see."""
    planned = next((visit for visit in protocol.visits if visit.id == gap.visit), None)
    sealed = any(each.scale == scale and each.sealed for each in planned.assessments) if planned else False
    return sealed and Label.SEALED not in reader.labels


def _planned_sessions(plan: Iterable[PlannedVisit]) -> Iterable[date]:
    for visit in plan:
        day = projection.visit_day(visit)
        if visit.kind is VisitKind.DOSING and not visit.held_on and not visit.missed_because and day:
            yield day
