"""A contrast of conditions within people: each person's weighted sum, and its t test against zero."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import table


@dataclass(frozen=True, slots=True)
class Contrast:
    """`means` of conditions, the mean `estimate` of people's contrasts, `t` with `df`, two-sided `p`, `n` people."""

    means: tuple[float, ...]
    estimate: float
    t: float | Unscored
    df: int
    p: float | Unscored
    n: int


def contrast(values: ArrayLike, weights: tuple[float, ...]) -> Contrast:
    """Return the test of people x conditions by weights that sum to zero, one for each condition.

    Weights 1, -1, -1, 1 are a difference in differences. Raises BadInput for weights that do not fit, and for fewer
    than 2 people.
    """
    found = table(values, where="people x conditions", at_least=2)
    check_weights(weights, found.shape[1])
    own = found @ np.array(weights)
    n = len(own)
    error = float(own.std(ddof=1)) / np.sqrt(n)
    estimate = float(own.mean())
    means = tuple(float(each) for each in found.mean(axis=0))
    if error <= 1e-12 * max(abs(estimate), 1e-300):
        alike = Unscored("All people have the same contrast.")
        return Contrast(means, estimate, alike, n - 1, alike, n)
    t = float(estimate / error)
    return Contrast(means, estimate, t, n - 1, float(2 * special.stdtr(n - 1, -abs(t))), n)


def check_weights(weights: tuple[float, ...], conditions: int) -> None:
    """Raise BadInput for weights that are not one for each condition, are all zero, or do not sum to zero."""
    if len(weights) != conditions:
        what = f"There are {conditions} conditions and {len(weights)} weights."
        raise BadInput(what, where="contrast", remedy="Give one weight for each condition, 0 for one that is left out.")
    if not any(weights) or abs(sum(weights)) > 1e-9:
        what = f"The weights sum to {sum(weights):g}, or are all zero."
        raise BadInput(what, where="contrast", remedy="Give weights that sum to 0, as 1,-1,-1,1.")
