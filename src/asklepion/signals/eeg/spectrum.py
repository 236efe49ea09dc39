"""How the power of each channel and epoch is spread over frequency, in units squared: shares in bands, and its edge."""

from dataclasses import dataclass

import numpy as np
from scipy import fft, signal

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.eeg.plan import Band
from asklepion.signals.measure import Setting, settings


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """One-sided density, units squared per Hz, epochs x channels x frequencies, evenly `step_hz` apart from zero.

    `correlated` is how many times the variance of a slowly varying weighted sum over frequencies exceeds that of
    independent ordinates: neighbours share what the taper smears.
    """

    hz: Floats
    density: Floats
    step_hz: float
    correlated: float
    parameters: tuple[tuple[str, Setting], ...]


def welch(data: Floats, sampling_hz: float, *, segment_s: float) -> Spectra:
    """Return spectra by Welch's method [welch1967]: Hann, segments of `segment_s` or the epoch, half overlap.

    The mean of each segment is taken out. Summed over all frequencies times the step, the density is the mean square
    of the segments under the window (Parseval).
    """
    samples = data.shape[2]
    segment = min(samples, max(2, round(segment_s * sampling_hz)))
    hz, density = signal.welch(data, sampling_hz, window="hann", nperseg=segment, axis=2, detrend="constant")
    taper = signal.get_window("hann", segment)
    told = settings(spectrum="Welch", window="Hann", segment_s=segment / sampling_hz, overlap="half", mean="taken out")
    return Spectra(hz, density, sampling_hz / segment, _correlated(taper[None], np.ones(1)), told)


def multitaper(data: Floats, sampling_hz: float, *, half_width_hz: float) -> Spectra:
    """Return spectra as the mean over discrete prolate spheroidal tapers [thomson1982] of the whole epoch.

    Tapers that keep more than 0.9 of their energy within `half_width_hz` are taken, and weighed by what they keep, as
    MNE's `psd_array_multitaper(adaptive=False, low_bias=True, normalization="full")` does.
    """
    samples = data.shape[2]
    if half_width_hz >= sampling_hz / 4:
        what = f"Tapers of {half_width_hz:g} Hz to each side smear all of {sampling_hz / 2:g} Hz."
        raise BadInput(what, where="tapers_half_width_hz", remedy="Ask for less.")
    product = max(1.0, half_width_hz * samples / sampling_hz)
    most = max(1, int(2 * product))
    tapers, kept = signal.windows.dpss(samples, product, most, sym=False, return_ratios=True)
    good = kept > 0.9
    tapers, kept = (tapers[good], kept[good]) if good.any() else (tapers[:1], kept[:1])
    weights = kept / kept.sum()
    centred = data - data.mean(axis=2, keepdims=True)
    density = np.zeros((*data.shape[:2], samples // 2 + 1))
    for taper, weight in zip(tapers, weights, strict=True):
        density += weight * np.abs(fft.rfft(centred * taper, axis=2)) ** 2
    density *= 2 / sampling_hz
    density[..., 0] /= 2
    if samples % 2 == 0:
        density[..., -1] /= 2
    told = settings(
        spectrum="multitaper",
        half_width_hz=product * sampling_hz / samples,
        tapers=len(tapers),
        weights="energy kept",
        mean="taken out",
    )
    return Spectra(
        fft.rfftfreq(samples, 1 / sampling_hz), density, sampling_hz / samples, _correlated(tapers, weights), told
    )


def band_power(found: Spectra, band: Band) -> Floats | Unscored:
    """Return power in a band, epochs x channels: bins times their width. Bands side by side share no bin."""
    within = _within(found, band)
    if isinstance(within, Unscored):
        return within
    power: Floats = found.density[..., within].sum(axis=2) * found.step_hz
    return power


def relative_power(found: Spectra, band: Band, *, whole: Band) -> Floats | Unscored:
    """Return the share of power in `whole` that lies in a band, epochs x channels; a band beyond it has none."""
    if band.low_hz < whole.low_hz or band.high_hz > whole.high_hz:
        return Unscored(f"{band.words} does not lie within {whole.words}, to which it is to be relative.")
    part, every = band_power(found, band), band_power(found, whole)
    if isinstance(part, Unscored):
        return part
    if isinstance(every, Unscored):
        return every
    share: Floats = part / every
    return share


def spectral_edge(found: Spectra, percent: float, *, whole: Band) -> Floats | Unscored:
    """Return the frequency below which so many per cent of the power of `whole` lie, in Hz, epochs x channels."""
    within = _within(found, whole)
    if isinstance(within, Unscored):
        return within
    risen = np.cumsum(found.density[..., within], axis=2)
    place = np.argmax(risen >= percent / 100 * risen[..., -1:], axis=2)
    edge: Floats = found.hz[within][place]
    return edge


def _within(found: Spectra, band: Band) -> np.ndarray[tuple[int], np.dtype[np.bool_]] | Unscored:
    nyquist = float(found.hz[-1])
    if band.high_hz > nyquist:
        return Unscored(f"{band.name} reaches {band.high_hz:g} Hz; half of the sampling rate is {nyquist:g} Hz.")
    within = (found.hz >= band.low_hz) & (found.hz < band.high_hz)
    if not within.any():
        return Unscored(f"No frequency lies in {band.words}: they are {found.step_hz:.3g} Hz apart.")
    if band.high_hz - band.low_hz < found.step_hz * (1 - 1e-9):
        return Unscored(f"{band.words} is narrower than a frequency: they are {found.step_hz:.3g} Hz apart.")
    return within


def _correlated(tapers: Floats, weights: Floats) -> float:
    """Return the sum of correlations between spectral ordinates of white noise over all lags, by Parseval."""
    energy = tapers**2 / (tapers**2).sum(axis=1, keepdims=True)
    return float(tapers.shape[1] * ((weights @ energy) ** 2).sum() / (weights**2).sum())
