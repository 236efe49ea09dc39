"""Files made recordings: read, turned, matched with their labels and motion, and brought to the baseline's parcels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.signals.brain import images, matlab, tables
from asklepion.signals.brain.labels import matched, read_displacement, read_labels
from asklepion.signals.brain.parcels import Recording, recording
from asklepion.signals.brain.series import Series, listed, oriented, with_signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of a file is read, where the file does not say: a variable, a cell (from 1), the axis of time, an atlas."""

    variable: str | None = None
    cell: tuple[int, int] | None = None
    time_axis: str | None = None
    atlas: Path | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A recording, the names of its parcels, what the file says of its sampling, and what was read in words."""

    recording: Recording
    names: tuple[str, ...]
    sampling_hz: float | None
    words: tuple[str, ...]


def load(
    file: Path, choice: Choice, *, labels: Path | None, confounds: Path | None, censor_above_mm: float | None
) -> Loaded:
    """Return a file as a recording. Raises BadInput for what cannot be taken as it is."""
    series = _read(file, choice)
    return prepared(series, file, choice, labels=labels, confounds=confounds, censor_above_mm=censor_above_mm)


def prepared(
    series: Series,
    file: Path,
    choice: Choice,
    *,
    labels: Path | None,
    confounds: Path | None,
    censor_above_mm: float | None,
    at: tuple[int, int] | None = None,
) -> Loaded:
    """Return what was read as a recording: turned, its labels matched, censored. `at` is its cell, for errors."""
    where = f"{file}, cell {at[0]},{at[1]}" if at else str(file)
    labelled = read_labels(labels) if labels else None
    moved = read_displacement(confounds) if confounds else None
    found = oriented(
        series,
        where=where,
        time_axis=choice.time_axis,
        parcels=len(labelled.names) if labelled and not series.names else None,
        volumes=len(moved) if moved is not None else None,
    )
    words: tuple[str, ...] = ("No labels: measures of the whole brain only.",)
    names, network = found.names, ("",) * found.values.shape[1]
    if labelled is not None:
        told, words = matched(labelled, names, parcels=found.values.shape[1], where=where)
        names, network = told.names, told.networks
    clean, kept = with_signal(found, where=where)
    names = _kept(names, kept)
    try:
        own = recording(clean.values, _kept(network, kept), displacement_mm=moved, censor_above_mm=censor_above_mm)
    except BadInput as error:
        raise placed(error, where) from error
    return Loaded(own, names, clean.sampling_hz, (*clean.words, *words))


def _kept(values: Sequence[str], kept: Sequence[bool] | NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(value for value, keeps in zip(values, kept, strict=True) if keeps) if values else ()


def shared(own: Loaded, before: Loaded, *, where: str) -> tuple[Loaded, Loaded]:
    """Return both with the same parcels in the same order: those that both have, by name, or all by order.

    Raises BadInput where neither names nor counts agree.
    """
    if own.names == before.names and len(own.recording.network) == len(before.recording.network):
        return own, before
    if not own.names or not before.names:
        one, other = len(own.recording.network), len(before.recording.network)
        if one == other:
            return own, before
        what = f"It has {other} parcels, the recording {one}, and not both name them."
        raise BadInput(what, where=where, remedy="Use one parcellation.")
    shared = [each for each in own.names if each in set(before.names)]
    if len(shared) < 3:
        what = f"It shares {len(shared)} of {len(own.names)} parcels with the recording."
        raise BadInput(what, where=where, remedy="Use one parcellation.")
    return _of(own, shared), _of(before, shared)


def _of(found: Loaded, names: Sequence[str]) -> Loaded:
    at = [found.names.index(each) for each in names]
    own = found.recording
    spare = [each for each in found.names if each not in set(names)]
    told = f"Left out {len(spare)} parcels that only one of recording and baseline has: {listed(spare)}."
    words = (*found.words, *((told,) if spare else ()))
    part = replace(
        own, volumes=np.ascontiguousarray(own.volumes[:, at]), network=tuple(own.network[each] for each in at)
    )
    return Loaded(part, tuple(names), found.sampling_hz, words)


def rate(own: Loaded, sampling_hz: float | None, where: str) -> float | None:
    """Return volumes a second. Raises BadInput where what was given and what the file says differ by over 1%."""
    if sampling_hz is not None and not (np.isfinite(sampling_hz) and sampling_hz > 0):
        raise BadInput(f"{sampling_hz:g} is no sampling rate.", where=where, remedy="Give volumes a second.")
    if sampling_hz is None or own.sampling_hz is None:
        return sampling_hz or own.sampling_hz
    if abs(sampling_hz - own.sampling_hz) > 0.01 * own.sampling_hz:
        said, given = 1 / own.sampling_hz, 1 / sampling_hz
        what = f"The file says that a volume took {said:g} s; {given:g} s was given."
        raise BadInput(what, where=where, remedy="Look which is right, and leave out --tr or mend the file.")
    return sampling_hz


def placed(error: BadInput, file: Path | str) -> BadInput:
    """Return an error that names the file too."""
    return BadInput(error.what, where=f"{file}, {error.where}" if error.where else str(file), remedy=error.remedy)


def _read(file: Path, choice: Choice) -> Series:
    """Return what a file holds: .npy, .tsv, .csv, .ptseries.nii, .mat (v5 and v7.3), or .nii with an atlas.

    Raises BadInput for a file that is not there, is cut short, or holds something else.
    """
    if not file.is_file():
        raise BadInput("There is no such file.", where=str(file), remedy="Give a file of parcels over time.")
    name = file.name.lower()
    if choice.variable is not None and not name.endswith(".mat"):
        raise BadInput("Only a .mat file has variables.", where=str(file), remedy="Leave out --variable.")
    if name.endswith(".npy"):
        return tables.npy(file)
    if name.endswith((".tsv", ".csv", ".tsv.gz")):
        return tables.text(file)
    if name.endswith(".mat"):
        return matlab.read(file, variable=choice.variable, cell=choice.cell)
    if name.endswith((".ptseries.nii", ".dtseries.nii")):
        return images.cifti(file)
    if name.endswith((".nii", ".nii.gz")):
        return images.nifti(file, choice.atlas)
    remedy = "Known: .npy, .tsv, .csv, .ptseries.nii, .mat, and .nii or .nii.gz with an atlas."
    raise BadInput(f"`{file.name}` is of no kind that is read.", where=str(file), remedy=remedy)
