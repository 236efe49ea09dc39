"""Filling in a scale: kept item by item, asked only where it applies, handed in once, by whom it is for."""

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import AnswersGiven, ContactMade, Retracted
from asklepion.core.errors import BadInput, HandedIn, ManyFaults, UnknownId
from asklepion.flows import own, ratings, scales
from asklepion.record import clock, drafts, ledger, reading
from asklepion.record.caseload import waiting
from asklepion.record.reading import JUDGE
from check_in import MOODS, START, Walker, author, check_in, reader, whole_course  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_in")]


@pytest.fixture
def person() -> Walker:
    return Walker()


def mine(person: Walker):
    return reader(Role.PARTICIPANT, person.course)


def given(person: Walker) -> list[AnswersGiven]:
    return [each.entry for each in reading.chart(person.course, JUDGE).of(AnswersGiven)]


def test_answers_are_kept_as_they_are_given_and_the_sheet_goes_on_where_it_stopped(person):
    with person.on(3):
        scales.answer(person.course, "moods", "intake", item="1", value=2, reader=mine(person))
        again = scales.start(person.course, "moods", "intake", reader=mine(person))
    assert again.answers == {"1": 2}
    assert again.resumes_at == 2


def test_a_blank_on_purpose_stays_a_blank_and_is_not_zero(person):
    with person.on(3):
        for item, value in (("1", 2), ("2", None), ("3", 0)):
            scales.answer(person.course, "moods", "intake", item=item, value=value, reader=mine(person))
        scales.hand_in(person.course, "moods", "intake", by=author(Role.PARTICIPANT), reader=mine(person))
    entry = given(person)[0]
    assert [answer.value for answer in entry.answers] == [2, None, 0]
    assert entry.scores[0].value is None
    assert "blank" in entry.scores[0].unscored


def test_what_is_still_open_is_named_and_nothing_is_handed_in(person):
    with person.on(3):
        scales.answer(person.course, "moods", "intake", item="1", value=2, reader=mine(person))
        with pytest.raises(BadInput, match="Bad sleep, Dark thoughts"):
            scales.hand_in(person.course, "moods", "intake", by=author(Role.PARTICIPANT), reader=mine(person))
    assert given(person) == []
    assert drafts.load("participant", person.course, "moods", "intake") == {"1": 2}


def test_handed_in_twice_is_one_entry_with_one_receipt(person):
    first = person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    again = person.answers("moods", "intake", 3, {"1": 0, "2": 0, "3": 0}, Role.PARTICIPANT)
    assert again.receipt.id == first.receipt.id
    assert (first.again, again.again) == (False, True)
    assert len(given(person)) == 1


def test_two_tabs_that_race_make_one_entry_and_the_first_stands(person, monkeypatch):
    """Both tabs see an open sheet; the second append finds the id of the first."""
    with person.on(3):
        open_sheet = scales.start(person.course, "moods", "intake", reader=mine(person))
    first = person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    real, seen = scales.start, []

    def stale(*args, **kwargs):
        seen.append(1)
        return open_sheet if len(seen) == 1 else real(*args, **kwargs)

    monkeypatch.setattr(scales, "start", stale)
    other = person.answers("moods", "intake", 3, {"1": 0, "2": 0, "3": 0}, Role.PARTICIPANT)
    assert other.receipt.id == first.receipt.id
    assert len(given(person)) == 1


def test_an_answer_after_handing_in_is_refused_kindly(person):
    person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    with person.on(3), pytest.raises(HandedIn):
        scales.answer(person.course, "moods", "intake", item="1", value=0, reader=mine(person))


def test_after_a_retraction_it_can_be_given_anew(person):
    first = person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    with person.on(3):
        ledger.append(
            person.course, Retracted(), author(Role.COORDINATOR), corrects=first.receipt.id, reason="wrong person"
        )
    second = person.answers("moods", "intake", 4, MOODS, Role.PARTICIPANT)
    assert second.receipt.id != first.receipt.id
    assert len(given(person)) == 1


@pytest.mark.parametrize("value", [-1, 5])
def test_an_answer_outside_its_range_is_refused(person, value):
    with person.on(3), pytest.raises(BadInput, match="not one of the answers"):
        scales.answer(person.course, "moods", "intake", item="1", value=value, reader=mine(person))


@pytest.mark.parametrize("value", [0, 4])
def test_both_ends_of_the_range_are_answers(person, value):
    with person.on(3):
        sheet = scales.answer(person.course, "moods", "intake", item="1", value=value, reader=mine(person))
    assert sheet.answers == {"1": value}


def test_a_coded_answer_is_an_answer_and_no_amount(person):
    person.answers("tired", "intake", 3, {"1": 999}, Role.PARTICIPANT)
    assert given(person)[0].scores[0].value is None


def test_faults_of_many_answers_come_together(person):
    with pytest.raises(ManyFaults) as refused:
        person.answers("moods", "intake", 3, {"1": 9, "4": 1}, Role.PARTICIPANT)
    assert len(refused.value.faults) == 2
    assert given(person) == []


@pytest.mark.parametrize(("first", "asked"), [(0, ["1", "3"]), (1, ["1", "2", "3"]), (None, ["1", "2", "3"])])
def test_a_conditional_item_is_asked_unless_it_is_known_not_to_apply(person, first, asked):
    care = reader(Role.FACILITATOR)
    with person.on(3):
        sheet = scales.answer(person.course, "asks", "intake", item="1", value=first, reader=care)
    assert [item.id for item in sheet.asked] == asked


