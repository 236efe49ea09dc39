"""All measures of one recording, with the global signal and without it, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.brain import connectivity, dynamics, graph, information
from asklepion.signals.brain.parcels import Recording, recording, without_global_signal
from asklepion.signals.measure import Measure, Setting, settings

Parameters = tuple[tuple[str, Setting], ...]
GAPS = Unscored("Volumes were censored in between: what follows from neighbours in time has no number.")
NO_RATE = Unscored("How often a volume was taken is not known.")
NO_NETWORKS = Unscored("No parcel has a network: give labels.")
SUFFIXES = ("_with_global_signal", "_without_global_signal")


@dataclass(frozen=True, slots=True)
class Both:
    """The same measures with the global signal and after its regression, in the same order."""

    with_global_signal: tuple[Measure, ...]
    without_global_signal: tuple[Measure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How measures are taken. `sampling_hz` is volumes a second, None where it is not known.

    `seeds` partitions are made, the first from `seed`. `baseline` is one's own recording from before, with the same
    parcels.
    """

    sampling_hz: float | None
    seeds: int = 50
    seed: int = 0
    baseline: Recording | None = None


def report(
    bold: ArrayLike,
    network: Sequence[str],
    *,
    sampling_hz: float | None,
    displacement_mm: ArrayLike | None = None,
    censor_above_mm: float | None = None,
    seeds: int = 50,
    seed: int = 0,
) -> Both:
    """Return the measures of time x parcels, each with and without global-signal regression.

    In real data that choice turns findings round, so both are always given. `displacement_mm` is carried along.
    """
    found = recording(bold, network, displacement_mm=displacement_mm, censor_above_mm=censor_above_mm)
    return both(found, Asked(sampling_hz=sampling_hz, seeds=seeds, seed=seed))


def both(found: Recording, asked: Asked) -> Both:
    """Return the measures of a recording as it is, and after its global signal (and its baseline's) was taken off."""
    before = asked.baseline
    bare = without_global_signal(before) if before else None
    return Both(_measures(found, asked, before), _measures(without_global_signal(found), asked, bare))


def _measures(found: Recording, asked: Asked, before: Recording | None) -> tuple[Measure, ...]:
    return (
        *_static(found),
        *(_distances(found, before) if before else ()),
        *_graph(found, asked),
        *_moving(found, asked),
    )


def _static(found: Recording) -> tuple[Measure, ...]:
    matrix = connectivity.correlation(found.volumes)
    block = connectivity.blocks(found) if found.networks else None
    names = block.networks if block else ()
    return (
        _measure(found, "mean_connectivity_z", connectivity.mean_connectivity(matrix)),
        *(_measure(found, f"within_{name}_z", block.within(name), of=name) for name in names if block),
        *(_measure(found, f"between_{name}_and_others_z", block.between(name), of=name) for name in names if block),
        _measure(found, "segregation_chan", connectivity.segregation(found), source="chan2014"),
        _measure(
            found,
            "ngsc_by_rank",
            information.spatial_complexity(found.volumes),
            source="siegel2024",
            told=settings(divisor="ln(rank)"),
        ),
    )


def _distances(found: Recording, before: Recording) -> tuple[Measure, ...]:
    one, other = (connectivity.connectome(each).z for each in (found, before))
    told = settings(volumes_of_baseline=len(before.volumes))
    if before.displacement_mm is not None:
        told += settings(displacement_mm_of_baseline=before.displacement_mm)
    return (
        _measure(found, "distance_from_baseline_rms_z", connectivity.rms_distance(one, other), told=told),
        _measure(found, "distance_from_baseline_1_minus_r", connectivity.distance(one, other), told=told),
    )


def _graph(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    matrix = connectivity.correlation(found.volumes)
    agreed = graph.consensus(matrix, seeds=asked.seeds, seed=asked.seed)
    spread = f"Q* of single seeds: {min(agreed.of_seeds):.4f} to {max(agreed.of_seeds):.4f}."
    positive, negative = _participation(found, matrix)
    return (
        _measure(found, "participation_positive_mean", positive, source="rubinov2011"),
        _measure(found, "participation_negative_mean", negative, source="rubinov2011"),
        _measure(
            found,
            "modularity_signed_consensus",
            agreed.quality,
            spread,
            source="rubinov2011",
            told=settings(seeds=asked.seeds, seed=asked.seed, gamma=1.0, modules=int(agreed.module.max()) + 1),
        ),
    )


def _participation(found: Recording, matrix: Floats) -> tuple[float | Unscored, float | Unscored]:
    """Return the mean over parcels that have a network of participation in networks, of either sign."""
    at = found.labelled
    if not len(at):
        return NO_NETWORKS, NO_NETWORKS
    parts = graph.signed_participation(matrix[np.ix_(at, at)], np.array(found.network)[at])
    return float(parts.positive.mean()), float(parts.negative.mean())


def _moving(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    low, high = dynamics.BAND_HZ
    told = settings(band=f"{low:g} to {high:g} Hz", sampling_hz=asked.sampling_hz or "not known")
    values: tuple[float | Unscored, float | Unscored]
    if found.gaps or asked.sampling_hz is None:
        values = (GAPS, GAPS) if found.gaps else (NO_RATE, NO_RATE)
    else:
        rhythm = dynamics.synchrony(dynamics.phases(found.volumes, sampling_hz=asked.sampling_hz))
        values = (rhythm.synchrony, rhythm.metastability)
    return (
        _measure(found, "synchrony", values[0], source="shanahan2010", told=told),
        _measure(found, "metastability", values[1], source="shanahan2010", told=told),
    )


def _measure(
    found: Recording,
    name: str,
    value: float | Unscored,
    *quality: str,
    source: str = "",
    of: str = "",
    told: Parameters = (),
) -> Measure:
    moved = settings() if found.displacement_mm is None else settings(displacement_mm=found.displacement_mm)
    return Measure(
        name=f"{name}{SUFFIXES[found.without_global_signal]}",
        value=value,
        unit="1",
        n=len(found.volumes),
        parameters=(*told, *moved, ("censored", found.censored)),
        quality=(*quality, *(("No framewise displacement was given.",) if found.displacement_mm is None else ())),
        source=source,
        of=of,
    )
