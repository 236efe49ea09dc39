"""Biomarkers: a file in, measures out, with the hash of what they rest on. Nothing is recorded."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.exchange import bids
from asklepion.signals.heart import recording as heart_recording
from asklepion.signals.heart.asked import Asked
from asklepion.signals.heart.physio import is_physio
from asklepion.signals.heart.session import Session, session
from asklepion.signals.lab import files as lab_files
from asklepion.signals.lab.concentration import Matrix
from asklepion.signals.lab.cortisol import areas, awakening
from asklepion.signals.measure import Measure, as_json

__all__ = ["Cortisol", "Heart", "Matrix", "Person", "as_json", "cortisol", "heart"]


@dataclass(frozen=True, slots=True)
class Heart:
    """A recording's measures, the SHA-256 of its files, and in `words` what was read, found and left out."""

    sha256: str
    session: Session
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """The measures of one series of samples, by the name that the file gives it."""

    name: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Cortisol:
    """The measures of every series of a file, and its SHA-256."""

    sha256: str
    people: tuple[Person, ...]


def heart(
    file: Path,
    *,
    unit: str | None = None,
    column: str | None = None,
    method: str = "lomb",
    window_s: float = 300.0,
    baseline_s: tuple[float, float] | None = None,
    channel: str | None = None,
    signal: str | None = None,
    sampling_hz: float | None = None,
    annotations: bool = False,
    sidecar: Mapping[str, object] | None = None,
) -> Heart:
    """Return the measures of a heart's recording: intervals, or an ECG or pulse wave in which beats are found.

    `channel`, `signal` (ecg or ppg) and `sampling_hz` are of raw signals, `annotations` takes the beats of a WFDB
    record's `.atr`, `sidecar` holds the fields of BIDS' JSON; without it they are read, inherited ones too. Raises
    BadInput for what cannot be taken as it is.
    """
    asked = Asked(
        unit=unit,
        column=column,
        channel=channel,
        signal=signal,
        sampling_hz=sampling_hz,
        annotations=annotations,
        sidecar=_inherited(file) if sidecar is None and is_physio(file) else sidecar,
    )
    found = heart_recording.read(file, asked)
    told = session(found.intervals, window_s=window_s, method=method, baseline_s=baseline_s)
    return Heart(_hash(found.files), told, found.words)


def cortisol(
    file: Path, *, unit: str, matrix: Matrix, minutes: Sequence[float] | None = None, from_waking: bool = False
) -> Cortisol:
    """Return areas, and with minutes counted from waking the awakening response, of every series of a file."""
    people = []
    for each in lab_files.read(file, unit=unit, matrix=matrix, minutes=minutes):
        try:
            measures = areas(each.samples) + (awakening(each.samples) if from_waking else ())
        except BadInput as error:
            raise BadInput(error.what, where=f"{file}, {each.name}", remedy=error.remedy) from error
        people.append(Person(each.name, measures))
    return Cortisol(_hash((file,)), tuple(people))


def _inherited(file: Path) -> dict[str, object] | None:
    """Return the fields of a BIDS recording's sidecars, the nearer over the farther; None outside of a data set."""
    name = bids.parse(file.name)
    folders = file.resolve().parents
    top = next((place for place, each in enumerate(folders) if (each / "dataset_description.json").is_file()), None)
    if name is None or top is None:
        return None
    merged: dict[str, object] = {}
    for folder in reversed(folders[: top + 1]):
        names = [found for each in folder.glob("*.json") if (found := bids.parse(each.name)) is not None]
        for each in bids.inherited(name, names):
            sidecar = folder / str(each)
            merged |= bids.metadata(sidecar.read_text("utf-8"), file=str(sidecar))
    return merged


def _hash(files: Sequence[Path]) -> str:
    """Return the SHA-256 of a file; of several, that of their hashes in hexadecimal, one after the other."""
    each = []
    for file in files:
        with file.open("rb") as content:
            each.append(hashlib.file_digest(content, "sha256").hexdigest())
    return each[0] if len(each) == 1 else hashlib.sha256("".join(each).encode()).hexdigest()
