"""FreeSurfer's tables: files in its layout with invented numbers, what is read of them, and what is refused."""

import json

import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput
from asklepion.flows import laboratory
from asklepion.signals.lab.freesurfer import scan
from asklepion.signals.lab.stats_file import read

BUILT = "freesurfer-linux-centos7_x86_64-7.1.1-20200723-8b40551"
REGIONS = tuple(f"region{n:02}" for n in range(34))


def aseg(left=4000.0, right=4200.5, *, subject="invented-01", built=BUILT, skull="1500000.000000, mm^3", rows=None):
    table = rows or [("Left-Thalamus", 7000.0), ("Left-Hippocampus", left), ("Right-Hippocampus", right)]
    lines = [
        "# Title Segmentation Statistics ", "# ", "# generating_program mri_segstats", f"# build_stamp {built}",
        f"# subjectname {subject}", "# Measure BrainSeg, BrainSegVol, Brain Segmentation Volume, 1100000.000000, mm^3",
        f"# Measure EstimatedTotalIntraCranialVol, eTIV, Estimated Total Intracranial Volume, {skull}",
        f"# NRows {len(table)} ", "# NTableCols 10 ",
        "# ColHeaders  Index SegId NVoxels Volume_mm3 StructName normMean normStdDev normMin normMax normRange  ",
        *(
            f"{n:3} {n + 10:3}  {int(size)}  {size:.1f}  {name}  80.1 9.2 10.0 120.0 110.0 "
            for n, (name, size) in enumerate(table, 1)
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def aparc(hemi="lh", *, subject="invented-01", thick=2.5, names=REGIONS, built=BUILT, area=lambda n: 100 + n):
    lines = [
        "# Table of FreeSurfer cortical parcellation anatomical statistics ", f"# build_stamp {built}",
        f"# subjectname {subject}", f"# hemi {hemi}", f"# AnnotationFile ../label/{hemi}.aparc.annot",
        "# Measure Cortex, NumVert, Number of Vertices, 9000, unitless",
        "# Measure Cortex, CortexVol Total cortical gray matter volume, 363746.5, mm^3",
        "# Measure Cortex, WhiteSurfArea, White Surface Total Area, 4000, mm^2",
        f"# Measure Cortex, MeanThickness, Mean Thickness, {thick}, mm",
        "# ColHeaders StructName NumVert SurfArea GrayVol ThickAvg ThickStd MeanCurv GausCurv FoldInd CurvInd",
        *(
            f"{name}  150  {area(n)}  300  {thick + n / 100:.3f}  0.5  0.1  0.02  3  0.4"
            for n, name in enumerate(names)
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


@pytest.fixture
def put(tmp_path):
    def write(text, name="aseg.stats"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return file

    return write


def told(found):
    return {(each.name, each.of): each.value for each in found.measures}


def test_volumes(put):
    found = scan([put(aseg())])
    assert (found.subject, found.version) == ("invented-01", "7.1.1")
    assert told(found) == {
        ("hippocampal_volume", "left"): 4000,
        ("hippocampal_volume", "right"): 4200.5,
        ("hippocampal_volume", "both"): 8200.5,
        ("etiv", ""): 1500000,
        ("hippocampal_share_of_etiv", "both"): pytest.approx(100 * 8200.5 / 1500000),
    }
    assert {each.unit for each in found.measures} == {"mm3", "%"}


def test_thickness_is_weighted_by_area(put):
    """Areas 100 + n and thicknesses t + n / 100 over 34 regions: the mean by hand, apart from the plain one."""
    left, right = put(aparc(), "lh.aparc.stats"), put(aparc("rh", thick=2.7, area=lambda n: 200 - n), "rh.aparc.stats")
    found = scan([right, left], regions=True)
    sums = [
        (sum((100 + n) * (2.5 + n / 100) for n in range(34)), sum(100 + n for n in range(34))),
        (sum((200 - n) * (2.7 + n / 100) for n in range(34)), sum(200 - n for n in range(34))),
    ]
    values = told(found)
    assert values["cortical_thickness_mean", "left"] == pytest.approx(sums[0][0] / sums[0][1])
    assert values["cortical_thickness_mean", "right"] == pytest.approx(sums[1][0] / sums[1][1])
    both = (sums[0][0] + sums[1][0]) / (sums[0][1] + sums[1][1])
    assert values["cortical_thickness_mean", "both"] == pytest.approx(both)
    assert values["cortical_thickness", "rh region33"] == 3.03
    assert sum(name == "cortical_thickness" for name, _ in values) == 68
    quality = next(each for each in found.measures if each.of == "left").quality
    assert quality[1] == f"The regions are {100 * sums[0][1] / 4000:.1f}% of the white surface (lh)."


def test_one_hemisphere_has_no_total(put):
    assert "other hemisphere" in told(scan([put(aparc(), "lh.aparc.stats")]))["cortical_thickness_mean", "both"].reason


def test_the_revision_of_a_program_is_no_version(put):
    text = aseg().replace(
        f"# build_stamp {BUILT}", "# cvs_version $Id: mri_segstats.c,v 1.121 2016/05/31 17:27:11 greve Exp $"
    )
    assert read(put(text)).version == ""
    assert read(put(aseg(built="freesurfer-Linux-centos6_x86_64-stable-pub-v6.0.0-2beb96c"))).version == "6.0.0"


CUT = aseg().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("".join(CUT[:-1]), "tells of 3 rows; there are 2"),
        ("".join(CUT)[:-30], "It has 5 cells, not 10"),
        ("".join(CUT).rstrip(), "The last line does not end"),
        ("".join(CUT[:-3]), "The table has no rows"),
        ("".join(CUT[:9]), "no line `# ColHeaders`"),
        (aseg().replace("Volume_mm3", "Volume_ml"), "Wanted: SegId, Volume_mm3, StructName (aseg.stats)"),
        (aseg().replace("mm^3", "ml"), "eTIV is in `ml`. Known: mm^3"),
        (aseg(skull="nan, mm^3"), "is no measure"),
        (aseg(skull="1500000, mm^2"), "eTIV is in mm2"),
        (aseg().replace("4000.0", "-4000.0"), "`-4000.0` is no size"),
        (aseg().replace("4000.0", "nan"), "`nan` is no size"),
        (aseg(left=0.0), "The hippocampus (left) has no volume"),
        (aseg(rows=[("Left-Hippocampus", 1.0)]), "The table has no Right-Hippocampus"),
        (aseg(rows=[("Left-Hippocampus", 1.0)] * 2), "Left-Hippocampus stands twice"),
        (aseg().replace("# subjectname invented-01\n", ""), "names no subject"),
        (aparc().replace("# hemi lh", "# hemi"), "names no hemisphere"),
        (aparc(names=REGIONS[:-1]), "lh.aparc.annot has 34 regions; the table has 33"),
        (aparc(area=lambda n: 0), "No region has an area"),
        ("", "no line `# ColHeaders`"),
    ],
)
def test_what_is_refused(put, text, said):
    with pytest.raises(BadInput) as caught:
        scan([put(text)])
    assert said in str(caught.value)
    assert "aseg.stats" in str(caught.value)


def test_files_that_do_not_belong_together(put):
    one = put(aseg())
    for text, said in (
        (
            aparc(subject="invented-02"),
            "more than one subject: aseg.stats of invented-01, lh.aparc.stats of invented-02",
        ),
        (aparc(built="freesurfer-7.3.2-x"), "more than one version"),
    ):
        with pytest.raises(BadInput, match=said):
            scan([one, put(text, "lh.aparc.stats")])
    with pytest.raises(BadInput, match="are both aseg"):
        scan([one, put(aseg(), "other.stats")])
    text = aparc("rh", names=(*REGIONS[:-1], "another"))
    with pytest.raises(BadInput, match="Only one hemisphere has another, region33"):
        scan([put(aparc(), "lh.aparc.stats"), put(text, "rh.aparc.stats")])
    with pytest.raises(BadInput, match="cannot be read"):
        scan([one.with_name("none.stats")])


@pytest.mark.parametrize(("after", "verdict"), [(4159.0, "not reliable"), (4161.0, "higher"), (3839.0, "lower")])
def test_change_against_what_is_on_file(put, after, verdict):
    """4% of 4000 is 160; that bound is recalled, and said so."""
    found = laboratory.freesurfer([put(aseg(after))], before=[put(aseg(), "before.stats")])
    left = next(each for each in found.changes if each.measure.of == "left")
    assert (left.difference, left.told.verdict) == (after - 4000, verdict)
    assert str(left.told.limit.confidence) == "recalled"
    assert "4%, a limit on file (recalled)" in left.told.why
    skull = next(each for each in found.changes if each.measure.name == "etiv")
    assert skull.told.verdict == "unknown"


def test_two_versions_are_not_judged(put):
    before = put(aseg(built="freesurfer-6.0.0-x", subject="other"), "before.stats")
    found = laboratory.freesurfer([put(aseg(5000.0))], before=[before])
    assert {each.told.verdict for each in found.changes} == {"unknown"}
    assert found.said == (
        "The scan before is of other, this of invented-01: are they one person?",
        "The scan before is by FreeSurfer 6.0.0, this by 7.1.1.",
    )
    with pytest.raises(BadInput, match="the same before and after"):
        laboratory.freesurfer([before], before=[before])


def test_the_command(put):
    def run(*words):
        return CliRunner().invoke(app, ["lab", "freesurfer", *map(str, words)])

    files = [put(aseg()), put(aparc(), "lh.aparc.stats"), put(aparc("rh"), "rh.aparc.stats")]
    whole = run(*files, "--before", put(aseg(3000.0), "before.stats"))
    assert whole.exit_code == 0, whole.output
    assert "invented-01, FreeSurfer 7.1.1" in whole.output
    answer = json.loads(run(*files, "--json", "--before", put(aseg(3000.0), "before.stats")).output)
    assert answer["changes"][0]["verdict"] == "higher"
    assert len(answer["sha256"]) == 4
    assert run(*files[:2]).exit_code == 1
    out = files[0].with_name("measures.tsv")
    run(*files, "--out", out, "--session", "after", "--regions")
    lines = out.read_text().splitlines()
    assert "invented-01\tafter\thippocampal_volume_left\t4000\tmm3" in lines
    assert "invented-01\tafter\tcortical_thickness_lh_region00\t2.5\tmm" in lines
