"""The variance between studies, tau squared: restricted likelihood, DerSimonian-Laird, Paule-Mandel; its interval.

Throughout: effects y (k,), sampling variances v (k,), moderators X (k, p) with the intercept in front.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from asklepion.core.errors import AsklepionError

Array = NDArray[np.float64]


class Estimator(StrEnum):
    """How tau squared is estimated."""

    REML = "reml"
    DERSIMONIAN_LAIRD = "dl"
    PAULE_MANDEL = "pm"


class NotConverged(AsklepionError):
    """The restricted likelihood of the variance between studies found no optimum."""

    code = "not_converged"


def tau2(y: Array, v: Array, x: Array, estimator: Estimator) -> float:
    """Give the variance between studies, zero at least."""
    if estimator is Estimator.REML:
        return _reml(y, v, x)
    if estimator is Estimator.PAULE_MANDEL:
        return _paule_mandel(y, v, x)
    return _dersimonian_laird(y, v, x)


def weighted(y: Array, weights: Array, x: Array) -> tuple[Array, Array, float]:
    """Give weighted least squares: coefficients (p,), their covariance (p, p), and the weighted residual sum Q."""
    spread: Array = np.asarray(np.linalg.inv(x.T @ (weights[:, None] * x)))
    beta = spread @ (x.T @ (weights * y))
    rest = y - x @ beta
    return beta, spread, float(rest @ (weights * rest))


def _projection(weights: Array, x: Array) -> Array:
    """Give P = W - W X (X' W X)^-1 X' W (k, k)."""
    spread = np.linalg.inv(x.T @ (weights[:, None] * x))
    seen = weights[:, None] * x
    return np.asarray(np.diag(weights) - seen @ spread @ seen.T)


def _dersimonian_laird(y: Array, v: Array, x: Array) -> float:
    """Give the moment estimate [dersimonian1986]."""
    p = _projection(1 / v, x)
    k, columns = x.shape
    return max(0.0, float((y @ p @ y - (k - columns)) / np.trace(p)))


def _paule_mandel(y: Array, v: Array, x: Array) -> float:
    """Give the value at which the generalised Q is what it is expected to be [paule1982]."""
    return _where_q_is(len(y) - x.shape[1], y, v, x)


def _where_q_is(wanted: float, y: Array, v: Array, x: Array) -> float:
    def surplus(at: float) -> float:
        return weighted(y, 1 / (v + at), x)[2] - wanted

    if surplus(0.0) <= 0:
        return 0.0
    high = float(v.max() + np.var(y)) + 1e-12
    while surplus(high) > 0:
        high *= 4
    return float(optimize.brentq(surplus, 0.0, high, xtol=1e-15, rtol=1e-13))


def _reml(y: Array, v: Array, x: Array) -> float:
    """Give the restricted likelihood's optimum by Fisher scoring, the steps halved where they go downhill."""
    at = _dersimonian_laird(y, v, x)
    value = _restricted(at, y, v, x)
    for _ in range(200):
        p = _projection(1 / (v + at), x)
        py = p @ y
        step = float((py @ py - np.trace(p)) / np.sum(p * p))
        there = max(0.0, at + step)
        while _restricted(there, y, v, x) < value - 1e-12 * abs(value) and abs(there - at) > 1e-16:
            there = (there + at) / 2
        moved, at, value = abs(there - at), there, _restricted(there, y, v, x)
        if moved < 1e-13 * (1 + at):
            return at
    raise NotConverged("REML found no optimum in 200 steps.", where="tau2", remedy="Use Paule-Mandel.")


def _restricted(at: float, y: Array, v: Array, x: Array) -> float:
    _, spread, q = weighted(y, 1 / (v + at), x)
    return -0.5 * (float(np.log(v + at).sum()) - float(np.linalg.slogdet(spread)[1]) + q)


def profile(y: Array, v: Array, x: Array, *, level: float = 0.95) -> tuple[float, float]:
    """Give the interval of tau squared at whose ends Q is at the edge of chi squared [viechtbauer2007]."""
    df, tail = len(y) - x.shape[1], (1 - level) / 2
    lower, upper = stats.chi2.ppf(1 - tail, df), stats.chi2.ppf(tail, df)
    return _where_q_is(float(lower), y, v, x), _where_q_is(float(upper), y, v, x)
