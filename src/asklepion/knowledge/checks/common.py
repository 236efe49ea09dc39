"""What every fact must keep: ids, sources, confidence, tier."""

import re
from collections import Counter
from dataclasses import fields

from asklepion.knowledge.checks.known import Complaints, Known, named
from asklepion.knowledge.types import Arm, Basis, Confidence, Fact, Item, Protocol, Scale, Tier
from asklepion.knowledge.walk import walk

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FORM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
OPEN = (Confidence.RECALLED, Confidence.DISPUTED)


def complaints(fact: Fact, known: Known) -> Complaints:
    weak = False
    for path, part in walk(fact):
        yield from _id(path, part)
        yield from _doubled_parts(path, part)
        if isinstance(part, Basis):
            weak = weak or part.confidence in OPEN
            yield from _basis(path, part, known)
    yield from _tier(fact, known, weak=weak)


def _id(path: tuple[str | int, ...], part: object) -> Complaints:
    """Items bear the ids of their form, arms the codes of their trial; ours are lower-case with hyphens."""
    id_ = getattr(part, "id", None)
    pattern = _FORM_ID if isinstance(part, Item | Arm) else _ID
    if isinstance(id_, str) and not pattern.fullmatch(id_):
        yield (*path, "id"), f"`{id_}` is no id.", "Write lower-case letters and digits, with hyphens between words."


def _doubled_parts(path: tuple[str | int, ...], part: object) -> Complaints:
    for field in fields(part):  # type: ignore[arg-type]
        value = getattr(part, field.name)
        if isinstance(value, tuple) and value and hasattr(value[0], "id"):
            seen: set[str] = set()
            for index, each in enumerate(value):
                if each.id in seen:
                    yield (*path, field.name, index, "id"), f"The id {each.id} stands twice.", "Give it another id."
                seen.add(each.id)


def _basis(path: tuple[str | int, ...], basis: Basis, known: Known) -> Complaints:
    if not basis.sources and basis.confidence not in OPEN:
        yield (
            (*path, "sources"),
            f"It is {basis.confidence}, yet no source is named.",
            "Name the source, or call it recalled.",
        )
    for index, source in enumerate(basis.sources):
        yield from named(source.key, known.facts.references, *path, "sources", index, "key", what="reference")
    for index, (source, count) in enumerate(Counter(basis.sources).items()):
        if count > 1:
            yield (*path, "sources", index), f"{source.key} is named twice for the same place.", "Name it once."
    if basis.valid_from and basis.valid_from > basis.checked:
        yield (*path, "valid_from"), "It holds only from a day after it was checked.", "Look at both days again."


def _tier(fact: Fact, known: Known, *, weak: bool) -> Complaints:
    """Reviewed: a second reader or a program agreed, and is named. Verified: nothing within is recalled or disputed."""
    if fact.tier is Tier.DRAFT:
        return
    if isinstance(fact, Scale) and not known.file.with_name("cases.yaml").is_file():
        yield ("tier",), f"A scale that is {fact.tier} has no cases.yaml beside it.", "Write its boundary cases there."
    if isinstance(fact, Scale | Protocol) and not fact.basis.note:
        yield ("basis",), f"It is {fact.tier}, but `note` does not say who or what agreed.", "Say it, or call it draft."
    if fact.tier is Tier.VERIFIED and weak:
        yield ("tier",), "It is verified, but something in it is recalled or disputed.", "Call it reviewed at most."
