"""Better, worse or neither by a threshold that is given: so many points, or such a share of the first score."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.responders.change import Verdict


def by_points(
    before: ArrayLike, after: ArrayLike, *, better: float, worse: float | None = None, higher_is_worse: bool = True
) -> tuple[Verdict, ...]:
    """Give the verdict on each person by a minimal important difference, reached at the threshold itself [claus2024].

    `better` and `worse` are points above 0, `worse` the same as `better` where it is not given. Raises BadInput.
    """
    gained = _gained(before, after, higher_is_worse)
    return _verdicts(gained, better, better if worse is None else worse)


def by_share(
    before: ArrayLike, after: ArrayLike, *, better: float, worse: float | None = None, higher_is_worse: bool = True
) -> tuple[Verdict, ...]:
    """Give the verdict on each person by a change of a share (0.5 for half) of the first score [claus2024].

    Of a first score of zero there is no share: unknown. Raises BadInput, also for a first score below zero.
    """
    first, gained = np.asarray(before, dtype=np.float64), _gained(before, after, higher_is_worse)
    if (first < 0).any():
        what = "A score below zero has no share that it changed by."
        raise BadInput(what, where="before", remedy="Judge it by points.")
    shares = np.divide(gained, first, out=np.full_like(first, np.nan), where=first > 0)
    return _verdicts(shares, better, better if worse is None else worse)


def _gained(before: ArrayLike, after: ArrayLike, higher_is_worse: bool) -> NDArray[np.float64]:
    first, last = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if first.ndim != 1 or first.shape != last.shape:
        remedy = "Give one of each a person."
        raise BadInput("Scores before and after do not pair.", where="before, after", remedy=remedy)
    return first - last if higher_is_worse else last - first


def _verdicts(gained: NDArray[np.float64], better: float, worse: float) -> tuple[Verdict, ...]:
    for name, threshold in (("better", better), ("worse", worse)):
        if not (threshold > 0 and math.isfinite(threshold)):
            raise BadInput(f"{threshold} is no threshold of change.", where=name, remedy="Give a number above 0.")
    return tuple(_verdict(float(each), better, worse) for each in gained)


def _verdict(gained: float, better: float, worse: float) -> Verdict:
    if math.isnan(gained):
        return Verdict.UNKNOWN
    if _reaches(gained, better):
        return Verdict.IMPROVED
    return Verdict.DETERIORATED if _reaches(-gained, worse) else Verdict.UNCHANGED


def _reaches(change: float, threshold: float) -> bool:
    """Say whether a change reaches a threshold, where only the rounding of a computer says otherwise, too."""
    return change >= threshold or math.isclose(change, threshold, rel_tol=1e-9)
