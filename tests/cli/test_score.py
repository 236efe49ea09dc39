"""`asklepion score` at the command line: what it prints, what it exits with, and what it says of bad input."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from asklepion.cli import main


class Ran(NamedTuple):
    code: object
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    def run(*arguments: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["asklepion", "score", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return Ran(caught.value.code, *capsys.readouterr())

    return run


def test_a_full_form_shows_scores_categories_cut_offs_and_rights(run: Callable[..., Ran]) -> None:
    code, out, _ = run("pcl-5", "--answers", "2,2,1,2,2,2,1,1,2,2,1,2,1,1,2,1,2,2,1,2")
    assert code == 0
    assert out.splitlines() == [
        "PCL-5: PTSD Checklist for DSM-5 (monthly form, 20 items)",
        "Total: 32 of 0 to 80",
        "  from 31: provisional PTSD, lower end (systematic review of 64 studies; forkus2023, seen)",
        "Intrusions (B): 9 of 0 to 20",
        "Avoidance (C): 3 of 0 to 8",
        "Cognitions and mood (D): 10 of 0 to 28",
        "Arousal and reactivity (E): 10 of 0 to 24",
        "DSM-5 symptom pattern, provisional: Met; a pattern of answers and no diagnosis",
        "Rights: US National Center for PTSD, Department of Veterans Affairs. Public domain, not copyrighted. "
        "Only our own topic labels are held here; the site brings the wording.",
    ]


def test_a_blank_is_no_zero_and_the_answer_is_no(run: Callable[..., Ran]) -> None:
    code, out, _ = run("gad-7", "--answers", "3,3,,3,3,3,3")
    assert code == 1
    assert "Total: no number. 1 of 7 items is blank: 3." in out


def test_a_category_that_is_open_is_a_no_though_every_number_is_there(run: Callable[..., Ran]) -> None:
    code, out, _ = run("caps-5", "--answers", "2,0,0,0,0,2,0,2,2,0,0,0,0,0,2,2,0,0,0,0,1,,1,0,0")
    assert code == 1
    assert "Total severity: 12 of 0 to 80" in out
    assert "DSM-5 PTSD: Not known until the open items are rated (open: f)" in out


def test_an_alert_stands_first_and_a_draft_says_that_it_is_one(run: Callable[..., Ran]) -> None:
    _, out, _ = run("c-ssrs", "--answers", "1,1,1,,0,0,")
    assert "A draft: not checked by a second reader" in out.splitlines()[0]
    assert out.splitlines()[1].startswith("ALERT  Suicidal intent or recent suicidal behaviour on the C-SSRS")


def test_json_says_the_same(run: Callable[..., Ran]) -> None:
    code, out, _ = run("sds", "--answers", "4,3,4", "--json")
    told = json.loads(out)
    assert code == 0
    assert [(score["id"], score["value"]) for score in told["scores"]] == [("item-mean", 11 / 3), ("total", 11)]
    assert told["scores"][1]["cutoffs"] == [
        {
            "at": 8,
            "label": "depression probable",
            "scheme": "Spanish primary care, n=3815",
            "confidence": "seen",
            "sources": ["luciano2010"],
        }
    ]
    assert told["categories"][0]["value"] == "none"
    assert told["rights"]["holder"] == "Copyright D. V. Sheehan"
    blank = json.loads(run("sds", "--answers", "99,3,4", "--json").out)
    assert blank["scores"][0]["value"] is None
    assert blank["scores"][0]["missing"] == ["1"]


FULL = {"1": 3, "2": 3, "3": 1, "4": 2, "5": 2, "6": 1, "7": 0}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps(FULL, indent="\t")),
        ("a.yaml", "".join(f"{item}: {value}\n" for item, value in FULL.items())),
        ("a.yml", "".join(f'"{item}": {value}\n' for item, value in FULL.items())),
        ("a.csv", "item,answer\n" + "".join(f"{item},{value}\n" for item, value in FULL.items())),
        ("a.CSV", "\ufeff" + "".join(f"{item} , {value}\r\n\r\n" for item, value in FULL.items())),
    ],
)
def test_a_file_gives_each_items_answer(run: Callable[..., Ran], tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    code, out, _ = run("gad-7", "--file", str(file))
    assert (code, out.splitlines()[1]) == (0, "Total: 12 of 0 to 21")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"1": 3, "2": null, "3": ""}'),
        ("a.yaml", "1: 3\n2:\n3: ~\n4: null\n"),
        ("a.csv", "1,3\n2,\n"),
    ],
)
def test_a_blank_in_a_file_is_a_blank(run: Callable[..., Ran], tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    code, out, _ = run("gad-7", "--file", str(file))
    assert code == 1
    assert "Total: no number. 6 of 7 items are blank: 2, 3, 4, 5, 6 and 7." in out


def test_yes_and_no_answer_the_items_that_ask_for_them(run: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text('1: yes\n2: "no"\n6-lifetime: No\n')
    code, out, _ = run("c-ssrs", "--file", str(file))
    assert code == 0
    assert "Triage: Low" in out
    file.write_text("1: yes\n")
    assert "item 1: `yes` is no answer." in run("gad-7", "--file", str(file)).err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pcl"], "There is no scale pcl. On file: "),
        (["gad-7"], "--answers, --file: Answers come from one place. Give one of the two."),
        (["gad-7", "--answers", "1", "--file", "x.csv"], "Answers come from one place."),
        (["gad-7", "--answers", "1,2"], "GAD-7 has 7 items; 2 answers are given. Give them in the order 1, 2, 3"),
        (["gad-7", "--answers", "1,2,3,0,0,0,+-1"], "item 7: `+-1` is no answer. Give a whole number"),
        (["gad-7", "--answers", "1,2,2.0,0,0,0,0"], "item 3: `2.0` is no answer."),
        (["gad-7", "--answers", "1,2,4,0,0,0,-1"], "item 7: -1 is not an answer to `dread`."),
        (["gad-7", "--file", "nowhere.csv"], "nowhere.csv: The file cannot be read: No such file or directory."),
    ],
)
def test_misuse_is_told_and_exits_2(run: Callable[..., Ran], arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", '{"1": 3,\n"2": }', "a.json, line 2: This is not JSON: Expecting value."),
        ("a.json", '{"1": 3, "1": 2}', "item 1: It stands here twice. Keep one answer."),
        ("a.json", "[1, 2]", "The file gives no answers."),
        ("a.yaml", "1: [\n", "This is not YAML."),
        ("a.yaml", "1: 2\n1: 3\n", "item 1: It stands here twice."),
        ("a.yaml", "1: [2]\n", "item 1: `a list or a mapping` is no answer."),
        ("a.yaml", "- 1\n", "The file gives no answers."),
        ("a.yaml", "", "The file gives no answers."),
        ("a.csv", "1,2\n3\n", "line 2: A row is an item and its answer."),
        ("a.csv", "1,2,3\n", "line 1: A row is an item and its answer."),
        ("a.csv", "9,2\n", "item 9: There is no item 9. Items are 1, 2, 3, 4, 5 and 2 more."),
        ("a.csv", b"1,\xff\n", "The file cannot be read: it is not UTF-8 text."),
    ],
)
def test_a_file_that_cannot_be_taken_is_told(
    run: Callable[..., Ran], tmp_path: Path, name: str, text: str | bytes, words: str
) -> None:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    code, _, err = run("gad-7", "--file", str(file))
    assert code == 2
    assert words in err
