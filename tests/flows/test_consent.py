"""Consent through its flows: read, answered, signed, countersigned, withdrawn, signed again."""

from datetime import date, timedelta

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import ConsentCountersigned, ConsentSigned, ConsentWithdrawn
from asklepion.core.errors import BadInput, ManyFaults, NotAllowed, ProofFailed, UnknownId
from asklepion.core.values import ConsentState
from asklepion.flows import consent, courses
from asklepion.record import accounts, clock, drafts, ledger, people, reading
from asklepion.record.ledger import Author
from asklepion.record.people import Person
from asklepion.record.reading import Reader
from small_facts import NOW, RIGHT, TODAY, VERSIONS, document, shelf  # noqa: F401

pytestmark = pytest.mark.django_db
PASSWORD = "seven quiet lanterns"
PHYSICIAN = Author("doc", Role.PHYSICIAN)
PERSON = Author("person", Role.PARTICIPANT)
READER = Reader(Role.PHYSICIAN, "doc")


@pytest.fixture(autouse=True)
def shown(shelf, settings):  # noqa: F811
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    accounts.create("doc", Role.PHYSICIAN, "D. Octor", PASSWORD)
    return shelf


@pytest.fixture
def course():
    code = courses.open_course("small", by=PHYSICIAN, site="S1", simulated=True).course
    accounts.create("person", Role.PARTICIPANT, "A Person", PASSWORD, course=code)
    return code


def sign(course, version="1.0", **more):
    given = {"by": PERSON, "document": "paper", "choices": RIGHT, "name": "  Ada   Person "} | more
    return consent.sign(course, version=version, **given)


def countersign(course, **more):
    return consent.countersign(course, **({"by": PHYSICIAN, "username": "doc", "password": PASSWORD} | more))


def state(course, on=TODAY):
    return consent.page(course, READER, on=on).status.state


def test_from_never_signed_to_in_force(course):
    assert state(course) is ConsentState.NEVER_SIGNED
    signed = sign(course)
    assert state(course) is ConsentState.AWAITS_COUNTERSIGNATURE
    countersign(course)
    assert state(course) is ConsentState.IN_FORCE
    made = reading.chart(course, reading.JUDGE).of(ConsentCountersigned)[0].entry
    assert (made.signs_entry, made.signs_hash, made.printed_name) == (signed.id, signed.hash, "D. Octor")


def test_the_printed_name_is_kept_apart_and_never_on_the_ledger(course):
    people.save(course, Person("Ada P.", contact="a telephone"))
    sign(course)
    held = people.find(course)
    assert (held.name, held.contact, held.signed_as) == ("Ada P.", "a telephone", "Ada Person")
    assert "Ada" not in repr(reading.entries(course, reading.JUDGE))


def test_the_name_under_a_signature_is_shown_to_who_countersigns_only(course):
    sign(course)
    assert consent.page(course, READER, on=TODAY).signed_as == "Ada Person"
    for role in (Role.AUDITOR, Role.PHARMACIST, Role.MEDICAL_MONITOR, Role.FACILITATOR):
        assert consent.page(course, Reader(role, "x"), on=TODAY).signed_as == ""


def test_a_wrong_answer_leads_to_its_part_blocks_nothing_and_is_remembered(course):
    checked = consent.check(course, {"q1": 1}, by=PERSON)
    assert [question.id for question in checked.unanswered] == ["q2"]
    ((question, part),) = checked.wrong
    assert (question.id, part.title) == ("q1", "You decide freely")
    assert consent.check(course, RIGHT, by=PERSON).right
    sign(course)
    (signed,) = reading.chart(course, reading.JUDGE).of(ConsentSigned)
    assert signed.entry.wrong_first == ("q1",)
    assert (signed.entry.questions_right, signed.entry.questions_asked) == (2, 2)
    assert drafts.load("person", course, "consent:paper", "1.0") == {}


@pytest.mark.parametrize("choices", [{}, {"q1": 0}, {"q1": 1, "q2": 1}])
def test_no_signature_before_every_answer_is_right(course, choices):
    with pytest.raises(ManyFaults):
        sign(course, choices=choices)
    assert not reading.chart(course, reading.JUDGE).of(ConsentSigned)


def test_a_signature_needs_a_name_the_version_in_force_and_the_person(course):
    with pytest.raises(BadInput) as refused:
        sign(course, name="  ")
    assert refused.value.where == "name"
    with pytest.raises(BadInput, match="not in force"):
        sign(course, version="0.9")
    with pytest.raises(NotAllowed):
        sign(course, by=PHYSICIAN)


def test_the_page_signs_only_with_the_password(course):
    given = {"by": PERSON, "document": "paper", "version": "1.0", "choices": RIGHT, "name": "Ada"}
    with pytest.raises(ProofFailed):
        consent.prove_and_sign(course, password="wrong", **given)
    consent.prove_and_sign(course, password=PASSWORD, **given)


