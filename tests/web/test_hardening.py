"""What is typed in bad faith or by mistake: garbage in every form, letters that no database keeps, scripts."""

import csv
import io
import re
from contextvars import ContextVar
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from house import PASSWORD, House, address, all_of, at_day, by, house, plain, routes, signed_in, undone  # noqa: F401

from asklepion.core.access import Role
from asklepion.core.entries import AdverseEvent, CourseOpened, Note, Observed, Value, VisitHeld, VisitMissed
from asklepion.flows import medicines, safety
from asklepion.record import clock, ledger, reading
from asklepion.record.models import LedgerEntry
from asklepion.web.access import EVERYONE, PUBLIC, ROUTES
from asklepion.web.views.caseload import inert

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert('zq')</script>\"'><img src=x onerror=zq>"
GARBAGE = (
    "",
    "\0",
    "a\0b",
    "x" * 9000,
    SCRIPT,
    "9999-12-31",
    "0001-01-01",
    "9999-12-31T23:59",
    "0001-01-01T00:00",
    "2026-13-45T00:00:00Z",
    "nan",
    "٣",
    "00000000-0000-0000-0000-000000000000",
    "\u202e\ufeff\U0001f600",
)
FORMS = [Role.PHYSICIAN, Role.RATER, Role.PARTICIPANT, Role.ADMINISTRATOR]
"""Together they open every form; a physician opens all of those who treat."""
REASONS = {"correct", "scale_not_done", "rating_not_done"}


def fields_of(client: Client, at: str) -> set[str]:
    """Return the names of all fields that a page asks for."""
    page = client.get(at, follow=True)
    return set(re.findall(r'name="([^"]+)"', plain(page))) if page.status_code == 200 else set()


def saved() -> int:
    return LedgerEntry.objects.count()


@pytest.mark.parametrize("role", FORMS)
def test_garbage_in_every_form_is_refused_kindly_and_nothing_is_appended(house, role):  # noqa: F811
    """Each form asks for something that garbage is not, but for those that ask for a reason only: any words are one."""
    client = house.client(role)
    before = saved()
    free = {"sign_out_everywhere", "account_deactivate", "ledger_verify"}
    shared = {each for each in ROUTES if ROUTES[each] == EVERYONE and role is not Role.PHYSICIAN}
    for name in sorted({each for each in routes() if role in ROUTES.get(each, ())} - free - shared):
        at = address(name, house)
        fields = fields_of(client, at) | fields_of(client, at.rsplit("/", 2)[0] + "/") | {"id", "because", "reason"}
        if "text" in fields or "about" in fields:
            fields -= {"id"}
        for garbage in GARBAGE:
            with undone(client):
                typed = {field: garbage for field in fields if field != "csrfmiddlewaretoken"}
                answer = client.post(at, typed)
                assert answer.status_code < 500, (name, garbage[:30])
                assert saved() == before or name in REASONS, (name, garbage[:30])


EXTREMES = ("9999-12-31T23:59", "0001-01-01T00:00", "9999-12-31", "0001-01-01", "1e308", "9" * 300, "\0", "=" * 3000)
MEDICINE = {
    "typed": "fluoxetine",
    "taking": "no",
    "started_on": "2020-01-01",
    "stopped_on": "2026-11-01",
    "dose": "one",
}
EVENT = {"term": "Headache", "grade": "1", "serious": "no", "started_on": "2026-11-05", "related": "unknown"}
SOUND = {
    "visit_book": ("AK-0002 calls", "book-", {"starts": "2026-11-25T09:00", "room": "1", "device_clock": ""}),
    "visit_miss": ("AK-0002 calls", "miss-", {"because": "ill", "device_clock": ""}),
    "visit_hold": (
        "AK-0002 unscheduled",
        "hold-",
        {"started": "2026-11-10T09:00", "ended": "2026-11-10T10:00", "how": "video", "title": "A talk", "note": "n"},
    ),
    "visit_values": (
        "AK-0002 talk",
        "values-",
        {"taken": "2026-11-10T09:00", "value-systolic": "120", "value-diastolic": "80"},
    ),
    "visit_readings": ("AK-0002 session", "readings-", {"taken": "2026-11-09T10:00", "value-heart-rate": "80"}),
    "visit_withhold": ("AK-0003 v5 initial", "withhold-initial-", {"because": "no"}),
    "contact_new": (
        "AK-0002",
        "",
        {"how": "video", "reached": "yes", "happened": "2026-11-10T09:00", "minutes": "5", "about": "a"},
    ),
    "event_new": ("AK-0002", "", {**EVENT, "ended_on": "2026-11-06", "action": "none"}),
    "note_new": ("AK-0002", "", {"text": "words", "visit": "talk", "device_clock": ""}),
    "screening_medicine": ("AK-0002", "", {**MEDICINE, "told_by": "them", "medicine": "", "chosen": ""}),
    "screening_values": ("AK-0002", "", {"taken_on": "2026-11-10", "taken_at": "10:00", "pregnancy-test": "negative"}),
    "course_end": ("AK-0002", "", {"how": "withdrew", "because": "wished"}),
    "course_new": (
        "",
        "",
        {"protocol": "small", "site": "S", "code": "AB-1", "name": "N", "contact": "c", "born": "1990-01-01"},
    ),
}
"""A sound form of each kind: route, what fills its address, the prefix of its fields, and what is typed."""


