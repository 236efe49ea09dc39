"""`asklepion heart` and `asklepion lab cortisol`: what is printed, and with which exit."""

import json
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def recording(tmp_path):
    at = np.cumsum(np.full(900, 0.8))
    rr = 800 + 25 * np.sin(2 * np.pi * 0.1 * at) + np.random.default_rng(2).normal(size=900) * 12
    file = tmp_path / "rr.txt"
    file.write_text("".join(f"{each:.1f}\n" for each in rr))
    return file


def test_a_picture_of_the_heart_has_its_numbers_beside_it(recording, tmp_path):
    told = run("heart", recording, "--baseline", "0-300", "--picture", tmp_path / "s.svg", "--dose-at", 400)
    assert told.exit_code == 0, told.output
    assert "Written: s.svg, s.csv." in told.output
    assert "Dose, 6.7 min" in (tmp_path / "s.svg").read_text("utf-8")
    assert (tmp_path / "s.csv").read_text("utf-8").splitlines()[-1].startswith("dose,400.0,")
    assert json.loads(run("heart", recording, "--picture", tmp_path / "s.svg", "--json").output)["written"] == [
        "s.svg",
        "s.csv",
    ]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--picture", "rr.png"), "rr.png is no name of an SVG"),
        (("--picture", "rr.svg"), "would be written over rr.csv"),
        (("--picture", "no/rr.svg"), "It cannot be written"),
        (("--picture", "s.svg", "--window", "400"), "fills 1 of the 2 windows"),
        (("--picture", "s.svg", "--dose-at", "9000"), "not within the recording"),
        (("--dose-at", "60"), "in the picture only"),
        (("--baseline", "0-9000"), "not within the recording"),
    ],
)
def test_pictures_of_the_heart_that_cannot_be(recording, monkeypatch, words, error):
    monkeypatch.chdir(recording.parent)
    file = recording.rename(recording.with_suffix(".csv"))
    before = file.read_bytes()
    with pytest.raises(BadInput, match=error):
        CliRunner().invoke(app, ["heart", "rr.csv", *words], catch_exceptions=False)
    assert file.read_bytes() == before


def test_heart_as_text_and_as_json(recording):
    text = run("heart", recording, "--baseline", "0-300")
    assert text.exit_code == 0, text.output
    assert "mean_heart_rate" in text.output
    assert "change_ln_cv_rmssd 0" in text.output
    told = json.loads(run("heart", recording, "--json", "--method", "welch").output)
    assert len(told["windows"]) == 2
    assert told["whole"]["valid_percent"] > 95
    names = [each["name"] for each in told["windows"][0]["measures"]]
    assert "lf_power_welch" in names
    assert len(told["sha256"]) == 64


def test_heart_without_a_number_exits_1(tmp_path):
    file = tmp_path / "short.txt"
    file.write_text("800\n810\n790\n820\n" * 5)
    result = run("heart", file)
    assert result.exit_code == 1
    assert "no number" in result.output


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        ("0.8\n0.8\n", (), "look like seconds"),
        ("800\n810\n", ("--baseline", "start"), "0-300"),
    ],
)
def test_heart_refuses(tmp_path, text, words, told):
    file = tmp_path / "rr.txt"
    file.write_text(text)
    result = run("heart", file, *words)
    assert isinstance(result.exception, BadInput)
    assert told in str(result.exception)


def test_cortisol(tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("subject,0,1,2\nA,10,16,8\n")
    words = ("lab", "cortisol", file, "--unit", "nmol/L", "--matrix", "saliva", "--minutes", "0,30,60")
    text = run(*words, "--from-waking")
    assert text.exit_code == 0, text.output
    assert "cortisol_awakening_rise_saliva" in text.output
    told = json.loads(run(*words, "--json").output)
    assert told["people"][0]["measures"][0]["value"] == 750
    file.write_text("subject,0,1,2\nA,10,,8\n")
    assert run(*words).exit_code == 1
    assert "no matrix hair" in str(run(*words[:6], "hair").exception)
    assert "no list of minutes" in str(run(*words[:-1], "now").exception)


def test_misuse_exits_2_with_one_sentence(tmp_path):
    command = [sys.executable, "-m", "asklepion", "heart", str(tmp_path / "none.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("asklepion: ")
    assert "Traceback" not in done.stderr


def test_help_imports_no_numerics():
    code = "import asklepion.cli, sys; sys.exit(bool({'numpy', 'numba', 'scipy', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
