"""LS means of arms at visits, their contrasts, fixed effects and tests of terms, as tidy tables."""

from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.mmrm.design import Column, Part, row_values
from asklepion.stats.mmrm.fitting import Fit
from asklepion.stats.mmrm.freedom import Joint, Line, Precision, jointly, line
from asklepion.stats.mmrm.model import Freedom

Array = NDArray[np.float64]


class Weights(StrEnum):
    """What an LS mean averages over.

    `equal`: every level of the other factors counts the same. `observed`: levels count as often as their combination
    stands in the rows used. Both hold covariates at their mean over these rows. `counterfactual`: the mean over
    subjects, each with their own factors and covariates, as if all had been in that arm.
    """

    EQUAL = "equal"
    OBSERVED = "observed"
    COUNTERFACTUAL = "counterfactual"


def lsmeans(
    fit: Fit, *, weights: Weights = Weights.EQUAL, freedom: Freedom = Freedom.SATTERTHWAITE, level: float = 0.95
) -> tuple[Line, ...]:
    """Give the LS mean of each arm at each visit, visit by visit, labelled `arm at visit`."""
    precision = Precision.of(fit, freedom)
    return tuple(
        line(fit, precision, mean_weights(fit, arm, visit, weights), label=f"{arm} at {visit}", level=level)
        for visit in fit.visits
        for arm in _arms(fit)
    )


def contrasts(
    fit: Fit, *, weights: Weights = Weights.EQUAL, freedom: Freedom = Freedom.SATTERTHWAITE, level: float = 0.95
) -> tuple[Line, ...]:
    """Give, at each visit, each arm less the first one, labelled `arm - first at visit`."""
    precision = Precision.of(fit, freedom)
    first, *others = _arms(fit)
    return tuple(
        line(
            fit,
            precision,
            mean_weights(fit, arm, visit, weights) - mean_weights(fit, first, visit, weights),
            label=f"{arm} - {first} at {visit}",
            level=level,
        )
        for visit in fit.visits
        for arm in others
    )


def coefficients(fit: Fit, *, freedom: Freedom = Freedom.SATTERTHWAITE, level: float = 0.95) -> tuple[Line, ...]:
    """Give each fixed effect under the name of its column."""
    precision = Precision.of(fit, freedom)
    rows = np.eye(len(fit.columns))
    named = zip(fit.columns, rows, strict=True)
    return tuple(line(fit, precision, row, label=str(column), level=level) for column, row in named)


def tidy(lines: Iterable[Line] | Iterable[Joint]) -> pd.DataFrame:
    """Give a table of one row for each line or test."""
    return pd.DataFrame([asdict(each) for each in lines])


def mean_weights(fit: Fit, arm: str, visit: str, weights: Weights = Weights.EQUAL) -> Array:
    """Give the weights (q,) of the fixed effects in an LS mean. Raises BadInput for an unknown arm or visit."""
    for name, known, what in ((arm, _arms(fit), "arm"), (visit, fit.visits, "visit")):
        if name not in known:
            raise BadInput(f"There is no {what} {name}.", where=what, remedy=f"The fit has {', '.join(known)}.")
    fixed = {fit.model.arm: arm, fit.model.visit: visit}
    return np.array([_averaged(fit, column, fixed, Weights(weights)) for column in fit.columns])


def _arms(fit: Fit) -> tuple[str, ...]:
    arm = fit.observed.factors.get(fit.model.arm)
    if arm is None:
        raise BadInput("The arm is not in the mean.", where="terms", remedy="LS means need it: add it to the terms.")
    return arm.levels


def _averaged(fit: Fit, column: Column, fixed: dict[str, str], weights: Weights) -> float:
    for part in column.parts:
        if part.name in fixed and fixed[part.name] != part.level:
            return 0.0
    return _mean_of(fit, tuple(part for part in column.parts if part.name not in fixed), weights)


