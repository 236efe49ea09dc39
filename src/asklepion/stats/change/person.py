"""Whether one person changed by more than measuring twice does: the reference change value, from a stated variation."""

import math
from dataclasses import dataclass

from scipy import stats

from asklepion.core.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """A change, the points it must pass, the verdict (higher, lower, not reliable), and where the points are from."""

    change: float
    points: float
    verdict: str
    level: float
    basis: str


def person_change(
    before: float,
    after: float,
    *,
    basis: str,
    sd_within: float | None = None,
    cv_percent: float | None = None,
    level: float = 0.95,
) -> PersonChange:
    """Tell whether a person's change passes z * sqrt(2) * the variation of one person measured again [fraser2001].

    Give `sd_within` in the unit of the measure, or `cv_percent`: within-person and analytical variation together, in
    per cent of the value before. `basis` says whose figure that is; without one there is no verdict to be had. Exactly
    on the limit is not past it.
    """
    if not basis.strip():
        raise BadInput("It is not said where the variation is from.", where="basis", remedy="Name its source.")
    if (sd_within is None) == (cv_percent is None):
        raise BadInput("Give one of both.", where="sd_within, cv_percent", remedy="A standard deviation, or a CV.")
    if not all(math.isfinite(each) for each in (before, after)):
        raise BadInput("A value is missing.", where="before, after", remedy="A change needs both; none is filled in.")
    spread = sd_within if sd_within is not None else abs(before) * (cv_percent or 0.0) / 100
    if not spread > 0:
        what = "The variation is not above zero."
        raise BadInput(what, where="sd_within, cv_percent", remedy="Nothing is measured without variation.")
    points = float(stats.norm.ppf((1 + level) / 2)) * math.sqrt(2) * spread
    change = after - before
    verdict = "not reliable" if abs(change) <= points else "higher" if change > 0 else "lower"
    return PersonChange(change=change, points=points, verdict=verdict, level=level, basis=basis)
