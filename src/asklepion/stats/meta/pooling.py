"""Random-effects synthesis: the pooled effect, what the next study may find, and how much studies differ."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.meta.heterogeneity import profile, tau2
from asklepion.stats.meta.inference import (
    Choices,
    Coefficient,
    Inference,
    Prediction,
    chi2_tail,
    coefficient,
    columns,
    quantile,
    scale,
    standing,
)
from asklepion.stats.meta.study import Study

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pooled:
    """A synthesis. `i2` is in per cent; `weights` in per cent of each study; `excluded` are retracted studies.

    `warnings` say what a reader should know before believing the interval. `q_p` tests whether studies differ at all.
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
    i2_interval: tuple[float, float]
    prediction: tuple[float, float] | None
    weights: tuple[float, ...]
    warnings: tuple[str, ...]


def pool(studies: Iterable[Study], *, choices: Choices | None = None) -> Pooled:
    """Give the pooled effect of the studies that stand; retracted ones are left out and named.

    Raises BadInput for fewer than two studies. To see what a retracted study would have done, give it without the mark.
    """
    choices = choices or Choices()
    kept, excluded = standing(studies, least=2)
    y, v = columns(kept)
    x, k = np.ones((len(y), 1)), len(y)
    between = tau2(y, v, x, choices.estimator)
    ends = profile(y, v, x, level=choices.level)
    w = 1 / v
    q = float(w @ (y - (w @ y) / w.sum()) ** 2)
    shares = 1 / (v + between)
    total = float(shares.sum())
    estimate, plain = float(shares @ y) / total, total**-0.5
    df, factor = scale(float(shares @ (y - estimate) ** 2), k - 1, choices)
    effect = coefficient("pooled effect", estimate, plain * factor, df=df, level=choices.level)
    typical = float((k - 1) * w.sum() / (w.sum() ** 2 - w @ w))
    return Pooled(
        choices,
        kept,
        excluded,
        effect,
        between,
        ends,
        q,
        chi2_tail(q, k - 1),
        i2(between, typical),
        (i2(ends[0], typical), i2(ends[1], typical)),
        _prediction(effect, plain, between, k, choices),
        tuple((100 * shares / total).tolist()),
        _warnings(effect, plain, k, choices),
    )


def i2(between: float, typical: float) -> float:
    """Give the share of tau squared in the variance of a typical study, in per cent [higgins2002]."""
    return 100 * between / (between + typical)


def _prediction(
    effect: Coefficient, plain: float, between: float, k: int, choices: Choices
) -> tuple[float, float] | None:
    if choices.prediction is Prediction.HARTUNG_KNAPP:
        df, error = effect.df, effect.se
    else:
        df, error = float(k - 1 if choices.prediction is Prediction.K_1 else k - 2), plain
    if df < 1:
        return None
    reach = quantile(choices.level, df) * (between + error**2) ** 0.5
    return effect.estimate - reach, effect.estimate + reach


def _warnings(effect: Coefficient, plain: float, k: int, choices: Choices) -> tuple[str, ...]:
    told = []
    normal = quantile(choices.level, float("inf")) * plain
    if choices.inference is Inference.HARTUNG_KNAPP and (effect.upper - effect.lower) / 2 < normal:
        told.append(
            "The Hartung-Knapp interval is narrower than the normal one: the studies agree more than their sampling "
            "errors let expect. hartung-knapp-safe does not narrow."
        )
    if k < 5:
        told.append(f"{k} studies say little about the variance between studies.")
    return tuple(told)
