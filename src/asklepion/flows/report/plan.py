"""A statistical analysis plan as a YAML file: read whole, every fault told at once with its line and path."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from asklepion.core.errors import BadFact, BadInput, ManyFaults
from asklepion.flows.report.kinds import Analysis
from asklepion.knowledge import text
from asklepion.knowledge.faults import told
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


@dataclass(frozen=True, slots=True)
class Written:
    """A plan with the file that it was read from and that file's SHA-256."""

    plan: Plan
    file: Path
    sha256: str


_PLAN = TypeAdapter(Plan)


def read(file: Path) -> Written:
    """Return the plan that a file holds. Raises ManyFaults with the line and path of every fault."""
    try:
        content = file.read_bytes()
        words = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Give a YAML file in UTF-8; docs/methods/report.md says what stands in it."
        raise BadInput(f"The plan cannot be read: {error}.", where=str(file), remedy=remedy) from error
    documents, faults = text.documents(words, file.name)
    if faults or len(documents) != 1:
        empty = BadFact("The file holds no plan, or more than one.", file=file.name, remedy="Write one document.")
        raise _many(faults or (empty,), file)
    (document,) = documents
    try:
        found = _PLAN.validate_json(json.dumps(document.value, allow_nan=False), strict=True)
    except ValidationError as error:
        wrong = told(error, document.value)
        raise _many(tuple(_fault(file, document, path, what, remedy) for path, what, remedy in wrong), file) from error
    loose = tuple(_fault(file, document, path, what, remedy) for path, what, remedy in _loose_ends(found))
    if loose:
        raise _many(loose, file)
    return Written(found, file, hashlib.sha256(content).hexdigest())


def _fault(file: Path, document: text.Document, path: text.Path, what: str, remedy: str) -> BadFact:
    known = _known(document.value, path) if "facts schema" in remedy else remedy
    return BadFact(what, file=file.name, line=document.line(path), path=text.spelled(path), remedy=known)


def _many(faults: tuple[BadFact, ...], file: Path) -> ManyFaults:
    told = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return ManyFaults(f"{told} in the plan.", faults, where=file.name, remedy="Nothing was analysed.")


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


def _known(document: object, path: text.Path) -> str:
    """Return which fields there are at the place where an unknown one stands."""
    here: Any = Plan
    for part in path[:-1]:
        document = _below(document, part)
        if isinstance(part, int):
            here = _member(here, document)
        elif is_dataclass(here):
            here = get_type_hints(here).get(part)
        elif isinstance(here, type) or get_args(here):
            here = _dataclass(here)
    shape = _dataclass(here)
    return f"There are: {', '.join(each.name for each in fields(shape))}." if shape else ""


def _below(document: object, part: str | int) -> object:
    if isinstance(document, dict):
        return document.get(part)
    return document[part] if isinstance(document, list) and isinstance(part, int) else None


def _member(hint: Any, document: object) -> Any:
    """Return which of the kinds an item of a list is, or the only one."""
    kind = document.get("kind") if isinstance(document, dict) else None
    found = list(_dataclasses(hint))
    return next(
        (each for each in found if get_args(get_type_hints(each).get("kind")) == (kind,)), found[0] if found else None
    )


def _dataclass(hint: Any) -> Any:
    return hint if is_dataclass(hint) else next(iter(_dataclasses(hint)), None)


def _dataclasses(hint: Any) -> Iterator[Any]:
    for each in get_args(hint):
        if is_dataclass(each):
            yield each
        else:
            yield from _dataclasses(each)
