"""MEG: magnetometers or gradiometers of a FIF, each in its own unit and never together, and what MEG has not."""

import json
import math
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Unscored
from asklepion.flows.eeg import EegPlan, eeg, plan_of
from asklepion.paper.eeg import topography
from asklepion.paper.figure import About, number
from asklepion.signals.eeg.files import read
from asklepion.signals.eeg.kinds import EEG, KINDS, MEG_GRAD, MEG_MAG
from asklepion.signals.eeg.prepare import prepare
from asklepion.signals.measure import Measure

HZ = 128
SECONDS = 20
COUNT = 10
"""Channels of each kind."""

NAMES = {kind: [f"{kind.upper()}{at:03d}" for at in range(1, COUNT + 1)] for kind in ("mag", "grad", "eeg")}
IN_SI = {"mag": 1e-15, "grad": 1e-13, "eeg": 1e-6}
"""1 fT in T, 1 fT/cm in T/m, 1 uV in V."""


def values(kind, *, seed=5):
    """Return white noise of 100 fT, 50 fT/cm or 10 uV, in the unit of the kind, another for each kind."""
    spread = {"mag": 100.0, "grad": 50.0, "eeg": 10.0}[kind]
    own = seed + ("mag", "grad", "eeg").index(kind)
    return np.random.default_rng(own).normal(size=(COUNT, HZ * SECONDS)) * spread


def fif(folder, *kinds, placed=False, coil=None, bads=(), scale=1.0):
    """Write a FIF with channels of these kinds; gradiometers are placed two by two where `placed`."""
    import mne

    made = mne.create_info([n for k in kinds for n in NAMES[k]], HZ, [k for k in kinds for _ in NAMES[k]])
    for at, channel in enumerate(made["chs"]):
        if placed:
            place = at // 2 if "GRAD" in channel["ch_name"] else at
            angle = 2 * math.pi * place / COUNT
            channel["loc"][:] = 0
            channel["loc"][:3] = 0.09 * np.cos(angle), 0.09 * np.sin(angle), 0.04 + 0.002 * place
        if coil and channel["ch_name"] in coil:
            channel["coil_type"] = mne._fiff.constants.FIFF[coil[channel["ch_name"]]]
    raw = mne.io.RawArray(np.vstack([values(k) * IN_SI[k] * scale for k in kinds]), made, verbose="error")
    raw.info["bads"] = list(bads)
    path = folder / "a_raw.fif"
    raw.save(path, verbose="error", fmt="double")
    return path


def by(told, name, of=""):
    (one,) = [each for each in told if each.name == name and each.of == of]
    return one


class TestReading:
    @pytest.mark.parametrize("name", list(KINDS))
    def test_each_kind_alone_and_in_its_unit(self, name, tmp_path):
        kind = KINDS[name]
        found = read(fif(tmp_path, "mag", "grad", "eeg"), kind=kind)
        assert found.kind == kind
        assert list(found.names) == NAMES[kind.mne]
        np.testing.assert_allclose(found.data, values(kind.mne), rtol=1e-9)
        assert not [words for words in found.words if "deviation" in words]

    def test_what_is_of_another_kind_is_told(self, tmp_path):
        found = eeg(fif(tmp_path, "mag", "grad", "eeg"), plan=EegPlan(kind="meg-mag"))
        told = "\n".join(found.recording_words)
        assert "Left out 10 channels from GRAD001 to GRAD010: Its kind is grad. `--kind meg-grad` reads it." in told
        assert "Left out 10 channels from EEG001 to EEG010: Its kind is eeg. `--kind eeg` reads it." in told
        assert {each.of for each in found.measures} == {"", *NAMES["mag"]}

    def test_a_kind_that_the_file_has_not(self, tmp_path):
        made = fif(tmp_path, "mag", "grad")
        with pytest.raises(BadInput, match="no EEG channel, only grad, mag") as caught:
            read(made)
        assert caught.value.remedy.startswith("Ask for --kind meg-mag or --kind meg-grad. Channels: MAG001")
        made.unlink()
        with pytest.raises(BadInput, match="no gradiometer channel, only eeg"):
            read(fif(tmp_path, "eeg"), kind=MEG_GRAD)

    def test_channels_that_are_named_are_of_the_kind(self, tmp_path):
        made = fif(tmp_path, "mag", "grad", "eeg", bads=("MAG002",))
        assert read(made, kind=MEG_MAG, channels=("MAG001", "MAG003")).names == ("MAG001", "MAG003")
        assert ("MAG002", "The file marks it as bad.") in read(made, kind=MEG_MAG).left_out
        with pytest.raises(BadInput, match="GRAD001 is no magnetometer: Its kind is grad"):
            read(made, kind=MEG_MAG, channels=("MAG001", "GRAD001"))
        with pytest.raises(BadInput, match="MAG001 is not in volts"):
            read(made, channels=("EEG001", "MAG001"))

    def test_axial_gradiometers_are_no_magnetometers(self, tmp_path):
        """MNE counts the axial gradiometers of CTF and KIT among magnetometers, for their unit is T."""
        some = fif(tmp_path, "mag", coil={"MAG002": "FIFFV_COIL_CTF_GRAD"})
        with pytest.raises(BadInput, match="1 of its 10 channels in T are axial gradiometers, as MAG002"):
            read(some, kind=MEG_MAG)
        assert read(some, kind=MEG_MAG, channels=("MAG002",)).names == ("MAG002",)
        some.unlink()
        every = read(fif(tmp_path, "mag", coil=dict.fromkeys(NAMES["mag"], "FIFFV_COIL_KIT_GRAD")), kind=MEG_MAG)
        assert any("10 sensors in T are axial gradiometers" in words for words in every.words)

    @pytest.mark.parametrize(("kind", "scale"), [("mag", 1e12), ("mag", 1e-4), ("grad", 1e12), ("grad", 1e-4)])
    def test_amplitudes_that_no_head_has(self, kind, scale, tmp_path):
        sensors = MEG_MAG if kind == "mag" else MEG_GRAD
        (told,) = [each for each in read(fif(tmp_path, kind, scale=scale), kind=sensors).words if "deviation" in each]
        assert f"no {sensors.words}s near a head, which lie between {sensors.least:g} and" in told
        assert sensors.unit in told

    def test_a_table_has_no_meg(self, tmp_path):
        (tmp_path / "a.csv").write_text("time,a\n0,1\n1,2\n")
        with pytest.raises(BadInput, match="no magnetometers are read from it"):
            read(tmp_path / "a.csv", kind=MEG_MAG)

    def test_projections_are_told_and_not_applied(self, tmp_path):
        import mne

        made = fif(tmp_path, "mag")
        raw = mne.io.read_raw_fif(made, preload=True, verbose="error")
        raw.add_proj(mne.compute_proj_raw(raw, n_mag=1, n_grad=0, n_eeg=0, verbose="error"), verbose="error")
        raw.save(made, overwrite=True, fmt="double", verbose="error")
        found = read(made, kind=MEG_MAG)
        assert any(words.startswith("1 projections of the file are not applied: ") for words in found.words)
        np.testing.assert_allclose(found.data, values("mag"), rtol=1e-9)


