"""Allocation of a blinded course: the arm from the sealed list, and the kits that were dispensed. For a pharmacist."""

from dataclasses import dataclass

from asklepion.core.access import READS, Label, Role
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import ArmAssigned, Dispensed
from asklepion.core.errors import BadInput, ManyFaults, UnknownId
from asklepion.flows.describe import visit_title
from asklepion.flows.facts import facts
from asklepion.knowledge.types import Arm, Protocol, VisitKind
from asklepion.record import ledger, reading
from asklepion.record.ledger import Author, Receipt
from asklepion.record.reading import Reader

LONGEST_KIT = 60
LONGEST_CONTENT = 200


@dataclass(frozen=True, slots=True)
class Row:
    """What was dispensed for one dosing visit. `kits` is empty where nothing was recorded yet."""

    visit: str
    title: str
    kits: tuple[Recorded[Dispensed], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the page on the allocation shows. `arm` is the entry that stands, None where none was recorded.

    `visits` are those at which a dose is planned, id and title; `rows` has one each, and one for every other visit for
    which a kit was recorded.
    """

    course: str
    simulated: bool
    title: str
    arms: tuple[Arm, ...]
    arm: Recorded[ArmAssigned] | None
    arm_title: str
    visits: dict[str, str]
    rows: tuple[Row, ...]


def has_allocation(protocol: Protocol) -> bool:
    """Return whether courses of a protocol have an arm that is hidden from those who treat."""
    return protocol.blinded and bool(protocol.arms)


def page(course: str, reader: Reader) -> Page:
    """Return what was recorded of a course's allocation. Raises UnknownId alike for no course, no arms and no right."""
    if Label.ALLOCATION not in reader.labels:
        raise UnknownId("There is no such course.")
    chart = reading.chart(course, reader)
    protocol = _protocol(chart)
    opened = chart.opened()
    assigned = chart.of(ArmAssigned)
    titles = {arm.id: arm.title for arm in protocol.arms}
    return Page(
        course=course,
        simulated=bool(opened and opened.entry.simulated),
        title=protocol.title,
        arms=protocol.arms,
        arm=assigned[-1] if assigned else None,
        arm_title=titles.get(assigned[-1].entry.arm, assigned[-1].entry.arm) if assigned else "",
        visits=_dosing(protocol),
        rows=_rows(chart, _dosing(protocol)),
    )


def assign(course: str, arm: str, *, by: Author, id: str | None = None) -> Receipt:
    """Record the arm that stands for this person on the sealed list, once.

    Raises BadInput for an arm that the protocol does not have, or if one was recorded; UnknownId as `page` does;
    NotAllowed by role. The same id again gives the same receipt.
    """
    chart = _judged(course, by)
    if not ledger.knows(course, id):
        if arm not in {each.id for each in _protocol(chart).arms}:
            raise BadInput("This is no arm of the protocol.", where="arm", remedy="Choose one of the list.")
        _refuse_a_second(chart, allowed=0)
    with ledger.together():
        receipt = ledger.append(course, ArmAssigned(arm), by, id=id)
        # Whoever recorded one meanwhile was waited for: with two, this one falls.
        _refuse_a_second(reading.chart(course, reading.JUDGE), allowed=1)
    return receipt


def dispense(course: str, visit: str, kit: str, content: str, *, by: Author, id: str | None = None) -> Receipt:
    """Record a kit that was dispensed for a dosing visit, and what it holds.

    Raises ManyFaults by field, for a kit that was recorded in this course before too; UnknownId as `page` does;
    NotAllowed by role. The same id again gives the same receipt.
    """
    chart = _judged(course, by)
    entry = Dispensed(visit, " ".join(kit.split()), " ".join(content.split()))
    if not ledger.knows(course, id) and (faults := _faults(entry, chart)):
        raise ManyFaults("The kit was not saved.", tuple(faults))
    return ledger.append(course, entry, by, id=id)


def _judged(course: str, by: Author) -> Chart:
    """Return the whole chart of a course that has an allocation, to who may read it."""
    if Label.ALLOCATION not in READS[Role(by.role)]:
        raise UnknownId("There is no such course.")
    chart = reading.chart(course, reading.JUDGE)
    _protocol(chart)
    return chart


def _protocol(chart: Chart) -> Protocol:
    opened = chart.opened()
    protocol = facts().protocols.get(opened.entry.protocol) if opened else None
    if protocol is None or not has_allocation(protocol):
        raise UnknownId("There is no allocation of this course.")
    return protocol


def _dosing(protocol: Protocol) -> dict[str, str]:
    return {plan.id: plan.title for plan in protocol.visits if plan.kind is VisitKind.DOSING}


def _rows(chart: Chart, dosing: dict[str, str]) -> tuple[Row, ...]:
    kits = chart.of(Dispensed)
    others = dict.fromkeys(each.entry.visit for each in kits if each.entry.visit not in dosing)
    titles = dosing | {visit: visit_title(visit, facts()) for visit in others}
    return tuple(
        Row(visit, title, tuple(each for each in kits if each.entry.visit == visit)) for visit, title in titles.items()
    )


def _refuse_a_second(chart: Chart, *, allowed: int) -> None:
    found = chart.of(ArmAssigned)
    if len(found) > allowed:
        remedy = f"If it is wrong, correct entry {found[0].seq} on the ledger first, then record the right one."
        raise BadInput(f"An arm is recorded already, as entry {found[0].seq}.", where="arm", remedy=remedy)


def _faults(entry: Dispensed, chart: Chart) -> list[BadInput]:
    faults = []
    if entry.visit not in _dosing(_protocol(chart)):
        faults.append(BadInput("No dose is planned at this visit.", where="visit", remedy="Choose one of the list."))
    known = next((each for each in chart.of(Dispensed) if each.entry.kit == entry.kit), None)
    if not 0 < len(entry.kit) <= LONGEST_KIT:
        remedy = f"Type what stands on the kit, at most {LONGEST_KIT} letters."
        faults.append(BadInput("This is no number of a kit.", where="kit", remedy=remedy))
    elif known:
        remedy = "Look at the number. If that entry is wrong, correct it on the ledger first."
        faults.append(BadInput(f"This kit is recorded already, as entry {known.seq}.", where="kit", remedy=remedy))
    if not 0 < len(entry.content) <= LONGEST_CONTENT:
        remedy = f"Type it as the sealed list says it, at most {LONGEST_CONTENT} letters."
        faults.append(BadInput("It does not say what the kit holds.", where="content", remedy=remedy))
    return faults
