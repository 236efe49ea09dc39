"""Every shipped scale passes the same battery: its cases, the researched vectors, and what holds of any scale."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from asklepion.core import outcomes, scoring
from asklepion.core.values import Unscored
from asklepion.knowledge.load import PACKAGED, load
from asklepion.knowledge.types import AllTrue, AnyTrue, Condition, CountAtLeast, Item, NotTrue, Operator, Scale, Tier

FOLDER = PACKAGED / "scales"
SCALES = load(FOLDER).scales
VECTORS = Path(__file__).parents[3] / "shared/facts/instrument-test-vectors.json"
Answers = dict[str, int | None]


def sheet(scale: Scale, answers: list[int | None]) -> Answers:
    return dict(zip([item.id for item in scale.items], answers, strict=True))


def cases(id: str) -> list[dict[str, Any]]:
    found = yaml.safe_load((FOLDER / id / "cases.yaml").read_text())
    assert isinstance(found, list)
    return found


CASES = [(id, case) for id in sorted(SCALES) for case in cases(id)]


def number(value: float | Unscored) -> float | None:
    return None if isinstance(value, Unscored) else value


def test_the_scales_are_those_the_issue_asks_for() -> None:
    assert sorted(SCALES) == sorted(path.name for path in FOLDER.iterdir())
    assert {"pcl-5", "caps-5", "itq", "phq-9", "gad-7", "c-ssrs", "sds", "meq30", "hamd-17"} <= set(SCALES)


@pytest.mark.parametrize(("id", "case"), CASES, ids=[f"{id}: {case['name']}" for id, case in CASES])
def test_case(id: str, case: dict[str, Any]) -> None:
    scale = SCALES[id]
    answers = sheet(scale, case["answers"])
    result = scoring.score(scale, answers)
    given = {each.id: number(each.value) for each in result.scores}
    assert {score: given[score] for score in case.get("scores", {})} == pytest.approx(case.get("scores", {}), abs=1e-6)
    told = {each.id: each.value for each in result.categories}
    assert {each: told[each] for each in case.get("categories", {})} == case.get("categories", {})
    for score, labels in case.get("bands", {}).items():
        value = given[score]
        assert value is not None
        assert [each.label for each in scoring.bands(scale, score, value)] == labels
    if "alerts" in case:
        assert [each.id for each in scoring.alerts(scale, answers)] == case["alerts"]
    for each in result.categories:
        assert (each.value is None) == bool(each.missing), "an unknown category names what is missing"
    assert case["origin"]


@pytest.mark.parametrize("id", sorted(SCALES))
def test_cases_reach_every_number_category_and_cut_off(id: str) -> None:
    """A battery that leaves a score, a value of a category or an alert out cannot tell that it is right."""
    scale, seen = SCALES[id], cases(id)
    scored = {(score, value is None) for case in seen for score, value in case.get("scores", {}).items()}
    assert scored >= {(rule.id, blank) for rule in scale.scores for blank in (True, False)}
    told = {(each, value) for case in seen for each, value in case.get("categories", {}).items()}
    for rule in scale.classifications:
        values = {*(case.value for case in rule.cases), rule.otherwise, None}
        assert told >= {(rule.id, value) for value in values}
    assert {each for case in seen for each in case.get("alerts", [])} == {alert.id for alert in scale.alerts}


CUTOFFS = [(id, cutoff) for id, scale in SCALES.items() for cutoff in scale.cutoffs]


@pytest.mark.parametrize(
    ("id", "cutoff"), CUTOFFS, ids=[f"{id} {cutoff.at:g} {cutoff.scheme}" for id, cutoff in CUTOFFS]
)
def test_a_cut_off_is_reached_on_it_and_not_just_below(id: str, cutoff: Any) -> None:
    assert cutoff in scoring.bands(SCALES[id], cutoff.score, cutoff.at)
    assert cutoff not in scoring.bands(SCALES[id], cutoff.score, cutoff.at - 0.01)


BANDS = [(id, band) for id, scale in SCALES.items() for band in scale.change]


@pytest.mark.parametrize(("id", "band"), BANDS, ids=[f"{id} {band.id}" for id, band in BANDS])
def test_a_band_counts_on_it_and_not_just_below(id: str, band: Any) -> None:
    scale = replace(SCALES[id], change=(replace(band, chosen=True),))
    top = next(rule.maximum for rule in scale.scores if rule.id == band.score)
    assert outcomes.change(scale, band.score, top, top - band.points).verdict == "better"
    assert outcomes.change(scale, band.score, top - band.points, top).verdict == "worse"
    assert outcomes.change(scale, band.score, top, top - band.points + 0.01).verdict == "not_reliable"


@pytest.mark.parametrize("id", sorted(SCALES))
def test_what_hangs_together_in_a_file(id: str) -> None:
    scale = SCALES[id]
    items = {item.id: item for item in scale.items}
    scores = {rule.id for rule in scale.scores}
    assert len(items) == len(scale.items)
    assert sum(rule.primary for rule in scale.scores) == bool(scale.scores)
    for rule in scale.scores:
        assert (rule.minimum, rule.maximum) == widest(rule.operator, [items[each] for each in rule.items])
        assert not any(items[each].only_if for each in rule.items)
    assert {each.score for each in (*scale.cutoffs, *scale.change, *scale.responses)} <= scores
    for score in scores:
        assert sum(band.chosen for band in scale.change if band.score == score) <= 1
    assert all(len(item.topic.split()) <= 4 for item in scale.items)
    assert scale.rights.terms
    assert scale.tier is not Tier.VERIFIED, "no outside program has been run against it"


def widest(operator: Operator, items: list[Item]) -> tuple[float, float]:
    lowest, highest = [item.minimum for item in items], [item.maximum for item in items]
    if operator is Operator.SUM:
        return sum(lowest), sum(highest)
    assert operator is Operator.MEAN
    return sum(lowest) / len(items), sum(highest) / len(items)


NAMES = {
    "PCL-5": ("pcl-5", {"total": "total", "B": "cluster-b", "C": "cluster-c", "D": "cluster-d", "E": "cluster-e"}),
    "CAPS-5": ("caps-5", {"total": "total", "B": "cluster-b", "C": "cluster-c", "D": "cluster-d", "E": "cluster-e"}),
    "ITQ": ("itq", {"ptsd_severity_0_24": "ptsd-severity", "dso_severity_0_24": "dso-severity"}),
    "PHQ-9": ("phq-9", {"total": "total"}),
    "GAD-7": ("gad-7", {"total": "total"}),
    "C-SSRS-screener": ("c-ssrs", {}),
    "SDS": ("sds", {"total_0_30": "total", "item_mean_0_10": "item-mean"}),
    "MEQ30": (
        "meq30",
        {
            "total": "total",
            "mystical": "mystical",
            "positive_mood": "positive-mood",
            "transcendence": "transcendence",
            "ineffability": "ineffability",
        },
    ),
    "HAM-D17": ("hamd-17", {"total": "total"}),
}
"""The names of the vectors' instruments and scores, and ours."""

