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

_SLOWEST_HZ, _FASTEST_HZ = 1 / 60, 100.0
"""Rates beyond which a heading cannot be right: they tell milliseconds from seconds, no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of a file is read, where the file does not say: a variable, a cell (from 1), the axis of time, an atlas."""

    variable: str | None = None
    cell: tuple[int, int] | None = None
    time_axis: str | None = None
    atlas: Path | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A recording, the names of its parcels, what the file says of its sampling, and what was read in words.

    `places` are where each parcel stands in the file, from 1, and how many there are in it: they tell parcels apart
    that have no name.
    """

    recording: Recording
    names: tuple[str, ...]
    sampling_hz: float | None
    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]


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
    places = tuple((int(each) + 1, len(kept)) for each in np.flatnonzero(kept))
    return Loaded(own, names, clean.sampling_hz, (*clean.words, *words), places)


def _kept(values: Sequence[str], kept: Sequence[bool] | NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(value for value, keeps in zip(values, kept, strict=True) if keeps) if values else ()


def shared(own: Loaded, before: Loaded, *, where: str) -> tuple[Loaded, Loaded]:
    """Return both with the same parcels in the same order: those that both have, by name, or else by their place.

    Raises BadInput where one names its parcels and the other does not, and where fewer than three are shared.
    """
    if bool(own.names) != bool(before.names):
        raise BadInput("Only one of it and the recording names its parcels.", where=where, remedy="Give labels.")
    if keys(own) == keys(before):
        return own, before
    one, other = (each.places[0][1] for each in (own, before))
    if not own.names and one != other:
        what = f"It has {other} parcels, the recording {one}, and neither names them."
        raise BadInput(what, where=where, remedy="Use one parcellation, or give labels.")
    held = set(keys(before))
    both = [each for each in keys(own) if each in held]
    if len(both) < 3:
        what = f"It shares {len(both)} of {len(keys(own))} parcels with the recording."
        raise BadInput(what, where=where, remedy="Use one parcellation.")
    return _of(own, both), _of(before, both)


def keys(found: Loaded) -> tuple[str, ...] | tuple[tuple[int, int], ...]:
    """Return what tells the parcels of a recording apart: their names, or where they stand in the file."""
    return found.names or found.places


def _of(found: Loaded, shared: Sequence[object]) -> Loaded:
    every = keys(found)
    at = [every.index(each) for each in shared]
    own = found.recording
    names = found.names or [str(place) for place, _ in found.places]
    spare = [names[each] for each in range(len(names)) if each not in set(at)]
    told = f"Left out {len(spare)} parcels that only one of recording and baseline has: {listed(spare)}."
    words = (*found.words, *((told,) if spare else ()))
    part = replace(
        own, volumes=np.ascontiguousarray(own.volumes[:, at]), network=tuple(own.network[each] for each in at)
    )
    return Loaded(
        part,
        tuple(found.names[each] for each in at) if found.names else (),
        found.sampling_hz,
        words,
        tuple(found.places[each] for each in at),
    )


def rate(own: Loaded, sampling_hz: float | None, where: str) -> float | None:
    """Return volumes a second. Raises BadInput where what was given and what the file says differ by over 1%.

    So is a file that tells of more than a minute for a volume, or of less than 10 ms, unless the rate is given.
    """
    if sampling_hz is not None and not (np.isfinite(sampling_hz) and sampling_hz > 0):
        raise BadInput(f"{sampling_hz:g} is no sampling rate.", where=where, remedy="Give volumes a second.")
    if own.sampling_hz is not None and not _SLOWEST_HZ < own.sampling_hz < _FASTEST_HZ:
        if sampling_hz is not None:
            return sampling_hz
        what = f"The file says that a volume took {1 / own.sampling_hz:g} s, which cannot be."
        raise BadInput(what, where=where, remedy="Give --tr in seconds: milliseconds may stand where seconds should.")
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
    if choice.cell is not None and not name.endswith(".mat"):
        raise BadInput("Only a .mat file has cells.", where=str(file), remedy="Leave out --index.")
    if choice.atlas is not None and (not name.endswith((".nii", ".nii.gz")) or name.endswith("series.nii")):
        raise BadInput("Its parcels are made already.", where=str(file), remedy="Leave out --atlas.")
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
