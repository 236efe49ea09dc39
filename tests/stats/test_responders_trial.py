"""Responders of a table: two ways of counting the unknown, definitions in words, and what cannot be taken."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats.responders import Arm, Scale, difference
from asklepion.stats.responders.definition import definition
from asklepion.stats.responders.trial import Missing, Question, respond


@pytest.fixture
def table() -> pd.DataFrame:
    """Five people an arm. At Week 8 of placebo P3 has no row and P4 no value; T1's baseline is unknown."""
    rows = [
        ("P0", "placebo", 40, 20, "no"),
        ("P1", "placebo", 40, 21, "yes"),
        ("P2", "placebo", 30, 15, "no"),
        ("P4", "placebo", 30, None, None),
        ("T0", "treated", 40, 10, "no"),
        ("T1", "treated", None, 8, "no"),
        ("T2", "treated", 36, 18, "yes"),
        ("T3", "treated", 36, 19, "no"),
        ("T4", "treated", 0, 0, "no"),
    ]
    seen = pd.DataFrame(rows, columns=["USUBJID", "TRT01P", "BASE", "AVAL", "PTSD"]).assign(AVISIT="Week 8")
    other = pd.DataFrame([("P3", "placebo", 33, 30, "yes", "Week 4")], columns=list(seen.columns))
    return pd.concat([seen, other], ignore_index=True)


def ask(text: str, **more: object) -> Question:
    return Question(definition=definition(text), visit_is="Week 8", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "known", "everybody"),
    [
        (
            "fall>=50%",
            [(2, 3), (2, 4)],
            [(2, 5), (2, 5)],
        ),  # 20 of 40 reaches it, 21 does not; of a baseline of 0 no fall
        ("fall>=19", [(2, 3), (1, 4)], [(2, 5), (1, 5)]),
        ("value<=18", [(1, 3), (4, 5)], [(1, 5), (4, 5)]),
        ("value>=19", [(2, 3), (1, 5)], [(2, 5), (1, 5)]),
    ],
)
def test_both_counts_stand_side_by_side(
    table: pd.DataFrame, text: str, known: list[tuple[int, int]], everybody: list[tuple[int, int]]
) -> None:
    told = respond(table, ask(text))
    assert [each.missing for each in told.counts] == [Missing.LEFT_OUT, Missing.NO_RESPONSE]
    for count, right in zip(told.counts, (known, everybody), strict=True):
        assert [(arm.responders, arm.people) for _, arm in count.arms] == right
    first = told.counts[0].comparisons[0]
    treated, control = (Arm(*each) for each in reversed(known))
    assert first == difference(treated, control, definition=f"{told.definition}, known only")


def test_a_label_is_a_response_and_has_no_effect_size(table: pd.DataFrame) -> None:
    told = respond(table, ask("value=no", value="PTSD"))
    assert [(arm.responders, arm.people) for _, arm in told.counts[0].arms] == [(2, 3), (4, 5)]
    assert told.definition == "the value no"
    assert told.effects == ()


def test_who_was_never_seen_at_the_visit_is_counted_as_unknown(table: pd.DataFrame) -> None:
    told = respond(table, ask("fall>=50%"))
    assert told.people == (("placebo", 5), ("treated", 5))
    assert told.unknown == (("placebo", 2), ("treated", 1))


def test_reliable_change_is_told_by_arm_with_one_measure_for_all(table: pd.DataFrame) -> None:
    (_, placebo), (_, treated) = respond(table, ask("fall>=50%", scale=Scale(0.9))).changes
    assert placebo.reliable_points == treated.reliable_points
    assert (len(placebo.verdicts), len(treated.verdicts)) == (5, 5)


def test_the_trial_of_antidepressants_gives_the_counts_of_its_file(reference: Callable[[str], Path]) -> None:
    rows = pd.read_csv(reference("trials/rbmi_antidepressant_data.csv"), dtype={"VISIT": str})
    question = Question(
        definition=definition("fall>=50%"), visit_is="7", subject="PATIENT", visit="VISIT", value="HAMDTL17",
        baseline="BASVAL", arm="THERAPY", arms=("PLACEBO", "DRUG"),
    )  # fmt: skip
    told = respond(rows, question)
    assert [(arm.responders, arm.people) for _, arm in told.counts[0].arms] == [(20, 65), (29, 64)]
    assert [arm.people for _, arm in told.counts[1].arms] == [88, 84]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"AVISIT": "Week 4"}, r"Nobody has a value at Week 8\. It holds Week 4"),
        ({"USUBJID": ["P0", "P0", *"abcdefgh"]}, r"column AVISIT, index 1: P0 stands twice at the visit"),
        ({"USUBJID": ["T0", *"abc", "T0", *"defgh"]}, r"Subject T0 is in two arms"),
        ({"AVAL": ["20", "many", *["3"] * 8]}, r"'many' is not a number"),
        ({"TRT01P": [None, *["placebo"] * 5, *["treated"] * 4]}, r"column TRT01P, index 0: It is empty"),
    ],
)
def test_a_table_that_cannot_be_taken(table: pd.DataFrame, change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        respond(table.assign(**change), ask("fall>=50%"))


@pytest.mark.parametrize("text", ["half", "fall>50%", "value<", "fall>=-3", ""])
def test_a_definition_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no definition of a response"):
        definition(text)


def test_the_command_keeps_the_definition_with_the_numbers(
    table: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "adqs.csv"
    table.to_csv(file, index=False)
    arguments = ["--response", "fall>=50%", "--at", "Week 8", "--reliability", "0.9", "--json"]
    monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "responders", str(file), *arguments])
    with pytest.raises(SystemExit) as main_exit:
        main()
    told = json.loads(capsys.readouterr().out)
    assert main_exit.value.code == 0
    assert told["counts"][1]["comparisons"][0]["definition"].endswith("baseline, unknown as no response")
    assert told["changes"][0]["unknown"] == 2
    assert told["input"]["rows"] == 10
