"""Draws from the posterior of a mixed model for repeated measures, its covariance unstructured.

Priors are those of R's rbmi: flat for the fixed effects, and for the covariance of each group the inverse Wishart with
J + 2 degrees of freedom and the REML (or ML) estimate as its scale, whose mean that is. A step draws, in turn, the
fixed effects given the covariance with missing values integrated out (the likelihood of `mmrm.likelihood`, compressed),
the missing residuals given both, and the covariance given complete residuals [schafer1997].
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import AsklepionError
from asklepion.stats.columns import Codes
from asklepion.stats.missing.chains import effective, split_r_hat
from asklepion.stats.missing.plan import Plan
from asklepion.stats.missing.refits import Frame, Parameters, Told, compressed, scaled_back
from asklepion.stats.mmrm import likelihood

Array = NDArray[np.float64]
# Chains begin apart: at covariances drawn around the estimate with so many degrees of freedom more than visits.
_APART = 20


class NotConverged(AsklepionError):
    """A chain met a covariance that is not positive definite."""

    code = "not_converged"


@dataclass(frozen=True, slots=True)
class Watched:
    """How the chains went for one quantity: its mean, R-hat and effective number of the draws after burning in."""

    label: str
    mean: float
    r_hat: float
    effective: float
    draws: int


@dataclass(frozen=True, slots=True)
class Kind:
    """Subjects (members) of one visit pattern in one group, the values of whom enter the model at `seen` visits."""

    members: Codes
    seen: Codes
    gaps: Codes
    group: int


def posterior(
    frame: Frame, plan: Plan, *, watch: dict[str, Array], told: Told | None = None
) -> tuple[list[Parameters], tuple[Watched, ...]]:
    """Give the plan's number of draws, shared out over its chains, and how the chains went.

    `watch` names combinations (q,) of the fixed effects; the log determinant of each group's covariance is watched too.
    """
    each = plan.imputations // plan.chains
    length = plan.burn_in + each * plan.thin
    kept: list[Parameters] = []
    traces = np.empty((plan.chains, each * plan.thin, len(watch) + len(frame.fit.covariances)))
    chain = _Chain.of(frame)
    for number in range(plan.chains):
        rng = np.random.default_rng([plan.seed, 0, number])
        sigmas = chain.begin(rng)
        for step in range(length):
            beta, sigmas = chain.step(sigmas, rng)
            after = step - plan.burn_in
            if after >= 0:
                found = scaled_back(frame, beta, sigmas)
                marks = np.linalg.slogdet(found.sigmas)[1]
                traces[number, after] = [*(float(row @ found.beta) for row in watch.values()), *marks]
                if (after + 1) % plan.thin == 0:
                    kept.append(found)
            if told is not None and (step + 1) % plan.thin == 0:
                told(number * length + step + 1, plan.chains * length)
    if told is not None:
        told(plan.chains * length, plan.chains * length)
    groups = [f"log determinant of the covariance {each}".strip() for each in frame.fit.groups]
    labels = [*watch, *groups]
    return kept, tuple(_watched(label, traces[:, :, k]) for k, label in enumerate(labels))


def _watched(label: str, traces: Array) -> Watched:
    return Watched(label, float(traces.mean()), split_r_hat(traces), effective(traces), traces.size)


@dataclass(frozen=True, slots=True)
class _Chain:
    """What a step needs, in the scale of the fit: designs (n, J, q), residuals of least squares (n, J)."""

    data: likelihood.Compressed
    kinds: tuple[Kind, ...]
    design: Array
    values: Array
    groups: Codes
    prior: Array

    @classmethod
    def of(cls, frame: Frame) -> "_Chain":
        scaled, some = frame.fit.scaled, np.flatnonzero(frame.used.any(axis=1))
        plain = frame.design(frame.features[some])
        used, groups = frame.used[some], frame.groups[some]
        values = np.where(used, (frame.values[some] - plain @ scaled.offset) / scaled.unit, 0.0)
        labels, which = np.unique(np.column_stack([used, groups]).astype(np.intp), axis=0, return_inverse=True)
        kinds = tuple(
            Kind(np.flatnonzero(which.ravel() == k), np.flatnonzero(row[:-1]), np.flatnonzero(row[:-1] == 0), row[-1])
            for k, row in enumerate(labels)
        )
        prior = frame.fit.covariances / scaled.unit**2
        return cls(compressed(frame), kinds, plain @ scaled.back, values, groups, prior)

    def begin(self, rng: np.random.Generator) -> Array:
        visits = self.prior.shape[1]
        return np.stack([inverse_wishart(_APART * each, visits + 1 + _APART, rng) for each in self.prior])

    def step(self, sigmas: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Give the next fixed effects and covariances."""
        solved = likelihood.solve(self.data, sigmas)
        if solved is None:
            raise NotConverged(
                "A chain met a covariance that is not positive definite.",
                where="bayes",
                remedy="Look for visits that few attended, or take the method approximate-bayes.",
            )
        beta = solved.beta + solved.root @ rng.standard_normal(len(solved.beta))
        rest = self.values - self.design @ beta
        for kind in self.kinds:
            if len(kind.gaps):
                self._fill(rest, kind, sigmas[kind.group], rng)
        drawn = [self._covariance(rest, group, rng) for group in range(len(sigmas))]
        return beta, np.stack(drawn)

    def _fill(self, rest: Array, kind: Kind, sigma: Array, rng: np.random.Generator) -> None:
        seen, gaps = kind.seen, kind.gaps
        slope = np.linalg.solve(sigma[np.ix_(seen, seen)], sigma[np.ix_(seen, gaps)])
        left = np.linalg.cholesky(sigma[np.ix_(gaps, gaps)] - slope.T @ sigma[np.ix_(seen, gaps)])
        noise = rng.standard_normal((len(kind.members), len(gaps))) @ left.T
        rest[np.ix_(kind.members, gaps)] = rest[np.ix_(kind.members, seen)] @ slope + noise

    def _covariance(self, rest: Array, group: int, rng: np.random.Generator) -> Array:
        own = rest[self.groups == group]
        visits = rest.shape[1]
        return inverse_wishart(self.prior[group] + own.T @ own, visits + 2 + len(own), rng)


def inverse_wishart(scale: Array, freedom: float, rng: np.random.Generator) -> Array:
    """Draw a covariance (J, J) with mean scale / (freedom - J - 1), by Bartlett's decomposition [bartlett1933]."""
    size = len(scale)
    root = np.zeros((size, size))
    root[np.diag_indices(size)] = np.sqrt(rng.chisquare(freedom - np.arange(size)))
    low = np.tril_indices(size, -1)
    root[low] = rng.standard_normal(len(low[0]))
    half = np.linalg.solve(root, np.linalg.cholesky(scale).T)
    return np.asarray(half.T @ half)
