"""`asklepion import outcomes` at the command line, for real: a process of its own on a home of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MAP = """\
protocol: hamd-depression-trial
scale: hamd-17
score: total
site: Invented
code_prefix: X-
subject: ID
visit: {column: VISIT, ids: {"4": visit-4}, absent: missed}
day: DAY
value: {column: VALUE}
baseline: {column: BASE, visit: baseline}
"""
TABLE = "ID,VISIT,DAY,BASE,VALUE\n1,4,7,20,10\n2,4,8,31,31\n"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "map.yaml").write_text(MAP)
    (tmp_path / "table.csv").write_text(TABLE)
    home = {"ASKLEPION_HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]}

    def run(*arguments: str, table: str = "table.csv") -> "subprocess.CompletedProcess[str]":
        command = (sys.executable, "-m", "asklepion", *arguments)
        return subprocess.run(command, cwd=tmp_path, env=home, capture_output=True, text=True, check=False)

    return run


def outcomes(run: Run, *more: str) -> "subprocess.CompletedProcess[str]":
    return run("import", "outcomes", "table.csv", "--map", "map.yaml", *more)


def test_a_table_is_imported_once(run: Run) -> None:
    first = outcomes(run, "--origin", "2001-01-01", "--by", "Ann")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == [
        "Imported 2 courses of hamd-depression-trial, 10 entries.",
        "HAM-D17: 4 scores as reported (baseline 2, visit-4 2), 0 blank.",
        "The table tells days, not dates: everybody's day 0 is put on 2001-01-01.",
    ]
    assert "Imported: 2 of 2, 100%" in first.stderr
    second = outcomes(run, "--origin", "2001-01-01")
    assert second.returncode == 0
    assert second.stdout.startswith("Already there: 2 courses")
    again = json.loads(outcomes(run, "--origin", "2001-01-01", "--json").stdout)
    assert (again["imported"], again["already_there"], again["standing"], again["entries"]) == (False, True, 2, 0)
    assert json.loads(run("ledger", "verify", "--json").stdout)["whole"]


def test_bad_rows_are_all_named_and_nothing_is_imported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(TABLE.replace("20,10", "20,ten").replace("2,4,8", "2,5,8"))
    told = outcomes(run, "--origin", "2001-01-01")
    assert told.returncode == 1
    assert told.stdout.splitlines() == [
        "2 faults in table.csv. Nothing was imported.",
        "  table.csv, line 2, column VALUE: `ten` is not a number. Write plain digits, such as 21.",
        "  table.csv, line 3, column VISIT: `5` is no visit of the map. The map knows 4.",
    ]
    plain = json.loads(outcomes(run, "--origin", "2001-01-01", "--json").stdout)
    assert [(fault["line"], fault["column"]) for fault in plain["faults"]] == [(2, "VALUE"), (3, "VISIT")]
    (tmp_path / "table.csv").write_text(TABLE)
    assert json.loads(outcomes(run, "--origin", "2001-01-01", "--json").stdout)["courses"] == 2


def test_a_dry_run_says_what_it_would_do_and_does_nothing(run: Run) -> None:
    told = json.loads(outcomes(run, "--origin", "2001-01-01", "--dry-run", "--json").stdout)
    assert (told["imported"], told["dry_run"], told["courses"], told["scores"]) == (False, True, 2, 4)
    assert outcomes(run, "--origin", "2001-01-01", "--dry-run").stdout.startswith("Would import 2 courses")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "No day is named on which day 0 is put."),
        (("--origin", "1.1.2001"), "--origin: `1.1.2001` is not a day."),
        (("--origin", "2001-01-01", "--map", "none.yaml"), "none.yaml: The map cannot be read: No such file"),
    ],
)
def test_misuse_is_one_sentence(run: Run, more: tuple[str, ...], said: str) -> None:
    told = outcomes(run, *more)
    assert (told.returncode, told.stdout) == (2, "")
    assert said in told.stderr
    assert "Traceback" not in told.stderr


def test_faults_of_the_map_are_told_with_line_and_path(run: Run, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(MAP.replace("hamd-17", "hamd-71") + "typo: x\n")
    told = outcomes(run, "--origin", "2001-01-01")
    assert told.returncode == 2
    assert "map.yaml, line 11, typo" in told.stderr
