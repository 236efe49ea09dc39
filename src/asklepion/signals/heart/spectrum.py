"""How the variance of normal intervals is spread over frequency, in ms2. Bands never sum to more than the variance."""

from dataclasses import dataclass

import numpy as np
from scipy import interpolate, signal

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.heart.intervals import Intervals
from asklepion.signals.heart.kernels import lomb_power
from asklepion.signals.measure import Measure, settings

BANDS = (("vlf", 0.0033, 0.04), ("lf", 0.04, 0.15), ("hf", 0.15, 0.4))
"""Lower bound within, upper bound without (HF: within), in Hz [taskforce1996].

The lower bound of VLF is one wave in five minutes, as NeuroKit2 0.2.13 has it: [taskforce1996] give short recordings
none.
"""

_LEAST_S = {"vlf": 285.0, "lf": 120.0, "hf": 60.0}
"""Seconds that a recording must have: 1 minute for HF, 2 for LF [taskforce1996].

For VLF one wave at its lower bound (ours): five minutes, less the 5% that a window may have marked.
"""
VLF_WARNING = "Of 5 minutes or less, power at very low frequency is dubious."
_SEGMENT_S = 256.0
RESAMPLED_HZ = 4.0


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Frequencies in Hz, and the share of the variance at each: the shares sum to one over all above zero."""

    hz: Floats
    share: Floats


def frequency_domain(found: Intervals, *, method: str = "lomb") -> tuple[Measure, ...]:
    """Return power in VLF, LF and HF in ms2, total power, LF/HF and normal units [taskforce1996].

    `lomb` takes the normal intervals where they stand [lomb1976]; `welch` resamples them at 4 Hz. Either way the
    spectrum says only how the variance of the intervals (about their line, divisor n) is spread: it is scaled to that
    variance over all frequencies up to the mean Nyquist frequency, so that Parseval's equation holds.
    """
    nn, at = found.rr_ms[found.valid], found.ends_s[found.valid]
    length_s = float(at[-1] - at[0]) if len(at) else 0.0
    if method not in ("lomb", "welch"):
        raise BadInput(f"There is no method {method}.", where="method", remedy="Known: lomb, welch.")
    if len(nn) < 8 or np.ptp(nn) == 0:
        why = "All intervals are equal." if len(nn) >= 8 else f"Only {len(nn)} normal intervals."
        return tuple(_power(name, Unscored(why), method, len(nn)) for name in _names())
    spread = lomb(at, nn) if method == "lomb" else welch(at, nn)
    variance = float(np.mean(_straightened(at, nn) ** 2))
    power = {
        name: _band(spread, low, high, variance)
        if length_s >= _LEAST_S[name]
        else Unscored(f"{length_s:.0f} s are too short for this band: {_LEAST_S[name]:.0f} s are needed.")
        for name, low, high in BANDS
    }
    values = _with_ratios(power, variance)
    return tuple(_power(name, values[name], method, len(nn)) for name in _names())


def lomb(at_s: Floats, nn_ms: Floats) -> Spectrum:
    """Return the spread of variance by the periodogram for uneven times, at whole multiples of 1 / length."""
    length = at_s[-1] - at_s[0] + float(np.mean(nn_ms)) / 1000
    highest = 0.5 / (float(np.mean(nn_ms)) / 1000)
    count = max(1, int(highest * length))
    power = lomb_power(at_s - at_s[0], _straightened(at_s, nn_ms), 1 / length, count)
    return _spread(np.arange(1, count + 1) / length, power)


def welch(at_s: Floats, nn_ms: Floats) -> Spectrum:
    """Return the spread of variance by Welch's method: monotone cubic to 4 Hz, Hann, 256 s, half overlap."""
    times = np.arange(at_s[0], at_s[-1], 1 / RESAMPLED_HZ)
    even = interpolate.PchipInterpolator(at_s, nn_ms)(times)
    segment = min(len(even), int(_SEGMENT_S * RESAMPLED_HZ))
    hz, power = signal.welch(signal.detrend(even), RESAMPLED_HZ, nperseg=segment, detrend="constant")
    return _spread(hz[1:], power[1:])


def _spread(hz: Floats, power: Floats) -> Spectrum:
    whole = power.sum()
    return Spectrum(hz, power / whole if whole > 0 else np.zeros_like(power))


def _band(spread: Spectrum, low: float, high: float, variance: float) -> float:
    within = (spread.hz >= low) & ((spread.hz < high) | ((spread.hz == high) & (high == BANDS[-1][2])))
    return variance * float(spread.share[within].sum())


def _straightened(at_s: Floats, nn_ms: Floats) -> Floats:
    """Return intervals about the line through them."""
    slope, level = np.polyfit(at_s - at_s[0], nn_ms, 1)
    return np.asarray(nn_ms - level - slope * (at_s - at_s[0]))


def _with_ratios(power: dict[str, float | Unscored], variance: float) -> dict[str, float | Unscored]:
    values: dict[str, float | Unscored] = {f"{name}_power": value for name, value in power.items()}
    values["total_power"] = variance
    low, high = power["lf"], power["hf"]
    if isinstance(low, Unscored) or isinstance(high, Unscored) or low + high == 0 or high == 0:
        why = Unscored("LF or HF has no number, or there is no power in them.")
        return {**values, "lf_hf": why, "lf_normal_units": why, "hf_normal_units": why}
    both = low + high
    return {**values, "lf_hf": low / high, "lf_normal_units": 100 * low / both, "hf_normal_units": 100 * high / both}


def _names() -> tuple[str, ...]:
    return ("vlf_power", "lf_power", "hf_power", "total_power", "lf_hf", "lf_normal_units", "hf_normal_units")


def _power(name: str, value: float | Unscored, method: str, n: int) -> Measure:
    unit = {"lf_hf": "1", "lf_normal_units": "%", "hf_normal_units": "%"}.get(name, "ms2")
    band = {f"{each}_power": f"{low:g} to {high:g} Hz" for each, low, high in BANDS}.get(name, "")
    told = settings(method=method, band=band) if band else settings(method=method)
    quality = (VLF_WARNING,) if name == "vlf_power" else ()
    return Measure(
        name=f"{name}_{method}", value=value, unit=unit, n=n, parameters=told, quality=quality, source="taskforce1996"
    )
