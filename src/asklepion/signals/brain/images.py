"""Images read with nibabel: CIFTI's parcels over time, and a NIfTI whose voxels are averaged by an atlas."""

from pathlib import Path
from typing import Any

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.brain.series import Series, listed

_SAME_MM = 1e-3
"""How far two affines may differ, in mm, and still be the same grid: what rounding in headings leaves."""
_SECONDS = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6}


def cifti(file: Path) -> Series:
    """Return a parcellated CIFTI series: time runs along its series axis, and the parcels have names."""
    image = _loaded(file)
    try:
        axes = [image.header.get_axis(each) for each in range(image.ndim)]
        values = np.asarray(image.get_fdata())
    except Exception as error:  # nibabel raises whatever the broken bytes lead to
        raise _broken(file, error) from error
    kinds = [type(each).__name__ for each in axes]
    if sorted(kinds) != ["ParcelsAxis", "SeriesAxis"]:
        what = f"It has the axes {', '.join(kinds)}, not a series and parcels."
        raise BadInput(what, where=str(file), remedy="Parcellate it first: wb_command -cifti-parcellate.")
    time = kinds.index("SeriesAxis")
    rate = 1 / float(axes[time].step) if axes[time].unit == "SECOND" and axes[time].step > 0 else None
    names = tuple(str(each) for each in axes[1 - time].name)
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        what = f"Parcels come twice: {listed(twice)}."
        raise BadInput(what, where=str(file), remedy="Each parcel needs a name of its own.")
    return Series(values, ("rows", "columns")[time], names, rate, ("CIFTI: its axes say which is time.",))


def nifti(file: Path, atlas: Path | None) -> Series:
    """Return the mean of each label's voxels over time; the label's number is the parcel's name.

    Voxels without variance (outside the scan) do not count; a label that has none left has no number. Raises BadInput
    where atlas and image do not lie on one grid: nothing is resampled.
    """
    if atlas is None:
        raise BadInput("An image has no parcels.", where=str(file), remedy="Give --atlas, a label image on its grid.")
    image, labels = _loaded(file), _loaded(atlas)
    if image.ndim != 4:
        raise BadInput(f"It has {image.ndim} dimensions, not 4.", where=str(file), remedy="Give a series of volumes.")
    _one_grid(image, labels, file, atlas)
    try:
        told = np.asarray(labels.get_fdata()).reshape(image.shape[:3])
        voxels = np.asarray(image.get_fdata(dtype=np.float32))
    except Exception as error:  # nibabel raises whatever the broken bytes lead to
        raise _broken(file, error) from error
    if (told != np.round(told)).any() or told.min() < 0:
        what = "Its values are no whole numbers of 0 or more, so it is no atlas of labels."
        raise BadInput(what, where=str(atlas), remedy="Give a label image (dseg), not probabilities.")
    return _means(voxels, told.astype(np.int64), _rate(image), atlas)


def _means(voxels: Any, told: Any, rate: float | None, atlas: Path) -> Series:
    known = [int(each) for each in np.unique(told) if each]
    if not known:
        raise BadInput("It has no label above 0.", where=str(atlas), remedy="Give a label image.")
    values = np.full((voxels.shape[3], len(known)), np.nan)
    silent = 0
    for place, label in enumerate(known):
        own = voxels[told == label].astype(np.float64)
        moves = np.ptp(own, axis=1) > 0
        silent += int(np.count_nonzero(~moves))
        if moves.any():
            values[:, place] = own[moves].mean(axis=0)
    words = [f"Means over {len(known)} labels of {atlas.name}."]
    if silent:
        words.append(f"{silent} voxels of labels have no variance and do not count.")
    return Series(values, "rows", tuple(map(str, known)), rate, tuple(words))


def _one_grid(image: Any, labels: Any, file: Path, atlas: Path) -> None:
    remedy = f"Resample the atlas to the grid of {file.name} by nearest neighbour first; nothing is resampled here."
    if tuple(labels.shape[:3]) != tuple(image.shape[:3]) or (labels.ndim > 3 and set(labels.shape[3:]) != {1}):
        one, other = (" x ".join(map(str, each)) for each in (labels.shape, image.shape[:3]))
        raise BadInput(f"It is {one} voxels, the image {other}.", where=str(atlas), remedy=remedy)
    apart = float(np.abs(labels.affine - image.affine).max())
    if apart > _SAME_MM:
        what = f"It has as many voxels as the image but lies elsewhere: the affines differ by {apart:.3g}."
        raise BadInput(what, where=str(atlas), remedy=remedy)


def _rate(image: Any) -> float | None:
    """Return volumes a second by the heading, None where it does not say: 0, or no unit of time."""
    step, unit = float(image.header.get_zooms()[3]), image.header.get_xyzt_units()[1]
    return 1 / (step * _SECONDS[unit]) if step > 0 and unit in _SECONDS else None


def _loaded(file: Path) -> Any:
    try:
        import nibabel
    except ImportError as error:
        raise BadInput("nibabel is not installed.", where=str(file), remedy="Install `asklepion[research]`.") from error
    if not file.is_file():
        raise BadInput("There is no such file.", where=str(file), remedy="Give an image.")
    try:
        return nibabel.load(file)
    except Exception as error:  # nibabel raises whatever the broken bytes lead to
        raise _broken(file, error) from error


def _broken(file: Path, error: Exception) -> BadInput:
    what = f"It cannot be read as an image; it may be cut short: {error}."
    return BadInput(what, where=str(file), remedy="Copy or save it again.")
