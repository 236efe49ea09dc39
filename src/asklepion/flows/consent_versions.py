"""Every consent document with its versions, and who must sign again because a new one came."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from asklepion.core import consent as rules
from asklepion.flows.facts import facts
from asklepion.knowledge.types import ConsentDocument
from asklepion.record import caseload
from asklepion.record.projection import CourseRow
from asklepion.record.reading import Reader

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Version:
    """One version as the list shows it. `state` is in force, replaced or ahead; `signed` counts courses under it."""

    document: ConsentDocument
    state: str
    signed: int


@dataclass(frozen=True, slots=True)
class Again:
    """A course whose person must sign again: which version they signed last, and where the course stands."""

    course: str
    signed: str
    where: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its versions, newest first. `again` are at most a page of `again_total` courses."""

    id: str
    title: str
    protocols: tuple[str, ...]
    in_force: ConsentDocument | None
    versions: tuple[Version, ...]
    again: tuple[Again, ...]
    again_total: int
    unsigned: int


def versions(reader: Reader, *, on: date) -> tuple[Document, ...]:
    """Return every document on file, by title, with the courses that the reader may see."""
    known = facts()
    rows: dict[str, list[CourseRow]] = defaultdict(list)
    for row in caseload.running(reader):
        protocol = known.protocols.get(row.protocol)
        if protocol and protocol.consent_document:
            rows[protocol.consent_document].append(row)
    ids = dict.fromkeys(each.document for each in known.consent_documents)
    found = (_document(id, rows[id], reader, on=on) for id in ids)
    return tuple(sorted(found, key=lambda document: document.title))


def must_sign_again(documents: tuple[ConsentDocument, ...], signed: str, *, on: date) -> bool:
    """Return whether a version that came into force after the signed one asks those who signed to sign again.

    A signed version that is no longer on file cannot be compared, so it is to be signed again.
    """
    mine = next((each for each in documents if each.version == signed), None)
    if mine is None:
        return True
    return any(each.must_sign_again for each in documents if mine.effective_from < each.effective_from <= on)


def _document(id: str, rows: list[CourseRow], reader: Reader, *, on: date) -> Document:
    known = facts()
    documents = tuple(each for each in known.consent_documents if each.document == id)
    current = rules.current(documents, on=on)
    due = [row for row in rows if row.consent_version and must_sign_again(documents, row.consent_version, on=on)]
    gone = caseload.consent_withdrawn([row.course for row in due], reader)
    again = [row for row in due if row.course not in gone]
    newest = sorted(documents, key=lambda each: each.effective_from, reverse=True)
    return Document(
        id=id,
        title=(current or newest[0]).title,
        protocols=tuple(each.title for each in known.protocols.values() if each.consent_document == id),
        in_force=current,
        versions=tuple(Version(each, _state(each, current, on=on), _signed(rows, each)) for each in newest),
        again=tuple(Again(row.course, row.consent_version, row.where, row.simulated) for row in again[:SHOWN]),
        again_total=len(again),
        unsigned=sum(1 for row in rows if not row.consent_version),
    )


def _signed(rows: list[CourseRow], document: ConsentDocument) -> int:
    return sum(1 for row in rows if row.consent_version == document.version)


def _state(document: ConsentDocument, current: ConsentDocument | None, *, on: date) -> str:
    if document == current:
        return "in force"
    return "ahead" if document.effective_from > on else "replaced"
