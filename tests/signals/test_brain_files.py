"""Recordings of parcels from files: what is read, which way round, what is refused; every file made here."""

import gzip

import numpy as np
import pytest

from asklepion.core.errors import BadInput
from asklepion.flows.brain import Choice, brain
from asklepion.signals.brain import reading

VOLUMES, NAMES = 40, [f"Net{place % 3}_{place}" for place in range(12)]


def bold():
    rng = np.random.default_rng(5)
    return rng.normal(size=(VOLUMES, 12)) + 0.5 * rng.normal(size=(VOLUMES, 1))


def table(file, rows, heads=None, between="\t"):
    lines = [between.join(heads)] if heads else []
    lines += [between.join("n/a" if np.isnan(each) else repr(float(each)) for each in row) for row in rows]
    text = "\n".join(lines) + "\n"
    file.write_bytes(gzip.compress(text.encode()) if file.name.endswith(".gz") else text.encode())
    return file


def labels(file, names=NAMES, heads=("index", "name", "network")):
    rows = [f"{place + 1}\t{name}\t{name.partition('_')[0]}" for place, name in enumerate(names)]
    file.write_text("\n".join(["\t".join(heads), *rows]) + "\n")
    return file


def load(file, *, names=None, moved=None, above=None, **choice):
    return reading.load(file, reading.Choice(**choice), labels=names, confounds=moved, censor_above_mm=above)


def matlab_5(folder):
    from scipy.io import savemat

    cells = np.empty((2, 2), dtype=object)
    for place in np.ndindex(2, 2):
        cells[place] = bold().T + place[0] + 10 * place[1]
    savemat(folder / "five.mat", {"tc": cells, "one": bold()})
    return folder / "five.mat"


def matlab_73(folder):
    """Write what MATLAB does: a heading of 512 bytes, matrices turned, a cell array as references."""
    h5py = pytest.importorskip("h5py")
    file = folder / "seven.mat"
    with h5py.File(file, "w", userblock_size=512) as held:
        refs = held.create_dataset("tc", (2, 2), dtype=h5py.ref_dtype)
        refs.attrs["MATLAB_class"] = np.bytes_("cell")
        for row, column in np.ndindex(2, 2):
            held[f"#refs#/{row}{column}"] = (bold().T + row + 10 * column).T
            refs[column, row] = held[f"#refs#/{row}{column}"].ref
        held["one"] = bold().T
    return file


@pytest.mark.parametrize("make", [matlab_5, matlab_73])
def test_matlab_cells_are_as_matlab_shows_them(tmp_path, make):
    file = make(tmp_path)
    found = load(file, variable="tc", cell=(2, 1), time_axis="columns")
    assert found.recording.volumes == pytest.approx(bold() + 1)
    assert "Variable tc, cell 2,1 of 2 x 2." in found.words
    assert load(file, variable="one", time_axis="rows").recording.volumes == pytest.approx(bold())
    with pytest.raises(BadInput, match=r"cell array of 2 x 2, and no cell"):
        load(file, variable="tc")
    with pytest.raises(BadInput, match="no cell 3,1 in 2 x 2"):
        load(file, variable="tc", cell=(3, 1))
    with pytest.raises(BadInput, match=r"(?s)more than one variable.*one, tc|more than one variable.*tc, one"):
        load(file)
    with pytest.raises(BadInput, match=r"no variable bold"):
        load(file, variable="bold")
    with pytest.raises(BadInput, match="no cell array"):
        load(file, variable="one", cell=(1, 1))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="cut short"):
        load(file, variable="tc", cell=(1, 1))


def test_orientation_is_never_guessed(tmp_path):
    np.save(tmp_path / "a.npy", bold())
    np.save(tmp_path / "b.npy", bold().T)
    with pytest.raises(BadInput, match="40 x 12, and nothing says along which time runs"):
        load(tmp_path / "a.npy")
    named = labels(tmp_path / "l.tsv")
    for file in ("a.npy", "b.npy"):
        found = load(tmp_path / file, names=named)
        assert found.recording.volumes == pytest.approx(bold())
        assert "Read as 40 volumes x 12 parcels, by the 12 labels." in found.words
    assert load(tmp_path / "b.npy", time_axis="columns").recording.volumes == pytest.approx(bold())
    np.save(tmp_path / "square.npy", bold()[:12])
    with pytest.raises(BadInput, match="12 x 12, and nothing says"):
        load(tmp_path / "square.npy", names=named)
    with pytest.raises(BadInput, match=r"40 x 12, and there are 11 labels: no way round fits"):
        load(tmp_path / "a.npy", names=labels(tmp_path / "few.tsv", NAMES[:11]))
    with pytest.raises(BadInput, match="`time` is no axis"):
        load(tmp_path / "a.npy", time_axis="time")


