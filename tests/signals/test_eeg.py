"""EEG: numbers against other programs, simulated signals with known answers, and real recordings."""

import math
import re

import numpy as np
import pytest
from scipy import signal

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.flows.eeg import eeg
from asklepion.signals.complexity import lempel_ziv
from asklepion.signals.eeg import spectrum
from asklepion.signals.eeg.aperiodic import Slope, aperiodic
from asklepion.signals.eeg.lag import phase_lag
from asklepion.signals.eeg.measures import known_measures, measures
from asklepion.signals.eeg.plan import Band, EegPlan
from asklepion.signals.eeg.positions import on_disc
from asklepion.signals.eeg.prepare import prepare
from asklepion.signals.eeg.recording import Annotation, recording
from asklepion.signals.eeg.regions import bare, is_ten_twenty, regions_of

HZ = 128.0


def coupled():
    """Return 12 epochs x 4 channels x 256 samples: channel 1 follows 0 by three samples, 3 holds 2 at once."""
    found = np.random.default_rng(7).normal(size=(12, 4, 256))
    found[:, 1, 3:] += 0.8 * found[:, 0, :-3]
    found[:, 3] += 0.5 * found[:, 2]
    return found


def noise(channels=4, seconds=20.0, *, hz=HZ, seed=3):
    """Return a recording of independent white noise of 10 uV."""
    names = ("Fz", "F3", "Cz", "Pz", "O1", "O2", "T7", "T8")[:channels]
    data = np.random.default_rng(seed).normal(size=(channels, round(seconds * hz))) * 10
    return recording(data, names, sampling_hz=hz)


def measured(found, **choices):
    plan = EegPlan(**choices)
    epochs = prepare(found, plan)
    return measures(epochs, plan, regions=regions_of(epochs.names, plan.regions))


def by(told, name, of=""):
    (one,) = [each for each in told if each.name == name and each.of == of]
    return one


class TestAgainstPeers:
    # MNE-connectivity 0.9.0 with MNE 1.13.2: spectral_connectivity_epochs(coupled(), method=["wpli",
    # "wpli2_debiased"], mode="fourier", sfreq=128, fmin=low, fmax=high - 1e-6, faverage=True), lower triangle.
    @pytest.mark.parametrize(
        ("low", "high", "wpli", "debiased"),
        [
            (
                8,
                13,
                (0.83142532977, 0.22422568588, 0.28237983828, 0.35473408281, 0.25289063013, 0.23034372148),
                (0.66437149468, -0.09268857157, -0.02535156158, -0.00329325676, -0.08734916250, -0.06776197783),
            ),
            (
                13,
                30,
                (0.60219741195, 0.23695212335, 0.23456959680, 0.30496625143, 0.30257540193, 0.32751421481),
                (0.30524935522, -0.07694787340, -0.07134329226, -0.03788155242, -0.02132265638, 0.00008285078),
            ),
        ],
    )
    def test_phase_lag(self, low, high, wpli, debiased):
        lag = phase_lag(coupled(), HZ, band=Band("band", low, high))
        lower = np.tril_indices(4, -1)
        np.testing.assert_allclose(lag.wpli[lower], wpli, atol=1e-10)
        np.testing.assert_allclose(lag.debiased[lower], debiased, atol=1e-10)
        np.testing.assert_array_equal(lag.wpli, lag.wpli.T)
        assert np.isnan(np.diag(lag.wpli)).all()

    def test_spectra(self):
        # MNE 1.13.2 of coupled()[0, 0]: psd_array_multitaper(bandwidth=2, adaptive=False, normalization="full",
        # low_bias=True) and psd_array_welch(n_fft=128, n_overlap=64, window="hann"); 8 to 13 Hz of the latter summed.
        given = coupled()[:1]
        many = spectrum.multitaper(given, HZ, half_width_hz=1.0)
        expected = (0.001022784055657708, 0.01325447270407463, 0.022830143198001286, 0.012895961421477788)
        np.testing.assert_allclose(many.density[0, 0, [0, 1, 5, 20]], expected, rtol=1e-9)
        assert many.density[0, 0, -1] == pytest.approx(0.0005755508635347654, rel=1e-9)
        welch = spectrum.welch(given, HZ, segment_s=1.0)
        expected = (0.017856559709317227, 0.008747318726289562, 0.011300939181795712, 5.4232677104427985e-05)
        np.testing.assert_allclose(welch.density[0, 0, [1, 5, 20, -1]], expected, rtol=1e-9)
        power = spectrum.band_power(welch, Band("alpha", 8, 13))
        assert power[0, 0] == pytest.approx(0.04285754051779481, rel=1e-9)

    def test_permutation_entropy(self):
        # antropy 0.2.3, perm_entropy(order=3, delay=1, normalize=True) of coupled()[0].
        found = recording(coupled()[0], ("Fz", "Cz", "Pz", "Oz"), sampling_hz=HZ)
        told = measured(found, measures=("permutation_entropy_o3_d1",))
        expected = (0.9959541471474538, 0.9971120062443757, 0.9988731109671689, 0.9992920378760975)
        for name, value in zip(found.names, expected, strict=True):
            assert by(told, "permutation_entropy_o3_d1", name).value == pytest.approx(value, abs=1e-12)


