"""How consent of one course stands: its document in force, every act, and what may be done next."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from asklepion.core import consent as rules
from asklepion.core.access import Role
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import ConsentCountersigned, ConsentSigned, ConsentWithdrawn, Entry
from asklepion.core.errors import BadInput, UnknownId
from asklepion.core.values import ConsentState, ConsentStatus
from asklepion.flows import projection
from asklepion.flows.facts import facts
from asklepion.knowledge.types import ConsentDocument, ConsentElement, Protocol, Section
from asklepion.record import people, reading
from asklepion.record.reading import Reader

Scope = Literal["treatment", "all"]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a document with the element that it covers."""

    number: int
    section: Section
    title: str
    required: bool


@dataclass(frozen=True, slots=True)
class Act:
    """A signature, countersignature or withdrawal, newest first. `countersigned_by` is empty while one is awaited."""

    recorded: Recorded[Entry]
    countersigned_by: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Consent of one course as its reader may see it. `to_countersign` waits for a second signature."""

    course: str
    protocol: Protocol
    simulated: bool
    status: ConsentStatus | None
    document: ConsentDocument | None
    parts: tuple[Part, ...]
    acts: tuple[Act, ...]
    to_countersign: Recorded[ConsentSigned] | None
    signed_as: str
    may_sign: bool
    may_withdraw: bool


def page(course: str, reader: Reader, *, on: date) -> Page:
    """Return how consent stands, its document in force and every act. Raises UnknownId as for what does not exist."""
    seen = reading.chart(course, reader)
    protocol, documents = protocol_of(seen)
    opened = seen.opened()
    status = projection.consent_status(protocol, facts(), seen, on=on)
    document = rules.current(documents, on=on) if documents else None
    waiting = to_countersign(seen, status)
    held = people.find(course) if waiting and reader.role in (Role.COORDINATOR, Role.PHYSICIAN) else None
    return Page(
        course=course,
        protocol=protocol,
        simulated=bool(opened and opened.entry.simulated),
        status=status,
        document=document,
        parts=parts(document) if document else (),
        acts=_acts(seen),
        to_countersign=waiting,
        signed_as=held.signed_as if held else "",
        may_sign=may_sign(status),
        may_withdraw=may_withdraw(status, seen),
    )


def parts(document: ConsentDocument) -> tuple[Part, ...]:
    """Return the sections of a document in order, each with its element."""
    known = facts().consent_elements
    return tuple(
        _part(number, section, known.get(section.element)) for number, section in enumerate(document.sections, 1)
    )


def _part(number: int, section: Section, element: ConsentElement | None) -> Part:
    title = element.title if element else section.element.replace("-", " ").capitalize()
    return Part(number, section, title, element.required if element else False)


def protocol_of(chart: Chart) -> tuple[Protocol, tuple[ConsentDocument, ...]]:
    known = facts()
    opened = chart.opened()
    protocol = known.protocols.get(opened.entry.protocol) if opened else None
    if protocol is None:
        raise UnknownId("The protocol of this course is not on file.", where=chart.course)
    wanted = protocol.consent_document
    return protocol, tuple(each for each in known.consent_documents if wanted and each.document == wanted)


def in_force(chart: Chart, *, on: date) -> ConsentDocument:
    _, documents = protocol_of(chart)
    found = rules.current(documents, on=on)
    if found is None:
        raise BadInput("No consent document is in force.", remedy="The clinic has to put one on file first.")
    return found


def document_of(document: str, version: str) -> ConsentDocument | None:
    known = facts().consent_documents
    return next((each for each in known if (each.document, each.version) == (document, version)), None)


def to_countersign(chart: Chart, status: ConsentStatus | None) -> Recorded[ConsentSigned] | None:
    if status is None or status.state is not ConsentState.AWAITS_COUNTERSIGNATURE:
        return None
    return next((each for each in chart.of(ConsentSigned) if each.id == status.entry), None)


def may_sign(status: ConsentStatus | None) -> bool:
    return status is not None and status.state in (
        ConsentState.NEVER_SIGNED,
        ConsentState.SIGN_AGAIN,
        ConsentState.WITHDRAWN,
    )


def may_withdraw(status: ConsentStatus | None, chart: Chart, scope: Scope = "all") -> bool:
    if status is None or status.state is ConsentState.NEVER_SIGNED:
        return False
    if status.state is not ConsentState.WITHDRAWN:
        return True
    withdrawn = chart.of(ConsentWithdrawn)
    return scope == "all" and bool(withdrawn) and withdrawn[-1].entry.scope == "treatment"


def _acts(chart: Chart) -> tuple[Act, ...]:
    by_entry = {each.entry.signs_entry: each.entry.printed_name for each in chart.of(ConsentCountersigned)}
    found: list[Recorded[Entry]] = [*chart.of(ConsentSigned), *chart.of(ConsentCountersigned)]
    found = sorted([*found, *chart.of(ConsentWithdrawn)], key=lambda each: each.seq, reverse=True)
    return tuple(Act(each, by_entry.get(each.id, "")) for each in found)
