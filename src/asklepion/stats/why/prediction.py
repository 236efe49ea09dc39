"""What can be foretold of a person before treatment, judged on people whom the model never saw.

Nested cross-validation: an inner one chooses the penalty, an outer one judges what comes of it; scaling and choice
happen inside. It says how well others like these would be foretold, not what causes what, nor who benefits from
which arm: an outcome that is foretold well may be the same with either.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.stats.columns import Array, Codes, LeftOut
from asklepion.stats.why.judged import Foretold, Gain, figures, gain, losses
from asklepion.stats.why.penalised import Model, alone, choose
from asklepion.stats.why.predictors import Data, Question, read
from asklepion.stats.why.splits import deal, deal_groups

__all__ = ["Figure", "Gain", "Predicted", "Predictor", "Question", "predict"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure of people not used: its mean over repeats, its least and most of them, and that of simpler models.

    Least and most tell what the split does; they are no confidence interval.
    """

    name: str
    value: float | Unscored
    least: float | Unscored
    most: float | Unscored
    mean_only: float | Unscored
    baseline_only: float | Unscored | None


@dataclass(frozen=True, slots=True)
class Predictor:
    """A column: how often outer models took it, how often as the last model does (up, down, not), and its coefficients.

    `per_sd` is for a standard deviation, `per_unit` for a unit more, of the model on all people; shrunken, chosen by
    prediction, so without interval or p.
    """

    name: str
    taken: float
    as_last: float
    per_sd: float
    per_unit: float


@dataclass(frozen=True, slots=True)
class Predicted:
    """Measures, gains over simpler models, the p of the whole procedure, the columns, and the model on all people.

    `yes` is how many have the event, None for a value. `p` counts shuffled outcomes that were foretold as well as the
    first repeat's; None if none were shuffled.
    """

    people: int
    yes: int | None
    columns: int
    figures: tuple[Figure, ...]
    gains: tuple[Gain, ...]
    p: float | None
    permutations: int
    predictors: tuple[Predictor, ...]
    intercept: float
    mix: float
    penalty: float
    folds: int
    repeats: int
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class _Round:
    full: Foretold
    mean: Foretold
    baseline: Foretold | None
    models: tuple[Model, ...]


def predict(table: pd.DataFrame, question: Question, *, progress: Progress | None = None) -> Predicted:
    """Judge and fit the prediction. Raises BadInput, with the rows.

    People who lack a predictor are left out and counted; nothing is filled in. The same seed gives the same answer.
    """
    data = read(table, question)
    repeats = 1 if question.group else question.repeats
    total = repeats + question.permutations
    rounds = []
    for place in range(repeats):
        rounds.append(_round(data, data.values, question, place))
        _tell(progress, place + 1, total)
    p = None
    if question.permutations:
        seen, better = _skill(rounds[0], data.values, data), 0
        for place in range(question.permutations):
            shuffled = _shuffled(data, np.random.default_rng([question.seed, 1, place]))
            better += _skill(_round(data, shuffled, question, 0), shuffled, data) >= seen - 1e-12
            _tell(progress, repeats + place + 1, total)
        p = (1 + better) / (1 + question.permutations)
    rng = np.random.default_rng([question.seed, 2])
    final = choose(
        data.columns.values, data.values, _inner(data, data.values, np.arange(len(data.values)), question, rng),
        penalty=question.penalty, yes_or_no=data.yes_or_no,
    )  # fmt: skip
    return Predicted(
        len(data.values),
        int(data.values.sum()) if data.yes_or_no else None,
        data.columns.values.shape[1],
        _figures(rounds, data),
        _gains(rounds, data, question.level),
        p,
        question.permutations,
        _predictors(rounds, final, data),
        final.intercept,
        final.mix,
        final.penalty,
        int(rounds[0].full.folds.max()) + 1,
        repeats,
        data.left_out,
        _notes(data, question, repeats),
        question.seed,
    )


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _round(data: Data, values: Array, question: Question, place: int) -> _Round:
    """Foretell everybody once, each by a model of the other folds. The same place deals people out the same way."""
    rng = np.random.default_rng([question.seed, 0, place])
    classes = values if data.yes_or_no else None
    folds = deal(len(values), question.folds, rng=rng, classes=classes) if data.groups is None else data.groups
    full, mean, base = np.zeros(len(values)), np.zeros(len(values)), np.zeros(len(values))
    models = []
    for fold in range(int(folds.max()) + 1):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        inner = _inner(data, values, train, question, rng)
        model = choose(
            data.columns.values[train], values[train], inner, penalty=question.penalty, yes_or_no=data.yes_or_no
        )
        models.append(model)
        full[test] = model.line(data.columns.values[test])
        share = float(values[train].mean())
        mean[test] = np.log(share / (1 - share)) if data.yes_or_no else share
        if data.baseline is not None:
            simple = alone(data.baseline[train], values[train], yes_or_no=data.yes_or_no)
            base[test] = simple.line(data.baseline[test][:, None])
    baseline = None if data.baseline is None else Foretold(base, mean, folds)
    return _Round(Foretold(full, mean, folds), Foretold(mean, mean, folds), baseline, tuple(models))


