"""Standard errors and degrees of freedom of linear combinations of fixed effects.

Satterthwaite: 2 v^2 / (g' W g), where v is the variance of the combination, g its gradient by covariance parameters and
W their covariance, twice the inverse of the observed Hessian of -2 log L [satterthwaite1946]. Kenward-Roger: the
variance is that of [kenward1997], P + 2 P (sum W_ij (Q_ij - A_i P A_j - R_ij / 4)) P, with the same W, as PROC MIXED
has it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.mmrm import likelihood
from asklepion.stats.mmrm.fitting import Fit
from asklepion.stats.mmrm.model import Freedom, Method
from asklepion.stats.mmrm.sandwich import Sandwich

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """A combination of fixed effects: estimate, standard error, degrees of freedom, t, two-sided p and interval."""

    label: str
    estimate: float
    se: float
    df: float
    t: float
    p: float
    lower: float
    upper: float
    level: float
    freedom: str


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint test of several combinations: F with its degrees of freedom."""

    label: str
    f: float
    numerator: int
    denominator: float
    p: float


@dataclass(frozen=True, slots=True)
class Precision:
    """What every combination rests on, in the inner scale of the fit.

    `plain` (q, q) is the model-based covariance of the fixed effects, `adjusted` (q, q) the one that standard errors
    come from, `towers` (K, q, q) X' M dS_i M X, `spread` (K, K) the covariance of the covariance parameters. `sandwich`
    is there for standard errors from subjects' residuals.
    """

    freedom: Freedom
    plain: Array
    adjusted: Array
    towers: Array
    spread: Array
    sandwich: Sandwich | None = None

    @classmethod
    def of(cls, fit: Fit, freedom: Freedom = Freedom.SATTERTHWAITE) -> "Precision":
        """Give the precision of a fit. Raises BadInput for Kenward-Roger after full maximum likelihood."""
        freedom = Freedom(freedom)
        slopes, plain = fit.optimum.slopes, fit.optimum.solved.spread
        spread: Array = np.asarray(2 * np.linalg.inv(slopes.hessian))
        towers = slopes.towers[:, :-1, :-1]
        if freedom is Freedom.SATTERTHWAITE:
            return cls(freedom, plain, plain, towers, spread)
        if freedom.robust:
            robust = Sandwich.of(fit, freedom)
            return cls(freedom, plain, robust.covariance, towers, spread, robust)
        if fit.model.method is not Method.REML:
            raise BadInput(
                "Kenward-Roger is defined for REML.", where="freedom", remedy="Fit by REML, or Satterthwaite."
            )
        inner = _squares(fit, spread, freedom) - _weighed(towers, plain, spread)
        return cls(freedom, plain, plain + 2 * plain @ inner @ plain, towers, spread)


def _weighed(towers: Array, plain: Array, spread: Array) -> Array:
    """Give the sum of W_ij A_i P A_j (q, q)."""
    other = np.tensordot(spread, towers, 1)
    return np.asarray(np.einsum("kab,kbc->ac", towers @ plain, other))


def _squares(fit: Fit, spread: Array, freedom: Freedom) -> Array:
    """Give the sum of W_ij (Q_ij - R_ij / 4), one small matrix for each visit pattern (q, q)."""
    data, solved = fit.scaled.data, fit.optimum.solved
    kernels, done = np.zeros_like(solved.inverse), 0
    for group, (shape, own) in enumerate(zip(fit.shapes, likelihood.blocks(fit.optimum.at, fit.shapes), strict=True)):
        block = spread[done : done + shape.size, done : done + shape.size]
        done += shape.size
        change, chosen = shape.first(own), data.groups == group
        other = np.tensordot(block, change, 1)
        for k in range(shape.size):
            kernels[chosen] += change[k] @ solved.inverse[chosen] @ other[k]
        if freedom is Freedom.KENWARD_ROGER:
            kernels[chosen] -= shape.bend_natural(own, block) / 4
        elif freedom is Freedom.KENWARD_ROGER_WORKING:
            kernels[chosen] -= shape.bend_working(own, block) / 4
    seen = solved.leaned[:, :, :-1]
    aimed = kernels[data.pattern_of_row()] @ seen
    wide = seen.shape[2]
    return np.asarray(seen.reshape(-1, wide).T @ aimed.reshape(-1, wide))


