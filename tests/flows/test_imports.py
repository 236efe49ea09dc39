"""A trial's table becomes courses: all or nothing, every bad cell named, and the counts are those of the table."""

import csv
import os
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asklepion.core.access import Role
from asklepion.core.entries import AnswersGiven, ArmAssigned, CourseEnded, ScaleNotDone, VisitHeld, VisitMissed
from asklepion.core.errors import BadInput, BadRow, ManyFaults
from asklepion.flows import audit, courses, import_map, import_rows, import_table, imports, outcomes
from asklepion.record import clock, ledger, reading
from asklepion.record.caseload import caseload
from asklepion.record.reading import JUDGE, Reader
from asklepion.record.verify import rebuild, verify

ROOT = Path(__file__).parents[2]
MAP = ROOT / "docs" / "guide" / "hamd-map.yaml"
DATA = Path(os.environ.get("ASKLEPION_REFERENCE_DATA", ROOT.parent / "shared" / "reference-data"))
TABLE = DATA / "trials" / "rbmi_antidepressant_data.csv"
SMALL_MAP = """\
protocol: hamd-depression-trial
scale: hamd-17
score: total
site: Invented
code_prefix: X-
subject: ID
visit: {column: VISIT, ids: {"4": visit-4, "5": visit-5, "6": visit-6, "7": visit-7}, absent: missed}
day: DAY
origin: 2001-01-01
value: {column: VALUE, blank: ["", NA]}
baseline: {column: BASE, visit: baseline}
change: CHANGE
arm: {column: ARM, ids: {D: DRUG, P: PLACEBO}}
ignore: [SITE]
"""
HEAD = "ID,SITE,VISIT,DAY,ARM,BASE,VALUE,CHANGE\n"
ROWS = (
    "1,a,4,7,D,20,10,-10\n",
    "1,a,5,14,D,20,NA,\n",
    "1,a,7,45,D,20,7,-13\n",
    "2,b,4,8,P,31,31,0\n",
)
SMALL = HEAD + "".join(ROWS)
STATISTICIAN = Reader(Role.STATISTICIAN, "s")


@pytest.fixture
def small_map(tmp_path: Path) -> Path:
    file = tmp_path / "map.yaml"
    file.write_text(SMALL_MAP)
    return file


@pytest.fixture
def planned(tmp_path: Path, small_map: Path):
    def make(content: str | bytes = SMALL, **more: object) -> imports.Plan:
        file = tmp_path / "table.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return imports.plan(file, small_map, **more)

    return make


def _cells(faults: ManyFaults) -> list[tuple[int, str]]:
    assert all(isinstance(fault, BadRow) for fault in faults.faults)
    return [(fault.line, fault.column) for fault in faults.faults]


# What is recorded


@pytest.mark.django_db
def test_a_person_becomes_a_course_with_visits_scores_and_gaps(planned) -> None:
    done = imports.carry_out(planned(), by="i")
    assert (done.courses, done.standing, done.scores, done.blank, done.missed) == (2, 0, 5, 1, 4)
    assert done.scores_by_visit == {"baseline": 2, "visit-4": 2, "visit-7": 1}
    chart = reading.chart("X-1", JUDGE)
    assert [(each.entry.visit, each.on) for each in chart.of(VisitHeld)] == [
        ("baseline", date(2001, 1, 1)),
        ("visit-4", date(2001, 1, 8)),
        ("visit-5", date(2001, 1, 15)),
        ("visit-7", date(2001, 2, 15)),
    ]
    assert [each.entry.scores[0].value for each in chart.of(AnswersGiven)] == [20, 10, 7]
    assert [each.entry.visit for each in chart.of(ScaleNotDone)] == ["visit-5"]
    assert [(each.entry.visit, each.on) for each in chart.of(VisitMissed)] == [("visit-6", date(2001, 1, 29))]
    assert verify() == []


