"""What a check is told of everything else."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from asklepion.knowledge.types import Facts, Observable, ValueKind

Complaint = tuple[tuple[str | int, ...], str, str]
Complaints = Iterator[Complaint]
_FEW = 12
_NEAR = 0.75


@dataclass(frozen=True, slots=True)
class Known:
    """All facts by id, what each name of a drug may mean, the roles of accounts, and the file that is being checked."""

    facts: Facts
    drug_names: Mapping[str, frozenset[str]]
    roles: Collection[str]
    file: Path


def named(id: str, known: Collection[str], *path: str | int, what: str) -> Complaints:
    """Complain about an id that nothing answers to."""
    if id not in known:
        yield path, f"`{id}` is no {what}.", _instead(id, known)


def every(ids: tuple[str, ...], known: Collection[str], *path: str | int, what: str) -> Complaints:
    """Complain about each of several ids that nothing answers to, and about one that is named twice."""
    for index, id in enumerate(ids):
        yield from named(id, known, *path, index, what=what)
        if id in ids[:index]:
            yield (*path, index), f"{id} is named twice.", "Name it once."


def within(value: float | None, lowest: float, highest: float, *path: str | int, what: str) -> Complaints:
    """Complain about a number outside a range, ends included. None is inside."""
    if value is not None and not lowest <= value <= highest:
        yield path, f"{value:g} lies outside {lowest:g} to {highest:g}, {what}.", "Look it up again."


def equals(observable: Observable, value: str | bool | None, *path: str | int) -> Complaints:
    """Complain about a value that such an observable can never take."""
    if observable.value is ValueKind.YES_NO:
        if not isinstance(value, bool):
            yield path, f"{observable.id} is a yes or no.", "Write true or false."
    elif observable.value is not ValueKind.CHOICE:
        yield path, f"{observable.id} is neither a yes or no nor a choice.", "Test it otherwise."
    elif isinstance(value, bool):
        yield path, f"{observable.id} is a choice, no yes or no.", f"Use one of: {', '.join(observable.choices)}."
    elif value not in observable.choices:
        yield path, f"`{value}` is no choice of {observable.id}.", f"Use one of: {', '.join(observable.choices)}."


def _instead(id: str, known: Collection[str]) -> str:
    near = get_close_matches(id, known, n=1, cutoff=_NEAR)
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"Use one of: {', '.join(sorted(known))}." if 0 < len(known) <= _FEW else "Write it, or mend the id."
