"""For whom the effect is larger: the arm by a moderator, the effect at its levels, the number looked at in mind.

Least squares of one value a person. A moderator is known before treatment (expectancy, trauma load, site); a difference
found among several is corrected for how many were looked at, and predicts nothing until another trial finds it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.change.multiplicity import benjamini_hochberg, holm
from asklepion.stats.columns import Array, LeftOut, covariates, factor, floats, is_number, numeric
from asklepion.stats.why.people import two_arms

_ROUNDING = 1e-20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Columns, one row a person. A moderator that holds labels, or stands in `factors`, is taken as levels."""

    value: str
    moderators: tuple[str, ...]
    arm: str = "TRT01P"
    control: str = ""
    treated: str = ""
    subject: str | None = "USUBJID"
    covariates: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Effect:
    """Treated less control at a value or level of the moderator, with n of that level (all, for a number)."""

    at: str
    people: int
    estimate: float
    se: float
    lower: float
    upper: float
    p: float


@dataclass(frozen=True, slots=True)
class Moderator:
    """One moderator: F test of its interaction with the arm, corrected p and q, and the effect at its levels.

    For a number `slope` is the change of the effect for each unit more, and levels are a standard deviation below the
    mean, the mean and one above; `turns` are the values within its range at which the effect's interval meets zero
    [bauer2005].
    """

    name: str
    f: float
    df: tuple[int, int]
    p: float
    p_holm: float
    q: float
    slope: Effect | None
    levels: tuple[Effect, ...]
    turns: tuple[float, ...]
    people: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    beta: Array
    covariance: Array
    df: int
    rest: float


def moderate(table: pd.DataFrame, question: Question) -> tuple[Moderator, ...]:
    """Give each moderator by itself, in the order named. Raises BadInput, with the rows, for what cannot be taken."""
    if not question.moderators:
        raise BadInput("No moderator is named.", where="moderators", remedy="Name at least one column.")
    if len(set(question.moderators)) < len(question.moderators):
        raise BadInput(
            "A moderator is named twice.", where="moderators", remedy="Name each once: p is corrected for it."
        )
    found = [_one(table, question, name) for name in question.moderators]
    p = [each.p for each in found]
    return tuple(
        Moderator(
            each.name, each.f, each.df, each.p, float(strict), float(share), each.slope, each.levels, each.turns,
            each.people, each.left_out,
        )
        for each, strict, share in zip(found, holm(p), benjamini_hochberg(p), strict=True)
    )  # fmt: skip


def _one(table: pd.DataFrame, question: Question, name: str) -> Moderator:
    used, arm, left_out = _read(table, question, name)
    outcome = floats(used[question.value])
    rest = [np.ones(len(used)), *covariates(used, tuple(each for each in question.covariates if each != name))]
    if name in question.factors or not is_number(used[name]):
        return _by_level(used, question, name, arm, outcome, rest, left_out)
    numeric(used, name)
    values = floats(used[name])
    sd = float(values.std(ddof=1))
    if sd == 0:
        raise BadInput("It is the same for everybody.", where=f"column {name}", remedy="It moderates nothing.")
    middle = float(values.mean())
    design = np.column_stack([arm, arm * (values - middle), values - middle, *rest])
    fit = _fit(design, outcome, name)
    levels = tuple(
        _effect(
            fit, _row(fit, {0: 1.0, 1: step * sd}), f"{middle + step * sd:.4g} ({words})", len(used), question.level
        )
        for step, words in ((-1, "mean less SD"), (0, "mean"), (1, "mean and SD"))
    )
    slope = _effect(fit, _row(fit, {1: 1.0}), "each unit more", len(used), question.level)
    f = float(fit.beta[1] ** 2 / fit.covariance[1, 1])
    turns = _turns(fit, middle, values, question.level)
    p = float(stats.f.sf(f, 1, fit.df))
    return Moderator(name, f, (1, fit.df), p, p, p, slope, levels, turns, len(used), left_out)


