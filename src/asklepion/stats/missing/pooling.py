"""Standard errors: of the jackknife over subjects, or of Rubin's rules over imputations."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

JACKKNIFE = "jackknife over subjects: the frequentist variance over repeated trials"
RUBIN = "Rubin's rules: the information-anchored variance"


@dataclass(frozen=True, slots=True)
class Pooled:
    """An estimate with its interval and two-sided p.

    `df` is None for the normal distribution. `within` and `between` are Rubin's parts, `monte_carlo` the error of the
    estimate and `se_monte_carlo` that of the standard error for the finite number of imputations, None for the
    jackknife, which has none.
    """

    label: str
    estimate: float
    se: float
    df: float | None
    p: float
    lower: float
    upper: float
    within: float | None = None
    between: float | None = None
    monte_carlo: float | None = None
    se_monte_carlo: float | None = None


def jackknife(label: str, whole: float, *, left: Array, level: float) -> Pooled:
    """Give an estimate with the jackknife's standard error and normal limits, as [wolbers2022] and R's rbmi.

    `left` (n,) are the estimates without each subject; the variance is (n - 1) / n times their squared deviations from
    their mean [efron1981].
    """
    count = len(left)
    se = float(np.sqrt((count - 1) / count * ((left - left.mean()) ** 2).sum()))
    return _interval(label, whole, se=se, df=None, level=level)


def rubin(label: str, estimates: Array, *, variances: Array, freedom: float, level: float) -> Pooled:
    """Pool estimates (M,) and variances (M,) of imputed tables by Rubin's rules [rubin1987].

    `freedom` is that of a complete table; the degrees of freedom are those of [barnard1999]. Where imputations do not
    differ at all, nothing was imputed that matters, and they are those of the complete table.
    """
    estimate, within, between, total = _parts(estimates, variances)
    count = len(estimates)
    df = _freedom(count, share=(1 + 1 / count) * between / total, complete=freedom)
    pooled = _interval(label, estimate, se=total**0.5, df=df, level=level)
    wobble = _wobble(estimates, variances) if count > 2 else None
    return Pooled(
        label, estimate, pooled.se, df, pooled.p, pooled.lower, pooled.upper, within, between,
        (between / count) ** 0.5, wobble,
    )  # fmt: skip


def _parts(estimates: Array, variances: Array) -> tuple[float, float, float, float]:
    count = len(estimates)
    within = float(variances.mean())
    between = float(estimates.var(ddof=1)) if count > 1 else 0.0
    if between < 1e-24 * within:
        between = 0.0
    return float(estimates.mean()), within, between, within + (1 + 1 / count) * between


def _wobble(estimates: Array, variances: Array) -> float:
    """Give the jackknife's standard error, over imputations, of the pooled standard error."""
    count = len(estimates)
    within = (variances.sum() - variances) / (count - 1)
    squares = (count - 1) * estimates.var(ddof=1) - count / (count - 1) * (estimates - estimates.mean()) ** 2
    without = np.sqrt(within + (1 + 1 / (count - 1)) * np.maximum(squares, 0) / (count - 2))
    return float(np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum()))


def _freedom(count: int, *, share: float, complete: float) -> float:
    if share == 0:
        return complete
    old = (count - 1) / share**2
    seen = (complete + 1) / (complete + 3) * complete * (1 - share)
    return old * seen / (old + seen)


def _interval(label: str, estimate: float, *, se: float, df: float | None, level: float) -> Pooled:
    law = stats.norm() if df is None else stats.t(df)
    half = float(law.ppf((1 + level) / 2)) * se
    p = float(2 * law.sf(abs(estimate) / se)) if se > 0 else float("nan")
    return Pooled(label, estimate, se, df, p, estimate - half, estimate + half)
