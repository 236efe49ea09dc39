"""A dosing session as its page shows it: readings over time, limits passed, doses and what may be given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from asklepion.core import session as rules
from asklepion.core.chart import Chart, Observation, Recorded
from asklepion.core.entries import DoseGiven, DoseWithheld, Observed
from asklepion.core.session import DoseOffer, LimitPassed, ReadingDue, ReadingState
from asklepion.core.values import unit_words
from asklepion.flows.caseload import plain
from asklepion.flows.describe import describe, value_words
from asklepion.flows.facts import facts
from asklepion.flows.planned import Place
from asklepion.flows.session import PARTS, first_dose
from asklepion.flows.visit_words import duration
from asklepion.knowledge.types import Basis, LimitStage, Observable, ValueKind
from asklepion.record import clock

MINUS = "\N{MINUS SIGN}"
STAGES = {
    LimitStage.BEFORE_DOSE: ("above", "Above the limit before a dose"),
    LimitStage.IN_SESSION: ("above", "Above the limit in session"),
    LimitStage.EMERGENCY: ("critical", "Emergency limit"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One reading in the table. `change` is against the person's own before the dose; `look` the limit it passed."""

    title: str
    text: str
    change: str
    look: str
    word: str


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A set of readings taken together. `since` is the time from the first dose, `others` what has no column."""

    at: datetime
    clock: str
    since: str
    cells: tuple[Cell, ...]
    others: str
    seq: int


@dataclass(frozen=True, slots=True)
class PassedLimit:
    """A limit that a reading passed, what the protocol then asks, and where that is from."""

    look: str
    word: str
    what: str
    action: str
    basis: Basis
    seq: int


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose given or withheld."""

    clock: str
    words: str
    seq: int
    given: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be given now, or why not. `levels_mg` are planned for it, at whatever time it was given.

    `window` says when the supplement may be given, by the clock; `settled` that it was given or withheld.
    """

    part: str
    title: str
    may: bool
    levels_mg: tuple[float, ...]
    because: str
    window: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at which the protocol asks for readings, and how it stands."""

    title: str
    look: str
    word: str
    words: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Readings, doses and moments of one session."""

    columns: tuple[str, ...]
    rows: tuple[ReadingRow, ...]
    baseline: tuple[tuple[str, str], ...]
    passed: tuple[PassedLimit, ...]
    doses: tuple[Dose, ...]
    offers: tuple[Offer, ...]
    moments: tuple[Moment, ...]
    blinded: bool
    basis: Basis | None
    level_basis: tuple[Basis, ...]

    @property
    def begun(self) -> bool:
        return any(dose.given for dose in self.doses)


def session_page(here: Place, seen: Chart, *, shut: bool) -> SessionPage:
    """Return what the page of a session shows to one reader now. `shut` says that it may not begin: then no dose."""
    now = clock.now()
    first = first_dose(seen, here.visit)
    columns = tuple(each for each in here.measured() if each.value is ValueKind.QUANTITY and each.group == "vital")
    passed = rules.limits_passed(here.protocol, here.visit, seen)
    own = {each.id: _before(seen, here.visit, each.id, first) for each in columns}
    rule = next((each for each in here.protocol.doses if each.visit == here.visit), None)
    return SessionPage(
        columns=tuple(_headed(each) for each in columns),
        rows=tuple(_row(each, columns, own, passed, first) for each in readings_of(here, seen)),
        baseline=tuple((_headed(each), plain(_number(found)) if (found := own[each.id]) else "") for each in columns),
        passed=tuple(_passed(each) for each in reversed(passed)),
        doses=tuple(_doses(seen, here.visit)),
        offers=tuple(
            _offer(each, here, shut=shut) for each in rules.doses(here.protocol, here.visit, here.whole, at=now)
        ),
        moments=tuple(_moment(each) for each in rules.readings_due(here.protocol, here.visit, here.whole, at=now)),
        blinded=here.protocol.blinded,
        basis=rule.basis if rule else None,
        level_basis=tuple(dict.fromkeys(level.basis for level in rule.levels)) if rule else (),
    )


def _headed(observable: Observable) -> str:
    unit = unit_words(observable.unit)
    return f"{observable.title}, {unit}" if unit else observable.title


def readings_of(here: Place, seen: Chart) -> tuple[Recorded[Observed], ...]:
    """Return the sets of readings of a session: entries that hold at least one value that it measures over time."""
    measured = {each.id for each in here.measured()}
    found = (each for each in seen.of(Observed) if each.entry.visit == here.visit)
    return tuple(each for each in found if any(value.what in measured for value in each.entry.values))


def _before(seen: Chart, visit: str, what: str, first: Recorded[DoseGiven] | None) -> Observation | None:
    """Return the last reading of this visit up to the first dose: the person's own."""
    found = [each for each in seen.observations(what) if each.source.entry.visit == visit]
    own = [each for each in found if first is None or each.source.at <= first.at]
    return own[-1] if own else None


