"""Draws from the posterior, chains, and Rubin's rules."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats import missing
from asklepion.stats.missing import Approach, Plan, RefitFailed, Strategy, analyse, refits
from asklepion.stats.missing.analysis import _used
from asklepion.stats.missing.chains import effective, split_r_hat
from asklepion.stats.missing.gibbs import inverse_wishart, posterior
from asklepion.stats.missing.trial import read
from asklepion.stats.mmrm import Model

PLAN = Plan(model=Model(ladder=()), reference="placebo", approach=Approach.BAYES, seed=5)


def test_draws_of_a_covariance_have_the_mean_and_spread_of_their_law() -> None:
    rng = np.random.default_rng(1)
    scale = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
    drawn = np.array([inverse_wishart(scale, 30, rng) for _ in range(10_000)])
    assert drawn.mean(axis=0) == pytest.approx(scale / (30 - 4), abs=0.003)
    # Var(x_ii) = 2 s_ii^2 / ((v - J - 1)^2 (v - J - 3)); of the other elements by the general formula of the law.
    across, v, size = np.outer(np.diag(scale), np.diag(scale)), 30, 3
    spread = ((v - size + 1) * scale**2 + (v - size - 1) * across) / ((v - size) * (v - size - 1) ** 2 * (v - size - 3))
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(spread), rel=0.04)


def test_the_posterior_of_one_visit_is_the_t_distribution() -> None:
    """With one visit and no gap the marginal of a contrast is known: t, its scale from residuals and prior."""
    rng = np.random.default_rng(9)
    people = 24
    rows = pd.DataFrame({"USUBJID": np.repeat(np.arange(people), 2), "AVISIT": np.tile([1, 2], people)})
    rows["TRT01P"] = np.where(rows["USUBJID"] % 2, "treated", "placebo")
    rows["AVAL"] = rng.normal(size=2 * people)
    plan = replace(PLAN, model=Model(baseline=None, ladder=()), imputations=4000, burn_in=100, thin=1)
    trial = read(rows, plan)
    frame = refits.frame(trial, plan.model, _used(trial, Strategy.MAR))
    draws, _ = posterior(frame, plan, watch={})
    wide = rows.pivot_table(index="USUBJID", columns="AVISIT", values="AVAL")[1].to_numpy()
    arm = np.arange(people) % 2
    rest = wide - np.where(arm, wide[arm == 1].mean(), wide[arm == 0].mean())
    prior = frame.fit.covariances[0, 0, 0]
    # The first visit's variance is inverse Wishart too: J + 2 + n - 2 - (J - 1) degrees of freedom, J = 2.
    freedom = 2 + 2 + people - 2 - 1
    scale = np.sqrt((prior + rest @ rest) / freedom * (4 / people))
    column = [str(each) for each in frame.fit.columns].index("TRT01P[treated]")
    found = np.array([each.beta[column] for each in draws])
    assert found.mean() == pytest.approx(wide[arm == 1].mean() - wide[arm == 0].mean(), abs=4 * scale / 60)
    assert found.std() == pytest.approx(stats.t(freedom, scale=scale).std(), rel=0.05)


def test_the_posterior_with_gaps_lies_about_the_fit(trial: pd.DataFrame) -> None:
    plan = replace(PLAN, imputations=2000, burn_in=200, thin=1)
    found = read(trial, plan)
    frame = refits.frame(found, plan.model, _used(found, Strategy.MAR))
    draws, watched = posterior(frame, plan, watch={"one": np.eye(len(frame.fit.beta))[0]})
    betas = np.array([each.beta for each in draws])
    errors = np.sqrt(np.diag(frame.fit.beta_covariance))
    assert betas.mean(axis=0) == pytest.approx(frame.fit.beta, abs=0.2 * errors.max())
    assert betas.std(axis=0) / errors == pytest.approx(np.ones(len(errors)), abs=0.12)
    assert all(0.99 < each.r_hat < 1.03 for each in watched)


def test_chains_apart_are_seen_and_correlated_draws_count_less() -> None:
    rng = np.random.default_rng(4)
    together = rng.normal(size=(4, 1000))
    assert split_r_hat(together) == pytest.approx(1, abs=0.01)
    assert split_r_hat(together + np.array([[0.0], [0], [0], [2]])) > 1.3
    assert split_r_hat(together + np.linspace(0, 3, 1000)) > 1.2
    assert effective(together) == pytest.approx(4000, rel=0.1)
    slow = np.empty((4, 20_000))
    slow[:, 0] = rng.normal(size=4)
    for k in range(1, slow.shape[1]):
        slow[:, k] = 0.8 * slow[:, k - 1] + 0.6 * rng.normal(size=4)
    assert effective(slow) == pytest.approx(80_000 * 0.2 / 1.8, rel=0.1)


def test_the_seed_settles_the_draws(trial: pd.DataFrame) -> None:
    for approach in (Approach.BAYES, Approach.APPROXIMATE_BAYES):
        plan = replace(PLAN, approach=approach, imputations=8, burn_in=5, thin=1, strategies=(Strategy.JUMP,))
        once, again, other = (analyse(trial, replace(plan, seed=seed)).answers[0].contrasts[0] for seed in (1, 1, 2))
        assert once == again
        assert once.estimate != other.estimate


def test_rubins_rules_by_their_formulas() -> None:
    """W = 0.3, B = 1, M = 5: T = W + 1.2 B = 1.5; share 0.8; df = 1 / (0.64 / 4 + 1 / (23 / 25 * 22 * 0.2))."""
    estimates = np.array([1.0, 2.0, 3.0, 2.0, 2.0]) * np.sqrt(2)
    found = missing.rubin("x", estimates, variances=np.full(5, 0.3), freedom=22, level=0.95)
    assert found.between == pytest.approx(1)
    assert found.se == pytest.approx(np.sqrt(1.5))
    assert found.df == pytest.approx(1 / (0.64 / 4 + 1 / (23 / 25 * 22 * 0.2)))
    assert found.monte_carlo == pytest.approx(np.sqrt(1 / 5))
    errors = []
    for k in range(5):
        rest = np.delete(estimates, k)
        errors.append(np.sqrt(0.3 + 1.25 * rest.var(ddof=1)))
    assert found.se_monte_carlo == pytest.approx(np.sqrt(4 * np.var(errors)))
    half = stats.t(found.df).ppf(0.975) * found.se
    assert (found.lower, found.upper) == pytest.approx((found.estimate - half, found.estimate + half))


def test_a_bootstrap_that_keeps_failing_is_refused(trial: pd.DataFrame) -> None:
    few = trial[trial["USUBJID"].isin(sorted(set(trial["USUBJID"]))[:10])]
    plan = replace(PLAN, approach=Approach.APPROXIMATE_BAYES, model=Model(ladder=(), baseline=None), imputations=50)
    with pytest.raises(RefitFailed, match="bootstrap samples gave no proper optimum"):
        analyse(few, plan)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"imputations": 1}, "two imputations"),
        ({"imputations": 102}, "do not share out over 4 chains"),
        ({"chains": 1}, "two chains"),
        ({"level": 95.0}, "no level"),
        ({"seed": -1}, "not negative"),
        ({"model": Model(structure="ar1h")}, "prior is known for us"),
        ({"strategies": ()}, "No strategy"),
    ],
)
def test_plans_that_cannot_be_are_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        replace(PLAN, **change)  # type: ignore[arg-type]
