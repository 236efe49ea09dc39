"""`asklepion cohort` over a BIDS data set whose physiology is the ECG of MIT-BIH record 100; and broken files."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput
from asklepion.exchange import bids
from asklepion.flows import biomarkers
from asklepion.flows.recordings.study import study

FOLDER = Path(os.environ.get("ASKLEPION_REFERENCE_DATA") or Path(__file__).parents[3] / "shared" / "reference-data")
PLAN = "name: Hearts\nheart:\n  baseline: {ses: before}\n  window_s: 300\n"
PHYSIO = "sub-{who}/ses-{when}/beh/sub-{who}_ses-{when}_task-rest_physio.tsv.gz"
HZ, MINUTES = 360, 11


@pytest.fixture(scope="module")
def hearts(tmp_path_factory):
    """Two people before and after: two stretches of 12 minutes of record 100, MLII and V5, by one inherited sidecar."""
    wfdb = pytest.importorskip("wfdb", reason="the optional library wfdb is not installed")
    pytest.importorskip("sleepecg", reason="the optional library sleepecg is not installed")
    if not (FOLDER / "heart/100.dat").is_file():
        pytest.skip(f"reference data heart/100.dat is not in {FOLDER}")
    signals = wfdb.rdrecord(str(FOLDER / "heart/100")).p_signal
    top = tmp_path_factory.mktemp("hearts")
    data = top / "ds"
    for channel, who in enumerate(("01", "02")):
        for part, when in enumerate(("before", "after")):
            first = part * 15 * 60 * HZ
            kept = signals[first : first + MINUTES * 60 * HZ, channel]
            file = data / PHYSIO.format(who=who, when=when)
            file.parent.mkdir(parents=True)
            lines = "\n".join(f"{each:.3f}" for each in kept)
            file.write_bytes(gzip.compress(f"{lines}\n".encode(), compresslevel=1))
    lead = {"Description": "ECG, leads MLII and V5 of MIT-BIH record 100", "Units": "mV"}
    sidecar = {"SamplingFrequency": HZ, "StartTime": 0, "Columns": ["cardiac"], "cardiac": lead, "TaskName": "rest"}
    (data / "task-rest_physio.json").write_text(json.dumps(sidecar))
    told = {"Name": "Hearts", "BIDSVersion": bids.VERSION, "DatasetType": "raw", "License": "ODC-BY-1.0"}
    (data / "dataset_description.json").write_text(json.dumps(told))
    (data / "README.md").write_text("Stretches of MIT-BIH record 100.\n")
    (data / "participants.tsv").write_text("participant_id\nsub-01\nsub-02\n")
    (top / "plan.yaml").write_text(PLAN)
    return top


@pytest.fixture
def reference_record(hearts):
    return FOLDER / "heart/100"


@pytest.fixture(scope="module")
def made(hearts):
    study(hearts / "ds", hearts / "out", plan_file=hearts / "plan.yaml")
    return hearts


def rows(file):
    return bids.rows(file.read_text(), file=file.name)


def test_hearts_are_measured_from_raw_physiology(made):
    kept = rows(made / "out/desc-heart_measures.tsv")
    value = {
        (row["participant_id"], row["occasion"], row["name"]): float(row["value"])
        for row in kept
        if not row["of"] and row["value"]
    }
    first = value["sub-01", "session before", "mean_heart_rate"]
    assert first == pytest.approx(75, abs=1.5)
    for name in ("mean_heart_rate", "rmssd"):  # two leads of one heart
        for when in ("session before", "session after"):
            assert value["sub-01", when, name] == pytest.approx(value["sub-02", when, name], rel=0.03)
    assert "hf_power_lomb_mean_of_windows" in {row["name"] for row in kept}
    after = [row for row in kept if row["occasion"] == "session after" and row["name"] == "rmssd" and not row["of"]]
    assert all(row["change"] for row in after)
    assert rows(made / "out/logs/failures.tsv") == []


def test_reports_say_how_beats_were_found(made):
    report = next((made / "out").glob("sub-01*.html")).read_text()
    assert "beats by sleepecg" in report
    assert "The heart through the session" in report


def test_the_data_set_and_what_is_made_of_it_are_valid(made, tmp_path):
    program = Path(sys.executable).with_name("bids-validator-deno")
    if not program.is_file():
        pytest.skip("bids-validator-deno is not installed")
    for folder in ("ds", "out"):
        told = subprocess.run([program, "--json", made / folder], capture_output=True, text=True, check=False)
        issues = json.loads(told.stdout)["issues"]["issues"]
        assert [each for each in issues if each["severity"] == "error"] == [], folder


def test_a_broken_file_is_told_and_the_rest_goes_on(hearts, tmp_path):
    shutil.copytree(hearts / "ds", tmp_path / "ds")
    cut, silent = (tmp_path / "ds" / PHYSIO.format(who=who, when="after") for who in ("01", "02"))
    cut.write_bytes(cut.read_bytes()[:40_000])
    silent.write_bytes(gzip.compress(b"0.5\n" * 50_000))
    (tmp_path / "plan.yaml").write_text(PLAN)
    found = study(tmp_path / "ds", tmp_path / "out", plan_file=tmp_path / "plan.yaml")
    failures = {row["where"]: row["what"] for row in rows(tmp_path / "out/logs/failures.tsv")}
    assert len(failures) == 2
    assert any("cut off" in what for what in failures.values())
    assert any("flat" in what for what in failures.values())
    assert found.computed == 2


def test_a_column_that_nobody_describes_needs_the_plan(hearts, tmp_path):
    shutil.copytree(hearts / "ds", tmp_path / "ds", ignore=shutil.ignore_patterns("sub-02"))
    sidecar = tmp_path / "ds/task-rest_physio.json"
    fields = json.loads(sidecar.read_text())
    del fields["cardiac"]
    sidecar.write_text(json.dumps(fields))
    (tmp_path / "plan.yaml").write_text(PLAN)
    study(tmp_path / "ds", tmp_path / "out", plan_file=tmp_path / "plan.yaml")
    failures = rows(tmp_path / "out/logs/failures.tsv")
    assert len(failures) == 2
    assert "`signal: ecg`" in failures[0]["remedy"]
    (tmp_path / "plan.yaml").write_text(PLAN + "  signal: ecg\n  measures: [rmssd]\n")
    study(tmp_path / "ds", tmp_path / "out", plan_file=tmp_path / "plan.yaml")
    values = np.array([float(row["value"]) for row in rows(tmp_path / "out/desc-heart_measures.tsv") if not row["of"]])
    assert np.isfinite(values).all()
    assert len(values) == 2


def test_one_file_of_a_data_set_inherits_its_sidecar(hearts, tmp_path):
    file = hearts / "ds" / PHYSIO.format(who="01", when="before")
    found = biomarkers.heart(file)
    assert found.words[0].startswith(f"{file.name}: 660.0 s at 360 Hz.")
    shutil.copy(file, tmp_path)
    with pytest.raises(BadInput, match=r"no sidecar sub-01_ses-before_task-rest_physio\.json"):
        biomarkers.heart(tmp_path / file.name)


def test_the_command_on_a_record(reference_record):
    told = CliRunner().invoke(app, ["heart", str(reference_record)])
    assert told.exit_code == 0, told.output
    assert "Channel MLII is taken as an electrocardiogram" in told.output
    assert "2273 beats by sleepecg" in told.output
    one, other = (
        json.loads(CliRunner().invoke(app, ["heart", str(reference_record), *words, "--json"]).output)
        for words in ((), ("--annotations",))
    )
    assert one["sha256"] != other["sha256"]
    assert (one["marks"]["ventricular"], other["marks"]["ventricular"]) == (0, 2)
    rmssd = [next(each for each in told["whole"]["measures"] if each["name"] == "rmssd") for told in (one, other)]
    assert rmssd[0]["value"] == pytest.approx(rmssd[1]["value"], abs=0.05)
    assert CliRunner().invoke(app, ["heart", str(reference_record), "--channel", "X"]).exit_code != 0
