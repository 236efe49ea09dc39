"""Systolic peaks of a pulse wave, by two moving averages [elgendi2013]."""

import numpy as np
from scipy.ndimage import uniform_filter1d

from asklepion.signals.arrays import Floats
from asklepion.signals.heart.quality import runs

BAND_HZ = (0.5, 8.0)
PEAK_S, BEAT_S, OFFSET = 0.111, 0.667, 0.02
"""Lengths of the two averages and the offset, the values that [elgendi2013] found best."""
LEAST_APART_S = 0.3
"""Of two peaks closer than this the higher stays: NeuroKit2's `mindelay`, not in the paper."""


def peaks(clean: Floats, sampling_hz: float) -> Floats:
    """Return the samples of systolic peaks in a pulse wave that was filtered to 0.5-8 Hz and points up.

    Blocks are where the average of 111 ms of the squared positive part lies above that of 667 ms by 0.02 of the mean;
    those shorter than 111 ms are noise, and each of the others holds one peak, its highest sample.
    """
    square = np.square(np.maximum(clean, 0.0))
    short = uniform_filter1d(square, max(1, round(PEAK_S * sampling_hz)), mode="nearest")
    long = uniform_filter1d(square, max(1, round(BEAT_S * sampling_hz)), mode="nearest")
    blocks = runs(short > long + OFFSET * float(square.mean()), at_least=PEAK_S * sampling_hz)
    found = [begin + int(clean[begin:end].argmax()) for begin, end in blocks]
    return np.array(_apart(found, clean, LEAST_APART_S * sampling_hz), dtype=np.float64)


def _apart(found: list[int], clean: Floats, least: float) -> list[int]:
    kept: list[int] = []
    for each in found:
        if kept and each - kept[-1] < least:
            if clean[each] > clean[kept[-1]]:
                kept[-1] = each
        else:
            kept.append(each)
    return kept


def points_down(clean: Floats) -> bool:
    """Say whether a pulse wave is upside down: blood comes faster than it goes, so its steepest slope is a rise.

    Judged by the third moment of the slope (ours).
    """
    slope = np.diff(clean)
    return bool(np.mean((slope - slope.mean()) ** 3) < 0)
