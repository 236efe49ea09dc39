"""Lempel-Ziv complexity in the definitions in use, each under a name of its own; docs/methods/complexity.md.

`lzc_schartner` and `lzs_schartner` count Welch's dictionary over what a shuffle of the same symbols gives. The others
count the words of Lempel and Ziv's exhaustive history: `lz76_log` over n / log2(n), `lz76_shuffled` over shuffles,
`lz76_phase` over phase-randomised surrogates. The numbers are not interchangeable.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats, series, table
from asklepion.signals.complexity.lempel_ziv_kernels import lz76_words, lzw_words
from asklepion.signals.measure import Measure, settings

Symbols = NDArray[np.uint8]
_MOST_SYMBOLS = 16
_AT_A_TIME = 16
_FLAT = "The signal is flat: it has no halves to tell apart."


def lz76_count(symbols: ArrayLike) -> int:
    """Return the number of words in the exhaustive history of a sequence of whole numbers [lempel1976, kaspar1987].

    The last word counts though the sequence ends within it. Raises BadInput for more than 16 different symbols.

    >>> lz76_count([0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1])
    6
    """
    found, alphabet = _coded(symbols)
    return lz76_words(found, alphabet)


def lzw_count(symbols: ArrayLike) -> int:
    """Return the size of Welch's dictionary of a sequence of whole numbers, begun empty, as [schartner2015] counts."""
    found, alphabet = _coded(symbols)
    return lzw_words(found, alphabet)


def binary(values: ArrayLike, *, threshold: str = "median") -> Symbols:
    """Return 1 where a signal lies above its own median or mean, or its envelope above the envelope's mean, else 0.

    `threshold` is `median`, `mean` or `envelope` (amplitude of the analytic signal of the detrended channel, as
    [schartner2015] has it).
    """
    found = series(values)
    match threshold:
        case "median":
            return _bits(found > np.median(found))
        case "mean":
            return _bits(np.asarray(found > found.mean()))
        case "envelope":
            bits: Symbols = _above_envelope(found[None])[0]
            return bits
    raise BadInput(f"There is no threshold {threshold}.", remedy="Known: median, mean, envelope.")


def lz76_log(values: ArrayLike, *, threshold: str = "median") -> Measure:
    """Return LZ76 words of the halved signal times log2(n) / n [lempel1976]: about 1 for a fair coin, more if short."""
    found = series(values, at_least=2)
    bits = binary(found, threshold=threshold)
    value: float | Unscored = lz76_words(bits, 2) * math.log2(len(bits)) / len(bits)
    return Measure(
        name=f"lz76_log_{threshold}",
        value=Unscored(_FLAT) if np.ptp(found) == 0 else value,
        unit="1",
        n=len(found),
        parameters=settings(threshold=threshold, normalised_by="log2(n)/n"),
        quality=("Values of recordings of different length do not compare.",),
        source="lempel1976",
    )


def lz76_shuffled(values: ArrayLike, *, shuffles: int, seed: int, threshold: str = "median") -> Measure:
    """Return LZ76 words over the mean of so many shuffles of the same symbols."""
    found = series(values, at_least=2)
    bits = binary(found, threshold=threshold)
    return _against(found, bits, f"lz76_shuffled_{threshold}", _shuffler(bits), shuffles, seed, threshold)


def lz76_phase(values: ArrayLike, *, surrogates: int, seed: int, threshold: str = "median") -> Measure:
    """Return LZ76 words over the mean of so many surrogates with the same spectrum and random phases [theiler1992].

    What the spectrum alone explains is divided out: a change of band power does not pass for a change of complexity.
    """
    found = series(values, at_least=4)
    bits = binary(found, threshold=threshold)

    def surrogate(rng: np.random.Generator) -> Symbols:
        return binary(phase_randomised(found, rng), threshold=threshold)

    return _against(found, bits, f"lz76_phase_{threshold}", surrogate, surrogates, seed, threshold)


def lzc_schartner(values: ArrayLike, *, seed: int, shuffles: int = 1) -> Measure:
    """Return Schartner's LZc of channels x samples: joint complexity of all channels [schartner2015].

    Each channel is detrended and halved at the mean of its envelope; the bits are strung together sample by sample over
    the channels; Welch's words are counted over those of a shuffle (the mean of several, if asked for).
    """
    found = table(values, where="channels x samples")
    name = "lzc_schartner"
    told = settings(channels=len(found), threshold="envelope", shuffles=shuffles, seed=seed)
    if flat := _flat(found):
        return Measure(name=name, value=Unscored(flat), unit="1", n=found.shape[1], parameters=told)
    text = np.ascontiguousarray(_above_envelope(found).T).ravel()
    value = lzw_words(text, 2) / _mean_words(lzw_words, _shuffler(text), shuffles, seed)
    return Measure(name=name, value=value, unit="1", n=found.shape[1], parameters=told, source="schartner2015")


