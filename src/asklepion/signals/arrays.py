"""What may come in: finite numbers in the shape that was asked for."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asklepion.core.errors import BadInput

Floats = NDArray[np.float64]


def series(values: ArrayLike, *, where: str = "the signal", at_least: int = 1) -> Floats:
    """Return a one-dimensional float64 array of finite numbers.

    Raises BadInput for another shape, for NaN or infinity (the first place is named), and for fewer than `at_least`.
    """
    found = np.ascontiguousarray(_numbers(values, where))
    if found.ndim != 1:
        raise BadInput(
            f"It has {found.ndim} dimensions; one is needed.", where=where, remedy="Give one channel at a time."
        )
    return _finite(found, where, at_least)


def table(values: ArrayLike, *, where: str = "the recording", at_least: int = 1) -> Floats:
    """Return a two-dimensional float64 array of finite numbers with at least so many rows. Raises BadInput."""
    found = np.ascontiguousarray(_numbers(values, where))
    if found.ndim != 2:
        raise BadInput(f"It has {found.ndim} dimensions; two are needed.", where=where, remedy="Give rows and columns.")
    return _finite(found, where, at_least)


def is_counter(values: Floats) -> bool:
    """Say whether ten or more values only rise or only fall, never further than a step from a straight line.

    So do numbers of rows and clocks, rounded or not; a signal that drifts has noise.
    """
    steps = np.diff(values)
    if len(steps) < 9 or not ((steps > 0).all() or (steps < 0).all()):
        return False
    line = np.linspace(values[0], values[-1], len(values))
    return bool(np.abs(values - line).max() <= np.abs(steps).mean())


def _numbers(values: ArrayLike, where: str) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"These are no real numbers: {error}.", where=where, remedy="Give numbers.") from error


def _finite(found: Floats, where: str, at_least: int) -> Floats:
    if len(found) < at_least:
        remedy = "Give a longer recording."
        raise BadInput(f"It has {len(found)} samples; at least {at_least} are needed.", where=where, remedy=remedy)
    if not np.isfinite(found.sum()):
        bad = np.argwhere(~np.isfinite(found))
        if not len(bad):
            raise BadInput("The numbers are too large to sum.", where=where, remedy="Look at the unit.")
        place = ", ".join(str(int(each)) for each in bad[0])
        remedy = "Cut or mark these samples first: nothing is filled in."
        what = f"{len(bad)} samples are no finite numbers, the first at index {place}."
        raise BadInput(what, where=where, remedy=remedy)
    return found
