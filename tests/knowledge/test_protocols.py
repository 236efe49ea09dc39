"""The protocols that are shipped: what was read in a source stands in them, and every gate can be opened."""

from datetime import date, timedelta

import pytest

from asklepion.core import consent, schedule, session
from asklepion.core.entries import DoseGiven
from asklepion.core.values import VisitState
from asklepion.flows.facts import facts
from asklepion.knowledge.types import (
    Basis,
    Confidence,
    ConsentDocument,
    EventsTest,
    LimitStage,
    MeasureTest,
    Protocol,
    ScoreTest,
    SpacingTest,
    VisitKind,
    VisitPlan,
)
from small_chart import DAY, chart_of, instant, told

SESSIONS = ("v5", "v10", "v15")


@pytest.fixture(scope="module")
def mdma() -> Protocol:
    return facts().protocols["mdma-ptsd-phase-3"]


@pytest.fixture(scope="module")
def hamd() -> Protocol:
    return facts().protocols["hamd-depression-trial"]


def visits_of(protocol: Protocol) -> dict[str, VisitPlan]:
    return {visit.id: visit for visit in protocol.visits}


def test_three_sessions_each_with_three_talks_and_calls_and_three_preparations(mdma):
    kinds = [visit.kind for visit in mdma.visits]
    assert kinds.count(VisitKind.DOSING) == 3
    assert kinds.count(VisitKind.PREPARATION) == 3
    assert kinds.count(VisitKind.INTEGRATION) == 9
    assert kinds.count(VisitKind.CONTACT) == 3
    assert [visit.number for visit in mdma.visits if visit.number] == ["SCR", *(f"V{n}" for n in range(21)), "LTFU"]


@pytest.mark.parametrize(
    ("visit", "anchor", "days"),
    [
        ("v6", "v5", (1, 1, 1)),
        ("v9", "v5", (21, 24, 28)),
        ("v10", "v5", (21, 28, 35)),
        ("v15", "v10", (21, 28, 35)),
        ("v16", "v15", (1, 1, 1)),
        ("v19", "v15", (42, 56, 70)),
        ("v15-calls", "v15", (1, 4, 7)),
        ("follow-up-12", "last_dose", (183, 365, None)),
    ],
)
def test_windows_of_the_research(mdma, visit, anchor, days):
    window = visits_of(mdma)[visit].window
    assert (window.anchor, (window.opens, window.nominal, window.closes)) == (anchor, days)


def test_a_whole_course_reaches_the_visit_of_a_year(mdma):
    held: dict[str, date] = {"opening": DAY}
    for _ in mdma.visits:
        for stands in schedule.calendar(mdma, held, on=DAY):
            if stands.nominal and not stands.held_on:
                held[stands.id] = stands.nominal
    plan = {visit.id: visit for visit in schedule.calendar(mdma, held, on=DAY)}
    assert set(plan) == {id for id in held if id != "opening"}
    assert not [visit.id for visit in plan.values() if visit.outside_window]
    baseline, primary = plan["v3"].held_on[0], plan["v19"].held_on[0]
    assert 16 * 7 <= (primary - baseline).days <= 20 * 7
    assert plan["follow-up-12"].held_on[0] - plan["v15"].held_on[0] == timedelta(days=365)


def test_ratings_are_sealed_and_for_a_rater_and_the_shown_scale_is_not(mdma):
    rated = [(visit.id, each) for visit in mdma.visits for each in visit.assessments if each.scale == "caps-5"]
    assert [id for id, _ in rated] == ["v3", "v9", "v14", "v19", "follow-up-12"]
    assert all(each.sealed and each.role == "rater" for _, each in rated)
    shown = [each for visit in mdma.visits for each in visit.assessments if each.scale == mdma.shown_scale]
    assert shown
    assert not any(each.sealed for each in shown)
    assert mdma.primary_scale == "caps-5"


