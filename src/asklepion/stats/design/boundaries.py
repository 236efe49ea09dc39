"""Group-sequential boundaries: when a trial that is looked at more than once may stop, and what that costs.

Z statistics at looks with information t_1 < ... < t_K = 1 are sums of independent normal increments. The chance of
having passed a boundary is had by recursion over their density [armitage1969], on Gauss-Legendre points.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from asklepion.core.errors import BadInput
from asklepion.stats.design.walk import Walk, begin, crossing

Array = NDArray[np.float64]
_CLOSEST = 5e-4
_MOST = 50
_HIGHEST = 37.0
_RAREST = 1e-9
_STEEPEST = 50.0


class Shape(StrEnum):
    """How the error is shared among looks.

    O'Brien and Fleming's [obrien1979] and Pocock's [pocock1977] boundaries are for looks fixed beforehand. Spending
    functions [lan1983] hold however the looks fall: those that are like either, and Hwang, Shih and DeCani's
    [hwang1990], whose `gamma` is to be given.
    """

    OBRIEN_FLEMING = "obrien-fleming"
    POCOCK = "pocock"
    SPEND_OBRIEN_FLEMING = "spend-obrien-fleming"
    SPEND_POCOCK = "spend-pocock"
    SPEND_HSD = "spend-hsd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What is asked for. `alpha` is one-sided; `information` are shares of the whole, the last one 1.

    `futility` adds boundaries below which a trial may stop (not binding: `z` holds whether it does or not), by spending
    the type II error like O'Brien and Fleming's.
    """

    information: tuple[float, ...]
    shape: Shape = Shape.SPEND_OBRIEN_FLEMING
    alpha: float = 0.025
    power: float = 0.9
    gamma: float | None = None
    futility: bool = False


@dataclass(frozen=True, slots=True)
class Boundaries:
    """By look: z to pass, its one-sided nominal level, alpha spent, the chance to stop there under the effect planned.

    `inflation` is the largest information over that of a trial with one look of the same power; `expected` the mean
    information spent under the effect as planned, over the same. `futility` is below which to stop, empty without.
    """

    information: tuple[float, ...]
    z: tuple[float, ...]
    nominal: tuple[float, ...]
    spent: tuple[float, ...]
    stops: tuple[float, ...]
    futility: tuple[float, ...]
    inflation: float
    expected: float


def boundaries(looks: Looks) -> Boundaries:
    """Give the boundaries of a trial. Raises BadInput for looks out of order and error rates that are none.

    >>> told = boundaries(Looks(information=(0.5, 1.0), shape=Shape.OBRIEN_FLEMING))
    >>> [round(each, 4) for each in told.z]
    [2.7965, 1.9774]
    """
    _check(looks)
    times = np.array(looks.information)
    z = _fixed(looks, times) if looks.shape in {Shape.OBRIEN_FLEMING, Shape.POCOCK} else _spending(looks, times)
    drift, futility = _with_futility(looks, times, z) if looks.futility else (_drift(looks, times, z), np.array([]))
    lower = futility if looks.futility else None
    passed, below = crossing(times, z, drift=drift, lower=lower)
    single = stats.norm.isf(looks.alpha) + stats.norm.isf(1 - looks.power)
    inflation = (drift / single) ** 2
    stopped = np.cumsum(passed + below)[:-1]
    expected = inflation * float(times[0] + np.diff(times) @ (1 - stopped))
    return Boundaries(
        tuple(times.tolist()),
        tuple(z.tolist()),
        tuple(stats.norm.sf(z).tolist()),
        tuple(np.cumsum(crossing(times, z)[0]).tolist()),
        tuple(passed.tolist()),
        tuple(futility.tolist()),
        float(inflation),
        float(expected),
    )


def spent(shape: Shape, time: float, alpha: float, *, gamma: float | None = None) -> float:
    """Give how much of an error may have been spent at a share of the information."""
    if time >= 1:
        return alpha
    if shape is Shape.SPEND_OBRIEN_FLEMING:
        return float(2 * stats.norm.sf(stats.norm.isf(alpha / 2) / math.sqrt(time)))
    if shape is Shape.SPEND_POCOCK:
        return alpha * math.log1p((math.e - 1) * time)
    rate = gamma or 0.0
    return alpha * time if rate == 0 else alpha * math.expm1(-rate * time) / math.expm1(-rate)