@pytest.mark.parametrize("name", SOUND)
def test_one_bad_field_in_a_sound_form_is_no_fault_of_the_server(house, name, monkeypatch):  # noqa: F811
    if name == "course_new":
        monkeypatch.setattr(clock, "_shifted", ContextVar("shifted", default=None))
    args, prefix, sound = SOUND[name]
    at = reverse(name, args=args.split())
    client = house.client(Role.PHYSICIAN)
    hidden = dict.fromkeys(re.findall(r'name="(id-[^"]+)"', plain(client.get(at, follow=True))), "")
    refused = 0
    for field in ("", *sound):
        for bad in EXTREMES if field else ("",):
            ids = {each: ledger.new_id() for each in (*hidden, "id")}
            typed = {
                f"{prefix}{key}": value for key, value in {**sound, **ids, **({field: bad} if field else {})}.items()
            }
            before = saved()
            with undone(client):
                answer = client.post(at, typed)
                assert answer.status_code in (302, 422), (field, bad[:20])
                assert (answer.status_code == 302) is (saved() > before), (field, bad[:20])
                assert field or answer.status_code == 302, plain(answer)[plain(answer).find("errors") :][:700]
                refused += answer.status_code == 422
    assert refused


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_in_an_address_is_no_fault_of_the_server(house, garbage):  # noqa: F811
    from urllib.parse import quote

    typed = quote(garbage[:500], safe="")
    course = "/courses/AK-0001"
    asked = {
        Role.PHYSICIAN: (
            f"/courses/{typed}/",
            f"/?q={typed}&page={typed}&sort={typed}",
            f"/outcomes/?of={typed}&people={typed}",
            f"{course}/?page={typed}",
            f"{course}/ledger/?q={typed}&before={typed}",
            f"{course}/screening/?on={typed}",
            f"{course}/scores/?scale={typed}",
            f"{course}/visits/{typed}/",
            f"{course}/events/{typed}/end/",
            f"{course}/scales/pcl-5/{typed}/1/",
            f"{course}/notes/new/?visit={typed}",
        ),
        Role.RATER: (f"/ratings/{typed}/1/", f"/ratings/{typed}/check/"),
        Role.PARTICIPANT: (f"/me/{typed}/talk/1/", f"/me/pcl-5/{typed}/1/"),
        Role.ADMINISTRATOR: (f"/staff/accounts/{typed}/password/",),
    }
    for role, addresses in asked.items():
        client = house.client(role)
        for at in addresses:
            assert client.get(at).status_code < 500, at[:80]


def test_very_long_numbers_are_no_fault_either(house):  # noqa: F811
    client = house.client(Role.AUDITOR)
    for at in ("/?page=", "/courses/AK-0001/ledger/?before=", "/courses/AK-0001/?page="):
        assert client.get(at + "9" * 5000).status_code == 200, at
    assert client.get("/courses/AK-0001/ledger/" + "9" * 5000 + "/").status_code == 404


