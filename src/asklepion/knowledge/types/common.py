"""What every fact carries: where it is from, how near somebody stood to the source, how far it was checked."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, get_args, get_type_hints

FORBID = {"extra": "forbid"}


class ByKind:
    """Marks a union whose members are told apart by `kind`: whatever reads it asks one member, not each in turn."""

    def __get_pydantic_core_schema__(self, union: Any, handler: Any) -> dict[str, Any]:
        members = {get_args(get_type_hints(each)["kind"])[0]: handler.generate_schema(each) for each in get_args(union)}
        return {"type": "tagged-union", "choices": members, "discriminator": "kind"}


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
