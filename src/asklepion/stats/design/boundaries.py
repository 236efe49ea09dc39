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

Array = NDArray[np.float64]
_POINTS = 400
_FAR = 10.0


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


def crossing(times: Array, z: Array, *, drift: float = 0.0, lower: Array | None = None) -> tuple[Array, Array]:
    """Give the chance to stop first at each look above `z`, and below `lower`.

    Z at full information has mean `drift`. Without `lower` nothing stops below. Chances are right to 1e-10.
    """
    passed, below = np.zeros(len(times)), np.zeros(len(times))
    points, mass = np.array([0.0]), np.array([1.0])
    for look, time in enumerate(times):
        step = time - (times[look - 1] if look else 0.0)
        spread, root = math.sqrt(step), math.sqrt(time)
        mean = points + drift * step
        top = z[look] * root
        bottom = drift * time - _FAR * root if lower is None else max(lower[look] * root, drift * time - _FAR * root)
        passed[look] = mass @ stats.norm.sf((top - mean) / spread)
        if lower is not None:
            below[look] = mass @ stats.norm.cdf((lower[look] * root - mean) / spread)
        top = min(top, drift * time + _FAR * root)
        if bottom >= top:
            break
        nodes, weights = _nodes(bottom, top)
        density = np.exp(-0.5 * ((nodes[:, None] - mean) / spread) ** 2) / (spread * math.sqrt(2 * math.pi))
        points, mass = nodes, weights * (density @ mass)
    return passed, below


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


_GAUSS: tuple[Array, Array] = np.polynomial.legendre.leggauss(_POINTS)


def _nodes(bottom: float, top: float) -> tuple[Array, Array]:
    half = (top - bottom) / 2
    return bottom + half * (_GAUSS[0] + 1), half * _GAUSS[1]


def _check(looks: Looks) -> None:
    times = looks.information
    rising = all(a < b for a, b in pairwise(times))
    if not times or times[0] <= 0 or abs(times[-1] - 1) > 1e-12 or not rising:
        raise BadInput(
            f"Looks at {', '.join(f'{each:g}' for each in times)} are none.",
            where="information",
            remedy="Give rising shares of the information that end in 1, as 0.5,1.",
        )
    if not 0 < looks.alpha < 0.5 or not looks.alpha < looks.power < 1:
        what = f"One-sided alpha {looks.alpha:g} with power {looks.power:g} cannot be."
        raise BadInput(what, where="alpha, power", remedy="Give alpha below .5, as .025, and power above it.")
    if (looks.shape is Shape.SPEND_HSD) != (looks.gamma is not None):
        raise BadInput("Gamma goes with spend-hsd.", where="gamma", remedy="Give it there, as -4, and nowhere else.")


def _fixed(looks: Looks, times: Array) -> Array:
    """Give a boundary whose form is fixed, raised until all of alpha is spent."""
    form = 1 / np.sqrt(times) if looks.shape is Shape.OBRIEN_FLEMING else np.ones(len(times))

    def excess(height: float) -> float:
        return float(crossing(times, height * form)[0].sum()) - looks.alpha

    return np.asarray(_root(excess, 0.5, 8.0) * form)


def _spending(looks: Looks, times: Array) -> Array:
    """Give a boundary look by look, each spending what its time allows."""
    z = np.zeros(0)
    before = 0.0
    for look, time in enumerate(times):
        allowed = spent(looks.shape, float(time), looks.alpha, gamma=looks.gamma)

        def excess(height: float, so_far: Array = z, look: int = look, more: float = allowed - before) -> float:
            return float(crossing(times[: look + 1], np.append(so_far, height))[0][-1]) - more

        z, before = np.append(z, _root(excess, -1.0, 9.5)), allowed
    return z


def _drift(looks: Looks, times: Array, z: Array) -> float:
    return _root(lambda drift: float(crossing(times, z, drift=drift)[0].sum()) - looks.power, 0.0, 12.0)


def _with_futility(looks: Looks, times: Array, z: Array) -> tuple[float, Array]:
    """Give the drift under which the futility boundary meets the other at the last look, and that boundary.

    At each look the chance to have stopped below is what the type II error allows to be spent by then.
    """
    beta = 1 - looks.power

    def lower(drift: float) -> Array:
        found = np.zeros(0)
        before = 0.0
        for look, time in enumerate(times):
            allowed = spent(Shape.SPEND_OBRIEN_FLEMING, float(time), beta)

            def excess(depth: float, so_far: Array = found, look: int = look, more: float = allowed - before) -> float:
                below = crossing(times[: look + 1], z[: look + 1], drift=drift, lower=np.append(so_far, depth))[1]
                return more - float(below[-1])

            found, before = np.append(found, _root(excess, -9.0, 9.0) if excess(9.0) < 0 else 9.0), allowed
        return found

    drift = _root(lambda each: float(lower(each)[-1] - z[-1]), 1.0, 12.0)
    return drift, lower(drift)


def _root(excess: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.brentq(excess, low, high, xtol=1e-12, rtol=1e-13))
