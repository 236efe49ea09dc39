"""Medicines, their classes, the substances under study, and what is known of the two together."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from asklepion.knowledge.types.common import FORBID, Basis, Tier


class Severity(StrEnum):
    CONTRAINDICATED = "contraindicated"
    MAJOR = "major"
    MODERATE = "moderate"
    MINOR = "minor"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """What the pair does, apart from how grave it is."""

    TOXICITY = "toxicity"
    BLUNTING = "blunting"
    MIXED = "mixed"
    CONDITION_FLAG = "condition_flag"
    NONE_SEEN = "none_seen"
    UNCLEAR = "unclear"


class HandlingKind(StrEnum):
    """What trials or labels do with the medicine. Never a recommendation of ours."""

    WASHOUT = "washout"
    EXCLUDE = "exclude"
    CONTINUE = "continue"
    PROTOCOL_DECIDES = "protocol_decides"
    NOTE = "note"


class WashoutBasis(StrEnum):
    LABEL = "label"
    TRIAL = "trial"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A code in a public system (RxNorm, ATC, UNII), with how sure we are of it."""

    __pydantic_config__: ClassVar = FORBID
    system: str
    code: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class ActiveSubstance:
    """A parent drug or active metabolite and its half-life in hours, the range as published."""

    __pydantic_config__: ClassVar = FORBID
    name: str
    half_life_low_h: float
    half_life_high_h: float
    basis: Basis


@dataclass(frozen=True, slots=True)
class WashoutRule:
    """A stated number of days between the last dose and a session, and whose rule it is.

    `before` names substances, or classes of medicines for a label's rule on switching (`maoi`, `rima`). `days` is the
    longest number stated, in whole days; `stated` says it as published where that is a range or in hours.
    """

    __pydantic_config__: ClassVar = FORBID
    before: tuple[str, ...]
    days: int
    rule: WashoutBasis
    basis: Basis
    stated: str = ""


@dataclass(frozen=True, slots=True)
class DrugClass:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["drug_class"]
    id: str
    title: str
    tier: Tier
    basis: Basis


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine as it may be typed: its names, classes, active substances and stated washouts.

    `effect_outlasts_half_life` marks irreversible inhibitors, for which no arithmetic by half-lives is valid.
    `not_stopped_abruptly` is shown wherever a washout is shown.
    """

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["drug"]
    id: str
    title: str
    tier: Tier
    basis: Basis
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    actives: tuple[ActiveSubstance, ...] = ()
    washouts: tuple[WashoutRule, ...] = ()
    effect_outlasts_half_life: bool = False
    not_stopped_abruptly: bool = False
    identifiers: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Handling:
    """What is done with the medicine around a session. `days_before` and `days_after` are the longest stated.

    `basis` is that of the figures, where it is not the row's own: an effect may have been seen and its days recalled.
    """

    __pydantic_config__: ClassVar = FORBID
    handling: HandlingKind
    text: str
    days_before: int | None = None
    days_after: int | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """What is known of one class of medicines (or named drugs) with one substance.

    Severity, mechanism and direction are separate. Where sources give a range, `severity` is the graver end and
    `severity_text` says the range. `statements` are parts of the row whose basis is not that of the row.
    """

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["interaction"]
    id: str
    title: str
    tier: Tier
    substance: str
    classes: tuple[str, ...]
    severity: Severity
    severity_text: str
    direction: Direction
    mechanism: str
    effect: str
    handling: Handling
    basis: Basis
    drugs: tuple[str, ...] = ()
    statements: tuple["Background", ...] = ()


@dataclass(frozen=True, slots=True)
class Substance:
    """A substance that a protocol gives: salt, identifiers, course of effect, what is expected in a session."""

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["substance"]
    id: str
    title: str
    tier: Tier
    salt: str
    basis: Basis
    identifiers: tuple[Identifier, ...] = ()
    expected: tuple["Background", ...] = ()
    adverse_events: tuple["AdverseEventRate", ...] = ()


@dataclass(frozen=True, slots=True)
class Background:
    """What is usual in a session, so that an alert is not read as an alarm."""

    __pydantic_config__: ClassVar = FORBID
    statement: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class AdverseEventRate:
    """Per cent with the event in the active and the control arm, as published."""

    __pydantic_config__: ClassVar = FORBID
    term: str
    active_percent: float
    control_percent: float
    trial: str
    basis: Basis
