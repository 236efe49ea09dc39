"""Protocols: visits with windows and anchors, doses, readings and limits, criteria and gates, assessments."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from asklepion.knowledge.types.common import FORBID, Basis, ByKind, Tier
from asklepion.knowledge.types.drug import Severity


class VisitKind(StrEnum):
    SCREENING = "screening"
    ENROLMENT = "enrolment"
    PREPARATION = "preparation"
    ASSESSMENT = "assessment"
    DOSING = "dosing"
    INTEGRATION = "integration"
    CONTACT = "contact"
    TERMINATION = "termination"
    FOLLOW_UP = "follow_up"


class Domain(StrEnum):
    MEDICINES = "medicines"
    BODY = "body"
    MIND = "mind"
    CIRCUMSTANCES = "circumstances"
    COURSE = "course"
    PROTOCOL = "protocol"


class Effect(StrEnum):
    """What a criterion does when it is not met: stops, or asks for a physician's review."""

    STOP = "stop"
    REVIEW = "review"


class LimitStage(StrEnum):
    BEFORE_DOSE = "before_dose"
    IN_SESSION = "in_session"
    EMERGENCY = "emergency"


ANCHORS = ("opening", "consent", "enrolment", "first_dose", "last_dose", "last_visit")
"""What a window may hang on besides a visit. `opening` is the day on which the course was opened."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days relative to an anchor: a visit id, or one of ANCHORS.

    `opens` or `closes` of None is an open end. All are whole days after the anchor's local date, negative before it.
    """

    __pydantic_config__: ClassVar = FORBID
    anchor: str
    nominal: int
    opens: int | None
    closes: int | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Assessment:
    """A scale that belongs to a visit. `sealed` results are kept from the treatment team until the trial is opened.

    `required` ones hold the visit open until they are given or marked as not done.
    """

    __pydantic_config__: ClassVar = FORBID
    scale: str
    sealed: bool = False
    required: bool = True
    role: str = ""
    """Who gives it: participant, rater or another role; without one, the role that leads the visit."""
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """Something that the visit covers, in our own words, so that therapy is described and not assumed."""

    __pydantic_config__: ClassVar = FORBID
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """One planned visit. `role` leads it; `records` names the observables its form asks for.

    `repeatable` visits may be held any number of times; `after` names visits that come first in the same cycle.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    title: str
    kind: VisitKind
    role: str
    window: Window
    basis: Basis
    number: str = ""
    minutes: int | None = None
    required: bool = True
    repeatable: bool = False
    records: tuple[str, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    times: int = 1
    """How often a repeatable visit is to be held before it counts as done."""
    otherwise: Window | None = None
    """The window that stands in once the visit that `window` hangs on was missed or is not needed."""
    lapses: bool = False
    """Not needed once the visit that its window hangs on was missed; without this it waits for a person."""


@dataclass(frozen=True, slots=True)
class DoseLevel:
    """A dose that may be given first, and the supplemental dose that may follow it, in mg of the named salt."""

    __pydantic_config__: ClassVar = FORBID
    initial_mg: float
    supplemental_mg: float
    basis: Basis


@dataclass(frozen=True, slots=True)
class DecidedWindow:
    """The window of the supplement once the site has chosen `choice`, in minutes after the first dose, ends within."""

    __pydantic_config__: ClassVar = FORBID
    choice: str
    opens_min: int
    closes_min: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class DoseRule:
    """The doses of one dosing visit. The supplement is given at most once, inside its window after the first dose.

    Where sources differ, `decided_by` names the observable by which the site chooses one of `decided`; until it has,
    no supplement is offered. `released_by` names the yes/no by which a physician lifts a limit that was passed.
    """

    __pydantic_config__: ClassVar = FORBID
    visit: str
    levels: tuple[DoseLevel, ...]
    supplement_opens_min: int
    supplement_closes_min: int
    basis: Basis
    decided_by: str = ""
    decided: tuple[DecidedWindow, ...] = ()
    released_by: str = ""


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """When readings are due in a dosing visit: minutes after the first dose, or before it (negative)."""

    __pydantic_config__: ClassVar = FORBID
    id: str
    title: str
    opens_min: int
    closes_min: int
    measures: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Limit:
    """A reading that passes a bound, or its own pre-dose baseline by so much, and what the protocol then asks.

    Each of `above`, `at_least`, `rise_above`, `rise_at_least` and `equals` (for a yes/no or a choice) is one bound.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    measure: str
    stage: LimitStage
    action: str
    basis: Basis
    above: float | None = None
    rise_above: float | None = None
    blocks_supplement: bool = False
    at_least: float | None = None
    rise_at_least: float | None = None
    equals: str | bool | None = None


