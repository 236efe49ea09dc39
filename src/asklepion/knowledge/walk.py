"""Walking a fact: each of its parts with the path that leads there."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache


def walk(part: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Yield every dataclass within a fact, itself first, with its path (`("items", 3)`)."""
    if isinstance(part, tuple):
        for index, each in enumerate(part):
            yield from walk(each, (*path, index))
    elif is_dataclass(part) and not isinstance(part, type):
        yield path, part
        for name in _names(part.__class__):
            yield from walk(getattr(part, name), (*path, name))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))
