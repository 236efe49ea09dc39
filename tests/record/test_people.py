"""People and drafts."""

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened
from asklepion.record import drafts, ledger, models, people
from asklepion.record.verify import verify

pytestmark = pytest.mark.django_db


def test_a_forgotten_person_cannot_be_read_and_the_ledger_is_whole() -> None:
    course = ledger.open_course(CourseOpened("p", "1", "s"), by=ledger.Author("p", Role.PHYSICIAN)).course
    people.save(course, people.Person("Ada Example", "ada@example.org"))
    row = models.Person.objects.get()
    assert b"Ada" not in bytes(row.sealed)
    assert people.find(course) == people.Person("Ada Example", "ada@example.org")
    people.forget(course)
    row.refresh_from_db()
    assert (people.find(course), bytes(row.wrapped_key), bytes(row.sealed)) == (None, b"", b"")
    assert verify() == []


def test_drafts_are_kept_until_discarded() -> None:
    drafts.save("a", "c", "s", "v", "1", 3)
    drafts.save("a", "c", "s", "v", "1", None)
    assert drafts.load("a", "c", "s", "v") == {"1": None}
    drafts.discard("a", "c", "s", "v")
    assert drafts.load("a", "c", "s", "v") == {}