class TestSpectrum:
    def test_parseval(self):
        given = coupled()
        found = spectrum.welch(given, HZ, segment_s=2.0)
        window = signal.get_window("hann", 256)
        centred = given - given.mean(axis=2, keepdims=True)
        under = ((centred * window) ** 2).sum(axis=2) / (window**2).sum()
        whole = spectrum.band_power(found, Band("all", 0, 64))
        np.testing.assert_allclose(whole + found.density[..., -1] * found.step_hz, under, rtol=1e-12)
        bands = [spectrum.band_power(found, Band("", low, low + 8)) for low in range(0, 64, 8)]
        np.testing.assert_allclose(np.sum(bands, axis=0), whole, rtol=1e-12)

    def test_a_sine_of_10_uv_has_50_uv2_in_its_band(self):
        at = np.arange(256 * 10) / 256
        found = recording(np.tile(10 * np.sin(2 * np.pi * 10 * at), (2, 1)), ("Fz", "Cz"), sampling_hz=256)
        told = measured(found, measures=("band_power_welch", "relative_band_power_welch", "spectral_edge_welch"))
        assert by(told, "band_power_welch_alpha").value == pytest.approx(50, rel=1e-9)
        assert by(told, "band_power_welch_beta").value == pytest.approx(0, abs=1e-9)
        assert by(told, "relative_band_power_welch_alpha").value == pytest.approx(1, rel=1e-9)
        assert by(told, "spectral_edge_95_welch").value == pytest.approx(10.5)
        assert by(told, "band_power_welch_alpha").n == 5

    def test_shares_of_all_bands_sum_to_one(self):
        told = measured(noise(), measures=("relative_band_power_multitaper",))
        assert math.fsum(each.value for each in told if not each.of) == pytest.approx(1)

    def test_one_band_alone_is_not_the_whole_of_itself(self):
        one = by(measured(noise(seconds=200), bands=(Band("alpha", 8, 13),)), "relative_band_power_welch_alpha")
        assert one.value == pytest.approx(5 / 44, rel=0.06)
        assert dict(one.parameters)["relative_to"] == "1 to below 45 Hz"

    def test_beyond_nyquist_and_between_frequencies_there_is_no_number(self):
        told = measured(noise(hz=64.0), measures=("band_power_welch", "wpli"))
        assert "half of the sampling rate" in by(told, "band_power_welch_gamma").value.reason
        assert "half of the sampling rate" in by(told, "wpli_fourier_gamma").value.reason
        narrow = (Band("narrow", 10.1, 10.2),)
        assert (
            "does not lie within"
            in by(measured(noise(), bands=(Band("ripple", 44, 50),)), "relative_band_power_welch_ripple").value.reason
        )
        assert "No frequency" in by(measured(noise(), bands=narrow), "band_power_welch_narrow").value.reason

    def test_what_a_filter_took_is_said(self):
        told = measured(noise(), band_pass_hz=(2, 35), measures=("band_power_welch", "aperiodic_exponent_fixed_welch"))
        assert "took part" in by(told, "band_power_welch_delta").quality[0]
        assert not by(told, "band_power_welch_alpha").quality
        assert "band-pass" in by(told, "aperiodic_exponent_fixed_welch").value.reason


