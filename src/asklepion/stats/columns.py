"""Columns of a table: names, numbers and levels, each checked, and every fault said with its rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
_SHOWN = 5
_LARGEST = 1e100


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that were not used, and why."""

    why: str
    rows: int


@dataclass(frozen=True, slots=True)
class Factor:
    """A column of levels: the level of each row (N,) by its place in `levels`."""

    levels: tuple[str, ...]
    codes: Codes


def natural_order(labels: "pd.Index[str] | list[str]") -> list[str]:
    """Sort labels so that Week 2 stands before Week 10."""
    return sorted(
        labels, key=lambda label: [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", label)]
    )


def where(rows: pd.DataFrame, name: str) -> str:
    """Name rows by the labels of the table's index, and the index by its own name."""
    shown = ", ".join(str(label) for label in rows.index[:_SHOWN])
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"column {name}, {rows.index.name or 'index'} {shown}{more}"


def is_number(column: "pd.Series[float]") -> bool:
    """Tell whether a column holds numbers; truth values are none."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def numeric(used: pd.DataFrame, name: str) -> None:
    """Raise BadInput, with the rows, where a column holds what is no finite number, or one whose square is none."""
    column = used[name]
    if not is_number(column):
        wrong = (
            pd.to_numeric(column, errors="coerce").isna().to_numpy()
            | column.map(lambda each: isinstance(each, bool)).to_numpy()
        )
        rows = used[wrong] if wrong.any() else used
        told = f"{rows[name].iloc[0]!r} is not a number."
        raise BadInput(told, where=where(rows, name), remedy="Write numbers; leave blanks empty.")
    far = ~(np.abs(floats(column)) < _LARGEST)
    if far.any():
        told = "A value is infinite, or too large to be squared."
        raise BadInput(told, where=where(used[far], name), remedy="Correct it or leave it empty.")


def floats(column: "pd.Series[float]") -> Array:
    """Give a column as float64."""
    return np.asarray(column.to_numpy(dtype=np.float64))


def factor(column: "pd.Series[str]", order: tuple[object, ...] | None, name: str) -> Factor:
    """Give a column as levels: in the order given, else by category, by number, or so that Week 2 precedes Week 10.

    Raises BadInput for a label that the order does not name, one that it names twice, and two that read the same.
    """
    codes, found = pd.factorize(column)
    labels = [str(level) for level in found]
    if len(set(labels)) != len(labels):
        raise BadInput("Two of its labels read the same.", where=f"column {name}", remedy="Give the column one type.")
    if order is not None:
        levels = [str(level) for level in order]
        if len(set(levels)) != len(levels):
            raise BadInput("A level is named twice in its order.", where=f"column {name}", remedy="Name each once.")
        stray = [label for label in labels if label not in levels]
        if stray:
            raise BadInput(
                f"{', '.join(stray)} is not in the given order.",
                where=f"column {name}",
                remedy="Name every level, or leave the rows out of the table.",
            )
        levels = [level for level in levels if level in labels]
    elif isinstance(column.dtype, pd.CategoricalDtype):
        levels = [str(level) for level in column.cat.categories if str(level) in labels]
    elif is_number(found.to_series()):
        levels = [label for _, label in sorted(zip(found, labels, strict=True))]
    else:
        levels = natural_order(labels)
    place = np.array([levels.index(label) for label in labels], dtype=np.intp)
    return Factor(tuple(levels), place[codes])


def named(table: pd.DataFrame, names: list[str]) -> None:
    """Raise BadInput where the table lacks a column."""
    absent = [name for name in names if name not in table.columns]
    if absent:
        raise BadInput(
            f"The table has no column {', '.join(absent)}.",
            where="columns",
            remedy=f"It has {', '.join(map(str, table.columns))}.",
        )


def complete(table: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """Give the rows that have all of the columns, and how many were left out for want of each, in that order."""
    kept = np.ones(len(table), dtype=bool)
    left_out = []
    for name in names:
        lost = kept & table[name].isna().to_numpy()
        if lost.any():
            left_out.append(LeftOut(f"{name} is missing", int(lost.sum())))
            kept &= ~lost
    if not kept.any():
        raise BadInput("No row has everything that is needed.", where=names[0], remedy="Look at the columns.")
    return table.loc[kept], tuple(left_out)


def one_row_each(table: pd.DataFrame, subject: str) -> None:
    """Raise BadInput, with the rows, where a subject stands in a second row."""
    twice = table[subject].duplicated()
    if twice.any():
        place = where(table[twice.to_numpy()], subject)
        raise BadInput("A person stands in two rows.", where=place, remedy="Keep one row each, as of one visit.")


def covariates(used: pd.DataFrame, names: Sequence[str]) -> list[Array]:
    """Give each covariate centred (N,); one of labels as indicators of all levels but the first. Raises BadInput."""
    found: list[Array] = []
    for name in names:
        if is_number(used[name]):
            numeric(used, name)
            found.append(floats(used[name]))
        else:
            levels = factor(used[name], None, name)
            found += [(levels.codes == place).astype(np.float64) for place in range(1, len(levels.levels))]
    return [each - each.mean() for each in found]
