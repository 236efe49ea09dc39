"""A study as a synthesis sees it: an effect, its sampling variance, and whether it was retracted."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from asklepion.core.errors import BadInput

_LARGEST = 1e100
"""What can still be squared and summed."""


@dataclass(frozen=True, slots=True)
class Study:
    """An effect with its sampling variance. `retracted` says when or where it was, and is empty if it was not."""

    label: str
    effect: float
    variance: float
    retracted: str = ""

    def __post_init__(self) -> None:
        if not (abs(self.effect) < _LARGEST and 0 < self.variance < _LARGEST):
            raise BadInput(
                f"Effect {self.effect} with variance {self.variance} is no estimate.",
                where=self.label,
                remedy="Give a number and a variance above zero, or leave the study out.",
            )


class Zero(StrEnum):
    """What half an event is added to in a study where a cell is zero.

    `cells`: events and others of both arms, as R's metafor does; an arm then has one person more. `people`: events and
    people, as R's meta does for risk ratios; an arm then has half a person more.
    """

    CELLS = "cells"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Cells:
    """Events and people of two arms."""

    events: int
    people: int
    control_events: int
    control_people: int

    def parts(self) -> tuple[float, float, float, float]:
        """Give events and others of both arms, half an event more in each where one of the four is zero."""
        others, control_others = self.people - self.events, self.control_people - self.control_events
        least = min(self.events, others, self.control_events, control_others)
        if least < 0:
            raise BadInput("More events than people.", where=str(self), remedy="Look at the counts.")
        more = 0.5 if least == 0 else 0.0
        return self.events + more, others + more, self.control_events + more, control_others + more


def risk_ratio(label: str, cells: Cells, *, zero: Zero = Zero.CELLS, retracted: str = "") -> Study:
    """Give the logarithm of a risk ratio with its variance."""
    a, b, c, d = cells.parts()
    more = 0.5 if zero is Zero.PEOPLE and a != cells.events else 0.0
    n, m = a + b - more, c + d - more
    return Study(label, math.log(a / n) - math.log(c / m), 1 / a - 1 / n + 1 / c - 1 / m, retracted)


def odds_ratio(label: str, cells: Cells, *, retracted: str = "") -> Study:
    """Give the logarithm of an odds ratio with its variance."""
    a, b, c, d = cells.parts()
    return Study(label, math.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d, retracted)


def without_retracted(studies: Iterable[Study]) -> tuple[tuple[Study, ...], tuple[Study, ...]]:
    """Give the studies that stand, and those that were retracted."""
    all_ = tuple(studies)
    return tuple(each for each in all_ if not each.retracted), tuple(each for each in all_ if each.retracted)


@dataclass(frozen=True, slots=True)
class Means:
    """Mean, standard deviation and people of two arms."""

    mean: float
    sd: float
    people: int
    control_mean: float
    control_sd: float
    control_people: int

    def checked(self) -> "Means":
        if not (self.sd >= 0 and self.control_sd >= 0 and min(self.people, self.control_people) > 1):
            raise BadInput(
                "An arm needs two people and a standard deviation.", where=str(self), remedy="Look at the numbers."
            )
        return self


def mean_difference(label: str, means: Means, *, retracted: str = "") -> Study:
    """Give the difference of means, each arm with a variance of its own."""
    each = means.checked()
    variance = each.sd**2 / each.people + each.control_sd**2 / each.control_people
    return Study(label, each.mean - each.control_mean, variance, retracted)


def hedges_g(label: str, means: Means, *, retracted: str = "") -> Study:
    """Give the difference over the pooled standard deviation, corrected exactly for small samples [hedges1981].

    Its variance is 1/n + 1/m + g^2 / (2 (n + m)), as R's metafor has it by default.
    """
    each = means.checked()
    n, m = each.people, each.control_people
    free = n + m - 2
    pooled = (((n - 1) * each.sd**2 + (m - 1) * each.control_sd**2) / free) ** 0.5
    if pooled == 0:
        raise BadInput("Nobody differs from the mean of their arm.", where=label, remedy="Look at the deviations.")
    exact = math.exp(math.lgamma(free / 2) - math.lgamma((free - 1) / 2)) / (free / 2) ** 0.5
    g = exact * (each.mean - each.control_mean) / pooled
    return Study(label, g, 1 / n + 1 / m + g**2 / (2 * (n + m)), retracted)


def risk_difference(label: str, cells: Cells, *, retracted: str = "") -> Study:
    """Give the difference of risks; half an event more in all cells, for the variance alone too, where one is zero."""
    a, b, c, d = cells.parts()
    return Study(label, a / (a + b) - c / (c + d), a * b / (a + b) ** 3 + c * d / (c + d) ** 3, retracted)
