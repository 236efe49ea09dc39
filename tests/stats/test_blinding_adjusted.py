"""The effect with the guess in the model, at other rates of right guesses, and guesses counted from a table."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats.blinding import Guesses, Question, adjusted, at_rates, bang, counted

ASKED = Question(value="AVAL", control="placebo", treated="drug", covariates=("BASE",))


@pytest.fixture
def trial() -> pd.DataFrame:
    """200 people whose outcome hangs on the guess alone (-6), and who guess right in 70 of 100."""
    rng = np.random.default_rng(11)
    arm = np.where(np.arange(200) % 2, "drug", "placebo")
    right = rng.random(200) < 0.7
    guess = np.where(right == (arm == "drug"), "drug", "placebo")
    base = rng.normal(40, 6, 200)
    value = base - 6 * (guess == "drug") + rng.normal(0, 4, 200)
    return pd.DataFrame(
        {"USUBJID": [f"P{k}" for k in range(200)], "TRT01P": arm, "GUESS": guess, "BASE": base, "AVAL": value}
    )


def test_the_microdose_trial_gives_its_figures(reference: Callable[[str], Path]) -> None:
    """lme4 in R 4.2.2: value ~ condition + psychiatric_past + expectation (+ guess) + (1 | trial_id), PANAS."""
    rows = pd.read_csv(reference("trials/sbmd_pacutes.csv"))
    question = Question(
        value="value", arm="condition", guess="guess", subject="trial_id", occasion="tp",
        covariates=("psychiatric_past", "expectation"), control="MD", treated="PL",
    )  # fmt: skip
    told = adjusted(rows[rows["test_name"] == "PANAS"], question)
    assert (told.plain.estimate, told.plain.se) == pytest.approx((-2.219319, 0.716436), abs=1e-6)
    assert told.plain.p == pytest.approx(0.0020, abs=5e-5)
    assert (told.with_guess.estimate, told.with_guess.se) == pytest.approx((-0.938871, 0.710683), abs=1e-6)
    assert told.with_guess.p == pytest.approx(0.187, abs=5e-4)
    assert (told.rows, told.people) == (847, 239)


def test_one_row_a_person_equals_least_squares(trial: pd.DataFrame) -> None:
    told = adjusted(trial, ASKED)
    drug, guessed = (trial["TRT01P"] == "drug").to_numpy(float), (trial["GUESS"] == "drug").to_numpy(float)
    for line, columns in ((told.plain, [drug]), (told.with_guess, [drug, guessed])):
        design = np.column_stack([np.ones(200), *columns, trial["BASE"]])
        beta, rest, *_ = np.linalg.lstsq(design, trial["AVAL"], rcond=None)
        spread = rest[0] / (200 - design.shape[1]) * np.linalg.inv(design.T @ design)
        assert (line.estimate, line.se) == pytest.approx((beta[1], spread[1, 1] ** 0.5), rel=1e-7)
        assert line.df == pytest.approx(200 - design.shape[1], rel=1e-6)
    assert abs(told.with_guess.estimate) < 1.5 < abs(told.plain.estimate)


def test_an_effect_of_guessing_alone_is_gone_at_one_half_and_grows_with_the_rate(trial: pd.DataFrame) -> None:
    curve = at_rates(trial, ASKED, (0.5, 0.9))
    half, seen, most = curve
    assert (half.rate, most.rate, seen.observed) == (0.5, 0.9, True)
    assert half.lower < 0 < half.upper
    assert most.estimate < seen.estimate < half.estimate
    assert seen.effective == pytest.approx(200)
    assert half.effective < 200


def test_the_weighted_effect_is_that_of_a_trial_in_which_the_rate_held() -> None:
    """Four strata of two people: with half right in each arm the means are those of right and wrong, averaged."""
    rows = [
        ("drug", "drug", 1),
        ("drug", "drug", 3),
        ("drug", "drug", 2),
        ("drug", "placebo", 8),
        ("drug", "placebo", 10),
    ]
    rows += [("placebo", "placebo", 5), ("placebo", "placebo", 7), ("placebo", "drug", 4), ("placebo", "drug", 2)]
    table = pd.DataFrame(rows, columns=["TRT01P", "GUESS", "AVAL"])
    table["USUBJID"] = [f"P{k}" for k in range(len(rows))]
    half, *_ = at_rates(table, replace(ASKED, covariates=()), (0.5,))
    assert half.estimate == pytest.approx((2 + 9) / 2 - (6 + 3) / 2)


def test_rows_without_a_guess_are_left_out_of_both_models(trial: pd.DataFrame) -> None:
    trial.loc[:4, "GUESS"] = None
    told = adjusted(trial, ASKED)
    assert told.rows == 195
    assert [(each.why, each.rows) for each in told.left_out] == [("GUESS is missing", 5)]


def test_order_and_names_of_people_change_nothing(trial: pd.DataFrame) -> None:
    mixed = trial.sample(frac=1, random_state=1).assign(USUBJID=lambda each: [f"Q{k}" for k in range(len(each))])
    assert adjusted(mixed, ASKED).plain.estimate == pytest.approx(adjusted(trial, ASKED).plain.estimate)
    assert [each.se for each in at_rates(mixed, ASKED, (0.4,))] == pytest.approx(
        [each.se for each in at_rates(trial, ASKED, (0.4,))]
    )


def test_guesses_are_counted_by_arm_with_who_does_not_know(trial: pd.DataFrame) -> None:
    trial.loc[trial.index[:6], "GUESS"] = "cannot say"
    trial.loc[10, "GUESS"] = None
    told = counted(trial, arm="TRT01P", guess="GUESS", control="placebo", treated="drug", unknown=("cannot say",))
    placebo, drug = told.guesses
    assert (placebo.unknown, drug.unknown) == (3, 3)
    assert placebo.people + drug.people == 199
    assert told.bang[1] == bang(drug, treated=True)
    assert drug == Guesses(
        int(((trial["TRT01P"] == "drug") & (trial["GUESS"] == "drug")).sum()),
        int(((trial["TRT01P"] == "drug") & (trial["GUESS"] == "placebo")).sum()),
        3,
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"GUESS": "active"}, r"`active` is no guess \(200 rows\)\. Known: placebo, drug"),
        ({"TRT01P": "drug"}, "Nobody is of arm placebo"),
    ],
)
def test_labels_that_are_no_arms_are_named(trial: pd.DataFrame, change: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        counted(trial.assign(**change), arm="TRT01P", guess="GUESS", control="placebo", treated="drug")


def test_a_curve_needs_right_and_wrong_guessers_in_both_arms(trial: pd.DataFrame) -> None:
    trial.loc[trial["TRT01P"] == "drug", "GUESS"] = "drug"
    with pytest.raises(BadInput, match="In arm drug everybody who guessed was right"):
        at_rates(trial, ASKED, (0.5,))
    with pytest.raises(BadInput, match="A rate of 1 leaves out whom it weighs"):
        at_rates(trial.assign(GUESS=np.where(np.arange(200) % 4 < 2, "drug", "placebo")), ASKED, (1.0,))


def test_the_command_filters_rows_and_tells_both_effects(
    trial: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "guess.csv"
    pd.concat([trial.assign(SCALE="caps"), trial.assign(SCALE="sds", AVAL=0)]).to_csv(file, index=False)
    base = ["asklepion", "analyse", "blinding", str(file), "--control", "placebo", "--treated", "drug"]

    def run(*more: str) -> tuple[object, str, str]:
        monkeypatch.setattr("sys.argv", [*base, *more])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code, *capsys.readouterr()

    code, out, _ = run("--where", "SCALE=caps", "--value", "AVAL", "--covariate", "BASE", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["adjusted"]["plain"]["estimate"] == pytest.approx(adjusted(trial, ASKED).plain.estimate)
    assert told["input"]["rows"] == 200
    code, _, err = run("--where", "SCALE=pcl")
    assert (code, err) == (2, "asklepion: column SCALE: No row has pcl. It holds caps, sds.\n")
