"""P values corrected for how many measures were looked at. A p that is not known (NaN) counts as no test."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def holm(p: ArrayLike) -> Array:
    """Give p values corrected so that the chance of any false finding stays below alpha [holm1979].

    >>> [round(float(each), 4) for each in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    given, order = _ranked(p)
    return _put_back(given, order, np.maximum.accumulate(given[order] * np.arange(len(order), 0, -1)))


def benjamini_hochberg(p: ArrayLike) -> Array:
    """Give p values corrected so that the expected share of false findings stays below alpha [benjamini1995].

    >>> [round(float(each), 4) for each in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    given, order = _ranked(p)
    scaled = given[order] * len(order) / np.arange(1, len(order) + 1)
    return _put_back(given, order, np.minimum.accumulate(scaled[::-1])[::-1])


def _ranked(p: ArrayLike) -> tuple[Array, NDArray[np.intp]]:
    """Give the p values and the places of the known ones from the smallest on."""
    given = np.asarray(p, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(given))
    return given, known[np.argsort(given[known], kind="stable")]


def _put_back(given: Array, order: NDArray[np.intp], corrected: Array) -> Array:
    told = np.full(given.shape, np.nan)
    told[order] = np.minimum(corrected, 1.0)
    return told
