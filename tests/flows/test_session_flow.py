"""Doses and readings of a session: planned levels, the supplement's window from the dose as given, limits, the gate."""

from datetime import timedelta

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import DoseGiven, DoseWithheld, Observed
from asklepion.core.errors import BadInput, GateShut, ManyFaults, NotAllowed, UnknownId
from asklepion.flows import visits

pytest_plugins = ("small_visits",)
pytestmark = pytest.mark.django_db
COURSE = "AK-0001"
FORM = "0192f000-0000-7000-8000-000000000002"
CALM = {"systolic": "122", "diastolic": "78", "heart-rate": "68", "temperature": "36.5"}
LATER = {"systolic": "148", "diastolic": "90", "heart-rate": "92", "temperature": "37.5"}


@pytest.fixture
def session(clinic):
    """Return a clinic in which the session began at 09:00, own readings were taken and 80 mg given at 09:10."""
    clinic.open_session()
    clinic.move(7, 9, 15)
    clinic.hold("session", started=clinic.at(7, 9))
    readings(clinic, CALM, clinic.at(7, 9, 5))
    give(clinic, at=clinic.at(7, 9, 10))
    return clinic


def give(clinic, part="initial", mg=80, **more):
    given = {"by": clinic.by(), "witnessed_by": "T-02", "at": clinic.now, **more}
    return visits.give_dose(COURSE, "session", part, mg, **given)


def readings(clinic, values, at, **more):
    return visits.record_readings(COURSE, "session", values, by=clinic.by(), at=at, **more)


def where(error):
    return {fault.where for fault in error.value.faults}


@pytest.mark.parametrize("mg", [80, 120])
def test_a_planned_level_is_taken(clinic, mg):
    clinic.open_session()
    give(clinic, mg=mg)
    (dose,) = clinic.chart().of(DoseGiven)
    assert (dose.entry.level_mg, dose.label) == (mg, "treatment")


@pytest.mark.parametrize("mg", [79, 81, 100, 40])
def test_a_level_that_nobody_planned_is_refused(clinic, mg):
    clinic.open_session()
    with pytest.raises(ManyFaults) as error:
        give(clinic, mg=mg)
    assert where(error) == {"level_mg"}
    assert "Planned: 80 or 120 mg." in str(error.value)
    assert not clinic.chart().of(DoseGiven)


def test_a_dose_needs_a_witness_and_cannot_lie_ahead(clinic):
    clinic.open_session()
    with pytest.raises(ManyFaults) as error:
        give(clinic, witnessed_by=" ", at=clinic.now + timedelta(seconds=1))
    assert where(error) == {"witnessed_by", "at"}


def test_nobody_is_their_own_witness(clinic):
    clinic.open_session()
    with pytest.raises(ManyFaults) as error:
        give(clinic, witnessed_by=" Facilitator ")
    assert [str(fault) for fault in error.value.faults] == [
        "witnessed_by: The witness is you. Name the second person who saw it swallowed."
    ]
    give(clinic, witnessed_by="T-02")


def test_a_dose_is_given_once_however_often_it_is_sent(session):
    at = session.at(7, 9, 10)
    with pytest.raises(ManyFaults, match="Recorded at the level of the schedule, 80 mg"):
        give(session, at=at)
    session.move(7, 10, 50)
    readings(session, LATER, session.at(7, 10, 35))
    first = give(session, "supplemental", 40, at=session.at(7, 10, 45), id=FORM)
    assert give(session, "supplemental", 40, at=session.at(7, 10, 45), id=FORM) == first
    assert len(session.chart().of(DoseGiven)) == 2


@pytest.mark.parametrize(
    ("hour", "minute", "refused"),
    [(10, 39, "opens in 1 minute"), (10, 40, ""), (11, 10, ""), (11, 11, "window is over")],
)
def test_the_window_of_the_supplement_hangs_on_the_dose_as_given(session, hour, minute, refused):
    session.move(7, 12)
    readings(session, LATER, session.at(7, 10, 35))
    if not refused:
        give(session, "supplemental", 40, at=session.at(7, hour, minute))
        return
    with pytest.raises(ManyFaults, match=refused):
        give(session, "supplemental", 40, at=session.at(7, hour, minute))


def test_the_supplement_is_the_one_planned_with_the_first_dose(session):
    session.move(7, 10, 45)
    readings(session, LATER, session.at(7, 10, 35))
    with pytest.raises(ManyFaults, match="60 mg is none of the planned levels"):
        give(session, "supplemental", 60)


def test_without_a_reading_since_the_first_dose_no_supplement_is_taken(session):
    session.move(7, 10, 45)
    with pytest.raises(ManyFaults, match="No reading since the first dose"):
        give(session, "supplemental", 40)


def test_a_limit_holds_the_supplement_back_until_a_physician_agrees(session):
    session.move(7, 10, 50)
    readings(session, {**LATER, "systolic": "161"}, session.at(7, 10, 40))
    with pytest.raises(ManyFaults, match="A limit was passed: Measure again soon"):
        give(session, "supplemental", 40)
    readings(session, {"physician-agrees": True}, session.at(7, 10, 45))
    give(session, "supplemental", 40)


