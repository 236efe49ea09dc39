"""What must not change an estimate, what must scale it, and how a fit says what it left out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asklepion.stats import mmrm
from asklepion.stats.mmrm import Freedom, Model, Weights
from stats.conftest import simulate

MODEL = Model(covariates=("SITE",))
TRIAL = simulate(60, 4, seed=20)
FITTED = mmrm.fit(TRIAL, MODEL)


def _told(fitted: mmrm.Fit, freedom: Freedom = Freedom.KENWARD_ROGER) -> np.ndarray:
    lines = mmrm.contrasts(fitted, freedom=freedom)
    return np.array([(each.estimate, each.se, each.df, each.p) for each in lines])


@given(st.permutations(range(len(TRIAL))))
@settings(max_examples=15, deadline=None)
def test_order_of_rows_changes_nothing(order: list[int]) -> None:
    shuffled = mmrm.fit(TRIAL.iloc[order], MODEL)
    assert _told(shuffled) == pytest.approx(_told(FITTED), rel=1e-9)
    assert shuffled.deviance == pytest.approx(FITTED.deviance, rel=1e-13)


@given(st.permutations(sorted(TRIAL.USUBJID.unique())))
@settings(max_examples=15, deadline=None)
def test_labels_of_subjects_change_nothing(names: list[str]) -> None:
    swapped = dict(zip(sorted(TRIAL.USUBJID.unique()), names, strict=True))
    renamed = mmrm.fit(TRIAL.assign(USUBJID=TRIAL.USUBJID.map(swapped)), MODEL)
    assert _told(renamed) == pytest.approx(_told(FITTED), rel=1e-9)


@given(st.floats(1e-4, 1e4), st.floats(-1e3, 1e3))
@settings(max_examples=15, deadline=None)
def test_a_change_of_scale_scales(factor: float, shift: float) -> None:
    scaled = mmrm.fit(TRIAL.assign(AVAL=TRIAL.AVAL * factor + shift), MODEL)
    right = _told(FITTED) * np.array([factor, factor, 1, 1])
    assert _told(scaled) == pytest.approx(right, rel=1e-6)
    assert scaled.covariances == pytest.approx(FITTED.covariances * factor**2, rel=1e-6)


@pytest.mark.parametrize("structure", mmrm.STRUCTURES)
def test_a_change_of_scale_scales_every_structure(structure: str) -> None:
    model = replace(MODEL, structure=structure, ladder=())
    right = _told(mmrm.fit(TRIAL, model)) * np.array([1e3, 1e3, 1, 1])
    assert _told(mmrm.fit(TRIAL.assign(AVAL=TRIAL.AVAL * 1e3, BASE=TRIAL.BASE - 40), model)) == pytest.approx(right)


def test_subjects_without_data_add_nothing_and_are_counted() -> None:
    empty = TRIAL.iloc[:2].assign(USUBJID=["X1", "X2"], AVAL=np.nan)
    told = mmrm.fit(pd.concat([empty, TRIAL]), MODEL)
    assert _told(told) == pytest.approx(_told(FITTED), rel=1e-10)
    assert told.subjects == FITTED.subjects
    assert told.subjects_left_out == 2
    assert [(each.why, each.rows) for each in told.left_out] == [("AVAL is missing", 2)]


def test_a_missing_covariate_leaves_the_row_out_by_name() -> None:
    told = mmrm.fit(TRIAL.assign(BASE=TRIAL.BASE.mask(TRIAL.USUBJID == "P003")), MODEL)
    lost = int((TRIAL.USUBJID == "P003").sum())
    assert [(each.why, each.rows) for each in told.left_out] == [("BASE is missing", lost)]
    assert told.subjects_left_out == 1


def test_one_covariance_for_each_group_adds_their_likelihoods() -> None:
    """With every term by arm and full likelihood, two groups are two fits."""
    terms = (("TRT01P",), ("AVISIT",), ("TRT01P", "AVISIT"))
    both = mmrm.fit(TRIAL, Model(terms=terms, group="TRT01P", method=mmrm.Method.ML, ladder=()))
    alone = [
        mmrm.fit(rows, Model(terms=(("AVISIT",),), method=mmrm.Method.ML, ladder=()))
        for _, rows in TRIAL.groupby("TRT01P")
    ]
    assert both.deviance == pytest.approx(sum(each.deviance for each in alone), abs=1e-8)
    assert both.covariances == pytest.approx(np.stack([each.covariances[0] for each in alone]), rel=1e-6)


def test_weeks_stand_in_their_order() -> None:
    assert FITTED.visits == ("Week 4", "Week 8", "Week 12", "Week 16")


def test_weights_of_means_differ_and_contrasts_without_interaction_do_not() -> None:
    means = {each: mmrm.lsmeans(FITTED, weights=each)[0].estimate for each in Weights}
    assert len({round(value, 6) for value in means.values()}) == 3
    effects = [_effects(weights) for weights in Weights]
    assert effects[0] == pytest.approx(effects[1])
    assert effects[0] == pytest.approx(effects[2])


def _effects(weights: Weights) -> list[float]:
    return [each.estimate for each in mmrm.contrasts(FITTED, weights=weights)]


def test_a_structure_that_the_data_cannot_carry_is_left_and_the_ladder_said() -> None:
    """Nobody attends both of the first two visits: their covariance is not determined when unstructured."""
    early = TRIAL.USUBJID.str[-1].astype(int) % 2 == 0
    rows = TRIAL[~(((TRIAL.AVISIT == "Week 4") & early) | ((TRIAL.AVISIT == "Week 8") & ~early))]
    told = mmrm.fit(rows, replace(MODEL, terms=(("AVISIT",),)))
    assert told.attempts[0].structure == "us"
    assert "flat" in told.attempts[0].why
    assert told.structure == told.attempts[-1].structure == "toeph"
    assert ("Week 4", "Week 8") in told.never_together
    with pytest.raises(mmrm.NotFitted, match="us: The likelihood is flat"):
        mmrm.fit(rows, replace(MODEL, terms=(("AVISIT",),), ladder=()))


@pytest.mark.parametrize("structure", mmrm.STRUCTURES)
def test_one_visit_is_analysis_of_covariance(structure: str) -> None:
    rows = TRIAL[TRIAL.AVISIT == "Week 4"]
    told = mmrm.contrasts(mmrm.fit(rows, Model(structure=structure, ladder=())), freedom=Freedom.KENWARD_ROGER)[0]
    mean = np.column_stack([np.ones(len(rows)), rows.BASE, rows.TRT01P == "treated"]).astype(float)
    beta, squares, *_ = np.linalg.lstsq(mean, rows.AVAL.to_numpy(), rcond=None)
    free = len(rows) - 3
    se = (squares[0] / free * np.linalg.inv(mean.T @ mean)[2, 2]) ** 0.5
    assert (told.estimate, told.se, told.df) == pytest.approx((beta[2], se, free), rel=1e-8)


def test_tables_are_tidy() -> None:
    table = mmrm.tidy(mmrm.contrasts(FITTED))
    assert list(table.columns) == ["label", "estimate", "se", "df", "t", "p", "lower", "upper", "level", "freedom"]
    assert table.label.iloc[-1] == "treated - placebo at Week 16"
    assert FITTED.glance().loc[0, "observations"] == len(TRIAL)


def test_intervals_cover() -> None:
    """95% of intervals hold the truth, -3 at the last visit: 300 trials, 2.5 standard errors either way."""
    hits = 0
    for seed in range(300):
        line = mmrm.contrasts(mmrm.fit(simulate(40, 4, seed=1000 + seed)), freedom=Freedom.KENWARD_ROGER)[-1]
        hits += line.lower <= -3 <= line.upper
    assert 0.95 - 0.0315 < hits / 300 < 0.95 + 0.0315
