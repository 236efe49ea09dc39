"""The screening worksheet and its forms through the pages."""

import re
from datetime import date, timedelta

import pytest
from axes.models import AccessAttempt

from asklepion.core.access import Role
from asklepion.core.entries import AnswersGiven, MedicineDecided, MedicineRecorded, Observed, ScoreGiven, Signed
from asklepion.flows import consent, courses, screening
from asklepion.record import ledger, reading
from asklepion.record.ledger import Author
from small_facts import ALL_WELL, RIGHT, TODAY, shelf  # noqa: F401

PASSWORD = "seven quiet lanterns"  # of tests/web/conftest.py
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelf")]
BY = Author("doc", Role.PHYSICIAN)


@pytest.fixture
def course(db, shelf):  # noqa: F811
    return courses.open_course("small", by=BY, site="S1", simulated=True).course


@pytest.fixture
def physician(client_as):
    return client_as(Role.PHYSICIAN)


def at(course, what=""):
    return f"/courses/{course}/screening/{what}"


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def hidden(answer, name):
    """Return what a hidden field of a page holds."""
    return re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', answer.content.decode()).group(1)


def of(course, kind):
    return reading.chart(course, reading.JUDGE).of(kind)


def rate(course, total):
    entry = AnswersGiven("talk", "1", (), (ScoreGiven("total", total),), (), visit="screening-1", sealed=True)
    ledger.append(course, entry, Author("rat", Role.RATER))


def make_ready(course, physician):
    screening.record_values(course, ALL_WELL, by=BY)
    rate(course, 7)
    person = Author("person", Role.PARTICIPANT)
    consent.sign(course, by=person, document="paper", version="1.0", choices=RIGHT, name="A Person")
    user = physician.user
    consent.countersign(course, by=Author(user.username, Role.PHYSICIAN), username=user.username, password=PASSWORD)


