"""Penalised models equal to scikit-learn's; cross-validation that finds what is there and nothing where nothing is."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.stats.why import judged, penalised, prediction, predictors, splits
from asklepion.stats.why.prediction import Figure, Predicted, Question, predict

FILE = Path(__file__).parents[2] / "docs" / "guide" / "small-predict.csv"
ASKED = Question(value="AVAL", predictors=("BASE", "X0", "X1", "X2", "SEX"), baseline="BASE", repeats=3, permutations=0)


def people(count: int, *, seed: int, signal: float = 2.0) -> pd.DataFrame:
    """Give people whose value BASE, X0 and X1 foretell with `signal`, and X2 and SEX do not; RESP is a low value."""
    rng = np.random.default_rng(seed)
    x, base = rng.normal(size=(count, 3)), rng.normal(40, 6, count)
    value = 30 + 0.3 * signal * (base - 40) + signal * (x[:, 0] - x[:, 1]) + rng.normal(0, 4, count)
    named = {"USUBJID": [f"P{k:03d}" for k in range(count)], "SITE": [f"S{k % 4}" for k in range(count)], "BASE": base}
    sex = np.array(["F", "M"])[rng.integers(0, 2, count)]
    more = {"SEX": sex, "AVAL": value, "RESP": np.where(value < np.median(value), "Y", "N")}
    return pd.DataFrame({**named, **{f"X{k}": x[:, k] for k in range(3)}, **more})


def figure(told: Predicted, name: str) -> Figure:
    return next(each for each in told.figures if each.name == name)


@pytest.fixture(scope="module")
def columns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(70, 6)) * [1, 2, 3, 1, 1, 5] + 3
    y = 2 * x[:, 0] - x[:, 1] + rng.normal(0, 3, 70)
    return x, y, (x - x.mean(axis=0)) / x.std(axis=0)


@pytest.mark.parametrize("mix", [0.0, 0.1, 0.5, 1.0])
def test_a_value_is_fitted_as_by_scikit_learn(columns: tuple[np.ndarray, np.ndarray, np.ndarray], mix: float) -> None:
    """scikit-learn 1.9: Ridge(alpha = n lambda) and ElasticNet on columns and values in standard deviations."""
    linear = pytest.importorskip("sklearn.linear_model")
    x, y, scaled = columns
    beta, intercepts, standardised = penalised._path(x, y, mix, np.array([1.0, 0.3, 0.05]), yes_or_no=False)
    peer = linear.Ridge(alpha=0.05 * len(y)) if mix == 0 else linear.ElasticNet(alpha=0.05, l1_ratio=mix, tol=1e-13)
    peer.fit(scaled, (y - y.mean()) / y.std())
    assert standardised[-1] / y.std() == pytest.approx(peer.coef_, abs=1e-7)
    assert x @ beta[-1] + intercepts[-1] == pytest.approx(peer.predict(scaled) * y.std() + y.mean(), abs=1e-6)


@pytest.mark.parametrize("mix", [0.0, 0.5, 1.0])
def test_yes_and_no_are_fitted_as_by_scikit_learn(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray], mix: float
) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    x, y, scaled = columns
    yes = (y > np.median(y) + 1).astype(np.float64)
    beta, intercepts, standardised = penalised._path(x, yes, mix, np.array([0.5, 0.05]), yes_or_no=True)
    solver = "lbfgs" if mix == 0 else "saga"
    peer = linear.LogisticRegression(C=1 / (0.05 * len(y)), l1_ratio=mix, solver=solver, tol=1e-10, max_iter=100_000)
    peer.fit(scaled, yes)
    assert standardised[-1] == pytest.approx(peer.coef_[0], abs=1e-6)
    assert x @ beta[-1] + intercepts[-1] == pytest.approx(peer.decision_function(scaled), abs=1e-6)


def test_the_chosen_penalty_is_that_of_a_search_by_hand(columns: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Each inner fold scaled by its own training people, as a pipeline in GridSearchCV would."""
    linear = pytest.importorskip("sklearn.linear_model")
    x, y, _ = columns
    folds = splits.deal(len(y), 5, rng=np.random.default_rng(1))
    told = penalised.choose(x, y, folds, penalty="ridge", yes_or_no=False)
    grid = penalised._penalties(x, y / y.std(), 0.0)
    lost = np.zeros(len(grid))
    for fold in range(5):
        train = folds != fold
        mean, sd = x[train].mean(axis=0), x[train].std(axis=0)
        for place, penalty in enumerate(grid):
            peer = linear.Ridge(alpha=penalty * train.sum()).fit((x[train] - mean) / sd, y[train])
            lost[place] += ((y[~train] - peer.predict((x[~train] - mean) / sd)) ** 2).sum()
    assert told.penalty == grid[int(np.argmin(lost))]


