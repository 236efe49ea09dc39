"""Consent through the pages: the participant's own, the clinic's, and the versions."""

import re
from datetime import date

import pytest
from django.conf import settings as django_settings
from django.test import Client

from asklepion.core.access import Role
from asklepion.core.entries import ConsentCountersigned, ConsentSigned, ConsentWithdrawn
from asklepion.flows import consent, courses
from asklepion.record import people, reading
from asklepion.record.ledger import Author
from small_facts import RIGHT, TODAY, VERSIONS, document, shelf  # noqa: F401

PASSWORD = "seven quiet lanterns"  # of tests/web/conftest.py
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelf")]
MINE = "/me/consent/"
ALL_RIGHT = {"q-q1": "0", "q-q2": "1"}


@pytest.fixture
def course(db, shelf):  # noqa: F811
    return courses.open_course("small", by=Author("doc", Role.PHYSICIAN), site="S1", simulated=True).course


def signed_in(user):
    client = Client()
    client.user = user
    client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.fixture
def person(account, course):
    return signed_in(account(Role.PARTICIPANT, course=course))


@pytest.fixture
def doctor(account):
    return signed_in(account(Role.PHYSICIAN))


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def hidden(answer, name):
    return re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', answer.content.decode()).group(1)


def of(course, kind):
    return reading.chart(course, reading.JUDGE).of(kind)


def answered(person, **changed):
    return person.post(MINE, {"do": "check"} | ALL_RIGHT | changed)


def signature(person, **typed):
    page = answered(person)
    given = {"do": "sign", "version": hidden(page, "version"), "id": hidden(page, "id")}
    return given | ALL_RIGHT | {"name": "Ada Person", "password": PASSWORD} | typed


def sign(person):
    return person.post(MINE, signature(person))


def test_the_text_is_ours_and_says_that_the_clinics_own_counts(person):
    page = text(person.get(MINE))
    assert "Read this together with your clinic's own text." in page.replace("&#x27;", "'")
    assert "You decide. You may stop at any time." in page
    assert "May you stop?" in page
    assert "Your password" not in page, "nobody signs before the questions"


def test_a_wrong_answer_shows_its_part_again_and_keeps_the_others(person):
    answer = answered(person, **{"q-q1": "1"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Almost there" in page
    assert 'href="#id_q-q1"' in page
    assert page.count("You decide. You may stop at any time.") == 2
    assert re.search(r'name="q-q2" value="1"[^>]*checked', page)


def test_no_answer_is_asked_for_and_is_no_wrong_one(person, course):
    answer = person.post(MINE, {"do": "check", "q-q1": "0"})
    assert answer.status_code == 422
    assert "no answer yet" in text(answer)
    sign(person)
    assert of(course, ConsentSigned)[0].entry.wrong_first == ()


def test_from_reading_to_signing(person, course):
    answered(person, **{"q-q1": "1"})
    assert "All answers are right" in text(answered(person))
    assert sign(person).url == MINE
    (signed,) = of(course, ConsentSigned)
    assert signed.entry.wrong_first == ("q1",)
    assert people.find(course).signed_as == "Ada Person"
    page = text(person.get(MINE))
    assert "You signed version 1.0 on 23 Nov 2026." in page
    assert "Check my answers" not in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "wrong one"}, "The password is not right."),
        ({"name": ""}, "it is your signature"),
        ({"password": ""}, "it shows that it is you"),
    ],
)
def test_a_signature_that_fails_keeps_what_was_typed(person, course, typed, said):
    answer = person.post(MINE, signature(person, **typed))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert "wrong one" not in page
    assert hidden(answer, "q-q2") == "1"
    assert typed.get("name") == "" or 'value="Ada Person"' in page
    assert not of(course, ConsentSigned)


def test_signed_twice_is_once_and_a_second_tab_does_no_harm(person, course):
    given = signature(person)
    assert person.post(MINE, given).status_code == 302
    assert person.post(MINE, given).status_code == 302
    assert person.post(MINE, {"do": "check"} | ALL_RIGHT).url == MINE
    assert len(of(course, ConsentSigned)) == 1


def test_a_version_that_came_meanwhile_is_shown_and_not_signed_unread(person, course, shelf):  # noqa: F811
    given = signature(person)
    shelf.put(consent_documents=(*VERSIONS, document("2.0", TODAY)))
    answer = person.post(MINE, given)
    assert answer.status_code == 422
    assert "A new version came while you were reading." in text(answer)
    assert not of(course, ConsentSigned)


def test_answers_by_hand_do_not_pass_the_questions(person, course):
    answer = person.post(MINE, signature(person) | {"q-q1": "1"})
    assert answer.status_code == 422
    assert not of(course, ConsentSigned)
    assert person.post(MINE, signature(person) | {"q-q1": "9"}).status_code == 422


def test_reading_writes_nothing(person, doctor, course):
    before = reading.chart(course, reading.JUDGE).seq
    for client, address in ((person, MINE), (doctor, f"/courses/{course}/consent/"), (doctor, "/consent/")):
        assert client.get(address).status_code == 200
    assert reading.chart(course, reading.JUDGE).seq == before
    assert doctor.get(f"/courses/{course}/consent/countersign/").status_code == 405
    opened = doctor.get(f"/courses/{course}/consent/withdraw/")
    assert (opened.status_code, opened.url) == (302, f"/courses/{course}/consent/")
    assert reading.chart(course, reading.JUDGE).seq == before


