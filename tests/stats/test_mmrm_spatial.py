"""The spatial exponential covariance by coordinates of rows, against PROC MIXED and against whole matrices.

Origin of SAS's figures: ../shared/reference-data/README.md (openpharma/mmrm). Of two listings of Kenward-Roger the
names are changed round there: `kr_spexp.txt` says Prasad-Rao-Jeske-Kackar-Harville, which is FIRSTORDER, and
`kr1_spexp.txt` Kenward-Roger; of every other structure it is the other way.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize
from scipy.spatial.distance import cdist

from asklepion.core.errors import BadInput
from asklepion.stats import formula, mmrm
from asklepion.stats.mmrm import Freedom, Method, Model, account
from asklepion.stats.mmrm.design import Column
from asklepion.stats.mmrm.spatial import Spatial, apart

Find = Callable[[str], Path]
BOTH = ("VISITN", "VISITN2")
ARM = Model(value="FEV1", arm="ARMCD", baseline=None, arms=("PBO", "TRT"), ladder=(), terms=(("ARMCD",),),
            structure="sp_exp", coordinates=BOTH)  # fmt: skip


@pytest.fixture(scope="module")
def fev(reference: Find) -> pd.DataFrame:
    return pd.read_csv(reference("trials/fev_data.csv"))


@pytest.mark.parametrize(("listing", "coordinates"), [("sp_exp", BOTH[:1]), ("sp_exp2", BOTH)])
@pytest.mark.parametrize("method", list(Method))
def test_likelihood_and_parameters_are_those_of_sas(
    fev: pd.DataFrame, reference: Find, listing: str, coordinates: tuple[str, ...], method: Method
) -> None:
    text = reference(f"sas/sas_{listing}_{method}.txt").read_text()
    fit = mmrm.fit(fev, replace(ARM, terms=(), coordinates=coordinates, method=method))
    deviance = float(re.findall(r"^\s+\d+\s+\d\s+([\d.]+)\s+[\d.]+\s*$", text, re.MULTILINE)[-1])
    assert -1e-11 < deviance / fit.deviance - 1 < 1e-8
    printed = [float(re.findall(rf"{name} +(?:USUBJID)? +([\d.]+)", text)[-1]) for name in ("Residual", r"SP\(EXP\)")]
    # SAS stops short: its deviance is higher by up to 1.3e-5, its range by up to 5e-4 of itself.
    assert [value for _, value in fit.parameters] == pytest.approx(printed, rel=1e-3)
    assert fit.gradient < 1e-8


@pytest.mark.parametrize(
    ("listing", "freedom", "words"),
    [
        ("kr1_spexp", Freedom.KENWARD_ROGER, "Kenward-Roger"),
        ("kr_spexp", Freedom.KENWARD_ROGER_LINEAR, "Prasad-Rao-Jeske-"),
    ],
)
def test_kenward_roger_is_that_of_sas(
    fev: pd.DataFrame, reference: Find, listing: str, freedom: Freedom, words: str
) -> None:
    right = pd.read_csv(reference(f"sas/{listing}.csv")).iloc[0]
    assert re.search(rf"Fixed Effects SE Method +{words}", reference(f"sas/{listing}.txt").read_text())
    told = mmrm.coefficients(mmrm.fit(fev, ARM), freedom=freedom)[1]
    # The two ways differ by 2.8e-4.
    assert (told.estimate, told.se, told.df) == pytest.approx((right.Estimate, right.StdErr, right.DF), rel=1e-5)


@pytest.mark.parametrize("weight", [None, "WEIGHT"])
def test_the_sandwich_is_that_of_sas(fev: pd.DataFrame, reference: Find, weight: str | None) -> None:
    name = f"sas/empirical_spexp{'_weighted' if weight else ''}"
    means, covariance = pd.read_csv(reference(f"{name}_lsmean.csv")), pd.read_csv(reference(f"{name}_covb.csv"))
    intercept, arm = mmrm.coefficients(mmrm.fit(fev, replace(ARM, weight=weight)), freedom=Freedom.EMPIRICAL)
    assert (arm.estimate, arm.se, arm.t) == pytest.approx(
        tuple(means.loc[0, ["Estimate", "StdErr", "tValue"]]), rel=2e-5
    )
    assert (intercept.se, arm.se) == pytest.approx(np.sqrt([covariance.Col1[0], covariance.Col2[1]]), rel=2e-5)


def test_predictions_are_those_of_sas(fev: pd.DataFrame, reference: Find) -> None:
    told = mmrm.predict(mmrm.fit(fev, ARM), fev)
    right = pd.read_csv(reference("sas/spexpVISITN_VISITN2_satterthwaite.csv"))
    for ours, theirs in {"mean": "PM", "mean_se": "PMSD", "predicted": "P", "se": "PSD"}.items():
        np.testing.assert_allclose(told[ours], right[theirs], rtol=2e-5)


def seen_on_days(people: int = 40, *, seed: int = 3) -> pd.DataFrame:
    """Give people seen up to four times, each on days of their own, with correlation exp(-days / 20)."""
    rng = np.random.default_rng(seed)
    days = np.arange(4) * 14.0 + rng.integers(-5, 6, (people, 4))
    near = [np.linalg.cholesky(np.exp(-np.abs(each[:, None] - each) / 20)) for each in days]
    values = np.stack([5 * root @ rng.normal(size=4) for root in near]) - 0.1 * days
    who, when = np.nonzero(rng.random((people, 4)) < 0.85)
    base, arm = rng.normal(50, 6, people), np.array(["A", "B"])[np.arange(people) % 2]
    named = {"USUBJID": [f"P{k:02}" for k in who], "AVISIT": [f"Week {2 * k}" for k in when], "ADY": days[who, when]}
    return pd.DataFrame({**named, "AVAL": values[who, when], "BASE": base[who], "TRT01P": arm[who]})


def whole(fit: mmrm.Fit, table: pd.DataFrame, at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Give -2 log L by REML, the fixed effects and their covariance, from matrices over all rows."""
    rows = table.sort_values(["USUBJID", "AVISIT"])
    x = np.stack([np.prod([np.ones(len(rows)), *_parts(column, rows)], axis=0) for column in fit.columns], axis=1)
    y, days = rows.AVAL.to_numpy(), rows.ADY.to_numpy()[:, None]
    same = rows.USUBJID.to_numpy()[:, None] == rows.USUBJID.to_numpy()
    sigma = np.where(same, np.exp(at[0]) * np.exp(-cdist(days, days) / np.exp(at[1])), 0)
    lean = np.linalg.solve(sigma, x)
    inner = x.T @ lean
    beta = np.linalg.solve(inner, lean.T @ y)
    rest = y - x @ beta
    logs = np.linalg.slogdet(sigma)[1] + np.linalg.slogdet(inner)[1] + (len(y) - len(beta)) * np.log(2 * np.pi)
    return float(logs + rest @ np.linalg.solve(sigma, rest)), beta, np.linalg.inv(inner)