FLAGS: dict[str, tuple[str, dict[object, str]]] = {
    "provisional_dsm5_pattern": ("pattern", {True: "met", False: "not-met"}),
    "criteria_B_to_E_met": ("symptoms", {True: "met", False: "not-met"}),
    "ptsd_diagnosis": ("ptsd", {True: "present", False: "absent"}),
    "dissociative_subtype": ("dissociative", {True: "present", False: "absent"}),
    "ptsd_criteria": ("ptsd-criteria", {True: "met", False: "not-met"}),
    "dso_criteria": ("dso-criteria", {True: "met", False: "not-met"}),
    "diagnosis": ("diagnosis", {"none": "none", "PTSD": "ptsd", "CPTSD": "cptsd"}),
    "item9_positive": ("self-harm-thoughts", {True: "present", False: "absent"}),
    "any_domain_ge_5": ("impairment", {True: "present", False: "none"}),
    "complete_mystical_experience": ("complete", {True: "complete", False: "not-complete"}),
    "triage": ("triage", {each: each for each in ("none", "low", "moderate", "high")}),
}


def vectors() -> list[dict[str, Any]]:
    if not VECTORS.exists():
        return []
    return [each for each in json.loads(VECTORS.read_text())["vectors"] if each["instrument"] in NAMES]


def of_vector(vector: dict[str, Any]) -> list[int | None]:
    """Return a vector's answers in the order of our items. The vectors of the CAPS-5 take criterion A as met."""
    items, flags = vector["items"], vector["flags"]
    if vector["instrument"] == "CAPS-5":
        judged = (flags["F_duration_over_1_month"], flags["G_distress_or_impairment"])
        return [*items, 1, *(int(each) for each in judged), flags["item29"], flags["item30"]]
    if vector["instrument"] == "ITQ":
        return [*items["P1_P9"], *items["C1_C9"]]
    return list(items.values()) if isinstance(items, dict) else list(items)


