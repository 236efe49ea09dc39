"""Series with gaps, changes against bands, and rules of response that know what they do not know."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from asklepion.core import outcomes
from asklepion.core.chart import Chart, Recorded, fold
from asklepion.core.entries import AnswersGiven, DoseGiven, Entry, ScaleNotDone, ScoreGiven, VisitMissed
from asklepion.core.outcomes import Series
from asklepion.core.values import PlannedVisit, VisitState
from asklepion.knowledge.types import (
    Administration,
    Assessment,
    Basis,
    ChangeBand,
    Confidence,
    Item,
    Operator,
    Protocol,
    ResponseRule,
    Rights,
    Scale,
    ScoreRule,
    Tier,
    VisitKind,
    VisitPlan,
    Window,
)

BASIS = Basis(Confidence.RECALLED, date(2026, 11, 23))
DAY = date(2026, 1, 1)
SCALE = Scale(
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
    items=(Item("a", "topic", 0, 80),),
    scores=(ScoreRule("total", "Total", Operator.SUM, ("a",), 0, 80, BASIS),),
    rights=Rights("nobody", "none", BASIS),
    basis=BASIS,
    change=(
        ChangeBand("other", "total", 5, "minimal", "nobody", BASIS),
        ChangeBand("noise", "total", 15, "reliable", "198 veterans", BASIS, chosen=True),
    ),
)


def visit(id: str, *, asks: bool = True, repeatable: bool = False) -> VisitPlan:
    asked = (Assessment("another"), *([Assessment("small")] if asks else []))
    return VisitPlan(
        id,
        f"Visit {id}",
        VisitKind.ASSESSMENT,
        "rater",
        Window("enrolment", 0, 0, 0, BASIS),
        BASIS,
        repeatable=repeatable,
        assessments=asked,
    )


def protocol(*visits: VisitPlan) -> Protocol:
    return Protocol("protocol", "p", "1", "P", "P", Tier.DRAFT, "c", "s", visits, BASIS)


PROTOCOL = protocol(visit("v1"), visit("v2"), visit("v3"), visit("talk", asks=False))


def day(n: int) -> date:
    return DAY + timedelta(days=n)


def planned(id: str, state: VisitState, *held: int, nominal: int | None = None, **more: object) -> PlannedVisit:
    return PlannedVisit(
        id=id,
        number="",
        title=f"Visit {id}",
        kind=VisitKind.ASSESSMENT,
        role="rater",
        state=state,
        anchor="enrolment",
        anchor_on=None,
        opens=None,
        nominal=None if nominal is None else day(nominal),
        closes=more.pop("closes", None),  # type: ignore[arg-type]
        held_on=tuple(day(each) for each in held),
        **more,  # type: ignore[arg-type]
    )


def chart(*entries: tuple[int, Entry]) -> Chart:
    def recorded(seq: int, on: date, entry: Entry) -> Recorded[Entry]:
        at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        return Recorded(f"e{seq}", "c", seq, entry, at, on, at, "", "", "", "open", "", "", 0, "", "")

    return fold(recorded(seq, day(n), entry) for seq, (n, entry) in enumerate(entries, 1))


def given(value: float | None, visit: str = "", *, scale: str = "small", **more: object) -> AnswersGiven:
    score = ScoreGiven("total", value, "" if value is not None else "1 of 1 items is blank: a.", **more)  # type: ignore[arg-type]
    return AnswersGiven(scale, "1", (), (score,), (), visit=visit)


def drawn(of: Chart, *plan: PlannedVisit, by: Protocol = PROTOCOL) -> Series:
    return outcomes.series(of, SCALE, "total", plan=plan, protocol=by)


def values(series: Series) -> list[list[float | None]]:
    return [[point.value for point in run] for run in series.runs()]


DONE, MISSED, LATE, AHEAD = VisitState.DONE, VisitState.MISSED, VisitState.LATE, VisitState.AHEAD


def test_points_of_this_scale_come_in_order_with_their_entries() -> None:
    series = drawn(
        chart((3, given(40, "v2")), (0, given(50, "v1")), (1, given(9, scale="another"))),
        planned("v1", DONE, 0),
        planned("v2", DONE, 3),
    )
    assert [(point.value, point.on, point.visit, point.id) for point in series.points] == [
        (50, day(0), "v1", "e2"),
        (40, day(3), "v2", "e1"),
    ]
    assert series.gaps == ()
    assert values(series) == [[50, 40]]
    assert series.scored == series.points


def test_a_held_visit_without_answers_breaks_the_line() -> None:
    series = drawn(
        chart((0, given(50, "v1")), (9, given(40, "v3"))),
        planned("v1", DONE, 0),
        planned("v2", DONE, 4),
        planned("v3", DONE, 9),
    )
    assert [(gap.visit, gap.title, gap.on, gap.why) for gap in series.gaps] == [
        ("v2", "Visit v2", day(4), "The visit was held, but no answers are on file.")
    ]
    assert values(series) == [[50], [40]]


def test_a_missed_and_a_late_visit_are_gaps_with_their_reasons() -> None:
    series = drawn(
        chart((0, given(50, "v1"))),
        planned("v1", DONE, 0),
        planned("v2", MISSED, nominal=4, missed_because="was ill"),
        planned("v3", LATE, closes=day(12)),
        planned("talk", DONE, 5),
    )
    assert [(gap.on, gap.why) for gap in series.gaps] == [
        (day(4), "The visit was missed: was ill"),
        (day(12), "The visit is late."),
    ]


def test_a_missed_visit_without_a_window_stands_on_the_day_it_was_recorded() -> None:
    series = drawn(chart((7, VisitMissed("v1", ""))), planned("v1", MISSED))
    assert [(gap.on, gap.why) for gap in series.gaps] == [(day(7), "The visit was missed")]


def test_a_gap_without_any_day_follows_the_visit_before_it() -> None:
    series = drawn(
        chart((0, given(50, "v1")), (9, given(40, "v3"))),
        planned("v1", DONE, 0),
        planned("v2", MISSED),
        planned("v3", DONE, 9),
    )
    assert series.gaps[0].on == day(0)
    assert values(series) == [[50], [40]]


def test_a_gap_before_every_day_is_named_and_breaks_nothing() -> None:
    series = drawn(chart((9, given(40, "v2"))), planned("v1", MISSED), planned("v2", DONE, 9))
    assert series.gaps[0].on is None
    assert values(series) == [[40]]


@pytest.mark.parametrize(
    ("state", "held", "on"), [(DONE, (4,), 4), (LATE, (), 3), (VisitState.DUE, (), 6), (MISSED, (), 3)]
)
def test_the_reason_why_a_scale_was_not_done_is_told(state: VisitState, held: tuple[int, ...], on: int) -> None:
    told = chart((5, ScaleNotDone("small", "v1", "no")), (6, ScaleNotDone("small", "v1", "too tired")))
    series = drawn(told, planned("v1", state, *held, closes=day(3)))
    words = "The visit was missed" if state is MISSED else "Not done: too tired"
    assert [(gap.on, gap.why) for gap in series.gaps] == [(day(on), words)]


@pytest.mark.parametrize("state", [AHEAD, VisitState.DUE, VisitState.WAITING, VisitState.NOT_NEEDED])
def test_what_is_not_owed_yet_is_no_gap(state: VisitState) -> None:
    assert drawn(chart(), planned("v1", state)).gaps == ()


@pytest.mark.parametrize("state", [MISSED, LATE, VisitState.DUE])
def test_answers_given_though_the_visit_was_not_held_leave_no_gap(state: VisitState) -> None:
    told = chart((1, given(50, "v1")), (0, ScaleNotDone("small", "v1", "later")))
    assert drawn(told, planned("v1", state, nominal=1, closes=day(2))).gaps == ()


def test_a_repeated_visit_owes_the_scale_each_time() -> None:
    twice = protocol(visit("v1", repeatable=True))
    told = chart((0, given(50, "v1")), (9, given(40, "v1")))
    series = drawn(told, planned("v1", DONE, 0, 4, 8), by=twice)
    assert [gap.on for gap in series.gaps] == [day(4)]
    assert values(series) == [[50], [40]]


def test_answers_before_a_repeated_visit_count_for_the_first_time() -> None:
    twice = protocol(visit("v1", repeatable=True))
    assert drawn(chart((0, given(50, "v1"))), planned("v1", DONE, 2), by=twice).gaps == ()


def test_a_visit_that_is_not_repeatable_owes_the_scale_once() -> None:
    assert drawn(chart((0, given(50, "v1"))), planned("v1", DONE, 0, 4)).gaps == ()


def test_an_unscored_giving_is_a_point_without_number_and_breaks_the_line() -> None:
    series = drawn(
        chart((0, given(50, "v1")), (4, given(None, "v2")), (9, given(40, "v3"))),
        planned("v1", DONE, 0),
        planned("v2", DONE, 4),
        planned("v3", DONE, 9),
    )
    assert [point.why for point in series.points] == ["", "1 of 1 items is blank: a.", ""]
    assert series.gaps == ()
    assert values(series) == [[50], [40]]
    assert [point.value for point in series.scored] == [50, 40]


def test_a_score_that_did_not_exist_then_is_no_number() -> None:
    old = replace(given(50, "v1"), scores=())
    assert drawn(chart((0, old))).points[0].why == "This score was not computed when the scale was given."


def test_a_number_from_elsewhere_says_so() -> None:
    points = drawn(chart((0, given(50, "v1", reported=True)), (1, given(40, "v2")))).points
    assert [point.reported for point in points] == [True, False]


def test_on_one_day_the_order_of_the_visits_decides_where_the_line_breaks() -> None:
    told = chart((0, given(50, "v1")), (4, given(45, "unscheduled")), (4, given(40, "v3")))
    series = drawn(told, planned("v1", DONE, 0), planned("v2", MISSED, nominal=4), planned("v3", DONE, 4))
    assert values(series) == [[50], [40, 45]]


def test_sessions_are_the_days_of_dosing() -> None:
    dose = DoseGiven("v1", "initial", 80, "MDMA HCl")
    series = drawn(chart((5, dose), (5, replace(dose, part="supplemental")), (2, replace(dose, visit="v0"))))
    assert series.sessions == (day(2), day(5))


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [
        (56.0, 41.0, "better"),
        (56.0, 42.0, "not_reliable"),
        (41.0, 56.0, "worse"),
        (41.0, 55.0, "not_reliable"),
        (0.1 + 0.2, 15.3, "worse"),
    ],
)
def test_a_change_is_held_against_the_chosen_band(first: float, last: float, verdict: str) -> None:
    change = outcomes.change(SCALE, "total", first, last)
    assert (change.verdict, change.points, change.band) == (verdict, last - first, SCALE.change[1])


def test_where_higher_is_better_a_rise_is_better() -> None:
    turned = replace(SCALE, higher_is_worse=False)
    assert outcomes.change(turned, "total", 10, 30).verdict == "better"
    assert outcomes.change(turned, "total", 30, 10).verdict == "worse"


def test_without_a_chosen_band_a_change_is_only_a_number() -> None:
    bare = replace(SCALE, change=SCALE.change[:1])
    assert outcomes.change(bare, "total", 30, 10) == outcomes.Change(-20, None, "no_band")
    assert outcomes.change(SCALE, "another", 30, 10).verdict == "no_band"


def rule(**parts: object) -> ResponseRule:
    return ResponseRule("r", "R", "total", BASIS, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "first", "last", "category", "expected"),
    [
        ({"percent_fall": 50}, 40.0, 20.0, None, True),
        ({"percent_fall": 50}, 40.0, 21.0, None, False),
        ({"percent_fall": 50}, 40.0, None, None, None),
        ({"percent_fall": 50}, None, 20.0, None, None),
        ({"percent_fall": 50}, 0.0, 0.0, None, None),
        ({"percent_fall": 30}, 2.6, 1.82, None, True),
        ({"points_fall": 10}, 40.0, 30.0, None, True),
        ({"points_fall": 10}, 40.0, 31.0, None, False),
        ({"points_fall": 10}, 40.0, None, None, None),
        ({"points_fall": 10}, None, 40.0, None, None),
        ({"at_most": 11}, None, 11.0, None, True),
        ({"at_most": 11}, None, 12.0, None, False),
        ({"at_most": 11}, 40.0, None, None, None),
        ({"classification": "ptsd", "not_value": "present"}, None, None, "absent", True),
        ({"classification": "ptsd", "not_value": "present"}, None, None, "present", False),
        ({"classification": "ptsd", "not_value": "present"}, 1.0, 1.0, None, None),
        ({"at_most": 11, "classification": "ptsd", "not_value": "present"}, None, 11.0, None, None),
        ({"at_most": 11, "classification": "ptsd", "not_value": "present"}, None, 12.0, None, False),
        ({"at_most": 11, "classification": "ptsd", "not_value": "present"}, None, 11.0, "absent", True),
        ({"percent_fall": 50, "points_fall": 30}, 40.0, 20.0, None, False),
        ({}, 40.0, 20.0, "absent", None),
    ],
)
def test_a_rule_of_response_is_met_not_met_or_unknown(
    parts: dict[str, object], first: float | None, last: float | None, category: str | None, expected: bool | None
) -> None:
    assert outcomes.responded(rule(**parts), first, last, category) is expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("present", "absent", True),
        ("present", "present", False),
        ("absent", "absent", False),
        ("present", None, None),
        (None, "absent", None),
    ],
)
def test_a_diagnosis_is_lost_only_by_somebody_who_had_it(
    first: str | None, last: str | None, expected: bool | None
) -> None:
    assert outcomes.lost_diagnosis(first, last, diagnosis="present") is expected
