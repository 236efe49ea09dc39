"""Scoring on small scales made here; the shipped ones are tested beside their facts."""

from dataclasses import replace
from datetime import date

import pytest

from asklepion.core import scoring
from asklepion.core.entries import Answer, AnswersGiven
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Unscored
from asklepion.knowledge.types import (
    Administration,
    Alert,
    AllTrue,
    AnyTrue,
    Basis,
    Case,
    Classification,
    CodedAnswer,
    Confidence,
    CountAtLeast,
    Cutoff,
    Item,
    MissingRule,
    NotTrue,
    Operator,
    Rights,
    Scale,
    ScoreAtLeast,
    ScoreRule,
    Tier,
)

BASIS = Basis(Confidence.RECALLED, date(2026, 11, 23))


def rule(id: str, operator: Operator, items: str, **more: object) -> ScoreRule:
    return ScoreRule(id, id.title(), operator, tuple(items), 0, 100, BASIS, **more)  # type: ignore[arg-type]


def count(items: str, *, count: int = 1, threshold: int = 2) -> CountAtLeast:
    return CountAtLeast("count_at_least", count, tuple(items), threshold)


def scale(*scores: ScoreRule, **more: object) -> Scale:
    """Return a scale of items a to d, 0 to 4 each."""
    plain = Scale(
        kind="scale",
        id="small",
        title="A small scale",
        short="Small",
        version="1",
        tier=Tier.DRAFT,
        construct="none",
        administration=Administration.SELF,
        recall="",
        higher_is_worse=True,
        items=tuple(Item(each, f"topic {each}", 0, 4) for each in "abcd"),
        scores=scores,
        rights=Rights("nobody", "none", BASIS),
        basis=BASIS,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def value(of: Scale, answers: dict[str, int | None], id: str = "total") -> float | Unscored:
    found = scoring.score(of, answers).score(id)
    assert found is not None
    return found.value


def classified(*cases: Case, **more: object) -> Scale:
    cases_of = Classification("kind", "Kind", cases, "none", "None of them", BASIS, unknown_label="Ask again")
    return scale(rule("total", Operator.SUM, "abcd"), classifications=(cases_of,), **more)


FULL = {"a": 1, "b": 2, "c": 3, "d": 4}


@pytest.mark.parametrize(
    ("operator", "expected"),
    [(Operator.SUM, 10.0), (Operator.MEAN, 2.5), (Operator.MAX, 4.0), (Operator.PERCENT_OF_MAX, 62.5)],
)
def test_each_operator_gives_its_number(operator: Operator, expected: float) -> None:
    assert value(scale(rule("total", operator, "abcd")), dict(FULL)) == expected


def test_percent_of_max_counts_from_the_lowest_answer() -> None:
    items = tuple(Item(each, each, 1, 5) for each in "ab")
    assert value(scale(rule("total", Operator.PERCENT_OF_MAX, "ab"), items=items), {"a": 1, "b": 5}) == 50.0


def test_a_reversed_item_counts_from_the_other_end() -> None:
    assert value(scale(rule("total", Operator.SUM, "ab", reverse=("b",))), {"a": 1, "b": 1}) == 4.0


def test_a_blank_unscores_and_names_itself() -> None:
    got = value(scale(rule("total", Operator.SUM, "abcd")), {"a": 1, "b": None, "c": 3})
    assert got == Unscored("2 of 4 items are blank: b and d.", ("b", "d"))


def test_one_blank_is_named_in_the_singular() -> None:
    got = value(scale(rule("total", Operator.SUM, "abcd")), {"a": 1, "b": 2, "c": 3})
    assert got == Unscored("1 of 4 items is blank: d.", ("d",))


def test_an_empty_form_has_no_score() -> None:
    assert value(scale(rule("total", Operator.MEAN, "ab")), {}) == Unscored("No item is answered.", ("a", "b"))


def test_many_blanks_are_counted_not_listed() -> None:
    items = tuple(Item(str(n), f"topic {n}", 0, 4) for n in range(1, 11))
    long = scale(
        ScoreRule("total", "Total", Operator.SUM, tuple(str(n) for n in range(1, 11)), 0, 40, BASIS), items=items
    )
    got = value(long, {"1": 0})
    assert isinstance(got, Unscored)
    assert got.reason == "9 of 10 items are blank: 2, 3, 4, 5, 6 and 4 more."


@pytest.mark.parametrize(("answers", "expected"), [({"a": 1, "b": 2, "c": 3}, 8.0), ({"a": 1, "b": 2}, None)])
def test_prorating_bears_as_many_blanks_as_its_rule(answers: dict[str, int | None], expected: float | None) -> None:
    prorated = scale(rule("total", Operator.SUM, "abcd", missing=MissingRule(3, True, BASIS)))
    got = scoring.score(prorated, answers).score("total")
    assert got is not None
    if expected is None:
        assert got.value == Unscored(
            "2 of 4 items are blank: c and d. The scale's rule asks for at least 3 answers.", ("c", "d")
        )
        assert not got.prorated
    else:
        assert got.value == expected
        assert got.prorated


def test_a_full_form_is_not_called_prorated() -> None:
    got = scoring.score(scale(rule("total", Operator.SUM, "ab", missing=MissingRule(1, True, BASIS))), {"a": 1, "b": 1})
    assert got.scores[0].prorated is False


def test_a_missing_rule_without_prorating_bears_no_blank() -> None:
    strict = scale(rule("total", Operator.SUM, "ab", missing=MissingRule(1, False, BASIS)))
    assert value(strict, {"a": 1}) == Unscored("1 of 2 items is blank: b.", ("b",))


CODED = tuple(Item(each, f"topic {each}", 0, 4, coded=(CodedAnswer(9, "Not assessed"),)) for each in "ab")


def test_a_coded_answer_is_no_amount() -> None:
    got = value(scale(rule("total", Operator.SUM, "ab"), items=CODED), {"a": 1, "b": 9})
    assert got == Unscored("Answered with no amount: item b (not assessed). This score has no rule for that.", ("b",))


def test_a_coded_answer_takes_no_part_where_the_score_leaves_it_out() -> None:
    left_out = scale(rule("total", Operator.MEAN, "ab", leaves_out=("b",)), items=CODED)
    assert value(left_out, {"a": 1, "b": 9}) == 1.0
    assert value(left_out, {"a": 1, "b": 3}) == 2.0
    assert value(left_out, {"a": 1}) == Unscored("1 of 2 items is blank: b.", ("b",))
    only_b = scale(rule("total", Operator.MEAN, "b", leaves_out=("b",)), items=CODED)
    assert value(only_b, {"b": 9}) == Unscored("No item is answered.", ())


ASKED_IF = (Item("a", "first", 0, 4), Item("b", "second", 0, 4, only_if=count("a")), *scale().items[2:])


def test_an_item_that_was_not_asked_is_neither_blank_nor_zero() -> None:
    got = value(scale(rule("total", Operator.SUM, "ab"), items=ASKED_IF), {"a": 1})
    assert got == Unscored("Not asked: item b.", ("b",))


def test_an_item_whose_condition_is_open_or_holds_is_blank() -> None:
    conditional = scale(rule("total", Operator.SUM, "ab"), items=ASKED_IF)
    assert value(conditional, {"c": 1}) == Unscored("No item is answered.", ("a", "b"))
    assert value(conditional, {"a": 2}) == Unscored("1 of 2 items is blank: b.", ("b",))


def test_an_answer_counts_though_the_item_need_not_have_been_asked() -> None:
    assert value(scale(rule("total", Operator.SUM, "ab"), items=ASKED_IF), {"a": 0, "b": 4}) == 4.0


def test_every_fault_of_a_form_is_told_at_once() -> None:
    items = (Item("a", "first", 0, 4), Item("b", "second", 0, 1, yes_no=True), CODED[0])
    items = (items[0], items[1], replace(CODED[0], id="c"))
    wrong: dict[str, int | None] = {"a": 5, "b": True, "c": 8, "z": 1}
    with pytest.raises(ManyFaults) as caught:
        scoring.score(scale(rule("total", Operator.SUM, "a"), items=items), wrong)
    assert [str(fault) for fault in caught.value.faults] == [
        "item a: 5 is not an answer to `first`. Give a whole number from 0 to 4, or leave it blank.",
        "item b: True is not an answer to `second`. Give 0 for no or 1 for yes, or leave it blank.",
        "item c: 8 is not an answer to `topic a`. Give a whole number from 0 to 4, or 9 for `Not assessed`, "
        "or leave it blank.",
        "item z: There is no item z. Items are a, b and c.",
    ]


@pytest.mark.parametrize("answer", [-1, 5])
def test_an_answer_just_outside_the_range_is_refused(answer: int) -> None:
    with pytest.raises(BadInput):
        scoring.score(scale(rule("total", Operator.SUM, "a")), {"a": answer})


@pytest.mark.parametrize(
    ("answers", "expected", "missing"),
    [
        ({"a": 2, "b": 0}, "some", ()),
        ({"a": 2}, "some", ()),
        ({"a": 1}, None, ("b",)),
        ({"a": 1, "b": 1}, "none", ()),
    ],
)
def test_a_count_is_known_as_soon_as_blanks_cannot_change_it(
    answers: dict[str, int | None], expected: str | None, missing: tuple[str, ...]
) -> None:
    category = scoring.score(classified(Case("some", "Some", count("ab"))), answers).category("kind")
    assert category is not None
    assert (category.value, category.missing) == (expected, missing)
    assert category.value_label == {"some": "Some", "none": "None of them", None: "Ask again"}[expected]


def test_without_words_of_its_own_an_open_category_is_not_known() -> None:
    bare = classified(Case("some", "Some", count("ab")))
    bare = replace(bare, classifications=(replace(bare.classifications[0], unknown_label=""),))
    assert scoring.score(bare, {}).categories[0].value_label == "Not known"


def test_a_coded_answer_leaves_a_count_open_and_one_not_asked_does_not() -> None:
    some = Case("some", "Some", count("b"))
    assert scoring.score(classified(some, items=CODED), {"a": 0, "b": 9}).categories[0].value is None
    assert scoring.score(classified(some, items=ASKED_IF), {"a": 0}).categories[0].value == "none"


def test_a_case_that_cannot_be_told_is_never_passed_over() -> None:
    two = classified(Case("first", "First", count("a")), Case("second", "Second", count("b")))
    assert scoring.score(two, {"b": 4}).categories[0].value is None
    assert scoring.score(two, {"a": 0, "b": 4}).categories[0].value == "second"


T, F, U = count("a"), count("b"), count("c")
ANSWERS = {"a": 4, "b": 0}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (AllTrue("all_true", (T, T)), True),
        (AllTrue("all_true", (T, U)), None),
        (AllTrue("all_true", (U, F)), False),
        (AnyTrue("any_true", (F, F)), False),
        (AnyTrue("any_true", (F, U)), None),
        (AnyTrue("any_true", (U, T)), True),
        (NotTrue("not_true", T), False),
        (NotTrue("not_true", F), True),
        (NotTrue("not_true", U), None),
    ],
)
def test_conditions_follow_kleene(condition: AllTrue | AnyTrue | NotTrue, expected: bool | None) -> None:
    value = scoring.score(classified(Case("yes", "Yes", condition)), dict(ANSWERS)).categories[0].value
    assert value == {True: "yes", False: "none", None: None}[expected]


