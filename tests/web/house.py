"""A house of simulated people whose every confidential entry holds a word that stands nowhere else; a browser a role.

Two courses of the small protocol of tests/flows/facts: in the first the interview is handed in, in the other it is due.
A third follows the phase 3 protocol and has just been opened: its consent is to be signed, one medicine is on no file.
"""

import copy
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from asklepion.core import scoring
from asklepion.core.access import Role
from asklepion.core.entries import (
    ArmAssigned,
    CourseOpened,
    Dispensed,
    DoseGiven,
    DoseWithheld,
    Entry,
    Observed,
    Value,
    VisitBooked,
    VisitHeld,
)
from asklepion.flows import facts as room
from asklepion.flows import medicines, ratings, safety, visits
from asklepion.record import accounts, clock, ledger, people
from asklepion.record import ratings as interviews
from asklepion.record.ledger import Author, Receipt
from asklepion.record.people import Person
from asklepion.record.reading import Reader

OPENED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TODAY = OPENED + timedelta(days=19)
FACTS = Path(__file__).parents[1] / "flows" / "facts"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "seven quiet lanterns"
SEALED_TOTAL = 67
"""The sealed number: no page holds it for another reason."""
SEALED_ANSWERS = {str(number): 4 if number <= 16 else 1 for number in range(1, 20)} | {"20": 0}

ALLOCATION = ("zqarm", "zqkit", "zqcontent")
TREATMENT = (
    "zqterm",
    "zqaction",
    "zqnote",
    "zqwithheld",
    "zqwitness",
    "zqmusic",
    "111 mg",
    "157",
    "38.7",
)
"""Doses, what is read in a session, adverse events and notes."""
OPEN_TO_CARE = (
    "zqvisit",
    "zqroom",
    "zqpresent",
    "zqmissed",
    "zqcontact",
    "zqmedicine",
    "zqdosage",
    "zqtold",
    "zqnotdone",
    "zqtrauma",
    "zqperson",
)
"""What is open to those who treat and tells a rater of treatment all the same."""
DAYS = ("9 Nov", "2026-11-09", "11 Nov", "2026-11-11", "Session 1", "First talk", "Preparing", "Follow-up", "Enrolled")
"""Dates of dosing and of what came before, titles of visits, phases."""


@dataclass
class House:
    """Codes, ids and numbers of what is in the house, and browsers that are signed in."""

    first: str = "AK-0001"
    second: str = "AK-0002"
    third: str = "AK-0003"
    event: str = ""
    medicine: str = ""
    told: int = 0
    hidden: dict[str, Receipt] = field(default_factory=dict)
    people: dict[Role, str] = field(default_factory=dict)

    @cached_property
    def tokens(self) -> dict[str, str]:
        """The tokens of the interviews that are due, by course."""
        reader = Reader(Role.RATER, self.people[Role.RATER])
        return {each.course: each.token for each in ratings.due(reader, on=clock.today())}

    @cached_property
    def done_token(self) -> str:
        """The token of the interview that the rater handed in."""
        return interviews._hash(self.first, "caps-5", "talk")

    def client(self, role: Role, *, csrf: bool = False) -> Client:
        return signed_in(self.people[role], csrf=csrf)


