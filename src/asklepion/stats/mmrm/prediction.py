"""What a fitted model expects of a subject at a visit, given what was seen of the subject at other visits."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.columns import floats, named, numeric, where
from asklepion.stats.mmrm.fitting import Fit

Array = NDArray[np.float64]


def predict(fit: Fit, data: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Give one row for each row of `data`, which has the columns of the fit's table; the value may be missing.

    `mean`, `mean_se`: of everybody with these columns. `predicted`, `se`: where the value is missing, its expectation
    given the subject's own values in `data`, with the standard error of a single value about it (what is left of the
    variance, and the uncertainty of the fixed effects; that of the covariance is not in it); where it is there, those
    of the mean, as in SAS's listings. `lower`, `upper`: normal limits at `level`, a prediction interval where the value
    is missing. Subjects need not be those of the fit, nor have any value. Raises BadInput for a level that the fit does
    not know, and a row that lacks a column.
    """
    rows = _checked(fit, data)
    fixed = fit.beta_covariance
    design = _design(fit, rows)
    mean = design @ fit.beta
    mean_se = np.sqrt(np.einsum("nq,qk,nk->n", design, fixed, design))
    predicted, se = mean.copy(), mean_se.copy()
    values = rows.value
    for places in rows.by_subject:
        here = np.isnan(values[places])
        if here.any():
            lost, seen = places[here], places[~here]
            predicted[lost], se[lost] = _given(fit, rows, lost, seen, design, mean, fixed)
    reach = float(stats.norm.ppf((1 + level) / 2)) * se
    found = {"subject": rows.subjects, "visit": rows.visits, "value": values, "mean": mean, "mean_se": mean_se}
    told = {"predicted": predicted, "se": se, "lower": predicted - reach, "upper": predicted + reach}
    return pd.DataFrame({**found, **told, "observed": ~np.isnan(values)}, index=data.index)


@dataclass(frozen=True, slots=True)
class _Rows:
    subjects: "pd.Series[str]"
    visits: "pd.Series[str]"
    value: Array
    when: NDArray[np.intp]
    groups: NDArray[np.intp]
    roots: Array
    places: Array | None
    by_subject: tuple[NDArray[np.intp], ...]
    table: pd.DataFrame


def _checked(fit: Fit, data: pd.DataFrame) -> _Rows:
    model, observed = fit.model, fit.observed
    needed = [model.subject, model.visit, *observed.factors, *observed.numbers]
    needed += [name for name in (model.group, model.weight, *model.coordinates) if name]
    needed = list(dict.fromkeys(needed))
    named(data, [model.value, *needed])
    for name in needed:
        blank = data[name].isna()
        if blank.any():
            raise BadInput(
                "A row lacks it.", where=where(data[blank], name), remedy="Fill it in, or leave the row out."
            )
    for name in (model.value, *observed.numbers, *model.coordinates):
        numeric(data[data[name].notna()], name)
    known = {name: factor.levels for name, factor in observed.factors.items()}
    known |= {model.group: fit.groups} if model.group else {}
    for name, levels in known.items():
        stray = ~data[name].astype(str).isin(levels)
        if stray.any():
            remedy = f"It knows {', '.join(levels)}."
            raise BadInput(
                f"The fit has no {data[name][stray].iloc[0]}.", where=where(data[stray], name), remedy=remedy
            )
    when = np.array([fit.visits.index(each) for each in data[model.visit].astype(str)], dtype=np.intp)
    groups = np.zeros(len(data), dtype=np.intp)
    if model.group:
        groups = np.array([fit.groups.index(each) for each in data[model.group].astype(str)], dtype=np.intp)
    roots = np.ones(len(data)) if model.weight is None else np.sqrt(floats(data[model.weight]))
    codes = pd.factorize(data[model.subject])[0]
    people = tuple(np.split(np.argsort(codes, kind="stable"), np.flatnonzero(np.diff(np.sort(codes))) + 1))
    for mine in people:
        if len(set(when[mine])) < len(mine):
            twice = where(data.iloc[mine], model.visit)
            raise BadInput("A visit is there twice.", where=twice, remedy="Keep one row for each subject and visit.")
    places = np.column_stack([floats(data[name]) for name in model.coordinates]) if model.coordinates else None
    return _Rows(
        data[model.subject], data[model.visit], floats(data[model.value]), when, groups, roots, places, people, data
    )


def _design(fit: Fit, rows: _Rows) -> Array:
    """Give the columns of the mean for every row (N, q)."""
    table = rows.table
    design = np.ones((len(table), len(fit.columns)))
    for k, column in enumerate(fit.columns):
        for part in column.parts:
            told = table[part.name]
            design[:, k] *= floats(told) if part.level is None else (told.astype(str) == part.level).to_numpy(float)
    return design


def _given(
    fit: Fit, rows: _Rows, lost: NDArray[np.intp], seen: NDArray[np.intp], design: Array, mean: Array, fixed: Array
) -> tuple[Array, Array]:
    """Give expectation and standard error of the rows `lost`, given the values of the rows `seen` of one subject."""
    both = np.concatenate([seen, lost])
    places = None if rows.places is None else rows.places[both]
    plain = fit.covariance(int(rows.groups[lost[0]]), rows.when[both], places=places)
    sigma, cut = plain / np.outer(rows.roots[both], rows.roots[both]), len(seen)
    slope: Array = np.asarray(np.linalg.solve(sigma[:cut, :cut], sigma[:cut, cut:]).T)
    expected = mean[lost] + slope @ (rows.value[seen] - mean[seen])
    lean = design[lost] - slope @ design[seen]
    left = sigma[cut:, cut:] - slope @ sigma[:cut, cut:] + lean @ fixed @ lean.T
    return expected, np.sqrt(np.diag(left))
