"""Beats found in raw signals, against simulated hearts whose beats are known, MIT-BIH 100 and NeuroKit2 0.2.13."""

from dataclasses import replace

import numpy as np
import pytest

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.heart import quality
from asklepion.signals.heart.beats import CHUNK_S, beats
from asklepion.signals.heart.intervals import Intervals, Mark
from asklepion.signals.heart.raw import Kind, Signal
from asklepion.signals.heart.session import session
from asklepion.signals.heart.variability import time_domain
from asklepion.signals.measure import by_name
from beating import beat_times, ecg, ppg

pytest.importorskip("sleepecg", reason="the optional library sleepecg is not installed")

SECONDS = 120.0


def simulated(kind=Kind.ECG, seconds=SECONDS, hz=250.0, **more):
    at = beat_times(seconds)
    values = ecg(at, seconds, hz, **more) if kind is Kind.ECG else ppg(at, seconds, hz, **more)
    return at, Signal(values, hz, kind, kind.value)


def apart(found, known):
    """Return how far each known beat is from the nearest found one."""
    return np.abs(found[:, None] - known).min(axis=0)


@pytest.mark.parametrize(
    ("kind", "hz", "within_s"), [("ecg", 250.0, 0.003), ("ecg", 1000.0, 0.003), ("ppg", 64.0, 0.03)]
)
def test_every_beat_is_found_and_none_beside(kind, hz, within_s):
    at, signal = simulated(Kind(kind), hz=hz)
    found = beats(signal)
    assert len(found.at_s) == len(at)
    shift = found.at_s - at
    assert np.abs(shift - np.median(shift)).max() < within_s
    assert not found.turned
    assert found.stretches == ()


@pytest.mark.parametrize(("kind", "hz", "most_ms"), [("ecg", 128.0, 1.0), ("ecg", 250.0, 0.6), ("ppg", 64.0, 6.0)])
def test_intervals_are_finer_than_samples(kind, hz, most_ms):
    """A beat on the nearest sample alone would be off by 1/hz/sqrt(6) in an interval: 3.2, 1.6 and 6.4 ms."""
    at, signal = simulated(Kind(kind), hz=hz, noise=0.002)
    off = np.diff(beats(signal).at_s) * 1000 - np.diff(at) * 1000
    assert off.std() < most_ms


@pytest.mark.parametrize("kind", ["ecg", "ppg"])
def test_a_signal_upside_down_gives_the_same_beats(kind):
    _, signal = simulated(Kind(kind))
    upright, over = beats(signal), beats(replace(signal, values=-signal.values))
    assert over.turned
    assert over.at_s == pytest.approx(upright.at_s, abs=1e-9)


@pytest.mark.parametrize("kind", ["ecg", "ppg"])
def test_scale_and_offset_change_nothing(kind):
    _, signal = simulated(Kind(kind))
    scaled = beats(replace(signal, values=1e-6 * signal.values + 40))
    assert scaled.at_s == pytest.approx(beats(signal).at_s, abs=1e-6)


def test_pieces_join_without_a_seam():
    """Longer than two pieces: no beat is lost or doubled where they meet."""
    at, signal = simulated(seconds=2 * CHUNK_S + 60, hz=128.0)
    found = beats(signal).at_s
    assert len(found) == len(at)
    assert apart(found, at).max() < 0.01


