"""One simulated person carried through the phase 3 protocol by its pages, from first contact to the end of the course.

By the browser, each by the role that does it: opening the course; reading, a wrong answer and signing on a phone,
countersigning; the worksheet with a slip, a washout, a medicine without a fact and its decision, its signature;
screening, enrolment, a preparation that was booked, the baseline rating; the interview of the blinded rater; a
questionnaire on a phone, with a blank and on two devices; the morning of session 1, its doses, readings and end; an
adverse event and its end; a call, an integration, one that was missed; the primary rating, the follow-ups at 6 and 12
months, a correction, the end. By the flows that the demo walks, since they repeat the above: the other preparations,
calls, integrations and ratings, sessions 2 and 3, the questionnaires of other visits.
"""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from playwright.sync_api import Page
from tests.journeys.screens import SHOTS, Screens, fill, screens, text_of, words  # noqa: F401
from tests.web.conftest import PASSWORD
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.access import Role
from asklepion.flows import ratings, scales
from asklepion.flows.facts import facts
from asklepion.flows.simulated import ORDINARY, answers_for
from asklepion.flows.walking import ORDINARY_LATER, Story, Team, Walk
from asklepion.record import clock
from asklepion.record.ledger import Author
from asklepion.record.models import ProjectedCourse
from asklepion.record.reading import Reader

PROTOCOL = "mdma-ptsd-phase-3"
CALM = {"systolic": "124", "diastolic": "79", "heart-rate": "66", "temperature": "36.5"}
SAME_DAY = (
    "pregnancy-test",
    "urine-drug-screen",
    "medicines-reviewed",
    "fasted",
    "consent-reconfirmed",
    "overnight-stay",
    "escort",
    "facilitators-agree",
)
_OWN = ("id", "edition")
SESSIONS = (35, 63, 91)
"""The days of the three sessions. The first is held by the pages, the others by the flows."""


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_one_person_from_first_contact_to_the_end_of_the_course(screens: Screens):  # noqa: F811
    first_contact(screens)
    consent(screens)
    worksheet(screens)
    screening_visit(screens)
    walk = repetitions(screens)
    preparation(screens, walk)
    baseline(screens)
    walk.live(screens.day(28))
    morning_of_session_1(screens)
    session_1(screens)
    days_after(screens, walk)
    questionnaire_on_two_devices(screens, walk)
    for day in range(50, 98):
        walk.live(screens.day(day))
    missed(screens)
    for day in range(98, 140):
        walk.live(screens.day(day))
    primary_rating(screens)
    walk.live(screens.day(154))
    follow_ups(screens)
    correction(screens)
    the_end(screens)
    nothing_is_lost(screens)


def first_contact(s: Screens) -> None:
    page = s.go(Role.COORDINATOR, "/")
    assert "No course is open yet" in text_of(page)
    s.follow(page, "Open a course")
    fill(page, {"protocol": PROTOCOL, "name": "Simulated Person", "contact": "0000 98 76 54"})
    said = s.press(page, "Open the course")
    assert "Course AK-0001 is open." in said
    s.code = "AK-0001"
    assert "Simulated Person" not in text_of(page)


def consent(s: Screens) -> None:
    s.at(0, 10)
    page = s.go(Role.PARTICIPANT, "/me/")
    s.shoot(page, "phone-first-day")
    s.follow(page, "Read it")
    document = next(each for each in facts().consent_documents if each.id == "mdma-ptsd-v1")
    right = {f"q-{each.id}": str(each.correct) for each in document.questions}
    fill(page, right | {"q-leave": "1"})
    assert "Question 3" in s.press(page, "Check my answers", refused=True)
    assert page.locator('[name="q-placebo"][value="1"]').is_checked(), "the other answers stand"
    s.shoot(page, "consent-one-answer-wrong", at=".errors")
    fill(page, {"q-leave": "2"})
    s.press(page, "Check my answers")
    fill(page, {"name": "Simulated Person", "password": PASSWORD})
    s.shoot(page, "consent-sign")
    assert "You have signed." in s.press(page, "Sign")

    s.at(0, 11)
    page = s.go(Role.PHYSICIAN, f"/courses/{s.code}/consent/")
    assert "1 read again first" in text_of(page)
    fill(page, {"username": "physician", "password": PASSWORD})
    assert "Consent is in force." in s.press(page, "Prove it is you, and countersign")


