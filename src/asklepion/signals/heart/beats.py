"""Beats of a raw ECG or pulse wave, each to a fraction of a sample, and the stretches in which none can be trusted."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats
from asklepion.signals.heart import pulse
from asklepion.signals.heart.intervals import Intervals, Mark, intervals
from asklepion.signals.heart.quality import Stretch, faint, faults, noisy, runs
from asklepion.signals.heart.raw import IN_WORDS, Kind, Signal, check_rate

CHUNK_S, OVERLAP_S = 600.0, 10.0
"""Beats are looked for in pieces of this length: memory stays small, and thresholds follow the recording."""
LEAST_STRETCH_S = 3.0
"""A sound stretch between two faults that is shorter than this is not searched (ours: thresholds need about 2 s)."""
AROUND_S = {Kind.ECG: 0.05, Kind.PPG: 0.1}
ECG_BAND_HZ = (5.0, 30.0)
LEAST_RATE, MOST_RATE = 25.0, 220.0
"""Median beats a minute beyond which a file's sampling rate or channel cannot be right. Ours; no clinical meaning."""


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """Beats in seconds from the first sample, stretches at fault in samples, and whether the signal was turned over."""

    at_s: Floats
    stretches: tuple[Stretch, ...]
    sampling_hz: float
    turned: bool

    def intervals(self) -> Intervals:
        """Return the intervals; one that touches a stretch at fault is marked, and nothing is filled in."""
        at = self.at_s * self.sampling_hz
        marks = np.zeros(len(at) - 1, np.int8)
        for each in self.stretches:
            # An interval from beat i to i + 1 touches [begin, end) if it ends at or after the one and begins before
            # the other.
            first = int(np.searchsorted(at[1:], each.begin - 0.5))
            last = int(np.searchsorted(at[:-1], each.end - 0.5))
            marks[first:last] = Mark.SIGNAL
        return intervals(np.diff(self.at_s) * 1000, known=marks)


def beats(found: Signal) -> Beats:
    """Return the beats of a signal: QRS complexes by the detector of sleepecg, pulse waves by [elgendi2013].

    Each is then moved to the highest point of the filtered signal within 50 ms (100 for pulse waves), and between
    samples by a parabola through three. A signal that points down is turned over first. Raises BadInput where there
    are fewer than three beats, or their median rate is beyond 25 to 220 a minute.
    """
    check_rate(found.sampling_hz, found.kind, where=found.name)
    stretches = faults(found.values, found.sampling_hz, found.kind)
    sound = list(_sound(len(found.values), stretches, round(LEAST_STRETCH_S * found.sampling_hz)))
    if not sound:
        raise BadInput(_nothing(found, stretches), where=found.name, remedy="Name another channel.")
    turned = _points_down(found, sound)
    at, heights = _over(found, sound, turned=turned)
    _plausible(at / found.sampling_hz, found)
    doubtful = (*noisy(found.values, at, found.sampling_hz, kind=found.kind), *faint(at, heights))
    return Beats(at / found.sampling_hz, (*stretches, *doubtful), found.sampling_hz, turned)


