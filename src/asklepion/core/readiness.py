"""Readiness: may a visit begin? Screening put together with consent, signatures, visits held and days between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from asklepion.core import consent as consents
from asklepion.core import schedule
from asklepion.core.case import Case
from asklepion.core.case import case as case_of
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import CourseEnded, Signed, VisitMissed
from asklepion.core.errors import UnknownId
from asklepion.core.judgement import ORDER, Judgement, all_of, day, days, finding, overlap
from asklepion.core.screening import judgements
from asklepion.core.values import (
    ConsentState,
    ConsentStatus,
    Finding,
    GateStatus,
    PlannedVisit,
    Span,
    Verdict,
    VisitState,
)
from asklepion.core.worksheet import WORKSHEET, approval, before, changed, worksheet_criteria, worksheet_hash
from asklepion.knowledge.types import (
    ConsentTest,
    Criterion,
    Facts,
    Protocol,
    SignedTest,
    SpacingTest,
    Test,
    VisitDoneTest,
)

__all__ = ["findings", "gate_for", "worksheet_criteria", "worksheet_hash"]


@dataclass(frozen=True, slots=True)
class Course:
    """A person with the plan of their course and their consent, on one day."""

    case: Case
    plan: tuple[PlannedVisit, ...]
    consent: ConsentStatus | None

    @property
    def ended(self) -> bool:
        return any(each.on <= self.case.on for each in self.case.chart.of(CourseEnded))

    def visit(self, id: str) -> PlannedVisit | None:
        return next((visit for visit in self.plan if visit.id == id), None)


def findings(
    protocol: Protocol,
    facts: Facts,
    chart: Chart,
    plan: tuple[PlannedVisit, ...],
    *,
    on: date,
    consent: ConsentStatus | None,
    criteria: Iterable[str] | None = None,
) -> tuple[Finding, ...]:
    """Return the findings of some criteria, or of all, in the order not met, unknown, met.

    Raises UnknownId for a criterion that the protocol does not have.
    """
    course = Course(case_of(protocol, facts, chart, on=on), plan, consent)
    found = [one for each in _chosen(protocol, criteria) for one in _findings(each, course)]
    return tuple(sorted(found, key=lambda one: ORDER.index(one.verdict)))


def gate_for(
    visit: str,
    protocol: Protocol,
    facts: Facts,
    chart: Chart,
    plan: tuple[PlannedVisit, ...],
    *,
    on: date,
    consent: ConsentStatus | None,
) -> GateStatus | None:
    """Return whether a visit may begin, by every gate before it; None where no gate stands before it.

    A gate without a finding is unknown. `earliest` counts only on time passing: nothing more is recorded.
    """
    gates = [gate for gate in protocol.gates if visit in gate.before]
    if not gates:
        return None
    asked = tuple(dict.fromkeys(id for gate in gates for id in gate.criteria))
    found = findings(protocol, facts, chart, plan, on=on, consent=consent, criteria=asked)
    verdicts = {one.verdict for one in found}
    return GateStatus(
        gate=gates[0].id,
        visit=visit,
        title=gates[0].title,
        findings=found,
        verdict=next((verdict for verdict in ORDER if verdict in verdicts), Verdict.UNKNOWN),
        earliest=_earliest(found, on=on),
    )


def _chosen(protocol: Protocol, criteria: Iterable[str] | None) -> tuple[Criterion, ...]:
    if criteria is None:
        return protocol.criteria
    known = {each.id: each for each in protocol.criteria}
    asked = tuple(criteria)
    strange = [id for id in asked if id not in known]
    if strange:
        remedy = "Correct the gate that names it, or add the criterion."
        raise UnknownId(f"There is no criterion `{strange[0]}`.", where=protocol.id, remedy=remedy)
    return tuple(known[id] for id in asked)


def _findings(criterion: Criterion, course: Course) -> tuple[Finding, ...]:
    judged = judgements(criterion.test, course.case, other=lambda test: _of_course(test, course))
    return tuple(finding(criterion, each) for each in judged)


def _earliest(found: Iterable[Finding], *, on: date) -> date | None:
    each = tuple(found)
    span = overlap((Span(on), *(one.met_on for one in each))) if each else None
    return span.first if span else None


def _of_course(test: Test, course: Course) -> Judgement:
    match test:
        case ConsentTest():
            return _consent(course)
        case SignedTest():
            return _signed(test, course)
        case VisitDoneTest():
            return all_of(_done(id, test, course) for id in test.visits)
        case _:
            assert isinstance(test, SpacingTest)  # screening judges every other kind
            return _spacing(test, course)


def _consent(course: Course) -> Judgement:
    status = course.consent
    if status is None:
        needed = "Name the consent document in the protocol and put its versions on file."
        return Judgement(Verdict.UNKNOWN, "No consent document is on file for this protocol.", needed=needed)
    rests_on = (status.entry,) if status.entry else ()
    if status.state is not ConsentState.IN_FORCE:
        return Judgement(Verdict.NOT_MET, status.because, rests_on=rests_on)
    asks_again = [
        version.effective_from
        for version in course.case.facts.consent_documents
        if version.document == status.document and version.must_sign_again and version.effective_from > course.case.on
    ]
    last = min(asks_again) - timedelta(days=1) if asks_again else None
    return Judgement(Verdict.MET, status.because, met_on=Span(status.signed_on, last), rests_on=rests_on)


def _done(id: str, test: VisitDoneTest, course: Course) -> Judgement:
    visit = course.visit(id)
    if visit is None:
        return Judgement(Verdict.UNKNOWN, f"The plan has no visit `{id}`.")
    rests_on = (visit.entry,) if visit.entry else ()
    if visit.state is VisitState.DONE:
        held = visit.held_on[-1]
        return Judgement(Verdict.MET, f"{visit.title} was held on {day(held)}.", met_on=Span(held), rests_on=rests_on)
    if visit.state is VisitState.NOT_NEEDED and not course.ended:
        return Judgement(Verdict.MET, f"{visit.title} is not needed. {visit.why}".strip(), met_on=Span())
    because = f"{visit.title} has not been held."
    if visit.state is VisitState.MISSED:
        because = f"{visit.title} was missed: {visit.missed_because}"
        if test.missed_accepted_by:
            return _without(visit, because, test, course)
    return Judgement(Verdict.NOT_MET, because, needed=f"Hold {visit.title}.", rests_on=rests_on)


def _without(visit: PlannedVisit, because: str, test: VisitDoneTest, course: Course) -> Judgement:
    """Judge a missed visit that a person may let the course go on without, by what was recorded since it was missed."""
    missed = max((each.at, each.seq) for each in course.case.chart.of(VisitMissed) if each.entry.visit == visit.id)
    seen = course.case.chart.observed(test.missed_accepted_by, course.case.on)
    if seen is None or (seen.source.at, seen.source.seq) <= missed:
        needed = f"Hold {visit.title}, or record whether the course may go on without it."
        return Judgement(Verdict.UNKNOWN, because, needed=needed, rests_on=(visit.entry,))
    rests_on = (visit.entry, seen.source.id)
    if seen.value is not True:
        return Judgement(Verdict.NOT_MET, because, needed=f"Hold {visit.title}.", rests_on=rests_on)
    said = f"{because}; recorded on {day(seen.on)} that the course may go on without it."
    return Judgement(Verdict.MET, said, met_on=Span(seen.on), rests_on=rests_on)


def _spacing(test: SpacingTest, course: Course) -> Judgement:
    visit = course.visit(test.since)
    if visit is None:
        return Judgement(Verdict.UNKNOWN, f"The plan has no visit `{test.since}`.")
    rests_on = (visit.entry,) if visit.entry else ()
    if not visit.held_on:
        return _nothing_since(test, visit, rests_on)
    held = visit.held_on[-1]
    first = held + timedelta(days=test.at_least_days)
    last = None if test.at_most_days is None else held + timedelta(days=test.at_most_days)
    span = overlap((Span(first, last),))
    upper = "" if test.at_most_days is None else f", at most {test.at_most_days}"
    passed = days((course.case.on - held).days)
    because = f"{visit.title} was held on {day(held)}, {passed} ago; at least {days(test.at_least_days)}{upper}."
    if span and span.holds(course.case.on):
        return Judgement(Verdict.MET, because, met_on=span, rests_on=rests_on)
    needed = f"Wait until {day(first)}." if course.case.on < first else f"Too much time has passed: {upper[2:]} days."
    return Judgement(Verdict.NOT_MET, because, met_on=span, needed=needed, rests_on=rests_on)


def _nothing_since(test: SpacingTest, visit: PlannedVisit, rests_on: tuple[str, ...]) -> Judgement:
    """Judge the days since a visit that was not held. One that never comes leaves nothing to keep a distance from."""
    never = visit.state in (VisitState.MISSED, VisitState.NOT_NEEDED)
    if never and test.at_most_days is None:
        because = f"{visit.title} was not held and is not expected: there is nothing to keep a distance from."
        return Judgement(Verdict.MET, because, met_on=Span(), rests_on=rests_on)
    return Judgement(Verdict.NOT_MET, f"{visit.title} has not been held.", needed=f"Hold {visit.title}.")


def _signed(test: SignedTest, course: Course) -> Judgement:
    """Judge the approval of the worksheet: given by the role, and neither corrected away nor overtaken since."""
    role = test.role.replace("_", " ")
    if test.what != WORKSHEET:
        return Judgement(Verdict.UNKNOWN, f"Nothing here judges a signature on `{test.what}`.")
    signed = approval(test, course.case.chart, on=course.case.on)
    needed = f"A {role} reads the worksheet and approves it."
    if signed is None:
        return Judgement(Verdict.NOT_MET, f"No {role} has approved the worksheet.", needed=needed)
    said = f"{signed.entry.printed_name} ({role}) approved the worksheet on {day(signed.on)}."
    rests_on = (signed.id,)
    if not _still_signed(signed, course):
        because = f"{said} What it rested on was corrected since, or the facts that judged it are others now."
        return Judgement(Verdict.NOT_MET, because, needed=needed, rests_on=rests_on)
    since = _changed_since(signed, course)
    if since:
        because = f"{said} Recorded since, and changing it: {'; '.join(since)}."
        return Judgement(Verdict.NOT_MET, because, needed=needed, rests_on=rests_on)
    return Judgement(Verdict.MET, said, met_on=Span(signed.on), rests_on=rests_on)


def _still_signed(signed: Recorded[Signed], course: Course) -> bool:
    """Say whether the ledger up to the signature still gives, on its day, the worksheet that was signed."""
    then = _worksheet(before(signed, course.case.chart), course.case, on=signed.on)
    return worksheet_hash(then) == signed.entry.signs_hash


def _changed_since(signed: Recorded[Signed], course: Course) -> tuple[str, ...]:
    """Return the titles of what entries since the signature changed on the worksheet, judged on the same day."""
    case = course.case
    then = _worksheet(before(signed, case.chart), case, on=case.on)
    return changed(then, _worksheet(case.chart, case, on=case.on))


def _worksheet(chart: Chart, case: Case, *, on: date) -> tuple[Finding, ...]:
    protocol, facts = case.protocol, case.facts
    documents = [each for each in facts.consent_documents if each.document == protocol.consent_document]
    consent = consents.status(documents, chart, on=on) if documents else None
    plan = schedule.plan(protocol, chart, on=on)
    return findings(protocol, facts, chart, plan, on=on, consent=consent, criteria=worksheet_criteria(protocol))
