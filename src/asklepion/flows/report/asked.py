"""What every analysis of a plan has, what it runs on, and what it tells: the three types that a new kind needs."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import asklepion
from asklepion.core.errors import BadInput
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.figure import About
from asklepion.paper.report import Figure, Maker, Table
from asklepion.stats.tables import Table as Rows

Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an analysis runs on: the rows of its population, if it has data; and what the plan says of all of them."""

    table: Rows | None
    alpha: float
    seed: int | None
    decimals: int
    path: Path | None = None
    """Where the file lies, for an analysis that reads it in a way of its own; its hash was held against the plan."""
    files: Mapping[str, Rows] = field(default_factory=dict)
    """Every file of the plan, whole, for an analysis that needs a second one."""

    @property
    def level(self) -> float:
        """Return the level of intervals."""
        return 1 - self.alpha

    @property
    def rows(self) -> Rows:
        """Return the table. Raises BadInput where the analysis names no data."""
        if self.table is None:
            raise BadInput("The analysis names no data.", where="data", remedy="Name one of the files under `data:`.")
        return self.table

    def file(self, name: str) -> Rows:
        """Return another file of the plan. Raises BadInput for a name that it does not have."""
        if name not in self.files:
            known = ", ".join(self.files) or "none"
            raise BadInput(f"There is no data {name}.", where="data", remedy=f"There are: {known}.")
        return self.files[name]

    def seeded(self) -> int:
        """Return the seed. Raises BadInput where the plan has none: what is random must be repeatable."""
        if self.seed is None:
            raise BadInput("The plan gives no seed.", where="seed", remedy="Write `seed:` and a number in the plan.")
        return self.seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an analysis tells. `used` is in words; `left_out` are (why, rows); `notes` what to know before believing.

    `unmet` says of each part that was asked for and has no number why not: the report is then not whole (exit 1).
    """

    used: str
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    random: bool = False
    """Whether the seed had a part in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every analysis has. `data` names a file of the plan, `population` who counts in it (all rows without).

    A kind is a subclass with a `kind` of its own and `run`, which raises AsklepionError where there is no number.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    id: str
    title: str
    data: str = ""
    population: str = ""
    unit: str = ""
    """What one unit of the value is, in words: points of CAPS-5."""

    def run(self, given: Given) -> Told:
        """Return tables, figures and notes."""
        raise BadInput("This kind of analysis is none.", where=self.id, remedy="Name another kind.")

    def about(self, given: Given, *, name: str, title: str, unit: str = "", notes: Iterable[str] = ()) -> About:
        """Return what stands around a figure of this analysis."""
        sources = (given.table.sha256,) if given.table else ()
        return About(
            id=f"{self.id}-{name}",
            title=title,
            unit=unit or self.unit,
            sources=sources,
            level=given.level,
            decimals=given.decimals,
            notes=tuple(notes),
        )


def maker(function: Callable[..., object]) -> Maker:
    """Return a function's qualified name, and the file of this program and the line at which it stands."""
    plain = inspect.unwrap(function)
    code = plain.__code__
    root = Path(asklepion.__file__).parents[1]
    return Maker(
        f"{plain.__module__}:{plain.__qualname__}",
        f"{Path(code.co_filename).relative_to(root).as_posix()}, line {code.co_firstlineno}",
    )