def line(fit: Fit, precision: Precision, weights: Array, *, label: str, level: float = 0.95) -> Line:
    """Give the combination of fixed effects with these weights (q,)."""
    inner = weights @ (fit.scaled.unit * fit.scaled.back)
    variance = float(inner @ precision.adjusted @ inner)
    df = _satterthwaite(precision, inner)
    estimate, se = float(weights @ fit.beta), variance**0.5
    t = estimate / se
    reach = float(stats.t.ppf((1 + level) / 2, df)) * se
    p = 2 * float(stats.t.sf(abs(t), df))
    return Line(label, estimate, se, df, t, p, estimate - reach, estimate + reach, level, str(precision.freedom))


def _satterthwaite(precision: Precision, inner: Array) -> float:
    if precision.sandwich is not None:
        return precision.sandwich.freedom(inner)
    aimed = precision.plain @ inner
    slope = np.einsum("a,kab,b->k", aimed, precision.towers, aimed)
    variance = float(inner @ aimed)
    return 2 * variance**2 / float(slope @ precision.spread @ slope)


def jointly(fit: Fit, precision: Precision, weights: Array, *, label: str) -> Joint:
    """Give the joint test that the combinations (l, q) are all zero; rows must be independent."""
    inner = weights @ (fit.scaled.unit * fit.scaled.back)
    values = weights @ fit.beta
    count = len(weights)
    f = float(values @ np.linalg.solve(inner @ precision.adjusted @ inner.T, values)) / count
    if count == 1 or precision.freedom is Freedom.SATTERTHWAITE or precision.freedom.robust:
        df, factor = _joint_satterthwaite(precision, inner), 1.0
    else:
        df, factor = _joint_kenward_roger(precision, inner)
    return Joint(label, factor * f, count, df, float(stats.f.sf(factor * f, count, df)))


def _joint_satterthwaite(precision: Precision, inner: Array) -> float:
    """Give the degrees of freedom by way of independent directions, as PROC MIXED does [fai1996]."""
    _, vectors = np.linalg.eigh(inner @ precision.adjusted @ inner.T)
    each = np.array([_satterthwaite(precision, direction) for direction in vectors.T @ inner])
    count = len(each)
    if count == 1:
        return float(each[0])
    expected = float((each[each > 2] / (each[each > 2] - 2)).sum())
    return 2 * expected / (expected - count) if expected > count else 2.0


def _joint_kenward_roger(precision: Precision, inner: Array) -> tuple[float, float]:
    """Give the degrees of freedom and the factor of F, section 3 of [kenward1997]."""
    count, plain = len(inner), precision.plain
    theta = inner.T @ np.linalg.solve(inner @ plain @ inner.T, inner)
    each = theta @ plain @ precision.towers @ plain
    traces = np.trace(each, axis1=1, axis2=2)
    first = float(traces @ precision.spread @ traces)
    pairs = np.einsum("iab,jba->ij", each, each)
    second = float((precision.spread * pairs).sum())
    b = (first + 6 * second) / (2 * count)
    g = ((count + 1) * first - (count + 4) * second) / ((count + 2) * second)
    below = 3 * count + 2 * (1 - g)
    c1, c2, c3 = g / below, (count - g) / below, (count + 2 - g) / below
    mean = 1 / (1 - second / count)
    variance = 2 / count * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    rho = variance / (2 * mean**2)
    df = 4 + (count + 2) / (count * rho - 1)
    return df, df / (mean * (df - 2))