@pytest.mark.parametrize("kind", ["ecg", "ppg"])
@pytest.mark.parametrize("beside_s", [-0.1, -0.02, 0.0, 0.02, 0.1])
def test_a_beat_on_the_seam_is_found_once_and_whole(monkeypatch, kind, beside_s):
    """In pieces of 30 s beats are where they are in one piece, though one lies on or beside every seam."""
    at = np.arange(1.0, 119.0, 1.0) + beside_s
    wave = ecg if kind == "ecg" else ppg
    signal = Signal(wave(at, SECONDS, 250.0), 250.0, Kind(kind), kind)
    whole = beats(signal).at_s
    monkeypatch.setattr("asklepion.signals.heart.beats.CHUNK_S", 30.0)
    assert beats(signal).at_s == pytest.approx(whole, abs=1e-3)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda part: np.full_like(part, np.nan), "missing"),
        (lambda part: np.full_like(part, 0.3), "flat"),
        (lambda part: np.random.default_rng(1).normal(size=len(part)), "noisy"),
    ],
)
def test_a_spoilt_stretch_marks_what_touches_it_and_nothing_else(spoil, why):
    at, signal = simulated()
    values = signal.values.copy()
    begin, end = 40.0, 60.0
    values[10_000:15_000] = spoil(values[10_000:15_000])
    found = beats(replace(signal, values=values))
    assert {each.why for each in found.stretches} == {why}
    told = found.intervals()
    starts, ends = found.at_s[:-1], found.at_s[1:]
    touched = (ends > begin) & (starts < end)
    assert (told.marks[touched] == Mark.SIGNAL).all()
    far = (ends < begin - 10) | (starts > end + 10)
    assert not (told.marks[far] == Mark.SIGNAL).any()
    sound = at[(at < begin - 0.5) | (at > end + 0.5)]
    assert apart(found.at_s, sound).max() < 0.02
    valid = told.rr_ms[told.valid]
    assert valid.max() < 1000
    assert told.ends_s[-1] == pytest.approx(found.at_s[-1] - found.at_s[0])


def test_a_gap_takes_its_time_and_is_never_bridged():
    _, signal = simulated()
    values = signal.values.copy()
    values[10_000:15_000] = np.nan
    told = beats(replace(signal, values=values)).intervals()
    gap = int(told.rr_ms.argmax())
    assert told.rr_ms[gap] > 19_000
    assert told.marks[gap] == Mark.SIGNAL
    assert session(told).whole.valid_percent < 85


def test_a_clipped_beat_marks_both_its_intervals():
    at, signal = simulated(noise=0.0)
    values = signal.values.copy()
    near = int(at[50] * 250)
    values[near - 4 : near + 5] = 2.0
    found = beats(replace(signal, values=values))
    assert [each.why for each in found.stretches] == ["clipped"]
    assert np.flatnonzero(found.intervals().marks == Mark.SIGNAL).tolist() == [49, 50]


def test_a_stretch_at_fault_touches_by_its_bounds():
    """Beats at samples 0, 100, 200 and 300: a stretch of one sample between, on, and beside them."""
    _, signal = simulated()
    own = beats(signal)
    for begin, end, marked in ((150, 151, [1]), (200, 201, [1, 2]), (201, 202, [2]), (199, 200, [1]), (0, 1, [0])):
        stretch = quality.Stretch(begin, end, "flat")
        found = replace(own, at_s=np.array([0.0, 1.0, 2.0, 3.0]), sampling_hz=100.0, stretches=(stretch,))
        assert np.flatnonzero(found.intervals().marks == Mark.SIGNAL).tolist() == marked, (begin, end)


def test_a_beat_that_is_none_is_marked():
    """At 32 a minute the detector looks back and takes noise for a beat: 0.4 s before the next, and far lower."""
    at = np.arange(1.0, 100.0, 1.9)
    found = beats(Signal(ecg(at, 101.0, 250.0), 250.0, Kind.ECG, "ecg"))
    assert len(found.at_s) == len(at) + 1
    assert [each.why for each in found.stretches] == ["faint"]
    told = found.intervals()
    assert np.flatnonzero(told.marks == Mark.SIGNAL).tolist() == [0, 1]
    assert told.rr_ms[told.valid] == pytest.approx(np.full(51, 1900.0), abs=2)


def test_a_pause_is_left_and_marked():
    at = np.concatenate([np.arange(1.0, 50.0, 0.8), np.arange(54.0, 100.0, 0.8)])
    told = beats(Signal(ecg(at, 101.0, 250.0), 250.0, Kind.ECG, "ecg")).intervals()
    assert np.flatnonzero(told.marks).tolist() == [61]
    assert told.rr_ms[61] == pytest.approx(4200, abs=2)


@pytest.mark.parametrize(("samples", "flat"), [(249, False), (250, True)])
def test_flat_begins_at_one_second(samples, flat):
    values = np.random.default_rng(0).normal(size=2000)
    values[500 : 500 + samples] = 0.25
    assert bool(quality.faults(values, 250.0, Kind.ECG)) is flat