def lzs_schartner(values: ArrayLike, *, seed: int, shuffles: int = 1) -> Measure:
    """Return Schartner's LZs of channels x samples: complexity of single channels, their mean [schartner2017]."""
    found = table(values, where="channels x samples")
    name = "lzs_schartner"
    told = settings(channels=len(found), threshold="envelope", shuffles=shuffles, seed=seed)
    if flat := _flat(found):
        return Measure(name=name, value=Unscored(flat), unit="1", n=found.shape[1], parameters=told)
    each = [
        lzw_words(bits, 2) / _mean_words(lzw_words, _shuffler(bits), shuffles, seed + channel)
        for channel, bits in enumerate(_above_envelope(found))
    ]
    value = float(np.mean(each))
    return Measure(name=name, value=value, unit="1", n=found.shape[1], parameters=told, source="schartner2017")


def phase_randomised(values: ArrayLike, rng: np.random.Generator) -> Floats:
    """Return a signal with the same amplitude spectrum and mean, and phases drawn anew [theiler1992]."""
    found = series(values, at_least=4)
    spectrum = np.fft.rfft(found)
    turned = spectrum * np.exp(1j * rng.uniform(0, 2 * np.pi, len(spectrum)))
    turned[0] = spectrum[0]
    if len(found) % 2 == 0:
        turned[-1] = spectrum[-1]
    return np.fft.irfft(turned, len(found))


def _against(
    found: Floats,
    bits: Symbols,
    name: str,
    drawn: Callable[[np.random.Generator], Symbols],
    draws: int,
    seed: int,
    threshold: str,
) -> Measure:
    flat = np.ptp(found) == 0
    value = Unscored(_FLAT) if flat else lz76_words(bits, 2) / _mean_words(lz76_words, drawn, draws, seed)
    told = settings(threshold=threshold, draws=draws, seed=seed)
    return Measure(name=name, value=value, unit="1", n=len(found), parameters=told, source="lempel1976")


def _shuffler(symbols: Symbols) -> Callable[[np.random.Generator], Symbols]:
    return lambda rng: rng.permutation(symbols)


def _mean_words(
    words: Callable[[Symbols, int], int], drawn: Callable[[np.random.Generator], Symbols], draws: int, seed: int
) -> float:
    if draws < 1:
        raise BadInput("At least one draw is needed.", where="shuffles, surrogates", remedy="Give 1 or more.")
    rng = np.random.default_rng(seed)
    return sum(words(drawn(rng), 2) for _ in range(draws)) / draws


def _above_envelope(found: Floats) -> Symbols:
    """Halve each channel at the mean of its envelope, some channels at a time: what is computed stays in the cache."""
    bits = np.empty(found.shape, dtype=np.uint8)
    for begin in range(0, len(found), _AT_A_TIME):
        envelope = _envelope(_straightened(found[begin : begin + _AT_A_TIME]))
        bits[begin : begin + _AT_A_TIME] = envelope > envelope.mean(axis=1, keepdims=True)
    return bits


def _straightened(found: Floats) -> Floats:
    """Return each channel without its least-squares line, as SciPy's `detrend` gives it, in closed form."""
    samples = found.shape[1]
    line = np.arange(samples) - (samples - 1) / 2
    line /= np.sqrt(line @ line or 1.0)
    straight: Floats = found - found.mean(axis=1, keepdims=True) - np.outer(found @ line, line)
    return straight


def _envelope(found: Floats) -> Floats:
    """Return the amplitude of the analytic signal, as SciPy's `hilbert` gives it, from real transforms alone."""
    spectrum = fft.rfft(found, axis=1)
    spectrum *= -1j
    spectrum[:, 0] = 0
    if found.shape[1] % 2 == 0:
        spectrum[:, -1] = 0
    squares = fft.irfft(spectrum, found.shape[1], axis=1)
    squares *= squares
    squares += found * found
    return np.asarray(np.sqrt(squares))


def _bits(above: NDArray[np.bool_]) -> Symbols:
    bits: Symbols = above.astype(np.uint8)
    return bits


def _flat(found: Floats) -> str:
    flat = np.flatnonzero(np.ptp(found, axis=1) == 0)
    return f"Channels {', '.join(map(str, flat))} are flat: leave them out." if len(flat) else ""


def _coded(symbols: ArrayLike) -> tuple[Symbols, int]:
    """Return symbols as 0, 1, ... and how many there are."""
    found = np.asarray(symbols)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iub"):
        raise BadInput(
            "A sequence of whole numbers is needed.", where="symbols", remedy="Turn the signal into symbols."
        )
    known, coded = np.unique(found, return_inverse=True)
    if len(known) > _MOST_SYMBOLS:
        raise BadInput(
            f"It has {len(known)} different symbols; {_MOST_SYMBOLS} at most.",
            where="symbols",
            remedy="Halve the signal at its median first: binary(values).",
        )
    return coded.astype(np.uint8), len(known)
