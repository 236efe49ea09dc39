"""Pages of events, contacts and notes: who may, what is asked, what is kept when refused, each saved once."""

import html
import re

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import AdverseEvent, ContactMade, Note
from asklepion.flows import safety
from asklepion.web.access import ROUTES

pytest_plugins = ("small_visits",)
COURSE = "AK-0001"
EVENT = f"/courses/{COURSE}/events/new/"
CONTACT = f"/courses/{COURSE}/contacts/new/"
NOTE = f"/courses/{COURSE}/notes/new/"
HEADACHE = {
    "term": "Headache",
    "grade": "2",
    "serious": "no",
    "started_on": "2026-11-20",
    "related": "unknown",
}


def text(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def form_id(client, address):
    return re.search(r'name="id" value="([^"]+)"', client.get(address).content.decode())[1]


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_who_may_open_which_page(clinic, client_as, role):
    client = client_as(role, course=COURSE if role is Role.PARTICIPANT else "")
    for name, address in (("event_new", EVENT), ("contact_new", CONTACT), ("note_new", NOTE)):
        assert client.get(address).status_code == (200 if role in ROUTES[name] else 404)
        assert client.get(address.replace(COURSE, "AK-9999")).status_code == 404


@pytest.mark.django_db
def test_an_event_is_saved_once_and_stands_open_until_its_end(clinic, client_as):
    client = client_as(Role.MEDICAL_MONITOR)
    assert "No event is open" in text(client.get(EVENT))
    form = {"id": form_id(client, EVENT), **HEADACHE}
    for _ in range(2):
        assert client.post(EVENT, form).url == f"/courses/{COURSE}/"
    (event,) = clinic.chart().of(AdverseEvent)
    assert "Headache, grade 2, moderate" in text(client.get(EVENT))
    end = f"/courses/{COURSE}/events/{event.id}/end/"
    assert "stands open" in text(client.get(end))
    refused = client.post(end, {"id": form_id(client, end), "ended_on": "2026-11-19", "reason": "Told by telephone"})
    assert refused.status_code == 422
    assert "It ended before it began." in text(refused)
    assert "Told by telephone" in text(refused)
    ended = {"id": form_id(client, end), "ended_on": "2026-11-20", "reason": "Told by telephone"}
    for _ in range(2):
        assert client.post(end, ended).status_code == 302
    (event,) = clinic.chart().of(AdverseEvent)
    assert event.entry.ended_on == clinic.now.date()
    assert client.get(end).status_code == 404
    assert client.get(f"/courses/{COURSE}/events/no-such/end/").status_code == 404


@pytest.mark.django_db
def test_a_refused_event_keeps_what_was_typed_and_links_to_each_field(clinic, client_as):
    client = client_as(Role.FACILITATOR)
    typed = {"id": form_id(client, EVENT), "term": "Head <ache>", "grade": "5", "serious": "no", "action": "Rang P-01"}
    answer = client.post(EVENT, {**typed, "started_on": "2026-11-20", "related": "unknown", "welcome": "on"})
    assert answer.status_code == 422
    assert "A death is always serious." in text(answer)
    page = answer.content.decode()
    assert "Head &lt;ache&gt;" in page
    assert "Rang P-01" in page
    for value in ("5", "no", "unknown"):
        assert re.search(rf'value="{value}"[^>]*checked', page)
    assert re.search(r'name="welcome"[^>]*checked', page)
    empty = client.post(EVENT, {"id": typed["id"]})
    for anchor in re.findall(r'<a href="#(id_[^"]+)"', empty.content.decode()):
        assert f'id="{anchor}"' in empty.content.decode()
    assert not clinic.chart().of(AdverseEvent)


@pytest.mark.django_db
def test_grade_4_that_is_not_serious_is_asked_about_once_and_kept_when_ticked(clinic, client_as):
    client = client_as(Role.MEDICAL_MONITOR)
    assert 'name="confirmed"' not in client.get(EVENT).content.decode()
    form = {"id": form_id(client, EVENT), **HEADACHE, "grade": "4", "serious": "no"}
    refused = client.post(EVENT, form)
    assert refused.status_code == 422
    assert "Grade 4 is life-threatening, yet it is marked as not serious." in text(refused)
    assert 'name="confirmed"' in refused.content.decode()
    assert clinic.chart().of(AdverseEvent) == ()
    assert client.post(EVENT, {**form, "confirmed": "on"}).status_code == 302
    (event,) = clinic.chart().of(AdverseEvent)
    assert (event.entry.grade, event.entry.serious) == (4, False)


@pytest.mark.django_db
def test_nothing_is_answered_beforehand(clinic, client_as):
    client = client_as(Role.FACILITATOR)
    for address in (EVENT, CONTACT, NOTE):
        assert not re.search(r"<input[^>]* checked", client.get(address).content.decode())


@pytest.mark.django_db
def test_a_contact_is_saved_once_at_its_time(clinic, client_as):
    client = client_as(Role.PHYSICIAN)
    form = {"id": form_id(client, CONTACT), "how": "telephone", "reached": "no", "about": "No answer"}
    ahead = client.post(CONTACT, {**form, "happened": "2026-11-20T09:01"})
    assert ahead.status_code == 422
    assert "the server's clock says 09:00" in text(ahead)
    for _ in range(2):
        assert client.post(CONTACT, {**form, "happened": "2026-11-20T08:30", "minutes": "5"}).status_code == 302
    (contact,) = clinic.chart().of(ContactMade)
    assert (contact.at, contact.entry.minutes) == (clinic.at(0, 8, 30), 5)


@pytest.mark.django_db
def test_a_note_belongs_to_the_course_or_to_a_visit(clinic, client_as):
    client = client_as(Role.PHARMACIST)
    page = client.get(f"{NOTE}?visit=talk").content.decode()
    assert '<option value="talk" selected>' in page
    assert 'value="no-such"' not in client.get(f"{NOTE}?visit=no-such").content.decode()
    form = {"id": form_id(client, NOTE), "text": "A hard night.", "visit": "talk"}
    for _ in range(2):
        assert client.post(NOTE, form).status_code == 302
    (note,) = clinic.chart().of(Note)
    assert note.entry.visit == "talk"
    assert client.post(NOTE, {"id": form_id(client, NOTE), "text": " "}).status_code == 422


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "theme"), [(375, "dim"), (1440, "day")])
def test_the_pages_are_readable_by_everyone(
    clinic, browser_page, login_as, live_server, axe, no_sideways_scroll, width, theme
):
    opened = safety.record_event(
        COURSE, by=clinic.by(), term="Headache", grade=2, serious=False, started_on=clinic.now.date()
    )
    page = browser_page(width)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    login_as(page, Role.FACILITATOR)
    for address in (EVENT, f"/courses/{COURSE}/events/{opened.id}/end/", CONTACT, NOTE):
        page.goto(address)
        axe(page)
        no_sideways_scroll(page)
    page.goto(EVENT)
    page.get_by_role("button", name="Save the event").click()
    page.get_by_role("link", name="Severity at its worst: Choose a grade.").click()
    axe(page)
    no_sideways_scroll(page)
