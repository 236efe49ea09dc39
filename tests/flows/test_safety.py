"""Events with grade and seriousness apart, their ends as amendments, contacts, notes: each saved once."""

from datetime import timedelta

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import AdverseEvent, ContactMade, Note
from asklepion.core.errors import BadInput, ManyFaults, NotAllowed, UnknownId
from asklepion.flows import safety

pytest_plugins = ("small_visits",)
pytestmark = pytest.mark.django_db
COURSE = "AK-0001"
FORM = "0192f000-0000-7000-8000-000000000003"


def event(clinic, **more):
    given = {
        "by": clinic.by(),
        "term": " Head  ache ",
        "grade": 2,
        "serious": False,
        "started_on": clinic.now.date(),
        **more,
    }
    return safety.record_event(COURSE, **given)


def where(error):
    return {fault.where for fault in error.value.faults}


def test_an_event_is_a_treatment_entry_saved_once(clinic):
    first = event(clinic, id=FORM)
    assert event(clinic, id=FORM) == first
    (recorded,) = clinic.chart().of(AdverseEvent)
    assert (recorded.entry.term, recorded.entry.event, recorded.label) == ("Head ache", FORM, "treatment")


@pytest.mark.parametrize("grade", [0, 6])
def test_a_grade_is_one_to_five(clinic, grade):
    for known in (1, 2, 3, 4):
        event(clinic, grade=known, confirmed=known == 4)
    event(clinic, grade=5, serious=True)
    with pytest.raises(ManyFaults) as error:
        event(clinic, grade=grade)
    assert where(error) == {"grade"}


def test_severity_and_seriousness_are_two_questions_but_a_death_is_serious(clinic):
    event(clinic, grade=4, serious=False, confirmed=True)
    event(clinic, grade=1, serious=True)
    with pytest.raises(ManyFaults) as error:
        event(clinic, grade=5, serious=False)
    assert where(error) == {"serious"}


@pytest.mark.parametrize(("grade", "serious", "asked"), [(3, False, False), (4, False, True), (4, True, False)])
def test_what_is_life_threatening_and_not_serious_is_asked_about_once(clinic, grade, serious, asked):
    if asked:
        with pytest.raises(ManyFaults) as error:
            event(clinic, grade=grade, serious=serious)
        assert where(error) == {"confirmed"}
        assert clinic.chart().of(AdverseEvent) == ()
    event(clinic, grade=grade, serious=serious, confirmed=asked)
    assert len(clinic.chart().of(AdverseEvent)) == 1


def test_every_fault_of_an_event_is_told_at_once(clinic):
    today = clinic.now.date()
    with pytest.raises(ManyFaults) as error:
        event(clinic, term=" ", grade=9, started_on=today + timedelta(days=1), ended_on=today, related="perhaps")
    assert where(error) == {"term", "grade", "started_on", "ended_on", "related"}
    with pytest.raises(ManyFaults) as error:
        event(clinic, ended_on=today + timedelta(days=1))
    assert where(error) == {"ended_on"}
    assert not clinic.chart().of(AdverseEvent)


def test_an_open_event_ends_by_an_amendment_with_a_reason(clinic):
    opened = event(clinic, action="Rest")
    clinic.move(2)
    today = clinic.now.date()
    with pytest.raises(ManyFaults) as error:
        safety.end_event(COURSE, opened.id, today, by=clinic.by(), reason=" ")
    assert where(error) == {"reason"}
    with pytest.raises(ManyFaults) as error:
        safety.end_event(COURSE, opened.id, clinic.at(-1).date(), by=clinic.by(), reason="Told")
    assert where(error) == {"ended_on"}
    form = {"by": clinic.by(Role.MEDICAL_MONITOR), "reason": "Told by telephone", "id": FORM}
    first = safety.end_event(COURSE, opened.id, today, **form)
    assert safety.end_event(COURSE, opened.id, today, **form) == first
    (ended,) = clinic.chart().of(AdverseEvent)
    assert (ended.entry.ended_on, ended.entry.action, ended.entry.event) == (today, "Rest", opened.id)
    assert (ended.corrects, ended.reason, ended.at) == (opened.id, "Told by telephone", clinic.at(0))
    assert safety.page(COURSE, clinic.reader()).open_events == ()
    for gone in (opened.id, ended.id, "no-such"):
        with pytest.raises(UnknownId):
            safety.end_event(COURSE, gone, today, by=clinic.by(), reason="Again")


def test_only_those_who_care_and_the_monitor_record_events(clinic):
    may = {Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR, Role.MEDICAL_MONITOR}
    for role in Role:
        if role in may:
            event(clinic, by=clinic.by(role))
            continue
        with pytest.raises(NotAllowed):
            event(clinic, by=clinic.by(role))
    assert len(clinic.chart().of(AdverseEvent)) == len(may)


def test_a_contact_that_reached_nobody_is_recorded_too(clinic):
    contact = {"by": clinic.by(), "how": "telephone", "reached": False, "about": "No answer", "id": FORM}
    safety.record_contact(COURSE, **contact)
    safety.record_contact(COURSE, **contact)
    assert [each.entry.reached for each in clinic.chart().of(ContactMade)] == [False]
    with pytest.raises(ManyFaults) as error:
        safety.record_contact(
            COURSE, by=clinic.by(), how="owl", reached=True, about="", minutes=-1, at=clinic.now + timedelta(seconds=1)
        )
    assert where(error) == {"how", "about", "minutes", "at"}


def test_a_note_is_kept_from_raters_and_analysts_and_never_empty(clinic):
    safety.write_note(COURSE, "A hard night.", by=clinic.by(Role.PHARMACIST), visit="talk", id=FORM)
    safety.write_note(COURSE, "A hard night.", by=clinic.by(Role.PHARMACIST), visit="talk", id=FORM)
    (note,) = clinic.chart().of(Note)
    assert note.label == "treatment"
    with pytest.raises(BadInput, match="empty"):
        safety.write_note(COURSE, " ", by=clinic.by())
    assert clinic.page("talk").recorded == (("A hard night.", note.seq),)
