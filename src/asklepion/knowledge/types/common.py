"""What every fact carries: where it is from, how near somebody stood to the source, how far it was checked."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

FORBID = {"extra": "forbid"}


class Confidence(StrEnum):
    """How near somebody stood to the source."""

    SEEN = "seen"
    SECONDARY = "secondary"
    RECALLED = "recalled"
    DISPUTED = "disputed"


class Tier(StrEnum):
    """How far a fact file has been checked. What a clinic acts on is reviewed or better."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Source:
    """A key of docs/references.bib and the place in it."""

    __pydantic_config__: ClassVar = FORBID
    key: str
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a statement rests on.

    `sources` may be empty only where `confidence` is recalled or disputed: then no source was opened, and pages say so.
    `fact` is the stable id of the researched row (for example SC-MDMA-08); `valid_from` the day from which it held.
    """

    __pydantic_config__: ClassVar = FORBID
    confidence: Confidence
    checked: date
    sources: tuple[Source, ...] = ()
    fact: str = ""
    note: str = ""
    valid_from: date | None = None
