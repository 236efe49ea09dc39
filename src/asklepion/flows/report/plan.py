"""A statistical analysis plan as a YAML file: read whole, every fault told at once with its line and path."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from asklepion.flows import written
from asklepion.flows.report.kinds import Analysis
from asklepion.knowledge import text
from asklepion.knowledge.types.common import FORBID

Texts = tuple[str, ...]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A CSV beside the plan, or a file of the Metapsy databases (semicolons, decimal commas).

    With `sha256` no other content is taken. `text` are columns of a CSV in which 007 is not 7.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    file: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    text: Texts = ("USUBJID", "TRT01P")
    format: Literal["csv", "metapsy"] = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A condition on a column. With nothing but the column, it must hold a value."""

    __pydantic_config__: ClassVar[Any] = FORBID
    column: str
    among: tuple[str | int | float, ...] = ()
    not_among: tuple[str | int | float, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Who counts, in words and as conditions on the rows, all of which must be met."""

    __pydantic_config__: ClassVar[Any] = FORBID
    label: str
    where: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A line of an analysis, by its label: its p is tested at its place in the order."""

    __pydantic_config__: ClassVar[Any] = FORBID
    analysis: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Testing:
    """Fixed sequence: each hypothesis at the whole alpha, in order, until one is not rejected; none after that."""

    __pydantic_config__: ClassVar[Any] = FORBID
    rule: Literal["fixed-sequence"]
    order: tuple[Hypothesis, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is analysed, of what, and how. `alpha` is two-sided, intervals are at 1 - alpha."""

    __pydantic_config__: ClassVar[Any] = FORBID
    title: str
    data: dict[Slug, DataFile] = field(default_factory=dict)
    populations: dict[Slug, Population] = field(default_factory=dict)
    analyses: Annotated[tuple[Analysis, ...], Field(min_length=1)]
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    decimals: Annotated[int, Field(ge=0, le=8)] = 2
    seed: Annotated[int, Field(ge=0)] | None = None
    testing: Testing | None = None


Written = written.Written[Plan]


def read(file: Path) -> Written:
    """Return the plan that a file holds. Raises ManyFaults with the line and path of every fault."""
    found = written.read(file, Plan, noun="plan", undone="Nothing was analysed.")
    found.refuse(_loose_ends(found.value))
    return found


def _loose_ends(plan: Plan) -> Iterator[tuple[text.Path, str, str]]:
    """Yield where the plan names what it does not have."""
    seen: set[str] = set()
    for place, each in enumerate(plan.analyses):
        if each.id in seen or not each.id:
            yield ("analyses", place, "id"), f"The id {each.id!r} is not one of its own.", "Give each analysis its own."
        seen.add(each.id)
        if each.id and not all(letter.isalnum() or letter == "-" for letter in each.id):
            yield ("analyses", place, "id"), f"{each.id} cannot name a file.", "Use letters, digits and hyphens."
        if each.data and each.data not in plan.data:
            yield ("analyses", place, "data"), f"There is no data {each.data}.", _one_of(plan.data)
        if each.population and each.population not in plan.populations:
            yield (
                ("analyses", place, "population"),
                f"There is no population {each.population}.",
                _one_of(plan.populations),
            )
    for place, hypothesis in enumerate(plan.testing.order if plan.testing else ()):
        if hypothesis.analysis not in seen:
            path = ("testing", "order", place, "analysis")
            yield path, f"There is no analysis {hypothesis.analysis}.", _one_of(seen)


def _one_of(names: "dict[str, Any] | set[str]") -> str:
    return f"There are: {', '.join(sorted(names))}." if names else "There is none."
