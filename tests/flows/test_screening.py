"""Screening through its flows: what is recorded, what blocks, who decides, and what a signature covers."""

from datetime import date, timedelta

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import AnswersGiven, MedicineDecided, Observed, ScoreGiven, Signed
from asklepion.core.errors import BadInput, IdReused, ManyFaults, NotAllowed, ProofFailed, UnknownId
from asklepion.core.values import Verdict
from asklepion.flows import consent, courses, screening
from asklepion.record import accounts, ledger, reading
from asklepion.record.ledger import Author
from asklepion.record.reading import Reader
from small_facts import ALL_WELL, RIGHT, TODAY, shelf  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelf")]
PASSWORD = "seven quiet lanterns"
PHYSICIAN = Author("doc", Role.PHYSICIAN)
READER = Reader(Role.PHYSICIAN, "doc")
AUDITOR = Reader(Role.AUDITOR, "aud")


@pytest.fixture(autouse=True)
def people(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    accounts.create("doc", Role.PHYSICIAN, "D. Octor", PASSWORD)
    accounts.create("pharma", Role.PHARMACIST, "P. Harma", PASSWORD)
    accounts.create("front", Role.COORDINATOR, "C. Front", PASSWORD)


@pytest.fixture
def course():
    return courses.open_course("small", by=PHYSICIAN, site="S1", simulated=True).course


def page(course, on=TODAY, reader=READER):
    return screening.worksheet(course, reader, on=on)


def lines(course, **more):
    return [line for _, found in page(course, **more).groups for line in found]


def line_of(course, criterion, **more):
    return next(line for line in lines(course, **more) if line.finding.criterion == criterion)


def rate(course, total, *, sealed=True):
    rater = Author("rat", Role.RATER)
    entry = AnswersGiven("talk", "1", (), (ScoreGiven("total", total),), (), visit="screening-1", sealed=sealed)
    return ledger.append(course, entry, rater)


def make_ready(course):
    """Bring everything to met: values, the sealed score, consent signed and countersigned."""
    screening.record_values(course, ALL_WELL, by=PHYSICIAN)
    rate(course, 5)
    person = Author("person", Role.PARTICIPANT)
    consent.sign(course, by=person, document="paper", version="1.0", choices=RIGHT, name="A Person")
    consent.countersign(course, by=PHYSICIAN, username="doc", password=PASSWORD)


def sign(course, meaning="approved", **more):
    given = {"by": PHYSICIAN, "username": "doc", "password": PASSWORD, "shown_hash": page(course).hash} | more
    return screening.sign_worksheet(course, meaning=meaning, **given)


def test_an_empty_course_is_open_in_everything_and_says_so(course):
    found = page(course)
    assert not found.clear
    assert found.lede[0] == f"{course} cannot be cleared today."
    assert {line.look for line in lines(course)} == {"notmet", "unknown"}
    assert dict(found.counts).get("met") is None
    assert next(title for title, _ in found.groups) == "Medicines"


def test_everything_met_clears_and_unknown_alone_does_not(course):
    make_ready(course)
    assert page(course).clear
    screening.record_medicine(course, by=PHYSICIAN, typed="Nobody knows this", taking=True)
    found = page(course)
    assert not found.clear
    assert found.steps[0].look == "blocked"
    assert "second person" in found.steps[0].who


def test_findings_stand_in_the_order_not_met_unknown_met_within_each_domain(course):
    screening.record_values(course, {"pulse": "60", "systolic": "180", "diastolic": "90"}, by=PHYSICIAN)
    body = next(found for title, found in page(course).groups if title == "Body")
    assert [line.look for line in body] == ["notmet", "met"]


@pytest.mark.parametrize(("on", "look"), [(28, "notmet"), (29, "met"), (30, "met")])
def test_the_washout_clears_on_its_day(course, on, look):
    stopped = TODAY - timedelta(days=9)
    make_ready(course)
    screening.record_medicine(course, by=PHYSICIAN, typed="slowa 20 mg", taking=False, stopped_on=stopped)
    line = line_of(course, "washout", on=stopped + timedelta(days=on))
    assert line.look == look
    assert (line.washout.passed_days, line.washout.needed_days, line.washout.stable_days) == (on, 29, 7)


def test_the_lede_names_the_earliest_day(course):
    make_ready(course)
    stopped = date(2026, 11, 14)
    screening.record_medicine(course, by=PHYSICIAN, typed="Slowazine", taking=False, stopped_on=stopped)
    assert page(course).lede[1].endswith("the earliest day is Sunday 13 December 2026.")
    assert page(course, on=date(2026, 12, 13)).clear
    cleared = f"{course} can be cleared on Sunday 13 December 2026, by what is on file; a person decides."
    assert page(course, on=date(2026, 12, 13)).lede[0] == cleared


def test_values_are_refused_all_at_once_and_nothing_is_saved(course):
    before = reading.chart(course, reading.JUDGE).seq
    with pytest.raises(ManyFaults) as refused:
        screening.record_groups(
            course, {"pulse": "18", "systolic": "80", "diastolic": "90", "contact": True}, by=PHYSICIAN, ids={}
        )
    assert {fault.where for fault in refused.value.faults} == {"pulse", "systolic"}
    assert reading.chart(course, reading.JUDGE).seq == before


def test_a_sheet_is_one_entry_a_group_and_sent_twice_it_is_saved_once(course):
    ids = {group: ledger.new_id() for group in ("vital", "diagnosis", "circumstance", "session", "history")}
    first = screening.record_groups(course, ALL_WELL, by=PHYSICIAN, ids=ids)
    again = screening.record_groups(course, ALL_WELL, by=PHYSICIAN, ids=ids)
    assert [each.id for each in first] == [each.id for each in again]
    assert len(reading.chart(course, reading.JUDGE).of(Observed)) == 5


def test_nothing_typed_is_said_and_not_saved(course):
    with pytest.raises(BadInput, match="Nothing was typed"):
        screening.record_values(course, {"pulse": " "}, by=PHYSICIAN)


def test_a_value_cannot_be_taken_ahead_of_us(course, clock_at):
    from small_facts import NOW

    with pytest.raises(BadInput) as refused:
        screening.record_values(course, {"pulse": "60"}, by=PHYSICIAN, at=NOW + timedelta(minutes=1))
    assert refused.value.where == "at"
    screening.record_values(course, {"pulse": "60"}, by=PHYSICIAN, at=NOW)


def test_a_new_line_begins_for_each_medicine_so_that_an_old_stop_never_hides_a_present_one(course):
    screening.record_medicine(course, by=PHYSICIAN, typed="Slowazine", taking=True)
    screening.record_medicine(course, by=PHYSICIAN, typed="Slowazine", taking=False, stopped_on=date(2019, 1, 1))
    looks = sorted(line.look for line in lines(course) if line.told)
    assert looks == ["met", "notmet"]


def test_a_line_is_brought_up_to_date_by_its_id(course):
    told = screening.record_medicine(course, by=PHYSICIAN, typed="Slowazine", taking=True)
    screening.record_medicine(
        course, by=PHYSICIAN, typed="Slowazine", taking=False, stopped_on=date(2026, 9, 1), medicine=told.id
    )
    (line,) = [line for line in lines(course) if line.told]
    assert line.look == "met"
    with pytest.raises(BadInput, match="not on the list"):
        screening.record_medicine(course, by=PHYSICIAN, typed="x", taking=True, medicine="somebody-elses")


def test_a_medicine_that_cannot_be_is_refused_with_every_fault(course):
    with pytest.raises(ManyFaults) as refused:
        screening.record_medicine(
            course,
            by=PHYSICIAN,
            typed="  ",
            taking=True,
            started_on=TODAY + timedelta(days=1),
            stopped_on=TODAY - timedelta(days=3),
        )
    assert {fault.where for fault in refused.value.faults} == {"typed", "started_on", "stopped_on"}
    with pytest.raises(ManyFaults, match="stopped before it was begun"):
        screening.record_medicine(
            course, by=PHYSICIAN, typed="a", taking=False, started_on=TODAY, stopped_on=TODAY - timedelta(days=1)
        )


def test_a_name_near_one_on_file_is_asked_back_and_decides_nothing_by_itself(course):
    assert [drug.id for drug in screening.meant("slowasine")] == ["slowazine"]
    assert screening.meant("Slowa") == ()
    receipt = screening.record_medicine(course, by=PHYSICIAN, typed="slowasine", taking=False, stopped_on=TODAY)
    assert screening.told(course, receipt.id, READER).drug == ""
    assert next(line for line in lines(course) if line.told).look == "unknown"


def decide(course, medicine, **more):
    given = {"by": PHYSICIAN, "decision": "may_go_on", "rests_on": "The pharmacist read the label."}
    given |= {"second_username": "pharma", "second_password": PASSWORD} | more
    return screening.decide_medicine(course, medicine=medicine, **given)


def test_a_physician_and_a_second_person_settle_what_facts_do_not(course):
    make_ready(course)
    told = screening.record_medicine(course, by=PHYSICIAN, typed="Rare herb", taking=True)
    assert not page(course).clear
    decide(course, told.id)
    assert page(course).clear
    decided = reading.chart(course, reading.JUDGE).of(MedicineDecided)[0].entry
    assert decided.second_person == "P. Harma"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"second_username": "doc"}, BadInput),
        ({"second_password": "wrong"}, ProofFailed),
        ({"second_username": "front"}, ProofFailed),
        ({"rests_on": " "}, BadInput),
        ({"medicine": "none"}, BadInput),
        ({"by": Author("front", Role.COORDINATOR)}, NotAllowed),
    ],
)
def test_a_decision_without_ground_second_person_or_right_is_refused(course, changed, error):
    told = screening.record_medicine(course, by=PHYSICIAN, typed="Rare herb", taking=True)
    given = {"medicine": told.id} | changed
    with pytest.raises(error):
        decide(course, given.pop("medicine"), **given)
    assert not reading.chart(course, reading.JUDGE).of(MedicineDecided)


