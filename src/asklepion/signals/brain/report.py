"""All measures of one recording, with the global signal and without it, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from asklepion.core.values import Unscored
from asklepion.signals.brain import connectivity, dynamics, graph, information
from asklepion.signals.brain.parcels import Recording, recording, without_global_signal
from asklepion.signals.measure import Measure, Setting, settings

GAPS = Unscored("Volumes were censored in between: what follows from neighbours in time has no number.")


@dataclass(frozen=True, slots=True)
class Both:
    """The same measures with the global signal and after its regression, in the same order."""

    with_global_signal: tuple[Measure, ...]
    without_global_signal: tuple[Measure, ...]


def report(
    bold: ArrayLike,
    network: Sequence[str],
    *,
    sampling_hz: float,
    displacement_mm: ArrayLike | None = None,
    censor_above_mm: float | None = None,
    seeds: int = 50,
    seed: int = 0,
) -> Both:
    """Return the measures of time x parcels, each with and without global-signal regression.

    In real data that choice turns findings round, so both are always given. `displacement_mm` is carried along.
    """
    found = recording(bold, network, displacement_mm=displacement_mm, censor_above_mm=censor_above_mm)
    return Both(
        measures(found, sampling_hz=sampling_hz, seeds=seeds, seed=seed),
        measures(without_global_signal(found), sampling_hz=sampling_hz, seeds=seeds, seed=seed),
    )


def measures(found: Recording, *, sampling_hz: float, seeds: int = 50, seed: int = 0) -> tuple[Measure, ...]:
    """Return the measures of one recording as it is."""
    return (*_static(found), *_graph(found, seeds, seed), *_moving(found, sampling_hz))


def _static(found: Recording) -> tuple[Measure, ...]:
    block = connectivity.blocks(found)
    matrix = connectivity.correlation(found.volumes)
    return (
        _measure(found, "mean_connectivity_z", connectivity.mean_connectivity(matrix)),
        *(_measure(found, f"within_{name}_z", block.within(name)) for name in block.networks),
        *(_measure(found, f"between_{name}_and_others_z", block.between(name)) for name in block.networks),
        _measure(found, "segregation_chan", connectivity.segregation(found), source="chan2014"),
        _measure(
            found,
            "ngsc_by_rank",
            information.spatial_complexity(found.volumes),
            source="siegel2024",
            divisor="ln(rank)",
        ),
    )


def _graph(found: Recording, seeds: int, seed: int) -> tuple[Measure, ...]:
    matrix = connectivity.correlation(found.volumes)
    parts = graph.signed_participation(matrix, np.array(found.network))
    agreed = graph.consensus(matrix, seeds=seeds, seed=seed)
    spread = f"Q* of single seeds: {min(agreed.of_seeds):.4f} to {max(agreed.of_seeds):.4f}."
    return (
        _measure(found, "participation_positive_mean", float(parts.positive.mean()), source="rubinov2011"),
        _measure(found, "participation_negative_mean", float(parts.negative.mean()), source="rubinov2011"),
        _measure(
            found,
            "modularity_signed_consensus",
            agreed.quality,
            spread,
            source="rubinov2011",
            seeds=seeds,
            seed=seed,
            gamma=1.0,
            modules=int(agreed.module.max()) + 1,
        ),
    )


def _moving(found: Recording, sampling_hz: float) -> tuple[Measure, ...]:
    low, high = dynamics.BAND_HZ
    told: dict[str, Setting] = {"band": f"{low:g} to {high:g} Hz", "sampling_hz": sampling_hz}
    values: tuple[float | Unscored, float | Unscored] = (GAPS, GAPS)
    if not found.gaps:
        rhythm = dynamics.synchrony(dynamics.phases(found.volumes, sampling_hz=sampling_hz))
        values = (rhythm.synchrony, rhythm.metastability)
    return (
        _measure(found, "synchrony", values[0], source="shanahan2010", **told),
        _measure(found, "metastability", values[1], source="shanahan2010", **told),
    )


def _measure(
    found: Recording, name: str, value: float | Unscored, *quality: str, source: str = "", **told: Setting
) -> Measure:
    suffix = "without_global_signal" if found.without_global_signal else "with_global_signal"
    moved = settings() if found.displacement_mm is None else settings(displacement_mm=found.displacement_mm)
    censored = int(np.count_nonzero(~found.kept))
    return Measure(
        name=f"{name}_{suffix}",
        value=value,
        unit="1",
        n=len(found.volumes),
        parameters=(*settings(**told), *moved, ("censored", censored)),
        quality=(*quality, *(("No framewise displacement was given.",) if found.displacement_mm is None else ())),
        source=source,
    )
