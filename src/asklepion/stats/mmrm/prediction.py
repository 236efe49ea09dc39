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
    rows = rows_of(fit, data)
    fixed = fit.beta_covariance
    design = rows.design(fit)
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
class Rows:
    """The rows of a table to which a fit is applied (N), each subject's places among them, and what they need."""

    subjects: "pd.Series[str]"
    visits: "pd.Series[str]"
    value: Array
    when: NDArray[np.intp]
    groups: NDArray[np.intp]
    roots: Array
    places: Array | None
    by_subject: tuple[NDArray[np.intp], ...]
    table: pd.DataFrame

    def design(self, fit: Fit) -> Array:
        """Give the columns of the mean for every row (N, q)."""
        design = np.ones((len(self.table), len(fit.columns)))
        for k, column in enumerate(fit.columns):
            for part in column.parts:
                told = self.table[part.name]
                design[:, k] *= floats(told) if part.level is None else (told.astype(str) == part.level).to_numpy(float)
        return design

    def covariance(self, fit: Fit, some: NDArray[np.intp]) -> Array:
        """Give the covariance (m, m) of some rows of one subject, weights included."""
        places = None if self.places is None else self.places[some]
        plain = fit.covariance(int(self.groups[some[0]]), self.when[some], places=places)
        return np.asarray(plain / np.outer(self.roots[some], self.roots[some]))


def rows_needed(fit: Fit) -> list[str]:
    """Give the columns without which a row cannot be predicted."""
    model, observed = fit.model, fit.observed
    needed = [model.subject, model.visit, *observed.factors, *observed.numbers]
    needed += [name for name in (model.group, model.weight, *model.coordinates) if name]
    return list(dict.fromkeys(needed))


def every_visit(fit: Fit, data: pd.DataFrame) -> pd.DataFrame:
    """Give `data`, by subject and visit, and a row without a value for each subject and visit of the fit that has none.

    A new row has the columns that no subject has two values of; coordinates, and what changes from visit to visit, are
    missing there.
    """
    model = fit.model
    columns = [name for name in dict.fromkeys([*rows_needed(fit), model.value]) if name != model.visit]
    labels = {str(each): each for each in data[model.visit].dropna().unique()}
    by_subject = data[columns].groupby(model.subject, sort=False)
    varying = by_subject.nunique().max() > 1
    lost = {*varying.index[varying], *model.coordinates, model.value}
    steady = by_subject.first().assign(**dict.fromkeys(lost, np.nan))
    there = set(zip(data[model.subject], data[model.visit].astype(str), strict=True))
    absent = [(who, visit) for who in steady.index for visit in fit.visits if (who, visit) not in there]
    rows = steady.loc[[who for who, _ in absent]].reset_index()
    rows[model.visit] = pd.Series([labels.get(visit, visit) for _, visit in absent], dtype=data[model.visit].dtype)
    whole = pd.concat([data, rows], ignore_index=True) if absent else data.reset_index(drop=True)
    visits = whole[model.visit].astype(str).map({each: k for k, each in enumerate(fit.visits)}).to_numpy()
    return whole.iloc[np.lexsort([visits, pd.factorize(whole[model.subject])[0]])].reset_index(drop=True)


def rows_of(fit: Fit, data: pd.DataFrame) -> Rows:
    """Give the rows of a table as the fit takes them. Raises BadInput for what it does not know or a row lacks."""
    model, observed = fit.model, fit.observed
    needed = rows_needed(fit)
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
    return Rows(
        data[model.subject], data[model.visit], floats(data[model.value]), when, groups, roots, places, people, data
    )


def _given(
    fit: Fit, rows: Rows, lost: NDArray[np.intp], seen: NDArray[np.intp], design: Array, mean: Array, fixed: Array
) -> tuple[Array, Array]:
    """Give expectation and standard error of the rows `lost`, given the values of the rows `seen` of one subject."""
    sigma, cut = rows.covariance(fit, np.concatenate([seen, lost])), len(seen)
    slope: Array = np.asarray(np.linalg.solve(sigma[:cut, :cut], sigma[:cut, cut:]).T)
    expected = mean[lost] + slope @ (rows.value[seen] - mean[seen])
    lean = design[lost] - slope @ design[seen]
    left = sigma[cut:, cut:] - slope @ sigma[:cut, cut:] + lean @ fixed @ lean.T
    return expected, np.sqrt(np.diag(left))
