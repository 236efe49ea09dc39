"""EEG files as they come: written by other programs and by hand, whole and broken; the command as its user sees it."""

import hashlib
import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Unscored
from asklepion.flows.eeg import EegPlan, eeg, plan_of, read_plan, read_regions
from asklepion.paper.eeg import of_channels, topography, topography_csv
from asklepion.paper.figure import About
from asklepion.signals.eeg.files import read
from asklepion.signals.measure import Measure

NAMES = ("Fz", "Cz", "Pz", "O1")
HZ = 128


def microvolts(samples=10 * HZ):
    return np.random.default_rng(11).normal(size=(len(NAMES), samples)) * 12


def edf(path, data, *, bytes_each=2):
    """Write EDF (or BDF with 3 bytes a sample): records of a second, +-200 uV over the whole range of numbers."""
    top = 2 ** (8 * bytes_each - 1) - 1
    count, seconds = len(data), data.shape[1] // HZ
    fields = [
        [name.ljust(16) for name in NAMES],
        ["".ljust(80)] * count,
        ["uV".ljust(8)] * count,
        ["-200".ljust(8)] * count,
        ["200".ljust(8)] * count,
        [str(-top).ljust(8)] * count,
        [str(top).ljust(8)] * count,
        ["".ljust(80)] * count,
        [str(HZ).ljust(8)] * count,
        ["".ljust(32)] * count,
    ]
    head = ("0" if bytes_each == 2 else "\xffBIOSEMI").ljust(8) + "X".ljust(80) * 2 + "01.01.2601.00.00"
    head += str(256 * (count + 1)).ljust(8) + "".ljust(44) + str(seconds).ljust(8) + "1".ljust(8) + str(count).ljust(4)
    numbers = np.rint(data[:, : seconds * HZ] / 200 * top).astype("<i4")
    records = numbers.reshape(count, seconds, HZ).transpose(1, 0, 2).ravel()
    raw = records.view(np.uint8).reshape(-1, 4)[:, :bytes_each].tobytes()
    path.write_bytes((head + "".join("".join(each) for each in fields)).encode("latin-1") + raw)
    return path


def brainvision(folder, data):
    """Write the three files of BrainVision, IEEE 32-bit, microvolt, with a mark."""
    channels = "".join(f"Ch{at}={name},,1,uV\n" for at, name in enumerate(NAMES, 1))
    (folder / "a.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\n"
        f"MarkerFile=a.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels={len(NAMES)}\n"
        f"SamplingInterval={1e6 / HZ}\n[Binary Infos]\nBinaryFormat=IEEE_FLOAT_32\n[Channel Infos]\n{channels}"
    )
    (folder / "a.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\nDataFile=a.eeg\n[Marker Infos]\n"
        "Mk1=New Segment,,1,1,0\nMk2=Stimulus,S  1,257,1,0\n"
    )
    (folder / "a.eeg").write_bytes(data.T.astype("<f4").tobytes())
    return folder / "a.vhdr"


def eeglab(path, data):
    from scipy.io import savemat

    place = {"labels": "", "theta": 0.0, "radius": 0.0, "X": 0.0, "Y": 0.0, "Z": 0.0}
    told = {
        "setname": "a",
        "nbchan": len(NAMES),
        "trials": 1,
        "pnts": data.shape[1],
        "srate": float(HZ),
        "xmin": 0.0,
        "xmax": data.shape[1] / HZ,
        "data": data,
        "chanlocs": np.array([{**place, "labels": name} for name in NAMES]),
        "event": [],
        "icawinv": [],
        "icasphere": [],
        "icaweights": [],
        "ref": "common",
        "chaninfo": {"plotrad": 0.5},
    }
    savemat(path, {"EEG": told}, appendmat=False)
    return path


def fif(path, data):
    import mne

    made = mne.io.RawArray(data / 1e6, mne.create_info(list(NAMES), HZ, "eeg"), verbose="error")
    made.info["bads"] = ["Pz"]
    made.save(path, verbose="error")
    return path


def table(path, data, *, time=True, heading=None):
    columns = (("time", *NAMES) if time else NAMES) if heading is None else heading
    at = np.arange(data.shape[1]) / HZ
    rows = np.column_stack([at, data.T]) if time else data.T
    path.write_text("\n".join([",".join(columns), *(",".join(repr(float(x)) for x in row) for row in rows)]) + "\n")
    return path


