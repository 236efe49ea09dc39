"""The sums of one small trial by visit pattern that its likelihood goes by, as loops for Numba.

People are numbers z (1, arms, covariates) that stay the same over visits, so a visit pattern is summed up by its
counts, z z', z y' and y y'. `place` (J, C) says which column of the mean number a of z feeds at visit j.
"""

import math

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm.batch_algebra import Array, compiled

Places = NDArray[np.int64]


@compiled
def gather(
    values: Array, z: Array, slots: Places, present: NDArray[np.bool_], counts: Array, zz: Array, zy: Array, yy: Array
) -> int:
    """Sum up one trial by visit pattern and give the number of patterns; `slots` must hold -1 throughout."""
    people, visits = values.shape
    wide, patterns = z.shape[1], 0
    for i in range(people):
        bits = 0
        for j in range(visits):
            if not math.isnan(values[i, j]):
                bits |= 1 << j
        if bits == 0:
            continue
        p = slots[bits]
        if p < 0:
            p, slots[bits] = patterns, patterns
            patterns += 1
            counts[p], zz[p], zy[p], yy[p] = 0.0, 0.0, 0.0, 0.0
            for j in range(visits):
                present[p, j] = (bits >> j) & 1 == 1
        counts[p] += 1
        for a in range(wide):
            for b in range(wide):
                zz[p, a, b] += z[i, a] * z[i, b]
        for j in range(visits):
            if present[p, j]:
                for a in range(wide):
                    zy[p, a, j] += z[i, a] * values[i, j]
                for k in range(visits):
                    if present[p, k]:
                        yy[p, j, k] += values[i, j] * values[i, k]
    return patterns


@compiled
def cross(inverse: Array, zz: Array, zy: Array, place: Places, crossed: Array, aimed: Array) -> None:
    """Put X' M X and X' M y of all patterns into `crossed` (q, q) and `aimed` (q,)."""
    crossed[:, :] = 0.0
    aimed[:] = 0.0
    visits, wide = place.shape
    for p in range(len(inverse)):
        for j in range(visits):
            for k in range(visits):
                m = inverse[p, j, k]
                if m == 0.0:
                    continue
                for a in range(wide):
                    aimed[place[j, a]] += m * zy[p, a, k]
                    for b in range(wide):
                        crossed[place[j, a], place[k, b]] += m * zz[p, a, b]


@compiled
def residuals(beta: Array, place: Places, zz: Array, zy: Array, yy: Array, zr: Array, rr: Array) -> None:
    """Put the sums of z r' and r r' of each pattern into `zr` (P, C, J) and `rr` (P, J, J), as if all were present."""
    visits, wide = place.shape
    for p in range(len(zz)):
        for a in range(wide):
            for j in range(visits):
                total = zy[p, a, j]
                for b in range(wide):
                    total -= zz[p, a, b] * beta[place[j, b]]
                zr[p, a, j] = total
        for j in range(visits):
            for k in range(visits):
                total = yy[p, j, k]
                for a in range(wide):
                    total -= beta[place[j, a]] * zy[p, a, k] + zr[p, a, j] * beta[place[k, a]]
                rr[p, j, k] = total


@compiled
def spread_of(p: int, place: Places, zz: Array, spread: Array, rr: Array) -> None:
    """Add X P X' of one pattern to its residual products."""
    visits, wide = place.shape
    for j in range(visits):
        for k in range(visits):
            total = 0.0
            for a in range(wide):
                for b in range(wide):
                    total += spread[place[j, a], place[k, b]] * zz[p, a, b]
            rr[p, j, k] += total
