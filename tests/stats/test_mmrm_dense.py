"""The fit against a slow one of its own: dense normal densities, subject by subject, with numerical derivatives."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from asklepion.stats import mmrm
from asklepion.stats.mmrm import Freedom, Method, Model
from asklepion.stats.mmrm.structures import structure

MODEL = Model(covariates=("SITE",), ladder=())
VISITS = ["Week 4", "Week 8", "Week 12", "Week 16"]


def _design(trial: pd.DataFrame) -> np.ndarray:
    """Build the mean by hand: base, base by visit, site, arm, visit, arm by visit."""
    when = np.column_stack([(visit == trial.AVISIT).to_numpy(float) for visit in VISITS[1:]])
    arm, base = (trial.TRT01P == "treated").to_numpy(float)[:, None], trial.BASE.to_numpy()[:, None]
    site = np.column_stack([(name == trial.SITE).to_numpy(float) for name in ("south", "west")])
    return np.hstack([np.ones_like(base), base, base * when, site, arm, when, arm * when])


def _dense(trial: pd.DataFrame, restricted: bool) -> Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]:
    """Give the function of a covariance that returns -2 log L, the fixed effects and their covariance."""
    whole, code = _design(trial), trial.AVISIT.map(VISITS.index).to_numpy()
    people = [np.flatnonzero(who == trial.USUBJID) for who in trial.USUBJID.unique()]
    values = trial.AVAL.to_numpy()

    def at(sigma: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        inner, outer, logs = np.zeros((whole.shape[1],) * 2), np.zeros(whole.shape[1]), 0.0
        inverses = []
        for rows in people:
            own = sigma[np.ix_(code[rows], code[rows])]
            inverses.append(np.linalg.inv(own))
            inner += whole[rows].T @ inverses[-1] @ whole[rows]
            outer += whole[rows].T @ inverses[-1] @ values[rows]
            logs += np.linalg.slogdet(own)[1]
        beta = np.linalg.solve(inner, outer)
        rest = values - whole @ beta
        squares = sum(rest[rows] @ inverse @ rest[rows] for rows, inverse in zip(people, inverses, strict=True))
        free = len(values) - (len(beta) if restricted else 0)
        more = np.linalg.slogdet(inner)[1] if restricted else 0.0
        return float(logs + squares + more + free * np.log(2 * np.pi)), beta, np.linalg.inv(inner)

    return at


def _lower(at: np.ndarray) -> np.ndarray:
    factor = np.zeros((4, 4))
    factor[np.tril_indices(4)] = at
    return factor @ factor.T


@pytest.mark.parametrize("method", list(Method))
def test_no_covariance_is_likelier_than_the_one_found(trial: pd.DataFrame, method: Method) -> None:
    dense = _dense(trial, method is Method.REML)
    start = np.linalg.cholesky(np.diag(np.full(4, 20.0)))[np.tril_indices(4)]
    slow = optimize.minimize(lambda at: dense(_lower(at))[0], start, method="BFGS", options={"gtol": 1e-4})
    fitted = mmrm.fit(trial, replace(MODEL, method=method))
    deviance, beta, spread = dense(fitted.covariances[0])
    assert fitted.deviance == pytest.approx(deviance, abs=1e-9)
    assert fitted.deviance <= slow.fun + 1e-9
    assert fitted.deviance == pytest.approx(slow.fun, abs=1e-5)
    ours = {str(column): value for column, value in zip(fitted.columns, fitted.beta, strict=True)}
    assert ours["TRT01P[treated]:AVISIT[Week 16]"] == pytest.approx(beta[-1], rel=1e-8)
    assert ours["BASE:AVISIT[Week 8]"] == pytest.approx(beta[2], rel=1e-8)
    se = {each.label: each.se for each in mmrm.coefficients(fitted)}
    assert se["TRT01P[treated]:AVISIT[Week 16]"] == pytest.approx(spread[-1, -1] ** 0.5, rel=1e-8)


def _hessian(function: Callable[[np.ndarray], float], at: np.ndarray, step: np.ndarray) -> np.ndarray:
    size = len(at)
    result = np.zeros((size, size))
    for i in range(size):
        for j in range(i, size):
            a, b = np.eye(size)[i] * step, np.eye(size)[j] * step
            four = function(at + a + b) - function(at + a - b) - function(at - a + b) + function(at - a - b)
            result[i, j] = result[j, i] = four / (4 * step[i] * step[j])
    return result


def _natural(at: np.ndarray) -> np.ndarray:
    """Give ARH(1) from variances and one correlation, SAS's parameters."""
    roots = np.sqrt(at[:4])
    return np.outer(roots, roots) * at[4] ** np.abs(np.subtract.outer(np.arange(4), np.arange(4)))


