"""MCP-Mod of a trial's table: the test over candidate shapes, the shapes fitted, the dose that reaches an effect."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, LeftOut, complete, covariates, floats, named, numeric, one_row_each, where
from asklepion.stats.dose.contrasts import Tested, best_contrasts
from asklepion.stats.dose.modelling import Fitted, drawn, fitted, grid, target_dose
from asklepion.stats.dose.shapes import Candidate

_DRAWS = 500
_RAREST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Columns, one row a person; doses in one unit, placebo 0. `effect` is what the dose sought should reach.

    Its sign says which way is better: -5 is a fall of five. `covariates` adjust the means.
    """

    value: str
    candidates: tuple[Candidate, ...]
    effect: float
    dose: str = "DOSE"
    subject: str | None = "USUBJID"
    covariates: tuple[str, ...] = ()
    alpha: float = 0.025
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """The least dose that reaches the effect by a fitted shape; None where none up to the largest given does.

    The interval is of draws of the means from their covariance, each fitted anew: its 2.5th and 97.5th centile, a draw
    that reaches nothing above all; `upper` None says so. `reached` is the share of draws that reach it.
    """

    fit: Fitted
    dose: float | None
    lower: float | None
    upper: float | None
    reached: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Doses with n, adjusted mean and SE; the test; every shape fitted, the best by AIC first; what was left out."""

    doses: tuple[tuple[float, int, float, float], ...]
    test: Tested
    targets: tuple[Target, ...]
    people: int
    draws: int
    left_out: tuple[LeftOut, ...]


def dose_response(table: pd.DataFrame, question: Question) -> Answer:
    """Test and fit. Shapes are fitted whether the test shows anything or not; it says whether to believe them."""
    if not question.candidates or question.effect == 0 or not abs(question.effect) < np.inf:
        remedy = "Name shapes such as emax:5, and the effect sought, as -5."
        raise BadInput("There is no candidate or no effect.", where="candidates, effect", remedy=remedy)
    if not _RAREST <= question.alpha < 0.5:
        what = f"One-sided alpha {question.alpha:g} cannot be."
        raise BadInput(what, where="alpha", remedy="Give one below .5, as .025.")
    used, left_out = _read(table, question)
    doses, counts, means, covariance, df = _means(used, question)
    test = best_contrasts(
        doses, means, covariance, question.candidates, df=df, alpha=question.alpha, higher=question.effect > 0
    )
    shapes = list(dict.fromkeys(each.shape for each in question.candidates))
    draws = np.random.default_rng(question.seed).multivariate_normal(means, covariance, size=_DRAWS)
    targets = []
    for shape in shapes:
        at = grid(shape, doses, covariance)
        again = [target_dose(drawn(at, row), question.effect, largest=float(doses[-1])) for row in draws]
        targets.append(_target(fitted(at, means), again, question.effect, float(doses[-1])))
    se = np.sqrt(np.diag(covariance))
    rows = tuple(zip(doses.tolist(), counts, means.tolist(), se.tolist(), strict=True))
    ordered = tuple(sorted(targets, key=lambda each: each.fit.aic))
    return Answer(rows, test, ordered, len(used), _DRAWS, left_out)


def _read(table: pd.DataFrame, question: Question) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    columns = [question.value, question.dose, *question.covariates]
    named(table, [*columns, *([question.subject] if question.subject else [])])
    if question.subject is not None:
        one_row_each(table, question.subject)
    used, left_out = complete(table, columns)
    for name in (question.value, question.dose):
        numeric(used, name)
    doses = floats(used[question.dose])
    if (doses < 0).any():
        raise BadInput("A dose is below zero.", where=where(used[doses < 0], question.dose), remedy="Correct it.")
    found, counts = np.unique(doses, return_counts=True)
    if len(found) < 3 or found[0] != 0:
        remedy = "Three doses or more are needed, placebo as 0 among them."
        raise BadInput(
            f"There are doses {', '.join(f'{each:g}' for each in found)}.", where=question.dose, remedy=remedy
        )
    if counts.min() < 2:
        what = f"Dose {found[counts.argmin()]:g} was given to one person."
        raise BadInput(what, where=f"column {question.dose}", remedy="Leave it out: it gives no mean.")
    return used, left_out


def _means(used: pd.DataFrame, question: Question) -> tuple[Array, list[int], Array, Array, int]:
    """Give doses, people, means adjusted to the mean of the covariates, their covariance, and df of least squares."""
    doses, place, counts = np.unique(floats(used[question.dose]), return_inverse=True, return_counts=True)
    given = [(place == k).astype(np.float64) for k in range(len(doses))]
    design = np.column_stack([*given, *covariates(used, question.covariates)])
    values = floats(used[question.value])
    df = len(values) - design.shape[1]
    if df < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        remedy = "Leave a covariate out: it follows from the others, or there are too few people."
        raise BadInput("The means have no solution.", where="covariates", remedy=remedy)
    beta = np.linalg.lstsq(design, values, rcond=None)[0]
    variance = float(((values - design @ beta) ** 2).sum()) / df
    if variance <= 1e-20 * max(float((values**2).mean()), 1e-300):
        raise BadInput("The values do not vary within doses.", where=question.value, remedy="Look at the column.")
    covariance = variance * np.linalg.inv(design.T @ design)
    kept = len(doses)
    return doses, counts.tolist(), beta[:kept], covariance[:kept, :kept], df


def _target(fit: Fitted, again: list[float | None], effect: float, largest: float) -> Target:
    reached = sum(each is not None for each in again) / len(again)
    values = np.array([np.inf if each is None else each for each in again])
    low, high = np.quantile(values, [0.025, 0.975], method="closest_observation")
    return Target(
        fit,
        target_dose(fit, effect, largest=largest),
        float(low) if np.isfinite(low) else None,
        float(high) if np.isfinite(high) else None,
        reached,
    )