def test_a_null_byte_in_words_is_refused_and_what_was_typed_stays(house):  # noqa: F811
    client = house.client(Role.FACILITATOR)
    before = saved()
    note = {"id": ledger.new_id(), "text": "kept words\0", "visit": ""}
    answer = client.post(reverse("note_new", args=[house.first]), note)
    assert answer.status_code == 422
    assert "kept words" in plain(answer)
    at = reverse("scale_not_done", args=[house.second, "pcl-5", "talk"])
    answer = client.post(at, {"because": "kept\0 words"})
    assert answer.status_code == 422
    assert "words" in plain(answer)
    assert saved() == before


def test_an_id_of_another_course_is_refused_and_tells_nothing(house):  # noqa: F811
    """The id of a hidden entry, of an entry elsewhere, of the same form in another course."""
    client = house.client(Role.FACILITATOR)
    before = saved()
    for id in (house.hidden["sealed"].id, house.hidden["arm AK-0002"].id, house.event):
        answer = client.post(reverse("note_new", args=[house.first]), {"id": id, "text": "kept words", "visit": ""})
        assert answer.status_code == 422
        assert "kept words" in plain(answer)
        assert "already names another entry" in plain(answer)
    for id in ("", "x", "0" * 36, house.event.upper(), f"{house.event}\n"):
        answer = client.post(reverse("note_new", args=[house.first]), {"id": id, "text": "kept words", "visit": ""})
        assert answer.status_code in (302, 422)
    with undone(client):
        event = {"ended_on": "2026-11-10", "reason": "told", "action": "", "id": ledger.new_id()}
        elsewhere = reverse("event_end", args=[house.first, house.event])
        assert client.post(elsewhere, event).status_code == 404, "an event of the other course"
        hidden = reverse("event_end", args=[house.first, house.hidden["sealed"].id])
        assert client.post(hidden, event).status_code == 404
    assert saved() == before or saved() == before + 1


def test_bodies_beyond_measure_are_refused_in_plain_words(house):  # noqa: F811
    client = house.client(Role.FACILITATOR)
    at = reverse("note_new", args=[house.first])
    for typed in ({"text": "x" * 3_000_000}, {f"f{number}": "x" for number in range(1100)}):
        for browser in (client, Client()):
            answer = browser.post(at, typed)
            assert answer.status_code == (400 if browser is client else 403)
            assert "Nothing was saved" in plain(answer)
            assert "default-src 'none'" in answer["Content-Security-Policy"]
    broken = client.post(at, b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x")
    assert broken.status_code < 500
    assert client.post(at, b"{", content_type="application/json").status_code == 422


def _typed_by_somebody_hostile(house: House, code: str, words: str) -> None:  # noqa: F811
    with at_day(0):
        ledger.open_course(CourseOpened("small", "1", words, True), by=by(Role.PHYSICIAN), code=code)
        medicines.record_medicine(code, by=by(Role.PHYSICIAN), typed=words, taking=True, dose=words, told_by=words)
    with at_day(4):
        ledger.append(code, VisitHeld("talk", clock.now(), present=(words,)), by(Role.FACILITATOR))
        ledger.append(code, VisitHeld("unscheduled", clock.now(), title=words), by(Role.FACILITATOR))
        ledger.append(
            code, Observed((Value("trauma-kind", words), Value("zz", words)), visit="talk"), by(Role.FACILITATOR)
        )
        ledger.append(code, Note(words, "talk"), by(Role.FACILITATOR))
        ledger.append(code, AdverseEvent("e", words, 2, False, clock.today(), action=words), by(Role.FACILITATOR))
        safety.record_contact(code, by=by(Role.FACILITATOR), how="telephone", reached=True, about=words)
    with at_day(7):
        ledger.append(code, VisitMissed("session", words), by(Role.FACILITATOR))
        told = ledger.append(
            code, Observed((Value("music", words),), visit="session", treatment=True), by(Role.FACILITATOR)
        )
        amended = Observed((Value("music", words),), visit="session", treatment=True)
        ledger.append(code, amended, by(Role.FACILITATOR), corrects=told.id, reason=words)


def _pages_of(code: str, last: int) -> list[str]:
    named = ("chart", "screening", "consent", "ledger", "trajectory", "event_new", "note_new", "screening_values")
    found = [reverse(name, args=[code]) for name in named]
    found += [reverse("visit", args=[code, visit]) for visit in ("talk", "session", "unscheduled")]
    found += [reverse(name, args=[code, seq]) for name in ("entry", "correct") for seq in range(1, last)]
    return [*found, "/", f"{reverse('ledger', args=[code])}?q=%3Cscript%3E", "/?q=%3Cscript%3E"]


def test_what_is_typed_is_shown_and_never_run(house):  # noqa: F811
    with undone():
        _typed_by_somebody_hostile(house, "AK-0077", SCRIPT)
        client = house.client(Role.PHYSICIAN)
        shown = 0
        for at in _pages_of("AK-0077", 13):
            page = plain(client.get(at))
            assert "<script>alert" not in page, at
            assert "<img src=x" not in page, at
            assert "'><img" not in page, at
            shown += page.count("&lt;script&gt;alert")
        assert shown > 20
        refused = client.post(reverse("note_new", args=["AK-0077"]), {"text": SCRIPT, "visit": SCRIPT, "id": SCRIPT})
        assert refused.status_code == 422
        assert "<script>alert" not in plain(refused)


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_no_cell_of_a_table_is_a_formula(house, formula):  # noqa: F811
    assert inert(formula).startswith("'")
    with undone():
        _typed_by_somebody_hostile(house, "AK-0078", f"{formula}zq")
        client = house.client(Role.PHYSICIAN)
        for at in (reverse("course_table", args=["AK-0078"]), reverse("scores_csv", args=["AK-0078"]), "/?as=csv"):
            for row in csv.reader(io.StringIO(client.get(at).content.decode(), newline="")):
                for cell in row:
                    assert not re.match(r"\s*[=+@＝＋－＠-](?!\d+(\.\d+)?$)", cell), (at, cell)


EVIL = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    "\r\nX: y",
)