def _sound(n: int, stretches: tuple[Stretch, ...], least: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of what is neither missing nor flat and long enough to be searched."""
    good = np.ones(n, dtype=bool)
    for each in stretches:
        if each.why in ("missing", "flat"):
            good[each.begin : each.end] = False
    yield from runs(good, at_least=least)


def _over(found: Signal, sound: list[tuple[int, int]], *, turned: bool) -> Floats:
    """Return beats in samples and their heights: each piece is searched with 10 s around it and keeps its own."""
    chunk, overlap = round(CHUNK_S * found.sampling_hz), round(OVERLAP_S * found.sampling_hz)
    kept = []
    for begin, end in sound:
        for first in range(begin, end, chunk):
            last = min(first + chunk, end)
            low, high = max(begin, first - overlap), min(end, last + overlap)
            piece = -found.values[low:high] if turned else found.values[low:high]
            own = _piece(piece, found) + np.array([[low], [0.0]])
            kept.append(own[:, (own[0] >= first - 0.5) & (own[0] < last - 0.5)])
    every = np.concatenate(kept, axis=1)
    _, first_of_each = np.unique(every[0], return_index=True)
    once: Floats = every[:, first_of_each]
    return once


def _piece(values: Floats, found: Signal) -> Floats:
    clean = _clean(values, found)
    rough = _qrs(values, found.sampling_hz) if found.kind is Kind.ECG else pulse.peaks(clean, found.sampling_hz)
    return _refined(clean, rough, round(AROUND_S[found.kind] * found.sampling_hz))


def _clean(values: Floats, found: Signal) -> Floats:
    from scipy import signal as filters  # half a second to load, and intervals as text need none of it

    band = ECG_BAND_HZ if found.kind is Kind.ECG else pulse.BAND_HZ
    sections = filters.butter(2, band, "bandpass", fs=found.sampling_hz, output="sos")
    clean: Floats = np.ascontiguousarray(filters.sosfiltfilt(sections, values))
    return clean


def _qrs(values: Floats, sampling_hz: float) -> Floats:
    try:
        from sleepecg.heartbeats import detect_heartbeats
    except ImportError as error:
        remedy = "Install `asklepion[research]`, or give intervals."
        raise BadInput("sleepecg is not installed.", where="beats", remedy=remedy) from error
    return np.asarray(detect_heartbeats(np.ascontiguousarray(values), sampling_hz), dtype=np.float64)


def _refined(clean: Floats, rough: Floats, around: int) -> Floats:
    """Return each beat at the highest point around it, between samples where that is a top, and its height."""
    if not len(rough):
        return np.empty((2, 0))
    places = rough.astype(np.intp)[:, None] + np.arange(-around, around + 1)
    inside = np.clip(places, 0, len(clean) - 1)
    top = inside[np.arange(len(rough)), clean[inside].argmax(axis=1)]
    middle = np.clip(top, 1, len(clean) - 2)
    before, here, after = clean[middle - 1], clean[middle], clean[middle + 1]
    bend = before - 2 * here + after
    is_top = (middle == top) & (bend < 0) & (here >= before) & (here >= after)
    shift = np.divide(0.5 * (before - after), bend, out=np.zeros(len(top)), where=is_top)
    return np.stack([top + shift, here])


def _points_down(found: Signal, sound: list[tuple[int, int]]) -> bool:
    """Say whether the longest sound piece points down: an ECG deeper than high, a pulse falling faster than rising."""
    begin, end = max(sound, key=lambda each: each[1] - each[0])
    piece = found.values[begin : min(end, begin + round(CHUNK_S * found.sampling_hz))]
    clean = _clean(piece, found)
    if found.kind is Kind.PPG:
        return pulse.points_down(clean)
    rough = _qrs(piece, found.sampling_hz).astype(np.intp)
    if not len(rough):
        return False
    around = round(0.1 * found.sampling_hz)
    near = clean[np.clip(rough[:, None] + np.arange(-around, around + 1), 0, len(clean) - 1)]
    return bool(np.median(-near.min(axis=1)) > np.median(near.max(axis=1)))


def _plausible(at_s: Floats, found: Signal) -> None:
    if len(at_s) < 3:
        what = f"{len(at_s)} beats are found in {found.seconds:.1f} s; intervals need at least 3."
        remedy = f"Look whether {found.name} is {IN_WORDS[found.kind]}, or give a longer recording."
        raise BadInput(what, where=found.name, remedy=remedy)
    rate = 60 / float(np.median(np.diff(at_s)))
    if not LEAST_RATE <= rate <= MOST_RATE:
        what = (
            f"At {found.sampling_hz:g} Hz the median heart rate is {rate:.0f} a minute, "
            f"beyond {LEAST_RATE:.0f} to {MOST_RATE:.0f}."
        )
        remedy = (
            f"The sampling rate is probably wrong, or {found.name} is not {IN_WORDS[found.kind]}. "
            "(These bounds are the program's own and have no clinical meaning.)"
        )
        raise BadInput(what, where=found.name, remedy=remedy)


def _nothing(found: Signal, stretches: tuple[Stretch, ...]) -> str:
    told = ", ".join(
        f"{sum(each.end - each.begin for each in stretches if each.why == why) / found.sampling_hz:.1f} s {why}"
        for why in ("missing", "flat")
        if any(each.why == why for each in stretches)
    )
    least = f"no stretch of {LEAST_STRETCH_S:g} s can be searched"
    return f"Of {found.seconds:.1f} s {least}: {told or 'it is shorter'}."