def test_doses_are_pairs_of_which_the_second_is_half(mdma):
    pairs = {rule.visit: [(level.initial_mg, level.supplemental_mg) for level in rule.levels] for rule in mdma.doses}
    assert pairs == {"v5": [(80, 40)], "v10": [(120, 60), (80, 40)], "v15": [(120, 60), (80, 40)]}
    for rule in mdma.doses:
        assert all(level.supplemental_mg * 2 == level.initial_mg for level in rule.levels)
        assert rule.basis.confidence is Confidence.DISPUTED
        assert {(each.opens_min, each.closes_min) for each in rule.decided} == {(90, 120), (90, 150)}
        choices = facts().observables[rule.decided_by].choices
        assert choices == tuple(each.choice for each in rule.decided)


def test_no_supplement_before_the_site_has_decided(mdma):
    dose = told(DoseGiven("v5", "initial", 80, "midomafetamine hydrochloride"), instant(0), seq=1)
    _, second = session.doses(mdma, "v5", chart_of([dose]), at=instant(0, 11))
    assert second.because == "The site has not recorded which window it uses."


def test_limits_of_the_research(mdma):
    found = {
        (limit.measure, limit.stage): (limit.above, limit.at_least, limit.rise_at_least)
        for limit in mdma.limits
        if limit.equals is None
    }
    assert found == {
        ("systolic", LimitStage.BEFORE_DOSE): (140, None, None),
        ("diastolic", LimitStage.BEFORE_DOSE): (90, None, None),
        ("systolic", LimitStage.IN_SESSION): (160, None, None),
        ("diastolic", LimitStage.IN_SESSION): (110, None, None),
        ("heart-rate", LimitStage.IN_SESSION): (110, None, None),
        ("temperature", LimitStage.IN_SESSION): (None, None, 1),
        ("systolic", LimitStage.EMERGENCY): (None, 180, None),
        ("diastolic", LimitStage.EMERGENCY): (None, 120, None),
        ("temperature", LimitStage.EMERGENCY): (38.5, None, None),
    }
    assert {limit.basis.confidence for limit in mdma.limits if limit.basis.fact.startswith("MON")} == {
        Confidence.RECALLED
    }


def test_criteria_of_the_research(mdma):
    tests = {criterion.id: criterion.test for criterion in mdma.criteria}
    assert tests["weight"] == MeasureTest("measure", "weight", at_least=48)
    assert tests["qtc"] == MeasureTest("measure", "qtc", at_most_male=450, at_most_female=460)
    assert tests["caps-5"] == ScoreTest("score", "caps-5", "total", at_least=28, max_age_days=28)
    assert tests["spacing-1"] == SpacingTest("spacing", "v5", 21)
    assert (mdma.washout.half_lives, mdma.washout.stabilisation_days) == (5, 7)
    assert mdma.washout.basis.confidence is Confidence.RECALLED


def test_what_a_physician_decides_stands_before_the_baseline_and_every_session(mdma):
    tests = {criterion.id: criterion.test for criterion in mdma.criteria}
    assert [gate.id for gate in mdma.gates if "serious-events" in gate.criteria] == [
        "baseline",
        "session-1",
        "session-2",
        "session-3",
    ]
    assert tests["serious-events"] == EventsTest("events", "event-reviewed")
    for id in ("suicidality", "suicidality-today"):
        asked = tests[id]
        assert (asked.not_values, asked.judged_values, asked.decided_by) == (
            ("high",),
            ("moderate",),
            "suicidality-judged",
        )
    assert {each.repeat_needs for each in tests["blood-pressure-today"].of} == {"physician-agrees"}
    for visit in SESSIONS:
        recorded = visits_of(mdma)[visit].records
        assert {"event-reviewed", "suicidality-judged", "physician-agrees"} <= set(recorded)


def test_every_criterion_stands_before_a_visit_and_every_session_behind_a_gate(mdma):
    asked = {id for gate in mdma.gates for id in gate.criteria}
    assert {criterion.id for criterion in mdma.criteria} == asked
    assert {visit for gate in mdma.gates for visit in gate.before} == {"v0", "v3", *SESSIONS}


