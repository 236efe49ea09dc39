"""A person decides: serious events, a triage that is judged, and a reading that lay outside before it lay within."""

from dataclasses import replace
from datetime import date, time

import pytest
from screened import DAY, FACTS, PROTOCOL, TODAY, ago, answers, chart, criterion, recorded

from asklepion.core.chart import Chart, fold
from asklepion.core.entries import AdverseEvent, Entry, Observed, Value
from asklepion.core.screening import judge
from asklepion.core.values import Finding, Span, Verdict
from asklepion.knowledge.types import (
    AllOf,
    CategoryTest,
    EventsTest,
    MeasureTest,
    Observable,
    Test,
    ValueKind,
)

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
MADE = (
    Observable("systolic", "Systolic", ValueKind.QUANTITY, "vital", unit="mm[Hg]", exceeds="diastolic"),
    Observable("diastolic", "Diastolic", ValueKind.QUANTITY, "vital", unit="mm[Hg]"),
    Observable("pulse", "Pulse", ValueKind.QUANTITY, "vital", unit="/min"),
    Observable("agrees", "A physician agrees", ValueKind.YES_NO, "session"),
)
KNOWN = replace(FACTS, observables={each.id: each for each in MADE})
EVENTS = EventsTest("events", "agrees")
UPPER = MeasureTest("measure", "systolic", at_most=140, max_age_days=0, repeat_needs="agrees")
LOWER = MeasureTest("measure", "diastolic", at_most=90, max_age_days=0, repeat_needs="agrees")
TRIAGE = CategoryTest("category", "c-ssrs", "triage", ("high",), 0, ("moderate",), "agrees")


def event(*, serious: bool = True, ended: date | None = None, grade: int = 3) -> AdverseEvent:
    return AdverseEvent("ev", "Stay in hospital", grade, serious, ago(3), ended)


def pressure(upper: float, lower: float) -> Observed:
    return Observed((Value("systolic", upper, "mm[Hg]"), Value("diastolic", lower, "mm[Hg]")))


def agrees(value: bool = True) -> Observed:
    return Observed((Value("agrees", value),))


def told(*entries: tuple[Entry, int] | tuple[Entry, int, str], on: date = TODAY) -> Chart:
    """Return a chart of entries of one day, each with its hour and, if it is no physician's, the role."""
    made = (
        recorded(each[0], on, seq=seq, hour=each[1], role=each[2] if len(each) == 3 else "physician")
        for seq, each in enumerate(entries, 1)
    )
    return fold(made, course="AK-1")


def one(test: Test, given: Chart, *, on: date = TODAY) -> Finding:
    (found,) = judge(criterion(test), PROTOCOL, KNOWN, given, on=on)
    return found


def test_without_a_serious_event_nothing_stands_in_the_way() -> None:
    for given in (chart(), told((event(serious=False, grade=5), 8))):
        found = one(EVENTS, given)
        assert (found.verdict, found.met_on, found.rests_on, found.decision) == (MET, Span(), (), "")


@pytest.mark.parametrize("ended", [None, ago(1)])
def test_a_serious_event_shuts_until_somebody_has_decided_ended_or_not(ended: date | None) -> None:
    found = one(EVENTS, told((event(ended=ended), 8)))
    assert (found.verdict, found.met_on, found.rests_on, found.decision) == (UNKNOWN, None, ("e1",), "agrees")
    assert "Stay in hospital, grade 3, began 20 Nov 2026" in found.because
    assert ("not ended" in found.because) is (ended is None)
    assert found.because.endswith("No physician has recorded a decision since.")
    assert found.needed == "A physician decides, and records: A physician agrees."


@pytest.mark.parametrize(
    ("value", "role", "verdict"),
    [
        (True, "physician", MET),
        (True, "medical_monitor", MET),
        (True, "facilitator", UNKNOWN),
        (True, "", UNKNOWN),
        (False, "physician", NOT_MET),
        (False, "facilitator", NOT_MET),
    ],
)
def test_a_decision_counts_from_whom_it_is_for_and_no_stops_from_anybody(
    value: bool, role: str, verdict: Verdict
) -> None:
    found = one(EVENTS, told((event(), 8), (agrees(value), 9, role)))
    assert (found.verdict, found.rests_on) == (verdict, ("e1", "e2"))
    assert found.because.startswith("By decision of ") is (verdict is MET)
    assert found.decision == ("agrees" if verdict is UNKNOWN else "")


def test_who_decided_and_when_is_named() -> None:
    found = one(EVENTS, told((event(), 8), (agrees(), 9, "medical_monitor")))
    assert found.because.startswith("By decision of medical monitor p on 23 Nov 2026: A physician agrees. Serious: ")
    assert found.met_on == Span(TODAY)


def test_a_decision_before_the_last_entry_on_an_event_does_not_count() -> None:
    assert one(EVENTS, told((agrees(), 7), (event(), 8))).verdict is UNKNOWN
    decided = told((event(), 8), (agrees(), 9))
    amended = fold([recorded(event(grade=4), TODAY, seq=3, hour=8, corrects="e1")], decided)
    assert (one(EVENTS, decided).verdict, one(EVENTS, amended).verdict) == (MET, UNKNOWN)
    second = fold([recorded(event(), TODAY, seq=3, hour=10)], decided)
    assert one(EVENTS, second).verdict is UNKNOWN


def test_an_event_after_the_judged_day_is_not_used() -> None:
    given = told((event(), 8), on=TODAY + DAY)
    assert (one(EVENTS, given).verdict, one(EVENTS, given, on=TODAY + DAY).verdict) == (MET, UNKNOWN)


