"""What journeys share with the page tests: the browser, accounts, axe."""

from tests.web.conftest import (  # noqa: F401
    _nothing_remembered,
    account,
    axe,
    browser_page,
    login_as,
    no_sideways_scroll,
)
