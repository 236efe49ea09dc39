"""Recordings of the heart from files: BIDS physio, WFDB, EDF and tables, whole and broken."""

import gzip
import json
import shutil

import numpy as np
import pytest

from asklepion.core.errors import BadInput, ManyFaults
from asklepion.signals.heart.asked import Asked
from asklepion.signals.heart.intervals import Mark
from asklepion.signals.heart.raw import Kind, choose, kind_of
from asklepion.signals.heart.recording import read
from beating import beat_times, ecg, ppg

pytest.importorskip("sleepecg", reason="the optional library sleepecg is not installed")

SECONDS, HZ = 40.0, 250.0
AT = beat_times(SECONDS)
ECG = ecg(AT, SECONDS, HZ)
SIDECAR = {"SamplingFrequency": HZ, "StartTime": -3.5, "Columns": ["cardiac", "respiratory"]}
LEAD = {"cardiac": {"Description": "ECG, lead II", "Units": "mV"}}


def physio(folder, columns, fields, name="sub-1_task-rest_physio.tsv.gz"):
    """Write a table of BIDS and its sidecar."""
    file = folder / name
    lines = "\n".join("\t".join("n/a" if np.isnan(each) else f"{each:.5f}" for each in row) for row in columns.T)
    file.write_bytes(gzip.compress(f"{lines}\n".encode()) if name.endswith(".gz") else f"{lines}\n".encode())
    if fields is not None:
        (folder / name.replace(".gz", "").replace(".tsv", ".json")).write_text(json.dumps(fields))
    return file


def beats_of(found):
    """Return intervals in seconds, that a test may compare with those of the simulated heart."""
    return found.intervals.rr_ms / 1000


two = np.stack([ECG, np.zeros_like(ECG)])


@pytest.mark.parametrize("name", ["sub-1_task-rest_physio.tsv.gz", "sub-1_task-rest_physio.tsv"])
def test_physio_of_bids(tmp_path, name):
    found = read(physio(tmp_path, two, SIDECAR | LEAD, name))
    assert beats_of(found) == pytest.approx(np.diff(AT), abs=0.004)
    assert "It begins -3.5 s from the scan's first volume." in found.words[0]
    assert found.words[1] == "Channel cardiac is taken as an electrocardiogram; other channels: respiratory."


def test_physio_says_what_cardiac_is_or_is_told(tmp_path):
    file = physio(tmp_path, two, SIDECAR)
    with pytest.raises(BadInput, match="Nobody says whether cardiac is an ECG or a pulse wave"):
        read(file)
    assert len(read(file, Asked(signal="ecg")).intervals.rr_ms) == len(AT) - 1
    named = physio(tmp_path, two, SIDECAR, "sub-1_recording-ecg_physio.tsv.gz")
    assert len(read(named).intervals.rr_ms) == len(AT) - 1
    with pytest.raises(BadInput, match="no signal eeg"):
        read(file, Asked(signal="eeg"))


def test_physio_of_a_pulse(tmp_path):
    wave = ppg(AT, SECONDS, HZ)[None]
    fields = {"SamplingFrequency": HZ, "Columns": ["cardiac"], "cardiac": {"LongName": "Pulse oximeter"}}
    assert beats_of(read(physio(tmp_path, wave, fields))) == pytest.approx(np.diff(AT), abs=0.02)


def test_physio_of_intervals(tmp_path):
    held = np.full(len(ECG), np.nan)
    held[np.rint(AT[1:] * HZ).astype(int)] = np.diff(AT)
    fields = {"SamplingFrequency": HZ, "Columns": ["rr_interval"], "rr_interval": {"Units": "s"}}
    assert beats_of(read(physio(tmp_path, held[None], fields))) == pytest.approx(np.diff(AT), abs=1e-5)
    with pytest.raises(BadInput, match="sum to 32000 s in a recording of 40 s"):
        read(physio(tmp_path, np.full((1, 10_000), 3200.0), fields | {"rr_interval": {"Units": "ms"}}))
    with pytest.raises(BadInput, match="without Units"):
        read(physio(tmp_path, held[None], fields | {"rr_interval": {}}))


