"""BIDS data sets for tests: a tiny simulated one that any machine makes, and one of the real reference recordings."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

NETWORKS = ("visual", "visual", "visual", "dmn", "dmn", "dmn", "motor", "motor")
EEG_NAMES = ("Fz", "Cz", "Pz", "O1", "O2")
PLAN = """\
name: A small example
bold:
  labels: labels.tsv
  seeds: 2
  baseline: {ses: before}
  shown: [mean_connectivity_z_*]
eeg:
  baseline: {ses: before}
  settings:
    epoch_s: 2.0
    measures: [relative_band_power_welch]
    detail: [whole, channels]
groups:
  column: group
  order: [control, active]
compare:
  by: group
  levels: [control, active]
"""


def described(root: Path, **more: object) -> None:
    """Write what a data set says of itself."""
    root.mkdir(parents=True, exist_ok=True)
    fields = {"Name": "Recordings of a test", "BIDSVersion": "1.11.1", "License": "CC0", **more}
    (root / "dataset_description.json").write_text(json.dumps(fields))
    (root / "README.md").write_text("Recordings that a test made. Nobody in them is a patient of this project.\n" * 4)


def place(root: Path, person: str, session: str, *, kind: str, rest: str) -> Path:
    """Return the path of a recording, its folder made."""
    folder = root / f"sub-{person}" / f"ses-{session}" / kind
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"sub-{person}_ses-{session}_{rest}"


def write_bold(
    root: Path, values: np.ndarray, *, where: Sequence[str], repetition_s: float, names: Sequence[str]
) -> None:
    """Write parcels over time as XCP-D writes them: `where` is person, session and the entities after them."""
    person, session, entities = where
    file = place(root, person, session, kind="func", rest=f"{entities}_seg-test_stat-mean_timeseries.tsv")
    lines = ["\t".join(names), *("\t".join(f"{each:.6f}" for each in row) for row in values)]
    file.write_text("\n".join(lines) + "\n")
    file.with_suffix(".json").write_text(json.dumps({"RepetitionTime": repetition_s}))


def write_eeg(root: Path, values_uv: np.ndarray, *, where: Sequence[str], rate_hz: float, names: Sequence[str]) -> None:
    """Write channels x samples as BrainVision files, with the sidecars that BIDS wants of them."""
    person, session, entities = where
    header = place(root, person, session, kind="eeg", rest=f"{entities}_eeg.vhdr")
    data, marks = header.with_suffix(".eeg"), header.with_suffix(".vmrk")
    channels = "\n".join(f"Ch{number}={name},,1,µV" for number, name in enumerate(names, 1))
    header.write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={data.name}\nMarkerFile={marks.name}\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
        f"NumberOfChannels={len(names)}\nSamplingInterval={1e6 / rate_hz:g}\n"
        f"[Binary Infos]\nBinaryFormat=IEEE_FLOAT_32\n[Channel Infos]\n{channels}\n"
    )
    marks.write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={data.name}\n[Marker Infos]\nMk1=New Segment,,1,1,0,20260101000000000000\n"
    )
    data.write_bytes(np.ascontiguousarray(values_uv.T, dtype="<f4").tobytes())
    wanted = {
        "TaskName": "rest",
        "EEGReference": "n/a",
        "SamplingFrequency": rate_hz,
        "PowerLineFrequency": 50,
        "SoftwareFilters": "n/a",
        "RecordingType": "continuous",
    }
    header.with_suffix(".json").write_text(json.dumps(wanted))
    rows = "".join(f"{name}\tEEG\tuV\tgood\n" for name in names)
    listed = header.with_name(header.name.replace("_eeg.vhdr", "_channels.tsv"))
    listed.write_text("name\ttype\tunits\tstatus\n" + rows)


def write_ecg(root: Path, values_mv: np.ndarray, *, where: Sequence[str], rate_hz: float) -> None:
    """Write an ECG as BIDS keeps what is recorded beside a task."""
    person, session, entities = where
    file = place(root, person, session, kind="beh", rest=f"{entities}_recording-ecg_physio.tsv.gz")
    text = "".join(f"{each:.4f}\n" for each in values_mv)
    file.write_bytes(gzip.compress(text.encode(), mtime=0))
    fields = {
        "SamplingFrequency": rate_hz,
        "StartTime": 0,
        "Columns": ["cardiac"],
        "cardiac": {"Description": "ECG, lead II", "Units": "mV"},
    }
    file.with_name(file.name.replace(".tsv.gz", ".json")).write_text(json.dumps(fields))


def bold(seed: int, *, coupling: float = 0.6, volumes: int = 80) -> np.ndarray:
    """Return volumes x parcels in which parcels of a network move together."""
    rng = np.random.default_rng(seed)
    common = {name: rng.normal(size=volumes) for name in sorted(set(NETWORKS))}
    return np.column_stack([coupling * common[name] + rng.normal(size=volumes) for name in NETWORKS])


def eeg(seed: int, *, rate_hz: float = 128.0, seconds: float = 12.0) -> np.ndarray:
    """Return channels x samples in microvolts: noise and a rhythm of 10 Hz that is stronger at the back."""
    rng = np.random.default_rng(seed)
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    strength = np.linspace(2, 12, len(EEG_NAMES))[:, None]
    return strength * np.sin(2 * np.pi * 10 * at + rng.uniform(0, 6)) + rng.normal(size=(len(EEG_NAMES), len(at))) * 6


def ecg(seed: int, *, rate_hz: float = 250.0, seconds: float = 130.0) -> np.ndarray:
    """Return an ECG-like trace in millivolts: a narrow peak every 0.8 s or so, with respiration in its rhythm."""
    rng = np.random.default_rng(seed)
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    beats = np.cumsum(
        0.8 + 0.05 * np.sin(np.arange(int(seconds / 0.7)) * 1.6) + rng.normal(size=int(seconds / 0.7)) * 0.01
    )
    trace = rng.normal(size=len(at)) * 0.01
    for beat in beats[beats < seconds - 0.5]:
        trace += 1.2 * np.exp(-(((at - beat) / 0.012) ** 2)) + 0.2 * np.exp(-(((at - beat - 0.25) / 0.05) ** 2))
    return trace


def simulated(root: Path, *, people: int = 4) -> Path:
    """Make a raw data set with EEG and ECG, parcels in its derivatives, and a plan; return the plan's file."""
    described(root)
    derived = root / "derivatives" / "parcels"
    described(derived, DatasetType="derivative", GeneratedBy=[{"Name": "a test"}])
    labels = [f"p{number}" for number in range(len(NETWORKS))]
    for number in range(1, people + 1):
        person = f"{number:02d}"
        for place_, session in enumerate(("before", "after")):
            seed, where = 10 * number + place_, (person, session, "task-rest")
            active = number > people // 2 and session == "after"
            values = bold(seed, coupling=1.2 if active else 0.6)
            write_bold(derived, values, where=where, repetition_s=2.0, names=labels)
            write_eeg(root, eeg(seed), where=where, rate_hz=128.0, names=EEG_NAMES)
    groups = "".join(f"sub-{n:02d}\t{'active' if n > people // 2 else 'control'}\n" for n in range(1, people + 1))
    (root / "participants.tsv").write_text("participant_id\tgroup\n" + groups)
    return planned(root.parent, PLAN, dict(zip(labels, NETWORKS, strict=True)))


