"""A file of one person's facts: observations, medicines, scales, consent, visits. Every fault of it is told at once.

Its shape is told in docs/guide/screen.md; docs/guide/person.yaml holds one of everything.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import TypeAdapter, ValidationError

from asklepion.core.errors import BadFact, BadInput, ManyFaults
from asklepion.knowledge import text
from asklepion.knowledge.faults import told
from asklepion.knowledge.load import shown
from asklepion.knowledge.types.common import FORBID

FIELDS = "Fields are person, opened, observations, medicines, scales, consent and visits: see docs/guide/screen.md."


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


Fault = tuple[text.Path, str, str]
_PERSON: TypeAdapter[Person] = TypeAdapter(Person)


@dataclass(frozen=True, slots=True)
class PersonFile:
    """A file that could be read, with what it says and the lines on which it says it."""

    file: Path
    person: Person
    document: text.Document

    def refuse(self, faults: list[Fault]) -> None:
        """Raise ManyFaults if there is a fault, each with its line and path."""
        _refuse(self.file, self.document, faults)


def read(file: Path) -> PersonFile:
    """Return the facts of a file. Raises ManyFaults with the line and path of every fault, BadInput for no file."""
    document = _document(file)
    try:
        person = _PERSON.validate_json(json.dumps(document.value, allow_nan=False), strict=True)
    except ValidationError as error:
        _refuse(file, document, [_own_words(fault) for fault in told(error, document.value)])
    return PersonFile(file, person, document)


def _own_words(fault: Fault) -> Fault:
    path, what, remedy = fault
    return path, what, FIELDS if "facts schema" in remedy else remedy


def _document(file: Path) -> text.Document:
    try:
        content = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise BadInput(f"The file cannot be read: {why}.", where=str(file), remedy="Name another file.") from error
    except UnicodeDecodeError as error:
        raise BadInput("The file is not UTF-8.", where=shown(file), remedy="Save it as UTF-8.") from error
    documents, faults = text.documents(content, shown(file))
    if faults:
        raise ManyFaults("The file cannot be read.", faults, remedy="Nothing was judged.")
    if len(documents) != 1:
        what = f"{len(documents)} documents stand here."
        raise BadInput(what, where=shown(file), remedy="Write the facts of one person in one file.")
    return documents[0]


def _refuse(file: Path, document: text.Document, found: list[Fault]) -> None:
    faults = tuple(
        BadFact(what, file=shown(file), line=document.line(path), path=text.spelled(path), remedy=remedy)
        for path, what, remedy in found
    )
    if faults:
        count = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
        raise ManyFaults(f"{count} in the facts of this person.", faults, remedy="Nothing was judged.")
