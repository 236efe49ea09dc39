"""The types of ledger entries. Frozen; what is recorded is never changed, only corrected by a later entry."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

FORBID = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class CourseOpened:
    """First entry of every course. `simulated` marks an invented person for good."""

    __pydantic_config__: ClassVar = FORBID
    protocol: str
    protocol_version: str
    site: str
    simulated: bool = False
    kind: Literal["course_opened"] = "course_opened"


@dataclass(frozen=True, slots=True)
class Value:
    """One observed value. `what` is an observable's id; `unit` its UCUM code, empty for yes/no, choice, date, text."""

    __pydantic_config__: ClassVar = FORBID
    what: str
    value: bool | float | str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """Values taken together (148/90 and 92). `treatment` ones are kept from raters and from analysis."""

    __pydantic_config__: ClassVar = FORBID
    values: tuple[Value, ...]
    visit: str = ""
    treatment: bool = False
    kind: Literal["observed"] = "observed"


@dataclass(frozen=True, slots=True)
class MedicineRecorded:
    """A medicine as told. `drug` is a fact's id, or empty where nothing on file answers to what was typed.

    `stopped_on` None with `taking` true means still taken. `taking` false needs `stopped_on`, or the stop is unknown.
    """

    __pydantic_config__: ClassVar = FORBID
    medicine: str
    typed: str
    drug: str
    taking: bool
    dose: str = ""
    started_on: date | None = None
    stopped_on: date | None = None
    told_by: str = ""
    kind: Literal["medicine_recorded"] = "medicine_recorded"


@dataclass(frozen=True, slots=True)
class MedicineDecided:
    """A person's decision on a medicine that facts cannot settle: `rests_on` says on what. It needs a second person."""

    __pydantic_config__: ClassVar = FORBID
    medicine: str
    decision: Literal["may_go_on", "stops_the_course"]
    rests_on: str
    second_person: str
    kind: Literal["medicine_decided"] = "medicine_decided"


@dataclass(frozen=True, slots=True)
class ConsentSigned:
    """The participant signed what was read. `document_hash` is over what was shown; `wrong_first`: read once more."""

    __pydantic_config__: ClassVar = FORBID
    document: str
    version: str
    document_hash: str
    printed_name_held: bool
    questions_right: int
    questions_asked: int
    wrong_first: tuple[str, ...] = ()
    kind: Literal["consent_signed"] = "consent_signed"


@dataclass(frozen=True, slots=True)
class ConsentCountersigned:
    __pydantic_config__: ClassVar = FORBID
    document: str
    version: str
    signs_entry: str
    signs_hash: str
    printed_name: str
    kind: Literal["consent_countersigned"] = "consent_countersigned"


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    __pydantic_config__: ClassVar = FORBID
    document: str
    scope: Literal["treatment", "all"]
    kind: Literal["consent_withdrawn"] = "consent_withdrawn"


@dataclass(frozen=True, slots=True)
class VisitBooked:
    """A planned time. A later booking of the same visit replaces it."""

    __pydantic_config__: ClassVar = FORBID
    visit: str
    starts: datetime
    room: str = ""
    kind: Literal["visit_booked"] = "visit_booked"


@dataclass(frozen=True, slots=True)
class VisitHeld:
    """A visit took place. `visit` is a plan's id, or `unscheduled` with a `title`. `covered` are checklist ids.

    `how` is not_told where a table from elsewhere does not say it.
    """

    __pydantic_config__: ClassVar = FORBID
    visit: str
    started: datetime
    ended: datetime | None = None
    title: str = ""
    how: Literal["in_person", "video", "telephone", "not_told"] = "in_person"
    covered: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    kind: Literal["visit_held"] = "visit_held"


@dataclass(frozen=True, slots=True)
class VisitMissed:
    __pydantic_config__: ClassVar = FORBID
    visit: str
    because: str
    kind: Literal["visit_missed"] = "visit_missed"


@dataclass(frozen=True, slots=True)
class ScoreGiven:
    """A score as computed by the server at the time. `value` None has `unscored`, the reason.

    `reported` marks a number that was computed elsewhere and came without answers: it is never a server's score.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    value: float | None
    unscored: str = ""
    reported: bool = False


@dataclass(frozen=True, slots=True)
class CategoryGiven:
    __pydantic_config__: ClassVar = FORBID
    id: str
    value: str | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `value` None is a blank that was left on purpose or not asked; it is never counted as zero."""

    __pydantic_config__: ClassVar = FORBID
    item: str
    value: int | None