@pytest.mark.parametrize(
    ("fields", "asked", "words"),
    [
        (None, {}, "no sidecar sub-1_task-rest_physio.json"),
        ({"Columns": ["cardiac", "x"]} | LEAD, {}, "no SamplingFrequency"),
        ({"SamplingFrequency": HZ}, {}, "no Columns"),
        ({"SamplingFrequency": HZ, "Columns": ["a", "b"]}, {}, "no column cardiac.*Columns: a, b"),
        (SIDECAR, {"column": "ecg"}, "no column ecg. Columns: cardiac, respiratory"),
        (SIDECAR | {"cardiac": {"Description": "ECG", "Units": "mmHg"}}, {}, "in mmHg, which is no unit"),
        (SIDECAR | LEAD, {"sampling_hz": 500.0}, "says 250 Hz; 500 Hz was given"),
        (SIDECAR | LEAD, {"unit": "ms"}, "is a raw signal"),
        (SIDECAR | LEAD | {"SamplingFrequency": 0}, {}, "0.0 Hz is no rate"),
        (SIDECAR | LEAD | {"SamplingFrequency": 2500}, {}, "no clinical meaning"),
        (SIDECAR | LEAD, {"annotations": True}, "are of WFDB records"),
        (SIDECAR | LEAD, {"column": "respiratory", "signal": "ecg"}, "40.0 s flat"),
    ],
)
def test_physio_that_cannot_be_taken(tmp_path, fields, asked, words):
    with pytest.raises(BadInput, match=words):
        read(physio(tmp_path, two, fields), Asked(**asked))


def test_physio_that_is_cut_off_or_is_no_table(tmp_path):
    file = physio(tmp_path, two, SIDECAR | LEAD)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="cut off: its compressed stream"):
        read(file)
    file.write_bytes(b"1\t2\n")
    with pytest.raises(BadInput, match="not compressed"):
        read(file)
    file.write_bytes(gzip.compress(b"cardiac\trespiratory\n0.1\t0.2\n0.1\n"))
    with pytest.raises(ManyFaults) as caught:
        read(file)
    assert "line 1, column cardiac: `cardiac` is no number" in str(caught.value)
    file.write_bytes(gzip.compress(b""))
    with pytest.raises(BadInput, match="no samples"):
        read(file)


def table(folder, columns, heading, name="ecg.csv"):
    file = folder / name
    rows = [",".join("" if np.isnan(each) else f"{each:.5f}" for each in row) for row in np.stack(columns, 1)]
    file.write_text("\n".join([heading, *rows]) + "\n")
    return file


TIMES = np.arange(len(ECG)) / HZ


def test_tables_with_a_clock_or_a_rate(tmp_path):
    expected = pytest.approx(np.diff(AT), abs=0.004)
    assert beats_of(read(table(tmp_path, [TIMES, ECG], "time,ecg"))) == expected
    assert beats_of(read(table(tmp_path, [TIMES * 1000, ECG], "time (ms),ECG [mV]"))) == expected
    plain = table(tmp_path, [ECG, ECG], "a,b")
    assert beats_of(read(plain, Asked(channel="b", signal="ecg", sampling_hz=HZ))) == expected


def test_a_clock_that_jumps_leaves_missing_samples(tmp_path):
    kept = (TIMES < 15) | (TIMES >= 20)
    found = read(table(tmp_path, [TIMES[kept], ECG[kept]], "time,ecg"))
    assert "jumps 1 times; 5 s are missing" in " ".join(found.words)
    gap = int(found.intervals.rr_ms.argmax())
    assert found.intervals.rr_ms[gap] > 5000
    assert found.intervals.marks[gap] == Mark.SIGNAL
    assert found.intervals.ends_s[-1] == pytest.approx(AT[-1] - AT[0], abs=0.005)


def test_a_recording_that_stops_half_way_says_so(tmp_path):
    values = ECG.copy()
    values[5000:] = values[5000]
    found = read(table(tmp_path, [TIMES, values], "time,ecg"))
    assert any("s after the last beat hold no beat" in each for each in found.words)
    assert any(each.startswith("flat: 20.0") for each in found.words)


