"""What can be recorded about a person: readings, laboratory values, diagnoses and plain statements."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from asklepion.knowledge.types.common import FORBID, Tier


class ValueKind(StrEnum):
    QUANTITY = "quantity"
    YES_NO = "yes_no"
    CHOICE = "choice"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Observable:
    """One thing that can be recorded.

    `lowest` and `highest` guard against typing errors only; they are ours and carry no clinical meaning. `exceeds`
    names the observable whose value must be smaller when both are typed together (systolic over diastolic).
    `unit` is a UCUM code. `label` is the confidentiality: open or treatment.
    """

    __pydantic_config__: ClassVar = FORBID
    id: str
    title: str
    value: ValueKind
    group: Literal["diagnosis", "vital", "laboratory", "history", "circumstance", "session", "therapy"]
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    exceeds: str = ""
    choices: tuple[str, ...] = ()
    hint: str = ""
    label: Literal["open", "treatment"] = "open"


@dataclass(frozen=True, slots=True)
class Observables:
    __pydantic_config__: ClassVar = FORBID
    kind: Literal["observables"]
    id: str
    title: str
    tier: Tier
    observables: tuple[Observable, ...]
