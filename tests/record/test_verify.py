"""Whatever was changed past the triggers is named; what pages read is folded again to the same rows."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models
from tests.record.conftest import ROOT, House

from asklepion.core.access import Role
from asklepion.core.chart import Chart, fold
from asklepion.core.entries import CourseOpened, Note, Retracted
from asklepion.core.errors import UnknownId
from asklepion.record import ledger, reading
from asklepion.record.folding import chart_at
from asklepion.record.models import Course, LedgerEntry, ProjectedCourse
from asklepion.record.verify import rebuild, verify

PHYSICIAN = ledger.Author("p", Role.PHYSICIAN)
pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> str:
    code = ledger.open_course(CourseOpened("p", "1", "site"), by=PHYSICIAN).course
    for n in range(4):
        ledger.append(code, Note(f"note {n}"), PHYSICIAN, id=f"note-{n}")
    return code


@pytest.fixture
def past_the_triggers() -> Callable[[str], None]:
    """Return what runs a statement with the triggers laid aside. The test's transaction is rolled back after it."""
    if connection.vendor == "sqlite":
        asides = ["DROP TRIGGER entry_no_update", "DROP TRIGGER entry_no_delete", "DROP TRIGGER head_advances"]
        asides += ["DROP TRIGGER head_no_delete", "DROP TRIGGER entry_no_replace"]
    else:
        asides = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("record_ledgerentry", "record_course")]

    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            for aside in asides:
                cursor.execute(aside)
            cursor.execute(statement)

    return run


