"""Is there a dose-response at all? The best contrast of each candidate shape, together at one level [bretz2005]."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import optimize, stats

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array
from asklepion.stats.dose.shapes import Candidate, standard

_SEED = 2005
_POINTS = 14


@dataclass(frozen=True, slots=True)
class Contrast:
    """A candidate's contrast of the doses, its t, and p one-sided: by itself and for the largest of all."""

    candidate: Candidate
    weights: tuple[float, ...]
    t: float
    p: float
    p_all: float


@dataclass(frozen=True, slots=True)
class Tested:
    """Contrasts in the order of the candidates, and the t that shows a dose-response at one-sided `alpha`."""

    contrasts: tuple[Contrast, ...]
    critical: float
    alpha: float
    df: int
    higher: bool

    @property
    def shown(self) -> bool:
        return max(each.t for each in self.contrasts) >= self.critical


def best_contrasts(
    doses: Array,
    means: Array,
    covariance: Array,
    candidates: Sequence[Candidate],
    *,
    df: int,
    alpha: float = 0.025,
    higher: bool = True,
) -> Tested:
    """Test means (K,) at doses (K,) with their covariance (K, K) against candidates. `higher`: a rise is the effect.

    The weights of a candidate are best where it is true: proportional to the inverse covariance times its standard form
    less its weighted mean. p of all is that of the largest of the correlated t, 1 where a t points the other way.
    Raises BadInput for a candidate that is flat at these doses.
    """
    inverse = np.linalg.inv(covariance)
    rows = []
    for each in candidates:
        form = standard(each.shape, doses, each.guess) * (1 if higher else -1)
        if np.ptp(form) == 0:
            raise BadInput(f"{each} is flat at these doses.", where="candidates", remedy="Guess another parameter.")
        best = inverse @ (form - (inverse.sum(axis=0) @ form) / inverse.sum())
        rows.append(best / np.linalg.norm(best))
    weights = np.array(rows)
    spread = weights @ covariance @ weights.T
    t = weights @ means / np.sqrt(np.diag(spread))
    directions = _directions(spread)
    critical = optimize.brentq(lambda at: _beyond(at, directions, df) - alpha, 0.5, 12.0, xtol=1e-7)
    contrasts = tuple(
        Contrast(
            each,
            tuple(row.tolist()),
            float(value),
            float(stats.t.sf(value, df)),
            _beyond(float(value), directions, df) if value > 0 else 1.0,
        )
        for each, row, value in zip(candidates, weights, t, strict=True)
    )
    return Tested(contrasts, float(critical), alpha, df, higher)


def _beyond(at: float, directions: Array, df: int) -> float:
    """Give the chance that the largest of t along unit vectors (contrasts, rank) is beyond a value above zero.

    Given the direction of the normal vector its length is an F variate, so the chance is a smooth mean over directions;
    they are Sobol's, seeded.
    """
    rank = directions.shape[1]
    largest = (_sphere(rank) @ directions.T).max(axis=1)
    towards = largest[largest > 0]
    return float(stats.f.sf(at**2 / (rank * towards**2), rank, df).sum() / len(largest))


@cache
def _sphere(rank: int) -> Array:
    """Give points (n, rank) spread evenly over the unit sphere, each with its opposite."""
    if rank == 1:
        return np.array([[1.0], [-1.0]])
    uniform = stats.qmc.Sobol(rank, seed=_SEED).random_base2(_POINTS)
    normal = stats.norm.ppf(np.clip(uniform, 1e-12, 1 - 1e-12))
    found = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    return np.concatenate([found, -found])


def _directions(spread: Array) -> Array:
    """Give contrasts with a covariance as unit vectors whose inner products are their correlations."""
    root = np.sqrt(np.diag(spread))
    values, vectors = np.linalg.eigh(spread / np.outer(root, root))
    kept = values > 1e-9 * values[-1]
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))