def coloured(exponent, *, seed, epochs=40, samples=512, hz=256.0):
    """Return epochs x 1 x samples whose power falls as 1 / f^exponent: a long signal shaped in frequency, then cut."""
    rng = np.random.default_rng(seed)
    length = epochs * samples
    shape = np.fft.rfft(rng.normal(size=length))
    hertz = np.fft.rfftfreq(length, 1 / hz)
    shape[1:] *= hertz[1:] ** (-exponent / 2)
    shape[0] = 0
    return np.fft.irfft(shape, length).reshape(epochs, 1, samples)


class TestAperiodic:
    @pytest.mark.parametrize("exponent", [0.0, 1.0, 1.5, 2.0])
    def test_the_interval_holds_the_exponent_nineteen_times_of_twenty(self, exponent):
        held, values = 0, []
        for seed in range(60):
            found = spectrum.welch(coloured(exponent, seed=seed), 256.0, segment_s=2.0)
            mean = found.density.mean(axis=0)[0]
            slope = aperiodic(found.hz, mean, range_hz=(2, 40), correlated=found.correlated)
            held += slope.low <= exponent <= slope.high
            values.append(slope.exponent)
        assert held >= 52  # of 60 with 0.95 each, fewer than 52 come once in 200
        assert np.mean(values) == pytest.approx(exponent, abs=0.03)

    @pytest.mark.parametrize("height", [3.0, 30.0])
    def test_a_peak_has_no_say(self, height):
        hz = np.arange(0, 64, 0.5)
        bare_power = np.r_[1, hz[1:] ** -1.3]
        peak = 1 + height * np.exp(-((hz - 10) ** 2) / (2 * 1.5**2))
        slope = aperiodic(hz, bare_power * peak, range_hz=(2, 40), correlated=1.0)
        assert slope.exponent == pytest.approx(1.3, abs=0.01)
        plain = -np.polyfit(np.log10(hz[4:81]), np.log10((bare_power * peak)[4:81]), 1)[0]
        assert abs(plain - 1.3) > 0.05

    def test_two_broad_peaks_mislead_it_no_more_than_a_model_of_peaks(self):
        # fooof 1.1.1 (fixed, peak_width_limits 1 to 12), the same 60 spectra: bias 0.0106, rms 0.0207, worst 0.0477.
        hz = np.arange(0, 64.5, 0.5)
        off = []
        for seed in range(60):
            rng = np.random.default_rng(seed)
            exponent = rng.uniform(0.7, 2)
            alpha = rng.uniform(1, 8) * np.exp(-((hz - 10) ** 2) / (2 * rng.uniform(0.8, 2) ** 2))
            beta = rng.uniform(0, 2) * np.exp(-((hz - 21) ** 2) / (2 * 2.5**2))
            noisy = np.exp(rng.normal(size=len(hz)) * 0.1)
            density = np.r_[1, hz[1:] ** -exponent] * (1 + alpha + beta) * noisy
            off.append(aperiodic(hz, density, range_hz=(2, 40), correlated=1.0).exponent - exponent)
        assert abs(np.mean(off)) < 0.005
        assert np.sqrt(np.mean(np.square(off))) < 0.0207
        assert np.abs(off).max() < 0.06

    def test_no_number_outside_the_spectrum_or_of_few_frequencies(self):
        hz = np.arange(0, 40, 0.5)
        for range_hz, told in (((2, 45), "not within"), ((0.1, 30), "not within"), ((2, 4), "8 are needed")):
            found = aperiodic(hz, np.ones(80), range_hz=range_hz, correlated=1.0)
            assert isinstance(found, Unscored)
            assert told in found.reason
        assert isinstance(aperiodic(hz, np.ones(80), range_hz=(2, 30), correlated=1.0), Slope)

    def test_r2_and_error_are_told_and_a_limit_is_kept(self):
        one = by(
            measured(noise(), measures=("aperiodic_exponent_fixed_welch",)), "aperiodic_exponent_fixed_welch", "Cz"
        )
        told = dict(one.parameters)
        assert told["low_95"] < one.value < told["high_95"]
        assert told["error_log10"] > 0
        assert told["range"] == "2 to 40 Hz"
        bad = measured(noise(), measures=("aperiodic_exponent_fixed_welch",), least_r2=0.9)
        assert "R2 of the line" in by(bad, "aperiodic_exponent_fixed_welch").value.reason

    def test_smeared_neighbours_are_counted(self):
        # Hann: 35/18 for one taper, by sums of its powers.
        assert spectrum.welch(coupled(), HZ, segment_s=2.0).correlated == pytest.approx(35 / 18)


