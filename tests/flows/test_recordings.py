"""A cohort's recordings: walked, measured, kept, resumed, spread, and what a bad file does."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bids_data
from asklepion.core.errors import BadInput
from asklepion.exchange import bids
from asklepion.flows.recordings import dataset, plan
from asklepion.flows.recordings.plan import Modality
from asklepion.flows.recordings.study import study

FOLDER = Path(os.environ.get("ASKLEPION_REFERENCE_DATA") or Path(__file__).parents[3] / "shared" / "reference-data")
TABLE = "sub-03/ses-after/func/sub-03_ses-after_task-rest_seg-test_stat-mean_desc-asklepion_measures.tsv"
BOLD = "derivatives/parcels/sub-03/ses-after/func/sub-03_ses-after_task-rest_seg-test_stat-mean_timeseries.tsv"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A simulated data set with its plan, and the study made of it."""
    folder = tmp_path_factory.mktemp("cohort")
    file = bids_data.simulated(folder / "ds")
    study(folder / "ds", folder / "out", plan_file=file)
    return folder


@pytest.fixture
def copy(made, tmp_path):
    """A copy of both, to be spoiled."""
    shutil.copytree(made, tmp_path / "copy", dirs_exist_ok=True)
    return tmp_path / "copy"


def again(folder, **more):
    return study(folder / "ds", folder / "out", plan_file=folder / "plan.yaml", **more)


def rows(file):
    return bids.rows(Path(file).read_text(), file=str(file))


