"""People and drafts."""

import pytest
from django.db import connection
from tests.record.conftest import House

from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened
from asklepion.core.errors import AsklepionError, UnknownId
from asklepion.record import drafts, ledger, models, people
from asklepion.record.verify import verify

pytestmark = pytest.mark.django_db
ADA = people.Person("Ada Example", "ada@example.org")


@pytest.fixture
def course() -> str:
    return ledger.open_course(CourseOpened("p", "1", "s"), by=ledger.Author("p", Role.PHYSICIAN)).course


def test_a_forgotten_person_cannot_be_read_and_the_ledger_is_whole(course: str) -> None:
    people.save(course, ADA)
    row = models.Person.objects.get()
    assert b"Ada" not in bytes(row.sealed)
    assert people.find(course) == ADA
    people.forget(course)
    row.refresh_from_db()
    assert (people.find(course), bytes(row.wrapped_key), bytes(row.sealed)) == (None, b"", b"")
    assert verify() == []


def test_another_people_key_is_said_and_not_taken_for_nobody(course: str, settings: object) -> None:
    people.save(course, ADA)
    settings.PEOPLE_KEY = "another"
    with pytest.raises(AsklepionError, match="another people key"):
        people.find(course)


def test_one_row_cannot_stand_in_for_another(course: str) -> None:
    other = ledger.open_course(CourseOpened("p", "1", "s"), by=ledger.Author("p", Role.PHYSICIAN)).course
    people.save(course, ADA)
    models.Person.objects.filter(course=course).update(course=other)
    with pytest.raises(AsklepionError):
        people.find(other)


def test_nobody_is_kept_or_forgotten_without_a_course() -> None:
    for act in (lambda: people.save("AK-0404", ADA), lambda: people.forget("AK-0404")):
        with pytest.raises(UnknownId):
            act()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps a row's old version until it vacuums")
def test_the_file_does_not_hold_what_was_forgotten(house: House) -> None:
    wrapped, sealed = (bytes.fromhex(part) for part in house.run("meet", "AK-0001")[0])
    files = [path for path in house.home.iterdir() if path.name.startswith("asklepion.sqlite3")]
    assert any(wrapped in path.read_bytes() and sealed in path.read_bytes() for path in files)
    house.run("forget", "AK-0001")
    for path in house.home.iterdir():
        assert wrapped not in path.read_bytes()
        assert sealed not in path.read_bytes()


def test_drafts_are_kept_until_discarded() -> None:
    drafts.save("a", "c", "s", "v", "1", 3)
    drafts.save("a", "c", "s", "v", "1", None)
    drafts.save("b", "c", "s", "v", "1", 4)
    assert drafts.load("a", "c", "s", "v") == {"1": None}
    drafts.discard("a", "c", "s", "v")
    assert drafts.load("a", "c", "s", "v") == {}
    assert drafts.load("b", "c", "s", "v") == {"1": 4}