def _mean_of(fit: Fit, parts: tuple[Part, ...], weights: Weights) -> float:
    observed = fit.observed
    if weights is Weights.COUNTERFACTUAL:
        first = np.flatnonzero(np.diff(observed.subjects, prepend=-1))
        return float(row_values(parts, observed)[first].mean())
    numbers = [float(observed.numbers[part.name].mean()) for part in parts if part.level is None]
    levels = tuple(part for part in parts if part.level is not None)
    if weights is Weights.OBSERVED:
        shares = [float(row_values(levels, observed).mean())]
    else:
        shares = [1 / len(observed.factors[part.name].levels) for part in levels]
    return float(np.prod([*numbers, *shares]))


def terms(fit: Fit, *, freedom: Freedom = Freedom.SATTERTHWAITE) -> tuple[Joint, ...]:
    """Give the test of each term of the mean, of type 3: marginal means of its factors, all levels counted the same.

    Factors are recoded so that their effects sum to zero; a covariate stays as it is, so that a factor it interacts
    with is tested where the covariate is zero, as PROC MIXED does. Rows stand against the first level, which matters
    for Satterthwaite's joint degrees of freedom: they depend on how the same hypothesis is written.
    """
    precision = Precision.of(fit, freedom)
    turn = _sum_to_zero(fit)
    result = []
    for term in dict.fromkeys(column.term for column in fit.columns if column.term):
        chosen = np.array([column.term == term for column in fit.columns])
        rows = np.linalg.solve(turn[np.ix_(chosen, chosen)], turn[chosen])
        result.append(jointly(fit, precision, rows, label=":".join(term)))
    return tuple(result)


def terms_of_type_2(fit: Fit, *, freedom: Freedom = Freedom.SATTERTHWAITE) -> tuple[Joint, ...]:
    """Give the test of each term adjusted for all others but those that contain it, as PROC MIXED's type 2.

    A term contains another if it has the same covariates and all its factors, and more factors. With X0 the columns of
    terms that do not contain it, what is tested of term E is X_E' (I - X0 (X0' X0)^-1 X0') X beta = 0, over the rows
    used.
    """
    precision, factors = Precision.of(fit, freedom), set(fit.observed.factors)
    design = np.stack([row_values(column.parts, fit.observed) for column in fit.columns], axis=1)
    triangle: Array = np.asarray(np.linalg.qr(design, mode="r"))
    result = []
    for term in dict.fromkeys(column.term for column in fit.columns if column.term):
        own = np.array([column.term == term for column in fit.columns])
        above = np.array([_contains(column.term, term, factors) for column in fit.columns])
        basis = np.linalg.qr(triangle[:, ~own & ~above])[0]
        left = triangle[:, own] - basis @ (basis.T @ triangle[:, own])
        rows = left.T @ (triangle * (own | above))
        rows = np.linalg.solve(rows[:, own], rows)
        result.append(jointly(fit, precision, rows, label=":".join(term)))
    return tuple(result)


def _contains(outer: tuple[str, ...], term: tuple[str, ...], factors: set[str]) -> bool:
    return set(term) < set(outer) and set(term) - factors == set(outer) - factors


def _sum_to_zero(fit: Fit) -> Array:
    """Give the matrix (q, q) from effects against a reference to effects that sum to zero, had from random points."""
    rng, points = np.random.default_rng(1), 8 * len(fit.columns) + 40
    codes = {name: rng.integers(len(factor.levels), size=points) for name, factor in fit.observed.factors.items()}
    numbers = {name: rng.normal(size=points) for name in fit.observed.numbers}
    reference, centred = np.ones((2, points, len(fit.columns)))
    for k, column in enumerate(fit.columns):
        for part in column.parts:
            if part.level is None:
                reference[:, k] *= numbers[part.name]
                centred[:, k] *= numbers[part.name]
                continue
            place = fit.observed.factors[part.name].levels.index(part.level)
            here = codes[part.name] == place
            reference[:, k] *= here
            centred[:, k] *= here.astype(float) - (codes[part.name] == 0)
    return np.asarray(np.linalg.lstsq(centred, reference, rcond=None)[0])
