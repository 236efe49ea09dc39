"""Facts from folders of YAML. Every fault of every file is told at once."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from asklepion.core.errors import BadFact, ManyFaults
from asklepion.knowledge import references as works
from asklepion.knowledge import text
from asklepion.knowledge.types import (
    Basis,
    ConsentDocument,
    ConsentElements,
    Drug,
    DrugClass,
    Fact,
    Facts,
    Interaction,
    Observables,
    Protocol,
    Reference,
    Scale,
    Substance,
)
from asklepion.knowledge.types.common import ByKind
from asklepion.knowledge.walk import walk

PACKAGED = Path(__file__).parent
FACT: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, ByKind()])


@dataclass(frozen=True, slots=True)
class Loaded:
    """A fact with its place: the file and the number, from 1, of the document in it."""

    fact: Fact
    file: Path
    document: int

    def fault(self, what: str, *path: str | int, remedy: str = "") -> BadFact:
        """Return a fault at a path of this fact, with the line that it stands on."""
        found = _lines(self.file.read_text("utf-8"))
        return BadFact(
            what,
            file=shown(self.file),
            document=self.document,
            line=found[self.document - 1].line(path),
            path=text.spelled(path),
            remedy=remedy,
        )


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that was read, each fact with its place. `digest` is SHA-256 over every file, in order of name."""

    loaded: tuple[Loaded, ...]
    references: Mapping[str, Reference]
    files: int
    digest: str

    def of(self, kind: type[Any]) -> list[Any]:
        return [each.fact for each in self.loaded if isinstance(each.fact, kind)]

    def facts(self) -> Facts:
        """Return the facts by id. Of two with one id the first stands; `read` does not let that pass."""
        return Facts(
            scales=_by_id(self.of(Scale)),
            drugs=_by_id(self.of(Drug)),
            drug_classes=_by_id(self.of(DrugClass)),
            substances=_by_id(self.of(Substance)),
            interactions=tuple(self.of(Interaction)),
            observables=_by_id(each for group in self.of(Observables) for each in group.observables),
            protocols=_by_id(self.of(Protocol)),
            consent_elements=_by_id(each for group in self.of(ConsentElements) for each in group.elements),
            consent_documents=tuple(self.of(ConsentDocument)),
            references=self.references,
            checked=self._checked(),
            digest=self.digest,
        )

    def _checked(self) -> date:
        days = (each.checked for loaded in self.loaded for _, each in walk(loaded.fact) if isinstance(each, Basis))
        return max(days, default=date.min)


def load(*folders: Path) -> Facts:
    """Return the facts of some folders, of the packaged one if none is named.

    Raises ManyFaults with every fault of every file. What files say of each other is `check`'s to judge.
    """
    return read(*folders).facts()


def read(*folders: Path) -> Corpus:
    """Return what stands in some folders, each fact with its place. Raises ManyFaults as `load` does."""
    digest = hashlib.sha256()
    faults: list[BadFact] = []
    loaded: list[Loaded] = []
    known: dict[str, Reference] = {}
    count = 0
    for folder in folders or (PACKAGED,):
        if not folder.is_dir():
            faults.append(BadFact("There is no such folder.", file=str(folder), remedy="Name a folder of fact files."))
        for file in sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml")):
            if file.name.endswith("cases.yaml"):
                continue
            count += 1
            _read_file(file, file.relative_to(folder), digest, loaded, faults)
    for bib in (works.shipped(), *(folder / "references.bib" for folder in folders)):
        if bib.is_file() and (bib != works.shipped() or not known):
            _read_references(bib, digest, known, faults)
    faults.extend(_doubled(loaded))
    if faults:
        one = len(faults) == 1
        raise ManyFaults(f"{len(faults)} fault{'' if one else 's'} in the facts.", tuple(faults))
    return Corpus(tuple(loaded), known, count, digest.hexdigest())


@lru_cache(maxsize=2)
def _lines(content: str) -> tuple[text.Document, ...]:
    return text.documents(content, "")[0]


def shown(file: Path) -> str:
    """Return how messages name a file: from where one stands if it lies below, else whole."""
    path = os.path.relpath(file)
    return str(file) if path.startswith("..") else path


def _read_file(file: Path, name: Path, digest: Any, loaded: list[Loaded], faults: list[BadFact]) -> None:
    if file.suffix == ".yml":
        faults.append(BadFact("The file would not be read.", file=shown(file), remedy="Let its name end in .yaml."))
        return
    raw = file.read_bytes()
    digest.update(f"{name.as_posix()}\0{len(raw)}\0".encode() + raw)
    try:
        content = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"The file is not UTF-8 from byte {error.start} on."
        faults.append(BadFact(what, file=shown(file), remedy="Save it as UTF-8."))
        return
    found, unread = text.documents(content, shown(file))
    faults.extend(unread)
    if not found and not unread:
        faults.append(BadFact("The file holds no fact.", file=shown(file), remedy="Write one, or delete the file."))
    broken = {fault.document for fault in unread}
    for document in found:
        fact = _fact(document, file, faults, quiet=document.number in broken)
        if fact is not None:
            loaded.append(Loaded(fact, file, document.number))


