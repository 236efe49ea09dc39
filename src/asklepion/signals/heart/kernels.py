"""Loops of the heart: the periodogram for uneven times, the fluctuation of a profile."""

import numpy as np
from numpy.typing import NDArray

from asklepion.signals.compiled import compiled

Floats = NDArray[np.float64]


@compiled
def lomb_power(at_s: Floats, values: Floats, step_hz: float, count: int) -> Floats:
    """Return the power of values at uneven times at step_hz, 2 step_hz, ... by least squares of sine and cosine.

    The same as Lomb's form with its time offset [lomb1976]. Sines come from turning those of the frequency before.
    """
    n = len(at_s)
    turn_cos, turn_sin = np.cos(2 * np.pi * step_hz * at_s), np.sin(2 * np.pi * step_hz * at_s)
    cosine, sine = np.ones(n), np.zeros(n)
    power = np.empty(count)
    for each in range(count):
        yc = ys = cc = cs = 0.0
        for at in range(n):
            c = cosine[at] * turn_cos[at] - sine[at] * turn_sin[at]
            s = sine[at] * turn_cos[at] + cosine[at] * turn_sin[at]
            cosine[at], sine[at] = c, s
            yc += values[at] * c
            ys += values[at] * s
            cc += c * c
            cs += c * s
        ss = n - cc
        apart = cc * ss - cs * cs
        if apart > 1e-9 * n * n:
            power[each] = 0.5 * (ss * yc * yc - 2 * cs * yc * ys + cc * ys * ys) / apart
        else:
            power[each] = 0.5 * (yc * yc + ys * ys) / n
    return power


@compiled
def fluctuations(profile: Floats, scales: NDArray[np.int64]) -> Floats:
    """Return the root mean square of a profile about the line of each box, boxes from the start and from the end."""
    n = len(profile)
    found = np.empty(len(scales))
    for each in range(len(scales)):
        scale = scales[each]
        boxes = n // scale
        middle = (scale - 1) / 2
        spread = scale * (scale * scale - 1) / 12.0
        total = 0.0
        for start in (0, n - boxes * scale):
            for box in range(boxes):
                begin = start + box * scale
                level = 0.0
                for at in range(scale):
                    level += profile[begin + at]
                level /= scale
                square = slope = 0.0
                for at in range(scale):
                    off = profile[begin + at] - level
                    square += off * off
                    slope += off * (at - middle)
                total += max(0.0, square - slope * slope / spread)
        found[each] = np.sqrt(total / (2 * boxes * scale))
    return found
