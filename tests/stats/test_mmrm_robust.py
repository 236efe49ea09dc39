"""The sandwich, tests of type 2 and 3, and predictions, against PROC MIXED and against their definitions."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats import mmrm
from asklepion.stats.mmrm import Freedom, Model, likelihood
from asklepion.stats.mmrm.design import row_values
from asklepion.stats.mmrm.structures import Structure

Find = Callable[[str], Path]
Array = NDArray[np.float64]
ARM = Model(value="FEV1", arm="ARMCD", baseline=None, arms=("PBO", "TRT"), ladder=(), terms=(("ARMCD",),))
STRUCTURES = {"us": "us", "toep": "toep", "toeph": "toeph", "ar1": "ar1", "arh1": "ar1h", "cs": "cs", "csh": "csh"}
STRUCTURES |= {"adh": "adh"}


@pytest.fixture(scope="module")
def fev(reference: Find) -> pd.DataFrame:
    return pd.read_csv(reference("trials/fev_data.csv"))


@pytest.mark.parametrize("weight", [None, "WEIGHT"])
@pytest.mark.parametrize("sas", STRUCTURES)
def test_the_sandwich_is_that_of_sas(fev: pd.DataFrame, reference: Find, sas: str, weight: str | None) -> None:
    fit = mmrm.fit(fev, replace(ARM, structure=STRUCTURES[sas], weight=weight))
    name = f"sas/empirical_{sas}{'_weighted' if weight else ''}"
    means, covariance = pd.read_csv(reference(f"{name}_lsmean.csv")), pd.read_csv(reference(f"{name}_covb.csv"))
    intercept, arm = mmrm.coefficients(fit, freedom=Freedom.EMPIRICAL)
    assert (arm.estimate, arm.se, arm.t) == pytest.approx(
        tuple(means.loc[0, ["Estimate", "StdErr", "tValue"]]), rel=2e-4
    )
    assert (intercept.se, arm.se) == pytest.approx(np.sqrt([covariance.Col1[0], covariance.Col2[1]]), rel=2e-4)


def trial(people: int = 24, *, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    base = rng.normal(40, 5, people)
    values = base[:, None] + rng.normal(0, 4, (people, 1)) + rng.normal(0, 3, (people, 3)) - np.arange(3)
    who, when = np.nonzero(rng.random((people, 3)) < 0.85)
    arm = np.where(np.arange(people) % 3 == 0, "A", "B")
    table = {"USUBJID": [f"P{k:02}" for k in who], "AVISIT": when, "AVAL": values[who, when]}
    return pd.DataFrame({**table, "BASE": base[who], "TRT01P": arm[who]})


def pieces(fit: mmrm.Fit) -> list[tuple[Array, Array, Array]]:
    """Give columns, residuals and covariance of each subject, plainly."""
    observed = fit.observed
    whole = np.stack([row_values(column.parts, observed) for column in fit.columns], axis=1)
    found = []
    for number in range(observed.people):
        rows = observed.subjects == number
        visits = observed.visits.codes[rows]
        sigma = fit.covariances[0][np.ix_(visits, visits)]
        found.append((whole[rows], observed.values[rows] - whole[rows] @ fit.beta, sigma))
    return found


def test_the_jackknife_is_that_of_estimates_without_each_subject() -> None:
    """The covariance kept, the sum over subjects of what the estimate moves by when one is left out, squared."""
    fit = mmrm.fit(trial())
    whole = sum(x.T @ np.linalg.solve(s, x) for x, _, s in pieces(fit))
    moved = np.zeros((len(fit.beta), len(fit.beta)))
    for x, r, s in pieces(fit):
        change = np.linalg.solve(whole - x.T @ np.linalg.solve(s, x), x.T @ np.linalg.solve(s, r))
        moved += np.outer(change, change)
    told = [each.se for each in mmrm.coefficients(fit, freedom=Freedom.EMPIRICAL_JACKKNIFE)]
    assert told == pytest.approx(np.sqrt(np.diag(moved)), rel=1e-8)


@pytest.mark.parametrize("freedom", [each for each in Freedom if each.robust])
def test_expectation_and_freedom_under_the_fitted_covariance(freedom: Freedom) -> None:
    """By whole matrices: degrees of freedom are 2 E^2 / Var of v' V v; bias-reduced, its expectation is that of P."""
    from asklepion.stats.mmrm.sandwich import Sandwich

    fit = mmrm.fit(trial())
    robust = Sandwich.of(fit, freedom)
    line = np.eye(len(fit.beta))[3]
    inner = line @ (fit.scaled.unit * fit.scaled.back)
    lean = robust.plain @ inner
    vectors, covariances, columns = [], [], []
    for kind in robust.kinds:
        for aimed, x in zip(kind.aimed, kind.columns, strict=True):
            vectors.append(aimed @ lean)
            covariances.append(kind.sigma)
            columns.append(x)
    stacked = np.concatenate(columns)
    rows, edges = len(stacked), np.cumsum([0, *map(len, vectors)])
    residual, form = -stacked @ robust.plain @ stacked.T, np.zeros((rows, rows))
    for a, b, vector, sigma in zip(edges[:-1], edges[1:], vectors, covariances, strict=True):
        residual[a:b, a:b] += sigma
        form[a:b, a:b] = np.outer(vector, vector)
    turned = form @ residual
    assert robust.freedom(inner) == pytest.approx(np.trace(turned) ** 2 / np.trace(turned @ turned), rel=1e-8)
    if freedom is Freedom.EMPIRICAL_BIAS_REDUCED:
        assert np.trace(turned) == pytest.approx(inner @ robust.plain @ inner, rel=1e-8)


