"""Reliable and clinically significant change of each person, after Jacobson and Truax."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from asklepion.core.errors import BadInput


class Verdict(StrEnum):
    """What became of a person. `recovered` is reliably better and beyond the cut-off, `unknown` has a score missing."""

    RECOVERED = "recovered"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    DETERIORATED = "deteriorated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Population:
    """Mean and standard deviation of a population's scores, with the key of their source."""

    mean: float
    sd: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the method needs of a scale: its reliability (0 to 1), and which way is worse."""

    reliability: float
    higher_is_worse: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.reliability < 1:
            raise BadInput(f"{self.reliability} is no reliability.", where="reliability", remedy="Give 0 to below 1.")


@dataclass(frozen=True, slots=True)
class Changes:
    """The verdict on each person in their order, the points a change must pass to be reliable, and the cut-off."""

    verdicts: tuple[Verdict, ...]
    reliable_points: float
    cutoff: float
    criterion: str

    def count(self, verdict: Verdict) -> int:
        return self.verdicts.count(verdict)


def reliable_points(scale: Scale, *, sd: float, level: float = 1.96) -> float:
    """Give the change that measurement error alone rarely makes: level * sd * sqrt(2) * sqrt(1 - reliability).

    `sd` is of scores before treatment [jacobson1991].
    """
    return level * sd * math.sqrt(2 * (1 - scale.reliability))


def cutoffs(scale: Scale, clinical: Population, functional: Population | None) -> dict[str, float]:
    """Give cut-off a (two SD from the clinical mean), b (two SD from the functional one) and c (the weighted middle).

    Without a functional population only a is there [jacobson1991].
    """
    better = -1.0 if scale.higher_is_worse else 1.0
    told = {"a": clinical.mean + better * 2 * clinical.sd}
    if functional is not None:
        told["b"] = functional.mean - better * 2 * functional.sd
        told["c"] = (clinical.sd * functional.mean + functional.sd * clinical.mean) / (clinical.sd + functional.sd)
    return told


def classify(
    before: ArrayLike, after: ArrayLike, *, scale: Scale, functional: Population | None, criterion: str = "c"
) -> Changes:
    """Give the verdict on each person; the clinical population is these people before treatment.

    A change must be larger than the reliable one, and the later score beyond the cut-off while the first was not.
    """
    first, last = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    whole = first[~np.isnan(first) & ~np.isnan(last)]
    if len(first) != len(last) or len(whole) < 2:
        raise BadInput(
            "Scores before and after do not pair.", where="before, after", remedy="Give one of each a person."
        )
    clinical = Population(float(whole.mean()), float(whole.std(ddof=1)))
    known = cutoffs(scale, clinical, functional)
    if criterion not in known:
        raise BadInput(
            f"There is no cut-off {criterion}.", where="criterion", remedy=f"Known here: {', '.join(known)}."
        )
    points, cutoff = reliable_points(scale, sd=clinical.sd), known[criterion]
    verdicts = tuple(_verdict(a, b, scale, points, cutoff) for a, b in zip(first, last, strict=True))
    return Changes(verdicts, points, cutoff, criterion)


def _verdict(first: float, last: float, scale: Scale, points: float, cutoff: float) -> Verdict:
    if math.isnan(first) or math.isnan(last):
        return Verdict.UNKNOWN
    sign = 1.0 if scale.higher_is_worse else -1.0
    gained = sign * (first - last)
    if gained < -points:
        return Verdict.DETERIORATED
    if gained <= points:
        return Verdict.UNCHANGED
    passed = sign * first > sign * cutoff > sign * last
    return Verdict.RECOVERED if passed else Verdict.IMPROVED
