"""Scoring: numbers and categories from the answers to a scale, as its file says. A blank is never zero."""

from collections.abc import Mapping
from typing import Literal

from asklepion.core.answers import Form, listed, read, tell, value
from asklepion.core.entries import Answer, AnswersGiven, CategoryGiven, ScoreGiven
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Category, ScaleResult, Score, Unscored
from asklepion.knowledge.types import Alert, Classification, Cutoff, Scale, ScoreRule


def score(scale: Scale, answers: Mapping[str, int | None]) -> ScaleResult:
    """Return every score and category of a scale. An item that is absent or None is blank.

    Raises ManyFaults for unknown items and for answers outside an item's range, all of them at once.
    """
    form = read(scale, answers)
    return ScaleResult(
        scale=scale.id,
        version=scale.version,
        scores=tuple(_score(rule, form) for rule in scale.scores),
        categories=tuple(_categorise(each, form) for each in scale.classifications),
    )


def entry(
    scale: Scale,
    answers: Mapping[str, int | None],
    *,
    visit: str = "",
    sealed: bool = False,
    labels_only: bool = True,
    source: Literal["self", "clinician", "import"] = "self",
) -> AnswersGiven:
    """Return the ledger entry for a form: every item in the order of the form, blanks too, with the scores."""
    result = score(scale, answers)
    return AnswersGiven(
        scale=scale.id,
        version=scale.version,
        answers=tuple(Answer(item.id, answers.get(item.id)) for item in scale.items),
        scores=tuple(_given(each) for each in result.scores),
        categories=tuple(CategoryGiven(each.id, each.value, each.missing) for each in result.categories),
        visit=visit,
        sealed=sealed,
        labels_only=labels_only,
        source=source,
    )


def reported(
    scale: Scale,
    scores: Mapping[str, float],
    *,
    origin: str,
    visit: str = "",
    sealed: bool = False,
) -> AnswersGiven:
    """Return the ledger entry for scores that were computed elsewhere and came without answers.

    Each is marked as reported, and `origin` says where it stood. A category is told only where those scores settle it.
    Raises ManyFaults for an unknown score, one outside its range, and where there is none at all.
    """
    rules = {rule.id: rule for rule in scale.scores}
    faults = tuple(fault for id, number in scores.items() if (fault := _reported_fault(id, number, rules)))
    if not scores:
        faults = (BadInput("No score is reported.", remedy=f"Give one of: {', '.join(rules)}."),)
    if faults:
        raise ManyFaults(f"Scores of {scale.short} cannot be taken as they are.", faults, remedy="Nothing was saved.")
    form = Form(scale, reported=scores)
    told = tuple(_categorise(each, form) for each in scale.classifications)
    return AnswersGiven(
        scale=scale.id,
        version=scale.version,
        answers=(),
        scores=tuple(_reported(rule, scores) for rule in scale.scores),
        categories=tuple(CategoryGiven(each.id, each.value, each.missing) for each in told),
        visit=visit,
        sealed=sealed,
        source="import",
        origin=origin,
    )


def bands(scale: Scale, score_id: str, value: float) -> tuple[Cutoff, ...]:
    """Return the cut-offs that a value reaches: the highest of each scheme, schemes in the order of the file."""
    reached: dict[str, Cutoff] = {}
    for cutoff in scale.cutoffs:
        best = reached.get(cutoff.scheme)
        if cutoff.score == score_id and value >= cutoff.at and (best is None or cutoff.at > best.at):
            reached[cutoff.scheme] = cutoff
    return tuple(reached.values())


def alerts(scale: Scale, answers: Mapping[str, int | None]) -> tuple[Alert, ...]:
    """Return the alerts that these answers raise, those too that blanks leave open: a blank is not safe."""
    form = read(scale, answers)
    return tuple(alert for alert in scale.alerts if tell(alert.when, form).holds is not False)


def _score(rule: ScoreRule, form: Form) -> Score:
    number = value(rule, form)
    return Score(
        id=rule.id,
        label=rule.label,
        value=number,
        minimum=rule.minimum,
        maximum=rule.maximum,
        primary=rule.primary,
        prorated=not isinstance(number, Unscored) and bool(form.blanks(rule.items)),
    )


def _given(score: Score) -> ScoreGiven:
    match score.value:
        case Unscored(reason=reason):
            return ScoreGiven(score.id, None, reason)
        case number:
            return ScoreGiven(score.id, number)


def _categorise(rule: Classification, form: Form) -> Category:
    """Return the first case that holds; one that cannot be told stops the search."""
    for case in rule.cases:
        told = tell(case.when, form)
        if told.holds is None:
            return Category(rule.id, rule.label, None, rule.unknown_label or "Not known", told.missing)
        if told.holds:
            return Category(rule.id, rule.label, case.value, case.label)
    return Category(rule.id, rule.label, rule.otherwise, rule.otherwise_label)


def _reported(rule: ScoreRule, scores: Mapping[str, float]) -> ScoreGiven:
    if rule.id in scores:
        return ScoreGiven(rule.id, float(scores[rule.id]), reported=True)
    return ScoreGiven(rule.id, None, "Not reported, and there are no answers to compute it from.")


def _reported_fault(id: str, number: float, rules: Mapping[str, ScoreRule]) -> BadInput | None:
    rule = rules.get(id)
    if rule is None:
        return BadInput(f"There is no score {id}.", where=f"score {id}", remedy=f"Scores are {listed(tuple(rules))}.")
    if rule.minimum <= number <= rule.maximum:
        return None
    span = f"{rule.minimum:g} to {rule.maximum:g}"
    return BadInput(f"{number!r} lies outside {span}.", where=f"score {id}", remedy="Correct it where it is from.")
