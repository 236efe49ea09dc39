"""`asklepion brain`: what is printed, written and refused, and the psilocybin study of Carhart-Harris 2012."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from asklepion.cli import app, main
from asklepion.core.errors import BadInput


def run(*words):
    return CliRunner().invoke(app, ["brain", *map(str, words)])


@pytest.fixture
def scan(tmp_path):
    """Return a recording of 45 parcels in three networks, and their labels."""
    rng = np.random.default_rng(1)
    own = np.repeat(rng.normal(size=(90, 3)).cumsum(axis=0) * 0.3, 15, axis=1)
    found = own + rng.normal(size=(90, 45))
    names = [f"{network}_{place}" for network in ("Default", "Visual", "A & B") for place in range(15)]
    np.savetxt(tmp_path / "bold.tsv", found, delimiter="\t", header="\t".join(names), comments="")
    lines = ["name\tnetwork", *(f"{name}\t{name.partition('_')[0]}" for name in names)]
    (tmp_path / "labels.tsv").write_text("\n".join(lines))
    return tmp_path / "bold.tsv", tmp_path / "labels.tsv"


def test_both_columns_stand_side_by_side(scan):
    file, labels = scan
    told = run(file, "--labels", labels, "--tr", "2", "--seeds", "3", "--states", "3", "--pairs")
    assert told.exit_code == 0, told.output
    assert "45 parcels, 3 networks" in told.output
    assert "with global signal" in told.output
    (row,) = (line for line in told.output.splitlines() if line.startswith("segregation_chan "))
    assert "no number" in row
    assert "Segregation is not defined after global-signal regression." in told.output
    assert "Default to Visual" in told.output
    held = json.loads(run(file, "--labels", labels, "--tr", "2", "--seeds", "3", "--json").output)
    one, other = held["with_global_signal"], held["without_global_signal"]
    assert [each["name"].replace("_with_", "_without_") for each in one] == [each["name"] for each in other]
    assert all(each["definition"] and each["unit"] for each in one)
    assert len(held["sha256"]) == 64


def test_without_a_rate_what_is_of_time_has_no_number(scan):
    told = run(scan[0], "--seeds", "2")
    assert told.exit_code == 1
    assert "How often a volume was taken is not known." in told.output
    assert "measures of the whole brain only" in told.output


def test_pictures_are_files_of_their_own_with_their_numbers_beside(scan, tmp_path):
    file, labels = scan
    target = tmp_path / "out.svg"
    told = run(file, "--labels", labels, "--tr", "2", "--seeds", "2", "--states", "2", "--picture", target)
    assert (
        "Written: out.svg, out.csv, out-gradients.svg, out-gradients.csv, out-states.svg, out-states.csv."
        in told.output
    )
    for name in ("out", "out-gradients", "out-states"):
        root = ET.parse(tmp_path / f"{name}.svg").getroot()
        assert root.get("role") == "img"
        texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
        if name != "out-states":
            assert "A & B" in texts
        assert not any("http" in (each.get("href") or "") for each in root.iter())
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert len(rows) == 1 + 45 * 44 // 2
    assert len((tmp_path / "out-gradients.csv").read_text().splitlines()) == 46
    first = rows[1].split(",")
    assert first[:2] == ["Default_0", "Default"]
    z = np.arctanh(np.corrcoef(np.loadtxt(file, skiprows=1).T)[0, 1])
    assert float(first[4]) == pytest.approx(z)


def test_the_connectome_shows_one_pixel_a_pair(scan, tmp_path):
    import base64
    import struct
    import zlib

    file, labels = scan
    run(file, "--labels", labels, "--tr", "2", "--seeds", "2", "--picture", tmp_path / "out.svg")
    root = ET.parse(tmp_path / "out.svg").getroot()
    image = next(root.iter("{http://www.w3.org/2000/svg}image"))
    held = base64.b64decode(image.get("href").partition(",")[2])
    width, height = struct.unpack(">II", held[16:24])
    assert (width, height) == (45, 45)
    long = struct.unpack(">I", held[33:37])[0]
    pixels = np.frombuffer(zlib.decompress(held[41 : 41 + long]), dtype=np.uint8).reshape(45, 1 + 3 * 45)[:, 1:]
    pixels = pixels.reshape(45, 45, 3)
    assert (pixels[np.arange(45), np.arange(45)] == (213, 217, 210)).all()
    z = np.arctanh(np.corrcoef(np.loadtxt(file, skiprows=1).T) - np.eye(45))
    red, blue = pixels[..., 0].astype(int), pixels[..., 2].astype(int)
    assert (red[z < -0.05] > blue[z < -0.05]).all()
    assert (red[z > 0.05] < blue[z > 0.05]).all()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--tr", "2000"], "2000 s from one volume to the next"),
        (["--index", "one"], "`one` is no cell"),
        (["--contrast", "1,b"], "`1,b` is no contrast"),
        (["--contrast", "1,-1", "--index", "1,2"], "--index is of one recording"),
        (["--censor-above", "0.5"], "no displacement to censor by"),
        (["--picture", "out.png", "--tr", "2", "--seeds", "1"], "no name of an SVG"),
        (["--tr", "2", "--lags", "40"], "40 lags do not fit"),
    ],
)
def test_misuse_is_told(scan, words, expected):
    file, labels = scan
    told = run(file, "--labels", labels, *words)
    if told.exception is not None and isinstance(told.exception, BadInput):
        assert expected in str(told.exception)
    else:
        assert expected in told.output


def test_psilocybin_against_placebo(reference):
    """9 people x 4 conditions: mean Fisher z .237 after psilocybin, about .190 otherwise; t(8) 1.88, p .097."""
    pytest.importorskip("h5py", reason="the optional library h5py is not installed")
    words = ("--variable", "tc_aal", "--time-axis", "columns", "--tr", "3", "--seeds", "1", "--states", "3")
    told = run(reference("brain/psilotc.mat"), *words, "--contrast", "1,-1,-1,1")
    assert told.exit_code == 0, told.output
    rows = [line.split() for line in told.output.splitlines() if line.startswith("mean_connectivity_z ")]
    one, other = rows
    assert one[2] == "with"
    assert [float(each) for each in one[4:7]] == pytest.approx([1.876, 8, 0.0975])
    assert [float(each) for each in one[7:]] == pytest.approx([0.1912, 0.19, 0.1889, 0.2373])
    assert other[2] == "without"
    assert float(other[4]) < 0
    assert "not corrected" in told.output
    lived = [
        line.split() for line in told.output.splitlines() if line.startswith("state_occupancy ") and " with " in line
    ]
    for condition in range(8, 12):
        assert sum(float(line[condition]) for line in lived) == pytest.approx(1, abs=2e-4)


@pytest.mark.parametrize(
    ("name", "words"), [("bold.svg", "would be written over bold.csv"), ("out.png", "no name of an SVG")]
)
def test_a_drawing_is_never_written_over_what_was_read(
    name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = tmp_path / "bold.csv"
    rng = np.random.default_rng(1)
    np.savetxt(read, rng.normal(size=(60, 4)), delimiter=",", header="a,b,c,d", comments="")
    before = read.read_bytes()
    monkeypatch.setattr("sys.argv", ["asklepion", "brain", str(read), "--tr", "2", "--picture", str(tmp_path / name)])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert words in capsys.readouterr().err
    assert read.read_bytes() == before