def worksheet(s: Screens) -> None:
    s.at(0, 12)
    page = s.go(Role.PHYSICIAN, f"/courses/{s.code}/screening/values/")
    asked = _asked("screening") | {"supplement-window"}
    known = {what: words(ORDINARY[what]) for what in asked if page.locator(f'[name="{what}"]').count()}
    fill(page, known | {"systolic": "18/112", "diastolic": ""})
    said = s.press(page, "Save the values", refused=True)
    assert "Systolic blood pressure" in said
    fill(page, {"systolic": "18", "diastolic": "112"})
    said = s.press(page, "Save the values", refused=True)
    assert "18 lies outside 50 to 300. Look at the device and type it again." in said
    assert page.locator('[name="systolic"]').input_value() == "18"
    assert page.locator('[name="qtc"]').input_value() == "418", "nothing that was typed is lost"
    s.shoot(page, "worksheet-a-slip-is-refused", at=".errors")
    fill(page, {"systolic": "118", "diastolic": "76"})
    assert "Every criterion is judged anew." in s.press(page, "Save the values")
    _medicines(s, page)
    _suicidality(s, page, "screening")


def _medicines(s: Screens, page: Page) -> None:
    s.follow(page, "Record a medicine")
    stopped = s.day(-5).isoformat()
    fill(page, {"typed": "Zoloft", "dose": "100 mg a day", "taking": "no", "stopped_on": stopped})
    assert "read as Sertraline" in s.press(page, "Save the medicine")
    s.follow(page, "Record a medicine")
    fill(page, {"typed": "Heartsease tea", "dose": "two cups a day", "taking": "yes", "told_by": "the person"})
    assert "stays unknown until a physician decides" in s.press(page, "Save the medicine")
    shown = text_of(page)
    assert f"{s.code} cannot be cleared today." in shown
    assert "We have no fact on file about this pair." in shown or "no fact on file" in shown
    for line in ("104 h", "22 d", "7 d", "29 d"):
        assert line in shown, "the washout shows its arithmetic"
    s.shoot(page, "worksheet-first-day")
    s.follow(page, "Record a decision")
    s.account(Role.PHARMACIST)
    decided = {"decision": "may_go_on", "rests_on": "The monograph of the plant, read with the pharmacist."}
    fill(page, decided | {"second_username": "pharmacist", "second_password": "somebody else's"})
    assert "not right" in s.press(page, "Save the decision", refused=True)
    fill(page, {"second_password": PASSWORD})
    assert "with its second person" in s.press(page, "Save the decision")


def _suicidality(s: Screens, page: Page, visit: str) -> None:
    page.goto(f"/courses/{s.code}/scales/c-ssrs/{visit}/1/")
    _answer_all(s, page, {})
    s.press(page, "Hand in")
    assert "C-SSRS" in text_of(page)


def _answer_all(s: Screens, page: Page, given: dict[str, int | None], *, until: int = 0) -> None:
    """Answer question by question up to the page that checks; `given` by item, the lowest answer where it says none."""
    for number in range(1, 60):
        if page.get_by_role("button", name="Save and go on").count() == 0 or number == until:
            return
        item = text_of(page, ".hint").split("item ")[1].split(".")[0]
        if item in given and given[item] is None:
            s.press(page, "I would rather not answer")
            continue
        typed = given.get(item)
        options = page.locator('input[name="answer"]')
        if options.first.get_attribute("type") == "radio":
            (options.first if typed is None else page.locator(f'input[name="answer"][value="{typed}"]')).check()
        else:
            options.first.fill(str(typed or 0))
        s.press(page, "Save and go on")


