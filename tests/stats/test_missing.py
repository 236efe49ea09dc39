"""Imputation after events: R's rbmi on the antidepressant trial, and what must hold on any data."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from asklepion.core.errors import BadInput
from asklepion.stats import missing, mmrm
from asklepion.stats.missing import Approach, Plan, Strategy, analyse, ancova, impute, refits, strategies
from asklepion.stats.missing.analysis import _used
from asklepion.stats.missing.trial import Trial, read
from asklepion.stats.mmrm import Model, likelihood

# rbmi 1.5.2 with mmrm 0.3.18, expected_rbmi_condmean_jackknife.txt: DRUG - PLACEBO, then the means of DRUG, PLACEBO.
RBMI = {
    Strategy.JUMP: ((-2.125533852, 0.85813936), (-6.964627883, 0.68492240), (-4.839094030, 0.76197244)),
    Strategy.COPY: ((-2.370717346, 0.98108679), (-7.207075204, 0.76620101), (-4.836357857, 0.76229652)),
    Strategy.INCREMENTS: ((-2.449128244, 1.00080415), (-7.284181433, 0.77625519), (-4.835053189, 0.76233375)),
    Strategy.LAST_MEAN: ((-2.513878500, 1.02908600), (-6.867188666, 0.79284730), (-4.353310166, 0.68156676)),
    Strategy.MAR: ((-2.801772636, 1.10672500), (-7.636398032, 0.82602414), (-4.834625396, 0.76254188)),
}
# The same under MAR with a delta of 0 to 6 in DRUG: estimate, SE, p.
DELTAS = (
    (-2.801772636, 1.106724997, 0.01135470537),
    (-2.560411587, 1.110762387, 0.02116131585),
    (-2.319050537, 1.116852291, 0.03785544548),
    (-2.077689488, 1.124961376, 0.06476185091),
    (-1.836328438, 1.135046366, 0.1056961292),
    (-1.594967389, 1.147055146, 0.1643804834),
    (-1.353606339, 1.160928017, 0.2436268888),
)
# How far rbmi's stopping point moves an estimate: see the first test.
SHORT_OF_OPTIMUM = 7e-5
MODEL = Model(subject="PATIENT", visit="VISIT", value="CHANGE", arm="THERAPY", baseline="BASVAL", ladder=())
SMALL = Plan(model=Model(ladder=()), reference="placebo")


@pytest.fixture(scope="session")
def drug(reference: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(reference("trials/rbmi_antidepressant_data.csv"), dtype={"PATIENT": str})


@pytest.fixture(scope="session")
def jackknifed(drug: pd.DataFrame) -> missing.Analysis:
    return analyse(drug, Plan(model=MODEL, reference="PLACEBO"))


def lines(answer: missing.Answer) -> list[tuple[float, float]]:
    return [(each.estimate, each.se) for each in (*answer.contrasts, *answer.means)]


def started(data: pd.DataFrame, plan: Plan) -> tuple[Trial, refits.Frame]:
    trial = read(data, plan)
    return trial, refits.frame(trial, plan.model, _used(trial, Strategy.JUMP))


def imputed(trial: Trial, frame: refits.Frame, plan: Plan, *, at: refits.Parameters, strategy: Strategy) -> np.ndarray:
    gaps = impute.gaps(trial, frame, strategy=strategy, by_arm=plan.model.group == plan.model.arm)
    values = impute.fill(trial, gaps, at)[:, -1]
    return np.asarray(ancova.each(ancova.ancova(trial, plan), values[None])[0][0])


def test_where_rbmi_stops_every_strategy_is_rbmis_to_eight_digits(drug: pd.DataFrame) -> None:
    """R's mmrm stops L-BFGS-B at a relative fall of 1e7 machine precisions, 6.2e-6 above the least -2 log L."""
    plan = Plan(model=MODEL, reference="PLACEBO")
    trial, frame = started(drug, plan)
    fit, shapes = frame.fit, frame.fit.shapes
    unit = np.r_[np.full(4, -np.log(fit.scaled.unit)), np.zeros(6)]
    constant = fit.deviance - fit.optimum.solved.deviance

    def half_deviance(at: np.ndarray) -> tuple[float, np.ndarray]:
        solved = likelihood.solve(fit.scaled.data, likelihood.sigmas(at + unit, shapes))
        assert solved is not None
        slope = likelihood.slopes(fit.scaled.data, at + unit, solved, shapes).gradient
        return (solved.deviance + constant) / 2, slope / 2

    stopped = minimize(
        half_deviance, np.zeros(10), jac=True, method="L-BFGS-B",
        options={"ftol": 1e7 * np.finfo(float).eps, "gtol": 0, "maxcor": 5},
    )  # fmt: skip
    sigmas = likelihood.sigmas(stopped.x + unit, shapes)
    solved = likelihood.solve(fit.scaled.data, sigmas)
    assert solved is not None
    there = refits.scaled_back(frame, solved.beta, sigmas)
    assert 2 * stopped.fun - fit.deviance == pytest.approx(6.15e-6, rel=0.05)
    for strategy, right in RBMI.items():
        found = imputed(trial, frame, plan, at=there, strategy=strategy)
        assert found == pytest.approx([estimate for estimate, _ in right], abs=2e-8), strategy