def _row(
    recorded: Recorded[Observed],
    columns: tuple[Observable, ...],
    own: Mapping[str, Observation | None],
    passed: tuple[LimitPassed, ...],
    first: Recorded[DoseGiven] | None,
) -> ReadingRow:
    values = {value.what: value for value in recorded.entry.values}
    names = {each.id for each in columns}
    others = [value_words(value, facts()) for value in recorded.entry.values if value.what not in names]
    limits = {each.reading.what: each for each in passed if each.reading.source.id == recorded.id}
    cells = []
    for each in columns:
        found = values.get(each.id)
        number = found.value if found and isinstance(found.value, float) else None
        look, word = STAGES[limits[each.id].limit.stage] if each.id in limits else ("", "")
        change = _change(number, own[each.id], recorded, first)
        cells.append(Cell(_headed(each), "" if number is None else plain(number), change, look, word))
    return ReadingRow(
        at=recorded.at,
        clock=f"{clock.local(recorded.at):%H:%M}",
        since=_since(recorded.at, first),
        cells=tuple(cells),
        others="; ".join(others),
        seq=recorded.seq,
    )


def _change(
    number: float | None, own: Observation | None, recorded: Recorded[Observed], first: Recorded[DoseGiven] | None
) -> str:
    if number is None or own is None or first is None or recorded.at <= first.at:
        return ""
    moved = round(number - _number(own), 6)
    return f"+{moved:g}" if moved > 0 else plain(moved)


def _number(reading: Observation) -> float:
    return float(reading.value)


def _since(at: datetime, first: Recorded[DoseGiven] | None) -> str:
    if first is None:
        return "before any dose"
    if at == first.at:
        return "with the dose"
    return f"dose {'+' if at > first.at else MINUS} {duration(abs(at - first.at))}"


def _passed(passed: LimitPassed) -> PassedLimit:
    look, word = STAGES[passed.limit.stage]
    source = passed.reading.source
    value = next(each for each in source.entry.values if each.what == passed.reading.what)
    own = f", {plain(_number(passed.baseline))} before the dose" if passed.baseline else ""
    what = f"{value_words(value, facts())} at {clock.local(source.at):%H:%M}{own}"
    return PassedLimit(look, word, what, passed.limit.action, passed.limit.basis, source.seq)


def _doses(seen: Chart, visit: str) -> Iterable[Dose]:
    for each in _told(seen, visit):
        given = isinstance(each.entry, DoseGiven)
        yield Dose(f"{clock.local(each.at):%H:%M}", describe(each, facts()), each.seq, given=given)


def _told(seen: Chart, visit: str) -> list[Recorded[DoseGiven | DoseWithheld]]:
    """Return the doses of a visit, given or withheld, in the order in which that happened."""
    told: list[Recorded[DoseGiven | DoseWithheld]] = [*seen.of(DoseGiven), *seen.of(DoseWithheld)]
    return sorted((each for each in told if each.entry.visit == visit), key=lambda each: (each.at, each.seq))


def _offer(offer: DoseOffer, here: Place, *, shut: bool) -> Offer:
    window = ""
    if offer.opens_at and offer.closes_at:
        window = f"{clock.local(offer.opens_at):%H:%M} to {clock.local(offer.closes_at):%H:%M}"
    settled = any(each.entry.part == offer.part for each in _told(here.whole, here.visit))
    planned = tuple(_planned(offer.part, here))
    because = "The gate before this session is shut." if offer.may and shut else offer.because
    return Offer(offer.part, PARTS[offer.part], offer.may and not shut, planned, because, window, settled)


def _planned(part: str, here: Place) -> Iterable[float]:
    """Yield the levels that the protocol plans for a part: for the supplement those that go with the first dose."""
    rule = next((each for each in here.protocol.doses if each.visit == here.visit), None)
    first = first_dose(here.whole, here.visit)
    for level in rule.levels if rule else ():
        if part == "initial":
            yield level.initial_mg
        elif first and first.entry.level_mg == level.initial_mg:
            yield level.supplemental_mg


def _moment(due: ReadingDue) -> Moment:
    looks = {
        ReadingState.TAKEN: ("done", "Taken"),
        ReadingState.AHEAD: ("plain", "Ahead"),
        ReadingState.DUE: ("due", "Due"),
        ReadingState.LATE: ("late", "Late"),
    }
    look, word = looks[due.state]
    known = facts().observables
    missing = ", ".join(known[each].title if each in known else each for each in due.missing)
    when = ""
    if due.opens_at and due.closes_at:
        when = f"{clock.local(due.opens_at):%H:%M} to {clock.local(due.closes_at):%H:%M}"
    words = (when, f"Missing: {missing}" if missing else "")
    return Moment(due.title, look, word, ". ".join(part for part in words if part))
