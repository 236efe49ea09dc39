"""Restricted likelihood of several variances at once: effects that hang together within studies, levels, networks.

The covariance of effects y (n,) is V + sum of t_j S_j: V (n, n) known, S_j (n, n) the shape of component j, t_j >= 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.meta.heterogeneity import NotConverged

Array = NDArray[np.float64]
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Fit:
    """Generalised least squares: coefficients (p,), covariance (p, p), weighted residual sum, and the variances.

    `log_likelihood` is the restricted one, with X'X in it as R's metafor has it.
    """

    beta: Array
    spread: Array
    q: float
    variances: tuple[float, ...]
    log_likelihood: float
    inverse: Array


def at(variances: Sequence[float], y: Array, x: Array, v: Array, shapes: Sequence[Array]) -> Fit:
    """Give the generalised least squares at these variances. Raises LinAlgError where X has not full rank."""
    whole = v + sum((t * s for t, s in zip(variances, shapes, strict=True)), np.zeros_like(v))
    inverse = np.asarray(np.linalg.inv(whole), dtype=np.float64)
    seen = inverse @ x
    inside = x.T @ seen
    spread = np.asarray(np.linalg.inv(inside), dtype=np.float64)
    beta = spread @ (seen.T @ y)
    rest = y - x @ beta
    q = float(rest @ inverse @ rest)
    logs = np.linalg.slogdet(whole)[1] + np.linalg.slogdet(inside)[1] - np.linalg.slogdet(x.T @ x)[1]
    constant = (len(y) - x.shape[1]) * float(np.log(2 * np.pi))
    return Fit(beta, spread, q, tuple(variances), -(float(logs) + q + constant) / 2, inverse)


def likeliest(y: Array, x: Array, v: Array, shapes: Sequence[Array], *, start: Sequence[float]) -> Fit:
    """Give the fit at the optimum of the restricted likelihood, variances at zero where it falls from there.

    Newton with the observed curvature where that is positive, scoring elsewhere; steps halved while they go downhill.
    """
    fit = at(start, y, x, v, shapes)
    for _ in range(_STEPS):
        score, observed, expected = _slopes(fit, y, x, shapes)
        now = np.array(fit.variances)
        free = (now > 0) | (score > 0)
        if not free.any():
            return fit
        curved = observed[np.ix_(free, free)]
        if np.linalg.eigvalsh(curved)[0] <= 0:
            curved = expected[np.ix_(free, free)]
        step = np.zeros(len(now))
        step[free] = np.linalg.solve(curved, score[free])
        there = at(np.maximum(0, now + step).tolist(), y, x, v, shapes)
        while there.log_likelihood < fit.log_likelihood - 1e-11 and np.abs(step).max() > 1e-15:
            step = step / 2
            there = at(np.maximum(0, now + step).tolist(), y, x, v, shapes)
        moved = float(np.abs(np.array(there.variances) - now).max())
        fit = there
        if moved < 1e-12 * (1e-3 + float(now.max())):
            return fit
    raise NotConverged("No optimum in 200 steps.", where="variances", remedy="Fit a simpler model.")


def _slopes(fit: Fit, y: Array, x: Array, shapes: Sequence[Array]) -> tuple[Array, Array, Array]:
    """Give the slope of the log likelihood (m,), and minus its curvature, observed and expected (m, m)."""
    seen = fit.inverse @ x
    p = fit.inverse - seen @ fit.spread @ seen.T
    py = p @ y
    across = [p @ s for s in shapes]
    pulled = [s @ py for s in shapes]
    score = np.array([py @ u - np.trace(a) for u, a in zip(pulled, across, strict=True)]) / 2
    trace = np.array([[np.sum(a * b.T) for b in across] for a in across])
    quadratic = np.array([[u @ p @ w for w in pulled] for u in pulled])
    return score, quadratic - trace / 2, trace / 2