def test_an_answer_that_no_longer_applies_is_not_handed_in(person):
    care = reader(Role.FACILITATOR)
    with person.on(3):
        for item, value in (("1", 1), ("2", 1), ("1", 0), ("3", 0)):
            scales.answer(person.course, "asks", "intake", item=item, value=value, reader=care)
        scales.hand_in(person.course, "asks", "intake", by=author(Role.FACILITATOR), reader=care)
    assert [answer.value for answer in given(person)[0].answers] == [0, None, 0]
    assert given(person)[0].categories[0].value == "low"


@pytest.mark.parametrize(
    ("role", "scale", "may"),
    [
        (Role.PARTICIPANT, "moods", True),
        (Role.PARTICIPANT, "asks", False),
        (Role.PARTICIPANT, "held", False),
        (Role.FACILITATOR, "moods", True),
        (Role.FACILITATOR, "asks", True),
        (Role.FACILITATOR, "held", False),
        (Role.RATER, "held", True),
        (Role.RATER, "asks", False),
        (Role.STATISTICIAN, "moods", False),
        (Role.AUDITOR, "held", False),
        (Role.ADMINISTRATOR, "moods", False),
    ],
)
def test_who_fills_in_what(person, role, scale, may):
    who = reader(role, person.course if role is Role.PARTICIPANT else "")
    with person.on(3):
        if may:
            assert scales.start(person.course, scale, "intake", reader=who).scale.id == scale
        else:
            with pytest.raises(UnknownId):
                scales.start(person.course, scale, "intake", reader=who)


def test_a_participant_sees_no_other_course_and_nothing_that_is_not_due(person):
    with person.on(3):
        with pytest.raises(UnknownId):
            scales.start(person.course, "moods", "intake", reader=reader(Role.PARTICIPANT, "AK-9999"))
        with pytest.raises(UnknownId):
            scales.start(person.course, "moods", "after", reader=mine(person))


def test_an_alert_waits_on_the_caseload_until_somebody_has_spoken_with_the_person(person):
    result = person.answers("moods", "intake", 3, {"1": 1, "2": 1, "3": 2}, Role.PARTICIPANT)
    assert [raised.certain for raised in result.raised] == [True]
    on = clock.local_date(START).replace(day=5)
    titles = [each.task.title for each in waiting(reader(Role.PHYSICIAN), on=on).tasks]
    assert "Speak today: Dark thoughts were answered" in titles
    with person.on(3, hour=3):
        ledger.append(person.course, ContactMade("telephone", False, "no answer"), author(Role.PHYSICIAN))
    assert any("Speak today" in each.task.title for each in waiting(reader(Role.PHYSICIAN), on=on).tasks)
    with person.on(3, hour=4):
        ledger.append(person.course, ContactMade("telephone", True, "safe tonight"), author(Role.PHYSICIAN))
    assert not any("Speak today" in each.task.title for each in waiting(reader(Role.PHYSICIAN), on=on).tasks)


@pytest.mark.parametrize(("dark", "raised"), [(1, []), (2, [True]), (4, [True]), (None, [False])])
def test_an_alert_is_raised_on_its_threshold_above_it_and_by_a_blank(person, dark, raised):
    result = person.answers("moods", "intake", 3, {"1": 0, "2": 0, "3": dark}, Role.PARTICIPANT)
    assert [each.certain for each in result.raised] == raised


def test_the_home_of_a_participant_names_what_is_due_and_nothing_else(person):
    with person.on(3):
        home = own.home(mine(person), on=clock.today())
    assert [(each.scale, each.visit, each.number) for each in home.scales] == [
        ("moods", "intake", 1),
        ("tired", "intake", 1),
    ]
    assert "arm" not in repr(home).lower()


def test_what_is_offered_is_shown_but_is_not_counted_as_due():
    person = whole_course()
    with person.on(20):
        home = own.home(mine(person), on=clock.today())
    offered = [each.scale for each in home.scales if each.offered]
    assert offered == ["tired"]
    assert home.due == len(home.scales) - 1


def test_an_interview_is_sealed_and_its_sheet_tells_nothing_of_the_visit(person):
    rater = reader(Role.RATER)
    with person.on(3):
        (interview,) = ratings.due(rater, on=clock.today())
        sheet = ratings.start(interview.token, reader=rater)
        assert (sheet.visit, sheet.visit_title, sheet.nth) == ("", "", 0)
        for item in ("1", "2"):
            ratings.answer(interview.token, item=item, value=3, reader=rater)
        ratings.hand_in(interview.token, by=author(Role.RATER), reader=rater)
        assert ratings.due(rater, on=clock.today()) == ()
        assert ratings.start(interview.token, reader=rater).answers == {}
    assert given(person)[0].sealed
    assert reading.chart(person.course, reader(Role.PHYSICIAN)).of(AnswersGiven) == ()


def test_another_rater_cannot_tell_a_handed_in_interview_from_none(person):
    rater, other = reader(Role.RATER), reading.Reader(Role.RATER, "other-rater")
    with person.on(3):
        (interview,) = ratings.due(rater, on=clock.today())
        ratings.hand_in(interview.token, by=author(Role.RATER), reader=rater, answers={"1": 1, "2": 1})
        said = []
        for token in (interview.token, "0" * 32, "no token"):
            with pytest.raises(UnknownId) as refused:
                ratings.start(token, reader=other)
            said.append(str(refused.value))
    assert len(set(said)) == 1


def test_marked_as_not_done_it_is_asked_no_more(person):
    care = reader(Role.FACILITATOR)
    with person.on(3):
        with pytest.raises(BadInput):
            scales.not_done(person.course, "asks", "intake", "  ", by=author(Role.FACILITATOR), reader=care)
        scales.not_done(person.course, "asks", "intake", "left early", by=author(Role.FACILITATOR), reader=care)
        assert ("asks", "intake") not in scales.due_scales(reading.chart(person.course, JUDGE), on=clock.today())