def test_satterthwaite_and_kenward_roger_by_numerical_derivatives(trial: pd.DataFrame) -> None:
    """Everything of Kenward and Roger (1997) by differences in SAS's parameters of ARH(1), subject by subject."""
    fitted, dense = mmrm.fit(trial, replace(MODEL, structure="ar1h")), _dense(trial, True)
    at = np.array([value for _, value in fitted.parameters])
    step = 1e-3 * np.abs(at)
    spread = 2 * np.linalg.inv(_hessian(lambda x: dense(_natural(x))[0], at, step))
    plain = dense(_natural(at))[2]
    slope = np.array([(dense(_natural(at + h))[2] - dense(_natural(at - h))[2])[-1, -1] for h in np.diag(step)])
    slope /= 2 * step
    told = {each.label: each for each in mmrm.coefficients(fitted)}["TRT01P[treated]:AVISIT[Week 16]"]
    assert told.df == pytest.approx(2 * plain[-1, -1] ** 2 / (slope @ spread @ slope), rel=1e-3)
    adjusted = _kenward_roger(trial, at, spread, plain, step)
    both = {freedom: mmrm.coefficients(fitted, freedom=freedom) for freedom in list(Freedom)[1:3]}
    told_kr = {each.label: each for each in both[Freedom.KENWARD_ROGER]}["TRT01P[treated]:AVISIT[Week 16]"]
    assert told_kr.se == pytest.approx(adjusted[-1, -1] ** 0.5, rel=1e-4)
    assert told_kr.df == pytest.approx(told.df)
    linear = {each.label: each for each in both[Freedom.KENWARD_ROGER_LINEAR]}["TRT01P[treated]:AVISIT[Week 16]"]
    assert linear.se != pytest.approx(told_kr.se, rel=1e-5)


def _kenward_roger(
    trial: pd.DataFrame, at: np.ndarray, spread: np.ndarray, plain: np.ndarray, step: np.ndarray
) -> np.ndarray:
    whole, code, size = _design(trial), trial.AVISIT.map(VISITS.index).to_numpy(), len(at)
    inner = np.zeros_like(plain)
    towers = np.zeros((size, *plain.shape))
    steps = np.diag(step)
    first = [(_natural(at + h) - _natural(at - h)) / (2 * s) for h, s in zip(steps, step, strict=True)]
    for who in trial.USUBJID.unique():
        rows = np.flatnonzero(who == trial.USUBJID)
        cells = np.ix_(code[rows], code[rows])
        inverse = np.linalg.inv(_natural(at)[cells])
        seen = inverse @ whole[rows]
        for i in range(size):
            towers[i] -= seen.T @ first[i][cells] @ seen
            for j in range(size):
                a, b = steps[i], steps[j]
                second = _natural(at + a + b) - _natural(at + a - b) - _natural(at - a + b) + _natural(at - a - b)
                second = second / (4 * step[i] * step[j])
                kernel = first[i][cells] @ inverse @ first[j][cells] - second[cells] / 4
                inner += spread[i, j] * seen.T @ kernel @ seen
    inner -= sum(spread[i, j] * towers[i] @ plain @ towers[j] for i in range(size) for j in range(size))
    return plain + 2 * plain @ inner @ plain


@pytest.mark.parametrize("name", mmrm.STRUCTURES)
def test_derivatives_of_every_structure_are_those_of_differences(name: str) -> None:
    rng = np.random.default_rng(3)
    shape = structure(name, 4, times=np.array([1.0, 2.0, 4.0, 8.0]))
    square = rng.normal(size=(12, 4))
    at = shape.start(square.T @ square / 12) + 0.1 * rng.normal(size=shape.size)
    weight, steps = rng.normal(size=(4, 4)), 1e-5 * np.eye(shape.size)
    weight = weight + weight.T
    slopes = np.array([(shape.sigma(at + h) - shape.sigma(at - h)) / 2e-5 for h in steps])
    assert shape.first(at) == pytest.approx(slopes, abs=1e-8)
    bends = np.array([(shape.first(at + h) - shape.first(at - h)) / 2e-5 for h in steps])
    assert shape.curvature(at, weight) == pytest.approx(np.einsum("ijab,ab->ij", bends, weight), abs=1e-7)
    spread = rng.normal(size=(shape.size, shape.size))
    spread = spread @ spread.T
    assert shape.bend_working(at, spread) == pytest.approx(np.einsum("ijab,ij->ab", bends, spread), abs=1e-6)
