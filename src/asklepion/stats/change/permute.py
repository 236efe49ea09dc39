"""Relabelings under which nothing should change: signs of differences, members of groups; all, or many by seed."""

import math
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def signs(people: int, *, most: int, seed: int) -> tuple[Array, bool]:
    """Give sign patterns (patterns, people) and whether they are all there are, the observed one among them."""
    if 2**people <= most:
        return np.array(list(product((1.0, -1.0), repeat=people))), True
    rng = np.random.default_rng(seed)
    return rng.choice(np.array([1.0, -1.0]), size=(most, people)), False


def members(first: int, people: int, *, most: int, seed: int) -> tuple[Flags, bool]:
    """Give who is in the first group (patterns, people), and whether these are all groups of that size."""
    if math.comb(people, first) <= most:
        told = np.zeros((math.comb(people, first), people), dtype=bool)
        for row, chosen in enumerate(combinations(range(people), first)):
            told[row, list(chosen)] = True
        return told, True
    rng = np.random.default_rng(seed)
    own = np.arange(people) < first
    return rng.permuted(np.tile(own, (most, 1)), axis=1), False


def paired_t(pattern: Array, differences: Array) -> Array:
    """Give t of each pattern and measure (patterns, measures) from differences (people, measures), NaN left out."""
    known = ~np.isnan(differences)
    filled = np.where(known, differences, 0.0)
    n = known.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = pattern @ filled / n
        variance = ((filled**2).sum(axis=0) - n * mean**2) / (n - 1)
        return np.asarray(mean / np.sqrt(np.maximum(variance, 0.0) / n))


def welch_t(pattern: Flags, values: Array) -> Array:
    """Give Welch's t of each pattern and measure: the group in the pattern less the others; NaN left out."""
    known = ~np.isnan(values)
    filled = np.where(known, values - np.nanmean(values, axis=0), 0.0)
    one, all_n = pattern.astype(np.float64), known.sum(axis=0)
    n = one @ known
    total, squares = one @ filled, one @ filled**2
    m = all_n - n
    with np.errstate(divide="ignore", invalid="ignore"):
        first, other = total / n, (filled.sum(axis=0) - total) / m
        spread = (squares - n * first**2) / (n - 1) / n
        rest = ((filled**2).sum(axis=0) - squares - m * other**2) / (m - 1) / m
        return np.asarray((first - other) / np.sqrt(np.maximum(spread, 0.0) + np.maximum(rest, 0.0)))


def share_beyond(observed: Array, found: Array, *, all_of_them: bool) -> Array:
    """Give for each observed the share of found at least as large. Drawn ones count the observed itself as one more."""
    near = np.where(np.isfinite(observed), observed, 0.0) * (1 - 1e-10) - 1e-10
    beyond = (found >= near).sum(axis=0)
    return np.asarray(beyond / len(found) if all_of_them else (beyond + 1) / (len(found) + 1), dtype=np.float64)