@pytest.mark.parametrize("gate", ["session-1", "session-2", "session-3"])
def test_what_is_asked_again_on_the_day_of_every_session(mdma, gate):
    asked = next(each for each in mdma.gates if each.id == gate).criteria
    same_day = {"pregnancy-today", "drug-screen-today", "suicidality-today", "medicines-today", "consent-reconfirmed"}
    assert {*same_day, "blood-pressure-today", "consent", "washout", "interactions", "supplement-time"} <= set(asked)
    ages = {c.id: getattr(c.test, "max_age_days", None) for c in mdma.criteria if c.id in same_day}
    assert {id for id, age in ages.items() if age == 0} == same_day - {"drug-screen-today"}


def test_what_a_gate_asks_on_the_day_can_be_recorded_on_the_form_of_its_visit(mdma):
    visits = visits_of(mdma)
    for gate in mdma.gates:
        for criterion in mdma.criteria:
            if criterion.id in gate.criteria and getattr(criterion.test, "max_age_days", None) == 0:
                what = getattr(criterion.test, "what", "")
                assert not what or all(what in visits[visit].records for visit in gate.before)


def test_therapy_is_described_at_every_talk_and_session(mdma):
    therapy = (VisitKind.PREPARATION, VisitKind.DOSING, VisitKind.INTEGRATION)
    for visit in mdma.visits:
        if visit.kind in therapy:
            assert len(visit.checklist) >= 5
            assert visit.minutes == (480 if visit.kind is VisitKind.DOSING else 90)


def test_numbers_that_nobody_saw_say_so(mdma):
    seen = [visit.id for visit in mdma.visits if visit.window.basis.confidence is Confidence.SEEN]
    assert seen == ["follow-up-12"]
    assert visits_of(mdma)["v5-calls"].basis.confidence is Confidence.DISPUTED


def bases(part: object) -> list[Basis]:
    if isinstance(part, Basis):
        return [part]
    if isinstance(part, tuple):
        return [found for each in part for found in bases(each)]
    fields = getattr(part, "__dataclass_fields__", {})
    return [found for name in fields for found in bases(getattr(part, name))]


def test_every_statement_has_a_source_or_says_that_it_was_recalled(mdma, hamd):
    for basis in (*bases(mdma), *bases(hamd)):
        assert basis.sources or basis.confidence in (Confidence.RECALLED, Confidence.DISPUTED)
        assert basis.fact or basis.sources


@pytest.mark.parametrize(("visit", "nominal"), [("visit-4", 7), ("visit-5", 14), ("visit-6", 28), ("visit-7", 42)])
def test_the_depression_trial_counts_from_baseline(hamd, visit, nominal):
    plan = {each.id: each for each in schedule.calendar(hamd, {"baseline": DAY}, on=DAY)}
    assert plan[visit].nominal == DAY + timedelta(days=nominal)
    assert (plan[visit].state, plan[visit].opens, plan[visit].closes) == (VisitState.DUE, None, None)


def documents() -> tuple[ConsentDocument, ...]:
    return tuple(each for each in facts().consent_documents if each.document == "mdma-ptsd")


@pytest.mark.parametrize(
    ("on", "version"), [((2025, 1, 5), None), ((2025, 1, 6), "1"), ((2026, 9, 6), "1"), ((2026, 9, 7), "2")]
)
def test_versions_of_the_consent_document(on, version):
    current = consent.current(documents(), on=date(*on))
    assert (current and current.version) == version


def test_every_version_covers_every_required_element_and_its_questions_lead_back():
    required = {id for id, element in facts().consent_elements.items() if element.required}
    for document in documents():
        covered = {section.element for section in document.sections}
        assert required <= covered
        assert len(document.questions) >= 8
        assert {question.reread for question in document.questions} <= covered
        assert len({question.correct for question in document.questions}) > 1
    assert len({consent.document_hash(document) for document in documents()}) == 2