def test_a_dose_before_the_session_began_needs_its_gate_open(clinic):
    clinic.move(4)
    clinic.hold("talk")
    clinic.move(7)
    with pytest.raises(GateShut, match="pregnancy test missing"):
        give(clinic)
    assert not clinic.chart().of(DoseGiven)


def test_a_session_that_was_begun_is_not_judged_again(session):
    session.move(8)
    assert session.page("session").gate is None
    readings(session, LATER, session.at(7, 10, 35))
    give(session, "supplemental", 40, at=session.at(7, 10, 45))


def test_a_withheld_dose_has_a_reason_and_is_not_given(session):
    with pytest.raises(BadInput, match="reason is empty"):
        visits.withhold_dose(COURSE, "session", "supplemental", " ", by=session.by())
    for _ in range(2):
        visits.withhold_dose(COURSE, "session", "supplemental", "Person declined", by=session.by(), id=FORM)
    assert len(session.chart().of(DoseWithheld)) == 1
    with pytest.raises(BadInput, match="withheld already"):
        visits.withhold_dose(COURSE, "session", "supplemental", "Again", by=session.by())
    with pytest.raises(BadInput, match="given already"):
        visits.withhold_dose(COURSE, "session", "initial", "Again", by=session.by())
    session.move(7, 10, 45)
    readings(session, LATER, session.at(7, 10, 40))
    with pytest.raises(ManyFaults, match="It was withheld: Person declined"):
        give(session, "supplemental", 40)


def test_a_visit_that_is_no_session_takes_neither_doses_nor_sets_of_readings(clinic):
    clinic.move(4)
    for call in (
        lambda: visits.give_dose(COURSE, "talk", "initial", 80, by=clinic.by(), witnessed_by="T", at=clinic.now),
        lambda: visits.withhold_dose(COURSE, "talk", "initial", "why", by=clinic.by()),
        lambda: visits.record_readings(COURSE, "talk", CALM, by=clinic.by(), at=clinic.now),
    ):
        with pytest.raises(UnknownId):
            call()


def test_readings_are_saved_once_whole_and_under_the_label_of_treatment(session):
    at = session.at(7, 9, 15)
    readings(session, LATER, at, id=FORM)
    readings(session, LATER, at, id=FORM)
    taken = [each for each in session.chart().of(Observed) if each.at == at]
    assert [each.label for each in taken] == ["treatment"]
    with pytest.raises(ManyFaults, match="outside 50 to 300"):
        readings(session, {**LATER, "systolic": "30"}, at)
    with pytest.raises(BadInput, match="Nothing was typed"):
        readings(session, {"systolic": ""}, at)
    with pytest.raises(BadInput, match="ahead of us"):
        readings(session, CALM, at + timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        visits.record_readings(COURSE, "session", CALM, by=session.by(Role.PHARMACIST), at=at)


def test_the_page_holds_readings_against_the_persons_own(session):
    session.move(7, 10, 50)
    readings(session, {**LATER, "systolic": "161", "temperature": "37.6"}, session.at(7, 10, 40))
    page = session.page("session").session
    assert [value for _, value in page.baseline] == ["122", "78", "68", "36.5"]
    own, last = page.rows
    assert (own.since, last.since) == ("dose \N{MINUS SIGN} 5 min", "dose + 1 h 30 min")
    assert [(cell.text, cell.change, cell.look) for cell in last.cells] == [
        ("161", "+39", "above"),
        ("90", "+12", ""),
        ("92", "+24", ""),
        ("37.6", "+1.1", "above"),
    ]
    assert {passed.action for passed in page.passed} == {
        "Measure again soon. No supplement until a physician agrees.",
        "Cool the room.",
    }
    assert [(offer.part, offer.may, offer.settled) for offer in page.offers] == [
        ("initial", False, True),
        ("supplemental", False, False),
    ]
    assert page.offers[1].window == "10:40 to 11:10"
    assert [moment.look for moment in page.moments] == ["done", "done"]


@pytest.mark.parametrize(("systolic", "passed"), [("159", 0), ("160", 0), ("161", 1)])
def test_a_limit_is_passed_above_it_and_not_on_it(session, systolic, passed):
    session.move(7, 10, 50)
    readings(session, {**LATER, "systolic": systolic, "temperature": "37.5"}, session.at(7, 10, 40))
    assert len(session.page("session").session.passed) == passed


def test_while_the_gate_is_shut_no_dose_is_offered(clinic):
    clinic.move(4)
    clinic.hold("talk")
    clinic.move(7)
    initial = clinic.page("session").session.offers[0]
    assert (initial.may, initial.because) == (False, "The gate before this session is shut.")
    clinic.interview(31.0)
    visits.record_values(COURSE, "session", {"pregnancy-test": "negative"}, by=clinic.by())
    assert clinic.page("session").session.offers[0].may


def test_the_page_knows_levels_and_no_arm(session):
    page = session.page("session")
    assert "Arm that nobody may see" not in repr((page.session, page.gate, page.recorded, page.held))
    assert page.session.blinded
