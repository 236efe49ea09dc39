"""One recording measured: what a worker does with a task that can be sent to it, and what it gives back."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.exchange import bids
from asklepion.flows.recordings import keeping, pictures
from asklepion.flows.recordings.dataset import Recording
from asklepion.flows.recordings.pictures import Picture
from asklepion.flows.recordings.plan import BoldPlan, EegOf, HeartPlan
from asklepion.signals.eeg.plan import EegPlan
from asklepion.signals.measure import Measure

Chosen = BoldPlan | EegOf | HeartPlan
# Files that make one recording with the one that is named: BrainVision's data and marks, EEGLAB's data.
_BESIDE = (".eeg", ".vmrk", ".dat", ".fdt")


@dataclass(frozen=True, slots=True)
class Task:
    """A recording, what the plan wants of it, the table of networks and the recording that it is told from."""

    recording: Recording
    chosen: Chosen
    labels: Path | None = None
    baseline: Recording | None = None

    @property
    def files(self) -> tuple[tuple[str, Path], ...]:
        """Every file that the measures rest on, by what it is."""
        own = self.recording
        before = self.baseline if isinstance(self.chosen, BoldPlan) else None
        beside = [own.file.with_suffix(each) for each in _BESIDE] if own.name.extension in (".vhdr", ".set") else []
        listed = [
            (own.shown, own.file),
            *((f"{own.shown.rpartition('/')[0]}/{each.name}", each) for each in beside if each.is_file()),
            ("labels", self.labels),
            ("confounds", own.confounds),
            ("channels", _channels_file(own) if isinstance(self.chosen, EegOf) else None),
            ("baseline", before.file if before else None),
            ("baseline confounds", before.confounds if before else None),
        ]
        return tuple((what, file) for what, file in listed if file is not None)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a recording gave: measures, what was read and left out in words, and pictures."""

    measures: tuple[Measure, ...]
    words: tuple[str, ...]
    pictures: tuple[Picture, ...]


def inputs(task: Task) -> dict[str, str]:
    """Return the SHA-256 of every file that a task rests on, and of what its sidecars say. Raises BadInput."""
    hashes = {what: keeping.sha256(file) for what, file in task.files}
    return {**hashes, "sidecars": keeping.digest(task.recording.metadata)}


def measured(task: Task) -> Measured:
    """Return the measures of a task, in one thread: the last digit of a sum depends on who adds what.

    Raises BadInput for a recording that cannot be taken as it is.
    """
    with _one_thread():
        found = _of(task)
    patterns = task.chosen.measures
    kept = tuple(each for each in found.measures if _wanted(each.name, patterns))
    if not kept:
        remedy = f"It gives {', '.join(dict.fromkeys(each.name for each in found.measures))}."
        raise BadInput("None of the plan's measures is among those of this recording.", where="measures", remedy=remedy)
    lost = [each for each in patterns if not any(_wanted(one.name, (each,)) for one in kept)]
    told = (f"The plan's {', '.join(lost)} is none of its measures.",) if lost else ()
    return replace(found, measures=kept, words=(*found.words, *told))


def _of(task: Task) -> Measured:
    match task.chosen:
        case BoldPlan():
            return _bold(task, task.chosen)
        case EegOf():
            return _eeg(task, task.chosen)
        case HeartPlan():
            return _heart(task, task.chosen)


def _one_thread() -> AbstractContextManager[object]:
    try:
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        what = "threadpoolctl is not installed."
        raise BadInput(what, where="workers", remedy="Install `asklepion[research]`.") from error
    limited: AbstractContextManager[object] = threadpool_limits(1)
    return limited


def _wanted(name: str, patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(name, each) for each in patterns)


def _bold(task: Task, chosen: BoldPlan) -> Measured:
    from asklepion.flows import brain

    own = task.recording
    found = brain.brain(
        own.file,
        labels=task.labels,
        sampling_hz=_sampling_hz(own, chosen),
        confounds=own.confounds,
        censor_above_mm=chosen.censor_above_mm,
        baseline=task.baseline.file if task.baseline else None,
        baseline_confounds=task.baseline.confounds if task.baseline else None,
        seeds=chosen.seeds,
        seed=chosen.seed,
    )
    measures = (*found.both.with_global_signal, *found.both.without_global_signal)
    return Measured(measures, found.words, pictures.brain(found))


def _sampling_hz(own: Recording, chosen: BoldPlan) -> float | None:
    """Return how many volumes a second there are, by the sidecar, else by the plan; None leaves it to the file."""
    repetition, rate = own.metadata.get("RepetitionTime"), own.metadata.get("SamplingFrequency")
    if isinstance(repetition, int | float) and repetition > 0:
        return 1 / float(repetition)
    if isinstance(rate, int | float) and rate > 0:
        return float(rate)
    return chosen.sampling_hz


def _eeg(task: Task, chosen: EegOf) -> Measured:
    from asklepion.flows import eeg

    settings, words = _with_channels(task.recording, chosen)
    found = eeg.eeg(task.recording.file, plan=settings)
    return Measured(found.measures, (*found.recording_words, *words), pictures.eeg(found))


def _with_channels(own: Recording, chosen: EegOf) -> tuple[EegPlan, tuple[str, ...]]:
    """Return the settings with the channels that channels.tsv calls EEG and good, where the plan names none."""
    file = _channels_file(own)
    if file is None or chosen.settings.channels:
        return chosen.settings, ()
    rows = bids.rows(file.read_text("utf-8"), file=file.name)
    if rows and not {"name", "type"} <= set(rows[0]):
        raise BadInput("It has no columns name and type.", where=file.name, remedy="BIDS wants them in this order.")
    of_eeg = [each for each in rows if each["type"].upper() == "EEG"]
    bad = [each["name"] for each in of_eeg if each.get("status") == "bad"]
    good = tuple(each["name"] for each in of_eeg if each["name"] not in bad)
    if not good:
        raise BadInput("It names no good channel of EEG.", where=file.name, remedy="Name channels in the plan.")
    words = (f"{len(good)} channels of EEG by {file.name}" + (f"; bad: {', '.join(bad)}." if bad else "."),)
    return replace(chosen.settings, channels=good), words


def _channels_file(own: Recording) -> Path | None:
    file = own.file.with_name(str(own.name.with_(suffix="channels", extension=".tsv")))
    return file if file.is_file() else None


def _heart(task: Task, chosen: HeartPlan) -> Measured:
    from asklepion.flows import biomarkers

    found = biomarkers.heart(
        task.recording.file,
        column=chosen.column,
        signal=chosen.signal,
        sidecar=task.recording.metadata,
        method=chosen.method,
        window_s=chosen.window_s,
        baseline_s=chosen.baseline_s,
    )
    told = found.session
    windows = tuple(
        replace(each, of=f"{window.begin_s:g} to {window.end_s:g} s")
        for number, window in enumerate(told.windows)
        for each in (*window.measures, *(told.changes[number] if told.changes else ()))
    )
    doubt = ("More than 5% of the time is marked: take the figures with care.",) if told.whole.doubtful else ()
    marked = ", ".join(f"{count} {name}" for name, count in told.marks if count)
    words = (f"{told.whole.intervals} intervals in {told.whole.end_s / 60:.1f} min: {marked}.", *found.words, *doubt)
    return Measured((*told.whole.measures, *windows), words, pictures.heart(found))
