"""Who a code is: looked up, corrected, forgotten; who may, what the log keeps, what an old page cannot do."""

import logging

import pytest

from asklepion.core.access import Role
from asklepion.core.errors import AsklepionError, BadInput, ManyFaults, NotAllowed, UnknownId
from asklepion.flows import people as flow
from asklepion.record import ledger, people, reading
from asklepion.record.people import Person
from asklepion.record.verify import verify

pytest_plugins = ("small_visits",)
pytestmark = pytest.mark.django_db
COURSE = "AK-0001"
ADA = Person("Ada Zqexample", "12 Quiet Lane", "1980-02-01", "Ada Z. Signed")


@pytest.fixture
def front(clinic):
    return clinic.by(Role.COORDINATOR)


def test_nobody_is_kept_until_somebody_is(front):
    page = flow.page(COURSE, by=front)
    assert (page.person, page.kept, page.edition, page.forgotten_at) == (None, False, "", None)
    flow.keep(COURSE, Person(" Ada  Example ", " 1 Lane ", ""), edition="", by=front)
    page = flow.page(COURSE, by=front)
    assert page.person == Person("Ada Example", "1 Lane")
    assert page.kept
    assert page.born_on is None


def test_a_correction_is_whole_and_leaves_the_signature_as_it_was(front):
    people.save(COURSE, ADA)
    before = flow.page(COURSE, by=front)
    assert before.born_on.isoformat() == ADA.born
    flow.keep(COURSE, Person("Ada Other"), edition=before.edition, by=front)
    assert people.find(COURSE) == Person("Ada Other", "", "", ADA.signed_as)


def test_saved_twice_is_saved_once_and_an_old_page_overwrites_nothing(front):
    people.save(COURSE, ADA)
    old = flow.page(COURSE, by=front).edition
    for _ in range(2):
        flow.keep(COURSE, Person("Ada Other"), edition=old, by=front)
    assert flow.page(COURSE, by=front).edition != old
    with pytest.raises(BadInput, match="changed or forgotten while you typed"):
        flow.keep(COURSE, Person("Ada Third"), edition=old, by=front)
    assert people.find(COURSE).name == "Ada Other"


def test_an_old_page_brings_nobody_back_who_was_forgotten(front):
    people.save(COURSE, ADA)
    old = flow.page(COURSE, by=front).edition
    flow.forget(COURSE, COURSE, by=front)
    with pytest.raises(BadInput, match="forgotten"):
        flow.keep(COURSE, Person(ADA.name, ADA.contact, ADA.born), edition=old, by=front)
    assert people.find(COURSE) is None
    flow.keep(COURSE, Person("Bea"), edition=flow.page(COURSE, by=front).edition, by=front)
    assert flow.page(COURSE, by=front).person == Person("Bea")


def test_the_ledger_is_whole_and_the_same_after_somebody_was_forgotten(front):
    people.save(COURSE, ADA)
    before = reading.entries(COURSE, reading.JUDGE)
    flow.forget(COURSE, f" {COURSE} ", by=front)
    page = flow.page(COURSE, by=front)
    assert page.person is None
    assert page.forgotten_at is not None
    assert not page.kept
    assert reading.entries(COURSE, reading.JUDGE) == before
    assert verify() == []
    with pytest.raises(UnknownId, match="Nobody is kept"):
        flow.forget(COURSE, COURSE, by=front)
    assert flow.page(COURSE, by=front).forgotten_at == page.forgotten_at


@pytest.mark.parametrize("typed", ["", "AK-0002", "ak-0001", "AK-00011"])
def test_another_code_forgets_nobody(front, typed):
    people.save(COURSE, ADA)
    with pytest.raises(BadInput) as refused:
        flow.forget(COURSE, typed, by=front)
    assert refused.value.where == "typed"
    assert people.find(COURSE) == ADA


@pytest.mark.parametrize(
    ("person", "where"),
    [
        (Person(" ", "\n"), "name"),
        (Person("Ada", "", "1.2.1980"), "born"),
        (Person("Ada", "", "2026-11-21"), "born"),
    ],
)
def test_what_cannot_be_kept_is_said_by_field(front, person, where):
    with pytest.raises(ManyFaults) as refused:
        flow.keep(COURSE, person, edition="", by=front)
    assert [fault.where for fault in refused.value.faults] == [where]
    flow.keep(COURSE, Person("Ada", "", "2026-11-20"), edition="", by=front)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.PHYSICIAN)])
def test_no_other_role_reads_corrects_or_forgets(clinic, role):
    people.save(COURSE, ADA)
    by = clinic.by(role)
    acts = (
        lambda: flow.page(COURSE, by=by),
        lambda: flow.standing(COURSE, by=by),
        lambda: flow.keep(COURSE, Person("x"), edition=people.edition(COURSE), by=by),
        lambda: flow.forget(COURSE, COURSE, by=by),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert people.find(COURSE) == ADA


def test_a_course_that_does_not_exist_keeps_nobody(front):
    for act in (flow.page, flow.standing):
        with pytest.raises(UnknownId):
            act("AK-0404", by=front)
    with pytest.raises(UnknownId):
        flow.keep("AK-0404", ADA, edition="", by=front)


def test_under_another_key_it_is_said_and_not_overwritten(front, settings):
    people.save(COURSE, ADA)
    key, settings.PEOPLE_KEY = settings.PEOPLE_KEY, "another"
    page = flow.page(COURSE, by=front)
    assert page.kept
    assert "ASKLEPION_PEOPLE_KEY" in page.unreadable
    with pytest.raises(AsklepionError):
        flow.keep(COURSE, Person("x"), edition=page.edition, by=front)
    settings.PEOPLE_KEY = key
    assert people.find(COURSE) == ADA


def test_the_log_says_who_looked_and_never_a_name(front, caplog):
    caplog.set_level(logging.INFO, "asklepion.people")
    flow.page(COURSE, by=front)
    flow.standing(COURSE, by=front)
    assert caplog.messages == [], "nobody was shown"
    flow.keep(COURSE, ADA, edition="", by=front)
    edition = flow.page(COURSE, by=front).edition
    flow.keep(COURSE, Person("Bea Zqother"), edition=edition, by=front)
    flow.forget(COURSE, COURSE, by=front)
    assert caplog.messages == [
        f"Who AK-0001 is: {what}, by coordinator (coordinator)" for what in ("kept", "shown", "corrected", "forgotten")
    ]
    assert "zq" not in caplog.text.lower()


def test_the_settings_let_that_line_through():
    assert logging.getLogger("asklepion.people").isEnabledFor(logging.INFO)
    assert not logging.getLogger("asklepion.other").isEnabledFor(logging.INFO)


def test_an_edition_changes_with_every_keeping(front):
    seen = set()
    for _ in range(3):
        people.save(COURSE, ADA)
        seen.add(people.edition(COURSE))
    people.forget(COURSE)
    seen.add(people.edition(COURSE))
    assert len(seen) == 4
    assert people.forgotten_at(ledger.new_id()) is None
