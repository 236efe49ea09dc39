"""The weighted phase-lag index as measures: of the whole, within and between regions, of a channel, of a pair."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.eeg.lag import Lag
from asklepion.signals.eeg.summary import Kind, Layout, without
from asklepion.signals.eeg.work import Work
from asklepion.signals.measure import Measure, settings

NAMES = ("wpli", "wpli2_debiased")


def lag(name: str, work: Work) -> tuple[Measure, ...]:
    """Return the index of one name for each band of the plan: means over pairs of channels."""
    told = settings(spectrum="discrete transform of the epoch", window="Hann", summary="mean over pairs")
    found: list[Measure] = []
    for band in work.plan.bands:
        quality = work.filtered_away(band.low_hz, band.high_hz)
        parameters = work.parameters((*told, ("band", band.words)))
        kind = Kind(f"{name}_fourier_{band.name}", "1", parameters, "vinck2011", quality)
        index = work.lag(band)
        if isinstance(index, Unscored):
            found.extend(without(kind, index, layout=work.layout))
            continue
        table = index.wpli if name == "wpli" else index.debiased
        found.extend(_between(kind, table, part, index) for part in _parts(work.layout))
    return tuple(found)


Part = tuple[str, list[int], list[int]]


def _parts(layout: Layout) -> Iterator[Part]:
    """Yield what pairs are told of: (`of`, channels on one side, channels on the other)."""
    places = {channel: at for at, channel in enumerate(layout.channels)}
    every = list(places.values())
    if "whole" in layout.detail:
        yield "", every, every
    if "regions" in layout.detail:
        regions = [(region, [places[each] for each in names]) for region, names in layout.regions.items()]
        for at, (one, mine) in enumerate(regions):
            for other, theirs in regions[at:]:
                yield f"region {one} - region {other}", mine, theirs
    if "channels" in layout.detail:
        for channel, at in places.items():
            yield channel, [at], every
    if "pairs" in layout.detail:
        for (one, here), (other, there) in combinations(places.items(), 2):
            yield f"{one} - {other}", [here], [there]


def _between(kind: Kind, table: Floats, part: Part, index: Lag) -> Measure:
    of, mine, theirs = part
    block = table[np.ix_(mine, theirs)]
    known = block[np.isfinite(block)]
    few = (f"Biased upwards: it rests on {index.epochs} epochs.",) if kind.name.startswith("wpli_") else ()
    pairs = len(known) // 2 if mine == theirs else len(known)
    return Measure(
        name=kind.name,
        value=float(known.mean()) if len(known) else Unscored("It holds no pair of channels of which one lags."),
        unit=kind.unit,
        n=index.epochs,
        parameters=(*kind.parameters, ("frequencies", index.bins), ("pairs", pairs)),
        quality=(*kind.quality, *few),
        source=kind.source,
        of=of,
    )
