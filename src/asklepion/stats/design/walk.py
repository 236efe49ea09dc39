"""The recursion under a group-sequential design: where the sum of normal increments stands after each look.

The density of sums that have passed no boundary is carried from look to look on Gauss-Legendre points [armitage1969].
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
_POINTS = 400
_FAR = 10.0
_SPREADS = 150.0


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a trial that has not stopped may stand: points of the sum, the mass at each, and the information."""

    points: Array
    mass: Array
    time: float = 0.0
    drift: float = 0.0

    def above(self, z: float, time: float) -> float:
        """Give the chance to be above z at the next look."""
        return float(self.mass @ stats.norm.sf(self._apart(z, time)))

    def below(self, z: float, time: float) -> float:
        """Give the chance to be below z at the next look."""
        return float(self.mass @ stats.norm.cdf(self._apart(z, time)))

    def on(self, time: float, following: float, *, upper: float, lower: float) -> "Walk":
        """Give the walk past a look at which it stayed between two limits; `following` is the time of the next."""
        spread, root, middle = math.sqrt(time - self.time), math.sqrt(time), self.drift * time
        top = min(upper * root, middle + _FAR * root)
        bottom = max(lower * root, middle - _FAR * root)
        if bottom >= top:
            return Walk(np.zeros(0), np.zeros(0), time, self.drift)
        nodes, weights = _nodes(bottom, top, least=min(spread, math.sqrt(following - time)))
        mean = self.points + self.drift * (time - self.time)
        density = np.exp(-0.5 * ((nodes[:, None] - mean) / spread) ** 2) / (spread * math.sqrt(2 * math.pi))
        return Walk(nodes, weights * (density @ self.mass), time, self.drift)

    def _apart(self, z: float, time: float) -> Array:
        mean = self.points + self.drift * (time - self.time)
        return np.asarray((z * math.sqrt(time) - mean) / math.sqrt(time - self.time))


def begin(drift: float = 0.0) -> Walk:
    """Give the walk before the first look."""
    return Walk(np.array([0.0]), np.array([1.0]), 0.0, drift)


def crossing(times: Array, z: Array, *, drift: float = 0.0, lower: Array | None = None) -> tuple[Array, Array]:
    """Give the chance to stop first at each look above `z`, and below `lower`.

    Z at full information has mean `drift`. Without `lower` nothing stops below. Chances are right to 1e-10.
    """
    passed, below = np.zeros(len(times)), np.zeros(len(times))
    low = np.full(len(times), -np.inf) if lower is None else lower
    walk = begin(drift)
    for look, time in enumerate(times.tolist()):
        passed[look] = walk.above(float(z[look]), time)
        if lower is not None:
            below[look] = walk.below(float(low[look]), time)
        if look + 1 < len(times):
            walk = walk.on(time, float(times[look + 1]), upper=float(z[look]), lower=float(low[look]))
    return passed, below


_GAUSS: tuple[Array, Array] = np.polynomial.legendre.leggauss(_POINTS)


def _nodes(bottom: float, top: float, *, least: float) -> tuple[Array, Array]:
    """Give points and weights, in as many panels as an increment of spread `least` needs to be seen."""
    panels = math.ceil((top - bottom) / least / _SPREADS)
    half = (top - bottom) / panels / 2
    starts = bottom + 2 * half * np.arange(panels)
    points = starts[:, None] + half * (_GAUSS[0] + 1)
    return points.ravel(), np.tile(half * _GAUSS[1], panels)
