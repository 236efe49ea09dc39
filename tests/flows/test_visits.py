"""Visits booked, missed and held; what a form holds is saved whole or not at all; gates that stay shut."""

from dataclasses import replace
from datetime import timedelta

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import Note, Observed, VisitBooked, VisitHeld, VisitMissed
from asklepion.core.errors import BadInput, GateShut, IdReused, ManyFaults, NotAllowed, UnknownId
from asklepion.core.values import VisitState
from asklepion.flows import visits
from asklepion.flows.planned import place
from asklepion.knowledge.types import VisitKind

pytest_plugins = ("small_visits",)
pytestmark = pytest.mark.django_db
COURSE = "AK-0001"
FORM = "0192f000-0000-7000-8000-000000000001"


def refused(error):
    return {fault.where: str(fault) for fault in error.value.faults}


def test_a_visit_with_values_and_note_is_held_once_however_often_the_form_is_sent(clinic):
    clinic.move(4, 12)
    form = {
        "started": clinic.at(4, 10),
        "ended": clinic.at(4, 11, 30),
        "covered": ["fears"],
        "present": ["T-01", " T-02 ", ""],
        "values": {"fasted": "", "pregnancy-test": "negative", "trauma-kind": "a crash"},
        "note": "Calm.",
        "id": FORM,
    }
    first = clinic.hold(**form)
    again = clinic.hold(**form)
    assert again == first
    chart = clinic.chart()
    (held,) = chart.of(VisitHeld)
    assert held.entry.present == ("T-01", "T-02")
    assert held.at == clinic.at(4, 10)
    assert [each.entry.text for each in chart.of(Note)] == ["Calm."]
    assert {each.label: [v.what for v in each.entry.values] for each in chart.of(Observed)} == {
        "open": ["pregnancy-test"],
        "treatment": ["trauma-kind"],
    }


def test_the_same_form_with_other_content_is_refused(clinic):
    clinic.move(4)
    clinic.hold(id=FORM)
    with pytest.raises(IdReused):
        clinic.hold(id=FORM, how="video")


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"values": {"systolic": "30", "diastolic": "20"}}, "systolic"),
        ({"values": {"systolic": "80", "diastolic": "90"}}, "systolic"),
        ({"values": {"no-such": "1"}}, "no-such"),
        ({"covered": ["not-on-the-list"]}, "covered"),
        ({"how": "by owl"}, "how"),
    ],
)
def test_when_one_part_is_refused_nothing_of_the_form_is_saved(clinic, wrong, where):
    clinic.move(4)
    before = clinic.chart().seq
    with pytest.raises(ManyFaults) as error:
        clinic.hold(note="This must not be saved.", **wrong)
    assert where in refused(error)
    assert clinic.chart().seq == before


def test_when_the_last_part_fails_the_first_ones_are_not_kept(clinic, monkeypatch):
    from asklepion.record import ledger

    append = ledger.append

    def fails_at_the_note(course, entry, by, **more):
        if isinstance(entry, Note):
            raise OSError("the disk is full")
        return append(course, entry, by, **more)

    clinic.move(4)
    before = clinic.chart().seq
    monkeypatch.setattr(ledger, "append", fails_at_the_note)
    with pytest.raises(OSError, match="full"):
        clinic.hold(values={"systolic": "128"}, note="Calm.", id=FORM)
    assert clinic.chart().seq == before
    monkeypatch.setattr(ledger, "append", append)
    clinic.hold(values={"systolic": "128"}, note="Calm.", id=FORM)
    assert [len(clinic.chart().of(kind)) for kind in (VisitHeld, Observed, Note)] == [1, 1, 1]


def test_every_fault_of_a_form_is_told_at_once(clinic):
    now = clinic.move(4)
    with pytest.raises(ManyFaults) as error:
        clinic.hold(started=now + timedelta(minutes=1), ended=now, values={"systolic": "abc"})
    assert set(refused(error)) == {"started", "ended", "systolic"}
    assert "the server's clock says 09:00" in refused(error)["started"]


