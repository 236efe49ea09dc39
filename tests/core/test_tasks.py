"""What has to be done next, made on demand from plan and chart."""

from dataclasses import replace

import pytest

from asklepion.core import schedule
from asklepion.core.chart import Chart
from asklepion.core.entries import (
    AnswersGiven,
    Entry,
    MedicineDecided,
    MedicineRecorded,
    ScaleNotDone,
    Signed,
    VisitBooked,
    VisitMissed,
)
from asklepion.core.values import ConsentState, ConsentStatus, Task
from asklepion.knowledge.types import (
    Assessment,
    ConsentTest,
    Criterion,
    Domain,
    Effect,
    Gate,
    SignedTest,
    VisitKind,
)
from small_chart import chart, chart_of, day, instant, told
from small_protocol import BASIS, OPENED, held, protocol, visit, window

ASKED = (
    Assessment("pcl-5", role="participant"),
    Assessment("caps-5", sealed=True),
    Assessment("meq30", required=False),
)
COURSE = protocol(
    visit("screen", window("opening", 0, 2, 10), VisitKind.SCREENING, assessments=ASKED),
    visit("enrol", window("screen", 1, 3, 9), VisitKind.ENROLMENT),
    visit("late", window("enrolment", 30, 40, 50)),
    visit("may", window("opening", None, 5, 20), required=False, assessments=ASKED[:1]),
)


def tasks(*entries: tuple[int, Entry], on: int = 0, consent: ConsentStatus | None = None) -> dict[str, Task]:
    return of(chart(OPENED, *entries), on=on, consent=consent)


def of(history: Chart, *, on: int, consent: ConsentStatus | None = None, course=COURSE) -> dict[str, Task]:
    plan = schedule.plan(course, history, on=day(on))
    found = schedule.tasks(course, plan, history, consent=consent)
    assert len({task.id for task in found}) == len(found)
    return {task.id: task for task in found}


def test_an_interview_is_known_before_its_window_opens_and_no_more_once_it_is_settled():
    course = protocol(
        visit("first", window("opening", 5, 6, 9), assessments=ASKED),
        visit("next", window("first", 5, 6, 9), assessments=ASKED),
    )

    def ahead(*entries: tuple[int, Entry], on: int = 0) -> list[tuple[str, object]]:
        history = chart(OPENED, *entries)
        plan = schedule.plan(course, history, on=day(on))
        return [(task.id, task.opens) for task in schedule.interviews_ahead(course, plan, history)]

    assert ahead() == [("scale:first:caps-5", day(5))]
    assert ahead(on=5) == [], "it is among the tasks now"
    assert ahead((0, ScaleNotDone("caps-5", "first", "never"))) == []
    assert ahead(held("first", 5), on=5) == [("scale:next:caps-5", day(10))]


def test_visits_whose_anchor_is_known_and_no_others():
    assert [id for id in tasks() if id.startswith("visit")] == ["visit:screen", "visit:may"]
    screen = tasks()["visit:screen"]
    assert (screen.opens, screen.due, screen.closes) == (day(0), day(2), day(10))
    assert (screen.title, screen.role, screen.what, screen.visit) == ("Visit screen", "coordinator", "screen", "screen")
    assert "visit:late" in tasks(held("screen", 2), held("enrol", 4), on=5)


def test_a_visit_held_or_missed_makes_no_task():
    assert "visit:screen" not in tasks(held("screen", 2), on=3)
    assert "visit:screen" not in tasks((2, VisitMissed("screen", "ill")), on=3)


def test_a_booking_is_when_it_is_due():
    assert tasks((1, VisitBooked("screen", instant(6))), on=1)["visit:screen"].due == day(6)


def test_an_optional_visit_is_never_late_and_opens_at_once_where_its_window_does_not_say():
    may = tasks()["visit:may"]
    assert (may.opens, may.due, may.closes) == (day(0), day(5), None)
    assert tasks()["scale:may:pcl-5"].closes is None


def test_scales_of_an_open_visit():
    found = tasks()
    assert [id for id in found if id.startswith("scale:screen")] == ["scale:screen:pcl-5", "scale:screen:caps-5"]
    pcl = found["scale:screen:pcl-5"]
    assert (pcl.kind, pcl.what, pcl.visit, pcl.role) == ("scale", "pcl-5", "screen", "participant")
    assert (pcl.opens, pcl.due, pcl.closes) == (day(0), day(2), day(10))
    assert pcl.title == "PCL-5, Visit screen"
    assert found["scale:screen:caps-5"].role == "coordinator"


def test_a_scale_that_was_given_or_left_out_is_no_task():
    given = AnswersGiven("pcl-5", "1", (), (), (), visit="screen")
    left = (1, ScaleNotDone("caps-5", "screen", "no rater"))
    assert not [id for id in tasks((1, given), left) if id.startswith("scale:screen")]
    assert "scale:screen:pcl-5" in tasks((1, replace(given, visit="may")))


@pytest.mark.parametrize(("number", "closes"), [(4, 10), (10, 10), (14, 14)])
def test_a_scale_of_a_visit_that_was_held_is_due_that_day(number, closes):
    pcl = tasks(held("screen", number), on=20)["scale:screen:pcl-5"]
    assert (pcl.opens, pcl.due, pcl.closes) == (day(number), day(number), day(closes))


