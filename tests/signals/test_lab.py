"""Cortisol: areas by hand and on the 26 people of BiopsyKit's sample data; limits, units and fluids."""

import csv
from itertools import pairwise

import pytest

from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Unscored
from asklepion.signals.lab.concentration import (
    Concentration,
    Limit,
    Matrix,
    change_percent,
    cortisol_nmol_l,
    parse,
    reference_change_percent,
    same_fluid,
)
from asklepion.signals.lab.cortisol import Sample, areas, awakening
from asklepion.signals.lab.files import read
from asklepion.signals.measure import by_name


def saliva(pairs, *, unit="nmol/L", matrix=Matrix.SALIVA):
    return [Sample(at, None if text is None else parse(text, unit=unit, matrix=matrix)) for at, text in pairs]


DAY = [(0, "10"), (30, "16"), (45, "14"), (60, "8")]


def test_areas_by_hand():
    """(10 + 16) / 2 x 30 + (16 + 14) / 2 x 15 + (14 + 8) / 2 x 15 = 780; less 10 x 60 = 180."""
    told = by_name(areas(saliva(DAY)))
    assert told["cortisol_auc_g_saliva"].value == 780
    assert told["cortisol_auc_i_saliva"].value == 180
    assert told["cortisol_mean_increase_saliva"].value == pytest.approx(38 / 3 - 10)
    assert told["cortisol_auc_g_saliva"].unit == "nmol.min/L"


def test_actual_times_count():
    late = [(0, "10"), (42, "16"), (45, "14"), (60, "8")]
    assert by_name(areas(saliva(late)))["cortisol_auc_g_saliva"].value == pytest.approx(13 * 42 + 15 * 3 + 11 * 15)


def test_area_of_increase_keeps_its_sign():
    assert by_name(areas(saliva([(0, "10"), (60, "4")])))["cortisol_auc_i_saliva"].value == -180


def test_awakening_response():
    told = by_name(awakening(saliva([*DAY, (240, "40")])))
    assert told["cortisol_awakening_rise_saliva"].value == 6
    assert told["cortisol_awakening_rise_percent_saliva"].value == pytest.approx(60)
    assert told["cortisol_awakening_rise_saliva"].quality == ("The highest was taken at 30 min.",)
    assert "12 min after waking" in awakening(saliva([(12, "10"), (40, "12")]))[0].quality[0]


def test_one_unit_within():
    there = by_name(areas(saliva([(0, "0.5"), (60, "0.25")], unit="ug/dL")))["cortisol_auc_g_saliva"].value
    assert there == pytest.approx(0.375 * 27.59 * 60)
    assert cortisol_nmol_l(Concentration(1, "ng/mL", Matrix.SERUM)).value == pytest.approx(2.759)


def test_a_missing_sample_leaves_no_number():
    why = areas(saliva([(0, "10"), (30, None), (60, "8")]))[0].value
    assert why == Unscored("The sample at 30 min is missing.", ("30",))


def test_below_the_limit_leaves_bounds():
    """With 0: (10 + 0) / 2 x 60 = 300; with 2: 360."""
    why = areas(saliva([(0, "10"), (60, "<2")]))[0].value
    assert isinstance(why, Unscored)
    assert "60 min (<2). It lies between 300 and 360." in why.reason
    first = by_name(areas(saliva([(0, "<2"), (30, "<2"), (60, "9")])))["cortisol_auc_i_saliva"].value
    assert "between 45 and 195" in first.reason
    assert "no upper bound" in areas(saliva([(0, "10"), (60, ">88")]))[0].value.reason
    assert "no value above zero to rise from" in awakening(saliva([(0, "<2"), (30, "9")]))[0].value.reason


def test_awakening_needs_saliva_and_two_samples():
    blood = saliva(DAY, matrix=Matrix.SERUM)
    assert "defined in saliva; this is serum" in awakening(blood)[0].value.reason
    assert awakening(blood)[0].name == "cortisol_awakening_rise_serum"
    assert "Fewer than two" in awakening(saliva([(0, "10"), (90, "8")]))[0].value.reason


def test_serum_is_not_plasma():
    one, other = Concentration(20, "ng/mL", Matrix.SERUM), Concentration(2, "ng/mL", Matrix.PLASMA)
    with pytest.raises(BadInput, match="One is of serum, the other of plasma"):
        change_percent(one, other)
    with pytest.raises(BadInput, match="one fluid"):
        areas([Sample(0, one), Sample(9, other)])
    with pytest.raises(BadInput, match="One is in ng/mL"):
        same_fluid(one, Concentration(2, "pg/mL", Matrix.SERUM))
    assert change_percent(one, Concentration(25, "ng/mL", Matrix.SERUM)) == pytest.approx(25)
    assert change_percent(one, Concentration(5, "ng/mL", Matrix.SERUM, Limit.BELOW)) is None


