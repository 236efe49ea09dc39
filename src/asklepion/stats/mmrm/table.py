"""A table of repeated measures, read and checked: what is used, what is left out and why."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.mmrm.model import Model

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
_SHOWN = 5


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


@dataclass(frozen=True, slots=True)
class Observed:
    """The rows that are used (N), sorted by subject and visit."""

    subjects: Codes
    visits: Factor
    values: Array
    factors: dict[str, Factor]
    numbers: dict[str, Array]
    groups: Factor
    roots: Array | None
    left_out: tuple[LeftOut, ...]

    @property
    def people(self) -> int:
        return int(self.subjects[-1]) + 1


def read(table: pd.DataFrame, model: Model) -> Observed:
    """Give the rows that can be used. Raises BadInput for what is wrong with the table, with the rows."""
    names = _names(model)
    absent = [name for name in names if name not in table.columns]
    if absent:
        raise BadInput(
            f"The table has no column {', '.join(absent)}.",
            where="columns",
            remedy=f"It has {', '.join(map(str, table.columns))}.",
        )
    used, left_out = _complete(table, model, names)
    _numeric(used, model.value)
    subjects = pd.factorize(used[model.subject])[0].astype(np.intp)
    visits = _factor(used[model.visit], model.visits, model.visit)
    _check_visits(table, model, visits)
    order = np.argsort(subjects * len(visits.levels) + visits.codes, kind="stable")
    used, subjects, visits = used.iloc[order], subjects[order], Factor(visits.levels, visits.codes[order])
    _check_doubles(used, model, subjects, visits)
    factors, numbers = _columns(used, model, visits)
    _check_arms(used, model, subjects, factors)
    groups = _factor(used[model.group], None, model.group) if model.group else Factor(("",), np.zeros_like(subjects))
    _one_each(used, model.group or "", subjects, groups, "group")
    return Observed(
        subjects, visits, _floats(used[model.value]), factors, numbers, groups, _roots(used, model), left_out
    )


def natural_order(labels: "pd.Index[str] | list[str]") -> list[str]:
    """Sort labels so that Week 2 stands before Week 10."""
    return sorted(
        labels, key=lambda label: [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", label)]
    )


def _names(model: Model) -> list[str]:
    named = [model.subject, model.visit, model.value, *(name for term in model.mean() for name in term)]
    named += [name for name in (model.group, model.weight) if name]
    return list(dict.fromkeys(named))


def _complete(table: pd.DataFrame, model: Model, names: list[str]) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    for name in (model.subject, model.visit):
        blank = table[name].isna()
        if blank.any():
            raise BadInput("A row says no subject or visit.", where=_where(table[blank], name), remedy="Fill it in.")
    kept = np.ones(len(table), dtype=bool)
    left_out = []
    for name in [model.value, *(each for each in names if each not in {model.value, model.subject, model.visit})]:
        lost = kept & table[name].isna().to_numpy()
        if lost.any():
            left_out.append(LeftOut(f"{name} is missing", int(lost.sum())))
            kept &= ~lost
    if not kept.any():
        raise BadInput("No row has everything that the model needs.", where=model.value, remedy="Look at the columns.")
    return table.loc[kept, names] if not kept.all() else table[names], tuple(left_out)


def _where(rows: pd.DataFrame, name: str) -> str:
    """Name rows by the labels of the table's index, and the index by its own name."""
    shown = ", ".join(str(label) for label in rows.index[:_SHOWN])
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"column {name}, {rows.index.name or 'index'} {shown}{more}"


def _is_number(column: "pd.Series[float]") -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _numeric(used: pd.DataFrame, name: str) -> None:
    column = used[name]
    if not _is_number(column):
        wrong = (
            pd.to_numeric(column, errors="coerce").isna().to_numpy()
            | column.map(lambda each: isinstance(each, bool)).to_numpy()
        )
        rows = used[wrong] if wrong.any() else used
        told = f"{rows[name].iloc[0]!r} is not a number."
        raise BadInput(told, where=_where(rows, name), remedy="Write numbers; leave blanks empty.")
    if not np.isfinite(_floats(column)).all():
        raise BadInput("A value is infinite.", where=f"column {name}", remedy="Correct it or leave it empty.")


def _floats(column: "pd.Series[float]") -> Array:
    return np.asarray(column.to_numpy(dtype=np.float64))


