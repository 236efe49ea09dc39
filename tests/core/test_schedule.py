"""Windows hang on what took place; missed, repeated, unscheduled and withdrawn are told apart; nothing drifts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklepion.core import schedule
from asklepion.core.chart import Chart
from asklepion.core.entries import (
    ConsentSigned,
    ConsentWithdrawn,
    CourseEnded,
    DoseGiven,
    Entry,
    Retracted,
    VisitBooked,
    VisitHeld,
    VisitMissed,
)
from asklepion.core.errors import ManyFaults
from asklepion.core.values import PlannedVisit, VisitState
from asklepion.knowledge.types import Protocol, VisitKind
from small_chart import chart, chart_of, day, instant, told
from small_protocol import OPENED, held, protocol, visit, window

WAITING, AHEAD, DUE = VisitState.WAITING, VisitState.AHEAD, VisitState.DUE
LATE, DONE, MISSED, NOT_NEEDED = VisitState.LATE, VisitState.DONE, VisitState.MISSED, VisitState.NOT_NEEDED


COURSE = protocol(
    visit("screen", window("opening", 0, 0, 10), VisitKind.SCREENING),
    visit("enrol", window("screen", 0, 0, 10), VisitKind.ENROLMENT),
    visit("prep", window("enrolment", 1, 7, 14), VisitKind.PREPARATION),
    visit("dose", window("prep", 2, 5, 9), VisitKind.DOSING),
    visit("talk", window("dose", 1, 1, 3), VisitKind.INTEGRATION, lapses=True),
    visit("rate", window("dose", 20, 24, 28), otherwise=window("prep", 40, 40, None)),
    visit("after", window("last_dose", 50, 60, None), VisitKind.FOLLOW_UP, required=False),
)


def dosed(number: int) -> tuple[int, Entry]:
    return number, DoseGiven("dose", "initial", 80, "HCl")


def of(plan: tuple[PlannedVisit, ...], id: str) -> PlannedVisit:
    return next(visit for visit in plan if visit.id == id)


def planned(id: str, *entries: tuple[int, Entry], on: int, course: Protocol = COURSE) -> PlannedVisit:
    return of(schedule.plan(course, chart(OPENED, *entries), on=day(on)), id)


def test_a_window_is_counted_from_its_anchor_and_waits_without_one():
    prep = planned("prep", held("enrol", 3), on=3)
    assert (prep.anchor, prep.anchor_on) == ("enrolment", day(3))
    assert (prep.opens, prep.nominal, prep.closes) == (day(4), day(10), day(17))
    waits = planned("dose", held("enrol", 3), on=3)
    assert (waits.state, waits.opens, waits.nominal, waits.closes) == (WAITING, None, None, None)
    assert waits.why == "Waits for Visit prep."
    assert planned("prep", on=3).why == "Waits for enrolment."
    assert planned("after", on=3).why == "Waits for the last dose."


@pytest.mark.parametrize(
    ("on", "state"), [(3, AHEAD), (4, DUE), (5, DUE), (16, DUE), (17, DUE), (18, LATE), (400, LATE)]
)
def test_a_visit_is_due_from_its_first_day_to_its_last_and_late_after(on, state):
    assert planned("prep", held("enrol", 3), on=on).state is state


@pytest.mark.parametrize(("number", "outside"), [(3, True), (4, False), (10, False), (17, False), (18, True)])
def test_held_on_or_off_the_window(number, outside):
    prep = planned("prep", held("enrol", 3), held("prep", number), on=30)
    assert (prep.state, prep.held_on, prep.outside_window) == (DONE, (day(number),), outside)


def test_a_visit_held_before_its_anchor_is_known_is_held():
    prep = planned("prep", held("prep", 5), on=6)
    assert (prep.state, prep.anchor_on, prep.outside_window) == (DONE, None, False)


def test_open_ends():
    loose = protocol(visit("any", window("opening", None, 5, None)))
    assert planned("any", on=0, course=loose).state is DUE
    assert planned("any", on=900, course=loose).state is DUE
    ever = planned("any", held("any", 700), on=900, course=loose)
    assert (ever.opens, ever.nominal, ever.closes, ever.outside_window) == (None, day(5), None, False)


def test_what_was_recorded_after_the_day_is_not_known_on_it():
    assert planned("prep", held("enrol", 3), held("prep", 9), on=8).state is DUE
    assert planned("prep", held("enrol", 3), on=2).state is WAITING


def test_every_visit_stands_in_the_order_of_the_protocol():
    plan = schedule.plan(COURSE, chart(OPENED), on=day(0))
    assert [each.id for each in plan] == [each.id for each in COURSE.visits]


def test_anchors_of_the_course():
    anchors = protocol(
        *(visit(f"on-{name}", window(name)) for name in ("opening", "consent", "enrolment", "first_dose", "last_dose")),
        visit("enrol", window("opening"), VisitKind.ENROLMENT),
        visit("dose", window("opening"), VisitKind.DOSING),
    )
    entries = (
        (1, ConsentSigned("other", "1", "", True, 0, 0)),
        (2, ConsentSigned("paper", "1", "", True, 0, 0)),
        (9, ConsentSigned("paper", "2", "", True, 0, 0)),
        held("enrol", 3),
        held("enrol", 8),
        dosed(5),
        dosed(6),
        held("dose", 7),
    )
    plan = schedule.plan(anchors, chart(OPENED, *entries), on=day(20))
    assert [each.anchor_on for each in plan[:5]] == [day(0), day(2), day(3), day(5), day(6)]
    bare = of(schedule.plan(anchors, Chart("AK-0001"), on=day(0)), "on-opening")
    assert (bare.state, bare.why) == (WAITING, "Waits for the opening of the course.")


def test_without_an_enrolment_visit_enrolment_is_the_opening():
    plain = protocol(visit("only", window("enrolment", 0, 7)))
    assert planned("only", on=1, course=plain).anchor_on == day(0)


def test_after_the_last_visit():
    course = protocol(
        visit("a", window("opening")), visit("b", window("opening")), visit("next", window("last_visit", 5, 7, 9))
    )
    assert planned("next", on=1, course=course).why == "Waits for another visit."
    assert planned("next", held("a", 2), held("b", 4), on=5, course=course).anchor_on == day(4)
    assert planned("next", held("a", 2), held("unscheduled", 6, "Call"), on=7, course=course).anchor_on == day(6)
    kept = planned("next", held("a", 2), held("next", 8), held("b", 12), on=20, course=course)
    assert (kept.anchor_on, kept.outside_window) == (day(2), False)


def test_a_missed_visit_holds_up_what_hangs_on_it_and_says_so():
    entries = (held("enrol", 3), (9, VisitMissed("prep", "ill")))
    prep = planned("prep", *entries, on=20)
    assert (prep.state, prep.missed_because, prep.entry) == (MISSED, "ill", "e3")
    dose = planned("dose", *entries, on=20)
    assert dose.state is WAITING
    assert dose.why == "Visit prep was missed, and the protocol names no other day to count from."


def test_a_missed_visit_that_was_held_after_all_is_held():
    for later in (held("prep", 12), held("prep", 8)):
        prep = planned("prep", held("enrol", 3), (9, VisitMissed("prep", "ill")), later, on=20)
        assert (prep.state, prep.missed_because) == (DONE, "")


def test_a_missed_visit_that_was_booked_anew_is_open_again():
    again = (10, VisitBooked("prep", instant(15)))
    prep = planned("prep", held("enrol", 3), (9, VisitMissed("prep", "ill")), again, on=16)
    assert (prep.state, prep.missed_because, prep.booked_at) == (DUE, "", instant(15))
    earlier = (8, VisitBooked("prep", instant(9)))
    missed = planned("prep", held("enrol", 3), earlier, (9, VisitMissed("prep", "ill")), on=16)
    assert (missed.state, missed.booked_at) == (MISSED, instant(9))


def test_the_last_booking_counts():
    entries = (held("enrol", 3), (4, VisitBooked("prep", instant(9))), (5, VisitBooked("prep", instant(11))))
    assert planned("prep", *entries, on=6).booked_at == instant(11)


def test_what_belongs_to_a_missed_visit_lapses_and_the_rest_counts_otherwise():
    entries = (held("enrol", 3), held("prep", 9), (20, VisitMissed("dose", "ill")))
    talk = planned("talk", *entries, on=25)
    assert (talk.state, talk.why) == (NOT_NEEDED, "It belongs to Visit dose, which was missed.")
    rate = planned("rate", *entries, on=25)
    assert (rate.anchor, rate.anchor_on, rate.opens, rate.closes) == ("prep", day(9), day(49), None)
    after = planned("after", *entries, on=25)
    assert (after.state, after.why) == (NOT_NEEDED, "No dose was given, and none is to come.")


def test_the_last_dose_is_known_once_no_session_is_to_come():
    two = protocol(
        visit("one", window("opening"), VisitKind.DOSING),
        visit("two", window("one", 20, 28, 35), VisitKind.DOSING),
        visit("after", window("last_dose", 50, 60, None), VisitKind.FOLLOW_UP),
    )
    first = (held("one", 1), (1, DoseGiven("one", "initial", 80, "HCl")))
    second = (held("two", 30), (30, DoseGiven("two", "initial", 80, "HCl")))
    assert planned("after", *first, on=40, course=two).state is WAITING
    assert planned("after", *first, (31, VisitMissed("two", "ill")), on=40, course=two).opens == day(51)
    assert planned("after", *first, (31, ConsentWithdrawn("paper", "treatment")), on=40, course=two).opens == day(51)
    assert planned("after", *first, *second, on=40, course=two).opens == day(80)
    early = planned("after", *first, held("after", 25), on=40, course=two)
    assert (early.anchor_on, early.outside_window) == (day(1), True)


def test_a_session_that_is_still_to_come_keeps_what_hangs_on_a_dose_waiting():
    assert planned("after", held("enrol", 3), on=25).state is WAITING


def test_an_optional_visit_is_not_needed_once_its_window_is_over_and_never_late():
    loose = protocol(visit("may", window("opening", 0, 3, 5), required=False))
    assert planned("may", on=5, course=loose).state is DUE
    gone = planned("may", on=6, course=loose)
    assert (gone.state, gone.why) == (NOT_NEEDED, "It was not required, and its window is over.")
    assert planned("may", held("may", 9), on=20, course=loose).state is DONE


def test_withdrawn_from_treatment_ratings_and_talks_after_a_dose_go_on():
    told_so = (21, ConsentWithdrawn("paper", "treatment"))
    before = (held("enrol", 3), held("prep", 9))
    dose = planned("dose", *before, told_so, on=22)
    assert (dose.state, dose.why) == (NOT_NEEDED, "Consent to treatment was withdrawn.")
    talk = planned("talk", *before, told_so, on=22)
    assert (talk.state, talk.why) == (NOT_NEEDED, "It belongs to Visit dose, which is not needed.")
    assert planned("rate", *before, told_so, on=22).opens == day(49)
    assert planned("after", *before, told_so, on=22).state is NOT_NEEDED
    after_dose = (*before, held("dose", 14), dosed(14), told_so)
    assert planned("talk", *after_dose, on=22).state is LATE
    assert planned("rate", *after_dose, on=22).opens == day(34)


def test_withdrawn_as_a_whole_nothing_more_is_needed_until_signed_anew():
    entries = (held("enrol", 3), (5, ConsentWithdrawn("paper", "all")))
    prep = planned("prep", *entries, on=6)
    assert (prep.state, prep.why) == (NOT_NEEDED, "Consent was withdrawn.")
    assert planned("enrol", *entries, on=6).state is DONE
    back = (7, ConsentSigned("paper", "1", "", True, 0, 0))
    assert planned("prep", *entries, back, on=8).state is DUE
    assert planned("prep", held("enrol", 3), (5, ConsentWithdrawn("other", "all")), on=6).state is DUE


def test_after_the_end_nothing_is_late():
    entries = (held("enrol", 3), (4, VisitMissed("screen", "ill")), (6, CourseEnded("withdrew")))
    plan = schedule.plan(COURSE, chart(OPENED, *entries), on=day(300))
    assert {each.state for each in plan} == {DONE, MISSED, NOT_NEEDED}
    assert of(plan, "prep").why == "The course has ended."


def test_repeats_are_kept_and_the_next_window_hangs_on_the_last_of_them():
    entries = (held("enrol", 3), held("prep", 5), held("prep", 12))
    prep = planned("prep", *entries, on=13)
    assert (prep.state, prep.held_on, prep.entry, prep.outside_window) == (DONE, (day(5), day(12)), "e3", False)
    assert planned("dose", *entries, on=13).anchor_on == day(12)


def test_a_repeat_moves_no_window_of_a_visit_that_was_held_before_it():
    entries = (held("enrol", 3), held("prep", 5), held("dose", 10), held("prep", 40))
    dose = planned("dose", *entries, on=50)
    assert (dose.anchor_on, dose.outside_window) == (day(5), False)


def test_a_visit_held_on_the_day_of_a_repeat_hangs_on_that_day():
    entries = (held("enrol", 3), held("prep", 5), held("prep", 10), held("dose", 10))
    assert planned("dose", *entries, on=50).anchor_on == day(10)


def test_a_visit_before_its_anchor_hangs_on_the_first_time_after_it():
    course = protocol(visit("before", window("day", -7, -3, -1)), visit("day", window("opening")))
    held_early = planned("before", held("before", 5), held("day", 8), held("day", 30), on=40, course=course)
    assert (held_early.anchor_on, held_early.opens, held_early.outside_window) == (day(8), day(1), False)


CALLS = protocol(visit("calls", window("opening", 1, 4, 7), VisitKind.CONTACT, repeatable=True, times=3))


@pytest.mark.parametrize(("count", "state"), [(0, DUE), (1, DUE), (2, DUE), (3, DONE), (4, DONE)])
def test_a_visit_that_is_held_several_times(count, state):
    calls = [held("calls", number) for number in (2, 3, 3, 5)[:count]]
    assert planned("calls", *calls, on=6, course=CALLS).state is state


def test_too_few_of_them_are_late_or_missed_and_none_after_the_end():
    one = held("calls", 2)
    assert planned("calls", one, on=8, course=CALLS).state is LATE
    given_up = planned("calls", one, (8, VisitMissed("calls", "no answer")), on=9, course=CALLS)
    assert (given_up.state, given_up.held_on, given_up.entry) == (MISSED, (day(2),), "e2")
    reached = planned("calls", (1, VisitMissed("calls", "no answer")), one, on=6, course=CALLS)
    assert reached.state is DUE
    assert planned("calls", one, (4, CourseEnded("withdrew")), on=6, course=CALLS).state is DONE
    optional = replace(CALLS, visits=(replace(CALLS.visits[0], required=False),))
    assert planned("calls", one, on=8, course=optional).state is DONE


def test_a_retraction_opens_the_visit_again():
    recorded = [
        told(entry, instant(number), seq=seq) for seq, (number, entry) in enumerate((OPENED, held("enrol", 3)), 1)
    ]
    retracted = told(Retracted(), instant(4), seq=3, corrects="e2")
    plan = schedule.plan(COURSE, chart_of([*recorded, retracted]), on=day(5))
    assert of(plan, "enrol").state is WAITING
    assert of(plan, "prep").state is WAITING


def test_a_circle_of_anchors_only_waits():
    circle = protocol(visit("a", window("b")), visit("b", window("a")))
    assert {each.state for each in schedule.plan(circle, chart(OPENED), on=day(3))} == {WAITING}


STORY = (held("screen", 1), held("enrol", 3), held("prep", 9), held("dose", 14), dosed(14), held("talk", 15))


@given(moved=st.integers(min_value=0, max_value=60), which=st.sampled_from(["screen", "talk"]))
def test_no_drift_when_a_visit_moves_that_nothing_open_hangs_on(moved, which):
    elsewhere = [
        held(which, moved) if isinstance(entry, VisitHeld) and entry.visit == which else (number, entry)
        for number, entry in STORY
    ]
    for id in ("prep", "dose", "rate", "after"):
        before, after = planned(id, *STORY, on=90), planned(id, *elsewhere, on=90)
        assert (before.opens, before.nominal, before.closes) == (after.opens, after.nominal, after.closes)


@given(st.permutations(STORY))
def test_the_order_in_which_entries_were_recorded_does_not_matter(entries):
    first = schedule.plan(COURSE, chart(OPENED, *STORY), on=day(40))
    other = schedule.plan(COURSE, chart(OPENED, *entries), on=day(40))
    assert [replace(each, entry="") for each in first] == [replace(each, entry="") for each in other]


@given(on=st.integers(min_value=-5, max_value=200), shift=st.integers(min_value=0, max_value=3000))
def test_windows_move_with_the_whole_story_and_states_do_not(on, shift):
    moved = tuple((number + shift, entry) for number, entry in STORY)
    here = schedule.plan(COURSE, chart(OPENED, *STORY), on=day(on))
    there = schedule.plan(COURSE, chart((shift, OPENED[1]), *moved), on=day(on + shift))
    for one, other in zip(here, there, strict=True):
        assert one.state is other.state
        assert one.closes is None or other.closes == one.closes + timedelta(days=shift)


def test_a_calendar_is_counted_from_the_days_that_are_named():
    plan = schedule.calendar(COURSE, {"enrol": day(3), "dose": day(20)}, on=day(21))
    assert of(plan, "prep").anchor_on == day(3)
    assert (of(plan, "dose").state, of(plan, "dose").held_on) == (DONE, (day(20),))
    assert of(plan, "rate").opens == day(40)
    assert of(plan, "after").opens == day(70)
    assert (of(plan, "screen").state, of(plan, "screen").anchor) == (WAITING, "opening")


def test_a_calendar_takes_what_is_named_over_what_it_could_find():
    plan = schedule.calendar(COURSE, {"enrolment": day(1), "last_dose": day(5), "opening": day(0)}, on=day(2))
    assert of(plan, "prep").opens == day(2)
    assert of(plan, "after").opens == day(55)
    assert of(plan, "screen").state is DUE
    assert of(plan, "dose").state is WAITING


def test_a_calendar_refuses_what_is_no_anchor():
    with pytest.raises(ManyFaults) as caught:
        schedule.calendar(COURSE, {"enrol": day(1), "birthday": day(2), "last_visit": day(3)}, on=day(2))
    assert [fault.where for fault in caught.value.faults] == ["birthday", "last_visit"]
    assert "enrolment, first_dose, last_dose, screen" in str(caught.value)