def test_approval_is_refused_while_something_is_open_and_a_review_is_not(course):
    with pytest.raises(BadInput, match="not offered"):
        sign(course)
    sign(course, "reviewed")
    (signed,) = reading.chart(course, reading.JUDGE).of(Signed)
    assert signed.entry.printed_name == "D. Octor"
    assert signed.entry.unknown > 0
    assert signed.entry.proof


def test_an_approval_holds_the_worksheet_and_falls_when_something_gets_worse(course):
    make_ready(course)
    sign(course)
    found = page(course)
    assert found.approval.verdict is Verdict.MET
    assert found.signatures[0].stands
    screening.record_values(course, {"pulse": "120"}, by=PHYSICIAN)
    found = page(course)
    assert found.approval.verdict is Verdict.NOT_MET
    assert not found.signatures[0].stands


def test_what_changed_between_showing_and_signing_is_not_signed(course):
    make_ready(course)
    shown = page(course).hash
    screening.record_medicine(course, by=PHYSICIAN, typed="Something new", taking=True)
    with pytest.raises(BadInput) as refused:
        sign(course, shown_hash=shown)
    assert refused.value.where == "shown_hash"
    assert not reading.chart(course, reading.JUDGE).of(Signed)


def test_only_the_role_of_the_protocol_approves(course):
    make_ready(course)
    coordinator = {"by": Author("front", Role.COORDINATOR), "username": "front"}
    with pytest.raises(NotAllowed, match="physician"):
        sign(course, **coordinator)
    sign(course, "authored", **coordinator)


