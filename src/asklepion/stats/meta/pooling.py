"""Random-effects synthesis: the pooled effect, what the next study may find, moderators, and what one study changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.meta.heterogeneity import Estimator, profile, tau2, weighted
from asklepion.stats.meta.study import Study, without_retracted

Array = NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class Pooled:
    """A synthesis. `i2` is in per cent; `weights` in per cent of each study; `excluded` are retracted studies.

    `warnings` say what a reader should know before believing the interval.
    """

    choices: Choices
    studies: tuple[Study, ...]
    excluded: tuple[Study, ...]
    effect: Coefficient
    tau2: float
    tau2_interval: tuple[float, float]
    q: float
    q_p: float
    i2: float
    prediction: tuple[float, float] | None
    weights: tuple[float, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regression:
    """Moderators of the effect. `omnibus` is the statistic of all of them together, `r2` the per cent explained."""

    choices: Choices
    studies: tuple[Study, ...]
    excluded: tuple[Study, ...]
    coefficients: tuple[Coefficient, ...]
    tau2: float
    omnibus: float
    omnibus_p: float
    r2: float


def pool(studies: Iterable[Study], *, choices: Choices | None = None) -> Pooled:
    """Give the pooled effect of the studies that stand; retracted ones are left out and named.

    Raises BadInput for fewer than two studies. To see what a retracted study would have done, give it without the mark.
    """
    choices = choices or Choices()
    kept, excluded = _kept(studies, least=2)
    y, v = _columns(kept)
    x = np.ones((len(y), 1))
    between = tau2(y, v, x, choices.estimator)
    q = weighted(y, 1 / v, x)[2]
    effect, plain = _coefficients(y, 1 / (v + between), x, ["pooled effect"], choices)
    k, shares = len(y), 1 / (v + between)
    return Pooled(
        choices,
        kept,
        excluded,
        effect[0],
        between,
        profile(y, v, x, level=choices.level),
        q,
        float(stats.chi2.sf(q, k - 1)),
        _i2(between, v),
        _prediction(effect[0], float(plain[0]), between, k, choices),
        tuple((100 * shares / shares.sum()).tolist()),
        _warnings(effect[0], float(plain[0]), k, choices),
    )


def regress(
    studies: Sequence[Study], moderators: Mapping[str, Sequence[float]], *, choices: Choices | None = None
) -> Regression:
    """Give the effect of moderators (one value a study, in the order of the studies), the intercept first."""
    choices = choices or Choices(inference=Inference.NORMAL)
    given = tuple(studies)
    for name, values in moderators.items():
        if len(values) != len(given) or not np.isfinite(np.asarray(values, dtype=np.float64)).all():
            raise BadInput(f"{name} needs a number for each study.", where="moderators", remedy=f"Give {len(given)}.")
    stands = np.array([not each.retracted for each in given])
    kept, excluded = _kept(given, least=len(moderators) + 2)
    y, v = _columns(kept)
    x = np.column_stack([np.ones(len(given)), *moderators.values()])[stands]
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise BadInput("The moderators say the same.", where="moderators", remedy="Leave one out.")
    between, alone = tau2(y, v, x, choices.estimator), tau2(y, v, x[:, :1], choices.estimator)
    lines, _ = _coefficients(y, 1 / (v + between), x, ["intercept", *moderators], choices)
    omnibus, p = _omnibus(y, 1 / (v + between), x, choices)
    r2 = max(0.0, 100 * (alone - between) / alone) if alone > 0 else 0.0
    return Regression(choices, kept, excluded, tuple(lines), between, omnibus, p, r2)


def leave_one_out(studies: Iterable[Study], *, choices: Choices | None = None) -> dict[str, Pooled]:
    """Give the synthesis without each study in turn, by the label of the one left out."""
    kept, _ = _kept(studies, least=3)
    return {each.label: pool([s for s in kept if s is not each], choices=choices) for each in kept}


def small_study(studies: Sequence[Study], *, choices: Choices | None = None) -> Regression:
    """Give the regression on standard errors: the slope tests small-study effects, the intercept is the limit."""
    return regress(studies, {"standard error": [each.variance**0.5 for each in studies]}, choices=choices)


def _kept(studies: Iterable[Study], *, least: int) -> tuple[tuple[Study, ...], tuple[Study, ...]]:
    kept, excluded = without_retracted(studies)
    labels = [each.label for each in kept]
    doubled = sorted({label for label in labels if labels.count(label) > 1})
    if doubled:
        raise BadInput(f"{', '.join(doubled)} is there twice.", where="studies", remedy="One effect a study.")
    if len(kept) < least:
        named = f" ({', '.join(each.label for each in excluded)} retracted)" if excluded else ""
        raise BadInput(f"{len(kept)} studies stand{named}.", where="studies", remedy=f"At least {least} are needed.")
    return kept, excluded


def _columns(studies: tuple[Study, ...]) -> tuple[Array, Array]:
    return np.array([each.effect for each in studies]), np.array([each.variance for each in studies])


def _coefficients(
    y: Array, weights: Array, x: Array, labels: list[str], choices: Choices
) -> tuple[list[Coefficient], Array]:
    """Give the coefficients as `choices` infer them, and their model-based standard errors."""
    beta, spread, q = weighted(y, weights, x)
    plain = np.sqrt(np.diag(spread))
    df, scale = _scale(q, len(y) - x.shape[1], choices)
    law = stats.norm if np.isinf(df) else stats.t(df)
    reach = float(law.ppf((1 + choices.level) / 2))
    lines = []
    for label, estimate, error in zip(labels, beta.tolist(), (plain * scale).tolist(), strict=True):
        ratio = estimate / error
        p, wide = 2 * float(law.sf(abs(ratio))), reach * error
        lines.append(Coefficient(label, estimate, error, ratio, df, p, estimate - wide, estimate + wide))
    return lines, plain


def _scale(q: float, free: int, choices: Choices) -> tuple[float, float]:
    """Give degrees of freedom, and by how much model-based standard errors are multiplied."""
    if choices.inference is Inference.NORMAL:
        return float("inf"), 1.0
    shown = (q / free) ** 0.5
    return float(free), max(1.0, shown) if choices.inference is Inference.HARTUNG_KNAPP_SAFE else shown


def _omnibus(y: Array, weights: Array, x: Array, choices: Choices) -> tuple[float, float]:
    beta, spread, q = weighted(y, weights, x)
    slopes, count = beta[1:], len(beta) - 1
    df, scale = _scale(q, len(y) - len(beta), choices)
    wald = float(slopes @ np.linalg.solve(spread[1:, 1:], slopes))
    if np.isinf(df):
        return wald, float(stats.chi2.sf(wald, count))
    f = wald / count / scale**2
    return f, float(stats.f.sf(f, count, df))


def _i2(between: float, v: Array) -> float:
    """Give the share of tau squared in the variance of a typical study, in per cent [higgins2002]."""
    w, k = 1 / v, len(v)
    typical = (k - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    return float(100 * between / (between + typical))


def _prediction(
    effect: Coefficient, plain: float, between: float, k: int, choices: Choices
) -> tuple[float, float] | None:
    if choices.prediction is Prediction.HARTUNG_KNAPP:
        df, error = effect.df, effect.se
    else:
        df, error = float(k - 1 if choices.prediction is Prediction.K_1 else k - 2), plain
    if df < 1:
        return None
    law = stats.norm if np.isinf(df) else stats.t(df)
    reach = float(law.ppf((1 + choices.level) / 2)) * (between + error**2) ** 0.5
    return effect.estimate - reach, effect.estimate + reach


def _warnings(effect: Coefficient, plain: float, k: int, choices: Choices) -> tuple[str, ...]:
    told = []
    normal = float(stats.norm.ppf((1 + choices.level) / 2)) * plain
    if choices.inference is Inference.HARTUNG_KNAPP and (effect.upper - effect.lower) / 2 < normal:
        told.append(
            "The Hartung-Knapp interval is narrower than the normal one: the studies agree more than their sampling "
            "errors let expect. hartung-knapp-safe does not narrow."
        )
    if k < 5:
        told.append(f"{k} studies say little about the variance between studies.")
    return tuple(told)