def _parts(column: Column, rows: pd.DataFrame) -> list[np.ndarray]:
    return [
        rows[part.name].to_numpy(float) if part.level is None else (rows[part.name] == part.level).to_numpy(float)
        for part in column.parts
    ]


DAYS = Model(structure="sp_exp", coordinates=("ADY",), ladder=())


def test_it_is_the_optimum_of_whole_matrices_and_its_freedom_theirs() -> None:
    table = seen_on_days()
    fit = mmrm.fit(table, DAYS)
    start = np.log([value for _, value in fit.parameters])
    deviance, beta, covariance = whole(fit, table, start)
    assert fit.deviance == pytest.approx(deviance, abs=1e-8)
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(fit.beta_covariance, covariance, rtol=1e-7, atol=1e-9)
    found = optimize.minimize(lambda at: whole(fit, table, at)[0], start + 0.1, method="Nelder-Mead", tol=1e-9)
    assert fit.deviance == pytest.approx(found.fun, abs=1e-6)
    # Satterthwaite from differences: Hessian of -2 log L and gradient of the variance by log parameters.
    step, eye = 1e-3, np.eye(2)

    def mixed(i: int, j: int) -> float:
        corners = [
            a * b * whole(fit, table, start + step * (a * eye[i] + b * eye[j]))[0] for a in (1, -1) for b in (1, -1)
        ]
        return sum(corners) / (4 * step**2)

    hessian = np.array([[mixed(i, j) for j in range(2)] for i in range(2)])
    last = len(fit.beta) - 1
    gradient = [
        (whole(fit, table, start + step * each)[2] - whole(fit, table, start - step * each)[2])[last, last] / (2 * step)
        for each in eye
    ]
    df = 2 * covariance[last, last] ** 2 / (gradient @ (2 * np.linalg.inv(hessian)) @ np.array(gradient))
    assert mmrm.coefficients(fit)[last].df == pytest.approx(df, rel=1e-4)


def test_the_same_days_for_all_are_times() -> None:
    table = seen_on_days()
    table["ADY"] = table.AVISIT.map({"Week 0": 0.0, "Week 2": 2.0, "Week 4": 4.0, "Week 6": 6.0})
    one, other = mmrm.fit(table, DAYS), mmrm.fit(table, replace(DAYS, coordinates=(), times=(0, 2, 4, 6)))
    assert one.scaled.distances is not None
    assert len(one.scaled.distances) == len(other.scaled.data.present)
    for freedom in Freedom:
        for a, b in zip(mmrm.contrasts(one, freedom=freedom), mmrm.contrasts(other, freedom=freedom), strict=True):
            assert (a.estimate, a.se, a.df) == pytest.approx((b.estimate, b.se, b.df), rel=1e-7)
    hidden = table.assign(AVAL=table.AVAL.where(np.arange(len(table)) % 3 > 0))
    pd.testing.assert_frame_equal(mmrm.predict(one, hidden), mmrm.predict(other, hidden), rtol=1e-7)


