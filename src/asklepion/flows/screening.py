"""Screening: what is recorded about a person, what is decided about a medicine, and the signed worksheet."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Literal

from asklepion.core import readings
from asklepion.core.chart import Observation
from asklepion.core.entries import Observed, Signed, Value
from asklepion.core.errors import BadInput, NotAllowed
from asklepion.flows.describe import value_words
from asklepion.flows.facts import facts
from asklepion.flows.judging import judged
from asklepion.flows.medicines import decide_medicine, known_names, meant, record_medicine, told
from asklepion.flows.worksheet import Worksheet, worksheet
from asklepion.record import accounts, clock, ledger, reading
from asklepion.record.ledger import Author, Receipt
from asklepion.record.reading import Reader

__all__ = [
    "MEANINGS",
    "Receipt",
    "Worksheet",
    "decide_medicine",
    "known_names",
    "meant",
    "on_file",
    "record_groups",
    "record_medicine",
    "record_values",
    "sign_worksheet",
    "told",
    "worksheet",
]

Typed = Mapping[str, str | bool | float]
Meaning = Literal["authored", "reviewed", "approved"]
MEANINGS: dict[str, str] = {
    "authored": "I wrote this",
    "reviewed": "I have reviewed this",
    "approved": "I approve: this person may be enrolled",
}


def record_values(
    course: str,
    values: Typed,
    *,
    by: Author,
    visit: str = "",
    at: datetime | None = None,
    corrects: str = "",
    reason: str = "",
    id: str | None = None,
    treatment: bool | None = None,
) -> Receipt:
    """Record values that were taken together, as one entry. What is empty is left out, never filled in.

    Without `treatment` the label of the observables decides: one that belongs to treatment makes the entry so.
    Raises ManyFaults with every fault, each `where` an observable's id; BadInput if nothing was typed.
    """
    taken = _taken(values)
    return _append(course, taken, by, visit=visit, at=at, corrects=corrects, reason=reason, id=id, treatment=treatment)


def record_groups(
    course: str, values: Typed, *, by: Author, ids: Mapping[str, str], at: datetime | None = None
) -> tuple[Receipt, ...]:
    """Record a whole sheet: one entry a group of observables, so that each can be corrected by itself.

    All of it is checked before anything is saved. `ids` gives the entry id of each group: sent twice it is saved once.
    """
    known = facts().observables
    groups: dict[str, list[Value]] = {}
    for value in _taken(values):
        groups.setdefault(known[value.what].group, []).append(value)
    with ledger.together():
        return tuple(_append(course, tuple(taken), by, at=at, id=ids.get(group)) for group, taken in groups.items())


def on_file(course: str, whats: Iterable[str], reader: Reader) -> dict[str, tuple[str, date, int]]:
    """Return the latest value of each observable that the reader may see: its words, its day, its entry's number."""
    chart = reading.chart(course, reader)
    seen = ((what, chart.observed(what)) for what in whats)
    return {what: (_plain(each), each.on, each.source.seq) for what, each in seen if each}


def _plain(seen: Observation) -> str:
    """Return a value without its title: `118 mmHg`, `no`."""
    words = value_words(Value(seen.what, seen.value, seen.unit), facts())
    known = facts().observables.get(seen.what)
    return words.removeprefix(known.title if known else "").lstrip(": ")


def sign_worksheet(
    course: str,
    *,
    by: Author,
    username: str,
    password: str,
    meaning: Meaning,
    shown_hash: str,
    id: str | None = None,
) -> Receipt:
    """Sign what the worksheet shows today. `shown_hash` is the hash of the worksheet that the signer had before them.

    Raises ProofFailed; BadInput where the worksheet has changed since it was shown (where `shown_hash`), or where
    approval is not offered: it needs the role that the protocol names and nothing unmet or unknown.
    """
    if meaning not in MEANINGS:
        raise BadInput("The meaning of the signature is missing.", where="meaning", remedy="Choose one.")
    proof = accounts.prove(by.account, username, password)
    now = judged(course, on=clock.today())
    if now.hash != shown_hash:
        raise BadInput(
            "The worksheet has changed since it was shown to you. Nothing was signed.",
            where="shown_hash",
            remedy="Read it as it stands now, then sign.",
        )
    if meaning == "approved" and by.role is not now.approver:
        raise NotAllowed(f"Approval is given by a {now.approver.replace('_', ' ')}.", where="meaning")
    if meaning == "approved" and not now.clear:
        raise BadInput(
            "Approval is not offered while a criterion is unmet or unknown.",
            where="meaning",
            remedy="Sign as author or reviewer, or settle what is open first.",
        )
    entry = Signed(
        what="worksheet",
        signs_hash=now.hash,
        printed_name=accounts.printed_name(by.account),
        meaning=meaning,
        proof=proof,
        met=now.met,
        not_met=now.not_met,
        unknown=now.unknown,
    )
    return ledger.append(course, entry, by, id=id)


def _taken(values: Typed) -> tuple[Value, ...]:
    known = facts().observables
    strange = sorted(set(values) - set(known))
    if strange:
        raise BadInput("No such observable is on file.", where=strange[0], remedy="Leave it out, or add its fact.")
    taken = readings.read(known, values)
    if not taken:
        raise BadInput("Nothing was typed, so nothing was saved.", remedy="Fill in at least one value.")
    return taken


def _append(
    course: str,
    taken: tuple[Value, ...],
    by: Author,
    *,
    visit: str = "",
    at: datetime | None = None,
    corrects: str = "",
    reason: str = "",
    id: str | None = None,
    treatment: bool | None = None,
) -> Receipt:
    if at is not None and at > clock.now():
        raise BadInput("This lies ahead of us.", where="at", remedy="Give the day on which it was taken.")
    known = facts().observables
    of_treatment = any(known[value.what].label == "treatment" for value in taken) if treatment is None else treatment
    entry = Observed(taken, visit=visit, treatment=of_treatment)
    return ledger.append(course, entry, by, at=at, id=id, corrects=corrects, reason=reason)
