"""Many small trials at once against the single fit of each, on data drawn here: no figure may differ."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from asklepion.core.errors import BadInput
from asklepion.stats import mmrm
from asklepion.stats.mmrm.batch import WHY, Plan, Trials, draw, fit_many

SIGMA = np.array([[36, 20, 18, 15], [20, 40, 28, 22], [18, 28, 50, 34], [15, 22, 34, 60]], dtype=float)
MEANS = np.array([[40, 38, 37, 36], [40, 36, 33, 31], [40, 37, 35, 33]], dtype=float)
DROPOUT = np.array([[0.02, 0.08, 0.1], [0.02, 0.05, 0.2], [0.0, 0.1, 0.1]])


def plan(arms: int, each: int) -> Plan:
    return Plan(arms=np.repeat(np.arange(arms), each), means=MEANS[:arms], covariance=SIGMA, dropout=DROPOUT[:arms])


def table(trials: Trials, arms: "np.ndarray[tuple[int], np.dtype[np.intp]]", number: int) -> pd.DataFrame:
    who, when = np.nonzero(~np.isnan(trials.values[number]))
    value, base = trials.values[number][who, when], trials.baseline[number][who]
    named = {"USUBJID": who.astype(str), "AVISIT": when, "AVAL": value, "BASE": base, "TRT01P": arms[who].astype(str)}
    return pd.DataFrame(named)


@pytest.mark.parametrize(("arms", "each", "by_visit"), [(2, 25, True), (3, 15, True), (2, 20, False)])
def test_equals_the_single_fit(arms: int, each: int, *, by_visit: bool) -> None:
    """100 trials of each design, with intermittent gaps besides dropout: estimate, SE, df, covariance to 1e-7."""
    made = plan(arms, each)
    trials = draw(made, seed=7, count=100)
    trials.values[:, ::9, 0] = np.nan
    fits = fit_many(trials.values, made.arms, covariates=trials.baseline, by_visit=by_visit)
    terms = (("BASE",), ("TRT01P",), ("AVISIT",), ("TRT01P", "AVISIT"))
    model = mmrm.Model(terms=(*terms, ("BASE", "AVISIT")) if by_visit else terms, ladder=())
    assert fits.fitted.all()
    for number in range(100):
        single = mmrm.fit(table(trials, made.arms, number), model)
        lines = mmrm.contrasts(single)
        ours = np.stack([fits.estimate[number].T, fits.se[number].T, fits.df[number].T, fits.p[number].T], axis=-1)
        told = np.array([(each.estimate, each.se, each.df, each.p) for each in lines])
        np.testing.assert_allclose(ours.reshape(-1, 4), told, rtol=1e-7)
        np.testing.assert_allclose(fits.covariances[number], single.covariances[0], rtol=1e-6, atol=1e-6)


def test_a_trial_is_the_same_in_any_batch() -> None:
    made = plan(2, 20)
    whole = draw(made, seed=3, count=30)
    fits = fit_many(whole.values, made.arms, covariates=whole.baseline)
    for first, count in ((0, 1), (11, 4), (29, 1)):
        part = draw(made, seed=3, first=first, count=count)
        again = fit_many(part.values, made.arms, covariates=part.baseline)
        place = slice(first, first + count)
        assert np.array_equal(part.values, whole.values[place], equal_nan=True)
        assert np.array_equal(again.estimate, fits.estimate[place])
        assert np.array_equal(again.df, fits.df[place])
    assert not np.array_equal(draw(made, seed=4, count=1).baseline, whole.baseline[:1])


def test_a_trial_without_an_optimum_is_counted() -> None:
    """What mmrm.fit refuses has no figure here either, and stands with its reason."""
    made = plan(2, 10)
    trials = draw(made, seed=5, count=6)
    trials.values[1, :10, 2] = np.nan
    trials.values[2, :, 1] = trials.values[2, :, 0]
    trials.values[3] = 4.0
    fits = fit_many(trials.values, made.arms, covariates=trials.baseline)
    assert fits.fitted.tolist() == [True, False, False, False, True, True]
    assert np.isnan(fits.estimate[1:4]).all()
    assert np.isnan(fits.p[1:4]).all()
    assert sum(fits.ended.values()) == 3
    assert set(fits.ended) <= set(WHY[1:])
    for number in (1, 2, 3):
        with pytest.raises((mmrm.NotFitted, BadInput)):
            mmrm.fit(table(trials, made.arms, number), mmrm.Model(ladder=()))


def test_few_people_give_the_same_ends_as_the_single_fit() -> None:
    """Trials of twelve people, where the search often fails: both say so of the same trials."""
    made = plan(2, 6)
    trials = draw(made, seed=11, count=150)
    fits = fit_many(trials.values, made.arms, covariates=trials.baseline, by_visit=False)
    terms = (("BASE",), ("TRT01P",), ("AVISIT",), ("TRT01P", "AVISIT"))
    for number in range(150):
        try:
            single = mmrm.fit(table(trials, made.arms, number), mmrm.Model(terms=terms, ladder=()))
        except (mmrm.NotFitted, BadInput):
            assert not fits.fitted[number]
        else:
            assert fits.df[number, 0, -1] == pytest.approx(mmrm.contrasts(single)[-1].df, rel=1e-6)
    assert 0 < fits.fitted.sum() < 150


def test_drawn_as_planned() -> None:
    """Means, covariance and dropout of 4,000 people of an arm are those of the plan, to four standard errors."""
    made = Plan(arms=np.repeat([0, 1], 20), means=MEANS[:2], covariance=SIGMA)
    trials = draw(made, seed=1, count=200)
    whole = np.concatenate([trials.baseline[:, :, None], trials.values], axis=2)[:, 20:].reshape(-1, 4)
    assert whole.mean(axis=0) == pytest.approx(MEANS[1], abs=4 * (60 / 4000) ** 0.5)
    assert np.cov(whole.T) == pytest.approx(SIGMA, abs=4 * 60 * (2 / 4000) ** 0.5)
    lost = np.isnan(draw(plan(2, 20), seed=1, count=200).values[:, 20:])
    assert lost[:, :, 2].mean() == pytest.approx(1 - 0.98 * 0.95 * 0.8, abs=4 * 0.5 / 4000**0.5)
    assert (lost[:, :, 2] >= lost[:, :, 1]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"values": np.zeros((2, 8))}, "no array of trials"),
        ({"arms": np.zeros(8, dtype=int)}, "Arms have 8"),
        ({"arms": np.array([0, 0, 0, 0, 0, 0, 0, 1])}, "Arms have 7, 1"),
        ({"arms": np.full(8, 0.5)}, "whole numbers"),
        ({"covariates": np.full(8, np.nan)}, "do not fit"),
        ({"covariates": np.zeros((3, 7))}, "do not fit"),
        ({"values": np.zeros((2, 8, 13))}, "13 visits"),
    ],
)
def test_shapes_that_do_not_fit(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"values": np.zeros((2, 8, 3)), "arms": np.repeat([0, 1], 4), "covariates": None, **change}
    with pytest.raises(BadInput, match=words):
        fit_many(given["values"], given["arms"], covariates=given["covariates"])


def test_plans_that_do_not_fit() -> None:
    with pytest.raises(BadInput, match="not positive definite"):
        Plan(arms=np.repeat([0, 1], 4), means=MEANS[:2], covariance=np.ones((4, 4)))
    with pytest.raises(BadInput, match="probabilities"):
        Plan(arms=np.repeat([0, 1], 4), means=MEANS[:2], covariance=SIGMA, dropout=np.full((2, 4), 0.1))
