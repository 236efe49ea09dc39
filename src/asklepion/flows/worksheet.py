"""The screening worksheet of one course: every criterion judged on one day, as one reader may see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from asklepion.core import interactions
from asklepion.core import washout as rules
from asklepion.core.access import Role
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import CourseEnded, MedicineRecorded, Signed
from asklepion.core.values import Finding, Verdict
from asklepion.flows import projection
from asklepion.flows.caseload import in_words, short_day
from asklepion.flows.facts import facts
from asklepion.flows.judging import Judged, asked_for, judged, masked, observables_of, settled_on
from asklepion.knowledge.types import Domain, Drug, Effect, Protocol, WashoutTest
from asklepion.record import reading
from asklepion.record.reading import Reader

DOMAINS: dict[Domain, str] = {
    Domain.MEDICINES: "Medicines",
    Domain.BODY: "Body",
    Domain.MIND: "Mind",
    Domain.CIRCUMSTANCES: "Circumstances",
    Domain.COURSE: "The course",
    Domain.PROTOCOL: "The protocol itself",
}
_LOOKS = {Verdict.NOT_MET: "notmet", Verdict.UNKNOWN: "unknown", Verdict.MET: "met"}


@dataclass(frozen=True, slots=True)
class Washout:
    """The days of one medicine, for the bar: since the last dose, needed, and how many of these are for stability."""

    passed_days: int
    needed_days: int
    stable_days: int


@dataclass(frozen=True, slots=True)
class Line:
    """One finding as its reader may see it. `seqs` are the entries it rests on that they may open.

    `told` is the medicine that it is about, `observables` what can be recorded to
    settle it. `page` names the route on which it is settled and `args` what follows the code in its address.
    """

    id: str
    finding: Finding
    look: str
    seqs: tuple[int, ...]
    sealed: bool
    washout: Washout | None
    told: Recorded[MedicineRecorded] | None
    drug: Drug | None
    observables: tuple[str, ...]
    page: str
    args: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has to happen, in the order blocked, due, waiting. `line` is the finding it settles."""

    look: str
    word: str
    title: str
    who: str
    line: Line


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature on the worksheet. `stands` says that what was signed is what stands there today."""

    recorded: Recorded[Signed]
    stands: bool


@dataclass(frozen=True, slots=True)
class Worksheet:
    """Everything that the page shows, already filtered for its reader."""

    course: str
    protocol: Protocol
    on: date
    simulated: bool
    ended: bool
    clear: bool
    lede: tuple[str, str]
    counts: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    steps: tuple[Step, ...]
    medicines: tuple[Recorded[MedicineRecorded], ...]
    signatures: tuple[Signature, ...]
    hash: str
    approver: Role
    approval: Finding | None
    observables: tuple[str, ...]


def worksheet(course: str, reader: Reader, *, on: date) -> Worksheet:
    """Return the worksheet as a reader may see it on a day. Raises UnknownId as for what does not exist.

    It is judged on all labels, because a sealed value may decide; such a value is not shown to who may not read it.
    """
    seen = reading.chart(course, reader)
    now = judged(course, on=on)
    opened = now.chart.opened()
    assert opened is not None  # judging raises for a course without entries
    lines = tuple(_line(finding, number, seen, now) for number, finding in enumerate(now.findings, 1))
    return Worksheet(
        course=course,
        protocol=now.protocol,
        on=on,
        simulated=opened.entry.simulated,
        ended=bool(now.chart.of(CourseEnded)),
        clear=now.clear,
        lede=_lede(now),
        counts=_counts(now),
        groups=tuple(_grouped(lines)),
        steps=_steps(lines, now),
        medicines=seen.medicines(),
        signatures=tuple(Signature(each, each.entry.signs_hash == now.hash) for each in _worksheet_signatures(seen)),
        hash=now.hash,
        approver=now.approver,
        approval=now.approval,
        observables=asked_for(now.protocol),
    )


def _worksheet_signatures(chart: Chart) -> Iterable[Recorded[Signed]]:
    return (each for each in reversed(chart.of(Signed)) if each.entry.what == "worksheet")


def _line(finding: Finding, number: int, seen: Chart, now: Judged) -> Line:
    seqs = {recorded.id: recorded.seq for kind in seen.kinds.values() for recorded in kind}
    sealed = any(id not in seqs for id in finding.rests_on)
    told = _told(finding.medicine, seen)
    criterion = next(each for each in now.protocol.criteria if each.id == finding.criterion)
    page, args = ("screening_values", ()) if finding.decision else settled_on(criterion.test, now.protocol)
    return Line(
        id=f"f{number}",
        finding=masked(finding, criterion) if sealed else finding,
        look=_LOOKS[finding.verdict],
        seqs=tuple(sorted(seqs[id] for id in finding.rests_on if id in seqs)),
        sealed=sealed,
        washout=_washout(told, now) if isinstance(criterion.test, WashoutTest) else None,
        told=told,
        drug=facts().drugs.get(told.entry.drug) if told else None,
        observables=(finding.decision,) if finding.decision else observables_of(criterion.test),
        page=page,
        args=args,
    )


def _told(medicine: str, seen: Chart) -> Recorded[MedicineRecorded] | None:
    return next((each for each in seen.medicines() if medicine and each.entry.medicine == medicine), None)


def _washout(told: Recorded[MedicineRecorded] | None, now: Judged) -> Washout | None:
    """Return the days for the bar; None where no day is known, because nothing is known or it is still taken."""
    if told is None or told.entry.taking or told.entry.stopped_on is None:
        return None
    known = interactions.pair(told.entry.drug, typed=told.entry.typed, protocol=now.protocol, facts=facts())
    needed = rules.washout(known.drug, known.rows, now.protocol).days if known.drug else None
    if not known.drug or not needed:
        return None
    return Washout((now.on - told.entry.stopped_on).days, needed, _stable_days(known.drug, needed, now.protocol))


def _stable_days(drug: Drug, needed: int, protocol: Protocol) -> int:
    """Return how many of the needed days are the protocol's for stability: none where another rule decided."""
    policy = protocol.washout
    if policy is None or not drug.actives or drug.effect_outlasts_half_life:
        return 0
    hours = policy.half_lives * max(active.half_life_high_h for active in drug.actives)
    gone = rules.whole_days(hours)
    return policy.stabilisation_days if needed == gone + policy.stabilisation_days else 0


