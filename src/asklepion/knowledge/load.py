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
from asklepion.knowledge.faults import told
from asklepion.knowledge.types import (
    Basis,
    Biomarker,
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
            biomarkers=_by_id(self.of(Biomarker)),
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
            what = f"The key {key} stands already in other references."
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
