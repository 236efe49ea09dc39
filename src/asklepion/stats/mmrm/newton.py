"""The optimum of a likelihood by Newton's method, with the observed Hessian and a step that never goes uphill."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm.likelihood import Compressed, Slopes, Solved, sigmas, slopes, solve
from asklepion.stats.mmrm.structures import Structure

Array = NDArray[np.float64]

# A Newton decrement (twice the fall of -2 log L that is still to be had) below which a step is the last one.
TOLERANCE = 1e-9
LIMIT = 100
_LONGEST = 2.0
_FLATTEST = 1e-7
_EDGE = 1 - 1e-5


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the search ended. `why` is empty if that is a proper optimum, else says what is wrong with it.

    `gradient` is the largest component of the gradient of -2 log L in units of the data's residual spread.
    """

    at: Array
    solved: Solved
    slopes: Slopes
    iterations: int
    gradient: float
    why: str


def minimise(data: Compressed, shapes: tuple[Structure, ...], start: Array) -> Optimum | str:
    """Give the optimum of -2 log L, or the words for why there is not even a place to begin."""
    at, solved = start, solve(data, sigmas(start, shapes))
    if solved is None:
        return "The starting covariance is not positive definite."
    last, iterations = False, 0
    while iterations < LIMIT:
        local = slopes(data, at, solved, shapes)
        if last:
            break
        step, decrement = _step(local)
        last = decrement < TOLERANCE
        moved = _walk(data, shapes, at, solved, step, -float(step @ local.gradient))
        if moved is None:
            last = True
            continue
        at, solved = moved
        iterations += 1
    largest = float(np.abs(local.gradient).max())
    why = _doubt(local, sigmas(at, shapes)) if last else f"No optimum after {LIMIT} steps."
    return Optimum(at, solved, local, iterations, largest, why)


def _step(local: Slopes) -> tuple[Array, float]:
    """Give the Newton step, its curvatures made positive where they are not, and the decrement."""
    values, vectors = np.linalg.eigh(local.hessian)
    floor = 1e-8 * max(1.0, float(np.abs(values).max()))
    along = vectors.T @ local.gradient
    step = -vectors @ (along / np.maximum(np.abs(values), floor))
    decrement = float(-(step @ local.gradient))
    longest = float(np.abs(step).max())
    return (step * (_LONGEST / longest) if longest > _LONGEST else step), decrement


def _walk(
    data: Compressed, shapes: tuple[Structure, ...], at: Array, solved: Solved, step: Array, fall: float
) -> tuple[Array, Solved] | None:
    """Give the first of the step's halvings that lowers -2 log L, or None if rounding leaves nothing to gain."""
    slack = 1e-12 * max(1.0, abs(solved.deviance))
    for halving in range(40):
        there = at + step * 0.5**halving
        found = solve(data, sigmas(there, shapes))
        if found is not None and found.deviance <= solved.deviance - 1e-4 * 0.5**halving * fall + slack:
            return there, found
    return None


def _doubt(local: Slopes, found: Array) -> str:
    """Say what keeps an end point from being a proper optimum, if anything does."""
    values = np.linalg.eigvalsh(local.hessian)
    if values[0] <= _FLATTEST * max(1.0, values[-1]):
        return "The likelihood is flat or a saddle there: the data do not determine every covariance parameter."
    if np.abs(local.gradient).max() > 1e-3 * max(1.0, values[-1]) ** 0.5:
        return f"The gradient is {np.abs(local.gradient).max():.2g} there, not zero."
    for sigma in found:
        roots = np.sqrt(np.diag(sigma))
        if np.linalg.eigvalsh(sigma / np.outer(roots, roots))[0] < 1 - _EDGE:
            return "The covariance is singular there: some visits predict another one wholly."
    return ""
