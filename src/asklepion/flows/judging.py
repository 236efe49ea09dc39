"""Screening judged on one day, on all that is on file. What readers may see of it stands in flows/worksheet.py."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from asklepion.core import readiness, schedule
from asklepion.core.access import Role
from asklepion.core.chart import Chart
from asklepion.core.clearance import REVIEWED
from asklepion.core.errors import UnknownId
from asklepion.core.values import Finding, Verdict
from asklepion.flows import projection
from asklepion.flows.facts import facts
from asklepion.knowledge.types import (
    AllOf,
    AnyOf,
    CategoryTest,
    ConsentTest,
    Criterion,
    EventsTest,
    InteractionsTest,
    MeasureTest,
    Protocol,
    ScoreTest,
    SignedTest,
    StatementTest,
    Test,
    UnsettledTest,
    VisitDoneTest,
    VisitKind,
    WashoutTest,
)
from asklepion.record import clock, reading

_SEALED = "This rests on a result that is kept sealed until the trial is opened: you see the verdict only."


@dataclass(frozen=True, slots=True)
class Judged:
    """The worksheet of a day, judged on all labels. Never shown as it is: it may hold sealed values.

    `approval` says whether a signature that approves stands; it is judged with the worksheet and is no part of it.
    """

    protocol: Protocol
    chart: Chart
    on: date
    today: date
    findings: tuple[Finding, ...]
    hash: str
    approver: Role
    approval: Finding | None

    def count(self, verdict: Verdict) -> int:
        return sum(1 for finding in self.findings if finding.verdict is verdict)

    @property
    def met(self) -> int:
        return self.count(Verdict.MET)

    @property
    def not_met(self) -> int:
        return self.count(Verdict.NOT_MET)

    @property
    def unknown(self) -> int:
        return self.count(Verdict.UNKNOWN)

    @property
    def clear(self) -> bool:
        return bool(self.findings) and self.met == len(self.findings)


def judged(course: str, *, on: date) -> Judged:
    """Judge every criterion that the worksheet holds, by all that is on file. Raises UnknownId for no such course."""
    chart = reading.chart(course, reading.JUDGE)
    known = facts()
    opened = chart.opened()
    protocol = known.protocols.get(opened.entry.protocol) if opened else None
    if protocol is None:
        raise UnknownId("The protocol of this course is not on file.", where=course, remedy="Put its file back.")
    consent = projection.consent_status(protocol, known, chart, on=on)
    plan = schedule.plan(protocol, chart, on=on)
    asked = readiness.worksheet_criteria(protocol)
    findings = readiness.findings(protocol, known, chart, plan, on=on, consent=consent, criteria=asked)
    approvals = tuple(each.id for each in protocol.criteria if _is_signature(each))
    signed = readiness.findings(protocol, known, chart, plan, on=on, consent=consent, criteria=approvals)
    return Judged(
        protocol=protocol,
        chart=chart,
        on=on,
        today=clock.today(),
        findings=findings,
        hash=readiness.worksheet_hash(findings),
        approver=_approver(protocol),
        approval=signed[0] if signed else None,
    )


def _is_signature(criterion: Criterion) -> bool:
    return isinstance(criterion.test, SignedTest) and criterion.test.what == "worksheet"


def _approver(protocol: Protocol) -> Role:
    tests = (each.test for each in protocol.criteria if _is_signature(each))
    signed = next((test for test in tests if isinstance(test, SignedTest)), None)
    return Role(signed.role) if signed else Role.PHYSICIAN


def masked(finding: Finding, criterion: Criterion) -> Finding:
    """Return a finding without what a sealed value would tell. The verdict, rule and the protocol's words stay."""
    needed = "" if finding.verdict is Verdict.MET else criterion.missing
    return replace(finding, because=_SEALED, needed=needed, steps=(), cautions=())


def observables_of(test: Test) -> tuple[str, ...]:
    """Return the observables that a test reads, in order."""
    match test:
        case MeasureTest(what=what):
            sexed = test.at_most_female is not None or test.at_most_male is not None
            read = (what, "sex") if sexed and "sex" in facts().observables else (what,)
            return (*read, test.repeat_needs) if test.repeat_needs else read
        case StatementTest(what=what, unless=unless):
            return (what, unless) if unless else (what,)
        case UnsettledTest(decided_by=decided_by) | EventsTest(decided_by=decided_by):
            return (decided_by,)
        case CategoryTest(decided_by=decided_by) if decided_by:
            return (decided_by,)
        case VisitDoneTest(missed_accepted_by=accepted_by) if accepted_by:
            return (accepted_by,)
        case WashoutTest() | InteractionsTest():
            return (REVIEWED,)
        case AllOf(of=of) | AnyOf(of=of):
            return tuple(dict.fromkeys(what for each in of for what in observables_of(each)))
        case _:
            return ()


def asked_for(protocol: Protocol) -> tuple[str, ...]:
    """Return the observables that the worksheet's form asks for: what its criteria read, and what its visits record.

    Two that are typed together (systolic, diastolic) come together.
    """
    asked = set(readiness.worksheet_criteria(protocol))
    found = [what for each in protocol.criteria if each.id in asked for what in observables_of(each.test)]
    found += [what for visit in protocol.visits if visit.kind is VisitKind.SCREENING for what in visit.records]
    known = facts().observables
    pairs = {each.id: each.exceeds for each in known.values() if each.exceeds}
    wanted = {pair for what in found for pair in (what, pairs.get(what), *_above(what, pairs))}
    return tuple(id for id in known if id in wanted)


def _above(what: str, pairs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(upper for upper, lower in pairs.items() if lower == what)


def settled_on(test: Test, protocol: Protocol) -> tuple[str, tuple[str | int, ...]]:
    """Return the route of the page on which a criterion is settled, and what follows the code in its address.

    Empty where no page of ours settles it: time has to pass, or a rater holds the scale.
    """
    match test:
        case ConsentTest():
            return "consent", ()
        case VisitDoneTest(visits=visits) if visits:
            return "visit", (visits[0],)
        case WashoutTest() | InteractionsTest():
            return "screening_medicine", ()
        case ScoreTest(scale=scale) | CategoryTest(scale=scale):
            return _scale_page(scale, protocol)
        case MeasureTest() | StatementTest() | UnsettledTest() | EventsTest():
            return "screening_values", ()
        case AllOf(of=of) | AnyOf(of=of):
            return next((found for each in of if (found := settled_on(each, protocol))[0]), ("", ()))
        case _:
            return "", ()


def _scale_page(scale: str, protocol: Protocol) -> tuple[str, tuple[str | int, ...]]:
    for visit in protocol.visits:
        for assessment in visit.assessments:
            if assessment.scale == scale:
                return ("", ()) if assessment.sealed else ("scale_item", (scale, visit.id, 1))
    return "", ()