def test_a_visit_starts_now_at_the_latest_and_ends_after_it_starts(clinic):
    now = clinic.move(4)
    clinic.hold("unscheduled", title="On the dot", started=now, ended=now)
    with pytest.raises(ManyFaults) as error:
        clinic.hold("unscheduled", title="Late", started=now + timedelta(seconds=1))
    assert set(refused(error)) == {"started"}
    with pytest.raises(ManyFaults) as error:
        clinic.hold("unscheduled", title="Turned", started=now - timedelta(minutes=1), ended=now - timedelta(minutes=2))
    assert set(refused(error)) == {"ended"}


def test_a_visit_of_many_days_is_taken_for_a_slip_of_the_hand(clinic):
    now = clinic.move(5)
    clinic.hold("unscheduled", title="A night", started=now - timedelta(hours=36), ended=now)
    with pytest.raises(ManyFaults) as error:
        clinic.hold("unscheduled", title="Too long", started=now - timedelta(hours=36, minutes=1), ended=now)
    assert "would have lasted 1.5 days" in refused(error)["ended"]


def test_a_visit_is_held_once_unless_it_may_be_repeated(clinic):
    clinic.open_session()
    with pytest.raises(BadInput, match="was held already"):
        clinic.hold("talk")
    clinic.hold("session")
    clinic.move(8)
    clinic.hold("calls")
    assert clinic.page("calls").standing.startswith("Held 1 of 2 times Sat 28 Nov. Window closes Fri 4 Dec")
    clinic.move(9)
    clinic.hold("calls")
    clinic.hold("calls")
    assert len([each for each in clinic.chart().of(VisitHeld) if each.entry.visit == "calls"]) == 3


def test_an_unscheduled_visit_needs_a_title_and_any_number_may_be_held(clinic):
    clinic.move(1)
    with pytest.raises(ManyFaults) as error:
        clinic.hold("unscheduled")
    assert set(refused(error)) == {"title"}
    clinic.hold("unscheduled", title="Came in upset")
    clinic.hold("unscheduled", title="And again")
    page = clinic.page("unscheduled")
    assert [each.title for each in page.held] == ["Came in upset", "And again"]
    assert page.may_hold
    assert page.gate is None


def test_what_the_protocol_does_not_plan_does_not_exist(clinic):
    for call in (
        lambda: clinic.page("no-such"),
        lambda: clinic.hold("no-such"),
        lambda: visits.book(COURSE, "unscheduled", clinic.at(3), by=clinic.by()),
        lambda: visits.miss(COURSE, "unscheduled", "why", by=clinic.by()),
        lambda: visits.page("AK-9999", "talk", clinic.reader(), on=clinic.now.date()),
        lambda: visits.page(COURSE, "talk", clinic.reader(Role.RATER), on=clinic.now.date()),
    ):
        with pytest.raises(UnknownId):
            call()


def test_only_those_who_care_hold_a_visit(clinic):
    clinic.move(4)
    before = clinic.chart().seq
    for role in set(Role) - {Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR}:
        with pytest.raises(NotAllowed):
            clinic.hold(by=clinic.by(role), values={"systolic": "120"}, note="no")
    assert clinic.chart().seq == before


# the gate


def test_a_shut_gate_refuses_with_its_reasons_and_saves_nothing(clinic):
    clinic.move(4)
    clinic.hold("talk")
    clinic.move(7)
    before = clinic.chart().seq
    with pytest.raises(GateShut) as error:
        clinic.hold("session", values={"systolic": "120"}, note="no")
    assert "Session 1 is blocked: pregnancy test missing" in str(error.value)
    assert clinic.chart().seq == before


def test_a_gate_opens_with_values_recorded_before(clinic):
    clinic.open_session()
    assert not clinic.page("session").shut
    clinic.hold("session")
    assert clinic.page("session").held[0].under_way


def test_a_gate_is_judged_with_the_values_of_the_same_form(clinic):
    clinic.move(7)
    clinic.interview(31.0)
    clinic.hold("session", values={"pregnancy-test": "negative"})
    assert clinic.page("session").held


def test_a_value_of_the_form_that_shuts_the_gate_is_not_passed_over(clinic):
    clinic.open_session()
    with pytest.raises(GateShut):
        clinic.hold("session", values={"pregnancy-test": "positive"})


def test_the_gate_is_judged_on_the_day_of_the_visit_not_on_the_day_of_recording(clinic):
    clinic.open_session()
    clinic.move(8)
    assert clinic.page("session").shut, "yesterday's test is too old today"
    clinic.hold("session", started=clinic.at(7, 9), ended=clinic.at(7, 17))
    assert clinic.page("session").held[0].kept.startswith("Recorded later, on 28 Nov 2026")


