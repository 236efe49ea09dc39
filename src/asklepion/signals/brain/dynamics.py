"""Connectivity in time: phases, LEiDA's leading eigenvectors, synchrony, sliding windows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import signal

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats, table
from asklepion.signals.compiled import compiled

BAND_HZ = (0.01, 0.1)
_ORDER = 2
_AFRESH = 64
"""Windows after which the running sums are taken anew, so that rounding does not add up."""


def phases(volumes: ArrayLike, *, sampling_hz: float | None = None, band_hz: tuple[float, float] = BAND_HZ) -> Floats:
    """Return the phase of the analytic signal at each volume and parcel, in radians.

    With `sampling_hz` parcels are band-passed first (Butterworth of order 2, forwards and backwards); without it they
    are only centred. Volumes must follow each other without gaps. Raises BadInput for a band beyond Nyquist.
    """
    found = table(volumes, where="time x parcels", at_least=10)
    centred = found - found.mean(axis=0)
    if sampling_hz is not None:
        low, high = band_hz
        if not 0 < low < high < sampling_hz / 2:
            what = f"{low:g} to {high:g} Hz is no band at {sampling_hz:g} Hz."
            raise BadInput(what, where="band", remedy=f"Stay below {sampling_hz / 2:g} Hz.")
        sections = signal.butter(_ORDER, band_hz, "bandpass", fs=sampling_hz, output="sos")
        centred = signal.sosfiltfilt(sections, centred, axis=0, padlen=min(len(found) - 1, int(3 * sampling_hz / low)))
    return np.asarray(np.angle(signal.hilbert(centred, axis=0)))


def leading_eigenvectors(phase: ArrayLike) -> Floats:
    """Return the leading eigenvector of cos(difference of phase) at each volume, of length 1 [cabral2017].

    The matrix is c c' + s s' with c and s the cosines and sines: of rank 2, so that the vector is cos(a) c + sin(a) s
    with tan 2a = 2 c's / (c'c - s's), without an eigenproblem. Most elements are made negative, as LEiDA does.
    """
    return _leading(table(phase, where="phases"))


@compiled
def _leading(phase: Floats) -> Floats:
    volumes, parcels = phase.shape
    vectors = np.empty((volumes, parcels))
    cosine, sine = np.empty(parcels), np.empty(parcels)
    for volume in range(volumes):
        across = apart = 0.0
        for parcel in range(parcels):
            c, s = np.cos(phase[volume, parcel]), np.sin(phase[volume, parcel])
            cosine[parcel], sine[parcel] = c, s
            across += 2 * c * s
            apart += c * c - s * s
        turn = 0.5 * np.arctan2(across, apart)
        length = np.sqrt((parcels + np.hypot(across, apart)) / 2)
        one, other = np.cos(turn) / length, np.sin(turn) / length
        positive, total = 0, 0.0
        for parcel in range(parcels):
            value = one * cosine[parcel] + other * sine[parcel]
            vectors[volume, parcel] = value
            positive += value > 0
            total += value
        if 2 * positive > parcels or (2 * positive == parcels and total > 0):
            for parcel in range(parcels):
                vectors[volume, parcel] = -vectors[volume, parcel]
    return vectors


@dataclass(frozen=True, slots=True)
class Synchrony:
    """The mean over time of the order parameter |mean exp(i phase)|, and its standard deviation (divisor n)."""

    synchrony: float
    metastability: float


def synchrony(phase: ArrayLike) -> Synchrony:
    """Return synchrony and metastability of phases, time x parcels [shanahan2010]."""
    found = table(phase, where="phases")
    order = np.hypot(np.cos(found).mean(axis=1), np.sin(found).mean(axis=1))
    return Synchrony(float(order.mean()), float(order.std()))


def sliding_correlation(volumes: ArrayLike, *, width: int, step: int = 1) -> Iterator[Floats]:
    """Yield the correlation of parcels in one window after the other; memory is that of one matrix.

    The matrix is written over when the next is asked for: copy what is to be kept. Raises BadInput for a width of fewer
    than 3 volumes or more than there are.
    """
    for matrix in _upper_correlations(_windowed(volumes, width, step), width, step):
        _mirror(matrix)
        yield matrix


def _upper_correlations(found: Floats, width: int, step: int) -> Iterator[Floats]:
    """Yield the upper half of each window's correlations. Sums move on by the volumes that enter and leave."""
    sums, products = np.empty(found.shape[1]), np.empty((found.shape[1],) * 2)
    matrix = np.zeros_like(products)
    for number, begin in enumerate(range(0, len(found) - width + 1, step)):
        if number % _AFRESH == 0 or step >= width:
            part = found[begin : begin + width]
            sums[:], products[:] = part.sum(axis=0), part.T @ part
        else:
            _advance(found, begin - step, begin, width, sums, products)
        _correlate(sums, products, width, matrix)
        yield matrix