def test_an_open_condition_names_each_missing_item_once() -> None:
    both = AllTrue("all_true", (count("cd"), count("c")))
    assert scoring.score(classified(Case("yes", "Yes", both)), {}).categories[0].missing == ("c", "d")


@pytest.mark.parametrize(("d", "expected"), [(4, "high"), (3, "none"), (None, None)])
def test_a_category_may_rest_on_a_score(d: int | None, expected: str | None) -> None:
    high = classified(Case("high", "High", ScoreAtLeast("score_at_least", "total", 10)))
    assert scoring.score(high, {"a": 1, "b": 2, "c": 3, "d": d}).categories[0].value == expected


def test_bands_give_the_highest_of_each_scheme() -> None:
    cutoffs = (
        Cutoff("total", 5, "mild", "one", BASIS),
        Cutoff("total", 10, "severe", "one", BASIS),
        Cutoff("total", 7, "moderate", "one", BASIS),
        Cutoff("total", 8, "positive", "two", BASIS),
        Cutoff("other", 1, "other", "one", BASIS),
    )
    banded = scale(rule("total", Operator.SUM, "abcd"), cutoffs=cutoffs)
    assert [each.label for each in scoring.bands(banded, "total", 4.99)] == []
    assert [each.label for each in scoring.bands(banded, "total", 5)] == ["mild"]
    assert [each.label for each in scoring.bands(banded, "total", 12)] == ["severe", "positive"]