ENTRY = "UPDATE record_ledgerentry SET"
CHANGES = {
    "body": (f"{ENTRY} body = replace(body, 'note 1', 'nota 1') WHERE seq = 3", 3, "not what was hashed"),
    "spelling of the body": (f"{ENTRY} body = replace(body, ',', ', ') WHERE seq = 3", 3, "not what was hashed"),
    "body twice over": (
        f'{ENTRY} body = replace(body, \'{{"kind\', \'{{"kind":"note","kind\') WHERE seq = 3',
        3,
        "not what was hashed",
    ),
    "at": (f"{ENTRY} at = '2020-01-01 00:00:00' WHERE seq = 3", 3, "not what was hashed"),
    "recorded_at": (f"{ENTRY} recorded_at = '2020-01-01 00:00:00' WHERE seq = 3", 3, "not what was hashed"),
    "clock offset": (f"{ENTRY} clock_offset_ms = 1 WHERE seq = 3", 3, "not what was hashed"),
    "who": (f"{ENTRY} \"by\" = 'q' WHERE seq = 3", 3, "not what was hashed"),
    "device": (f"{ENTRY} device = 'q' WHERE seq = 3", 3, "not what was hashed"),
    "role": (f"{ENTRY} role = 'rater' WHERE seq = 3", 3, "not what was hashed"),
    "label": (f"{ENTRY} label = 'open' WHERE seq = 3", 3, "not what was hashed"),
    "kind": (f"{ENTRY} kind = 'observed' WHERE seq = 3", 3, "not what was hashed"),
    "id": (f"{ENTRY} id = 'note-x' WHERE seq = 3", 3, "not what was hashed"),
    "reason": (f"{ENTRY} reason = 'r' WHERE seq = 3", 3, "not what was hashed"),
    "corrects": (f"{ENTRY} corrects = 'note-0' WHERE seq = 3", 3, "not what was hashed"),
    "hash": (f"{ENTRY} hash = previous_hash WHERE seq = 3", 3, "not what was hashed"),
    "previous hash": (f"{ENTRY} previous_hash = '' WHERE seq = 3", 3, "does not follow"),
    "no JSON": (f"{ENTRY} body = 'x' WHERE seq = 3", 3, "not what was hashed"),
    "place": (f"{ENTRY} seq = 6 WHERE seq = 5", 5, "missing; entry 6 follows"),
    "one gone": ("DELETE FROM record_ledgerentry WHERE seq = 3", 3, "missing; entry 4 follows"),
    "first gone": ("DELETE FROM record_ledgerentry WHERE seq = 1", 1, "missing; entry 2 follows"),
    "last gone": ("DELETE FROM record_ledgerentry WHERE seq = 5", 5, "head stands at 5 but the last entry is 4"),
    "all gone": ("DELETE FROM record_ledgerentry", 1, "head stands at 5 but the last entry is 0"),
    "head back": ("UPDATE record_course SET seq = 4", 5, "head stands at 4 but the last entry is 5"),
    "head on": ("UPDATE record_course SET seq = 7", 6, "head stands at 7 but the last entry is 5"),
    "head's hash": ("UPDATE record_course SET hash = 'x'", 5, "another hash"),
    "head gone": ("DELETE FROM record_course", 0, "has no head"),
    "person made real": ("UPDATE record_course SET simulated = NOT simulated", 1, "simulated"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_is_named(course: str, past_the_triggers: Callable[[str], None], change: str) -> None:
    statement, seq, what = CHANGES[change]
    assert verify() == []
    past_the_triggers(statement)
    fault = verify(course)[0]
    assert (fault.course, fault.seq) == (course, seq)
    assert what in fault.what
    assert verify() == [fault]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL holds columns to their types")
@pytest.mark.parametrize("value", ["'yesterday'", "7", "NULL", "x'ff00'"])
@pytest.mark.parametrize("column", ["at", "recorded_at", "body", "seq", "clock_offset_ms"])
def test_what_cannot_even_be_read_is_named(
    course: str, past_the_triggers: Callable[[str], None], column: str, value: str
) -> None:
    try:
        past_the_triggers(f"{ENTRY} {column} = {value} WHERE seq = 3")
    except Exception:
        pytest.skip("SQLite itself refuses it")
    assert [fault.course for fault in verify()] == [course]


def test_a_row_changed_in_the_file_is_named_by_the_command(house: House) -> None:
    house.run("write", "AK-0001", "1", "2", "w")
    raw = house.raw()
    if house.url:
        raw.execute("ALTER TABLE record_ledgerentry DISABLE TRIGGER USER")
    else:
        raw.execute("DROP TRIGGER entry_no_update")
    raw.execute("UPDATE record_ledgerentry SET body = replace(body, 'w 0 0', 'w 0 9') WHERE course = 'AK-0001'")
    raw.commit()
    raw.close()
    env = {**os.environ, "ASKLEPION_HOME": str(house.home), "ASKLEPION_DATABASE_URL": house.url}
    command = [sys.executable, "-m", "asklepion", "ledger", "verify", "--json"]
    said = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert json.loads(said.stdout)["faults"] == [
        {"course": "AK-0001", "seq": 2, "what": "what it says is not what was hashed"}
    ]


def test_there_is_no_such_course() -> None:
    for ask in (verify, rebuild):
        with pytest.raises(UnknownId):
            ask("AK-0404")


def _projected() -> dict[str, list[dict[str, Any]]]:
    """Return every projected row without the numbers that the database gives them."""
    tables = [ProjectedCourse, *(related.related_model for related in ProjectedCourse._meta.related_objects)]
    return {
        table.__name__: sorted(
            (
                {name: value for name, value in row.items() if name not in ("id", "edition")}
                for row in table._default_manager.values()  # type: ignore[union-attr]
            ),
            key=repr,
        )
        for table in tables
        if isinstance(table, type) and issubclass(table, models.Model)
    }


def test_what_is_rebuilt_is_the_same(course: str) -> None:
    ledger.append(course, Retracted(), PHYSICIAN, corrects="note-1", reason="wrong person")
    before = _projected()
    assert before["ProjectedCourse"][0]["title"] == "6"
    ProjectedCourse.objects.update(title="9")
    assert _projected() != before
    assert rebuild() == 1
    assert _projected() == before


def _write_and_fail(course: str) -> None:
    with ledger.together():
        ledger.append(course, Note("never"), PHYSICIAN)
        assert len(reading.chart(course, reading.JUDGE).of(Note)) == 5
        raise ZeroDivisionError


def test_a_chart_is_folded_on_from_what_is_kept_and_never_from_what_was_rolled_back(course: str) -> None:
    everything = reading.JUDGE.labels

    def whole() -> Chart:
        return fold(reversed(reading.entries(course, reading.JUDGE)), course=course)

    assert chart_at(Course.objects.get(code=course), everything) == whole()
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(course)
    assert len(reading.chart(course, reading.JUDGE).of(Note)) == 4
    ledger.append(course, Note("instead"), PHYSICIAN)
    assert chart_at(Course.objects.get(code=course), everything) == whole()
    assert LedgerEntry.objects.filter(body__contains="never").count() == 0
