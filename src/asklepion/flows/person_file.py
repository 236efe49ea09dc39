"""A file of one person's facts: observations, medicines, scales, consent, visits. Every fault of it is told at once.

Its shape is told in docs/guide/screen.md; docs/guide/person.yaml holds one of everything.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

from asklepion.flows import written
from asklepion.knowledge.types.common import FORBID


@dataclass(frozen=True, slots=True)
class SeenOn:
    """Values taken together on a day; `at` is the time of day where their order matters."""

    __pydantic_config__: ClassVar = FORBID
    day: date
    values: dict[str, bool | float | str]
    at: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    __pydantic_config__: ClassVar = FORBID
    decision: Literal["may_go_on", "stops_the_course"]
    rests_on: str
    second_person: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine as told on a day, the judged one without `told`. `stopped` is the day of the last dose."""

    __pydantic_config__: ClassVar = FORBID
    name: str
    drug: str = ""
    taking: bool | None = None
    started: date | None = None
    stopped: date | None = None
    told: date | None = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class FilledIn:
    """A scale with its answers, in the order of the form or by item, or with scores that were computed elsewhere."""

    __pydantic_config__: ClassVar = FORBID
    scale: str
    day: date
    answers: tuple[int | None, ...] | dict[str, int | None] | None = None
    scores: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A version of the protocol's consent document that was signed, by whom it was countersigned, and its end."""

    __pydantic_config__: ClassVar = FORBID
    version: str
    signed: date
    countersigned: dict[str, date] | None = None
    withdrawn: date | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    __pydantic_config__: ClassVar = FORBID
    visit: str
    held: date


@dataclass(frozen=True, slots=True)
class Person:
    """What a file says of one person."""

    __pydantic_config__: ClassVar = FORBID
    person: str = ""
    opened: date | None = None
    observations: tuple[SeenOn, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    scales: tuple[FilledIn, ...] = ()
    consent: tuple[Consent, ...] = ()
    visits: tuple[Visit, ...] = ()


def read(file: Path) -> written.Written[Person]:
    """Return the facts of a file. Raises ManyFaults with the line and path of every fault, BadInput for no file."""
    return written.read(file, Person, noun="person's file", undone="Nothing was judged.")
