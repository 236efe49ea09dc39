"""The ledger: one chain, one entry an id, nothing changed, and each reader sees their own labels."""

import pytest
from django.db import DatabaseError, connection, transaction

from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened, Note, Retracted
from asklepion.core.errors import BadInput, IdReused, NotAllowed, UnknownId
from asklepion.record import ledger, reading
from asklepion.record.models import ProjectedCourse
from asklepion.record.verify import rebuild, verify

pytestmark = pytest.mark.django_db
PHYSICIAN = ledger.Author("p", Role.PHYSICIAN)


@pytest.fixture
def course() -> str:
    return ledger.open_course(CourseOpened("p", "1", "site"), by=PHYSICIAN).course


def test_entries_form_one_chain_without_gaps(course: str) -> None:
    receipts = [ledger.append(course, Note(str(n)), PHYSICIAN) for n in range(5)]
    assert [receipt.seq for receipt in receipts] == [2, 3, 4, 5, 6]
    assert verify() == []


def test_the_same_id_is_one_entry(course: str) -> None:
    first = ledger.append(course, Note("a"), PHYSICIAN, id="x")
    assert ledger.append(course, Note("a"), PHYSICIAN, id="x") == first
    with pytest.raises(IdReused):
        ledger.append(course, Note("b"), PHYSICIAN, id="x")


def test_a_correction_needs_a_reason_and_a_target(course: str) -> None:
    wrong = ledger.append(course, Note("a"), PHYSICIAN)
    with pytest.raises(BadInput):
        ledger.append(course, Retracted(), PHYSICIAN, corrects=wrong.id)
    with pytest.raises(BadInput):
        ledger.append(course, Retracted(), PHYSICIAN, corrects="nothing", reason="r")
    ledger.append(course, Retracted(), PHYSICIAN, corrects=wrong.id, reason="wrong person")
    chart = reading.chart(course, reading.JUDGE)
    assert chart.of(Note) == ()
    assert reading.entry(course, chart.struck[wrong.id], reading.JUDGE).label == "treatment"


def test_a_role_writes_only_what_it_may(course: str) -> None:
    with pytest.raises(NotAllowed):
        ledger.append(course, Note("a"), ledger.Author("r", Role.RATER))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record_ledgerentry SET body = '{}'",
        "DELETE FROM record_ledgerentry",
        "UPDATE record_course SET seq = seq",
        "DELETE FROM record_course",
    ],
)
def test_the_database_refuses_change(course: str, statement: str) -> None:
    with pytest.raises(DatabaseError, match="ledger"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own statement")
def test_the_database_refuses_insert_or_replace(course: str) -> None:
    with pytest.raises(DatabaseError, match="ledger"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO record_ledgerentry SELECT * FROM record_ledgerentry")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="drops SQLite's trigger")
def test_a_changed_row_is_named(course: str) -> None:
    ledger.append(course, Note("a"), PHYSICIAN)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER entry_no_update")
        cursor.execute("UPDATE record_ledgerentry SET body = replace(body, '\"a\"', '\"b\"') WHERE seq = 2")
    assert [(fault.course, fault.seq) for fault in verify()] == [(course, 2)]


def test_readers_see_their_labels_and_nothing_else_exists(course: str) -> None:
    note = ledger.append(course, Note("a"), PHYSICIAN)
    own = reading.Reader(Role.PARTICIPANT, "x", course)
    assert [each.seq for each in reading.entries(course, own)] == [1]
    said = set()
    for ask in (
        lambda: reading.chart(course, reading.Reader(Role.RATER, "r")),
        lambda: reading.chart("AK-9999", reading.Reader(Role.RATER, "r")),
        lambda: reading.chart(course, reading.Reader(Role.PARTICIPANT, "x", "AK-0002")),
    ):
        with pytest.raises(UnknownId) as caught:
            ask()
        said.add(str(caught.value))
    assert said == {"There is no such course."}
    with pytest.raises(UnknownId):
        reading.entry(course, note.id, own)


def test_rebuilt_projections_are_the_same_rows(course: str) -> None:
    ledger.append(course, Note("a"), PHYSICIAN)
    before = ProjectedCourse.objects.get()
    assert rebuild() == 1
    after = ProjectedCourse.objects.get()
    assert after.edition != before.edition
    assert (after.row, after.title, after.search) == (before.row, before.title, before.search)
