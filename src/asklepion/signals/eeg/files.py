"""Recordings from files: what MNE reads (EDF, BDF, BrainVision, EEGLAB, FIF), and CSV."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from asklepion.core.errors import AsklepionError, BadInput
from asklepion.signals.eeg.edf_header import Header, edf_header
from asklepion.signals.eeg.kinds import EEG, SensorKind
from asklepion.signals.eeg.recording import Annotation, Position, Recording, check_channels, recording
from asklepion.signals.eeg.sensors import of_magnetic, of_sensors, wanted_channels
from asklepion.signals.eeg.text_files import read_text
from asklepion.signals.eeg.whole import whole_records, whole_samples

_READERS = {
    ".edf": "read_raw_edf",
    ".bdf": "read_raw_bdf",
    ".vhdr": "read_raw_brainvision",
    ".set": "read_raw_eeglab",
    ".fif": "read_raw_fif",
    ".gz": "read_raw_fif",
}
_TEXT = (".csv", ".tsv", ".txt")
SUFFIXES = (*_READERS, *_TEXT)


def read(
    path: Path,
    *,
    sampling_hz: float | None = None,
    unit: str | None = None,
    channels: tuple[str, ...] = (),
    kind: SensorKind = EEG,
) -> Recording:
    """Return the channels of one kind in a file, or those that are named, in the unit of the kind.

    `sampling_hz` and `unit` are for CSV (`unit` for an EDF whose header names none, too); a file that says another rate
    itself is refused. Stimulus, eye, heart and other channels are left out by name unless named, and of EDF those of
    another rate and without a unit of potential. Raises BadInput for a file that is cut off or cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(each for each in SUFFIXES if each != ".gz")
        raise BadInput(f"`{suffix}` is no kind of file that is read here.", where=str(path), remedy=f"Known: {known}.")
    if not path.is_file():
        raise BadInput("The file cannot be read: there is none.", where=str(path), remedy="Look at the path.")
    try:
        if suffix in _TEXT and kind.magnetic:
            what = f"A table names no kind of sensor: no {kind.words}s are read from it."
            raise BadInput(what, where=str(path), remedy="Give MEG as FIF.")
        if suffix in _TEXT:
            found = read_text(path, sampling_hz=sampling_hz, unit=unit, channels=channels)
        else:
            found = _from_mne(path, sampling_hz, unit, channels, kind=kind)
    except BadInput as error:
        if error.where.startswith(str(path)):
            raise
        place = f"{path}, {error.where}" if error.where and error.where != "the recording" else str(path)
        raise BadInput(error.what, where=place, remedy=error.remedy) from error
    return found


def _from_mne(
    path: Path, sampling_hz: float | None, unit: str | None, channels: tuple[str, ...], *, kind: SensorKind
) -> Recording:
    header = Header()
    match path.suffix.lower():
        case ".edf" | ".bdf":
            whole_records(path)
            header = edf_header(path, channels)
        case ".vhdr":
            whole_samples(path)
    raw, said = _raw(path, [name for name, _ in header.other_rates])
    told = float(raw.info["sfreq"])
    if sampling_hz is not None and abs(sampling_hz - told) > 1e-6 * told:
        what = f"The file says {told:g} Hz, the plan {sampling_hz:g} Hz."
        raise BadInput(what, where=str(path), remedy="Leave the rate out, or look at the file.")
    check_channels(channels, raw.ch_names)
    wanted, others = wanted_channels(path, raw, channels, kind=kind)
    factors = {name: header.factor(name, unit) for name in wanted}
    unknown = [(name, header.no_unit[name]) for name in wanted if factors[name] is None]
    kept = [name for name in wanted if factors[name] is not None]
    if not kept:
        remedy = "Name it (--unit), if the header names none; else export the file again."
        raise BadInput(f"{unknown[0][0]}: {unknown[0][1]}", where=str(path), remedy=remedy)
    words = (
        f"{path.name}: {len(raw.ch_names)} channels, {raw.n_times / told:.1f} s at {told:g} Hz.",
        *said,
        *of_sensors(raw, wanted, kind),
    )
    return recording(
        raw.get_data(picks=kept) * np.array([[factors[name]] for name in kept], dtype=np.float64) * kind.factor,
        tuple(kept),
        sampling_hz=told,
        annotations=_annotations(raw),
        bads=tuple(raw.info["bads"]),
        positions=of_magnetic(raw, kept) if kind.magnetic else _positions(raw),
        left_out=(*header.other_rates, *others, *unknown),
        words=words,
        files=tuple(Path(each) for each in raw.filenames) if path.suffix.lower() in (".fif", ".gz") else (),
        kind=kind,
    )


def _raw(path: Path, exclude: list[str]) -> tuple[Any, tuple[str, ...]]:
    """Return MNE's raw recording without these channels, all of it in memory, and what MNE warned of."""
    try:
        import mne
    except ImportError as error:
        remedy = "Install `asklepion[research]`, or give CSV."
        raise BadInput("MNE is not installed.", where=str(path), remedy=remedy) from error
    reader = getattr(mne.io, _READERS[path.suffix.lower()])
    try:
        with heard() as said:
            raw = reader(path, preload=True, verbose="warning", **({"exclude": exclude} if exclude else {}))
    except AsklepionError:
        raise
    except Exception as error:  # readers raise whatever broke them
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        what = f"MNE cannot read it: {first}"
        remedy = "Look whether the file is whole, and of the kind that its name says."
        raise BadInput(what if what.endswith(".") else f"{what}.", where=str(path), remedy=remedy) from error
    return raw, tuple(said)


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect what MNE warns of, once each, in place of its printing it."""
    said: list[str] = []
    logger = logging.getLogger("mne")
    handlers, logger.handlers = logger.handlers, []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield said
    finally:
        logger.handlers = handlers
    told = dict.fromkeys(" ".join(str(each.message).split()) for each in caught if each.category is RuntimeWarning)
    said.extend(f"MNE says: {each}" for each in told)


def _annotations(raw: Any) -> tuple[Annotation, ...]:
    begun = raw.first_samp / raw.info["sfreq"] if raw.annotations.orig_time is not None else 0.0
    return tuple(
        Annotation(float(each["onset"]) - begun, float(each["duration"]), str(each["description"]))
        for each in raw.annotations
    )


def _positions(raw: Any) -> dict[str, Position]:
    """Return the positions that the file itself holds, in metres of the head."""
    montage = raw.get_montage()
    if montage is None:
        return {}
    found = montage.get_positions()["ch_pos"] or {}
    return {
        name: (float(at[0]), float(at[1]), float(at[2]))
        for name, at in found.items()
        if np.isfinite(at).all() and np.any(at)
    }
