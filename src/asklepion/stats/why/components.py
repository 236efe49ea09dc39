"""Variance components by restricted likelihood: people within therapists within sites, and what that does to effects.

The covariance is a sum of known matrices, one a level and one or more of residuals. No component is held at zero:
a negative one says that people of one cluster are less alike than people of two, and held at zero it would leave
standard errors and degrees of freedom as if it were known to be zero.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, Codes

_STEPS = 200


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows of people: design (n, p), values (n,), levels' codes outermost first (each (n,)), codes of residuals (n,).

    A code below zero says that the row is of no cluster at that level.
    """

    design: Array
    values: Array
    levels: tuple[Codes, ...]
    residuals: Codes

    def blocks(self) -> list[Codes]:
        """Give the rows of each independent part: an outermost cluster, or a person of none."""
        outer = self.levels[0] if self.levels else np.full(len(self.values), -1, dtype=np.intp)
        alone = np.flatnonzero(outer < 0)
        together = [np.flatnonzero(outer == code) for code in np.unique(outer[outer >= 0])]
        return [*together, *([alone[k : k + 1] for k in range(len(alone))])]

    def matrices(self, rows: Codes) -> Array:
        """Give the known matrices of a part (k, m, m): people of one cluster share 1; residuals are on the diagonal."""
        found = []
        for codes in self.levels:
            mine = codes[rows]
            found.append(((mine[:, None] == mine[None, :]) & (mine >= 0)[:, None]).astype(np.float64))
        kinds = int(self.residuals.max()) + 1
        return np.array(
            [*found, *(np.diag((self.residuals[rows] == kind).astype(np.float64)) for kind in range(kinds))]
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """Components in the order of the levels, then of residuals; coefficients, their covariance after Kenward and Roger.

    `plain` (p, p) is the covariance before the correction, `slopes` its P matrices (k, p, p), `spread` (k, k) the
    covariance of the components, `deviance` -2 restricted log likelihood.
    """

    components: Array
    beta: Array
    plain: Array
    adjusted: Array
    slopes: Array
    spread: Array
    deviance: float
    steps: int
    gradient: float

    def contrast(self, row: Array) -> tuple[float, float, float]:
        """Give estimate, standard error and degrees of freedom of a row of coefficients [kenward1997]."""
        base = float(row @ self.plain @ row)
        towards = np.array([row @ self.plain @ each @ self.plain @ row for each in self.slopes])
        share = float(towards @ self.spread @ towards) / base**2
        return float(row @ self.beta), float(np.sqrt(row @ self.adjusted @ row)), 2 / share


@dataclass(frozen=True, slots=True)
class _State:
    deviance: float
    score: Array
    information: Array
    beta: Array
    plain: Array
    slopes: Array
    twice: Array


def fit(layout: Layout) -> Fitted:
    """Give the restricted maximum likelihood by Fisher scoring, of values over their standard deviation.

    Raises BadInput where there is no optimum.
    """
    scale = float(layout.values.std())
    if scale == 0:
        raise BadInput("It is the same for everybody.", where="value", remedy="There is no variance to divide.")
    scaled = Layout(layout.design, layout.values / scale, layout.levels, layout.residuals)
    parts = [(rows, scaled.matrices(rows)) for rows in scaled.blocks()]
    theta = _start(scaled)
    state = _state(scaled, parts, theta)
    steps = 0
    while state is not None and steps < _STEPS:
        steps += 1
        step: Array = np.linalg.lstsq(state.information, state.score, rcond=None)[0].astype(np.float64)
        if float(abs(step @ state.score)) < 1e-16:
            break
        onward = _onward(scaled, parts, theta, step, state)
        if onward is None:
            break
        theta, state = onward
    if (
        state is None
        or float(np.abs(state.score).max()) > 1e-4
        or np.linalg.matrix_rank(state.information) < len(theta)
    ):
        remedy = "There are too few clusters with two people or more, or too few clusters; leave a level out."
        raise BadInput("The variance components have no optimum.", where="clusters", remedy=remedy)
    return _told(theta, state, scale, steps, len(layout.values) - layout.design.shape[1])


def _start(layout: Layout) -> Array:
    kinds = int(layout.residuals.max()) + 1
    left = layout.values - layout.design @ np.linalg.lstsq(layout.design, layout.values, rcond=None)[0]
    around = float((left**2).sum()) / max(len(left) - layout.design.shape[1], 1)
    return np.array([0.1 * around] * len(layout.levels) + [0.9 * around] * kinds)


def _onward(
    layout: Layout, parts: list[tuple[Codes, Array]], theta: Array, step: Array, state: _State
) -> tuple[Array, _State] | None:
    share = 1.0
    for _ in range(40):
        next_theta = theta + share * step
        found = _state(layout, parts, next_theta)
        if found is not None and found.deviance <= state.deviance + 1e-12:
            return next_theta, found
        share /= 2
    return None


def _state(layout: Layout, parts: list[tuple[Codes, Array]], theta: Array) -> _State | None:
    """Give deviance, score and expected information at the components; None where no covariance is."""
    k, p = len(theta), layout.design.shape[1]
    cross, slopes, twice = np.zeros((p, p)), np.zeros((k, p, p)), np.zeros((k, k, p, p))
    right, traces, pairs, logs = np.zeros(p), np.zeros(k), np.zeros((k, k)), 0.0
    solved = []
    for rows, known in parts:
        try:
            factor = np.linalg.cholesky(np.tensordot(theta, known, axes=1))
        except np.linalg.LinAlgError:
            return None
        logs += 2 * float(np.log(np.diag(factor)).sum())
        half = np.linalg.inv(factor)
        inverse = half.T @ half
        x, y = layout.design[rows], layout.values[rows]
        through = inverse @ known
        cross += x.T @ inverse @ x
        right += x.T @ inverse @ y
        traces += np.einsum("kii->k", through)
        pairs += np.einsum("kij,lji->kl", through, through)
        seen = inverse @ x
        shares = known @ seen
        slopes -= np.einsum("mi,kmj->kij", seen, shares)
        twice += np.einsum("kmi,mn,lnj->klij", shares, inverse, shares)
        solved.append((x, y, inverse, known))
    sign, log_cross = np.linalg.slogdet(cross)
    if sign <= 0:
        return None
    plain: Array = np.linalg.inv(cross).astype(np.float64)
    beta = plain @ right
    deviance = logs + float(log_cross) + (len(layout.values) - p) * float(np.log(2 * np.pi))
    quadratic = np.zeros(k)
    for x, y, inverse, known in solved:
        rest = y - x @ beta
        weighed = inverse @ rest
        deviance += float(rest @ weighed)
        quadratic += np.einsum("i,kij,j->k", weighed, known, weighed)
    bent = np.einsum("ij,kjl->kil", plain, slopes)
    score = (quadratic - traces - np.einsum("kii->k", bent)) / 2
    information = pairs / 2 - np.einsum("ij,klji->kl", plain, twice) + np.einsum("kij,lji->kl", bent, bent) / 2
    return _State(deviance, score, information, beta, plain, slopes, twice)


def _told(theta: Array, state: _State, scale: float, steps: int, free: int) -> Fitted:
    spread: Array = np.linalg.inv(state.information).astype(np.float64)
    bent = np.einsum("kij,jm,lmn->klin", state.slopes, state.plain, state.slopes)
    more = np.einsum("kl,klij->ij", spread, state.twice - bent)
    adjusted = state.plain + 2 * state.plain @ more @ state.plain
    return Fitted(
        theta * scale**2,
        state.beta * scale,
        state.plain * scale**2,
        adjusted * scale**2,
        state.slopes / scale**4,
        spread * scale**4,
        state.deviance + 2 * free * float(np.log(scale)),
        steps,
        float(np.abs(state.score).max()),
    )


@dataclass(frozen=True, slots=True)
class Ratio:
    """Share of one level in the variance, with limits that are exact for normal values, and the exact F of none."""

    share: tuple[float, float]
    f: float
    df: tuple[int, int]
    p: float


def exact(design: Array, values: Array, codes: Codes, *, level: float = 0.95) -> Ratio:
    """Give the limits of one level's share, and the test of none, in a design unbalanced as it may be [harville1985].

    What a cluster adds beyond the design, rotated to independent parts of variance 1 + ratio * eigenvalue, over
    what is left within clusters, is F distributed at the true ratio. Raises BadInput where either part is empty.
    """
    left_axes, sizes, _ = np.linalg.svd(design, full_matrices=False)
    q = left_axes[:, sizes > 1e-10 * sizes[0]]
    z = (codes[:, None] == np.unique(codes)[None, :]).astype(np.float64)
    inside, rest = z - q @ (q.T @ z), values - q @ (q.T @ values)
    roots, axes = np.linalg.eigh(inside.T @ inside)
    real = roots > 1e-8 * len(values)
    roots, parts = roots[real], axes[:, real].T @ (inside.T @ rest) / np.sqrt(roots[real])
    between, within = int(real.sum()), len(values) - q.shape[1] - int(real.sum())
    left: float = float(np.sum(rest**2)) - float(np.sum(parts**2))
    if between < 1 or within < 1 or left <= 0:
        remedy = "There must be two clusters or more beyond the columns of the mean, one of them of two people or more."
        raise BadInput("Clusters cannot be told from people or from the design.", where="clusters", remedy=remedy)

    def f(ratio: float) -> float:
        return float(np.sum(parts**2 / (1 + ratio * roots)) / between / (left / within))

    high, low = (float(stats.f.ppf(tail, between, within)) for tail in ((1 + level) / 2, (1 - level) / 2))
    ends = (_ratio(f, high, roots), _ratio(f, low, roots))
    p = float(stats.f.sf(f(0.0), between, within))
    return Ratio((ends[0] / (1 + ends[0]), ends[1] / (1 + ends[1])), f(0.0), (between, within), p)


def _ratio(f: Callable[[float], float], target: float, roots: Array) -> float:
    least = max(-1 / float(roots.max()), -1.0) * (1 - 1e-9)
    if f(least) <= target:
        return least
    most = 1.0
    while f(most) > target and most < 1e12:
        most *= 4
    return float(optimize.brentq(lambda ratio: f(ratio) - target, least, most, xtol=1e-12))