@dataclass(frozen=True, slots=True)
class MeasureTest:
    """A recorded quantity lies within bounds, ends included. `at_most_female` and `at_most_male` need a sex on file."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["measure"]
    what: str
    at_least: float | None = None
    at_most: float | None = None
    at_most_female: float | None = None
    at_most_male: float | None = None
    max_age_days: int | None = None
    repeat_needs: str = ""
    """The yes/no by which a physician decides once any reading of the same day lay outside, however it read later."""


@dataclass(frozen=True, slots=True)
class StatementTest:
    """A recorded yes/no or choice equals `equals`. `unless` exempts people for whom another statement holds."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["statement"]
    what: str
    equals: str | bool
    max_age_days: int | None = None
    unless: str = ""
    unless_equals: str | bool | None = None


@dataclass(frozen=True, slots=True)
class ScoreTest:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["score"]
    scale: str
    score: str
    at_least: float | None = None
    at_most: float | None = None
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryTest:
    """The latest classification by a scale is none of `not_values`. An unknown classification is unknown."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["category"]
    scale: str
    classification: str
    not_values: tuple[str, ...]
    max_age_days: int | None = None
    judged_values: tuple[str, ...] = ()
    """Values that a clinician judges: unknown until the yes/no `decided_by` is recorded after the answers."""
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class WashoutTest:
    """Every medicine on file that must be washed out has been. One finding per medicine."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["washout"]


@dataclass(frozen=True, slots=True)
class InteractionsTest:
    """No medicine taken now is of a severity that stops, or is unknown. One finding per medicine."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["interactions"]


@dataclass(frozen=True, slots=True)
class ConsentTest:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["consent"]


@dataclass(frozen=True, slots=True)
class SignedTest:
    """A person of `role` has signed `what` (worksheet) with meaning `approved`; nothing it rests on changed since."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["signed"]
    what: str
    role: str


@dataclass(frozen=True, slots=True)
class VisitDoneTest:
    """Each of `visits` was held. `missed_accepted_by` is the yes/no by which one that was missed is let go."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["visit_done"]
    visits: tuple[str, ...]
    missed_accepted_by: str = ""


@dataclass(frozen=True, slots=True)
class SpacingTest:
    """At least `at_least_days` and, if given, at most `at_most_days` have passed since a visit was held."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["spacing"]
    since: str
    at_least_days: int
    at_most_days: int | None = None


@dataclass(frozen=True, slots=True)
class UnsettledTest:
    """Sources disagree or are silent; the site has to record a decision (observable `decided_by`) before it is met."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["unsettled"]
    decided_by: str


@dataclass(frozen=True, slots=True)
class EventsTest:
    """After the last entry on each serious adverse event a physician or medical monitor has decided to go on.

    `decided_by` is the yes/no by which they do. An event that has ended is no exception: its end is an entry too.
    """

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["events"]
    decided_by: str


@dataclass(frozen=True, slots=True)
class AllOf:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["all"]
    of: "tuple[Test, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["any"]
    of: "tuple[Test, ...]"


Test = Annotated[
    MeasureTest
    | StatementTest
    | ScoreTest
    | CategoryTest
    | WashoutTest
    | InteractionsTest
    | ConsentTest
    | SignedTest
    | VisitDoneTest
    | SpacingTest
    | UnsettledTest
    | EventsTest
    | AllOf
    | AnyOf,
    ByKind(),
]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion. Met means: this does not stand in the way. `decides` is the role that settles an unknown."""

    __pydantic_config__: ClassVar = FORBID
    id: str
    title: str
    domain: Domain
    effect: Effect
    test: Test
    basis: Basis
    decides: str = "physician"
    missing: str = ""
    """What to record, in plain words, when it is unknown."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What must be met before any of the visits in `before` may begin."""

    __pydantic_config__: ClassVar = FORBID
    id: str
    title: str
    before: tuple[str, ...]
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WashoutPolicy:
    """The protocol's rule: so many half-lives of the longest-lived active substance, plus days of stabilisation."""

    __pydantic_config__: ClassVar = FORBID
    half_lives: int
    stabilisation_days: int
    basis: Basis
    stopping_severities: tuple[Severity, ...] = (Severity.CONTRAINDICATED, Severity.MAJOR, Severity.MODERATE)
    """Interactions of these severities stop while the medicine is taken; milder ones are shown and do not."""


@dataclass(frozen=True, slots=True)
class Arm:
    __pydantic_config__: ClassVar = FORBID
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Protocol:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["protocol"]
    id: str
    version: str
    title: str
    short: str
    tier: Tier
    condition: str
    substance: str
    visits: tuple[VisitPlan, ...]
    basis: Basis
    blinded: bool = False
    arms: tuple[Arm, ...] = ()
    doses: tuple[DoseRule, ...] = ()
    readings: tuple[ReadingTime, ...] = ()
    limits: tuple[Limit, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    gates: tuple[Gate, ...] = ()
    washout: WashoutPolicy | None = None
    consent_document: str = ""
    primary_scale: str = ""
    shown_scale: str = ""
    """The scale that the caseload shows to those who treat; the primary one may be sealed."""
