"""Whether chains agree, and how many independent draws they are worth."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_LEAST = 4


def split_r_hat(traces: Array) -> float:
    """Give R-hat of chains (C, T), each split in halves: 1 where they agree [gelman2013, section 11.4].

    Not a number where halves hold fewer than two draws, or draws do not vary.
    """
    if traces.shape[1] < _LEAST:
        return float("nan")
    halves = _halves(traces)
    within, above = _variances(halves)
    return float((above / within) ** 0.5) if within > 0 else float("nan")


def effective(traces: Array) -> float:
    """Give the effective number of draws in chains (C, T), split in halves [gelman2013, section 11.5].

    Autocorrelations are summed in pairs of lags up to the first pair whose sum is not above zero [geyer1992].
    """
    if traces.shape[1] < _LEAST:
        return float("nan")
    halves = _halves(traces)
    count, length = halves.shape
    within, above = _variances(halves)
    if not within > 0:
        return float("nan")
    centred = halves - halves.mean(axis=1, keepdims=True)
    wide = np.fft.rfft(centred, 2 * length, axis=1)
    products = np.fft.irfft(np.abs(wide) ** 2, axis=1)[:, :length].mean(axis=0) / length
    correlations = 1 - (within - products * length / (length - 1)) / above
    correlations[0] = 1.0
    pairs = correlations[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    ended = np.flatnonzero(pairs <= 0)
    upto = pairs[: ended[0]] if len(ended) else pairs
    time = -1 + 2 * float(upto.sum())
    return float(min(count * length / max(time, 1e-9), count * length * np.log10(count * length)))


def _halves(traces: Array) -> Array:
    half = traces.shape[1] // 2
    return np.concatenate([traces[:, :half], traces[:, half : 2 * half]])


def _variances(halves: Array) -> tuple[float, float]:
    """Give the variance within halves and the one that allows for their means being apart."""
    length = halves.shape[1]
    within = float(halves.var(axis=1, ddof=1).mean())
    between = float(halves.mean(axis=1).var(ddof=1))
    return within, (length - 1) / length * within + between
