"""A recording whole and in windows of five minutes, and each window's change from a baseline."""

import math
from dataclasses import dataclass, replace

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.heart.intervals import Intervals, Mark
from asklepion.signals.heart.spectrum import frequency_domain
from asklepion.signals.heart.variability import (
    ectopic_beats,
    entropy_over_scales,
    fluctuation,
    interval_entropy,
    poincare,
    time_domain,
)
from asklepion.signals.measure import Measure, settings

WINDOW_S = 300.0
ARTEFACT_LIMIT_PERCENT = 5.0
"""More than this marked, and the measures of a window are called doubtful."""


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of a recording: its bounds in seconds, how much of its time is in normal intervals, its measures."""

    begin_s: float
    end_s: float
    intervals: int
    valid_percent: float
    measures: tuple[Measure, ...]

    @property
    def doubtful(self) -> bool:
        return 100 - self.valid_percent > ARTEFACT_LIMIT_PERCENT


@dataclass(frozen=True, slots=True)
class Session:
    """A recording: `whole`, its `windows`, how many intervals bear each mark, the `changes` from the `baseline`."""

    whole: Window
    windows: tuple[Window, ...]
    marks: tuple[tuple[str, int], ...]
    changes: tuple[tuple[Measure, ...], ...]
    baseline: Window | None = None


def session(
    found: Intervals,
    *,
    window_s: float = WINDOW_S,
    method: str = "lomb",
    baseline_s: tuple[float, float] | None = None,
) -> Session:
    """Return a recording's measures, whole and per window, with changes from the stretch `baseline_s` if it is given.

    Windows follow each other from the first beat and are all of one length: a rest is left out of them, and a recording
    shorter than a window has none. Raises BadInput for a baseline that is not within the recording, or has no RMSSD.
    """
    length = float(found.ends_s[-1])
    if not (math.isfinite(window_s) and window_s > 0):
        raise BadInput(f"{window_s:g} s is no window.", where="window", remedy="Give seconds above zero.")
    windows = tuple(
        window(found, number * window_s, (number + 1) * window_s, method=method)
        for number in range(int(length // window_s))
    )
    whole = _whole(found, windows, method)
    marks = tuple((each.name.lower(), int(np.count_nonzero(found.marks == each))) for each in Mark)
    base = None if baseline_s is None else _baseline(found, baseline_s, method)
    changes = () if base is None else tuple(change(base, each) for each in windows)
    return Session(whole, windows, marks, changes, base)


def window(found: Intervals, begin_s: float, end_s: float, *, method: str = "lomb") -> Window:
    """Return the measures of one stretch, and how much of its time lies in normal intervals, pauses not."""
    part = found.between(begin_s, end_s)
    measures = _measures(part, method) if len(part.rr_ms) > 1 else ()
    return Window(begin_s, end_s, len(part.rr_ms), _valid_percent(found, begin_s, end_s), measures)


def change(base: Window, now: Window) -> tuple[Measure, ...]:
    """Return the change of heart rate, ln RMSSD, and ln RMSSD corrected for heart rate, from a baseline window.

    The correction is to take RMSSD over mean NN, the coefficient of variation [degeus2019], before the logarithm: where
    RMSSD has only kept its proportion to the mean interval, that change is 0. It is one of several and supposes
    just this proportion; whether to correct at all is disputed, so both stand beside each other.
    """
    before = {each.name: each.value for each in base.measures}
    after = {each.name: each.value for each in now.measures}

    def difference(name: str, *, logarithm: bool) -> float | Unscored:
        one, other = before.get(name, Unscored("no measure")), after.get(name, Unscored("no measure"))
        if isinstance(one, Unscored) or isinstance(other, Unscored):
            return Unscored("The baseline or the window has no number.")
        if logarithm and min(one, other) <= 0:
            return Unscored("All intervals are equal.")
        return math.log(other / one) if logarithm else other - one

    told = settings(baseline_s=f"{base.begin_s:g} to {base.end_s:g}")
    corrected = settings(corrected_for="heart rate", by="RMSSD over mean NN")
    doubt = ("More than 5% of the baseline or of the window is marked.",) if base.doubtful or now.doubtful else ()
    listed = (
        ("change_heart_rate", "/min", difference("mean_heart_rate", logarithm=False)),
        ("change_ln_rmssd", "1", difference("rmssd", logarithm=True)),
        ("change_ln_cv_rmssd", "1", difference("cv_rmssd", logarithm=True)),
    )
    return tuple(
        Measure(
            name=name,
            value=value,
            unit=unit,
            n=now.intervals,
            parameters=(*told, *corrected) if "cv" in name else told,
            quality=doubt,
            source="degeus2019" if "cv" in name else "taskforce1996",
        )
        for name, unit, value in listed
    )


def _measures(part: Intervals, method: str) -> tuple[Measure, ...]:
    return (*_in_time(part), *frequency_domain(part, method=method))


def _in_time(part: Intervals) -> tuple[Measure, ...]:
    return (*time_domain(part), *poincare(part), *fluctuation(part), interval_entropy(part))


def _whole(found: Intervals, windows: tuple[Window, ...], method: str) -> Window:
    """Return a whole recording, with entropy over scales; of two windows or more its powers are the means of theirs.

    No spectrum is taken over hours: a heart at rest and a heart in the session are not one stationary process.
    """
    end = float(found.ends_s[-1])
    more = (*entropy_over_scales(found), ectopic_beats(found))
    if len(windows) < 2:
        one = window(found, 0.0, end, method=method)
        return replace(one, measures=(*one.measures, *more))
    sound = [each for each in windows if not each.doubtful]
    names = [each.name for each in frequency_domain(found.between(0.0, 0.0), method=method)]
    spectral = tuple(_mean(name, sound, len(windows)) for name in names if "power" in name)
    percent = _valid_percent(found, 0.0, end)
    return Window(0.0, end, len(found.rr_ms), percent, (*_in_time(found), *spectral, *more))


def _mean(name: str, sound: list[Window], of: int) -> Measure:
    """Return the mean of a measure over the windows that are sound."""
    every = [measure for each in sound for measure in each.measures if measure.name == name]
    values = [each.value for each in every if not isinstance(each.value, Unscored)]
    value = math.fsum(values) / len(values) if values else Unscored("No window of at most 5% marked has a number.")
    told = every[0].parameters if every else ()
    quality = (f"It rests on {len(values)} of {of} windows; the others have more than 5% marked.",)
    return Measure(
        name=f"{name}_mean_of_windows",
        value=value,
        unit="ms2",
        n=len(values),
        parameters=told,
        quality=quality if len(values) < of else (),
        source="taskforce1996",
    )


def _valid_percent(found: Intervals, begin_s: float, end_s: float) -> float:
    """Return how much of a stretch of time lies in normal intervals, in per cent."""
    if not end_s > begin_s:
        return 0.0
    ends = found.ends_s[found.valid]
    starts = ends - found.rr_ms[found.valid] / 1000
    within = np.minimum(ends, end_s) - np.maximum(starts, begin_s)
    return min(100.0, 100 * float(within[within > 0].sum()) / (end_s - begin_s))


def _baseline(found: Intervals, baseline_s: tuple[float, float], method: str) -> Window:
    """Return the measures of the baseline. Raises BadInput where it is not within the recording, or too little valid.

    Too little is no two neighbouring normal intervals: then nothing can be told of change. A baseline of which more
    than 5% is marked is taken, and every change says so.
    """
    begin, end = baseline_s
    last = float(found.ends_s[-1])
    if not (math.isfinite(end) and 0 <= begin < end):
        what = f"{begin:g} to {end:g} s is no stretch of time."
        raise BadInput(what, where="baseline", remedy="Give its beginning and its end, in seconds from the first beat.")
    if end > last:
        what = f"{begin:g} to {end:g} s is not within the recording, which ends at {last:.1f} s."
        raise BadInput(what, where="baseline", remedy="Give a stretch of the recording.")
    base = window(found, begin, end, method=method)
    rmssd = next((each.value for each in base.measures if each.name == "rmssd"), Unscored(""))
    if isinstance(rmssd, Unscored):
        what = (
            f"{begin:g} to {end:g} s has no two normal intervals after each other; {base.valid_percent:.1f}% is valid."
        )
        raise BadInput(what, where="baseline", remedy="Give a longer stretch, or one that is less marked.")
    return base
