"""Reliable and clinically significant change of each person, after Jacobson and Truax or a variant."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from asklepion.core.errors import BadInput
from asklepion.stats.responders.expected import Expected, Method, expect, moments
from asklepion.stats.responders.hageman import score_to_pass, true_cutoffs
from asklepion.stats.responders.scale import Population, Scale


class Verdict(StrEnum):
    """What became of a person. `recovered` is reliably better and beyond the cut-off, `unknown` has a score missing."""

    RECOVERED = "recovered"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    DETERIORATED = "deteriorated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Changes:
    """The verdict on each person in their order, and all that it was reached by.

    A change is reliable where the later score is more than `reliable_points` away from the `expected` one. Recovered
    is who stood on the worse side of `cutoff` before and is beyond `cutoff_after` now, which is the cut-off itself but
    with Hageman and Arrindell.
    """

    verdicts: tuple[Verdict, ...]
    reliable_points: float
    cutoff: float
    criterion: str
    method: Method
    expected: Expected
    cutoff_after: float

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
    before: ArrayLike,
    after: ArrayLike,
    *,
    scale: Scale,
    functional: Population | None,
    criterion: str = "c",
    method: Method = Method.JACOBSON_TRUAX,
) -> Changes:
    """Give the verdict on each person; the clinical population is these people before treatment.

    The later score must be farther from the expected one than error moves it, and beyond the cut-off while the first
    was not. Raises BadInput for scores that do not pair or do not vary, and for a cut-off that is not there.
    """
    first, last = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    known = ~np.isnan(first) & ~np.isnan(last) if first.shape == last.shape else np.zeros(0, dtype=bool)
    if known.sum() < 2:
        raise BadInput(
            "Scores before and after do not pair.", where="before, after", remedy="Give one of each a person."
        )
    seen = moments(first[known], last[known])
    true = method is Method.HAGEMAN_ARRINDELL
    found = (true_cutoffs if true else cutoffs)(scale, Population(seen.mean_before, seen.sd_before), functional)
    if criterion not in found:
        raise BadInput(
            f"There is no cut-off {criterion}.", where="criterion", remedy=f"Known here: {', '.join(found)}."
        )
    expected, cutoff = expect(method, seen, scale=scale), found[criterion]
    points = method.level * expected.error
    pass_after = score_to_pass(cutoff, seen, scale=scale) if true else cutoff
    told = Changes((), points, cutoff, criterion, method, expected, pass_after)
    return replace(told, verdicts=tuple(_verdict(a, b, scale, told) for a, b in zip(first, last, strict=True)))


def _verdict(first: float, last: float, scale: Scale, by: Changes) -> Verdict:
    if math.isnan(first) or math.isnan(last):
        return Verdict.UNKNOWN
    sign = 1.0 if scale.higher_is_worse else -1.0
    gained = sign * (by.expected.of(first) - last)
    if gained < -by.reliable_points:
        return Verdict.DETERIORATED
    if gained <= by.reliable_points:
        return Verdict.UNCHANGED
    passed = sign * first > sign * by.cutoff and sign * last < sign * by.cutoff_after
    return Verdict.RECOVERED if passed else Verdict.IMPROVED
