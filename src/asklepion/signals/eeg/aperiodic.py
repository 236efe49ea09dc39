"""The slope of a spectrum without its peaks: power falls as 1 / f^exponent. docs/methods/eeg.md."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats

_TUNING = 4.685
_LOWER = 0.1
_PEAK = 3.0
_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Slope:
    """log10 power = offset - exponent * log10 f. `error` is the mean absolute residual in log10, `r2` and `error` are
    over the frequencies that were kept (weight above zero), `kept` how many of `n` those are."""

    exponent: float
    low: float
    high: float
    offset: float
    r2: float
    error: float
    kept: int
    n: int


def aperiodic(hz: Floats, density: Floats, *, range_hz: tuple[float, float], correlated: float) -> Slope | Unscored:
    """Return the robust straight line through log10 power over log10 frequency, and a 95% interval of its exponent.

    Begun below the spectrum, with Tukey's bisquare weights (tuning 4.685, scale by the median of residuals below the
    line). What rises 3 scales above the line is a peak, and is left out with its flanks; a quarter of the frequencies
    must be left. The standard error is that of an M-estimator [huber1981], times the root of `correlated`, for
    neighbouring ordinates are not independent. It is the `fixed` form of [donoghue2020] fitted in another way: no
    peak is modelled.
    """
    low, high = range_hz
    if low <= 0 or high > hz[-1] or low < hz[1]:
        return Unscored(f"{low:g} to {high:g} Hz is not within the spectrum, {hz[1]:.3g} to {hz[-1]:.4g} Hz.")
    within = (hz >= low) & (hz <= high)
    if within.sum() < 8:
        return Unscored(f"Only {int(within.sum())} frequencies lie in {low:g} to {high:g} Hz; 8 are needed.")
    if not (density[within] > 0).all():
        return Unscored("There is a frequency without power.")
    return _line(np.log10(hz[within]), np.log10(density[within]), correlated)


def _line(x: Floats, y: Floats, correlated: float) -> Slope | Unscored:
    slope, level = _lower(x, y)
    peaks = np.zeros(len(x), dtype=bool)
    weights = np.ones_like(x)
    for _ in range(_ROUNDS):
        slope, level, weights, scale = _bisquare(x, y, start=(slope, level), peaks=peaks)
        if np.count_nonzero(weights) < max(8, len(x) / 4):
            kept = np.count_nonzero(weights)
            return Unscored(f"Only {kept} of {len(x)} frequencies lie near a straight line.")
        found = _with_flanks(y - level - slope * x, _PEAK * scale)
        if (found == peaks).all():
            break
        peaks = found
    return _told(x, y, slope=slope, level=level, weights=weights, correlated=correlated)


def _lower(x: Floats, y: Floats) -> tuple[float, float]:
    """Return the expectile line of 0.1: begun below, where peaks, which only rise, have little say."""
    weights = np.ones_like(x)
    for _ in range(_ROUNDS):
        slope, level = _weighted(x, y, weights)
        fresh = np.where(y - level - slope * x > 0, _LOWER, 1 - _LOWER)
        if (fresh == weights).all():
            break
        weights = fresh
    return slope, level


def _bisquare(
    x: Floats, y: Floats, *, start: tuple[float, float], peaks: NDArray[np.bool_]
) -> tuple[float, float, Floats, float]:
    """Return slope, level, weights and scale; the scale is that of residuals below the line, which no peak widens."""
    slope, level = start
    weights, scale = np.where(peaks, 0.0, 1.0), 0.0
    for _ in range(_ROUNDS):
        residual = y - level - slope * x
        below = -residual[residual < 0]
        scale = float(np.median(below)) / 0.6745 if len(below) else 0.0
        if scale < 1e-12:
            break
        weights = np.where(peaks, 0.0, np.clip(1 - (residual / (_TUNING * scale)) ** 2, 0, None) ** 2)
        if np.count_nonzero(weights) < 3:
            break
        before = (slope, level)
        slope, level = _weighted(x, y, weights)
        if abs(slope - before[0]) < 1e-10 and abs(level - before[1]) < 1e-10:
            break
    return slope, level, weights, scale


def _with_flanks(residual: Floats, limit: float) -> NDArray[np.bool_]:
    """Return which frequencies belong to a peak: those above the limit, and neighbours that are above the line."""
    above = residual > 1e-6
    stretch = np.cumsum(np.diff(above, prepend=False))
    return above & np.isin(stretch, stretch[above & (residual > limit)])


def _told(x: Floats, y: Floats, *, slope: float, level: float, weights: Floats, correlated: float) -> Slope | Unscored:
    kept = weights > 0
    residual = y - level - slope * x
    freedom = max(1.0, kept.sum() / correlated - 2)
    mean = float(np.average(x, weights=weights))
    spread = (weights * (x - mean) ** 2).sum()
    # The sandwich of an M-estimator [huber1981]: the slope of the score, which the root of a weight gives, in the
    # bread; residuals without their own leverage in the meat.
    root = np.sqrt(weights)
    bread = (root * (5 * root - 4) * (x - mean) ** 2).sum()
    if bread <= 0:
        return Unscored("Too many frequencies lie at the edge of what is near the line: its error has no number.")
    leverage = weights * (1 / weights.sum() + (x - mean) ** 2 / spread)
    meat = (weights**2 * (residual / (1 - leverage)) ** 2 * (x - mean) ** 2).sum()
    half = float(stats.t.ppf(0.975, freedom) * np.sqrt(meat * correlated) / bread)
    around = ((y[kept] - y[kept].mean()) ** 2).sum()
    return Slope(
        exponent=-slope,
        low=-slope - half,
        high=-slope + half,
        offset=level,
        r2=float(1 - (residual[kept] ** 2).sum() / around) if around > 0 else 0.0,
        error=float(np.abs(residual[kept]).mean()),
        kept=int(kept.sum()),
        n=len(x),
    )


def _weighted(x: Floats, y: Floats, weights: Floats) -> tuple[float, float]:
    mean_x, mean_y = np.average(x, weights=weights), np.average(y, weights=weights)
    slope = (weights * (x - mean_x) * (y - mean_y)).sum() / (weights * (x - mean_x) ** 2).sum()
    return float(slope), float(mean_y - slope * mean_x)