class TestComplexity:
    def test_each_definition_equals_its_own_function(self):
        found = noise(3, 4.0)
        names = ("lzc_schartner", "lzs_schartner", "lz76_log_median", "lz76_log_envelope", "lz76_shuffled_mean")
        told = measured(found, epoch_s=4.0, measures=names, seed=5, draws=3)
        data = found.data
        assert by(told, "lzc_schartner").value == lempel_ziv.lzc_schartner(data, seed=5).value
        assert by(told, "lz76_log_median", "Cz").value == lempel_ziv.lz76_log(data[2]).value
        alone = [lempel_ziv.lzs_schartner(row[None], seed=5 + at).value for at, row in enumerate(data)]
        assert by(told, "lzs_schartner").value == pytest.approx(np.mean(alone))
        assert by(told, "lz76_shuffled_mean", "F3").value == (
            lempel_ziv.lz76_shuffled(data[1], shuffles=3, seed=6, threshold="mean").value
        )
        assert {each.name for each in told} == set(names)

    def test_regions_epochs_and_what_a_mean_rests_on(self):
        told = measured(
            noise(4, 6.0),
            measures=("lz76_log_median", "lzc_schartner"),
            regions="10-20",
            detail=("whole", "regions", "channels", "epochs", "channel epochs"),
        )
        whole = by(told, "lz76_log_median")
        epochs = [by(told, "lz76_log_median", f"epoch {number}").value for number in (1, 2, 3)]
        assert whole.value == pytest.approx(np.mean(epochs))
        assert whole.n == 3
        assert dict(whole.parameters)["sd_over_epochs"] == pytest.approx(np.std(epochs, ddof=1))
        both = [by(told, "lz76_log_median", of).value for of in ("Fz", "F3")]
        assert by(told, "lz76_log_median", "region F").value == pytest.approx(np.mean(both))
        assert isinstance(by(told, "lz76_log_median", "Pz, epoch 2").value, float)
        assert isinstance(by(told, "lzc_schartner", "region F").value, float)
        assert "there is one" in by(told, "lzc_schartner", "region C").value.reason
        assert by(told, "lzc_schartner", "epoch 2").n == 1
        assert dict(whole.parameters)["epoch_samples"] == 256
        third = noise(4, 6.0).data[:, 512:]
        assert by(told, "lzc_schartner", "epoch 3").value == lempel_ziv.lzc_schartner(third, seed=3).value

    def test_epochs_without_a_number_are_counted(self):
        told = measured(noise(1, 2.0), epoch_s=0.05, measures=("sample_entropy_m2",))
        one = by(told, "sample_entropy_m2")
        assert "have no number" in one.quality[0] or isinstance(one.value, Unscored)

    def test_every_known_measure_gives_something_and_an_unknown_one_is_refused(self):
        told = measured(noise(3, 8.0), measures=known_measures(), draws=1, scales=2)
        assert all(isinstance(each.value, float) for each in told)
        assert all(each.source for each in told)
        with pytest.raises(BadInput, match="no measure lz"):
            measured(noise(), measures=("lz",))