@pytest.mark.parametrize(
    ("kind", "samples", "clipped"), [("ecg", 4, False), ("ecg", 5, True), ("ppg", 24, False), ("ppg", 25, True)]
)
def test_clipping_begins_at_20_and_100_ms(kind, samples, clipped):
    values = np.random.default_rng(0).normal(size=2000)
    values[500 : 500 + samples] = 9.0
    assert bool(quality.faults(values, 250.0, Kind(kind))) is clipped


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: replace(one, values=np.zeros(5000)), "20.0 s flat"),
        (lambda one: replace(one, values=np.full(5000, np.nan)), "20.0 s missing"),
        (lambda one: replace(one, values=one.values[:300]), "it is shorter"),
        (lambda _: Signal(ppg(np.array([1.0, 3.0]), 4.0, 250.0), 250.0, Kind.PPG, "ppg"), "2 beats are found in 4.0 s"),
        (lambda one: replace(one, sampling_hz=2500.0), "sampling rate is probably wrong"),
        (lambda one: replace(one, sampling_hz=60.0), "60 samples a second are too few"),
        (lambda one: replace(one, kind=Kind.PPG, sampling_hz=16.0), "16 samples a second are too few"),
        (lambda one: replace(one, values=np.random.default_rng(0).normal(size=30_000)), "no clinical meaning"),
    ],
)
def test_what_cannot_be_taken(change, words):
    _, signal = simulated()
    with pytest.raises(BadInput, match=words):
        beats(change(signal))


def test_few_beats_leave_measures_without_a_number():
    at = beat_times(8.0)
    told = session(beats(Signal(ecg(at, 8.0, 250.0), 250.0, Kind.ECG, "ecg")).intervals())
    values = {each.name: each.value for each in told.whole.measures}
    assert isinstance(values["mean_nn"], float)
    assert isinstance(values["dfa_alpha1"], Unscored)
    assert isinstance(values["lf_power_lomb"], Unscored)


@pytest.fixture
def record(reference):
    wfdb = pytest.importorskip("wfdb", reason="the optional library wfdb is not installed")
    name = str(reference("heart/100.hea").with_suffix(""))
    held = wfdb.rdann(name, "atr")
    known = np.array([at for at, kind in zip(held.sample, held.symbol, strict=True) if kind != "+"]) / 360
    return wfdb.rdrecord(name).p_signal, known


@pytest.mark.parametrize("channel", [0, 1])
def test_record_100_is_found_whole(record, channel):
    """2,273 annotated beats: sensitivity and positive predictive value are 1 within 75 ms, in either channel."""
    values, known = record
    found = beats(Signal(np.ascontiguousarray(values[:, channel]), 360.0, Kind.ECG, "MLII"))
    assert len(found.at_s) == len(known) == 2273
    off = np.abs(found.at_s - known)
    assert off.max() <= 0.075
    assert np.sort(off)[-2] < (0.006, 0.015)[channel]  # but for the ventricular beat, which has no one top
    assert [each.why for each in found.stretches] == [[], ["faint"] * 3][channel]  # at 296 s V5 all but vanishes


def test_record_100_as_neurokit_has_it(record):
    """NeuroKit2 0.2.13, ecg_clean and ecg_peaks of MLII at 360 Hz, and hrv_time of its peaks.

    It finds 2,270 beats, all of them ours within 2 ms, and misses the first, the last and the ventricular one, number
    1,906. It measures every interval, marked or not: so do we here, of the same beats.
    """
    values, _ = record
    found = beats(Signal(np.ascontiguousarray(values[:, 0]), 360.0, Kind.ECG, "MLII")).at_s
    for at in (370, 662, 946, 1231, 1515, 649231, 649484, 649733):
        assert np.abs(found - at / 360).min() < 0.002
    rr = np.diff(np.delete(found, [0, 1906, 2272])) * 1000
    unmarked = by_name(time_domain(Intervals(rr, np.cumsum(rr) / 1000, np.zeros(len(rr), np.int8))))
    peer = {"mean_nn": 794.969639097008, "sdnn": 51.36216504274274, "rmssd": 66.45308702919134}
    assert {name: unmarked[name].value for name in peer} == pytest.approx(peer, rel=2e-3)
