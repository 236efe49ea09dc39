"""Access, cell by cell: every route of the resolver, every role and nobody. What may not be opened does not exist."""

import re

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from house import EXAMPLES, House, address, house, make_account, plain, routes, signed_in, undone  # noqa: F401

from asklepion.core.access import Role
from asklepion.web.access import FIRST_STEPS, PUBLIC, ROUTES

pytestmark = pytest.mark.django_db

ANYBODY = "account_login account_logout account_inactive mfa_authenticate cannot_get_in theme"
SIGNED_IN = (
    "home own_account sign_out_everywhere account_change_password account_reauthenticate mfa_reauthenticate "
    "mfa_activate_totp mfa_view_recovery_codes mfa_generate_recovery_codes mfa_download_recovery_codes"
)
READ_A_COURSE = (
    "caseload chart course_table screening consent consent_versions visit trajectory scores_csv ledger entry "
    "ledger_export ledger_verify"
)
CARE = (
    "screening_values screening_medicine screening_sign consent_withdraw visit_book visit_miss visit_hold visit_finish "
    "visit_values visit_scale visit_readings visit_dose visit_withhold event_new event_end contact_new note_new "
    "outcomes correct scale_item scale_check scale_submit scale_given scale_not_done"
)
NAMES = "person person_forget"
MAY = {
    Role.COORDINATOR: f"{READ_A_COURSE} {CARE} {NAMES} course_new course_end",
    Role.PHYSICIAN: f"{READ_A_COURSE} {CARE} {NAMES} course_new course_end screening_decide consent_countersign",
    Role.FACILITATOR: f"{READ_A_COURSE} {CARE}",
    Role.RATER: "ratings rating_item rating_check rating_done rating_not_done",
    Role.PHARMACIST: f"{READ_A_COURSE} allocation screening_medicine visit_dose visit_withhold note_new correct",
    Role.MEDICAL_MONITOR: f"{READ_A_COURSE} screening_sign event_new event_end contact_new note_new outcomes",
    Role.STATISTICIAN: "outcomes",
    Role.AUDITOR: f"{READ_A_COURSE} outcomes",
    Role.PARTICIPANT: "me my_consent my_scale my_scale_check my_scale_done",
    Role.ADMINISTRATOR: "accounts account_new account_deactivate account_reset",
}
"""Which role may open which route. Written a second time on purpose: a change is made here and in web/access.py."""
NOWHERE = "/courses/AK-0001/no/such/page/"
OWN = {"origin": "http://testserver"}


def may(role: Role) -> set[str]:
    return {*SIGNED_IN.split(), *MAY[role].split()}


def rows() -> dict[str, int]:
    """Return how many rows each table of the record and of second factors holds. Sessions are no part of a record."""
    models = [model for label in ("record", "mfa", "axes") for model in apps.get_app_config(label).get_models()]
    return {model.__name__: model._default_manager.count() for model in models}


def told(answer) -> tuple[int, str, dict[str, str]]:
    """Return what an answer tells but for its cookies and the second at which it was given."""
    headers = {key.lower(): value for key, value in answer.headers.items() if key != "Expires"}
    return answer.status_code, plain(answer), headers


def test_every_route_is_in_the_table_of_this_file_and_has_an_example():
    named = {*ANYBODY.split(), *(each for role in Role for each in may(role))}
    assert set(routes()) == named, "a route that nobody may open, or one that is not there"
    assert set(routes()) == set(EXAMPLES)
    assert set(PUBLIC) == set(ANYBODY.split())
    assert set(ROUTES) == named - PUBLIC


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_the_table_says_and_nothing_else_exists(house, role):  # noqa: F811
    client = house.client(role)
    nothing = {"GET": told(client.get(NOWHERE)), "POST": told(client.post(NOWHERE))}
    assert nothing["GET"][0] == nothing["POST"][0] == 404
    for name in sorted(routes()):
        at = address(name, house)
        for method in ("GET", "POST"):
            with undone(client):
                answer = getattr(client, method.lower())(at)
                if name in may(role) or name in PUBLIC:
                    assert answer.status_code not in (403, 404), (role, method, name)
                    assert answer.status_code < 500, (role, method, name)
                    assert "/login/" not in answer.headers.get("location", "") or name in (
                        "account_logout",
                        "sign_out_everywhere",
                        "mfa_authenticate",
                    ), (role, method, name)
                else:
                    assert told(answer) == nothing[method], (role, method, name)


@pytest.mark.parametrize("role", Role)
def test_reading_writes_nothing(house, role):  # noqa: F811
    client = house.client(role)
    before = rows()
    for name in sorted(may(role)):
        for method in (client.get, client.head):
            assert method(address(name, house)).status_code < 500, name
    assert rows() == before


