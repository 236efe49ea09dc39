"""What page tests share: accounts of every role, a signed-in browser, axe, and a guard against outside requests."""

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Page

from asklepion.core.access import Role
from asklepion.record import accounts

PASSWORD = "seven quiet lanterns"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's own loop runs beside the ORM
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Forget used codes and counted tries: accounts of the next test have the same ids."""
    cache.clear()


@pytest.fixture
def account(db: None) -> Callable[..., Any]:
    """Return a maker of accounts with a code app: account(Role.PHYSICIAN, course="AK-0001") -> the user."""

    def make(role: Role, *, course: str = "", username: str = "", second_factor: bool = True) -> Any:
        name = username or f"{role.replace('_', '-')}-{next(_numbers)}"
        accounts.create(name, role, name.title(), PASSWORD, course=course)
        user = get_user_model().objects.get(username=name)
        if second_factor:
            TOTP.activate(user, TOTP_SECRET)
        return user

    return make


@pytest.fixture
def client_as(account: Callable[..., Any]) -> Callable[..., Client]:
    """Return a maker of signed-in test clients: client_as(Role.RATER)."""

    def make(role: Role, *, course: str = "") -> Client:
        client = Client()
        client.force_login(account(role, course=course), backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return make


@pytest.fixture
def browser_page(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Return a maker of pages: browser_page(375). Fails afterwards if any request left this machine or CSP spoke up."""
    opened: list[Page] = []
    outside: list[str] = []
    complaints: list[str] = []

    def make(width: int = 1440, height: int = 900) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, base_url=live_server.url)
        page = context.new_page()
        page.on("request", lambda request: outside.append(request.url) if _is_outside(request.url) else None)
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        opened.append(page)
        return page

    yield make
    for page in opened:
        page.context.close()
    assert outside == [], "requests left this machine"
    assert complaints == [], "the page breaks its own content security policy"


def _is_outside(address: str) -> bool:
    return not address.startswith(("http://127.0.0.1", "http://localhost", "data:", "about:"))


@pytest.fixture
def login_as(account: Callable[..., Any], live_server: Any) -> Callable[..., Any]:
    """Return a function that signs a page in without the door: login_as(page, Role.PHYSICIAN) -> the user."""

    def sign_in(page: Page, role: Role, *, course: str = "", user: Any = None) -> Any:
        who = user or account(role, course=course)
        client = Client()
        client.force_login(who, backend=settings.AUTHENTICATION_BACKENDS[-1])
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return who

    return sign_in


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Return a check that a page has no accessibility fault that axe can find."""

    def check(page: Page) -> None:
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()

    return check


@pytest.fixture
def no_sideways_scroll() -> Callable[[Page], None]:
    """Return a check that a page fits its width."""

    def check(page: Page) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= page.viewport_size["width"], f"{page.url} is {wide} px wide"

    return check


@pytest.fixture
def present_code() -> Callable[[Any], str]:
    """Return a function that gives a code which the account's app would show now."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    def code(user: Any) -> str:
        assert Authenticator.objects.filter(user=user).exists()
        counters = list(yield_hotp_counters_from_time())
        return format_hotp_value(hotp_value(TOTP_SECRET, counters[len(counters) // 2]))

    return code
