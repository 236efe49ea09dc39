"""A population: the rows of a table that meet conditions written beforehand, and how many did not, by which."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.stats.columns import LeftOut, named, numeric

Label = str | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a column must hold: one of some labels, none of some, a number from `least` to `most`, or any value at all.

    A row in which the column is empty never meets a condition.
    """

    column: str
    among: tuple[Label, ...] = ()
    not_among: tuple[Label, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def words(self) -> str:
        """Say it in words that stand beside the rows that were left out."""
        told = []
        if self.among:
            told.append(f"is {' or '.join(map(str, self.among))}")
        if self.not_among:
            told.append(f"is not {' or '.join(map(str, self.not_among))}")
        if self.least is not None:
            told.append(f"is {self.least:g} or more")
        if self.most is not None:
            told.append(f"is {self.most:g} or less")
        return f"{self.column} {' and '.join(told) or 'is known'}"


def select(rows: pd.DataFrame, conditions: tuple[Condition, ...]) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """Give the rows that meet all conditions, and how many were left out by each, in order.

    Labels are compared as text. Raises BadInput where a column is not there, where a label is met by no row (a
    misspelling would otherwise select silently), where a limit is set on what is no number, and where no row is left.
    """
    kept = np.ones(len(rows), dtype=bool)
    left_out = []
    for condition in conditions:
        met = _met(rows, condition)
        lost = kept & ~met
        if lost.any():
            left_out.append(LeftOut(f"not: {condition.words}", int(lost.sum())))
        kept &= met
    if not kept.any():
        raise BadInput("No row meets the conditions.", where="population", remedy="Look at the conditions.")
    return rows.loc[kept], tuple(left_out)


def _met(rows: pd.DataFrame, condition: Condition) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    named(rows, [condition.column])
    column = rows[condition.column]
    met = column.notna().to_numpy()
    texts = column.map(_spelled).to_numpy()
    for labels in (condition.among, condition.not_among):
        unseen = [label for label in labels if not (met & (texts == _spelled(label))).any()]
        if unseen:
            known = ", ".join(map(str, pd.unique(column.dropna())[:12]))
            raise BadInput(
                f"No row holds {', '.join(map(str, unseen))}.",
                where=f"column {condition.column}",
                remedy=f"It holds {known}.",
            )
    if condition.among:
        met = met & np.isin(texts, [_spelled(label) for label in condition.among])
    if condition.not_among:
        met = met & ~np.isin(texts, [_spelled(label) for label in condition.not_among])
    if condition.least is not None or condition.most is not None:
        numeric(rows[column.notna()], condition.column)
        low, high = condition.least, condition.most
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        with np.errstate(invalid="ignore"):
            met = met & (values >= (-np.inf if low is None else low))
            met = met & (values <= (np.inf if high is None else high))
    return np.asarray(met)


def _spelled(value: object) -> str:
    """Write a label as text; a whole number without its decimals, however its column came to be read."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
