"""What one study changes, and whether small studies tell another story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.meta.heterogeneity import NotConverged, tau2, weighted
from asklepion.stats.meta.inference import Choices, Coefficient, coefficient, columns, standing
from asklepion.stats.meta.pooling import Pooled, pool
from asklepion.stats.meta.regression import Regression, regress
from asklepion.stats.meta.study import Study

Array = NDArray[np.float64]
FEW = 10
"""Below so many studies tests of asymmetry are not advised [sterne2011]."""


@dataclass(frozen=True, slots=True)
class Influence:
    """What one study does to the synthesis [viechtbauer2010].

    `residual` is its externally studentised residual, `cook` how far all fitted effects move without it, `dffits` how
    far its own does, `covariance_ratio` how much the variance grows without it, `without` the synthesis then.
    """

    study: Study
    residual: float
    dffits: float
    cook: float
    covariance_ratio: float
    hat: float
    without: Pooled


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """A test of whether effect goes with standard error. `warning` says why not to lean on it; empty if nothing does.

    `statistic` is t for `egger` (on `df`) and Kendall's tau b for `rank` (df 0). `limit` is the effect as the standard
    error goes to zero.
    """

    test: str
    statistic: float
    df: float
    p: float
    limit: Coefficient | None
    warning: str


class Side(StrEnum):
    """On which side of the funnel studies are thought to be missing."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Filled:
    """The synthesis with `missing` studies filled in at `side`: a sensitivity analysis, `warning` says so."""

    side: Side
    missing: int
    filled: tuple[Study, ...]
    pooled: Pooled
    warning: str


def leave_one_out(studies: Iterable[Study], *, choices: Choices | None = None) -> dict[str, Pooled]:
    """Give the synthesis without each study in turn, by the label of the one left out."""
    kept, _ = standing(studies, least=3)
    return {each.label: pool([s for s in kept if s is not each], choices=choices) for each in kept}


def influence(studies: Iterable[Study], *, choices: Choices | None = None) -> tuple[Influence, ...]:
    """Give what each study does, by fitting without it; by model-based errors, whatever the interval rests on."""
    kept, _ = standing(studies, least=3)
    all_ = pool(kept, choices=choices)
    weights = 1 / (columns(kept)[1] + all_.tau2)
    total = float(weights.sum())
    told = []
    for place, (study, without) in enumerate(zip(kept, leave_one_out(kept, choices=choices).values(), strict=True)):
        rest = 1 / float((1 / (columns(without.studies)[1] + without.tau2)).sum())
        moved = all_.effect.estimate - without.effect.estimate
        hat = float(weights[place]) / total
        spread = study.variance + without.tau2
        residual = (study.effect - without.effect.estimate) / (spread + rest) ** 0.5
        dffits = moved / (hat * spread) ** 0.5
        told.append(Influence(study, residual, dffits, moved**2 * total, rest * total, hat, without))
    return tuple(told)


def small_study(studies: Sequence[Study], *, choices: Choices | None = None) -> Regression:
    """Give the regression on standard errors: the slope tests small-study effects, the intercept is the limit."""
    return regress(studies, {"standard error": [each.variance**0.5 for each in studies]}, choices=choices)


def egger(studies: Iterable[Study], *, level: float = 0.95) -> Asymmetry:
    """Give Egger's test [egger1997]: regression on the standard error, weighted, dispersion estimated, t on k - 2."""
    kept, _ = standing(studies, least=3)
    y, v = columns(kept)
    if np.ptp(v) == 0:
        raise BadInput("All standard errors are the same.", where="studies", remedy="There is no funnel to test.")
    beta, spread, q = weighted(y, 1 / v, np.column_stack([np.ones(len(y)), np.sqrt(v)]))
    df = len(y) - 2
    se = np.sqrt(np.diag(spread) * q / df)
    slope = coefficient("standard error", float(beta[1]), float(se[1]), df=df, level=level)
    limit = coefficient("limit", float(beta[0]), float(se[0]), df=df, level=level)
    return Asymmetry("egger", slope.statistic, float(df), slope.p, limit, _few(len(kept)))


def rank(studies: Iterable[Study]) -> Asymmetry:
    """Give Begg's test [begg1994]: Kendall's tau b of variances and effects standardised about the common effect."""
    from scipy.stats import kendalltau

    kept, _ = standing(studies, least=3)
    y, v = columns(kept)
    w = 1 / v
    apart = (y - (w @ y) / w.sum()) / np.sqrt(v - 1 / w.sum())
    told = kendalltau(apart, v)
    return Asymmetry("rank", float(told.statistic), 0.0, float(told.pvalue), None, _few(len(kept)))


def trim_and_fill(studies: Iterable[Study], *, side: Side | None = None, choices: Choices | None = None) -> Filled:
    """Give the synthesis with the studies that an even funnel would have [duval2000], by the estimator L0.

    Without `side`, the one opposite to where Egger's slope points. Raises NotConverged where the rounds go in circles.
    """
    choices = choices or Choices()
    kept, _ = standing(studies, least=3)
    y, v = columns(kept)
    if side is None:
        x = np.column_stack([np.ones(len(y)), np.sqrt(v)])
        slope = weighted(y, 1 / (v + tau2(y, v, x, choices.estimator)), x)[0][1]
        side = Side.LEFT if slope > 0 else Side.RIGHT
    sign = 1.0 if side is Side.LEFT else -1.0
    missing, middle, order = _trimmed(sign * y, v, choices)
    outermost = order[len(y) - missing :]
    filled = tuple(
        Study(f"filled: {kept[k].label}", sign * (2 * middle - sign * float(y[k])), float(v[k])) for k in outermost
    )
    warning = (
        "Filled studies are invented: this shows how much asymmetry could matter, not what an unbiased effect is. "
        "Heterogeneity alone also makes funnels uneven."
    )
    return Filled(side, missing, filled, pool([*kept, *filled], choices=choices), warning)


def _trimmed(y: Array, v: Array, choices: Choices) -> tuple[int, float, list[int]]:
    """Give how many are missing on the left, the centre, and the places of studies from left to right."""
    k, missing = len(y), 0
    order = [int(place) for place in np.argsort(y, kind="stable")]
    for _ in range(100):
        left = order[: k - missing]
        inside, spread = y[left], v[left]
        between = tau2(inside, spread, np.ones((len(left), 1)), choices.estimator)
        w = 1 / (spread + between)
        middle = float((w @ inside) / w.sum())
        apart = y[order] - middle
        ranks = np.argsort(np.argsort(np.abs(apart), kind="stable"), kind="stable") + 1
        above = float(ranks[apart > 0].sum())
        there = max(0, round((4 * above - k * (k + 1)) / (2 * k - 1)))
        if there == missing:
            return missing, middle, order
        missing = min(there, k - 2)
    raise NotConverged("Trim and fill goes in circles.", where="studies", remedy="Show the funnel instead.")


def _few(k: int) -> str:
    return f"{k} studies are too few to test a funnel: at least {FEW} are advised." if k < FEW else ""
