"""The works that facts rest on, from BibTeX."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from asklepion.core.errors import BadFact
from asklepion.knowledge.types import Reference

STATUSES = ("published", "retracted", "correction", "concern", "draft", "release")
_FIELD_TWICE = ("A field of this entry stands twice.", "Keep one.")


def shipped() -> Path:
    """Return the file of references that comes with the facts: in the package, or in docs/ of the repository."""
    packaged = Path(str(files("asklepion.knowledge"))) / "references.bib"
    return packaged if packaged.is_file() else Path(__file__).parents[3] / "docs" / "references.bib"


def references(text: str, file: str) -> tuple[Mapping[str, Reference], tuple[BadFact, ...]]:
    """Return the works of a BibTeX text by key, and its faults, all of them.

    Our own field `status` says how a work stands; without it a work is published.
    """
    from pybtex.database.input.bibtex import LowLevelParser

    found: dict[str, Reference] = {}
    faults: list[BadFact] = []

    def note(error: Exception) -> None:
        line, what = getattr(error, "lineno", 0), str(error).rpartition(": ")[2]
        remedy = "Look at braces, quotes and commas of this entry."
        faults.append(BadFact(f"This is not BibTeX: {what}.", file=file, line=line, remedy=remedy))

    for kind, body in LowLevelParser(text, handle_error=note):
        if kind.lower() in ("comment", "string", "preamble"):
            continue
        key, fields = body
        work = {name.lower(): " ".join("".join(map(str, parts)).split()) for name, parts in fields}
        what, remedy = _what_is_wrong(key, work, found) if len(work) == len(fields) else _FIELD_TWICE
        if what:
            faults.append(BadFact(what, file=file, path=str(key), remedy=remedy))
        found.setdefault(key, _reference(key, work))
    return found, tuple(faults)


def _what_is_wrong(key: str, work: Mapping[str, str], found: Mapping[str, Reference]) -> tuple[str, str]:
    if key in found:
        return f"The key {key} stands here twice.", "Keep one entry of it."
    status = work.get("status", "published")
    return ("", "") if status in STATUSES else (f"`{status}` is no status.", f"Use one of: {', '.join(STATUSES)}.")


def _reference(key: str, work: Mapping[str, str]) -> Reference:
    parts = (_authors(work.get("author", "")), *(work.get(name, "") for name in ("title", "journal", "year", "note")))
    doi = work.get("doi", "")
    return Reference(
        key=key,
        text=" ".join(f"{_plain(part).rstrip('.')}." for part in parts if part),
        url=f"https://doi.org/{doi}" if doi else work.get("url", ""),
        status=work.get("status", "published"),
    )


def _authors(text: str) -> str:
    """Return the surnames: all of up to three, else the first and `and others`."""
    from pybtex.bibtex.utils import split_name_list
    from pybtex.database import Person

    names = [name.strip() for name in split_name_list(text)]
    people = [Person(name) for name in names if name != "others"]
    said = [" ".join((*person.prelast_names, *person.last_names)) for person in people]
    more = len(people) < len(names)
    return f"{said[0]} and others" if said and (more or len(said) > 3) else ", ".join(said)


def _plain(text: Any) -> str:
    from pybtex.richtext import Text

    return str(Text.from_latex(text)) if any(sign in text for sign in "\\{~") else str(text)