class TestFormats:
    @pytest.mark.parametrize("kind", ["edf", "bdf", "vhdr", "set", "fif", "csv"])
    def test_each_gives_the_same_microvolts(self, kind, tmp_path):
        data = microvolts()
        made = {
            "edf": lambda: edf(tmp_path / "a.edf", data),
            "bdf": lambda: edf(tmp_path / "a.bdf", data, bytes_each=3),
            "vhdr": lambda: brainvision(tmp_path, data),
            "set": lambda: eeglab(tmp_path / "a.set", data),
            "fif": lambda: fif(tmp_path / "a_raw.fif", data),
            "csv": lambda: table(tmp_path / "a.csv", data),
        }[kind]()
        found = read(made)
        assert found.sampling_hz == HZ
        kept = [0, 1, 3] if kind == "fif" else [0, 1, 2, 3]
        assert found.names == tuple(NAMES[at] for at in kept)
        near = {"edf": 400 / 2**16, "bdf": 1e-4}.get(kind, 1e-5)
        np.testing.assert_allclose(found.data, data[kept], atol=near)
        if kind == "fif":
            assert found.left_out == (("Pz", "The file marks it as bad."),)
        if kind == "vhdr":
            assert any(each.words == "Stimulus/S  1" and each.onset_s == 2 for each in found.annotations)

    @pytest.mark.parametrize("size", [3, 2])
    def test_a_file_that_is_cut_off(self, size, tmp_path):
        whole = edf(tmp_path / ("a.bdf" if size == 3 else "a.edf"), microvolts(), bytes_each=size)
        whole.write_bytes(whole.read_bytes()[:-700])
        with pytest.raises(BadInput, match="cut off: its header tells of 10 records, it holds 9"):
            read(whole)
        whole.write_bytes(whole.read_bytes()[:300])
        with pytest.raises(BadInput, match="header"):
            read(whole)

    def test_the_hash_is_of_every_file_of_a_recording(self, tmp_path):
        header = brainvision(tmp_path, microvolts())
        found = eeg(header)
        every = b"".join((tmp_path / name).read_bytes() for name in ("a.vhdr", "a.eeg", "a.vmrk"))
        assert found.sha256 == hashlib.sha256(every).hexdigest()
        assert "SHA-256 is of a.vhdr, a.eeg, a.vmrk, one after the other." in found.recording_words

    def test_a_brainvision_file_that_is_cut_off(self, tmp_path):
        header = brainvision(tmp_path, microvolts())
        data = tmp_path / "a.eeg"
        data.write_bytes(data.read_bytes()[:-3])
        with pytest.raises(BadInput, match="ends within a sample, after 1279"):
            read(header)
        data.write_bytes(data.read_bytes()[:-13])
        assert read(header).data.shape[1] == 1279
        told = header.read_text().replace("[Common Infos]", "[Common Infos]\nDataPoints=1280")
        header.write_text(told)
        with pytest.raises(BadInput, match="tells of 1280 samples, it holds 1279"):
            read(header)

    def test_records_with_gaps_are_not_closed(self, tmp_path):
        made = edf(tmp_path / "a.edf", microvolts())
        raw = bytearray(made.read_bytes())
        raw[192:197] = b"EDF+D"
        made.write_bytes(raw)
        with pytest.raises(BadInput, match="gaps"):
            read(made)

    @pytest.mark.parametrize("name", ["a.set", "a_raw.fif", "a.vhdr", "a.edf"])
    def test_a_file_of_another_kind(self, name, tmp_path):
        (tmp_path / name).write_bytes(b"this is no recording" * 40)
        with pytest.raises(BadInput) as caught:
            read(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert caught.value.remedy

    def test_what_is_not_there_and_not_known(self, tmp_path):
        with pytest.raises(BadInput, match="no kind of file"):
            read(tmp_path / "a.docx")
        with pytest.raises(BadInput, match="there is none"):
            read(tmp_path / "a.edf")

    def test_a_rate_that_the_file_contradicts(self, tmp_path):
        made = edf(tmp_path / "a.edf", microvolts())
        assert read(made, sampling_hz=HZ).sampling_hz == HZ
        with pytest.raises(BadInput, match="says 128 Hz, the plan 250"):
            read(made, sampling_hz=250)


class TestText:
    def test_rate_and_unit(self, tmp_path):
        made = table(tmp_path / "a.csv", microvolts() / 1000, time=False)
        with pytest.raises(BadInput, match="no rate was given"):
            read(made)
        found = read(made, sampling_hz=HZ, unit="mV")
        np.testing.assert_allclose(found.data, microvolts(), rtol=1e-12)
        with pytest.raises(BadInput, match="look like volts"):
            read(table(tmp_path / "b.csv", microvolts() / 1e6))

    def test_every_faulty_line_is_told(self, tmp_path):
        made = table(tmp_path / "a.csv", microvolts())
        lines = made.read_text().splitlines()
        lines[3], lines[9], lines[-1] = lines[3].replace("-", "x"), lines[9] + ",1", lines[-1][:20]
        made.write_text("\n".join(lines))
        with pytest.raises(ManyFaults) as caught:
            read(made)
        told = str(caught.value)
        assert "line 4" in told
        assert "line 10" in told
        assert f"line {len(lines)}" in told

    def test_a_last_line_without_an_end_is_said(self, tmp_path):
        made = table(tmp_path / "a.csv", microvolts())
        assert not any("cut off" in words for words in read(made).words)
        made.write_text(made.read_text()[:-4])
        assert any("cut off" in words for words in read(made).words)

    def test_a_jump_of_the_clock_parts_epochs(self, tmp_path):
        made = table(tmp_path / "a.csv", microvolts())
        lines = made.read_text().splitlines()
        made.write_text("\n".join(lines[:601] + lines[701:]))
        found = eeg(made, plan=EegPlan(epoch_s=1))
        told = " ".join(found.recording_words)
        assert "jumps 1 times over 0.781 s" in told
        assert "1 of 9 epochs touch" in told
        made.write_text("\n".join([*lines[:100], lines[50], *lines[100:]]))
        with pytest.raises(BadInput, match=r"does not rise .* \(line 101\)"):
            read(made)

    def test_empty_cells_and_headings(self, tmp_path):
        made = table(tmp_path / "a.csv", microvolts())
        lines = made.read_text().splitlines()
        cells = lines[5].split(",")
        cells[2] = ""
        lines[5] = ",".join(cells)
        made.write_text("\n".join(lines))
        assert read(made).left_out == (("Cz", "1 of its 1280 samples are no numbers; nothing is filled in."),)
        made.write_text("\n".join(lines[1:5]))
        with pytest.raises(BadInput, match="no heading"):
            read(made)
        made.write_text("time,Fz\n")
        with pytest.raises(BadInput, match="no samples"):
            read(made)


class TestPlanFiles:
    def test_a_plan_in_yaml(self, tmp_path):
        file = tmp_path / "plan.yaml"
        file.write_text(
            "epoch_s: 4\nband_pass_hz: [1, 40]\nmeasures: [lz76_log_median]\n"
            "bands: [{name: alpha, low_hz: 8, high_hz: 12}]\nregions: {front: [Fz]}\n"
        )
        plan = plan_of(read_plan(file), where="plan.yaml")
        assert plan.band_pass_hz == (1, 40)
        assert plan.bands[0].high_hz == 12
        assert plan.regions == {"front": ("Fz",)}

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("epochs: 4", "no choice epochs"),
            ("epoch_s: long", "epoch_s"),
            ("epoch_s: -1", "not above zero"),
            ("measures: [lz]", "no measure lz"),
            ("- 4", "no choices"),
            ("a: [", "cannot be read"),
        ],
    )
    def test_a_plan_that_cannot_be_taken(self, text, told, tmp_path):
        file = tmp_path / "plan.yaml"
        file.write_text(text)
        with pytest.raises(BadInput, match=told):
            plan_of(read_plan(file), where="plan.yaml")

    def test_regions(self, tmp_path):
        file = tmp_path / "regions.csv"
        file.write_text("channel,region\nFz,front\nCz,middle\nF3,front\n")
        assert read_regions(file) == {"front": ("Fz", "F3"), "middle": ("Cz",)}
        file.write_text("channel,region\nFz,front\nFz,middle\n")
        with pytest.raises(BadInput, match="two regions"):
            read_regions(file)
        file.write_text("a,b\n1,2\n")
        with pytest.raises(BadInput, match="Columns"):
            read_regions(file)
        yaml = tmp_path / "regions.yaml"
        yaml.write_text("front: [Fz, F3]\n")
        assert read_regions(yaml) == {"front": ("Fz", "F3")}
        yaml.write_text("front: Fz\n")
        with pytest.raises(BadInput, match="list of channels"):
            read_regions(yaml)


