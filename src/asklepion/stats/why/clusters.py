"""How much hangs on who treated, and where: variance between therapists and sites, and an effect that allows for it.

A value a person, a normal random part for each cluster, restricted likelihood, Kenward and Roger's standard error and
degrees of freedom. It tells how alike people of one cluster are; it does not tell why, nor who treats well: people
were not given to therapists by lot, and a cluster's few people say little of it.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.stats.columns import Array, Codes, LeftOut
from asklepion.stats.why.clustering import People, Question, people
from asklepion.stats.why.components import Fitted, Layout, Ratio, exact, fit
from asklepion.stats.why.shares import limits

__all__ = ["Clustered", "Effect", "InArm", "Level", "Question", "Unit", "cluster"]


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its clusters, their variance and its share of the whole: what two people of one have in common (ICC).

    For an inner level the share is what they have in common beyond the outer one. `how` says where the limits are
    from. `drop` is the rise of -2 restricted log likelihood without the level and `p` its half-and-half mixture of
    chi-square with none and one degree of freedom; `exact` (F, df, p) is given for one level.
    """

    name: str
    clusters: int
    alone: int
    smallest: int
    largest: int
    variance: float
    share: float
    lower: float
    upper: float
    how: str
    drop: float
    p: float
    exact: tuple[float, tuple[int, int], float] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Treated less control with clusters in the model; `plain_se` is what it would be said to be without them."""

    estimate: float
    se: float
    df: float
    lower: float
    upper: float
    p: float
    plain_estimate: float
    plain_se: float


@dataclass(frozen=True, slots=True)
class InArm:
    """The share between clusters among the people of one arm alone, or why there is none."""

    arm: str
    people: int
    clusters: int
    share: float | Unscored
    lower: float | Unscored
    upper: float | Unscored


@dataclass(frozen=True, slots=True)
class Unit:
    """One cluster: its people and their plain mean, and its part in the model, drawn towards zero, with limits."""

    level: str
    cluster: str
    people: int
    mean: float
    part: float | Unscored
    lower: float | Unscored
    upper: float | Unscored


@dataclass(frozen=True, slots=True)
class Clustered:
    """Levels, outermost first; the effect (None without arms); shares within arms; clusters.

    `design_effect` is by how much clustering swells the variance of a mean of the clustered people, and
    `effective_people` how many people by themselves would tell as much. `residual` are variances within clusters and,
    where an arm has none, of its people.
    """

    levels: tuple[Level, ...]
    residual: tuple[float, ...]
    effect: Effect | None
    in_arms: tuple[InArm, ...]
    units: tuple[Unit, ...]
    design_effect: float
    effective_people: float
    people: int
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    deviance: float


def cluster(table: pd.DataFrame, question: Question) -> Clustered:
    """Give the variance between clusters and the arm's effect with them. Raises BadInput, with the rows."""
    used = people(table, question)
    fitted = fit(used.layout)
    inside = used.clustered
    levels = _levels(used, fitted, question)
    sizes = [np.bincount(each.codes).astype(np.float64) for each in used.levels]
    swell = 1 + sum(
        each.share * (float((size**2).sum() / size.sum()) - 1) for each, size in zip(levels, sizes, strict=True)
    )
    return Clustered(
        levels,
        tuple(float(each) for each in fitted.components[len(levels) :]),
        _effect(used, fitted, question.level) if used.arm is not None else None,
        _in_arms(used, question),
        _units(used, fitted, question),
        float(swell),
        float(inside.sum() / swell),
        len(used.rows),
        used.left_out,
        _notes(used, levels, question),
        fitted.deviance,
    )


def _levels(used: People, fitted: Fitted, question: Question) -> tuple[Level, ...]:
    whole = float(fitted.components[: len(used.levels) + 1].sum())
    inside = used.clustered
    found = []
    for place, (name, each) in enumerate(zip(question.clusters, used.levels, strict=True)):
        sizes = np.bincount(each.codes)
        variance = float(fitted.components[place])
        ratio: Ratio | None = None
        if len(used.levels) == 1:
            layout = used.layout
            ratio = exact(layout.design[inside], layout.values[inside], each.codes, level=question.level)
            (lower, upper), how = ratio.share, "exact F"
        else:
            best = fitted.components[:2] / whole
            (lower, upper), how = limits(used.layout, place, best, level=question.level), "profile likelihood"
        drop = max(_without(used.layout, place) - fitted.deviance, 0.0)
        p = float(stats.chi2.sf(drop, 1)) / 2 if variance > 0 else 1.0
        found.append(
            Level(
                name, len(sizes), int((sizes == 1).sum()), int(sizes.min()), int(sizes.max()), variance,
                variance / whole, lower, upper, how, drop, p,
                None if ratio is None else (ratio.f, ratio.df, ratio.p),
            )
        )  # fmt: skip
    return tuple(found)


