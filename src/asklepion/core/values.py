"""Values that rooms hand to each other: verdicts, findings, scores, planned visits. Absence is never zero."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from asklepion.knowledge.types import Basis, Domain, Effect, VisitKind

_UNIT_WORDS = {
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "/min": "a minute",
    "a": "years",
    "mo": "months",
    "m[IU]/L": "mIU/L",
    "1": "",
}


def unit_words(unit: str) -> str:
    """Return a UCUM unit as people write it: `mmHg` for `mm[Hg]`; an annotation such as `{score}` says nothing.

    >>> unit_words("mm[Hg]"), unit_words("{score}"), unit_words("mmol/L")
    ('mmHg', '', 'mmol/L')
    """
    return "" if unit.startswith("{") else _UNIT_WORDS.get(unit, unit)


class Verdict(StrEnum):
    """Unknown is a verdict of its own and never means safe."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which something holds, ends included; None is open. Nothing else recorded, it holds on those days."""

    first: date | None = None
    last: date | None = None

    def holds(self, on: date) -> bool:
        return (self.first is None or self.first <= on) and (self.last is None or on <= self.last)

    def both(self, other: "Span") -> "Span":
        firsts = [day for day in (self.first, other.first) if day]
        lasts = [day for day in (self.last, other.last) if day]
        return Span(max(firsts, default=None), min(lasts, default=None))


@dataclass(frozen=True, slots=True)
class Step:
    """One line of arithmetic under a finding: `Longest half-life, norfluoxetine` / `384 h`."""

    label: str
    value: str
    total: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one criterion (or of one medicine under it) on one day.

    `met_on` is the span of days on which it would be met if nothing more were recorded, None if no day is: pages over
    many people judge any day from it without folding a chart. `rests_on` are ids of ledger entries. `needed` says in
    plain words what to record or wait for. `rule` is the basis of the criterion, `facts` those of what it used.
    """

    criterion: str
    title: str
    domain: Domain
    effect: Effect
    verdict: Verdict
    because: str
    decides: str
    rule: Basis
    met_on: Span | None
    needed: str = ""
    steps: tuple[Step, ...] = ()
    rests_on: tuple[str, ...] = ()
    facts: tuple[Basis, ...] = ()
    medicine: str = ""
    cautions: tuple[str, ...] = ()
    stale: bool = False
    """Unknown because what is on file is too old, and not because it is missing or in doubt."""
    decision: str = ""
    """The observable by which a person decides, where only that is missing."""


@dataclass(frozen=True, slots=True)
class Unscored:
    """Why there is no number. `items` names the blanks."""

    reason: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A number, or why there is none. `prorated` says that blanks were bridged by the scale's own published rule."""

    id: str
    label: str
    value: float | Unscored
    minimum: float
    maximum: float
    primary: bool
    prorated: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A classification's value, or None with what is missing: a case that cannot be told is never passed over."""

    id: str
    label: str
    value: str | None
    value_label: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScaleResult:
    scale: str
    version: str
    scores: tuple[Score, ...]
    categories: tuple[Category, ...]

    def score(self, id: str) -> Score | None:
        return next((score for score in self.scores if score.id == id), None)

    def category(self, id: str) -> Category | None:
        return next((category for category in self.categories if category.id == id), None)


class VisitState(StrEnum):
    """Where a planned visit stands on a day. A visit without a known anchor waits."""

    DONE = "done"
    MISSED = "missed"
    WAITING = "waiting"
    AHEAD = "ahead"
    DUE = "due"
    LATE = "late"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit of the protocol laid on the calendar of one course.

    `opens`, `nominal` and `closes` are local dates; None is an open end or, where `anchor_on` is None, not yet known.
    `held_on` are the days on which it was held (repeats included), `outside_window` says that the first was not inside.
    """

    id: str
    number: str
    title: str
    kind: VisitKind
    role: str
    state: VisitState
    anchor: str
    anchor_on: date | None
    opens: date | None
    nominal: date | None
    closes: date | None
    held_on: tuple[date, ...] = ()
    booked_at: datetime | None = None
    outside_window: bool = False
    missed_because: str = ""
    required: bool = True
    entry: str = ""
    why: str = ""
    """What it waits for, or why it is not needed, as a sentence."""


class TaskState(StrEnum):
    LATE = "late"
    BLOCKED = "blocked"
    DUE = "due"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody has to do, made on demand from plan and chart. `id` is stable: `visit:prep-1`.

    `kind` is visit, scale, consent, countersign, sign or decision; `what` the id it concerns (a visit, a scale).
    `opens` and `closes` are local dates; state on a day follows from them, and blocked from `gate` findings.
    """

    id: str
    kind: str
    what: str
    visit: str
    title: str
    role: str
    opens: date | None
    due: date | None
    closes: date | None


@dataclass(frozen=True, slots=True)
class GateStatus:
    """May a visit begin? `findings` in the order not met, unknown, met."""

    gate: str
    visit: str
    title: str
    findings: tuple[Finding, ...]
    verdict: Verdict
    earliest: date | None
    """The first day on which every finding is met if nothing more is recorded; None if no day is."""


class ConsentState(StrEnum):
    NEVER_SIGNED = "never_signed"
    AWAITS_COUNTERSIGNATURE = "awaits_countersignature"
    IN_FORCE = "in_force"
    SIGN_AGAIN = "sign_again"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """`current` is the version in force on the day, `signed` the latest that the participant signed, if any."""

    document: str
    current: str
    signed: str
    signed_on: date | None
    state: ConsentState
    because: str
    entry: str = ""
    since: date | None = None
    """The day from which the current version is in force."""