def test_a_subject_who_alone_determines_a_column() -> None:
    table = trial().assign(LONE=lambda rows: (rows.USUBJID == "P05").astype(float))
    fit = mmrm.fit(table, Model(covariates=("LONE",), structure="cs", ladder=()))
    with pytest.raises(BadInput, match="alone determines"):
        mmrm.coefficients(fit, freedom=Freedom.EMPIRICAL_JACKKNIFE)


BASELINE = (("ARMCD",), ("FEV1_BL",), ("ARMCD", "FEV1_BL"))
WITH_SEX = (("ARMCD",), ("SEX",), ("FEV1_BL",), ("SEX", "ARMCD"), ("FEV1_BL", "ARMCD"))


@pytest.mark.parametrize("kind", [2, 3])
@pytest.mark.parametrize(("number", "terms"), [(1, BASELINE), (2, WITH_SEX)])
def test_tests_of_terms_are_those_of_sas(
    fev: pd.DataFrame, reference: Find, kind: int, number: int, terms: tuple[tuple[str, ...], ...]
) -> None:
    """AR(1). SAS's second model has the baseline only within arms: the same mean, and one test of both slopes."""
    fit = mmrm.fit(fev, replace(ARM, terms=terms, structure="ar1"))
    told = {frozenset(each.label.split(":")): each for each in (mmrm.terms, mmrm.terms_of_type_2)[3 - kind](fit)}
    right = pd.read_csv(reference(f"sas/test{kind}_{number}.csv"))
    for _, row in right.iterrows():
        ours = told[frozenset(row.Effect.split("*"))]
        if row.NumDF == 2:
            both = np.zeros((2, len(fit.columns)))
            slopes = [str(column) for column in fit.columns]
            both[:, slopes.index("FEV1_BL")] = 1
            both[1, slopes.index("FEV1_BL:ARMCD[TRT]")] = 1
            ours = mmrm.jointly(fit, mmrm.Precision.of(fit), both, label="slopes")
        assert (ours.f, ours.denominator, ours.p) == pytest.approx((row.FValue, row.DenDF, row.ProbF), rel=2e-4)


@pytest.mark.parametrize(("sas", "structure"), [("un", "us"), ("ar1", "ar1"), ("cs", "cs"), ("toep", "toep")])
def test_predictions_are_those_of_sas(fev: pd.DataFrame, reference: Find, sas: str, structure: str) -> None:
    told = mmrm.predict(mmrm.fit(fev, replace(ARM, structure=structure)), fev)
    right = pd.read_csv(reference(f"sas/{sas}_satterthwaite.csv"))
    names = {"mean": "PM", "mean_se": "PMSD", "predicted": "P", "se": "PSD"}
    for ours, theirs in names.items():
        np.testing.assert_allclose(told[ours], right[theirs], rtol=2e-4)