def test_a_scale_of_a_visit_without_an_end_is_never_late():
    course = protocol(visit("any", window("opening", 0, 3, None), assessments=ASKED[:1]))
    for entries in ((), (held("any", 4),)):
        assert of(chart(OPENED, *entries), on=9, course=course)["scale:any:pcl-5"].closes is None


def test_no_scales_of_visits_ahead_waiting_or_missed():
    course = protocol(visit("next", window("opening", 5, 6, 7), assessments=ASKED))
    assert list(of(chart(OPENED), on=4, course=course)) == ["visit:next"]
    assert list(of(chart(OPENED, (5, VisitMissed("next", "ill"))), on=6, course=course)) == []


def test_calls_say_how_many_were_made():
    course = protocol(visit("calls", window("opening", 1, 4, 7), repeatable=True, times=4))
    assert of(chart(OPENED, held("calls", 2)), on=3, course=course)["visit:calls"].title == "Visit calls (1 of 4 held)"


def status(state: ConsentState, current: str = "2") -> ConsentStatus:
    return ConsentStatus("paper", current, "1", day(1), state, "", since=day(20))


@pytest.mark.parametrize(
    ("state", "id", "title", "role", "due"),
    [
        (ConsentState.NEVER_SIGNED, "consent:paper", "Read and sign the consent form", "participant", 0),
        (ConsentState.SIGN_AGAIN, "consent:paper", "Read and sign version 2 of the consent form", "participant", 20),
        (ConsentState.AWAITS_COUNTERSIGNATURE, "countersign:paper", "Countersign the consent form", "physician", 1),
    ],
)
def test_consent_to_sign_and_to_countersign(state, id, title, role, due):
    found = tasks(consent=status(state))
    first = next(iter(found.values()))
    assert (first.id, first.kind, first.what) == (id, id.partition(":")[0], "paper")
    assert (first.title, first.role, first.opens, first.due, first.closes) == (title, role, day(due), day(due), None)


@pytest.mark.parametrize("state", [ConsentState.IN_FORCE, ConsentState.WITHDRAWN])
def test_nothing_to_sign_when_in_force_or_withdrawn(state):
    assert not [id for id in tasks(consent=status(state)) if "paper" in id]


@pytest.mark.parametrize("state", [ConsentState.NEVER_SIGNED, ConsentState.SIGN_AGAIN])
def test_nothing_to_sign_before_a_version_is_in_force(state):
    assert not [id for id in tasks(consent=status(state, current="")) if "paper" in id]


def criterion(id: str, test: object) -> Criterion:
    return Criterion(id, id, Domain.PROTOCOL, Effect.STOP, test, BASIS)  # type: ignore[arg-type]


SIGNED = replace(
    COURSE,
    criteria=(
        criterion("consent", ConsentTest("consent")),
        criterion("worksheet", SignedTest("signed", "worksheet", "physician")),
    ),
    gates=(
        Gate("first", "", ("enrol",), ("consent", "worksheet")),
        Gate("second", "", ("late",), ("worksheet",)),
    ),
)


def approved(seq: int, role: str = "physician", meaning: str = "approved"):
    return told(Signed("worksheet", "h", "P", meaning, "password"), instant(3), seq=seq, role=role)  # type: ignore[arg-type]


def test_a_worksheet_is_to_be_signed_once_the_visit_behind_its_gate_has_a_day():
    assert "sign:worksheet" not in of(chart(OPENED), on=1, course=SIGNED)
    task = of(chart(OPENED, held("screen", 2)), on=3, course=SIGNED)["sign:worksheet"]
    assert (task.title, task.role, task.opens, task.due, task.closes) == (
        "Sign the worksheet",
        "physician",
        day(3),
        day(5),
        None,
    )


def test_only_an_approval_by_that_role_settles_it():
    start = [
        told(entry, instant(number), seq=seq) for seq, (number, entry) in enumerate((OPENED, held("screen", 2)), 1)
    ]
    assert "sign:worksheet" not in of(chart_of([*start, approved(3)]), on=4, course=SIGNED)
    assert "sign:worksheet" in of(chart_of([*start, approved(3, meaning="reviewed")]), on=4, course=SIGNED)
    assert "sign:worksheet" in of(chart_of([*start, approved(3, role="facilitator")]), on=4, course=SIGNED)


UNHEARD = MedicineRecorded("m1", "Tianeptine 12.5", "", True)


def test_a_medicine_that_facts_do_not_know_waits_for_a_decision():
    task = tasks((1, UNHEARD), on=2)["decision:m1"]
    assert (task.what, task.title, task.role, task.due) == ("m1", "Decide on Tianeptine 12.5", "physician", day(1))
    assert "decision:m1" not in tasks((1, replace(UNHEARD, drug="sertraline")), on=2)
    decided = MedicineDecided("m1", "may_go_on", "pharmacist", "P-02")
    assert "decision:m1" not in tasks((1, UNHEARD), (2, decided), on=3)
    assert "decision:m1" in tasks((1, UNHEARD), (2, decided), (3, replace(UNHEARD, dose="25 mg")), on=4)
    assert "decision:m1" in tasks((1, UNHEARD), (2, replace(decided, medicine="m2")), on=4)


def test_a_chart_without_an_opening_still_makes_tasks():
    course = protocol(visit("any", window("consent", None, 3, None)))
    assert of(Chart("AK-0001"), on=1, course=course) == {}
