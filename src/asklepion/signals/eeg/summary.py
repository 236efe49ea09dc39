"""From numbers of each epoch and channel to measures of a channel, a region, an epoch and the whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.measure import Measure, Setting, settings

Settings = tuple[tuple[str, Setting], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What is the same for every part: the name of the measure, unit, parameters, quality and source."""

    name: str
    unit: str
    parameters: Settings
    source: str
    quality: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Of what parts measures are told: names of channels and regions, numbers of epochs, and the plan's `detail`."""

    channels: tuple[str, ...]
    numbers: tuple[int, ...]
    regions: Mapping[str, tuple[str, ...]]
    detail: tuple[str, ...]

    def groups(self) -> Iterator[tuple[str, list[int]]]:
        """Yield the whole, each region and each channel as far as asked for: (`of`, places of its channels)."""
        places = {name: place for place, name in enumerate(self.channels)}
        if "whole" in self.detail:
            yield "", list(places.values())
        if "regions" in self.detail:
            for region, names in self.regions.items():
                yield f"region {region}", [places[name] for name in names]
        if "channels" in self.detail:
            for name, place in places.items():
                yield name, [place]


def summarised(kind: Kind, values: Floats, *, layout: Layout, why: str = "") -> tuple[Measure, ...]:
    """Return means over epochs (and over the channels of a part), with n epochs and their standard deviation.

    `values` is epochs x channels, NaN where there is no number, for the reason `why`. How many have none is said.
    """
    found = [mean_of(kind, values[:, places], of=of, why=why) for of, places in layout.groups()]
    for row, number in zip(values, layout.numbers, strict=True):
        if "epochs" in layout.detail:
            found.append(mean_of(kind, row[None], of=f"epoch {number}", why=why))
        if "channel epochs" in layout.detail:
            for name, value in zip(layout.channels, row, strict=True):
                found.append(mean_of(kind, value.reshape(1, 1), of=f"{name}, epoch {number}", why=why))
    return tuple(found)


def without(kind: Kind, why: Unscored, *, layout: Layout) -> tuple[Measure, ...]:
    """Return the measure of each part without a number, and why."""
    return tuple(
        Measure(name=kind.name, value=why, unit=kind.unit, n=0, parameters=kind.parameters, source=kind.source, of=of)
        for of, _ in layout.groups()
    )


def mean_of(kind: Kind, values: Floats, *, of: str, why: str, channels: int | None = None) -> Measure:
    """Return the mean of epochs x channels as a measure; `channels` is how many a column of joint values rests on."""
    known = np.isfinite(values)
    rows = known.any(axis=1)
    counts = known[rows].sum(axis=1)
    means = np.where(known, values, 0.0)[rows].sum(axis=1) / counts
    epochs = len(means)
    over = "mean over epochs and channels" if channels is None else "mean over epochs of all channels together"
    told = settings(channels=channels or values.shape[1], summary=over if epochs > 1 else "one epoch")
    if epochs > 1:
        told += settings(sd_over_epochs=float(means.std(ddof=1)))
    missing = int(values.size - known.sum())
    lost = (f"{missing} of {values.size} values have no number, and are left out. {why}",) if missing else ()
    value: float | Unscored = float(means.mean()) if epochs else Unscored(why or "There is no number.")
    return Measure(
        name=kind.name,
        value=value,
        unit=kind.unit,
        n=epochs,
        parameters=(*kind.parameters, *told),
        quality=(*kind.quality, *lost),
        source=kind.source,
        of=of,
    )
