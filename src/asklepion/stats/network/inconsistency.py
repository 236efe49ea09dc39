"""Whether direct and indirect evidence agree: Q by designs, design by treatment, split comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.meta.components import at
from asklepion.stats.meta.inference import INFINITE, Coefficient, chi2_tail, coefficient
from asklepion.stats.network.fitting import Stack, moments, stack
from asklepion.stats.network.model import Network
from asklepion.stats.network.trial import Trial

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """A share of Q with its degrees of freedom and p."""

    q: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Q within designs and between them [krahn2013], without variance between trials, and each design's own.

    `between_random` is between designs once trials of one design may differ, by `tau2_within`: the test of the
    interaction of design and treatment to rely on where trials differ.
    """

    within: Part
    between: Part
    designs: tuple[tuple[tuple[str, ...], int, Part], ...]
    between_random: Part
    tau2_within: float


@dataclass(frozen=True, slots=True)
class Split:
    """A comparison by what trials saw of it and by what follows from the rest; `direct_share` is of the weight.

    None where there is no evidence of that kind.
    """

    treatment: str
    control: str
    trials: int
    direct_share: float
    direct: Coefficient | None
    indirect: Coefficient | None
    difference: Coefficient | None
    network: Coefficient


def decompose(net: Network) -> Decomposition:
    """Give Q of the network in its parts; a design is the set of treatments that a trial compares."""
    designs: dict[tuple[str, ...], list[Trial]] = {}
    for each in net.trials:
        designs.setdefault(tuple(sorted(each.treatments)), []).append(each)
    parts = [(names, len(trials), _within(trials, names)) for names, trials in designs.items()]
    within = Part(*_summed([part for *_, part in parts]))
    apart = net.q - within.q
    df = net.df - within.df
    detached = _detached(net, list(designs))
    plain = at([0.0], detached.y, detached.x, detached.v, [detached.shape])
    tau2 = moments(detached, plain) if within.df else 0.0
    whole = stack(net.trials, net.treatments, net.reference)
    network_q = at([tau2], whole.y, whole.x, whole.v, [whole.shape]).q
    random = network_q - at([tau2], detached.y, detached.x, detached.v, [detached.shape]).q
    return Decomposition(
        within,
        Part(apart, df, chi2_tail(apart, df)),
        tuple(parts),
        Part(random, df, chi2_tail(random, df)),
        tau2,
    )


def split(net: Network) -> tuple[Split, ...]:
    """Give every comparison that a trial makes, direct against indirect, by back-calculation.

    Direct is the weighted mean of trials that compare the two, trials with more arms included, with the network's tau
    squared; its share is the ratio of variances; indirect is what has to be added to it for the network's estimate.
    """
    told = []
    for treatment, control in combinations(net.treatments, 2):
        rows = [row for each in net.trials if (row := _pair(each, treatment, control)) is not None]
        if rows:
            told.append(_split(net, treatment, control, np.array(rows)))
    return tuple(told)


def _split(net: Network, treatment: str, control: str, rows: Array) -> Split:
    whole = net.between(treatment, control)
    w = 1 / (rows[:, 1] + net.tau2)
    variance = float(1 / w.sum())
    direct = coefficient("direct", float(w @ rows[:, 0]) * variance, variance**0.5, df=INFINITE, level=net.level)
    share = min(1.0, whole.se**2 / variance)
    if share > 1 - 1e-9:
        return Split(treatment, control, len(rows), 1.0, direct, None, None, whole)
    estimate = (whole.estimate - share * direct.estimate) / (1 - share)
    rest = whole.se**2 / (1 - share)
    indirect = coefficient("indirect", estimate, rest**0.5, df=INFINITE, level=net.level)
    apart = direct.estimate - estimate
    difference = coefficient("difference", apart, (variance + rest) ** 0.5, df=INFINITE, level=net.level)
    return Split(treatment, control, len(rows), share, direct, indirect, difference, whole)


def _pair(trial: Trial, treatment: str, control: str) -> tuple[float, float] | None:
    """Give effect and variance of one comparison of a trial, None where it does not make it."""
    if treatment not in trial.treatments or control not in trial.treatments:
        return None
    effects = np.array([0.0, *trial.effects])
    spread = np.zeros((len(effects), len(effects)))
    spread[1:, 1:] = trial.covariance
    a, b = trial.treatments.index(treatment), trial.treatments.index(control)
    return float(effects[a] - effects[b]), float(spread[a, a] + spread[b, b] - 2 * spread[a, b])


def _within(trials: Sequence[Trial], names: tuple[str, ...]) -> Part:
    stacked = stack(trials, names, names[0])
    df = len(stacked.y) - stacked.x.shape[1]
    q = at([0.0], stacked.y, stacked.x, stacked.v, [stacked.shape]).q if df else 0.0
    return Part(q, df, chi2_tail(q, df))


def _summed(parts: Sequence[Part]) -> tuple[float, int, float]:
    q, df = sum(each.q for each in parts), sum(each.df for each in parts)
    return q, df, chi2_tail(q, df)


def _detached(net: Network, designs: list[tuple[str, ...]]) -> Stack:
    """Give the network in which each design has effects of its own: the saturated model of the interaction."""
    whole = stack(net.trials, net.treatments, net.reference)
    first = {names: sum(len(each) - 1 for each in designs[:k]) for k, names in enumerate(designs)}
    x = np.zeros((len(whole.y), sum(len(each) - 1 for each in designs)))
    row = 0
    for each in net.trials:
        names = tuple(sorted(each.treatments))
        part = stack([each], names, names[0]).x
        x[row : row + len(part), first[names] : first[names] + part.shape[1]] = part
        row += len(part)
    return Stack(whole.y, x, whole.v, whole.shape, whole.trial)
