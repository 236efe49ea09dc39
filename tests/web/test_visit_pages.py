"""The pages of visits: what they show and ask, what they keep when they refuse, on a phone and on a desk."""

import html
import re

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import DoseGiven, DoseWithheld, Note, Observed, ScaleNotDone, VisitBooked, VisitHeld
from asklepion.web.access import ROUTES

pytest_plugins = ("small_visits",)
COURSE = "AK-0001"
HOLD = {"hold-started": "2026-11-24T08:00", "hold-how": "in_person"}


def address(visit="talk", act=""):
    return f"/courses/{COURSE}/visits/{visit}/{act}"


def text(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def ids(client, visit="talk"):
    """Return the hidden id of every form of a page."""
    page = client.get(address(visit)).content.decode()
    return dict(re.findall(r'name="([a-z0-9-]+-id)" value="([^"]+)"', page))


def post(client, act, form, visit="talk"):
    return client.post(address(visit, act), {**ids(client, visit), **form})


@pytest.fixture
def facilitator(clinic, client_as):
    """Return a signed-in facilitator, with the clock on the day of the talk."""
    clinic.move(4)
    return client_as(Role.FACILITATOR)


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_who_may_open_a_visit_and_who_finds_nothing(clinic, client_as, role):
    client = client_as(role, course=COURSE if role is Role.PARTICIPANT else "")
    seen = 200 if role in ROUTES["visit"] else 404
    assert client.get(address()).status_code == seen
    assert client.get(address("session")).status_code == seen
    assert client.get(address("unscheduled")).status_code == seen
    forms = re.findall(r'action="([^"]+/visits/[^"]+)"', client.get(address("session")).content.decode())
    if role in (Role.MEDICAL_MONITOR, Role.AUDITOR):
        assert forms == []
    if role is Role.PHARMACIST:
        assert forms
        assert all("/doses/" in form for form in forms)


@pytest.mark.django_db
def test_what_does_not_exist_is_not_found(facilitator):
    for path in (address("no-such"), "/courses/AK-9999/visits/talk/", address("talk", "doses/initial/")):
        assert facilitator.get(path).status_code == 404
        assert facilitator.post(path).status_code in (404, 405)
    assert facilitator.post(address("talk", "readings/")).status_code == 404
    assert facilitator.post(address("session", "doses/third/")).status_code == 404


@pytest.mark.django_db
def test_the_page_leads_with_the_window_and_fills_nothing_in(facilitator):
    answer = facilitator.get(address())
    assert "Window closes Thu 26 Nov, in two days." in text(answer)
    assert "Led by the facilitator, 90 minutes planned." in text(answer)
    page = answer.content.decode()
    for field in re.findall(r"<input[^>]+>", page):
        if 'type="hidden"' not in field and 'type="radio"' not in field:
            assert "value=" not in field or 'type="checkbox"' in field, field
        assert not ("checked" in field and 'value=""' not in field), field


@pytest.mark.django_db
def test_a_visit_is_saved_once_when_its_form_is_sent_twice(clinic, facilitator):
    form = {
        **ids(facilitator),
        **HOLD,
        "hold-ended": "2026-11-24T08:50",
        "hold-covered": ["fears"],
        "hold-present": "T-01, T-02",
        "hold-value-systolic": "128",
        "hold-value-diastolic": "82",
        "hold-note": "Spoke of the harbour.",
    }
    for _ in range(2):
        answer = facilitator.post(address("talk", "hold/"), form)
        assert (answer.status_code, answer.url) == (302, address())
    chart = clinic.chart()
    assert [len(chart.of(kind)) for kind in (VisitHeld, Observed, Note)] == [1, 1, 1]
    shown = text(facilitator.get(address()))
    for words in (
        "08:00 to 08:50, 50 min, in person",
        "How to stop: left out",
        "Spoke of the harbour.",
        "What comes next",
    ):
        assert words in shown


@pytest.mark.django_db
def test_a_refused_form_says_every_fault_keeps_all_and_saves_nothing(clinic, facilitator):
    before = clinic.chart().seq
    form = {
        "hold-started": "2026-11-24T08:00",
        "hold-ended": "2026-11-24T07:59",
        "hold-covered": ["stop"],
        "hold-present": "T-01",
        "hold-value-systolic": "18",
        "hold-value-diastolic": "85,5",
        "hold-value-pregnancy-test": "negative",
        "hold-value-trauma-kind": "a crash <b>",
        "hold-note": "Spoke of the harbour.",
    }
    answer = post(facilitator, "hold/", form)
    assert answer.status_code == 422
    assert clinic.chart().seq == before
    shown = text(answer)
    for fault in (
        "Ended: The end lies before the start.",
        "How it was held: Choose how it was held.",
        "Systolic blood pressure: 18 lies outside 50 to 300. Look at the device and type it again.",
        "Diastolic blood pressure: `85,5` has a comma. Write 85.5, with a point.",
    ):
        assert fault in shown
    page = answer.content.decode()
    for kept in ("2026-11-24T08:00", "2026-11-24T07:59", "T-01", 'value="18"', 'value="85,5"', "a crash &lt;b&gt;"):
        assert kept in page
    assert re.search(r'value="stop"[^>]*checked', page)
    assert re.search(r'value="negative"[^>]*checked', page)
    for anchor in re.findall(r'<a href="#(id_[^"]+)"', page):
        assert f'id="{anchor}"' in page, "every fault leads to its field"


@pytest.mark.django_db
def test_the_server_says_when_a_time_lies_ahead_of_it(facilitator):
    answer = post(facilitator, "hold/", {**HOLD, "hold-started": "2026-11-24T09:01"})
    assert answer.status_code == 422
    assert "This lies ahead of us: the server's clock says 09:00." in text(answer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("device", "offset"),
    [("2026-11-24T08:53:00Z", -420_000), ("2026-11-24T09:00:59Z", 0), ("", 0), ("yesterday", 0)],
)
def test_a_device_clock_far_from_the_servers_is_noted(clinic, facilitator, device, offset):
    post(facilitator, "hold/", {**HOLD, "hold-device_clock": device})
    (held,) = clinic.chart().of(VisitHeld)
    assert held.clock_offset_ms == offset
    assert ("clock was 7 min behind the server's" in text(facilitator.get(address()))) is bool(offset)


@pytest.mark.django_db
def test_a_shut_gate_refuses_with_reasons_and_links_and_keeps_what_was_typed(clinic, client_as):
    clinic.move(4)
    clinic.hold("talk")
    clinic.move(7)
    client = client_as(Role.FACILITATOR)
    page = client.get(address("session")).content.decode()
    assert "Session 1 may not start yet" in page
    assert 'href="#values"' in page
    before = clinic.chart().seq
    answer = post(client, "hold/", {**HOLD, "hold-started": "2026-11-27T08:00", "hold-note": "Ready"}, "session")
    assert answer.status_code == 422
    assert "Session 1 is blocked: " in text(answer)
    assert "pregnancy test missing" in text(answer)
    assert 'href="#gate"' in answer.content.decode()
    assert "Ready" in answer.content.decode()
    assert clinic.chart().seq == before
    clinic.interview(31.0)
    assert post(client, "values/", {"values-value-pregnancy-test": "negative"}, "session").status_code == 302
    assert "Session 1 may start" in client.get(address("session")).content.decode()


@pytest.mark.django_db
def test_a_time_is_booked_and_one_outside_the_window_is_said_to_be(clinic, facilitator):
    post(facilitator, "book/", {"book-starts": "2026-11-25T10:00", "book-room": "Room 2"})
    assert "25 Nov 2026, 10:00, Room 2" in text(facilitator.get(address()))
    answer = facilitator.post(
        address("talk", "book/"), {**ids(facilitator), "book-starts": "2026-11-27T10:00"}, follow=True
    )
    assert "That is after its window, which closes 26 Nov 2026." in text(answer)
    assert len(clinic.chart().of(VisitBooked)) == 2
    past = post(facilitator, "book/", {"book-starts": "2026-11-24T08:59"})
    assert past.status_code == 422
    assert "This time is past." in text(past)


@pytest.mark.django_db
def test_a_missed_visit_says_why(facilitator):
    assert post(facilitator, "missed/", {"miss-because": " "}).status_code == 422
    post(facilitator, "missed/", {"miss-because": "Phone was lost"})
    assert "Marked as missed: Phone was lost." in text(facilitator.get(address()))


@pytest.mark.django_db
def test_a_scale_that_was_not_done_says_why_and_a_sealed_one_is_the_raters(clinic, facilitator):
    page = facilitator.get(address()).content.decode()
    assert f"/courses/{COURSE}/scales/pcl-5/talk/1/" in page
    assert "/scales/caps-5/" not in page
    refused = post(facilitator, "scale/", {"which": "pcl-5", "scale-pcl-5-because": ""})
    assert refused.status_code == 422
    assert "Why it was not done: Say in a few words why it was not done." in text(refused)
    assert post(facilitator, "scale/", {"which": "caps-5", "scale-caps-5-because": "x"}).status_code in (404, 422)
    assert post(facilitator, "scale/", {"which": "pcl-5", "scale-pcl-5-because": "Too tired"}).status_code == 302
    (missed,) = clinic.chart().of(ScaleNotDone)
    assert missed.entry.because == "Too tired"
    assert "Not done: Too tired" in text(facilitator.get(address()))


@pytest.mark.django_db
def test_an_unscheduled_visit_has_a_title_and_no_window(clinic, facilitator):
    form = {**HOLD, "hold-title": "Came in upset", "hold-value-heart-rate": "88"}
    assert post(facilitator, "hold/", HOLD, "unscheduled").status_code == 422
    assert post(facilitator, "hold/", form, "unscheduled").status_code == 302
    shown = text(facilitator.get(address("unscheduled")))
    assert "Came in upset" in shown
    assert "As planned This visit is not in the protocol." in shown
    assert clinic.chart().observed("heart-rate").value == 88


@pytest.mark.django_db
def test_a_session_from_its_first_reading_to_its_end(clinic, client_as):
    clinic.open_session()
    clinic.move(7, 12)
    client = client_as(Role.FACILITATOR)
    form = {**HOLD, "hold-started": "2026-11-27T09:00"}
    assert post(client, "hold/", form, "session").status_code == 302
    set_of = {"systolic": "122", "diastolic": "78", "heart-rate": "68", "temperature": "36.5"}
    taken = {f"readings-value-{what}": value for what, value in set_of.items()}
    assert post(client, "readings/", {**taken, "readings-taken": "2026-11-27T09:05"}, "session").status_code == 302
    wrong = post(client, "readings/", {**taken, "readings-value-systolic": "70"}, "session")
    assert wrong.status_code == 422
    assert "must be above Diastolic blood pressure" in text(wrong)
    assert "Type when the readings were taken." in text(wrong)
    dose = {"give-initial-given": "2026-11-27T09:10", "give-initial-witnessed_by": "T-02"}
    assert post(client, "doses/initial/", dose, "session").status_code == 422
    pharmacist = client_as(Role.PHARMACIST)
    assert post(pharmacist, "doses/initial/", {**dose, "give-initial-level_mg": "80"}, "session").status_code == 302
    assert pharmacist.post(address("session", "readings/")).status_code == 404
    late = {"give-supplemental-given": "2026-11-27T11:11", "give-supplemental-witnessed_by": "T-02"}
    refused = post(client, "doses/supplemental/", {**late, "give-supplemental-level_mg": "40"}, "session")
    assert refused.status_code == 422
    assert "Its window is over." in text(refused)
    assert "2026-11-27T11:11" in refused.content.decode()
    because = {"withhold-supplemental-because": "Person declined"}
    assert post(client, "doses/supplemental/withhold/", because, "session").status_code == 302
    ended = {"finish-ended": "2026-11-27T12:00", "finish-covered": ["night"], "finish-note": "Slept well."}
    (held,) = (each for each in clinic.chart().of(VisitHeld) if each.entry.visit == "session")
    assert post(client, "finish/", {**ended, "finish-held": held.id}, "session").status_code == 302
    chart = clinic.chart()
    assert [dose.entry.level_mg for dose in chart.of(DoseGiven)] == [80]
    assert [dose.entry.because for dose in chart.of(DoseWithheld)] == ["Person declined"]
    shown = client.get(address("session")).content.decode()
    assert "09:00 to 12:00, 3 h, in person" in shown
    assert "Arm that nobody may see" not in shown


@pytest.mark.django_db
def test_a_form_is_not_opened_by_its_address_alone(facilitator):
    for act in ("hold/", "finish/", "values/", "book/", "missed/"):
        answer = facilitator.get(address("talk", act))
        assert (answer.status_code, answer.url) == (302, address())


@pytest.mark.django_db
def test_every_visit_of_every_protocol_on_file_has_its_page(clinic, client_as):
    from asklepion.flows import courses

    protocols = [each for each in courses.protocols() if each.id != "small"]
    assert protocols
    client = client_as(Role.PHYSICIAN)
    for number, protocol in enumerate(protocols):
        code = f"AK-7{number}"
        courses.open_course(protocol.id, by=clinic.by(Role.PHYSICIAN), site="Test", simulated=True, code=code)
        for visit in (*(each.id for each in protocol.visits), "unscheduled"):
            answer = client.get(f"/courses/{code}/visits/{visit}/")
            assert answer.status_code == 200, (protocol.id, visit)
            assert not re.search(r"\{[a-z]+\}|None|Traceback", text(answer)), (protocol.id, visit)
            for arm in protocol.arms:
                assert arm.title not in text(answer).replace(protocol.title, "")


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "theme"), [(375, "dim"), (1440, "day")])
def test_the_pages_are_readable_by_everyone(
    clinic, browser_page, login_as, live_server, axe, no_sideways_scroll, width, theme
):
    from asklepion.flows import visits

    clinic.move(4)
    clinic.hold("talk", covered=["fears"], note="Calm.")
    clinic.move(7, 9)
    page = browser_page(width)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    login_as(page, Role.FACILITATOR)

    def check(visit):
        page.goto(address(visit))
        axe(page)
        no_sideways_scroll(page)

    for visit in ("talk", "session", "unscheduled"):
        check(visit)
    clinic.interview(31.0)
    visits.record_values(COURSE, "session", {"pregnancy-test": "negative"}, by=clinic.by())
    clinic.hold("session")
    calm = {"systolic": "122", "diastolic": "78", "heart-rate": "68", "temperature": "36.5"}
    visits.record_readings(COURSE, "session", calm, by=clinic.by(), at=clinic.at(7, 8, 10))
    visits.give_dose(COURSE, "session", "initial", 80, by=clinic.by(), witnessed_by="T-02", at=clinic.at(7, 8, 20))
    high = {**calm, "systolic": "170", "temperature": "37.9"}
    visits.record_readings(COURSE, "session", high, by=clinic.by(), at=clinic.at(7, 8, 50))
    check("session")


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_a_visit_is_held_by_keyboard_and_the_devices_clock_comes_along(clinic, browser_page, login_as):
    clinic.move(4)
    page = browser_page(375)
    login_as(page, Role.FACILITATOR)
    page.goto(address())
    page.locator("#id_hold-started").fill("2026-11-24T08:00")
    page.locator("#id_hold-how_0").focus()
    page.keyboard.press("ArrowDown")
    page.locator("#id_hold-note").focus()
    page.keyboard.type("By keyboard alone.")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Save the visit"
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    assert "Add the end when it is over." in page.locator(".toast").inner_text()
    (held,) = clinic.chart().of(VisitHeld)
    assert held.entry.how == "video"
    assert abs(held.clock_offset_ms) >= 60_000, "the browser's own clock is far from the clock of this test"