@pytest.mark.django_db
def test_an_imported_total_is_never_taken_for_a_score_of_ours(planned) -> None:
    imports.carry_out(planned(), by="i")
    for each in reading.chart("X-1", JUDGE).of(AnswersGiven):
        assert each.entry.answers == ()
        assert each.entry.source == "import"
        assert all(score.reported for score in each.entry.scores)
        assert each.device == "import"
    first = reading.chart("X-1", JUDGE).of(AnswersGiven)[1].entry
    assert "table.csv" in first.origin
    assert "line 2, column VALUE" in first.origin
    assert "day 0 put on 2001-01-01" in first.origin


@pytest.mark.django_db
def test_the_arm_is_the_pharmacists_alone(planned) -> None:
    imports.carry_out(planned(), by="i")
    assert [each.entry.arm for each in reading.chart("X-2", JUDGE).of(ArmAssigned)] == ["PLACEBO"]
    for role in Role:
        reader = Reader(role, "x", "X-2")
        if reader.may_open("X-2"):
            assert bool(reading.chart("X-2", reader).of(ArmAssigned)) == (role is Role.PHARMACIST)
    told = [each for each in reading.entries("X-2", Reader(Role.COORDINATOR, "c")) if "PLACEBO" in repr(each)]
    assert told == []


@pytest.mark.django_db
def test_a_visit_without_a_row_is_a_gap_and_no_value_stands_in_it(planned) -> None:
    imports.carry_out(planned(), by="i")
    shown = outcomes.trajectory("X-1", STATISTICIAN, on=date(2001, 6, 1))
    assert [point.value for point in shown.points] == [20, 10, 7]
    assert [gap.visit for gap in shown.gaps] == ["visit-5", "visit-6"]
    assert [len(run) for run in shown.runs] == [2, 1]
    other = outcomes.trajectory("X-2", STATISTICIAN, on=date(2001, 6, 1))
    assert [gap.visit for gap in other.gaps] == ["visit-5", "visit-6", "visit-7"]


@pytest.mark.django_db
def test_visits_without_a_row_may_be_left_as_they_are(planned, small_map: Path) -> None:
    small_map.write_text(SMALL_MAP.replace(", absent: missed", ""))
    assert imports.carry_out(planned(), by="i").missed == 0
    assert reading.chart("X-2", JUDGE).of(VisitMissed) == ()


@pytest.mark.django_db
def test_the_courses_of_a_finished_trial_end_with_their_last_row_and_nothing_falls_due(
    planned, small_map: Path
) -> None:
    small_map.write_text(SMALL_MAP + "courses: ended\n")
    imports.carry_out(planned(), by="i")
    assert [(each.entry.how, each.on) for each in reading.chart("X-1", JUDGE).of(CourseEnded)] == [
        ("not_told", date(2001, 2, 15))
    ]
    found = caseload(Reader(Role.COORDINATOR, "c"), on=clock.today())
    assert {(each.row.where, each.row.next_task, each.state) for each in found.rows} == {
        ("Ended: why is not told", "", "ended")
    }
    assert courses.ending("X-1", Reader(Role.COORDINATOR, "c")).ended.startswith("The imported table ends here")


@pytest.mark.django_db
def test_how_a_visit_was_held_is_not_made_up(planned) -> None:
    imports.carry_out(planned(), by="i")
    assert {each.entry.how for each in reading.chart("X-1", JUDGE).of(VisitHeld)} == {"not_told"}
    told = [line.text for line in audit.page("X-1", Reader(Role.COORDINATOR, "c")).lines]
    assert "Visit 4, day 7 held on this day; how is not told" in told
    assert any("column VALUE" in text and "Total 10 as reported" in text for text in told)