@pytest.mark.parametrize("strategy", RBMI)
def test_estimates_and_jackknife_at_the_optimum(jackknifed: missing.Analysis, strategy: Strategy) -> None:
    found = lines(next(each for each in jackknifed.answers if each.strategy is strategy))
    for (estimate, se), (right, right_se) in zip(found, RBMI[strategy], strict=True):
        assert estimate == pytest.approx(right, abs=SHORT_OF_OPTIMUM)
        assert se == pytest.approx(right_se, abs=SHORT_OF_OPTIMUM)
    assert found[0][1] == pytest.approx(RBMI[strategy][0][1], abs=1.1e-5)


def test_earlier_visits(drug: pd.DataFrame) -> None:
    """The same file: trt_5 and trt_6 of jump to reference, trt_4 of all; one person misses visit 5 only."""
    for at, right in (
        ("4", (0.091806446, 0.69459796)),
        ("5", (-1.305427849, 0.87826502)),
        ("6", (-1.928973804, 0.86232514)),
    ):
        answer = analyse(drug, Plan(model=MODEL, reference="PLACEBO", strategies=(Strategy.JUMP,), at=at)).answers[0]
        assert lines(answer)[0] == pytest.approx(right, abs=SHORT_OF_OPTIMUM)
        assert answer.completed is not None
        assert answer.completed.weight.sum() == {"4": 0, "5": 13, "6": 23}[at]


def test_mar_is_the_contrast_of_the_mixed_model(drug: pd.DataFrame, jackknifed: missing.Analysis) -> None:
    fit = mmrm.fit(drug, replace(MODEL, arms=("PLACEBO", "DRUG")))
    contrast = mmrm.contrasts(fit)[-1].estimate
    assert jackknifed.answers[0].strategy is Strategy.MAR
    assert jackknifed.answers[0].contrasts[0].estimate == pytest.approx(contrast, abs=1e-9)
    assert contrast == pytest.approx(-2.801834, abs=5e-7)


def test_tipping_curve_and_point(jackknifed: missing.Analysis) -> None:
    found = missing.tipping(jackknifed, jackknifed.answers[0], deltas=tuple(range(7)))
    for point, (estimate, se, p) in zip(found.curve, DELTAS, strict=True):
        assert point.line.estimate == pytest.approx(estimate, abs=SHORT_OF_OPTIMUM)
        assert point.line.se == pytest.approx(se, abs=SHORT_OF_OPTIMUM)
        assert point.line.p == pytest.approx(p, abs=SHORT_OF_OPTIMUM)
    assert found.between == (2, 3)
    assert found.delta is not None
    again = jackknifed.answers[0].completed
    assert again is not None
    assert again.lines({0: found.delta})[0].p == pytest.approx(0.05, abs=1e-6)
    assert missing.tipping(jackknifed, jackknifed.answers[0]).delta == pytest.approx(found.delta, abs=1e-5)


def test_a_step_over_no_difference_is_seen(jackknifed: missing.Analysis) -> None:
    found = missing.tipping(jackknifed, jackknifed.answers[0], deltas=(0, 40))
    assert found.between == (0, 40)
    assert found.curve[1].line.p < 0.05
    assert found.delta == pytest.approx(2.50776, abs=1e-5)
    already = missing.tipping(jackknifed, jackknifed.answers[0], deltas=(3, 4))
    assert already.delta is None
    assert already.why == "p is 0.0648 at delta 3 already: there is nothing to tip."


