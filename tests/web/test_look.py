"""The look: pages of the house in a real browser, on a phone and on a desk, in both themes."""

import pytest

from asklepion.core.access import Role

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

DOORS = ["/accounts/login/", "/accounts/help/", "/no/such/page/"]
ROOMS = [
    (Role.ADMINISTRATOR, "/staff/accounts/"),
    (Role.ADMINISTRATOR, "/staff/accounts/new/"),
    (Role.PHYSICIAN, "/accounts/"),
    (Role.PHYSICIAN, "/accounts/password/change/"),
]


@pytest.mark.parametrize("width", [320, 375, 1440])
@pytest.mark.parametrize("address", DOORS)
def test_a_door_is_readable_at_every_width(browser_page, axe, no_sideways_scroll, address, width):
    page = browser_page(width)
    page.goto(address)
    axe(page)
    no_sideways_scroll(page)


@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.parametrize(("role", "address"), ROOMS)
def test_a_room_is_readable_at_every_width(browser_page, login_as, axe, no_sideways_scroll, role, address, width):
    page = browser_page(width)
    login_as(page, role)
    page.goto(address)
    assert page.url.endswith(address) or "again" in page.url or "reauthenticate" in page.url
    axe(page)
    no_sideways_scroll(page)


def test_dim_stays_on_the_device_and_has_no_fault_either(browser_page, axe, live_server):
    page = browser_page(375)
    page.context.add_cookies([{"name": "theme", "value": "dim", "url": live_server.url}])
    page.goto("/accounts/login/")
    assert page.locator("html").get_attribute("data-theme") == "dim"
    axe(page)


def test_the_theme_is_switched_by_hand(browser_page, login_as):
    page = browser_page()
    login_as(page, Role.ADMINISTRATOR)
    page.goto("/staff/accounts/")
    page.get_by_role("button", name="Dim colours").click()
    assert page.url.endswith("/staff/accounts/")
    assert page.locator("html").get_attribute("data-theme") == "dim"
    page.get_by_role("button", name="Day colours").click()
    assert page.locator("html").get_attribute("data-theme") is None


def test_the_skip_link_is_first_and_leads_to_the_content(browser_page):
    page = browser_page()
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_can_be_seen(browser_page):
    page = browser_page()
    page.goto("/accounts/login/")
    page.locator("#id_login").focus()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(outline.removesuffix("px")) >= 3


def test_the_page_is_set_in_its_own_fonts(browser_page):
    page = browser_page()
    page.goto("/accounts/login/")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible Next\"')")
    assert page.evaluate("[...document.fonts].some(f => f.family.includes('Literata') && f.status === 'loaded')")


def test_the_ribbon_of_the_demo_is_on_a_staff_page_and_cannot_be_closed(browser_page, login_as, settings):
    settings.DEMO = True
    page = browser_page()
    login_as(page, Role.ADMINISTRATOR)
    page.goto("/staff/accounts/")
    ribbon = page.locator("aside.ribbon")
    assert ribbon.inner_text() == "Simulated people. Nobody in this record exists."
    assert ribbon.locator("button, a").count() == 0
