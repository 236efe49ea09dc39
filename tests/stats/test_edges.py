"""Edges: files and tables at which a result would look like one and be none. Each is refused, or left out by name."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from asklepion.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def told(content: str, *words: str, name: str = "table.csv") -> tuple[int, str, str]:
        """Run `analyse`; the file stands where the words say FILE. Exit code, what was printed, what went wrong."""
        file = tmp_path / name
        file.write_text(content, "utf-8")
        monkeypatch.setattr("sys.argv", ["asklepion", *(str(file) if each == "FILE" else each for each in words)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return told


def measures(people: int, value: Callable[[int, str], float], *, arm: str = "ab", name: str = "m") -> str:
    rows = [f"p{i},{session},{name},{value(i, session)},ms,{arm[i % 2]}" for i in range(people) for session in "AB"]
    return "\n".join(rows) + "\n"


HEAD = "participant_id,session,measure,value,unit,arm\n"
CHANGE = ("analyse", "change", "FILE", "--before", "A", "--after", "B")
NOISE = np.random.default_rng(3).normal(size=(40, 2)).round(3)


def noise(i: int, session: str) -> float:
    return float(NOISE[i, int(session == "B")])


def test_a_change_that_is_the_same_for_all_has_no_effect_of_a_thousand_million(run: Run) -> None:
    rows = HEAD + measures(8, lambda i, session: 0.1 * (i + 1) + (0.2 if session == "B" else 0.0))
    for more in ((), ("--group", "arm")):
        code, out, _ = run(rows, *CHANGE, *more, "--json")
        (told,) = json.loads(out)["measures"]
        assert code == 1
        assert told["p"] is told["q"] is told["effect"] is None
        assert told["p"] is told["effect"] is told["difference"]["lower"] is None


def test_two_people_have_no_corrected_effect(run: Run) -> None:
    code, out, _ = run(HEAD + measures(2, noise), *CHANGE, "--json")
    assert code == 0
    assert json.loads(out)["measures"][0]["effect"] is None


def test_a_measure_that_one_group_lacks_is_left_out_by_name(run: Run) -> None:
    lone = "".join(
        line + "\n" for line in measures(8, noise, name="k").splitlines() if not line.endswith("b") or "p1," in line
    )
    code, out, _ = run(HEAD + measures(8, noise) + lone, *CHANGE, "--group", "arm")
    assert code == 0
    assert "k left out: a group has 1 with both sessions." in out


def test_who_lacks_a_session_is_counted(run: Run) -> None:
    code, out, _ = run(HEAD + measures(8, noise) + "p9,A,m,3,ms,a\n", *CHANGE)
    assert code == 0
    assert "m: 1 people left out, without it at both sessions." in out


@pytest.mark.parametrize(
    ("rows", "words", "said"),
    [
        (",A,m,3,ms,a\n", (), "column participant_id, line 18: It is empty"),
        ("p9,A,,3,ms,a\n", (), "column measure, line 18: It is empty"),
        ("p9,A,m,1e300,ms,a\n", (), "column value, line 18: A value is infinite, or too large"),
        ("", ("--after", "A"), "A is both sessions"),
        ("", ("--group", "participant_id"), "One column is named for two things"),
        ("", ("--group", "arm", "--groups", "a,b,a"), "A level is named twice"),
        ("", ("--seed", "-1"), "Invalid value for '--seed'"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    run: Run, rows: str, words: tuple[str, ...], said: str
) -> None:
    code, _, error = run(HEAD + measures(8, noise) + rows, *CHANGE, *words)
    assert (code, said in error) == (2, True), error


def test_more_values_than_headings_are_no_other_columns(run: Run) -> None:
    code, _, error = run(HEAD + measures(4, noise).replace("\n", ",7\n"), *CHANGE)
    assert code == 2
    assert "more values than there are headings (6)" in error


def test_tabs_are_known_by_the_ending_however_it_is_written(run: Run) -> None:
    code, _, _ = run((HEAD + measures(4, noise)).replace(",", "\t"), *CHANGE, name="table.TSV")
    assert code == 0