def test_a_sealed_result_behind_the_gate_is_never_told(clinic):
    clinic.move(4)
    clinic.interview(13.0)
    page = clinic.page("session")
    interview = next(line for line in page.gate.lines if line.title == "Interview at least 20")
    assert interview.look == "notmet", "the sealed result does shut the gate"
    assert interview.seqs == ()
    assert "13" not in repr(page.gate)
    assert [each.state for each in clinic.page("talk").scales] == ["due", "sealed"]
    assert "13" not in repr(clinic.page("talk"))
    with pytest.raises(GateShut) as error:
        clinic.hold("session")
    assert "13" not in str(error.value)


# the window


@pytest.mark.parametrize(
    ("day", "state", "words"),
    [
        (0, VisitState.AHEAD, "Window opens Sun 22 Nov, in two days, and closes Thu 26 Nov."),
        (2, VisitState.DUE, "Window closes Thu 26 Nov, in four days."),
        (6, VisitState.DUE, "Window closes Thu 26 Nov, today."),
        (7, VisitState.LATE, "Window closed Thu 26 Nov, yesterday."),
    ],
)
def test_the_page_says_how_today_stands_to_the_window(clinic, day, state, words):
    clinic.move(day)
    page = clinic.page("talk")
    assert (page.state, page.standing) == (state, words)


def test_the_page_says_where_its_window_is_counted_from(clinic):
    assert (
        clinic.page("talk").counted == "Day 4 after the opening of the course (20 Nov 2026), between day 2 and day 6."
    )
    assert clinic.page("session").counted == "Day 3 after First talk, between day 1 and day 7."
    assert clinic.page("session").standing == "Waits for First talk."
    assert clinic.page("later").counted == "Day 10 after Session 1, that day only."


def test_a_visit_outside_its_window_is_taken_and_said_to_be(clinic):
    clinic.move(8)
    clinic.hold("talk")
    assert clinic.page("talk").standing == (
        "Held Sat 28 Nov, outside its window (Sun 22 Nov to Thu 26 Nov). No end is recorded yet."
    )


# booked and missed


def test_a_later_booking_replaces_an_earlier_one(clinic):
    visits.book(COURSE, "talk", clinic.at(3), by=clinic.by(), room="A", id=FORM)
    visits.book(COURSE, "talk", clinic.at(3), by=clinic.by(), room="A", id=FORM)
    visits.book(COURSE, "talk", clinic.at(4), by=clinic.by(), room="B")
    assert len(clinic.chart().of(VisitBooked)) == 2
    assert clinic.page("talk").booked.entry.room == "B"
    clinic.move(4)
    clinic.hold("talk")
    assert clinic.page("talk").booked is None


def test_a_time_that_is_past_is_not_booked(clinic):
    visits.book(COURSE, "talk", clinic.now, by=clinic.by())
    with pytest.raises(BadInput, match="past"):
        visits.book(COURSE, "talk", clinic.now - timedelta(seconds=1), by=clinic.by())


def test_a_missed_visit_needs_a_reason_and_may_still_be_held(clinic):
    clinic.move(6)
    with pytest.raises(BadInput, match="reason"):
        visits.miss(COURSE, "talk", "  ", by=clinic.by())
    visits.miss(COURSE, "talk", "Phone was lost.", by=clinic.by(), id=FORM)
    visits.miss(COURSE, "talk", "Phone was lost.", by=clinic.by(), id=FORM)
    assert len(clinic.chart().of(VisitMissed)) == 1
    assert clinic.page("talk").standing == "Marked as missed: Phone was lost."
    visits.book(COURSE, "talk", clinic.at(7), by=clinic.by())
    assert clinic.page("talk").standing.startswith("Window closes")
    clinic.hold("talk")
    with pytest.raises(BadInput, match="held already"):
        visits.miss(COURSE, "talk", "No", by=clinic.by())


# the end of a visit, and values beside it


