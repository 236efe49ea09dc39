"""How the measures of a recording are taken."""

from dataclasses import dataclass

from asklepion.signals.arrays import Floats
from asklepion.signals.brain.parcels import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How measures are taken. `sampling_hz` is volumes a second, None where it is not known.

    `seeds` partitions are made, the first from `seed`. `baseline` is one's own recording from before, with the same
    parcels. `window_s` is the width of sliding windows: one period of the slowest wave that is kept (0.01 Hz)
    [leonardi2015]. `lags` is how many volumes back influence is looked for. `states` is how many phase states are made
    of the recording, or `centroids` (with and without global signal) are given; neither: none are told. `reference` is
    the mean Fisher z of a group of `reference_n` that does not hold the recording, with and without global signal.
    """

    sampling_hz: float | None
    seeds: int = 50
    seed: int = 0
    baseline: Recording | None = None
    window_s: float = 100.0
    lags: int = 1
    states: int | None = None
    centroids: tuple[Floats, Floats] | None = None
    reference: tuple[Floats, Floats] | None = None
    reference_n: int = 0