def signed_in(username: str, *, csrf: bool = False) -> Client:
    client = Client(enforce_csrf_checks=csrf)
    user = get_user_model().objects.get(username=username)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: object) -> Iterator[House]:
    """Return the house, built once a module and taken down with it."""
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())  # type: ignore[attr-defined]
        stack.enter_context(override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("ASKLEPION_FACTS", str(FACTS))
        forget()
        stack.callback(forget)
        with transaction.atomic():
            built = build()
            patch.setattr(clock, "_shifted", ContextVar("shifted", default=TODAY))
            yield built
            transaction.set_rollback(True)


def forget() -> None:
    room.corpus.cache_clear()
    room.facts.cache_clear()


def build() -> House:
    house = House()
    for role in Role:
        name = f"{role.replace('_', '-')}-one"
        course = house.first if role is Role.PARTICIPANT else ""
        make_account(name, role, course=course)
        house.people[role] = name
    make_account("participant-second", Role.PARTICIPANT, course=house.second)
    make_account("participant-third", Role.PARTICIPANT, course=house.third)
    for code in (house.first, house.second):
        _live(house, code)
    with at_day(5):
        rater = Author(house.people[Role.RATER], Role.RATER, "zqdevice")
        caps = room.facts().scales["caps-5"]
        sealed = scoring.entry(caps, SEALED_ANSWERS, visit="talk", sealed=True, source="clinician")
        assert next(each.value for each in sealed.scores if each.id == "total") == SEALED_TOTAL
        house.hidden["sealed"] = ledger.append(house.first, sealed, rater)
    with at_day(0):
        opened = CourseOpened("mdma-ptsd-phase-3", room.facts().protocols["mdma-ptsd-phase-3"].version, "S1", True)
        ledger.open_course(opened, by=by(Role.COORDINATOR), code=house.third)
        told = medicines.record_medicine(
            house.third, by=by(Role.PHYSICIAN), typed="zqmedicine", taking=True, dose="zqdosage", told_by="zqtold"
        )
        house.medicine = told.id
    return house


def make_account(name: str, role: Role, *, course: str = "", second_factor: bool = True) -> None:
    accounts.create(name, role, name.title(), PASSWORD, course=course)
    if second_factor:
        user = get_user_model().objects.get(username=name)
        TOTP.activate(user, TOTP_SECRET)
        RecoveryCodes.activate(user)


def at_day(day: float) -> object:
    return clock.shifted_to(OPENED + timedelta(days=day))


def by(role: Role) -> Author:
    return Author(f"{role.replace('_', '-')}-one", role, "desk")


def _live(house: House, code: str) -> None:
    with at_day(0):
        ledger.open_course(CourseOpened("small", "1", "S1", True), by=by(Role.PHYSICIAN), code=code)
        people.save(code, Person("zqperson"))
        house.hidden[f"arm {code}"] = ledger.append(code, ArmAssigned("zqarm"), by(Role.PHARMACIST))
        house.told = medicines.record_medicine(
            code, by=by(Role.PHYSICIAN), typed="zqmedicine", taking=True, dose="zqdosage", told_by="zqtold"
        ).seq
    at_talk: tuple[tuple[Entry, Role], ...] = (
        (VisitBooked("talk", TODAY, "zqroom"), Role.COORDINATOR),
        (VisitHeld("talk", OPENED + timedelta(days=4), present=("zqpresent",)), Role.FACILITATOR),
        (Observed((Value("trauma-kind", "zqtrauma"),), visit="talk"), Role.FACILITATOR),
    )
    with at_day(4.1):
        for entry, role in at_talk:
            ledger.append(code, entry, by(role))
        if code == house.first:
            pcl = room.facts().scales["pcl-5"]
            given = scoring.entry(pcl, {item.id: 3 for item in pcl.items}, visit="talk", source="self")
            ledger.append(code, given, Author("participant-one", Role.PARTICIPANT, "phone"))
    with at_day(7):
        house.hidden[f"kit {code}"] = ledger.append(
            code, Dispensed("session", "zqkit", "zqcontent"), by(Role.PHARMACIST)
        )
        session: tuple[Entry, ...] = (
            VisitHeld("session", OPENED + timedelta(days=7), present=("zqpresent",)),
            DoseGiven("session", "initial", 111.0, "HCl", "zqwitness"),
            DoseWithheld("session", "supplemental", "zqwithheld"),
            Observed(
                (Value("systolic", 157.0, "mm[Hg]"), Value("temperature", 38.7, "Cel"), Value("music", "zqmusic")),
                visit="session",
                treatment=True,
            ),
        )
        for entry in session:
            ledger.append(code, entry, by(Role.FACILITATOR))
        safety.write_note(code, "zqnote", by=by(Role.FACILITATOR), visit="session")
        house.event = safety.record_event(
            code,
            by=by(Role.FACILITATOR),
            term="zqterm",
            grade=2,
            serious=False,
            started_on=date(2026, 11, 9),
            action="zqaction",
        ).id
    with at_day(9):
        safety.record_contact(code, by=by(Role.FACILITATOR), how="telephone", reached=True, about="zqcontact")
        ledger.append(code, VisitHeld("unscheduled", OPENED + timedelta(days=8), title="zqvisit"), by(Role.FACILITATOR))
        medicines.record_medicine(code, by=by(Role.PHYSICIAN), typed="sertraline", taking=True)
    with at_day(18.5):
        visits.miss(code, "later", "zqmissed", by=by(Role.COORDINATOR))


Example = Callable[[House], tuple[list[object], dict[str, str]]]


def _of(*args: object, **query: str) -> Example:
    return lambda house: ([getattr(house, each[1:]) if _named(each) else each for each in args], query)


def _named(each: object) -> bool:
    return isinstance(each, str) and each.startswith("@")


_NOTHING = _of()
_COURSE = _of("@first")
_SESSION = _of("@first", "session")
_SCALE = _of("@second", "pcl-5", "talk")
_OWN_SCALE = _of("pcl-5", "talk")


def _due(house: House) -> tuple[list[object], dict[str, str]]:
    return [house.tokens[house.second]], {}


EXAMPLES: dict[str, Example] = {
    **dict.fromkeys(
        [
            "account_login",
            "account_logout",
            "account_inactive",
            "mfa_authenticate",
            "cannot_get_in",
            "theme",
            "home",
            "own_account",
            "sign_out_everywhere",
            "account_change_password",
            "account_reauthenticate",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "accounts",
            "account_new",
            "caseload",
            "course_new",
            "consent_versions",
            "outcomes",
            "me",
            "my_consent",
            "ratings",
        ],
        _NOTHING,
    ),
    **dict.fromkeys(
        [
            "course_end",
            "person",
            "person_forget",
            "allocation",
            "chart",
            "course_table",
            "screening",
            "screening_values",
            "screening_medicine",
            "screening_sign",
            "consent",
            "consent_countersign",
            "consent_withdraw",
            "event_new",
            "contact_new",
            "note_new",
            "trajectory",
            "scores_csv",
            "ledger",
            "ledger_export",
            "ledger_verify",
        ],
        _COURSE,
    ),
    **dict.fromkeys(
        [
            "visit",
            "visit_book",
            "visit_miss",
            "visit_hold",
            "visit_finish",
            "visit_values",
            "visit_scale",
            "visit_readings",
        ],
        _SESSION,
    ),
    **dict.fromkeys(("visit_dose", "visit_withhold"), _of("@first", "session", "initial")),
    **dict.fromkeys(("scale_check", "scale_submit", "scale_not_done"), _SCALE),
    **dict.fromkeys(("account_deactivate", "account_reset"), _of("auditor-one")),
    "screening_decide": lambda house: ([house.third], {"medicine": house.medicine}),
    "event_end": lambda house: ([house.second, house.event], {}),
    "entry": _of("@first", 1),
    "correct": lambda house: ([house.second, house.told], {}),
    "scale_item": _of("@second", "pcl-5", "talk", 1),
    "scale_given": _of("@first", "pcl-5", "talk"),
    "my_scale": _of("pcl-5", "talk", 1),
    "my_scale_check": _OWN_SCALE,
    "my_scale_done": _OWN_SCALE,
    "rating_item": lambda house: ([house.tokens[house.second], 1], {}),
    "rating_check": _due,
    "rating_not_done": _due,
    "rating_done": lambda house: ([house.done_token], {}),
}
"""How an address of each route is filled. A route without an example fails the tests of access."""


def address(name: str, house: House) -> str:
    """Return a real address of a route."""
    args, query = EXAMPLES[name](house)
    return reverse(name, args=args) + (f"?{urlencode(query)}" if query else "")


def routes() -> dict[str, URLPattern]:
    """Return every route that the resolver knows, by name."""
    found: dict[str, URLPattern] = {}

    def gather(patterns: list[URLPattern | URLResolver]) -> None:
        for each in patterns:
            if isinstance(each, URLResolver):
                gather(each.url_patterns)
            else:
                found[each.name or str(each.pattern)] = each

    gather(get_resolver().url_patterns)
    return found


def plain(answer: object) -> str:
    """Return a page without the tokens that are new on every answer."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+"', r'\1"', body.decode())


def all_of(answer: object) -> str:
    """Return everything that an answer tells: status, headers, cookies, body."""
    headers = "\n".join(f"{key}: {value}" for key, value in answer.headers.items())  # type: ignore[attr-defined]
    return f"{answer.status_code}\n{headers}\n{answer.cookies.output()}\n{plain(answer)}"  # type: ignore[attr-defined]


@contextmanager
def undone(*browsers: Client) -> Iterator[None]:
    """Undo whatever is written within, sessions too, and give browsers their cookies back."""
    cache.clear()
    kept = [copy.deepcopy(browser.cookies) for browser in browsers]
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for browser, cookies in zip(browsers, kept, strict=True):
        browser.cookies = cookies
