"""Missing values filled in: by their mean given what was seen, or by a draw around it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Codes
from asklepion.stats.missing import strategies
from asklepion.stats.missing.plan import Strategy
from asklepion.stats.missing.refits import Frame, Parameters
from asklepion.stats.missing.trial import Trial

Array = NDArray[np.float64]
_Key = tuple[bytes, int, Strategy, int]


@dataclass(frozen=True, slots=True)
class Alike:
    """Subjects whose gaps are filled by the same regression: they miss the same, after the same event, in one arm."""

    members: Codes
    seen: Codes
    gaps: Codes
    event: int
    strategy: Strategy
    group: int
    reference_group: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """All that is to be filled in, sorted out once a strategy; designs (m, J, q) are of the subjects with gaps."""

    alike: tuple[Alike, ...]
    incomplete: Codes
    own: Array
    reference: Array


def gaps(trial: Trial, frame: Frame, *, strategy: Strategy, by_arm: bool) -> Gaps:
    """Give what is to be filled in. `by_arm` says that the groups of the covariance are the arms.

    Raises BadInput, with the subjects, where the last mean should be carried forward and there is none.
    """
    incomplete = np.flatnonzero(~trial.seen.all(axis=1))
    sorted_out: dict[_Key, list[int]] = {}
    for place, subject in enumerate(incomplete):
        taken = trial.own[subject] or strategy
        key = (trial.seen[subject].tobytes(), int(trial.events[subject]), taken, int(frame.groups[subject]))
        sorted_out.setdefault(key, []).append(place)
    _check_last_mean(trial, strategy)
    there = trial.people.groups.levels.index(trial.arms.levels[trial.reference]) if by_arm else None
    alike = []
    for (seen, event, taken, group), members in sorted_out.items():
        where, rows = np.frombuffer(seen, dtype=bool), np.array(members, dtype=np.intp)
        present, missing = np.flatnonzero(where), np.flatnonzero(~where)
        alike.append(Alike(rows, present, missing, event, taken, group, group if there is None else there))
    return Gaps(
        tuple(alike), incomplete, frame.design(frame.features[incomplete]), frame.design(frame.as_reference[incomplete])
    )


def _check_last_mean(trial: Trial, strategy: Strategy) -> None:
    wanted = np.array([(each or strategy) is Strategy.LAST_MEAN for each in trial.own])
    lost = wanted & (trial.events == 0) & ~trial.seen.all(axis=1)
    if lost.any():
        who = ", ".join(trial.labels[k] for k in np.flatnonzero(lost)[:5])
        raise BadInput(
            f"No visit precedes the event of {who} ({lost.sum()} in all): there is no mean to carry forward.",
            where=Strategy.LAST_MEAN,
            remedy="Give these subjects another strategy in a table of events.",
        )


def fill(trial: Trial, gaps: Gaps, parameters: Parameters, *, noise: Array | None = None) -> Array:
    """Give the values (n, J) with gaps filled: conditional means, and with `noise` (n, J) of unit normals, draws."""
    values = trial.values.copy()
    own, reference = gaps.own @ parameters.beta, gaps.reference @ parameters.beta
    for each in gaps.alike:
        mean = strategies.mean(each.strategy, own[each.members], reference=reference[each.members], event=each.event)
        here = parameters.sigmas[each.group]
        there = here if each.reference_group == each.group else parameters.sigmas[each.reference_group]
        sigma = strategies.covariance(each.strategy, here, reference=there, event=each.event)
        rows, missing, seen = gaps.incomplete[each.members], each.gaps, each.seen
        slope = np.linalg.solve(sigma[np.ix_(seen, seen)], sigma[np.ix_(seen, missing)])
        filled = mean[:, missing] + (values[np.ix_(rows, seen)] - mean[:, seen]) @ slope
        if noise is not None:
            left = sigma[np.ix_(missing, missing)] - slope.T @ sigma[np.ix_(seen, missing)]
            filled = filled + noise[np.ix_(rows, missing)] @ np.linalg.cholesky(left).T
        values[np.ix_(rows, missing)] = filled
    return values