def tree(folder):
    """Every file below a folder with its hash."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_data_set_is_walked(made):
    wanted = plan.read(made / "plan.yaml")
    found = dataset.read(made / "ds", made / "out")
    chosen, left = dataset.recordings(found, wanted)
    assert found.people == ("01", "02", "03", "04")
    assert left == ()
    assert {each.modality for each in chosen} == set(wanted.modalities)
    assert len(chosen) == 8 * len(wanted.modalities)
    last = [each for each in chosen if each.person == "04" and each.modality == Modality.BOLD]
    assert [each.group for each in last] == ["active", "active"]
    assert last[0].metadata["RepetitionTime"] == 2.0
    before = dataset.baselines(chosen, wanted)
    assert {each.name.get("ses") for each in before} == {"after"}
    assert all(other.name.get("ses") == "before" and other.person == each.person for each, other in before.items())


def test_only_some_are_chosen_and_motion_is_found_across_derivatives(copy):
    text = (copy / "plan.yaml").read_text().replace("  seeds: 2", "  seeds: 2\n  only: {ses: [after]}")
    (copy / "plan.yaml").write_text(text)
    folder = copy / "ds/derivatives/fmriprep/sub-01/ses-after/func"
    folder.mkdir(parents=True)
    confounds = folder / "sub-01_ses-after_task-rest_desc-confounds_timeseries.tsv"
    confounds.write_text("framewise_displacement\n")
    found = dataset.read(copy / "ds", copy / "out")
    chosen, _ = dataset.recordings(found, plan.read(copy / "plan.yaml"))
    bold = [each for each in chosen if each.modality == Modality.BOLD]
    assert [each.name.get("ses") for each in bold] == ["after"] * 4
    assert [each.confounds for each in bold] == [confounds, None, None, None]


def test_a_sidecar_defines_what_stands_in_its_table(made):
    told = json.loads((made / "out" / TABLE).with_suffix(".json").read_text())
    kept = rows(made / "out" / TABLE)
    assert set(told["Measures"]) == {row["name"] for row in kept}
    assert set(kept[0]) <= set(told)
    assert told["Asklepion"]["Plan"]["seeds"] == 2
    inputs = told["Asklepion"]["InputSHA256"]
    assert inputs[BOLD] == hashlib.sha256((made / "ds" / BOLD).read_bytes()).hexdigest()
    assert {"labels", "baseline", "sidecars"} < set(inputs)
    assert told["Sources"][0] == f"bids:source:{BOLD}"
    participation = told["Measures"]["participation_positive_mean_with_global_signal"]
    assert "Rubinov" in participation["Reference"]


def test_changes_are_from_ones_own_baseline(made):
    kept = rows(made / "out" / "desc-bold_measures.tsv")
    name = "mean_connectivity_z_with_global_signal"
    of = {row["occasion"]: row for row in kept if row["participant_id"] == "sub-03" and row["name"] == name}
    before, after = of["session before"], of["session after"]
    assert before["change"] == before["baseline"] == ""
    assert float(after["baseline"]) == float(before["value"])
    assert float(after["change"]) == pytest.approx(float(after["value"]) - float(before["value"]), abs=1e-12)
    assert "distance_from_baseline_rms_z_with_global_signal" in {row["name"] for row in kept}


def test_the_same_command_has_nothing_left_to_do(copy):
    before = tree(copy / "out")
    found = again(copy)
    assert (found.computed, found.done_before) == (0, found.recordings)
    assert tree(copy / "out") == before
    assert again(copy, again=True).computed == found.recordings
    assert tree(copy / "out") == before


@pytest.mark.parametrize(
    ("spoil", "computed"),
    [
        (lambda out: (out / TABLE).write_text("name\n"), 1),
        (lambda out: (out / TABLE).unlink(), 1),
        (lambda out: (out / TABLE).with_suffix(".json").write_text("{"), 1),
        (lambda out: (out / TABLE).with_name(f".{Path(TABLE).name}.1.part").write_text("half"), 0),
    ],
    ids=["changed", "gone", "half a sidecar", "half a file beside"],
)
def test_what_is_not_whole_is_made_again(copy, spoil, computed):
    kept = tree(copy / "out")[TABLE]
    spoil(copy / "out")
    assert again(copy).computed == computed
    assert tree(copy / "out")[TABLE] == kept


def test_another_plan_or_another_file_is_computed_anew(copy):
    text = (copy / "plan.yaml").read_text()
    (copy / "plan.yaml").write_text(text.replace("[mean_connectivity_z_*]", "[ngsc_*]"))
    assert again(copy).computed == 0
    (copy / "plan.yaml").write_text(text.replace("seeds: 2", "seeds: 3"))
    assert again(copy).computed == 8
    baseline = copy / "ds" / BOLD.replace("ses-after", "ses-before")
    lines = baseline.read_text().splitlines()
    baseline.write_text("\n".join(lines[:-1]) + "\n")
    assert again(copy).computed == 2, "the recording and the one that is told from it"
    sidecar = (copy / "ds" / BOLD).with_suffix(".json")
    sidecar.write_text(json.dumps({"RepetitionTime": 2.5}))
    assert again(copy).computed == 1


def test_a_bad_file_is_told_and_the_rest_goes_on(copy):
    file = copy / "ds" / BOLD
    file.write_text(file.read_text()[:300])
    found = again(copy)
    (left,) = found.left
    assert left.where.startswith(BOLD)
    assert left.what
    assert left.remedy
    assert not (copy / "out" / TABLE).exists(), "what was kept of it before is no result of this file"
    (failure,) = rows(copy / "out" / "logs" / "failures.tsv")
    assert failure["where"] == left.where
    for page in ("group.html", "sub-03.html"):
        assert left.what in (copy / "out" / page).read_text()
    assert left.what not in (copy / "out" / "sub-04.html").read_text()
    kept = rows(copy / "out" / "desc-bold_measures.tsv")
    assert {row["participant_id"] for row in kept if row["occasion"] == "session after"} == {
        "sub-01",
        "sub-02",
        "sub-04",
    }


def test_unasked_both_sides_of_the_global_signal_are_drawn(copy):
    text = (copy / "plan.yaml").read_text().replace("  shown: [mean_connectivity_z_*]\n", "")
    (copy / "plan.yaml").write_text(text)
    assert again(copy).computed == 0
    page = (copy / "out" / "group.html").read_text()
    drawn = re.findall(r'<h3 class="sheet-h" id="bold-\d+">([^<]+)<', page)
    assert len(drawn) == 6
    assert drawn[1::2] == [each.replace("_with_", "_without_") for each in drawn[::2]]


def test_an_error_says_no_path_of_this_machine(copy):
    file = copy / "ds/sub-02/ses-after/eeg/sub-02_ses-after_task-rest_eeg.vhdr"
    file.write_text("")
    (left,) = again(copy).left
    assert left.where == file.relative_to(copy / "ds").as_posix()
    assert file.name in left.what
    assert str(copy) not in left.what + left.remedy


def test_a_broken_sidecar_is_one_bad_file(copy):
    (copy / "ds" / BOLD).with_suffix(".json").write_text("{")
    (left,) = again(copy).left
    assert left.where == BOLD.replace(".tsv", ".json")
    assert "not JSON" in left.what


def test_two_that_would_be_one_are_not_mixed(copy):
    file = copy / "ds" / BOLD
    twin = file.with_name(file.name.replace("_timeseries", "_desc-smooth_timeseries"))
    shutil.copy(file, twin)
    shutil.copy(file.with_suffix(".json"), twin.with_suffix(".json"))
    (left,) = again(copy).left
    assert "would take the place" in left.what


def test_a_stop_keeps_what_was_done(copy):
    shutil.rmtree(copy / "out")

    def stop(done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        again(copy, progress=stop)
    found = again(copy)
    assert (found.done_before, found.computed) == (5, found.recordings - 5)


def test_two_workers_give_the_same_bytes(made, tmp_path):
    study(made / "ds", tmp_path / "out", plan_file=made / "plan.yaml", workers=2)
    there = tree(tmp_path / "out")
    here = tree(made / "out")
    described = "dataset_description.json"  # it says where the data set lies, from where it is
    assert {k: v for k, v in there.items() if k != described} == {k: v for k, v in here.items() if k != described}


@pytest.mark.parametrize(
    ("out", "told"),
    [("ds/sub-01", "not written among the recordings"), ("ds", "not written among"), (".", "holds something else")],
)
def test_results_go_nowhere_where_they_could_spoil_something(copy, out, told):
    with pytest.raises(BadInput, match=told):
        study(copy / "ds", copy / out, plan_file=copy / "plan.yaml")


def test_what_is_no_data_set(tmp_path, made):
    empty = tmp_path / "empty"
    with pytest.raises(BadInput, match=r"no dataset_description\.json"):
        study(empty, tmp_path / "out", plan_file=made / "plan.yaml")
    bids_data.described(empty)
    with pytest.raises(BadInput, match="no subject"):
        study(empty, tmp_path / "out", plan_file=made / "plan.yaml")


def test_groups_that_participants_do_not_have(copy):
    (copy / "ds/participants.tsv").write_text("participant_id\tarm\nsub-01\ta\n")
    with pytest.raises(BadInput, match=r"no column group.*It has participant_id, arm"):
        again(copy)


def faults(folder):
    """What the validator of BIDS calls an error; it brings its schema and asks nobody."""
    program = Path(sys.executable).with_name("bids-validator-deno")
    if not program.is_file():
        pytest.skip("bids-validator-deno is not installed")
    done = subprocess.run([program, folder, "--format", "json"], capture_output=True, text=True, check=False)
    issues = json.loads(done.stdout)["issues"]["issues"]
    return [f"{each['code']} {each['location']}" for each in issues if each["severity"] == "error"]


def test_data_set_and_derivative_pass_the_validator(made):
    assert faults(made / "ds") == []
    assert faults(made / "out") == []
    (made / "ds" / "sub-01" / "sub-01_stray.tsv").write_text("a\n")
    assert faults(made / "ds") == ["NOT_INCLUDED /sub-01/sub-01_stray.tsv"], "the check can fail"
    (made / "ds" / "sub-01" / "sub-01_stray.tsv").unlink()


HEART = """\
name: Hearts
heart:
  baseline: {ses: before}
  window_s: 60.0
  shown: [mean_heart_rate]
