"""Recordings of parcels that would give a number that looks right, and choices that would go unheard."""

import numpy as np
import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.flows.brain import Choice, brain
from asklepion.signals.brain.parcels import recording
from asklepion.signals.brain.report import report

PARCELS = 24
ROWS = Choice(time_axis="rows")


def volumes(seed=0, parcels=PARCELS):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(80, parcels)) + 0.5 * rng.normal(size=(80, 1))


def told(file, **more):
    return brain(file, labels=None, sampling_hz=0.5, seeds=2, **{"choice": ROWS, **more})


def by(found, name):
    return next(each.value for each in found.both.with_global_signal if each.name == f"{name}_with_global_signal")


def saved(path, values):
    np.save(path, values)
    return path


def test_parcels_without_names_are_matched_by_their_place(tmp_path):
    """Each lacks another parcel: before, the fifth of the one was compared with the fourth of the other."""
    one, other = volumes(), volumes()
    one[:, 3], other[:, 7] = np.nan, np.nan
    found = told(saved(tmp_path / "a.npy", one), baseline=saved(tmp_path / "b.npy", other))
    assert by(found, "distance_from_baseline_rms_z") == pytest.approx(0, abs=1e-12)
    assert len(found.matrix.names) == PARCELS - 2
    fewer = saved(tmp_path / "c.npy", volumes(1, PARCELS - 1))
    with pytest.raises(BadInput, match="23 parcels, the recording 24"):
        told(tmp_path / "a.npy", baseline=fewer)
    with pytest.raises(BadInput, match="of the group has 23 parcels"):
        told(tmp_path / "a.npy", references=(tmp_path / "b.npy", fewer))


@pytest.mark.parametrize("begin", [0, 1])
def test_numbered_headings_are_no_volume(tmp_path, begin):
    """As a first volume 1, 2, ... 24 made the mean Fisher z 3.1."""
    values = volumes()
    (tmp_path / "a.tsv").write_text(
        "\n".join("\t".join(map(str, row)) for row in (range(begin, PARCELS + begin), *values.tolist()))
    )
    found = told(tmp_path / "a.tsv", choice=Choice())
    assert found.matrix.names == tuple(map(str, range(begin, PARCELS + begin)))
    assert by(found, "mean_connectivity_z") == pytest.approx(
        by(told(saved(tmp_path / "a.npy", values)), "mean_connectivity_z")
    )


def test_a_column_of_row_numbers_is_no_parcel(tmp_path):
    rows = [",".join(["", *(f"p{at}" for at in range(PARCELS))])]
    rows += [",".join(map(str, (at, *row))) for at, row in enumerate(volumes().tolist())]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    with pytest.raises(BadInput, match=r"count rows or time: \(no heading\)"):
        told(tmp_path / "a.csv")
    (tmp_path / "a.csv").rename(tmp_path / "a.tsv")
    with pytest.raises(BadInput, match="not separated by tabs"):
        told(tmp_path / "a.tsv")


def test_volumes_that_are_censored_need_no_number():
    values, moved = volumes(), np.full(80, 0.1)
    values[10:14], moved[10:14] = np.nan, 1.0
    found = recording(values, [""] * PARCELS, displacement_mm=moved, censor_above_mm=0.5)
    assert (len(found.volumes), found.censored) == (76, 4)
    with pytest.raises(BadInput, match="96 samples are no finite numbers, the first at index 10, 0"):
        recording(values, [""] * PARCELS, displacement_mm=moved, censor_above_mm=2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda values: values * 1e300, "too large to be squared"),
        (lambda values: values * 1e-200, "24 parcels are flat"),
        (lambda values: values * (np.arange(PARCELS) != 4) + 0.1 + 1e-17 * values, r"columns 5 \(counted from 1\)"),
        (lambda values: values[:, :2], "2 parcels; at least 3"),
    ],
)
def test_what_cannot_be_correlated(change, words):
    with pytest.raises(BadInput, match=words):
        recording(change(volumes()), [""] * change(volumes()).shape[1])


def test_one_network_has_no_participation():
    found = report(volumes(), ["A"] * PARCELS, sampling_hz=0.5, seeds=2).with_global_signal
    assert [
        each for each in found if each.name.startswith("participation") and not isinstance(each.value, Unscored)
    ] == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (volumes() > 0, "yes and no"),
        (volumes() + 1j, "complex"),
        (volumes().astype(str), "text"),
        (np.zeros((30, 24), "M8[s]"), "dates"),
    ],
)
def test_an_array_of_something_else(tmp_path, values, words):
    with pytest.raises(BadInput, match=words):
        told(saved(tmp_path / "a.npy", values))


