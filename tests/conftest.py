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