class TestCommand:
    def run(self, *words):
        return CliRunner().invoke(app, ["eeg", *(str(word) for word in words)])

    def test_text_json_and_picture(self, tmp_path):
        made = edf(tmp_path / "a.edf", microvolts())
        text = self.run(made, "--measures", "lzc_schartner,lz76_log_median", "--regions", "10-20", "--epoch", "5")
        assert text.exit_code == 1  # a region of one channel has no LZc
        assert "lz76_log_median  whole" in text.output
        assert "epoch_s 5" in text.output
        assert "seed 1" in text.output
        drawn = tmp_path / "out.svg"
        words = ("--measures", "aperiodic_exponent_fixed_welch,lzs_schartner", "--picture", drawn, "--json")
        told = self.run(made, *words, "--picture-of", "lzs_schartner", "--reference", "average")
        assert told.exit_code == 0, told.output
        found = json.loads(told.output)
        assert {each.get("of", "") for each in found["measures"]} == {"", *NAMES}
        assert found["measures"][0]["parameters"]["reference"] == "average of 4 channels"
        assert len(found["sha256"]) == 64
        assert "lzs_schartner, a.edf" in drawn.read_text()
        assert self.run("--measures", "list").output.split()[0] == "band_power_welch"

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--measures", "lempel_ziv"), "no measure lempel_ziv"),
            (("--band-pass", "1"), "no range"),
            (("--notch", "fifty"), "no list"),
            (("--bands", "alpha"), "no range"),
            (("--band-pass", "1-100"), "half of the sampling rate"),
            (("--channels", "Oz"), "no channel Oz"),
            (("--picture", "x.svg", "--picture-of", "mean"), "no measure mean"),
            (("--plan", "none.yaml"), "cannot be read"),
        ],
    )
    def test_misuse(self, words, told, tmp_path):
        result = self.run(edf(tmp_path / "a.edf", microvolts()), *words)
        assert isinstance(result.exception, BadInput)
        assert told in str(result.exception)


