"""The facts that this process judges by: those that are shipped and those of the site."""

import os
from collections import Counter
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from asklepion.core.access import Role
from asklepion.core.errors import BadFact, ManyFaults, UnknownId
from asklepion.knowledge.check import check
from asklepion.knowledge.load import PACKAGED, Corpus, read, shown
from asklepion.knowledge.types import Basis, Confidence, Facts, Reference, Source
from asklepion.knowledge.walk import walk


@dataclass(frozen=True, slots=True)
class Line:
    """One fact as a list shows it. `confidence` is the weakest of anything in it, empty where nothing carries one."""

    kind: str
    id: str
    title: str
    tier: str
    confidence: str
    file: str


@dataclass(frozen=True, slots=True)
class Count:
    """How much is on file: facts by tier, statements by confidence, references by status."""

    facts: int
    files: int
    tiers: dict[str, int]
    confidences: dict[str, int]
    references: dict[str, int]


@cache
def facts() -> Facts:
    """Return the shipped facts with those of the folders in ASKLEPION_FACTS, read and checked once in a process.

    Raises ManyFaults with every fault of every file: nobody is judged by facts that do not hold together.
    """
    found = faults()
    if found:
        raise ManyFaults(
            "The facts do not hold together.", found, remedy="Mend them; `asklepion facts check` tells how."
        )
    return corpus().facts()


@cache
def corpus() -> Corpus:
    """Return the same facts, each with the file that it stands in, whether or not they hold together."""
    site = os.environ.get("ASKLEPION_FACTS", "")
    return read(PACKAGED, *(Path(folder) for folder in site.split(os.pathsep) if folder))


def faults() -> tuple[BadFact, ...]:
    """Return where the facts do not hold together. Raises ManyFaults where they cannot be read at all."""
    return check(corpus(), roles=frozenset(Role))


def lines() -> tuple[Line, ...]:
    """Return every fact, in order of kind and id."""
    found = [
        Line(
            kind=loaded.fact.kind,
            id=loaded.fact.id,
            title=loaded.fact.title,
            tier=str(loaded.fact.tier),
            confidence=_weakest(loaded.fact),
            file=shown(loaded.file),
        )
        for loaded in corpus().loaded
    ]
    return tuple(sorted(found, key=lambda line: (line.kind, line.id)))


def count() -> Count:
    """Return how much is on file."""
    loaded = corpus().loaded
    tiers = Counter(str(each.fact.tier) for each in loaded)
    bases = (part for each in loaded for _, part in walk(each.fact) if isinstance(part, Basis))
    confidences = Counter(str(basis.confidence) for basis in bases)
    statuses = Counter(work.status for work in corpus().references.values())
    return Count(len(loaded), corpus().files, dict(tiers), dict(confidences), dict(statuses))


def find(id: str) -> tuple[dict[str, object], ...]:
    """Return what bears an id as plain values, sources resolved: facts, single observables, elements, references.

    Raises UnknownId if nothing bears it.
    """
    known = corpus().facts()
    whole = [each.fact for each in corpus().loaded if each.fact.id == id]
    parts = [found[id] for found in (known.observables, known.consent_elements) if id in found]
    works = [{**_work(known.references[id]), "cited_by": _citing(id)}] if id in known.references else []
    found = (*(_fields(each, known) for each in (*whole, *parts)), *works)
    if not found:
        raise UnknownId(f"No fact bears the id {id}.", remedy="`asklepion facts list` names them all.")
    return found


def _citing(key: str) -> list[str]:
    """Return the ids of the facts that rest on a reference anywhere."""
    loaded = (each.fact for each in corpus().loaded)
    return sorted(
        fact.id for fact in loaded if any(isinstance(part, Source) and part.key == key for _, part in walk(fact))
    )


def _weakest(fact: object) -> str:
    ranks = list(Confidence)
    found = [part.confidence for _, part in walk(fact) if isinstance(part, Basis)]
    return str(max(found, key=ranks.index)) if found else ""


def _plain(part: object, known: Facts) -> object:
    """Return a part of a fact as plain values; what is left at its default is left out."""
    if isinstance(part, Source):
        work = known.references.get(part.key)
        locator = {"locator": part.locator} if part.locator else {}
        return {"key": part.key, **locator, **(_work(work) if work else {})}
    if isinstance(part, tuple):
        return [_plain(each, known) for each in part]
    if isinstance(part, Enum):
        return part.value
    return _fields(part, known) if is_dataclass(part) else part


def _fields(part: Any, known: Facts) -> dict[str, object]:
    given = ((each, getattr(part, each.name)) for each in fields(part))
    return {each.name: _plain(value, known) for each, value in given if value != each.default}


def _work(work: Reference) -> dict[str, object]:
    """Return a reference as plain values. What was retracted says so first."""
    marked: dict[str, object] = {} if work.status == "published" else {"status": work.status.upper()}
    return {**marked, "work": work.text, **({"url": work.url} if work.url else {})}
