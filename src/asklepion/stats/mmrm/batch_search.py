"""Start, Newton's method and Satterthwaite's degrees of freedom for one small trial after another, as Numba loops.

The rules are those of `newton`: the same step, halvings, end and doubts, so that both come to the same place.
"""

import math

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm.batch_algebra import Array, compiled, factorise, invert
from asklepion.stats.mmrm.batch_kernel import Places, cross, gather, residuals, slopes, solve

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
    if not factorise(crossed, root, wide) or not _even(root):
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


@compiled
def _even(root: Array) -> bool:
    """Tell whether no pivot of a factor is next to nothing beside the largest."""
    least, most = root[0, 0], root[0, 0]
    for k in range(len(root)):
        least, most = min(least, root[k, k]), max(most, root[k, k])
    return bool(least > 1e-7 * most)


@compiled
def step_of(gradient: Array, hessian: Array, step: Array) -> float:
    """Put the Newton step into `step`, curvatures made positive where they are not; give the decrement."""
    size = len(gradient)
    root, half, inverse = np.empty((size, size)), np.empty((size, size)), np.empty((size, size))
    if factorise(hessian, root, size) and _even(root):
        invert(root, half, inverse, size)
        for k in range(size):
            step[k] = 0.0
            for m in range(size):
                step[k] -= inverse[k, m] * gradient[m]
    else:
        values, vectors = np.linalg.eigh(hessian)
        floor = 1e-8 * max(1.0, np.abs(values).max())
        step[:] = -vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), floor))
    decrement = -(step @ gradient)
    longest = np.abs(step).max()
    if longest > 2.0:
        step *= 2.0 / longest
    return float(decrement)


@compiled
def doubt(gradient: Array, hessian: Array, factor: Array) -> int:
    """Give how an end point is judged: FITTED, or what keeps it from being a proper optimum."""
    values = np.linalg.eigvalsh(hessian)
    if not values[0] > 1e-7 * max(1.0, values[-1]):
        return FLAT
    if np.abs(gradient).max() > 1e-3 * math.sqrt(max(1.0, values[-1])):
        return STEEP
    sigma = factor @ factor.T
    roots = np.sqrt(np.diag(sigma))
    visits = len(roots)
    for i in range(visits):
        for j in range(visits):
            sigma[i, j] /= roots[i] * roots[j]
    return FITTED if np.linalg.eigvalsh(sigma)[0] >= 1e-5 else SINGULAR


@compiled
def search(
    trials: Array,
    numbers: Array,
    place: Places,
    wanted: Places,
    numbers_out: Array,
    covariances: Array,
    ends: Places,
    limit: int,
) -> None:
    """Fit each trial of `trials` (T, N, J) with its people's numbers (T or 1, N, C).

    `wanted` (W,) are the columns to judge: `numbers_out` (T, W, 3) takes estimate, standard error and degrees of
    freedom; `covariances` (T, J, J); `ends` (T, 2) how it ended and after how many steps.
    """
    _, people, visits = trials.shape
    most = min(people, 2**visits)
    slots = np.full(2**visits, -1, dtype=np.int64)
    present, counts = np.empty((most, visits), dtype=np.bool_), np.empty(most)
    wide = place.shape[1]
    zz, zy, yy = np.empty((most, wide, wide)), np.empty((most, wide, visits)), np.empty((most, visits, visits))
    for t in range(len(trials)):
        slots[:] = -1
        z = numbers[t % len(numbers)]
        found = gather(trials[t], z, slots, present, counts, zz, zy, yy)
        ends[t, 0] = _one(
            place,
            wanted,
            present[:found],
            counts[:found],
            zz[:found],
            zy[:found],
            yy[:found],
            numbers_out[t],
            covariances[t],
            ends[t],
            limit,
        )


@compiled
def _one(
    place: Places,
    wanted: Places,
    present: NDArray[np.bool_],
    counts: Array,
    zz: Array,
    zy: Array,
    yy: Array,
    numbers_out: Array,
    covariance: Array,
    end: Places,
    limit: int,
) -> int:
    visits, wide = place.shape[0], place.max() + 1
    size = visits * (visits + 1) // 2
    at, there, step, gradient = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    unit = start(place, present, counts, zz, zy, yy, wide, at)
    if math.isnan(unit):
        return NO_DESIGN
    factor, inverse = np.empty((visits, visits)), np.empty_like(yy)
    spread, beta = np.empty((wide, wide)), np.empty(wide)
    hessian, towers = np.empty((size, size)), np.empty((size, wide, wide))
    deviance = solve(at, place, present, counts, zz, zy, yy, factor, inverse, spread, beta)
    if math.isnan(deviance):
        return NO_START
    last, iterations = False, 0
    while iterations < limit:
        slopes(at, place, counts, zz, zy, yy, factor, inverse, spread, beta, gradient, hessian, towers)
        if last:
            break
        decrement = step_of(gradient, hessian, step)
        last = decrement < 1e-9
        fall, slack, by, moved = -(step @ gradient), 1e-12 * max(1.0, abs(deviance)), 1.0, False
        for _ in range(40):
            there[:] = at + by * step
            found = solve(there, place, present, counts, zz, zy, yy, factor, inverse, spread, beta)
            if found <= deviance - 1e-4 * by * fall + slack:
                deviance, moved = found, True
                at[:] = there
                break
            by *= 0.5
        if not moved:
            last = True
            solve(at, place, present, counts, zz, zy, yy, factor, inverse, spread, beta)
            continue
        iterations += 1
    end[1] = iterations
    if not last:
        return NO_END
    why = doubt(gradient, hessian, factor)
    if why == FITTED:
        judge(wanted, unit, beta, spread, hessian, towers, numbers_out)
        covariance[:, :] = unit * (factor @ factor.T)
    return why


@compiled
def judge(
    wanted: Places, unit: float, beta: Array, spread: Array, hessian: Array, towers: Array, numbers_out: Array
) -> None:
    """Put estimate, standard error and Satterthwaite's degrees of freedom of the wanted columns (W, 3)."""
    size, wide = len(hessian), len(beta)
    root, half, weight = np.empty((size, size)), np.empty((size, size)), np.empty((size, size))
    factorise(hessian, root, size)
    invert(root, half, weight, size)
    slope = np.empty(size)
    for n in range(len(wanted)):
        c = wanted[n]
        for k in range(size):
            slope[k] = 0.0
            for a in range(wide):
                for b in range(wide):
                    slope[k] += spread[c, a] * towers[k, a, b] * spread[b, c]
        numbers_out[n, 0] = beta[c] * math.sqrt(unit)
        numbers_out[n, 1] = math.sqrt(spread[c, c] * unit)
        numbers_out[n, 2] = spread[c, c] ** 2 / (slope @ weight @ slope)
