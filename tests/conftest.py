"""What all tests share: a home that is thrown away, authors, and a clock that stands still."""

import os
import tempfile

os.environ["ASKLEPION_HOME"] = tempfile.mkdtemp(prefix="asklepion-tests-")

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest

from asklepion.core.access import Role


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


@pytest.fixture(scope="session", autouse=True)
def flush_past_the_triggers() -> None:
    """Let tests of real transactions empty SQLite afterwards: the ledger's triggers are laid aside for that moment."""
    from django.db.backends.sqlite3.operations import DatabaseOperations

    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            flush(self, sql_list)
            for _, sql in triggers:
                cursor.execute(sql)

    DatabaseOperations.execute_sql_flush = without_triggers
