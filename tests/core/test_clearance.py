"""Medicines: what is taken, what was stopped long enough ago, and what nobody knows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screened import (
    BASIS,
    DAY,
    DRUGS,
    FACTS,
    PROTOCOL,
    TODAY,
    ago,
    chart,
    decided,
    drug,
    judged,
    medicine,
    observed,
    of_medicine,
    recorded,
    row,
)

from asklepion.core.chart import Chart, fold
from asklepion.core.entries import Entry, MedicineRecorded, Retracted
from asklepion.core.interactions import Standing, pair
from asklepion.core.judgement import day
from asklepion.core.values import Finding, Span, Step, Verdict
from asklepion.core.washout import washout
from asklepion.knowledge.types import Basis, Confidence, Domain, InteractionsTest, Severity, WashoutPolicy, WashoutTest

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
WASHOUT, TAKEN = WashoutTest("washout"), InteractionsTest("interactions")


def waited(*entries: tuple[Entry, date], on: date = TODAY) -> Finding:
    return of_medicine(judged(WASHOUT, chart(*entries), on=on))


def taken(*entries: tuple[Entry, date], on: date = TODAY) -> Finding:
    return of_medicine(judged(TAKEN, chart(*entries), on=on))


def stopped(drug: str, days: int | None, *, told: int = 0) -> tuple[MedicineRecorded, date]:
    return medicine(drug, stopped=None if days is None else ago(days)), ago(told)


def still(drug: str) -> tuple[MedicineRecorded, date]:
    return medicine(drug, taking=True), TODAY


@pytest.mark.parametrize(("days", "verdict"), [(0, NOT_MET), (28, NOT_MET), (29, MET), (30, MET)])
def test_the_day_after_the_last_day_needed_is_clear(days: int, verdict: Verdict) -> None:
    found = waited(stopped("sertraline", days))
    assert found.verdict is verdict
    assert found.met_on == Span(ago(days) + 29 * DAY)
    assert f"{days} days have passed; 29 are needed." in found.because
    assert found.title == "Sertraline: the criterion"
    assert (found.medicine, found.domain, found.rests_on) == ("m1", Domain.BODY, ("e1",))
    assert found.needed == ("" if verdict is MET else f"Wait until {day(ago(days) + 29 * DAY)}.")
    assert found.cautions == ("It must not be stopped abruptly.",)


def test_every_line_of_the_arithmetic_is_shown() -> None:
    assert waited(stopped("sertraline", 9)).steps == (
        Step("Longest half-life, sertraline", "104 h"),
        Step("times 5, rounded up", "520 h = 22 d"),
        Step("stabilisation, this protocol", "+ 7 d"),
        Step("Stated for Sertraline (trial)", "14 d (as stated)"),
        Step("SSRIs with MDMA", "7 d"),
        Step("Decided by", "5 half-lives of sertraline and stabilisation (29 days, recalled)"),
        Step("Clear from Sun 13 Dec 2026", "29 d", total=True),
    )


def test_one_day_is_one_day() -> None:
    assert "1 day has passed; 29 are needed." in waited(stopped("sertraline", 1)).because
    policy = replace(PROTOCOL, washout=WashoutPolicy(5, 0, BASIS))
    facts = replace(FACTS, drugs={"quick": drug("quick", "ssri", hours=4.8)}, interactions=(row("SSRIs", "ssri"),))
    need = washout(facts.drugs["quick"], (), policy)
    assert (need.days, need.decided_by) == (1, "5 half-lives of quick")


@pytest.mark.parametrize(
    ("hours", "stated", "row_days", "days", "decided_by"),
    [
        (24, 12, 12, 12, "5 half-lives of d and stabilisation"),
        (24, 13, 12, 13, "stated for D (trial)"),
        (24, 11, 14, 14, "Row with MDMA"),
        (24.1, None, None, 13, "5 half-lives of d and stabilisation"),
        (None, 3, None, 3, "stated for D (trial)"),
        (None, None, 4, 4, "Row with MDMA"),
        (None, None, None, None, ""),
    ],
)
def test_the_longest_rule_decides(
    hours: float | None, stated: int | None, row_days: int | None, days: int | None, decided_by: str
) -> None:
    need = washout(drug("d", "k", hours=hours, stated=stated), (row("Row", "k", before=row_days),), PROTOCOL)
    assert (need.days, need.decided_by) == (days, decided_by)


def test_the_days_of_a_row_rest_on_their_own_basis_and_the_deciding_one_comes_first() -> None:
    seen = Basis(Confidence.SEEN, TODAY, fact="X-9")
    need = washout(drug("d", "k", hours=1), (row("Row", "k", before=40, basis=seen),), PROTOCOL)
    assert need.facts[0] == seen
    assert need.steps[-1] == Step("Decided by", "Row with MDMA (40 days, seen)")


def test_without_a_policy_half_lives_give_nothing() -> None:
    assert washout(drug("d", hours=24), (), replace(PROTOCOL, washout=None)).days is None


def test_where_the_effect_outlasts_the_half_life_a_stated_rule_is_needed() -> None:
    assert waited(stopped("phenelzine", 13)).verdict is NOT_MET
    found = waited(stopped("phenelzine", 14))
    assert (found.verdict, found.steps[0]) == (MET, Step("Half-lives", "not valid: the effect outlasts them"))
    bare = waited(stopped("irreversible", 400))
    assert (bare.verdict, bare.met_on) == (UNKNOWN, None)
    assert "no rule on file says how many are needed" in bare.because


def test_without_half_life_and_stated_rule_nothing_is_known_until_decided() -> None:
    assert waited(stopped("haloperidol", 4000)).verdict is UNKNOWN
    found = waited(stopped("haloperidol", 4000, told=2), (decided(), ago(1)))
    assert (found.verdict, found.met_on) == (MET, Span(ago(1)))


def test_a_rule_stated_for_another_substance_does_not_count() -> None:
    assert waited(stopped("elsewhere", 6)).verdict is NOT_MET
    assert waited(stopped("elsewhere", 7)).verdict is MET


@pytest.mark.parametrize(("days", "verdict"), [(20, UNKNOWN), (21, MET), (22, MET)])
def test_days_stated_for_the_substance_are_a_fact_where_no_interaction_is(days: int, verdict: Verdict) -> None:
    found = waited(stopped("stated", days))
    assert (found.verdict, found.met_on) == (verdict, Span(ago(days - 21)))
    assert taken(still("stated")).verdict is UNKNOWN
    assert waited(still("stated")).verdict is UNKNOWN


def test_the_day_of_the_last_dose_has_to_be_known() -> None:
    for found in (waited(stopped("sertraline", None)), taken(stopped("sertraline", None))):
        assert (found.verdict, found.met_on) == (UNKNOWN, None)
        assert "Record the day of the last dose" in found.needed
    with_decision = waited(stopped("sertraline", None, told=1), (decided(), TODAY))
    assert with_decision.verdict is UNKNOWN


def test_what_is_stopped_later_is_still_taken() -> None:
    washed = waited(stopped("sertraline", -3))
    assert (washed.verdict, washed.met_on) == (NOT_MET, Span(ago(-32)))
    assert "That day lies ahead" in washed.because
    found = taken(stopped("sertraline", -3))
    assert (found.verdict, found.met_on) == (NOT_MET, Span(ago(-4)))
    assert "It is taken until 26 Nov 2026." in found.because
    assert taken(stopped("sertraline", 0)).verdict is NOT_MET
    assert taken(stopped("sertraline", 1)).verdict is MET


def test_what_is_taken_and_stops_is_not_met_and_nobody_is_told_to_stop_it() -> None:
    for found in (taken(still("sertraline")), waited(still("sertraline"))):
        assert (found.verdict, found.met_on) == (NOT_MET, None)
        assert "SSRIs with MDMA: moderate words." in found.because
        assert "for its prescriber" in found.needed
        assert found.cautions == ("It must not be stopped abruptly.",)
        assert Step("Direction", "a weaker effect") in found.steps
        assert Step("Mechanism", "mechanism words") in found.steps
        assert Step("What sources do with it", "text of days") in found.steps


def test_taken_with_a_day_of_stopping_is_taken() -> None:
    both = replace(medicine("sertraline", taking=True), stopped_on=ago(300))
    assert taken((both, TODAY)).verdict is NOT_MET
    assert waited((both, TODAY)).verdict is NOT_MET


def test_what_is_milder_and_goes_on_is_met_with_a_caution() -> None:
    for found in (taken(still("naltrexone")), waited(still("naltrexone")), waited(stopped("naltrexone", 0))):
        assert (found.verdict, found.met_on) == (MET, Span())
        assert found.cautions == ("Antagonists with MDMA: effect words",)
        assert Step("What sources do with it", "note") in found.steps


@pytest.mark.parametrize("name", ["bisoprolol", "valproate"])
def test_what_sources_go_on_with_or_leave_open_is_for_a_person(name: str) -> None:
    for judge in (taken, waited):
        found = judge(still(name))
        assert (found.verdict, found.met_on) == (UNKNOWN, None)
        assert "Neither a stop nor a pass is on file." in found.because
        assert judge((medicine(name, taking=True), ago(1)), (decided(), TODAY)).verdict is MET
    assert waited(stopped(name, 9)).verdict is UNKNOWN
    assert waited(stopped(name, 9)).needed.startswith("Wait until")
    assert waited(stopped(name, 30)).verdict is MET


def test_what_is_contraindicated_stops_however_it_is_handled() -> None:
    assert taken(still("ritonavir")).verdict is NOT_MET
    assert taken((medicine("ritonavir", taking=True), ago(1)), (decided(), TODAY)).verdict is NOT_MET


@pytest.mark.parametrize("name", ["", "not-on-file", "newcomer", "classless", "halfknown", "murky"])
def test_what_is_not_on_file_is_unknown_and_that_does_not_mean_safe(name: str) -> None:
    for found in (taken(still(name)), waited(still(name)), waited(stopped(name, 4000))):
        assert (found.verdict, found.met_on) == (UNKNOWN, None)
        assert any(word in found.because for word in ("does not mean", "is not known"))
        assert "a second person" in found.needed


def test_what_is_not_on_file_is_named_as_typed() -> None:
    found = taken(still(""))
    assert found.title == "Tianeptine: the criterion"
    assert "Nothing on file answers to “Tianeptine”" in found.because
    assert "11 rows were searched" in taken(still("newcomer")).because
    assert "The unheard of with mdma" in taken(still("halfknown")).because


def test_a_row_that_names_the_medicine_speaks_for_it_whatever_its_classes() -> None:
    assert taken(still("named")).verdict is MET


def test_a_class_without_a_row_is_a_gap_even_where_another_is_known() -> None:
    assert taken(still("halfgrave")).verdict is NOT_MET
    assert waited(stopped("halfgrave", 11)).verdict is NOT_MET
    assert waited(stopped("halfgrave", 12)).verdict is UNKNOWN
    early = waited(stopped("halfgrave", 11, told=5), (decided(), ago(2)))
    assert (early.verdict, early.met_on) == (NOT_MET, Span(ago(-1)))
    late = waited(stopped("halfgrave", 12, told=5), (decided(), ago(2)))
    assert (late.verdict, late.met_on) == (MET, Span(ago(0)))


def test_of_several_classes_the_gravest_decides_and_all_are_named() -> None:
    found = taken(still("bupropion"))
    assert found.verdict is NOT_MET
    assert "NDRI with MDMA: major words; Antagonists with MDMA: minor words." in found.because


def test_a_decision_counts_where_facts_are_silent() -> None:
    for judge in (taken, waited):
        found = judge((medicine("", taking=True), ago(5)), (decided(), ago(2)))
        assert (found.verdict, found.met_on, found.rests_on) == (MET, Span(ago(2)), ("e1", "e2"))
        assert "It rests on: a pharmacist's letter (second person B. Second)." in found.because
        assert found.because.startswith("By decision of physician p and B. Second on 21 Nov 2026, not by a fact.")
    found = waited((medicine("newcomer", stopped=ago(9)), ago(5)), (decided(), ago(2)))
    assert (found.verdict, found.met_on) == (MET, Span(ago(2)))
    assert found.because.startswith("By decision of ")


@pytest.mark.parametrize(("days", "verdict"), [(28, NOT_MET), (29, MET), (30, MET)])
def test_what_is_met_by_a_fact_is_not_told_as_a_decision(days: int, verdict: Verdict) -> None:
    found = waited((medicine("sertraline", stopped=ago(days)), ago(5)), (decided(), ago(2)))
    assert (found.verdict, found.because.startswith("By decision")) == (verdict, False)
    passes = taken((medicine("naltrexone", taking=True), ago(5)), (decided(), ago(2)))
    assert (passes.verdict, passes.because.startswith("By decision")) == (MET, False)


def test_a_decision_without_a_second_person_does_not_count() -> None:
    found = taken((medicine("", taking=True), ago(5)), (decided(second=" "), ago(2)))
    assert found.verdict is UNKNOWN
    assert "no second person, so it does not count" in found.because


@pytest.mark.parametrize("name", ["", "naltrexone", "sertraline"])
def test_a_decision_against_it_stops_whatever_facts_say(name: str) -> None:
    for found in (
        taken((medicine(name, taking=True), ago(5)), (decided("stops_the_course"), ago(2))),
        waited((medicine(name, stopped=ago(900)), ago(5)), (decided("stops_the_course"), ago(2))),
    ):
        assert (found.verdict, found.met_on) == (NOT_MET, None)
        assert "it stops the course" in found.because


def test_a_decision_never_lifts_what_facts_stop() -> None:
    assert taken((medicine("sertraline", taking=True), ago(5)), (decided(), ago(2))).verdict is NOT_MET
    assert waited((medicine("sertraline", stopped=ago(9)), ago(5)), (decided(), ago(2))).verdict is NOT_MET


def test_a_later_record_of_the_medicine_voids_a_decision() -> None:
    found = taken((medicine("", taking=True), ago(5)), (decided(), ago(4)), (medicine("", taking=True), ago(3)))
    assert found.verdict is UNKNOWN
    assert "no longer counts" in found.cautions[-1]
    renewed = taken(
        (medicine("", taking=True), ago(5)),
        (decided(), ago(4)),
        (medicine("", taking=True), ago(3)),
        (decided(), ago(2)),
    )
    assert renewed.verdict is MET


def test_a_record_made_later_of_an_earlier_day_voids_a_decision_too() -> None:
    assert taken(
        (medicine("", taking=True), ago(5)), (decided(), ago(4)), (medicine("", taking=True), ago(9))
    ).verdict is (UNKNOWN)


def test_a_corrected_record_voids_a_decision_and_a_retracted_one_is_gone() -> None:
    entries = [
        recorded(medicine("", taking=True), ago(5), seq=1),
        recorded(decided(), ago(4), seq=2),
        recorded(medicine("", taking=True), ago(5), seq=3, corrects="e1"),
    ]
    assert of_medicine(judged(TAKEN, fold(entries))).verdict is UNKNOWN
    gone = recorded(Retracted(), ago(1), seq=4, corrects="e3")
    assert [each.medicine for each in judged(TAKEN, fold([*entries, gone]))] == [""]


def test_what_is_known_later_does_not_count_today() -> None:
    later = chart((medicine("", taking=True), ago(5)), (decided(), ago(-1)), (medicine("", stopped=TODAY), ago(-2)))
    assert of_medicine(judged(TAKEN, later)).verdict is UNKNOWN
    assert of_medicine(judged(TAKEN, later, on=ago(-1))).verdict is MET


def test_several_medicines_are_judged_each_for_itself() -> None:
    given_two = chart(
        (medicine("sertraline", stopped=ago(9)), TODAY),
        (medicine("naltrexone", taking=True, id="m2"), TODAY),
        (observed("medicines-reviewed", True), TODAY),
    )
    assert {each.medicine: each.verdict for each in judged(WASHOUT, given_two)} == {"m1": NOT_MET, "m2": MET}


@pytest.mark.parametrize("test", [WASHOUT, TAKEN])
def test_an_empty_list_is_met_only_if_somebody_asked(test: WashoutTest | InteractionsTest) -> None:
    (never,) = judged(test, chart())
    assert (never.verdict, never.met_on, never.medicine) == (UNKNOWN, None, "")
    assert "does not mean none is taken" in never.because
    (no,) = judged(test, chart((observed("medicines-reviewed", False), TODAY)))
    assert (no.verdict, no.rests_on) == (UNKNOWN, ("e1",))
    (asked,) = judged(test, chart((observed("medicines-reviewed", True), ago(4))))
    assert (asked.verdict, asked.met_on) == (MET, Span(ago(4)))
    unasked = judged(test, chart(still("naltrexone")))
    assert [each.verdict for each in unasked] == [UNKNOWN, MET]
    assert "There may be more" in unasked[0].because


@pytest.mark.parametrize(
    ("severity", "expected"),
    [(Severity.MAJOR, Standing.STOPS), (Severity.MODERATE, Standing.STOPS), (Severity.MINOR, Standing.STOPS)],
)
def test_a_row_that_asks_for_days_without_it_stops_whatever_its_severity(
    severity: Severity, expected: Standing
) -> None:
    facts = replace(FACTS, drugs={"d": drug("d", "k")}, interactions=(row("Row", "k", severity=severity),))
    for policy in (PROTOCOL.washout, None):
        protocol = replace(PROTOCOL, washout=policy)
        assert pair("d", typed="D", protocol=protocol, facts=facts).standing is expected


def test_a_protocol_may_stop_at_graver_severities_only() -> None:
    lenient = replace(
        PROTOCOL, washout=WashoutPolicy(5, 0, BASIS, stopping_severities=(Severity.CONTRAINDICATED, Severity.MAJOR))
    )
    found = of_medicine(judged(TAKEN, chart(still("bisoprolol")), protocol=lenient))
    assert found.verdict is MET


_NAMES = st.sampled_from(["", *(each.id for each in DRUGS)])
_MEDICINES = st.builds(
    lambda name, days, taking, id: medicine(name, stopped=None if taking else days, taking=taking, id=id),
    _NAMES,
    st.none() | st.integers(-20, 60).map(ago),
    st.booleans(),
    st.sampled_from(["m1", "m2"]),
)
_DECISIONS = st.builds(
    lambda decision, id: decided(decision, id=id),
    st.sampled_from(["may_go_on", "stops_the_course"]),
    st.sampled_from(["m1", "m2"]),
)
_ENTRIES = st.lists(st.tuples(st.one_of(_MEDICINES, _DECISIONS), st.integers(0, 9).map(ago)), min_size=1, max_size=5)


def _verdicts(test: WashoutTest | InteractionsTest, known: Chart, on: date = TODAY) -> dict[str, Finding]:
    return {each.medicine: each for each in judged(test, known, on=on)}


@given(st.sampled_from([WASHOUT, TAKEN]), _ENTRIES, st.integers(0, 60))
def test_the_span_of_a_medicine_is_exact(
    test: WashoutTest | InteractionsTest, entries: list[tuple[Entry, date]], ahead: int
) -> None:
    known, later = chart(*entries), TODAY + timedelta(days=ahead)
    then = _verdicts(test, known, later)
    for medicine_id, found in _verdicts(test, known).items():
        expected = bool(found.met_on and found.met_on.holds(later))
        assert (then[medicine_id].verdict is MET) == expected


@given(st.sampled_from([WASHOUT, TAKEN]), _ENTRIES, _NAMES)
def test_another_medicine_clears_nothing(
    test: WashoutTest | InteractionsTest, entries: list[tuple[Entry, date]], name: str
) -> None:
    before = _verdicts(test, chart(*entries))
    after = _verdicts(test, chart(*entries, (medicine(name, taking=True, id="m9"), TODAY)))
    for medicine_id, found in before.items():
        assert after[medicine_id].verdict is found.verdict or not found.medicine
        assert found.verdict is MET or after[medicine_id].verdict is not MET


@given(_NAMES, st.integers(0, 60))
def test_taking_it_again_clears_nothing(name: str, days: int) -> None:
    for judge in (taken, waited):
        before = judge((medicine(name, stopped=ago(days)), ago(1)))
        after = judge((medicine(name, stopped=ago(days)), ago(1)), (medicine(name, taking=True), TODAY))
        order = [NOT_MET, UNKNOWN, MET]
        assert order.index(after.verdict) <= order.index(before.verdict)


@given(_NAMES, st.booleans())
def test_without_its_decision_an_unknown_stays_unknown(name: str, taking: bool) -> None:
    told = (medicine(name, stopped=None if taking else ago(3), taking=taking), ago(1))
    for judge in (taken, waited):
        if judge(told, (decided(), TODAY)).verdict is not MET:
            assert judge(told).verdict is not MET