def test_a_person_stops_without_a_reason(person, course):
    sign(person)
    page = person.get(MINE)
    assert "I want to stop" in text(page)
    assert person.post(MINE, {"do": "withdraw", "id": hidden(page, "id")}).status_code == 422
    answer = person.post(MINE, {"do": "withdraw", "id": hidden(page, "id"), "scope": "all"})
    assert answer.url == MINE
    assert of(course, ConsentWithdrawn)[0].entry.scope == "all"
    assert "You have withdrawn." in text(person.get(MINE))


def test_a_person_sees_no_page_of_the_clinic(person, course):
    for address in (f"/courses/{course}/consent/", "/consent/"):
        assert person.get(address).status_code == 404


def countersign(client, course, **typed):
    page = client.get(f"/courses/{course}/consent/")
    given = {"id": hidden(page, "id"), "entry": hidden(page, "entry")}
    given |= {"username": client.user.username, "password": PASSWORD} | typed
    return client.post(f"/courses/{course}/consent/countersign/", given)


def test_a_physician_countersigns_after_proving_who_they_are(person, doctor, course):
    sign(person)
    refused = countersign(doctor, course, password="wrong one")
    assert refused.status_code == 422
    assert "Not countersigned yet" in text(refused)
    assert countersign(doctor, course).url == f"/courses/{course}/consent/"
    assert len(of(course, ConsentCountersigned)) == 1
    page = text(doctor.get(f"/courses/{course}/consent/"))
    assert "In force" in page
    assert "Prove it is you" not in page


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR, Role.PHARMACIST])
def test_others_see_that_a_countersignature_is_missing_and_whose(account, person, course, role):
    sign(person)
    page = text(signed_in(account(role)).get(f"/courses/{course}/consent/"))
    assert "A countersignature is missing" in page
    assert "given by a physician" in page
    assert "Ada" not in page


def test_the_clinic_records_a_withdrawal_on_the_persons_word(person, doctor, course):
    page = doctor.get(f"/courses/{course}/consent/")
    assert "Withdraw consent" not in text(page)
    sign(person)
    page = doctor.get(f"/courses/{course}/consent/")
    ids = re.findall(r'name="id" value="([^"]+)"', page.content.decode())
    answer = doctor.post(f"/courses/{course}/consent/withdraw/", {"id": ids[-1], "scope": "treatment"})
    assert answer.status_code == 302
    assert "Withdrawn" in text(doctor.get(f"/courses/{course}/consent/"))


def test_a_new_version_names_who_must_sign_again(person, doctor, course, shelf):  # noqa: F811
    assert "Nobody" in text(doctor.get("/consent/"))
    sign(person)
    shelf.put(consent_documents=(*VERSIONS, document("2.0", date(2026, 11, 20))))
    page = text(doctor.get("/consent/"))
    assert "1 person signed an earlier version. Version 2.0 asks them anew." in page
    assert course in page
    assert "There is a new version, 2.0." in text(person.get(MINE))


def test_without_a_document_every_page_says_so(person, doctor, course, shelf):  # noqa: F811
    shelf.put(consent_documents=())
    assert "Nothing to sign now" in text(person.get(MINE))
    assert "The protocol names no consent document." in text(doctor.get(f"/courses/{course}/consent/"))
    assert "No consent document is on file" in text(doctor.get("/consent/"))


def test_an_expired_session_keeps_the_answers_and_forgets_the_password(person, course):
    given = signature(person)
    person.logout()
    answer = person.post(MINE, given, headers={"origin": "http://testserver"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Ada Person" in page
    assert PASSWORD not in page
    assert not of(course, ConsentSigned)


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "theme"), [(375, "day"), (1440, "dim")])
def test_a_person_reads_and_signs_on_a_phone(
    browser_page, login_as, axe, no_sideways_scroll, live_server, course, width, theme
):
    page = browser_page(width)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    login_as(page, Role.PARTICIPANT, course=course)

    def look():
        axe(page)
        no_sideways_scroll(page)

    page.goto(MINE)
    look()
    assert page.locator(".reading p").first.evaluate("each => parseFloat(getComputedStyle(each).fontSize)") >= 18
    page.get_by_label("Only at first").check()
    page.get_by_label("Yes, it may").check()
    page.get_by_role("button", name="Check my answers").click()
    look()
    page.get_by_label("At any time").check()
    page.get_by_role("button", name="Check my answers").click()
    look()
    page.get_by_label("Your name, in print").fill("Ada Person")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_text("You signed version 1.0").wait_for()
    look()


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [375, 1440])
def test_the_clinics_pages_are_readable(browser_page, login_as, axe, no_sideways_scroll, course, shelf, width):  # noqa: F811
    consent.sign(
        course, by=Author("p", Role.PARTICIPANT), document="paper", version="1.0", choices=RIGHT, name="Ada Person"
    )
    page = browser_page(width)
    login_as(page, Role.PHYSICIAN)
    for _ in range(2):
        for address in (f"/courses/{course}/consent/", "/consent/"):
            page.goto(address)
            axe(page)
            no_sideways_scroll(page)
        shelf.put(consent_documents=(*VERSIONS, document("2.0", date(2026, 11, 20))))
