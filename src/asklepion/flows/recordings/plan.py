"""The plan of a cohort: a YAML file that says what is computed of which recordings. Every fault is told at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter

from asklepion.flows import written
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
    """ECG, pulse or intervals as BIDS keeps them (`*_physio.tsv.gz`).

    `signal` says what the column is where neither its name nor its sidecar does.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    column: str | None = None
    signal: Literal["ecg", "ppg"] | None = None
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


# What changes which measures are told or drawn of a recording, and not its numbers.
_NOT_COMPUTED = ("only", "shown")


def read(file: Path) -> Plan:
    """Return the plan that a file holds. Raises ManyFaults with every fault and its line."""
    found = written.read(file, Plan, noun="plan", undone="Nothing was computed.", within=("eeg", "settings"))
    found.refuse(_loose_ends(found.value, file.parent))
    return found.value


def computed(chosen: BoldPlan | EegOf | HeartPlan) -> dict[str, object]:
    """Return all of a modality's plan that its measures depend on, as plain values."""
    whole: dict[str, object] = TypeAdapter(type(chosen)).dump_python(chosen, mode="json")
    return {name: value for name, value in whole.items() if name not in _NOT_COMPUTED}


def _loose_ends(plan: Plan, folder: Path) -> Iterator[written.Fault]:
    """Yield where the plan asks for what there is not."""
    if not plan.modalities:
        yield (), "The plan names no modality.", f"Name at least one of {', '.join(Modality)}."
    if plan.compare and plan.compare.by == "group" and plan.groups is None:
        remedy = "Write `groups:` with the `column` of participants.tsv."
        yield ("compare",), "Groups are compared and none are named.", remedy
    if plan.compare and plan.compare.levels[0] == plan.compare.levels[1]:
        yield ("compare", "levels"), "A level is compared with itself.", "Name two."
    if plan.bold and plan.bold.labels and not (folder / plan.bold.labels).is_file():
        what = f"There is no file {plan.bold.labels} beside the plan."
        yield ("bold", "labels"), what, "Give a table with a network for each parcel."
    if plan.eeg:
        from asklepion.flows.eeg import known_measures

        if plan.eeg.settings.kind != "eeg":
            what = "A cohort takes EEG only: no files of MEG are looked for in the data set."
            yield ("eeg", "settings", "kind"), what, "Take each with `asklepion eeg --kind`."

        known = known_measures()
        for name in plan.eeg.settings.measures:
            if name not in known:
                yield ("eeg", "settings", "measures"), f"There is no measure {name}.", f"Known: {', '.join(known)}."