@dataclass(frozen=True, slots=True)
class AnswersGiven:
    """A scale's answers with the scores that the server computed from them. `labels_only`: shown without wording.

    An import may hold no answers and `reported` scores only; `origin` then says where each number stood.
    """

    __pydantic_config__: ClassVar = FORBID
    scale: str
    version: str
    answers: tuple[Answer, ...]
    scores: tuple[ScoreGiven, ...]
    categories: tuple[CategoryGiven, ...]
    visit: str = ""
    sealed: bool = False
    labels_only: bool = True
    source: Literal["self", "clinician", "import"] = "self"
    kind: Literal["answers_given"] = "answers_given"
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ScaleNotDone:
    __pydantic_config__: ClassVar = FORBID
    scale: str
    visit: str
    because: str
    kind: Literal["scale_not_done"] = "scale_not_done"


@dataclass(frozen=True, slots=True)
class DoseGiven:
    """A dose was swallowed. In a blinded protocol the figure is the level of the schedule, not the content."""

    __pydantic_config__: ClassVar = FORBID
    visit: str
    part: Literal["initial", "supplemental"]
    level_mg: float
    salt: str
    witnessed_by: str = ""
    kind: Literal["dose_given"] = "dose_given"


@dataclass(frozen=True, slots=True)
class DoseWithheld:
    __pydantic_config__: ClassVar = FORBID
    visit: str
    part: Literal["initial", "supplemental"]
    because: str
    kind: Literal["dose_withheld"] = "dose_withheld"


@dataclass(frozen=True, slots=True)
class Dispensed:
    __pydantic_config__: ClassVar = FORBID
    visit: str
    kit: str
    content: str
    kind: Literal["dispensed"] = "dispensed"


@dataclass(frozen=True, slots=True)
class ArmAssigned:
    __pydantic_config__: ClassVar = FORBID
    arm: str
    kind: Literal["arm_assigned"] = "arm_assigned"


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """Something unwanted (or wanted: `welcome` keeps euphoria-type events from being lost). Severity is not
    seriousness.

    `grade` is 1 to 5. `related` is the judgement of the person who records it.
    """

    __pydantic_config__: ClassVar = FORBID
    event: str
    term: str
    grade: int
    serious: bool
    started_on: date
    ended_on: date | None = None
    related: Literal["related", "not_related", "unknown"] = "unknown"
    special_interest: bool = False
    welcome: bool = False
    action: str = ""
    kind: Literal["adverse_event"] = "adverse_event"


@dataclass(frozen=True, slots=True)
class ContactMade:
    __pydantic_config__: ClassVar = FORBID
    how: Literal["telephone", "video", "message", "in_person"]
    reached: bool
    about: str
    minutes: int | None = None
    kind: Literal["contact_made"] = "contact_made"


@dataclass(frozen=True, slots=True)
class Note:
    __pydantic_config__: ClassVar = FORBID
    text: str
    visit: str = ""
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: printed name, meaning, and the hash it signs. `what` is worksheet, or an entry's id.

    For a worksheet `signs_hash` is over the findings shown; `findings` counts met, not met and unknown at that moment.
    """

    __pydantic_config__: ClassVar = FORBID
    what: str
    signs_hash: str
    printed_name: str
    meaning: Literal["authored", "reviewed", "approved"]
    proof: str
    met: int = 0
    not_met: int = 0
    unknown: int = 0
    kind: Literal["signed"] = "signed"


@dataclass(frozen=True, slots=True)
class Retracted:
    """Withdraws the entry named by `corrects`. Kept for good, struck through, counted nowhere."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["retracted"] = "retracted"


@dataclass(frozen=True, slots=True)
class CourseEnded:
    """Nothing more falls due. `how` is not_told where a table from elsewhere ends and does not say why."""

    __pydantic_config__: ClassVar = FORBID
    how: Literal["completed", "screen_failed", "withdrew", "discontinued", "lost", "not_told"]
    because: str = ""
    kind: Literal["course_ended"] = "course_ended"


Entry = (
    CourseOpened
    | Observed
    | MedicineRecorded
    | MedicineDecided
    | ConsentSigned
    | ConsentCountersigned
    | ConsentWithdrawn
    | VisitBooked
    | VisitHeld
    | VisitMissed
    | AnswersGiven
    | ScaleNotDone
    | DoseGiven
    | DoseWithheld
    | Dispensed
    | ArmAssigned
    | AdverseEvent
    | ContactMade
    | Note
    | Signed
    | Retracted
    | CourseEnded
)
"""Told apart by `kind`."""
