"""The variance between studies, tau squared, by seven estimators, and its interval.

Throughout: effects y (k,), sampling variances v (k,), moderators X (k, p) with the intercept in front. No matrix here
is larger than (p, p): with W the weights, r the residuals and C = (X'WX)^-1, the projection P = W - W X C X' W is met
only as y'PPy = r'WWr, tr P = tr W - tr(C X'W2X) and tr PP = tr W2 - 2 tr(C X'W3X) + tr(C X'W2X C X'W2X).
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from asklepion.core.errors import AsklepionError

Array = NDArray[np.float64]
_STEPS = 200


class Estimator(StrEnum):
    """How tau squared is estimated."""

    REML = "reml"
    ML = "ml"
    DERSIMONIAN_LAIRD = "dl"
    PAULE_MANDEL = "pm"
    HEDGES = "he"
    SIDIK_JONKMAN = "sj"
    HUNTER_SCHMIDT = "hs"


class NotConverged(AsklepionError):
    """The likelihood of a variance between studies found no optimum."""

    code = "not_converged"


def tau2(y: Array, v: Array, x: Array, estimator: Estimator) -> float:
    """Give the variance between studies, zero at least."""
    if estimator is Estimator.REML or estimator is Estimator.ML:
        return _likeliest(y, v, x, restricted=estimator is Estimator.REML)
    if estimator is Estimator.PAULE_MANDEL:
        return _where_q_is(len(y) - x.shape[1], y, v, x)
    return max(0.0, _MOMENTS[estimator](y, v, x))


def weighted(y: Array, weights: Array, x: Array) -> tuple[Array, Array, float]:
    """Give weighted least squares: coefficients (p,), their covariance (p, p), and the weighted residual sum Q."""
    spread = _inverse(x.T @ (weights[:, None] * x))
    beta = spread @ (x.T @ (weights * y))
    rest = y - x @ beta
    return beta, spread, float(rest @ (weights * rest))


def profile(y: Array, v: Array, x: Array, *, level: float = 0.95) -> tuple[float, float]:
    """Give the interval of tau squared at whose ends Q is at the edge of chi squared [viechtbauer2007]."""
    df, tail = len(y) - x.shape[1], (1 - level) / 2
    return _where_q_is(float(chdtri(df, tail)), y, v, x), _where_q_is(float(chdtri(df, 1 - tail)), y, v, x)


def _inverse(square: Array) -> Array:
    return 1 / square if square.shape == (1, 1) else np.asarray(np.linalg.inv(square))


def _dersimonian_laird(y: Array, v: Array, x: Array) -> float:
    """Give the moment estimate [dersimonian1986]."""
    w = 1 / v
    _, spread, q = weighted(y, w, x)
    trace = w.sum() - np.sum(spread * (x.T @ ((w * w)[:, None] * x)))
    return float((q - (len(y) - x.shape[1])) / trace)


def _hedges(y: Array, v: Array, x: Array) -> float:
    """Give the unweighted moment estimate [hedges1985], as metafor's HE."""
    _, spread, q = weighted(y, np.ones(len(y)), x)
    expected = v.sum() - np.sum(spread * (x.T @ (v[:, None] * x)))
    return float((q - expected) / (len(y) - x.shape[1]))


def _sidik_jonkman(y: Array, v: Array, x: Array) -> float:
    """Give the two-step estimate [sidik2005], started from the unweighted variance of the effects; never zero."""
    start = float(np.mean((y - y.mean()) ** 2))
    if start == 0:
        return 0.0
    return float(start * weighted(y, 1 / (v + start), x)[2] / (len(y) - x.shape[1]))


def _hunter_schmidt(y: Array, v: Array, x: Array) -> float:
    """Give (Q - k) over the sum of weights, as metafor's HS."""
    return float((weighted(y, 1 / v, x)[2] - len(y)) / (1 / v).sum())


_MOMENTS = {
    Estimator.DERSIMONIAN_LAIRD: _dersimonian_laird,
    Estimator.HEDGES: _hedges,
    Estimator.SIDIK_JONKMAN: _sidik_jonkman,
    Estimator.HUNTER_SCHMIDT: _hunter_schmidt,
}


def _where_q_is(wanted: float, y: Array, v: Array, x: Array) -> float:
    """Give the tau squared at which Q is `wanted`: Newton on 1/Q, which is nearly straight, inside a bracket.

    For the degrees of freedom this is the estimate of [paule1982].
    """
    low, high, at = 0.0, np.inf, 0.0
    for _ in range(_STEPS):
        w = 1 / (v + at)
        beta, _, q = weighted(y, w, x)
        if q <= wanted and at == 0:
            return 0.0
        low, high = (at, high) if q > wanted else (low, at)
        slope = float(np.sum((w * (y - x @ beta)) ** 2))
        there = at + (1 / wanted - 1 / q) * q * q / slope
        if not low < there < high:
            there = (low + high) / 2 if np.isfinite(high) else 4 * at + float(v.max())
        if abs(there - at) <= 1e-14 * there:
            return float(there)
        at = float(there)
    return at


def _likeliest(y: Array, v: Array, x: Array, *, restricted: bool) -> float:
    """Give the optimum of the (restricted) likelihood by Newton, by scoring where that is no ascent, steps halved."""
    at = max(0.0, _dersimonian_laird(y, v, x))
    value, score, observed, expected = _at(at, y, v, x, restricted=restricted)
    for _ in range(_STEPS):
        if at == 0 and score <= 0:
            return 0.0
        there = max(0.0, at + score / (observed if observed > 0 else expected))
        next_ = _at(there, y, v, x, restricted=restricted)
        while next_[0] < value - 1e-12 * abs(value) - 1e-13 and abs(there - at) > 1e-16:
            there = (there + at) / 2
            next_ = _at(there, y, v, x, restricted=restricted)
        moved, at = abs(there - at), there
        value, score, observed, expected = next_
        if moved < 1e-13 * (1e-3 + at):
            return at
    raise NotConverged("No optimum in 200 steps.", where="tau2", remedy="Use Paule-Mandel.")


def _at(at: float, y: Array, v: Array, x: Array, *, restricted: bool) -> tuple[float, float, float, float]:
    """Give log likelihood, its slope, and minus its curvature as observed and as expected."""
    w = 1 / (v + at)
    xw = x.T * w
    inside = xw @ x
    spread = _inverse(inside)
    rest = y - x @ (spread @ (xw @ y))
    seen = w * rest
    value, fits, bends = float(np.log(w).sum() - rest @ seen), seen @ seen, w * seen
    across = xw * w
    third = float(bends @ seen - (across @ rest) @ spread @ (across @ rest))
    first, second = float(w.sum()), float(w @ w)
    if restricted:
        square = spread @ (across @ x)
        value -= float(np.log(inside[0, 0]) if inside.shape == (1, 1) else np.linalg.slogdet(inside)[1])
        second += float(np.sum(square * square.T) - 2 * np.sum(spread * ((across * w) @ x)))
        first -= float(np.trace(square))
    return value / 2, float(fits - first) / 2, third - second / 2, second / 2
