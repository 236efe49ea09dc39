"""The plan of a cohort: a YAML file that says what is computed of which recordings. Every fault is told at once."""

import json
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from asklepion.core.errors import BadFact, BadInput, ManyFaults
from asklepion.knowledge import text
from asklepion.knowledge.faults import told
from asklepion.knowledge.types.common import FORBID
from asklepion.signals.eeg.plan import EegPlan

Texts = tuple[str, ...]
Positive = Annotated[float, Field(gt=0)]


class Modality(StrEnum):
    """What a recording is of, as plans name it."""

    BOLD = "bold"
    EEG = "eeg"
    HEART = "heart"


HEADINGS = {Modality.BOLD: "Brain networks", Modality.EEG: "Electroencephalogram", Modality.HEART: "Heart"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What every modality's plan has. No default of it changes a number.

    `only` keeps recordings whose entities have one of the values (`task: [rest]`). `measures` are names, `*` standing
    for any letters; without them all. `baseline` names the entities by which one's own baseline differs from a
    recording (`ses: before`): from it changes are told. `shown` are the measures that the group's report draws.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    only: dict[str, Texts] = field(default_factory=dict)
    measures: Texts = ()
    baseline: dict[Literal["ses", "task", "run"], str] = field(default_factory=dict)
    shown: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoldPlan(Chosen):
    """Parcellated BOLD. `labels` is a table beside the plan with the network of each parcel.

    Without labels there are measures of the whole brain only. `sampling_hz` is for recordings whose sidecar has neither
    RepetitionTime nor SamplingFrequency.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    labels: str | None = None
    sampling_hz: Positive | None = None
    censor_above_mm: Positive | None = None
    seeds: Annotated[int, Field(ge=1)] = 50
    seed: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartPlan(Chosen):
    """ECG, pulse or intervals as BIDS keeps them (`*_physio.tsv.gz`)."""

    __pydantic_config__: ClassVar[Any] = FORBID
    column: str | None = None
    method: Literal["lomb", "welch"] = "lomb"
    window_s: Positive = 300.0
    baseline_s: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EegSettings(EegPlan):
    """The settings that `asklepion eeg` takes, and no others."""

    __pydantic_config__: ClassVar[Any] = FORBID


@dataclass(frozen=True, slots=True, kw_only=True)
class EegOf(Chosen):
    """EEG: what is measured, and how, stands under `settings`."""

    __pydantic_config__: ClassVar[Any] = FORBID
    settings: EegSettings = field(default_factory=EegSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The column of participants.tsv that tells groups apart, and their order."""

    __pydantic_config__: ClassVar[Any] = FORBID
    column: str
    order: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Two levels, the second less the first: of groups, or within people of sessions, tasks or runs."""

    __pydantic_config__: ClassVar[Any] = FORBID
    by: Literal["group", "ses", "task", "run"]
    levels: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a cohort's recordings are to give. A modality that is not named is left alone."""

    __pydantic_config__: ClassVar[Any] = FORBID
    name: str
    bold: BoldPlan | None = None
    eeg: EegOf | None = None
    heart: HeartPlan | None = None
    groups: Groups | None = None
    compare: Compare | None = None

    def of(self, modality: Modality) -> BoldPlan | EegOf | HeartPlan | None:
        return {Modality.BOLD: self.bold, Modality.EEG: self.eeg, Modality.HEART: self.heart}[modality]

    @property
    def modalities(self) -> tuple[Modality, ...]:
        return tuple(each for each in Modality if self.of(each) is not None)


PLAN = TypeAdapter(Plan)
# What changes which measures are told or drawn of a recording, and not its numbers.
_NOT_COMPUTED = ("only", "shown")


def read(file: Path) -> Plan:
    """Return the plan that a file holds. Raises ManyFaults with every fault and its line."""
    try:
        content = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Give a YAML file in UTF-8; docs/guide/imaging.md has one."
        raise BadInput(f"The plan cannot be read: {error}.", where=str(file), remedy=remedy) from error
    documents, faults = text.documents(content, str(file))
    if faults or len(documents) != 1:
        empty = BadFact("The file holds no plan, or more than one.", file=str(file), remedy="Write one document.")
        raise _many(faults or (empty,), file)
    (document,) = documents
    try:
        found = PLAN.validate_json(json.dumps(document.value, allow_nan=False), strict=True)
    except ValidationError as error:
        wrong = [
            BadFact(
                what,
                file=str(file),
                line=document.line(path),
                path=text.spelled(path),
                remedy=_known(path) if "facts schema" in remedy else remedy,
            )
            for path, what, remedy in told(error, document.value)
        ]
        raise _many(tuple(sorted(wrong, key=lambda each: each.line)), file) from error
    except BadInput as error:  # what the settings of the EEG say of themselves
        path = ("eeg", "settings", error.where)
        fault = BadFact(
            error.what, file=str(file), line=document.line(path), path=text.spelled(path), remedy=error.remedy
        )
        raise _many((fault,), file) from error
    _holds_together(found, document, file)
    return found


def computed(chosen: BoldPlan | EegOf | HeartPlan) -> dict[str, object]:
    """Return all of a modality's plan that its measures depend on, as plain values."""
    whole: dict[str, object] = TypeAdapter(type(chosen)).dump_python(chosen, mode="json")
    return {name: value for name, value in whole.items() if name not in _NOT_COMPUTED}


def _many(faults: tuple[BadFact, ...], file: Path) -> ManyFaults:
    one = len(faults) == 1
    return ManyFaults(f"{len(faults)} fault{'' if one else 's'} in the plan.", faults, where=file.name)


def _holds_together(plan: Plan, document: text.Document, file: Path) -> None:
    faults = []

    def fault(what: str, remedy: str, *path: str) -> None:
        line = document.line(path)
        faults.append(BadFact(what, file=str(file), line=line, path=text.spelled(path), remedy=remedy))

    if not plan.modalities:
        names = ", ".join(Modality)
        fault("The plan names no modality.", f"Name at least one of {names}.")
    if plan.compare and plan.compare.by == "group" and plan.groups is None:
        fault(
            "Groups are compared and none are named.",
            "Write `groups:` with the `column` of participants.tsv.",
            "compare",
        )
    if plan.compare and plan.compare.levels[0] == plan.compare.levels[1]:
        fault("A level is compared with itself.", "Name two.", "compare", "levels")
    if plan.bold and plan.bold.labels and not (file.parent / plan.bold.labels).is_file():
        what = f"There is no file {plan.bold.labels} beside the plan."
        fault(what, "Give a table with a network for each parcel.", "bold", "labels")
    if plan.eeg:
        from asklepion.flows.eeg import known_measures

        known = known_measures()
        for name in plan.eeg.settings.measures:
            if name not in known:
                fault(f"There is no measure {name}.", f"Known: {', '.join(known)}.", "eeg", "settings", "measures")
    if faults:
        raise _many(tuple(faults), file)


def _known(path: text.Path) -> str:
    """Return which fields there are at the place where an unknown one stands."""
    here: Any = Plan
    for part in path[:-1]:
        hint = get_type_hints(here).get(str(part)) if is_dataclass(here) else None
        here = next((each for each in (hint, *get_args(hint)) if is_dataclass(each)), None)
    return f"There are: {', '.join(each.name for each in fields(here))}." if here and is_dataclass(here) else ""