@pytest.mark.parametrize(("name", "between"), [("a.tsv", "\t"), ("a.csv", ","), ("a.tsv.gz", "\t")])
def test_headings_name_parcels_and_labels_go_by_name(tmp_path, name, between):
    file = table(tmp_path / name, bold(), NAMES, between)
    turned = labels(tmp_path / "l.tsv", [*NAMES[::-1], "Other_99"], ("index", "label", "network_label"))
    found = load(file, names=turned)
    assert found.names == tuple(NAMES)
    assert found.recording.network == tuple(name.partition("_")[0] for name in NAMES)
    assert "1 labels are of no parcel of this recording." in found.words
    assert load(table(tmp_path / "bare.csv", bold(), None, ","), time_axis="rows").recording.volumes == pytest.approx(
        bold()
    )


def test_labels_that_do_not_match_are_told_with_both_counts(tmp_path):
    file = table(tmp_path / "a.tsv", bold(), NAMES)
    with pytest.raises(BadInput, match=r"12 parcels and 10 labels; 2 parcels have none: Net1_10, Net2_11"):
        load(file, names=labels(tmp_path / "l.tsv", NAMES[:10]))
    with pytest.raises(BadInput, match="no column for the network; it has index, name, lobe"):
        load(file, names=labels(tmp_path / "m.tsv", heads=("index", "name", "lobe")))
    with pytest.raises(BadInput, match="Parcels come twice: Net0_0"):
        load(file, names=labels(tmp_path / "n.tsv", [*NAMES, NAMES[0]]))
    with pytest.raises(BadInput, match="no such file"):
        load(file, names=tmp_path / "gone.tsv")


def test_a_parcel_that_the_scan_does_not_cover_is_left_out_by_name(tmp_path):
    found = bold()
    found[:, 4] = np.nan
    told = load(table(tmp_path / "a.tsv", found, NAMES), names=labels(tmp_path / "l.tsv"))
    assert NAMES[4] not in told.names
    assert len(told.recording.network) == 11
    assert "Left out 1 parcels without any number: Net1_4." in told.words
    found[3, 5] = np.nan
    with pytest.raises(BadInput, match="1 samples are no finite numbers"):
        load(table(tmp_path / "b.tsv", found, NAMES))


def test_motion_is_carried_and_censors(tmp_path):
    moved = np.full(VOLUMES, 0.2)
    moved[0], moved[9] = np.nan, 0.9
    motion = table(tmp_path / "c.tsv", np.column_stack([np.ones(VOLUMES), moved]), ["csf", "framewise_displacement"])
    file = table(tmp_path / "a.tsv", bold(), NAMES)
    found = load(file, moved=motion, above=0.5)
    assert found.recording.censored == 1
    assert found.recording.displacement_mm == pytest.approx(0.2 * 38 / 39)
    told = brain(file, labels=None, sampling_hz=0.5, confounds=motion, censor_above_mm=0.5, seeds=2)
    assert "Mean framewise displacement 0.195 mm; 1 of 40 volumes censored." in told.words
    with pytest.raises(BadInput, match="no column framewise_displacement; it has csf, fd"):
        load(file, moved=table(tmp_path / "d.tsv", np.ones((VOLUMES, 2)), ["csf", "fd"]))
    with pytest.raises(BadInput, match="40 volumes and 39 displacements"):
        load(file, moved=table(tmp_path / "e.tsv", np.ones((39, 1)), ["framewise_displacement"]))


def test_a_baseline_of_other_parcels_is_told_by_those_that_both_have(tmp_path):
    own = table(tmp_path / "a.tsv", bold(), NAMES)
    before = table(tmp_path / "b.tsv", bold()[:, ::-1][:, 1:], NAMES[::-1][1:])
    told = brain(own, labels=None, sampling_hz=0.5, baseline=before, seeds=2)
    values = {each.name: each.value for each in told.both.with_global_signal}
    assert values["distance_from_baseline_rms_z_with_global_signal"] == pytest.approx(0, abs=1e-12)
    assert values["distance_from_baseline_1_minus_r_with_global_signal"] == pytest.approx(0, abs=1e-12)
    assert any("Left out 1 parcels that only one" in words for words in told.words)
    other = table(tmp_path / "c.tsv", bold(), [f"x{name}" for name in NAMES])
    with pytest.raises(BadInput, match="shares 0 of 12 parcels"):
        brain(own, labels=None, sampling_hz=0.5, baseline=other)


def test_a_group_is_others_only(tmp_path):
    rng = np.random.default_rng(8)
    files = [table(tmp_path / f"{each}.tsv", bold() + rng.normal(size=(VOLUMES, 12)), NAMES) for each in "abc"]
    told = brain(files[0], labels=None, sampling_hz=0.5, references=files, seeds=2)
    assert "Reference group: the mean of 2 recordings, the recording itself left out." in told.words
    z = [load(each).recording.volumes for each in files]
    z = [np.arctanh(np.corrcoef(each.T) - np.eye(12))[np.triu_indices(12, 1)] for each in z]
    values = {each.name: each.value for each in told.both.with_global_signal}
    expected = np.sqrt(np.mean((z[0] - (z[1] + z[2]) / 2) ** 2))
    assert values["distance_from_group_rms_z_with_global_signal"] == pytest.approx(expected)
    with pytest.raises(BadInput, match="1 other recordings are no group"):
        brain(files[0], labels=None, sampling_hz=0.5, references=files[:2])