def screening_visit(s: Screens) -> None:
    s.at(0, 14)
    page = s.go(Role.PARTICIPANT, "/me/")
    s.follow(page, "Begin")
    _answer_all(s, page, _level("pcl-5", 0.74))
    s.press(page, "Send to my team")

    s.at(0, 15)
    page = s.go(Role.PHYSICIAN, f"/courses/{s.code}/visits/screening/")
    rest = {what: words(ORDINARY[what]) for what in ("temperature", "height", "sodium", "potassium", "alt")}
    fill(page, {f"value-{what}": value for what, value in rest.items()}, prefix="hold-")
    _hold(s, page, 9, 15, covered=_checklist("screening"))
    s.at(3, 10)
    page = s.go(Role.COORDINATOR, f"/courses/{s.code}/visits/v0/")
    _hold(s, page, 9, 10, covered=["told", "taper", "taper-watch"], how="telephone")
    fill(page, {"scale-c-ssrs-because": "A short call about the calendar; asked on Monday."})
    s.press(page, "Record that it was not done")


def _hold(s: Screens, page: Page, began: int, ended: int, *, covered: list[str], **more: str) -> None:
    held: dict[str, Any] = {"started": s.typed(began), "ended": s.typed(ended), "how": "in_person", "covered": covered}
    fill(page, held | more, prefix="hold-")
    assert "Saved as entry" in s.press(page, "Save the visit")


def preparation(s: Screens, walk: Walk) -> None:
    s.at(4, 9)
    page = s.go(Role.COORDINATOR, f"/courses/{s.code}/visits/v1/")
    fill(page, {"starts": f"{s.day(10)}T10:00", "room": "Room 2"}, prefix="book-")
    assert "Booked for 13 Feb 2025, 10:00." in s.press(page, "Book")
    s.at(10, 12)
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/visits/v1/")
    typed = {f"value-{what}": words(ORDINARY[what]) for what in _asked("v1")}
    fill(page, typed | {"present": "T-01, T-02", "note": "Spoke of the night by the harbour."}, prefix="hold-")
    _hold(s, page, 10, 11, covered=_checklist("v1")[:-1])
    s.shoot(page, "preparation-1")
    _asked_by_flow(s, "v1", Role.FACILITATOR)
    walk.live(s.day(17))


def baseline(s: Screens) -> None:
    s.at(20, 9)
    page = s.go(Role.COORDINATOR, f"/courses/{s.code}/")
    gate = text_of(page, ".gate")
    assert "Baseline rating may not start yet" in gate
    assert "Zoloft: washout" in gate
    page = s.go(Role.PHYSICIAN, f"/courses/{s.code}/screening/")
    assert "Approval is not offered." in text_of(page)
    s.shoot(page, "worksheet-waits-for-the-washout")
    page = s.go(Role.COORDINATOR, f"/courses/{s.code}/visits/v3/")
    fill(page, {"started": s.typed(8), "how": "video"}, prefix="hold-")
    assert "Baseline rating is blocked" in s.press(page, "Save the visit", refused=True)

    s.at(25, 9)
    page = s.go(Role.PHYSICIAN, f"/courses/{s.code}/screening/")
    assert f"{s.code} can be cleared today, by what is on file; a person decides." in text_of(page)
    fill(page, {"meaning": "approved", "username": "physician", "password": "a slip"})
    assert "not right" in s.press(page, "Prove it is you, and sign", refused=True)
    fill(page, {"password": PASSWORD})
    assert "Signed." in s.press(page, "Prove it is you, and sign")
    s.shoot(page, "worksheet-approved")
    s.at(25, 12)
    page = s.go(Role.COORDINATOR, f"/courses/{s.code}/visits/v3/")
    _hold(s, page, 10, 12, covered=["remote"], how="video")
    s.at(25, 13)
    page = s.go(Role.RATER, "/ratings/")
    assert "Baseline" not in text_of(page)
    s.follow(page, "Open")
    _answer_all(s, page, _level("caps-5", 0.66))
    s.press(page, "Hand in")
    assert "Neither you nor those who treat see what it came to." in text_of(page)
    s.shoot(page, "rater-handed-in")
    _phone_by_flow(s, "sds", "v3", 0.7)


