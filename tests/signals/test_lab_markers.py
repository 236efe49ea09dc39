"""Markers from a long table: limits, units and fluids, and a person's change against what the facts hold."""

import json
import math

import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Unscored
from asklepion.flows import laboratory
from asklepion.flows.facts import facts
from asklepion.signals.lab.change import chance_limit, judge
from asklepion.signals.lab.concentration import Matrix, parse

HEADING = "participant_id,session,marker,value,unit,matrix\n"


@pytest.fixture
def table(tmp_path):
    def write(*rows, heading=HEADING):
        file = tmp_path / "markers.csv"
        file.write_text(heading + "".join(f"{row}\n" for row in rows), "utf-8")
        return file

    return write


def changed(file, **more):
    return laboratory.markers(file, before="a", after="b", **more).changes


def test_units_are_converted_and_told(table):
    found = laboratory.markers(table("1,a,CRP,0.09,mg/dL,serum", "1,b,crp,1.5,mg/l,Serum", "2,a,BDNF,900,pg/mL,plasma"))
    assert [each.value for each in found.readings] == [pytest.approx(0.9), 1.5, pytest.approx(0.9)]
    assert found.converted == (
        "1 of crp_serum in mg/dL converted to mg/L",
        "1 of bdnf_plasma in pg/mL converted to ng/mL",
    )
    micro = laboratory.markers(table("1,a,cortisol,1,µg/dL,saliva", "1,b,cortisol,1,μg/dL,saliva"))
    assert {each.value for each in micro.readings} == {27.59}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,b,CRP,3,mmol/L,serum", "column unit: `mmol/L` is no unit of crp. Known: mg/L, mg/dL, ug/mL."),
        ("1,b,CRP,3,,serum", "column unit: The unit is not said."),
        ("1,b,CRP,3,mg/L,saliva", "column matrix: `saliva` is no fluid of crp. Known: serum, plasma."),
        ("1,b,CRP,3,mg/L,", "column matrix: The fluid is not said."),
        ("1,b,ferritin,3,mg/L,serum", "There is no marker `ferritin`. Known: bdnf, cortisol, crp, il-6, tnf-alpha."),
        ("1,b,sleep-efficiency,88,%,serum", "There is no marker `sleep-efficiency`"),
        ("1,b,CRP,-3,mg/L,serum", "`-3` is no concentration"),
        ("1,b,CRP,3 mg/L,mg/L,serum", "`3 mg/L` is no concentration"),
        ("1,b,CRP,1e999,mg/L,serum", "beyond what a number can be"),
        ('1,b,CRP,"1,234",mg/L,serum', "The comma in `1,234` may be a decimal one, or one of thousands."),
        ("1,a,crp,3,mg/L,serum", "line 3: crp_serum of 1 at a stands already in line 2."),
        (",b,CRP,3,mg/L,serum", "column participant_id: It is empty."),
    ],
)
def test_rows_that_cannot_be_taken(table, row, said):
    with pytest.raises(ManyFaults) as caught:
        laboratory.markers(table("1,a,CRP,2,mg/L,serum", row))
    assert "1 row cannot be taken" in str(caught.value)
    assert said in str(caught.value)
    assert "line 3" in str(caught.value)


def test_every_fault_of_a_file_is_told(table):
    with pytest.raises(ManyFaults) as caught:
        laboratory.markers(table("1,a,CRP,x,mg/L,serum", "1,b,CRP,2,mg/L,serum", "2,a,CRP,2,g,serum"))
    assert len(caught.value.faults) == 2


def test_columns(table):
    with pytest.raises(BadInput, match="There is no column session or when, matrix"):
        laboratory.markers(table("1,CRP,2,mg/L", heading="subject,marker,value,unit\n"))
    with pytest.raises(BadInput, match="say the same"):
        laboratory.markers(
            table("1,1,a,CRP,2,mg/L,serum", heading="subject,participant_id,when,marker,value,unit,matrix\n")
        )
    with pytest.raises(BadInput, match="The column value stands twice"):
        laboratory.markers(table("1,a,CRP,2,2,mg/L,serum", heading="subject,when,marker,value,value,unit,matrix\n"))
    semicolons = table("1;a;CRP;0,8;mg/L;serum", heading="subject;when;marker;value;unit;matrix\n")
    assert laboratory.markers(semicolons).readings[0].value == 0.8


def test_a_limit_is_never_a_number(table):
    file = table(
        "1,a,CRP,<0.5,mg/L,serum", "1,b,CRP,6,mg/L,serum", "2,a,IL-6,3,pg/mL,serum", "2,b,IL-6,>88,pg/mL,serum"
    )
    found = laboratory.markers(file, before="a", after="b")
    assert [each.value for each in found.readings] == [None, 6, 3, None]
    assert [each[3] for each in found.measures()] == [6, 3]
    for each, said in zip(found.changes, ("(<0.5)", "(>88)"), strict=True):
        assert isinstance(each.percent, Unscored)
        assert isinstance(each.difference, Unscored)
        assert said in each.percent.reason
        assert each.told.verdict == "unknown"


def test_serum_is_not_plasma(table):
    rows = changed(table("1,a,BDNF,24,ng/mL,serum", "1,b,BDNF,0.9,ng/mL,plasma"))
    assert [each.measure for each in rows] == ["bdnf_serum", "bdnf_plasma"]
    assert all("never compared" in each.percent.reason for each in rows)


