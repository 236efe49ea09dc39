"""Complexity of each channel and epoch, and Schartner's joint complexity of all channels of a part, as measures."""

import numpy as np

from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.complexity.lempel_ziv import lzc_schartner
from asklepion.signals.eeg.channelwise import channelwise
from asklepion.signals.eeg.summary import Kind, mean_of, summarised
from asklepion.signals.eeg.work import Work
from asklepion.signals.measure import Measure, settings

JOINT = "lzc_schartner"
_OF_ONE = ("radius", "pairs_m", "pairs_m1", "channels", "seed")
"""Parameters that belong to one channel of one epoch and not to the mean."""


def single(name: str, work: Work) -> tuple[Measure, ...]:
    """Return a measure of single channels: means over epochs and channels of each part."""
    shape = work.epochs.data.shape[:2]
    grids: dict[str, Floats] = {}
    first: dict[str, Measure] = {}
    whys: dict[str, str] = {}
    for each in channelwise(name, work.epochs.data, plan=work.plan):
        measure = each.measure
        grid = grids.setdefault(measure.name, np.full(shape, np.nan))
        first.setdefault(measure.name, measure)
        if isinstance(measure.value, Unscored):
            whys.setdefault(measure.name, measure.value.reason)
        else:
            grid[each.epoch, each.channel] = measure.value
    return tuple(
        told
        for known, grid in grids.items()
        for told in summarised(_kind(first[known], work), grid, layout=work.layout, why=whys.get(known, ""))
    )


def _kind(one: Measure, work: Work) -> Kind:
    shared = tuple(each for each in one.parameters if each[0] not in _OF_ONE)
    seed = settings(seed=work.plan.seed) if "seed" in dict(one.parameters) else ()
    length = tuple(each for each in one.quality if "length" in each)
    return Kind(one.name, one.unit, work.parameters((*shared, *seed)), one.source, length)


def joint(name: str, work: Work) -> tuple[Measure, ...]:
    """Return Schartner's LZc over all channels of the whole and of each region of two or more, a mean over epochs.

    A shuffle each epoch, with the plan's seed plus the place of the epoch. A single channel has LZs, not LZc.
    """
    kind = Kind(
        name, "1", work.parameters(settings(threshold="envelope", shuffles=1, seed=work.plan.seed)), "schartner2015"
    )
    whole = list(range(len(work.epochs.names)))
    found: list[Measure] = []
    for of, places in work.layout.groups():
        if not of or of.startswith("region "):
            values, why = _over_epochs(places, work)
            found.append(mean_of(kind, values, of=of, why=why, channels=len(places)))
    if "epochs" in work.layout.detail:
        values, why = _over_epochs(whole, work)
        for row, number in zip(values, work.epochs.numbers, strict=True):
            found.append(mean_of(kind, row[None], of=f"epoch {number}", why=why, channels=len(whole)))
    return tuple(found)


def _over_epochs(places: list[int], work: Work) -> tuple[Floats, str]:
    """Return the complexity of some channels, epochs x 1, and why an epoch has none."""
    if len(places) < 2:
        return np.full((len(work.epochs.numbers), 1), np.nan), "It is of several channels, and there is one."
    data, seed = work.epochs.data[:, places], work.plan.seed
    every = [lzc_schartner(part, seed=seed + at).value for at, part in enumerate(data)]
    values = np.array([[np.nan if isinstance(each, Unscored) else each] for each in every])
    whys = [each.reason for each in every if isinstance(each, Unscored)]
    return values, whys[0] if whys else ""
