"""Times to an event: equal to R's survival 3.5-3 and survRM2 1.0.4, and honest where there is no estimate."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats import survival
from asklepion.stats.survival import Columns, Transform

R = {
    "cox": [-0.4012692261877, -0.0552034422758],
    "cox_se": [0.9292825102496, 0.0455476412593],
    "log_rank": 0.254331673804,
    "log_rank_by_site": 0.264894592117,
    "cox_by_site": -0.473026484481,
    "lower": [0.2038092632676, 0.1257301829944],
    "upper": [0.969179788867, 0.881756407394],
}
LUNG = Columns(time="time", event="status", event_is=("2",), arm="sex", subject=None)


@pytest.fixture(scope="session")
def lung(reference: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(reference("survival/survival_lung.csv"))


@pytest.fixture
def small() -> pd.DataFrame:
    """Nine people. R 4.2.2, survival 3.5-3: see the expected numbers below."""
    return pd.DataFrame(
        {
            "USUBJID": [f"P{k}" for k in range(9)],
            "AVAL": [2, 3, 3, 5, 8, 3, 4, 6, 9],
            "CNSR": [0, 0, 1, 0, 1, 0, 0, 1, 1],
            "TRT01P": ["placebo"] * 5 + ["treated"] * 4,
            "AGE": [30, 41, 52, 29, 61, 47, 38, 55, 33],
            "SITE": ["a", "b", "a", "b", "a", "a", "b", "a", "b"],
        }
    )


def test_curves_equal_survfit(lung: pd.DataFrame) -> None:
    first, second = survival.kaplan_meier(survival.read(lung, LUNG), transform=Transform.LOG)
    assert [first.people, first.events, second.people, second.events] == [138, 112, 90, 53]
    assert [first.median.estimate, first.median.lower, first.median.upper] == [270, 212, 310]
    assert [second.median.estimate, second.median.lower, second.median.upper] == [426, 348, 550]
    assert first.at(365)[:2] == pytest.approx((0.3360878346, 0.04342358884), abs=1e-10)
    assert second.at(365)[:2] == pytest.approx((0.5264630302, 0.05973685399), abs=1e-10)


def test_log_rank_cox_and_their_likelihoods_equal_r(lung: pd.DataFrame) -> None:
    followed = survival.read(lung, LUNG)
    assert survival.log_rank(followed).chi_square == pytest.approx(10.32674195, abs=1e-8)
    fit = survival.cox(followed)
    assert fit.hazards[0].log_ratio == pytest.approx(-0.5310235376, abs=1e-7)
    assert fit.hazards[0].se == pytest.approx(0.1671785832, abs=1e-8)
    assert (fit.null_log_likelihood, fit.log_likelihood) == pytest.approx((-749.9098014, -744.5929990), abs=1e-7)
    assert fit.gradient < 1e-8


def test_covariates_and_proportionality_equal_r(lung: pd.DataFrame) -> None:
    followed = survival.read(lung, replace(LUNG, covariates=("age", "ph.ecog")))
    assert [(each.why, each.rows) for each in followed.left_out] == [("ph.ecog is missing", 1)]
    fit = survival.cox(followed)
    assert [each.log_ratio for each in fit.hazards] == pytest.approx(
        [-0.55261239570, 0.01106676456, 0.46372847537], abs=1e-8
    )
    assert [each.p for each in fit.hazards] == pytest.approx(
        [9.860513721e-04, 2.324156810e-01, 4.447066652e-05], rel=1e-6
    )
    tests = survival.proportionality(followed)
    assert [each.chi_square for each in tests] == pytest.approx([2.305437, 0.187988, 2.054249, 4.463658], abs=1e-6)
    assert [each.p for each in tests] == pytest.approx([0.12892, 0.66460, 0.15178, 0.21555], abs=1e-5)


def test_restricted_means_equal_survrm2(lung: pd.DataFrame, reference: Callable[[str], Path]) -> None:
    one, two, apart, ratio, lost = survival.restricted_mean(survival.read(lung, LUNG), horizon=365)
    assert (one.estimate, one.se) == pytest.approx((241.4950852, 10.3582265), abs=1e-7)
    assert (two.lower, two.upper) == pytest.approx((276.314803, 318.616016), abs=1e-6)
    assert (apart.lower, apart.upper, apart.p) == pytest.approx((26.652936377, 85.287712303, 0.000182706461), rel=1e-7)
    assert (ratio.estimate, ratio.p) == pytest.approx((1.231765894, 0.000206761223), rel=1e-7)
    assert (lost.lower, lost.upper) == pytest.approx((0.383912348, 0.778846691), rel=1e-7)
    veteran = pd.read_csv(reference("survival/survival_veteran.csv"))
    followed = survival.read(veteran, replace(LUNG, event_is=("1",), arm="trt"))
    _, _, apart, *_ = survival.restricted_mean(followed, horizon=180)
    assert (apart.estimate, apart.lower, apart.p) == pytest.approx(
        (-13.760144313, -35.745325261, 0.219932532), rel=1e-8
    )


def test_small_data_with_ties_and_strata_equal_r(small: pd.DataFrame) -> None:
    """Numbers of R 4.2.2, survival 3.5-3: coxph(ties = "efron"), survdiff, with strata(SITE), and survfit(log-log)."""
    plain = survival.read(small)
    fit = survival.cox(survival.read(small, Columns(covariates=("AGE",))))
    assert [each.log_ratio for each in fit.hazards] == pytest.approx(R["cox"], abs=1e-7)
    assert [each.se for each in fit.hazards] == pytest.approx(R["cox_se"], abs=1e-7)
    assert survival.log_rank(plain).chi_square == pytest.approx(R["log_rank"], abs=1e-9)
    by_site = survival.read(small, Columns(strata=("SITE",)))
    assert survival.log_rank(by_site).chi_square == pytest.approx(R["log_rank_by_site"], abs=1e-9)
    assert survival.cox(by_site).hazards[0].log_ratio == pytest.approx(R["cox_by_site"], abs=1e-7)
    placebo, _ = survival.kaplan_meier(plain)
    assert placebo.lower[:2] == pytest.approx(R["lower"], abs=1e-9)
    assert placebo.upper[:2] == pytest.approx(R["upper"], abs=1e-9)


def test_the_number_at_risk_counts_who_is_there_just_before(small: pd.DataFrame) -> None:
    placebo, treated = survival.kaplan_meier(survival.read(small))
    assert [placebo.risk_at(time) for time in (0, 2, 3, 3.5, 8, 8.1)] == [5, 5, 4, 2, 1, 0]
    assert treated.survival.tolist() == pytest.approx([0.75, 0.5, 0.5, 0.5])
    with pytest.raises(BadInput, match="past the last time of arm treated, 9"):
        treated.at(9.5)


def test_a_median_that_was_not_reached_is_none(small: pd.DataFrame) -> None:
    small["CNSR"] = [0, 1, 1, 1, 1, 0, 1, 1, 1]
    placebo, _ = survival.kaplan_meier(survival.read(small))
    assert placebo.median.estimate is None


def test_an_arm_without_events_has_no_hazard_ratio_but_a_curve(small: pd.DataFrame) -> None:
    small.loc[5:, "CNSR"] = 1
    followed = survival.read(small)
    assert survival.kaplan_meier(followed)[1].survival.tolist() == [1.0] * 4
    assert math.isfinite(survival.log_rank(followed).chi_square)
    with pytest.raises(BadInput, match=r"treated against placebo: the hazard ratio has no finite estimate"):
        survival.cox(followed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"AVAL": [-1, 3, 3, 5, 8, 3, 4, 6, 9]}, r"column AVAL, index 0: A time is below zero"),
        ({"AVAL": ["2", "3 weeks", "3", "5", "8", "3", "4", "6", "9"]}, r"'3 weeks' is not a number"),
        ({"USUBJID": ["P0", "P0", *"23456789"][:9]}, r"1 subjects stand in it twice"),
        ({"CNSR": [1] * 9}, r"nobody had the event\. It holds 1"),
        ({"TRT01P": ["placebo"] * 8 + ["treated"]}, r"Arm treated has one person"),
    ],
)
def test_a_table_that_cannot_be_taken(small: pd.DataFrame, change: dict[str, list[object]], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        survival.read(small.assign(**change))


def test_a_covariate_that_equals_the_arm_is_refused(small: pd.DataFrame) -> None:
    small["AGAIN"] = (small["TRT01P"] == "treated") * 2.0
    with pytest.raises(BadInput, match="one follows from the others"):
        survival.cox(survival.read(small, Columns(covariates=("AGAIN",))))


def test_a_horizon_past_what_was_followed_is_refused(small: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match=r"A horizon of 8\.5 is not within what every arm was followed to, 8"):
        survival.restricted_mean(survival.read(small), horizon=8.5)


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50))
@settings(max_examples=30, deadline=None)
def test_order_changes_nothing_and_a_change_of_unit_scales(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    table = pd.DataFrame(
        {
            "AVAL": rng.integers(1, 12, n).astype(float),
            "CNSR": rng.integers(0, 2, n),
            "TRT01P": np.where(np.arange(n) % 2, "b", "a"),
        }
    )
    table.loc[:3, "CNSR"] = 0
    columns = Columns(subject=None)
    mixed = table.sample(frac=1, random_state=seed % 1000)
    longer = table.assign(AVAL=table["AVAL"] * factor)
    first, other, scaled = (survival.read(each, columns) for each in (table, mixed, longer))
    assert survival.log_rank(other).chi_square == pytest.approx(survival.log_rank(first).chi_square)
    assert survival.log_rank(scaled).chi_square == pytest.approx(survival.log_rank(first).chi_square)
    means, wide = survival.restricted_mean(first, horizon=None), survival.restricted_mean(scaled, horizon=None)
    assert [each.estimate for each in wide[:2]] == pytest.approx([each.estimate * factor for each in means[:2]])
    for curve in survival.kaplan_meier(first):
        assert (np.diff(curve.survival) <= 1e-12).all()
        inside = ~np.isnan(curve.lower)
        assert (curve.lower[inside] <= curve.survival[inside] + 1e-12).all()


@pytest.mark.heavy
def test_intervals_of_the_restricted_mean_cover_the_truth() -> None:
    """Exponential times with mean 10, censored uniformly up to 20: the mean to 8 is 10 (1 - exp(-0.8))."""
    rng, truth, held = np.random.default_rng(7), 10 * (1 - math.exp(-0.8)), 0
    for _ in range(1000):
        times, censored = rng.exponential(10, 120), rng.uniform(8, 20, 120)
        table = pd.DataFrame(
            {"AVAL": np.minimum(times, censored), "CNSR": (times > censored) * 1, "TRT01P": ["a", "b"] * 60}
        )
        mean, *_ = survival.restricted_mean(survival.read(table, Columns(subject=None)), horizon=8)
        held += mean.lower <= truth <= mean.upper
    assert 930 <= held <= 965


def test_the_command_tells_curves_tests_and_the_hash(
    small: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "adtte.csv"
    small.to_csv(file, index=False)
    monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "survival", str(file), "--json"])
    with pytest.raises(SystemExit) as caught:
        main()
    told = json.loads(capsys.readouterr().out)
    assert caught.value.code == 0
    assert told["curves"][1]["survival"] == pytest.approx([0.75, 0.5, 0.5, 0.5])
    assert told["log_rank"]["observed"] == [3, 2]
    small.loc[5:, "CNSR"] = 1
    small.to_csv(file, index=False)
    monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "survival", str(file)])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    assert "Hazard ratios: no number." in capsys.readouterr().out
