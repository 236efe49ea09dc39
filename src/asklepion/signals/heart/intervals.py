"""Intervals between beats, and which of them are not from one normal beat to the next."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats, series

Flags = NDArray[np.bool_]

_ALPHA, _C1, _C2 = 5.2, 0.13, 0.17
_AROUND, _MEDIAN_OF = 91, 11
_RESOLUTION_MS = 1.0
"""A threshold is never below what devices resolve: a run of equal intervals has no spread at all."""


class Mark(IntEnum):
    """What an interval is: the classes of [lipponen2019], and what is known from elsewhere.

    ANNOTATED: an annotator called one of its beats other than normal; VENTRICULAR: ventricular, in particular. SIGNAL:
    it touches a stretch of the raw signal that is missing, flat, clipped or noisy.
    """

    NORMAL = 0
    ECTOPIC = 1
    LONG = 2
    SHORT = 3
    MISSED = 4
    EXTRA = 5
    ANNOTATED = 6
    VENTRICULAR = 7
    SIGNAL = 8


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of a recording: `rr_ms`, `ends_s` (when each ends, in seconds from the first beat), `marks` (Mark)."""

    rr_ms: Floats
    ends_s: Floats
    marks: NDArray[np.int8]

    @property
    def valid(self) -> Flags:
        return np.asarray(self.marks == Mark.NORMAL)

    @property
    def pairs(self) -> Flags:
        """Say for each interval but the first whether it and the one before are both normal."""
        valid = self.valid
        return np.asarray(valid[1:] & valid[:-1])

    def between(self, begin_s: float, end_s: float) -> "Intervals":
        """Return the intervals that end after `begin_s` and not after `end_s`."""
        first, last = np.searchsorted(self.ends_s, [begin_s, end_s], side="right")
        part = slice(int(first), int(last))
        return Intervals(self.rr_ms[part], self.ends_s[part], self.marks[part])


def intervals(
    rr_ms: ArrayLike, *, annotated: ArrayLike | None = None, known: NDArray[np.int8] | None = None
) -> Intervals:
    """Return intervals in milliseconds with their marks by [lipponen2019]. Nothing is removed, filled in or corrected.

    `annotated` says for each whether an annotator called one of its two beats other than normal; `known` gives for each
    a Mark from elsewhere, which stands over the rule's, or NORMAL for none. Raises BadInput for intervals that are not
    above zero, that look like seconds, or that do not match their annotations.
    """
    found = series(rr_ms, where="RR intervals", at_least=2)
    if found.min() <= 0:
        first = int(np.flatnonzero(found <= 0)[0])
        what = f"Interval {first} is {found[first]:g} ms."
        raise BadInput(what, where="RR intervals", remedy="An interval is above zero: look at the recording.")
    if np.median(found) < 10:
        what = f"Half of the intervals are below {np.median(found):g} ms: these look like seconds."
        raise BadInput(what, where="RR intervals", remedy="Name the unit: s.")
    marks = mark(found)
    if annotated is not None:
        named = np.asarray(annotated, dtype=bool)
        if named.shape != found.shape:
            what = f"There are {len(found)} intervals and {named.size} annotations."
            raise BadInput(what, where="RR intervals", remedy="Give one for each interval.")
        marks[named] = Mark.ANNOTATED
    if known is not None:
        if known.shape != found.shape:
            what = f"There are {len(found)} intervals and {known.size} marks."
            raise BadInput(what, where="RR intervals", remedy="Give one for each interval.")
        marks[known != Mark.NORMAL] = known[known != Mark.NORMAL]
    return Intervals(found, np.cumsum(found) / 1000, marks)


def mark(rr_ms: Floats) -> NDArray[np.int8]:
    """Return the mark of each interval by the rule of [lipponen2019].

    Thresholds follow the recording: 5.2 quartile deviations of 91 intervals around, of the absolute differences from
    one interval to the next and from the median of 11. An ectopic beat makes a short and a long interval: both are
    marked.
    """
    n = len(rr_ms)
    step = np.diff(rr_ms, prepend=rr_ms[0])
    first = _threshold(np.abs(step))
    around = _running_median(rr_ms)
    apart = rr_ms - around
    apart = np.where(apart < 0, 2 * apart, apart)
    second = _threshold(np.abs(apart))
    steps, aparts = step / first, apart / second
    marks = np.zeros(n, dtype=np.int8)
    beyond = (np.abs(steps) > 1) | (np.abs(aparts) > 3)
    ectopic = _ectopic(steps)
    long, short = _long_and_short(steps, aparts)
    missed = long & (np.abs(rr_ms / 2 - around) < second)
    two = rr_ms + np.append(rr_ms[1:], np.inf)
    extra = short & (np.abs(two - around) < second)
    marks[beyond & long] = Mark.LONG
    marks[beyond & short] = Mark.SHORT
    marks[beyond & missed] = Mark.MISSED
    for each in np.flatnonzero(beyond & extra):
        marks[each : each + 2] = Mark.EXTRA
    for each in np.flatnonzero(ectopic):
        marks[max(0, each - 1) : each + 1] = Mark.ECTOPIC
    return marks


def _ectopic(steps: Floats) -> Flags:
    """Say which steps are one way with both neighbours the other way: short-long or long-short."""
    before, after = np.append(0.0, steps[:-1]), np.append(steps[1:], 0.0)
    up = (steps > 1) & (np.maximum(before, after) < -_C1 * steps - _C2)
    down = (steps < -1) & (np.minimum(before, after) > -_C1 * steps + _C2)
    return np.asarray(up | down)


def _long_and_short(steps: Floats, aparts: Floats) -> tuple[Flags, Flags]:
    """Say which intervals are too long and which too short: a step that is taken back within two, or far off."""
    one, two = np.append(steps[1:], 0.0), np.append(steps[2:], [0.0, 0.0])[: len(steps)]
    long = ((steps > 1) & (np.minimum(one, two) < -1)) | (aparts > 3)
    short = ((steps < -1) & (np.maximum(one, two) > 1)) | (aparts < -3)
    return np.asarray(long), np.asarray(short & ~long)


def _threshold(values: Floats) -> Floats:
    """Return 5.2 quartile deviations of the values around each."""
    low, high = _running_quantiles(values, (0.25, 0.75), _AROUND)
    found: Floats = np.maximum(_ALPHA * (high - low) / 2, _RESOLUTION_MS)
    return found


def _running_median(values: Floats) -> Floats:
    found: Floats = _running_quantiles(values, (0.5,), _MEDIAN_OF)[0]
    return found


def _running_quantiles(values: Floats, at: tuple[float, ...], width: int) -> Floats:
    """Return quantiles of a window centred on each value, shorter at both ends. Shape: quantiles x values."""
    n, half = len(values), width // 2
    found = np.empty((len(at), n))
    if n >= width:
        found[:, half : n - half] = np.quantile(sliding_window_view(values, width), at, axis=1)
        ends = [*range(half), *range(n - half, n)]
    else:
        ends = list(range(n))
    for each in ends:
        found[:, each] = np.quantile(values[max(0, each - half) : each + half + 1], at)
    return found
