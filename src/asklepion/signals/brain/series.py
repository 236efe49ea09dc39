"""Parcels over time as a file holds them: which numbers, which way round time runs, what the parcels are called."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats

AXES = ("rows", "columns")
_KINDS = {"c": "complex numbers", "b": "yes and no", "U": "text", "S": "text", "M": "dates", "m": "durations"}


@dataclass(frozen=True, slots=True)
class Series:
    """What a file holds: `values` with time along `time_axis` (rows or columns; empty where the file does not say).

    `names` are those of the parcels, empty where the file has none; `sampling_hz` is the file's own, if it has one;
    `words` say what was read and left out.
    """

    values: Floats
    time_axis: str = ""
    names: tuple[str, ...] = ()
    sampling_hz: float | None = None
    words: tuple[str, ...] = ()


def oriented(
    found: Series, *, where: str, time_axis: str | None = None, parcels: int | None = None, volumes: int | None = None
) -> Series:
    """Return the series as time x parcels, with a word on how that is known.

    By the file itself, else by `time_axis`, else by how many labels (`parcels`) or displacements (`volumes`) there are,
    where only one way round fits. Raises BadInput where nothing tells, or two tell differently.
    """
    if time_axis is not None and time_axis not in AXES:
        raise BadInput(f"`{time_axis}` is no axis.", where="--time-axis", remedy=f"Known: {', '.join(AXES)}.")
    rows, columns = found.values.shape
    if found.time_axis and time_axis and found.time_axis != time_axis:
        what = f"The file says that time runs along its {found.time_axis}."
        raise BadInput(what, where=where, remedy="Leave out --time-axis, or look at the file.")
    axis, why = (found.time_axis or time_axis or ""), ""
    if not axis:
        axis, why = _by_counts(rows, columns, parcels, volumes, where)
    values = np.ascontiguousarray(found.values if axis == "rows" else found.values.T)
    told = f"Read as {values.shape[0]} volumes x {values.shape[1]} parcels{why}."
    return replace(found, values=values, time_axis="rows", words=(*found.words, told))


def with_signal(found: Series, *, where: str) -> tuple[Series, NDArray[np.bool_]]:
    """Return a time x parcels series without the parcels that have no number at all, and which parcels were kept.

    XCP-D writes n/a for a parcel that the scan does not cover. A parcel with some gaps is an error later.
    """
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(found.values).any(axis=0))
    if kept.all():
        return found, kept
    if not kept.any():
        raise BadInput("No parcel has a number.", where=where, remedy="Look at the file.")
    called = found.names or tuple(str(place + 1) for place in range(len(kept)))
    gone = [called[each] for each in np.flatnonzero(~kept)]
    words = f"Left out {len(gone)} parcels without any number: {listed(gone)}."
    names = tuple(name for name, keeps in zip(found.names, kept, strict=True) if keeps) if found.names else ()
    return replace(found, values=found.values[:, kept], names=names, words=(*found.words, words)), kept


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return the first names of a list, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _by_counts(rows: int, columns: int, parcels: int | None, volumes: int | None, where: str) -> tuple[str, str]:
    fits = {
        "rows": parcels in (None, columns) and volumes in (None, rows),
        "columns": parcels in (None, rows) and volumes in (None, columns),
    }
    by = " and ".join(
        f"{count} {what}" for count, what in ((parcels, "labels"), (volumes, "displacements")) if count is not None
    )
    ways = [axis for axis, does in fits.items() if does]
    if len(ways) == 1 and by:
        return ways[0], f", by the {by}"
    if ways:
        what = f"It is {rows} x {columns}, and nothing says along which time runs."
        raise BadInput(
            what, where=where, remedy="Give --time-axis rows or --time-axis columns, or labels of the parcels."
        )
    what = f"It is {rows} x {columns}, and there are {by}: no way round fits."
    raise BadInput(what, where=where, remedy="Give the labels and the confounds of this recording.")


def matrix(found: object, where: str) -> Floats:
    """Return two-dimensional real numbers as float64. Raises BadInput for anything else."""
    values = np.asarray(found)
    if values.dtype.kind not in "iuf":
        held = _KINDS.get(values.dtype.kind, "a structure or a list")
        what = f"These are no real numbers, but {found if isinstance(found, str) else held}."
        raise BadInput(what, where=where, remedy="Give parcels over time.")
    values = values.astype(np.float64)
    if values.ndim != 2:
        what = f"It has {values.ndim} dimensions; two are needed."
        raise BadInput(what, where=where, remedy="Give time x parcels.")
    return values
