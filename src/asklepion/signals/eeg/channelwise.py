"""Measures of one channel of one epoch at a time: a definition's name -> the function of signals/complexity."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats
from asklepion.signals.complexity import entropy, lempel_ziv
from asklepion.signals.eeg.plan import EegPlan
from asklepion.signals.measure import Measure

_THRESHOLDS = ("median", "mean", "envelope")
_PERMUTATION = re.compile(r"^permutation_entropy_o([2-8])_d([1-9]\d?)$")
NAMES = (
    *(f"{kind}_{threshold}" for kind in ("lz76_log", "lz76_shuffled", "lz76_phase") for threshold in _THRESHOLDS),
    "lzs_schartner",
    "sample_entropy_m2",
    "multiscale_entropy_costa",
    "permutation_entropy_o3_d1",
)
"""Those that are listed; `permutation_entropy_oK_dL` takes any order 2 to 8 and delay 1 to 99."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The measure of one channel of one epoch, and the numbers of both."""

    epoch: int
    channel: int
    measure: Measure


def is_channelwise(name: str) -> bool:
    return name in NAMES or bool(_PERMUTATION.match(name))


def channelwise(name: str, data: Floats, *, plan: EegPlan) -> tuple[Drawn, ...]:
    """Return a measure of each channel of each epoch; multiscale entropy gives one a scale.

    Random draws have a seed for each epoch and channel, from the plan's: `seed` + epoch x channels + channel.
    """
    work = _work(name, plan)
    channels = data.shape[1]
    found = []
    for epoch, part in enumerate(data):
        for channel, values in enumerate(part):
            for each in work(values, plan.seed + epoch * channels + channel):
                found.append(Drawn(epoch, channel, each))
    return tuple(found)


def _work(name: str, plan: EegPlan) -> Callable[[Floats, int], tuple[Measure, ...]]:
    if match := _PERMUTATION.match(name):
        order, delay = int(match[1]), int(match[2])
        return lambda values, _: (entropy.permutation_entropy(values, order=order, delay=delay),)
    kind, _, threshold = name.rpartition("_")
    match kind:
        case "lz76_log":
            return lambda values, _: (lempel_ziv.lz76_log(values, threshold=threshold),)
        case "lz76_shuffled":
            return lambda values, seed: (
                lempel_ziv.lz76_shuffled(values, shuffles=plan.draws, seed=seed, threshold=threshold),
            )
        case "lz76_phase":
            return lambda values, seed: (
                lempel_ziv.lz76_phase(values, surrogates=plan.draws, seed=seed, threshold=threshold),
            )
    match name:
        case "lzs_schartner":
            return lambda values, seed: (lempel_ziv.lzs_schartner(values[None], seed=seed),)
        case "sample_entropy_m2":
            return lambda values, _: (entropy.sample_entropy(values),)
        case "multiscale_entropy_costa":
            return lambda values, _: entropy.multiscale_entropy(values, scales=plan.scales)
    raise BadInput(f"There is no measure {name}.", where="measures", remedy=f"Known: {', '.join(NAMES)}.")
