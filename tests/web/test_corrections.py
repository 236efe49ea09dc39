"""Correcting on a page: two tabs, a form without a choice, a signature of somebody else; ways to visits and ends."""

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import ConsentWithdrawn, CourseOpened, Signed
from asklepion.flows import safety, screening
from asklepion.flows.facts import facts
from asklepion.record import ledger

pytest_plugins = ("small_visits",)
pytestmark = pytest.mark.django_db
COURSE = "AK-0001"


def address(seq):
    return f"/courses/{COURSE}/ledger/{seq}/correct/"


@pytest.fixture
def reading(clinic):
    return screening.record_values(COURSE, {"heart-rate": "172"}, by=clinic.by())


def test_a_second_tab_is_told_what_happened_and_keeps_what_was_typed(clinic, client_as, reading):
    client = client_as(Role.FACILITATOR)
    typed = {"how": "amend", "value-heart-rate": "72", "reason": "Cuff too small"}
    assert client.post(address(reading.seq), typed).status_code == 302
    late = client.post(address(reading.seq), {**typed, "value-heart-rate": "82"})
    assert late.status_code == 422
    page = late.content.decode()
    assert f"Entry {reading.seq} was corrected in the meantime, by entry {reading.seq + 1}. Nothing was saved." in page
    assert 'value="82"' in page
    assert clinic.chart().seq == reading.seq + 1


def test_a_form_that_says_neither_is_asked_and_nothing_is_struck(clinic, client_as, reading):
    answer = client_as(Role.FACILITATOR).post(address(reading.seq), {"value-heart-rate": "72", "reason": "Typo"})
    assert answer.status_code == 422
    assert "Choose whether other values stand in its place or nothing does." in answer.content.decode()
    assert not clinic.chart().struck


def test_an_approval_is_taken_back_by_the_role_that_gave_it(clinic, client_as):
    given = Signed("worksheet", "0" * 64, "P-01", "approved", "account name and password typed again")
    signed = ledger.append(COURSE, given, clinic.by(Role.PHYSICIAN))
    taken = {"reason": "By mistake"}
    assert client_as(Role.COORDINATOR).post(address(signed.seq), taken).status_code == 404
    assert client_as(Role.PHYSICIAN).post(address(signed.seq), taken).status_code == 302


def test_the_chart_leads_to_every_planned_visit_and_to_the_end_of_an_event(clinic, client_as):
    event = safety.record_event(
        COURSE, by=clinic.by(), term="Low mood", grade=2, serious=False, started_on=clinic.now.date()
    )
    page = client_as(Role.FACILITATOR).get(f"/courses/{COURSE}/").content.decode()
    for visit in ("talk", "session", "later"):
        assert f'href="/courses/{COURSE}/visits/{visit}/"' in page, visit
    end = f'href="/courses/{COURSE}/events/{event.id}/end/"'
    assert end in page
    assert end not in client_as(Role.PHARMACIST).get(f"/courses/{COURSE}/").content.decode()


def test_the_chart_says_first_that_consent_was_withdrawn(clinic, client_as):
    protocol = facts().protocols["mdma-ptsd-phase-3"]
    code = ledger.open_course(
        CourseOpened(protocol.id, protocol.version, "S1", True), by=clinic.by(Role.PHYSICIAN)
    ).course
    client, said = client_as(Role.FACILITATOR), "Consent to treatment was withdrawn"
    assert said not in client.get(f"/courses/{code}/").content.decode()
    ledger.append(code, ConsentWithdrawn(protocol.consent_document, "treatment"), clinic.by())
    assert said in client.get(f"/courses/{code}/").content.decode()


def test_the_address_of_the_check_leads_to_the_ledger_when_it_is_only_opened(clinic, client_as):
    opened = client_as(Role.FACILITATOR).get(f"/courses/{COURSE}/ledger/verify/")
    assert (opened.status_code, opened.url) == (302, f"/courses/{COURSE}/ledger/")
    assert client_as(Role.FACILITATOR).get("/courses/AK-9999/ledger/verify/").status_code == 404
