"""A parcellated BOLD recording: what may come in, censored volumes, and the global signal."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats, table

_LEAST_VOLUMES = 10
_LEAST_PARCELS = 3
_LARGEST = 1e100
_ROUNDING = 1e-12
"""A spread of so small a share of the values is what rounding leaves of a constant."""


@dataclass(frozen=True, slots=True)
class Recording:
    """BOLD of kept volumes (`volumes`: time x parcels), the `network` of each parcel, and how the volumes were kept.

    A parcel whose network is empty is in none: it counts in measures of the whole brain and in no network's.
    `kept` says for each volume of the scan whether it was; `displacement_mm` is the mean framewise displacement of kept
    volumes, None if it was not given. `without_global_signal` says whether that was regressed out.
    """

    volumes: Floats
    network: tuple[str, ...]
    kept: NDArray[np.bool_]
    displacement_mm: float | None
    without_global_signal: bool = False

    @property
    def networks(self) -> tuple[str, ...]:
        """The names of networks, in the order in which they first appear."""
        return tuple(dict.fromkeys(each for each in self.network if each))

    @property
    def censored(self) -> int:
        """How many volumes of the scan were left out."""
        return int(np.count_nonzero(~self.kept))

    @property
    def labelled(self) -> NDArray[np.intp]:
        """The places of parcels that are in a network."""
        return np.flatnonzero([bool(each) for each in self.network])

    @property
    def gaps(self) -> bool:
        """Say whether a censored volume lies between kept ones: then neighbours in time are not neighbours."""
        at = np.flatnonzero(self.kept)
        return bool(at[-1] - at[0] + 1 != len(at))

    def members(self, name: str) -> NDArray[np.intp]:
        return np.flatnonzero(np.array(self.network) == name)


def recording(
    bold: ArrayLike,
    network: Sequence[str],
    *,
    displacement_mm: ArrayLike | None = None,
    censor_above_mm: float | None = None,
) -> Recording:
    """Return a recording of time x parcels with a network label for each parcel.

    `displacement_mm` is the framewise displacement of each volume; those above `censor_above_mm` are left out. Raises
    BadInput for NaN, for flat parcels (they are named), for labels or displacements that do not match, and for fewer
    than 10 volumes left or 3 parcels.
    """
    found = np.asarray(bold)
    if found.ndim != 2:
        found = table(bold, where="time x parcels")
    if len(network) != found.shape[1]:
        turned = " It has as many rows: turn it." if len(network) == found.shape[0] else ""
        what = f"There are {found.shape[1]} parcels and {len(network)} labels.{turned}"
        raise BadInput(what, where="network labels", remedy="Give one label for each column.")
    kept = np.ones(len(found), dtype=bool)
    mean = None
    if displacement_mm is not None:
        moved = np.asarray(displacement_mm, dtype=np.float64)
        if moved.shape != (len(found),):
            what = f"There are {len(found)} volumes and {moved.size} displacements."
            raise BadInput(what, where="displacement", remedy="Give one for each volume.")
        # The first volume has none before it: fMRIPrep writes n/a there.
        moved = np.where(np.isnan(moved) & (np.arange(len(moved)) == 0), 0.0, moved)
        if not np.isfinite(moved).all() or moved.min() < 0:
            raise BadInput(
                "A displacement is no number of 0 or more.", where="displacement", remedy="Look at the file."
            )
        if censor_above_mm is not None:
            kept = moved <= censor_above_mm
        mean = float(moved[kept].mean()) if kept.any() else None
    elif censor_above_mm is not None:
        remedy = "Give the framewise displacement of each volume (--confounds)."
        raise BadInput("There is no displacement to censor by.", where="displacement", remedy=remedy)
    # What is censored needs no number: XCP-D may write n/a there.
    whole = table(np.where(kept[:, None], found, 0.0), where="time x parcels")
    volumes = np.ascontiguousarray(whole[kept])
    _enough(volumes, len(found))
    return Recording(volumes, tuple(network), kept, mean)


def without_global_signal(found: Recording) -> Recording:
    """Return a recording whose parcels are rid of their regression on the mean over parcels [murphyfox2017]."""
    centred = found.volumes - found.volumes.mean(axis=0)
    mean = centred.mean(axis=1)
    power = float(mean @ mean)
    if power <= 1e-12 * float(np.mean(centred**2)) * len(mean):
        raise BadInput(
            "The mean over parcels is flat: the global signal is gone already.",
            where="time x parcels",
            remedy="Give the recording as it was before the regression.",
        )
    rest = centred - np.outer(mean, mean @ centred / power)
    return Recording(rest, found.network, found.kept, found.displacement_mm, without_global_signal=True)


def _enough(volumes: Floats, of: int) -> None:
    if len(volumes) < _LEAST_VOLUMES:
        what = f"{len(volumes)} of {of} volumes are left; at least {_LEAST_VOLUMES} are needed."
        raise BadInput(what, where="time x parcels", remedy="Give a longer recording, or censor less.")
    if volumes.shape[1] < _LEAST_PARCELS:
        what = f"There are {volumes.shape[1]} parcels; at least {_LEAST_PARCELS} are needed."
        raise BadInput(what, where="time x parcels", remedy="Give a finer parcellation.")
    largest = np.abs(volumes).max(axis=0)
    if largest.max() > _LARGEST:
        what = f"A value of {largest.max():.3g} is too large to be squared."
        raise BadInput(what, where="time x parcels", remedy="Look at the unit.")
    flat = np.flatnonzero(np.ptp(volumes, axis=0) <= np.maximum(_ROUNDING * largest, 1 / _LARGEST))
    if len(flat):
        names = ", ".join(str(int(each) + 1) for each in flat[:10])
        what = f"{len(flat)} parcels are flat: columns {names} (counted from 1)."
        raise BadInput(what, where="time x parcels", remedy="Leave them out, with their labels.")
