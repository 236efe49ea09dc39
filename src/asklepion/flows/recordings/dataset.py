"""A BIDS data set walked: who is in it, which recordings the plan chooses, what lies beside each of them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.exchange import bids
from asklepion.exchange.bids import Name
from asklepion.flows.recordings.plan import Chosen, Modality, Plan

EEG_FILES = (".edf", ".bdf", ".vhdr", ".set", ".fif")
BOLD_FILES = (".tsv", ".ptseries.nii")
# What tells one scan from another. The rest (space, atlas, description) is what was made of it.
_OF_THE_SCAN = ("sub", "ses", "task", "acq", "ce", "rec", "dir", "run", "echo")


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of the data set that the plan chooses: `shown` is its path from the data set, `folder` that of its kind.

    `confounds` is fMRIPrep's table for a scan, or XCP-D's of motion. `group` is empty where none is known.
    """

    modality: Modality
    name: Name
    file: Path
    shown: str
    folder: str
    metadata: Mapping[str, object] = field(hash=False)
    group: str = ""
    confounds: Path | None = None

    @property
    def person(self) -> str:
        return self.name.get("sub")

    @property
    def occasion(self) -> tuple[str, str, str]:
        """The session, the task and the run; empty where the name has none."""
        return self.name.get("ses"), self.name.get("task"), self.name.get("run")


@dataclass(frozen=True, slots=True)
class Left:
    """A file or a person that gave nothing: where, what is wrong, and what to do."""

    where: str
    what: str
    remedy: str


@dataclass(frozen=True)
class DataSet:
    """A BIDS folder: its own subjects, and those of the derivatives below it."""

    root: Path
    out: Path

    @cached_property
    def files(self) -> tuple[tuple[Path, Name], ...]:
        """Every file with a BIDS name under a subject, and every sidecar above, in the order of their paths."""
        return tuple(
            (path, name)
            for top in self._tops()
            for path in sorted(_below(top, self.out))
            if (name := bids.parse(path.name)) is not None
        )

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Labels of subjects, without `sub-`, in order."""
        return tuple(sorted({name.get("sub") for _, name in self.files if name.get("sub")}))

    def _tops(self) -> Iterator[Path]:
        yield self.root
        below = self.root / "derivatives"
        if below.is_dir():
            yield from sorted(each for each in below.iterdir() if each.is_dir() and each.resolve() != self.out)


def check(root: Path) -> None:
    """Raise BadInput where a folder is no data set."""
    if not (root / "dataset_description.json").is_file():
        what = "It has no dataset_description.json, so it is no BIDS data set."
        raise BadInput(what, where=str(root), remedy="Name the folder in which that file and sub-* lie.")


def read(root: Path, out: Path) -> DataSet:
    """Return the data set of a folder, without what lies in `out`. Raises BadInput where nobody is in it."""
    found = DataSet(root.resolve(), out.resolve())
    if not found.people:
        raise BadInput("It holds no subject.", where=str(root), remedy="Its folders sub-* hold the recordings.")
    return found


def participants(found: DataSet, plan: Plan) -> dict[str, str]:
    """Return the group of each person; nobody where the plan names no groups. Raises BadInput without that column."""
    if plan.groups is None:
        return {}
    file = found.root / "participants.tsv"
    column = plan.groups.column
    if not file.is_file():
        raise BadInput("The plan names groups, and there is no such file.", where=str(file), remedy="Add it.")
    rows = bids.rows(_text(file), file="participants.tsv")
    if rows and not {"participant_id", column} <= set(rows[0]):
        what = f"It has no column {column} beside participant_id."
        raise BadInput(what, where="participants.tsv", remedy=f"It has {', '.join(rows[0])}.")
    return {each["participant_id"].removeprefix("sub-"): each[column] for each in rows}


def recordings(found: DataSet, plan: Plan) -> tuple[tuple[Recording, ...], tuple[Left, ...]]:
    """Return the recordings that the plan chooses, by modality, person and name; and what was left out, and why."""
    groups = participants(found, plan)
    sidecars = _sidecars(found)
    motion = {_scan(name): path for path, name in sorted(found.files, reverse=True) if _is_motion(name)}
    chosen: list[Recording] = []
    left: list[Left] = []
    for modality in plan.modalities:
        for path, name in found.files:
            if not _is(modality, name) or not _kept(name, plan.of(modality)):
                continue
            shown = path.relative_to(found.root).as_posix()
            try:
                metadata = _metadata(path, name, sidecars=sidecars, root=found.root)
            except BadInput as error:
                left.append(Left(error.where, error.what, error.remedy))
                continue
            confounds = motion.get(_scan(name)) if modality == Modality.BOLD else None
            group = groups.get(name.get("sub"), "")
            chosen.append(Recording(modality, name, path, shown, path.parent.name, metadata, group, confounds))
    chosen.sort(key=lambda each: (each.modality, each.person, str(each.name), each.shown))
    return tuple(chosen), tuple(left)


def baselines(found: Sequence[Recording], plan: Plan) -> dict[Recording, Recording]:
    """Return the baseline of each recording that has one, by the plan; a baseline itself has none.

    It is of the same person and modality, and its name differs in nothing but what the plan's `baseline` names.
    """
    places = {(each.modality, each.name.suffix, each.name.entities): each for each in found}
    told = {}
    for each in found:
        wanted = plan.of(each.modality)
        changed = wanted.baseline if wanted else {}
        entities = each.name.with_(**{str(key): value for key, value in changed.items()}).entities
        own = places.get((each.modality, each.name.suffix, entities))
        if own is not None and own is not each:
            told[each] = own
    return told


def _below(top: Path, out: Path) -> Iterator[Path]:
    """Yield the files of a data set's subjects and the sidecars above them; hidden ones not, and none of ours."""
    yield from (path for path in top.glob("*.json") if path.is_file())
    for person in top.glob("sub-*"):
        for folder, folders, files in os.walk(person):
            folders[:] = sorted(each for each in folders if not each.startswith(".") and each != "figures")
            if Path(folder).resolve().is_relative_to(out):
                continue
            yield from (Path(folder) / each for each in files if not each.startswith("."))


