"""Interviews of the blinded rater: nothing by address, order, count, error or page tells of a visit or an arm."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from asklepion.core.access import Role
from asklepion.core.entries import AnswersGiven
from asklepion.flows import ratings
from asklepion.record import clock, reading
from asklepion.record.reading import JUDGE, Reader
from check_in import Walker, at_day, author, check_in, reader, whole_course, words  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_in")]

TELLING = (
    "talk",
    "night",
    "intake",
    "v1",
    "v4",
    "session",
    "dose",
    "dosing",
    "visit",
    "window",
    "week",
    "placebo",
    "arm that",
)


@pytest.fixture
def person(monkeypatch) -> Walker:
    return at_day(monkeypatch, 3)


def main_of(page) -> str:
    """Return the page without its frame and without the random token of its form."""
    main = page.content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r'value="[^"]{60,}"', "", main)


def token_in(page) -> str:
    return re.search(r"/ratings/([0-9a-f]{32})/1/", page.content.decode())[1]


def fill_in(client: Client, token: str, answers=("2", "1")) -> object:
    for number, value in enumerate(answers, 1):
        client.post(reverse("rating_item", args=[token, number]), {"answer": value})
    return client.post(reverse("rating_check", args=[token]))


def test_the_list_names_code_and_scale_only(client_as, person):
    page = client_as(Role.RATER).get(reverse("ratings"))
    text = words(page)
    assert person.course in text
    assert "Held" in text
    for word in TELLING:
        assert word not in main_of(page).lower(), word
    assert "2026" not in main_of(page)


def test_no_page_of_an_interview_tells_of_its_visit(client_as, person):
    client = client_as(Role.RATER)
    token = token_in(client.get(reverse("ratings")))
    pages = [client.get(reverse("rating_item", args=[token, number])) for number in (1, 2)]
    pages.append(client.get(reverse("rating_check", args=[token])))
    fill_in(client, token)
    pages.append(client.get(reverse("rating_done", args=[token])))
    for page in pages:
        assert page.status_code == 200
        for word in TELLING:
            assert word not in main_of(page).lower(), word


def test_the_same_pages_whatever_the_visit(client_as, monkeypatch):
    """A baseline interview and one a month after the session look alike but for code and token."""
    first = at_day(monkeypatch, 46)
    later = whole_course()
    client = client_as(Role.RATER)
    with first.on(46):
        interviews = {each.course: each.token for each in ratings.due(reader(Role.RATER), on=clock.today())}
    assert set(interviews) == {first.course, later.course}
    pages = [
        main_of(client.get(reverse("rating_item", args=[interviews[each.course], 1])))
        .replace(each.course, "CODE")
        .replace(interviews[each.course], "TOKEN")
        for each in (first, later)
    ]
    assert pages[0] == pages[1]


def test_the_order_follows_the_tokens_and_not_the_days(client_as, monkeypatch):
    people = [at_day(monkeypatch, 46), *(Walker() for _ in range(6)), whole_course(), whole_course()]
    found = ratings.due(reader(Role.RATER), on=clock.today())
    assert len(found) == len(people)
    assert [each.token for each in found] == sorted(each.token for each in found)


def test_an_earlier_interview_that_was_missed_is_not_counted_beside_the_present_one(monkeypatch):
    person = at_day(monkeypatch, 46)
    for visit, day in (("intake", 4), ("night", 18), ("after", 25), ("late", 46)):
        person.hold(visit, day)
    assert len(ratings.due(reader(Role.RATER), on=clock.today())) == 1


def test_it_is_sealed_and_the_rater_sees_only_that_it_is_handed_in(client_as, person):
    client = client_as(Role.RATER)
    token = token_in(client.get(reverse("ratings")))
    answer = fill_in(client, token)
    assert answer.url == reverse("rating_done", args=[token])
    text = words(client.get(answer.url))
    assert "It is handed in" in text
    assert "No interview is to be held now" in words(client.get(reverse("ratings")))
    entry = reading.chart(person.course, JUDGE).of(AnswersGiven)[0]
    assert entry.label == "sealed"
    assert entry.entry.scores[0].value == 3
    assert client.get(reverse("rating_item", args=[token, 1])).url == reverse("rating_done", args=[token])
    assert client.post(reverse("rating_item", args=[token, 1]), {"answer": "0"}).status_code == 409
    assert fill_in(client, token).url == answer.url
    assert len(reading.chart(person.course, JUDGE).of(AnswersGiven)) == 1


def test_what_is_not_theirs_answers_as_what_does_not_exist(client_as, person, account, settings):
    client = client_as(Role.RATER)
    token = token_in(client.get(reverse("ratings")))
    fill_in(client, token)
    other = client_as(Role.RATER)
    other_answers = set()
    for address in (
        reverse("rating_item", args=[token, 1]),
        reverse("rating_item", args=["f" * 32, 1]),
        reverse("rating_item", args=["nonsense", 1]),
        reverse("rating_done", args=[token]),
        reverse("rating_check", args=[token]),
        reverse("rating_not_done", args=[token]),
        f"/courses/{person.course}/",
        f"/courses/{person.course}/scores/",
        "/courses/AK-9999/",
        "/outcomes/",
        "/no/such/page/",
    ):
        answer = other.get(address)
        text = re.sub(r'value="[^"]+"', "", answer.content.decode()).replace(address, "ADDRESS")
        other_answers.add((answer.status_code, text))
    assert len(other_answers) == 1
    assert other_answers.pop()[0] == 404


def test_not_held_needs_a_reason_and_is_asked_no_more(client_as, person):
    client = client_as(Role.RATER)
    token = token_in(client.get(reverse("ratings")))
    at = reverse("rating_not_done", args=[token])
    assert "the treating team reads this line" in words(client.get(at))
    assert client.post(at, {"because": ""}).status_code == 422
    assert client.post(at, {"because": "could not be reached"}).url == reverse("ratings")
    assert "No interview is to be held now" in words(client.get(reverse("ratings")))


def test_no_other_role_learns_of_interviews(person):
    for role in set(Role) - {Role.RATER}:
        assert ratings.due(Reader(role, str(role), person.course), on=clock.today()) == ()


def test_drafts_are_kept_and_a_blank_is_kept_as_one(client_as, person):
    client = client_as(Role.RATER)
    token = token_in(client.get(reverse("ratings")))
    client.post(reverse("rating_item", args=[token, 1]), {"skip": "1"})
    page = words(client.get(reverse("rating_check", args=[token])))
    assert "Fright Left blank" in page
    assert "Flight Not answered yet" in page


@pytest.mark.parametrize("width", [375, 1440])
def test_an_interview_in_the_browser(
    browser_page, login_as, axe, no_sideways_scroll, monkeypatch, width, transactional_db
):
    at_day(monkeypatch, 3)
    page = browser_page(width)
    login_as(page, Role.RATER)
    page.goto("/ratings/")
    axe(page)
    no_sideways_scroll(page)
    page.get_by_role("link", name="Open").click()
    for value in ("3", "1"):
        axe(page)
        page.get_by_role("radio", name=value).check()
        page.get_by_role("button", name="Save and go on").click()
    axe(page)
    page.get_by_role("link", name="It was not done").click()
    axe(page)
    page.go_back()
    page.get_by_role("button", name="Hand in").click()
    axe(page)
    no_sideways_scroll(page)