@pytest.mark.skipif(not VECTORS.exists(), reason="../shared/facts/instrument-test-vectors.json is not on this machine")
def test_there_are_vectors_for_every_scale() -> None:
    assert {vector["instrument"] for vector in vectors()} == set(NAMES)
    assert len(vectors()) == 21


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: str(vector["id"]))
def test_vector(vector: dict[str, Any]) -> None:
    id, names = NAMES[vector["instrument"]]
    scale = SCALES[id]
    result = scoring.score(scale, sheet(scale, of_vector(vector)))
    assert set(vector["expected"]) == set(names)
    for theirs, ours in names.items():
        score = result.score(ours)
        assert score is not None
        assert number(score.value) == pytest.approx(vector["expected"][theirs], abs=1e-6)
    for flag, value in vector["flags"].items():
        if flag in FLAGS:
            category = result.category(FLAGS[flag][0])
            assert category is not None
            assert category.value == FLAGS[flag][1][value]
    check_cut_offs(vector, scale, result)


def check_cut_offs(vector: dict[str, Any], scale: Scale, result: Any) -> None:
    total = next((each.value for each in result.scores if each.id == "total"), 0)
    reached = {cutoff.at: cutoff.label for cutoff in scoring.bands(scale, "total", total)}
    flags = vector["flags"]
    if "at_or_above_31" in flags:
        assert (total >= 31, total >= 33) == (flags["at_or_above_31"], flags["at_or_above_33"])
        assert (33 in reached) == flags["at_or_above_33"]
    if vector["instrument"] in ("PHQ-9", "GAD-7", "HAM-D17"):
        assert flags["severity"].startswith(next(iter(reached.values())))
    if vector["instrument"] == "PHQ-9":
        syndrome = result.category("syndrome").value
        assert (syndrome == "major", syndrome == "other") == (
            flags["major_depressive_syndrome"],
            flags["other_depressive_syndrome"],
        )


def answers_of(scale: Scale, *, blanks: bool = True) -> st.SearchStrategy[Answers]:
    def one(item: Item) -> st.SearchStrategy[int | None]:
        amounts: st.SearchStrategy[int | None] = st.integers(item.minimum, item.maximum)
        return st.one_of(amounts, amounts, amounts, st.none()) if blanks else amounts

    return st.fixed_dictionaries({item.id: one(item) for item in scale.items})


any_scale = st.sampled_from(sorted(SCALES.values(), key=lambda scale: scale.id))


@given(st.data())
def test_a_score_stays_in_its_range(data: st.DataObject) -> None:
    scale = data.draw(any_scale)
    for score in scoring.score(scale, data.draw(answers_of(scale))).scores:
        assert isinstance(score.value, Unscored) or score.minimum <= score.value <= score.maximum


@given(st.data())
def test_the_order_of_items_changes_nothing(data: st.DataObject) -> None:
    scale = data.draw(any_scale)
    answers = data.draw(answers_of(scale))
    turned = replace(scale, scores=tuple(replace(rule, items=rule.items[::-1]) for rule in scale.scores))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    plain = scoring.score(scale, answers)
    assert scoring.score(scale, shuffled) == plain
    got = [number(score.value) for score in scoring.score(turned, shuffled).scores]
    assert got == [number(score.value) for score in plain.scores]


@given(st.data())
def test_a_blank_never_counts_as_zero(data: st.DataObject) -> None:
    """Whatever a score rests on: with one answer of it taken away there is no number, since no scale here prorates."""
    scale = data.draw(any_scale.filter(lambda scale: bool(scale.scores)))
    answers = data.draw(answers_of(scale, blanks=False))
    rule = data.draw(st.sampled_from(scale.scores))
    item = data.draw(st.sampled_from(rule.items))
    score = scoring.score(scale, answers | {item: None}).score(rule.id)
    assert score is not None
    assert isinstance(score.value, Unscored)
    assert score.value.items == ((item,) if len(rule.items) > 1 else rule.items)


@given(st.data())
def test_raising_an_answer_never_lowers_a_score(data: st.DataObject) -> None:
    scale = data.draw(any_scale)
    answers = data.draw(answers_of(scale, blanks=False))
    item = data.draw(st.sampled_from(scale.items))
    raised = answers | {item.id: data.draw(st.integers(answers[item.id] or 0, item.maximum))}
    pairs = zip(scoring.score(scale, answers).scores, scoring.score(scale, raised).scores, strict=True)
    for rule, (before, after) in zip(scale.scores, pairs, strict=True):
        assert item.id not in rule.reverse
        low, high = number(before.value), number(after.value)
        assert low is not None
        assert high is not None
        assert high >= low