def _inner(data: Data, values: Array, train: Codes, question: Question, rng: np.random.Generator) -> Codes:
    """Give the folds in which the penalty is chosen. Raises BadInput where they cannot bear the columns or classes."""
    if data.groups is None:
        classes = values[train] if data.yes_or_no else None
        folds = deal(len(train), question.inner, rng=rng, classes=classes)
    else:
        groups = data.groups[train]
        folds = deal_groups(groups, min(question.inner, len(np.unique(groups))), rng=rng)
    count = data.columns.values.shape[1]
    for fold in range(int(folds.max()) + 1):
        left = folds != fold
        if int(left.sum()) <= count:
            what = f"{count} columns of predictors, and a fold is fitted on {int(left.sum())} people."
            raise BadInput(what, where="predictors", remedy="Name fewer predictors, or take more folds.")
        if data.yes_or_no and not 0 < values[train][left].mean() < 1:
            what = "A fold is fitted on people of one outcome only."
            raise BadInput(what, where=f"column {question.value}", remedy="Take fewer folds, or join small groups.")
    return folds


def _shuffled(data: Data, rng: np.random.Generator) -> Array:
    """Give the outcomes dealt out anew, within groups where there are any."""
    found = data.values.copy()
    groups = np.zeros(len(found), dtype=np.intp) if data.groups is None else data.groups
    for group in np.unique(groups):
        mine = np.flatnonzero(groups == group)
        found[mine] = found[rng.permutation(mine)]
    return found


def _skill(one: _Round, values: Array, data: Data) -> float:
    lost = float(losses(one.full.lines, values, yes_or_no=data.yes_or_no).sum())
    return 1 - lost / float(losses(one.mean.lines, values, yes_or_no=data.yes_or_no).sum())


def _figures(rounds: list[_Round], data: Data) -> tuple[Figure, ...]:
    def over(told: list[Foretold]) -> list[dict[str, float | Unscored]]:
        return [figures(each, data.values, yes_or_no=data.yes_or_no) for each in told]

    full, mean = over([each.full for each in rounds]), over([each.mean for each in rounds])
    base = over([each.baseline for each in rounds if each.baseline is not None])
    found = []
    for name in full[0]:
        value, least, most = _spread([each[name] for each in full])
        simple = _spread([each[name] for each in base])[0] if base else None
        found.append(Figure(name, value, least, most, _spread([each[name] for each in mean])[0], simple))
    return tuple(found)


def _spread(told: list[float | Unscored]) -> tuple[float | Unscored, float | Unscored, float | Unscored]:
    """Give mean, least and most over repeats; none where a repeat has none, for the rest would be chosen by it."""
    open_ = [each for each in told if isinstance(each, Unscored)]
    if open_:
        why = Unscored(f"In {len(open_)} of {len(told)} repeats: {open_[0].reason}")
        return why, why, why
    known = [each for each in told if not isinstance(each, Unscored)]
    return float(np.mean(known)), min(known), max(known)


def _gains(rounds: list[_Round], data: Data, level: float) -> tuple[Gain, ...]:
    name = "log loss" if data.yes_or_no else "squared error"
    found = []
    for against in ("the mean", "baseline"):
        if against == "baseline" and data.baseline is None:
            continue
        less, shares = [], []
        for one in rounds:
            other = one.mean if against == "the mean" or one.baseline is None else one.baseline
            lost = [losses(each.lines, data.values, yes_or_no=data.yes_or_no) for each in (other, one.full)]
            for fold in np.unique(one.full.folds):
                mine = one.full.folds == fold
                less.append(float((lost[0] - lost[1])[mine].mean()))
                shares.append(float(mine.sum() / (~mine).sum()))
        found.append(gain(np.array(less), against=against, loss=name, share=float(np.mean(shares)), level=level))
    return tuple(found)


def _predictors(rounds: list[_Round], final: Model, data: Data) -> tuple[Predictor, ...]:
    each = np.array([model.standardised for one in rounds for model in one.models])
    return tuple(
        Predictor(
            name,
            float((each[:, k] != 0).mean()),
            float((np.sign(each[:, k]) == np.sign(final.standardised[k])).mean()),
            float(final.standardised[k]),
            float(final.beta[k]),
        )
        for k, name in enumerate(data.columns.names)
    )


def _notes(data: Data, question: Question, repeats: int) -> tuple[str, ...]:
    n = len(data.values)
    told = [
        f"Rests on {n} people: another {n} would give other figures, as the limits of the gain say, not the repeats."
    ]
    if data.yes_or_no:
        yes = int(data.values.sum())
        if min(yes, n - yes) < 100:
            told.append(f"{yes} with the event and {n - yes} without: figures of fewer than 100 each are unstable.")
    if question.group:
        told.append(
            f"One of {len(data.labels)} of {question.group} is left out at a time; each counts alike in the gain."
        )
    elif repeats == 1:
        told.append("One repeat: what the split does cannot be seen.")
    return tuple(told)
