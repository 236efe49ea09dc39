"""Outcomes of many people: n, means and responders by every stored definition, from projections, under the labels."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev

from asklepion.core import outcomes
from asklepion.core.errors import UnknownId
from asklepion.flows.facts import facts
from asklepion.flows.score_rows import main_score
from asklepion.knowledge.types import Protocol, ResponseRule, Scale, ScoreRule
from asklepion.record import outcomes as record
from asklepion.record.outcomes import Held, KeptScore
from asklepion.record.reading import Reader

__all__ = ["Held", "Responders", "Response", "VisitOutcome", "held", "names", "responders"]


@dataclass(frozen=True, slots=True)
class Response:
    """How many responded by one definition, how many did not, and of how many it cannot be told."""

    rule: ResponseRule
    responded: int
    not_responded: int
    unknown: int

    @property
    def known(self) -> int:
        return self.responded + self.not_responded

    @property
    def percent(self) -> float | None:
        """Responders among those of whom it is known; None where that is nobody."""
        return 100 * self.responded / self.known if self.known else None


@dataclass(frozen=True, slots=True)
class VisitOutcome:
    """The scores of one visit. `responses` is empty at the visit from which change is counted."""

    visit: str
    title: str
    n: int
    unscored: int
    mean: float | None
    deviation: float | None
    responses: tuple[Response, ...]


@dataclass(frozen=True, slots=True)
class Responders:
    """The outcome of a scale over all in a protocol whose scores the reader may see. `last` is each one's last."""

    protocol: Protocol
    scale: Scale
    score: ScoreRule
    courses: int
    without_baseline: int
    visits: tuple[VisitOutcome, ...]
    last: tuple[Response, ...]


def held(reader: Reader, *, simulated: bool) -> tuple[Held, ...]:
    """Return the scales of protocols that are on file and for which the reader may see scores.

    The scale that a protocol names first comes first: its primary one if the reader may see it, else the shown one.
    """
    known = facts()
    found = record.held(reader, simulated=simulated)
    there = [each for each in found if each.protocol in known.protocols and each.scale in known.scales]
    return tuple(sorted(there, key=lambda each: (each.protocol, _rank(each), each.scale)))


def _rank(held: Held) -> int:
    protocol = facts().protocols[held.protocol]
    first = (protocol.primary_scale, protocol.shown_scale)
    return first.index(held.scale) if held.scale in first else len(first)


def names(each: Held) -> tuple[str, str]:
    """Return how a protocol and a scale are called."""
    known = facts()
    return known.protocols[each.protocol].short, known.scales[each.scale].short


def responders(reader: Reader, protocol: str, scale: str, *, simulated: bool = False) -> Responders:
    """Return n, mean and responders by every stored definition, by visit and at each one's last score.

    Only people of whom it is known are in a share; the others are counted apart. Raises UnknownId where the reader may
    see no score of this scale in this protocol.
    """
    known = facts()
    named = any((each.protocol, each.scale) == (protocol, scale) for each in held(reader, simulated=simulated))
    if not named:
        raise UnknownId("There are no such outcomes.", where=f"{protocol}/{scale}")
    plan, found = known.protocols[protocol], known.scales[scale]
    main = main_score(found)
    wanted = {main, *(rule.score for rule in found.responses)}
    by_score = {
        score: _by_course(record.scores(reader, protocol=protocol, scale=scale, score=score, simulated=simulated))
        for score in wanted
    }
    shown = by_score[main]
    return Responders(
        protocol=plan,
        scale=found,
        score=next(rule for rule in found.scores if rule.id == main),
        courses=len(shown),
        without_baseline=sum(1 for rows in shown.values() if not any(row.baseline for row in rows)),
        visits=tuple(
            _visit(visit, title, by_score, shown, found.responses) for visit, title in _visits(plan, shown.values())
        ),
        last=tuple(_at_last(rule, by_score[rule.score]) for rule in found.responses),
    )


def _by_course(rows: Iterable[KeptScore]) -> dict[str, list[KeptScore]]:
    found: dict[str, list[KeptScore]] = defaultdict(list)
    for row in rows:
        found[row.course].append(row)
    return found


def _visits(plan: Protocol, courses: Iterable[list[KeptScore]]) -> list[tuple[str, str]]:
    """Return id and title of every visit with a score, in the order of the protocol; what is outside it comes last."""
    given = {row.visit for rows in courses for row in rows}
    planned = [(visit.id, visit.title) for visit in plan.visits if visit.id in given]
    outside = sorted(given - {visit.id for visit in plan.visits})
    return [*planned, *((visit, "Outside the plan") for visit in outside)]


def _visit(
    visit: str,
    title: str,
    by_score: Mapping[str, Mapping[str, list[KeptScore]]],
    shown: Mapping[str, list[KeptScore]],
    rules: Iterable[ResponseRule],
) -> VisitOutcome:
    here = [row for rows in shown.values() if (row := _at(rows, visit))]
    values = [row.value for row in here if row.value is not None]
    counts_from_here = bool(here) and all(row.baseline for row in here if row.value is not None)
    return VisitOutcome(
        visit=visit,
        title=title,
        n=len(values),
        unscored=len(here) - len(values),
        mean=fmean(values) if values else None,
        deviation=stdev(values) if len(values) > 1 else None,
        responses=() if counts_from_here else tuple(_at_visit(rule, by_score[rule.score], visit) for rule in rules),
    )


def _at(rows: Iterable[KeptScore], visit: str) -> KeptScore | None:
    """Return the score of a visit; where it was given twice, the later one."""
    return next((row for row in reversed(list(rows)) if row.visit == visit), None)


def _at_visit(rule: ResponseRule, courses: Mapping[str, list[KeptScore]], visit: str) -> Response:
    return _count(rule, (_verdict(rule, rows, _at(rows, visit)) for rows in courses.values()))


def _at_last(rule: ResponseRule, courses: Mapping[str, list[KeptScore]]) -> Response:
    return _count(rule, (_verdict(rule, rows, rows[-1]) for rows in courses.values()))


def _verdict(rule: ResponseRule, rows: list[KeptScore], later: KeptScore | None) -> bool | None:
    """Return whether one person responded; None without a baseline, a later row, or a score in it."""
    start = next((row for row in rows if row.baseline), None)
    if start is None or later is None or start.value is None or later.value is None:
        return None
    if (later.on, later.seq) <= (start.on, start.seq):
        return None
    category = later.categories.get(rule.classification) if rule.classification else None
    return outcomes.responded(rule, start.value, later.value, category)


def _count(rule: ResponseRule, verdicts: Iterable[bool | None]) -> Response:
    found = list(verdicts)
    return Response(rule, found.count(True), found.count(False), found.count(None))
