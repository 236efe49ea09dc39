"""What somebody wrote in YAML as a typed value: one document a file, every fault told at once with line and path."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from asklepion.core.errors import BadFact, BadInput, ManyFaults
from asklepion.knowledge import text
from asklepion.knowledge.faults import told
from asklepion.knowledge.load import shown

T = TypeVar("T")
Fault = tuple[text.Path, str, str]
"""Where in the document, what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """A value with the file that it was read from. `noun` is what the file is; `undone` what did not happen."""

    value: T
    file: Path
    document: text.Document
    sha256: str
    noun: str
    undone: str

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Raise ManyFaults if there is a fault, each with its line and path."""
        _refuse(self.file, self.document, faults, noun=self.noun, undone=self.undone)


def read(file: Path, shape: type[T], *, noun: str, undone: str, within: text.Path = ()) -> Written[T]:
    """Return what a file holds as a `shape` (a dataclass). Raises ManyFaults, and BadInput for a file that is none.

    A part of the shape may itself refuse what it is given, by BadInput with the field as `where`: `within` is the place
    of that part.
    """
    try:
        content = file.read_bytes()
        words = content.decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise BadInput(f"The {noun} cannot be read: {why}.", where=str(file), remedy="Name another file.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"The {noun} is not UTF-8.", where=shown(file), remedy="Save it as UTF-8.") from error
    documents, faults = text.documents(words, shown(file))
    if faults:
        raise ManyFaults(f"The {noun} cannot be read.", faults, remedy=undone)
    if len(documents) != 1:
        what = f"{len(documents)} documents stand here." if documents else "The file is empty."
        raise BadInput(what, where=shown(file), remedy=f"Write the {noun} as one document.")
    (document,) = documents
    try:
        value = TypeAdapter(shape).validate_json(json.dumps(document.value, allow_nan=False), strict=True)
    except ValidationError as error:
        found = [
            (path, what, _remedy(shape, document, path, remedy)) for path, what, remedy in told(error, document.value)
        ]
        _refuse(file, document, found, noun=noun, undone=undone)
        raise
    except BadInput as error:
        _refuse(file, document, [((*within, error.where), error.what, error.remedy)], noun=noun, undone=undone)
        raise
    return Written(value, file, document, hashlib.sha256(content).hexdigest(), noun, undone)


def _refuse(file: Path, document: text.Document, faults: Iterable[Fault], *, noun: str, undone: str) -> None:
    found = tuple(
        BadFact(what, file=shown(file), line=document.line(path), path=text.spelled(path), remedy=remedy)
        for path, what, remedy in faults
    )
    if found:
        count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
        ordered = tuple(sorted(found, key=lambda each: each.line))
        raise ManyFaults(f"{count} in the {noun}.", ordered, remedy=undone)


def _remedy(shape: type[Any], document: text.Document, path: text.Path, remedy: str) -> str:
    """Return which fields there are where one is unknown; else the remedy as it is."""
    if "facts schema" not in remedy:
        return remedy
    here: Any = shape
    value: object = document.value
    for part in path[:-1]:
        value = _below(value, part)
        if isinstance(part, int):
            here = _member(here, value)
        elif is_dataclass(here):
            here = get_type_hints(here).get(part)
        else:
            here = next(_dataclasses(here), None)
    found = here if is_dataclass(here) else next(_dataclasses(here), None)
    return f"There are: {', '.join(each.name for each in fields(found))}." if found else ""


def _below(value: object, part: str | int) -> object:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) else None


def _member(hint: Any, value: object) -> Any:
    """Return which of the kinds an item of a list is, or the only one."""
    kind = value.get("kind") if isinstance(value, dict) else None
    found = list(_dataclasses(hint))
    of_kind = (each for each in found if get_args(get_type_hints(each).get("kind")) == (kind,))
    return next(of_kind, found[0] if found else None)


def _dataclasses(hint: Any) -> Iterator[Any]:
    for each in get_args(hint):
        if is_dataclass(each):
            yield each
        else:
            yield from _dataclasses(each)