def test_the_end_of_a_visit_takes_the_place_of_its_beginning(clinic):
    clinic.move(4, 10)
    held = clinic.hold(covered=["fears"], present=["T-01"], started=clinic.at(4, 9))
    clinic.move(4, 11)
    form = {"by": clinic.by(), "covered": ["stop"], "present": ["T-02"], "note": "Well.", "id": FORM}
    first = visits.finish(COURSE, held.id, clinic.at(4, 10, 30), **form)
    assert visits.finish(COURSE, held.id, clinic.at(4, 10, 30), **form) == first
    (whole,) = clinic.chart().of(VisitHeld)
    assert (whole.at, whole.entry.ended) == (clinic.at(4, 9), clinic.at(4, 10, 30))
    assert (whole.entry.covered, whole.entry.present) == (("fears", "stop"), ("T-01", "T-02"))
    assert len(clinic.chart().of(Note)) == 1
    assert clinic.page("talk").held[0].hours == "09:00 to 10:30, 1 h 30 min, in person"
    with pytest.raises(UnknownId):
        visits.finish(COURSE, held.id, clinic.at(4, 10, 40), by=clinic.by())


def test_an_end_before_the_start_is_refused_there_too(clinic):
    clinic.move(4, 10)
    held = clinic.hold(started=clinic.at(4, 9))
    with pytest.raises(ManyFaults) as error:
        visits.finish(COURSE, held.id, clinic.at(4, 8, 59), by=clinic.by())
    assert set(refused(error)) == {"ended"}


def test_the_last_value_is_told_with_its_age_and_never_filled_in(clinic):
    clinic.move(4)
    clinic.hold(values={"systolic": "128", "diastolic": "82"})
    clinic.move(8)
    asked = {each.observable.id: each for each in clinic.page("talk").asked}
    assert (asked["systolic"].last.words, asked["systolic"].last.age) == ("128 mmHg", "four days ago")
    assert asked["pregnancy-test"].last is None


def test_values_are_recorded_once_and_not_ahead_of_us(clinic):
    clinic.move(7)
    form = {"by": clinic.by(), "id": FORM}
    visits.record_values(COURSE, "session", {"pregnancy-test": "negative"}, **form)
    visits.record_values(COURSE, "session", {"pregnancy-test": "negative"}, **form)
    assert len(clinic.chart().of(Observed)) == 1
    with pytest.raises(BadInput, match="Nothing was typed"):
        visits.record_values(COURSE, "session", {"pregnancy-test": " "}, by=clinic.by())
    with pytest.raises(BadInput, match="ahead of us"):
        visits.record_values(COURSE, "session", {"systolic": "120"}, by=clinic.by(), at=clinic.at(7, 10))


def test_a_wrong_device_clock_is_noted(clinic):
    clinic.move(4)
    clinic.hold(clock_offset_ms=-420_000)
    assert clinic.page("talk").held[0].kept == "The device's clock was 7 min behind the server's."


def test_nothing_planned_is_held_after_the_end_of_a_course(clinic):
    from asklepion.flows import courses

    clinic.move(3)
    courses.end_course(COURSE, "withdrew", by=clinic.by(Role.PHYSICIAN), because="Moves away")
    clinic.move(4)
    with pytest.raises(ManyFaults) as error:
        clinic.hold("talk")
    assert "had ended" in refused(error)["started"]
    clinic.hold("talk", started=clinic.at(2))
    clinic.hold("unscheduled", title="Came to say goodbye")
    assert clinic.page("talk").next_steps == ()


def test_a_day_before_the_course_is_a_slip_of_the_pen_but_for_screening(clinic):
    last_year, opening_day = clinic.at(-365), clinic.at(0, 1)
    with pytest.raises(ManyFaults) as error:
        clinic.hold("talk", started=last_year)
    assert [str(fault) for fault in error.value.faults] == [
        "started: This lies before the course was opened, on 20 Nov 2026. Look at the day and the year."
    ]
    with pytest.raises(BadInput) as refused:
        visits.record_values(COURSE, "talk", {"heart-rate": "70"}, by=clinic.by(), at=last_year)
    assert refused.value.where == "at"
    assert visits._before_the_course(place(COURSE, "talk"), opening_day, "started") is None
    screening = replace(place(COURSE, "talk").plan, kind=VisitKind.SCREENING)
    assert visits._before_the_course(replace(place(COURSE, "talk"), plan=screening), last_year, "started") is None
