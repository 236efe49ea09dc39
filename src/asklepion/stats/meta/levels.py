"""Several effects of one study: three levels, correlated sampling errors, and errors robust to what is assumed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.meta.components import Fit, at, likeliest
from asklepion.stats.meta.inference import INFINITE, Choices, Coefficient, Inference, chi2_tail, coefficient
from asklepion.stats.meta.study import Study

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Nested:
    """One effect of a study that has several: `study` says which, `effect` what, under a label of its own."""

    study: str
    effect: Study


@dataclass(frozen=True, slots=True)
class Levels:
    """A synthesis in three levels: `sigma2_between` studies, `sigma2_within` them, on top of sampling variances.

    `rho` is the correlation that sampling errors of one study were taken to have: a guess, so try others. `robust`
    coefficients do not rest on it (CR2 [bell2002], degrees of freedom after Satterthwaite).
    """

    studies: tuple[str, ...]
    effects: int
    excluded: tuple[Nested, ...]
    coefficients: tuple[Coefficient, ...]
    robust: tuple[Coefficient, ...]
    sigma2_between: float
    sigma2_within: float
    rho: float
    q: float
    q_p: float
    i2_between: float
    i2_within: float
    log_likelihood: float
    warnings: tuple[str, ...]

    @property
    def effect(self) -> Coefficient:
        return self.coefficients[0]


def pool_levels(
    effects: Iterable[Nested],
    *,
    rho: float = 0.0,
    moderators: Mapping[str, Sequence[float]] | None = None,
    choices: Choices | None = None,
) -> Levels:
    """Give the pooled effect (or the regression on moderators) of effects that are nested in studies, by REML.

    Sampling errors of one study correlate by `rho`: 0 is the three-level model [konstantopoulos2011], more the
    correlated and hierarchical one [pustejovsky2022]. Any inference but `normal` takes t with effects minus
    coefficients degrees of freedom, as R's metafor does by default. Raises BadInput for fewer than two studies.
    """
    choices = choices or Choices()
    if not 0 <= rho < 1:
        raise BadInput(f"A correlation of {rho}.", where="rho", remedy="Give one from 0 to below 1.")
    given = tuple(effects)
    kept, excluded, x, labels = _taken(given, moderators or {})
    y = np.array([each.effect.effect for each in kept])
    s = np.sqrt([each.effect.variance for each in kept])
    names = tuple(dict.fromkeys(each.study for each in kept))
    where = np.array([names.index(each.study) for each in kept])
    together = (where[:, None] == where[None, :]).astype(np.float64)
    v = np.outer(s, s) * (rho * together + (1 - rho) * np.eye(len(y)))
    fit = likeliest(y, x, v, [together, np.eye(len(y))], start=[float(np.var(y)) / 2 + 1e-6] * 2)
    fixed = at([0.0, 0.0], y, x, v, [together, np.eye(len(y))])
    free = len(y) - x.shape[1]
    df = INFINITE if choices.inference is Inference.NORMAL else float(free)
    typical = free / float(np.trace(_projection(fixed, x)))
    whole = sum(fit.variances) + typical
    return Levels(
        names,
        len(y),
        excluded,
        _lines(labels, fit.beta, np.sqrt(np.diag(fit.spread)), [df] * len(labels), choices),
        _lines(labels, fit.beta, *robust_errors(fit, y, x, where), choices),
        fit.variances[0],
        fit.variances[1],
        rho,
        fixed.q,
        chi2_tail(fixed.q, free),
        100 * fit.variances[0] / whole,
        100 * fit.variances[1] / whole,
        fit.log_likelihood,
        _warnings(names, len(y)),
    )


def robust_errors(fit: Fit, y: Array, x: Array, where: NDArray[np.intp]) -> tuple[Array, list[float]]:
    """Give CR2 standard errors (p,) by cluster `where` (n,), and their degrees of freedom after Satterthwaite.

    The working covariance is the fitted one, so residuals of a cluster are brought to it: A = D'(D Phi D')^-1/2 D with
    D a root of the cluster's covariance [tipton2015]. Degrees of freedom are infinite nowhere: at least two clusters.
    """
    covariance = np.asarray(np.linalg.inv(fit.inverse), dtype=np.float64)
    seen = fit.inverse @ x
    hat = x @ fit.spread @ seen.T
    rest = y - x @ fit.beta
    off = np.eye(len(y)) - hat
    pulls = []
    for cluster in range(int(where.max()) + 1):
        inside = where == cluster
        root = np.linalg.cholesky(covariance[np.ix_(inside, inside)]).T
        left = off[inside]
        bent = root @ (left @ covariance @ left.T) @ root.T
        values, vectors = np.linalg.eigh(bent)
        good = values > 1e-10 * values.max()
        halved = (vectors[:, good] / np.sqrt(values[good])) @ vectors[:, good].T
        pulls.append(fit.spread @ seen[inside].T @ (root.T @ halved @ root) @ left)
    errors, free = [], []
    for place in range(x.shape[1]):
        rows = np.array([each[place] for each in pulls])
        errors.append(float(np.sqrt(np.sum((rows @ rest) ** 2))))
        products = rows @ covariance @ rows.T
        free.append(float(np.trace(products) ** 2 / np.sum(products**2)))
    return np.array(errors), free


def _taken(
    given: tuple[Nested, ...], moderators: Mapping[str, Sequence[float]]
) -> tuple[tuple[Nested, ...], tuple[Nested, ...], Array, list[str]]:
    for name, values in moderators.items():
        if len(values) != len(given) or not np.isfinite(np.asarray(values, dtype=np.float64)).all():
            raise BadInput(f"{name} needs a number for each effect.", where="moderators", remedy=f"Give {len(given)}.")
    kept = tuple(each for each in given if not each.effect.retracted)
    excluded = tuple(each for each in given if each.effect.retracted)
    labels = [each.effect.label for each in kept]
    doubled = sorted({label for label in labels if labels.count(label) > 1})
    if doubled:
        raise BadInput(f"{', '.join(doubled)} is there twice.", where="effects", remedy="Name each effect once.")
    studies = len({each.study for each in kept})
    if studies < 2 or len(kept) <= len(moderators) + 1:
        raise BadInput(f"{studies} studies with {len(kept)} effects stand.", where="effects", remedy="Give more.")
    stands = np.array([not each.effect.retracted for each in given])
    x = np.column_stack([np.ones(len(given)), *moderators.values()])[stands]
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise BadInput("The moderators say the same.", where="moderators", remedy="Leave one out.")
    return kept, excluded, x, ["intercept" if moderators else "pooled effect", *moderators]


def _lines(
    labels: list[str], beta: Array, errors: Array, free: Sequence[float], choices: Choices
) -> tuple[Coefficient, ...]:
    return tuple(
        coefficient(label, float(b), float(se), df=df, level=choices.level)
        for label, b, se, df in zip(labels, beta, errors, free, strict=True)
    )


def _projection(fit: Fit, x: Array) -> Array:
    seen = fit.inverse @ x
    return np.asarray(fit.inverse - seen @ fit.spread @ seen.T)


def _warnings(names: tuple[str, ...], effects: int) -> tuple[str, ...]:
    if effects == len(names):
        return ("Each study has one effect: variances between and within studies cannot be told apart.",)
    if len(names) < 5:
        return (f"{len(names)} studies say little about the variance between studies.",)
    return ()
