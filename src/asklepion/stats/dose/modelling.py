"""Which shape fits the means of the doses best, and which dose reaches an effect.

A shape is base + size times its standard form. For given parameters of the form the linear part is solved for, so that
what is searched is a quadratic form of the means for each point of a grid; the grid is made once for a trial.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array
from asklepion.stats.dose.shapes import BOUNDS, PARAMETERS, Shape, standard

_POINTS = {1: 400, 2: 50}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A shape fitted to means by generalised least squares: `base` + `size` times its standard form.

    `distance` is the weighted sum of squares that is left; `aic` that and twice the number of parameters. `at_bound`
    says that a parameter of the form ends where the search does: the data do not tell it.
    """

    shape: Shape
    base: float
    size: float
    parameters: tuple[tuple[str, float], ...]
    distance: float
    aic: float
    at_bound: bool

    def effect(self, doses: Array) -> Array:
        """Give the value at doses less that at dose zero."""
        inside = tuple(value for _, value in self.parameters)
        return np.asarray(self.size * (standard(self.shape, doses, inside) - standard(self.shape, doses * 0, inside)))


@dataclass(frozen=True, slots=True)
class Grid:
    """A shape at doses (K,) at points of its parameters (G, p): what is left (G, K, K), the linear part (G, c, K)."""

    shape: Shape
    doses: Array
    inverse: Array
    points: Array
    left: Array
    linear: Array


def grid(shape: Shape, doses: Array, covariance: Array) -> Grid:
    """Give the grid of a shape, even in logarithms within its bounds. Raises BadInput for too few doses."""
    names = PARAMETERS[shape]
    count = 2 + len(names)
    if len(doses) < count:
        remedy = "Leave it out of the candidates, or take a simpler shape."
        raise BadInput(f"{shape} has {count} parameters; {len(doses)} doses were given.", where="doses", remedy=remedy)
    inverse: Array = np.linalg.inv(covariance).astype(np.float64)
    bounds = _bounds(shape, doses)
    axes = [np.geomspace(low, high, _POINTS[len(bounds)]) for low, high in bounds]
    points = (
        np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(bounds)) if bounds else np.zeros((1, 0))
    )
    forms = [_columns(shape, doses, tuple(point)) for point in points]
    parts = [_projected(form, inverse) for form in forms]
    return Grid(
        shape, doses, inverse, points, np.array([left for left, _ in parts]), np.array([row for _, row in parts])
    )


def fitted(at: Grid, means: Array) -> Fitted:
    """Fit means (K,): from the best point of the grid, mended by a search."""
    start = at.points[int(np.argmin(_distances(at, means)))]
    bounds = _bounds(at.shape, at.doses)

    def distance(parameters: Sequence[float]) -> float:
        left, _ = _projected(_columns(at.shape, at.doses, tuple(parameters)), at.inverse)
        return float(means @ left @ means)

    best = start
    if bounds:
        options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000}
        found = optimize.minimize(distance, start, bounds=bounds, method="Nelder-Mead", options=options)
        best = found.x if found.fun <= distance(start) else start
    _, linear = _projected(_columns(at.shape, at.doses, tuple(best)), at.inverse)
    ends = any(math.isclose(v, end, rel_tol=1e-3) for v, pair in zip(best, bounds, strict=True) for end in pair)
    return _fit(at.shape, tuple(float(each) for each in best), linear @ means, distance(best), at_bound=ends)


def drawn(at: Grid, means: Array) -> Fitted:
    """Fit means (K,) by the grid alone: what draws of the means are fitted with."""
    place = int(np.argmin(_distances(at, means)))
    point = tuple(at.points[place].tolist())
    return _fit(at.shape, point, at.linear[place] @ means, float(means @ at.left[place] @ means), at_bound=False)


def target_dose(fit: Fitted, effect: float, *, largest: float) -> float | None:
    """Give the smallest dose up to the largest that was given at which the effect is reached; None where it is not."""
    tried = np.linspace(0, largest, 401)
    passed = np.flatnonzero(fit.effect(tried) * math.copysign(1, effect) >= abs(effect))
    if not len(passed) or passed[0] == 0:
        return None
    low, high = tried[passed[0] - 1], tried[passed[0]]
    return float(optimize.brentq(lambda dose: float(fit.effect(np.array([dose]))[0]) - effect, low, high, xtol=1e-10))


def _bounds(shape: Shape, doses: Array) -> list[tuple[float, float]]:
    largest = float(doses.max())
    return [(low * largest, high * largest) for low, high in BOUNDS.get(shape, ())]


def _columns(shape: Shape, doses: Array, parameters: tuple[float, ...]) -> Array:
    """Give the design: one and the standard form; of the quadratic its two parts, since it is linear in both."""
    if shape is Shape.QUADRATIC:
        return np.column_stack([np.ones(len(doses)), doses, doses**2])
    return np.column_stack([np.ones(len(doses)), standard(shape, doses, parameters)])


def _projected(design: Array, inverse: Array) -> tuple[Array, Array]:
    """Give what a design leaves of means as a quadratic form (K, K), and the coefficients as rows on the means."""
    weighted = design.T @ inverse
    linear = np.linalg.pinv(weighted @ design) @ weighted
    return inverse - weighted.T @ linear, linear


def _distances(at: Grid, means: Array) -> Array:
    return np.asarray(np.einsum("gij,i,j->g", at.left, means, means))


def _fit(shape: Shape, parameters: tuple[float, ...], beta: Array, distance: float, *, at_bound: bool) -> Fitted:
    inside = (float(beta[2] / beta[1]),) if shape is Shape.QUADRATIC else parameters
    named = tuple(zip(PARAMETERS[shape], inside, strict=True))
    aic = distance + 2 * (2 + len(named))
    return Fitted(shape, float(beta[0]), float(beta[1]), named, distance, aic, at_bound)