@pytest.mark.parametrize("penalty", ["ridge", "elastic-net"])
def test_what_is_there_is_found(penalty: str) -> None:
    told = predict(people(120, seed=1), replace(ASKED, penalty=penalty, permutations=40))
    r2 = figure(told, "R2")
    # 16 of noise beside .36 * 36 + 8 of what is foretold: at best R2 is .57, of the baseline alone .35.
    assert isinstance(r2.value, float)
    assert 0.4 < r2.value < 0.7
    assert isinstance(r2.baseline_only, float)
    assert r2.value > r2.baseline_only + 0.1
    assert r2.mean_only == pytest.approx(0)
    assert all(each.lower > 0 for each in told.gains)
    assert told.p == 1 / 41
    slope = figure(told, "calibration slope").value
    assert isinstance(slope, float)
    assert 0.8 < slope < 1.25
    kept = {each.name: each for each in told.predictors}
    assert kept["X0"].as_last == 1
    assert kept["X1"].per_unit < 0 < kept["X0"].per_unit
    assert kept["SEX = M"].taken <= 1


def test_where_nothing_is_nothing_is_found() -> None:
    """Least squares on the same people would explain a share of them; people not used are not foretold."""
    p, r2 = [], []
    for seed in range(8):
        table = people(50, seed=seed, signal=0.0)
        told = predict(table, replace(ASKED, penalty="elastic-net", repeats=1, permutations=19, seed=seed))
        value = figure(told, "R2").value
        assert isinstance(value, float)
        r2.append(value)
        assert told.p is not None
        p.append(told.p)
    assert np.mean(r2) < 0.03
    assert np.mean(p) == pytest.approx(0.5, abs=0.25)


@pytest.mark.parametrize("group", [None, "SITE"])
def test_what_is_foretold_of_people_does_not_know_their_outcome(group: str | None) -> None:
    """With other values of the people of one fold, that fold's predictions stay and the rest move."""
    table, asked = people(40, seed=8), replace(ASKED, group=group, folds=4)
    data = predictors.read(table, asked)
    before = prediction._round(data, data.values, asked, 0).full
    mine = before.folds == 2
    changed = np.where(mine, -10 * data.values, data.values)
    after = prediction._round(data, changed, asked, 0).full
    assert (after.folds == before.folds).all()
    assert after.lines[mine] == pytest.approx(before.lines[mine], abs=1e-12)
    assert np.abs(after.lines[~mine] - before.lines[~mine]).min() > 1e-3


def test_yes_and_no_with_each_measure() -> None:
    table = people(120, seed=2, signal=3.0)
    told = predict(table, replace(ASKED, value="RESP", event="Y", permutations=20))
    assert told.yes == 60
    area = figure(told, "AUC")
    assert isinstance(area.value, float)
    assert area.value > 0.8
    assert area.mean_only == 0.5
    assert figure(told, "log loss").mean_only == pytest.approx(np.log(2), abs=0.01)
    assert told.p == 1 / 21
    assert any("fewer than 100" in each for each in told.notes)
    other = predict(table, replace(ASKED, value="RESP", event="N"))
    assert figure(other, "AUC").value == pytest.approx(area.value, abs=0.02)


def test_numbers_of_yes_and_no_are_labels() -> None:
    table = people(60, seed=2).assign(RESP=lambda rows: (rows.RESP == "Y").astype(float))
    told = predict(table, replace(ASKED, value="RESP", event="1"))
    assert told.yes == 30


