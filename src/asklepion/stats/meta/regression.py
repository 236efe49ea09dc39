"""Moderators of the effect: regression over studies, its test by relabeling, and subgroups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.meta.heterogeneity import tau2, weighted
from asklepion.stats.meta.inference import (
    Choices,
    Coefficient,
    Inference,
    chi2_tail,
    coefficients,
    columns,
    omnibus,
    standing,
)
from asklepion.stats.meta.pooling import Pooled, pool
from asklepion.stats.meta.study import Study

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Regression:
    """Moderators of the effect. `omnibus` is the statistic of all of them together, `r2` the per cent explained.

    `residual_q` is what the moderators leave of Q, with its p.
    """

    choices: Choices
    studies: tuple[Study, ...]
    excluded: tuple[Study, ...]
    coefficients: tuple[Coefficient, ...]
    tau2: float
    omnibus: float
    omnibus_p: float
    r2: float
    residual_q: float
    residual_q_p: float


@dataclass(frozen=True, slots=True)
class Relabeled:
    """P values of a regression by relabeling studies, of each coefficient and of all moderators together."""

    p: tuple[tuple[str, float], ...]
    omnibus_p: float
    relabelings: int
    seed: int


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Pooled effects of groups, and whether groups differ: `q_between` on `df` degrees of freedom.

    `tau2` is the one that all groups share; None where each has its own. A group of one study has no `pooled`: with a
    tau squared of its own nothing is known of it, so it is in `single` and in no test.
    """

    groups: tuple[tuple[str, Coefficient, int], ...]
    pooled: tuple[tuple[str, Pooled], ...]
    single: tuple[str, ...]
    tau2: float | None
    q_between: float
    df: int
    p: float
    excluded: tuple[Study, ...]


def regress(
    studies: Sequence[Study], moderators: Mapping[str, Sequence[float]], *, choices: Choices | None = None
) -> Regression:
    """Give the effect of moderators (one value a study, in the order of the studies), the intercept first.

    Raises BadInput where a moderator is not a number for each study, or where one says what the others say.
    """
    choices = choices or Choices(inference=Inference.NORMAL)
    kept, excluded, x = _design(studies, moderators)
    y, v = columns(kept)
    between, alone = tau2(y, v, x, choices.estimator), tau2(y, v, x[:, :1], choices.estimator)
    lines, _ = coefficients(y, 1 / (v + between), x, ["intercept", *moderators], choices)
    statistic, p = omnibus(y, 1 / (v + between), x, choices)
    r2 = max(0.0, 100 * (alone - between) / alone) if alone > 0 else 0.0
    left = weighted(y, 1 / v, x)[2]
    free = len(y) - x.shape[1]
    return Regression(choices, kept, excluded, lines, between, statistic, p, r2, left, chi2_tail(left, free))


def relabel(
    studies: Sequence[Study],
    moderators: Mapping[str, Sequence[float]],
    *,
    choices: Choices | None = None,
    relabelings: int = 999,
    seed: int = 1,
) -> Relabeled:
    """Give p by shuffling which moderators belong to which study [higgins2004]; the labels as they are count as one.

    The intercept has none: relabeling leaves the studies and says nothing about their mean.
    """
    choices = choices or Choices(inference=Inference.NORMAL)
    if relabelings < 99:
        raise BadInput("Too few relabelings for a p value.", where="relabelings", remedy="At least 99.")
    kept, _, x = _design(studies, moderators)
    y, v = columns(kept)
    rng = np.random.default_rng(seed)
    found = _statistics(y, v, x, choices)
    shuffled = np.array([_statistics(y, v, x[rng.permutation(len(y))], choices) for _ in range(relabelings)])
    p = (1 + np.sum(np.abs(shuffled) >= np.abs(found) * (1 - 1e-10), axis=0)) / (relabelings + 1)
    return Relabeled(tuple(zip(moderators, p[:-1].tolist(), strict=True)), float(p[-1]), relabelings, seed)


