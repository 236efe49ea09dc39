"""Scales: structure, keys, cut-offs, change and rights. Never the wording of an item."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from asklepion.knowledge.types.common import FORBID, Basis, ByKind, Tier


class Administration(StrEnum):
    SELF = "self"
    CLINICIAN = "clinician"


class Operator(StrEnum):
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    PERCENT_OF_MAX = "percent_of_max"


@dataclass(frozen=True, slots=True)
class CodedAnswer:
    """An answer that is no amount, such as `not assessed` or `not working`: its code and our own words for it."""

    __pydantic_config__: ClassVar = FORBID
    code: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its id on the form, our own topic label of 1 to 4 words, and its whole-number answer range.

    `coded` answers lie outside the range and are no amounts. `yes_no` says that 0 is no and 1 is yes.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    topic: str
    minimum: int
    maximum: int
    only_if: "Condition | None" = None
    """Asked only when this holds; otherwise a blank is expected and is not missing. It rests on earlier items."""
    coded: tuple[CodedAnswer, ...] = ()
    yes_no: bool = False


@dataclass(frozen=True, slots=True)
class MissingRule:
    """How many blanks a score bears. `prorated` gives mean of answered x number of items, else blanks unscore it."""

    __pydantic_config__: ClassVar = FORBID
    minimum_answered: int
    prorated: bool
    basis: Basis


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """One number from items. Without `missing`, one blank leaves it unscored. `reverse` items count minimum+maximum-x.

    An item of `leaves_out` that bears a coded answer takes no part; on any other item a coded answer leaves the score
    unscored. `loinc` is the code of this number; that of the form stands on the scale.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    label: str
    operator: Operator
    items: tuple[str, ...]
    minimum: float
    maximum: float
    basis: Basis
    reverse: tuple[str, ...] = ()
    missing: MissingRule | None = None
    primary: bool = False
    leaves_out: tuple[str, ...] = ()
    loinc: str = ""


@dataclass(frozen=True, slots=True)
class CountAtLeast:
    """At least `count` of `items` are answered `threshold` or more, as answered: reversing takes no part."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["count_at_least"]
    count: int
    items: tuple[str, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class ScoreAtLeast:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["score_at_least"]
    score: str
    threshold: float


@dataclass(frozen=True, slots=True)
class AllTrue:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["all_true"]
    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyTrue:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["any_true"]
    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class NotTrue:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["not_true"]
    of: "Condition"


Condition = Annotated[CountAtLeast | ScoreAtLeast | AllTrue | AnyTrue | NotTrue, ByKind()]


@dataclass(frozen=True, slots=True)
class Case:
    """A value of a classification and when it holds."""

    __pydantic_config__: ClassVar = FORBID
    value: str
    label: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Classification:
    """Cases in order: the first that holds wins. A case that cannot be told stops the search: the answer is unknown."""

    __pydantic_config__: ClassVar = FORBID
    id: str
    label: str
    cases: tuple[Case, ...]
    otherwise: str
    otherwise_label: str
    basis: Basis
    unknown_label: str = ""
    """What to do while it cannot be told, in our own words."""


@dataclass(frozen=True, slots=True)
class Cutoff:
    """From `at` upwards the score bears this label, in the named scheme."""

    __pydantic_config__: ClassVar = FORBID
    score: str
    at: float
    label: str
    scheme: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class ChangeBand:
    """A published change (in points) below which a person's change is not told from noise.

    `kind` says what it is: reliable (Jacobson-Truax), minimal (important difference) or detectable.
    `chosen` marks the one that pages draw when the protocol names none.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    score: str
    points: float
    kind: Literal["reliable", "minimal", "detectable"]
    sample: str
    basis: Basis
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ResponseRule:
    """A definition of response or remission that is stored with every count made by it.

    `percent_fall` and `points_fall` are falls from baseline, `at_most` a bound on the score itself,
    `classification` and `not_value` a category that must be gone. All that are given must hold.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    label: str
    score: str
    basis: Basis
    percent_fall: float | None = None
    points_fall: float | None = None
    at_most: float | None = None
    classification: str = ""
    not_value: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """Answers after which a person has to speak with whoever gave them, the same day. `label` is our words for staff.

    Where blanks leave it open whether `when` holds, it is raised as well: a blank is not safe.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    label: str
    when: Condition
    basis: Basis


@dataclass(frozen=True, slots=True)
class Rights:
    """Who holds the wording and what may be done with it. `wording_shipped` is false for every scale here."""

    __pydantic_config__: ClassVar = FORBID
    holder: str
    terms: str
    basis: Basis
    wording_shipped: Literal[False] = False


@dataclass(frozen=True, slots=True)
class Scale:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["scale"]
    id: str
    title: str
    short: str
    version: str
    tier: Tier
    construct: str
    administration: Administration
    recall: str
    higher_is_worse: bool
    items: tuple[Item, ...]
    scores: tuple[ScoreRule, ...]
    rights: Rights
    basis: Basis
    classifications: tuple[Classification, ...] = ()
    cutoffs: tuple[Cutoff, ...] = ()
    change: tuple[ChangeBand, ...] = ()
    responses: tuple[ResponseRule, ...] = ()
    loinc: str = ""
    alerts: tuple[Alert, ...] = ()