def test_a_group_is_never_torn() -> None:
    """Sites whose people are alike and foretell nothing of the next: only whole sites left out show it."""
    rng = np.random.default_rng(6)
    site = np.repeat(np.arange(8), 10)
    x = rng.normal(size=8)[site] + rng.normal(0, 0.01, 80)
    value = 5 * rng.normal(size=8)[site] + rng.normal(0, 1, 80)
    table = pd.DataFrame({"SITE": site.astype(str), "X": x, "X2": x**2, "X3": x**3, "AVAL": value})
    asked = Question(value="AVAL", predictors=("X", "X2", "X3"), subject=None, repeats=1, permutations=0)
    torn, whole = predict(table, asked), predict(table, replace(asked, group="SITE"))
    apart, together = figure(torn, "R2").value, figure(whole, "R2").value
    assert isinstance(apart, float)
    assert isinstance(together, float)
    assert together < apart - 0.1
    assert (whole.folds, whole.repeats) == (8, 1)
    folds = splits.deal_groups(site, 3, rng=rng)
    assert all(len(set(folds[site == each])) == 1 for each in range(8))


def test_people_are_dealt_evenly_and_classes_too() -> None:
    rng = np.random.default_rng(0)
    classes = (np.arange(33) < 11).astype(np.float64)
    folds = splits.deal(33, 5, rng=rng, classes=classes)
    assert sorted(np.bincount(folds)) == [6, 6, 7, 7, 7]
    assert set(np.bincount(folds[classes == 1])) <= {2, 3}


def test_measures_are_those_of_hand_and_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    line, yes = rng.normal(size=60), (rng.random(60) < 0.4).astype(np.float64)
    told = judged.Foretold(line, np.full(60, np.log(0.4 / 0.6)), np.zeros(60, dtype=np.intp))
    found = judged.figures(told, yes, yes_or_no=True)
    assert found["AUC"] == pytest.approx(metrics.roc_auc_score(yes, line))
    assert found["log loss"] == pytest.approx(metrics.log_loss(yes, penalised.chance(line)))
    assert found["Brier"] == pytest.approx(metrics.brier_score_loss(yes, penalised.chance(line)))
    told = judged.Foretold(line, np.zeros(60), np.arange(60, dtype=np.intp) % 3)
    value = 2 * line + 1
    found = judged.figures(told, value, yes_or_no=False)
    assert found["calibration slope"] == pytest.approx(2)
    assert found["R2"] == pytest.approx(1 - ((line + 1) ** 2).sum() / (value**2).sum())


def test_the_variance_of_a_gain_is_corrected_for_shared_training_people() -> None:
    """(1/J + test/training) s^2, t with J - 1 [nadeau2003], against numbers reckoned by hand."""
    told = judged.gain(np.array([1.0, 2, 3, 4]), against="the mean", loss="squared error", share=1 / 9, level=0.95)
    assert told.se == pytest.approx(((1 / 4 + 1 / 9) * 5 / 3) ** 0.5)
    assert told.upper - told.estimate == pytest.approx(float(stats.t.ppf(0.975, 3)) * told.se)


def test_the_same_seed_gives_the_same_and_scale_scales() -> None:
    table = people(60, seed=5)
    told = predict(table, ASKED)
    assert predict(table, ASKED) == told
    scaled = predict(table.assign(X0=100 * table.X0 + 3, AVAL=10 * table.AVAL), ASKED)
    assert figure(scaled, "R2").value == pytest.approx(figure(told, "R2").value, abs=1e-6)
    assert figure(scaled, "RMSE").value == pytest.approx(10 * figure(told, "RMSE").value, rel=1e-6)  # type: ignore[operator]


def test_a_net_that_takes_nothing_has_no_calibration() -> None:
    rng = np.random.default_rng(9)
    table = pd.DataFrame({"X": rng.normal(size=40), "AVAL": rng.normal(size=40)})
    asked = Question(value="AVAL", predictors=("X",), subject=None, penalty="elastic-net", repeats=6, permutations=0)
    slope = figure(predict(table, asked), "calibration slope")
    assert isinstance(slope.value, float | Unscored)
    flat = judged.Foretold(np.zeros(40), np.zeros(40), np.zeros(40, dtype=np.intp))
    assert isinstance(judged.figures(flat, table.AVAL.to_numpy(), yes_or_no=False)["calibration slope"], Unscored)


