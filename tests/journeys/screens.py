"""A clinic seen through its screens: a browser a role, one clock for all, and every page looked over as it opens."""

import re
import shutil
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Locator, Page

from asklepion.core.access import Role
from asklepion.record import clock

SHOTS = Path(__file__).parents[2] / "test-results" / "journey"
FIRST_DAY = date(2025, 2, 3)
PHONE, DESK = 375, 1440
Typed = str | list[str]


class Screens:
    """The screens of the people of one course, and the clock by which all of them live.

    A page is looked over when it opens: it answered, has a title, fits its width and a phone's; and by axe once a kind
    of page, role and answer (a scale has one kind of page for all of its items). `browser_page` watches the rest.
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        *,
        open_page: Callable[..., Page],
        sign_in: Callable[..., Any],
        account: Callable[..., Any],
        axe: Callable[[Page], None],
    ) -> None:
        self._patch, self._open_page, self._sign_in = patch, open_page, sign_in
        self._make_account, self._axe = account, axe
        self._pages: dict[str, Page] = {}
        self._accounts: dict[Role, Any] = {}
        self._signed_in: dict[str, datetime] = {}
        self._looked_over: set[tuple[object, ...]] = set()
        self._shots = 0
        self.code = ""
        self.now = datetime.combine(FIRST_DAY, time(9), UTC)
        self.at(0)

    def at(self, day: int, hour: int = 9, minute: int = 0) -> None:
        """Let every clock stand at an hour of a day of the course: the server's, and those of the devices."""
        self.now = datetime.combine(self.day(day), time(hour, minute), UTC)
        self._patch.setattr(clock, "_shifted", ContextVar("shifted", default=self.now))
        for page in self._pages.values():
            page.context.clock.set_fixed_time(self.now)

    @staticmethod
    def day(number: int) -> date:
        return FIRST_DAY + timedelta(days=number)

    def typed(self, hour: int, minute: int = 0) -> str:
        """Return an hour of today as a field for day and time takes it."""
        return f"{self.now:%Y-%m-%d}T{hour:02d}:{minute:02d}"

    def account(self, role: Role) -> Any:
        """Return the account of a role, made when it is first wanted."""
        if role not in self._accounts:
            name = role.replace("_", "-")
            self._accounts[role] = self._make_account(role, username=name, course=self._course_of(role))
        return self._accounts[role]

    def go(self, role: Role, path: str, *, device: str = "") -> Page:
        """Open an address on the screen of a role, signed in, and look the page over."""
        page = self._screen(role, device)
        answer = page.goto(path)
        assert answer is not None
        return self._look_over(page, answer.status, 200)

    def press(self, page: Page, name: str, *, within: str = "", refused: bool = False) -> str:
        """Press a button and return what the next page says of it: its message, or why it was refused."""
        buttons = page.locator(f"{within} button").filter(has_text=re.compile(rf"^\s*{re.escape(name)}\s*$"))
        with page.expect_navigation() as leads:
            unfold(buttons.first).click()
        self._look_over(page, leads.value.status if leads.value else 0, 422 if refused else 200)
        said = page.locator(".errors" if refused else ".toast")
        return said.first.inner_text() if said.count() else ""

    def follow(self, page: Page, name: str) -> None:
        """Follow a link by its name, or by the beginning of it."""
        with page.expect_navigation() as leads:
            unfold(page.get_by_role("link", name=name).first).click()
        self._look_over(page, leads.value.status if leads.value else 0, 200)

    def shoot(self, page: Page, name: str, *, at: str = "") -> None:
        """Keep a picture of a moment: the whole page, or what stands around one part of it."""
        self._shots += 1
        SHOTS.mkdir(parents=True, exist_ok=True)
        file = SHOTS / f"{self._shots:02d}-{name}.png"
        self._axe(page)
        if at:
            page.locator(at).first.scroll_into_view_if_needed()
        page.screenshot(path=file, full_page=not at)

    def _course_of(self, role: Role) -> str:
        return self.code if role is Role.PARTICIPANT else ""

    def _screen(self, role: Role, device: str) -> Page:
        which = f"{role} {device}"
        if which not in self._pages:
            self._pages[which] = self._open_page(PHONE if role is Role.PARTICIPANT else DESK)
            self._pages[which].context.clock.set_fixed_time(self.now)
        page = self._pages[which]
        if self.now - self._signed_in.get(which, datetime.min.replace(tzinfo=UTC)) > timedelta(hours=9):
            self._sign_in(page, role, user=self.account(role))
            self._signed_in[which] = self.now
        return page

    def _look_over(self, page: Page, status: int, wanted: int) -> Page:
        assert status == wanted, f"{page.url} answered {status}:\n{page.inner_text('body')[:1500]}"
        assert page.title()
        self._fits(page)
        kind = (resolve(urlsplit(page.url).path).view_name, page.viewport_size["width"], status)
        if kind not in self._looked_over:
            self._looked_over.add(kind)
            self._axe(page)
            if kind[1] != PHONE:
                page.set_viewport_size({"width": PHONE, "height": 900})
                self._fits(page)
                page.set_viewport_size({"width": DESK, "height": 900})
        return page

    @staticmethod
    def _fits(page: Page) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= page.viewport_size["width"], f"{page.url} is {wide} px wide"


def fill(page: Page, values: Mapping[str, Typed], *, prefix: str = "") -> None:
    """Fill fields by name as a person would: what is folded away is unfolded first; a list ticks several boxes."""
    for name, value in values.items():
        found = page.locator(f'[name="{prefix}{name}"]')
        kind = found.first.evaluate("e => e.tagName == 'INPUT' ? e.type : e.tagName")
        if kind in ("radio", "checkbox"):
            for each in [value] if isinstance(value, str) else value:
                unfold(page.locator(f'[name="{prefix}{name}"][value="{each}"]')).check()
        elif kind == "SELECT":
            unfold(found.first).select_option(value)
        else:
            unfold(found.first).fill(str(value))


def unfold(found: Locator) -> Locator:
    """Open what folds a thing away, the outermost first, and return it."""
    while not found.is_visible():
        closed = found.locator("xpath=ancestor::details[not(@open)]")
        assert closed.count(), f"{found} is hidden, and nothing folds it away"
        closed.first.locator("> summary").click()
    return found


def words(value: str | bool | float) -> str:
    """Return a value as it is typed or chosen."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else value


def text_of(page: Page, part: str = "main") -> str:
    return " ".join(page.locator(part).first.inner_text().split())


@pytest.fixture
def screens(
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    browser_page: Callable[..., Page],
    login_as: Callable[..., Any],
    account: Callable[..., Any],
    axe: Callable[[Page], None],
) -> Screens:
    """Return the screens of a clinic of simulated people, as in the demo, on the first day."""
    settings.DEMO, settings.SITE = True, "Site 02"
    settings.CLINIC_PHONE, settings.EMERGENCY_PHONE = "0000 12 34 56", "112"
    monkeypatch.setattr(clock, "real_now", lambda: datetime(2030, 1, 1, tzinfo=UTC))
    shutil.rmtree(SHOTS, ignore_errors=True)
    return Screens(monkeypatch, open_page=browser_page, sign_in=login_as, account=account, axe=axe)
