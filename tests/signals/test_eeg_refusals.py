"""EEG that would give a number that looks right: rates and units that a reader passes over, and impossible choices."""

import hashlib

import numpy as np
import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.flows.eeg import Band, EegPlan, eeg
from asklepion.signals.eeg.files import read
from asklepion.signals.eeg.recording import recording

SECONDS = 10


def edf(path, channels, *, record_s="1"):
    """Write an EDF of (label, unit, samples a second), noise of 10 of the unit, and return the path and the numbers."""
    rng = np.random.default_rng(4)
    data = [rng.normal(size=hz * SECONDS) * 10 for _, _, hz in channels]
    labels, units, rates = zip(*channels, strict=True)
    count = len(channels)
    fields = ((labels, 16), ([""] * count, 80), (units, 8), (["-200"] * count, 8), (["200"] * count, 8))
    fields += ((["-32767"] * count, 8), (["32767"] * count, 8), ([""] * count, 80), (rates, 8), ([""] * count, 32))
    head = "0".ljust(8) + "X".ljust(80) * 2 + "01.01.2601.00.00" + str(256 * (count + 1)).ljust(8) + "".ljust(44)
    head += str(SECONDS).ljust(8) + record_s.ljust(8) + str(count).ljust(4)
    head += "".join(str(each).ljust(wide) for values, wide in fields for each in values)
    body = b"".join(
        np.rint(row[second * hz : (second + 1) * hz] / 200 * 32767).astype("<i2").tobytes()
        for second in range(SECONDS)
        for row, hz in zip(data, rates, strict=True)
    )
    path.write_bytes(head.encode("latin-1") + body)
    return path, data


class TestHeader:
    def test_a_channel_of_another_rate_is_not_filled_up(self, tmp_path):
        """MNE would bring Fz and Cz to 512 Hz without a word, and their entropy with them."""
        made, data = edf(tmp_path / "a.edf", [("EEG Fz", "uV", 128), ("ECG", "uV", 512), ("EEG Cz", "uV", 128)])
        found = read(made)
        assert found.sampling_hz == 128
        assert found.names == ("EEG Fz", "EEG Cz")
        np.testing.assert_allclose(found.data[1], data[2], atol=0.01)
        assert found.left_out == (("ECG", "It has 512 samples a record, those taken 128."),)

    def test_channels_named_decide_the_rate(self, tmp_path):
        made, _ = edf(tmp_path / "a.edf", [("EEG Fz", "uV", 128), ("EEG X", "uV", 256), ("EEG Cz", "uV", 128)])
        assert read(made, channels=("EEG X",)).sampling_hz == 256
        with pytest.raises(BadInput, match="several rates"):
            read(made, channels=("EEG X", "EEG Cz"))
        with pytest.raises(BadInput, match="no channel Pz"):
            read(made, channels=("Pz",))

    @pytest.mark.parametrize(("unit", "why"), [("", "names no unit"), ("UV", "in `UV`"), ("degC", "in `degC`")])
    def test_an_unknown_unit_is_not_taken_for_volts(self, tmp_path, unit, why):
        """MNE takes what it does not know for volts: a million times too much."""
        made, _ = edf(tmp_path / "a.edf", [("Fz", "uV", 128), ("Cz", unit, 128)])
        ((name, told),) = read(made).left_out
        assert name == "Cz"
        assert why in told
        lone, _ = edf(tmp_path / "b.edf", [("Fz", unit, 128)])
        with pytest.raises(BadInput, match=why):
            read(lone)

    def test_a_unit_that_the_header_leaves_out_can_be_named(self, tmp_path):
        made, data = edf(tmp_path / "a.edf", [("Fz", "", 128), ("Cz", "", 128)])
        np.testing.assert_allclose(read(made, unit="uV").data[0], data[0], atol=0.01)
        with pytest.raises(BadInput, match="`mm`"):
            read(edf(tmp_path / "b.edf", [("Fz", "mm", 128)])[0], unit="uV")

    def test_records_without_length_have_no_rate(self, tmp_path):
        with pytest.raises(BadInput, match="records of 0 s"):
            read(edf(tmp_path / "a.edf", [("Fz", "uV", 128)], record_s="0")[0])


class TestChannels:
    def test_a_counter_is_no_channel(self):
        rng = np.random.default_rng(1)
        rows = np.array([np.arange(500.0), np.round(np.arange(500) / 256, 4), rng.normal(size=500)])
        found = recording(rows, ("sample", "time", "Fz"), sampling_hz=256)
        assert found.names == ("Fz",)
        assert all("counter" in why for _, why in found.left_out)
        drifting = rows[2:] + 2 * np.arange(500)
        assert recording(drifting, ("Fz",), sampling_hz=256).names == ("Fz",)

    def test_one_channel_beyond_any_scalp_is_named(self):
        rows = np.random.default_rng(1).normal(size=(3, 500)) * np.array([[10], [10], [1e5]])
        found = recording(rows, ("Fz", "Cz", "Pz"), sampling_hz=256)
        assert [each for each in found.words if each.startswith("Pz has a standard deviation of 1")]


class TestChoices:
    @pytest.fixture
    def table(self, tmp_path):
        rows = np.random.default_rng(2).normal(size=(1000, 2)) * 10
        text = "\n".join(f"{at / 100:.2f},{one:.4f},{other:.4f}" for at, (one, other) in enumerate(rows))
        (tmp_path / "a.csv").write_text(f"time,Fz,Cz\n{text}\n")
        return tmp_path / "a.csv"

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--resample-hz", "1e9"), "no sample is made up"),
            (("--seed", "-1", "--measures", "lz76_shuffled_mean"), "-1 is no seed"),
            (("--detail", "regions"), "None of the measures is told of regions"),
            (("--detail", "pairs", "--json"), "None of the measures is told of pairs"),
            (("--detail", ""), "No detail"),
            (("--notch", "nan"), "nan is not above zero"),
        ],
    )
    def test_what_cannot_be_is_one_sentence(self, table, words, told):
        done = CliRunner().invoke(app, ["eeg", str(table), *words])
        assert isinstance(done.exception, BadInput)
        assert told in str(done.exception)

    def test_a_limit_that_is_no_number(self):
        with pytest.raises(BadInput, match="no R2"):
            EegPlan(least_r2=float("nan"))

    def test_tapers_wider_than_the_spectrum(self, table):
        with pytest.raises(BadInput, match="smear"):
            eeg(table, plan=EegPlan(measures=("band_power_multitaper",), tapers_half_width_hz=1000.0))

    def test_a_band_narrower_than_a_frequency_has_no_power(self, table):
        """Of 10 to 10.1 Hz one bin of half a hertz would be told: five times too much."""
        found = eeg(table, plan=EegPlan(measures=("band_power_welch",), bands=(Band("thin", 10, 10.1),)))
        assert all(isinstance(each.value, Unscored) for each in found.measures)


def test_the_hash_is_of_every_part_of_a_split_file(tmp_path):
    import mne

    data = np.random.default_rng(1).normal(size=(4, 90_000)) * 1e-5
    raw = mne.io.RawArray(data, mne.create_info(["Fz", "Cz", "Pz", "Oz"], 250, "eeg"), verbose="error")
    raw.save(tmp_path / "a_raw.fif", split_size="2MB", fmt="double", verbose="error")
    parts = [tmp_path / "a_raw.fif", *sorted(tmp_path.glob("a_raw-*.fif"))]
    assert len(parts) > 1
    found = eeg(parts[0], plan=EegPlan(measures=("band_power_welch",)))
    assert found.sha256 == hashlib.sha256(b"".join(each.read_bytes() for each in parts)).hexdigest()