def test_by_group_each_has_a_range_of_its_own() -> None:
    table = seen_on_days(60)
    both = mmrm.fit(
        table, replace(DAYS, group="TRT01P", baseline=None, terms=(("TRT01P",), ("AVISIT",), ("TRT01P", "AVISIT")))
    )
    assert [name for name, _ in both.parameters] == ["var A", "range A", "var B", "range B"]
    apart_too = [
        mmrm.fit(table.query("TRT01P == @arm"), replace(DAYS, baseline=None, terms=(("AVISIT",),))) for arm in "AB"
    ]
    assert [value for _, value in both.parameters] == pytest.approx(
        [value for fit in apart_too for _, value in fit.parameters], rel=1e-6
    )
    assert both.deviance == pytest.approx(sum(fit.deviance for fit in apart_too), abs=1e-7)


def test_order_of_rows_unit_of_days_and_place_of_origin_change_nothing() -> None:
    table = seen_on_days()
    one = mmrm.fit(table, DAYS)
    other = mmrm.fit(table.sample(frac=1, random_state=1).assign(ADY=table.ADY / 7 + 100), DAYS)
    assert other.deviance == pytest.approx(one.deviance, abs=1e-8)
    assert dict(other.parameters)["range"] == pytest.approx(dict(one.parameters)["range"] / 7, rel=1e-6)


def test_derivatives() -> None:
    rng = np.random.default_rng(2)
    shape, at = Spatial(apart(rng.normal(size=(3, 4, 2)))), np.array([0.3, -0.4])
    step = 1e-5
    for k, e in enumerate(np.eye(2) * step):
        np.testing.assert_allclose(
            shape.first(at)[k], (shape.sigma(at + e) - shape.sigma(at - e)) / (2 * step), atol=1e-8
        )
        weight = rng.normal(size=(3, 4, 4))
        second = ((shape.first(at + e) - shape.first(at - e)) / (2 * step) * weight).sum(axis=(1, 2, 3))
        assert shape.curvature(at, weight)[k] == pytest.approx(second, abs=1e-7)


def test_as_a_formula() -> None:
    said = formula.model("AVAL ~ BASE*AVISIT + TRT01P*AVISIT + sp_exp(ADY, DEPTH | USUBJID)")
    assert (said.coordinates, said.visit, said.structure) == (("ADY", "DEPTH"), "AVISIT", "sp_exp")
    one = formula.model("AVAL ~ BASE*AVISIT + TRT01P*AVISIT + sp_exp(ADY | USUBJID)", ladder=())
    assert mmrm.fit(seen_on_days(), one).deviance == pytest.approx(mmrm.fit(seen_on_days(), DAYS).deviance, abs=1e-9)


def test_equal_spacing_is_said() -> None:
    def said(model: Model) -> str:
        return " ".join(account.notes(mmrm.fit(seen_on_days(), model)))

    assert "taken as equally spaced" in said(replace(DAYS, coordinates=()))
    assert "equally spaced" not in said(DAYS) + said(replace(DAYS, coordinates=(), times=(0, 2, 4, 6)))


def test_down_the_ladder_coordinates_are_left() -> None:
    table = seen_on_days()
    noise = pd.Series(np.random.default_rng(0).normal(size=len(table)))
    table["AVAL"] = noise - 0.9 * noise.groupby(table.USUBJID).transform("mean")
    fit = mmrm.fit(table, replace(DAYS, ladder=("us", "cs")))
    assert (fit.attempts[0].structure, fit.structure) == ("sp_exp", "cs")
    assert fit.covariances.shape == (1, 4, 4)
    assert mmrm.predict(fit, table.assign(AVAL=table.AVAL.where(np.arange(len(table)) % 3 > 0))).se.notna().all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ADY": "late"}, "column ADY"),
        ({"ADY": 3.0}, "two rows at one place"),
    ],
)
def test_places_that_are_none(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        mmrm.fit(seen_on_days().assign(**change), DAYS)


def test_a_row_without_its_place_is_left_out() -> None:
    table = seen_on_days()
    fit = mmrm.fit(table.assign(ADY=table.ADY.where(table.index != 7)), DAYS)
    assert len(fit.observed.values) == len(table) - 1
    assert "ADY" in fit.left_out[0].why
    with pytest.raises(BadInput, match="ADY"):
        mmrm.fit(table.drop(columns="ADY"), DAYS)


def test_models_that_contradict_themselves() -> None:
    with pytest.raises(BadInput, match="us does not go by times or coordinates"):
        Model(coordinates=("ADY",))
    with pytest.raises(BadInput, match="both times and coordinates"):
        replace(DAYS, times=(1, 2))
