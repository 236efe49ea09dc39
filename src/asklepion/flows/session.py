"""A dosing session: sets of readings, doses given and doses withheld."""

from collections.abc import Mapping
from datetime import datetime

from asklepion.core import readings
from asklepion.core import session as rules
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import DoseGiven, DoseWithheld, Observed, VisitHeld
from asklepion.core.errors import BadInput, ManyFaults, UnknownId
from asklepion.core.session import Part
from asklepion.flows.facts import facts
from asklepion.flows.planned import Place, place, refuse_if_shut
from asklepion.flows.safety import ahead
from asklepion.record import clock, ledger
from asklepion.record.ledger import Author, Receipt

Typed = Mapping[str, str | bool | float]
PARTS: dict[str, str] = {"initial": "First dose", "supplemental": "Supplemental dose"}


def record_readings(
    course: str,
    visit: str,
    values: Typed,
    *,
    by: Author,
    at: datetime,
    clock_offset_ms: int = 0,
    id: str | None = None,
) -> Receipt:
    """Record a set of readings taken together at `at`. In a session it is a treatment entry, whatever it holds.

    Raises ManyFaults, each `where` an observable's id; BadInput if nothing was typed or `at` lies ahead of us.
    """
    _session(course, visit)
    taken = readings.read(facts().observables, values)
    if not taken:
        raise BadInput("Nothing was typed, so nothing was saved.", remedy="Fill in at least one value.")
    if at > clock.now():
        raise ahead(at, "at")
    entry = Observed(taken, visit=visit, treatment=True)
    return ledger.append(course, entry, by, at=at, id=id, clock_offset_ms=clock_offset_ms)


def give_dose(
    course: str,
    visit: str,
    part: Part,
    level_mg: float,
    *,
    by: Author,
    witnessed_by: str,
    at: datetime,
    clock_offset_ms: int = 0,
    id: str | None = None,
) -> Receipt:
    """Record a dose that was swallowed at `at`. The figure is the level of the schedule, never what a capsule holds.

    Raises ManyFaults with every fault: ahead of us, no witness, not offered then and why, none of the planned levels;
    GateShut where the session was not begun by then and its gate was not open; NotAllowed by role.
    """
    here = _session(course, visit)
    if not ledger.knows(course, id):
        _refuse_dose(here, part, level_mg, witnessed_by, at, by.account)
    substance = facts().substances.get(here.protocol.substance)
    salt = substance.salt if substance else here.protocol.substance
    entry = DoseGiven(visit, part, float(level_mg), salt, witnessed_by.strip())
    return ledger.append(course, entry, by, at=at, id=id, clock_offset_ms=clock_offset_ms)


def withhold_dose(
    course: str,
    visit: str,
    part: Part,
    because: str,
    *,
    by: Author,
    at: datetime | None = None,
    id: str | None = None,
) -> Receipt:
    """Record that a dose was not given, and why. Raises BadInput without a reason, or if it was given or withheld."""
    here = _session(course, visit)
    if part not in PARTS:
        raise BadInput("It does not say which dose.", where="part", remedy="Choose one of the two.")
    if not because.strip():
        raise BadInput("The reason is empty.", where="because", remedy="Say in a few words why it was not given.")
    if at is not None and at > clock.now():
        raise ahead(at, "at")
    if not ledger.knows(course, id):
        _refuse_twice(here, part)
    return ledger.append(course, DoseWithheld(visit, part, because.strip()), by, at=at, id=id)


def first_dose(chart: Chart, visit: str) -> Recorded[DoseGiven] | None:
    """Return the first dose given at a visit."""
    return next((d for d in chart.of(DoseGiven) if (d.entry.visit, d.entry.part) == (visit, "initial")), None)


def _session(course: str, visit: str) -> Place:
    here = place(course, visit)
    if not here.is_session:
        raise UnknownId("This visit is no dosing session.", where=visit)
    return here


def _refuse_dose(here: Place, part: Part, level_mg: float, witnessed_by: str, at: datetime, account: str) -> None:
    faults = []
    offers = rules.doses(here.protocol, here.visit, here.whole, at=at)
    offer = next((each for each in offers if each.part == part), None)
    if at > clock.now():
        faults.append(ahead(at, "at"))
    if offer is None:
        faults.append(BadInput("No such dose is planned in this session.", where="part"))
    elif not offer.may:
        faults.append(BadInput(f"{PARTS[part]} not recorded. {offer.because}", where="part"))
    elif level_mg not in offer.levels_mg:
        planned = " or ".join(f"{level:g}" for level in offer.levels_mg)
        what = f"{level_mg:g} mg is none of the planned levels."
        faults.append(BadInput(what, where="level_mg", remedy=f"Planned: {planned} mg."))
    if not witnessed_by.strip():
        faults.append(BadInput("No witness is named.", where="witnessed_by", remedy="Name who saw it swallowed."))
    elif witnessed_by.strip().lower() == account.lower():
        remedy = "Name the second person who saw it swallowed."
        faults.append(BadInput("The witness is you.", where="witnessed_by", remedy=remedy))
    if faults:
        raise ManyFaults("The dose was not recorded.", tuple(faults))
    begun = any(each.entry.visit == here.visit and each.entry.started <= at for each in here.whole.of(VisitHeld))
    if not begun:
        refuse_if_shut(here, at=at)


def _refuse_twice(here: Place, part: Part) -> None:
    told: tuple[Recorded[DoseGiven | DoseWithheld], ...] = (*here.whole.of(DoseGiven), *here.whole.of(DoseWithheld))
    for dose in told:
        if (dose.entry.visit, dose.entry.part) == (here.visit, part):
            done = "given" if isinstance(dose.entry, DoseGiven) else "withheld"
            raise BadInput(
                f"The {part} dose was {done} already, entry {dose.seq}.",
                where="part",
                remedy="Correct that entry on the ledger if it is wrong.",
            )