def test_an_alert_is_raised_by_its_answer_and_by_a_blank() -> None:
    alert = Alert("speak", "Speak with them", count("a", threshold=1), BASIS)
    alerting = scale(rule("total", Operator.SUM, "abcd"), alerts=(alert,))
    assert scoring.alerts(alerting, {"a": 1}) == (alert,)
    assert scoring.alerts(alerting, {}) == (alert,)
    assert scoring.alerts(alerting, {"a": 0}) == ()


def test_an_entry_holds_every_item_in_order_and_the_scores() -> None:
    given = scoring.entry(
        classified(Case("some", "Some", count("c"))), {"d": 1, "a": 0}, visit="v1", sealed=True, source="clinician"
    )
    assert isinstance(given, AnswersGiven)
    assert given.answers == (Answer("a", 0), Answer("b", None), Answer("c", None), Answer("d", 1))
    assert (given.scores[0].value, given.scores[0].unscored) == (None, "2 of 4 items are blank: b and c.")
    assert (given.categories[0].value, given.categories[0].missing) == (None, ("c",))
    assert (given.visit, given.sealed, given.source, given.labels_only) == ("v1", True, "clinician", True)
    assert not any(score.reported for score in given.scores)


def test_a_scored_entry_holds_its_number() -> None:
    given = scoring.entry(scale(rule("total", Operator.SUM, "abcd")), dict(FULL))
    assert (given.scores[0].value, given.scores[0].unscored) == (10.0, "")