def morning_of_session_1(s: Screens) -> None:
    s.at(SESSIONS[0], 8)
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/")
    gate = text_of(page, ".gate")
    assert "Session 1 may not start yet" in gate
    for reason in ("pregnancy test", "drug screen", "suicid"):
        assert reason in gate.casefold(), gate
    s.shoot(page, "chart-on-the-morning-of-session-1")
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/visits/v5/")
    assert "Not to be held today" in text_of(page)
    values = {what: words(ORDINARY[what]) for what in SAME_DAY} | CALM
    fill(page, {f"value-{what}": value for what, value in values.items()}, prefix="values-")
    s.press(page, "Save the values")
    gate = text_of(page, ".gate")
    assert "Session 1 may not start yet" in gate, "step by step: the screen of the morning is still to be asked"
    assert "pregnancy test" not in gate.casefold().split("met")[0]
    _suicidality(s, page, "v5")
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/visits/v5/")
    assert "Session 1 may start" in text_of(page, ".gate")
    s.shoot(page, "session-1-may-start")


def session_1(s: Screens) -> None:
    visit = f"/courses/{s.code}/visits/v5/"
    s.at(SESSIONS[0], 9, 40)
    page = s.go(Role.FACILITATOR, visit)
    fill(page, {"started": s.typed(9, 40), "how": "in_person", "present": "T-01, T-02"}, prefix="hold-")
    assert "Add the end when it is over." in s.press(page, "Save the visit")
    _read(s, 9, 50, CALM)
    s.at(SESSIONS[0], 10)
    page = s.go(Role.FACILITATOR, visit)
    fill(page, {"given": s.typed(10), "level_mg": "80", "witnessed_by": "T-02"}, prefix="give-initial-")
    assert "The dose is saved" in s.press(page, "Save the dose")
    _read(s, 11, 0, {"systolic": "141", "diastolic": "88", "heart-rate": "84", "temperature": "36.9"})
    assert "it may be given from 11:30 to 12:00" in text_of(page)
    early = {"given": s.typed(11), "level_mg": "40", "witnessed_by": "T-02"}
    fill(page, early, prefix="give-supplemental-")
    said = s.press(page, "Save the dose", refused=True)
    assert "Its window opens in 30 minutes." in said
    assert page.locator('[name="give-supplemental-witnessed_by"]').input_value() == "T-02"
    s.shoot(page, "supplement-before-its-window")
    page = _read(s, 11, 32, {"systolic": "147", "diastolic": "90", "heart-rate": "88", "temperature": "37.0"})
    fill(page, early | {"given": s.typed(11, 32)}, prefix="give-supplemental-")
    assert "The dose is saved" in s.press(page, "Save the dose")
    _read(s, 13, 0, {"systolic": "164", "diastolic": "94", "heart-rate": "97", "temperature": "37.2", "suds": "8"})
    _read(s, 15, 0, {"systolic": "139", "diastolic": "85", "heart-rate": "82", "temperature": "37.0", "suds": "4"})
    page = _read(s, 17, 40, {"systolic": "126", "diastolic": "80", "heart-rate": "71", "temperature": "36.7"})
    s.at(SESSIONS[0], 17, 50)
    later = {f"value-{what}": words(ORDINARY[what]) for what in ORDINARY_LATER}
    asked = {name: value for name, value in later.items() if page.locator(f'[name="values-{name}"]').count()}
    assert asked
    fill(page, asked, prefix="values-")
    s.press(page, "Save the values")
    fill(page, {"taken": s.typed(17, 45)} | {each: later[each] for each in set(later) - set(asked)}, prefix="readings-")
    s.press(page, "Save the readings")
    ended = {"ended": s.typed(17, 45), "covered": _checklist("v5"), "note": "A long quiet stretch, then much talk."}
    fill(page, ended, prefix="finish-")
    assert "The end is saved" in s.press(page, "Save the end")
    s.shoot(page, "session-1-over")