class TestPhaseLag:
    def test_what_is_in_step_at_once_has_none_and_a_lag_has_one(self):
        rng = np.random.default_rng(2)
        one, other = rng.normal(size=(2, 60, 256))
        lag = phase_lag(
            np.stack([one, 0.7 * one + 0.1 * other, np.roll(one, 3, axis=1)], axis=1), HZ, band=Band("", 8, 13)
        )
        assert lag.wpli[0, 2] > 0.9
        assert abs(lag.debiased[0, 1]) < 0.2

    def test_debiased_is_unbiased_where_there_is_nothing(self):
        values = [
            phase_lag(np.random.default_rng(seed).normal(size=(10, 8, 128)), 64.0, band=Band("", 8, 13)).debiased[0, 1:]
            for seed in range(30)
        ]
        assert abs(np.mean(values)) < 0.02

    def test_a_channel_that_is_another_times_a_number_has_no_index(self):
        given = coupled()
        given[:, 3] = 2 * given[:, 2]
        found = recording(given.transpose(1, 0, 2).reshape(4, -1), ("Fz", "Cz", "Pz", "Oz"), sampling_hz=HZ)
        told = measured(found, measures=("wpli",), detail=("whole", "channels", "pairs"))
        assert "of which one lags" in by(told, "wpli_fourier_alpha", "Pz - Oz").value.reason
        assert dict(by(told, "wpli_fourier_alpha").parameters)["pairs"] == 5
        assert dict(by(told, "wpli_fourier_alpha", "Pz").parameters)["pairs"] == 2

    def test_regions_and_too_little(self):
        told = measured(noise(4), measures=("wpli2_debiased",), regions={"front": ("Fz", "F3"), "back": ("Cz", "Pz")})
        table = phase_lag(prepare(noise(4), EegPlan()).data, HZ, band=Band("", 8, 13)).debiased
        one = by(told, "wpli2_debiased_fourier_alpha", "region front - region back")
        assert one.value == pytest.approx(table[:2, 2:].mean())
        assert dict(one.parameters)["pairs"] == 4
        assert "there is one" in by(measured(noise(1), measures=("wpli",)), "wpli_fourier_alpha").value.reason
        assert (
            "there is one" in by(measured(noise(2), epoch_s=20, measures=("wpli",)), "wpli_fourier_beta").value.reason
        )


