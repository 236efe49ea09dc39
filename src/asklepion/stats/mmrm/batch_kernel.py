"""The restricted likelihood of one small trial after another: the formulas of `likelihood`, as loops for Numba.

A trial is what `batch_sums` makes of it: counts, z z', z y' and y y' of each visit pattern, and `place` (J, C).
"""

import math

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm.batch_algebra import Array, compiled, factorise, inner_product, invert, multiply
from asklepion.stats.mmrm.batch_sums import Places, cross, residuals, spread_of


@compiled
def factor_of(at: Array, factor: Array) -> None:
    """Put the Cholesky factor of the working parameters into `factor` (J, J): that of `structures.Unstructured`."""
    visits, k = len(factor), len(factor)
    for i in range(visits):
        factor[i, :] = 0.0
        factor[i, i] = math.exp(at[i])
        for j in range(i):
            factor[i, j] = factor[i, i] * at[k]
            k += 1


@compiled
def invert_patterns(sigma: Array, present: NDArray[np.bool_], counts: Array, inverse: Array) -> float:
    """Put the inverse of each pattern's covariance into `inverse`, zero where absent; give the sum of log dets."""
    visits, logs = len(sigma), 0.0
    block, factor, half, own = np.empty((4, visits, visits))
    seen = np.empty(visits, dtype=np.int64)
    for p in range(len(inverse)):
        size = 0
        for j in range(visits):
            if present[p, j]:
                seen[size] = j
                size += 1
        for i in range(size):
            for j in range(size):
                block[i, j] = sigma[seen[i], seen[j]]
        if not factorise(block, factor, size):
            return np.nan
        invert(factor, half, own, size)
        inverse[p] = 0.0
        for i in range(size):
            logs += 2 * counts[p] * math.log(factor[i, i])
            for j in range(size):
                inverse[p, seen[i], seen[j]] = own[i, j]
    return logs


@compiled
def solve(
    at: Array,
    place: Places,
    present: NDArray[np.bool_],
    counts: Array,
    zz: Array,
    zy: Array,
    yy: Array,
    factor: Array,
    inverse: Array,
    spread: Array,
    beta: Array,
) -> float:
    """Fill factor, inverses, fixed effects and their covariance; give -2 log L without constants, NaN if there is none.

    `factor` (J, J), `inverse` (P, J, J), `spread` (q, q), `beta` (q,).
    """
    wide = len(beta)
    factor_of(at, factor)
    sigma = np.empty_like(factor)
    multiply(factor, np.ascontiguousarray(factor.T), sigma)
    deviance = invert_patterns(sigma, present, counts, inverse)
    if math.isnan(deviance):
        return np.nan
    crossed, root, half = np.empty((3, wide, wide))
    aimed = np.empty(wide)
    cross(inverse, zz, zy, place, crossed, aimed)
    if not factorise(crossed, root, wide):
        return np.nan
    invert(root, half, spread, wide)
    for a in range(wide):
        deviance += 2 * math.log(root[a, a])
        beta[a] = 0.0
        for b in range(wide):
            beta[a] += spread[a, b] * aimed[b]
    for a in range(wide):
        deviance -= beta[a] * aimed[a]
    for p in range(len(inverse)):
        deviance += inner_product(inverse[p], yy[p])
    return deviance


@compiled
def directions(at: Array, factor: Array, rows: Places, along: Array) -> None:
    """Put row r and vector w of each parameter (the factor changes by e_r w'), and L w, into `rows` and `along`.

    `along` (2, K, J) holds w and L w.
    """
    visits, k = len(factor), len(factor)
    along[:, :, :] = 0.0
    for i in range(visits):
        rows[i] = i
        along[0, i] = factor[i]
        for j in range(i):
            rows[k] = i
            along[0, k, j] = factor[i, i]
            k += 1
    for k in range(len(rows)):
        for i in range(visits):
            for j in range(visits):
                along[1, k, i] += factor[i, j] * along[0, k, j]


