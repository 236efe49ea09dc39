"""Consent: the elements a document must cover, its versions, and our own comprehension questions. No consent text."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from asklepion.knowledge.types.common import FORBID, Basis, Tier


@dataclass(frozen=True, slots=True)
class ConsentElement:
    """One thing that consent must cover. `summary` is our own sentence about it, not the text that people sign."""

    __pydantic_config__: ClassVar = FORBID
    id: str
    title: str
    summary: str
    required: bool
    basis: Basis


@dataclass(frozen=True, slots=True)
class ConsentElements:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["consent_elements"]
    id: str
    title: str
    tier: Tier
    elements: tuple[ConsentElement, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A comprehension question, our own words; `correct` is the index of the right option, `reread` an element id."""

    __pydantic_config__: ClassVar = FORBID
    id: str
    text: str
    options: tuple[str, ...]
    correct: int
    reread: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document: the element it covers and our plain account of what the site's own text must say."""

    __pydantic_config__: ClassVar = FORBID
    element: str
    text: str


@dataclass(frozen=True, slots=True)
class ConsentDocument:
    """One version of a document. `must_sign_again` says whether those who signed an earlier version sign this one."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["consent_document"]
    id: str
    document: str
    version: str
    title: str
    tier: Tier
    effective_from: date
    must_sign_again: bool
    changed: str
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    countersigned_by: tuple[str, ...] = ("physician",)