def test_a_reported_score_is_marked_as_one_and_has_no_answers() -> None:
    two = classified(
        Case("high", "High", ScoreAtLeast("score_at_least", "total", 10)), Case("some", "Some", count("a"))
    )
    two = replace(two, scores=(*two.scores, rule("other", Operator.MEAN, "ab")))
    given = scoring.reported(two, {"total": 10}, origin="table.csv, line 2", visit="v1", sealed=True)
    assert given.answers == ()
    assert (given.source, given.origin, given.visit, given.sealed) == ("import", "table.csv, line 2", "v1", True)
    assert (given.scores[0].value, given.scores[0].reported) == (10.0, True)
    assert (given.scores[1].value, given.scores[1].reported) == (None, False)
    assert given.scores[1].unscored == "Not reported, and there are no answers to compute it from."
    assert given.categories[0].value == "high"
    assert scoring.reported(two, {"total": 9}, origin="x").categories[0].value is None


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({"total": 101.0}, "score total: 101.0 lies outside 0 to 100. Correct it where it is from."),
        ({"total": float("nan")}, "score total: nan lies outside 0 to 100. Correct it where it is from."),
        ({"sum": 1.0}, "score sum: There is no score sum. Scores are total."),
        ({}, "No score is reported. Give one of: total."),
    ],
)
def test_a_reported_score_that_cannot_be_is_refused(scores: dict[str, float], message: str) -> None:
    with pytest.raises(ManyFaults) as caught:
        scoring.reported(scale(rule("total", Operator.SUM, "abcd")), scores, origin="x")
    assert [str(fault) for fault in caught.value.faults] == [message]
