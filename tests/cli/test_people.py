"""`asklepion people forget`: destroys who a code is, once and only when it is meant."""

import json

import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened
from asklepion.core.errors import BadInput, UnknownId
from asklepion.record import ledger, people
from asklepion.record.people import Person
from asklepion.record.verify import verify

pytestmark = pytest.mark.django_db
ADA = Person("Ada Example", "a telephone", "1980-02-01")


@pytest.fixture
def course() -> str:
    opened = CourseOpened("mdma-ptsd-phase-3", "1", "S1")
    code = ledger.open_course(opened, by=ledger.Author("p", Role.PHYSICIAN)).course
    people.save(code, ADA)
    return code


def run(*arguments: str) -> object:
    return CliRunner().invoke(app, ["people", "forget", *arguments])


def test_it_forgets_when_it_is_meant_and_the_ledger_stays_whole(course: str) -> None:
    done = run(course, "--yes")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Nobody can read any more who {course} is. Its ledger stays whole.")
    assert people.find(course) is None
    assert verify() == []
    again = run(course, "--yes")
    assert isinstance(again.exception, UnknownId)
    assert "Nobody is kept" in str(again.exception)


def test_without_yes_nothing_happens(course: str) -> None:
    refused = run(course)
    assert isinstance(refused.exception, BadInput)
    assert "--yes" in str(refused.exception)
    assert people.find(course) == ADA


def test_a_course_that_does_not_exist_is_said(course: str) -> None:
    assert isinstance(run("AK-0404", "--yes").exception, UnknownId)
    assert people.find(course) == ADA


def test_it_answers_a_program(course: str) -> None:
    assert json.loads(run(course, "--yes", "--json").stdout) == {"course": course, "forgotten": True}