def test_rubins_variance_is_larger_than_the_jackknifes_by_design(
    drug: pd.DataFrame, jackknifed: missing.Analysis
) -> None:
    plan = Plan(model=MODEL, reference="PLACEBO", approach=Approach.BAYES, imputations=200, seed=7)
    drawn = analyse(drug, plan)
    ratio = {}
    for one, other in zip(jackknifed.answers, drawn.answers, strict=True):
        here, there = one.contrasts[0], other.contrasts[0]
        assert there.monte_carlo is not None
        assert there.estimate == pytest.approx(here.estimate, abs=4 * there.monte_carlo)
        ratio[one.strategy] = (there.se / here.se) ** 2
    assert ratio[Strategy.MAR] == pytest.approx(1, abs=0.12)
    assert 1.5 < ratio[Strategy.JUMP] < 2.0
    assert jackknifed.variance != drawn.variance
    assert all(each.r_hat < 1.02 and each.effective > 500 for each in drawn.answers[0].watched)


def test_a_refit_without_a_subject_is_the_fit_of_the_table_without(trial: pd.DataFrame) -> None:
    plan = SMALL
    whole, frame = started(trial, plan)
    found = list(refits.leave_one_out(frame, labels=whole.labels))
    for place in (0, 17, len(whole.labels) - 1):
        alone = mmrm.fit(trial[trial["USUBJID"] != whole.labels[place]], plan.model)
        assert found[place].beta == pytest.approx(alone.beta, abs=1e-6)
        assert found[place].sigmas == pytest.approx(alone.covariances, rel=1e-6)


def test_the_jackknife_is_the_analysis_of_each_table_without_a_subject(trial: pd.DataFrame) -> None:
    plan = replace(SMALL, strategies=(Strategy.JUMP,))
    some = trial[trial["USUBJID"].isin(sorted(set(trial["USUBJID"]))[:40])]
    found = analyse(some, plan).answers[0].contrasts[0]
    left = []
    for who in some["USUBJID"].unique():
        less = some[some["USUBJID"] != who]
        whole, frame = started(less, plan)
        left.append(imputed(whole, frame, plan, at=frame.parameters(), strategy=Strategy.JUMP)[0])
    spread = np.array(left) - np.mean(left)
    assert found.se == pytest.approx(np.sqrt(39 / 40 * (spread**2).sum()), rel=1e-6)


@pytest.mark.parametrize("approach", Approach)
def test_order_of_rows_and_labels_change_nothing(trial: pd.DataFrame, approach: Approach) -> None:
    plan = replace(SMALL, approach=approach, imputations=8, burn_in=10, thin=1, seed=3)
    rng = np.random.default_rng(5)
    who = trial["USUBJID"].unique()
    renamed = dict(zip(who, rng.permutation(who), strict=True))
    other = trial.sample(frac=1, random_state=2).assign(USUBJID=lambda rows: rows["USUBJID"].map(renamed))
    for one, two in zip(analyse(trial, plan).answers, analyse(other, plan).answers, strict=True):
        assert np.array(lines(one)) == pytest.approx(np.array(lines(two)), rel=1e-7)


@pytest.mark.parametrize("approach", Approach)
def test_a_change_of_scale_scales(trial: pd.DataFrame, approach: Approach) -> None:
    plan = replace(SMALL, approach=approach, imputations=8, burn_in=10, thin=1, strategies=(Strategy.INCREMENTS,))
    one = analyse(trial, plan).answers[0].contrasts[0]
    two = analyse(trial.assign(AVAL=trial["AVAL"] * 1000 + 7), plan).answers[0].contrasts[0]
    assert (two.estimate, two.se) == pytest.approx((1000 * one.estimate, 1000 * one.se), rel=1e-6)


@pytest.mark.parametrize("approach", Approach)
def test_complete_data_give_the_plain_ancova_whatever_the_strategy(approach: Approach) -> None:
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"USUBJID": np.repeat(np.arange(30), 3), "AVISIT": np.tile(["1", "2", "3"], 30)})
    rows["TRT01P"] = np.where(rows["USUBJID"] % 2, "placebo", "treated")
    rows["BASE"] = np.repeat(rng.normal(size=30), 3)
    rows["AVAL"] = rows["BASE"] + np.repeat(rng.normal(size=30), 3) + rng.normal(size=90)
    last = rows[rows["AVISIT"] == "3"]
    design = np.column_stack([np.ones(30), last["TRT01P"] == "treated", last["BASE"]]).astype(float)
    beta, square, *_ = np.linalg.lstsq(design, last["AVAL"], rcond=None)
    se = np.sqrt(square[0] / 27 * np.linalg.inv(design.T @ design)[1, 1])
    for answer in analyse(rows, replace(SMALL, approach=approach, imputations=8, burn_in=5, thin=1)).answers:
        line = answer.contrasts[0]
        assert line.estimate == pytest.approx(beta[1], rel=1e-9)
        assert answer.imputed == ()
        if approach is not Approach.CONDITIONAL_MEAN:
            assert (line.se, line.df) == pytest.approx((se, 27), rel=1e-9)


