"""One item a page: on a phone and by care roles, resumable, blanks kept, scored on the server, handed in once."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from asklepion.core.access import Role
from asklepion.core.entries import AnswersGiven
from asklepion.record import reading
from asklepion.record.reading import JUDGE
from check_in import MOODS, Walker, at_day, author, check_in, reader, words  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_in")]


@pytest.fixture
def person(monkeypatch) -> Walker:
    """Return a person whose course began three days before the clock of the pages."""
    return at_day(monkeypatch, 3)


def mine(number, scale="moods", visit="intake"):
    return reverse("my_scale", args=[scale, visit, number])


def check(scale="moods", visit="intake"):
    return reverse("my_scale_check", args=[scale, visit])


def given(person) -> list[AnswersGiven]:
    return [each.entry for each in reading.chart(person.course, JUDGE).of(AnswersGiven)]


def test_one_item_a_page_with_our_label_and_no_wording(client_as, person):
    page = client_as(Role.PARTICIPANT, course=person.course).get(mine(1))
    text = words(page)
    assert "Low mood" in text
    assert "Question 1 of 3" in text
    assert "You see short topic labels of ours, not the questions themselves." in text
    assert "Held by Nobody" in text, "the rights line"
    assert "Bad sleep" not in text, "one item a page"


def test_every_answer_is_saved_as_it_is_given_and_is_there_on_another_device(client_as, account, person, settings):
    user = account(Role.PARTICIPANT, course=person.course)
    for item, answer in ((1, "4"), (2, "3")):
        device = Client()
        device.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        page = device.post(mine(item), {"answer": answer})
        assert page.url == mine(item + 1)
    home = device.get(reverse("me")).content.decode()
    assert f'href="{mine(3)}"' in home, "it goes on at the first open item"
    assert 'value="4" checked' in device.get(mine(1)).content.decode()


def test_an_expired_login_keeps_what_was_saved(client_as, account, person, settings):
    user = account(Role.PARTICIPANT, course=person.course)
    device = Client()
    device.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    device.post(mine(1), {"answer": "4"})
    device.logout()
    late = device.post(mine(2), {"answer": "3"}, headers={"origin": "http://testserver"})
    assert late.status_code == 403
    assert "Nothing was saved." in words(late)
    device.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert 'value="4" checked' in device.get(mine(1)).content.decode()


def test_no_choice_is_refused_with_a_link_to_the_answers(client_as, person):
    page = client_as(Role.PARTICIPANT, course=person.course).post(mine(1), {})
    assert page.status_code == 422
    assert "Choose one, or say that you would rather not answer." in words(page)
    assert 'href="#a0"' in page.content.decode()
    assert 'id="a0"' in page.content.decode()


@pytest.mark.parametrize("typed", ["5", "-1", "two", "1.5", "٣", "9" * 40])
def test_an_answer_that_is_none_is_refused_and_nothing_is_kept(client_as, person, typed):
    client = client_as(Role.PARTICIPANT, course=person.course)
    assert client.post(mine(1), {"answer": typed}).status_code == 422
    assert "checked" not in client.get(mine(1)).content.decode()


def test_a_number_outside_its_range_stays_as_it_was_typed(client_as, person):
    page = client_as(Role.PARTICIPANT, course=person.course).post(mine(1, "tired"), {"answer": "300"})
    assert page.status_code == 422
    assert 'value="300"' in page.content.decode()
    assert "A whole number from 0 to 100" in words(page)


def test_skipping_on_purpose_is_kept_as_a_blank_and_shown_as_one(client_as, person):
    client = client_as(Role.PARTICIPANT, course=person.course)
    for number, sent in ((1, {"answer": "2"}), (2, {"skip": "1"}), (3, {"answer": "0"})):
        client.post(mine(number), sent)
    page = words(client.get(check()))
    assert "Bad sleep Left blank" in page
    assert "1 left blank on purpose" in page
    assert client.post(check()).url == reverse("my_scale_done", args=["moods", "intake"])
    assert [answer.value for answer in given(person)[0].answers] == [2, None, 0]
    assert given(person)[0].scores[0].value is None, "a blank is never zero"


def test_the_check_page_leads_back_to_each_answer_and_returns(client_as, person):
    client = client_as(Role.PARTICIPANT, course=person.course)
    client.post(mine(1), {"answer": "2"})
    page = client.get(check()).content.decode()
    assert f'href="{mine(1)}?check=1"' in page
    assert "Not answered yet" in page
    assert client.post(f"{mine(1)}?check=1", {"answer": "3"}).url == check()


def test_handing_in_too_early_names_what_is_open_and_loses_nothing(client_as, person):
    client = client_as(Role.PARTICIPANT, course=person.course)
    client.post(mine(1), {"answer": "2"})
    page = client.post(check())
    assert page.status_code == 422
    assert "Bad sleep: not answered yet" in words(page)
    assert given(person) == []
    assert 'value="2" checked' in client.get(mine(1)).content.decode()


def test_a_double_hand_in_is_one_entry(client_as, person):
    client = client_as(Role.PARTICIPANT, course=person.course)
    for number in (1, 2, 3):
        client.post(mine(number), {"answer": "1"})
    first, second = client.post(check()), client.post(check())
    assert first.url == second.url
    assert len(given(person)) == 1
    assert given(person)[0].scores[0].value == 3
    assert given(person)[0].source == "self"


def test_a_second_tab_gets_a_kind_page_and_changes_nothing(client_as, person):
    client = client_as(Role.PARTICIPANT, course=person.course)
    person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    page = client.post(mine(2), {"answer": "0"})
    assert page.status_code == 409
    assert "What you chose just now was not added" in words(page)
    assert client.get(mine(2)).url == reverse("my_scale_done", args=["moods", "intake"])
    assert given(person)[0].answers[1].value == 3


def test_a_conditional_item_is_passed_over_where_it_does_not_apply(client_as, person):
    client = client_as(Role.FACILITATOR)
    at = lambda number: reverse("scale_item", args=[person.course, "asks", "intake", number])  # noqa: E731
    assert client.post(at(1), {"answer": "0"}).url == at(3)
    assert client.get(at(2)).url == at(3)
    assert "Question 2 of 2" in words(client.get(at(3)))
    client.post(at(1), {"answer": "1"})
    assert "Question 2 of 3" in words(client.get(at(2)))


def test_care_roles_see_the_scores_and_what_needs_a_person(client_as, person):
    client = client_as(Role.FACILITATOR)
    for number, answer in ((1, "1"), (2, "1"), (3, "0")):
        client.post(reverse("scale_item", args=[person.course, "asks", "intake", number]), {"answer": answer})
    page = client.post(reverse("scale_submit", args=[person.course, "asks", "intake"]))
    text = words(client.get(page.url))
    assert "Triage High" in text
    assert "Speak with the person today" in text
    assert "A plan or an act" in text
    assert given(person)[0].source == "clinician"


def test_a_scale_that_was_not_done_needs_a_reason(client_as, person):
    client = client_as(Role.FACILITATOR)
    at = reverse("scale_not_done", args=[person.course, "asks", "intake"])
    assert client.post(at, {"because": " "}).status_code == 422
    assert client.post(at, {"because": "left early"}).url == reverse("chart", args=[person.course])


@pytest.mark.parametrize(
    "address",
    [
        "/me/moods/after/1/",
        "/me/moods/nowhere/1/",
        "/me/held/intake/1/",
        "/me/asks/intake/1/",
        "/me/moods/intake/4/",
        "/me/moods/intake/0/",
        "/me/moods/intake/done/",
    ],
)
def test_what_is_not_theirs_or_not_there_is_not_found(client_as, person, address):
    assert client_as(Role.PARTICIPANT, course=person.course).get(address).status_code == 404


def test_care_roles_find_no_sealed_scale(client_as, person):
    for role in (Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR):
        assert client_as(role).get(reverse("scale_item", args=[person.course, "held", "intake", 1])).status_code == 404


@pytest.mark.parametrize("width", [375, 1440])
def test_a_scale_in_the_browser(browser_page, login_as, axe, no_sideways_scroll, monkeypatch, width, transactional_db):
    person = at_day(monkeypatch, 3)
    page = browser_page(width)
    login_as(page, Role.PARTICIPANT, course=person.course)
    page.goto("/me/")
    axe(page)
    no_sideways_scroll(page)
    page.get_by_role("link", name=re.compile("Begin.*Moods")).click()
    axe(page)
    no_sideways_scroll(page)
    page.get_by_role("button", name="Save and go on").click()
    assert page.title().startswith("One thing is missing")
    axe(page)
    page.get_by_role("radio", name="3").check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="I would rather not answer").click()
    page.get_by_role("radio", name="1").check()
    page.get_by_role("button", name="Save and go on").click()
    axe(page)
    no_sideways_scroll(page)
    page.get_by_role("button", name="Send to my team").click()
    assert "It is with your team" in page.inner_text("h1")
    axe(page)
    no_sideways_scroll(page)


def test_an_alert_stands_on_the_caseload_and_leads_to_recording_the_contact(client_as, person):
    person.answers("moods", "intake", 3, {"1": 1, "2": 1, "3": 3}, Role.PARTICIPANT)
    page = client_as(Role.PHYSICIAN).get(reverse("caseload"))
    assert "Speak today: Dark thoughts were answered" in words(page)
    assert reverse("contact_new", args=[person.course]) in page.content.decode()


def test_an_interview_is_part_of_its_visit_and_then_leads_those_who_treat_to_the_chart_only(client_as, person):
    assert "With rater." not in client_as(Role.PHYSICIAN).get(reverse("caseload")).content.decode()
    person.hold("intake", 0)
    page = client_as(Role.PHYSICIAN).get(reverse("caseload")).content.decode()
    assert "With rater." in page
    assert f"/courses/{person.course}/scales/held/" not in page
    assert client_as(Role.PHYSICIAN).get(reverse("chart", args=[person.course])).status_code == 200
