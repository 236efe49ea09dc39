"""One person's course as a page reads it: where it stands, what stands before the next visit, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from asklepion.core import schedule
from asklepion.core.access import READS, Label
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import AdverseEvent, CourseEnded, MedicineRecorded
from asklepion.core.values import ConsentState, ConsentStatus, Finding, GateStatus, PlannedVisit, Task, Verdict
from asklepion.flows import course_table, projection
from asklepion.flows.caseload import in_words, where_today
from asklepion.flows.facts import facts
from asklepion.flows.judging import masked, observables_of, settled_on
from asklepion.knowledge.types import (
    CategoryTest,
    Criterion,
    Facts,
    MeasureTest,
    Protocol,
    ScoreTest,
    SignedTest,
    StatementTest,
    VisitKind,
)
from asklepion.record import reading
from asklepion.record.reading import Reader


@dataclass(frozen=True, slots=True)
class GateLine:
    """One finding on the gate card. `seqs` are the entries it rests on that this reader may open.

    `page` names the route on which it is settled, `args` what follows the code in its address; empty where none does.
    """

    look: str
    title: str
    verdict: str
    because: str
    needed: str
    decides: str
    page: str
    args: tuple[str | int, ...]
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GateCard:
    """What stands before the next gated visit. `summary` is the one sentence; `counts` the verdicts in words."""

    visit: str
    title: str
    shut: bool
    counts: str
    summary: str
    earliest: date | None
    lines: tuple[GateLine, ...]

    @property
    def met(self) -> int:
        return sum(1 for line in self.lines if line.look == "met")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A scale whose results this reader may not see, with the visits at which it is known to have been due."""

    scale: str
    held: tuple[tuple[str, date], ...]


@dataclass(frozen=True, slots=True)
class CoursePage:
    """Everything the chart page shows, already filtered for its reader."""

    course: str
    protocol: Protocol
    simulated: bool
    lede: str
    where: str
    chart: Chart
    plan: tuple[PlannedVisit, ...]
    tasks: tuple[Task, ...]
    gate: GateCard | None
    consent: ConsentStatus | None
    rows: tuple[course_table.Row, ...]
    medicines: tuple[Recorded[MedicineRecorded], ...]
    events: tuple[Recorded[AdverseEvent], ...]
    sealed: tuple[Sealed, ...]
    expected: Mapping[str, date]
    opened_on: date
    ended: bool

    @property
    def withdrawn(self) -> str:
        """Return what was withdrawn, in words; empty while consent was not."""
        gone = self.consent is not None and self.consent.state is ConsentState.WITHDRAWN
        return self.consent.because if self.consent and gone else ""

    @property
    def next_task(self) -> Task | None:
        """The task that the caseload names as next."""
        return min(self.tasks, key=projection.soonest, default=None)


def course_page(course: str, reader: Reader, *, on: date) -> CoursePage:
    """Return the page of one course as this reader may see it on a day. Raises UnknownId as for what does not exist.

    The gate is judged on all labels, because a sealed value may shut it; its entries are linked only if readable.
    """
    seen = reading.chart(course, reader)
    whole = reading.chart(course, reading.JUDGE)
    known = facts()
    opened = whole.opened()
    assert opened is not None  # reading raises for a course without entries
    protocol = known.protocols[opened.entry.protocol]
    status = projection.consent_status(protocol, known, whole, on=on)
    plan = schedule.plan(protocol, whole, on=on)
    ended = next(iter(reversed(whole.of(CourseEnded))), None)
    gate = None if ended else projection.next_gate(protocol, known, whole, plan, on=on, consent=status)
    row = projection.project(whole).row
    return CoursePage(
        course=course,
        protocol=protocol,
        simulated=opened.entry.simulated,
        lede=_lede(protocol, plan, opened.on, on=ended.on if ended else on),
        where=where_today(row, on),
        chart=seen,
        plan=plan,
        tasks=() if ended else projection.steps(protocol, known, whole, plan, consent=status),
        gate=gate_card(gate, plan, seen, Judged(protocol, known, whole, on)) if gate else None,
        consent=status,
        rows=course_table.rows(seen, plan, known),
        medicines=seen.medicines(),
        events=tuple(reversed(seen.of(AdverseEvent))),
        sealed=_sealed(protocol, plan, reader),
        expected=projection.expected_days(protocol, plan, opened.on, not_before=on),
        opened_on=opened.on,
        ended=ended is not None,
    )


