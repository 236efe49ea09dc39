"""Kaplan-Meier curves with Greenwood's variance [kaplan1958], medians, and the numbers at risk."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.survival.times import Array, Followed


class Transform(StrEnum):
    """The scale on which an interval is symmetric. Log-log never leaves 0 to 1; R's survfit takes `log`."""

    LOG_LOG = "log-log"
    LOG = "log"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Median:
    """The first time at which half have had the event, with its interval; None where the curve does not fall so far."""

    estimate: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """One arm. All arrays are by the distinct times of that arm, rising: at risk just before, events, censored at it.

    `survival`, its standard error by Greenwood and its limits hold from each time until the next; a limit is NaN where
    the scale has none (at survival 1 or 0).
    """

    arm: str
    people: int
    events: int
    times: Array
    at_risk: NDArray[np.intp]
    events_at: NDArray[np.intp]
    censored_at: NDArray[np.intp]
    survival: Array
    se: Array
    lower: Array
    upper: Array
    median: Median
    level: float
    transform: Transform

    def at(self, time: float) -> tuple[float, float, float, float]:
        """Give survival, its standard error and limits at a time. Raises BadInput past the last time of the arm."""
        if time > self.times[-1]:
            raise BadInput(
                f"{time:g} lies past the last time of arm {self.arm}, {self.times[-1]:g}.",
                where="time",
                remedy="Nobody was followed so long: ask for an earlier time.",
            )
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return 1.0, 0.0, 1.0, 1.0
        return tuple(float(each[place]) for each in (self.survival, self.se, self.lower, self.upper))  # type: ignore[return-value]

    def risk_at(self, time: float) -> int:
        """Give how many are at risk just before a time."""
        place = int(np.searchsorted(self.times, time, side="left"))
        return int(self.at_risk[place]) if place < len(self.times) else 0


def kaplan_meier(
    followed: Followed, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG
) -> tuple[Curve, ...]:
    """Give a curve for each arm, in the order of the arms."""
    return tuple(_curve(followed, place, level=level, transform=transform) for place in range(len(followed.arm.levels)))


def counts(
    times: Array, events: NDArray[np.bool_]
) -> tuple[Array, NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Give the distinct times, how many are at risk just before each, and how many events and censored at each."""
    distinct, place = np.unique(times, return_inverse=True)
    seen = np.bincount(place[events], minlength=len(distinct))
    left = np.bincount(place, minlength=len(distinct))
    return distinct, left[::-1].cumsum()[::-1], seen, left - seen


def _curve(followed: Followed, place: int, *, level: float, transform: Transform) -> Curve:
    mine = followed.arm.codes == place
    times, at_risk, seen, censored = counts(followed.times[mine], followed.events[mine])
    survival: Array = np.cumprod(1 - seen / at_risk, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        summed = np.cumsum(seen / (at_risk * (at_risk - seen)), dtype=np.float64)
    relative: Array = np.where(survival == 0, np.nan, np.sqrt(summed))
    lower, upper = _limits(survival, relative, float(stats.norm.ppf((1 + level) / 2)), transform)
    return Curve(
        followed.arm.levels[place],
        int(mine.sum()),
        int(seen.sum()),
        times,
        at_risk,
        seen,
        censored,
        survival,
        survival * relative,
        lower,
        upper,
        Median(_first(times, survival), _first(times, lower), _first(times, upper)),
        level,
        transform,
    )


def _limits(survival: Array, relative: Array, z: float, transform: Transform) -> tuple[Array, Array]:
    """Give limits; `relative` is Greenwood's standard error over survival. Before the first event both are 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if transform is Transform.PLAIN:
            reach = z * survival * relative
            lower, upper = np.maximum(survival - reach, 0), np.minimum(survival + reach, 1)
        elif transform is Transform.LOG:
            lower = survival * np.exp(-z * relative)
            upper = np.minimum(survival * np.exp(z * relative), 1)
        else:
            power = np.exp(z * relative / np.log(survival))
            lower, upper = survival ** (1 / power), survival**power
    whole = survival == 1
    return np.where(whole, 1.0, lower), np.where(whole, 1.0, upper)


def _first(times: Array, falling: Array) -> float | None:
    """Give the first time at which a falling line is at or below a half; the middle of a stretch exactly at a half."""
    near = np.isclose(falling, 0.5, rtol=0, atol=1e-12)
    if near.any():
        begin = int(np.flatnonzero(near)[0])
        below = np.flatnonzero(falling < 0.5 - 1e-12)
        return float((times[begin] + times[below[0]]) / 2) if len(below) else float(times[begin])
    below = np.flatnonzero(falling < 0.5)
    return float(times[below[0]]) if len(below) else None


def asked(curve: Curve, times: Sequence[float]) -> tuple[tuple[float, int, float, float, float], ...]:
    """Give (time, at risk, survival, lower, upper) at the times asked for; those past the last one are left out."""
    told = []
    for time in times:
        if time <= curve.times[-1] and math.isfinite(time):
            survival, _, lower, upper = curve.at(time)
            told.append((time, curve.risk_at(time), survival, lower, upper))
    return tuple(told)