@given(st.data())
@settings(max_examples=200)
def test_what_is_told_with_blanks_holds_however_they_are_filled(data: st.DataObject) -> None:
    """A category that is known in spite of blanks is the category of every form that fills them."""
    scale = data.draw(any_scale.filter(lambda scale: bool(scale.classifications)))
    answers = data.draw(answers_of(scale))
    full = data.draw(answers_of(scale, blanks=False))
    whole = {id: full[id] if value is None and asked(scale, id, answers) else value for id, value in answers.items()}
    filled = scoring.score(scale, whole)
    for category in scoring.score(scale, answers).categories:
        after = filled.category(category.id)
        assert after is not None
        assert category.value is None or category.value == after.value


@given(st.data())
def test_leaving_a_question_blank_never_hides_an_alert(data: st.DataObject) -> None:
    scale = data.draw(any_scale.filter(lambda scale: bool(scale.alerts)))
    full = data.draw(answers_of(scale, blanks=False))
    item = data.draw(st.sampled_from([item.id for item in scale.items if asked(scale, item.id, full)]))
    assert set(scoring.alerts(scale, full)) <= set(scoring.alerts(scale, full | {item: None}))


def asked(scale: Scale, id: str, answers: Answers) -> bool:
    item = next(item for item in scale.items if item.id == id)
    return item.only_if is None or holds(item.only_if, answers) is not False


def holds(condition: Condition, answers: Answers) -> bool | None:
    """Tell a condition the slow way, by trying the lowest and the highest value of every blank."""
    assert isinstance(condition, CountAtLeast)
    lowest = sum((answers[each] or 0) >= condition.threshold for each in condition.items)
    highest = sum(answers[each] is None or (answers[each] or 0) >= condition.threshold for each in condition.items)
    return True if lowest >= condition.count else (None if highest >= condition.count else False)


def conditions(of: Condition) -> list[Condition]:
    match of:
        case AllTrue() | AnyTrue():
            return [of, *(each for part in of.of for each in conditions(part))]
        case NotTrue():
            return [of, *conditions(of.of)]
        case _:
            return [of]


@pytest.mark.parametrize("id", sorted(SCALES))
def test_a_condition_names_items_and_scores_of_its_scale(id: str) -> None:
    scale = SCALES[id]
    items, scores = {item.id for item in scale.items}, {rule.id for rule in scale.scores}
    whens = [case.when for rule in scale.classifications for case in rule.cases]
    whens += [alert.when for alert in scale.alerts] + [item.only_if for item in scale.items if item.only_if]
    for each in (part for when in whens for part in conditions(when)):
        if isinstance(each, CountAtLeast):
            assert set(each.items) <= items
            assert 1 <= each.count <= len(each.items)
        elif not isinstance(each, AllTrue | AnyTrue | NotTrue):
            assert each.score in scores


CAPS = {rule.id: rule for rule in SCALES["caps-5"].responses}


@pytest.mark.parametrize(
    ("id", "first", "last", "category", "expected"),
    [
        ("response-mapp", 44, 34, None, True),
        ("response-mapp", 44, 35, None, False),
        ("response-mapp", 44, None, None, None),
        ("loss-of-diagnosis", None, None, "absent", True),
        ("loss-of-diagnosis", 44, 12, "present", False),
        ("loss-of-diagnosis", 44, 12, None, None),
        ("remission-mapp", 44, 11, "absent", True),
        ("remission-mapp", 44, 12, "absent", False),
        ("remission-mapp", 44, 11, "present", False),
        ("remission-mapp", 44, 11, None, None),
        ("remission-mapp", 44, 12, None, False),
        ("response-feder", 50, 35, None, True),
        ("response-feder", 50, 36, None, False),
        ("clinically-significant", 21, 8, None, True),
        ("clinically-significant", 20, 8, None, False),
        ("clinically-significant", 30, 9, None, False),
    ],
)
def test_responses_of_the_caps_5(
    id: str, first: float | None, last: float | None, category: str | None, expected: bool | None
) -> None:
    assert outcomes.responded(CAPS[id], first, last, category) is expected


def test_a_reported_total_of_the_hamd_has_no_answers_and_says_so() -> None:
    given = scoring.reported(SCALES["hamd-17"], {"total": 21}, origin="rbmi_antidepressant_data.csv, line 2")
    assert (given.answers, given.source, given.scores[0].value, given.scores[0].reported) == ((), "import", 21, True)