def gate_sentence(title: str, findings: Iterable[Finding], judged: "Judged") -> str:
    """Return what stands in the way in one sentence, each reason once, a full stop only where nothing does."""
    reasons = [reason_of(finding, judged) for finding in findings if finding.verdict is not Verdict.MET]
    if not reasons:
        return f"{title} may begin: nothing stands in the way by what is on file; a person decides."
    return f"{title} is blocked: {', '.join(dict.fromkeys(reasons))}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a finding was judged by: enough to say shortly why it is not met."""

    protocol: Protocol
    facts: Facts
    chart: Chart
    on: date


def reason_of(finding: Finding, judged: Judged) -> str:
    """Return why a finding stands in the way in a few words: `fluoxetine stopped 9 days ago, 35 needed`."""
    if finding.medicine:
        return _medicine_reason(finding, judged)
    criterion = next((each for each in judged.protocol.criteria if each.id == finding.criterion), None)
    name = lowered(_measured(criterion, judged.facts) if criterion else finding.title).removesuffix(", on the day")
    if not finding.rests_on and finding.verdict is Verdict.UNKNOWN:
        return f"{name} missing"
    limit = getattr(criterion.test, "max_age_days", None) if criterion else None
    if finding.stale:
        return f"{name} older than {limit} days" if limit else f"{name} not done on the day"
    if finding.decision:
        return f"{lowered(finding.title)} waits for a decision"
    verdict = "not known" if finding.verdict is Verdict.UNKNOWN else "not met"
    return f"{lowered(finding.title)} {verdict}"


def _medicine_reason(finding: Finding, judged: Judged) -> str:
    told = next((each for each in judged.chart.medicines() if each.entry.medicine == finding.medicine), None)
    if told is None:
        return lowered(finding.title)
    name = told.entry.typed
    if told.entry.taking:
        return f"{name} still taken" if finding.verdict is Verdict.NOT_MET else f"{name} not settled"
    if told.entry.stopped_on is None:
        return f"day on which {name} was stopped missing"
    if finding.met_on is None or finding.met_on.first is None:
        return f"{name} not settled"
    passed = (judged.on - told.entry.stopped_on).days
    needed = (finding.met_on.first - told.entry.stopped_on).days
    return f"{name} stopped {passed} {'day' if passed == 1 else 'days'} ago, {needed} needed"


def _measured(criterion: Criterion, known: Facts) -> str:
    match criterion.test:
        case ScoreTest(scale=scale) | CategoryTest(scale=scale) if scale in known.scales:
            return known.scales[scale].short
        case MeasureTest(what=what) | StatementTest(what=what) if what in known.observables:
            return known.observables[what].title
        case _:
            return criterion.title


def lowered(title: str) -> str:
    """Return a title inside a sentence: an ordinary word begins small, an abbreviation (CAPS-5, QTc) stays."""
    return title if title[1:2].isupper() or "-" in title[:6] else title[:1].lower() + title[1:]


def gate_card(gate: GateStatus, plan: tuple[PlannedVisit, ...], seen: Chart, judged: Judged) -> GateCard:
    """Return the gate before a visit in the words of the card, with links to entries that the reader may open."""
    visit = next(each for each in plan if each.id == gate.visit)
    shut = gate.verdict is not Verdict.MET
    seqs = {recorded.id: recorded.seq for kind in seen.kinds.values() for recorded in kind}
    return GateCard(
        visit=gate.visit,
        title=f"{visit.title} may not start yet" if shut else f"{visit.title} may start",
        shut=shut,
        counts=_counts(gate.findings),
        summary=gate_sentence(visit.title, gate.findings, judged),
        earliest=gate.earliest,
        lines=tuple(_line(finding, seqs, visit.id, judged) for finding in gate.findings),
    )