def test_what_is_sent_twice_is_one_and_a_second_tab_is_told(course):
    consent.check(course, {"q1": 1, "q2": 1}, by=PERSON)
    id = ledger.new_id()
    assert sign(course, id=id) == sign(course, id=id)
    with pytest.raises(BadInput, match="signed already"):
        sign(course, id=ledger.new_id())
    other = ledger.new_id()
    assert countersign(course, id=other) == countersign(course, id=other)
    assert len(reading.chart(course, reading.JUDGE).of(ConsentCountersigned)) == 1


def test_a_countersignature_needs_proof_the_role_and_the_signature_that_was_shown(course):
    with pytest.raises(BadInput, match="No signature waits"):
        countersign(course)
    sign(course)
    with pytest.raises(ProofFailed):
        countersign(course, password="wrong")
    with pytest.raises(BadInput, match="Another signature"):
        countersign(course, entry="an-older-one")
    accounts.create("front", Role.COORDINATOR, "C. Front", PASSWORD)
    with pytest.raises(NotAllowed):
        countersign(course, by=Author("front", Role.COORDINATOR), username="front")


@pytest.mark.parametrize("by", [PERSON, Author("front", Role.COORDINATOR)])
def test_consent_is_withdrawn_by_the_person_or_by_the_clinic_on_their_word(course, by):
    with pytest.raises(BadInput, match="no consent"):
        consent.withdraw(course, "all", by=by)
    sign(course)
    consent.withdraw(course, "treatment", by=by)
    assert state(course) is ConsentState.WITHDRAWN
    with pytest.raises(BadInput):
        consent.withdraw(course, "treatment", by=by)
    consent.withdraw(course, "all", by=by)
    with pytest.raises(BadInput):
        consent.withdraw(course, "all", by=by)
    assert len(reading.chart(course, reading.JUDGE).of(ConsentWithdrawn)) == 2


def test_after_a_withdrawal_the_person_may_sign_anew(course):
    sign(course)
    consent.withdraw(course, "all", by=PERSON)
    with clock.shifted_to(NOW + timedelta(days=3)):
        sign(course)
        assert state(course, on=TODAY + timedelta(days=3)) is ConsentState.AWAITS_COUNTERSIGNATURE


def test_a_new_version_names_who_must_sign_again_from_its_day_on(course, shown):
    sign(course)
    other = courses.open_course("small", by=PHYSICIAN, site="S1", simulated=True).course
    gone = courses.open_course("small", by=PHYSICIAN, site="S1", simulated=True).course
    sign(gone)
    consent.withdraw(gone, "all", by=PERSON)
    ended = courses.open_course("small", by=PHYSICIAN, site="S1", simulated=True).course
    sign(ended)
    courses.end_course(ended, "lost", by=PHYSICIAN, because="Moved away")
    day = TODAY + timedelta(days=10)
    shown.put(consent_documents=(*VERSIONS, document("2.0", day)))
    for on, names in ((day - timedelta(days=1), []), (day, [course]), (day + timedelta(days=1), [course])):
        (paper,) = consent.versions(READER, on=on)
        assert [each.course for each in paper.again] == names
        assert paper.unsigned == 1, other
        assert [version.signed for version in paper.versions] == [0, 2]


def test_a_version_that_does_not_ask_leaves_signatures_as_they_are(course, shown):
    sign(course)
    shown.put(consent_documents=(*VERSIONS, document("1.1", date(2026, 11, 1), again=False)))
    (paper,) = consent.versions(READER, on=TODAY)
    assert (paper.in_force.version, paper.again) == ("1.1", ())
    shown.put(consent_documents=(document("1.1", date(2026, 11, 1), again=False),))
    (paper,) = consent.versions(READER, on=TODAY)
    assert [each.signed for each in paper.again] == ["1.0"], "a version that is not on file cannot be compared"


@pytest.mark.parametrize("role", [Role.RATER, Role.STATISTICIAN, Role.ADMINISTRATOR])
def test_versions_name_nobody_to_who_may_not_see_courses(course, shown, role):
    sign(course)
    shown.put(consent_documents=(*VERSIONS, document("2.0", TODAY)))
    (paper,) = consent.versions(Reader(role, "x"), on=TODAY)
    assert (paper.again, paper.again_total, paper.unsigned) == ((), 0, 0)


def test_a_participant_reads_their_own_course_only(course):
    other = courses.open_course("small", by=PHYSICIAN, site="S1", simulated=True).course
    mine = Reader(Role.PARTICIPANT, "person", course)
    assert consent.page(course, mine, on=TODAY).may_sign
    with pytest.raises(UnknownId):
        consent.page(other, mine, on=TODAY)