@pytest.mark.parametrize("method", ["head", "options", "put", "patch", "delete", "trace"])
def test_no_method_is_a_way_round_the_table(house, method):  # noqa: F811
    client = house.client(Role.RATER)
    nothing = told(getattr(client, method)(NOWHERE))
    for name in sorted(set(routes()) - may(Role.RATER) - PUBLIC):
        assert told(getattr(client, method)(address(name, house))) == nothing, name


def test_signed_out_every_address_leads_to_signing_in_whether_it_exists_or_not(house):  # noqa: F811
    client = Client()
    nothing = plain(client.post(NOWHERE, {"kept": "what was typed"}, headers=OWN))
    for name in [*sorted(set(routes()) - PUBLIC), ""]:
        at = address(name, house) if name else NOWHERE
        answer = client.get(at)
        assert answer.status_code == 302, name
        assert answer.url.startswith("/accounts/login/?next=/"), name
        answer = client.post(at, {"kept": "what was typed"}, headers=OWN)
        assert answer.status_code == 403, name
        assert "what was typed" in plain(answer), name
        action = f'action="{at.replace("&", "&amp;")}"'
        assert plain(answer).replace(action, f'action="{NOWHERE}"') == nothing, name


@pytest.mark.parametrize("role", Role)
def test_without_a_second_factor_a_role_is_led_to_set_one_up_and_sees_nothing_else(house, role):  # noqa: F811
    with undone():
        make_account("half", role, course=house.first if role is Role.PARTICIPANT else "", second_factor=False)
        client = signed_in("half")
        for name in sorted(may(role) - FIRST_STEPS):
            for method in (client.get, client.post):
                assert method(address(name, house)).url == reverse("mfa_activate_totp"), name
        for name in sorted(FIRST_STEPS):
            assert client.get(address(name, house)).status_code < 500, name


@pytest.mark.parametrize("role", Role)
def test_a_form_without_its_token_changes_nothing(house, role):  # noqa: F811
    client = house.client(role, csrf=True)
    before = rows()
    for name in sorted(may(role) | PUBLIC):
        with undone():
            answer = client.post(address(name, house), {"kept": "what was typed"}, headers=OWN)
            assert answer.status_code == 403, name
            assert "Nothing was saved." in plain(answer), name
            assert rows() == before
    for name in sorted(set(routes()) - may(role) - PUBLIC):
        assert client.post(address(name, house)).status_code == 404, name


def test_a_participant_reads_their_own_course_only(house):  # noqa: F811
    """The pages of a participant have no code in their address; those that have one do not exist for them."""
    client = house.client(Role.PARTICIPANT)
    nothing = told(client.get(NOWHERE))
    for name in sorted(routes()):
        if "code" in routes()[name].pattern.converters:
            assert name not in may(Role.PARTICIPANT)
            for code in (house.first, house.second, "AK-9999"):
                assert told(client.get(address(name, house).replace(house.first, code))) == nothing, name
    own = plain(client.get("/me/"))
    assert house.second not in own
    assert house.third not in own
    other = signed_in("participant-third")
    for at in ("/me/pcl-5/talk/1/", "/me/pcl-5/talk/check/", "/me/pcl-5/talk/done/", "/me/caps-5/talk/1/"):
        assert told(other.get(at)) == told(other.get(NOWHERE)), at
    assert told(client.get("/me/caps-5/talk/1/")) == nothing, "a sealed scale is not theirs"


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.PHARMACIST, Role.AUDITOR])
def test_a_course_that_does_not_exist_answers_as_an_address_that_does_not(house, role):  # noqa: F811
    client = house.client(role)
    nothing = {"get": told(client.get(NOWHERE)), "post": told(client.post(NOWHERE))}
    for name in sorted(may(role)):
        converters = routes()[name].pattern.converters
        if "code" not in converters:
            continue
        at = re.sub(r"AK-000\d", "AK-9999", address(name, house))
        for method, wanted in nothing.items():
            with undone():
                answer = getattr(client, method)(at)
                assert answer.status_code == 405 or told(answer) == wanted, (method, name)


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.PHARMACIST, Role.AUDITOR])
def test_an_entry_that_is_hidden_answers_as_one_that_does_not_exist(house, role):  # noqa: F811
    client = house.client(role)
    nothing = told(client.get(NOWHERE))
    hidden = {"sealed": role is not Role.AUDITOR, "arm AK-0001": role is not Role.PHARMACIST}
    for which, is_hidden in hidden.items():
        at = reverse("entry", args=[house.first, house.hidden[which].seq])
        assert (told(client.get(at)) == nothing) is is_hidden, which
        if is_hidden:
            assert told(client.get(f"{at}correct/")) == nothing
            assert told(client.post(f"{at}correct/", {"how": "retract", "reason": "mine"})) == told(
                client.post(NOWHERE)
            )
    assert told(client.get(reverse("entry", args=[house.first, 10**30]))) == nothing