def _check(looks: Looks) -> None:
    times = looks.information
    rising = all(a < b for a, b in pairwise(times))
    if not times or times[0] <= 0 or abs(times[-1] - 1) > 1e-12 or not rising:
        raise BadInput(
            f"Looks at {', '.join(f'{each:g}' for each in times)} are none.",
            where="information",
            remedy="Give rising shares of the information that end in 1, as 0.5,1.",
        )
    if len(times) > _MOST or min(b - a for a, b in pairwise((0.0, *times))) < _CLOSEST:
        what = f"There are {len(times)} looks, or two closer than {_CLOSEST:g} of the information."
        raise BadInput(what, where="information", remedy=f"Take at most {_MOST}, further apart.")
    if not _RAREST <= looks.alpha < 0.5 or not looks.alpha < looks.power <= 1 - _RAREST:
        what = f"One-sided alpha {looks.alpha:g} with power {looks.power:g} cannot be."
        raise BadInput(what, where="alpha, power", remedy="Give alpha below .5, as .025, and power above it.")
    if (looks.shape is Shape.SPEND_HSD) != (looks.gamma is not None):
        raise BadInput("Gamma goes with spend-hsd.", where="gamma", remedy="Give it there, as -4, and nowhere else.")
    if looks.gamma is not None and not abs(looks.gamma) <= _STEEPEST:
        what = f"A gamma of {looks.gamma:g} spends all at one look."
        raise BadInput(what, where="gamma", remedy=f"Give one from -{_STEEPEST:g} to {_STEEPEST:g}, as -4.")


def _fixed(looks: Looks, times: Array) -> Array:
    """Give a boundary whose form is fixed, raised until all of alpha is spent."""
    form = 1 / np.sqrt(times) if looks.shape is Shape.OBRIEN_FLEMING else np.ones(len(times))

    def excess(height: float) -> float:
        return float(crossing(times, height * form)[0].sum()) - looks.alpha

    return np.asarray(_root(excess, 0.0, 10.0) * form)


def _spending(looks: Looks, times: Array) -> Array:
    """Give a boundary look by look, each spending what its time allows."""
    z: list[float] = []
    walk, before = begin(), 0.0
    for time, following in _with_next(times):
        allowed = spent(looks.shape, time, looks.alpha, gamma=looks.gamma)

        def excess(height: float, walk: Walk = walk, time: float = time, more: float = allowed - before) -> float:
            return walk.above(height, time) - more

        z.append(_root(excess, -1.0, _HIGHEST))
        walk, before = walk.on(time, following, upper=z[-1], lower=-np.inf), allowed
    return np.array(z)


def _with_next(times: Array) -> list[tuple[float, float]]:
    """Give each time with the one after it; one after the last is never reached, and lies anywhere later."""
    given: list[float] = times.tolist()
    return list(pairwise((*given, given[-1] + 1.0)))


def _drift(looks: Looks, times: Array, z: Array) -> float:
    return _root(lambda drift: float(crossing(times, z, drift=drift)[0].sum()) - looks.power, 0.0, 30.0)


def _with_futility(looks: Looks, times: Array, z: Array) -> tuple[float, Array]:
    """Give the drift under which the futility boundary meets the other at the last look, and that boundary.

    At each look the chance to have stopped below is what the type II error allows to be spent by then.
    """
    beta = 1 - looks.power

    def lower(drift: float) -> Array:
        found: list[float] = []
        walk, before = begin(drift), 0.0
        for (time, following), upper in zip(_with_next(times), z.tolist(), strict=True):
            allowed = spent(Shape.SPEND_OBRIEN_FLEMING, time, beta)

            def excess(depth: float, walk: Walk = walk, time: float = time, more: float = allowed - before) -> float:
                return more - walk.below(depth, time)

            found.append(_root(excess, -_HIGHEST, 9.0) if excess(9.0) < 0 else 9.0)
            walk, before = walk.on(time, following, upper=upper, lower=found[-1]), allowed
        return np.array(found)

    drift = _root(lambda each: float(lower(each)[-1] - z[-1]), 1e-3, 15.0)
    return drift, lower(drift)


def _root(excess: Callable[[float], float], low: float, high: float) -> float:
    """Give where a boundary spends what it may. Raises BadInput where that is less than a computer tells from none."""
    if not excess(low) * excess(high) < 0 and excess(low) != 0 and excess(high) != 0:
        remedy = "Leave out looks at which hardly any error may be spent, or choose alpha and power less extreme."
        raise BadInput("There is no such boundary.", where="information, alpha, power", remedy=remedy)
    return float(optimize.brentq(excess, low, high, xtol=1e-12, rtol=1e-13))