def test_cifti_says_which_axis_is_time(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    axes = nibabel.cifti2.cifti2_axes
    space = axes.BrainModelAxis.from_mask(np.ones((12, 1, 1)), name="thalamus_left", affine=np.eye(4))
    parcels = axes.ParcelsAxis.from_brain_models([(name, space[place : place + 1]) for place, name in enumerate(NAMES)])
    header = nibabel.Cifti2Header.from_axes((axes.SeriesAxis(0, 2.5, VOLUMES), parcels))
    file = tmp_path / "a.ptseries.nii"
    nibabel.save(nibabel.Cifti2Image(bold().astype(np.float32), header), file)
    found = load(file, names=labels(tmp_path / "l.tsv"))
    assert found.recording.volumes == pytest.approx(bold(), rel=1e-5)
    assert found.sampling_hz == pytest.approx(0.4)
    assert found.names == tuple(NAMES)
    with pytest.raises(BadInput, match=r"a volume took 2.5 s; 2 s was given"):
        brain(file, labels=None, sampling_hz=0.5)
    file.write_bytes(file.read_bytes()[:-400])
    with pytest.raises(BadInput, match="cut short"):
        load(file)


def test_an_image_is_averaged_by_an_atlas_on_its_grid_only(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    told = np.zeros((4, 4, 3))
    told.ravel()[:36] = np.repeat(np.arange(1, 13), 3)
    voxels = np.zeros((4, 4, 3, VOLUMES), dtype=np.float32)
    for label in range(1, 13):
        voxels[told == label] = bold()[:, label - 1]
    voxels[0, 0, 0] = 7
    image = nibabel.Nifti1Image(voxels, np.eye(4))
    image.header.set_zooms((1, 1, 1, 2))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, tmp_path / "a.nii.gz")
    nibabel.save(nibabel.Nifti1Image(told.astype(np.int16), np.eye(4)), tmp_path / "atlas.nii")
    found = load(tmp_path / "a.nii.gz", names=labels(tmp_path / "l.tsv"), atlas=tmp_path / "atlas.nii")
    assert found.recording.volumes == pytest.approx(bold(), rel=1e-5)
    assert found.names == tuple(NAMES)
    assert found.sampling_hz == pytest.approx(0.5)
    assert "1 voxels of labels have no variance and do not count." in found.words
    moved = np.eye(4)
    moved[0, 3] = 2
    nibabel.save(nibabel.Nifti1Image(told.astype(np.int16), moved), tmp_path / "moved.nii")
    with pytest.raises(BadInput, match=r"lies elsewhere: the affines differ by 2.*nothing is resampled"):
        load(tmp_path / "a.nii.gz", atlas=tmp_path / "moved.nii")
    nibabel.save(nibabel.Nifti1Image(told[:3].astype(np.int16), np.eye(4)), tmp_path / "small.nii")
    with pytest.raises(BadInput, match=r"It is 3 x 4 x 3 voxels, the image 4 x 4 x 3"):
        load(tmp_path / "a.nii.gz", atlas=tmp_path / "small.nii")
    with pytest.raises(BadInput, match="An image has no parcels"):
        load(tmp_path / "a.nii.gz")
    whole = (tmp_path / "a.nii.gz").read_bytes()
    (tmp_path / "cut.nii.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="cut short"):
        load(tmp_path / "cut.nii.gz", atlas=tmp_path / "atlas.nii")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.npy", b"\x93NUMPY\x01\x00", "cut short"),
        ("a.tsv", b"", "It is empty"),
        ("a.tsv", b"a\tb\n1\t2\n3\n", "Line 3 has 1 cells, the first line 2: it may be cut short"),
        ("a.tsv", b"a\tb\n1\tx\n", "Line 2, column b: `x` is no number"),
        ("a.tsv", b"a\ta\n1\t2\n", "Headings come twice: a"),
        ("a.tsv", b"\xff\xfe\x00", "cannot be read as text"),
        ("a.mat", b"nothing of the kind", "cannot be read as a .mat file"),
        ("a.doc", b"", "of no kind that is read"),
        ("a.nii", b"short", "An image has no parcels"),
    ],
)
def test_a_broken_file_is_told(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=words):
        load(tmp_path / name)


def test_what_does_not_fit_the_file_is_told(tmp_path):
    file = table(tmp_path / "a.tsv", bold(), NAMES)
    with pytest.raises(BadInput, match="no such file"):
        load(tmp_path / "gone.tsv")
    with pytest.raises(BadInput, match=r"Only a \.mat file has variables"):
        load(file, variable="tc")
    with pytest.raises(BadInput, match="time runs along its rows"):
        load(file, time_axis="columns")
    with pytest.raises(BadInput, match="no sampling rate"):
        brain(file, labels=None, sampling_hz=-1.0)
    flat = bold()
    flat[:, 2] = 1
    with pytest.raises(BadInput, match=r"a\.tsv, time x parcels: 1 parcels are flat: columns 3"):
        brain(table(file, flat, NAMES), labels=None, sampling_hz=0.5)
    assert Choice is reading.Choice
