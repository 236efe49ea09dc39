"""The log-rank test [mantel1966]: observed less expected events of each arm, within strata if there are any."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from asklepion.stats.survival.times import Array, Followed

_ROUNDING = 1e-10


@dataclass(frozen=True, slots=True)
class LogRank:
    """Chi-square with its df and p; observed and expected events of each arm, in their order; how many strata.

    `df` counts the arms that can be told apart less one: an arm nobody of which was at risk at an event tells nothing.
    Where it is 0 (one arm, or all events at once) there is no test, and `p` is None.
    """

    chi_square: float
    df: int
    p: float | None
    arms: tuple[str, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    strata: int


def log_rank(followed: Followed) -> LogRank:
    """Give the log-rank test of all arms; strata are summed over, as many as hold people."""
    arms = len(followed.arm.levels)
    observed, expected, variance = np.zeros(arms), np.zeros(arms), np.zeros((arms, arms))
    for place in range(len(followed.stratum.levels)):
        seen, hoped, spread = _stratum(followed, followed.stratum.codes == place)
        observed, expected, variance = observed + seen, expected + hoped, variance + spread
    off = (observed - expected)[:-1]
    chi_square = float(off @ np.linalg.pinv(variance[:-1, :-1], rcond=_ROUNDING, hermitian=True) @ off)
    df = int(np.linalg.matrix_rank(variance, tol=_ROUNDING * max(1.0, variance.max()), hermitian=True))
    return LogRank(
        chi_square,
        df,
        float(stats.chi2.sf(chi_square, df)) if df else None,
        followed.arm.levels,
        tuple(observed.tolist()),
        tuple(expected.tolist()),
        len(followed.stratum.levels),
    )


def _stratum(followed: Followed, mine: Array) -> tuple[Array, Array, Array]:
    """Give observed and expected events (arms,) and their hypergeometric variance (arms, arms) of one stratum."""
    times, place = np.unique(followed.times[mine], return_inverse=True)
    arm, events, arms = followed.arm.codes[mine], followed.events[mine], len(followed.arm.levels)
    left, seen = np.zeros((len(times), arms)), np.zeros((len(times), arms))
    np.add.at(left, (place, arm), 1)
    np.add.at(seen, (place[events], arm[events]), 1)
    at_risk = left[::-1].cumsum(axis=0)[::-1]
    people, all_seen = at_risk.sum(axis=1), seen.sum(axis=1)
    share = at_risk / people[:, None]
    factor = np.divide(all_seen * (people - all_seen), people - 1, out=np.zeros_like(people), where=people > 1)
    spread = np.einsum("t,ta,ab->ab", factor, share, np.eye(arms)) - np.einsum("t,ta,tb->ab", factor, share, share)
    return seen.sum(axis=0), (share * all_seen[:, None]).sum(axis=0), spread
