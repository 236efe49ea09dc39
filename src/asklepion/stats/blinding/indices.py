"""Did blinding hold? Bang's index of each arm, James's of the trial, from what people guessed.

Guesses come as one column of three counts an arm: guessed treated, guessed control, do not know.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.errors import BadInput

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Guesses:
    """How many of one arm guessed that they were treated, that they were controls, or did not know."""

    treated: int
    control: int
    unknown: int

    def __post_init__(self) -> None:
        if min(self.treated, self.control, self.unknown) < 0 or self.people == 0:
            raise BadInput("These are no counts of guesses.", where=str(self), remedy="Count the people of one arm.")

    @property
    def people(self) -> int:
        return self.treated + self.control + self.unknown


@dataclass(frozen=True, slots=True)
class Index:
    """An index of blinding: standard error, interval, and p, one-sided for Bang's (more right than by chance)."""

    label: str
    estimate: float
    se: float
    lower: float
    upper: float
    level: float
    p: float | None


def bang(arm: Guesses, *, treated: bool, level: float = 0.95) -> Index:
    """Give Bang's index of one arm: the share that guessed right less the share that guessed wrong [bang2004].

    From -1 (all wrong) over 0 (chance, or all do not know) to 1 (all right). The variance is that of a multinomial.

    >>> told = bang(Guesses(82, 25, 170), treated=True)
    >>> round(told.estimate, 8), round(told.se, 8)
    (0.20577617, 0.03523709)
    """
    right, wrong = (arm.treated, arm.control) if treated else (arm.control, arm.treated)
    a, b, n = right / arm.people, wrong / arm.people, arm.people
    estimate = a - b
    se = math.sqrt(max(a * (1 - a) + b * (1 - b) + 2 * a * b, 0.0) / n)
    reach = float(stats.norm.ppf((1 + level) / 2)) * se
    p = float(stats.norm.sf(estimate / se)) if se > 0 else None
    name = "treated" if treated else "control"
    return Index(f"Bang, {name} arm", estimate, se, max(-1.0, estimate - reach), min(1.0, estimate + reach), level, p)


def james(treated: Guesses, control: Guesses, *, level: float = 0.95) -> Index:
    """Give James's index of a trial: 1 if all do not know, 0.5 for guesses at random, 0 if all are right [james1996].

    A wrong guess weighs 0.5 and a right one 0. The standard error is by the delta method, from the multinomial of all
    six cells.
    """
    counts = np.array([[treated.treated, treated.control, treated.unknown],
                       [control.treated, control.control, control.unknown]], dtype=np.float64)  # fmt: skip
    shares = counts / counts.sum()
    if shares[:, 2].sum() == 1:
        return Index("James", 1.0, 0.0, 1.0, 1.0, level, None)
    estimate = _james(shares)
    slope = _slope(shares)
    se = math.sqrt(max(float((shares * slope**2).sum() - (shares * slope).sum() ** 2), 0.0) / counts.sum())
    reach = float(stats.norm.ppf((1 + level) / 2)) * se
    return Index("James", estimate, se, max(0.0, estimate - reach), min(1.0, estimate + reach), level, None)


def _parts(shares: Array) -> tuple[float, float, float]:
    """Give the share of guessers, of wrong guesses, and of wrong guesses expected by chance times that of guessers."""
    guesses, arms = shares[:, :2].sum(axis=0), shares[:, :2].sum(axis=1)
    wrong = shares[0, 1] + shares[1, 0]
    return float(guesses.sum()), float(wrong), float(guesses[1] * arms[0] + guesses[0] * arms[1])


def _james(shares: Array) -> float:
    guessed, wrong, chance = _parts(shares)
    if chance == 0:
        raise BadInput("All who guessed are of one arm and guessed it.", where="guesses", remedy="There is no index.")
    return (1 + float(shares[:, 2].sum()) - guessed + guessed**2 * wrong / chance) / 2


def _slope(shares: Array) -> Array:
    """Give the derivatives of the index by the six shares (2, 3)."""
    guessed, wrong, chance = _parts(shares)
    guesses, arms = shares[:, :2].sum(axis=0), shares[:, :2].sum(axis=1)
    is_wrong = np.array([[0.0, 1.0], [1.0, 0.0]])
    by_chance = np.array([[arms[1] + guesses[1], arms[0] + guesses[1]], [arms[1] + guesses[0], arms[0] + guesses[0]]])
    inner = 2 * guessed * wrong / chance + guessed**2 * (is_wrong / chance - wrong * by_chance / chance**2)
    slope = np.full((2, 3), 0.5)
    slope[:, :2] = (inner - 1) / 2
    return slope