class TestMeasures:
    @pytest.mark.parametrize(("name", "unit"), [("meg-mag", "fT2"), ("meg-grad", "fT2/cm2"), ("eeg", "uV2")])
    def test_power_is_in_the_unit_of_the_kind(self, name, unit, tmp_path):
        """White noise of variance v has v x width / (half the rate) in a band."""
        kind = KINDS[name]
        found = eeg(fif(tmp_path, "mag", "grad", "eeg"), plan=EegPlan(kind=name))
        power = by(found.measures, "band_power_welch_beta")
        assert power.unit == unit
        assert power.value == pytest.approx(values(kind.mne).var() * 17 / (HZ / 2), rel=0.05)
        assert dict(power.parameters)["kind"] == name
        assert dict(power.parameters)["reference"] == ("as recorded" if kind == EEG else "none")

    def test_what_has_no_unit_is_as_of_eeg(self, tmp_path):
        """The same numbers in another unit: complexity, entropy, shares, exponent and phase lag do not change."""
        names = ("lz76_log_median", "lzc_schartner", "sample_entropy_m2", "permutation_entropy_o3_d1")
        names += ("relative_band_power_welch", "aperiodic_exponent_fixed_welch", "wpli2_debiased")
        as_eeg = {"detail": ("whole",), "measures": names}
        made = fif(tmp_path, "mag")
        magnetic = eeg(made, plan=EegPlan(kind="meg-mag", **as_eeg)).measures
        import mne

        made.unlink()
        info = mne.create_info(NAMES["eeg"], HZ, "eeg")
        mne.io.RawArray(values("mag") * 1e-6, info, verbose="error").save(made, fmt="double", verbose="error")
        electric = eeg(made, plan=EegPlan(**as_eeg)).measures
        assert [each.name for each in magnetic] == [each.name for each in electric]
        for one, other in zip(magnetic, electric, strict=True):
            assert not isinstance(one.value, Unscored)
            assert one.value == pytest.approx(other.value, rel=1e-9)
            assert one.unit == other.unit

    def test_rejection_is_in_the_unit_of_the_kind(self, tmp_path):
        found = read(fif(tmp_path, "mag"), kind=MEG_MAG)
        found.data[3, 300] = 5000.0
        ready = prepare(found, EegPlan(kind="meg-mag", reject_ft=2000))
        assert ready.numbers == (1, 3, 4, 5, 6, 7, 8, 9, 10)
        assert "1 of 10 epochs exceed 2000 fT peak to peak, and are left out." in ready.words
        assert dict(ready.parameters)["reject_ft"] == 2000
        assert "reject_uv" not in dict(ready.parameters)
        with pytest.raises(BadInput, match="The recording is of meg-mag, the plan of eeg"):
            prepare(found, EegPlan())