def test_change_by_hand(table):
    """CRP: the published 118% [macy1997] is above 1.96 sqrt 2 x 42 = 116.4; on the limit is not past it."""
    limit = chance_limit(facts().biomarkers["crp"], "serum")
    assert (limit.percent, str(limit.confidence), limit.sources) == (118, "seen", ("macy1997",))
    rows = ("1,a,CRP,1,mg/L,serum", "1,b,CRP,{},mg/L,serum")
    for after, verdict in (("2.17", "not reliable"), ("2.19", "higher"), ("0.01", "not reliable")):
        told = changed(table(rows[0], rows[1].format(after)))[0]
        assert told.told.verdict == verdict
        assert told.percent == pytest.approx(100 * (float(after) - 1))
        assert told.told.quality == ("No fall can pass a limit of 100% or more.",)
    assert judge(118, facts().biomarkers["crp"], limit).verdict == "not reliable"


def test_the_assay_counts(table):
    """IL-6: 31% within a person; 15% of the assay, recalled: 1.96 sqrt 2 sqrt(31² + 15²) = 95.5; with 4%: 86.6."""
    marker = facts().biomarkers["il-6"]
    mine, filed = chance_limit(marker, "serum", assay_cv=4), chance_limit(marker, "serum")
    assert filed.percent == pytest.approx(1.96 * math.sqrt(2) * math.hypot(31, 15)) == pytest.approx(95.46, abs=0.01)
    assert mine.percent == pytest.approx(86.64, abs=0.01)
    assert (str(filed.confidence), str(mine.confidence)) == ("recalled", "seen")
    rows = table("1,a,IL-6,10,pg/mL,serum", "1,b,IL-6,0.9,pg/mL,serum")
    assert changed(rows)[0].told.verdict == "not reliable"
    assert changed(rows, assay_cv={"il-6": 4})[0].told.verdict == "lower"


def test_what_is_not_on_file_is_unknown(table):
    for row, of in (
        ("BDNF,{},ng/mL,serum", "bdnf"),
        ("CRP,{},mg/L,plasma", "crp"),
        ("cortisol,{},nmol/L,saliva", "cortisol"),
    ):
        told = changed(table("1,a," + row.format(10), "1,b," + row.format(90)))[0]
        assert told.percent == 800
        assert told.told.verdict == "unknown"
        assert told.told.why == f"No variation of {of} within a person is on file for this."
    zero = changed(table("1,a,CRP,0,mg/L,serum", "1,b,CRP,3,mg/L,serum"))[0]
    assert (zero.difference, zero.told.verdict, zero.told.why) == (3, "unknown", "The value before is zero.")


def test_flags(table):
    said = laboratory.markers(
        table(*(f"{n},a,CRP,{text},mg/L,serum" for n, text in enumerate(("10", "10.1", ">10", "<20"))))
    ).said
    assert [len(each) for each in said] == [0, 1, 1, 0]
    assert said[1][0].endswith("leave the value out of comparisons. (recalled)")


def test_sessions(table):
    file = table("1,2026-02-01,CRP,1,mg/L,serum", "1,2026-01-01,CRP,2,mg/L,serum")
    for before, after, said in (
        ("2026-02-01", "2026-01-01", "comes after"),
        ("2026-01-01", "2026-01-01", "one session"),
        ("2026-01-01", "x", "There is no session x"),
        ("2026-01-01", None, "One session alone"),
    ):
        with pytest.raises(BadInput, match=said):
            laboratory.markers(file, before=before, after=after)
    assert laboratory.markers(file, before="2026-01-01", after="2026-02-01").changes[0].difference == -1


def test_order_of_rows_changes_nothing(table):
    rows = ["1,a,CRP,1,mg/L,serum", "1,b,CRP,3,mg/L,serum", "2,b,IL-6,2,pg/mL,serum", "2,a,IL-6,1,pg/mL,serum"]
    told = {(each.subject, each.measure): each for each in changed(table(*rows))}
    assert {(each.subject, each.measure): each for each in changed(table(*reversed(rows)))} == told


def test_the_command(table, tmp_path):
    def run(*words):
        return CliRunner().invoke(app, ["lab", "markers", *map(str, words)])

    rows = [f"{n},{when},CRP,{n + step},mg/L,serum" for n in (1, 2, 12) for when, step in (("a", 0), ("b", 1))]
    file = table(*rows)
    out = tmp_path / "measures.tsv"
    told = run(file, "--before", "a", "--after", "b", "--out", out, "--without-flagged", "--json")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.output)
    assert answer["counts"] == {"rows": 6, "values": 6, "at_a_limit": 0, "empty": 0}
    assert answer["changes"][0]["verdict"] == "not reliable"
    assert out.read_text().splitlines() == [
        "participant_id\tsession\tmeasure\tvalue\tunit",
        *(f"{n}\t{when}\tcrp_serum\t{n + step}\tmg/L" for n in (1, 2) for when, step in (("a", 0), ("b", 1))),
    ]
    again = CliRunner().invoke(app, ["analyse", "change", str(out), "--before", "a", "--after", "b"])
    assert "crp_serum  2  1.0000" in " ".join(again.output.split(" ")), again.output
    assert run(table("1,a,CRP,,mg/L,serum")).exit_code == 1
    for words in (("--assay-cv", "crp"), ("--assay-cv", "crp=-1"), ("--assay-cv", "iron=1"), ("--out", file)):
        assert isinstance(run(file, *words).exception, BadInput)


def test_a_comma_of_thousands_is_not_guessed():
    with pytest.raises(BadInput, match=r"Write 12345 or 12\.345"):
        parse("12,345", unit="nmol/L", matrix=Matrix.SALIVA)
    assert parse("0,123", unit="nmol/L", matrix=Matrix.SALIVA).value == 0.123
    assert parse("12,34", unit="nmol/L", matrix=Matrix.SALIVA).value == 12.34
