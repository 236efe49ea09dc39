"""A dosing session: which dose may be given now and why not, which limits readings passed, which readings are due.

It documents and reminds; it is not a monitor. Readings are compared with the person's own before the first dose, and a
reading that is missing counts as unknown, never as within limits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from asklepion.core.chart import Chart, Observation, Recorded
from asklepion.core.entries import DoseGiven, DoseWithheld
from asklepion.knowledge.types import DoseRule, Limit, LimitStage, Protocol, ReadingTime

_PLACES = 6
Part = Literal["initial", "supplemental"]


@dataclass(frozen=True, slots=True)
class DoseOffer:
    """One part of a session's dose. `levels_mg` are all that may be recorded, empty unless `may`; `because` says why.

    `opens_at` and `closes_at` bound the supplement once the first dose was given.
    """

    part: Part
    may: bool
    levels_mg: tuple[float, ...]
    because: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LimitPassed:
    """A reading that passed a limit. `baseline` is the reading before the dose that a rise was counted from."""

    limit: Limit
    reading: Observation
    baseline: Observation | None = None


class ReadingState(StrEnum):
    TAKEN = "taken"
    AHEAD = "ahead"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class ReadingDue:
    """Readings that belong to one moment of a session. The instants are None until the first dose was given."""

    id: str
    title: str
    state: ReadingState
    missing: tuple[str, ...]
    opens_at: datetime | None
    closes_at: datetime | None


def doses(protocol: Protocol, visit: str, chart: Chart, *, at: datetime) -> tuple[DoseOffer, ...]:
    """Return what of the first and the supplemental dose may be given at an instant; () where none is planned.

    The gate before the visit is not judged here. The supplement is half of the first dose, as the protocol pairs them,
    once, inside its window counted from the first dose as given, ends included.
    """
    rule = next((rule for rule in protocol.doses if rule.visit == visit), None)
    if rule is None:
        return ()
    held_back = _held_back(rule, protocol, chart, at)
    return _initial(rule, protocol, chart, held_back), _supplement(rule, protocol, chart, held_back, at=at)


def limits_passed(protocol: Protocol, visit: str, chart: Chart) -> tuple[LimitPassed, ...]:
    """Return every limit that a reading of this visit passed, earliest reading first.

    A limit before the dose judges the readings up to the first dose, one in the session those after it, an emergency
    all. A rise is judged against the last reading before the first dose; without one it cannot be, and is not passed.
    """
    first = _given(chart, visit, "initial")
    found = [
        passed
        for limit in protocol.limits
        for reading in _readings(chart, visit, limit.measure)
        if (passed := _passed(limit, reading, chart, visit, first)) is not None
    ]
    return tuple(sorted(found, key=lambda passed: (passed.reading.source.at, passed.reading.source.seq)))


def readings_due(protocol: Protocol, visit: str, chart: Chart, *, at: datetime) -> tuple[ReadingDue, ...]:
    """Return each moment at which the protocol asks for readings in a dosing visit, and how it stands at an instant.

    A moment before the dose is due from the start; once the dose was given without it, it is late and stays so.
    """
    if all(rule.visit != visit for rule in protocol.doses):
        return ()
    first = _given(chart, visit, "initial")
    return tuple(_due(time, chart, visit, first, at=at) for time in protocol.readings)


def _initial(rule: DoseRule, protocol: Protocol, chart: Chart, held_back: str) -> DoseOffer:
    given = _given(chart, rule.visit, "initial")
    withheld = _withheld(chart, rule.visit, "initial")
    if given:
        return DoseOffer("initial", False, (), f"{_swallowed(given, protocol)}.")
    if withheld:
        return DoseOffer("initial", False, (), f"It was withheld: {withheld.entry.because}.")
    if held_back:
        return DoseOffer("initial", False, (), held_back)
    levels = tuple(level.initial_mg for level in rule.levels)
    return DoseOffer("initial", True, levels, "Planned levels of this session.")


def _supplement(rule: DoseRule, protocol: Protocol, chart: Chart, held_back: str, *, at: datetime) -> DoseOffer:
    first = _given(chart, rule.visit, "initial")
    if first is None:
        return DoseOffer("supplemental", False, (), "It follows the first dose, which was not given.")
    window = _window(rule, chart)
    opens_at = first.at + timedelta(minutes=window[0]) if window else None
    closes_at = first.at + timedelta(minutes=window[1]) if window else None
    levels = tuple(level.supplemental_mg for level in rule.levels if level.initial_mg == first.entry.level_mg)
    reason = (
        _not_supplement(rule, protocol, chart, levels)
        or _outside(opens_at, closes_at, at)
        or held_back
        or _unread(rule, protocol, chart, first)
    )
    if reason:
        return DoseOffer("supplemental", False, (), reason, opens_at, closes_at)
    return DoseOffer("supplemental", True, levels, "Half of the first dose, once.", opens_at, closes_at)


def _not_supplement(rule: DoseRule, protocol: Protocol, chart: Chart, levels: tuple[float, ...]) -> str:
    given = _given(chart, rule.visit, "supplemental")
    withheld = _withheld(chart, rule.visit, "supplemental")
    if given:
        return f"{_swallowed(given, protocol)}; it is given once."
    if withheld:
        return f"It was withheld: {withheld.entry.because}."
    return "" if levels else "The first dose was none of the planned levels, so no supplement is planned for it."


def _swallowed(dose: Recorded[DoseGiven], protocol: Protocol) -> str:
    """Return what is known of a dose: where it is blinded the level of the schedule, not what was in it."""
    level = f"{dose.entry.level_mg:g} mg"
    return f"Recorded at the level of the schedule, {level}" if protocol.blinded else f"{level} were given"


def _window(rule: DoseRule, chart: Chart) -> tuple[int, int] | None:
    """Return the window in minutes after the first dose; None where the site has still to choose it."""
    if not rule.decided_by:
        return rule.supplement_opens_min, rule.supplement_closes_min
    chosen = chart.observed(rule.decided_by)
    found = next((each for each in rule.decided if chosen and each.choice == chosen.value), None)
    return (found.opens_min, found.closes_min) if found else None


def _outside(opens_at: datetime | None, closes_at: datetime | None, at: datetime) -> str:
    if opens_at is None or closes_at is None:
        return "The site has not recorded which window it uses."
    if at < opens_at:
        minutes = -((at - opens_at) // timedelta(minutes=1))
        return f"Its window opens in {minutes} minute{'' if minutes == 1 else 's'}."
    return "Its window is over." if at > closes_at else ""


def _held_back(rule: DoseRule, protocol: Protocol, chart: Chart, at: datetime) -> str:
    """Return what holds the next dose back: the last limit passed that a physician has not lifted since.

    Before the first dose every reading counts: one that is repeated until it lies within is for a physician to decide.
    After it an emergency is lifted by nobody.
    """
    first = _given(chart, rule.visit, "initial")
    lifted = max((_order(o) for o in _readings(chart, rule.visit, rule.released_by) if o.value is True), default=None)
    for passed in reversed(limits_passed(protocol, rule.visit, chart)):
        reading, emergency = passed.reading, passed.limit.stage is LimitStage.EMERGENCY
        in_session = first is not None and reading.source.at > first.at
        counts = in_session and passed.limit.blocks_supplement if first else True
        stands = (in_session and emergency) or lifted is None or lifted < _order(reading)
        if counts and stands and reading.source.at <= at:
            return f"A limit was passed: {passed.limit.action}"
    return ""


def _unread(rule: DoseRule, protocol: Protocol, chart: Chart, first: Recorded[DoseGiven]) -> str:
    """Return which number that could hold the supplement back was not read since the first dose, or not before it."""
    blocking = [limit for limit in protocol.limits if limit.blocks_supplement and limit.equals is None]
    for limit in blocking:
        readings = _readings(chart, rule.visit, limit.measure)
        if not any(reading.source.at > first.at for reading in readings):
            return f"No reading since the first dose: {limit.measure.replace('-', ' ')}."
        if _is_rise(limit) and _baseline(chart, rule.visit, limit.measure, first) is None:
            return f"No reading before the first dose to compare with: {limit.measure.replace('-', ' ')}."
    return ""


def _passed(
    limit: Limit, reading: Observation, chart: Chart, visit: str, first: Recorded[DoseGiven] | None
) -> LimitPassed | None:
    in_session = first is not None and reading.source.at > first.at
    if limit.stage is not LimitStage.EMERGENCY and in_session is (limit.stage is LimitStage.BEFORE_DOSE):
        return None
    if limit.equals is not None:
        return LimitPassed(limit, reading) if reading.value == limit.equals else None
    number = _number(reading)
    if not _is_rise(limit):
        return LimitPassed(limit, reading) if _beyond(number, limit.above, limit.at_least) else None
    baseline = _baseline(chart, visit, limit.measure, first) if in_session else None
    if baseline is None:
        return None
    rise = round(number - _number(baseline), _PLACES)
    return LimitPassed(limit, reading, baseline) if _beyond(rise, limit.rise_above, limit.rise_at_least) else None


def _is_rise(limit: Limit) -> bool:
    return limit.rise_above is not None or limit.rise_at_least is not None


def _beyond(number: float, above: float | None, at_least: float | None) -> bool:
    return (above is not None and number > above) or (at_least is not None and number >= at_least)


def _number(reading: Observation) -> float:
    return float(reading.value)


def _baseline(chart: Chart, visit: str, measure: str, first: Recorded[DoseGiven] | None) -> Observation | None:
    """Return the last reading of this visit up to the first dose."""
    before = [each for each in _readings(chart, visit, measure) if first and each.source.at <= first.at]
    return before[-1] if before else None


def _readings(chart: Chart, visit: str, measure: str) -> tuple[Observation, ...]:
    return tuple(each for each in chart.observations(measure) if each.source.entry.visit == visit)


def _order(reading: Observation) -> tuple[datetime, int]:
    return reading.source.at, reading.source.seq


def _given(chart: Chart, visit: str, part: Part) -> Recorded[DoseGiven] | None:
    return next((dose for dose in chart.of(DoseGiven) if (dose.entry.visit, dose.entry.part) == (visit, part)), None)


def _withheld(chart: Chart, visit: str, part: Part) -> Recorded[DoseWithheld] | None:
    found = (dose for dose in chart.of(DoseWithheld) if (dose.entry.visit, dose.entry.part) == (visit, part))
    return next(found, None)


def _due(time: ReadingTime, chart: Chart, visit: str, first: Recorded[DoseGiven] | None, *, at: datetime) -> ReadingDue:
    opens_at = first.at + timedelta(minutes=time.opens_min) if first else None
    closes_at = first.at + timedelta(minutes=time.closes_min) if first else None
    missing = tuple(
        measure
        for measure in time.measures
        if not any(
            reading.source.at <= at and _inside(reading.source.at, time, opens_at, closes_at)
            for reading in _readings(chart, visit, measure)
        )
    )
    if not missing:
        state = ReadingState.TAKEN
    elif opens_at is None or closes_at is None:
        state = ReadingState.DUE if time.closes_min <= 0 else ReadingState.AHEAD
    elif at < opens_at:
        state = ReadingState.AHEAD
    else:
        state = ReadingState.LATE if at > closes_at else ReadingState.DUE
    return ReadingDue(time.id, time.title, state, missing, opens_at, closes_at)


def _inside(taken_at: datetime, time: ReadingTime, opens_at: datetime | None, closes_at: datetime | None) -> bool:
    """Return whether a reading belongs to a moment. Before the first dose it belongs to those before the dose."""
    if opens_at is None or closes_at is None:
        return time.closes_min <= 0
    return opens_at <= taken_at <= closes_at