def test_delta_is_added_after_events_only_and_nought_changes_nothing(trial: pd.DataFrame) -> None:
    plain = analyse(trial, SMALL)
    nought = analyse(trial, replace(SMALL, deltas={"treated": 0.0}))
    assert [lines(each) for each in plain.answers] == [lines(each) for each in nought.answers]
    found = read(trial, SMALL)
    completed = plain.answers[0].completed
    assert completed is not None
    share = completed.weight[found.arms.codes == 1].sum()
    assert share == ((found.events < 4) & (found.arms.codes == 1)).sum() > 0
    constant = analyse(trial, replace(SMALL, deltas={"treated": 2.0})).answers[0].means[1].estimate
    twice = analyse(trial, replace(SMALL, deltas={"treated": 2.0}, cumulative=True)).answers[0]
    assert constant > plain.answers[0].means[1].estimate
    steps = np.where(found.events < 4, 4 - found.events, 0)
    assert twice.completed is not None
    assert twice.completed.weight.tolist() == steps.tolist()


def test_a_gap_before_the_event_stays_at_random(trial: pd.DataFrame) -> None:
    found = read(trial, SMALL)
    gap = next(k for k in range(len(found.labels)) if found.seen[k, -1] and not found.seen[k].all())
    assert found.events[gap] == 4
    plan, frame = SMALL, started(trial, SMALL)[1]
    values = [
        impute.fill(found, impute.gaps(found, frame, strategy=each, by_arm=False), frame.parameters())[gap]
        for each in Strategy
    ]
    assert all(each == pytest.approx(values[0]) for each in values)
    assert plan.reference == "placebo"


def test_means_of_the_strategies_by_hand() -> None:
    own, reference = np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([[10.0, 11.0, 13.0, 16.0]])

    def mean(strategy: Strategy, event: int) -> list[float]:
        return list(strategies.mean(strategy, own, reference=reference, event=event)[0])

    assert mean(Strategy.MAR, 2) == [1, 2, 4, 8]
    assert mean(Strategy.JUMP, 2) == [1, 2, 13, 16]
    assert mean(Strategy.COPY, 2) == [10, 11, 13, 16]
    assert mean(Strategy.INCREMENTS, 2) == [1, 2, 4, 7]
    assert mean(Strategy.LAST_MEAN, 2) == [1, 2, 2, 2]
    assert mean(Strategy.JUMP, 0) == mean(Strategy.INCREMENTS, 0) == [10, 11, 13, 16]
    assert all(mean(each, 4) == [1, 2, 4, 8] for each in Strategy)


def test_the_covariance_after_a_jump_regresses_as_the_references() -> None:
    rng = np.random.default_rng(1)
    one, two = (half @ half.T for half in rng.normal(size=(2, 4, 6)))
    found = strategies.covariance(Strategy.JUMP, one, reference=two, event=2)
    assert found[:2, :2] == pytest.approx(one[:2, :2])
    slope = found[2:, :2] @ np.linalg.inv(found[:2, :2])
    right = two[2:, :2] @ np.linalg.inv(two[:2, :2])
    assert slope == pytest.approx(right)
    assert found[2:, 2:] - slope @ found[:2, 2:] == pytest.approx(two[2:, 2:] - right @ two[:2, 2:])
    assert strategies.covariance(Strategy.LAST_MEAN, one, reference=two, event=2) is one
    assert strategies.covariance(Strategy.COPY, one, reference=two, event=2) is two


def test_a_covariance_for_each_arm_reaches_the_imputation(trial: pd.DataFrame) -> None:
    shared = analyse(trial, replace(SMALL, strategies=(Strategy.COPY,))).answers[0].contrasts[0]
    by_arm = replace(SMALL, strategies=(Strategy.COPY,), model=Model(ladder=(), group="TRT01P"))
    found = analyse(trial, by_arm).answers[0].contrasts[0]
    assert found.estimate != pytest.approx(shared.estimate, abs=1e-4)
    whole, frame = started(trial, by_arm)
    gaps = impute.gaps(whole, frame, strategy=Strategy.COPY, by_arm=True)
    assert {each.reference_group for each in gaps.alike} == {whole.people.groups.levels.index("placebo")}


