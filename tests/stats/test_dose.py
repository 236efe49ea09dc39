"""Dose and response: contrasts, shapes and target doses equal to R's DoseFinding, and what cannot be told is not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats.dose import Question, Shape, best_contrasts, candidate, dose_response, fitted, grid

TABLE = Path(__file__).parents[2] / "docs" / "guide" / "small-doses.csv"
SHAPES = ("emax:2", "emax:8", "linear", "exponential:10", "quadratic:-0.025", "logistic:8:3")
ASKED = Question(value="AVAL", candidates=tuple(map(candidate, SHAPES)), effect=-5.0)
DOSES = np.array([0.0, 1.0, 5.0, 10.0, 25.0])
# DoseFinding 1.0-3 in R 4.2.2 on the 60 people of small-doses.csv, type "general", S = vcov, df = 55, decreasing.
T = [4.67119960, 4.14156829, 2.86970945, 1.91177051, 4.08965752, 3.31967306]
P = [2.5265e-05, 1.3248e-04, 6.5344e-03, 5.8929e-02, 1.6853e-04, 1.8984e-03]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(TABLE)


def test_contrasts_and_t_equal_dosefinding(table: pd.DataFrame) -> None:
    test = dose_response(table, ASKED).test
    assert [each.t for each in test.contrasts] == pytest.approx(T, abs=1e-7)
    assert test.contrasts[0].weights == pytest.approx(
        (0.7263171801, 0.2950449620, -0.1978375731, -0.3518633653, -0.4716612037), abs=1e-9
    )
    # mvtnorm says of its own p that they are right to about 1e-4.
    assert [each.p_all for each in test.contrasts] == pytest.approx(P, abs=1e-4)
    assert test.critical == pytest.approx(2.31776876, abs=1e-3)
    assert test.shown


def test_p_of_the_largest_is_that_of_simulation() -> None:
    means, covariance = np.array([0.0, 1.0, 2.0, 3.0, 2.5]), np.diag([0.5, 0.7, 0.6, 0.8, 0.5])
    candidates = [candidate(each) for each in ("emax:2", "linear", "quadratic:-0.03")]
    test = best_contrasts(DOSES, means, covariance, candidates, df=12)
    rng = np.random.default_rng(1)
    weights = np.array([each.weights for each in test.contrasts])
    root = np.sqrt(np.einsum("mi,ij,mj->m", weights, covariance, weights))
    drawn = rng.multivariate_normal(np.zeros(5), covariance, size=400_000) @ weights.T / root
    drawn /= np.sqrt(rng.chisquare(12, size=(400_000, 1)) / 12)
    largest = drawn.max(axis=1)
    for each in test.contrasts:
        assert each.p_all == pytest.approx(float((largest >= each.t).mean()), abs=4 * (0.25 / 400_000) ** 0.5)
    assert float((largest >= test.critical).mean()) == pytest.approx(0.025, abs=0.001)


def test_one_candidate_needs_no_correction() -> None:
    test = best_contrasts(DOSES, np.array([0.0, 1, 2, 3, 4]), np.eye(5), [candidate("linear")], df=20)
    assert test.contrasts[0].p_all == pytest.approx(test.contrasts[0].p, rel=1e-9)
    assert test.critical == pytest.approx(2.0859634, abs=1e-6)


def test_shapes_and_target_doses_equal_dosefinding(table: pd.DataFrame) -> None:
    """fitMod(type = "general") with defBnds(25), gAIC, TD(Delta = 5, direction = "decreasing")."""
    found = {each.fit.shape: each for each in dose_response(table, ASKED).targets}
    emax = found[Shape.EMAX]
    assert (emax.fit.base, emax.fit.size) == pytest.approx((38.43646086, -8.395536654), abs=1e-5)
    assert dict(emax.fit.parameters)["ed50"] == pytest.approx(1.258735845, abs=1e-5)
    assert emax.fit.aic == pytest.approx(7.604408933, abs=1e-7)
    assert emax.dose == pytest.approx(1.853515315, abs=1e-5)
    quadratic = found[Shape.QUADRATIC]
    assert (quadratic.fit.base, quadratic.fit.size, quadratic.dose) == pytest.approx(
        (37.12649423, -1.16152841, 5.172686194), abs=1e-7
    )
    logistic = found[Shape.LOGISTIC]
    assert logistic.fit.aic == pytest.approx(8.323837553, abs=1e-6)
    assert logistic.dose == pytest.approx(1.303562613, abs=1e-3)
    assert logistic.fit.at_bound
    linear, exponential = found[Shape.LINEAR], found[Shape.EXPONENTIAL]
    assert (linear.fit.aic, exponential.fit.aic) == pytest.approx((19.57167246, 22.84261162), abs=1e-6)
    # DoseFinding tells 25.09 and 26.91: beyond the largest dose that anybody got, which is no dose to tell.
    assert linear.dose is None
    assert exponential.dose is None


def test_a_curve_that_is_there_is_found_again() -> None:
    means = 10 + 20 * DOSES / (4 + DOSES)
    fit = fitted(grid(Shape.EMAX, DOSES, np.eye(5)), means)
    assert (fit.base, fit.size, dict(fit.parameters)["ed50"]) == pytest.approx((10, 20, 4), rel=1e-5)
    assert fit.distance == pytest.approx(0, abs=1e-8)


def test_a_covariate_adjusts_the_means_and_order_changes_nothing(table: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(40, 5, len(table))
    moved = table.assign(BASE=base, AVAL=table["AVAL"] + base)
    told = dose_response(moved, replace(ASKED, covariates=("BASE",)))
    plain = dose_response(table, ASKED)
    assert told.test.df == plain.test.df - 1
    assert told.test.contrasts[0].t == pytest.approx(plain.test.contrasts[0].t, rel=0.2)
    mixed = dose_response(moved.sample(frac=1, random_state=1), replace(ASKED, covariates=("BASE",)))
    assert [each.t for each in mixed.test.contrasts] == pytest.approx([each.t for each in told.test.contrasts])


def test_a_rise_mirrors_a_fall(table: pd.DataFrame) -> None:
    up = dose_response(table.assign(AVAL=-table["AVAL"]), replace(ASKED, effect=5.0))
    assert [each.t for each in up.test.contrasts] == pytest.approx(T, abs=1e-7)
    assert up.targets[0].dose == pytest.approx(dose_response(table, ASKED).targets[0].dose)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"DOSE": 5}, r"There are doses 5\. Three doses or more are needed"),
        ({"DOSE": -1}, "A dose is below zero"),
        ({"AVAL": 3.0}, "The values do not vary within doses"),
        ({"USUBJID": "1"}, "A person stands in two rows"),
        ({"DOSE": [0] * 29 + [5] * 30 + [10]}, "Dose 10 was given to one person"),
    ],
)
def test_a_table_that_cannot_be_taken(table: pd.DataFrame, change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        dose_response(table.assign(**change), ASKED)


@pytest.mark.parametrize("text", ["emax", "emax:0", "linear:3", "sigmoid:2", "emax:two", "logistic:3"])
def test_a_shape_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"shape|takes|above zero"):
        candidate(text)


def test_a_shape_with_more_parameters_than_doses_is_refused(table: pd.DataFrame) -> None:
    three = table[table["DOSE"].isin([0, 5, 25])]
    with pytest.raises(BadInput, match="logistic has 4 parameters; 3 doses were given"):
        dose_response(three, ASKED)


def test_the_command_exits_by_whether_anything_was_shown(
    table: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(file: Path, *more: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "dose", str(file), "--effect", "-5", *more])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code, capsys.readouterr().out

    code, out = run(TABLE, "--shape", "emax:2", "--shape", "linear", "--json")
    told = json.loads(out)
    assert (code, told["shown"]) == (0, True)
    assert told["targets"][0]["dose"] == pytest.approx(1.853515, abs=1e-5)
    nothing = tmp_path / "nothing.csv"
    table.assign(AVAL=np.random.default_rng(1).normal(40, 6, len(table)).round(1)).to_csv(nothing, index=False)
    code, out = run(nothing, "--shape", "emax:2", "--shape", "linear")
    assert code == 1
    assert "without a dose-response they say nothing" in out
