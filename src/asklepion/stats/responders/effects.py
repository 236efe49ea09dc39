"""Standardised mean differences, between arms and within people, with intervals and sampling variances.

The interval of d comes from the noncentral t distribution, exact for normal data; g is d times the exact small-sample
factor of [hedges1981], and so are its limits. The sampling variances are those that a meta-analysis takes.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats

from asklepion.core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Effect:
    """A standardised difference. `standardiser` says what one unit is; `variance` is its sampling variance."""

    measure: str
    standardiser: str
    estimate: float
    lower: float
    upper: float
    level: float
    variance: float
    people: int


def correction(df: float) -> float:
    """Give the factor by which d is too large on average: exact, not 1 - 3 / (4 df - 1) [hedges1981].

    >>> round(correction(18), 6)
    0.957646
    """
    return math.exp(special.gammaln(df / 2) - 0.5 * math.log(df / 2) - special.gammaln((df - 1) / 2))


def between(treated: ArrayLike, control: ArrayLike, *, level: float = 0.95) -> tuple[Effect, Effect]:
    """Give Cohen's d and Hedges' g of two arms' values, in units of the pooled standard deviation."""
    x, y = _clean(treated, "treated"), _clean(control, "control")
    return between_summaries(_summary(x), _summary(y), level=level)


@dataclass(frozen=True, slots=True)
class Summary:
    """Number of people, mean and standard deviation of an arm."""

    people: int
    mean: float
    sd: float


def between_summaries(treated: Summary, control: Summary, *, level: float = 0.95) -> tuple[Effect, Effect]:
    """Give Cohen's d and Hedges' g from what a paper prints."""
    n, m = treated.people, control.people
    df = n + m - 2
    if min(n, m) < 2:
        raise BadInput("An arm has one person.", where="people", remedy="A standard deviation needs two.")
    pooled = math.sqrt(((n - 1) * treated.sd**2 + (m - 1) * control.sd**2) / df)
    _check_spread(pooled)
    d, size = (treated.mean - control.mean) / pooled, n * m / (n + m)
    return _both(d, standardiser="pooled SD", size=size, df=df, people=n + m, level=level)


def paired(after: ArrayLike, before: ArrayLike, *, level: float = 0.95) -> tuple[Effect, Effect]:
    """Give d and g of change within people, in units of the standard deviation of the changes (d_z)."""
    change = _clean(np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64), "change")
    n, df, sd = len(change), len(change) - 1, _spread(change)
    _check_spread(sd, n)
    d = float(change.mean()) / sd
    return _both(d, standardiser="SD of changes", size=n, df=df, people=n, level=level)


def within(after: ArrayLike, before: ArrayLike, *, level: float = 0.95) -> Effect:
    """Give g of change within people in units of the standard deviation before, with its variance by their correlation.

    Comparable with differences between arms, which d_z is not: it grows with the correlation alone. The interval is
    normal, from the variance 2 (1 - r) / n + g^2 / (2 n) [becker1988].
    """
    both = np.column_stack([np.asarray(after, dtype=np.float64), np.asarray(before, dtype=np.float64)])
    x, y = _clean(both, "after, before").T
    n, sd = len(x), _spread(y)
    _check_spread(min(sd, _spread(x)), n)
    g = correction(n - 1) * float(x.mean() - y.mean()) / sd
    variance = 2 * (1 - float(np.corrcoef(x, y)[0, 1])) / n + g**2 / (2 * n)
    reach = float(stats.norm.ppf((1 + level) / 2)) * math.sqrt(variance)
    return Effect("g within", "SD before", g, g - reach, g + reach, level, variance, n)


def _summary(values: NDArray[np.float64]) -> Summary:
    return Summary(len(values), float(values.mean()), _spread(values))


def _spread(values: NDArray[np.float64]) -> float:
    """Give the standard deviation; of values that are all the same it is zero, not what rounding leaves."""
    return float(values.std(ddof=1)) if np.ptp(values) > 0 else 0.0


def _both(d: float, *, standardiser: str, size: float, df: int, people: int, level: float) -> tuple[Effect, Effect]:
    """Give d and g; d times the root of `size` is t. Their variance is 1 / size + effect^2 / (2 people)."""
    lower, upper = (limit / math.sqrt(size) for limit in _noncentral(d * math.sqrt(size), df, level))

    def effect(name: str, factor: float) -> Effect:
        told, low, high = factor * d, factor * lower, factor * upper
        return Effect(name, standardiser, told, low, high, level, 1 / size + told**2 / (2 * people), people)

    return effect("Cohen's d", 1.0), effect("Hedges' g", correction(df))


def _clean(values: ArrayLike, where: str) -> NDArray[np.float64]:
    """Give the values that are there; a pair counts only whole. Raises BadInput below two."""
    array = np.asarray(values, dtype=np.float64)
    known = array[~np.isnan(array).reshape(len(array), -1).any(axis=1)]
    if len(known) < 2:
        raise BadInput("Fewer than two values are known.", where=where, remedy="A standard deviation needs two.")
    return known


def _check_spread(sd: float, people: int = 3) -> None:
    if people < 3:
        raise BadInput("Two people have no corrected effect.", where="people", remedy="The factor of g needs three.")
    if not sd > 0:
        raise BadInput(
            "The values do not vary.", where="standard deviation", remedy="There is no unit to express it in."
        )


@cache
def _gauss() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the points and weights of the quadrature: finding them takes longer than using them."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    return nodes, weights


def _noncentral(t: float, df: int, level: float) -> tuple[float, float]:
    """Give the noncentralities under which t is at the edge of what is likely.

    The distribution is the normal one averaged over the chi of the standard deviation, by quadrature: SciPy's own
    noncentral t is not a number for large noncentralities.
    """
    low, high = (stats.chi.ppf(share, df) / math.sqrt(df) for share in (1e-17, 1 - 1e-16))
    nodes, weights = _gauss()
    spread = low + (high - low) * (nodes + 1) / 2
    mass = weights * stats.chi.pdf(spread * math.sqrt(df), df)
    mass /= mass.sum()

    def beyond(at: float, share: float) -> float:
        return float(mass @ special.ndtr(t * spread - at)) - share

    def edge(share: float) -> float:
        reach = 12 * (1 + abs(t) / math.sqrt(df))
        return float(optimize.brentq(beyond, t - reach - abs(t), t + reach + abs(t), args=(share,), xtol=1e-12))

    return edge((1 + level) / 2), edge((1 - level) / 2)