class TestPlan:
    @pytest.mark.parametrize(
        ("choices", "told"),
        [
            ({"kind": "meg"}, "There is no kind meg"),
            ({"kind": "meg-mag", "reference": "average"}, "A reference is of electric potential"),
            ({"kind": "meg-grad", "reference": "MEG0113"}, "A reference is of electric potential"),
            ({"kind": "meg-mag", "regions": "10-20"}, "names places of electrodes"),
            ({"kind": "meg-mag", "unit": "uV"}, "unit of electric potential"),
            ({"kind": "meg-mag", "reject_uv": 100}, "reject_uv is of eeg, and the kind is meg-mag"),
            ({"kind": "meg-grad", "reject_ft": 100}, "reject_ft is of meg-mag, and the kind is meg-grad"),
            ({"reject_ft": 100}, "reject_ft is of meg-mag, and the kind is eeg"),
            ({"kind": "meg-grad", "reject_ft_per_cm": -1}, "not above zero"),
        ],
    )
    def test_choices_that_do_not_go_together(self, choices, told):
        with pytest.raises(BadInput, match=re.escape(told)):
            plan_of(choices, where="plan.yaml")

    def test_regions_of_the_users_own(self, tmp_path):
        regions = {"left": tuple(NAMES["mag"][:5])}
        found = eeg(fif(tmp_path, "mag"), plan=EegPlan(kind="meg-mag", regions=regions))
        assert by(found.measures, "band_power_welch_alpha", "region left").unit == "fT2"

    def test_a_cohort_takes_none(self, tmp_path):
        from asklepion.flows.recordings.plan import read as read_cohort

        file = tmp_path / "plan.yaml"
        file.write_text("name: a\neeg:\n  settings:\n    kind: meg-mag\n")
        with pytest.raises(ManyFaults, match="A cohort takes EEG only"):
            read_cohort(file)


class TestPositions:
    def test_magnetometers_lie_where_the_file_has_them(self, tmp_path):
        found = eeg(fif(tmp_path, "mag", placed=True), plan=EegPlan(kind="meg-mag"))
        assert [name for name, _ in found.positions] == NAMES["mag"]
        right, front = dict(found.positions)["MAG001"]
        assert right > 0.5
        assert abs(front) < 0.3
        assert found.recording_words[-1] == "Positions of sensors are those of the file."

    @pytest.mark.parametrize(
        ("kind", "placed", "told"), [("grad", True, "several lie at one place"), ("mag", False, "fewer than 8")]
    )
    def test_sensors_that_are_not_drawn(self, kind, placed, told, tmp_path):
        found = eeg(fif(tmp_path, kind, placed=placed), plan=EegPlan(kind=f"meg-{kind}"))
        assert found.positions == ()
        assert told in found.recording_words[-1]


class TestCommand:
    def run(self, *words):
        return CliRunner().invoke(app, ["eeg", *(str(word) for word in words)])

    def test_kind_reject_and_picture(self, tmp_path):
        made = fif(tmp_path, "mag", "grad", placed=True)
        drawn = tmp_path / "head.svg"
        told = self.run(made, "--kind", "meg-mag", "--reject", "2000", "--json", "--picture", drawn)
        assert told.exit_code == 0, told.output
        first = json.loads(told.output)["measures"][0]
        assert first["unit"] == "fT2"
        assert first["parameters"]["reject_ft"] == 2000
        assert "10 sensors" in drawn.read_text()
        text = self.run(made, "--kind", "meg-grad", "--detail", "whole")
        assert "Of all: kind meg-grad, reference none" in text.output
        assert "reject_ft_per_cm none" in text.output
        plan = tmp_path / "plan.yaml"
        plan.write_text("kind: meg-grad\ndetail: [whole]\n")
        assert "0 of 10 epochs exceed 10000 fT/cm" in self.run(made, "--plan", plan, "--reject", "10000").output

    def test_a_picture_without_positions(self, tmp_path):
        made = fif(tmp_path, "grad", placed=True)
        result = self.run(made, "--kind", "meg-grad", "--picture", tmp_path / "head.svg")
        assert isinstance(result.exception, BadInput)
        assert "several lie at one place" in str(result.exception)
        assert not (tmp_path / "head.svg").exists()


class TestPicture:
    @pytest.mark.parametrize(("factor", "drawn"), [(1, True), (1e6, False)])
    def test_long_numbers_do_not_lie_over_each_other(self, factor, drawn):
        """Power in fT2 has six digits, for which 30 sensors leave no room; they stay under the pointer."""
        places = {f"M{at}": (at % 6 / 6 - 0.4, at // 6 / 6 - 0.3) for at in range(30)}
        told = [Measure(name="a", value=factor * (0.1 + at / 40), unit="fT2", n=1, of=f"M{at}") for at in range(30)]
        svg = topography(told, places, About(id="a", title="a", unit="fT2"))
        last = number(told[-1].value, 2 if drawn else 0)
        assert svg.count(f">{last}</text>") == 1 + drawn  # one of the scale
        assert f"M29: {last}" in svg
        assert ("numbers are told where a pointer rests" in svg) != drawn
