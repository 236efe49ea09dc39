"""Consent: read, understood, signed by the participant, countersigned, withdrawn; and who must sign again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from asklepion.core import consent as rules
from asklepion.core.entries import ConsentCountersigned, ConsentSigned, ConsentWithdrawn
from asklepion.core.errors import BadInput, ManyFaults, NotAllowed, UnknownId
from asklepion.flows import projection
from asklepion.flows.consent_state import (
    Page,
    Part,
    Scope,
    document_of,
    in_force,
    may_sign,
    may_withdraw,
    page,
    parts,
    protocol_of,
    to_countersign,
)
from asklepion.flows.consent_versions import versions
from asklepion.flows.facts import facts
from asklepion.knowledge.types import ConsentDocument, Question
from asklepion.record import accounts, clock, drafts, ledger, people, reading
from asklepion.record.ledger import Author, Receipt
from asklepion.record.people import Person

__all__ = [
    "SCOPES",
    "Checked",
    "Page",
    "check",
    "countersign",
    "page",
    "prove_and_sign",
    "sign",
    "versions",
    "withdraw",
]

SCOPES: dict[str, str] = {
    "treatment": "The treatment only. Visits that look how the person is doing may go on.",
    "all": "Everything. Nobody calls or invites this person any more for the study.",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """How the answers stand: which questions have none, and which are to be looked at again with their section."""

    unanswered: tuple[Question, ...]
    wrong: tuple[tuple[Question, Part | None], ...]

    @property
    def right(self) -> bool:
        return not self.unanswered and not self.wrong


def check(course: str, choices: Mapping[str, int], *, by: Author) -> Checked:
    """Return which answers are missing or not right yet. What was wrong at first is remembered until the signature."""
    document = in_force(reading.chart(course, reading.JUDGE), on=clock.today())
    checked = _checked(document, choices)
    for question, _ in checked.wrong:
        drafts.save(by.account, course, _kept_under(document), document.version, question.id, choices[question.id])
    return checked


def sign(
    course: str,
    *,
    by: Author,
    document: str,
    version: str,
    choices: Mapping[str, int],
    name: str,
    id: str | None = None,
) -> Receipt:
    """Record that the participant signed a version, after every question was answered rightly in the end.

    The printed name is kept apart, encrypted; the ledger says only that it is held. Raises ManyFaults for answers that
    are missing or wrong, BadInput for another version than the one in force, no name, or a version signed already.
    """
    before = _earlier(course, id, by)
    if before:
        return before
    chart = reading.chart(course, reading.JUDGE)
    found = in_force(chart, on=clock.today())
    if (found.document, found.version) != (document, version):
        raise BadInput(
            f"Version {version} is not in force: version {found.version} is.",
            where="version",
            remedy="Read the version that is in force, then sign it.",
        )
    status = projection.consent_status(protocol_of(chart)[0], facts(), chart, on=clock.today())
    if not may_sign(status):
        raise BadInput("This version was signed already.", where="version", remedy="There is nothing more to sign.")
    _refuse_open_answers(found, choices)
    if not name.strip():
        raise BadInput("The printed name is empty.", where="name", remedy="Type your name as you write it.")
    return _record_signature(course, found, by=by, choices=choices, name=" ".join(name.split()), id=id)


def prove_and_sign(
    course: str,
    *,
    by: Author,
    document: str,
    version: str,
    choices: Mapping[str, int],
    name: str,
    password: str,
    id: str | None = None,
) -> Receipt:
    """Sign as the page does it: after the participant typed their password again. Raises ProofFailed besides."""
    accounts.prove(by.account, by.account, password)
    return sign(course, by=by, document=document, version=version, choices=choices, name=name, id=id)


def countersign(
    course: str, *, by: Author, username: str, password: str, entry: str = "", id: str | None = None
) -> Receipt:
    """Countersign the participant's signature. `entry` is the one that the signer had before them.

    Raises ProofFailed, NotAllowed for a role that the document does not name, BadInput if nothing waits or another
    signature came since.
    """
    accounts.prove(by.account, username, password)
    before = _earlier(course, id, by)
    if before:
        return before
    chart = reading.chart(course, reading.JUDGE)
    status = projection.consent_status(protocol_of(chart)[0], facts(), chart, on=clock.today())
    signed = to_countersign(chart, status)
    if signed is None:
        raise BadInput("No signature waits for a countersignature.", remedy="Load the page again to see how it stands.")
    if entry and entry != signed.id:
        raise BadInput(
            "Another signature came since this page was shown.", where="entry", remedy="Read it, then countersign."
        )
    document = document_of(signed.entry.document, signed.entry.version)
    given = {each.role for each in chart.of(ConsentCountersigned) if each.entry.signs_entry == signed.id}
    if document is None or str(by.role) not in document.countersigned_by or str(by.role) in given:
        raise NotAllowed("The countersignature that is missing is that of another role.", where="role")
    made = ConsentCountersigned(
        signed.entry.document, signed.entry.version, signed.id, signed.hash, accounts.printed_name(by.account)
    )
    return ledger.append(course, made, by, id=id)


def withdraw(course: str, scope: Scope, *, by: Author, id: str | None = None) -> Receipt:
    """Record that consent is withdrawn. It needs no reason and takes effect at once.

    Raises BadInput if nothing was consented to, or as much is withdrawn already.
    """
    if scope not in SCOPES:
        raise BadInput("It does not say what is withdrawn.", where="scope", remedy="Choose one of the two.")
    before = _earlier(course, id, by)
    if before:
        return before
    chart = reading.chart(course, reading.JUDGE)
    protocol, _ = protocol_of(chart)
    status = projection.consent_status(protocol, facts(), chart, on=clock.today())
    if not may_withdraw(status, chart, scope):
        raise BadInput("There is no consent that could be withdrawn so.", remedy="Look at how it stands on the page.")
    return ledger.append(course, ConsentWithdrawn(protocol.consent_document, scope), by, id=id)


def _record_signature(
    course: str,
    document: ConsentDocument,
    *,
    by: Author,
    choices: Mapping[str, int],
    name: str,
    id: str | None,
) -> Receipt:
    wrong = drafts.load(by.account, course, _kept_under(document), document.version)
    graded = rules.grade(document, choices)
    entry = ConsentSigned(
        document=document.document,
        version=document.version,
        document_hash=rules.document_hash(document),
        printed_name_held=True,
        questions_right=graded.right,
        questions_asked=graded.asked,
        wrong_first=tuple(question.id for question in document.questions if question.id in wrong),
    )
    with ledger.together():
        people.save(course, replace(people.find(course) or Person(name=name), signed_as=name))
        receipt = ledger.append(course, entry, by, id=id)
        drafts.discard(by.account, course, _kept_under(document), document.version)
    return receipt


def _kept_under(document: ConsentDocument) -> str:
    return f"consent:{document.document}"[:64]


def _earlier(course: str, id: str | None, by: Author) -> Receipt | None:
    """Return the receipt of an entry that came before under this id by the same account: a form sent twice."""
    if not id:
        return None
    try:
        found = reading.entry(course, id, reading.JUDGE)
    except UnknownId:
        return None
    if found.by != by.account or not isinstance(found.entry, ConsentSigned | ConsentCountersigned | ConsentWithdrawn):
        return None
    return Receipt(found.id, found.course, found.seq, found.hash, found.recorded_at)


def _checked(document: ConsentDocument, choices: Mapping[str, int]) -> Checked:
    unanswered = tuple(question for question in document.questions if question.id not in choices)
    wrong = rules.grade(document, choices).wrong
    sections = {part.section.element: part for part in parts(document)}
    again = tuple(
        (question, sections.get(question.reread))
        for question in document.questions
        if question.id in wrong and question not in unanswered
    )
    return Checked(unanswered, again)


def _refuse_open_answers(document: ConsentDocument, choices: Mapping[str, int]) -> None:
    checked = _checked(document, choices)
    faults = [
        BadInput("This question has no answer yet.", where=question.id, remedy="Choose one.")
        for question in checked.unanswered
    ]
    faults += [
        BadInput("This answer is not right yet.", where=question.id, remedy="Read the section again, then choose.")
        for question, _ in checked.wrong
    ]
    if faults:
        raise ManyFaults("Some questions are open.", tuple(faults))
