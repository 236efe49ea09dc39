"""Agreement with R's mmrm at twelve digits and with listings of PROC MIXED, on data that stay outside the repository.

Origin of all figures: ../shared/reference-data/README.md (openpharma/mmrm, insightsengineering/rbmi, R datasets).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from asklepion.stats import mmrm
from asklepion.stats.mmrm import Freedom, Method, Model

Find = Callable[[str], Path]
FEV = Model(value="FEV1", arm="ARMCD", baseline=None, covariates=("RACE", "SEX"), arms=("PBO", "TRT"), ladder=())
ARM_ONLY = replace(FEV, terms=(("ARMCD",),))


@pytest.fixture(scope="module")
def fev(reference: Find) -> pd.DataFrame:
    return pd.read_csv(reference("trials/fev_data.csv"))


@pytest.fixture(scope="module")
def fitted(fev: pd.DataFrame) -> mmrm.Fit:
    return mmrm.fit(fev, FEV)


def test_the_true_optimum_is_reached(fitted: mmrm.Fit, expected: dict[str, Any]) -> None:
    assert fitted.log_likelihood == pytest.approx(-1693.224935581, abs=2e-9)
    assert fitted.gradient < 1e-8
    assert fitted.iterations <= 9
    # R stops with a covariance that is right to seven digits.
    assert fitted.covariances[0] == pytest.approx(np.array(expected["fev_us"]["Satterthwaite"]["cov"]), rel=1e-5)
    assert fitted.aic == pytest.approx(expected["fev_us"]["Satterthwaite"]["AIC"], abs=1e-7)
    assert fitted.bic == pytest.approx(expected["fev_us"]["Satterthwaite"]["BIC"], abs=1e-7)
    assert (fitted.subjects, fitted.subjects_left_out, len(fitted.observed.values)) == (197, 3, 537)


@pytest.mark.parametrize(
    ("freedom", "name"),
    [
        (Freedom.SATTERTHWAITE, "Satterthwaite"),
        (Freedom.KENWARD_ROGER_WORKING, "Kenward-Roger"),
        (Freedom.KENWARD_ROGER_LINEAR, "Kenward-Roger-Linear"),
        (Freedom.KENWARD_ROGER, "Kenward-Roger-Linear"),
    ],
)
def test_unstructured_means_and_contrasts_are_those_of_mmrm(
    fitted: mmrm.Fit, expected: dict[str, Any], freedom: Freedom, name: str
) -> None:
    right = expected["fev_us"][name]["lsm"]
    for told, row in zip(mmrm.contrasts(fitted, freedom=freedom), right["contrasts"], strict=True):
        assert (told.estimate, told.se) == pytest.approx((row["estimate"], row["SE"]), rel=1e-6)
        assert (told.df, told.p) == pytest.approx((row["df"], row["p.value"]), rel=1e-5)
    for told, row in zip(mmrm.lsmeans(fitted, freedom=freedom), right["means"], strict=True):
        assert (told.estimate, told.se) == pytest.approx((row["emmean"], row["SE"]), rel=1e-6)
        assert (told.lower, told.upper) == pytest.approx((row["lower.CL"], row["upper.CL"]), rel=1e-6)


def test_last_contrast_is_that_of_the_readme(fitted: mmrm.Fit) -> None:
    # SAS stops early: SE 1.680523, df 133.395; the optimum has 1.680550, 133.389.
    last = mmrm.contrasts(fitted)[-1]
    assert (last.estimate, last.se, last.df) == pytest.approx((4.398537, 1.680523, 133.395), rel=2e-4)
    assert mmrm.contrasts(fitted, freedom=Freedom.KENWARD_ROGER)[-1].se == pytest.approx(1.693413, abs=1e-6)
    assert mmrm.contrasts(fitted, freedom=Freedom.KENWARD_ROGER_WORKING)[-1].se == pytest.approx(1.658479, abs=5e-6)


@pytest.mark.parametrize(("freedom", "name"), [("satterthwaite", "satt"), ("kenward-roger", "krlin")])
def test_joint_test_of_arm_by_visit(fitted: mmrm.Fit, expected: dict[str, Any], freedom: str, name: str) -> None:
    right, told = expected[f"fev_us_F_{name}_armxvisit"], mmrm.terms(fitted, freedom=Freedom(freedom))[-1]
    assert told.label == "ARMCD:AVISIT"
    assert (told.f, told.denominator) == pytest.approx((right["f_stat"], right["denom_df"]), rel=1e-6)


def test_terms_of_type_3_with_a_covariate_are_those_of_sas(fev: pd.DataFrame, reference: Find) -> None:
    model = replace(FEV, structure="ar1", terms=(("ARMCD",), ("FEV1_BL",), ("ARMCD", "FEV1_BL")))
    right = pd.read_csv(reference("sas/test3_1.csv"))
    for told, row in zip(mmrm.terms(mmrm.fit(fev, model)), right.itertuples(), strict=True):
        assert (told.f, told.denominator, told.p) == pytest.approx((row.FValue, row.DenDF, row.ProbF), rel=2e-4)


@pytest.mark.parametrize("name", ["ar1", "ar1h", "cs", "csh", "toep", "toeph", "ad", "adh"])
def test_every_structure_reaches_the_likelihood_of_mmrm(fev: pd.DataFrame, expected: dict[str, Any], name: str) -> None:
    told, right = mmrm.fit(fev, replace(FEV, structure=name)), expected["fev_struct"][name]
    assert told.log_likelihood == pytest.approx(right["logLik"], abs=1e-8)
    assert told.covariances[0] == pytest.approx(np.array(right["cov"]), rel=1e-5)


def test_maximum_likelihood(fev: pd.DataFrame, expected: dict[str, Any]) -> None:
    told, right = mmrm.fit(fev, replace(FEV, method=Method.ML)), expected["fev_us_ML"]
    assert told.log_likelihood == pytest.approx(right["logLik"], abs=1e-8)
    assert mmrm.coefficients(told)[4].df == pytest.approx(right["coef"][4]["df"], rel=1e-5)


SAS = [("us", "us"), ("toeph", "toeph"), ("toep", "toep"), ("arh1", "ar1h"), ("ar1", "ar1"), ("csh", "csh"),
       ("cs", "cs"), ("adh", "adh")]  # fmt: skip


@pytest.mark.parametrize(("listing", "freedom"), [("kr", "kenward-roger"), ("kr1", "kenward-roger-linear")])
@pytest.mark.parametrize(("sas", "ours"), SAS)
def test_kenward_roger_of_every_structure_is_that_of_sas(
    fev: pd.DataFrame, reference: Find, sas: str, ours: str, listing: str, freedom: str
) -> None:
    right = pd.read_csv(reference(f"sas/{listing}_{sas}.csv")).iloc[0]
    told = mmrm.coefficients(mmrm.fit(fev, replace(ARM_ONLY, structure=ours)), freedom=Freedom(freedom))[1]
    assert (told.estimate, told.se) == pytest.approx((right.Estimate, right.StdErr), rel=2e-4)
    # SAS stops short of the optimum: of us, csh and adh its degrees of freedom are off by 3e-4 to 4e-4.
    assert told.df == pytest.approx(right.DF, rel=5e-4)


def test_kenward_roger_of_ar1h_tells_sas_from_mmrm(fev: pd.DataFrame) -> None:
    fitted = mmrm.fit(fev, replace(ARM_ONLY, structure="ar1h"))
    se = [mmrm.coefficients(fitted, freedom=each)[1].se for each in
          (Freedom.KENWARD_ROGER, Freedom.KENWARD_ROGER_WORKING)]  # fmt: skip
    assert se == pytest.approx([0.75903, 0.75555], abs=1e-5)


LISTINGS = [f"{group}{name}_{method}" for group in ("", "group_") for method in ("ml", "reml")
            for name in ("ar1", "ar1h", "cs", "csh", "toeph", "adh")] + ["sp_exp_ml", "sp_exp_reml"]  # fmt: skip


@pytest.mark.parametrize("listing", LISTINGS)
def test_likelihood_and_parameters_of_sas_by_group_too(fev: pd.DataFrame, reference: Find, listing: str) -> None:
    """Only the intercept in the mean; SAS's deviance is never lower, and higher by its criterion of 1e-8 at most."""
    text = reference(f"sas/sas_{listing}.txt").read_text()
    structure, method = listing.removeprefix("group_").rsplit("_", 1)
    group = "ARMCD" if listing.startswith("group_") else None
    model = replace(FEV, terms=(), structure=structure, method=Method(method), group=group)
    fitted = mmrm.fit(fev, model)
    deviance = float(re.findall(r"^\s+\d+\s+\d\s+([\d.]+)\s+[\d.]+\s*$", text, re.MULTILINE)[-1])
    assert -1e-11 < deviance / fitted.deviance - 1 < 1e-8
    for value, printed in zip(_in_order_of_sas(fitted), _parameters(text), strict=True):
        # Where SAS's deviance is high by 4e-6 (cs), a covariance is off by 0.002 of its standard error.
        assert value == pytest.approx(printed, rel=2e-3, abs=2e-3)


