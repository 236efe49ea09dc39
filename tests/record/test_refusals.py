"""The database itself refuses change, whoever opens it and however."""

import re
from collections.abc import Callable

import psycopg
import pytest
from tests.record.conftest import POSTGRES, House

ENTRY = "record_ledgerentry"
HEAD = "record_course"
COLUMNS = (
    'id, course, seq, kind, body, at, recorded_at, clock_offset_ms, "by", device, role, label, corrects, reason, '
    "previous_hash, hash"
)
CHANGED = COLUMNS.replace("body", "'{}'")
EVERYWHERE = [
    f"UPDATE {ENTRY} SET body = '{{}}'",
    f"UPDATE {ENTRY} SET hash = hash",
    f"DELETE FROM {ENTRY}",
    f"DELETE FROM {ENTRY} WHERE seq = 1",
    f"UPDATE {HEAD} SET seq = seq",
    f"UPDATE {HEAD} SET seq = seq - 1",
    f"UPDATE {HEAD} SET seq = seq + 1, simulated = NOT simulated",
    f"UPDATE {HEAD} SET seq = seq + 1, code = 'AK-9999'",
    f"DELETE FROM {HEAD}",
]
SQLITE = [
    f"INSERT OR REPLACE INTO {ENTRY} SELECT * FROM {ENTRY}",
    f"REPLACE INTO {ENTRY} ({COLUMNS}) SELECT {CHANGED} FROM {ENTRY}",
    f"INSERT OR REPLACE INTO {ENTRY} ({COLUMNS}) SELECT {CHANGED.replace('id,', 'id || id,', 1)} FROM {ENTRY}",
    f"INSERT OR IGNORE INTO {ENTRY} SELECT * FROM {ENTRY}",
    f"UPDATE OR REPLACE {ENTRY} SET seq = 1",
    f"INSERT OR REPLACE INTO {HEAD} SELECT code, seq - 1, hash, simulated FROM {HEAD}",
    f"INSERT INTO {ENTRY} SELECT * FROM {ENTRY} WHERE true ON CONFLICT (id) DO UPDATE SET body = '{{}}'",
]
POSTGRESQL = [
    f"TRUNCATE {ENTRY}",
    f"TRUNCATE {HEAD} CASCADE",
    f"INSERT INTO {ENTRY} SELECT * FROM {ENTRY} ON CONFLICT (id) DO UPDATE SET body = '{{}}'",
    f"MERGE INTO {ENTRY} e USING {ENTRY} f ON e.id = f.id WHEN MATCHED THEN DELETE",
    f"WITH gone AS (DELETE FROM {ENTRY} RETURNING *) SELECT * FROM gone",
]


@pytest.fixture(scope="module")
def said(filled_house: House) -> Callable[[str], str]:
    """Return what the engine says to a statement, on a connection with its own defaults; empty if it obeys."""

    def say(statement: str) -> str:
        raw = filled_house.raw()
        try:
            raw.execute(statement)
        except Exception as refused:
            return str(refused)
        finally:
            raw.close()
        return ""

    return say


@pytest.mark.parametrize("statement", [*EVERYWHERE, *(POSTGRESQL if POSTGRES else SQLITE)])
def test_the_database_refuses(said: Callable[[str], str], filled_house: House, statement: str) -> None:
    before = filled_house.raw().execute(f"SELECT * FROM {ENTRY}").fetchall()
    assert before
    assert re.search(r"a ledger( entry)? is never|head of a ledger (only advances|is never replaced)", said(statement))
    assert filled_house.raw().execute(f"SELECT * FROM {ENTRY}").fetchall() == before


@pytest.mark.skipif(not POSTGRES, reason="a check of the PostgreSQL engine")
def test_the_refusal_is_an_error_of_the_engine(filled_house: House) -> None:
    with pytest.raises(psycopg.errors.RaiseException), filled_house.raw() as raw:
        raw.execute(f"DELETE FROM {ENTRY}")
