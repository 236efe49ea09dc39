"""What a room of signals gives back: a number with its definition, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from asklepion.core.values import Unscored

Setting = str | int | float | bool
"""What a parameter can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure. `name` says which definition was used; `unit` is UCUM; `n` is how many samples it rests on.

    `of` is the part that it was taken of (a channel, a region, an epoch, a network); empty for the whole.

    `parameters` are all that somebody else needs to get the same number; `quality` says in words what to be wary of;
    `source` is a key of docs/references.bib.
    """

    name: str
    value: float | Unscored
    unit: str
    n: int
    parameters: tuple[tuple[str, Setting], ...] = ()
    quality: tuple[str, ...] = ()
    source: str = ""
    of: str = ""


def settings(**named: Setting) -> tuple[tuple[str, Setting], ...]:
    """Give parameters as a measure holds them, in the order in which they are named."""
    return tuple(named.items())


def as_json(measure: Measure) -> dict[str, object]:
    """Give a measure as plain values: `value` is None where there is no number, and `why` says why."""
    told = measure.value
    why = {"why": told.reason} if isinstance(told, Unscored) else {}
    return {
        "name": measure.name,
        **({"of": measure.of} if measure.of else {}),
        "value": None if isinstance(told, Unscored) else told,
        **why,
        "unit": measure.unit,
        "n": measure.n,
        "parameters": dict(measure.parameters),
        "quality": list(measure.quality),
        "source": measure.source,
    }


def by_name(measures: tuple[Measure, ...]) -> Mapping[str, Measure]:
    """Give measures by their names."""
    return {each.name: each for each in measures}