@dataclass(frozen=True, slots=True)
class Variability:
    """Mean and standard deviation (divisor n) of each pair's correlation over windows, and how many windows."""

    mean: Floats
    spread: Floats
    windows: int


def sliding_variability(volumes: ArrayLike, *, width: int, step: int = 1) -> Variability:
    """Return how much the correlation of each pair of parcels varies over windows, in the memory of four matrices."""
    found = _windowed(volumes, width, step)
    mean, squares = np.zeros((found.shape[1],) * 2), np.zeros((found.shape[1],) * 2)
    count = 0
    for count, matrix in enumerate(_upper_correlations(found, width, step), 1):
        _gather(matrix, count, mean, squares)
    mean += np.triu(mean, 1).T
    squares += np.triu(squares, 1).T
    return Variability(mean, np.sqrt(np.maximum(squares, 0.0) / count), count)


def _windowed(volumes: ArrayLike, width: int, step: int) -> Floats:
    found = table(volumes, where="time x parcels")
    if not 3 <= width <= len(found):
        what = f"A window of {width} volumes does not fit {len(found)}."
        raise BadInput(what, where="width", remedy=f"Give 3 to {len(found)} volumes.")
    if step < 1:
        raise BadInput(f"{step} is no step.", where="step", remedy="Give 1 or more volumes.")
    centred = found - found.mean(axis=0)
    spread = centred.std(axis=0)
    return np.asarray(centred / np.where(spread > 0, spread, 1.0))


@compiled
def _advance(found: Floats, old: int, new: int, width: int, sums: Floats, products: Floats) -> None:
    """Take leaving volumes from the sums and add entering ones. Only the upper half of the products is kept up."""
    parcels = found.shape[1]
    for leaving in range(old, new):
        sums += found[leaving + width] - found[leaving]
        for one in range(parcels):
            out, into = found[leaving, one], found[leaving + width, one]
            row, goes, comes = products[one, one:], found[leaving, one:], found[leaving + width, one:]
            for other in range(len(row)):
                row[other] += into * comes[other] - out * goes[other]


@compiled
def _correlate(sums: Floats, products: Floats, width: int, matrix: Floats) -> None:
    """Write the upper half of a window's correlations, zero below, NaN for a parcel that is flat in it."""
    parcels = len(sums)
    scale, level = np.empty(parcels), sums / np.sqrt(width)
    for one in range(parcels):
        square = products[one, one] - level[one] * level[one]
        scale[one] = 1 / np.sqrt(square) if square > 1e-10 * width else np.nan
    for one in range(parcels):
        row, into = products[one, one:], matrix[one, one:]
        levels, scales = level[one:], scale[one:]
        for other in range(len(row)):
            into[other] = (row[other] - level[one] * levels[other]) * scale[one] * scales[other]
        into[0] = 1.0
        for other in range(one):
            matrix[one, other] = 0.0


@compiled
def _mirror(matrix: Floats) -> None:
    """Write the upper half into the lower, in tiles that stay in the cache."""
    n = len(matrix)
    for top in range(0, n, 32):
        for left in range(top, n, 32):
            for one in range(top, min(top + 32, n)):
                for other in range(max(left, one + 1), min(left + 32, n)):
                    matrix[other, one] = matrix[one, other]


@compiled
def _gather(matrix: Floats, count: int, mean: Floats, squares: Floats) -> None:
    """Take one more matrix into means and sums of squares about them (Welford), upper half."""
    share = 1.0 / count
    for one in range(len(matrix)):
        value, level, square = matrix[one, one:], mean[one, one:], squares[one, one:]
        for other in range(len(value)):
            off = value[other] - level[other]
            level[other] += off * share
            square[other] += off * off * (1 - share)