def steps_told(trial: pd.DataFrame, plan: Plan) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    analyse(trial, plan, told=lambda done, total: told.append((done, total)))
    return told


def test_three_arms_factors_and_another_reference() -> None:
    rng = np.random.default_rng(2)
    who, when = (each.ravel() for each in np.meshgrid(np.arange(60), np.arange(3), indexing="ij"))
    rows = pd.DataFrame({"USUBJID": who, "AVISIT": when, "BASE": rng.normal(size=60)[who], "SITE": who % 4})
    rows["TRT01P"] = pd.Categorical(np.array(["low", "high", "none"])[who % 3], ["low", "high", "none"])
    rows["AVAL"] = rows["BASE"] + rng.normal(size=60)[who] + rng.normal(size=180) - when * (who % 3)
    rows = rows[(when < 2) | (rng.random(180) < 0.7)]
    by_visit = tuple(each for name in ("BASE", "SITE", "TRT01P") for each in ((name,), (name, "AVISIT")))
    model = Model(ladder=(), covariates=("SITE",), factors=("SITE",), terms=(*by_visit, ("AVISIT",)))
    analysis = analyse(rows, Plan(model=model, reference="high"))
    answer = analysis.answers[0]
    assert [each.label for each in answer.contrasts] == ["low - high", "none - high"]
    assert [each.label for each in answer.means] == ["low", "high", "none"]
    fit = mmrm.fit(rows, replace(model, arms=("high", "low", "none")))
    right = [each.estimate for each in mmrm.contrasts(fit)[-2:]]
    assert [each.estimate for each in answer.contrasts] == pytest.approx(right, abs=1e-8)
    assert answer.means[0].estimate - answer.means[1].estimate == pytest.approx(right[0], abs=1e-8)
    means = {each.label: each.estimate for each in mmrm.lsmeans(fit, weights=mmrm.Weights.COUNTERFACTUAL)[-3:]}
    assert answer.means[2].estimate == pytest.approx(means["none at 2"], abs=1e-8)
    tipped = missing.tipping(analysis, answer, contrast=1, deltas=(0.0, 1.0))
    assert tipped.arm == "none"


def test_progress_is_told_to_the_end(trial: pd.DataFrame) -> None:
    for approach, total in ((Approach.CONDITIONAL_MEAN, trial["USUBJID"].nunique()), (Approach.APPROXIMATE_BAYES, 8)):
        plan = replace(SMALL, approach=approach, imputations=8)
        assert steps_told(trial, plan) == [(k + 1, total) for k in range(total)]


def test_what_stands_in_the_way_is_said(trial: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="no arm Placebo"):
        analyse(trial, replace(SMALL, reference="Placebo"))
    with pytest.raises(BadInput, match="no visit Week 5"):
        analyse(trial, replace(SMALL, at="Week 5"))


@pytest.mark.heavy
def test_jackknife_intervals_cover_and_their_se_is_the_spread_of_estimates() -> None:
    """400 trials of 60 people, a third of them lost after events, jump to reference true of them."""
    rng = np.random.default_rng(11)
    plan = replace(SMALL, strategies=(Strategy.JUMP,))
    found = [analyse(_jumping(rng), plan).answers[0].contrasts[0] for _ in range(400)]
    estimates, errors = np.array([each.estimate for each in found]), np.array([each.se for each in found])
    truth = -3 * (1 - 1 / 3)
    covered = np.mean([each.lower <= truth <= each.upper for each in found])
    assert abs(estimates.mean() - truth) < 3.5 * estimates.std() / 20
    assert 0.92 <= covered <= 0.975
    assert errors.mean() / estimates.std() == pytest.approx(1, abs=0.09)


def _jumping(rng: np.random.Generator, people: int = 60) -> pd.DataFrame:
    """Give a trial whose effect grows to -3; a third of each arm, drawn at random, is lost after the first visit."""
    base, arm = rng.normal(size=people), np.arange(people) % 2
    spread = 2 * 0.6 ** np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    values = rng.multivariate_normal(np.zeros(3), spread, size=people) + base[:, None] - arm[:, None] * np.arange(1, 4)
    lost = rng.random(people) < 1 / 3
    who, when = np.nonzero(~(lost[:, None] & (np.arange(3) > 0)))
    names = np.array(["placebo", "treated"])[arm[who]]
    return pd.DataFrame({"USUBJID": who, "AVISIT": when, "AVAL": values[who, when], "BASE": base[who], "TRT01P": names})