def _parameters(text: str) -> list[float]:
    block = text.split("Covariance Parameter Estimates", 1)[1].split("Fit Statistics")[0]
    rows = [line for line in block.splitlines() if "USUBJID" in line or "Residual" in line]
    return [float(re.findall(r"(-?[\d.]+)", line)[-4]) for line in rows]


def _in_order_of_sas(fitted: mmrm.Fit) -> list[float]:
    """SAS prints the variance of a homogeneous structure last, and of CS the covariance and the rest."""
    values = [value for _, value in fitted.parameters]
    size = len(values) // len(fitted.groups)
    result: list[float] = []
    for start in range(0, len(values), size):
        own = values[start : start + size]
        if fitted.structure == "cs":
            own = [own[0] * own[1], own[0] * (1 - own[1])]
            own = own[::-1] if len(fitted.groups) > 1 else own
        elif fitted.structure in {"ar1", "sp_exp"}:
            own = own if len(fitted.groups) > 1 else own[::-1]
        result += own
    return result


def test_weights(fev: pd.DataFrame, reference: Find) -> None:
    text = reference("sas/sas_weighted.txt").read_text()
    fitted = mmrm.fit(fev, replace(FEV, weight="WEIGHT"))
    deviance = float(re.findall(r"^\s+\d+\s+\d\s+([\d.]+)\s+[\d.]+\s*$", text, re.MULTILINE)[-1])
    assert fitted.deviance == pytest.approx(deviance, rel=1e-8)