class TestPicture:
    positions = {"Fz": (0.0, 0.5), "Cz": (0.0, 0.0), "O1": (-0.3, -0.95)}
    measures = (
        Measure(name="lzs", value=0.5, unit="1", n=3, of="Cz"),
        Measure(name="lzs", value=0.7, unit="1", n=3, of="O1"),
        Measure(name="lzs", value=Unscored("It is flat."), unit="1", n=0, of="Fz"),
        Measure(name="lzs", value=0.6, unit="1", n=3),
    )

    def test_each_electrode_has_its_number_and_nothing_is_between(self):
        shown = of_channels(self.measures, self.positions)
        drawn = topography(shown, self.positions, About(id="t", title="LZs", unit="1"))
        assert drawn.count('class="af"') == 2 + 3  # two electrodes, three discs of the legend
        assert "hol a dash" in drawn
        assert "Fz none" in drawn
        assert "Cz 0.50, O1 0.70" in drawn
        assert "gradient" not in drawn.lower()
        high, middle, low = (
            float(re.search(rf'cy="([\d.]+)"[^>]*><title>{name}:', drawn)[1]) for name in self.positions
        )
        assert high < middle < low
        csv = topography_csv(shown, self.positions).splitlines()
        assert csv[1].startswith("lzs,Cz,0.0000,0.0000,0.5")
        assert csv[3].endswith("It is flat.")

    @pytest.mark.parametrize(("across", "named", "numbered"), [(4, True, True), (9, False, True), (16, False, False)])
    def test_what_has_no_room_is_told_in_the_description(self, across, named, numbered):
        at = np.linspace(-0.7, 0.7, across)
        places = {f"E{x}.{y}": (at[x], at[y]) for x in range(across) for y in range(across)}
        told = tuple(
            Measure(name="a", value=0.25 + at * 1e-9, unit="1", n=1, of=name) for at, name in enumerate(places)
        )
        drawn = topography(told, places, About(id="t", title="A", unit="1"))
        assert ('middle">E1.1</text>' in drawn) == named
        assert (drawn.count(">0.25</text>") > 3) == numbered
        assert "E1.1 0.25" in drawn

    def test_nothing_to_draw(self):
        with pytest.raises(BadInput, match="No electrode"):
            of_channels(self.measures, {})
        with pytest.raises(BadInput, match="no measure wpli"):
            of_channels(self.measures, self.positions, name="wpli")

    def test_all_equal_or_none(self):
        same = tuple(Measure(name="a", value=1.0, unit="1", n=1, of=name) for name in self.positions)
        assert topography(same, self.positions, About(id="t", title="A", unit="1")).count("1.00") >= 3
        none = tuple(Measure(name="a", value=Unscored("Why."), unit="1", n=0, of=name) for name in self.positions)
        assert "none" in topography(none, self.positions, About(id="t", title="A", unit="1"))
