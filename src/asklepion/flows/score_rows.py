"""The scores of one course as rows: those the caseload shows, and those that pages over many people count."""

import json
from collections.abc import Iterable

from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import AnswersGiven, VisitHeld
from asklepion.knowledge.types import Facts, Protocol, Scale, VisitKind
from asklepion.record.projection import ScoreRow


def main_score(scale: Scale) -> str:
    """Return the id of a scale's primary score, or of its first; empty for a scale that only classifies."""
    ranked = sorted(scale.scores, key=lambda rule: not rule.primary)
    return ranked[0].id if ranked else ""


def shown_scores(protocol: Protocol, known: Facts, chart: Chart) -> tuple[ScoreRow, ...]:
    """Return the main score of the scale shown to those who treat, from its baseline on. Sealed answers are left out.

    The baseline is that of `baseline`: the caseload tells the same change as the drawing of scores.
    """
    scale = known.scales.get(protocol.shown_scale)
    if scale is None:
        return ()
    main = main_score(scale)
    given = [each for each in chart.of(AnswersGiven) if each.entry.scale == scale.id and not each.entry.sealed]
    start = baseline(given, main, protocol, chart)
    scored = ((each, _value(each, main)) for each in given if start is None or each.at >= start.at)
    return tuple(
        ScoreRow(scale.id, main, each.entry.visit, each.on, value, each.seq)
        for each, value in scored
        if value is not None
    )


def kept_scores(protocol: Protocol, known: Facts, chart: Chart) -> tuple[ScoreRow, ...]:
    """Return the scores that pages over many people count, each under the label of its entry, earliest first.

    Of every scale, sealed ones too: the main score and those on which a definition of response rests.
    """
    rows: list[ScoreRow] = []
    for scale in known.scales.values():
        given = [each for each in chart.of(AnswersGiven) if each.entry.scale == scale.id]
        if given:
            counted = {main_score(scale), *(rule.score for rule in scale.responses)}
            rows.extend(row for score in sorted(counted - {""}) for row in _kept(given, score, protocol, chart))
    return tuple(rows)


def baseline(
    given: Iterable[Recorded[AnswersGiven]], score: str, protocol: Protocol, chart: Chart
) -> Recorded[AnswersGiven] | None:
    """Return the giving from which change is counted: the last scored before the first session, else the first scored.

    Where the first session was held before any score, there is none.
    """
    dosing = {visit.id for visit in protocol.visits if visit.kind is VisitKind.DOSING}
    first = min((held.at for held in chart.of(VisitHeld) if held.entry.visit in dosing), default=None)
    scored = [each for each in given if _value(each, score) is not None]
    if first is None:
        return scored[0] if scored else None
    return next((each for each in reversed(scored) if each.at < first), None)


def _kept(given: list[Recorded[AnswersGiven]], score: str, protocol: Protocol, chart: Chart) -> Iterable[ScoreRow]:
    start = baseline(given, score, protocol, chart)
    for each in given:
        if any(score == found.id for found in each.entry.scores):
            yield ScoreRow(
                scale=each.entry.scale,
                score=score,
                visit=each.entry.visit,
                on=each.on,
                value=_value(each, score),
                seq=each.seq,
                label=each.label,
                protocol=protocol.id,
                baseline=start is not None and each.id == start.id,
                categories=json.dumps({found.id: found.value for found in each.entry.categories}, sort_keys=True),
            )


def _value(given: Recorded[AnswersGiven], score: str) -> float | None:
    return next((found.value for found in given.entry.scores if found.id == score), None)
