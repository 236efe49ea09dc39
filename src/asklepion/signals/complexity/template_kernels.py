"""Counting pairs of templates that match, exactly and without looking at each pair. See `entropy`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.signals.compiled import compiled

Floats = NDArray[np.float64]
Ranks = NDArray[np.int32]
Words = NDArray[np.uint64]

_LEAST_STEP = 16
_MOST_BYTES = 24_000_000
"""Memory that all prefix sets of one call may take."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs of different templates within the radius: `shorter` of m samples, `longer` of m + 1."""

    shorter: int
    longer: int


def matching_pairs(values: Floats, *, dimension: int, radius: float) -> Matches:
    """Count pairs i < j of the n - m templates of m and of m + 1 samples that differ by `<= radius` in every sample.

    Exactly the pairs that comparing each with each would give, in time n^2 / 64 at worst: templates stand in the order
    of their first sample, so that partners are neighbours there; for each further sample a set of bits, had from
    sets of the first k templates by that sample, says which neighbours agree; bits are counted, not pairs.
    """
    n = len(values) - dimension
    if n < 2:
        return Matches(0, 0)
    rising = np.argsort(values)
    order = rising[rising < n]
    place = np.empty(n, dtype=np.int32)
    place[order] = np.arange(n, dtype=np.int32)
    _, top = _bounds(values[order], radius)
    step = max(_LEAST_STEP, int(n * (n / 64 + 1) * 8 * dimension / _MOST_BYTES) + 1)
    ranks = np.empty((dimension, n), dtype=np.int32)
    low = np.empty((dimension, n), dtype=np.int32)
    high = np.empty((dimension, n), dtype=np.int32)
    sets = np.empty((dimension, n // step + 1, n // 64 + 1), dtype=np.uint64)
    for each in range(dimension):
        shifted = rising[(rising > each) & (rising <= each + n)]
        ranks[each] = place[shifted - (each + 1)]
        low[each, ranks[each]], high[each, ranks[each]] = _bounds(values[shifted], radius)
        _prefix_sets(ranks[each], step, sets[each])
    shorter, longer = _count(top, ranks, low, high, sets, step)
    return Matches(int(shorter), int(longer))


@compiled
def _bounds(ordered: Floats, radius: float) -> tuple[Ranks, Ranks]:
    """Return for each of some rising numbers the first within the radius, and the first beyond it."""
    n = len(ordered)
    low = np.empty(n, dtype=np.int32)
    high = np.empty(n, dtype=np.int32)
    first = last = 0
    for each in range(n):
        while ordered[each] - ordered[first] > radius:
            first += 1
        while last < n and ordered[last] - ordered[each] <= radius:
            last += 1
        low[each], high[each] = first, last
    return low, high


@compiled
def _prefix_sets(ranks: Ranks, step: int, sets: Words) -> None:
    """Fill row c with the set of the first c x step templates in the order of one sample."""
    sets[0] = np.uint64(0)
    for row in range(1, len(sets)):
        sets[row] = sets[row - 1]
        for place in range((row - 1) * step, row * step):
            rank = ranks[place]
            sets[row, rank >> 6] |= np.uint64(1) << np.uint64(rank & 63)


@compiled
def _ones(word: np.uint64) -> np.uint64:
    """Return how many bits are set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def _toggle(ranks: Ranks, bound: int, row: int, step: int, begin: int, words: int, found: Words) -> None:
    """Bring a set from its nearest row to the very bound. Ranks out of the window fall into the word after the last."""
    near = row * step
    for place in range(min(near, bound), max(near, bound)):
        offset = np.uint64(np.int64(ranks[place]) - begin)
        word = min(offset >> np.uint64(6), np.uint64(words))
        found[word] ^= np.uint64(1) << (offset & np.uint64(63))


@compiled
def _count(top: Ranks, ranks: Ranks, low: Ranks, high: Ranks, sets: Words, step: int) -> tuple[int, int]:
    dimension, n = ranks.shape
    rows, width = sets.shape[1], sets.shape[2]
    agree = np.empty(width, dtype=np.uint64)
    found = np.empty(width + 1, dtype=np.uint64)
    shorter = longer = 0
    for mine in range(n - 1):
        if top[mine] <= mine + 1:
            continue
        if dimension == 1:
            shorter += top[mine] - mine - 1
        begin, words = (mine + 1) >> 6, ((top[mine] - 1) >> 6) - ((mine + 1) >> 6) + 1
        for word in range(words):
            agree[word] = ~np.uint64(0)
        agree[0] &= ~np.uint64(0) << np.uint64((mine + 1) & 63)
        agree[words - 1] &= ~np.uint64(0) >> np.uint64(63 - ((top[mine] - 1) & 63))
        for each in range(dimension):
            under = min(rows - 1, (low[each, mine] + step // 2) // step)
            over = min(rows - 1, (high[each, mine] + step // 2) // step)
            one, other = sets[each, under, begin : begin + words], sets[each, over, begin : begin + words]
            for word in range(words):
                found[word] = one[word] ^ other[word]
            _toggle(ranks[each], low[each, mine], under, step, begin << 6, words, found)
            _toggle(ranks[each], high[each, mine], over, step, begin << 6, words, found)
            ones = np.uint64(0)
            for word in range(words):
                agree[word] &= found[word]
                ones += _ones(agree[word])
            if each == dimension - 2:
                shorter += int(ones)
            if each == dimension - 1:
                longer += int(ones)
    return shorter, longer