def _is(modality: Modality, name: Name) -> bool:
    match modality:
        case Modality.BOLD:
            own = name.suffix == "timeseries" or (name.suffix == "bold" and name.extension == ".ptseries.nii")
            return own and name.extension in BOLD_FILES and name.get("desc") != "confounds"
        case Modality.EEG:
            return name.suffix == "eeg" and name.extension in EEG_FILES
        case Modality.HEART:
            return name.suffix == "physio" and name.extension == ".tsv.gz"


def _is_motion(name: Name) -> bool:
    """Say whether a file is fMRIPrep's table of confounds or XCP-D's of motion."""
    confounds = name.suffix == "timeseries" and name.get("desc") == "confounds"
    return name.extension == ".tsv" and (confounds or name.suffix == "motion")


def _scan(name: Name) -> tuple[str, ...]:
    return tuple(name.get(key) for key in _OF_THE_SCAN)


def _kept(name: Name, chosen: Chosen | None) -> bool:
    only = chosen.only if chosen else {}
    return all(name.get(key) in values for key, values in only.items())


def _sidecars(found: DataSet) -> dict[Path, list[Name]]:
    folders: dict[Path, list[Name]] = {}
    for path, name in found.files:
        if name.extension == ".json":
            folders.setdefault(path.parent, []).append(name)
    return folders


def _metadata(path: Path, name: Name, *, sidecars: Mapping[Path, list[Name]], root: Path) -> dict[str, object]:
    """Return the fields of a recording's sidecars, the nearer over the farther."""
    merged: dict[str, object] = {}
    for folder in reversed(path.parents):
        for each in bids.inherited(name, sidecars.get(folder, [])):
            file = folder / str(each)
            merged |= bids.metadata(_text(file), file=file.relative_to(root).as_posix())
    return merged


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"It cannot be read: {error}.", where=str(file), remedy="Save it as UTF-8.") from error
