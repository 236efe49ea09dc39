"""May a visit begin? Consent, signatures, visits and days between them, put together with what screening says."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screened import (
    BASIS,
    DAY,
    FACTS,
    PROTOCOL,
    TODAY,
    ago,
    chart,
    criterion,
    medicine,
    observed,
    recorded,
)

from asklepion.core import consent as consents
from asklepion.core import schedule
from asklepion.core.chart import Chart, fold
from asklepion.core.entries import (
    ConsentCountersigned,
    ConsentSigned,
    ConsentWithdrawn,
    CourseEnded,
    CourseOpened,
    Entry,
    Retracted,
    Signed,
    VisitHeld,
    VisitMissed,
)
from asklepion.core.errors import UnknownId
from asklepion.core.readiness import findings, gate_for, worksheet_criteria, worksheet_hash
from asklepion.core.values import Finding, PlannedVisit, Span, Verdict, VisitState
from asklepion.knowledge.types import (
    AllOf,
    AnyOf,
    ConsentDocument,
    ConsentTest,
    Criterion,
    Facts,
    Gate,
    InteractionsTest,
    MeasureTest,
    Protocol,
    SignedTest,
    SpacingTest,
    StatementTest,
    Test,
    Tier,
    VisitDoneTest,
    VisitKind,
    VisitPlan,
    WashoutTest,
    Window,
)

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
SIGNED = SignedTest("signed", "worksheet", "physician")


def version(number: str, effective: date, *, again: bool = True) -> ConsentDocument:
    return ConsentDocument(
        "consent_document", f"c-{number}", "consent", number, "Consent", Tier.DRAFT, effective, again, "", (), ()
    )


def visit(id: str, kind: VisitKind = VisitKind.PREPARATION) -> VisitPlan:
    return VisitPlan(id, id.title(), kind, "facilitator", Window("opening", 0, None, None, BASIS), BASIS)


VISITS = (visit("prep"), visit("again"), visit("dose", VisitKind.DOSING))
CRITERIA = (
    criterion(ConsentTest("consent"), id="consent"),
    criterion(MeasureTest("measure", "systolic", at_most=140, max_age_days=28), id="pressure"),
    criterion(StatementTest("statement", "psychosis", False), id="psychosis"),
    criterion(WashoutTest("washout"), id="washout"),
    criterion(InteractionsTest("interactions"), id="interactions"),
    criterion(SIGNED, id="worksheet"),
    criterion(VisitDoneTest("visit_done", ("prep",)), id="prepared"),
)
PERSON = replace(
    PROTOCOL,
    visits=VISITS,
    criteria=CRITERIA,
    gates=(
        Gate("enrolment", "Enrolment", ("again",), ("consent", "pressure", "psychosis", "washout", "worksheet")),
        Gate("dosing", "Dosing", ("dose",), ("consent", "worksheet", "prepared", "pressure")),
    ),
    consent_document="consent",
)
KNOWN = replace(FACTS, consent_documents=(version("1", ago(400)),))

OPENED = (CourseOpened("p", "1", "site"), ago(60))
CONSENTED = (ConsentSigned("consent", "1", "h", True, 1, 1), ago(50))
COUNTERSIGNED = (ConsentCountersigned("consent", "1", "e2", "h", "Dr A"), ago(50))
WELL = (observed("systolic", 120.0), ago(10))
SOUND = (observed("psychosis", False), ago(20))
ASKED = (observed("medicines-reviewed", True), ago(20))
SIGNING = ago(5)
READY: tuple[tuple[Entry, date], ...] = (OPENED, CONSENTED, COUNTERSIGNED, WELL, SOUND, ASKED)


def held(id: str, on: date) -> tuple[Entry, date]:
    started = recorded(Retracted(), on).at
    return VisitHeld(id, started), on


def judged(
    given: Chart,
    *criteria: str,
    on: date = TODAY,
    protocol: Protocol = PERSON,
    facts: Facts = KNOWN,
) -> tuple[Finding, ...]:
    documents = facts.consent_documents
    consent = consents.status(documents, given, on=on) if documents else None
    plan = schedule.plan(protocol, given, on=on)
    return findings(protocol, facts, given, plan, on=on, consent=consent, criteria=criteria or None)


def of(
    test: Test, given: Chart, *, on: date = TODAY, facts: Facts = KNOWN, visits: tuple[VisitPlan, ...] = VISITS
) -> Finding:
    protocol = replace(PERSON, criteria=(*CRITERIA, criterion(test)), visits=visits)
    (found,) = judged(given, "c", on=on, protocol=protocol, facts=facts)
    return found


def approved(
    given: Chart, on: date = SIGNING, *, meaning: str = "approved", role: str = "physician", seq: int = 50
) -> Chart:
    found = judged(given, *worksheet_criteria(PERSON), on=on)
    entry = Signed("worksheet", worksheet_hash(found), "Dr A", meaning, "password")  # type: ignore[arg-type]
    return fold([recorded(entry, on, seq=seq, role=role)], given)


def later(given: Chart, *entries: tuple[Entry, date], corrects: str = "") -> Chart:
    made = (recorded(each[0], each[1], seq=given.seq + n, corrects=corrects) for n, each in enumerate(entries, 1))
    return fold(made, given)


def test_findings_come_in_the_order_not_met_unknown_met() -> None:
    verdicts = [each.verdict for each in judged(chart(OPENED, SOUND, (observed("systolic", 150.0), TODAY)))]
    assert verdicts == sorted(verdicts, key=[NOT_MET, UNKNOWN, MET].index)
    assert set(verdicts) == set(Verdict)


def test_every_criterion_gives_at_least_one_finding() -> None:
    assert {each.criterion for each in judged(chart(OPENED))} == {each.id for each in CRITERIA}


def test_a_criterion_that_the_protocol_does_not_have_is_misuse() -> None:
    with pytest.raises(UnknownId, match="There is no criterion `nothing`"):
        judged(chart(OPENED), "pressure", "nothing")


def test_consent_that_was_never_signed_is_not_met_and_one_without_a_document_unknown() -> None:
    never = of(ConsentTest("consent"), chart(OPENED))
    assert (never.verdict, never.rests_on) == (NOT_MET, ())
    assert never.needed == "Record what the protocol asks for"
    none = of(ConsentTest("consent"), chart(OPENED), facts=replace(KNOWN, consent_documents=()))
    assert none.verdict is UNKNOWN


def test_consent_waits_for_its_countersignature_and_ends_with_withdrawal() -> None:
    assert of(ConsentTest("consent"), chart(OPENED, CONSENTED)).verdict is NOT_MET
    found = of(ConsentTest("consent"), chart(*READY))
    assert (found.verdict, found.met_on, found.rests_on) == (MET, Span(ago(50)), ("e2",))
    withdrawn = chart(*READY, (ConsentWithdrawn("consent", "all"), ago(1)))
    assert (
        of(ConsentTest("consent"), withdrawn).verdict,
        of(ConsentTest("consent"), withdrawn, on=ago(2)).verdict,
    ) == (
        NOT_MET,
        MET,
    )


def test_consent_holds_until_the_day_before_a_version_that_asks_again() -> None:
    versions = (
        version("1", ago(400)),
        version("2", ago(-3), again=False),
        version("3", ago(-5)),
        version("4", ago(-9)),
        replace(version("x", ago(-1)), document="other"),
    )
    facts = replace(KNOWN, consent_documents=versions[:4])
    found = of(ConsentTest("consent"), chart(*READY), facts=facts)
    assert found.met_on == Span(ago(50), ago(-4))
    assert of(ConsentTest("consent"), chart(*READY), on=ago(-4), facts=facts).verdict is MET
    assert of(ConsentTest("consent"), chart(*READY), on=ago(-5), facts=facts).verdict is NOT_MET


def test_a_version_in_force_from_today_and_signed_today_holds_today() -> None:
    today = replace(version("2", TODAY), countersigned_by=())
    facts = replace(KNOWN, consent_documents=(version("1", ago(400)), today))
    signed = chart(OPENED, (ConsentSigned("consent", "2", "h", True, 1, 1), TODAY))
    found = of(ConsentTest("consent"), signed, facts=facts)
    assert (found.verdict, found.met_on) == (MET, Span(TODAY))


def test_a_visit_is_done_when_it_was_held() -> None:
    test = VisitDoneTest("visit_done", ("prep", "again"))
    assert of(test, chart(OPENED)).verdict is NOT_MET
    half = of(test, chart(OPENED, held("prep", ago(9))))
    assert (half.verdict, half.because) == (NOT_MET, "Again has not been held.")
    assert half.needed == "Hold Again."
    both = of(test, chart(OPENED, held("prep", ago(9)), held("again", ago(4))))
    assert (both.verdict, both.met_on, both.rests_on) == (MET, Span(ago(4)), ("e2", "e3"))
    missed = of(test, chart(OPENED, held("prep", ago(9)), (VisitMissed("again", "was ill"), ago(2))))
    assert (missed.verdict, missed.because) == (NOT_MET, "Again was missed: was ill")
    assert of(VisitDoneTest("visit_done", ("strange",)), chart(OPENED)).verdict is UNKNOWN


def test_a_missed_visit_may_be_gone_on_without_once_a_person_has_said_so() -> None:
    test = VisitDoneTest("visit_done", ("prep",), missed_accepted_by="accepted")
    missed = (VisitMissed("prep", "was ill"), ago(9))
    assert of(test, chart(OPENED)).verdict is NOT_MET
    early = (observed("accepted", True), ago(12))
    for told in (chart(OPENED, missed), chart(OPENED, early, missed)):
        asked = of(test, told)
        assert (asked.verdict, asked.because, asked.met_on) == (UNKNOWN, "Prep was missed: was ill", None)
        assert asked.needed == "Hold Prep, or record whether the course may go on without it."
    refused = of(test, chart(OPENED, missed, (observed("accepted", False), ago(4))))
    assert (refused.verdict, refused.needed) == (NOT_MET, "Hold Prep.")
    accepted = of(test, chart(OPENED, missed, (observed("accepted", True), ago(4))))
    assert (accepted.verdict, accepted.met_on, accepted.rests_on) == (MET, Span(ago(4)), ("e2", "e3"))
    assert accepted.because.startswith("Prep was missed: was ill; recorded on ")
    assert of(test, chart(OPENED, held("prep", ago(3)), missed)).verdict is MET
    again = (VisitMissed("prep", "was away"), ago(2))
    assert of(test, chart(OPENED, missed, (observed("accepted", True), ago(4)), again)).verdict is UNKNOWN


def _planned(state: VisitState) -> PlannedVisit:
    return PlannedVisit("prep", "", "Prep", VisitKind.PREPARATION, "facilitator", state, "", None, None, None, None)


@pytest.mark.parametrize(("ended", "verdict"), [(None, MET), (ago(1), NOT_MET), (TODAY, NOT_MET), (ago(-1), MET)])
def test_a_visit_that_is_not_needed_stands_in_nobodys_way_while_the_course_runs(
    ended: date | None, verdict: Verdict
) -> None:
    given_course = chart(OPENED, *([(CourseEnded("withdrew"), ended)] if ended else []))
    plan = (_planned(VisitState.NOT_NEEDED),)
    (found,) = findings(PERSON, KNOWN, given_course, plan, on=TODAY, consent=None, criteria=["prepared"])
    assert found.verdict is verdict


@pytest.mark.parametrize(("days", "verdict"), [(20, NOT_MET), (21, MET), (22, MET), (35, MET), (36, NOT_MET)])
def test_days_since_a_visit_have_two_ends(days: int, verdict: Verdict) -> None:
    test = SpacingTest("spacing", "prep", 21, 35)
    found = of(test, chart(OPENED, held("prep", ago(days))))
    assert (found.verdict, found.met_on) == (verdict, Span(ago(days - 21), ago(days - 35)))
    assert found.rests_on == ("e2",)
    assert ("Wait until" in found.needed) is (days == 20)
    assert (found.needed == "Too much time has passed: at most 35 days.") is (days == 36)


def test_an_open_end_stays_open_and_ends_that_cross_leave_no_day() -> None:
    once = chart(OPENED, held("prep", ago(30)))
    assert of(SpacingTest("spacing", "prep", 21), once).met_on == Span(ago(9))
    crossed = of(SpacingTest("spacing", "prep", 21, 20), once)
    assert (crossed.verdict, crossed.met_on) == (NOT_MET, None)


def test_days_are_counted_from_the_last_time_a_visit_was_held() -> None:
    visits = (replace(VISITS[0], repeatable=True, times=2), *VISITS[1:])
    twice = chart(OPENED, held("prep", ago(30)), held("prep", ago(9)))
    found = of(SpacingTest("spacing", "prep", 21), twice, visits=visits)
    assert (found.verdict, found.met_on) == (NOT_MET, Span(ago(-12)))


def test_without_a_visit_there_is_nothing_to_count_from() -> None:
    assert of(SpacingTest("spacing", "strange", 21), chart(OPENED)).verdict is UNKNOWN
    assert of(SpacingTest("spacing", "prep", 21), chart(OPENED)).verdict is NOT_MET
    missed = chart(OPENED, (VisitMissed("prep", "was ill"), ago(2)))
    never = of(SpacingTest("spacing", "prep", 21), missed)
    assert (never.verdict, never.met_on) == (MET, Span())
    assert of(SpacingTest("spacing", "prep", 0, 35), missed).verdict is NOT_MET


def test_course_tests_combine_with_the_others() -> None:
    spaced, sound = SpacingTest("spacing", "prep", 21), StatementTest("statement", "psychosis", False)
    given_both = chart(OPENED, SOUND, held("prep", ago(9)))
    assert of(AllOf("all", (spaced, sound)), given_both).met_on == Span(ago(-12))
    assert of(AnyOf("any", (spaced, sound)), given_both).verdict is MET


def test_the_worksheet_holds_what_its_gate_asks_for_but_not_its_own_signature() -> None:
    assert worksheet_criteria(PERSON) == ("consent", "pressure", "psychosis", "washout")
    without = replace(PERSON, gates=())
    assert worksheet_criteria(without) == tuple(each.id for each in CRITERIA if each.id != "worksheet")


def test_an_approval_of_what_stands_there_is_met() -> None:
    found = of(SIGNED, approved(chart(*READY)))
    assert (found.verdict, found.met_on, found.rests_on) == (MET, Span(ago(5)), ("e50",))
    assert found.because == "Dr A (physician) approved the worksheet on 18 Nov 2026."


def test_an_approval_outlives_the_days_that_pass() -> None:
    signed = approved(chart(*READY))
    assert of(SIGNED, signed, on=ago(-300)).verdict is MET


@pytest.mark.parametrize(("meaning", "role"), [("reviewed", "physician"), ("approved", "coordinator")])
def test_only_an_approval_by_the_role_counts(meaning: str, role: str) -> None:
    assert of(SIGNED, approved(chart(*READY), meaning=meaning, role=role)).verdict is NOT_MET
    assert of(SIGNED, chart(*READY)).verdict is NOT_MET
    assert of(SIGNED, approved(chart(*READY)), on=ago(6)).verdict is NOT_MET
    assert of(SIGNED, approved(chart(*READY), TODAY)).verdict is MET


def test_a_signature_on_anything_else_is_unknown() -> None:
    assert of(SignedTest("signed", "something", "physician"), approved(chart(*READY))).verdict is UNKNOWN


def test_an_approval_falls_when_what_it_rested_on_is_corrected_or_retracted() -> None:
    signed = approved(chart(*READY))
    for entry in (Retracted(), observed("systolic", 121.0)):
        found = of(SIGNED, later(signed, (entry, ago(10)), corrects="e4"))
        assert found.verdict is NOT_MET
        assert "was corrected since" in found.because


def test_an_approval_falls_when_the_facts_judge_otherwise() -> None:
    facts = replace(
        KNOWN, consent_documents=(replace(version("1", ago(400)), countersigned_by=("physician", "rater")),)
    )
    assert of(SIGNED, approved(chart(*READY)), facts=facts).verdict is NOT_MET


def test_an_approval_falls_when_what_is_recorded_since_changes_a_verdict() -> None:
    signed = approved(chart(*READY))
    for entry in (observed("systolic", 150.0), observed("psychosis", True), medicine("sertraline", taking=True)):
        found = of(SIGNED, later(signed, (entry, ago(2))))
        assert found.verdict is NOT_MET
        assert "Recorded since, and changing it" in found.because


def test_an_approval_bears_what_is_recorded_since_and_changes_no_verdict() -> None:
    signed = approved(chart(*READY))
    for entry in (
        observed("systolic", 121.0),
        observed("medicines-reviewed", True),
        medicine("naltrexone", taking=True),
    ):
        assert of(SIGNED, later(signed, (entry, ago(2)))).verdict is MET


def test_a_new_approval_mends_it() -> None:
    signed = approved(chart(*READY))
    worse = later(signed, (observed("systolic", 150.0), ago(4)), (observed("systolic", 130.0), ago(3)))
    again = approved(worse, ago(2), seq=60)
    assert of(SIGNED, later(again, (observed("psychosis", False), ago(1)))).verdict is MET


def test_without_a_consent_document_the_worksheet_is_judged_without_consent() -> None:
    facts = replace(KNOWN, consent_documents=())
    given_chart = chart(*READY)
    found = judged(given_chart, *worksheet_criteria(PERSON), on=ago(5), facts=facts)
    entry = Signed("worksheet", worksheet_hash(found), "Dr A", "approved", "password")
    signed = fold([recorded(entry, ago(5), seq=50)], given_chart)
    assert of(SIGNED, signed, facts=facts).verdict is MET


def test_the_hash_is_the_same_on_every_day_that_says_the_same() -> None:
    given_chart = chart(*READY, (medicine("sertraline", stopped=ago(5)), TODAY))
    today, tomorrow = (judged(given_chart, on=on) for on in (TODAY, TODAY + DAY))
    assert [each.because for each in today] != [each.because for each in tomorrow]
    assert worksheet_hash(today) == worksheet_hash(tomorrow) == worksheet_hash(reversed(today))
    assert len(worksheet_hash(())) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": UNKNOWN},
        {"title": "Another"},
        {"medicine": "m"},
        {"met_on": None},
        {"met_on": Span(ago(50), ago(-9))},
        {"rests_on": ("e9",)},
        {"steps": ()},
        {"facts": ()},
        {"rule": replace(BASIS, fact="X-2")},
        {"cautions": ("careful",)},
        {"decides": "pharmacist"},
        {"criterion": "other"},
    ],
)
def test_the_hash_covers_what_is_shown(change: dict[str, object]) -> None:
    given_chart = chart(*READY, (medicine("sertraline", stopped=ago(5)), TODAY))
    found = next(each for each in judged(given_chart) if each.steps and each.facts)
    assert worksheet_hash([replace(found, **change)]) != worksheet_hash([found])  # type: ignore[arg-type]


def _gate(given: Chart, visit: str = "dose", *, on: date = TODAY, protocol: Protocol = PERSON):  # type: ignore[no-untyped-def]
    consent = consents.status(KNOWN.consent_documents, given, on=on)
    return gate_for(visit, protocol, KNOWN, given, schedule.plan(protocol, given, on=on), on=on, consent=consent)


def test_no_gate_stands_before_a_visit_that_has_none() -> None:
    assert _gate(chart(OPENED), "prep") is None


def test_a_gate_is_open_when_everything_is_met() -> None:
    gate = _gate(later(approved(chart(*READY)), held("prep", ago(3))))
    assert (gate.gate, gate.visit, gate.title, gate.verdict, gate.earliest) == ("dosing", "dose", "Dosing", MET, TODAY)
    assert {each.criterion for each in gate.findings} == {"consent", "worksheet", "prepared", "pressure"}


def test_a_gate_is_as_bad_as_its_worst_finding() -> None:
    assert _gate(chart(*READY)).verdict is NOT_MET
    unknown = later(approved(chart(*READY)), held("prep", ago(3)))
    assert _gate(unknown, on=ago(-20)).verdict is UNKNOWN
    assert _gate(unknown, on=ago(-20)).earliest is None


def test_a_gate_that_asks_nothing_is_unknown() -> None:
    empty = replace(PERSON, gates=(Gate("g", "G", ("dose",), ()),))
    gate = _gate(chart(OPENED), protocol=empty)
    assert (gate.verdict, gate.earliest, gate.findings) == (UNKNOWN, None, ())


def test_every_gate_before_a_visit_counts_and_each_criterion_once() -> None:
    doubled = replace(PERSON, gates=(*PERSON.gates, Gate("more", "More", ("dose",), ("psychosis", "pressure"))))
    criteria = [each.criterion for each in _gate(chart(*READY), protocol=doubled).findings]
    assert sorted(criteria) == ["consent", "prepared", "pressure", "psychosis", "worksheet"]


def _waiting(protocol: Protocol = PERSON) -> tuple[Chart, Protocol]:
    waiting = chart(*READY, (medicine("sertraline", stopped=ago(20)), ago(19)))
    return waiting, replace(protocol, gates=(Gate("g", "G", ("dose",), ("pressure", "washout")),))


def test_the_earliest_day_is_the_first_on_which_all_is_met() -> None:
    waiting, protocol = _waiting()
    gate = _gate(waiting, protocol=protocol)
    assert (gate.verdict, gate.earliest) == (NOT_MET, ago(-9))
    for on, verdict in ((ago(-8), NOT_MET), (ago(-9), MET), (ago(-18), MET), (ago(-19), UNKNOWN)):
        assert _gate(waiting, on=on, protocol=protocol).verdict is verdict


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60))
def test_no_day_before_the_earliest_is_met(pressure: int, stop: int, ahead: int) -> None:
    entries = (
        OPENED,
        ASKED,
        (observed("systolic", 120.0), ago(pressure)),
        (medicine("sertraline", stopped=ago(stop)), TODAY),
    )
    protocol = _waiting()[1]
    on = TODAY + timedelta(days=ahead)
    earliest = _gate(chart(*entries), protocol=protocol).earliest
    is_met = _gate(chart(*entries), on=on, protocol=protocol).verdict is MET
    assert not is_met or (earliest is not None and earliest <= on)
    assert earliest is None or _gate(chart(*entries), on=earliest, protocol=protocol).verdict is MET


@given(st.sampled_from(CRITERIA), st.lists(st.sampled_from(READY), unique=True))
def test_a_gate_never_opens_by_leaving_something_out(asked: Criterion, entries: list[tuple[Entry, date]]) -> None:
    protocol = replace(PERSON, gates=(Gate("g", "G", ("dose",), (asked.id,)),))
    fewer = _gate(chart(OPENED, *(each for each in entries if each is not OPENED)), protocol=protocol)
    whole = _gate(chart(*READY), protocol=protocol)
    assert fewer.verdict is not MET or whole.verdict is MET
