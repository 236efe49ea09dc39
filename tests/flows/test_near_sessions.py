"""On the caseload a session that is shut out and near stands before blocked steps that are not."""

from datetime import timedelta

import pytest

from asklepion.core.access import Role
from asklepion.flows import caseload, courses
from asklepion.record import clock
from asklepion.record.models import ProjectedCourse, Todo

pytest_plugins = ("small_visits",)
pytestmark = pytest.mark.django_db


def blocked(code, due):
    """Let one step of a course, gated by a gate that never opens, be due so many days from today."""
    today = clock.today()
    Todo.objects.filter(course__course=code).delete()
    course = ProjectedCourse.objects.get(course=code)
    course.gated = course.never_opens = True
    course.save()
    Todo.objects.create(
        course=course,
        task="visit:session",
        role="facilitator",
        opens=today - timedelta(days=9),
        due=today + timedelta(days=due),
        closes=today + timedelta(days=20 - due),
        gated=True,
        row=TASK,
    )


TASK = (
    '{"task": "visit:session", "kind": "visit", "what": "session", "visit": "session", "title": "Session",'
    ' "role": "facilitator", "opens": null, "due": null, "closes": null, "gated": true}'
)


@pytest.mark.parametrize(("due", "first"), [(-1, "AK-0002"), (0, "AK-0001"), (1, "AK-0001"), (2, "AK-0002")])
def test_a_session_blocked_for_today_or_tomorrow_stands_first(clinic, due, first):
    courses.open_course("small", by=clinic.by(Role.PHYSICIAN), site="Test", simulated=True, code="AK-0002")
    blocked("AK-0001", due)
    blocked("AK-0002", 5)
    board = caseload.board(clinic.reader(), caseload.Asked(), on=clock.today())
    assert [need.state for need in board.needs] == ["blocked", "blocked"]
    assert board.needs[0].course == first