@pytest.mark.parametrize(
    ("columns", "heading", "asked", "words"),
    [
        ([ECG], "ecg", {}, "no column of time, and no rate"),
        ([TIMES, ECG], "time,ecg", {"sampling_hz": 100.0}, "says 250 Hz; 100 Hz was given"),
        ([TIMES, ECG], "time,ecg", {"channel": "V1"}, "no channel V1. Channels: ecg"),
        ([TIMES, ECG], "time,lead", {"channel": "lead"}, "Nobody says whether lead"),
        ([TIMES, ECG, ECG], "time,a,b", {"signal": "ecg"}, "No channel's name says.*Channels: a, b"),
        ([TIMES, ECG, ECG], "time,ecg,ecg", {"channel": "ecg"}, "2 channels are named ecg"),
        ([TIMES, ECG], "time,ecg (mmHg)", {}, "in mmHg, which is no unit"),
        ([TIMES[::-1], ECG], "time,ecg", {}, "does not rise"),
        ([TIMES**1.1, ECG], "time,ecg", {}, "clock is uneven"),
        ([TIMES, np.full_like(ECG, np.nan)], "time,ecg", {}, "40.0 s missing"),
    ],
)
def test_tables_that_cannot_be_taken(tmp_path, columns, heading, asked, words):
    with pytest.raises(BadInput, match=words):
        read(table(tmp_path, columns, heading), Asked(**asked))


def test_every_faulty_line_of_a_table_is_told(tmp_path):
    file = tmp_path / "ecg.csv"
    file.write_text("time,ecg\n0,1\n0.004,x\n0.008,\n0.012\n")
    with pytest.raises(ManyFaults, match="2 lines") as caught:
        read(file)
    assert [fault.line for fault in caught.value.faults] == [3, 5]


@pytest.fixture
def record(reference, tmp_path):
    pytest.importorskip("wfdb", reason="the optional library wfdb is not installed")
    for suffix in (".hea", ".dat", ".atr"):
        shutil.copy(reference(f"heart/100{suffix}"), tmp_path)
    return tmp_path / "100"


def test_a_record_by_any_of_its_names(record):
    found = [read(each) for each in (record, record.with_suffix(".hea"), record.with_suffix(".dat"))]
    assert [len(each.intervals.rr_ms) for each in found] == [2272] * 3
    assert found[0].words[:2] == (
        "Record 100: 1805.6 s at 360 Hz.",
        "Channel MLII is taken as an electrocardiogram, for it is the first by its name; other channels: V5.",
    )
    assert [each.name for each in found[0].files] == ["100.hea", "100.dat"]
    other = read(record, Asked(channel="V5"))
    assert other.words[1] == "Channel V5 is taken as an electrocardiogram; other channels: MLII."


def test_annotations_only_when_asked(record):
    found = read(record, Asked(annotations=True))
    assert found.words == ("2273 beats by 100.atr: 2239 normal, 33 atrial premature, 1 premature ventricular.",)
    assert found.intervals.marks.tolist() == read(record.with_suffix(".atr")).intervals.marks.tolist()
    assert np.count_nonzero(found.intervals.marks == Mark.VENTRICULAR) == 2


def test_records_that_cannot_be_taken(record):
    data, header = record.with_suffix(".dat"), record.with_suffix(".hea")
    whole, told = data.read_bytes(), header.read_text()
    data.write_bytes(whole[:-3000])
    with pytest.raises(BadInput, match="promises 650000 samples of each channel, it holds 649000"):
        read(record)
    data.unlink()
    with pytest.raises(BadInput, match=r"no file 100.dat, in which its header says"):
        read(record)
    data.write_bytes(whole[:-1] + bytes([whole[-1] ^ 16]))
    assert any("do not sum to the header's checksum" in each for each in read(record, Asked(channel="V5")).words)
    data.write_bytes(whole)
    header.write_text(told.replace("200 11", "200/mmHg 11", 1))
    with pytest.raises(BadInput, match="MLII is in mmHg"):
        read(record)
    header.write_text(told.replace("2 360", "2 3600"))
    with pytest.raises(BadInput, match="At 3600 Hz the median heart rate is 250 a minute"):
        read(record)
    header.write_text(told.replace("100 2", "100/2 2"))
    with pytest.raises(BadInput, match="cannot be read"):
        read(record)
    header.unlink()
    with pytest.raises(BadInput, match=r"no file 100.hea"):
        read(data)
    marks = record.with_suffix(".atr")
    marks.write_bytes(marks.read_bytes()[:3000])
    with pytest.raises(BadInput, match="its annotations have no end"):
        read(marks)
    marks.unlink()
    with pytest.raises(BadInput, match=r"no file 100.atr"):
        read(record.with_suffix(".atr"))