def _read(s: Screens, hour: int, minute: int, values: dict[str, str]) -> Page:
    s.at(SESSIONS[0], hour, minute)
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/visits/v5/")
    typed = {f"value-{what}": value for what, value in values.items()} | {"taken": s.typed(hour, minute)}
    fill(page, typed, prefix="readings-")
    assert "The readings are saved" in s.press(page, "Save the readings")
    return page


def days_after(s: Screens, walk: Walk) -> None:
    s.at(36, 12)
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/visits/v6/")
    typed = {f"value-{what}": words(ORDINARY[what]) for what in _asked("v6")}
    fill(page, typed | {"present": "T-01, T-02", "note": "Slept little, calm."}, prefix="hold-")
    _hold(s, page, 10, 11, covered=_checklist("v6"))
    _asked_by_flow(s, "v6", Role.FACILITATOR)
    s.follow(page, "Record an adverse event")
    event = {"term": "Headache", "grade": "1", "serious": "no", "started_on": str(s.day(35)), "related": "related"}
    fill(page, event)
    assert "It stays open until its end is recorded." in s.press(page, "Save the event")
    s.at(37, 18)
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/visits/v5-calls/")
    _hold(s, page, 17, 18, covered=_checklist("v5-calls"), how="telephone")
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/events/new/")
    s.follow(page, "Record its end")
    fill(page, {"ended_on": str(s.day(37)), "reason": "Told by telephone."})
    s.press(page, "Save its end")
    for day in (38, 39, 40, 42):
        walk.live(s.day(day))


def questionnaire_on_two_devices(s: Screens, walk: Walk) -> None:
    walk.live(s.day(49))
    s.at(49, 19)
    page = s.go(Role.PARTICIPANT, "/me/")
    s.follow(page, "Begin")
    s.shoot(page, "phone-question")
    given = _level("pcl-5", 0.5) | {"4": None}
    _answer_all(s, page, given, until=8)
    other = s.go(Role.PARTICIPANT, "/me/", device="tablet")
    s.follow(other, "Go on")
    assert "Question 8 of 20" in text_of(other)
    _answer_all(s, other, given)
    assert "1 left blank on purpose" in text_of(other)
    s.shoot(other, "phone-check-answers")
    s.press(other, "Send to my team")
    assert "It is with your team" in text_of(other)


def missed(s: Screens) -> None:
    s.at(98, 17)
    page = s.go(Role.FACILITATOR, f"/courses/{s.code}/visits/v17/")
    fill(page, {"because": "The train did not run."}, prefix="miss-")
    assert "Marked as missed" in s.press(page, "Mark as missed")


def primary_rating(s: Screens) -> None:
    s.at(147, 12)
    page = s.go(Role.COORDINATOR, f"/courses/{s.code}/visits/v19/")
    _hold(s, page, 10, 12, covered=["remote"], how="video")
    _rated_by_flow(0.2)
    _phone_by_flow(s, "sds", "v19", 0.3)


def follow_ups(s: Screens) -> None:
    for visit, day, level in (("follow-up-6", SESSIONS[2] + 183, 0.2), ("follow-up-12", SESSIONS[2] + 365, 0.17)):
        s.at(day, 12)
        page = s.go(Role.COORDINATOR, f"/courses/{s.code}/visits/{visit}/")
        fill(page, {"value-medicines-reviewed": "yes"}, prefix="hold-")
        _hold(s, page, 10, 11, covered=_checklist(visit), how="video")
        _phone_by_flow(s, "pcl-5", visit, level)
        _asked_by_flow(s, visit, Role.COORDINATOR)
    _rated_by_flow(0.16)
    _phone_by_flow(s, "sds", "follow-up-12", 0.2)


def correction(s: Screens) -> None:
    s.at(SESSIONS[2] + 366, 9)
    page = s.go(Role.PHYSICIAN, f"/courses/{s.code}/ledger/?q=Weight")
    page.get_by_role("row").filter(has_text="Weight").get_by_role("link").first.click()
    s.follow(page, "Correct this entry")
    fill(page, {"value-weight": "72", "reason": "The scale stood on carpet; weighed again the same day."})
    s.press(page, "Save the correction")