def _line(finding: Finding, seqs: Mapping[str, int], visit: str, judged: Judged) -> GateLine:
    page, args = _settled_on(finding, visit, judged.protocol)
    criterion = next((each for each in judged.protocol.criteria if each.id == finding.criterion), None)
    if criterion and any(id not in seqs for id in finding.rests_on):
        finding = masked(finding, criterion)
    look = {Verdict.MET: "met", Verdict.NOT_MET: "notmet", Verdict.UNKNOWN: "unknown"}[finding.verdict]
    return GateLine(
        look=look,
        title=finding.title,
        verdict=str(finding.verdict).replace("_", " "),
        because=finding.because,
        needed=finding.needed,
        decides=finding.decides.replace("_", " "),
        page=page,
        args=args,
        seqs=tuple(sorted(seqs[id] for id in finding.rests_on if id in seqs)),
    )


def _settled_on(finding: Finding, visit: str, protocol: Protocol) -> tuple[str, tuple[str | int, ...]]:
    """Return the page on which a finding is settled: the visit's own form if it asks for that."""
    criterion = next((each for each in protocol.criteria if each.id == finding.criterion), None)
    if criterion is None:
        return "", ()
    asked = next((each.records for each in protocol.visits if each.id == visit), ())
    if finding.decision:
        return ("visit", (visit,)) if finding.decision in asked else ("screening_values", ())
    if not isinstance(criterion.test, CategoryTest) and set(observables_of(criterion.test)) & set(asked):
        return "visit", (visit,)
    if isinstance(criterion.test, SignedTest):
        return "screening", ()
    page, args = settled_on(criterion.test, protocol)
    return (page, (args[0], visit, 1)) if page == "scale_item" and _gives(visit, args[0], protocol) else (page, args)


def _gives(visit: str, scale: str | int, protocol: Protocol) -> bool:
    plan = next((each for each in protocol.visits if each.id == visit), None)
    return plan is not None and any(each.scale == scale and not each.sealed for each in plan.assessments)


def _counts(findings: Iterable[Finding]) -> str:
    verdicts = [finding.verdict for finding in findings]
    words = {Verdict.NOT_MET: "not met", Verdict.UNKNOWN: "unknown", Verdict.MET: "met"}
    parts = [f"{in_words(verdicts.count(verdict))} {word}" for verdict, word in words.items() if verdict in verdicts]
    return ", ".join(parts).capitalize()


def _lede(protocol: Protocol, plan: Iterable[PlannedVisit], opened_on: date, *, on: date) -> str:
    sessions = sum(1 for visit in plan if visit.kind is VisitKind.DOSING)
    count = f" {in_words(sessions).capitalize()} {'session' if sessions == 1 else 'sessions'}" if sessions else ""
    blinded = ", blinded" if protocol.blinded and sessions else ""
    stop = "." if count else ""
    return f"{protocol.title}.{count}{blinded}{stop} Week {max((on - opened_on).days // 7, 0)} from the first entry"


def _sealed(protocol: Protocol, plan: Iterable[PlannedVisit], reader: Reader) -> tuple[Sealed, ...]:
    """Name the scales kept from this reader with the visits held: from the protocol, never from a sealed entry."""
    if Label.SEALED in READS[reader.role]:
        return ()
    held = {visit.id: visit for visit in plan if visit.held_on}
    found: dict[str, list[tuple[str, date]]] = {}
    for planned in protocol.visits:
        for assessment in planned.assessments:
            if assessment.sealed:
                days = found.setdefault(assessment.scale, [])
                if planned.id in held:
                    days.append((planned.number or planned.title, held[planned.id].held_on[0]))
    scales = facts().scales
    return tuple(Sealed(scales[id].short if id in scales else id, tuple(days)) for id, days in found.items())