def test_reference_change_value_of_the_paper():
    """Macy 1997: CRP, 42% within a person; printed 118%, which the formula gives with an assay CV of 7%."""
    assert reference_change_percent(42) == pytest.approx(116.4, abs=0.05)
    assert reference_change_percent(42, 7) == pytest.approx(118, abs=0.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: areas(saliva([(0, "10")])), "Fewer than two"),
        (lambda: areas(saliva([(30, "10"), (0, "9")])), "0 min does not come after 30 min"),
        (lambda: areas(saliva([(0, None), (30, None)])), "All samples are missing"),
        (lambda: areas(saliva(DAY, unit="mmol/L")), "no unit mmol/L"),
        (lambda: parse("-3", unit="nmol/L", matrix=Matrix.SALIVA), "`-3` is no concentration"),
        (lambda: parse("n.d.", unit="nmol/L", matrix=Matrix.SALIVA), "<0.5 below the limit"),
        (lambda: reference_change_percent(0), "above zero"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(BadInput, match=words):
        call()


def test_files_of_both_shapes(tmp_path):
    long, wide = tmp_path / "long.csv", tmp_path / "wide.csv"
    long.write_text("subject,minutes,value\nA,0,10\nA,30,<0.5\nB,0,5\nB,31.5,\n")
    first, second = read(long, unit="nmol/L", matrix=Matrix.SALIVA)
    assert (first.name, second.name) == ("A", "B")
    assert first.samples[1].found.limit == Limit.BELOW
    assert (second.samples[1].at_min, second.samples[1].found) == (31.5, None)
    wide.write_text("subject;1;2\nA;10;6,5\n")
    (only,) = read(wide, unit="nmol/L", matrix=Matrix.SALIVA, minutes=(0, 20))
    assert [(each.at_min, each.found.value) for each in only.samples] == [(0, 10), (20, 6.5)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("subject,0,1\nA,10,9\n", "times of 2 samples are needed; none are given"),
        ("subject,0,1\nA,10\n", "Line 2 has not the 3 cells"),
        ("subject\nA\n", "No column holds samples"),
        ("subject,0\n", "no rows"),
    ],
)
def test_files_that_cannot_be_taken(tmp_path, text, words):
    file = tmp_path / "c.csv"
    file.write_text(text)
    with pytest.raises(BadInput, match=words):
        read(file, unit="nmol/L", matrix=Matrix.SALIVA)


def test_every_faulty_cell_is_told(tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("subject,minutes,value\nA,soon,10\nA,30,high\nA,60,8\n")
    with pytest.raises(ManyFaults, match="2 cells") as caught:
        read(file, unit="nmol/L", matrix=Matrix.SALIVA)
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [(2, "minutes"), (3, "value")]


def test_sample_data(reference):
    """26 people x 7 samples, times assumed: AUCi is negative in about half of them."""
    file = reference("lab/cortisol_sample.csv")
    minutes = (0, 15, 30, 45, 60, 75, 90)
    found = read(file, unit="nmol/L", matrix=Matrix.SALIVA, minutes=minutes)
    assert len(found) == 26
    told = [by_name(areas(each.samples)) for each in found]
    assert sum(each["cortisol_auc_i_saliva"].value < 0 for each in told) in range(10, 17)
    with file.open() as lines:
        rows = list(csv.reader(lines))[1:]
    for row, each in zip(rows, told, strict=True):
        values = [float(cell) for cell in row[2:]]
        ground = sum(15 * (a + b) / 2 for a, b in pairwise(values))
        assert each["cortisol_auc_g_saliva"].value == pytest.approx(ground)
        assert each["cortisol_auc_i_saliva"].value == pytest.approx(ground - 90 * values[0])


def test_a_persons_row_that_stands_twice_is_refused(tmp_path):
    file = tmp_path / "twice.csv"
    file.write_text("subject,condition,0,1\nP1,a,5,6\nP1,b,5,7\nP1,a,4,8\n")
    with pytest.raises(ManyFaults, match=r"line 4: A row of P1 a stands above already"):
        read(file, unit="nmol/L", matrix=Matrix.SALIVA, minutes=[0, 30])