def test_a_pickle_is_not_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "opened"), "w"))

    np.save(tmp_path / "a.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(BadInput, match="Object arrays cannot be loaded"):
        told(tmp_path / "a.npy")
    assert not (tmp_path / "opened").exists()


def test_what_is_no_matrix_in_a_newer_matlab_file(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.mat", "w") as held:
        cells = held.create_dataset("c", (2, 1), dtype=h5py.ref_dtype)
        cells.attrs["MATLAB_class"] = np.bytes_("cell")
        inside = held.create_group("#refs#")
        inside["a"] = volumes()
        inside.create_group("b")["x"] = 1.0
        cells[0, 0], cells[1, 0] = inside["a"].ref, inside["b"].ref
        held.create_dataset("none", (1, 1), dtype=h5py.ref_dtype).attrs["MATLAB_class"] = np.bytes_("cell")
        letters = held.create_dataset("letters", data=(np.arange(30 * 24).reshape(30, 24) % 7 + 65).astype("u2"))
        letters.attrs["MATLAB_class"] = np.bytes_("char")
        held["word"] = "abc"
    # One cell being a structure does not spoil the other.
    assert told(tmp_path / "a.mat", choice=Choice(variable="c", cell=(1, 1), time_axis="columns")).networks == ()
    for variable, cell, words in (
        ("c", (1, 2), "a structure"),
        ("none", (1, 1), "an empty cell"),
        ("letters", None, "a char"),
        ("word", None, "a single value"),
    ):
        with pytest.raises(BadInput, match=words):
            told(tmp_path / "a.mat", choice=Choice(variable=variable, cell=cell, time_axis="rows"))


@pytest.mark.parametrize(("step", "tr", "words"), [(2000.0, None, "2000 s, which cannot be"), (2000.0, 2.0, "")])
def test_milliseconds_in_a_heading(tmp_path, step, tr, words):
    nibabel = pytest.importorskip("nibabel")
    labels = np.zeros((3, 3, 3), np.int16)
    labels.ravel()[:PARCELS] = np.arange(1, PARCELS + 1)
    values = np.zeros((3, 3, 3, 80), np.float32)
    values.reshape(27, 80)[:PARCELS] = volumes().T
    image = nibabel.Nifti1Image(values, np.eye(4))
    image.header.set_zooms((1, 1, 1, step))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, tmp_path / "a.nii")
    nibabel.save(nibabel.Nifti1Image(labels, np.eye(4)), tmp_path / "atlas.nii")
    ask = {"labels": None, "sampling_hz": tr and 1 / tr, "seeds": 2, "choice": Choice(atlas=tmp_path / "atlas.nii")}
    if words:
        with pytest.raises(BadInput, match=words):
            brain(tmp_path / "a.nii", **ask)
    else:
        assert not isinstance(by(brain(tmp_path / "a.nii", **ask), "synchrony"), Unscored)


def test_parcels_of_one_name_in_cifti(tmp_path):
    cifti2 = pytest.importorskip("nibabel.cifti2")
    nibabel = pytest.importorskip("nibabel")
    places = [np.array([[at, 0, 0]]) for at in range(PARCELS)]
    parcels = cifti2.ParcelsAxis(["p"] * PARCELS, places, [{}] * PARCELS, np.eye(4), (30, 2, 2))
    image = cifti2.Cifti2Image(volumes(), header=(cifti2.SeriesAxis(0, 2, 80), parcels))
    nibabel.save(image, tmp_path / "a.ptseries.nii")
    with pytest.raises(BadInput, match="come twice: p"):
        told(tmp_path / "a.ptseries.nii", choice=Choice())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--index", "1,1"), "Only a .mat file has cells"),
        (("--atlas", "x.nii"), "made already"),
        (("--baseline-confounds", "x.tsv"), "no baseline"),
        (("--baseline", "FILE"), "its own baseline"),
        (("--group", "GROUP", "--group", "GROUP"), "named twice"),
        (("--window", "nan"), "nan s is no window"),
        (("--seed", "-1"), "-1 is no seed"),
        (("--contrast", "1,-1", "--censor-above", "0.2"), "--censor-above is of one recording"),
        (("--picture", "nowhere/a.svg"), "No such file or directory"),
    ],
)
def test_a_choice_that_cannot_be_heard_is_told(tmp_path, words, expected):
    file, group = saved(tmp_path / "a.npy", volumes()), saved(tmp_path / "g.npy", volumes(2))
    words = [{"FILE": str(file), "GROUP": str(group)}.get(each, each) for each in words]
    done = CliRunner().invoke(app, ["brain", str(file), "--time-axis", "rows", "--tr", "2", "--seeds", "2", *words])
    assert isinstance(done.exception, BadInput)
    assert expected in str(done.exception)
