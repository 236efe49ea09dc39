"""Structures of the covariance of a subject's visits, with exact first and second derivatives.

Each is optimised in working parameters that are free to take any real value: log standard deviations, r / sqrt(1 + r^2)
for correlations, rows of a log-Cholesky factor when unstructured. These are the parameters of R's mmrm, so that its
Kenward-Roger can be had by name. Second derivatives by SAS's natural parameters (variances, covariances, correlations)
follow by the chain rule. Shapes: J visits, K parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm import correlations

Array = NDArray[np.float64]


class Structure(Protocol):
    """A covariance of J visits as a function of K working parameters.

    Where it differs from pattern to pattern of visits (`spatial.Spatial`), (J, J) stands for (P, J, J).
    """

    @property
    def name(self) -> str:
        """Give the name that a model asks for it by."""

    @property
    def size(self) -> int:
        """Give K."""

    def start(self, moments: Array) -> Array:
        """Give working parameters (K,) near a positive definite covariance (J, J)."""

    def sigma(self, at: Array) -> Array:
        """Give the covariance (J, J)."""

    def first(self, at: Array) -> Array:
        """Give its derivatives by working parameters (K, J, J)."""

    def curvature(self, at: Array, weight: Array) -> Array:
        """Give the sums over (J, J) of a symmetric weight times each second derivative (K, K)."""

    def bend_working(self, at: Array, spread: Array) -> Array:
        """Give the sum of spread (K, K) times the second derivatives by working parameters (J, J)."""

    def bend_natural(self, at: Array, spread: Array) -> Array:
        """Give the same by natural parameters, where `spread` is still that of the working ones (J, J)."""

    def natural(self, at: Array) -> tuple[tuple[str, float], ...]:
        """Give the natural parameters by name."""


@dataclass(frozen=True, slots=True)
class Unstructured:
    """Any positive definite covariance: L L' with L[i, i] = exp(a_i), L[i, j] = exp(a_i) b_ij below the diagonal."""

    visits: int
    name: str = "us"

    @property
    def size(self) -> int:
        return self.visits * (self.visits + 1) // 2

    def start(self, moments: Array) -> Array:
        factor = np.linalg.cholesky(moments)
        scale = np.diag(factor)
        rows, columns = np.tril_indices(self.visits, -1)
        return np.concatenate([np.log(scale), factor[rows, columns] / scale[rows]])

    def _factor(self, at: Array) -> Array:
        scale = np.exp(at[: self.visits])
        lower = np.eye(self.visits)
        lower[np.tril_indices(self.visits, -1)] = at[self.visits :]
        return scale[:, None] * lower

    def _directions(self, at: Array) -> tuple[NDArray[np.intp], Array]:
        """Give row r and vector w of each parameter: the factor changes by e_r w'."""
        factor = self._factor(at)
        rows, columns = np.tril_indices(self.visits, -1)
        below = np.zeros((len(rows), self.visits))
        below[np.arange(len(rows)), columns] = np.exp(at[rows])
        return np.concatenate([np.arange(self.visits), rows]), np.vstack([factor, below])

    def sigma(self, at: Array) -> Array:
        factor = self._factor(at)
        return factor @ factor.T

    def first(self, at: Array) -> Array:
        rows, directions = self._directions(at)
        along = directions @ self._factor(at).T
        change = np.zeros((self.size, self.visits, self.visits))
        change[np.arange(self.size), rows] += along
        change[np.arange(self.size), :, rows] += along
        return change

    def curvature(self, at: Array, weight: Array) -> Array:
        rows, directions = self._directions(at)
        bent = 2 * weight[np.ix_(rows, rows)] * (directions @ directions.T)
        towards = 2 * weight @ self._factor(at)
        own = np.einsum("kj,kj->k", towards[rows], directions)
        bent[rows, np.arange(self.size)] += own
        below = np.arange(self.visits, self.size)
        bent[below, rows[below]] += own[below]
        return bent

    def bend_working(self, at: Array, spread: Array) -> Array:
        rows, directions = self._directions(at)
        place = np.zeros((self.size, self.visits))
        place[np.arange(self.size), rows] = 1.0
        bent: Array = 2 * place.T @ (spread * (directions @ directions.T)) @ place
        twice = np.zeros((self.visits, self.visits))
        for k, row in enumerate(rows):
            twice[row] += spread[k, row] * directions[k] * (1 if k < self.visits else 2)
        along = twice @ self._factor(at).T
        return bent + along + along.T

    def bend_natural(self, at: Array, spread: Array) -> Array:
        """Zero: the covariance is linear in variances and covariances."""
        return np.zeros((self.visits, self.visits))

    def natural(self, at: Array) -> tuple[tuple[str, float], ...]:
        sigma = self.sigma(at)
        return tuple((f"cov({i + 1},{j + 1})", float(sigma[i, j])) for i in range(self.visits) for j in range(i + 1))