def the_end(s: Screens) -> None:
    page = s.go(Role.COORDINATOR, f"/courses/{s.code}/")
    s.follow(page, "End the course")
    fill(page, {"how": "completed"})
    assert "has ended" in s.press(page, "End the course")
    assert page.locator(".lanes circle.nightf").count() == 3, "three nights"
    s.shoot(page, "chart-at-the-end")
    page = s.go(Role.COORDINATOR, f"/courses/{s.code}/scores/")
    shown = text_of(page)
    assert "The fall of" in shown
    assert "No score 1 of 20 items is blank: 4." in shown, "the gap says why"
    assert page.locator(".wide path.ln.a").count() == 2, "no line is drawn across the gap"
    s.shoot(page, "trajectory")
    page = s.go(Role.AUDITOR, f"/courses/{s.code}/ledger/")
    s.press(page, "Verify now")
    shown = text_of(page)
    for said in ("The chain is whole", "Reason: The scale stood on carpet", "Weight 71 kg", "Signatures 3"):
        assert said in shown, said
    s.shoot(page, "ledger-verified", at="#entries")
    page = s.go(Role.COORDINATOR, "/")
    s.shoot(page, "caseload-at-the-end")


def nothing_is_lost(s: Screens) -> None:
    before = _projected()
    run = CliRunner()
    assert run.invoke(app, ["ledger", "rebuild"], catch_exceptions=False).exit_code == 0
    assert _projected() == before
    verified = run.invoke(app, ["ledger", "verify"], catch_exceptions=False)
    assert (verified.exit_code, "Every chain is whole." in verified.stdout) == (0, True)


def _projected() -> dict[str, list[str]]:
    """Return every row that pages read, without what names the row and its making anew."""
    tables: list[type[models.Model]] = [ProjectedCourse]
    tables += [each.related_model for each in ProjectedCourse._meta.related_objects]  # type: ignore[misc]
    return {
        table.__name__: sorted(
            repr({name: value for name, value in row.items() if name not in _OWN})
            for row in table._default_manager.values()
        )
        for table in tables
    }


def repetitions(s: Screens) -> Walk:
    """Return the walk that does by the flows what the pages have shown once, in this course."""
    authors = {role: Author(s.account(role).username, role, "desk") for role in Role}
    team = Team(authors, PASSWORD, people=(("participant", s.code),))
    story = Story(weeks=70, burden=0.7, falls=0.17, skipped=frozenset({("v8", "pcl-5")}))
    walk = Walk(facts().protocols[PROTOCOL], story, team, number=1, today=s.day(0) + timedelta(weeks=70))
    walk.code = s.code
    return walk


def _plan(visit: str) -> Any:
    return next(each for each in facts().protocols[PROTOCOL].visits if each.id == visit)


def _asked(visit: str) -> set[str]:
    return {what for what in _plan(visit).records if what in ORDINARY}


def _checklist(visit: str) -> list[str]:
    return [item.id for item in _plan(visit).checklist]


def _level(scale: str, level: float) -> dict[str, int | None]:
    return answers_for(facts().scales[scale], level, random.Random(7))


def _phone_by_flow(s: Screens, scale: str, visit: str, level: float) -> None:
    person = Author("participant", Role.PARTICIPANT, "phone")
    reader = Reader(Role.PARTICIPANT, "participant", s.code)
    scales.hand_in(s.code, scale, visit, by=person, reader=reader, answers=_level(scale, level))


def _asked_by_flow(s: Screens, visit: str, role: Role) -> None:
    by = Author(str(role), role, "desk")
    given = _level("c-ssrs", 0)
    scales.hand_in(s.code, "c-ssrs", visit, by=by, reader=Reader(role, by.account), answers=given)


def _rated_by_flow(level: float) -> None:
    reader = Reader(Role.RATER, "rater")
    (interview,) = ratings.due(reader, on=clock.today())
    rater = Author("rater", Role.RATER, "desk")
    ratings.hand_in(interview.token, by=rater, reader=reader, answers=_level("caps-5", level))
