"""Where the search for one small trial begins, as Numba loops: the rules of `fitting`, so that both begin alike."""

import math

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm.batch_algebra import Array, compiled, even, factorise, invert
from asklepion.stats.mmrm.batch_sums import Places, cross, residuals

# How a trial ended; `batch.WHY` has the words.
FITTED, NO_DESIGN, NO_START, NO_END, FLAT, STEEP, SINGULAR = range(7)


@compiled
def start(
    place: Places, present: NDArray[np.bool_], counts: Array, zz: Array, zy: Array, yy: Array, wide: int, at: Array
) -> float:
    """Put working parameters near the moments of least squares into `at`; give the residual mean square, NaN for none.

    The products y y' and z y' are brought to that unit in place.
    """
    patterns, visits = present.shape
    plain = np.zeros((patterns, visits, visits))
    for p in range(patterns):
        for j in range(visits):
            plain[p, j, j] = 1.0 if present[p, j] else 0.0
    crossed, root, half, spread = np.empty((4, wide, wide))
    aimed, beta = np.empty(wide), np.zeros(wide)
    cross(plain, zz, zy, place, crossed, aimed)
    for a in range(wide):
        if crossed[a, a] <= 0:
            return np.nan
    lengths = np.empty(wide)
    for a in range(wide):
        lengths[a] = math.sqrt(crossed[a, a])
    for a in range(wide):
        for b in range(wide):
            crossed[a, b] /= lengths[a] * lengths[b]
    if not factorise(crossed, root, wide) or not even(root):
        return np.nan
    invert(root, half, spread, wide)
    for a in range(wide):
        for b in range(wide):
            beta[a] += spread[a, b] * aimed[b] / (lengths[a] * lengths[b])
    zr, rr = np.empty_like(zy), np.empty_like(yy)
    residuals(beta, place, zz, zy, yy, zr, rr)
    return _moments(present, counts, rr, yy, zy, at)


@compiled
def _moments(present: NDArray[np.bool_], counts: Array, rr: Array, yy: Array, zy: Array, at: Array) -> float:
    patterns, visits = present.shape
    moments, together = np.zeros((2, visits, visits))
    square, whole, rows = 0.0, 0.0, 0.0
    for p in range(patterns):
        for j in range(visits):
            if not present[p, j]:
                continue
            square += rr[p, j, j]
            whole += yy[p, j, j]
            rows += counts[p]
            for k in range(visits):
                if present[p, k]:
                    moments[j, k] += rr[p, j, k]
                    together[j, k] += counts[p]
    if not square > 1e-20 * whole:
        return np.nan
    unit = square / rows
    for j in range(visits):
        for k in range(visits):
            moments[j, k] /= max(together[j, k], 1.0) * unit
    for p in range(patterns):
        for j in range(visits):
            for k in range(visits):
                yy[p, j, k] /= unit
            for a in range(zy.shape[1]):
                zy[p, a, j] /= math.sqrt(unit)
    return unit if _working(moments, at) else np.nan


@compiled
def _working(moments: Array, at: Array) -> bool:
    """Draw moments to the diagonal until they are positive definite, and put their working parameters into `at`."""
    visits = len(moments)
    variances, mean = np.empty(visits), np.trace(moments) / visits
    for i in range(visits):
        variances[i] = max(moments[i, i], 1e-3 * mean)
    scaled, factor = np.empty((2, visits, visits))
    by = 1.0
    for _ in range(60):
        for i in range(visits):
            for j in range(visits):
                scaled[i, j] = by * moments[i, j] / math.sqrt(variances[i] * variances[j])
            scaled[i, i] = 0.98
        if factorise(scaled, factor, visits):
            break
        by *= 0.9
    for i in range(visits):
        scaled[i, i] = 1.0
    if not factorise(scaled, factor, visits):
        return False
    k = visits
    for i in range(visits):
        at[i] = math.log(factor[i, i] * math.sqrt(variances[i]))
        for j in range(i):
            at[k] = factor[i, j] / factor[i, i]
            k += 1
    return True
