"""Newton's method and Satterthwaite's degrees of freedom for one small trial after another, as Numba loops.

The rules are those of `newton`: the same step, halvings, end and doubts, so that both come to the same place.
"""

import math

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm.batch_algebra import Array, compiled, even, factorise, invert
from asklepion.stats.mmrm.batch_kernel import slopes, solve
from asklepion.stats.mmrm.batch_start import FITTED, FLAT, NO_DESIGN, NO_END, NO_START, SINGULAR, STEEP, start
from asklepion.stats.mmrm.batch_sums import Places, gather


@compiled
def step_of(gradient: Array, hessian: Array, step: Array) -> float:
    """Put the Newton step into `step`, curvatures made positive where they are not; give the decrement."""
    size = len(gradient)
    root, half, inverse = np.empty((size, size)), np.empty((size, size)), np.empty((size, size))
    if factorise(hessian, root, size) and even(root):
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