@pytest.mark.parametrize(("username", "password"), [("doc", "wrong"), ("pharma", PASSWORD), ("", "")])
def test_a_signature_needs_the_signers_own_name_and_password(course, username, password):
    with pytest.raises(ProofFailed):
        sign(course, "reviewed", username=username, password=password)


def test_a_signature_sent_twice_is_one(course):
    id = ledger.new_id()
    assert sign(course, "reviewed", id=id) == sign(course, "reviewed", id=id)
    with pytest.raises(IdReused):
        sign(course, "authored", id=id)


def test_a_sealed_score_decides_and_is_not_shown(course):
    rate(course, 2.25)
    for reader, told in ((READER, False), (AUDITOR, True)):
        line = line_of(course, "severity", reader=reader)
        assert line.look == "notmet"
        assert line.sealed is not told
        words = repr(line.finding)
        assert ("kept sealed" in words) is not told
        assert told or "2.25" not in words
        assert bool(line.seqs) is told


def test_the_worksheet_of_a_sealed_score_has_one_hash_for_every_reader(course):
    rate(course, 2)
    assert page(course).hash == page(course, reader=AUDITOR).hash


def test_what_a_reader_may_not_open_does_not_exist(course):
    for reader in (Reader(Role.RATER, "rat"), Reader(Role.PARTICIPANT, "p", "AK-9999")):
        with pytest.raises(UnknownId):
            screening.worksheet(course, reader, on=TODAY)
    with pytest.raises(UnknownId):
        screening.worksheet("AK-9999", READER, on=TODAY)


def test_the_form_asks_for_what_criteria_and_visits_read_and_pairs_come_together(course):
    assert set(page(course).observables) == {
        "pulse",
        "systolic",
        "diastolic",
        "psychosis",
        "contact",
        "choice",
        "test",
        "medicines-reviewed",
    }


def test_what_is_on_file_is_told_without_its_title(course):
    screening.record_values(course, {"systolic": "118", "diastolic": "72", "contact": True}, by=PHYSICIAN)
    found = screening.on_file(course, ("systolic", "contact", "pulse"), READER)
    assert (found["systolic"][0], found["contact"][0], found.get("pulse")) == ("118 mmHg", "yes", None)
