"""Pages on who a code is: shown to two roles, corrected whole, forgotten once the code was typed again."""

import html
import re

import pytest

from asklepion.core.access import Role
from asklepion.record import people, reading
from asklepion.record.people import Person
from asklepion.record.verify import verify
from asklepion.web.access import ROUTES

pytest_plugins = ("small_visits",)
COURSE = "AK-0001"
PERSON = f"/courses/{COURSE}/person/"
FORGET = f"/courses/{COURSE}/person/forget/"
ADA = Person("Ada <Zqexample>", "12 Quiet Lane\n+43 1 234", "1980-02-01", "Ada Zqsigned")


def text(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def edition(client):
    return re.search(r'name="edition"(?: value="([^"]*)")?', client.get(PERSON).content.decode())[1] or ""


@pytest.fixture
def front(clinic, client_as):
    return client_as(Role.COORDINATOR)


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_who_may_open_them(clinic, client_as, role):
    people.save(COURSE, ADA)
    client = client_as(role, course=COURSE if role is Role.PARTICIPANT else "")
    for name, address in (("person", PERSON), ("person_forget", FORGET)):
        allowed = role in ROUTES[name]
        assert client.get(address).status_code == (200 if allowed else 404)
        assert client.post(address, {"typed": "x"}).status_code == (422 if allowed else 404)
        assert client.get(address.replace(COURSE, "AK-9999")).status_code == 404
        assert client.post(address.replace(COURSE, "AK-9999"), {"typed": "AK-9999", "name": "x"}).status_code == 404
    assert people.find(COURSE) == ADA


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.FACILITATOR, Role.PHARMACIST])
def test_the_chart_has_a_way_to_it_for_those_roles_and_never_the_name(clinic, client_as, role):
    people.save(COURSE, ADA)
    client = client_as(role)
    for address in (f"/courses/{COURSE}/", f"/courses/{COURSE}/ledger/", f"/courses/{COURSE}/ledger.jsonl", "/"):
        answer = client.get(address, follow=True)
        whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"Zq" not in whole, address
        assert b"Quiet Lane" not in whole, address
    assert (f'href="{PERSON}"' in client.get(f"/courses/{COURSE}/").content.decode()) is (role is Role.COORDINATOR)


