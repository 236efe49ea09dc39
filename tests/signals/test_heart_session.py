"""Entropy over scales, ectopic beats, values of record 100, and the change corrected for heart rate."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklepion.core.values import Unscored
from asklepion.signals.complexity.entropy import coarse, sample_entropy_within
from asklepion.signals.heart import variability
from asklepion.signals.heart.intervals import Intervals, Mark, intervals
from asklepion.signals.heart.session import session, window
from asklepion.signals.heart.spectrum import BANDS, frequency_domain
from asklepion.signals.measure import by_name


def unmarked(rr):
    return Intervals(np.asarray(rr, float), np.cumsum(rr) / 1000, np.zeros(len(rr), np.int8))


def marked(text):
    """Return intervals of 800 ms, an E for each that is marked as ectopic."""
    marks = np.array([Mark.ECTOPIC if each == "E" else Mark.NORMAL for each in text], np.int8)
    return Intervals(np.full(len(text), 800.0), np.arange(1, len(text) + 1) * 0.8, marks)


def noise(n, seed=3):
    return 800 + np.random.default_rng(seed).normal(size=n) * 30


def test_entropy_over_scales_has_one_radius():
    nn = np.round(noise(6_000), 3)
    told = variability.entropy_over_scales(unmarked(nn))
    assert [each.name for each in told] == [f"multiscale_entropy_costa_s{scale}" for scale in range(1, 21)]
    for scale in (1, 2, 5):
        alone = sample_entropy_within(coarse(nn, scale), radius=0.15 * nn.std())
        assert told[scale - 1].value == alone.value
        assert dict(told[scale - 1].parameters)["radius"] == pytest.approx(0.15 * nn.std())
    values = [each.value for each in told[:5]]
    assert values == sorted(values, reverse=True)  # white noise falls from scale to scale (costa2002)


def test_entropy_over_scales_leaves_marked_intervals_out():
    rr = noise(3_000)
    hurt = rr.copy()
    hurt[::300] = 2_000
    found = Intervals(hurt, np.cumsum(hurt) / 1000, np.where(hurt == 2_000, Mark.MISSED, Mark.NORMAL).astype(np.int8))
    clean = unmarked(rr[hurt != 2_000])
    one, other = (variability.entropy_over_scales(each)[0] for each in (found, clean))
    assert (one.value, one.n) == (other.value, other.n)


@pytest.mark.parametrize(("n", "scales"), [(199, 0), (200, 1), (399, 1), (400, 2), (3_999, 19), (4_000, 20)])
def test_a_scale_of_too_few_means_has_no_number(n, scales):
    told = variability.entropy_over_scales(unmarked(noise(n)))
    assert [each.name for each in told] == [f"multiscale_entropy_costa_s{scale}" for scale in range(1, 21)]
    assert [isinstance(each.value, Unscored) for each in told] == [False] * scales + [True] * (20 - scales)
    if scales < 20:
        why = f"{n // 20} means are left; 200 are needed, 4000 normal intervals."
        assert (told[-1].value.reason, told[-1].n) == (why, n // 20)


@pytest.mark.parametrize(
    ("text", "beats"),
    [
        ("......", 0),
        ("..EE..", 1),
        ("..EEE.", 2),
        (".EEEE.", 2),
        ("EE..EE", 2),
        ("E.....", 1),
    ],
)
def test_ectopic_beats_of_marked_runs(text, beats):
    told = variability.ectopic_beats(marked(text))
    assert told.value == beats
    assert told.n == len(text)
    assert dict(told.parameters)["marked_intervals"] == text.count("E")


def breathing(n=600):
    at = np.arange(n) * 0.8
    return 800 + 25 * np.sin(2 * np.pi * 0.1 * at) + 15 * np.sin(2 * np.pi * 0.25 * at) + noise(n) / 30


def test_planted_ectopic_beats_are_counted():
    rr = breathing()
    for place in (100, 200, 300, 450):
        rr[place : place + 2] += (-300, 300)
    told = by_name(session(intervals(rr)).whole.measures)["ectopic_beats"]
    assert told.value == 4
    assert told.quality == ()


def test_beats_that_an_annotator_named_are_not_counted_again():
    rr = breathing()
    rr[100:102] += (-300, 300)
    named = np.zeros(600, bool)
    named[100:102] = True
    told = variability.ectopic_beats(intervals(rr, annotated=named))
    assert told.value == 0
    assert "not in this count" in told.quality[0]


def test_time_domain_of_record_100(reference):
    """NeuroKit2 0.2.13 hrv_time of the 2,272 intervals of the annotated beats, none left out; it divides pNN50 by n."""
    wfdb = pytest.importorskip("wfdb", reason="the optional library wfdb is not installed")
    found = wfdb.rdann(str(reference("heart/100.atr").with_suffix("")), "atr")
    at = np.asarray(found.sample)[[each != "+" for each in found.symbol]]
    rr = np.diff(at) * 1000 / 360
    assert len(rr) == 2272
    told = by_name(variability.time_domain(unmarked(rr)))
    expected = {
        "mean_nn": 794.593603286385,
        "sdnn": 48.84614637822633,
        "rmssd": 63.23178826544666,
        "cv_rmssd": 7.957751988428335,
        "pnn50": 9.59507042253521 * 2272 / 2271,
    }
    assert {name: told[name].value for name in expected} == pytest.approx(expected, rel=1e-9)


def test_entropy_over_scales_of_record_100(reference):
    """NeuroKit2 0.2.13 entropy_multiscale(method="MSEn", tolerance=0.15 SD, dimension=2) of the same intervals."""
    wfdb = pytest.importorskip("wfdb", reason="the optional library wfdb is not installed")
    found = wfdb.rdann(str(reference("heart/100.atr").with_suffix("")), "atr")
    at = np.asarray(found.sample)[[each != "+" for each in found.symbol]]
    told = variability.entropy_over_scales(unmarked(np.diff(at) * 1000 / 360))
    expected = [1.82058379, 1.65367791, 1.55879797, 1.11472395, 1.32420983]
    assert [each.value for each in told[:5]] == pytest.approx(expected, abs=1e-8)


def test_change_corrected_for_heart_rate_is_zero_where_proportion_is_kept():
    rr = noise(1_600)
    rr[800:] = rr[:800] * 0.75
    told = session(unmarked(rr), window_s=300, baseline_s=(0, 600))
    change = by_name(told.changes[-1])
    assert change["change_ln_rmssd"].value == pytest.approx(math.log(0.75), abs=0.1)
    assert change["change_ln_cv_rmssd"].value == pytest.approx(0, abs=0.1)
    one, other = (by_name(each.measures) for each in (told.baseline, told.windows[-1]))
    lost = math.log(other["mean_nn"].value / one["mean_nn"].value)
    assert change["change_ln_cv_rmssd"].value == pytest.approx(change["change_ln_rmssd"].value - lost)
    assert dict(change["change_ln_cv_rmssd"].parameters)["by"] == "RMSSD over mean NN"
    assert "by" not in dict(change["change_ln_rmssd"].parameters)


def test_a_doubtful_baseline_is_taken_and_told():
    rr = noise(1_600)
    rr[20:200:6] *= 2
    told = session(intervals(rr), baseline_s=(0, 300))
    assert told.baseline.doubtful
    assert all("More than 5%" in each.quality[0] for changes in told.changes for each in changes)


def test_bands_are_those_of_the_task_force_and_share_no_frequency():
    """VLF up to 0.04, LF 0.04 to 0.15, HF 0.15 to 0.4 Hz (taskforce1996)."""
    assert [(name, high) for name, _, high in BANDS] == [("vlf", 0.04), ("lf", 0.15), ("hf", 0.4)]
    assert [low for _, low, _ in BANDS[1:]] == [high for _, _, high in BANDS[:-1]]


@given(seconds=st.integers(20, 310), method=st.sampled_from(["lomb", "welch"]))
def test_bands_of_a_stretch_too_short_have_no_number(seconds, method):
    """One minute for HF and two for LF (taskforce1996); for VLF its lowest frequency, within 5%."""
    part = window(unmarked(noise(400)), 0, seconds, method=method)
    told = by_name(part.measures)
    nn = unmarked(noise(400)).between(0, seconds)
    length = nn.ends_s[-1] - nn.ends_s[0]
    for band, least in (("vlf", 285), ("lf", 120), ("hf", 60)):
        assert isinstance(told[f"{band}_power_{method}"].value, Unscored) == (length < least)
    assert isinstance(told[f"lf_hf_{method}"].value, Unscored) == (length < 120)


@given(seed=st.integers(0, 10_000), n=st.integers(400, 600), method=st.sampled_from(["lomb", "welch"]))
def test_parseval_with_every_frequency_in_the_bands(seed, n, method):
    """Waves in VLF, LF and HF only: the bands are all of the variance about the line, to what leaks."""
    rng = np.random.default_rng(seed)
    at = np.cumsum(np.full(n, 0.8))
    rr = 800 + sum(rng.uniform(5, 20) * np.sin(2 * np.pi * hz * at + rng.uniform(0, 6)) for hz in (0.02, 0.1, 0.3))
    told = by_name(frequency_domain(unmarked(rr), method=method))
    bands = sum(told[f"{name}_power_{method}"].value for name in ("vlf", "lf", "hf"))
    total = told[f"total_power_{method}"].value
    assert 0.9 * total <= bands <= total * (1 + 1e-9)
