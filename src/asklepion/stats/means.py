"""Means of values and of differences, with t intervals: what a table of a cohort says before a model does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored

_ONE = Unscored("A spread needs two values.")
_SAME = Unscored("The values do not vary.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean of `n` values: standard deviation, limits of the t interval at `level`, t and p against zero.

    `n` is of people, or of both groups together; `df` is n - 1, or Welch's for two groups.
    """

    n: int
    mean: float
    sd: float | Unscored
    lower: float | Unscored
    upper: float | Unscored
    t: float | Unscored
    df: float | Unscored
    p: float | Unscored
    level: float = 0.95


def mean(values: Sequence[float], *, level: float = 0.95) -> Mean:
    """Return the mean of values, or of differences within people. Raises BadInput for none and for no numbers.

    >>> found = mean([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    >>> round(found.mean, 2), round(found.t, 4)
    (0.75, 1.3257)
    """
    known = _known(values, "values")
    average = float(known.mean())
    if len(known) < 2:
        return _open(len(known), average, _ONE, _ONE, level)
    if np.ptp(known) == 0:
        return _open(len(known), average, 0.0, _SAME, level)
    sd = float(known.std(ddof=1))
    return _told(len(known), average, sd, sd / math.sqrt(len(known)), len(known) - 1, level)


def difference(second: Sequence[float], first: Sequence[float], *, level: float = 0.95) -> Mean:
    """Return the mean of one group less that of another, by Welch's t: variances need not be equal.

    `sd` has no number: two groups have two. Raises BadInput for an empty group.
    """
    x, y = _known(second, "second group"), _known(first, "first group")
    gap = float(x.mean() - y.mean())
    none = Unscored("Each group has its own.")
    if min(len(x), len(y)) < 2:
        return _open(len(x) + len(y), gap, none, _ONE, level)
    parts = [float(each.var(ddof=1)) / len(each) for each in (x, y)]
    if np.ptp(x) == np.ptp(y) == 0:
        return _open(len(x) + len(y), gap, none, _SAME, level)
    df = sum(parts) ** 2 / sum(part**2 / (len(each) - 1) for part, each in zip(parts, (x, y), strict=True))
    return _told(len(x) + len(y), gap, none, math.sqrt(sum(parts)), df, level)


def _told(n: int, average: float, sd: float | Unscored, error: float, df: float, level: float) -> Mean:
    reach = float(stats.t.ppf((1 + level) / 2, df)) * error
    t = average / error
    p = 2 * float(stats.t.sf(abs(t), df))
    return Mean(n=n, mean=average, sd=sd, lower=average - reach, upper=average + reach, t=t, df=df, p=p, level=level)


def _open(n: int, average: float, sd: float | Unscored, why: Unscored, level: float) -> Mean:
    return Mean(n=n, mean=average, sd=sd, lower=why, upper=why, t=why, df=why, p=why, level=level)


def _known(values: Sequence[float], where: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not len(found) or not np.isfinite(found).all():
        remedy = "Give at least one value, and leave out what has no number."
        raise BadInput("There is no value, or one that is no number.", where=where, remedy=remedy)
    return found
