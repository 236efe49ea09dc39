"""Restricted mean survival time: the mean time without the event up to a horizon, and how arms differ in it [uno2014].

The variance is that of the area under the curve as an estimate. It is not the variance of min(T, t) over people, which
some programs return under the same name.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.survival.curves import counts
from asklepion.stats.survival.times import Flags, Followed


@dataclass(frozen=True, slots=True)
class Restricted:
    """A restricted mean, a difference or a ratio. `p` is None for a mean; `se` of a ratio is that of its logarithm."""

    label: str
    estimate: float
    se: float
    lower: float
    upper: float
    level: float
    horizon: float
    p: float | None


def restricted_mean(followed: Followed, *, horizon: float | None = None, level: float = 0.95) -> tuple[Restricted, ...]:
    """Give each arm's restricted mean, then for each arm against the first: difference, ratio, and ratio of time lost.

    Without a horizon it is the least of the arms' last times. Raises BadInput for one at which a curve is unknown.
    """
    arms = [followed.arm.codes == place for place in range(len(followed.arm.levels))]
    longest = min(_known_to(followed, mine) for mine in arms)
    until = float(min(followed.times[mine].max() for mine in arms)) if horizon is None else horizon
    if not 0 < until <= longest or math.isinf(until):
        raise BadInput(
            f"A horizon of {until:g} is not within what every arm was followed to, {longest:g}.",
            where="horizon",
            remedy="Take an earlier one: past the last time nobody's survival is known.",
        )
    z = float(stats.norm.ppf((1 + level) / 2))
    areas = [_area(followed, place, until) for place in range(len(followed.arm.levels))]
    means = [
        Restricted(name, mean, math.sqrt(variance), *_around(mean, math.sqrt(variance), z), level, until, None)
        for name, (mean, variance) in zip(followed.arm.levels, areas, strict=True)
    ]
    return (*means, *(each for place in range(1, len(areas)) for each in _compared(means[place], means[0], z)))


def _known_to(followed: Followed, mine: Flags) -> float:
    """Give to which time an arm's curve is known: without end where the last to go had the event."""
    last = followed.times[mine].max()
    ended = followed.events[mine][followed.times[mine] == last].all()
    return math.inf if ended else float(last)


def _area(followed: Followed, place: int, until: float) -> tuple[float, float]:
    """Give the area under an arm's curve up to the horizon and the variance of that estimate."""
    mine = followed.arm.codes == place
    times, at_risk, seen, _ = counts(followed.times[mine], followed.events[mine])
    survival = np.cumprod(1 - seen / at_risk)
    within = times < until
    edges = np.concatenate([[0.0], times[within], [until]])
    pieces = np.diff(edges) * np.concatenate([[1.0], survival[within]])
    after = pieces[::-1].cumsum()[::-1][1:]
    at, d = at_risk[within], seen[within]
    share = np.divide(d, at * (at - d), out=np.zeros(len(d)), where=at > d)
    return float(pieces.sum()), float((after**2 * share).sum())


def _around(middle: float, se: float, z: float) -> tuple[float, float]:
    return middle - z * se, middle + z * se


def _compared(arm: Restricted, first: Restricted, z: float) -> tuple[Restricted, ...]:
    names = f"{arm.label} against {first.label}"
    apart, se = arm.estimate - first.estimate, math.hypot(arm.se, first.se)
    told = [
        Restricted(f"{names}, difference", apart, se, *_around(apart, se, z), arm.level, arm.horizon, _p(apart, se))
    ]
    lost = (arm.horizon - arm.estimate, first.horizon - first.estimate)
    for label, above, below in (
        ("ratio", arm.estimate, first.estimate),
        ("ratio of time lost", *lost),
    ):
        if above > 0 and below > 0:
            log, spread = math.log(above / below), math.hypot(arm.se / above, first.se / below)
            low, high = (math.exp(each) for each in _around(log, spread, z))
            told.append(
                Restricted(
                    f"{names}, {label}", above / below, spread, low, high, arm.level, arm.horizon, _p(log, spread)
                )
            )
    return tuple(told)


def _p(estimate: float, se: float) -> float | None:
    return float(2 * stats.norm.sf(abs(estimate) / se)) if se > 0 else None