def test_who_lacks_a_predictor_is_left_out_and_counted() -> None:
    table = people(60, seed=5)
    table.loc[[3, 8], "X1"] = np.nan
    table.loc[9, "AVAL"] = np.nan
    told = predict(table, ASKED)
    assert told.people == 57
    assert [(each.why, each.rows) for each in told.left_out] == [("AVAL is missing", 1), ("X1 is missing", 2)]


@pytest.mark.parametrize(
    ("change", "asked", "words"),
    [
        ({}, {"predictors": ()}, "No predictor"),
        ({}, {"predictors": ("BASE", "AVAL")}, "is the value"),
        ({}, {"predictors": ("BASE", "CHG")}, "only after the start"),
        ({}, {"predictors": ("BASE", "BASE")}, "named twice"),
        ({}, {"predictors": ("BASE", "NOWHERE")}, "no column NOWHERE"),
        ({}, {"penalty": "lasso"}, "no penalty lasso"),
        ({"X0": 1.0}, {}, "same for everybody"),
        ({"X0": "a"}, {}, "same for everybody"),
        ({}, {"value": "RESP"}, "not a number"),
        ({}, {"value": "RESP", "event": "yes"}, "not yes and one other"),
        ({}, {"value": "RESP", "event": "Y", "folds": 40}, "fewer than 40 folds"),
        ({}, {"folds": 90}, "too few for 90 folds"),
        ({}, {"predictors": ("USUBJID2",)}, "60 columns of predictors"),
        ({"SITE": ["a", "b"] * 30}, {"group": "SITE"}, "2 groups"),
        ({"USUBJID": "P1"}, {}, "stands in two rows"),
    ],
)
def test_what_cannot_be_foretold_is_refused(change: dict[str, object], asked: dict[str, object], words: str) -> None:
    table = people(60, seed=1).assign(USUBJID2=lambda rows: rows.USUBJID, CHG=lambda rows: rows.AVAL - rows.BASE)
    with pytest.raises(BadInput, match=words):
        predict(table.assign(**change), replace(ASKED, **asked))  # type: ignore[arg-type]


def test_a_predictor_that_is_the_outcome_is_refused() -> None:
    table = people(60, seed=1).assign(LATER=lambda rows: 3 - 2 * rows.AVAL, RATED=lambda rows: rows.RESP + "!")
    with pytest.raises(BadInput, match="column LATER: AVAL follows from it"):
        predict(table, replace(ASKED, predictors=("BASE", "LATER")))
    with pytest.raises(BadInput, match="RESP follows from it"):
        predict(table, replace(ASKED, value="RESP", event="Y", predictors=("BASE", "RATED")))


def test_a_site_of_one_outcome_only_is_told() -> None:
    table = people(40, seed=1).assign(SITE=lambda rows: np.where(rows.RESP == "Y", "a", "b"))
    table.loc[:3, "SITE"] = "c"
    table.loc[:3, "RESP"] = "N"
    with pytest.raises(BadInput, match="one outcome only"):
        predict(table, replace(ASKED, value="RESP", event="Y", group="SITE", predictors=("X0",)))


def test_the_command_answers_in_words_and_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*more: str, code: int = 0) -> tuple[str, str]:
        said = ["analyse", "predict", str(FILE), "--predictor", "BASE", "--predictor", "SEX", "--repeats", "2"]
        monkeypatch.setattr("sys.argv", ["asklepion", *said, *more])
        with pytest.raises(SystemExit) as caught:
            main()
        assert (caught.value.code or 0) == code
        told = capsys.readouterr()
        return told.out, told.err

    assert "no effect, no interval and no p belongs to them" in run("--permutations", "5", "--baseline", "BASE")[0]
    told = json.loads(run("--permutations", "0", "--json", "--value", "RESP", "--event", "Y")[0])
    assert (told["people"], told["yes"], told["p"]) == (72, 29, None)
    assert "only after the start" in run("--predictor", "TRT01A", code=2)[1]
