"""Record tests project trivially, without flows. A house is a database of its own, for processes of their own."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

POSTGRES = os.environ.get("ASKLEPION_DATABASE_URL", "")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def trivial_projector(settings: object) -> None:
    settings.ASKLEPION_PROJECTOR = "tests.record.trivial.project"


@dataclass(frozen=True)
class House:
    """A migrated database that other processes write, on the engine that the tests run on."""

    home: Path
    url: str

    @property
    def file(self) -> Path:
        return self.home / "asklepion.sqlite3"

    def start(self, *said: str, module: str = "tests.record.worker", **pipes: Any) -> subprocess.Popen[str]:
        env = {**os.environ, "ASKLEPION_HOME": str(self.home), "ASKLEPION_DATABASE_URL": self.url}
        command = [sys.executable, "-m", module, *said]
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, **pipes)

    def finish(self, process: subprocess.Popen[str]) -> list[Any]:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        return [json.loads(line) for line in said.splitlines()]

    def run(self, *said: str) -> list[Any]:
        return self.finish(self.start(*said))

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.run("look")[0]
        return found

    def raw(self) -> Any:
        """Return a connection as any other program would open it, with the engine's own defaults."""
        return psycopg.connect(self.url, autocommit=True) if self.url else sqlite3.connect(self.file)


def _new_database(template: str = "template0") -> str:
    name = f"house_{uuid.uuid4().hex}"
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{POSTGRES.rpartition('/')[0]}/{name}"


def _drop(url: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


@pytest.fixture(scope="session")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("empty"), _new_database() if POSTGRES else "")
    made = house.start("migrate", "--verbosity", "0", module="django")
    assert made.wait() == 0
    yield house
    if house.url:
        _drop(house.url)


def copied(empty: House, home: Path) -> Iterator[House]:
    house = House(home, _new_database(empty.url.rpartition("/")[2]) if POSTGRES else "")
    shutil.copytree(empty.home, house.home)
    yield house
    if house.url:
        _drop(house.url)


@pytest.fixture
def bare_house(empty_house: House, tmp_path: Path) -> Iterator[House]:
    """A house without any course."""
    yield from copied(empty_house, tmp_path / "bare")


@pytest.fixture
def another_house(empty_house: House, tmp_path: Path) -> Iterator[House]:
    """One more without any course."""
    yield from copied(empty_house, tmp_path / "another")


@pytest.fixture(scope="session")
def filled_house(empty_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    for house in copied(empty_house, tmp_path_factory.mktemp("filled") / "home"):
        house.run("begin", "2")
        yield house


@pytest.fixture
def house(filled_house: House, tmp_path: Path) -> Iterator[House]:
    """A house with the courses AK-0001 and AK-0002."""
    yield from copied(filled_house, tmp_path / "house")
