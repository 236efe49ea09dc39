"""A criterion is met only where that is positively shown: on the threshold, beside it, too old, missing, in doubt."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screened import (
    BASIS,
    DAY,
    FACTS,
    PROTOCOL,
    TODAY,
    ago,
    answers,
    chart,
    criterion,
    judged,
    observed,
    one,
)

from asklepion.core.chart import Chart
from asklepion.core.entries import Entry, Observed, Value
from asklepion.core.judgement import day, overlap, stretch
from asklepion.core.screening import judge
from asklepion.core.values import Span, Verdict
from asklepion.knowledge.types import (
    AllOf,
    AnyOf,
    CategoryTest,
    ConsentTest,
    MeasureTest,
    ScoreTest,
    StatementTest,
    Test,
    UnsettledTest,
)

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
PRESSURE = MeasureTest("measure", "systolic", at_least=90, at_most=140, max_age_days=28)
QTC = MeasureTest("measure", "qtc", at_most_female=460, at_most_male=450)
PREGNANCY = StatementTest(
    "statement", "pregnancy-test", "negative", max_age_days=7, unless="can-become-pregnant", unless_equals=False
)
PSYCHOSIS = StatementTest("statement", "psychosis", False)
SCORE = ScoreTest("score", "pcl-5", "total", at_least=28, max_age_days=28)
CATEGORY = CategoryTest("category", "c-ssrs", "triage", ("high", "moderate"), max_age_days=0)
WINDOW = UnsettledTest("unsettled", "window")


@pytest.mark.parametrize(
    ("value", "verdict"), [(89, NOT_MET), (90, MET), (140, MET), (140.1, NOT_MET), (float("nan"), NOT_MET)]
)
def test_a_bound_belongs_to_what_it_allows(value: float, verdict: Verdict) -> None:
    found = one(PRESSURE, chart((observed("systolic", value), TODAY)))
    assert found.verdict is verdict
    assert found.rests_on == ("e1",)
    assert found.rule is BASIS
    assert found.decides == "physician"
    assert "at least 90, at most 140" in found.because


@pytest.mark.parametrize(("age", "verdict"), [(27, MET), (28, MET), (29, UNKNOWN)])
def test_a_value_is_used_up_to_its_last_day(age: int, verdict: Verdict) -> None:
    found = one(PRESSURE, chart((observed("systolic", 120.0), ago(age))))
    assert found.verdict is verdict
    assert found.met_on == Span(ago(age), ago(age) + 28 * DAY)
    assert ("older than 28 days" in found.because) is found.stale is (verdict is UNKNOWN)


def test_an_old_value_out_of_bounds_is_unknown_and_promises_no_day() -> None:
    found = one(PRESSURE, chart((observed("systolic", 180.0), ago(29))))
    assert found.verdict is UNKNOWN
    assert found.met_on is None


def test_a_limit_that_binds_both_sexes_does_not_wait_for_one() -> None:
    found = one(PRESSURE, chart((observed("systolic", 120.0), ago(9)), (observed("sex", "male"), ago(1))))
    assert (found.met_on, found.rests_on) == (Span(ago(9), ago(-19)), ("e1",))


def test_what_is_not_on_file_is_unknown_and_says_what_the_protocol_asks_for() -> None:
    found = one(PRESSURE, chart())
    assert (found.verdict, found.met_on, found.rests_on) == (UNKNOWN, None, ())
    assert found.because == "Not on file: Systolic."
    assert found.needed == "Record what the protocol asks for"


def test_what_is_dated_after_the_judged_day_is_not_used() -> None:
    given_later = chart((observed("systolic", 120.0), TODAY), (observed("systolic", 180.0), TODAY + DAY))
    assert one(PRESSURE, given_later).verdict is MET
    assert one(PRESSURE, given_later, on=TODAY + DAY).verdict is NOT_MET


def test_of_two_readings_of_one_day_the_later_counts_whatever_order_they_were_typed_in() -> None:
    typed_backwards = chart((observed("systolic", 180.0), TODAY, 15), (observed("systolic", 120.0), TODAY, 9))
    found = one(PRESSURE, typed_backwards)
    assert found.verdict is NOT_MET
    assert found.rests_on == ("e1",)


@pytest.mark.parametrize("value", [True, "high"])
def test_what_is_no_number_is_unknown(value: bool | str) -> None:
    found = one(PRESSURE, chart((observed("systolic", value), TODAY)))
    assert found.verdict is UNKNOWN
    assert "is not a number" in found.because


def test_a_value_in_another_unit_is_unknown() -> None:
    found = one(PRESSURE, chart((Observed((Value("systolic", 120.0, "kPa"),)), TODAY)))
    assert found.verdict is UNKNOWN
    assert "recorded in kPa, not in mmHg" in found.because
    bare = one(PRESSURE, chart((Observed((Value("systolic", 120.0),)), TODAY)))
    assert "recorded in no unit" in bare.because


def test_an_observable_that_is_not_on_file_is_judged_under_its_id() -> None:
    test = MeasureTest("measure", "strange", at_least=1)
    found = one(test, chart((Observed((Value("strange", 1.0, "u"),)), TODAY)))
    assert found.verdict is MET
    assert found.because == "strange 1 u on 23 Nov 2026; at least 1."
    assert "no limit" in one(MeasureTest("measure", "strange"), chart((observed("strange", 1.0), TODAY))).because


@pytest.mark.parametrize(
    ("sex", "value", "verdict"),
    [
        ("female", 459, MET),
        ("female", 460, MET),
        ("female", 461, NOT_MET),
        ("male", 450, MET),
        ("male", 451, NOT_MET),
        ("", 440, UNKNOWN),
        ("", 455, UNKNOWN),
        ("", 461, NOT_MET),
        ("intersex", 440, UNKNOWN),
    ],
)
def test_limits_that_differ_by_sex_need_a_sex_on_file(sex: str, value: float, verdict: Verdict) -> None:
    entries: list[tuple[Entry, date]] = [(observed("qtc", value), ago(3))]
    if sex:
        entries.append((observed("sex", sex), ago(1)))
    found = one(QTC, chart(*entries))
    assert found.verdict is verdict
    assert found.rests_on == (("e1", "e2") if sex else ("e1",))
    if verdict is MET:
        assert found.met_on == Span(ago(1))


def test_a_limit_for_one_sex_only_does_not_bind_the_other() -> None:
    test = MeasureTest("measure", "qtc", at_most_male=450, max_age_days=3)
    women = (observed("sex", "female"), TODAY)
    assert one(test, chart(women, (observed("qtc", 600.0), TODAY))).verdict is MET
    assert one(test, chart(women, (observed("qtc", 600.0), ago(4)))).met_on == Span(ago(4), ago(1))
    assert one(test, chart((observed("qtc", 600.0), ago(4)))).met_on is None


@pytest.mark.parametrize(("value", "verdict"), [(False, MET), (True, NOT_MET), (0.0, NOT_MET), ("no", NOT_MET)])
def test_a_statement_has_to_be_the_one_asked_for(value: bool | float | str, verdict: Verdict) -> None:
    assert one(PSYCHOSIS, chart((observed("psychosis", value), ago(400)))).verdict is verdict


def test_a_statement_that_was_never_made_is_unknown() -> None:
    assert one(PSYCHOSIS, chart()).verdict is UNKNOWN


@pytest.mark.parametrize(("age", "verdict"), [(7, MET), (8, UNKNOWN)])
def test_a_statement_grows_old(age: int, verdict: Verdict) -> None:
    found = one(PREGNANCY, chart((observed("pregnancy-test", "negative"), ago(age))))
    assert (found.verdict, found.met_on) == (verdict, Span(ago(age), ago(age - 7)))


def test_an_old_statement_to_the_contrary_promises_no_day() -> None:
    assert one(PREGNANCY, chart((observed("pregnancy-test", "positive"), ago(8)))).met_on is None


def test_who_is_exempt_is_not_asked() -> None:
    found = one(PREGNANCY, chart((observed("can-become-pregnant", False), ago(90))))
    assert (found.verdict, found.met_on, found.rests_on) == (MET, Span(ago(90)), ("e1",))


@pytest.mark.parametrize("value", [True, 0.0])
def test_who_is_not_exempt_is_asked(value: bool | float) -> None:
    assert one(PREGNANCY, chart((observed("can-become-pregnant", value), TODAY))).verdict is UNKNOWN


def test_a_contrary_statement_after_the_exemption_leaves_both_in_doubt() -> None:
    exempt = (observed("can-become-pregnant", False), ago(9))
    found = one(PREGNANCY, chart(exempt, (observed("pregnancy-test", "positive"), ago(1))))
    assert (found.verdict, found.met_on, found.rests_on) == (UNKNOWN, None, ("e1", "e2"))
    assert "contradict" in found.needed
    assert one(PREGNANCY, chart(exempt, (observed("pregnancy-test", "negative"), ago(1)))).verdict is MET
    before = chart((observed("pregnancy-test", "positive"), ago(10)), exempt)
    assert one(PREGNANCY, before).verdict is MET


@pytest.mark.parametrize(("total", "verdict"), [(27, NOT_MET), (28, MET), (29, MET)])
def test_a_score_is_held_against_its_bounds(total: float, verdict: Verdict) -> None:
    found = one(SCORE, chart((answers(total=total), TODAY)))
    assert found.verdict is verdict
    assert f"{total:g}; at least 28" in found.because


def test_a_sealed_score_counts_and_its_number_is_not_told() -> None:
    low, high = (one(SCORE, chart((answers(total=total, sealed=True), TODAY))) for total in (27, 41))
    assert (low.verdict, high.verdict) == (NOT_MET, MET)
    assert "41" not in high.because
    assert low.because.replace("27", "") == low.because


def test_an_unscored_form_is_unknown_and_an_earlier_one_does_not_stand_in() -> None:
    found = one(SCORE, chart((answers(total=40), ago(1)), (answers(total=None, unscored="5 blanks"), TODAY)))
    assert found.verdict is UNKNOWN
    assert "gives no number: 5 blanks" in found.because
    nothing = one(ScoreTest("score", "pcl-5", "other"), chart((answers(), TODAY)))
    assert "there is no score other" in nothing.because
    bare = one(SCORE, chart((answers(total=None), TODAY)))
    assert bare.verdict is UNKNOWN


def test_a_score_that_is_too_old_or_missing_is_unknown() -> None:
    old = one(SCORE, chart((answers(), ago(29))))
    assert (old.verdict, old.met_on) == (UNKNOWN, Span(ago(29), ago(1)))
    assert one(SCORE, chart((answers(total=10), ago(29)))).met_on is None
    assert one(SCORE, chart((answers("phq-9"), TODAY))).verdict is UNKNOWN


@pytest.mark.parametrize(
    ("category", "verdict"), [("low", MET), ("none", MET), ("moderate", NOT_MET), ("high", NOT_MET), (None, UNKNOWN)]
)
def test_a_category_is_none_of_those_that_stop(category: str | None, verdict: Verdict) -> None:
    found = one(CATEGORY, chart((answers("c-ssrs", category=category, missing=("q6",)), TODAY)))
    assert found.verdict is verdict
    assert ("blank: q6" in found.because) is (verdict is UNKNOWN)


def test_a_category_of_yesterday_is_not_of_the_day() -> None:
    found = one(CATEGORY, chart((answers("c-ssrs"), ago(1))))
    assert found.verdict is UNKNOWN
    assert "not of the day itself" in found.because
    assert one(CATEGORY, chart()).verdict is UNKNOWN
    other = CategoryTest("category", "c-ssrs", "other", ("high",))
    assert "cannot be classified." in one(other, chart((answers("c-ssrs"), TODAY))).because
    assert "sealed" in one(CATEGORY, chart((answers("c-ssrs", sealed=True), TODAY))).because


def test_a_scale_is_named_and_what_its_numbers_rest_on_is_told() -> None:
    score = one(ScoreTest("score", "gad-7", "total", at_most=9), chart((answers("gad-7", total=9), TODAY)))
    category = one(CategoryTest("category", "gad-7", "triage", ("high",)), chart((answers("gad-7"), TODAY)))
    assert score.because == "GAD-7 of 23 Nov 2026: 9; at most 9."
    assert [basis.fact for basis in (*score.facts, *category.facts)] == ["X-3", "X-4"]
    assert one(SCORE, chart((answers(), TODAY))).facts == ()
    assert one(ScoreTest("score", "gad-7", "other"), chart((answers("gad-7"), TODAY))).facts == ()


def test_where_sources_disagree_somebody_has_to_decide() -> None:
    assert one(WINDOW, chart()).verdict is UNKNOWN
    undecided = one(WINDOW, chart((observed("window", ""), TODAY)))
    assert (undecided.verdict, undecided.rests_on) == (UNKNOWN, ("e1",))
    found = one(WINDOW, chart((observed("window", "short"), ago(2))))
    assert (found.verdict, found.met_on) == (MET, Span(ago(2)))
    assert found.because == "Decided on 21 Nov 2026. Window of the supplement: short."
    assert "3" in one(WINDOW, chart((observed("window", 3.0), TODAY))).because


def test_consent_and_visits_are_not_judged_here() -> None:
    assert one(ConsentTest("consent"), chart()).verdict is UNKNOWN


_STATES: dict[Verdict, Chart] = {
    MET: chart((observed("psychosis", False), TODAY)),
    NOT_MET: chart((observed("psychosis", True), TODAY)),
    UNKNOWN: chart(),
}


@pytest.mark.parametrize("first", list(Verdict))
@pytest.mark.parametrize("second", list(Verdict))
def test_all_and_any_are_kleenes(first: Verdict, second: Verdict) -> None:
    one_of: dict[Verdict, Test] = {
        MET: StatementTest("statement", "a", True),
        NOT_MET: StatementTest("statement", "a", False),
        UNKNOWN: StatementTest("statement", "b", True),
    }
    given_a = chart((observed("a", True), TODAY))
    both = (one_of[first], one_of[second])
    least = [NOT_MET, UNKNOWN, MET]
    low, high = sorted((first, second), key=least.index)
    assert one(AllOf("all", both), given_a).verdict is low
    assert one(AnyOf("any", both), given_a).verdict is high


@pytest.mark.parametrize("test", [AllOf("all", ()), AnyOf("any", ())])
def test_of_no_test_at_all_nothing_is_known(test: Test) -> None:
    found = one(test, chart())
    assert (found.verdict, found.met_on) == (UNKNOWN, None)
    assert found.because == "The criterion names no test."


def test_all_of_holds_on_the_days_that_every_part_has() -> None:
    given_both = chart((observed("systolic", 120.0), ago(20)), (answers(), ago(5)))
    found = one(AllOf("all", (PRESSURE, SCORE)), given_both)
    assert found.met_on == Span(ago(5), ago(-8))
    assert found.rests_on == ("e1", "e2")


def test_what_is_made_of_old_values_is_old_and_of_missing_ones_missing() -> None:
    old = chart((observed("systolic", 120.0), ago(29)))
    assert one(AllOf("all", (PRESSURE, PRESSURE)), old).stale
    assert not one(AllOf("all", (PRESSURE, SCORE)), old).stale
    assert not one(AllOf("all", ()), old).stale
    assert not one(PRESSURE, chart()).stale


def test_any_of_says_once_what_each_part_says() -> None:
    negative = StatementTest("statement", "pregnancy-test", "negative", max_age_days=0)
    explained = StatementTest("statement", "pregnancy-test", "explained", max_age_days=0)
    found = one(AnyOf("any", (negative, explained)), chart((observed("pregnancy-test", "negative"), ago(1))))
    assert found.because == "Pregnancy test of 22 Nov 2026 is not of the day itself."
    assert found.needed == "Record Pregnancy test again."


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], None),
        ([None], None),
        ([Span(ago(9), ago(5)), Span(ago(4), ago(-1))], Span(ago(9), ago(-1))),
        ([Span(ago(9), ago(5)), Span(ago(3), ago(-1))], Span(ago(3), ago(-1))),
        ([Span(ago(-5)), Span(ago(9), ago(-1))], Span(ago(9), ago(-1))),
        ([Span(ago(-5)), Span(ago(9), ago(2))], Span(ago(-5))),
        ([Span(ago(9), ago(8)), Span(ago(5), ago(2))], Span(ago(5), ago(2))),
        ([Span(ago(9)), Span(None, ago(2))], Span()),
        ([Span(ago(9), ago(1)), Span(ago(8), ago(3))], Span(ago(9), ago(1))),
    ],
)
def test_a_stretch_is_unbroken(spans: list[Span | None], expected: Span | None) -> None:
    assert stretch(spans, on=TODAY) == expected


def test_days_that_do_not_meet_are_no_days() -> None:
    assert overlap([Span(ago(9), ago(5)), Span(ago(4))]) is None
    assert overlap([Span(ago(9)), None]) is None
    assert overlap([Span(None, ago(2)), Span(ago(2))]) == Span(ago(2), ago(2))
    assert day(date(2026, 3, 1)) == "1 Mar 2026"


_DAYS = st.integers(-5, 40).map(ago)
_OBSERVED = st.one_of(
    st.tuples(st.sampled_from([80.0, 90.0, 140.0, 150.0]).map(lambda value: observed("systolic", value)), _DAYS),
    st.tuples(st.booleans().map(lambda value: observed("psychosis", value)), _DAYS),
    st.tuples(st.booleans().map(lambda value: observed("can-become-pregnant", value)), _DAYS),
    st.tuples(st.sampled_from(["negative", "positive"]).map(lambda v: observed("pregnancy-test", v)), _DAYS),
    st.tuples(st.sampled_from(["male", "female"]).map(lambda value: observed("sex", value)), _DAYS),
    st.tuples(st.sampled_from([440.0, 455.0, 470.0]).map(lambda value: observed("qtc", value)), _DAYS),
    st.tuples(st.sampled_from([None, 20.0, 28.0]).map(lambda value: answers(total=value)), _DAYS),
)
_ENTRIES = st.lists(_OBSERVED, max_size=8)
_PARTS: list[Test] = [PRESSURE, QTC, PREGNANCY, PSYCHOSIS, SCORE, WINDOW]
_LEAVES = st.sampled_from(_PARTS)
_TESTS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda of: AllOf("all", tuple(of))),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: AnyOf("any", tuple(of))),
    ),
    max_leaves=4,
)


def _until(entries: list[tuple[Entry, date]], on: date) -> Chart:
    return chart(*(each for each in entries if each[1] <= on))


@given(_TESTS, _ENTRIES, st.integers(0, 60))
def test_no_day_of_a_span_is_claimed_that_is_not_met(test: Test, entries: list[tuple[Entry, date]], ahead: int) -> None:
    known = _until(entries, TODAY)
    found = one(test, known)
    later = TODAY + timedelta(days=ahead)
    if found.met_on and found.met_on.holds(later):
        assert one(test, known, on=later).verdict is MET


@given(_LEAVES, _ENTRIES, st.integers(0, 60))
def test_outside_the_span_of_a_single_test_no_day_is_met(
    test: Test, entries: list[tuple[Entry, date]], ahead: int
) -> None:
    known = _until(entries, TODAY)
    found = one(test, known)
    later = TODAY + timedelta(days=ahead)
    assert (one(test, known, on=later).verdict is MET) == bool(found.met_on and found.met_on.holds(later))


@given(st.lists(_LEAVES, min_size=1, max_size=3), _ENTRIES, st.integers(0, 60))
def test_the_span_of_all_of_is_exact(parts: list[Test], entries: list[tuple[Entry, date]], ahead: int) -> None:
    known, test = _until(entries, TODAY), AllOf("all", tuple(parts))
    found = one(test, known)
    later = TODAY + timedelta(days=ahead)
    assert (one(test, known, on=later).verdict is MET) == bool(found.met_on and found.met_on.holds(later))


@given(_TESTS, _ENTRIES)
def test_what_lies_ahead_changes_nothing(test: Test, entries: list[tuple[Entry, date]]) -> None:
    whole, known = one(test, chart(*entries)), one(test, _until(entries, TODAY))
    assert (whole.verdict, whole.because, whole.met_on) == (known.verdict, known.because, known.met_on)


_READ = {PRESSURE: "systolic", PSYCHOSIS: "psychosis", WINDOW: "window"}


@given(st.sampled_from(list(_READ)), _ENTRIES)
def test_without_what_it_reads_a_test_is_unknown(
    test: MeasureTest | StatementTest | UnsettledTest, entries: list[tuple[Entry, date]]
) -> None:
    others = [each for each in entries if not (isinstance(each[0], Observed) and each[0].values[0].what == _READ[test])]
    assert one(test, chart(*others)).verdict is UNKNOWN


@given(_LEAVES, _ENTRIES)
def test_taking_the_latest_entry_away_never_makes_an_unknown_of_absence_met(
    test: Test, entries: list[tuple[Entry, date]]
) -> None:
    found = one(test, _until(entries, TODAY))
    if found.verdict is UNKNOWN and not found.rests_on:
        assert one(test, _until(entries[:-1], TODAY)).verdict is UNKNOWN


@given(_TESTS, _ENTRIES)
def test_a_positive_exclusion_never_clears(test: Test, entries: list[tuple[Entry, date]]) -> None:
    found = one(AllOf("all", (test, PSYCHOSIS)), chart(*entries, (observed("psychosis", True), TODAY, 23)))
    assert (found.verdict, found.met_on) == (NOT_MET, None)


def test_each_kind_of_test_gives_findings_under_its_criterion() -> None:
    for test in (*_PARTS, CATEGORY):
        for found in judge(criterion(test, id="one"), PROTOCOL, FACTS, chart(), on=TODAY):
            assert (found.criterion, found.title, found.verdict) == ("one", "The criterion", UNKNOWN)
    assert len(judged(PRESSURE, chart())) == 1
