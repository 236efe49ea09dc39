"""The effect as it would be if more or fewer people had guessed right: sensitivity to unblinding.

Within each arm, right and wrong guessers are weighed so that their shares are those of a given rate of right guesses;
at a rate of one half the guess says nothing of the arm. The question is that of [szigeti2023], who draw artificial
trials; the weights are ours and need no drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.blinding.adjusted import Question, usable
from asklepion.stats.columns import Array, Codes, covariates, floats, numeric

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AtRate:
    """Treated less control at a rate of right guesses, robust interval; `effective` rows are (sum w)2 / sum w2."""

    rate: float
    estimate: float
    se: float
    lower: float
    upper: float
    p: float
    effective: float
    observed: bool


def at_rates(
    table: pd.DataFrame, question: Question, rates: Sequence[float], *, level: float = 0.95
) -> tuple[AtRate, ...]:
    """Give the effect at each rate, and at the one that was observed, in order. Weighted least squares with covariates.

    The standard error is the sandwich over people, weights taken as known; t has people less two degrees of freedom.
    People who do not know are left out here. Raises BadInput if an arm has no right or no wrong guesser.
    """
    used, _ = usable(table, question)
    used = used[used[question.guess].isin([question.control, question.treated]).to_numpy()]
    treated = (used[question.arm] == question.treated).to_numpy()
    right = (used[question.arm].astype(str) == used[question.guess].astype(str)).to_numpy()
    for name, mine in ((question.control, ~treated), (question.treated, treated)):
        share = float(right[mine].mean()) if mine.any() else 0.0
        if not 0 < share < 1:
            what = f"In arm {name} everybody who guessed was {'right' if share else 'wrong'}."
            raise BadInput(what, where=f"column {question.guess}", remedy="There is nobody to weigh up.")
    design, values = _design(used, question, treated)
    who = pd.factorize(used[question.subject])[0].astype(np.intp)
    seen = float(right.mean())
    told = [_weighed(design, values, who, _weights(treated, right, rate), rate=rate, level=level) for rate in rates]
    plain = _weighed(design, values, who, np.ones(len(values)), rate=seen, level=level, observed=True)
    return tuple(sorted((*told, plain), key=lambda each: each.rate))


def _weights(treated: Flags, right: Flags, rate: float) -> Array:
    """Give weights under which, in each arm, the share of right guessers is the rate; they average one."""
    if not 0 < rate < 1:
        raise BadInput(f"A rate of {rate:g} leaves out whom it weighs.", where="rates", remedy="Give 0.1 to 0.9.")
    weights = np.zeros(len(right))
    for arm in (False, True):
        mine = treated == arm
        share = right[mine].mean()
        weights[mine] = np.where(right[mine], rate / share, (1 - rate) / (1 - share))
    return weights


def _design(used: pd.DataFrame, question: Question, treated: Flags) -> tuple[Array, Array]:
    numeric(used, question.value)
    columns = [np.ones(len(used)), treated.astype(np.float64), *covariates(used, question.covariates)]
    return np.column_stack(columns), floats(used[question.value])


def _weighed(
    design: Array, values: Array, who: Codes, weights: Array, *, rate: float, level: float, observed: bool = False
) -> AtRate:
    people = int(who.max()) + 1
    if people < 3 or np.linalg.matrix_rank(design) < design.shape[1]:
        remedy = "Leave out a covariate that follows from the others; three people are needed."
        raise BadInput("The weighted model has no solution.", where="covariates", remedy=remedy)
    inverse = np.linalg.inv(design.T @ (weights[:, None] * design))
    beta = inverse @ design.T @ (weights * values)
    scores = (weights * (values - design @ beta))[:, None] * design
    summed = np.zeros((people, design.shape[1]))
    np.add.at(summed, who, scores)
    covariance = people / (people - 1) * inverse @ (summed.T @ summed) @ inverse
    estimate, se, df = float(beta[1]), float(np.sqrt(covariance[1, 1])), people - 2
    reach = float(stats.t.ppf((1 + level) / 2, df)) * se
    if not se > 0:
        raise BadInput("The values leave no rest.", where="value", remedy="There is no standard error to tell.")
    p = float(2 * stats.t.sf(abs(estimate) / se, df))
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return AtRate(rate, estimate, se, estimate - reach, estimate + reach, p, effective, observed)
