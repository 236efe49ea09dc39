"""Where a signal cannot be trusted: missing, flat, clipped, or unlike itself from beat to beat."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from asklepion.signals.arrays import Floats
from asklepion.signals.heart.raw import Kind

FLAT_S = 1.0
"""Equal samples for this long are no living signal (ours: the longest such run of record 100 is 0.025 s)."""
CLIPPED_S = {Kind.ECG: 0.02, Kind.PPG: 0.1}
"""Equal samples for this long at the very top or bottom of a recording are cut off there (ours)."""
LEAST_CLIPPED = 3
SECTION_S = 10.0
LEAST_LIKENESS = {Kind.ECG: 0.66, Kind.PPG: 0.86}
"""Mean correlation of beats with their mean, in sections of 10 s, below which a section is noise [orphanidou2015]."""


LEAST_BEATS = 3
LEAST_HEIGHT, AROUND = 0.25, 11
"""Ours: of record 100 every beat of MLII is above 0.65, and noise that was taken for a beat is below 0.15."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a signal in samples, its end not included, and what is wrong with it."""

    begin: int
    end: int
    why: str


def faults(values: Floats, sampling_hz: float, kind: Kind) -> tuple[Stretch, ...]:
    """Return the stretches that are missing (NaN), flat or clipped, in the order in which they begin."""
    missing = [Stretch(begin, end, "missing") for begin, end in runs(~np.isfinite(values))]
    same = values[1:] == values[:-1]
    flat = [Stretch(begin, end + 1, "flat") for begin, end in runs(same, at_least=FLAT_S * sampling_hz - 1)]
    found = [*missing, *flat, *_clipped(values, sampling_hz, kind, flat=flat)]
    return tuple(sorted(found, key=lambda each: (each.begin, each.end)))


def _clipped(values: Floats, sampling_hz: float, kind: Kind, *, flat: list[Stretch]) -> list[Stretch]:
    least = max(LEAST_CLIPPED, CLIPPED_S[kind] * sampling_hz)
    if not np.isfinite(values).any():
        return []
    found = []
    for rail in (np.nanmax(values), np.nanmin(values)):
        found += [Stretch(begin, end, "clipped") for begin, end in runs(values == rail, at_least=least)]
    return [each for each in found if not any(one.begin <= each.begin < one.end for one in flat)]


def noisy(values: Floats, at: Floats, sampling_hz: float, *, kind: Kind) -> tuple[Stretch, ...]:
    """Return the sections of 10 s whose beats are on average too unlike their own mean [orphanidou2015].

    `at` are the beats in samples. A beat is cut half a median interval of its section to both sides; a section with
    fewer than three whole beats is not judged.
    """
    size = round(SECTION_S * sampling_hz)
    found = []
    bounds = np.searchsorted(at, np.arange(0, len(values) + size, size))
    for number, (first, last) in enumerate(pairwise(bounds)):
        if last - first >= LEAST_BEATS and _likeness(values, at[first:last]) < LEAST_LIKENESS[kind]:
            found.append(Stretch(number * size, min((number + 1) * size, len(values)), "noisy"))
    return tuple(found)


def faint(at: Floats, heights: Floats) -> tuple[Stretch, ...]:
    """Return, as stretches of one sample, the beats that are less than a quarter as high as the 11 around them.

    Detectors look back with ever lower thresholds where no beat comes, and in a pause they take noise for one.
    """
    usual = median_filter(heights, size=min(AROUND, len(heights)), mode="nearest")
    places = np.rint(at[heights < LEAST_HEIGHT * usual]).astype(np.intp)
    return tuple(Stretch(int(each), int(each) + 1, "faint") for each in places)


def _likeness(values: Floats, at: Floats) -> float:
    """Return the mean correlation of beats with their mean, 1 where too few are whole to tell."""
    half = int(np.median(np.diff(at)) / 2)
    centres = np.rint(at).astype(np.intp)
    whole = centres[(centres >= half) & (centres + half < len(values))]
    beats = values[whole[:, None] + np.arange(-half, half + 1)]
    beats = beats[np.isfinite(beats).all(axis=1)]
    if len(beats) < LEAST_BEATS:
        return 1.0
    apart = beats - beats.mean(axis=1, keepdims=True)
    mean = apart.mean(axis=0)
    sizes = np.linalg.norm(apart, axis=1) * np.linalg.norm(mean)
    return float(np.mean(np.divide(apart @ mean, sizes, out=np.zeros(len(beats)), where=sizes > 0)))


def runs(flags: NDArray[np.bool_], *, at_least: float = 1) -> list[tuple[int, int]]:
    """Return the bounds of each run of at least so many true values, the end not included."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))).reshape(-1, 2)
    return [(int(begin), int(end)) for begin, end in edges[edges[:, 1] - edges[:, 0] >= at_least]]