def test_antidepressant_trial(reference: Find, expected: dict[str, Any]) -> None:
    data = pd.read_csv(reference("trials/rbmi_antidepressant_data.csv"))
    model = Model(subject="PATIENT", visit="VISIT", value="CHANGE", arm="THERAPY", baseline="BASVAL",
                  arms=("PLACEBO", "DRUG"))  # fmt: skip
    fitted = mmrm.fit(data, model)
    last = mmrm.contrasts(fitted, freedom=Freedom.KENWARD_ROGER)[-1]
    assert fitted.log_likelihood == pytest.approx(expected["antidepressant_mmrm_krlin"]["logLik"], abs=1e-8)
    assert (last.estimate, last.se) == pytest.approx((-2.801834, 1.116284), abs=2e-6)
    assert last.df == pytest.approx(150.10, abs=0.005)


def test_paired_data_give_the_paired_t_test(reference: Find) -> None:
    data = pd.read_csv(reference("trials/datasets_sleep.csv"))
    fitted = mmrm.fit(data, Model(subject="ID", visit="group", value="extra", baseline=None, terms=(("group",),)))
    told = mmrm.coefficients(fitted, freedom=Freedom.KENWARD_ROGER)[1]
    assert (told.estimate, told.se, told.df) == pytest.approx((1.58, 0.3889587, 9.0), abs=1e-7)
    assert told.p == pytest.approx(0.002833, abs=5e-7)
    working = mmrm.coefficients(fitted, freedom=Freedom.KENWARD_ROGER_WORKING)[1]
    assert working.se == pytest.approx(0.33855, abs=5e-6)
