"""Standard errors from the subjects' own residuals: right in large trials even where the covariance is wrong.

With M_i the inverse covariance of subject i, X_i its columns, r_i its residuals, P the model-based covariance:
V = P (sum X_i' M_i A_i r_i r_i' A_i' M_i X_i) P. A_i is the identity (`empirical`, PROC MIXED's EMPIRICAL [liang1986]);
(I - X_i P X_i' M_i)^-1, which leaves the subject out (`empirical-jackknife`); or the symmetric matrix that makes V
unbiased where the covariance is right (`empirical-bias-reduced` [pustejovsky2018]). Degrees of freedom are those of the
quadratic form, tr(G)^2 / tr(G G), under the fitted covariance [bell2002].
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.mmrm import spatial
from asklepion.stats.mmrm.design import row_values
from asklepion.stats.mmrm.model import Freedom

if TYPE_CHECKING:
    from asklepion.stats.mmrm.fitting import Fit

Array = NDArray[np.float64]
_ALONE = 1e-10


@dataclass(frozen=True, slots=True)
class _Kind:
    """The n subjects of a pattern and group: columns and A' M X (n, m, q), residuals (n, m), covariance (m, m)."""

    columns: Array
    aimed: Array
    residuals: Array
    sigma: Array


@dataclass(frozen=True, slots=True)
class Sandwich:
    """The robust covariance (q, q) in the inner scale of a fit, and what its degrees of freedom rest on."""

    covariance: Array
    plain: Array
    kinds: tuple[_Kind, ...]

    @classmethod
    def of(cls, fit: "Fit", freedom: Freedom) -> "Sandwich":
        """Give the sandwich of a fit. Raises BadInput where a subject alone determines a column of the mean."""
        plain = fit.optimum.solved.spread
        kinds = tuple(
            _Kind(columns, _aimed(columns, sigma, plain, freedom), residuals, sigma)
            for columns, residuals, sigma in _subjects(fit)
        )
        scores = np.concatenate([np.einsum("nmq,nm->nq", kind.aimed, kind.residuals) for kind in kinds])
        return cls(plain @ (scores.T @ scores) @ plain, plain, kinds)

    def freedom(self, inner: Array) -> float:
        """Give the degrees of freedom of a combination (q,) of fixed effects."""
        lean = self.plain @ inner
        trace, squares = 0.0, 0.0
        crossed = np.zeros_like(self.plain)
        for kind in self.kinds:
            along = kind.aimed @ lean
            own = np.einsum("nm,mk,nk->n", along, kind.sigma, along)
            back = np.einsum("nmq,nm->nq", kind.columns, along)
            lost = np.einsum("nq,qk,nk->n", back, self.plain, back)
            trace += float((own - lost).sum())
            squares += float((own**2 - 2 * own * lost).sum())
            crossed += back.T @ back
        turned = self.plain @ crossed
        return trace**2 / (squares + float(np.trace(turned @ turned)))


def _subjects(fit: "Fit") -> list[tuple[Array, Array, Array]]:
    """Give columns (n, m, q), residuals (n, m) and covariance (m, m) of each pattern and group, in the inner scale."""
    observed, scaled = fit.observed, fit.scaled
    plain = np.stack([row_values(column.parts, observed) for column in fit.columns], axis=1)
    residuals = (observed.values - plain @ fit.beta) / scaled.unit
    columns = plain @ scaled.back
    if observed.roots is not None:
        columns, residuals = columns * observed.roots[:, None], residuals * observed.roots
    first = np.flatnonzero(np.diff(observed.subjects, prepend=-1))
    seen = np.zeros((observed.people, len(fit.visits) + 2), dtype=np.int64)
    seen[observed.subjects, observed.visits.codes] = 1
    seen[:, -2] = observed.groups.codes[first]
    seen[:, -1] = spatial.kinds(observed)
    kinds, which = np.unique(seen, axis=0, return_inverse=True)
    found = []
    for number, kind in enumerate(kinds):
        visits = np.flatnonzero(kind[:-2])
        rows = first[which.ravel() == number][:, None] + np.arange(len(visits))
        places = None if observed.places is None else observed.places[rows[0]]
        sigma = fit.covariance(int(kind[-2]), visits, places=places)
        found.append((columns[rows], residuals[rows], sigma / scaled.unit**2))
    return found


def _aimed(columns: Array, sigma: Array, plain: Array, freedom: Freedom) -> Array:
    """Give A' M X of each subject of a pattern (n, m, q)."""
    leaned = np.linalg.solve(sigma, columns)
    if freedom is Freedom.EMPIRICAL:
        return np.asarray(leaned)
    explained = columns @ plain @ columns.swapaxes(1, 2)
    if freedom is Freedom.EMPIRICAL_JACKKNIFE:
        hat = np.eye(len(sigma)) - explained @ np.linalg.inv(sigma)
        if np.abs(np.linalg.det(hat)).min() < _ALONE:
            raise BadInput("A subject alone determines a column of the mean.", where="freedom", remedy=_REMEDY)
        return np.asarray(np.linalg.solve(hat.swapaxes(1, 2), leaned))
    root = np.linalg.cholesky(sigma)
    left = root.T @ (sigma - explained) @ root
    values, vectors = np.linalg.eigh(left)
    kept = values > _ALONE * values[:, -1:]
    halved = np.where(kept, 1 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    adjust = root @ (vectors * halved[:, None, :]) @ vectors.swapaxes(1, 2) @ root.T
    return np.asarray(adjust.swapaxes(1, 2) @ leaned)


_REMEDY = "Use `empirical` or `empirical-bias-reduced`, or leave out the column."
