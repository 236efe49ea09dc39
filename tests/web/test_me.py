"""A participant's own page: what waits, when we meet next, whom to ring. Nothing of arm, dose or scores."""

import pytest
from django.urls import reverse

from asklepion.core.access import Role
from asklepion.core.entries import ArmAssigned, ContactMade, CourseEnded, VisitBooked
from asklepion.record import ledger
from check_in import MOODS, START, Walker, at_day, author, check_in, reader, whole_course, words  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_in")]


@pytest.fixture
def person(monkeypatch) -> Walker:
    return at_day(monkeypatch, 3)


def home(client_as, person):
    return client_as(Role.PARTICIPANT, course=person.course).get(reverse("me"))


def test_what_waits_stands_first(client_as, person):
    text = words(home(client_as, person))
    assert "2 things to do" in text
    assert "About moods. 3 questions." in text
    assert "Asks" not in text, "what staff ask is not theirs to fill in"
    assert "Held" not in text, "what raters hold is not theirs"


def test_the_next_meeting_is_the_one_that_is_booked_first(client_as, person):
    from datetime import timedelta

    with person.on(2):
        for visit, days in (("after", 30), ("intake", 5)):
            starts = START + timedelta(days=days)
            ledger.append(person.course, VisitBooked(visit, starts, "Room 2"), author(Role.COORDINATOR))
    text = words(home(client_as, person))
    assert "Saturday, 7 Mar 2026, 09:00, Room 2" in text
    assert text.index("First talk") < text.index("Talk after the night")


def test_without_a_booking_the_page_says_between_which_days(client_as, person):
    assert "No time is agreed yet. Between 2 Mar 2026 and 12 Mar 2026." in words(home(client_as, person))


def test_no_number_is_invented(client_as, person, settings):
    text = words(home(client_as, person))
    assert "does not know the telephone number of your clinic" in text
    assert "tel:" not in home(client_as, person).content.decode()
    settings.CLINIC_PHONE, settings.EMERGENCY_PHONE = "01632 960 014", "112"
    page = home(client_as, person).content.decode()
    assert 'href="tel:01632960014"' in page
    assert 'href="tel:112"' in page


def test_nothing_of_arm_dose_or_score_is_said(client_as, monkeypatch):
    person = at_day(monkeypatch, 26, whole_course)
    with person.on(19):
        ledger.append(person.course, ArmAssigned("one"), author(Role.PHARMACIST))
    page = home(client_as, person).content.decode().lower()
    for word in ("arm that", "80 mg", "hcl", "placebo", "score", "total", "held was"):
        assert word not in page, word
    assert "handed in" in page


def test_after_the_end_nothing_is_asked(client_as, person):
    with person.on(3):
        ledger.append(person.course, CourseEnded("withdrew"), author(Role.COORDINATOR))
    text = words(home(client_as, person))
    assert "Your course has ended" in text
    assert "things to do" not in text


def test_when_nothing_waits_the_page_says_so(client_as, person):
    person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    person.answers("tired", "intake", 3, {"1": 40}, Role.PARTICIPANT)
    assert "Nothing to do now" in words(home(client_as, person))


def test_answers_that_need_a_person_stop_for_a_moment_and_say_who_knows(client_as, person, settings):
    settings.CLINIC_PHONE = ""
    person.answers("moods", "intake", 3, {"1": 1, "2": 1, "3": 3}, Role.PARTICIPANT)
    client = client_as(Role.PARTICIPANT, course=person.course)
    done = reverse("my_scale_done", args=["moods", "intake"])
    text = words(client.get(done))
    assert "Let us stop here for a moment" in text
    assert "this page rings nobody" in text
    assert "the emergency number of your country" in text
    with person.on(3, hour=2):
        ledger.append(person.course, ContactMade("telephone", True, "spoke"), author(Role.PHYSICIAN))
    assert "Your team has been in touch." in words(client.get(done))


def test_ordinary_answers_and_a_blank_do_not_frighten(client_as, person):
    person.answers("moods", "intake", 3, {"1": 1, "2": 1, "3": None}, Role.PARTICIPANT)
    done = reverse("my_scale_done", args=["moods", "intake"])
    text = words(client_as(Role.PARTICIPANT, course=person.course).get(done))
    assert "It is with your team" in text


def test_a_participant_reaches_no_page_of_staff(client_as, person):
    client = client_as(Role.PARTICIPANT, course=person.course)
    for name, args in (("trajectory", [person.course]), ("scale_item", [person.course, "moods", "intake", 1])):
        assert client.get(reverse(name, args=args)).status_code == 404


@pytest.mark.parametrize("theme", ["day", "dim"])
def test_the_pause_page_in_the_browser(
    browser_page, login_as, axe, no_sideways_scroll, monkeypatch, theme, live_server, transactional_db
):
    person = at_day(monkeypatch, 3)
    person.answers("moods", "intake", 3, {"1": 1, "2": 1, "3": 3}, Role.PARTICIPANT)
    page = browser_page(375)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    login_as(page, Role.PARTICIPANT, course=person.course)
    page.goto("/me/moods/intake/done/")
    axe(page)
    no_sideways_scroll(page)
    page.get_by_role("link", name="I am safe, and I want to go on").click()
    axe(page)