def _grouped(lines: tuple[Line, ...]) -> Iterable[tuple[str, tuple[Line, ...]]]:
    for domain, title in DOMAINS.items():
        found = tuple(line for line in lines if line.finding.domain is domain)
        if found or domain is Domain.MEDICINES:
            yield title, found


def _counts(now: Judged) -> tuple[tuple[str, str], ...]:
    counts = (("notmet", now.not_met, "not met"), ("unknown", now.unknown, "unknown"), ("met", now.met, "met"))
    return tuple((look, f"{count} {word}") for look, count, word in counts if count)


def _lede(now: Judged) -> tuple[str, str]:
    """Return whether the person can be cleared on the day, and what else the reader has to know at once."""
    when = "today" if now.on == now.today else f"on {_long_day(now.on)}"
    course = now.chart.course
    if not now.findings:
        return f"{course} cannot be judged.", "The protocol names no criterion for this worksheet."
    if now.clear:
        return f"{course} can be cleared {when}, by what is on file; a person decides.", _until(now)
    return f"{course} cannot be cleared {when}.", f"{_open_words(now)} {_earliest(now)}".strip()


def _open_words(now: Judged) -> str:
    parts = []
    if now.not_met:
        parts.append(f"{in_words(now.not_met)} {_criteria(now.not_met)} not met")
    if now.unknown:
        parts.append(
            f"{in_words(now.unknown)} {'' if parts else 'criterion ' if now.unknown == 1 else 'criteria '}"
            f"{'is' if now.unknown == 1 else 'are'} unknown"
        )
    return f"{', and '.join(parts).capitalize()}."


def _criteria(count: int) -> str:
    return "criterion is" if count == 1 else "criteria are"


def _until(now: Judged) -> str:
    span = projection.gate_span(now.findings)
    last = span.last if span else None
    every = f"All {in_words(now.met)} criteria are met" if now.met > 1 else "The one criterion is met"
    return f"{every}; if nothing more is recorded, the last such day is {_long_day(last)}." if last else f"{every}."


def _earliest(now: Judged) -> str:
    """Return from which day on every date could be right. Where something is open besides dates, it says so."""
    dated = [finding for finding in now.findings if finding.met_on is not None]
    waiting = [finding for finding in dated if finding.verdict is not Verdict.MET]
    if not waiting:
        return "No day by itself settles this: something has to be recorded or decided."
    span = projection.gate_span(dated)
    if span is None or span.first is None:
        return "By the dates alone there is no day on which all would be right: something has to be done again."
    if len(dated) == len(now.findings):
        return f"If nothing more is recorded, the earliest day is {_long_day(span.first)}."
    return f"The earliest day on which every date could be right is {_long_day(span.first)}."


def _long_day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def _steps(lines: tuple[Line, ...], now: Judged) -> tuple[Step, ...]:
    """Return what has to happen: what blocks, what is due, what only waits."""
    steps = [_step(line, now) for line in lines if line.finding.verdict is not Verdict.MET]
    once: dict[tuple[str, str], Step] = {}
    for step in steps:
        once.setdefault((step.look, step.title), step)
    order = ("blocked", "notmet", "due", "plain")
    return tuple(sorted(once.values(), key=lambda step: order.index(step.look)))


def _step(line: Line, now: Judged) -> Step:
    finding = line.finding
    title, decides = _short(finding, line), finding.decides.replace("_", " ").capitalize()
    waits = finding.met_on is not None and finding.met_on.first is not None and finding.met_on.first > now.on
    if finding.verdict is Verdict.UNKNOWN and finding.medicine:
        return Step("blocked", "Blocked", title, f"{decides} and a second person", line)
    if waits and finding.met_on and finding.met_on.first:
        return Step("plain", "Waits", title, f"until {short_day(finding.met_on.first, now.on)}, nothing to do", line)
    if finding.verdict is Verdict.UNKNOWN:
        return Step("due", "Due", title, finding.needed or f"{decides} decides", line)
    if finding.effect is Effect.STOP:
        return Step("notmet", "Stops", title, finding.needed or f"{decides} decides", line)
    return Step("due", "Review", title, f"{decides} reviews", line)


def _short(finding: Finding, line: Line) -> str:
    return line.told.entry.typed if line.told and finding.verdict is Verdict.UNKNOWN else finding.title
