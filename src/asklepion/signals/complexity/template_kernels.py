"""Counting pairs of templates that match, exactly and without looking at each pair. See `entropy`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.signals.compiled import compiled

Floats = NDArray[np.float64]
Places = NDArray[np.int32]
Words = NDArray[np.uint64]

_TILE = 2048
"""Templates whose sets are held at a time: for two dimensions 1 MB, so that rows are read from the cache."""


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
    low, high = _bounds(values[rising], radius)
    place = np.empty(len(values), dtype=np.int32)
    place[rising] = np.arange(len(values), dtype=np.int32)
    begins = rising < n
    before = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum(begins, out=before[1:])
    order = rising[begins]
    own = np.empty((dimension, n), dtype=np.int32)
    spans = np.empty((n, dimension, 2), dtype=np.int32)
    for each in range(dimension):
        own[each] = place[order + (each + 1)]
        spans[:, each, 0], spans[:, each, 1] = low[own[each]], high[own[each]]
    width = (min(_TILE, n) + 63) // 64
    shorter, longer = _count(before[high[begins]], own, spans, width)
    return Matches(int(shorter), int(longer))


@compiled
def _bounds(ordered: Floats, radius: float) -> tuple[Places, Places]:
    """Return for each of some rising numbers the first within the radius, and the first beyond it.

    Without branches that a processor would guess wrong: one step moves either end, and the first within the radius is
    how many numbers have their end at or before this one. Not-a-number, of an overflow, is within no radius.
    """
    n = len(ordered)
    low = np.zeros(n + 1, dtype=np.int32)
    high = np.empty(n, dtype=np.int32)
    each = last = 0
    while last < n and each < n:
        high[each] = last
        alike = int(ordered[last] - ordered[each] <= radius)
        last += alike
        each += 1 - alike
    high[each:] = n
    for end in high:
        low[end] += 1
    for each in range(1, n):
        low[each] += low[each - 1]
    return low[:n], high


@compiled
def _ones(word: np.uint64) -> np.uint64:
    """Return how many bits are set. LLVM knows these lines and makes them the processor's own count."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def _held(index: Words, bound: int) -> np.int64:
    """Return how many templates of the tile have their sample before a place in the order of all samples."""
    word = bound >> 6
    below = (np.uint64(1) << np.uint64(bound & 63)) - np.uint64(1)
    return np.int64(index[word, 1] + _ones(index[word, 0] & below))


@compiled
def _fill(own: Places, index: Words, sets: Words) -> None:
    """Make the index (which places a tile's templates take, 64 to a word; how many before each word) and the sets.

    Row k of the sets holds the first k templates of the tile in the order of one sample.
    """
    index[:] = np.uint64(0)
    for place in own:
        index[place >> 6, 0] |= np.uint64(1) << np.uint64(place & 63)
    for word in range(1, len(index)):
        index[word, 1] = index[word - 1, 1] + _ones(index[word - 1, 0])
    ranked = np.empty(len(own), dtype=np.int32)
    for template in range(len(own)):
        ranked[_held(index, own[template])] = template
    for row in range(len(own)):
        for word in range(sets.shape[1]):
            sets[row + 1, word] = sets[row, word]
        sets[row + 1, ranked[row] >> 6] |= np.uint64(1) << np.uint64(ranked[row] & 63)


@compiled
def _count(top: Places, own: Places, spans: Places, width: int) -> tuple[int, int]:
    """Count tile by tile: all templates that have partners in a tile meet it while its sets are in the cache.

    The innermost loops stand here and not in a function of their own, which costs a third more time.
    """
    dimension, n = own.shape
    index = np.empty((dimension, ((n + dimension) >> 6) + 1, 2), dtype=np.uint64)
    sets = np.zeros((dimension, width * 64 + 1, width), dtype=np.uint64)
    agree = np.empty(width, dtype=np.uint64)
    shorter = longer = start = 0
    for begin in range(0, n, width * 64):
        end = min(n, begin + width * 64)
        for each in range(dimension):
            _fill(own[each, begin:end], index[each], sets[each])
        while start < begin and top[start] <= begin:
            start += 1
        for mine in range(start, end - 1):
            first, last = max(mine + 1, begin) - begin, min(top[mine], end) - begin - 1
            if last < first:
                continue
            from_word, words = first >> 6, (last >> 6) - (first >> 6) + 1
            for word in range(words):
                agree[word] = ~np.uint64(0)
            agree[0] &= ~np.uint64(0) << np.uint64(first & 63)
            agree[words - 1] &= ~np.uint64(0) >> np.uint64(63 - (last & 63))
            kept = last - first + 1
            for each in range(dimension):
                shorter += kept if each == dimension - 1 else 0
                one = sets[each, _held(index[each], spans[mine, each, 0]), from_word : from_word + words]
                other = sets[each, _held(index[each], spans[mine, each, 1]), from_word : from_word + words]
                ones = np.uint64(0)
                for word in range(words):
                    agree[word] &= one[word] ^ other[word]
                    ones += _ones(agree[word])
                kept = np.int64(ones)
            longer += kept
    return shorter, longer