@pytest.fixture
def doctor(account, client):
    """A signed-in physician whose account the test knows."""
    from django.conf import settings

    client.user = account(Role.PHYSICIAN)
    client.force_login(client.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def values(answer, **typed):
    ids = dict(re.findall(r'name="(id-[a-z]+)" value="([^"]+)"', answer.content.decode()))
    return ids | {"taken_on": TODAY.isoformat(), "taken_at": ""} | typed


def test_the_page_says_first_whether_the_person_can_be_cleared(physician, course):
    page = text(physician.get(at(course)))
    assert f"{course} cannot be cleared today." in page
    assert "Unknown never counts as met." in page
    assert "No medicine is recorded" in page
    assert "That does not mean that none is taken." in page


def test_reading_writes_nothing(physician, course):
    before = reading.chart(course, reading.JUDGE).seq
    for what in ("", "?on=2026-12-24", "values/", "medicine/"):
        assert physician.get(at(course, what)).status_code == 200
    assert reading.chart(course, reading.JUDGE).seq == before
    assert physician.get(at(course, "sign/")).status_code == 405


def test_several_values_at_once_are_saved_and_judged(physician, course):
    form = physician.get(at(course, "values/"))
    typed = values(form, pulse="60", systolic="118", diastolic="72", contact="yes")
    answer = physician.post(at(course, "values/"), typed)
    assert answer.url == at(course)
    assert [len(each.entry.values) for each in of(course, Observed)] == [3, 1]
    page = physician.get(at(course))
    assert "Saved as 2 entries" in text(page)
    assert "3 met" in text(page)


def test_refused_values_are_kept_and_every_fault_is_told_where_it_is(physician, course):
    form = physician.get(at(course, "values/"))
    typed = values(form, pulse="18", systolic="80 kPa", contact="no", taken_on="2026-11-20", taken_at="09:30")
    answer = physician.post(at(course, "values/"), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "18 lies outside 20 to 250. Look at the device and type it again." in page
    assert "carries the unit kPa" in page
    for kept in ('value="18"', 'value="80 kPa"', 'value="2026-11-20"', 'value="09:30"', typed["id-vital"]):
        assert kept in page, kept
    assert re.search(r'name="contact" value="no"[^>]*checked', page)
    assert 'href="#id_pulse"' in page
    assert 'href="#id_systolic"' in page
    assert not of(course, Observed)


def test_a_day_ahead_is_refused_at_its_field(physician, course):
    ahead = (TODAY + timedelta(days=1)).isoformat()
    form = physician.get(at(course, "values/"))
    answer = physician.post(at(course, "values/"), values(form, pulse="60") | {"taken_on": ahead})
    assert answer.status_code == 422
    assert "ahead of us" in text(answer)
    assert 'href="#id_taken_on"' in answer.content.decode()


def test_an_empty_sheet_says_so(physician, course):
    answer = physician.post(at(course, "values/"), values(physician.get(at(course, "values/"))))
    assert answer.status_code == 422
    assert "Nothing was typed" in text(answer)


def test_a_form_sent_twice_is_saved_once(physician, course):
    typed = values(physician.get(at(course, "values/")), pulse="60")
    for _ in range(2):
        assert physician.post(at(course, "values/"), typed).status_code == 302
    assert len(of(course, Observed)) == 1
    form = physician.get(at(course, "medicine/"))
    told = {"id": hidden(form, "id"), "typed": "Slowazine", "taking": "yes"}
    for _ in range(2):
        assert physician.post(at(course, "medicine/"), told).status_code == 302
    assert len(of(course, MedicineRecorded)) == 1


def test_a_form_of_a_second_tab_with_other_values_is_told_apart(physician, course):
    typed = values(physician.get(at(course, "values/")), pulse="60")
    physician.post(at(course, "values/"), typed)
    answer = physician.post(at(course, "values/"), typed | {"pulse": "70"})
    assert answer.status_code == 422
    assert "already names another entry" in text(answer)


def medicine(client, course, **typed):
    form = client.get(at(course, "medicine/"))
    return client.post(at(course, "medicine/"), {"id": hidden(form, "id"), "taking": "yes"} | typed)


def test_a_medicine_that_nothing_answers_to_is_kept_as_typed_and_the_page_says_what_follows(physician, course):
    assert medicine(physician, course, typed="Grandmother's tea").url == at(course)
    page = text(physician.get(at(course)))
    assert "No fact is on file about it" in page
    assert "Record a decision" in page
    assert "and a second person" in page


def test_a_name_that_is_nearly_one_on_file_is_asked_back(physician, course):
    answer = medicine(physician, course, typed="slowasine", dose="5 mg")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="slowazine"' in page
    assert 'value="5 mg"' in page
    assert medicine(physician, course, typed="slowasine", chosen="slowazine").status_code == 302
    assert medicine(physician, course, typed="slowasine", chosen="none").status_code == 302
    assert [each.entry.drug for each in of(course, MedicineRecorded)] == ["slowazine", ""]


def test_a_medicine_is_brought_up_to_date_on_its_own_line(physician, course):
    told = screening.record_medicine(course, by=BY, typed="Slowazine", taking=True, dose="5 mg")
    address = at(course, f"medicine/?medicine={told.id}")
    form = physician.get(address)
    assert 'value="5 mg"' in form.content.decode()
    physician.post(
        address,
        {
            "id": hidden(form, "id"),
            "medicine": hidden(form, "medicine"),
            "typed": "Slowazine",
            "taking": "no",
            "stopped_on": "2026-11-14",
        },
    )
    page = physician.get(at(course))
    assert page.content.decode().count("<svg class") > 0
    assert "Day 9 today; 29 days are needed, the last 7 of them for stability." in page.content.decode()


def test_a_medicine_that_cannot_be_is_refused_and_kept(physician, course):
    answer = medicine(physician, course, typed="Slowazine", taking="yes", stopped_on="2026-11-14")
    assert answer.status_code == 422
    assert "cannot be stopped and still be taken" in text(answer)
    assert 'value="2026-11-14"' in answer.content.decode()


def decide(client, course, told, **typed):
    address = at(course, f"decide/?medicine={told.id}")
    given = {"id": hidden(client.get(address), "id"), "medicine": told.id, "decision": "may_go_on"}
    return client.post(address, given | {"rests_on": "A label."} | typed)


def test_a_decision_takes_a_second_person_who_proves_it(physician, account, course):
    second = account(Role.PHARMACIST)
    told = screening.record_medicine(course, by=BY, typed="Rare herb", taking=True)
    refused = decide(physician, course, told, second_username=second.username, second_password="wrong")
    assert refused.status_code == 422
    assert "A label." in refused.content.decode()
    assert "wrong" not in refused.content.decode().replace("wrong way", "")
    saved = decide(physician, course, told, second_username=second.username, second_password=PASSWORD)
    assert saved.url == at(course)
    assert of(course, MedicineDecided)[0].entry.second_person == second.printed_name


def test_wrong_tries_lock_the_proof_and_leave_nothing_that_was_typed(physician, account, course):
    second = account(Role.PHARMACIST)
    told = screening.record_medicine(course, by=BY, typed="Rare herb", taking=True)
    wrong = {"second_username": second.username, "second_password": "a wrong secret", "rests_on": "herb?"}
    for _ in range(5):
        decide(physician, course, told, **wrong)
    locked = decide(physician, course, told, second_username=second.username, second_password=PASSWORD)
    assert locked.status_code == 422
    assert "locked after too many wrong tries" in text(locked)
    kept = repr(list(AccessAttempt.objects.values()))
    assert "secret" not in kept
    assert "herb" not in kept


def test_a_decision_on_an_unknown_medicine_is_not_found(physician, course):
    assert physician.get(at(course, "decide/")).status_code == 404
    assert physician.get(at(course, "decide/?medicine=none")).status_code == 404


def signing(client, course, **typed):
    page = client.get(at(course))
    given = {"id": hidden(page, "id"), "shown_hash": hidden(page, "shown_hash"), "meaning": "reviewed"}
    return given | {"username": client.user.username, "password": PASSWORD} | typed


def test_approval_is_explained_until_it_is_offered(doctor, course):
    page = doctor.get(at(course))
    assert "Approval is not offered. It appears when nothing is unmet or unknown." in text(page)
    assert 'value="approved"' not in page.content.decode()
    answer = doctor.post(at(course, "sign/"), signing(doctor, course, meaning="approved"))
    assert answer.status_code == 422
    make_ready(course, doctor)
    page = doctor.get(at(course))
    assert f"{course} can be cleared today, by what is on file; a person decides." in text(page)
    assert 'value="approved"' in page.content.decode()
    assert doctor.post(at(course, "sign/"), signing(doctor, course, meaning="approved")).status_code == 302
    assert "Covers what stands here" in text(doctor.get(at(course)))
    assert of(course, Signed)[0].entry.meaning == "approved"


def test_a_worksheet_that_changed_is_shown_anew_and_not_signed(doctor, course):
    form = signing(doctor, course)
    screening.record_values(course, {"pulse": "60"}, by=BY)
    answer = doctor.post(at(course, "sign/"), form)
    assert answer.status_code == 422
    assert "It has changed since" in text(answer) or "has changed since it was shown" in text(answer)
    assert not of(course, Signed)
    now = hidden(answer, "shown_hash")
    assert now != form["shown_hash"]
    assert doctor.post(at(course, "sign/"), form | {"shown_hash": now}).status_code == 302


def test_a_wrong_password_signs_nothing_keeps_the_meaning_and_forgets_the_password(doctor, course):
    answer = doctor.post(at(course, "sign/"), signing(doctor, course, password="not the right one"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Name or password is not right." in page
    assert re.search(r'value="reviewed"[^>]*checked', page)
    assert f'value="{doctor.user.username}"' in page
    again = {name: hidden(answer, name) for name in ("id", "shown_hash", "username")}
    assert "not the right one" not in page
    assert not of(course, Signed)
    again |= {"meaning": "reviewed", "password": PASSWORD}
    assert doctor.post(at(course, "sign/"), again).status_code == 302


def test_who_may_approve_is_said_to_others(client_as, doctor, course):
    make_ready(course, doctor)
    page = text(client_as(Role.COORDINATOR).get(at(course)))
    assert "It is given by a physician." in page


def test_another_day_is_for_looking_only(doctor, course):
    page = doctor.get(at(course, "?on=2026-12-13"))
    assert "You look at 13 Dec 2026, not at today." in text(page)
    assert "Sign this worksheet" not in text(page)
    assert "Record a medicine" not in text(page)
    wrong = doctor.get(at(course, "?on=tomorrow"))
    assert wrong.status_code == 200
    assert "`tomorrow` is no day." in text(wrong)


@pytest.mark.parametrize("role", [Role.MEDICAL_MONITOR, Role.PHARMACIST, Role.AUDITOR])
def test_who_may_not_record_sees_no_form_for_it(client_as, course, role):
    client = client_as(role)
    page = client.get(at(course))
    assert page.status_code == 200
    assert "Record diagnoses" not in text(page)
    assert client.get(at(course, "values/")).status_code == 404
    assert client.post(at(course, "sign/"), {}).status_code == (422 if role is Role.MEDICAL_MONITOR else 404)


@pytest.mark.parametrize("role", [Role.RATER, Role.STATISTICIAN, Role.PARTICIPANT, Role.ADMINISTRATOR])
def test_who_may_not_see_courses_gets_what_does_not_exist(client_as, course, role):
    client = client_as(role, course=course if role is Role.PARTICIPANT else "")
    assert client.get(at(course)).status_code == 404
    assert client.get(at("AK-9999")).status_code == 404


def test_a_sealed_value_is_judged_and_not_shown(physician, client_as, course):
    rate(course, 2)
    for client, told in ((physician, False), (client_as(Role.AUDITOR), True)):
        page = client.get(at(course)).content.decode()
        severe = page[page.index("Severe enough</h3>") : page.index("Severe enough</h3>") + 900]
        assert ("kept sealed" in severe) is not told
        assert ("Rests on <a" in severe) is told


def test_after_the_end_nothing_is_recorded_here(physician, course):
    courses.end_course(course, "screen_failed", by=BY, because="A medicine")
    page = text(physician.get(at(course)))
    assert "This course has ended." in page
    assert "Record a medicine" not in page
    assert "Sign this worksheet" not in page


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [375, 1440])
def test_every_page_is_readable(browser_page, login_as, axe, no_sideways_scroll, course, width):
    screening.record_medicine(course, by=BY, typed="Slowazine", taking=False, stopped_on=date(2026, 11, 14))
    told = screening.record_medicine(course, by=BY, typed="Rare herb", taking=True)
    page = browser_page(width)
    login_as(page, Role.PHYSICIAN)
    for what in ("", "?on=2026-12-13", "values/", "medicine/", f"decide/?medicine={told.id}"):
        page.goto(at(course, what))
        axe(page)
        no_sideways_scroll(page)


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_by_keyboard_a_fault_leads_to_its_field(browser_page, login_as, axe, course):
    page = browser_page(375)
    login_as(page, Role.PHYSICIAN)
    page.goto(at(course, "values/"))
    page.get_by_label("Pulse, in a minute").fill("18")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_role("link").focus()
    page.keyboard.press("Enter")
    axe(page)
    assert page.evaluate("document.activeElement.id || location.hash.slice(1)") == "id_pulse"
    assert page.get_by_label("Pulse, in a minute").input_value() == "18"


def test_a_protocol_without_criteria_says_that_nothing_is_judged(physician, shelf):  # noqa: F811
    from dataclasses import replace

    from small_facts import PROTOCOL

    shelf.put(protocols={"small": replace(PROTOCOL, criteria=(), gates=())})
    code = courses.open_course("small", by=BY, site="S1", simulated=True).course
    page = text(physician.get(at(code)))
    assert "cannot be judged" in page
    assert "Nothing to judge" in page
    assert "Sign this worksheet" not in page