class TestPreparation:
    def test_references(self):
        found = noise(4)
        average = prepare(found, EegPlan(reference="average"))
        np.testing.assert_allclose(average.data.mean(axis=1), 0, atol=1e-12)
        named = prepare(found, EegPlan(reference="Fz"))
        assert named.names == ("F3", "Cz", "Pz")
        np.testing.assert_allclose(named.data[0, 0], found.data[1, :256] - found.data[0, :256])
        two = prepare(found, EegPlan(reference="Fz, Cz", channels=("Pz",)))
        expected = found.data[3, :256] - found.data[[0, 2], :256].mean(axis=0)
        np.testing.assert_allclose(two.data[0, 0], expected)
        assert dict(two.parameters)["reference"] == "mean of Fz, Cz"
        assert dict(prepare(found, EegPlan()).parameters)["reference"] == "as recorded"

    def test_filters_do_what_they_say(self):
        at = np.arange(2560) / 256
        slow, line, fast = (np.sin(2 * np.pi * hz * at) for hz in (10, 50, 80))
        found = recording((20 * (slow + line + fast))[None], ("Cz",), sampling_hz=256)
        ready = prepare(found, EegPlan(notch_hz=(50,), band_pass_hz=(1, 60), resample_hz=200, epoch_s=1))
        assert ready.sampling_hz == 200
        told = spectrum.welch(ready.data[4:6], 200.0, segment_s=1)
        power = {hz: told.density[0, 0, hz] for hz in (10, 50, 80)}
        assert power[10] == pytest.approx(400 / 1.5 / 2, rel=0.05)
        assert max(power[50], power[80]) < 0.001 * power[10]
        assert "FIR" in dict(ready.parameters)["filter"]
        assert dict(ready.parameters)["transitions"] == "1 Hz below, 15 Hz above"
        assert dict(ready.parameters)["resampled_from_hz"] == 256

    def test_rejection_marks_and_the_rest(self):
        data = noise(2, 11.0).data.copy()
        data[1, 300] = 500
        marks = (Annotation(4.5, 0.2, "BAD blink"), Annotation(7.0, 0.0, "boundary"), Annotation(1.0, 1.0, "eyes open"))
        found = recording(data, ("Fz", "Cz"), sampling_hz=HZ, annotations=marks)
        ready = prepare(found, EegPlan(reject_uv=200))
        assert ready.numbers == (1, 5)
        told = " ".join(ready.words)
        assert "2 of 5 epochs touch" in told
        assert "1 of 5 epochs exceed 200 uV" in told
        assert "The last 1 s" in told
        long = recording(data, ("Fz", "Cz"), sampling_hz=HZ, annotations=(Annotation(1.9, 4.2, "bad"),))
        assert prepare(long, EegPlan()).numbers == (5,)
        with pytest.raises(BadInput, match="None of 5 epochs"):
            prepare(found, EegPlan(reject_uv=0.1))

    @pytest.mark.parametrize(
        ("choices", "told"),
        [
            ({"band_pass_hz": (1, 64)}, "half of the sampling rate"),
            ({"notch_hz": (100,)}, "half of the sampling rate"),
            ({"epoch_s": 21}, "make no epoch"),
            ({"reference": "A1"}, "no channel A1"),
            ({"channels": ("Fz", "Fz")}, "named twice"),
            ({"band_pass_hz": (0.05, 40)}, "longer than the signal"),
        ],
    )
    def test_what_cannot_be_done_is_refused(self, choices, told):
        with pytest.raises(BadInput, match=told):
            prepare(noise(), EegPlan(**choices))

    @pytest.mark.parametrize(
        ("choices", "told"),
        [
            ({"epoch_s": 0}, "not above zero"),
            ({"reject_uv": -1}, "not above zero"),
            ({"band_pass_hz": (40, 1)}, "no range"),
            ({"bands": (Band("a", 8, 8),)}, "no range"),
            ({"bands": (Band("a", 4, 8), Band("a", 8, 9))}, "one name"),
            ({"unit": "mmHg"}, "no unit"),
            ({"detail": ("hemispheres",)}, "no detail"),
            ({"regions": "lobes"}, "no regions"),
            ({"measures": ()}, "No measure"),
            ({"edge_percent": 100}, "no per cent"),
            ({"draws": 0}, "1 or more"),
        ],
    )
    def test_a_plan_that_makes_no_sense_is_refused(self, choices, told):
        with pytest.raises(BadInput, match=told):
            EegPlan(**choices)