def test_predictions_without_values_with_weights_and_of_strangers() -> None:
    table = trial().assign(W=lambda rows: 1.0 + (rows.AVISIT == 1))
    fit = mmrm.fit(table, Model(weight="W", structure="cs", ladder=()))
    stranger = pd.DataFrame(
        {"USUBJID": "X", "AVISIT": [0, 1, 2], "AVAL": np.nan, "BASE": 40.0, "TRT01P": "A", "W": 2.0}
    )
    told = mmrm.predict(fit, stranger)
    assert told.predicted.to_numpy() == pytest.approx(told["mean"].to_numpy())
    assert told.se.to_numpy() ** 2 == pytest.approx(told.mean_se.to_numpy() ** 2 + np.diag(fit.covariances[0]) / 2)
    given = mmrm.predict(fit, stranger.assign(AVAL=[55.0, np.nan, np.nan]))
    share = fit.covariances[0][1, 0] / fit.covariances[0][0, 0]
    assert given.predicted[1] == pytest.approx(told["mean"][1] + share * (55 - told["mean"][0]))
    assert given.se[1] < told.se[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"TRT01P": "C"}, "The fit has no C"),
        ({"BASE": np.nan}, "A row lacks it"),
        ({"AVISIT": 1}, "A visit is there twice"),
        ({"AVAL": "many"}, "'many' is not a number"),
    ],
)
def test_rows_that_cannot_be_predicted(change: dict[str, Any], words: str) -> None:
    table = trial()
    with pytest.raises(BadInput, match=words):
        mmrm.predict(mmrm.fit(table), table.head(4).assign(**change))


def test_what_is_predicted_is_covered() -> None:
    """Of 1,200 values taken from six tables, 95% lie within their prediction intervals: three standard errors."""
    hits = []
    for seed in range(6):
        table = trial(400, seed=seed)
        hidden = np.random.default_rng(seed).choice(len(table), 200, replace=False)
        values = table.AVAL.to_numpy(copy=True)
        values[hidden] = np.nan
        known = table.assign(AVAL=values)
        told = mmrm.predict(mmrm.fit(known), known).iloc[hidden]
        truth = table.AVAL.to_numpy()[hidden]
        hits.append((told.lower.to_numpy() <= truth) & (truth <= told.upper.to_numpy()))
    assert 0.95 - 0.019 < np.mean(hits) < 0.95 + 0.019


def test_degrees_of_freedom_of_sas_are_those_of_where_it_stopped(fev: pd.DataFrame, reference: Find) -> None:
    """At the ten covariances that SAS prints ours are SAS's to 1e-5; at the optimum, which is lower, they are not."""
    fit = mmrm.fit(fev, ARM)
    text, right = reference("sas/kr_us.txt").read_text(), pd.read_csv(reference("sas/kr_us.csv")).iloc[0]
    printed = re.findall(r"UN\((\d),(\d)\)\s+USUBJID\s+(-?[\d.]+)", text)
    sigma = np.zeros((4, 4))
    for row, column, value in printed:
        sigma[int(row) - 1, int(column) - 1] = sigma[int(column) - 1, int(row) - 1] = float(value)
    data, shape = fit.scaled.data, fit.shapes[0]
    at = shape.start(sigma / fit.scaled.unit**2)
    solved = likelihood.solve(data, likelihood.sigmas(at, fit.shapes))
    assert solved is not None
    slopes = likelihood.slopes(data, at, solved, fit.shapes)
    # Away from the optimum, the Hessian by covariances is that by working parameters without the bend of those.
    there = replace(slopes, hessian=slopes.hessian - _bend(shape, at, slopes.gradient))
    stopped = replace(fit, optimum=replace(fit.optimum, at=at, solved=solved, slopes=there))
    told = mmrm.coefficients(stopped, freedom=Freedom.KENWARD_ROGER)[1]
    assert (told.se, told.df) == pytest.approx((right.StdErr, right.DF), rel=1e-5)
    assert abs(mmrm.coefficients(fit, freedom=Freedom.KENWARD_ROGER)[1].df / right.DF - 1) > 1e-4
    assert solved.deviance > fit.optimum.solved.deviance


def _bend(shape: Structure, at: Array, gradient: Array) -> Array:
    """Give <weight, d2S>, the weight had from the gradient: <weight, dS_k> = gradient_k, and dS spans all S."""
    change = shape.first(at).reshape(len(at), -1)
    weight = np.linalg.lstsq(change, gradient, rcond=None)[0].reshape(4, 4)
    return shape.curvature(at, (weight + weight.T) / 2)
