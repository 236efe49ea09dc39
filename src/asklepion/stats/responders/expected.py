"""Where a later score is expected if nothing changed, and how far error alone moves it: Jacobson-Truax and variants."""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.responders.scale import Scale


class Method(StrEnum):
    """By whose formula a change is called reliable."""

    JACOBSON_TRUAX = "jacobson-truax"
    GULLIKSEN_LORD_NOVICK = "gulliksen-lord-novick"
    HSU_LINN_LORD = "hsu-linn-lord"
    EDWARDS_NUNNALLY = "edwards-nunnally"
    NUNNALLY_KOTSCH = "nunnally-kotsch"
    HAGEMAN_ARRINDELL = "hageman-arrindell"

    @property
    def level(self) -> float:
        """Errors beyond which a change is reliable: 1.96; Hageman and Arrindell's 5% are all on one side."""
        return NormalDist().inv_cdf(0.95) if self is Method.HAGEMAN_ARRINDELL else 1.96


@dataclass(frozen=True, slots=True)
class Moments:
    """Means and standard deviations (n - 1) of scores before, after and of the change, of those who have both."""

    people: int
    mean_before: float
    sd_before: float
    mean_after: float
    sd_after: float
    sd_change: float


@dataclass(frozen=True, slots=True)
class Expected:
    """The later score of a person who did not change, `intercept + slope * first`, and the error about it in points."""

    slope: float
    intercept: float
    error: float

    def of(self, first: float) -> float:
        return self.intercept + self.slope * first


def moments(before: NDArray[np.float64], after: NDArray[np.float64]) -> Moments:
    """Give the moments of paired scores without gaps. Raises BadInput where all first scores are one."""
    told = Moments(
        len(before),
        float(before.mean()),
        float(before.std(ddof=1)),
        float(after.mean()),
        float(after.std(ddof=1)),
        float((after - before).std(ddof=1)),
    )
    if np.ptp(before) == 0:
        what = "All scores before are the same, and a reliability is of scores that differ."
        raise BadInput(what, where="before", remedy="Give people who differ.")
    return told


def expect(method: Method, seen: Moments, *, scale: Scale) -> Expected:
    """Give the expected later score and its error by a method; formulas in docs/methods/responders.md.

    [jacobson1991], the others as in R's clinicalsignificance [claus2024]. Raises BadInput where Hageman and Arrindell's
    reliability of change is not above 0, or a second reliability is given to a method that does not ask for it.
    """
    if scale.reliability_after is not None and method is not Method.NUNNALLY_KOTSCH:
        remedy = f"Leave it out, or choose {Method.NUNNALLY_KOTSCH}."
        raise BadInput(f"{method} asks for one reliability.", where="reliability_after", remedy=remedy)
    r, sd, mean = scale.reliability, seen.sd_before, seen.mean_before
    regressed = (1 - r) * mean
    match method:
        case Method.JACOBSON_TRUAX:
            return Expected(1.0, 0.0, sd * math.sqrt(2 * (1 - r)))
        case Method.GULLIKSEN_LORD_NOVICK:
            return Expected(r, regressed, sd * math.sqrt(1 - r**2))
        case Method.HSU_LINN_LORD:
            return Expected(r, seen.mean_after - r * mean, sd * math.sqrt(1 - r**2))
        case Method.EDWARDS_NUNNALLY:
            return Expected(r, regressed, sd * math.sqrt(1 - r))
        case Method.NUNNALLY_KOTSCH:
            later = r if scale.reliability_after is None else scale.reliability_after
            return Expected(r, regressed, sd * math.sqrt(r**2 * (1 - r) + 1 - later))
        case Method.HAGEMAN_ARRINDELL:
            of_change = change_reliability(seen, scale)
            drift = (seen.mean_after - mean) * (1 - of_change) / of_change
            return Expected(1.0, -drift, sd * math.sqrt(2 * (1 - r) / of_change))


def change_reliability(seen: Moments, scale: Scale) -> float:
    """Give the reliability of the change: the part of its variance that is not measurement error of two scores.

    Raises BadInput where changes vary no more than error does, which leaves none.
    """
    error = 2 * seen.sd_before**2 * (1 - scale.reliability)
    if seen.sd_change**2 <= error:
        known = f"SD {seen.sd_change:.3g}, of error {math.sqrt(error):.3g}"
        remedy = f"Choose another method than {Method.HAGEMAN_ARRINDELL}."
        what = f"Changes vary no more than measurement error alone makes them ({known})."
        raise BadInput(what, where="reliability", remedy=remedy)
    return 1 - error / seen.sd_change**2
