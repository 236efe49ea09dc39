"""Counting Lempel-Ziv words in linear time. No measure is defined here; see `lempel_ziv`."""

import numpy as np
from numpy.typing import NDArray

from asklepion.signals.compiled import compiled

Symbols = NDArray[np.uint8]
Words = NDArray[np.uint64]

OVER_BUDGET = -1
_BUDGET = 1
"""Looks into the text per symbol before the index of short words is given up for the automaton."""


def lz76_words(symbols: Symbols, alphabet: int) -> int:
    """Return the number of words in the exhaustive history of a sequence [lempel1976], as Kaspar and Schuster count.

    `symbols` are 0 .. alphabet - 1. Linear time: two symbols are looked up in an index of short words, which a
    sequence of much repetition leaves for a suffix automaton; more symbols go to the automaton at once.
    """
    if not len(symbols):
        return 0
    if alphabet <= 2:
        depth = max(1, min(20, len(symbols).bit_length() - 5))
        found = int(_by_index(_packed(symbols), len(symbols), depth, _BUDGET * len(symbols) + 1024))
        if found != OVER_BUDGET:
            return found
    return int(_by_automaton(symbols, max(2, alphabet)))


def _packed(symbols: Symbols) -> Words:
    """Pack bits into words, the first symbol in the highest bit, with two words of zeros at the end."""
    padded = np.zeros((len(symbols) // 64 + 3) * 64, dtype=np.uint8)
    padded[: len(symbols)] = symbols
    return np.packbits(padded).view(">u8").astype(np.uint64)


@compiled
def _window(words: Words, at: int) -> np.uint64:
    """Return 64 bits from position `at` on."""
    word, shift = at >> 6, np.uint64(at & 63)
    high = words[word] << shift
    if shift == np.uint64(0):
        return high  # type: ignore[no-any-return]
    return high | (words[word + 1] >> (np.uint64(64) - shift))  # type: ignore[no-any-return]


@compiled
def _common(words: Words, one: int, other: int, most: int) -> int:
    """Return how many bits from two positions on are the same, at most so many."""
    length = 0
    while length < most:
        differ = _window(words, one + length) ^ _window(words, other + length)
        if differ == np.uint64(0):
            length += 64
            continue
        while differ >> np.uint64(63) == np.uint64(0):
            length += 1
            differ = differ << np.uint64(1)
        break
    return min(length, most)


@compiled
def _insert(
    start: int, word: int, depth: int, heads: NDArray[np.int32], older: NDArray[np.int32], seen: Symbols
) -> None:
    """Note a position under the word that begins there, and all beginnings of that word as seen."""
    older[start] = heads[word]
    if heads[word] < 0:
        node = (1 << depth | word) >> 1
        while node > 0 and seen[node] == 0:
            seen[node] = 1
            node >>= 1
    heads[word] = start


@compiled
def _by_index(words: Words, n: int, depth: int, budget: int) -> int:
    """Count words of a binary text with a trie of all words up to `depth` and chains of where the longest stand."""
    heads = np.full(1 << depth, -1, dtype=np.int32)
    older = np.empty(n, dtype=np.int32)
    seen = np.zeros(1 << depth, dtype=np.uint8)
    shift = np.uint64(64 - depth)
    count = start = done = 0
    while start < n:
        while done < start:
            _insert(done, int(_window(words, done) >> shift), depth, heads, older, seen)
            done += 1
        rest = n - start
        count += 1
        word = int(_window(words, start) >> shift)
        longest = min(depth, rest)
        if rest < depth or heads[word] < 0:
            node = (1 << depth | word) >> (depth - longest)
            if longest == depth:
                node >>= 1
                longest -= 1
            while longest > 0 and seen[node] == 0:
                node >>= 1
                longest -= 1
        else:
            mine = _window(words, start)
            earlier = heads[word]
            while earlier >= 0 and longest < rest:
                budget -= 1
                if budget < 0:
                    return -1
                if longest >= 63 or (mine ^ _window(words, earlier)) >> np.uint64(63 - longest) == np.uint64(0):
                    same = _common(words, start, earlier, rest)
                    budget -= same >> 6
                    longest = max(longest, same)
                earlier = older[earlier]
        start += longest + 1
    return count


@compiled
def _by_automaton(symbols: Symbols, alphabet: int) -> int:
    """Count words with a suffix automaton that grows one symbol behind the word that is being matched."""
    n = len(symbols)
    follow = np.full((2 * n + 1, alphabet), -1, dtype=np.int32)
    link = np.full(2 * n + 1, -1, dtype=np.int32)
    length = np.zeros(2 * n + 1, dtype=np.int32)
    states, last = 1, 0
    here, matched, count = 0, 0, 0
    for at in range(n):
        if at > 0:
            symbol = symbols[at - 1]
            new = states
            states += 1
            length[new] = length[last] + 1
            state = last
            while state >= 0 and follow[state, symbol] < 0:
                follow[state, symbol] = new
                state = link[state]
            if state < 0:
                link[new] = 0
            else:
                known = follow[state, symbol]
                if length[known] == length[state] + 1:
                    link[new] = known
                else:
                    copy = states
                    states += 1
                    length[copy] = length[state] + 1
                    follow[copy] = follow[known]
                    link[copy] = link[known]
                    while state >= 0 and follow[state, symbol] == known:
                        follow[state, symbol] = copy
                        state = link[state]
                    link[known] = copy
                    link[new] = copy
                    if here == known and matched <= length[copy]:
                        here = copy
            last = new
        onward = follow[here, symbols[at]]
        if onward < 0:
            count += 1
            here, matched = 0, 0
        else:
            here = onward
            matched += 1
    return count + (1 if matched else 0)


@compiled
def lzw_words(symbols: Symbols, alphabet: int) -> int:
    """Return the size of the dictionary that [schartner2015] counts: Welch's, begun empty. Linear time.

    The first symbol alone is a word; then every word that was not met before, of two symbols or more.
    """
    n = len(symbols)
    if n == 0:
        return 0
    follow = np.full((n + alphabet + 1, alphabet), -1, dtype=np.int32)
    nodes, count = alphabet, 1
    here = np.int32(symbols[0])
    for at in range(1, n):
        symbol = symbols[at]
        onward = follow[here, symbol]
        if onward >= 0:
            here = onward
        else:
            follow[here, symbol] = nodes
            nodes += 1
            count += 1
            here = np.int32(symbol)
    return count
