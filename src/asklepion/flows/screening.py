"""Screening: what is recorded about a person, what is decided about a medicine, and the signed worksheet."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from asklepion.core import medicines, readings
from asklepion.core.access import Role
from asklepion.core.entries import MedicineDecided, MedicineRecorded, Observed, Signed, Value
from asklepion.core.errors import BadInput, ManyFaults, NotAllowed, ProofFailed
from asklepion.flows.facts import facts
from asklepion.flows.judging import judged
from asklepion.flows.worksheet import Worksheet, worksheet
from asklepion.knowledge.types import Drug
from asklepion.record import accounts, clock, ledger, reading
from asklepion.record.ledger import Author, Receipt

__all__ = [
    "MEANINGS",
    "Worksheet",
    "decide_medicine",
    "known_names",
    "meant",
    "record_groups",
    "record_medicine",
    "record_values",
    "sign_worksheet",
    "worksheet",
]

Typed = Mapping[str, str | bool | float]
Meaning = Literal["authored", "reviewed", "approved"]
MEANINGS: dict[str, str] = {
    "authored": "I wrote this",
    "reviewed": "I have reviewed this",
    "approved": "I approve: this person may be enrolled",
}
_SECOND = frozenset({Role.PHYSICIAN, Role.PHARMACIST, Role.MEDICAL_MONITOR})


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
    return tuple(_append(course, tuple(taken), by, at=at, id=ids.get(group) or None) for group, taken in groups.items())


def known_names() -> tuple[str, ...]:
    """Return every name under which a medicine is on file, in order: what a form offers while somebody types."""
    drugs = facts().drugs.values()
    return tuple(sorted({name for drug in drugs for name in (drug.title, *drug.names)}, key=str.casefold))


def meant(typed: str) -> tuple[Drug, ...]:
    """Return the medicines that may have been meant by a name that answers to none on file; empty where one does."""
    drugs = facts().drugs
    return () if medicines.match(drugs, typed) else medicines.suggest(drugs, typed)


def record_medicine(
    course: str,
    *,
    by: Author,
    typed: str,
    taking: bool,
    drug: str | None = None,
    dose: str = "",
    started_on: date | None = None,
    stopped_on: date | None = None,
    told_by: str = "",
    medicine: str = "",
    id: str | None = None,
) -> Receipt:
    """Record a medicine as told. `medicine` names the line that this brings up to date; without it a new line begins.

    `drug` None looks the typed name up; what answers to nothing on file is kept as typed, and a person decides on it.
    Raises ManyFaults for what cannot be: an empty name, a stop before the start or ahead of us.
    """
    known = facts().drugs
    name = " ".join(typed.split())
    if drug and drug not in known:
        raise BadInput("No such medicine is on file.", where="drug", remedy="Choose one of the list, or none.")
    _check_medicine(name, taking=taking, started_on=started_on, stopped_on=stopped_on)
    if medicine and medicine not in {each.entry.medicine for each in reading.chart(course, reading.JUDGE).medicines()}:
        raise BadInput("This medicine is not on the list of this course.", where="medicine")
    entry_id = id or ledger.new_id()
    entry = MedicineRecorded(
        medicine=medicine or entry_id,
        typed=name,
        drug=_drug_of(name) if drug is None else drug,
        taking=taking,
        dose=dose.strip(),
        started_on=started_on,
        stopped_on=stopped_on,
        told_by=told_by.strip(),
    )
    return ledger.append(course, entry, by, id=entry_id)


def decide_medicine(
    course: str,
    *,
    by: Author,
    medicine: str,
    decision: Literal["may_go_on", "stops_the_course"],
    rests_on: str,
    second_username: str,
    second_password: str,
    id: str | None = None,
) -> Receipt:
    """Record a physician's decision on a medicine that facts cannot settle. A second person proves who they are.

    Raises BadInput for an unknown medicine, no ground or the same person twice; ProofFailed; NotAllowed by role.
    """
    if medicine not in {each.entry.medicine for each in reading.chart(course, reading.JUDGE).medicines()}:
        raise BadInput("This medicine is not on the list of this course.", where="medicine")
    if decision not in ("may_go_on", "stops_the_course"):
        raise BadInput("Nothing is decided yet.", where="decision", remedy="Choose one of the two.")
    if not rests_on.strip():
        raise BadInput(
            "It does not say what the decision rests on.",
            where="rests_on",
            remedy="Name the source you read or the person you asked.",
        )
    second = _second_person(by, second_username, second_password)
    entry = MedicineDecided(medicine, decision, rests_on.strip(), second)
    return ledger.append(course, entry, by, id=id)


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


def _drug_of(typed: str) -> str:
    found = medicines.match(facts().drugs, typed)
    return found.id if found else ""


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


def _check_medicine(name: str, *, taking: bool, started_on: date | None, stopped_on: date | None) -> None:
    today = clock.today()
    faults = []
    if not name:
        faults.append(BadInput("The name is empty.", where="typed", remedy="Type it as it was told."))
    if started_on and started_on > today:
        faults.append(BadInput("This day lies ahead of us.", where="started_on", remedy="Give the day it was begun."))
    if taking and stopped_on:
        faults.append(
            BadInput("It cannot be stopped and still be taken.", where="stopped_on", remedy="Choose one of the two.")
        )
    elif stopped_on and stopped_on > today:
        faults.append(
            BadInput(
                "This day lies ahead of us.",
                where="stopped_on",
                remedy="Say that it is still taken until then.",
            )
        )
    if started_on and stopped_on and stopped_on < started_on:
        faults.append(BadInput("It was stopped before it was begun.", where="stopped_on", remedy="Look at both days."))
    if faults:
        raise ManyFaults("The medicine was not saved.", tuple(faults))


def _second_person(by: Author, username: str, password: str) -> str:
    """Return the printed name of a second person after they proved who they are."""
    if username.strip() == by.account:
        raise BadInput(
            "The second person is you.", where="second_username", remedy="Let somebody else type their own name."
        )
    accounts.prove(username, username, password)
    role = next((each.role for each in accounts.list() if each.username == username), None)
    if role not in _SECOND:
        raise ProofFailed(
            "This account may not second a decision.", remedy="A physician, pharmacist or medical monitor may."
        )
    return accounts.printed_name(username)