@pytest.mark.django_db
def test_the_same_import_twice_is_one(planned) -> None:
    imports.carry_out(planned(), by="i")
    before = [each.hash for each in reading.entries("X-1", JUDGE)]
    again = imports.carry_out(planned(), by="another")
    assert (again.courses, again.standing, again.entries) == (0, 2, 0)
    assert [each.hash for each in reading.entries("X-1", JUDGE)] == before
    assert ledger.count_courses() == 2


@pytest.mark.django_db
def test_a_map_written_in_another_order_is_the_same_map(planned, small_map: Path) -> None:
    imports.carry_out(planned(), by="i")
    small_map.write_text("".join(reversed(SMALL_MAP.splitlines(keepends=True))))
    assert imports.carry_out(planned(), by="i").standing == 2


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["table", "origin"])
def test_people_who_are_there_from_elsewhere_are_not_doubled(planned, change: str) -> None:
    imports.carry_out(planned(), by="i")
    if change == "table":
        other = planned(SMALL.replace("31,31,0", "31,30,-1") + "3,c,4,7,P,20,20,0\n")
    else:
        other = planned(origin=date(2002, 1, 1))
    with pytest.raises(ManyFaults) as raised:
        imports.carry_out(other, by="i")
    assert _cells(raised.value) == [(2, "ID"), (5, "ID")]
    assert ledger.count_courses() == 2


