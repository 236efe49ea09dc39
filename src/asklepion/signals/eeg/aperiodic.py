"""The slope of a spectrum without its peaks: power falls as 1 / f^exponent. docs/methods/eeg.md."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats

_TUNING = 4.685
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

    Tukey's bisquare weights (tuning 4.685, scale by the median absolute deviation) give peaks no say, as long as they
    are fewer than half of the frequencies. The standard error is that of weighted least squares on what was kept, times
    the root of `correlated` (neighbouring ordinates are not independent). It is the `fixed` form of [donoghue2020]
    fitted in another way: no peaks are modelled.
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
    # The median of slopes between all pairs begins near the line whatever the peaks.
    slope, level, *_ = stats.theilslopes(y, x)
    weights = np.ones_like(x)
    for _ in range(_ROUNDS):
        residual = y - level - slope * x
        scale = float(np.median(np.abs(residual))) / 0.6745
        if scale < 1e-12:
            break
        weights = np.clip(1 - (residual / (_TUNING * scale)) ** 2, 0, None) ** 2
        before = (slope, level)
        slope, level = _weighted(x, y, weights)
        if abs(slope - before[0]) < 1e-10 and abs(level - before[1]) < 1e-10:
            break
    kept = weights > 0
    if kept.sum() < max(8, len(x) / 2):
        return Unscored(f"Only {int(kept.sum())} of {len(x)} frequencies lie near a straight line.")
    return _told(x, y, slope=float(slope), level=float(level), weights=weights, correlated=correlated)


def _told(x: Floats, y: Floats, *, slope: float, level: float, weights: Floats, correlated: float) -> Slope:
    kept = weights > 0
    residual = y - level - slope * x
    freedom = int(kept.sum()) - 2
    mean = np.average(x, weights=weights)
    spread = (weights * (x - mean) ** 2).sum()
    # The sandwich of weighted least squares: weights are no variances here.
    meat = (weights**2 * residual**2 * (x - mean) ** 2).sum() * kept.sum() / freedom
    half = float(stats.t.ppf(0.975, freedom) * np.sqrt(meat * correlated) / spread)
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