@dataclass(frozen=True, slots=True)
class Patterned:
    """Variances (one, or one per visit) times a correlation of few parameters.

    `linear` says that SAS's natural parameters are covariances, in which the structure is linear (CS and TOEP).
    """

    name: str
    visits: int
    scales: int
    correlation: correlations.Family
    linear: bool = False

    @property
    def size(self) -> int:
        return self.scales + self.correlation.size

    def _spread(self) -> Array:
        """Give how often each variance's root stands in each cell, as (scales, J, J): 0, 1 or 2."""
        if self.scales == 1:
            return np.full((1, self.visits, self.visits), 2.0)
        own = np.eye(self.visits)
        return own[:, :, None] + own[:, None, :]

    def _roots(self, at: Array) -> Array:
        """Give standard deviations (J,)."""
        return np.exp(np.broadcast_to(at[: self.scales], (self.visits,)))

    def start(self, moments: Array) -> Array:
        variances = np.diag(moments)
        roots = np.sqrt(variances)
        logs = 0.5 * np.log(variances if self.scales > 1 else np.array([variances.mean()]))
        return np.concatenate([logs, self.correlation.start(moments / np.outer(roots, roots))])

    def sigma(self, at: Array) -> Array:
        roots = self._roots(at)
        return np.outer(roots, roots) * self.correlation.at(at[self.scales :])

    def first(self, at: Array) -> Array:
        roots = self._roots(at)
        by_scale = self._spread() * self.sigma(at)
        by_shape = self.correlation.first(at[self.scales :]) * np.outer(roots, roots)
        return np.concatenate([by_scale, by_shape])

    def _second(self, at: Array, shape: Array) -> Array:
        """Give second derivatives by log standard deviations and, as `shape` says, correlations (K, K, J, J)."""
        roots, spread, cut = self._roots(at), self._spread(), self.scales
        full = np.empty((self.size, self.size, self.visits, self.visits))
        full[:cut, :cut] = spread[:, None] * spread[None] * self.sigma(at)
        mixed = spread[:, None] * self.first(at)[None, cut:]
        full[:cut, cut:], full[cut:, :cut] = mixed, mixed.swapaxes(0, 1)
        full[cut:, cut:] = shape * np.outer(roots, roots)
        return full

    def curvature(self, at: Array, weight: Array) -> Array:
        full = self._second(at, self.correlation.second(at[self.scales :]))
        return np.asarray(np.einsum("ijab,ab->ij", full, weight))

    def bend_working(self, at: Array, spread: Array) -> Array:
        full = self._second(at, self.correlation.second(at[self.scales :]))
        return np.asarray(np.einsum("ijab,ij->ab", full, spread))

    def bend_natural(self, at: Array, spread: Array) -> Array:
        """Take from the working bend what is due to the curvature of working parameters themselves.

        With v = exp(2a), the second derivative by v in units of a is that by a, less 2 d/da.
        """
        if self.linear:
            return np.zeros((self.visits, self.visits))
        bends = np.concatenate([np.full(self.scales, 2.0), self.correlation.bends(at[self.scales :])])
        lost = np.einsum("k,kab->ab", np.diag(spread) * bends, self.first(at))
        return np.asarray(self.bend_working(at, spread) - lost)

    def natural(self, at: Array) -> tuple[tuple[str, float], ...]:
        variances = np.exp(2 * at[: self.scales])
        named = [(f"var({k + 1})" if self.scales > 1 else "var", float(v)) for k, v in enumerate(variances)]
        return (*named, *self.correlation.natural(at[self.scales :]))


def structure(name: str, visits: int, *, times: Array | None = None) -> Structure:
    """Give the structure of that name for so many visits; `times` (J,) for the spatial one."""
    if name == "us" or visits == 1:
        return Unstructured(visits)
    makers: dict[str, Callable[[int], correlations.Family]] = {
        "ar": correlations.Autoregressive,
        "cs": correlations.Exchangeable,
        "toep": correlations.Toeplitz,
        "ad": correlations.Antedependent,
    }
    if name == "sp_exp":
        times = np.arange(visits, dtype=np.float64) if times is None else times
        return Patterned(name, visits, 1, correlations.Exponential(np.abs(times[:, None] - times)))
    own = name.endswith("h")
    kind = name.removesuffix("h").removesuffix("1")
    return Patterned(name, visits, visits if own else 1, makers[kind](visits), linear=name in {"cs", "toep"})
