"""Reference data as a fixture."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("ASKLEPION_REFERENCE_DATA") or Path(__file__).parents[3] / "shared" / "reference-data")


@pytest.fixture
def reference() -> Callable[[str], Path]:
    """Return a finder of reference data; the test is skipped, and the file named, where it is absent."""

    def find(name: str) -> Path:
        found = FOLDER / name
        if not found.exists():
            pytest.skip(f"reference data {name} is not in {FOLDER}")
        return found

    return find
