"""A measure of a recording as it is told: named by what became of the global signal, with motion beside it."""

from asklepion.core.values import Unscored
from asklepion.signals.brain.parcels import Recording
from asklepion.signals.measure import Measure, Setting, settings

Parameters = tuple[tuple[str, Setting], ...]
SUFFIXES = ("_with_global_signal", "_without_global_signal")


def measure(
    found: Recording,
    name: str,
    value: float | Unscored,
    *quality: str,
    source: str = "",
    of: str = "",
    unit: str = "1",
    told: Parameters = (),
) -> Measure:
    """Return a measure with the framewise displacement and the censored volumes of its recording."""
    moved = settings() if found.displacement_mm is None else settings(displacement_mm=found.displacement_mm)
    return Measure(
        name=f"{name}{SUFFIXES[found.without_global_signal]}",
        value=value,
        unit=unit,
        n=len(found.volumes),
        parameters=(*told, *moved, ("censored", found.censored)),
        quality=(*quality, *(("No framewise displacement was given.",) if found.displacement_mm is None else ())),
        source=source,
        of=of,
    )
