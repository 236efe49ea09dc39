"""The heart: marks, variability, spectrum, windows and files, against known answers and NeuroKit2 0.2.13."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Unscored
from asklepion.signals.complexity.entropy import sample_entropy
from asklepion.signals.heart import files, recording, variability
from asklepion.signals.heart.intervals import Intervals, Mark, intervals
from asklepion.signals.heart.kernels import lomb_power
from asklepion.signals.heart.session import session, window
from asklepion.signals.heart.spectrum import frequency_domain
from asklepion.signals.measure import by_name


def breathing(n=600, noise=10.0):
    """Return intervals around 800 ms with waves of 25 ms at 0.1 Hz and 15 ms at 0.25 Hz."""
    at = np.cumsum(np.full(n, 0.8))
    waves = 25 * np.sin(2 * np.pi * 0.1 * at) + 15 * np.sin(2 * np.pi * 0.25 * at)
    return 800 + waves + np.random.default_rng(11).normal(size=n) * noise


def unmarked(rr):
    return Intervals(np.asarray(rr), np.cumsum(rr) / 1000, np.zeros(len(rr), np.int8))


def test_time_domain_and_poincare_of_the_peer():
    """NeuroKit2 0.2.13 hrv_time and hrv_nonlinear of the same intervals, rounded to 6 digits; nothing was marked."""
    found = unmarked(np.round(breathing(), 6))
    told = by_name((*variability.time_domain(found), *variability.poincare(found)))
    expected = {
        "mean_nn": 800.1618797433333,
        "sdnn": 22.554462966060843,
        "rmssd": 20.459340941325458,
        "poincare_sd1": 14.479009515296026,
        "poincare_sd2": 28.42941633098896,
    }
    assert {name: told[name].value for name in expected} == pytest.approx(expected, rel=1e-9)
    assert told["pnn50"].value == pytest.approx(100 * 8 / 599)  # NeuroKit2 divides by n = 600: 1.3333
    assert told["ln_rmssd"].value == pytest.approx(math.log(20.459340941325458))
    assert told["cv_rmssd"].value == pytest.approx(100 * 20.459340941325458 / 800.1618797433333)


def test_sample_entropy_of_the_peer():
    """NeuroKit2 0.2.13 entropy_sample(dimension=2, tolerance=0.2 SD, divisor n)."""
    assert sample_entropy(np.round(breathing(), 6)).value == pytest.approx(1.8847301136080805, rel=1e-12)


def test_powers_of_two_waves():
    """25 and 15 ms waves carry 312.5 and 112.5 ms2."""
    for method, tolerance in (("lomb", 0.03), ("welch", 0.06)):
        told = by_name(frequency_domain(unmarked(breathing(noise=0)), method=method))
        assert told[f"lf_power_{method}"].value == pytest.approx(312.5, rel=tolerance)
        assert told[f"hf_power_{method}"].value == pytest.approx(112.5, rel=3 * tolerance)
        assert told[f"lf_power_{method}"].unit == "ms2"


@pytest.mark.parametrize("name", ["vlf", "lf", "hf"])
def test_powers_near_the_peer(name):
    """NeuroKit2 0.2.13 hrv_frequency(normalize=False) of the same: VLF 3.32, LF 330.0, HF 148.4 ms2 (its own Welch)."""
    peer = {"vlf": 3.3236313165599114, "lf": 330.0299757045077, "hf": 148.35961518789077}
    for method in ("lomb", "welch"):
        ours = by_name(frequency_domain(unmarked(breathing()), method=method))[f"{name}_power_{method}"].value
        assert ours == pytest.approx(peer[name], rel=0.2 if name == "vlf" else 0.05)


@given(
    st.lists(st.floats(300, 1800), min_size=8, max_size=400).filter(lambda rr: np.ptp(rr) > 1e-6),
    st.sampled_from(["lomb", "welch"]),
)
def test_bands_never_sum_to_more_than_the_variance(rr, method):
    told = by_name(frequency_domain(unmarked(rr), method=method))
    bands = [told[f"{name}_power_{method}"].value for name in ("vlf", "lf", "hf")]
    whole = sum(0 if isinstance(each, Unscored) else each for each in bands)
    assert whole <= told[f"total_power_{method}"].value * (1 + 1e-9)
    assert told[f"total_power_{method}"].value <= np.var(rr) * (1 + 1e-9)


def test_periodogram_is_lombs():
    rng = np.random.default_rng(0)
    at, values = np.cumsum(rng.uniform(0.6, 1, 400)), rng.normal(size=400)
    expected = signal.lombscargle(at, values, 2 * np.pi * np.arange(1, 201) / at[-1])
    assert lomb_power(at, values, 1 / at[-1], 200) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("times", "exponent"), [(0, 0.5), (1, 1.5)])
def test_fluctuation_of_noise_and_of_a_walk(times, exponent):
    values = np.random.default_rng(4).normal(size=20_000)
    for _ in range(times):
        values = values.cumsum()
    assert variability.fluctuation_exponent(values, variability.LONG_SCALES) == pytest.approx(exponent, abs=0.05)


def test_fluctuation_takes_a_line_off():
    """By polyfit in every box, written out."""
    values = np.random.default_rng(4).normal(size=203)
    profile = np.cumsum(values - values.mean())
    sizes = []
    for scale in variability.SHORT_SCALES:
        boxes = len(profile) // scale
        starts = [*range(0, boxes * scale, scale), *range(len(profile) - boxes * scale, len(profile), scale)]
        at = np.arange(scale)
        rests = [profile[s : s + scale] - np.polyval(np.polyfit(at, profile[s : s + scale], 1), at) for s in starts]
        sizes.append(np.sqrt(np.mean(np.square(rests))))
    slope = np.polyfit(np.log(variability.SHORT_SCALES), np.log(sizes), 1)[0]
    assert variability.fluctuation_exponent(values, variability.SHORT_SCALES) == pytest.approx(slope)


def test_marks_of_planted_faults():
    """A premature beat, a missed and an extra detection. NeuroKit2 0.2.13 (method Kubios) calls the same kinds."""
    rr = breathing()
    rr[100:102] += (-300, 300)
    rr[200] *= 2
    rr = np.insert(np.delete(rr, 300), 300, [380, 430])
    found = intervals(rr)
    assert [found.marks[each] for each in (100, 101, 200, 300, 301)] == [
        Mark.ECTOPIC,
        Mark.ECTOPIC,
        Mark.MISSED,
        Mark.EXTRA,
        Mark.EXTRA,
    ]
    assert np.count_nonzero(found.marks) <= 8


def test_a_premature_beat_changes_nothing_but_the_count():
    clean, hurt = breathing(), breathing()
    hurt[100:102] += (-300, 300)
    rmssd = [by_name(variability.time_domain(intervals(rr)))["rmssd"].value for rr in (clean, hurt)]
    assert rmssd[1] == pytest.approx(rmssd[0], rel=0.02)
    assert by_name(variability.time_domain(unmarked(hurt)))["rmssd"].value > 1.4 * rmssd[0]


def test_equal_intervals_are_unmarked_and_a_pause_is_marked():
    rr = np.full(200, 800.0)
    assert not intervals(rr).marks.any()
    rr[50] = 30_000
    assert np.flatnonzero(intervals(rr).marks).tolist() == [50]


def test_differences_never_cross_a_marked_interval():
    rr = np.array([800.0, 810, 500, 1100, 820, 830])
    found = Intervals(rr, np.cumsum(rr) / 1000, np.array([0, 0, 1, 1, 0, 0], np.int8))
    assert by_name(variability.time_domain(found))["rmssd"].value == 10
    assert by_name(variability.time_domain(found))["rmssd"].n == 2


def test_a_session_in_windows():
    rr = np.tile(breathing(), 3)
    rr[1100:] = 600 + (rr[1100:] - 800) * 0.6
    told = session(intervals(rr), baseline_s=(0, 300))
    assert [(each.begin_s, each.end_s) for each in told.windows] == [(at, at + 300) for at in (0, 300, 600, 900)]
    assert all(each.valid_percent > 95 for each in told.windows)
    first, last = by_name(told.changes[0]), by_name(told.changes[-1])
    assert first["change_ln_rmssd"].value == pytest.approx(0)
    assert last["change_heart_rate"].value == pytest.approx(25, abs=1)
    assert last["change_ln_rmssd"].value == pytest.approx(math.log(0.6), abs=0.1)
    assert last["change_ln_cv_rmssd"].value == pytest.approx(math.log(0.6 / 0.75), abs=0.1)
    names = [each.name for each in told.whole.measures]
    assert "hf_power_lomb_mean_of_windows" in names
    assert "hf_power_lomb" not in names


def test_a_short_recording_is_whole_and_has_no_windows():
    told = session(intervals(breathing(n=100)))
    assert told.windows == ()
    measures = by_name(told.whole.measures)
    assert isinstance(measures["lf_power_lomb"].value, Unscored)
    assert "too short" in measures["lf_power_lomb"].value.reason
    assert isinstance(measures["hf_power_lomb"].value, float)
    assert isinstance(measures["dfa_alpha2"].value, Unscored)


def test_a_window_that_is_much_marked_is_doubtful():
    rr = breathing()
    rr[20:200:6] *= 2
    told = window(intervals(rr), 0, 300)
    assert told.doubtful
    assert told.valid_percent < 95


def test_a_pause_takes_its_time_from_every_window_that_it_touches():
    rr = np.concatenate([breathing(125), [500_000.0], breathing(375)])
    told = session(intervals(rr))
    assert [each.valid_percent for each in told.windows] == pytest.approx([100 / 3, 0, 100], abs=0.5)
    assert [each.intervals > 0 for each in told.windows] == [True, False, True]
    assert [each.doubtful for each in told.windows] == [True, True, False]


def test_windows_of_nothing():
    told = window(intervals(breathing()), 5000, 5300)
    assert (told.intervals, told.valid_percent, told.measures) == (0, 0, ())


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("800\n810\n805\n", ".txt"),
        ("# Kubios\n800\n\n810\n805\n", ".txt"),
        ("RR_ms\n800\n810\n805\n", ".csv"),
        ("0.8 0.800\n1.61 0.810\n2.415 0.805\n", ".txt"),
        ("Phone timestamp;RR-interval [ms]\n09:00:01;800\n09:00:02;810\n09:00:03;805\n", ".txt"),
        ("time,ibi (s)\n1,0.8\n2,0.81\n3,0.805\n", ".csv"),
        ("t;rr_s\n1;0,8\n2;0,81\n3;0,805\n", ".csv"),
    ],
)
def test_files_as_devices_write_them(tmp_path, text, suffix):
    file = tmp_path / f"rr{suffix}"
    file.write_text(text)
    unit = "s" if text.startswith("0.8") else None
    assert files.read(file, unit=unit).rr_ms == pytest.approx([800, 810, 805])


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("0.8\n0.81\n0.8\n", {}, "look like seconds"),
        ("800\n810\n", {"unit": "s"}, "look like milliseconds"),
        ("800\n810\n", {"unit": "min"}, "no unit min"),
        ("800\n", {}, "1 samples; at least 2"),
        ("", {}, "is empty"),
        ("800\nnoise\n-5x\n", {}, "line 3"),
        ("800\n0\n810\n", {}, "line 2: The interval is not above zero"),
        ("rr,nn\n800,800\n", {}, "not clear which column"),
        ("rr,nn\n800,800\n", {"column": "ecg"}, "Columns: rr, nn"),
        ("rr\n800\nnan\n", {}, "`nan` is no number"),
        ("time,rr\n1,800\n2\n", {}, "The interval is missing"),
    ],
)
def test_files_that_cannot_be_taken(tmp_path, text, options, words):
    file = tmp_path / "rr.csv"
    file.write_text(text)
    with pytest.raises(BadInput, match=words):
        files.read(file, **options)


def test_every_faulty_line_is_told(tmp_path):
    file = tmp_path / "rr.txt"
    file.write_text("800\n-1\n810\n0\n")
    with pytest.raises(ManyFaults, match="2 lines") as caught:
        files.read(file)
    assert [fault.line for fault in caught.value.faults] == [2, 4]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: intervals([800.0, -1.0]), "Interval 1 is -1 ms"),
        (lambda: intervals([800.0, 810.0], annotated=[True]), "2 intervals and 1 annotations"),
        (lambda: session(intervals(breathing()), baseline_s=(9000, 9300)), "the recording, which ends at 480"),
        (lambda: session(intervals(breathing()), baseline_s=(300, 481)), "not within the recording"),
        (lambda: session(intervals(breathing()), baseline_s=(0, math.inf)), "no stretch of time"),
        (lambda: session(unmarked([800.0] * 9), baseline_s=(0, 1)), "no two normal intervals after each other"),
        (lambda: session(intervals(breathing()), baseline_s=(300, 0)), "no stretch of time"),
        (lambda: session(intervals(breathing()), window_s=0), "no window"),
        (lambda: frequency_domain(intervals(breathing()), method="fft"), "no method fft"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(BadInput, match=words):
        call()


def test_record_100(reference):
    """MIT-BIH 100: 2,273 beats, 33 atrial premature and 1 ventricular (wfdb 4.3.1 reads the annotations)."""
    pytest.importorskip("wfdb", reason="the optional library wfdb is not installed")
    read = recording.read(reference("heart/100.atr"))
    assert read.words == ("2273 beats by 100.atr: 2239 normal, 33 atrial premature, 1 premature ventricular.",)
    assert len(read.intervals.rr_ms) == 2272
    told = session(read.intervals)
    assert (dict(told.marks)["annotated"], dict(told.marks)["ventricular"]) == (66, 2)
    assert len(told.windows) == 6
    measures = by_name(told.whole.measures)
    assert measures["mean_heart_rate"].value == pytest.approx(75.48, abs=0.05)
    assert measures["rmssd"].value == pytest.approx(26.7, abs=0.1)


def test_wfdb_is_asked_for_by_name(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "wfdb", None)
    with pytest.raises(BadInput, match="need the library wfdb"):
        recording.read(tmp_path / "100.atr")
