"""Shares of nested levels in the variance, with limits from the profile of the restricted likelihood.

For people within therapists within sites the inverse of the covariance is known in closed form from sums over
therapists, so that the likelihood at any pair of shares costs as good as nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from asklepion.stats.columns import Array, Codes
from asklepion.stats.why.components import Layout

_FAR = 1e9


@dataclass(frozen=True, slots=True)
class _Sums:
    """Per inner cluster: people (q,), sums of [design, value] (q, p + 1), outer code (q,); cross-products of all."""

    people: Array
    sums: Array
    outer: Codes
    cross: Array
    columns: int
    rows: int


def limits(layout: Layout, place: int, best: Array, *, level: float = 0.95) -> tuple[float, float]:
    """Give the limits of the share of the level at `place` (0 outer, 1 inner), the other and the scale maximised.

    `best` are both shares at the optimum. Limits are where the restricted likelihood has fallen by half the quantile
    of chi-square with one degree of freedom: approximate, the more so the fewer the clusters.
    """
    sums = _sums(layout)
    top = deviance(sums, best) + float(stats.chi2.ppf(level, 1))

    def fallen(share: float) -> bool:
        return _profile(sums, place, share, float(best[1 - place])) > top

    return _edge(fallen, float(best[place]), -1.0), _edge(fallen, float(best[place]), 1.0)


def _edge(fallen: Callable[[float], bool], inside: float, outside: float) -> float:
    for _ in range(40):
        middle = (inside + outside) / 2
        if fallen(middle):
            outside = middle
        else:
            inside = middle
    return inside


def _profile(sums: _Sums, place: int, share: float, other: float) -> float:
    def at(free: float) -> float:
        shares = np.array([share, free] if place == 0 else [free, share])
        return min(deviance(sums, shares), _FAR)

    found = optimize.minimize_scalar(at, bounds=(-0.99, 1 - share - 1e-9), method="bounded", options={"xatol": 1e-7})
    return min(float(found.fun), at(other))


def _sums(layout: Layout) -> _Sums:
    outer, inner = layout.levels
    both = np.column_stack([layout.design, layout.values])
    units, first, codes = np.unique(inner, return_index=True, return_inverse=True)
    sums = np.zeros((len(units), both.shape[1]))
    np.add.at(sums, codes, both)
    people = np.bincount(codes).astype(np.float64)
    return _Sums(people, sums, outer[first], both.T @ both, layout.design.shape[1], len(both))


def deviance(sums: _Sums, shares: Array) -> float:
    """Give -2 restricted log likelihood, the scale maximised, at shares of outer and inner; infinite where none is."""
    outer, inner = float(shares[0]), float(shares[1])
    rest = 1 - outer - inner
    within = rest + sums.people * inner
    if rest <= 0 or (within <= 0).any():
        return float("inf")
    weighed = sums.sums / within[:, None]
    parts = np.bincount(sums.outer, weights=sums.people / within)
    around = 1 + outer * parts
    if (around <= 0).any():
        return float("inf")
    above = np.zeros((len(parts), sums.sums.shape[1]))
    np.add.at(above, sums.outer, weighed)
    cross = (sums.cross - (sums.sums * (inner / within)[:, None]).T @ sums.sums) / rest
    cross -= (above * (outer / around)[:, None]).T @ above
    free = sums.rows - sums.columns
    design, right = cross[:-1, :-1], cross[:-1, -1]
    square = float(cross[-1, -1] - right @ np.linalg.solve(design, right))
    if square <= 0:
        return float("inf")
    logs = float(((sums.people - 1) * np.log(rest) + np.log(within)).sum() + np.log(around).sum())
    scale = free * (float(np.log(2 * np.pi * square / free)) + 1)
    return logs + float(np.linalg.slogdet(design)[1]) + scale