@pytest.mark.parametrize(("first", "verdict"), [(139, MET), (140, MET), (140.5, UNKNOWN), (172, UNKNOWN)])
def test_a_first_reading_above_is_not_measured_away(first: float, verdict: Verdict) -> None:
    found = one(UPPER, told((pressure(first, 70), 8), (pressure(120, 80), 9)))
    assert found.verdict is verdict
    assert found.rests_on == (("e2",) if verdict is MET else ("e2", "e1"))
    assert (f"Read on that day: {first:g}/70 at 08:00 UTC, 120/80 at 09:00 UTC." in found.because) is (
        verdict is UNKNOWN
    )


@pytest.mark.parametrize(("first", "verdict"), [(89, MET), (90, MET), (90.5, UNKNOWN)])
def test_the_lower_number_is_read_with_the_upper(first: float, verdict: Verdict) -> None:
    found = one(LOWER, told((pressure(120, first), 8), (pressure(120, 80), 9)))
    assert found.verdict is verdict
    assert (f"120/{first:g} at 08:00 UTC" in found.because) is (verdict is UNKNOWN)


def test_a_last_reading_above_stays_not_met_whatever_was_decided_and_the_others_are_shown() -> None:
    alone = one(UPPER, told((pressure(172, 104), 8)))
    assert (alone.verdict, "Read on that day" in alone.because) == (NOT_MET, False)
    found = one(UPPER, told((pressure(120, 80), 8), (pressure(172, 104), 9), (agrees(), 10)))
    assert (found.verdict, found.rests_on, found.decision) == (NOT_MET, ("e2", "e1"), "")
    assert "120/80 at 08:00 UTC, 172/104 at 09:00 UTC" in found.because


def test_after_a_physician_has_decided_it_is_met_on_that_day_in_their_name() -> None:
    high, within = (pressure(172, 104), 8), (pressure(120, 80), 9)
    found = one(UPPER, told(high, within, (agrees(), 10)))
    assert (found.verdict, found.met_on) == (MET, Span(TODAY, TODAY))
    assert found.because.startswith("By decision of physician p on 23 Nov 2026: A physician agrees.")
    assert one(UPPER, told(high, (agrees(), 9), (pressure(120, 80), 10))).verdict is MET
    assert one(UPPER, told((agrees(), 7), high, within)).verdict is UNKNOWN
    assert one(UPPER, told(high, within, (agrees(), 10), (pressure(141, 80), 11), (pressure(130, 80), 12))).verdict is (
        UNKNOWN
    )


def test_readings_of_another_day_are_not_held_against_it_nor_where_no_decision_is_asked() -> None:
    yesterday = fold([recorded(pressure(172, 104), ago(1), seq=9)], told((pressure(120, 80), 9)))
    assert one(UPPER, yesterday).verdict is MET
    plain = replace(UPPER, repeat_needs="")
    assert one(plain, told((pressure(172, 104), 8), (pressure(120, 80), 9))).verdict is MET


def test_a_reading_that_cannot_be_held_against_the_limits_does_not_keep_them() -> None:
    words = Observed((Value("systolic", "very high"),))
    found = one(UPPER, told((words, 8), (pressure(120, 80), 9)))
    assert (found.verdict, "very high at 08:00 UTC" in found.because) == (UNKNOWN, True)


def test_a_reading_without_a_partner_and_by_the_clinics_own_clock() -> None:
    test = MeasureTest("measure", "pulse", at_most=100, repeat_needs="agrees")
    beats = [Observed((Value("pulse", float(each), "/min"),)) for each in (120, 80)]
    made = [recorded(each, TODAY, seq=seq, hour=7 + seq) for seq, each in enumerate(beats, 1)]
    local = [replace(each, clock=time(8 + each.seq, 5)) for each in made]
    assert "120 at 09:05, 80 at 10:05." in one(test, fold(local)).because
    strange = MeasureTest("measure", "strange", at_most=100, repeat_needs="agrees")
    odd = [(Observed((Value("strange", number),)), hour) for number, hour in ((120.0, 8), (80.0, 9))]
    assert (
        "120 at 08:00 UTC, 80 at 09:00 UTC."
        in judge(criterion(strange), PROTOCOL, replace(KNOWN, observables={}), told(*odd), on=TODAY)[0].because
    )


def test_of_two_measures_that_wait_the_decision_that_is_missing_is_named_once() -> None:
    found = one(AllOf("all", (UPPER, LOWER)), told((pressure(172, 104), 8), (pressure(120, 80), 9)))
    assert (found.verdict, found.decision) == (UNKNOWN, "agrees")
    assert found.needed == "A physician decides, and records: A physician agrees."


@pytest.mark.parametrize(
    ("category", "alone", "decided"), [("low", MET, MET), ("moderate", UNKNOWN, MET), ("high", NOT_MET, NOT_MET)]
)
def test_a_triage_that_is_judged_waits_for_a_person_and_one_that_stops_does_not(
    category: str, alone: Verdict, decided: Verdict
) -> None:
    given = (answers("c-ssrs", category=category), 8)
    assert one(TRIAGE, told(given)).verdict is alone
    found = one(TRIAGE, told(given, (agrees(), 9)))
    assert (found.verdict, found.because.startswith("By decision of ")) == (decided, category == "moderate")
    assert one(TRIAGE, told((agrees(), 7), given)).verdict is alone
    refused = one(TRIAGE, told(given, (agrees(False), 9)))
    assert refused.verdict is (MET if category == "low" else NOT_MET)


def test_a_judged_triage_of_yesterday_is_too_old_whatever_was_decided() -> None:
    found = one(TRIAGE, told((answers("c-ssrs", category="moderate"), 8), (agrees(), 9), on=ago(1)))
    assert (found.verdict, found.stale) == (UNKNOWN, True)
