"""A serious adverse event waits for the medical monitor, before all that is late, until they wrote that they looked."""

import pytest

from asklepion.core.access import Role
from asklepion.flows import alerts, caseload, safety
from asklepion.flows.chart import course_page
from asklepion.record import clock

pytest_plugins = ("small_visits",)
pytestmark = pytest.mark.django_db
COURSE = "AK-0001"


def event(clinic, **more):
    given = {"term": "Hospital stay", "grade": 3, "serious": True, "started_on": clinic.now.date(), **more}
    return safety.record_event(COURSE, by=clinic.by(), **given)


def titles(clinic, role=""):
    board = caseload.board(clinic.reader(), caseload.Asked(role=role), on=clock.today())
    return [need.title for need in board.needs]


def test_a_serious_event_stands_first_whatever_is_late(clinic):
    clinic.move(300)
    assert titles(clinic), "something is late by now"
    event(clinic)
    assert titles(clinic)[0] == "Look at a serious adverse event: Hospital stay"
    assert course_page(COURSE, clinic.reader(), on=clock.today()).next_task.kind == "event"
    assert titles(clinic, role="medical_monitor") == ["Look at a serious adverse event: Hospital stay"]


def test_an_event_that_is_not_serious_asks_for_nobody(clinic):
    event(clinic, serious=False, grade=4, confirmed=True)
    assert not alerts.unseen(clinic.chart())


def test_only_the_monitor_settles_it_by_a_note_or_a_contact(clinic):
    event(clinic)
    safety.write_note(COURSE, "Rang the ward", by=clinic.by())
    assert len(alerts.unseen(clinic.chart())) == 1
    safety.write_note(COURSE, "Read. Reported today.", by=clinic.by(Role.MEDICAL_MONITOR))
    assert not alerts.unseen(clinic.chart())
    assert not [title for title in titles(clinic) if title.startswith("Look at")]


def test_what_is_new_of_it_asks_again(clinic):
    first = event(clinic)
    safety.write_note(COURSE, "Read.", by=clinic.by(Role.MEDICAL_MONITOR))
    clinic.move(2)
    safety.end_event(COURSE, first.id, clinic.now.date(), by=clinic.by(), reason="Home again")
    assert len(alerts.unseen(clinic.chart())) == 1