def _by_level(
    used: pd.DataFrame,
    question: Question,
    name: str,
    arm: Array,
    outcome: Array,
    rest: list[Array],
    left_out: tuple[LeftOut, ...],
) -> Moderator:
    found = factor(used[name], None, name)
    inside = [(found.codes == place).astype(np.float64) for place in range(len(found.levels))]
    if len(inside) < 2:
        raise BadInput("It has one level.", where=f"column {name}", remedy="It moderates nothing.")
    for level, mine in zip(found.levels, inside, strict=True):
        if min(float((mine * arm).sum()), float((mine * (1 - arm)).sum())) < 1:
            what = f"At {level} there is nobody of one arm."
            raise BadInput(what, where=f"column {name}", remedy="The effect there is unknown: join levels.")
    full = _fit(np.column_stack([*(each * arm for each in inside), *inside[1:], *rest]), outcome, name)
    plain = _fit(np.column_stack([arm, *inside[1:], *rest]), outcome, name)
    more = len(inside) - 1
    f = (plain.rest - full.rest) / more / (full.rest / full.df)
    levels = tuple(
        _effect(full, _row(full, {place: 1.0}), level, int(inside[place].sum()), question.level)
        for place, level in enumerate(found.levels)
    )
    p = float(stats.f.sf(f, more, full.df))
    return Moderator(name, float(f), (more, full.df), p, p, p, None, levels, (), len(used), left_out)


def _read(table: pd.DataFrame, question: Question, name: str) -> tuple[pd.DataFrame, Array, tuple[LeftOut, ...]]:
    if name in (question.arm, question.value):
        raise BadInput("It is the arm or the value itself.", where=f"column {name}", remedy="Name another column.")
    columns = [question.value, name, *(each for each in question.covariates if each != name)]
    used, arm, left_out = two_arms(
        table, columns, arm=question.arm, control=question.control, treated=question.treated, subject=question.subject
    )
    numeric(used, question.value)
    return used, arm, left_out


def _fit(design: Array, outcome: Array, name: str) -> _Fit:
    df = len(outcome) - design.shape[1]
    if df < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        remedy = "There are too few people, or one column follows from the others: leave one out."
        raise BadInput("The model has no solution.", where=f"column {name}", remedy=remedy)
    beta: Array = np.linalg.lstsq(design, outcome, rcond=None)[0].astype(np.float64)
    rest = float(((outcome - design @ beta) ** 2).sum())
    if rest <= _ROUNDING * float((outcome**2).sum()):
        what = "The values do not vary beyond what the columns explain."
        raise BadInput(what, where=f"column {name}", remedy="Without a rest there is no test: look at the value.")
    return _Fit(beta, rest / df * np.linalg.inv(design.T @ design), df, rest)


def _row(fit: _Fit, weights: dict[int, float]) -> Array:
    row = np.zeros(len(fit.beta))
    for place, weight in weights.items():
        row[place] = weight
    return row


def _effect(fit: _Fit, row: Array, at: str, people: int, level: float) -> Effect:
    estimate, se = float(row @ fit.beta), float(np.sqrt(row @ fit.covariance @ row))
    reach = float(stats.t.ppf((1 + level) / 2, fit.df)) * se
    p = float(2 * stats.t.sf(abs(estimate) / se, fit.df)) if se > 0 else 1.0
    return Effect(at, people, estimate, se, estimate - reach, estimate + reach, p)


def _turns(fit: _Fit, middle: float, values: Array, level: float) -> tuple[float, ...]:
    """Give where (effect)^2 is t^2 times its variance: the roots of a quadratic, within the values that were seen."""
    t2 = float(stats.t.ppf((1 + level) / 2, fit.df)) ** 2
    b, c = fit.beta, fit.covariance
    roots = np.roots([b[1] ** 2 - t2 * c[1, 1], 2 * (b[0] * b[1] - t2 * c[0, 1]), b[0] ** 2 - t2 * c[0, 0]])
    real = sorted(float(each.real) + middle for each in roots if abs(each.imag) < 1e-9)
    return tuple(each for each in real if values.min() <= each <= values.max())
