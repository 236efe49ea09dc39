"""What a check is told of everything else."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from asklepion.knowledge.types import Facts, Observable, ValueKind

Complaint = tuple[tuple[str | int, ...], str, str]
Complaints = Iterator[Complaint]


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
        yield path, f"There is no {what} {id}.", f"Write its facts, or mend the id{_near(id, known)}"


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
    elif value not in observable.choices:
        yield path, f"{value} is no choice of {observable.id}.", f"Use one of: {', '.join(observable.choices)}."


def _near(id: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(id, known, n=1)
    return f" (near: {near[0]})." if near else "."