def _factor(column: "pd.Series[str]", order: tuple[object, ...] | None, name: str) -> Factor:
    codes, found = pd.factorize(column)
    labels = [str(level) for level in found]
    if len(set(labels)) != len(labels):
        raise BadInput("Two of its labels read the same.", where=f"column {name}", remedy="Give the column one type.")
    if order is not None:
        levels = [str(level) for level in order]
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
    elif _is_number(found.to_series()):
        levels = [label for _, label in sorted(zip(found, labels, strict=True))]
    else:
        levels = natural_order(labels)
    place = np.array([levels.index(label) for label in labels], dtype=np.intp)
    return Factor(tuple(levels), place[codes])


def _check_visits(table: pd.DataFrame, model: Model, visits: Factor) -> None:
    labels = table[model.visit].dropna().astype(str).unique()
    nobody = [label for label in labels if label not in visits.levels]
    if nobody:
        raise BadInput(
            f"Nobody has a value at {', '.join(nobody)}.",
            where=f"column {model.visit}",
            remedy="Leave the visit out of the table: nothing can be estimated there.",
        )


def _check_doubles(used: pd.DataFrame, model: Model, subjects: Codes, visits: Factor) -> None:
    twice = (np.diff(subjects) == 0) & (np.diff(visits.codes) == 0)
    if twice.any():
        rows = used.iloc[np.flatnonzero(twice) + 1]
        named = [f"{s} at {v}" for s, v in zip(rows[model.subject], rows[model.visit], strict=True)][:_SHOWN]
        raise BadInput(
            f"A visit is recorded twice: {', '.join(named)} ({twice.sum()} in all).",
            where=_where(rows, model.visit),
            remedy="Keep one row for each subject and visit.",
        )


def _columns(used: pd.DataFrame, model: Model, visits: Factor) -> tuple[dict[str, Factor], dict[str, Array]]:
    """Split the columns of the mean into factors and numbers."""
    factors, numbers = {model.visit: visits}, {}
    for name in dict.fromkeys(name for term in model.mean() for name in term):
        if name == model.visit:
            continue
        if name == model.arm or name in model.factors or not _is_number(used[name]):
            factors[name] = _factor(used[name], model.arms if name == model.arm else None, name)
            if len(factors[name].levels) < 2:
                raise BadInput(
                    f"It has one level, {factors[name].levels[0]}.",
                    where=f"column {name}",
                    remedy="Leave it out of the model, or look for the rows of the others.",
                )
        else:
            _numeric(used, name)
            numbers[name] = _floats(used[name])
    return factors, numbers


def _check_arms(used: pd.DataFrame, model: Model, subjects: Codes, factors: dict[str, Factor]) -> None:
    arm = factors.get(model.arm)
    if arm is None:
        return
    _one_each(used, model.arm, subjects, arm, "arm")
    first = np.flatnonzero(np.diff(subjects, prepend=-1))
    people = np.bincount(arm.codes[first], minlength=len(arm.levels))
    for level, count in zip(arm.levels, people, strict=True):
        if count < 2:
            raise BadInput(
                f"Arm {level} has one subject with data.",
                where=f"column {model.arm}",
                remedy="An arm of one gives no estimate: leave it out or join it to another.",
            )
    _check_cells(used, model, factors[model.visit], arm)


def _check_cells(used: pd.DataFrame, model: Model, visits: Factor, arm: Factor) -> None:
    if not any({model.arm, model.visit} <= set(term) for term in model.mean()):
        return
    seen = np.zeros((len(visits.levels), len(arm.levels)), dtype=bool)
    seen[visits.codes, arm.codes] = True
    for visit, row in zip(visits.levels, seen, strict=True):
        if not row.all():
            absent = ", ".join(level for level, found in zip(arm.levels, row, strict=True) if not found)
            raise BadInput(
                f"At {visit} nobody of arm {absent} has a value.",
                where=f"columns {model.visit}, {model.arm}",
                remedy="The arms cannot be compared there: leave the visit out of the table.",
            )


def _one_each(used: pd.DataFrame, name: str, subjects: Codes, factor: Factor, noun: str) -> None:
    changed = (np.diff(subjects) == 0) & (np.diff(factor.codes) != 0)
    if changed.any():
        place = int(np.flatnonzero(changed)[0]) + 1
        raise BadInput(
            f"A subject is in two {noun}s: {', '.join(factor.levels[k] for k in factor.codes[place - 1 : place + 1])}.",
            where=_where(used.iloc[[place]], name),
            remedy=f"Give every row of a subject the same {noun}.",
        )


def _roots(used: pd.DataFrame, model: Model) -> Array | None:
    """Give the square roots of the weights: a weight divides the variance of its row."""
    if model.weight is None:
        return None
    _numeric(used, model.weight)
    weights = _floats(used[model.weight])
    if (weights <= 0).any():
        raise BadInput("A weight is not above zero.", where=f"column {model.weight}", remedy="Leave such rows out.")
    return np.sqrt(weights)
