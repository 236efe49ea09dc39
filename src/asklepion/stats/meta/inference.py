"""How sure a synthesis is: what intervals rest on, and coefficients with statistic, p and interval."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, gammaincc, ndtr, ndtri, stdtr, stdtrit

from asklepion.core.errors import BadInput
from asklepion.stats.meta.heterogeneity import Estimator, weighted
from asklepion.stats.meta.study import Study, without_retracted

Array = NDArray[np.float64]
INFINITE = float("inf")


class Inference(StrEnum):
    """What the interval of the pooled effect rests on.

    `hartung-knapp` [hartung2001] takes t with k - 1 degrees of freedom and the spread that the studies show; it can be
    narrower than the normal interval. `hartung-knapp-safe` never lets that spread be below the expected one.
    """

    NORMAL = "normal"
    HARTUNG_KNAPP = "hartung-knapp"
    HARTUNG_KNAPP_SAFE = "hartung-knapp-safe"


class Prediction(StrEnum):
    """Which interval the true effect of the next study is given.

    All are the pooled effect and t times the root of tau squared plus a squared standard error. `k-1` takes the
    model-based error and k - 1 degrees of freedom, as R's meta 8 does; `k-2` is that of [higgins2009]; `hartung-knapp`
    takes the error and degrees of freedom of the pooled effect, as R's metafor does.
    """

    K_1 = "k-1"
    K_2 = "k-2"
    HARTUNG_KNAPP = "hartung-knapp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How studies are pooled."""

    estimator: Estimator = Estimator.REML
    inference: Inference = Inference.HARTUNG_KNAPP
    prediction: Prediction = Prediction.K_1
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An effect: estimate, standard error, t (or z, where `df` is infinite), p and interval."""

    label: str
    estimate: float
    se: float
    statistic: float
    df: float
    p: float
    lower: float
    upper: float


def quantile(level: float, df: float) -> float:
    """Give by how many standard errors an interval of `level` reaches to each side: t, normal where df is infinite."""
    edge = (1 + level) / 2
    return float(ndtri(edge) if df == INFINITE else stdtrit(df, edge))


def two_sided(statistic: float, df: float) -> float:
    """Give the two-sided p of a t or, where df is infinite, of a z."""
    return float(2 * (ndtr(-abs(statistic)) if df == INFINITE else stdtr(df, -abs(statistic))))


def chi2_tail(statistic: float, df: float) -> float:
    """Give the share of chi squared above the statistic; 1 where nothing is free."""
    return float(gammaincc(df / 2, max(statistic, 0.0) / 2)) if df > 0 else 1.0


def coefficient(label: str, estimate: float, se: float, *, df: float, level: float = 0.95) -> Coefficient:
    """Give an estimate with its test and interval; with no spread at all the statistic is infinite."""
    ratio = estimate / se if se > 0 else float(np.copysign(INFINITE, estimate))
    wide = quantile(level, df) * se
    return Coefficient(label, estimate, se, ratio, df, two_sided(ratio, df), estimate - wide, estimate + wide)


def coefficients(
    y: Array, weights: Array, x: Array, labels: Sequence[str], choices: Choices
) -> tuple[tuple[Coefficient, ...], Array]:
    """Give the coefficients as `choices` infer them, and their model-based standard errors (p,)."""
    beta, spread, q = weighted(y, weights, x)
    plain: Array = np.sqrt(np.diag(spread))
    df, factor = scale(q, len(y) - x.shape[1], choices)
    triples = zip(labels, beta.tolist(), (plain * factor).tolist(), strict=True)
    return tuple(coefficient(label, b, se, df=df, level=choices.level) for label, b, se in triples), plain


def scale(q: float, free: int, choices: Choices) -> tuple[float, float]:
    """Give degrees of freedom, and by how much model-based standard errors are multiplied."""
    if choices.inference is Inference.NORMAL:
        return INFINITE, 1.0
    shown = (q / free) ** 0.5
    return float(free), max(1.0, shown) if choices.inference is Inference.HARTUNG_KNAPP_SAFE else shown


def omnibus(y: Array, weights: Array, x: Array, choices: Choices) -> tuple[float, float]:
    """Give the statistic of all coefficients but the first, chi squared or F, and its p."""
    beta, spread, q = weighted(y, weights, x)
    slopes, count = beta[1:], len(beta) - 1
    df, factor = scale(q, len(y) - len(beta), choices)
    wald = float(slopes @ np.linalg.solve(spread[1:, 1:], slopes))
    if df == INFINITE:
        return wald, chi2_tail(wald, count)
    f = wald / count / factor**2
    return f, float(fdtrc(count, df, f))


def standing(studies: Iterable[Study], *, least: int) -> tuple[tuple[Study, ...], tuple[Study, ...]]:
    """Give the studies that count and the retracted ones; BadInput where one is there twice or fewer than `least`."""
    kept, excluded = without_retracted(studies)
    labels = [each.label for each in kept]
    if len(set(labels)) < len(labels):
        doubled = ", ".join(sorted({label for label in labels if labels.count(label) > 1}))
        raise BadInput(
            f"{doubled} is there twice.", where="studies", remedy="One effect a study, or pool in three levels."
        )
    if len(kept) < least:
        named = f" ({', '.join(each.label for each in excluded)} retracted)" if excluded else ""
        raise BadInput(f"{len(kept)} studies stand{named}.", where="studies", remedy=f"At least {least} are needed.")
    return kept, excluded


def columns(studies: Sequence[Study]) -> tuple[Array, Array]:
    """Give effects (k,) and sampling variances (k,)."""
    return np.array([each.effect for each in studies]), np.array([each.variance for each in studies])