@pytest.mark.django_db
def test_an_import_that_breaks_in_the_middle_leaves_nothing(planned, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, calls = ledger.append, []

    def breaks(*args: object, **more: object) -> object:
        calls.append(args)
        if len(calls) == 12:
            raise RuntimeError("pulled out")
        return whole(*args, **more)

    monkeypatch.setattr(ledger, "append", breaks)
    with pytest.raises(RuntimeError):
        imports.carry_out(planned(), by="i")
    assert ledger.count_courses() == 0
    monkeypatch.undo()
    assert imports.carry_out(planned(), by="i").courses == 2


@pytest.mark.django_db
def test_an_outlook_says_what_would_be_recorded_and_records_nothing(planned) -> None:
    told = imports.outlook(planned())
    assert ledger.count_courses() == 0
    assert imports.carry_out(planned(), by="i") == told


# What is refused: each broken table, the cells that must be named, and a word of what must be said

LINE_2, LINE_3 = ROWS[0], ROWS[1]
BROKEN: dict[str, tuple[str | bytes, list[tuple[int, str]], str]] = {
    "value is no number": (SMALL.replace("20,10,-10", "20,ten,-10"), [(2, "VALUE")], "`ten` is not a number"),
    "decimal comma": (SMALL.replace("20,10,-10", '20,"10,5",-10'), [(2, "VALUE")], "Write a decimal point"),
    "not a number by name": (SMALL.replace("20,10,-10", "20,nan,-10"), [(2, "VALUE")], "`nan` is not a number"),
    "no whole answers": (SMALL.replace("20,10,-10", "20,10.5,-9.5"), [(2, "VALUE")], "sum of whole answers"),
    "above the scale": (SMALL.replace("20,10,-10", "20,53,33"), [(2, "VALUE")], "53 lies outside 0 to 52"),
    "below the scale": (SMALL.replace("20,10,-10", "20,-1,-21"), [(2, "VALUE")], "-1 lies outside 0 to 52"),
    "baseline above the scale": (SMALL.replace("31,31,0", "53,31,-22"), [(5, "BASE")], "53 lies outside"),
    "unknown visit": (SMALL.replace("1,a,4", "1,a,44"), [(2, "VISIT")], "`44` is no visit of the map"),
    "no visit": (SMALL.replace("1,a,4", "1,a,"), [(2, "VISIT")], "The visit is missing"),
    "visit twice": (SMALL.replace("1,a,5", "1,a,4"), [(3, "VISIT")], "on line 2 already"),
    "day is no number": (SMALL.replace("1,a,4,7", "1,a,4,week"), [(2, "DAY")], "not a whole number of days"),
    "no day": (SMALL.replace("1,a,4,7", "1,a,4,"), [(2, "DAY")], "The day is missing"),
    "day before day 0": (SMALL.replace("1,a,4,7", "1,a,4,-1"), [(2, "DAY")], "before day 0"),
    "day to come": (SMALL.replace("1,a,4,7", "1,a,4,99999"), [(2, "DAY")], "lies in the future"),
    "baseline differs": (SMALL.replace("45,D,20,7,-13", "45,D,21,7,-14"), [(4, "BASE")], "is 20 on line 2"),
    "change does not fit": (SMALL.replace("20,10,-10", "20,10,-11"), [(2, "CHANGE")], "10 minus 20 is -10"),
    "change of a blank": (SMALL.replace("NA,", "NA,-3"), [(3, "CHANGE")], "is blank"),
    "no subject": (SMALL.replace("2,b", ",b"), [(5, "ID")], "The subject is missing"),
    "subject is a name": (SMALL.replace("2,b", "Ann Lee,b"), [(5, "ID")], "cannot be the code"),
    "unknown arm": (SMALL.replace("8,P", "8,Q"), [(5, "ARM")], "`Q` is no arm of the map"),
    "arm differs": (SMALL.replace("45,D", "45,P"), [(4, "ARM")], "another on line 2"),
    "too few cells": (SMALL.replace(LINE_3, "1,a,5,14,D\n"), [(3, "BASE")], "5 cells, where"),
    "too many cells": (SMALL.replace(LINE_3, LINE_3.replace("\n", ",x\n")), [(3, "9")], "9 cells, where"),
    "bytes that are no text": (SMALL.encode().replace(b"1,a,5", b"1,\xe4,5"), [(3, "SITE")], "not UTF-8"),
    "bytes in a number": (SMALL.encode().replace(b"20,10,", b"20,1\xff0,"), [(2, "VALUE")], "not UTF-8"),
    "UTF-16": (SMALL.encode("utf-16"), [(1, "")], "UTF-16"),
    "empty file": (b"", [(1, "")], "The table is empty"),
    "blank lines only": (b"\n\n", [(1, "")], "The table is empty"),
    "no rows": (HEAD, [(1, "")], "no rows"),
    "last line cut off": (SMALL[:-5], [(5, "CHANGE"), (5, "")], "may have been cut off"),
    "last cell cut off": (SMALL[:-1], [(5, "")], "may have been cut off"),
    "open quote": (SMALL.replace(LINE_3, '1,a,"5,14,D,20,NA,\n'), [(3, "")], "is not CSV"),
    "column twice": (SMALL.replace("SITE", "ID", 1), [(1, "ID"), (1, "SITE")], "Two columns bear this name"),
    "column unknown": (SMALL.replace("SITE", "SITE2", 1), [(1, "SITE2"), (1, "SITE")], "does not say what"),
    "column without a name": (
        SMALL.replace("SITE", "", 1),
        [(1, "number 2, which has no name"), (1, "SITE")],
        "Map it",
    ),
    "column missing": (SMALL.replace("SITE,", "", 1).replace(",a,", ",").replace(",b,", ","), [(1, "SITE")], "have it"),
    "another delimiter": (
        SMALL.replace(",", ";"),
        [
            (1, HEAD.strip().replace(",", ";")),
            *((1, column) for column in ["ID", "VISIT", "DAY", "VALUE", "BASE", "CHANGE", "ARM", "SITE"]),
        ],
        "does not say what",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_table_is_refused_with_line_and_column(planned, name: str) -> None:
    content, cells, words = BROKEN[name]
    assert content != SMALL
    with pytest.raises(ManyFaults) as raised:
        planned(content)
    assert _cells(raised.value) == cells
    assert words in str(raised.value)


def test_every_fault_of_a_table_is_told_at_once(planned) -> None:
    broken = HEAD + "1,a,4,7,D,20,ten,-10\n1,a,4,x,Q,20,60,\n\n,a,9\n2,b,5,3,P,31,30,4\n2,b,6,3,P,30,30,0"
    with pytest.raises(ManyFaults) as raised:
        planned(broken)
    assert _cells(raised.value) == [
        *[(2, "VALUE"), (3, "DAY"), (3, "VALUE"), (3, "ARM"), (3, "VISIT"), (5, "DAY")],
        *[(6, "CHANGE"), (7, ""), (7, "BASE")],
    ]


def test_a_line_that_breaks_the_format_hides_no_other(planned) -> None:
    broken = SMALL.replace(LINE_2, '"1"x,a,4,7,D,20,10,-10\n').replace("31,31,0", "31,99,0")
    with pytest.raises(ManyFaults) as raised:
        planned(broken)
    assert _cells(raised.value) == [(2, ""), (5, "VALUE")]


def test_quotes_byte_order_mark_and_windows_line_ends_are_taken(planned) -> None:
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in SMALL.splitlines()) + "\r\n"
    assert planned(b"\xef\xbb\xbf" + quoted.encode()).people == planned().people


def test_a_blank_score_is_refused_where_the_map_knows_no_blank(planned, small_map: Path) -> None:
    small_map.write_text(SMALL_MAP.replace('value: {column: VALUE, blank: ["", NA]}', "value: {column: VALUE}"))
    with pytest.raises(ManyFaults) as raised:
        planned(SMALL.replace("NA,", ","))
    assert _cells(raised.value) == [(3, "VALUE")]


@given(st.permutations(ROWS))
@settings(max_examples=24, deadline=None)
def test_the_order_of_rows_changes_no_score(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "map.yaml").write_text(SMALL_MAP)
    (folder / "shuffled.csv").write_text(HEAD + "".join(rows))
    mapped = import_map.read(folder / "map.yaml")
    table = import_table.read(folder / "shuffled.csv", mapped.map.columns(), ignore=("SITE",), delimiter=",")
    people, faults = import_rows.people(table, mapped, today=date(2026, 1, 1))
    assert faults == ()
    found = {person.code: [(each.visit, each.on, each.value) for each in person.given] for person in people}
    assert [(visit, value) for visit, _, value in found["X-1"]] == [
        *[("baseline", 20), ("visit-4", 10), ("visit-5", None), ("visit-7", 7)]
    ]
    assert [(visit, value) for visit, _, value in found["X-2"]] == [("baseline", 31), ("visit-4", 31)]


# The map


def test_every_fault_of_a_map_is_told_with_its_path(planned, small_map: Path) -> None:
    small_map.write_text(SMALL_MAP.replace("score: total\n", "").replace("day: DAY", "day: 3\ntypo: x"))
    with pytest.raises(ManyFaults) as raised:
        planned()
    assert sorted(fault.path for fault in raised.value.faults) == ["day", "score", "typo"]


@pytest.mark.parametrize(
    ("before", "after", "path", "line"),
    [
        ("protocol: hamd-depression-trial", "protocol: hamd", "protocol", 1),
        ("scale: hamd-17", "scale: hamd-71", "scale", 2),
        ("score: total", "score: sum", "score", 3),
        ("site: Invented", 'site: " "', "site", 4),
        ('"4": visit-4', '"4": visit-14', "visit.ids.4", 7),
        ("visit: baseline}", "visit: visit-4}", "baseline.visit", 11),
        ("visit: baseline}", "visit: begin}", "baseline.visit", 11),
        ("D: DRUG", "D: VERUM", "arm.ids.D", 13),
        ("ignore: [SITE]", "ignore: [SITE, DAY]", "ignore.1", 14),
        ("baseline: {column: BASE, visit: baseline}\n", "", "change", 11),
        (
            '{"4": visit-4, "5": visit-5, "6": visit-6, "7": visit-7}',
            "{}",
            "visit.ids",
            7,
        ),
    ],
)
def test_a_map_that_does_not_fit_the_facts_is_refused(
    planned, small_map: Path, *, before: str, after: str, path: str, line: int
) -> None:
    assert before in SMALL_MAP
    small_map.write_text(SMALL_MAP.replace(before, after))
    with pytest.raises(ManyFaults) as raised:
        planned()
    assert [(fault.path, fault.line) for fault in raised.value.faults] == [(path, line)]


def test_day_0_has_to_be_put_on_some_day(planned, small_map: Path) -> None:
    small_map.write_text(SMALL_MAP.replace("origin: 2001-01-01\n", ""))
    with pytest.raises(BadInput, match="--origin"):
        planned()
    assert planned(origin=date(2003, 5, 1)).mapped.origin == date(2003, 5, 1)


# The real table


def _direct() -> dict[str, dict[str, tuple[int, int]]]:
    """Return, straight from the file, responders and known by visit: fell by half or more, and total of 7 or less."""
    found: dict[str, dict[str, list[bool]]] = defaultdict(lambda: {"response-50": [], "remission-7": []})
    with TABLE.open(newline="") as file:
        for row in csv.DictReader(file):
            before, after = int(row["BASVAL"]), int(row["HAMDTL17"])
            found[f"visit-{row['VISIT']}"]["response-50"].append(2 * (before - after) >= before)
            found[f"visit-{row['VISIT']}"]["remission-7"].append(after <= 7)
    return {visit: {rule: (sum(met), len(met)) for rule, met in rules.items()} for visit, rules in found.items()}


@pytest.mark.django_db
@pytest.mark.skipif(not TABLE.is_file(), reason="rbmi_antidepressant_data.csv is not here (ASKLEPION_REFERENCE_DATA)")
def test_the_real_trial_counts_as_a_direct_computation_does() -> None:
    done = imports.carry_out(imports.plan(TABLE, MAP), by="i")
    assert (done.courses, done.scores, done.missed) == (172, 608 + 172, 4 * 172 - 608)
    shown = outcomes.responders(STATISTICIAN, "hamd-depression-trial", "hamd-17")
    assert (shown.courses, shown.without_baseline) == (172, 0)
    direct = _direct()
    by_visit = {visit.visit: visit for visit in shown.visits}
    assert [visit.visit for visit in shown.visits] == ["baseline", "visit-4", "visit-5", "visit-6", "visit-7"]
    assert by_visit["baseline"].n == 172
    for visit, rules in direct.items():
        counted = {each.rule.id: (each.responded, each.known) for each in by_visit[visit].responses}
        assert counted == rules
        assert by_visit[visit].n == rules["response-50"][1]
        assert all(each.unknown == 172 - each.known for each in by_visit[visit].responses)
    # Figures of the direct computation, so that neither side can drift: responders, remitters, n.
    assert [
        (*(direct[v][r][0] for r in ("response-50", "remission-7")), direct[v]["response-50"][1]) for v in direct
    ] == [*[(12, 13, 172), (37, 32, 158), (45, 46, 149), (49, 38, 129)]]
    _check_line_of_3618()
    imports.carry_out(imports.plan(TABLE, MAP), by="i")
    assert ledger.count_courses() == 172
    assert verify() == []
    before = outcomes.responders(STATISTICIAN, "hamd-depression-trial", "hamd-17")
    rebuild("RBMI-3618")
    assert outcomes.responders(STATISTICIAN, "hamd-depression-trial", "hamd-17") == before


def _check_line_of_3618() -> None:
    """The one person of the table with a visit missing between two others."""
    shown = outcomes.trajectory("RBMI-3618", STATISTICIAN, on=clock.today())
    assert [point.visit for point in shown.scored] == ["baseline", "visit-4", "visit-6", "visit-7"]
    assert [gap.visit for gap in shown.gaps] == ["visit-5"]
    assert [len(run) for run in shown.runs] == [2, 2]
