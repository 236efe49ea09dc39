"""Variability of normal intervals in time, as a Poincare cloud, as fluctuation and as entropy."""

from collections.abc import Callable

import numpy as np

from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.complexity.entropy import multiscale_entropy, sample_entropy
from asklepion.signals.heart.intervals import Intervals, Mark
from asklepion.signals.heart.kernels import fluctuations
from asklepion.signals.measure import Measure, Setting, settings

SHORT_SCALES = tuple(range(4, 17))
LONG_SCALES = tuple(range(16, 65))
ENTROPY_SCALES = 20
LEAST_MEANS = 200
"""Means that a scale must have: ours, as no published limit was at hand."""
_NAMED_ELSEWHERE = "Beats that the recording's own annotations call other than normal are not in this count."


def time_domain(found: Intervals) -> tuple[Measure, ...]:
    """Return mean NN, heart rate, SDNN (divisor n - 1), RMSSD, its logarithm, pNN50 and RMSSD over mean NN.

    Intervals that are marked are left out; a difference counts only between two neighbours that are both normal
    [taskforce1996]. `cv_rmssd` is the coefficient of variation by which [degeus2019] allow for heart rate.
    """
    nn = found.rr_ms[found.valid]
    steps = np.diff(found.rr_ms)[found.pairs]
    n, m = len(nn), len(steps)

    def rmssd() -> float:
        return float(np.sqrt(np.mean(steps**2)))

    return (
        _measure("mean_nn", "ms", n, 1, lambda: float(nn.mean())),
        _measure("mean_heart_rate", "/min", n, 1, lambda: float(60_000 / nn.mean())),
        _measure("sdnn", "ms", n, 2, lambda: float(nn.std(ddof=1)), divisor="n-1"),
        _measure("rmssd", "ms", m, 1, rmssd),
        _measure("ln_rmssd", "1", m, 1, lambda: float(np.log(rmssd())) if steps.any() else _EQUAL, of="rmssd in ms"),
        _measure("pnn50", "%", m, 1, lambda: float(100 * np.mean(np.abs(steps) > 50)), comparison=">"),
        _measure("cv_rmssd", "%", m, 1, lambda: 100 * rmssd() / float(nn.mean()), source="degeus2019"),
    )


def poincare(found: Intervals) -> tuple[Measure, ...]:
    """Return SD1 and SD2 of the cloud of each normal interval against the one before, and their ratio [brennan2001]."""
    one, other = found.rr_ms[:-1][found.pairs], found.rr_ms[1:][found.pairs]
    n = len(one)
    across, along = (other - one) / np.sqrt(2), (other + one) / np.sqrt(2)

    def ratio() -> float | Unscored:
        return float(across.std(ddof=1) / along.std(ddof=1)) if np.ptp(along) > 0 else _EQUAL

    source = "brennan2001"
    return (
        _measure("poincare_sd1", "ms", n, 2, lambda: float(across.std(ddof=1)), source=source),
        _measure("poincare_sd2", "ms", n, 2, lambda: float(along.std(ddof=1)), source=source),
        _measure("poincare_sd1_sd2", "1", n, 2, ratio, source=source),
    )


def fluctuation(found: Intervals) -> tuple[Measure, ...]:
    """Return the exponents of detrended fluctuation over 4 to 16 and 16 to 64 beats [peng1995].

    The profile of normal intervals is cut into boxes without overlap, from the start and again from the end; a line is
    taken off in each. Marked intervals are closed up.
    """
    nn = found.rr_ms[found.valid]
    return (
        _exponent(nn, SHORT_SCALES, "dfa_alpha1"),
        _exponent(nn, LONG_SCALES, "dfa_alpha2"),
    )


def interval_entropy(found: Intervals) -> Measure:
    """Return the sample entropy of normal intervals, m 2, radius 0.2 SD [richman2000]. Marked ones are closed up."""
    nn = found.rr_ms[found.valid]
    if len(nn) < 4:
        return _short("sample_entropy_m2", "1", len(nn), 4)
    return sample_entropy(nn)


def entropy_over_scales(found: Intervals) -> tuple[Measure, ...]:
    """Return the multiscale entropy of normal intervals: means of 1 to 20, m 2, radius 0.15 SD of scale 1 [costa2002].

    Marked intervals are closed up. A scale of fewer than 200 means has no number (a limit of ours), so that all twenty
    take 4,000 normal intervals, about an hour. Where a number rests on fewer than 100 matches its quality says so.
    """
    nn = found.rr_ms[found.valid]
    taken = min(ENTROPY_SCALES, len(nn) // LEAST_MEANS)
    told = multiscale_entropy(nn, scales=taken) if taken else ()
    return (*told, *(_too_few_means(len(nn) // scale, scale) for scale in range(taken + 1, ENTROPY_SCALES + 1)))


def _too_few_means(means: int, scale: int) -> Measure:
    why = f"{means} means are left; {LEAST_MEANS} are needed, {LEAST_MEANS * scale} normal intervals."
    return Measure(
        name=f"multiscale_entropy_costa_s{scale}", value=Unscored(why), unit="1", n=means, source="costa2002"
    )


def ectopic_beats(found: Intervals) -> Measure:
    """Return how many beats the rule of [lipponen2019] takes for ectopic, by the intervals that it marks.

    A premature beat marks the interval before it and the one after: an unbroken run of k marked intervals is k / 2
    beats, rounded up, so that two premature beats in a row, which mark three, are two.
    """
    marked = np.concatenate(([False], found.marks == Mark.ECTOPIC, [False]))
    edges = np.flatnonzero(marked[1:] != marked[:-1])
    runs = edges[1::2] - edges[::2]
    annotated = bool(np.isin(found.marks, (Mark.ANNOTATED, Mark.VENTRICULAR)).any())
    return Measure(
        name="ectopic_beats",
        value=float(((runs + 1) // 2).sum()),
        unit="1",
        n=len(found.rr_ms),
        parameters=settings(marked_intervals=int(runs.sum())),
        quality=(_NAMED_ELSEWHERE,) if annotated else (),
        source="lipponen2019",
    )


def fluctuation_exponent(values: Floats, scales: tuple[int, ...]) -> float:
    """Return the slope of log fluctuation over log box size, by least squares."""
    profile = np.cumsum(values - values.mean())
    sizes = fluctuations(profile, np.array(scales, dtype=np.int64))
    return float(np.polyfit(np.log(scales), np.log(sizes), 1)[0])


def _exponent(nn: Floats, scales: tuple[int, ...], name: str) -> Measure:
    def value() -> float | Unscored:
        return fluctuation_exponent(nn, scales) if np.ptp(nn) > 0 else _EQUAL

    told = settings(boxes=f"{scales[0]} to {scales[-1]} beats", overlap=False, detrended="line")
    made = _measure(name, "1", len(nn), 4 * scales[-1], value, source="peng1995")
    return Measure(
        name=name, value=made.value, unit="1", n=made.n, parameters=told, quality=made.quality, source="peng1995"
    )


_EQUAL = Unscored("All intervals are equal.")


def _measure(
    name: str,
    unit: str,
    n: int,
    least: int,
    value: Callable[[], float | Unscored],
    source: str = "taskforce1996",
    **told: Setting,
) -> Measure:
    if n < least:
        return _short(name, unit, n, least)
    return Measure(name=name, value=value(), unit=unit, n=n, parameters=settings(**told), source=source)


def _short(name: str, unit: str, n: int, least: int) -> Measure:
    why = f"{n} normal intervals or differences are left; at least {least} are needed."
    return Measure(name=name, value=Unscored(why), unit=unit, n=n)