@compiled
def slopes(
    at: Array,
    place: Places,
    counts: Array,
    zz: Array,
    zy: Array,
    yy: Array,
    factor: Array,
    inverse: Array,
    spread: Array,
    beta: Array,
    gradient: Array,
    hessian: Array,
    towers: Array,
) -> None:
    """Fill gradient (K,), observed Hessian (K, K) and X' M dS_i M X of each parameter (K, q, q)."""
    size, visits, wide, patterns = len(at), len(factor), len(beta), len(counts)
    rows = np.empty(size, dtype=np.int64)
    along = np.empty((2, size, visits))
    directions(at, factor, rows, along)
    zr, rr = np.empty_like(zy[:patterns]), np.empty_like(yy[:patterns])
    residuals(beta, place, zz, zy, yy, zr, rr)
    weight = np.zeros((visits, visits))
    q = np.zeros((size, wide))
    hessian[:, :] = 0.0
    towers[:, :, :] = 0.0
    for p in range(patterns):
        spread_of(p, place, zz, spread, rr)
        _pattern(p, place, counts, zz, zr, rr, inverse[p], rows, along[1], weight, hessian, towers, q)
    _bend(rows, along[0], factor, weight, along[1], gradient, hessian)
    _between(spread, towers, q, hessian)


@compiled
def _pattern(
    p: int,
    place: Places,
    counts: Array,
    zz: Array,
    zr: Array,
    rr: Array,
    m: Array,
    rows: Places,
    v: Array,
    weight: Array,
    hessian: Array,
    towers: Array,
    q: Array,
) -> None:
    """Add what one pattern gives: n M - M E M, the traces, the towers, and X' M dS_i M r."""
    visits, wide = place.shape
    size = len(rows)
    half, mem = np.empty((2, visits, visits))
    multiply(m, rr[p], half)
    multiply(half, m, mem)
    g = np.empty((visits, visits))
    for i in range(visits):
        for j in range(visits):
            g[i, j] = 2 * mem[i, j] - counts[p] * m[i, j]
            weight[i, j] += counts[p] * m[i, j] - mem[i, j]
    mv, gv = np.zeros((2, size, visits))
    for k in range(size):
        for i in range(visits):
            for j in range(visits):
                mv[k, i] += m[i, j] * v[k, j]
                gv[k, i] += g[i, j] * v[k, j]
    for s in range(size):
        for t in range(s + 1):
            inner, outer = 0.0, 0.0
            for j in range(visits):
                inner += v[s, j] * mv[t, j]
                outer += v[s, j] * gv[t, j]
            r, u = rows[s], rows[t]
            hessian[s, t] += gv[t, r] * mv[s, u] + g[u, r] * inner + outer * m[r, u] + gv[s, u] * mv[t, r]
    for k in range(size):
        r = rows[k]
        for i in range(visits):
            for j in range(visits):
                bent = m[i, r] * mv[k, j] + mv[k, i] * m[r, j]
                if bent == 0.0:
                    continue
                for a in range(wide):
                    q[k, place[i, a]] += bent * zr[p, a, j]
                    for b in range(wide):
                        towers[k, place[i, a], place[j, b]] += bent * zz[p, a, b]


@compiled
def _bend(rows: Places, w: Array, factor: Array, weight: Array, v: Array, gradient: Array, hessian: Array) -> None:
    """Fill the gradient and add <n M - M E M, d2S> to the lower half of the Hessian."""
    visits = len(factor)
    for s in range(len(rows)):
        r, own = rows[s], 0.0
        for j in range(visits):
            own += 2 * weight[r, j] * v[s, j]
        gradient[s] = own
        for t in range(s + 1):
            inner = 0.0
            for j in range(visits):
                inner += w[s, j] * w[t, j]
            hessian[s, t] += 2 * weight[r, rows[t]] * inner
        # d2L is e_r w' once more: for a_r with itself, and for a_r with each b of its row.
        hessian[s, r] += own


@compiled
def _between(spread: Array, towers: Array, q: Array, hessian: Array) -> None:
    """Take tr(P A_i P A_j) and 2 q_i' P q_j from the Hessian, and make it symmetric."""
    size, wide = q.shape
    turned = np.empty_like(towers)
    aimed = np.zeros((size, wide))
    for k in range(size):
        multiply(spread, towers[k], turned[k])
        for a in range(wide):
            for b in range(wide):
                aimed[k, a] += spread[a, b] * q[k, b]
    other = np.empty((wide, wide))
    for s in range(size):
        for a in range(wide):
            for b in range(wide):
                other[a, b] = turned[s, b, a]
        for t in range(s + 1):
            total = 0.0
            for a in range(wide):
                total += 2 * q[t, a] * aimed[s, a]
                for b in range(wide):
                    total += other[a, b] * turned[t, a, b]
            hessian[s, t] -= total
            hessian[t, s] = hessian[s, t]
