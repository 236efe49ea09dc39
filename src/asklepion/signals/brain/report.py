"""All measures of one recording, with the global signal and without it, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.brain import connectivity, gradients, graph, information, moving
from asklepion.signals.brain.asked import Asked
from asklepion.signals.brain.noted import measure
from asklepion.signals.brain.parcels import Recording, recording, without_global_signal
from asklepion.signals.measure import Measure, settings


@dataclass(frozen=True, slots=True)
class Both:
    """The same measures with the global signal and after its regression, in the same order."""

    with_global_signal: tuple[Measure, ...]
    without_global_signal: tuple[Measure, ...]


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
        *(_from_group(found, asked.reference, asked.reference_n) if asked.reference else ()),
        *_graph(found, asked),
        *_gradients(found, asked, before),
        *moving.moving(found, asked),
    )


def _static(found: Recording) -> tuple[Measure, ...]:
    matrix = connectivity.correlation(found.volumes)
    block = connectivity.blocks(found) if found.networks else None
    names = block.networks if block else ()
    return (
        measure(found, "mean_connectivity_z", connectivity.mean_connectivity(matrix)),
        *(measure(found, f"within_{name}_z", block.within(name), of=name) for name in names if block),
        *(measure(found, f"between_{name}_and_others_z", block.between(name), of=name) for name in names if block),
        *((measure(found, "segregation_chan", connectivity.segregation(found), source="chan2014"),) if block else ()),
        measure(
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
        measure(found, "distance_from_baseline_rms_z", connectivity.rms_distance(one, other), told=told),
        measure(found, "distance_from_baseline_1_minus_r", connectivity.distance(one, other), told=told),
    )


def _from_group(found: Recording, reference: tuple[Floats, Floats], n: int) -> tuple[Measure, ...]:
    own, middle = connectivity.connectome(found).z, reference[found.without_global_signal]
    told = settings(group_of=n)
    return (
        measure(found, "distance_from_group_rms_z", connectivity.rms_distance(own, middle), told=told),
        measure(found, "distance_from_group_1_minus_r", connectivity.distance(own, middle), told=told),
    )


def _graph(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    matrix = connectivity.correlation(found.volumes)
    agreed = graph.consensus(matrix, seeds=asked.seeds, seed=asked.seed)
    spread = f"Q* of single seeds: {min(agreed.of_seeds):.4f} to {max(agreed.of_seeds):.4f}."
    return (
        *_participation(found, matrix),
        measure(
            found,
            "modularity_signed_consensus",
            agreed.quality,
            spread,
            source="rubinov2011",
            told=settings(seeds=asked.seeds, seed=asked.seed, gamma=1.0, modules=int(agreed.module.max()) + 1),
        ),
    )


def _participation(found: Recording, matrix: Floats) -> tuple[Measure, ...]:
    """Return the mean, over parcels that have a network, of participation in networks, by sign."""
    at = found.labelled
    if not len(at):
        return ()
    parts = graph.signed_participation(matrix[np.ix_(at, at)], np.array(found.network)[at])
    one = Unscored("There is one network.") if len(found.networks) < 2 else None
    return (
        measure(found, "participation_positive_mean", one or float(parts.positive.mean()), source="rubinov2011"),
        measure(found, "participation_negative_mean", one or float(parts.negative.mean()), source="rubinov2011"),
    )


def _gradients(found: Recording, asked: Asked, before: Recording | None) -> tuple[Measure, ...]:
    """Return the span of the first gradients, laid on those of the baseline, else of the group's mean, if there are."""
    target, whose = None, "nothing"
    if before:
        target, whose = connectivity.connectome(before).z, "baseline"
    elif asked.reference:
        target, whose = asked.reference[found.without_global_signal], "group"
    told = settings(
        sparsity=gradients.SPARSITY, alpha=gradients.ALPHA, components=gradients.COMPONENTS, aligned_to=whose
    )
    try:
        own = gradients.gradients(connectivity.connectome(found).z)
        if target is not None:
            own = gradients.aligned(own, gradients.gradients(target).values)
        values: tuple[float | Unscored, ...] = (float(own.ranges[0]), float(own.ranges[1]), own.dispersion())
    except BadInput as error:
        values = (Unscored(error.what),) * 3
    names = ("gradient_range", "gradient_range", "gradient_dispersion_3")
    parts = ("gradient 1", "gradient 2", "")
    return tuple(
        measure(found, name, value, of=of, source="vosdewael2020", told=told)
        for name, value, of in zip(names, values, parts, strict=True)
    )
