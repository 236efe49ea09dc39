"""Cortisol over several samples: areas under the curve and the awakening response, by the times that were kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.lab.concentration import Concentration, Limit, Matrix, cortisol_nmol_l, same_fluid
from asklepion.signals.measure import Measure, settings

AWAKENING_END_MIN = 60.0
"""The awakening response is looked for in the first hour [stalder2016]."""


@dataclass(frozen=True, slots=True)
class Sample:
    """When a sample was taken, in minutes (from waking, or from the first), and what it held; None if it is missing."""

    at_min: float
    found: Concentration | None


Values = Sequence[tuple[float, float]]


def areas(samples: Sequence[Sample]) -> tuple[Measure, ...]:
    """Return AUCg, AUCi and the mean increase of two samples or more [pruessner2003], in nmol/L and minutes.

    AUCg is the area by trapezia over the actual times; AUCi is AUCg less the area below the first sample, and is
    negative where cortisol falls: it is reported so. A missing sample leaves no number; one below the limit of
    detection leaves the bounds that it allows. Raises BadInput for times that do not rise and for more than one fluid
    or unit.
    """
    taken = _checked(samples)
    told = settings(matrix=str(_matrix(taken)), minutes=_times(taken))
    rows: tuple[tuple[str, str, Callable[[Values], float]], ...] = (
        ("cortisol_auc_g", "nmol.min/L", _ground),
        ("cortisol_auc_i", "nmol.min/L", _increase),
        ("cortisol_mean_increase", "nmol/L", _mean_increase),
    )
    return tuple(
        Measure(
            name=f"{name}_{_matrix(taken)}",
            value=_value(taken, rule),
            unit=unit,
            n=len(taken),
            parameters=told,
            source="pruessner2003",
        )
        for name, unit, rule in rows
    )


def awakening(samples: Sequence[Sample]) -> tuple[Measure, ...]:
    """Return the awakening response: highest less first sample of the first hour after waking, and in per cent of it.

    It is defined in saliva [stalder2016]; other fluids leave no number. Minutes count from waking: `quality` says how
    late the first sample was, and when the highest was taken. Raises BadInput as `areas` does.
    """
    whole = _checked(samples)
    matrix = _matrix(whole)
    taken = [each for each in whole if each.at_min <= AWAKENING_END_MIN]
    why = ""
    if matrix != Matrix.SALIVA:
        why = f"The awakening response is defined in saliva; this is {matrix}."
    elif len(taken) < 2:
        why = "Fewer than two samples were taken in the first hour."
    elif (first := taken[0].found) and (first.limit or first.value == 0):
        why = "The first sample has no value above zero to rise from."
    quality = () if why else _when(taken)
    return tuple(
        Measure(
            name=f"{name}_{matrix}",
            value=Unscored(why) if why else _value(taken, rule),
            unit=unit,
            n=len(taken),
            parameters=settings(matrix=str(matrix), minutes=_times(taken), until_min=AWAKENING_END_MIN),
            quality=quality,
            source="stalder2016",
        )
        for name, unit, rule in (
            ("cortisol_awakening_rise", "nmol/L", _rise),
            ("cortisol_awakening_rise_percent", "%", _rise_percent),
        )
    )


def _checked(samples: Sequence[Sample]) -> list[Sample]:
    """Return samples in nmol/L. Raises BadInput for fewer than two, times that do not rise, fluids that differ."""
    if len(samples) < 2:
        raise BadInput("Fewer than two samples are given.", where="cortisol", remedy="Give two or more.")
    for one, other in pairwise(samples):
        if not other.at_min > one.at_min:
            what = f"{other.at_min:g} min does not come after {one.at_min:g} min."
            raise BadInput(what, where="cortisol", remedy="Give the times as they were, in order.")
    known = [each.found for each in samples if each.found is not None]
    if not known:
        raise BadInput("All samples are missing.", where="cortisol", remedy="Give two or more.")
    for each in known:
        same_fluid(known[0], each)
    return [replace(each, found=None if each.found is None else cortisol_nmol_l(each.found)) for each in samples]


def _value(taken: Sequence[Sample], rule: Callable[[Values], float]) -> float | Unscored:
    missing = [f"{each.at_min:g}" for each in taken if each.found is None]
    if missing:
        return Unscored(f"The sample at {', '.join(missing)} min is missing.", tuple(missing))
    found = [(each.at_min, each.found) for each in taken if each.found is not None]
    beyond = [(at, each) for at, each in found if each.limit]
    if not beyond:
        return rule([(at, each.value) for at, each in found])
    names = ", ".join(f"{at:g} min ({each.limit}{each.value:.4g})" for at, each in beyond)
    if any(each.limit == Limit.ABOVE for _, each in beyond):
        return Unscored(f"Beyond what the assay can tell: {names}. There is no upper bound.")
    # Each rule rises or falls with each sample, so that its bounds lie where samples are at theirs.
    corners = product(*((0.0, each.value) if each.limit else (each.value,) for _, each in found))
    ends = [rule([(at, value) for (at, _), value in zip(found, corner, strict=True)]) for corner in corners]
    return Unscored(f"Below the limit of detection: {names}. It lies between {min(ends):.4g} and {max(ends):.4g}.")


def _ground(values: Values) -> float:
    return sum((a + b) / 2 * (end - begin) for (begin, a), (end, b) in pairwise(values))


def _increase(values: Values) -> float:
    return _ground(values) - values[0][1] * (values[-1][0] - values[0][0])


def _mean_increase(values: Values) -> float:
    return sum(value for _, value in values[1:]) / (len(values) - 1) - values[0][1]


def _rise(values: Values) -> float:
    return max(value for _, value in values[1:]) - values[0][1]


def _rise_percent(values: Values) -> float:
    return 100 * _rise(values) / values[0][1]


def _when(taken: Sequence[Sample]) -> tuple[str, ...]:
    late = (f"The first sample was taken {taken[0].at_min:g} min after waking.",) if taken[0].at_min > 0 else ()
    known = [each for each in taken[1:] if each.found is not None]
    if not known:
        return late
    highest = max(known, key=lambda each: each.found.value if each.found else 0.0)
    return (*late, f"The highest was taken at {highest.at_min:g} min.")


def _matrix(taken: Sequence[Sample]) -> Matrix:
    return next((each.found.matrix for each in taken if each.found is not None), Matrix.SALIVA)


def _times(taken: Sequence[Sample]) -> str:
    return ", ".join(f"{each.at_min:g}" for each in taken)
