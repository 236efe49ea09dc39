"""Generalised least squares over a network of trials, with the variance between trials of one comparison."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.meta.components import Fit, at, likeliest
from asklepion.stats.network.trial import Trial

Array = NDArray[np.float64]


class Estimator(StrEnum):
    """How tau squared, the same for all comparisons, is estimated; `common` takes none."""

    REML = "reml"
    DERSIMONIAN_LAIRD = "dl"
    COMMON = "common"


@dataclass(frozen=True, slots=True)
class Stack:
    """All trials under each other: effects (n,), design (n, treatments - 1), covariance (n, n), shape of tau2 (n, n).

    The shape has 1 for an effect and 1/2 for two effects of one trial, which share its first arm.
    """

    y: Array
    x: Array
    v: Array
    shape: Array
    trial: NDArray[np.intp]


def stack(trials: Sequence[Trial], treatments: Sequence[str], reference: str) -> Stack:
    """Give the trials under each other, effects in terms of treatments against the reference."""
    columns = {name: place for place, name in enumerate(t for t in treatments if t != reference)}
    n = sum(len(each.effects) for each in trials)
    x, v, shape = np.zeros((n, len(columns))), np.zeros((n, n)), np.zeros((n, n))
    trial = np.empty(n, dtype=np.intp)
    row = 0
    for place, each in enumerate(trials):
        end = row + len(each.effects)
        v[row:end, row:end] = each.covariance
        shape[row:end, row:end] = 0.5 + 0.5 * np.eye(end - row)
        trial[row:end] = place
        for k, name in enumerate(each.treatments[1:], start=row):
            if name in columns:
                x[k, columns[name]] = 1
            if each.treatments[0] in columns:
                x[k, columns[each.treatments[0]]] = -1
        row = end
    return Stack(np.array([effect for each in trials for effect in each.effects]), x, v, shape, trial)


def fit(stacked: Stack, estimator: Estimator) -> tuple[Fit, Fit]:
    """Give the fit without variance between trials, and the one with it. Where nothing is free, both are the same."""
    common = at([0.0], stacked.y, stacked.x, stacked.v, [stacked.shape])
    free = len(stacked.y) - stacked.x.shape[1]
    if estimator is Estimator.COMMON or free == 0:
        return common, common
    start = moments(stacked, common)
    if estimator is Estimator.DERSIMONIAN_LAIRD:
        return common, at([start], stacked.y, stacked.x, stacked.v, [stacked.shape])
    return common, likeliest(stacked.y, stacked.x, stacked.v, [stacked.shape], start=[start])


def moments(stacked: Stack, common: Fit) -> float:
    """Give tau squared from Q's expectation, df + tau2 tr(P S), as R's netmeta does by default; zero at least."""
    free = len(stacked.y) - stacked.x.shape[1]
    seen = common.inverse @ stacked.x
    projection = common.inverse - seen @ common.spread @ seen.T
    return max(0.0, float((common.q - free) / np.sum(projection * stacked.shape)))


def components(trials: Iterable[Trial]) -> list[list[str]]:
    """Give the treatments that trials connect, each component sorted, the largest first."""
    groups: list[set[str]] = []
    for each in trials:
        joined = set(each.treatments)
        apart = []
        for group in groups:
            if group & joined:
                joined |= group
            else:
                apart.append(group)
        groups = [*apart, joined]
    return sorted((sorted(group) for group in groups), key=lambda group: (-len(group), group))


def connected(trials: Sequence[Trial]) -> None:
    """Raise BadInput, naming the components, where the network falls apart."""
    parts = components(trials)
    if len(parts) > 1:
        named = "; ".join(", ".join(part) for part in parts)
        raise BadInput(
            f"The network falls into {len(parts)} parts without a trial between them: {named}.",
            where="trials",
            remedy="Analyse each part by itself, or add a trial that connects them.",
        )