def _fact(document: text.Document, file: Path, faults: list[BadFact], *, quiet: bool) -> Fact | None:
    """Return a document as a fact; note its faults, but not those at places that could not be read anyway."""
    try:
        return FACT.validate_json(json.dumps(document.value, allow_nan=False), strict=True)
    except ValidationError as error:
        unread = {fault.path for fault in faults if fault.file == shown(file) and fault.document == document.number}
        for path, what, remedy in told(error, document.value):
            if not quiet or text.spelled(path) not in unread:
                faults.append(
                    BadFact(
                        what,
                        file=shown(file),
                        document=document.number,
                        line=document.line(path),
                        path=text.spelled(path),
                        remedy=remedy,
                    )
                )
    return None


def told(error: ValidationError, value: object) -> Iterable[tuple[text.Path, str, str]]:
    """Yield path, what and remedy of every fault; several guesses at one place are one fault."""
    places: dict[text.Path, list[tuple[str, str]]] = {}
    for each in error.errors(include_url=False):
        path = _path(each["loc"], value)
        places.setdefault(path, []).append(_words(each["type"], each, path))
    for path, said in places.items():
        whats = dict.fromkeys(what for what, _ in said)
        yield path, " ".join(whats), next((remedy for _, remedy in said if remedy), "")


def _path(loc: tuple[str | int, ...], value: object) -> text.Path:
    """Return the place in the file: pydantic also names the member of a union, which no file holds."""
    path: list[str | int] = []
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(value, dict) and (part in value or (last and part != value.get("kind"))):
            path.append(part)
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            path.append(part)
            value = value[part]
    return tuple(path)


def _words(type_: str, each: Any, path: text.Path) -> tuple[str, str]:
    name = f"`{path[-1]}`" if path else "The document"
    given = each["input"]
    context = each.get("ctx", {})
    match type_:
        case "missing":
            return f"{name} is missing.", "Write it."
        case "unexpected_keyword_argument":
            return f"There is no field {name} here.", "`asklepion facts schema KIND` lists the fields."
        case "string_type":
            return f"Text is wanted, not {_said(given)}.", "Put it in quotes." if given is not None else "Write it."
        case "int_type" | "int_from_float":
            return f"A whole number is wanted, not {_said(given)}.", ""
        case "float_type":
            return f"A number is wanted, not {_said(given)}.", ""
        case "bool_type":
            return f"true or false is wanted, not {_said(given)}.", ""
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return f"A day is wanted, not {_said(given)}.", "Write it as 2026-11-23."
        case "enum" | "literal_error":
            return f"{_said(given)} is not taken here.", f"Use one of: {context['expected'].replace(' or ', ', ')}."
        case "union_tag_invalid":
            return f"There is no kind {context['tag']}.", f"Use one of: {context['expected_tags']}."
        case "union_tag_not_found":
            return "`kind` is missing.", "Say which kind it is."
        case "tuple_type":
            return f"A list is wanted, not {_said(given)}.", "Begin each line of it with a dash."
        case "dataclass_type" | "dataclass_exact_type" | "model_attributes_type":
            return f"Named fields are wanted, not {_said(given)}.", ""
        case _:
            return f"{each['msg']}.", ""


def _said(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "a list"
    return "named fields" if isinstance(value, dict) else f"`{value}`"


def _by_id(found: Iterable[Any]) -> dict[str, Any]:
    by_id: dict[str, Any] = {}
    for each in found:
        by_id.setdefault(each.id, each)
    return by_id


def _read_references(bib: Path, digest: Any, known: dict[str, Reference], faults: list[BadFact]) -> None:
    raw = bib.read_bytes()
    digest.update(f"{bib.name}\0{len(raw)}\0".encode() + raw)
    found, wrong = works.references(raw.decode("utf-8"), shown(bib))
    faults.extend(wrong)
    for key, work in found.items():
        if key in known:
            what = f"The key {key} stands in the references that are shipped."
            faults.append(BadFact(what, file=shown(bib), path=key, remedy="Choose another key."))
        known[key] = work


def _doubled(loaded: list[Loaded]) -> Iterable[BadFact]:
    first: dict[tuple[str, str], Loaded] = {}
    for each in loaded:
        parts: list[tuple[text.Path, str, str]] = [(("id",), each.fact.kind, each.fact.id)]
        if isinstance(each.fact, Observables):
            parts += [(("observables", n, "id"), "observable", o.id) for n, o in enumerate(each.fact.observables)]
        if isinstance(each.fact, ConsentElements):
            parts += [(("elements", n, "id"), "consent element", e.id) for n, e in enumerate(each.fact.elements)]
        for path, kind, id_ in parts:
            before = first.setdefault((kind, id_), each)
            if before is not each:
                place = f"{shown(before.file)}, document {before.document}"
                what = f"The {kind.replace('_', ' ')} {id_} stands already in {place}."
                yield each.fault(what, *path, remedy="Give one of them another id.")