@pytest.mark.django_db
def test_it_shows_who_it_is_and_says_who_is_told_of_the_look(front):
    people.save(COURSE, ADA)
    answer = front.get(PERSON)
    page = text(answer)
    for said in ("Ada <Zqexample>", "12 Quiet Lane +43 1 234", "1 Feb 1980", "Signed as Ada Zqsigned", "you looked"):
        assert said in page
    assert "<Zqexample>" not in answer.content.decode()
    assert 'value="1980-02-01"' in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_nobody_is_kept_until_somebody_is_and_a_correction_is_whole(front):
    assert "Nobody is kept under this code" in text(front.get(PERSON))
    given = {"edition": "", "name": "Ada Example", "contact": "a telephone", "born": "1980-02-01"}
    assert front.post(PERSON, given).url == PERSON
    assert people.find(COURSE) == Person("Ada Example", "a telephone", "1980-02-01")
    second = {"edition": edition(front), "name": "Ada Other", "contact": "", "born": ""}
    for _ in range(2):
        assert front.post(PERSON, second).url == PERSON
    assert people.find(COURSE) == Person("Ada Other")
    assert "not kept" in text(front.get(PERSON))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"born": "1.2.1980"}, "This is no day. Type it as 2026-11-19."),
        ({"born": "2026-11-21"}, "This day lies ahead of us."),
        ({"name": "", "contact": "", "born": ""}, "All of it is empty."),
        ({"name": "x" * 201}, "at most 200"),
        ({"edition": "old"}, "changed or forgotten while you typed"),
    ],
)
def test_what_is_refused_is_said_and_kept(front, changed, said):
    people.save(COURSE, ADA)
    given = {"edition": edition(front), "name": "Bea Typed", "contact": "42 Typed Row", "born": "1981-03-02"}
    answer = front.post(PERSON, given | changed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'role="alert"' in answer.content.decode()
    for field, value in (given | changed).items():
        assert value in answer.content.decode(), field
    assert people.find(COURSE) == ADA


@pytest.mark.django_db
def test_a_person_is_forgotten_once_the_code_was_typed_again(front):
    people.save(COURSE, ADA)
    old = edition(front)
    before = reading.entries(COURSE, reading.JUDGE)
    page = text(front.get(FORGET))
    assert "Zq" not in page
    for said in ("What is destroyed", "What stays", "whole ledger", "Backups that were made before", "The account"):
        assert said in page
    for typed in ("", "AK-0002"):
        answer = front.post(FORGET, {"typed": typed})
        assert answer.status_code == 422
        assert "Nothing was destroyed" in text(answer)
        assert people.find(COURSE) == ADA
    for _ in range(2):
        assert front.post(FORGET, {"typed": COURSE}).url == PERSON
    assert people.find(COURSE) is None
    page = text(front.get(PERSON))
    assert "This person was forgotten On 20 Nov 2026" in page
    assert "Zq" not in page
    assert "This person was forgotten" in text(front.get(FORGET))
    assert reading.entries(COURSE, reading.JUDGE) == before
    assert verify() == []
    refused = front.post(PERSON, {"edition": old, "name": ADA.name, "contact": "", "born": ""})
    assert refused.status_code == 422
    assert people.find(COURSE) is None


@pytest.mark.django_db
def test_looking_at_the_page_destroys_nothing(front):
    people.save(COURSE, ADA)
    for ask in (front.get, front.head, front.options, front.put, front.delete):
        ask(FORGET, {"typed": COURSE})
    ask = f"{FORGET}?typed={COURSE}"
    assert front.get(ask).status_code == 200
    assert people.find(COURSE) == ADA


@pytest.mark.django_db
def test_nobody_cannot_be_forgotten(front):
    assert "Nobody is kept under this code" in text(front.get(FORGET))
    assert front.post(FORGET, {"typed": COURSE}).status_code == 422


@pytest.mark.django_db
def test_under_another_people_key_the_page_says_so(front, settings):
    people.save(COURSE, ADA)
    key, settings.PEOPLE_KEY = settings.PEOPLE_KEY, "another"
    page = text(front.get(PERSON))
    assert "it cannot be read" in page
    assert "ASKLEPION_PEOPLE_KEY" in page
    assert front.post(PERSON, {"edition": people.edition(COURSE), "name": "x"}).status_code == 422
    settings.PEOPLE_KEY = key
    assert people.find(COURSE) == ADA


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [375, 1440])
def test_they_are_readable_from_nobody_to_forgotten(
    clinic, browser_page, login_as, axe, no_sideways_scroll, width, tmp_path
):
    page = browser_page(width)
    login_as(page, Role.COORDINATOR)

    def look(name):
        axe(page)
        no_sideways_scroll(page)
        page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)

    page.goto(f"/courses/{COURSE}/")
    look("chart")
    page.get_by_role("link", name=f"Who {COURSE} is").click()
    look("nobody")
    page.get_by_label("Name").fill("Ada Example")
    page.get_by_label("Contact").fill("12 Quiet Lane, with a very long street name that goes on\n+43 1 234 56 78")
    page.get_by_label("Born on").fill("1980-02-01")
    page.get_by_role("button", name="Keep it").click()
    look("kept")
    page.get_by_label("Name").fill("")
    page.get_by_label("Contact").fill("")
    page.get_by_label("Born on").fill("")
    page.get_by_role("button", name="Save the correction").click()
    page.get_by_text("All of it is empty").first.wait_for()
    look("refused")
    page.goto(PERSON)
    page.get_by_role("link", name="Let this person be forgotten").click()
    look("forget")
    page.get_by_label("The code, typed again").fill("AK-1")
    page.get_by_role("button", name="Destroy it for good").click()
    look("not-forgotten")
    page.get_by_label("The code, typed again").fill(COURSE)
    page.keyboard.press("Enter")
    page.get_by_text("This person was forgotten").wait_for()
    look("forgotten")
    assert people.find(COURSE) is None