@pytest.mark.parametrize("evil", EVIL)
def test_nobody_is_led_to_another_house(house, evil):  # noqa: F811
    client = Client()
    answer = client.post("/accounts/login/", {"login": "nobody", "password": "x", "next": evil})
    assert answer.status_code == 200
    with undone():
        from house import make_account

        make_account("fresh", Role.AUDITOR, second_factor=False)
        answer = client.post(f"/accounts/login/?next={evil}", {"login": "fresh", "password": PASSWORD, "next": evil})
        assert answer.status_code == 302
        assert "evil" not in answer.url
        assert answer.url.startswith("/")
    inside = house.client(Role.AUDITOR)
    for at in ("/accounts/reauthenticate/", "/accounts/code/again/", "/accounts/logout/"):
        with undone(inside):
            answer = inside.post(at, {"password": PASSWORD, "code": "1", "next": evil})
            assert "evil" not in answer.headers.get("location", "")
    answer = Client().post("/theme/", {"theme": "dim", "next": evil}, headers={"referer": evil.strip()})
    assert "evil" not in answer.url
    assert answer.headers.get("X") is None


def test_another_host_is_no_host_of_ours(house):  # noqa: F811
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example"):
        answer = Client().get("/accounts/login/", headers={"host": host})
        assert answer.status_code == 400
        assert "evil" not in all_of(answer)
    answer = Client().get("/staff/accounts/", headers={"x-forwarded-host": "evil.example"})
    assert "evil" not in all_of(answer)


def test_no_header_is_made_of_what_was_typed(house):  # noqa: F811
    client = house.client(Role.AUDITOR)
    for at in ("/courses/AK-0001%0d%0aX-Evil:1/ledger.jsonl", "/courses/AK-0001/scores.csv?scale=pcl-5%0d%0aX-Evil:1"):
        assert "X-Evil" not in client.get(at).headers


