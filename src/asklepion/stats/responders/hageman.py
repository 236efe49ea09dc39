"""Cut-offs of true scores, and shares of a group, after Hageman and Arrindell."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from asklepion.core.errors import BadInput
from asklepion.stats.responders.expected import Method, Moments, change_reliability, moments
from asklepion.stats.responders.scale import Population, Scale


@dataclass(frozen=True, slots=True)
class Shares:
    """Of a group's true scores, the share that got better and the share beyond the cut-off after (0 to 1)."""

    people: int
    better: float
    beyond: float


def true_cutoffs(scale: Scale, clinical: Population, functional: Population | None) -> dict[str, float]:
    """Give cut-offs a and c of true scores: those of Jacobson and Truax with each SD times the root of its reliability.

    The standard error of measurement is the clinical population's for both [claus2024]. There is no b: its
    definition could not be read in a source that agrees with Jacobson and Truax.
    """
    error = clinical.sd * math.sqrt(1 - scale.reliability)
    spread = clinical.sd * math.sqrt(scale.reliability)
    told = {"a": clinical.mean + (-2 if scale.higher_is_worse else 2) * spread}
    if functional is not None:
        healthy = functional.sd * math.sqrt(_reliability(functional.sd, error, "functional"))
        told["c"] = (spread * functional.mean + healthy * clinical.mean) / (spread + healthy)
    return told


def score_to_pass(cutoff: float, seen: Moments, *, scale: Scale) -> float:
    """Give the score after that a person must pass to have, with a risk of 5%, a true score beyond the cut-off."""
    error = seen.sd_before * math.sqrt(1 - scale.reliability)
    after = _reliability(seen.sd_after, error, "after")
    margin = Method.HAGEMAN_ARRINDELL.level * math.sqrt(after) * error
    sure = cutoff - margin if scale.higher_is_worse else cutoff + margin
    return seen.mean_after + (sure - seen.mean_after) / after


def shares(before: ArrayLike, after: ArrayLike, *, scale: Scale, cutoff: float) -> Shares:
    """Give the shares of a group that got better and that are beyond a true cut-off, were true scores normal.

    Only people with both scores are in it. Raises BadInput where error leaves no variance of true scores.
    """
    first, last = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if first.shape != last.shape or np.sum(known := ~np.isnan(first) & ~np.isnan(last)) < 2:
        remedy = "Give one of each a person, of two people or more."
        raise BadInput("Scores before and after do not pair.", where="before, after", remedy=remedy)
    seen = moments(first[known], last[known])
    error = seen.sd_before * math.sqrt(1 - scale.reliability)
    sign = -1.0 if scale.higher_is_worse else 1.0
    change = seen.sd_change * math.sqrt(change_reliability(seen, scale))
    late = seen.sd_after * math.sqrt(_reliability(seen.sd_after, error, "after"))
    normal = NormalDist()
    better = normal.cdf(sign * (seen.mean_after - seen.mean_before) / change)
    return Shares(seen.people, better, normal.cdf(sign * (seen.mean_after - cutoff) / late))


def _reliability(sd: float, error: float, whose: str) -> float:
    if sd <= error:
        what = f"Scores ({whose}) vary no more (SD {sd:.3g}) than measurement error alone makes them ({error:.3g})."
        raise BadInput(what, where=whose, remedy=f"Choose another method than {Method.HAGEMAN_ARRINDELL}.")
    return 1 - (error / sd) ** 2
