"""Consent: which version is in force, how a person's own signature stands to it, and what they understood."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import ConsentCountersigned, ConsentSigned, ConsentWithdrawn
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import ConsentState, ConsentStatus
from asklepion.knowledge.types import ConsentDocument

_NOT_YET = "No version is in force yet."


@dataclass(frozen=True, slots=True)
class Graded:
    """How many questions were answered rightly at this try. `wrong` are ids of those to be read again."""

    right: int
    asked: int
    wrong: tuple[str, ...]


def current(documents: Iterable[ConsentDocument], *, on: date) -> ConsentDocument | None:
    """Return the version in force on a day: of those already effective the latest. None before the first."""
    effective = [document for document in documents if document.effective_from <= on]
    return max(effective, key=lambda document: document.effective_from, default=None)


def status(documents: Iterable[ConsentDocument], chart: Chart, *, on: date) -> ConsentStatus:
    """Return how the consent of one person stands on a day. `documents` are the versions of one document, at least one.

    A withdrawal holds until the person signs anew. Whoever signed a version signs again once a later one that asks for
    it is in force, even if the newest one does not ask. Raises BadInput if there are no versions or several documents.
    """
    versions = tuple(documents)
    names = {version.document for version in versions}
    if len(names) != 1:
        raise BadInput(f"Consent is judged by the versions of one document, not of {len(names)}.")
    name = names.pop()
    now = current(versions, on=on)
    signed = next((s for s in reversed(chart.of(ConsentSigned)) if s.entry.document == name and s.on <= on), None)
    ended = next((w for w in reversed(chart.of(ConsentWithdrawn)) if w.entry.document == name and w.on <= on), None)
    if ended and (signed is None or (signed.at, signed.seq) < (ended.at, ended.seq)):
        state, because, entry = ConsentState.WITHDRAWN, _withdrawn_words(ended.entry.scope), ended.id
    else:
        state, because = _signed_state(versions, now, signed, chart, on=on)
        entry = signed.id if signed else ""
    return ConsentStatus(
        document=name,
        current=now.version if now else "",
        signed=signed.entry.version if signed else "",
        signed_on=signed.on if signed else None,
        state=state,
        because=because,
        entry=entry,
        since=now.effective_from if now else None,
    )


def grade(document: ConsentDocument, choices: Mapping[str, int]) -> Graded:
    """Return how the comprehension questions were answered. A question left out is wrong.

    Raises ManyFaults for a question or an option that the document does not have.
    """
    options = {question.id: len(question.options) for question in document.questions}
    faults = [
        BadInput("There is no such question.", where=id)
        if id not in options
        else BadInput(f"There is no option {choice}.", where=id, remedy=f"Choose 0 to {options[id] - 1}.")
        for id, choice in choices.items()
        if not 0 <= choice < options.get(id, 0)
    ]
    if faults:
        raise ManyFaults("The answers do not fit the questions.", tuple(faults))
    wrong = tuple(question.id for question in document.questions if choices.get(question.id) != question.correct)
    return Graded(len(options) - len(wrong), len(options), wrong)


def document_hash(document: ConsentDocument) -> str:
    """Return SHA-256 in hex over what is shown of a version: title, sections and questions, with name and day."""
    shown = {
        "document": document.document,
        "version": document.version,
        "title": document.title,
        "effective_from": document.effective_from.isoformat(),
        "sections": [asdict(section) for section in document.sections],
        "questions": [asdict(question) for question in document.questions],
    }
    canonical = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _signed_state(
    versions: Iterable[ConsentDocument],
    now: ConsentDocument | None,
    signed: Recorded[ConsentSigned] | None,
    chart: Chart,
    *,
    on: date,
) -> tuple[ConsentState, str]:
    if signed is None:
        return ConsentState.NEVER_SIGNED, f"Version {now.version} has to be signed." if now else _NOT_YET
    known = {version.version: version for version in versions}
    if signed.entry.version not in known:
        return ConsentState.SIGN_AGAIN, f"Version {signed.entry.version} was signed; it is not on file."
    since = known[signed.entry.version].effective_from
    asking = [v for v in known.values() if v.must_sign_again and since < v.effective_from <= on]
    if asking:
        latest = max(asking, key=lambda version: version.effective_from)
        return ConsentState.SIGN_AGAIN, (
            f"Version {latest.version} asks everyone to sign again; version {signed.entry.version} was signed."
        )
    missing = _not_countersigned(known[signed.entry.version], signed, chart, on=on)
    if missing:
        return ConsentState.AWAITS_COUNTERSIGNATURE, f"The signature of the {missing[0].replace('_', ' ')} is missing."
    also = " and countersigned" if known[signed.entry.version].countersigned_by else ""
    return ConsentState.IN_FORCE, f"Version {signed.entry.version} is signed{also}."


def _not_countersigned(
    document: ConsentDocument, signed: Recorded[ConsentSigned], chart: Chart, *, on: date
) -> tuple[str, ...]:
    """Return the roles whose countersignature of this very signature is missing."""
    given = {c.role for c in chart.of(ConsentCountersigned) if c.entry.signs_entry == signed.id and c.on <= on}
    return tuple(role for role in document.countersigned_by if role not in given)


def _withdrawn_words(scope: str) -> str:
    if scope == "treatment":
        return "Consent to treatment was withdrawn; what was agreed about data stands."
    return "Consent was withdrawn as a whole."
