"""Families of correlation matrices over J visits, with derivatives by working parameters.

Correlations r are worked on as t with r = t / sqrt(1 + t^2). `bends` gives, for each parameter, the second
derivative of the natural parameter by the working one over the first: what the chain rule takes away.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_EDGE = 0.95


class Family(Protocol):
    """Correlations of J visits as a function of a few working parameters (R,)."""

    @property
    def size(self) -> int: ...

    def start(self, moments: Array) -> Array: ...

    def at(self, working: Array) -> Array: ...

    def first(self, working: Array) -> Array: ...

    def second(self, working: Array) -> Array: ...

    def bends(self, working: Array) -> Array: ...

    def natural(self, working: Array) -> tuple[tuple[str, float], ...]: ...


def _r(working: Array) -> tuple[Array, Array, Array]:
    """Give r, dr/dt and d2r/dt2."""
    whole = 1 + working**2
    return working / np.sqrt(whole), whole**-1.5, -3 * working * whole**-2.5


def _t(r: Array) -> Array:
    inside = np.clip(r, -_EDGE, _EDGE)
    return np.asarray(inside / np.sqrt(1 - inside**2))


def _bends(working: Array) -> Array:
    return np.asarray(-3 * working / (1 + working**2))


def _lags(visits: int) -> NDArray[np.int64]:
    order = np.arange(visits)
    return np.asarray(np.abs(order[:, None] - order[None]))


def _mean_lag(moments: Array, lag: int) -> float:
    return float(np.diag(moments, lag).mean())


@dataclass(frozen=True, slots=True)
class Autoregressive:
    """r^|i - j|."""

    visits: int
    size: int = 1

    def start(self, moments: Array) -> Array:
        return _t(np.array([_mean_lag(moments, 1)]))

    def at(self, working: Array) -> Array:
        return np.asarray(_r(working)[0] ** _lags(self.visits), dtype=np.float64)

    def first(self, working: Array) -> Array:
        r, dr, _ = _r(working)
        return np.asarray(self._by_r(r[0]) * dr[0])[None]

    def second(self, working: Array) -> Array:
        r, dr, d2r = _r(working)
        lags = _lags(self.visits)
        twice = lags * (lags - 1) * r[0] ** np.maximum(lags - 2, 0)
        return np.asarray(twice * dr[0] ** 2 + self._by_r(r[0]) * d2r[0])[None, None]

    def _by_r(self, r: float) -> Array:
        lags = _lags(self.visits)
        return np.asarray(lags * r ** np.maximum(lags - 1, 0))

    def bends(self, working: Array) -> Array:
        return _bends(working)

    def natural(self, working: Array) -> tuple[tuple[str, float], ...]:
        return (("rho", float(_r(working)[0][0])),)


@dataclass(frozen=True, slots=True)
class Lagged:
    """One correlation for each of several sets of cells; `labels` (J, J) says which, -1 on the diagonal."""

    labels: NDArray[np.int64]
    size: int

    def _cells(self) -> Array:
        return np.asarray(self.labels[None] == np.arange(self.size)[:, None, None], dtype=np.float64)

    def start(self, moments: Array) -> Array:
        return _t(np.array([0.9 * moments[self.labels == k].mean() for k in range(self.size)]))

    def at(self, working: Array) -> Array:
        return np.eye(len(self.labels)) + np.tensordot(_r(working)[0], self._cells(), 1)

    def first(self, working: Array) -> Array:
        return self._cells() * _r(working)[1][:, None, None]

    def second(self, working: Array) -> Array:
        full = np.zeros((self.size, self.size, *self.labels.shape))
        full[np.arange(self.size), np.arange(self.size)] = self._cells() * _r(working)[2][:, None, None]
        return full

    def bends(self, working: Array) -> Array:
        return _bends(working)

    def natural(self, working: Array) -> tuple[tuple[str, float], ...]:
        return tuple((f"rho({k + 1})", float(r)) for k, r in enumerate(_r(working)[0]))


def Exchangeable(visits: int) -> Lagged:  # noqa: N802  it stands for a family, as its neighbours do
    """Give one correlation for all pairs."""
    return Lagged(np.minimum(_lags(visits), 1) - 1, 1 if visits > 1 else 0)


def Toeplitz(visits: int) -> Lagged:  # noqa: N802
    """Give one correlation for each distance between visits."""
    return Lagged(_lags(visits) - 1, visits - 1)


@dataclass(frozen=True, slots=True)
class Antedependent:
    """The product of the correlations of neighbours between two visits."""

    visits: int

    @property
    def size(self) -> int:
        return self.visits - 1

    def _between(self) -> NDArray[np.bool_]:
        """Give which neighbours (R) lie between two visits (R, J, J)."""
        order = np.arange(self.visits)
        low, high = np.minimum(order[:, None], order), np.maximum(order[:, None], order)
        steps = np.arange(self.size)[:, None, None]
        return np.asarray((steps >= low) & (steps < high))

    def start(self, moments: Array) -> Array:
        return _t(np.diag(moments, 1))

    def _product(self, r: Array, without: tuple[int, ...]) -> Array:
        """Multiply all between two visits but those left out; zero where what is left out does not lie between."""
        between = self._between()
        kept = np.where(between, r[:, None, None], 1.0)
        kept[list(without)] = 1.0
        whole = np.all(between[list(without)], axis=0)
        return np.asarray(np.where(whole, np.prod(kept, axis=0), 0.0))

    def at(self, working: Array) -> Array:
        return self._product(_r(working)[0], ())

    def first(self, working: Array) -> Array:
        r, dr, _ = _r(working)
        return np.stack([self._product(r, (k,)) * dr[k] for k in range(self.size)])

    def second(self, working: Array) -> Array:
        r, dr, d2r = _r(working)
        full = np.empty((self.size, self.size, self.visits, self.visits))
        for k in range(self.size):
            for m in range(self.size):
                full[k, m] = self._product(r, (k,)) * d2r[k] if k == m else self._product(r, (k, m)) * dr[k] * dr[m]
        return full

    def bends(self, working: Array) -> Array:
        return _bends(working)

    def natural(self, working: Array) -> tuple[tuple[str, float], ...]:
        return tuple((f"rho({k + 1})", float(r)) for k, r in enumerate(_r(working)[0]))


@dataclass(frozen=True, slots=True)
class Exponential:
    """exp(-distance / range) with `distances` (..., J, J).

    It is worked on as r^distance with r = 1 / (1 + exp(-t)), as R's mmrm does.
    """

    distances: Array
    size: int = 1

    def start(self, moments: Array) -> Array:
        near = np.clip(_mean_lag(moments, 1), 0.05, _EDGE)
        gap = float(np.diag(self.distances, 1).mean())
        r = near ** (1 / gap)
        return np.array([np.log(r / (1 - r))])

    def _powers(self, working: Array) -> tuple[Array, float]:
        r = 1 / (1 + np.exp(-working[0]))
        return np.asarray(r**self.distances), float(r)

    def at(self, working: Array) -> Array:
        return self._powers(working)[0]

    def first(self, working: Array) -> Array:
        powers, r = self._powers(working)
        return np.asarray(self.distances * powers * (1 - r))[None]

    def second(self, working: Array) -> Array:
        powers, r = self._powers(working)
        d = self.distances
        return np.asarray(powers * (d**2 * (1 - r) ** 2 - d * r * (1 - r)))[None, None]

    def bends(self, working: Array) -> Array:
        """Bend of range = -1 / log(r): -(2 + log r)(1 - r) / log r + (1 - 2 r)."""
        r = 1 / (1 + np.exp(-working))
        return np.asarray(-(np.log(r) + 2) * (1 - r) / np.log(r) + 1 - 2 * r)

    def natural(self, working: Array) -> tuple[tuple[str, float], ...]:
        r = 1 / (1 + np.exp(-working[0]))
        return (("range", float(-1 / np.log(r))),)