def _without(layout: Layout, place: int) -> float:
    rest = tuple(each for k, each in enumerate(layout.levels) if k != place)
    return fit(Layout(layout.design, layout.values, rest, layout.residuals)).deviance


def _effect(used: People, fitted: Fitted, level: float) -> Effect:
    row = np.zeros(used.layout.design.shape[1])
    row[1] = 1.0
    estimate, se, df = fitted.contrast(row)
    reach = float(stats.t.ppf((1 + level) / 2, df)) * se
    p = 2 * float(stats.t.sf(abs(estimate) / se, df))
    plain = fit(Layout(used.layout.design, used.layout.values, (), used.layout.residuals))
    plain_estimate, plain_se, _ = plain.contrast(row)
    return Effect(estimate, se, df, estimate - reach, estimate + reach, p, plain_estimate, plain_se)


def _in_arms(used: People, question: Question) -> tuple[InArm, ...]:
    if used.arm is None or len(used.levels) > 1:
        return ()
    codes = used.layout.levels[0]
    rest = np.delete(used.layout.design, 1, axis=1)
    return tuple(
        _in_arm(label, rest[mine], used.layout.values[mine], codes[mine], question.level)
        for label, given in ((question.control, 0.0), (question.treated, 1.0))
        for mine in [used.arm == given]
    )


def _in_arm(arm: str, design: Array, values: Array, codes: Codes, level: float) -> InArm:
    n = len(values)
    if (codes < 0).all():
        none = Unscored("Its people are in no cluster.")
        return InArm(arm, n, 0, none, none, none)
    found, places = np.unique(codes, return_inverse=True)
    try:
        layout = Layout(design, values, (places.astype(np.intp),), np.zeros(n, dtype=np.intp))
        components = fit(layout).components
        lower, upper = exact(design, values, places, level=level).share
    except BadInput as error:
        none = Unscored(error.what)
        return InArm(arm, n, len(found), none, none, none)
    return InArm(arm, n, len(found), float(components[0] / components.sum()), lower, upper)


def _units(used: People, fitted: Fitted, question: Question) -> tuple[Unit, ...]:
    """Give each cluster's part, and limits from what is not known of it with the components taken as known."""
    reach = float(stats.norm.ppf((1 + question.level) / 2))
    layout, found = used.layout, []
    parts = [_parts(layout, fitted, rows) for rows in layout.blocks() if layout.levels[0][rows[0]] >= 0]
    for place, (name, level) in enumerate(zip(question.clusters, used.levels, strict=True)):
        told = {code: both for part in parts for code, both in part[place].items()}
        for code, label in enumerate(level.levels):
            mine = layout.values[layout.levels[place] == code]
            if fitted.components[place] <= 0:
                none = Unscored("The variance between clusters is not above zero.")
                found.append(Unit(name, label, len(mine), float(mine.mean()), none, none, none))
                continue
            part, se = told[code]
            unit = Unit(name, label, len(mine), float(mine.mean()), part, part - reach * se, part + reach * se)
            found.append(unit)
    return tuple(found)


def _parts(layout: Layout, fitted: Fitted, rows: Codes) -> list[dict[int, tuple[float, float]]]:
    known = layout.matrices(rows)
    inverse = np.linalg.inv(np.tensordot(fitted.components, known, axes=1))
    x = layout.design[rows]
    rest = inverse @ (layout.values[rows] - x @ fitted.beta)
    found = []
    for place, codes in enumerate(layout.levels):
        variance, mine = float(fitted.components[place]), codes[rows]
        told = {}
        for code in np.unique(mine):
            z = (mine == code).astype(np.float64)
            seen = x.T @ inverse @ z
            unknown = variance - variance**2 * float(z @ inverse @ z - seen @ fitted.plain @ seen)
            told[int(code)] = (variance * float(z @ rest), float(np.sqrt(max(unknown, 0.0))))
        found.append(told)
    return found


def _notes(used: People, levels: tuple[Level, ...], question: Question) -> tuple[str, ...]:
    told = []
    for each in levels:
        told.append(f"The variance between {each.clusters} of {each.name} rests on {each.clusters}, not on people.")
        if each.variance < 0:
            told.append(f"{each.name}: people of one cluster are less alike than people of two; the share is below 0.")
        if each.alone:
            told.append(
                f"{each.alone} of {each.name} have one person: what is theirs cannot be told from who they are."
            )
    if used.nested:
        inner = used.rows[question.clusters[-1]].astype("string")[used.clustered]
        arms = used.rows[question.arm].astype("string")[used.clustered]
        for arm, count in sorted(Counter(arm for arm, _ in {*zip(arms, inner, strict=True)}).items()):
            told.append(f"{count} of {question.clusters[-1]} are of {arm} only: what they do is in its effect.")
    return tuple(told)
