"""Doses at planned levels only, the supplement once and in its window, limits against one's own baseline."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from asklepion.core import session
from asklepion.core.chart import Chart
from asklepion.core.entries import DoseGiven, DoseWithheld, Entry, Observed, Retracted, Value
from asklepion.core.session import DoseOffer, ReadingState
from asklepion.knowledge.types import (
    DecidedWindow,
    DoseLevel,
    DoseRule,
    Limit,
    LimitStage,
    Protocol,
    ReadingTime,
    VisitKind,
)
from small_chart import chart_of, instant, told
from small_protocol import BASIS, protocol, visit, window

BEFORE, IN, EMERGENCY = LimitStage.BEFORE_DOSE, LimitStage.IN_SESSION, LimitStage.EMERGENCY
LIMITS = (
    Limit("high-before", "systolic", BEFORE, "Measure again.", BASIS, above=140),
    Limit("high", "systolic", IN, "Ask a physician.", BASIS, above=160, blocks_supplement=True),
    Limit("warmer", "temperature", IN, "Ask a physician.", BASIS, rise_at_least=1, blocks_supplement=True),
    Limit("faster", "heart-rate", IN, "Look.", BASIS, rise_above=40),
    Limit("crisis", "systolic", EMERGENCY, "Emergency.", BASIS, at_least=180, blocks_supplement=True),
    Limit("pain", "chest-pain", EMERGENCY, "Emergency.", BASIS, equals=True, blocks_supplement=True),
)
RULE = DoseRule(
    visit="dose",
    levels=(DoseLevel(120, 60, BASIS), DoseLevel(80, 40, BASIS)),
    supplement_opens_min=90,
    supplement_closes_min=150,
    basis=BASIS,
    released_by="physician-agrees",
)
COURSE = replace(
    protocol(visit("dose", window("opening"), VisitKind.DOSING), visit("talk", window("dose"))),
    doses=(RULE,),
    limits=LIMITS,
    readings=(
        ReadingTime("before", "Before the dose", -120, 0, ("systolic", "temperature"), BASIS),
        ReadingTime("middle", "Before the supplement", 90, 150, ("systolic",), BASIS),
    ),
)
GIVEN = instant(0, 10)


def after(minutes: float) -> datetime:
    return GIVEN + timedelta(minutes=minutes)


def taken(minutes: float, visit: str = "dose", **values: float | bool | str) -> tuple[datetime, Entry]:
    found = tuple(Value(what.replace("_", "-"), value) for what, value in values.items())
    return after(minutes), Observed(found, visit=visit)


def given(minutes: float = 0, part: str = "initial", mg: float = 120, visit: str = "dose") -> tuple[datetime, Entry]:
    return after(minutes), DoseGiven(visit, part, mg, "HCl")  # type: ignore[arg-type]


def withheld(minutes: float, part: str) -> tuple[datetime, Entry]:
    return after(minutes), DoseWithheld("dose", part, "unwell")  # type: ignore[arg-type]


def story(*entries: tuple[datetime, Entry]) -> Chart:
    return chart_of(told(entry, at, seq=seq) for seq, (at, entry) in enumerate(entries, 1))


WELL = (taken(-20, systolic=130, temperature=36.8), given(), taken(80, systolic=150, temperature=37.2))


def offers(*entries: tuple[datetime, Entry], at: float, course: Protocol = COURSE) -> tuple[DoseOffer, DoseOffer]:
    first, second = session.doses(course, "dose", story(*entries), at=after(at))
    return first, second


def test_no_doses_where_none_are_planned():
    assert session.doses(COURSE, "talk", story(), at=GIVEN) == ()
    assert session.readings_due(COURSE, "talk", story(), at=GIVEN) == ()


def test_the_first_dose_is_offered_at_planned_levels_and_the_supplement_only_after_it():
    first, second = offers(at=0)
    assert (first.part, first.may, first.levels_mg) == ("initial", True, (120, 80))
    assert (second.part, second.may, second.levels_mg) == ("supplemental", False, ())
    assert second.because == "It follows the first dose, which was not given."


def test_the_first_dose_is_given_once():
    first, _ = offers(given(), at=5)
    assert (first.may, first.because) == (False, "120 mg were given.")
    blinded = replace(COURSE, blinded=True)
    first, _ = session.doses(blinded, "dose", story(given()), at=after(5))
    assert first.because == "Recorded at the level of the schedule, 120 mg."
    first, second = offers(withheld(0, "initial"), at=5)
    assert (first.may, first.because, second.may) == (False, "It was withheld: unwell.", False)


def test_a_dose_at_another_visit_is_not_this_one():
    assert offers(given(visit="other"), at=5)[0].may


@pytest.mark.parametrize(("mg", "half"), [(120, 60), (80, 40)])
def test_the_supplement_is_half_of_the_first(mg, half):
    entries = (WELL[0], given(mg=mg), WELL[2])
    _, second = offers(*entries, at=100)
    assert (second.may, second.levels_mg) == (True, (half,))
    assert (second.opens_at, second.closes_at) == (after(90), after(150))


def test_no_supplement_after_a_dose_that_was_not_planned():
    _, second = offers(WELL[0], given(mg=100), WELL[2], at=100)
    assert (second.may, second.levels_mg) == (False, ())
    assert second.because == "The first dose was none of the planned levels, so no supplement is planned for it."


@pytest.mark.parametrize(
    ("at", "may", "because"),
    [
        (89, False, "Its window opens in 1 minute."),
        (89.5, False, "Its window opens in 1 minute."),
        (60, False, "Its window opens in 30 minutes."),
        (90, True, "Half of the first dose, once."),
        (150, True, "Half of the first dose, once."),
        (150.1, False, "Its window is over."),
    ],
)
def test_the_window_of_the_supplement_ends_included(at, may, because):
    _, second = offers(*WELL, at=at)
    assert (second.may, second.because) == (may, because)


def test_the_window_is_counted_from_the_dose_as_given_and_not_from_the_plan():
    late = (WELL[0], given(30), taken(100, systolic=150, temperature=37))
    _, second = offers(*late, at=119)
    assert (second.may, second.opens_at) == (False, after(120))
    assert offers(*late, at=120)[1].may


def test_a_corrected_dose_moves_the_window():
    recorded = [told(entry, at, seq=seq) for seq, (at, entry) in enumerate(WELL, 1)]
    at, entry = given(20)
    recorded.append(told(entry, at, seq=4, corrects="e2"))
    _, second = session.doses(COURSE, "dose", chart_of(recorded), at=after(100))
    assert second.opens_at == after(110)
    recorded.append(told(Retracted(), after(101), seq=5, corrects="e4"))
    first, second = session.doses(COURSE, "dose", chart_of(recorded), at=after(102))
    assert not second.may
    assert first.may or "limit" in first.because


def test_the_supplement_is_given_once_or_withheld():
    _, second = offers(*WELL, given(95, "supplemental", 60), at=100)
    assert (second.may, second.because) == (False, "60 mg were given; it is given once.")
    _, second = offers(*WELL, withheld(95, "supplemental"), at=100)
    assert (second.may, second.because) == (False, "It was withheld: unwell.")


DECIDED = replace(
    COURSE,
    doses=(
        replace(
            RULE,
            decided_by="supplement-window",
            decided=(DecidedWindow("short", 90, 120, BASIS), DecidedWindow("long", 90, 150, BASIS)),
        ),
    ),
)


@pytest.mark.parametrize(("choice", "at", "may"), [("short", 120, True), ("short", 121, False), ("long", 121, True)])
def test_the_site_decides_on_the_window(choice, at, may):
    decided = (instant(-9), Observed((Value("supplement-window", choice),)))
    assert offers(decided, *WELL, at=at, course=DECIDED)[1].may is may


@pytest.mark.parametrize("chosen", [(), ((instant(-9), Observed((Value("supplement-window", "other"),))),)])
def test_without_a_decision_there_is_no_supplement(chosen):
    _, second = offers(*chosen, *WELL, at=100, course=DECIDED)
    assert (second.may, second.because) == (False, "The site has not recorded which window it uses.")
    assert (second.opens_at, second.closes_at) == (None, None)


def passed(*entries: tuple[datetime, Entry]) -> list[str]:
    return [each.limit.id for each in session.limits_passed(COURSE, "dose", story(*entries))]


@pytest.mark.parametrize(
    ("minutes", "systolic", "limits"),
    [
        (-10, 139, []),
        (-10, 140, []),
        (-10, 140.1, ["high-before"]),
        (-10, 180, ["high-before", "crisis"]),
        (0, 141, ["high-before"]),
        (30, 159, []),
        (30, 160, []),
        (30, 160.1, ["high"]),
        (30, 179.9, ["high"]),
        (30, 180, ["high", "crisis"]),
    ],
)
def test_a_limit_judges_its_own_part_of_the_session(minutes, systolic, limits):
    entries = sorted((given(), taken(minutes, systolic=systolic)), key=lambda each: each[0])
    assert passed(*entries) == limits


@pytest.mark.parametrize(
    ("what", "before", "later", "limits"),
    [
        ("temperature", 36.8, 37.7, []),
        ("temperature", 36.8, 37.8, ["warmer"]),
        ("temperature", 35.1, 36.1, ["warmer"]),
        ("temperature", 36.8, 37.9, ["warmer"]),
        ("heart_rate", 70, 109, []),
        ("heart_rate", 70, 110, []),
        ("heart_rate", 70, 111, ["faster"]),
    ],
)
def test_a_rise_is_counted_from_the_last_reading_before_the_dose(what, before, later, limits):
    entries = (taken(-60, **{what: before - 5}), taken(-10, **{what: before}), given(), taken(30, **{what: later}))
    assert passed(*entries) == limits


def test_a_rise_of_tenths_is_not_lost_to_binary_fractions():
    assert 35.3 - 35.0 < 0.3
    slight = replace(COURSE, limits=(Limit("slight", "temperature", IN, "Look.", BASIS, rise_at_least=0.3),))
    history = story(taken(-10, temperature=35.0), given(), taken(30, temperature=35.3))
    assert [each.limit.id for each in session.limits_passed(slight, "dose", history)] == ["slight"]


def test_a_rise_without_a_baseline_is_not_passed_but_holds_the_supplement_back():
    entries = (taken(-10, systolic=130), given(), taken(80, systolic=150, temperature=39))
    assert passed(*entries) == []
    assert offers(*entries, at=100)[1].because == "No reading before the first dose to compare with: temperature."


def test_a_rise_is_not_judged_before_the_dose():
    assert passed(taken(-60, temperature=36), taken(-10, temperature=39)) == []


def test_readings_of_another_visit_are_not_judged():
    assert passed(taken(10, visit="talk", systolic=200)) == []


def test_symptoms_and_the_baseline_are_told():
    entries = (*WELL, taken(85, chest_pain=False), taken(90, chest_pain=True, temperature=38))
    found = session.limits_passed(COURSE, "dose", story(*entries))
    assert [(each.limit.id, each.reading.value) for each in found] == [("warmer", 38), ("pain", True)]
    assert found[0].baseline is not None
    assert found[0].baseline.value == 36.8


def test_limits_are_told_in_the_order_of_the_readings():
    assert passed(given(), taken(20, systolic=170), taken(10, systolic=190)) == ["high", "crisis", "high"]


def test_a_limit_in_session_holds_the_supplement_back_until_a_physician_agrees():
    high = (*WELL, taken(85, systolic=165))
    _, second = offers(*high, at=100)
    assert (second.may, second.because) == (False, "A limit was passed: Ask a physician.")
    lower = (*high, taken(92, systolic=140))
    assert not offers(*lower, at=100)[1].may
    assert not offers(*lower, taken(95, physician_agrees=False), at=100)[1].may
    assert offers(*lower, taken(95, physician_agrees=True), at=100)[1].may
    again = (*lower, taken(95, physician_agrees=True), taken(97, systolic=161))
    assert not offers(*again, at=100)[1].may
    assert offers(*again, at=96)[1].may


def test_a_limit_that_does_not_block_holds_nothing_back():
    assert offers(taken(-10, heart_rate=60), *WELL, taken(85, heart_rate=120), at=100)[1].may


def test_an_emergency_is_lifted_by_nobody():
    entries = (*WELL, taken(85, systolic=180), taken(95, systolic=140, physician_agrees=True))
    assert offers(*entries, at=100)[1].because == "A limit was passed: Emergency."


@pytest.mark.parametrize(("systolic", "may"), [(139, True), (140, True), (141, False)])
def test_a_reading_above_before_the_dose_is_not_measured_away(systolic, may):
    assert offers(taken(-30, systolic=systolic), taken(-25, systolic=120), at=-20)[0].may is may


def test_before_the_dose_a_reading_above_waits_for_a_physician_however_it_reads_later():
    high = taken(-30, systolic=150)
    assert offers(high, at=-20)[0].because == "A limit was passed: Measure again."
    lower = (high, taken(-25, systolic=135))
    assert not offers(*lower, at=-20)[0].may
    assert offers(*lower, taken(-23, physician_agrees=True), at=-20)[0].may
    assert not offers(*lower, taken(-23, physician_agrees=False), at=-20)[0].may
    assert offers(high, taken(-25, physician_agrees=True), at=-20)[0].may
    assert not offers(taken(-40, physician_agrees=True), high, at=-20)[0].may


def test_what_was_high_before_the_dose_does_not_hold_the_supplement_back():
    entries = (taken(-30, systolic=181), taken(-20, systolic=130, temperature=36.8), *WELL[1:])
    assert offers(*entries, at=100)[1].may


@pytest.mark.parametrize("read", [{}, {"systolic": 150.0}, {"temperature": 37.0}])
def test_what_was_not_read_since_the_dose_is_unknown_and_holds_the_supplement_back(read):
    _, second = offers(WELL[0], given(), taken(80, **read), at=100)
    assert not second.may
    assert second.because.startswith("No reading since the first dose: ")


def due(*entries: tuple[datetime, Entry], at: float) -> list[tuple[ReadingState, tuple[str, ...]]]:
    return [(each.state, each.missing) for each in session.readings_due(COURSE, "dose", story(*entries), at=after(at))]


TAKEN, AHEAD, DUE, LATE = ReadingState.TAKEN, ReadingState.AHEAD, ReadingState.DUE, ReadingState.LATE
BOTH, ONE = ("systolic", "temperature"), ("systolic",)


def test_before_the_dose_its_readings_are_due_and_the_later_ones_ahead():
    assert due(at=-30) == [(DUE, BOTH), (AHEAD, ONE)]
    assert due(taken(-40, systolic=130), at=-30) == [(DUE, ("temperature",)), (AHEAD, ONE)]
    assert due(WELL[0], at=-10) == [(TAKEN, ()), (AHEAD, ONE)]
    assert due(WELL[0], at=-30) == [(DUE, BOTH), (AHEAD, ONE)]


def test_a_dose_without_readings_before_it_leaves_them_late():
    assert due(given(), at=1) == [(LATE, BOTH), (AHEAD, ONE)]
    assert due(taken(-121, systolic=130, temperature=37), given(), at=1)[0] == (LATE, BOTH)
    assert due(taken(-120, systolic=130, temperature=37), given(), at=1)[0] == (TAKEN, ())


@pytest.mark.parametrize(("at", "state"), [(89.9, AHEAD), (90, DUE), (150, DUE), (150.1, LATE)])
def test_later_readings_are_due_in_their_minutes(at, state):
    assert due(WELL[0], given(), at=at)[1] == (state, ONE)


@pytest.mark.parametrize(("minutes", "state"), [(89, LATE), (90, TAKEN), (150, TAKEN), (151, LATE)])
def test_only_a_reading_in_those_minutes_counts(minutes, state):
    assert due(WELL[0], given(), taken(minutes, systolic=150), at=200)[1][0] is state


def test_a_reading_at_the_instant_of_the_dose_is_one_before_it():
    at_once = (taken(0, systolic=130, temperature=36.8), given())
    assert offers(*at_once, at=100)[1].because == "No reading since the first dose: systolic."
    later = taken(80, systolic=150, temperature=37.8)
    assert [each.limit.id for each in session.limits_passed(COURSE, "dose", story(*at_once, later))] == ["warmer"]


def test_when_readings_are_due_is_told_once_the_dose_was_given():
    before = session.readings_due(COURSE, "dose", story(), at=GIVEN)[1]
    later = session.readings_due(COURSE, "dose", story(given(30)), at=GIVEN)[1]
    assert (before.opens_at, before.closes_at) == (None, None)
    assert (later.id, later.title, later.opens_at, later.closes_at) == (
        "middle",
        "Before the supplement",
        after(120),
        after(180),
    )
