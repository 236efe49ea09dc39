"""Opening and ending a course through the pages."""

import re

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import CourseEnded
from asklepion.flows import courses
from asklepion.record import people, reading
from asklepion.record.ledger import Author
from small_facts import shelf  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelf")]
NEW = "/courses/new/"


@pytest.fixture
def front(client_as):
    return client_as(Role.COORDINATOR)


@pytest.fixture
def real_clock(monkeypatch):
    """A page opens courses of real people: the clock has to be the true one."""
    from contextvars import ContextVar

    from asklepion.record import clock

    monkeypatch.setattr(clock, "_shifted", ContextVar("shifted", default=None))


def hidden(answer, name="id"):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', answer.content.decode()).group(1)


def typed(front, **more):
    return {"id": hidden(front.get(NEW)), "protocol": "small", "site": "S1"} | more


def test_a_course_is_opened_and_screening_comes_next(front, real_clock):
    answer = front.post(NEW, typed(front, name="Ada Person", contact="a telephone", born="1980-02-01"))
    assert answer.url == "/courses/AK-0001/screening/"
    assert people.find("AK-0001").name == "Ada Person"
    for page in ("/courses/AK-0001/screening/", "/courses/AK-0001/consent/", "/courses/AK-0001/ledger/"):
        shown = front.get(page).content.decode()
        assert "AK-0001" in shown
        assert "Ada" not in shown, page


def test_sent_twice_it_is_one_course(front, real_clock):
    given = typed(front)
    assert front.post(NEW, given).url == front.post(NEW, given).url == "/courses/AK-0001/screening/"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"protocol": ""}, "Choose the protocol"),
        ({"code": "ak 1"}, "Use capitals, digits and hyphens only"),
        ({"born": "1.2.1980"}, "This is no day. Type it as 2026-11-19."),
        ({"site": " "}, "Site"),
        ({"id": "x"}, "This form is damaged."),
    ],
)
def test_what_cannot_be_opened_is_kept_and_said(front, real_clock, changed, said):
    answer = front.post(NEW, typed(front, name="Ada Person") | changed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert 'value="Ada Person"' in page
    assert 'role="alert"' in page


def test_a_code_that_is_taken_is_said(front, real_clock):
    front.post(NEW, typed(front, code="AK-0001"))
    answer = front.post(NEW, typed(front, code="AK-0001"))
    assert answer.status_code == 422
    assert "The code AK-0001 is taken." in answer.content.decode()


def test_without_a_protocol_the_page_says_what_to_do(front, shelf):  # noqa: F811
    shelf.put(protocols={})
    assert "No protocol is on file" in front.get(NEW).content.decode()


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.RATER, Role.PARTICIPANT, Role.AUDITOR])
def test_who_may_not_open_one_finds_no_page(client_as, role):
    client = client_as(role, course="AK-0001" if role is Role.PARTICIPANT else "")
    assert client.get(NEW).status_code == 404


def test_a_course_ends_with_its_reason(front):
    code = courses.open_course("small", by=Author("front", Role.COORDINATOR), site="S", simulated=True).course
    address = f"/courses/{code}/end/"
    given = {"id": hidden(front.get(address)), "how": "lost", "because": ""}
    answer = front.post(address, given)
    assert answer.status_code == 422
    assert "Say in a few words why the course ends." in answer.content.decode()
    assert front.post(address, given | {"because": "Moved away"}).url == f"/courses/{code}/"
    assert reading.chart(code, reading.JUDGE).of(CourseEnded)[0].entry.because == "Moved away"
    assert "This course has ended" in front.get(address).content.decode()
    assert front.get("/courses/AK-9999/end/").status_code == 404


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [375, 1440])
def test_both_pages_are_readable(browser_page, login_as, axe, no_sideways_scroll, width):
    code = courses.open_course("small", by=Author("front", Role.COORDINATOR), site="S", simulated=True).course
    page = browser_page(width)
    login_as(page, Role.COORDINATOR)
    for address in (NEW, f"/courses/{code}/end/"):
        page.goto(address)
        axe(page)
        no_sideways_scroll(page)
