"""What a prediction may be made from: one row a person, columns of before treatment, a value or yes and no."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, Codes, LeftOut, complete, factor, floats, named, numeric, one_row_each
from asklepion.stats.why.penalised import MIXES, Columns, encode

AFTER = ("AVAL", "AVALC", "CHG", "PCHG", "R2BASE", "TRT01A", "TRTA", "TRTP", "TRTEDT", "AVISIT", "ADT", "ADY")
"""CDISC ADaM names of what is known only after the start, or of the visit: never a predictor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Columns, one row a person. `event` is the label of yes; without it the value is a number.

    `baseline` is the predictor that the others have to be better than. `group` keeps people together and leaves one
    group out at a time. `penalty` is `ridge` or `elastic-net`. `factors` are numeric predictors to take as labels.
    """

    value: str
    predictors: tuple[str, ...]
    event: str | None = None
    baseline: str | None = None
    group: str | None = None
    factors: tuple[str, ...] = ()
    penalty: str = "ridge"
    subject: str | None = "USUBJID"
    folds: int = 10
    inner: int = 5
    repeats: int = 20
    permutations: int = 200
    seed: int = 0
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Data:
    """Those who have everything: predictors (N, p), values (N,), baseline (N,) or None, groups (N,) or None."""

    columns: Columns
    values: Array
    baseline: Array | None
    groups: Codes | None
    labels: tuple[str, ...]
    yes_or_no: bool
    left_out: tuple[LeftOut, ...]


def read(table: pd.DataFrame, question: Question) -> Data:
    """Give the people and columns. Raises BadInput, with the rows, for what cannot be predicted or predict."""
    _asked(question)
    needed = [question.value, *question.predictors]
    needed += [each for each in (question.baseline, question.group) if each]
    named(table, [*needed, *([question.subject] if question.subject else [])])
    if question.subject is not None:
        one_row_each(table, question.subject)
    used, left_out = complete(table, list(dict.fromkeys(needed)))
    values = _values(used, question)
    columns = encode(used, question.predictors, question.factors)
    _apart(columns, values, question.value)
    groups = factor(used[question.group].astype("string"), None, question.group) if question.group else None
    if groups is not None and len(groups.levels) < 3:
        what = f"There are {len(groups.levels)} groups: with one left out, the rest must still be split."
        raise BadInput(what, where=f"column {question.group}", remedy="Three or more are needed.")
    baseline = None
    if question.baseline is not None:
        numeric(used, question.baseline)
        baseline = floats(used[question.baseline])
    codes, labels = (None, ()) if groups is None else (groups.codes, groups.levels)
    return Data(columns, values, baseline, codes, labels, question.event is not None, left_out)


def _asked(question: Question) -> None:
    if not question.predictors:
        raise BadInput("No predictor is named.", where="predictors", remedy="Name at least one column.")
    for name in question.predictors:
        if name in (question.value, question.subject, question.group):
            raise BadInput("It is the value, the person or the group.", where=f"column {name}", remedy="Leave it out.")
        if name in AFTER:
            what = "By its ADaM name it is known only after the start of treatment."
            raise BadInput(what, where=f"column {name}", remedy="Predict from what is known before.")
    if len(set(question.predictors)) < len(question.predictors):
        raise BadInput("A predictor is named twice.", where="predictors", remedy="Name each once.")
    if question.penalty not in MIXES:
        raise BadInput(
            f"There is no penalty {question.penalty}.", where="penalty", remedy=f"Known: {', '.join(MIXES)}."
        )
    if min(question.folds, question.inner) < 2 or question.repeats < 1 or question.permutations < 0:
        raise BadInput("Folds are two or more, repeats one or more.", where="folds, repeats", remedy="Give more.")


def _values(used: pd.DataFrame, question: Question) -> Array:
    column = used[question.value]
    if question.event is None:
        numeric(used, question.value)
        numbers = floats(column)
        if len(numbers) < question.folds or numbers.std() == 0:
            what = f"{len(numbers)} values are too few for {question.folds} folds, or all are the same."
            raise BadInput(what, where=f"column {question.value}", remedy="Take fewer folds, or another value.")
        return numbers
    spelled = column.map(lambda each: f"{each:g}" if isinstance(each, float) else str(each))
    labels = factor(spelled, None, question.value).levels
    if question.event not in labels or len(labels) != 2:
        what = f"It holds {', '.join(labels[:6])}: not {question.event} and one other."
        raise BadInput(what, where=f"column {question.value}", remedy="Yes and no are two labels; name that of yes.")
    codes = factor(spelled, None, question.value).codes
    values: Array = (codes == labels.index(question.event)).astype(np.float64)
    rarer = int(min(values.sum(), len(values) - values.sum()))
    if question.group is None and rarer < question.folds:
        what = f"The rarer outcome has {rarer} people, fewer than {question.folds} folds."
        raise BadInput(what, where=f"column {question.value}", remedy="Take fewer folds, or predict a value.")
    return values


def _apart(columns: Columns, values: Array, value: str) -> None:
    """Raise BadInput where a predictor is the outcome under another name or scale."""
    for name, column in zip(columns.names, columns.values.T, strict=True):
        if abs(float(np.corrcoef(column, values)[0, 1])) > 1 - 1e-10:
            what = f"{value} follows from it without fault: it is the outcome, or made from it."
            raise BadInput(what, where=f"column {name}", remedy="Leave it out.")
