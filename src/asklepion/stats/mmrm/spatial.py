"""The spatial exponential covariance by coordinates of every row: places that differ from subject to subject.

Subjects of one visit pattern then share a covariance only if their places lie equally far apart: each set of distances
is a pattern of its own, and arrays that are (J, J) in other structures are (P, J, J) here, one for each pattern.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm.correlations import Exponential
from asklepion.stats.mmrm.table import Observed

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spatial:
    """variance * exp(-distance / range) with `distances` (P, J, J) of the patterns of one group; K = 2."""

    distances: Array
    name: str = "sp_exp"
    size: int = 2

    @property
    def _correlation(self) -> Exponential:
        return Exponential(self.distances)

    def start(self, moments: Array) -> Array:
        """Give log standard deviation and range so that the mean correlation stands at the mean distance."""
        variances = np.diag(moments)
        pairs = np.triu_indices(len(moments), 1)
        near = np.clip((moments / np.sqrt(np.outer(variances, variances)))[pairs].mean(), 0.05, 0.95)
        r = near ** (1 / self.distances[:, *pairs].mean())
        return np.array([0.5 * np.log(variances.mean()), np.log(r / (1 - r))])

    def sigma(self, at: Array) -> Array:
        return np.asarray(np.exp(2 * at[0]) * self._correlation.at(at[1:]))

    def first(self, at: Array) -> Array:
        return np.stack([2 * self.sigma(at), np.exp(2 * at[0]) * self._correlation.first(at[1:])[0]])

    def _second(self, at: Array) -> Array:
        by_scale, by_range = 2 * self.first(at)
        twice = np.exp(2 * at[0]) * self._correlation.second(at[1:])[0, 0]
        return np.stack([np.stack([by_scale, by_range]), np.stack([by_range, twice])])

    def curvature(self, at: Array, weight: Array) -> Array:
        return np.asarray(np.einsum("ijpab,pab->ij", self._second(at), weight))

    def bend_working(self, at: Array, spread: Array) -> Array:
        return np.asarray(np.einsum("ijpab,ij->pab", self._second(at), spread))

    def bend_natural(self, at: Array, spread: Array) -> Array:
        """Take from the working bend what is due to the curvature of log standard deviation and range."""
        bends = np.concatenate([[2.0], self._correlation.bends(at[1:])])
        return np.asarray(self.bend_working(at, spread) - np.tensordot(np.diag(spread) * bends, self.first(at), 1))

    def natural(self, at: Array) -> tuple[tuple[str, float], ...]:
        return (("var", float(np.exp(2 * at[0]))), *self._correlation.natural(at[1:]))


def apart(places: Array) -> Array:
    """Give the Euclidean distances (..., m, m) between places (..., m, C)."""
    return np.asarray(np.sqrt(((places[..., :, None, :] - places[..., None, :, :]) ** 2).sum(axis=-1)))


def distances(observed: Observed) -> Array:
    """Give each subject's distances (n, J, J).

    A visit that is missing stands past the last of the subject's places: it takes no part, and leaves the whole a
    proper covariance.
    """
    assert observed.places is not None
    visits, axes = len(observed.visits.levels), observed.places.shape[1]
    whole = np.full((observed.people, visits, axes), np.nan)
    whole[observed.subjects, observed.visits.codes] = observed.places
    step = float(np.ptp(observed.places[:, 0])) or 1.0
    past = np.nanmax(whole[:, :, :1], axis=1, keepdims=True) + step * np.arange(1, visits + 1)[:, None]
    filled = np.where(np.isnan(whole[:, :, :1]), past, whole[:, :, :1])
    rest = np.where(np.isnan(whole[:, :, 1:]), np.nanmax(whole[:, :, 1:], axis=1, keepdims=True), whole[:, :, 1:])
    return apart(np.concatenate([filled, rest], axis=2))


def kinds(observed: Observed) -> NDArray[np.intp]:
    """Give for each subject which set of distances theirs is (n,); zeros where there are no coordinates."""
    if observed.places is None:
        return np.zeros(observed.people, dtype=np.intp)
    flat = distances(observed).reshape(observed.people, -1)
    return np.unique(flat, axis=0, return_inverse=True)[1].ravel().astype(np.intp)