def subgroups(
    studies: Sequence[Study], groups: Sequence[str], *, common: bool = True, choices: Choices | None = None
) -> Subgroups:
    """Give the pooled effect of each group, tau squared shared by all (`common`) or each group's own.

    Q between groups is the weighted sum of squares of the groups' effects about their mean, by their model-based
    variances; on the chi squared of groups minus one [borenstein2009].
    """
    choices = choices or Choices()
    given = tuple(studies)
    if len(groups) != len(given):
        raise BadInput("Each study needs a group.", where="groups", remedy=f"Give {len(given)}.")
    kept, excluded = standing(given, least=3)
    where = [group for study, group in zip(given, groups, strict=True) if not study.retracted]
    members = {name: [s for s, g in zip(kept, where, strict=True) if g == name] for name in dict.fromkeys(where)}
    if len(members) < 2:
        raise BadInput("All studies are in one group.", where="groups", remedy="Compare at least two.")
    if common:
        return _shared(kept, where, list(members), choices, excluded)
    apart = {name: pool(each, choices=choices) for name, each in members.items() if len(each) > 1}
    single = tuple(name for name, each in members.items() if len(each) == 1)
    if len(apart) < 2:
        raise BadInput("Fewer than two groups have two studies.", where="groups", remedy="Share tau squared.")
    variances = [float(1 / (1 / (columns(each.studies)[1] + each.tau2)).sum()) for each in apart.values()]
    q = _between(np.array([each.effect.estimate for each in apart.values()]), np.array(variances))
    lines = tuple((name, each.effect, len(each.studies)) for name, each in apart.items())
    df = len(apart) - 1
    return Subgroups(lines, tuple(apart.items()), single, None, q, df, chi2_tail(q, df), excluded)


def _shared(
    kept: tuple[Study, ...], where: list[str], names: list[str], choices: Choices, excluded: tuple[Study, ...]
) -> Subgroups:
    if len(kept) <= len(names):
        raise BadInput("No group has two studies.", where="groups", remedy="Use wider groups.")
    x = np.array([[float(g == name) for name in names] for g in where])
    y, v = columns(kept)
    between = tau2(y, v, x, choices.estimator)
    lines, plain = coefficients(y, 1 / (v + between), x, names, choices)
    q = _between(np.array([each.estimate for each in lines]), plain**2)
    counts = [where.count(name) for name in names]
    groups = tuple(zip(names, lines, counts, strict=True))
    df = len(names) - 1
    return Subgroups(groups, (), (), between, q, df, chi2_tail(q, df), excluded)


def _between(effects: Array, variances: Array) -> float:
    w = 1 / variances
    return float(w @ (effects - (w @ effects) / w.sum()) ** 2)


def _design(
    studies: Sequence[Study], moderators: Mapping[str, Sequence[float]]
) -> tuple[tuple[Study, ...], tuple[Study, ...], Array]:
    given = tuple(studies)
    for name, values in moderators.items():
        if len(values) != len(given) or not np.isfinite(np.asarray(values, dtype=np.float64)).all():
            raise BadInput(f"{name} needs a number for each study.", where="moderators", remedy=f"Give {len(given)}.")
    stands = np.array([not each.retracted for each in given])
    kept, excluded = standing(given, least=len(moderators) + 2)
    x = np.column_stack([np.ones(len(given)), *moderators.values()])[stands]
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise BadInput("The moderators say the same.", where="moderators", remedy="Leave one out.")
    return kept, excluded, x


def _statistics(y: Array, v: Array, x: Array, choices: Choices) -> list[float]:
    weights = 1 / (v + tau2(y, v, x, choices.estimator))
    lines, _ = coefficients(y, weights, x, [str(k) for k in range(x.shape[1])], choices)
    return [*(each.statistic for each in lines[1:]), omnibus(y, weights, x, choices)[0]]
