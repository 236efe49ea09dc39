"""What all tests share: a home that is thrown away, authors, a clock that stands still, and the browser."""

import os
import tempfile

os.environ["ASKLEPION_HOME"] = tempfile.mkdtemp(prefix="asklepion-tests-")

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
from hypothesis import settings

from asklepion.core.access import Role

settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture
def author() -> Callable[[Role], object]:
    """Return a maker of authors: author(Role.PHYSICIAN)."""
    from asklepion.record.ledger import Author

    return lambda role: Author(str(role), role)


@pytest.fixture
def clock_at() -> Callable[[datetime], AbstractContextManager[None]]:
    """Return the context manager in which the clock stands at an aware instant."""
    from asklepion.record import clock

    return clock.shifted_to


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return the one browser of the whole run: Playwright cannot be started twice in a thread."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def flush_past_the_triggers() -> None:
    """Let tests of real transactions empty the database afterwards: its triggers are laid aside for that moment."""
    from django.db import connection

    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def unheeded(self: Any, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            flush(self, sql_list)
            cursor.execute("SET session_replication_role = DEFAULT")

    def without_triggers(self: Any, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            flush(self, sql_list)
            for _, sql in triggers:
                cursor.execute(sql)

    operations.execute_sql_flush = without_triggers if connection.vendor == "sqlite" else unheeded