"""


def test_a_heart_through_its_session(copy, monkeypatch):
    """The recording is read by somebody else's room; what comes of it is this one's: windows, picture, change."""
    import numpy as np

    from asklepion.flows import biomarkers
    from asklepion.signals.heart.intervals import intervals
    from asklepion.signals.heart.session import session

    def heart(file, *, window_s, **_):
        rr = (700.0 if "after" in file.name else 800.0) + 20 * np.sin(np.arange(400) / 3)
        return biomarkers.Heart("0" * 64, session(intervals(rr), window_s=window_s))

    monkeypatch.setattr(biomarkers, "heart", heart)
    for person in ("01", "02"):
        for ses in ("before", "after"):
            where = (person, ses, "task-rest")
            bids_data.write_ecg(copy / "ds", bids_data.ecg(1, seconds=5), where=where, rate_hz=250.0)
    (copy / "plan.yaml").write_text(HEART)
    found = again(copy)
    assert (found.recordings, found.computed, found.left) == (4, 4, ())
    kept = rows(copy / "out" / "desc-heart_measures.tsv")
    whole = [row for row in kept if row["name"] == "mean_heart_rate" and not row["of"]]
    changes = [float(row["change"]) for row in whole if row["occasion"] == "session after"]
    assert changes == pytest.approx([60_000 / 700 - 60_000 / 800] * 2, abs=0.2)
    assert {row["of"] for row in kept if row["name"] == "rmssd"} >= {"", "0 to 60 s", "60 to 120 s"}
    page = (copy / "out" / "sub-01.html").read_text()
    assert "The heart through the session" in page
    assert "One mark a window" in page
    assert "Definition" in (copy / "out/sub-01/ses-after/beh").joinpath(
        "sub-01_ses-after_task-rest_recording-ecg_desc-asklepion_measures.json"
    ).read_text("utf-8")
    assert faults(copy / "out") == []


def run(*words):
    from asklepion.cli import app

    return CliRunner().invoke(app, ["cohort", *(str(word) for word in words)])


def test_the_command(copy):
    words = (copy / "ds", "--plan", copy / "plan.yaml", "--out", copy / "out")
    text = run(*words)
    assert text.exit_code == 0, text.output
    assert re.search("0 computed, [0-9]+ done before, 0 left out", text.output)
    (copy / "ds" / BOLD).write_text("x\n")
    told = run(*words, "--json")
    assert told.exit_code == 1
    found = json.loads(told.stdout)
    assert found["reports"][0] == "group.html"
    assert len(found["left"]) == 1
    assert isinstance(run(copy, *words[1:]).exception, BadInput)


@pytest.mark.heavy
def test_nine_people_before_and_after_psilocybin(tmp_path):
    """Carhart-Harris 2012: mean connectivity .237 after psilocybin, about .190 otherwise (reference-data/README)."""
    for name in ("brain/psilotc.mat", "eeg/eeg_muse_example.csv", "heart/100.dat"):
        if not (FOLDER / name).exists():
            pytest.skip(f"reference data {name} is not in {FOLDER}")
    file = bids_data.real(tmp_path / "ds", FOLDER)
    text = file.read_text().replace("seeds: 20", "seeds: 1")
    file.write_text(text)
    assert faults(tmp_path / "ds") == []
    found = study(tmp_path / "ds", tmp_path / "out", plan_file=file)
    assert found.left == ()
    kept = rows(tmp_path / "out" / "desc-bold_measures.tsv")
    values = {}
    for row in kept:
        if row["name"] == "mean_connectivity_z_with_global_signal":
            values.setdefault(row["occasion"], []).append(float(row["value"]))
    means = {occasion: sum(of) / len(of) for occasion, of in values.items()}
    assert means.pop("session psilocybin, run 2") == pytest.approx(0.237, abs=5e-4)
    assert list(means.values()) == pytest.approx([0.19] * 3, abs=2e-3)
    assert faults(tmp_path / "out") == []
