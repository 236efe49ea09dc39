"""Weighted phase-lag index between channels: what is in step with a lag, blind to what a volume conducts at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.compiled import compiled
from asklepion.signals.eeg.plan import Band


@dataclass(frozen=True, slots=True, eq=False)
class Lag:
    """Channels x channels, symmetric: means over the frequencies of a band, of which there are `bins`.

    NaN on the diagonal, and for a pair of which one channel is the other times a number: nothing in it lags.

    `wpli` is 0 to 1 and biased upwards for few epochs; `debiased` estimates its square and can be below zero.
    """

    wpli: Floats
    debiased: Floats
    bins: int
    epochs: int


def phase_lag(data: Floats, sampling_hz: float, *, band: Band) -> Lag | Unscored:
    """Return the weighted phase-lag index and the debiased estimator of its square [vinck2011] for each pair.

    `data` is epochs x channels x samples. Each epoch's mean is taken out, one Hann window lies over the epoch
    (symmetric), and each frequency of the discrete transform in the band has its index over epochs; the band's is their
    mean. MNE-connectivity 0.9 (`mode="fourier"`, methods `wpli` and `wpli2_debiased`) has the same definition, with the
    upper limit within.
    """
    if data.ndim != 3:
        raise BadInput("Epochs x channels x samples are needed.", where="data", remedy="Cut epochs first.")
    epochs, channels, samples = data.shape
    if channels < 2:
        return Unscored("It is between channels, and there is one.")
    if epochs < 2:
        return Unscored("It is an index over epochs, and there is one.")
    hz = fft.rfftfreq(samples, 1 / sampling_hz)
    if band.high_hz > hz[-1]:
        return Unscored(f"{band.name} reaches {band.high_hz:g} Hz; half of the sampling rate is {hz[-1]:g} Hz.")
    within = np.flatnonzero((hz >= band.low_hz) & (hz < band.high_hz))
    if not len(within):
        return Unscored(f"No frequency lies in {band.words}: they are {sampling_hz / samples:.3g} Hz apart.")
    wpli, debiased = _over_epochs(*_transformed(data, within))
    return Lag(wpli, debiased, len(within), epochs)


def _transformed(data: Floats, within: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return real and imaginary parts, frequencies x epochs x channels, of windowed epochs without their mean.

    Only the frequencies of the band are computed, as a product with their own waves: taking the mean out beforehand is
    the same as taking the windowed mean out of the waves.
    """
    samples = data.shape[2]
    window = np.hanning(samples)
    turns = np.outer(within, np.arange(samples)) % samples * (2 * np.pi / samples)
    waves = np.concatenate([np.cos(turns), -np.sin(turns)]) * window
    waves -= waves.mean(axis=1, keepdims=True)
    parts = data.reshape(-1, samples) @ waves.T
    parts = parts.reshape(*data.shape[:2], 2, len(within)).transpose(2, 3, 0, 1)
    return np.ascontiguousarray(parts[0]), np.ascontiguousarray(parts[1])


@compiled
def _over_epochs(real: Floats, imaginary: Floats) -> tuple[Floats, Floats]:
    """Return both indices, the mean over frequencies, from sums over epochs of the cross-spectrum's imaginary part."""
    bins, epochs, channels = real.shape
    wpli = np.zeros((channels, channels))
    debiased = np.zeros((channels, channels))
    total = np.empty(channels)
    absolute = np.empty(channels)
    square = np.empty(channels)
    for one in range(channels):
        wpli[one, one] = np.nan
        debiased[one, one] = np.nan
        for at in range(bins):
            total[:] = 0.0
            absolute[:] = 0.0
            square[:] = 0.0
            for epoch in range(epochs):
                mine, my_own = imaginary[at, epoch, one], real[at, epoch, one]
                for other in range(one + 1, channels):
                    lagged = mine * real[at, epoch, other] - my_own * imaginary[at, epoch, other]
                    total[other] += lagged
                    absolute[other] += abs(lagged)
                    square[other] += lagged * lagged
            for other in range(one + 1, channels):
                between = absolute[other] ** 2 - square[other]
                if between > 0.0:
                    wpli[one, other] += abs(total[other]) / absolute[other] / bins
                    debiased[one, other] += (total[other] ** 2 - square[other]) / between / bins
                else:
                    wpli[one, other] = np.nan
                    debiased[one, other] = np.nan
    for one in range(channels):
        for other in range(one):
            wpli[one, other] = wpli[other, one]
            debiased[one, other] = debiased[other, one]
    return wpli, debiased
