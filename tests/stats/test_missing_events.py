"""Tables of events, what is wrong with tables, and `asklepion analyse missing` at the command line."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from asklepion.core.errors import BadInput
from asklepion.stats import mmrm
from asklepion.stats.missing import Plan, Strategy, analyse, refits
from asklepion.stats.missing.account import account, notes
from asklepion.stats.missing.analysis import _used
from asklepion.stats.missing.trial import read
from asklepion.stats.mmrm import Model
from stats.conftest import Ran

PLAN = Plan(model=Model(ladder=()), reference="placebo")


@pytest.fixture
def run(analyse: Callable[..., Ran]) -> Callable[..., Ran]:
    return partial(analyse, "missing")


def happened(*rows: tuple[str, str], own: list[str | None] | None = None) -> pd.DataFrame:
    events = pd.DataFrame(rows, columns=["USUBJID", "AVISIT"])
    return events if own is None else events.assign(STRATEGY=pd.Series(own, dtype="object"))


def stayers(trial: pd.DataFrame, arm: str) -> list[str]:
    whole = trial.groupby("USUBJID").filter(lambda rows: len(rows) == 4)
    return sorted(whole.loc[whole["TRT01P"] == arm, "USUBJID"].unique())


def test_the_events_of_the_rule_given_as_a_table_are_the_rule(trial: pd.DataFrame) -> None:
    found = read(trial, PLAN)
    rows = [(found.labels[k], found.visits[at]) for k, at in enumerate(found.events) if at < 4]
    plan = replace(PLAN, strategies=(Strategy.JUMP,))
    one = analyse(trial, plan).answers[0]
    two = analyse(trial, plan, events=happened(*rows)).answers[0]
    assert one.contrasts == two.contrasts
    assert one.imputed == two.imputed


def test_without_an_event_in_the_table_a_dropout_stays_at_random(trial: pd.DataFrame) -> None:
    plan = replace(PLAN, strategies=(Strategy.MAR, Strategy.JUMP))
    mar, jump = analyse(trial, plan, events=happened((stayers(trial, "placebo")[0], "Week 16"))).answers
    without = analyse(trial, replace(PLAN, strategies=(Strategy.MAR,))).answers[0].contrasts[0]
    assert mar.contrasts[0] == without
    assert jump.unused == 1
    assert mar.unused == 0
    assert {each.strategy for each in jump.imputed} == {"mar (before an event or without one)"}


def test_values_after_an_event_leave_the_model_and_stand_in_the_ancova(trial: pd.DataFrame) -> None:
    who = stayers(trial, "treated")[0]
    events = happened((who, "Week 12"))
    found = read(trial, PLAN, events)
    used = _used(found, Strategy.JUMP)
    frame = refits.frame(found, PLAN.model, used)
    less = trial[(trial["USUBJID"] != who) | trial["AVISIT"].isin(["Week 4", "Week 8"])]
    assert frame.fit.beta == pytest.approx(mmrm.fit(less, PLAN.model).beta, abs=1e-8)
    answer = analyse(trial, replace(PLAN, strategies=(Strategy.JUMP,)), events=events).answers[0]
    place = found.labels.index(who)
    assert answer.completed is not None
    assert answer.completed.whole is not None
    assert answer.completed.whole[place] == found.values[place, -1]
    assert answer.unused == 2
    assert _used(found, Strategy.MAR).sum() == used.sum() + 2


def test_a_subjects_own_strategy_stands_whatever_is_asked_for(trial: pd.DataFrame) -> None:
    found = read(trial, PLAN)
    rows = [(found.labels[k], found.visits[at]) for k, at in enumerate(found.events) if at < 4]
    plan = replace(PLAN, strategies=(Strategy.JUMP, Strategy.MAR))
    own = happened(*rows, own=["CIR"] * len(rows))
    one, two = analyse(trial, plan, events=own).answers
    right = analyse(trial, replace(PLAN, strategies=(Strategy.INCREMENTS,))).answers[0].contrasts
    assert one.contrasts == two.contrasts == right
    mixed = happened(*rows, own=[("CIR", None)[k % 2] for k in range(len(rows))])
    assert analyse(trial, plan, events=mixed).answers[0].contrasts != right
    assert {each.strategy for each in one.imputed} <= {"copy-increments", "mar (before an event or without one)"}


def test_a_subject_without_a_value_is_imputed_and_one_without_baseline_is_left_out(trial: pd.DataFrame) -> None:
    bare = pd.DataFrame(
        {"USUBJID": ["Q1", "Q2"], "AVISIT": "Week 4", "AVAL": [np.nan, 20.0], "BASE": [40.0, np.nan],
         "TRT01P": "treated", "SITE": "west"}
    )  # fmt: skip
    analysis = analyse(pd.concat([trial, bare], ignore_index=True), PLAN)
    assert "Q1" in analysis.trial.labels
    assert "Q2" not in analysis.trial.labels
    assert len(analysis.trial.labels) == trial["USUBJID"].nunique() + 1
    told = notes(analysis)
    assert "1 row left out: BASE is not known of Q2." in told
    assert "1 subject has no value at all; imputed from covariates alone." in told
    last = next(each for each in analysis.answers if each.strategy is Strategy.LAST_MEAN)
    assert last.contrasts == ()
    assert "No visit precedes the event of Q1 (1 in all)" in last.why
    assert all(each.contrasts for each in analysis.answers if each.strategy is not Strategy.LAST_MEAN)
    assert account(analysis)["people"] == len(analysis.trial.labels)


@pytest.mark.parametrize(
    ("rows", "own", "words"),
    [
        ([("nobody", "Week 8")], None, r"who is not in the table, or left out of it: nobody"),
        ([("P001", "Week 9")], None, "at a visit that the table has not: Week 9"),
        ([("P001", "Week 8"), ("P001", "Week 12")], None, "has two events; give the first one only: P001"),
        ([("P001", "Week 8")], ["LOCF"], "There is no strategy LOCF"),
    ],
)
def test_events_that_cannot_be_say_their_rows(
    trial: pd.DataFrame, rows: list[tuple[str, str]], own: list[str | None] | None, words: str
) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        analyse(trial, PLAN, events=happened(*rows, own=own))
    assert f"index {len(rows) - 1}" in caught.value.where


def test_tables_that_cannot_be_say_their_rows(trial: pd.DataFrame) -> None:
    twice = pd.concat([trial, trial.iloc[[3]].assign(AVAL=np.nan)], ignore_index=True)
    with pytest.raises(BadInput, match="recorded twice") as caught:
        analyse(twice, PLAN)
    assert str(len(trial)) in caught.value.where
    one = trial[(trial["TRT01P"] == "placebo") | (trial["USUBJID"] == "P001")]
    with pytest.raises(BadInput, match=r"Arm treated has one subject\.") as caught:
        analyse(one, PLAN)
    assert f"index {one.index[one['TRT01P'] == 'treated'][0]}" in caught.value.where
    moving = trial.assign(BASE=np.arange(len(trial)))
    with pytest.raises(BadInput, match="BASE changes from visit to visit"):
        analyse(moving, PLAN)
    words = trial.assign(AVAL=trial["AVAL"].astype(object))
    words.loc[7, "AVAL"] = "ill"
    with pytest.raises(BadInput, match="'ill' is not a number"):
        analyse(words, PLAN)
    with pytest.raises(BadInput, match="do not vary"):
        analyse(trial.assign(AVAL=1.0), PLAN)
    same = trial.assign(X=(trial["TRT01P"] == "treated").astype(float))
    with pytest.raises(BadInput, match="cannot tell X from arm"):
        analyse(same, replace(PLAN, model=Model(ladder=(), covariates=("X",))))


def test_json_holds_every_strategy_and_what_it_rests_on(run: Callable[..., Ran], file: Path) -> None:
    code, out, err = run(str(file), "--reference", "placebo", "--tipping", "--grid", "0,1", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["input"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert [each["strategy"] for each in told["strategies"]] == list(Strategy)
    assert [each["contrasts"][0]["label"] for each in told["strategies"]] == ["treated - placebo"] * 5
    assert told["values_imputed"] == 4 * told["people"] - told["values_seen"]
    assert told["variance"].startswith("jackknife")
    assert (told["seed"], told["refits"]) == (None, told["people"])
    assert [point["delta"] for point in told["tipping"][0]["curve"]] == [0, 1]
    assert "Jackknife: {0} of {0}, 100%".format(told["people"]) in err


def test_text_names_the_variance_the_seed_and_the_deltas(run: Callable[..., Ran], file: Path) -> None:
    code, out, _ = run(
        str(file), "--reference", "placebo", "--method", "bayes", "--imputations", "8", "--seed", "4",
        "--strategy", "JR", "--delta", "1.5", "--cumulative",
    )  # fmt: skip
    assert code == 0
    assert "bayes, 8 imputations, seed 4, covariance us, REML" in out
    assert "delta 1.5 in treated, cumulative from the event on." in out
    assert "Rubin's rules, which anchor information" in out
    assert "effective draws of 80" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--reference", "Plazebo"), "There is no arm Plazebo. The table has placebo, treated."),
        (("--reference", "placebo", "--strategy", "locf"), "There is no strategy locf."),
        (("--reference", "placebo", "--method", "mice"), "There is no mice."),
        (("--reference", "placebo", "--delta", "treated=much"), "much is not a number."),
        (("--reference", "placebo", "--delta", "treatd=1"), "There is no arm treatd."),
        (("--reference", "placebo", "--tipping", "--grid", "0,x"), "x is not a number."),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_exit_2(
    run: Callable[..., Ran], file: Path, arguments: tuple[str, ...], words: str
) -> None:
    code, out, err = run(str(file), *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_a_strategy_without_a_number_says_why_and_exits_1(
    run: Callable[..., Ran], trial: pd.DataFrame, tmp_path: Path
) -> None:
    bare = trial.iloc[[0]].assign(USUBJID="Q1", AVAL=np.nan)
    path = tmp_path / "bare.csv"
    pd.concat([trial, bare]).to_csv(path, index=False)
    code, out, _ = run(str(path), "--reference", "placebo", "--strategy", "lmcf", "--strategy", "mar")
    assert code == 1
    assert "last-mean: no number. last-mean: No visit precedes the event of Q1 (1 in all)" in out
