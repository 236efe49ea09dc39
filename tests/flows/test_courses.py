"""Courses opened and ended."""

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import CourseEnded
from asklepion.core.errors import BadInput, NotAllowed
from asklepion.flows import courses
from asklepion.record import ledger, people, reading
from asklepion.record.ledger import Author
from asklepion.record.people import Person
from asklepion.record.reading import Reader
from small_facts import shelf  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelf")]
BY = Author("front", Role.COORDINATOR)


def begin(**more):
    return courses.open_course("small", **({"by": BY, "site": " S1 ", "simulated": True} | more))


def test_a_course_is_a_code_on_the_present_version_of_its_protocol():
    assert [begin().course, begin().course] == ["AK-0001", "AK-0002"]
    opened = reading.chart("AK-0001", reading.JUDGE).opened().entry
    assert (opened.protocol, opened.protocol_version, opened.site) == ("small", "2", "S1")


def test_who_it_is_about_is_kept_apart():
    course = begin(person=Person("Ada Person", "a telephone", "1980-02-01")).course
    assert people.find(course).name == "Ada Person"
    assert "Ada" not in repr(reading.entries(course, reading.JUDGE))
    assert people.find(begin().course) is None


def test_opened_twice_with_one_id_is_one_course():
    id = ledger.new_id()
    assert begin(id=id) == begin(id=id)
    assert begin().course == "AK-0002"


@pytest.mark.parametrize(
    ("changed", "where"), [({"site": " "}, "site"), ({"code": "AK-0001"}, ""), ({"protocol": "none"}, "protocol")]
)
def test_what_cannot_be_opened_says_why(changed, where):
    begin()
    with pytest.raises(BadInput) as refused:
        courses.open_course(changed.pop("protocol", "small"), **({"by": BY, "site": "S", "simulated": True} | changed))
    assert refused.value.where == where


def test_a_facilitator_opens_none():
    with pytest.raises(NotAllowed):
        begin(by=Author("ther", Role.FACILITATOR))


def test_a_course_ends_once_and_says_why():
    course = begin().course
    for how, because in (("lost", " "), ("vanished", "x")):
        with pytest.raises(BadInput):
            courses.end_course(course, how, by=BY, because=because)
    id = ledger.new_id()
    first = courses.end_course(course, "screen_failed", by=BY, because="A medicine", id=id)
    assert courses.end_course(course, "screen_failed", by=BY, because="A medicine", id=id) == first
    with pytest.raises(BadInput, match="ended already"):
        courses.end_course(course, "completed", by=BY)
    assert len(reading.chart(course, reading.JUDGE).of(CourseEnded)) == 1
    assert "not for this person" in courses.ending(course, Reader(Role.COORDINATOR, "front")).ended