class TestRecording:
    def test_flat_missing_and_bad_channels_are_left_out_by_name(self):
        data = noise(4).data.copy()
        data[0] = 3
        data[1, 5:8] = np.nan
        found = recording(data, ("Fz", "F3", "Cz", "Pz"), sampling_hz=HZ, bads=("Cz",))
        assert found.names == ("Pz",)
        whys = dict(found.left_out)
        assert "flat" in whys["Fz"]
        assert "3 of its 2560" in whys["F3"]
        assert "bad" in whys["Cz"]
        with pytest.raises(BadInput, match="Fz was left out"):
            found.only(("Fz",))
        assert prepare(found, EegPlan(channels=("Fz", "Pz"))).names == ("Pz",)
        with pytest.raises(BadInput, match="Cz was left out"):
            prepare(found, EegPlan(channels=("Cz",)))
        with pytest.raises(BadInput, match="No channel can be used"):
            recording(data[:1], ("Fz",), sampling_hz=HZ)

    @pytest.mark.parametrize(("factor", "like"), [(1e-6, "volts"), (1e3, "nanovolts")])
    def test_a_unit_that_does_not_fit(self, factor, like):
        data = noise().data * factor
        with pytest.raises(BadInput, match=like):
            recording(data, "abcd", sampling_hz=HZ, unit_is_named=False)
        assert like in recording(data, "abcd", sampling_hz=HZ).words[0]

    def test_labels(self):
        assert is_ten_twenty(("EEG Fp1-REF", "A1", "A2", "C3"))
        assert not is_ten_twenty(("A1", "A2", "A3", "C3"))
        assert not is_ten_twenty(("E1", "E2"))
        assert bare("EEG FP1-A2") == "FP1"
        found = regions_of(("FP1", "Fpz", "CP3", "X9", "cz"), "10-20")
        assert found == {"Fp": ("FP1", "Fpz"), "CP": ("CP3",), "C": ("cz",)}
        with pytest.raises(BadInput, match="not labelled"):
            regions_of(("A1", "B3", "C3"), "10-20")
        with pytest.raises(BadInput, match="None of the channels"):
            regions_of(("Fz",), {"front": ("Fp1",)})

    def test_positions(self):
        names = ("Cz", "T7", "T8", "Fpz", "Oz", "EEG C3-REF", "X1")
        placed, words = on_disc(recording(np.random.default_rng(1).normal(size=(7, 50)), names, sampling_hz=100))
        assert re.fullmatch(r"Positions of 6 electrodes are those of MNE's \w+_1005; 1 have none\.", words)
        assert math.hypot(*placed["Cz"]) < 0.1
        for name in ("T7", "T8", "Fpz", "Oz"):
            assert math.hypot(*placed[name]) == pytest.approx(1, abs=0.12)
        assert placed["T7"][0] < -0.9 < 0.9 < placed["T8"][0]
        assert placed["Oz"][1] < 0 < placed["Fpz"][1]
        assert placed["EEG C3-REF"][0] == pytest.approx(-0.5, abs=0.05)
        cap = recording(np.random.default_rng(1).normal(size=(2, 50)), ("A3", "C3"), sampling_hz=100)
        placed, words = on_disc(cap)
        assert placed == {}
        assert "not of the 10-20 system" in words


class TestReal:
    def test_headband(self, reference):
        # Read by hand with NumPy: 28,932 rows in 113.012 s, which is 256 Hz; the last column is all zero.
        plan = EegPlan(reject_uv=150, measures=("band_power_welch", "lz76_log_median"))
        found = eeg(reference("eeg/eeg_muse_example.csv"), plan=plan)
        told = " ".join(found.recording_words)
        assert "within a sample of 256 Hz" in told
        assert "Left out Right AUX: It is flat." in told
        assert "5 of 56 epochs exceed 150 uV" in told
        assert {name for name, _ in found.positions} == {"TP9", "AF7", "AF8", "TP10"}
        # The eyes are in front and the alpha rhythm behind.
        assert (
            by(found.measures, "band_power_welch_alpha", "TP9").value
            > by(found.measures, "band_power_welch_alpha", "AF7").value
        )
        with pytest.raises(BadInput, match="256 Hz; 250 Hz was given"):
            eeg(reference("eeg/eeg_muse_example.csv"), plan=EegPlan(sampling_hz=250))

    def test_biosemi(self, reference):
        found = eeg(reference("eeg/mne_test.edf"), plan=EegPlan(reference="average", measures=("band_power_welch",)))
        told = " ".join(found.recording_words)
        assert "139 channels, 6.0 s at 512 Hz" in told
        assert "Left out Status: Its kind is stim." in told
        assert "3 epochs of 2 s, 138 channels" in told
        assert found.positions == ()
        with pytest.raises(BadInput, match="not labelled by the 10-20 system"):
            eeg(reference("eeg/mne_test.edf"), plan=EegPlan(regions="10-20"))
