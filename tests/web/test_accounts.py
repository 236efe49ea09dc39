"""Signing in with two proofs, lock-out, time-out, the administrator's page and everybody's own."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from asklepion.core.access import Role
from asklepion.record import clock

PASSWORD = "seven quiet lanterns"  # of tests/web/conftest.py
LOGIN = "/accounts/login/"


def sign_in(client, username, password=PASSWORD):
    return client.post(LOGIN, {"login": username, "password": password})


@pytest.mark.django_db
def test_password_then_code_leads_to_where_the_role_begins(account, present_code, client):
    user = account(Role.ADMINISTRATOR)
    answer = sign_in(client, user.username)
    assert answer.url == "/accounts/code/"
    assert client.get("/staff/accounts/").url.startswith(LOGIN), "the password alone opens nothing"
    answer = client.post("/accounts/code/", {"code": present_code(user)})
    assert answer.url == reverse("home")
    assert client.get(answer.url).url == "/staff/accounts/"


@pytest.mark.django_db
def test_a_wrong_code_says_so_and_lets_nobody_in(account, present_code, client):
    user = account(Role.ADMINISTRATOR)
    sign_in(client, user.username)
    wrong = "000000" if present_code(user) != "000000" else "111111"
    assert b"This code is not right" in client.post("/accounts/code/", {"code": wrong}).content
    assert client.get("/staff/accounts/").status_code == 302


@pytest.mark.django_db
def test_wrong_account_and_wrong_password_get_the_same_answer(account, client):
    account(Role.PHYSICIAN, username="there")
    answers = []
    for name in ("there", "not-there"):
        page = sign_in(Client(), name, "not the password").content.decode().replace(name, "NAME")
        answers.append(re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page))
    assert answers[0] == answers[1]
    assert "The account or the password is not right." in answers[0]


@pytest.mark.django_db
def test_five_wrong_passwords_close_the_account_here_and_the_page_says_what_to_do(account, client):
    user = account(Role.PHYSICIAN)
    for _ in range(4):
        assert sign_in(client, user.username, "wrong").status_code == 200
    assert sign_in(client, user.username, "wrong").status_code == 429
    answer = sign_in(client, user.username)
    assert answer.status_code == 429, "even the right password is refused now"
    assert b"Wait fifteen minutes" in answer.content
    other = account(Role.PHYSICIAN)
    assert sign_in(client, other.username).status_code == 302, "other accounts can sign in"


@pytest.mark.django_db
def test_without_a_code_app_every_page_leads_to_setting_one_up(account, client, settings):
    user = account(Role.ADMINISTRATOR, second_factor=False)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    for address in ("/staff/accounts/", "/home/", "/accounts/", "/accounts/recovery-codes/new/"):
        assert client.get(address).url == reverse("mfa_activate_totp"), address


@pytest.mark.django_db
def test_setting_up_the_code_app_gives_recovery_codes(account, client):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    user = account(Role.ADMINISTRATOR, second_factor=False)
    assert sign_in(client, user.username).url == reverse("home")
    page = client.get(reverse("mfa_activate_totp"))
    secret = re.search(r'id="secret" value="([A-Z2-7=]+)"', page.content.decode())[1]
    assert b"<svg" in page.content
    code = format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer.url == reverse("mfa_view_recovery_codes")
    assert b"10 of 10 left" in client.get(answer.url).content
    assert client.get("/staff/accounts/").status_code == 200


@pytest.mark.django_db
def test_a_recovery_code_signs_in_once(account, client, settings):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    user = account(Role.ADMINISTRATOR)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    sign_in(client, user.username)
    assert client.post("/accounts/code/", {"code": code}).url == reverse("home")
    again = Client()
    sign_in(again, user.username)
    assert again.post("/accounts/code/", {"code": code}).status_code == 200


@pytest.mark.django_db
def test_a_session_ends_after_twenty_idle_minutes_and_rolls_on_while_used(client_as, settings):
    assert settings.SESSION_COOKIE_AGE == 20 * 60
    client = client_as(Role.ADMINISTRATOR)
    answer = client.get("/staff/accounts/")
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == 20 * 60, "every request sets the cookie anew"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.django_db
def test_a_session_ends_after_twelve_hours_however_busy(client_as):
    client = client_as(Role.ADMINISTRATOR)
    assert client.get("/staff/accounts/").status_code == 200
    session = client.session
    session["began"] = (clock.now() - timedelta(hours=12, seconds=1)).timestamp()
    session.save()
    assert client.get("/staff/accounts/").url.startswith(LOGIN)


@pytest.mark.django_db
def test_after_signing_in_again_one_is_back_on_the_page(client):
    assert client.get("/staff/accounts/").url == f"{LOGIN}?next=/staff/accounts/"


@pytest.mark.django_db
def test_a_form_that_comes_too_late_keeps_what_was_typed_and_says_that_it_is_not_saved(client):
    typed = {"username": "new-one", "password": "never shown again"}
    answer = client.post("/staff/accounts/new/", typed, headers={"origin": "http://testserver"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Nothing was saved." in page
    assert "new-one" in page
    assert "never shown again" not in page


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_not_shown_again(client):
    answer = client.post(
        "/staff/accounts/new/", {"username": "forged"}, headers={"origin": "https://elsewhere.example"}
    )
    assert b"forged" not in answer.content


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_plain_words(account, settings):
    client = Client(enforce_csrf_checks=True)
    client.force_login(account(Role.ADMINISTRATOR), backend=settings.AUTHENTICATION_BACKENDS[-1])
    answer = client.post("/staff/accounts/new/", {"username": "kept"}, headers={"origin": "http://testserver"})
    assert answer.status_code == 403
    assert b"Nothing was saved." in answer.content
    assert b"kept" in answer.content


@pytest.mark.django_db
def test_an_administrator_makes_an_account_that_can_sign_in(client_as):
    admin = client_as(Role.ADMINISTRATOR)
    new = {"username": "p-09", "printed_name": "Dr P. Nine", "role": "physician", "password": "unrelated calm words"}
    assert admin.post("/staff/accounts/new/", new).url == "/staff/accounts/"
    assert b"p-09" in admin.get("/staff/accounts/").content
    assert sign_in(Client(), "p-09", "unrelated calm words").url == reverse("home")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"username": "Not Allowed"}, "Use lower-case letters"),
        ({"password": "short"}, "at least 12 characters"),
        ({"role": "king"}, "not one of the available choices"),
        ({"role": "participant"}, "A participant belongs to one course."),
        ({"course": "AK-0001"}, "Only a participant belongs to a course."),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_made(client_as, change, says):
    admin = client_as(Role.ADMINISTRATOR)
    new = {"username": "p-09", "printed_name": "Dr P. Nine", "role": "physician", "password": "unrelated calm words"}
    answer = admin.post("/staff/accounts/new/", new | change)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert b"p-09" not in admin.get("/staff/accounts/").content


@pytest.mark.django_db
def test_a_name_is_taken_once(client_as, account):
    account(Role.PHYSICIAN, username="p-09")
    new = {"username": "p-09", "printed_name": "Dr P. Nine", "role": "physician", "password": "unrelated calm words"}
    assert client_as(Role.ADMINISTRATOR).post("/staff/accounts/new/", new).status_code == 422


@pytest.mark.django_db
def test_a_closed_account_is_out_at_once_and_cannot_come_back(client_as, account, settings):
    closed = account(Role.PHYSICIAN, username="leaver")
    inside = Client()
    inside.force_login(closed, backend=settings.AUTHENTICATION_BACKENDS[-1])
    client_as(Role.ADMINISTRATOR).post("/staff/accounts/leaver/close/")
    assert inside.get("/accounts/").url.startswith(LOGIN)
    assert "/code/" not in getattr(sign_in(Client(), "leaver"), "url", "")


@pytest.mark.django_db
def test_nobody_closes_their_own_account(account, client, settings):
    admin = account(Role.ADMINISTRATOR)
    client.force_login(admin, backend=settings.AUTHENTICATION_BACKENDS[-1])
    client.post(f"/staff/accounts/{admin.username}/close/")
    assert client.get("/staff/accounts/").status_code == 200


@pytest.mark.django_db
def test_a_reset_takes_the_old_password_and_the_code_app_away(client_as, account):
    user = account(Role.PHYSICIAN)
    admin = client_as(Role.ADMINISTRATOR)
    admin.post(f"/staff/accounts/{user.username}/password/", {"password": "another calm sentence"})
    assert sign_in(Client(), user.username).status_code == 200
    fresh = Client()
    assert sign_in(fresh, user.username, "another calm sentence").url == reverse("home")
    assert fresh.get(reverse("home")).url == reverse("mfa_activate_totp")


@pytest.mark.django_db
def test_signing_out_everywhere_ends_other_sessions(account, settings):
    user = account(Role.ADMINISTRATOR)
    here, there = Client(), Client()
    for each in (here, there):
        each.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    here.post("/accounts/everywhere/")
    assert there.get("/staff/accounts/").url.startswith(LOGIN)


@pytest.mark.django_db
def test_the_demo_shows_its_accounts_and_its_code_and_nothing_else_does(account, client, settings, monkeypatch):
    from types import SimpleNamespace

    from asklepion.flows import demo

    monkeypatch.setattr(demo, "logins", lambda: (SimpleNamespace(username="demo-one", password=PASSWORD),))
    user = account(Role.ADMINISTRATOR, username="demo-one")
    real = account(Role.ADMINISTRATOR, username="real-one")
    assert b"demo-one" not in client.get(LOGIN).content
    settings.DEMO = True
    assert b"demo-one" in client.get(LOGIN).content
    sign_in(client, user.username)
    code = re.search(r'class="demo-code">(\d{6})<', client.get("/accounts/code/").content.decode())[1]
    assert client.post("/accounts/code/", {"code": code}).url == reverse("home")
    other = Client()
    sign_in(other, real.username)
    assert b"demo-code" not in other.get("/accounts/code/").content


@pytest.mark.django_db
def test_every_answer_carries_the_strict_headers(client):
    answer = client.get(LOGIN)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    for part in ("style-src", "img-src", "font-src", "script-src", "form-action"):
        assert f"{part} 'self'" in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_somebody_signs_in_with_two_proofs_in_a_browser(browser_page, account, present_code, axe):
    user = account(Role.ADMINISTRATOR)
    page = browser_page(375)
    page.goto("/staff/accounts/")
    page.get_by_label("Account").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on with a code").click()
    axe(page)
    page.get_by_label("Code").fill(present_code(user))
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Accounts"
    page.get_by_role("button", name="Sign out").click()
    assert page.url.endswith("/accounts/login/")


@pytest.mark.django_db
def test_the_bare_address_leads_each_role_to_where_it_begins(account, client):
    assert client.get("/").url == f"{LOGIN}?next=/home/"
    for role, begins in ((Role.ADMINISTRATOR, "/staff/accounts/"), (Role.RATER, "/ratings/"), (Role.PHYSICIAN, "/")):
        user = account(role)
        here = Client()
        here.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert here.get("/home/").url == begins