def planned(folder: Path, plan: str, networks: dict[str, str]) -> Path:
    """Write a plan and its table of networks; return the plan's file."""
    rows = "".join(f"{number}\t{name}\t{network}\n" for number, (name, network) in enumerate(networks.items(), 1))
    (folder / "labels.tsv").write_text("index\tname\tnetwork\n" + rows)
    file = folder / "plan.yaml"
    file.write_text(plan)
    return file


REAL_PLAN = """\
name: Psilocybin and placebo, nine people
bold:
  labels: labels.tsv
  seeds: 20
  baseline: {run: "1"}
  shown: [mean_connectivity_z_*, distance_from_baseline_rms_z_*, ngsc_by_rank_*, metastability_*]
eeg:
  baseline: {run: "1"}
  settings:
    epoch_s: 4.0
    band_pass_hz: [1.0, 45.0]
    measures: [relative_band_power_welch, lz76_log_median, aperiodic_exponent_fixed_welch]
    detail: [whole, channels]
compare:
  by: ses
  levels: [placebo, psilocybin]
"""


def real(root: Path, reference: Path) -> Path:
    """Make a data set of the reference recordings; return the plan's file.

    BOLD: nine people, before (run 1) and after (run 2) placebo and psilocybin. The networks are stretches of the file's
    order, not anatomy. EEG (one headband) and ECG (MIT-BIH 100) are cut into the runs of one person's sessions.
    """
    import h5py
    import wfdb

    described(root)
    derived = root / "derivatives" / "parcels"
    described(derived, DatasetType="derivative", GeneratedBy=[{"Name": "a test"}])
    names = [f"aal{number:02d}" for number in range(1, 91)]
    occasions = [("placebo", 1), ("placebo", 2), ("psilocybin", 1), ("psilocybin", 2)]
    with h5py.File(reference / "brain" / "psilotc.mat") as file:
        cells = file["tc_aal"]
        for person in range(9):
            for condition, (session, run) in enumerate(occasions):
                where = (f"{person + 1:02d}", session, f"task-rest_run-{run}")
                values = np.asarray(file[cells[condition, person]])
                write_bold(derived, values, where=where, repetition_s=3.0, names=names)
    table = np.genfromtxt(reference / "eeg" / "eeg_muse_example.csv", delimiter=",", names=True)
    signal = np.array([table[name] for name in ("TP9", "AF7", "AF8", "TP10")])
    record = wfdb.rdrecord(str(reference / "heart" / "100"))
    trace = record.p_signal[:, 0]
    for quarter, (session, run) in enumerate(occasions):
        where = ("01", session, f"task-rest_run-{run}")
        write_eeg(
            root,
            np.array_split(signal, 4, axis=1)[quarter],
            where=where,
            rate_hz=250.0,
            names=("TP9", "AF7", "AF8", "TP10"),
        )
        write_ecg(root, np.array_split(trace, 4)[quarter], where=where, rate_hz=float(record.fs))
    people = "".join(f"sub-{number:02d}\n" for number in range(1, 10))
    (root / "participants.tsv").write_text("participant_id\n" + people)
    return planned(root.parent, REAL_PLAN, {name: f"block{place // 15 + 1}" for place, name in enumerate(names)})
