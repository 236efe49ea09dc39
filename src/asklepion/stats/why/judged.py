"""How good predictions of people are that were not used to make them, each beside what the mean alone would give."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from asklepion.core.values import Unscored
from asklepion.stats.columns import Array, Codes
from asklepion.stats.why.penalised import chance

_NONE = Unscored("No prediction differed from the mean of the others.")


@dataclass(frozen=True, slots=True)
class Foretold:
    """Linear predictors (n,) of people by models that did not know them, what their fold's mean said, and the fold."""

    lines: Array
    mean: Array
    folds: Codes


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much the loss is less than without predictors, a mean over folds, with limits of [nadeau2003].

    The variance over folds is corrected for folds sharing their training people; approximate, t with one fewer than
    folds.
    """

    against: str
    loss: str
    estimate: float
    se: float
    lower: float
    upper: float
    folds: int


def losses(lines: Array, values: Array, *, yes_or_no: bool) -> Array:
    """Give each person's loss (n,): squared error, or minus log likelihood in nats."""
    if yes_or_no:
        return np.asarray(np.logaddexp(0, lines) - lines * values)
    return np.asarray((values - lines) ** 2)


def figures(told: Foretold, values: Array, *, yes_or_no: bool) -> dict[str, float | Unscored]:
    """Give the measures of one round in their order: of a value R2, RMSE, MAE; of yes and no AUC, Brier, log loss.

    Then slope and intercept of calibration. R2 is 1 less the squared error over that of the training people's mean.
    """
    return _of_yes(told, values) if yes_or_no else _of_values(told, values)


def _of_values(told: Foretold, values: Array) -> dict[str, float | Unscored]:
    wrong = values - told.lines
    least = float(((values - told.mean) ** 2).sum())
    return {
        "R2": 1 - float((wrong**2).sum()) / least,
        "RMSE": float(np.sqrt((wrong**2).mean())),
        "MAE": float(np.abs(wrong).mean()),
        "calibration slope": _slope(told, values),
        "calibration intercept": float(wrong.mean()),
    }


def _slope(told: Foretold, values: Array) -> float | Unscored:
    """Give the slope of what was above the training mean on what was foretold above it.

    Without the training mean taken off, its own slope would be mixed in: where a fold's people are high, the mean of
    the others is low.
    """
    more = told.lines - told.mean
    if more.std() <= 1e-9 * max(float(values.std()), 1e-300):
        return _NONE
    return float(np.polyfit(more, values - told.mean, 1)[0])


def _of_yes(told: Foretold, values: Array) -> dict[str, float | Unscored]:
    p = chance(told.lines)
    return {
        "AUC": _area(told, values),
        "Brier": float(((values - p) ** 2).mean()),
        "log loss": float(losses(told.lines, values, yes_or_no=True).mean()),
        "calibration slope": _logistic(told, values)[1],
        "calibration intercept": _logistic(told, values, slope=False)[0],
    }


def _area(told: Foretold, values: Array) -> float | Unscored:
    """Give the share of pairs, one with and one without, of one fold, that are in order; ties count half [forman2010].

    People of two folds were ranked by two models and are not compared.
    """
    right, pairs = 0.0, 0
    for fold in np.unique(told.folds):
        mine = told.folds == fold
        yes, no = told.lines[mine & (values == 1)], told.lines[mine & (values == 0)]
        gaps = yes[:, None] - no[None, :]
        right += float((gaps > 0).sum()) + float((gaps == 0).sum()) / 2
        pairs += gaps.size
    return right / pairs if pairs else Unscored("No fold has people of both outcomes.")


def _logistic(told: Foretold, values: Array, *, slope: bool = True) -> tuple[float | Unscored, float | Unscored]:
    """Give intercept and slope of a logistic model on what was foretold beyond the training people's share."""
    more = told.lines - told.mean
    if slope and more.std() <= 1e-9:
        return _NONE, _NONE
    design = np.column_stack([np.ones(len(values)), more]) if slope else np.ones((len(values), 1))
    offset = told.mean if slope else told.lines
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        p = chance(offset + design @ beta)
        weights = p * (1 - p)
        step = np.linalg.lstsq(design.T @ (design * weights[:, None]), design.T @ (values - p), rcond=None)[0]
        size = float(np.abs(step).max())
        beta = beta + step * min(1.0, 5 / size) if size > 0 else beta
        if size < 1e-9:
            return float(beta[0]), float(beta[1]) if slope else _NONE
    lost = Unscored("Outcomes are told apart without fault, or the model of calibration has no solution.")
    return lost, lost


def gain(differences: Array, *, against: str, loss: str, share: float, level: float) -> Gain:
    """Give the mean of `differences` (J,) over folds; `share` is the size of a fold's test over its training people."""
    count = len(differences)
    se = float(np.sqrt((1 / count + share) * differences.var(ddof=1)))
    reach = float(stats.t.ppf((1 + level) / 2, count - 1)) * se
    middle = float(differences.mean())
    return Gain(against, loss, middle, se, middle - reach, middle + reach, count)
