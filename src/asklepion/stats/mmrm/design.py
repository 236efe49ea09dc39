"""The columns of the mean: each a product of numbers and of indicators of levels, the first level as the reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.columns import Factor
from asklepion.stats.mmrm.model import Term
from asklepion.stats.mmrm.table import Observed

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """One factor of a column: an indicator of a level, or, where `level` is None, the number itself."""

    name: str
    level: str | None = None

    def __str__(self) -> str:
        return self.name if self.level is None else f"{self.name}[{self.level}]"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the design, with the term it belongs to."""

    term: Term
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return ":".join(str(part) for part in self.parts) or "(Intercept)"

    def beyond(self, visit: str) -> tuple[Part, ...]:
        """Give the parts that are not an indicator of the visit."""
        return tuple(part for part in self.parts if part.name != visit)

    def by_visit(self, visit: str, levels: tuple[str, ...]) -> Array:
        """Give the column's value at each visit where its other parts are one (J,)."""
        wanted = [part.level for part in self.parts if part.name == visit]
        return np.array([1.0 if all(level == each for each in wanted) else 0.0 for level in levels])

    def value(self, where: Mapping[str, str | float]) -> float:
        """Give the column's value at one place: a level for each factor, a number for each covariate."""
        result = 1.0
        for part in self.parts:
            found = where[part.name]
            result *= float(found) if part.level is None else float(found == part.level)
        return result


def columns(terms: tuple[Term, ...], factors: Mapping[str, Factor]) -> tuple[Column, ...]:
    """Give the columns of the terms, in their order."""
    result = []
    for term in terms:
        choices = [
            [Part(name, level) for level in factors[name].levels[1:]] if name in factors else [Part(name)]
            for name in term
        ]
        result += [Column(term, parts) for parts in product(*choices)]
    return tuple(result)


def row_values(parts: tuple[Part, ...], observed: Observed) -> Array:
    """Give a product of parts for every row (N,)."""
    result = np.ones(len(observed.values))
    for part in parts:
        if part.level is None:
            result = result * observed.numbers[part.name]
        else:
            factor = observed.factors[part.name]
            result = result * (factor.codes == factor.levels.index(part.level))
    return result