@pytest.mark.parametrize("role", [None, Role.PHYSICIAN, Role.PARTICIPANT, Role.RATER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_every_answer_is_strict_about_what_it_may_load_and_is_never_kept(house, role):  # noqa: F811
    client = house.client(role) if role else Client()
    names = {each for each in routes() if role in ROUTES.get(each, ())} if role else set(PUBLIC)
    for at in [*sorted(address(name, house) for name in names - {"sign_out_everywhere", "home"}), "/no/such/page/"]:
        answer = client.get(at)
        policy = dict(each.split(" ", 1) for each in answer["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert {
            value for key, value in policy.items() if key not in ("default-src", "base-uri", "frame-ancestors")
        } == {"'self'"}
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
        for name, cookie in answer.cookies.items():
            assert cookie["httponly"], name
            assert cookie["samesite"] in ("Lax", "Strict"), name
        if "html" in answer["Content-Type"]:
            page = plain(answer)
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:|<style", page), at
            assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), at


def test_over_https_cookies_are_secure_and_the_house_says_so(tmp_path):
    """The settings of a clinic behind HTTPS, read by a process of its own."""
    import subprocess
    import sys

    asked = (
        "from asklepion.web import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, s.DEBUG, 'testserver' in s.ALLOWED_HOSTS)"
    )
    env = {"ASKLEPION_HTTPS": "1", "ASKLEPION_HOME": str(tmp_path), "PATH": "/usr/bin"}
    said = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", "True", "True", "True", "False", "False"]


def test_a_session_that_was_left_alone_is_over(house):  # noqa: F811
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    with undone():
        client = house.client(Role.PHYSICIAN)
        assert client.get("/").status_code == 200
        row = Session.objects.get(pk=client.session.session_key)
        assert timedelta(minutes=19) < row.expire_date - timezone.now() <= timedelta(minutes=20)
        Session.objects.filter(pk=row.pk).update(expire_date=timezone.now() - timedelta(seconds=1))
        assert client.get("/").url.startswith("/accounts/login/")


def test_a_code_is_good_once(house):  # noqa: F811
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
    from house import TOTP_SECRET

    with undone():
        counters = list(yield_hotp_counters_from_time())
        code = format_hotp_value(hotp_value(TOTP_SECRET, counters[len(counters) // 2]))
        for wanted in (302, 200):
            client = Client()
            client.post("/accounts/login/", {"login": "physician-one", "password": PASSWORD})
            assert client.post("/accounts/code/", {"code": code}).status_code == wanted


def test_five_wrong_signatures_lock_signing_and_signing_in(house):  # noqa: F811
    with undone():
        client = house.client(Role.PHYSICIAN)
        at = reverse("screening_sign", args=[house.first])
        shown = re.search(
            r'name="shown_hash" value="(\w+)"', plain(client.get(reverse("screening", args=[house.first])))
        )[1]
        form = {"shown_hash": shown, "meaning": "reviewed", "username": "physician-one"}
        before = saved()
        for _ in range(5):
            answer = client.post(at, {**form, "id": ledger.new_id(), "password": "wrong"})
            assert answer.status_code == 422
        answer = client.post(at, {**form, "id": ledger.new_id(), "password": PASSWORD})
        assert "locked" in plain(answer)
        assert saved() == before
        assert Client().post("/accounts/login/", {"login": "physician-one", "password": PASSWORD}).status_code == 429


def test_signing_out_everywhere_ends_every_session_and_no_other(house):  # noqa: F811
    with undone():
        here, there, other = (signed_in(name) for name in ("auditor-one", "auditor-one", "physician-one"))
        here.post("/accounts/everywhere/")
        assert there.get("/").url.startswith("/accounts/login/")
        assert here.get("/").url.startswith("/accounts/login/")
        assert other.get("/").status_code == 200


def test_nothing_that_was_refused_is_lost(house):  # noqa: F811
    """A form with a damaged hidden id keeps every word and is refused with 422."""
    client = house.client(Role.FACILITATOR)
    contact = {
        "how": "telephone",
        "reached": "yes",
        "happened": "2026-11-10T09:00",
        "about": "kept words",
        "id": "damaged",
    }
    answer = client.post(reverse("contact_new", args=[house.first]), contact)
    assert answer.status_code == 422
    assert "kept words" in plain(answer)
    assert "Load the page again" in plain(answer)
    ahead = {"started": "9999-12-31T23:59", "how": "in_person", "note": "kept words", "id": ledger.new_id()}
    at = reverse("visit_hold", args=[house.second, "unscheduled"])
    answer = client.post(at, {f"hold-{key}": value for key, value in ahead.items()})
    assert answer.status_code == 422
    assert "kept words" in plain(answer)
    assert reading.chart(house.second, reading.JUDGE).seq < 30
