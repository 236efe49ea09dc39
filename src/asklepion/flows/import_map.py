"""The map of a table: which column says what, held against the facts. Every fault of a map is told at once."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

from asklepion.core.errors import BadInput
from asklepion.flows import written
from asklepion.flows.facts import facts
from asklepion.knowledge import text
from asklepion.knowledge.load import shown
from asklepion.knowledge.types import Assessment, Facts, Protocol, Scale, ScoreRule
from asklepion.knowledge.types.common import FORBID


@dataclass(frozen=True, slots=True)
class Visits:
    """The column that names the visit, and which visit of the protocol each of its texts is.

    `absent` says what becomes of a visit for which a person has no row: `missed` records it as missed for that reason,
    `leave` records nothing, so that it stays due.
    """

    __pydantic_config__: ClassVar = FORBID
    column: str
    ids: dict[str, str]
    absent: Literal["missed", "leave"] = "leave"


@dataclass(frozen=True, slots=True)
class Values:
    """The column that holds the score. `blank` are the texts that mean that there is none; it is never read as zero."""

    __pydantic_config__: ClassVar = FORBID
    column: str
    blank: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """The column that repeats a person's first score on every row, and the visit, on day 0, at which it is recorded."""

    __pydantic_config__: ClassVar = FORBID
    column: str
    visit: str


@dataclass(frozen=True, slots=True)
class Arms:
    """The column that names the arm, and which arm of the protocol each of its texts is. Only pharmacists read it."""

    __pydantic_config__: ClassVar = FORBID
    column: str
    ids: dict[str, str]


@dataclass(frozen=True, slots=True)
class TableMap:
    """How a table of outcomes, one row a person and visit, becomes courses of a protocol.

    `code_prefix` and the text of the `subject` column make a course's code, so that column may hold codes only, never
    names. `day` counts whole days from `origin`, the day on which everybody's day 0 is put. `change` is only checked.
    `courses` are `ended` with the last row of each person, as a finished trial's are, or `open` and go on here. Every
    column of the table is named once, in its place or under `ignore`.
    """

    __pydantic_config__: ClassVar = FORBID
    protocol: str
    scale: str
    score: str
    site: str
    code_prefix: str
    subject: str
    visit: Visits
    day: str
    value: Values
    ignore: tuple[str, ...] = ()
    baseline: Baseline | None = None
    change: str = ""
    arm: Arms | None = None
    origin: date | None = None
    courses: Literal["ended", "open"] = "open"
    delimiter: Literal[",", ";", "\t"] = ","

    def columns(self) -> tuple[str, ...]:
        """Return the columns that are read, in the order of the map."""
        found = (self.subject, self.visit.column, self.day, self.value.column)
        more = (self.baseline.column if self.baseline else "", self.change, self.arm.column if self.arm else "")
        return (*found, *(column for column in more if column))


@dataclass(frozen=True, slots=True)
class Mapped:
    """A map that holds together with the facts, and what it names in them. `asked` is by visit; `origin` is set."""

    map: TableMap
    origin: date
    protocol: Protocol
    scale: Scale
    score: ScoreRule
    asked: dict[str, Assessment]

    @property
    def content(self) -> str:
        """The map as one text: the same for the same map however it is written down."""
        return json.dumps(asdict(self.map), sort_keys=True, default=str)


def read(file: Path, *, origin: date | None = None) -> Mapped:
    """Return the map of a file; an `origin` given here counts before the one in it.

    Raises ManyFaults with the line and the path of every fault, BadInput if there is no such file or no day 0.
    """
    held = written.read(file, TableMap, noun="map", undone="Nothing was imported.")
    found, known = held.value, facts()
    held.refuse([*_faults(found, known), *_columns_twice(found)])
    day = origin or found.origin
    if day is None:
        raise BadInput(
            "No day is named on which day 0 is put.",
            where=shown(file),
            remedy="Give --origin 2001-01-01, or write `origin: 2001-01-01` in the map. Nothing in the table tells it.",
        )
    protocol, scale = known.protocols[found.protocol], known.scales[found.scale]
    return Mapped(
        map=replace(found, origin=day),
        origin=day,
        protocol=protocol,
        scale=scale,
        score=next(rule for rule in scale.scores if rule.id == found.score),
        asked=_asked(protocol, scale.id),
    )


def _asked(protocol: Protocol, scale: str) -> dict[str, Assessment]:
    """Return the assessments of a scale by visit."""
    return {visit.id: each for visit in protocol.visits for each in visit.assessments if each.scale == scale}


def _faults(found: TableMap, known: Facts) -> Iterator[written.Fault]:
    """Yield where a map names what the facts do not know."""
    protocol, scale = known.protocols.get(found.protocol), known.scales.get(found.scale)
    if protocol is None:
        yield ("protocol",), f"There is no protocol {found.protocol}.", _one_of(known.protocols)
    if scale is None:
        yield ("scale",), f"There is no scale {found.scale}.", _one_of(known.scales)
    elif found.score not in {rule.id for rule in scale.scores}:
        yield ("score",), f"{scale.short} has no score {found.score}.", _one_of(rule.id for rule in scale.scores)
    if not found.site.strip():
        yield ("site",), "The site is empty.", "Name where the table is from."
    if protocol and scale:
        yield from _visit_faults(found, protocol, scale)
    if protocol and found.arm:
        arms = {arm.id for arm in protocol.arms}
        for label, arm in found.arm.ids.items():
            if arm not in arms:
                yield (
                    ("arm", "ids", label),
                    f"{protocol.id} has no arm {arm}.",
                    _one_of(arm.id for arm in protocol.arms),
                )
    if found.change and not found.baseline:
        yield ("change",), "A change is counted from a baseline, and none is mapped.", "Map it, or ignore this column."


def _visit_faults(found: TableMap, protocol: Protocol, scale: Scale) -> Iterator[written.Fault]:
    visits, asked = {visit.id for visit in protocol.visits}, _asked(protocol, scale.id)
    named: list[tuple[text.Path, str]] = [(("visit", "ids", label), id) for label, id in found.visit.ids.items()]
    if found.baseline:
        named.append((("baseline", "visit"), found.baseline.visit))
        if found.baseline.visit in found.visit.ids.values():
            yield ("baseline", "visit"), "Rows of the table are mapped to this visit too.", "Leave one of them out."
    if not found.visit.ids:
        yield ("visit", "ids"), "No visit is named.", "Say which visit of the protocol each text of the column is."
    for path, visit in named:
        if visit not in visits:
            yield path, f"{protocol.id} has no visit {visit}.", _one_of(visit.id for visit in protocol.visits)
        elif visit not in asked:
            yield path, f"{protocol.id} does not ask for {scale.short} at {visit}.", _one_of(asked)


def _columns_twice(found: TableMap) -> Iterator[written.Fault]:
    """Yield each column that is named for two things."""
    for column, count in Counter((*found.columns(), *found.ignore)).items():
        if count > 1:
            path: text.Path = ("ignore", found.ignore.index(column)) if column in found.ignore else ()
            yield path, f"The column {column} is named {count} times.", "Name each column once."


def _one_of(ids: Iterable[str]) -> str:
    return f"Use one of: {', '.join(ids)}."
