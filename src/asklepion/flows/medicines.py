"""Medicines of a course: as they were told, what on file answers to a name, and what a physician decides."""

from datetime import date
from typing import Literal

from asklepion.core import medicines
from asklepion.core.access import Role
from asklepion.core.entries import MedicineDecided, MedicineRecorded
from asklepion.core.errors import BadInput, ManyFaults, ProofFailed, UnknownId
from asklepion.flows.facts import facts
from asklepion.knowledge.types import Drug
from asklepion.record import accounts, clock, ledger, reading
from asklepion.record.ledger import Author, Receipt
from asklepion.record.reading import Reader

_SECOND = frozenset({Role.PHYSICIAN, Role.PHARMACIST, Role.MEDICAL_MONITOR})


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


def told(course: str, entry: str, reader: Reader) -> MedicineRecorded:
    """Return what an entry tells of a medicine. Raises UnknownId for what is not there or tells of none."""
    found = reading.entry(course, entry, reader).entry
    if not isinstance(found, MedicineRecorded):
        raise UnknownId("This entry tells of no medicine.", where=entry)
    return found


def _drug_of(typed: str) -> str:
    found = medicines.match(facts().drugs, typed)
    return found.id if found else ""


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
