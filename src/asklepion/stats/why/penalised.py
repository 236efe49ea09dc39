"""Ridge and elastic net with the penalty chosen by cross-validation, everything that is learned learned in the fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, Codes, factor, floats, is_number, numeric

MIXES = {"ridge": (0.0,), "elastic-net": (0.1, 0.5, 1.0)}
_LENGTH = 30
_CEILING = 1e-3
"""Ridge has no penalty at which all is zero: its path begins where that of a net with this mix would."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Predictors as numbers (N, p), named `AGE` or `SEX = F`, and which predictor each is of (p,)."""

    values: Array
    names: tuple[str, ...]
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """Coefficients in units of the columns (p,), in standard deviations (p,), the intercept; the penalty chosen."""

    beta: Array
    standardised: Array
    intercept: float
    mix: float
    penalty: float
    yes_or_no: bool

    def line(self, columns: Array) -> Array:
        """Give the linear predictor (n,)."""
        return np.asarray(columns @ self.beta + self.intercept, dtype=np.float64)


def encode(rows: pd.DataFrame, names: Sequence[str], factors: Sequence[str] = ()) -> Columns:
    """Give numbers as they are, labels as an indicator of each (of two labels, of the second). Raises BadInput.

    A label that nobody of a fold's training people has is constant there and gets no coefficient: it counts as the
    average, as if it had not been named.
    """
    found, told, of = [], [], []
    for name in names:
        if is_number(rows[name]) and name not in factors:
            numeric(rows, name)
            found.append(floats(rows[name]))
            told.append(name)
            of.append(name)
            continue
        levels = factor(rows[name], None, name)
        if len(levels.levels) < 2:
            raise BadInput("It is the same for everybody.", where=f"column {name}", remedy="It predicts nothing.")
        for place in range(1 if len(levels.levels) == 2 else 0, len(levels.levels)):
            found.append((levels.codes == place).astype(np.float64))
            told.append(f"{name} = {levels.levels[place]}")
            of.append(name)
    values = np.column_stack(found)
    for name, column in zip(told, values.T, strict=True):
        if column.std() == 0:
            raise BadInput("It is the same for everybody.", where=f"column {name}", remedy="It predicts nothing.")
    return Columns(values, tuple(told), tuple(of))


def choose(columns: Array, values: Array, folds: Codes, *, penalty: str, yes_or_no: bool) -> Model:
    """Give the model whose mix and penalty lost least in `folds` (n,), fitted on all of the people given.

    Each fold is scaled and fitted by its own training people, a value to a standard deviation of 1, so that a penalty
    means the same in each. The loss is squared error or minus log likelihood.
    """
    found = []
    for mix in MIXES[penalty]:
        penalties = _penalties(columns, values if yes_or_no else values / (values.std() or 1.0), mix)
        losses = np.zeros(_LENGTH)
        for fold in range(int(folds.max()) + 1):
            train, test = folds != fold, folds == fold
            beta, intercepts, _ = _path(columns[train], values[train], mix, penalties, yes_or_no=yes_or_no)
            lines = columns[test] @ beta.T + intercepts
            losses += _losses(lines, values[test], yes_or_no=yes_or_no)
        best = int(np.argmin(losses))
        found.append((float(losses[best]), mix, best, penalties))
    _, mix, best, penalties = min(found, key=lambda each: each[0])
    beta, intercepts, standardised = _path(columns, values, mix, penalties[: best + 1], yes_or_no=yes_or_no)
    return Model(beta[-1], standardised[-1], float(intercepts[-1]), mix, float(penalties[best]), yes_or_no)


def alone(column: Array, values: Array, *, yes_or_no: bool) -> Model:
    """Give the model of one column with a penalty so small (1e-6) that it only keeps separated outcomes finite."""
    found, intercepts, standardised = _path(column[:, None], values, 0.0, np.array([1e-6]), yes_or_no=yes_or_no)
    return Model(found[0], standardised[0], float(intercepts[0]), 0.0, 1e-6, yes_or_no)


def _penalties(columns: Array, values: Array, mix: float) -> Array:
    sd = columns.std(axis=0)
    scaled = (columns - columns.mean(axis=0)) / np.where(sd > 0, sd, 1.0)
    rest = values - values.mean()
    most = max(float(np.abs(scaled.T @ rest).max()) / len(values), 1e-9) / max(mix, _CEILING)
    return np.asarray(most * np.geomspace(1, 1e-5 if mix == 0 else 1e-3, _LENGTH))


def _path(
    columns: Array, values: Array, mix: float, penalties: Array, *, yes_or_no: bool
) -> tuple[Array, Array, Array]:
    """Give coefficients (L, p) in units, intercepts (L,), and coefficients per standard deviation (L, p)."""
    from asklepion.stats.why.descent import linear_path, logistic_path

    mean, sd = columns.mean(axis=0), columns.std(axis=0)
    flat = sd <= 1e-12 * np.maximum(np.abs(mean), 1.0)
    width = np.where(flat, 1.0, sd)
    scaled = np.ascontiguousarray(np.where(flat, 0.0, (columns - mean) / width))
    if yes_or_no:
        found = logistic_path(scaled, values, mix, penalties)
    else:
        spread, middle = float(values.std()) or 1.0, float(values.mean())
        found = linear_path(scaled, (values - middle) / spread, mix, penalties) * spread
        found[:, -1] = middle
    standardised = found[:, :-1]
    beta = standardised / width
    return beta, found[:, -1] - beta @ mean, standardised


def _losses(lines: Array, values: Array, *, yes_or_no: bool) -> Array:
    if yes_or_no:
        return np.asarray((np.logaddexp(0, lines) - lines * values[:, None]).sum(axis=0))
    return np.asarray(((values[:, None] - lines) ** 2).sum(axis=0))


def chance(lines: Array) -> Array:
    """Give probabilities of linear predictors."""
    return np.asarray(expit(lines), dtype=np.float64)