def edf(file, channels, hz, unit="mV"):
    """Write an EDF by its specification: a header of 256 bytes, one of 256 for each channel, records of one second."""
    names = list(channels)
    records = len(channels[names[0]]) // hz[names[0]]
    size = 256 * (len(names) + 1)
    head = f"{'0':<8}{'X':<80}{'X':<80}01.01.2500.00.00{size:<8}{'':<44}{records:<8}{1:<8}{len(names):<4}"
    fields = [
        [f"{name:<16}" for name in names],
        [f"{'':<80}"] * len(names),
        [f"{unit:<8}"] * len(names),
        [f"{-5:<8}"] * len(names),
        [f"{5:<8}"] * len(names),
        [f"{-32768:<8}"] * len(names),
        [f"{32767:<8}"] * len(names),
        [f"{'':<80}"] * len(names),
        [f"{hz[name]:<8}" for name in names],
        [f"{'':<32}"] * len(names),
    ]
    steps = {name: np.rint((one + 5) / 10 * 65535 - 32768).astype("<i2") for name, one in channels.items()}
    body = b"".join(
        steps[name][number * hz[name] : (number + 1) * hz[name]].tobytes()
        for number in range(records)
        for name in names
    )
    file.write_bytes((head + "".join("".join(each) for each in fields)).encode("ascii") + body)
    return file


def test_edf_at_the_channels_own_rate(tmp_path):
    pytest.importorskip("mne", reason="the optional library mne is not installed")
    fast = np.random.default_rng(0).normal(size=int(SECONDS) * 500)
    file = edf(tmp_path / "night.edf", {"EEG Fz": fast, "ECG": ECG}, {"EEG Fz": 500, "ECG": 250})
    found = read(file)
    assert found.words[0] == "night.edf: 40.0 s at 250 Hz."
    assert beats_of(found) == pytest.approx(np.diff(AT), abs=0.004)
    with pytest.raises(BadInput, match=r"no channel EKG\. Channels: EEG Fz, ECG"):
        read(file, Asked(channel="EKG"))
    with pytest.raises(BadInput, match="Nobody says whether EEG Fz"):
        read(file, Asked(channel="EEG Fz"))
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(BadInput, match="cut off: its header tells of 40 records, it holds 38"):
        read(file)
    with pytest.raises(BadInput, match="there is none"):
        read(tmp_path / "none.edf")


def test_what_a_channel_is_by_its_name():
    heart = ["MLII", "II", "V1", "aVR", "ECG LA-RA", "EKG", "ecg_1", "MCL1", "ML2"]
    assert [kind_of(name) for name in heart] == [Kind.ECG] * len(heart)
    assert [kind_of(name) for name in ("PLETH", "PPG_ir", "BVP")] == [Kind.PPG] * 3
    assert [kind_of(name) for name in ("RESP", "EEG Fz", "ABP", "pulse rate", "ECG HR", "Fp1", "")] == [None] * 7


def test_the_first_ecg_is_taken_before_any_pulse():
    assert choose(["PLETH", "RESP", "II", "V5"], channel=None, signal=None, where="x").place == 2
    assert choose(["PLETH", "RESP", "II"], channel=None, signal="ppg", where="x").place == 0
    assert "though its name says ecg" in choose(["II"], channel="II", signal="ppg", where="x").words
