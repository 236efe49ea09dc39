"""A table of repeated measures, read and checked: what is used, what is left out and why."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.columns import (
    Codes,
    Factor,
    LeftOut,
    complete,
    factor,
    floats,
    is_number,
    named,
    numeric,
    where,
)
from asklepion.stats.mmrm.model import Model

Array = NDArray[np.float64]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Observed:
    """The rows that are used (N), sorted by subject and visit; `places` (N, C) are their coordinates, if any."""

    subjects: Codes
    visits: Factor
    values: Array
    factors: dict[str, Factor]
    numbers: dict[str, Array]
    groups: Factor
    roots: Array | None
    left_out: tuple[LeftOut, ...]
    places: Array | None = None

    @property
    def people(self) -> int:
        return int(self.subjects[-1]) + 1


def read(table: pd.DataFrame, model: Model) -> Observed:
    """Give the rows that can be used. Raises BadInput for what is wrong with the table, with the rows."""
    names = _names(model)
    named(table, names)
    used, left_out = _complete(table, model, names)
    numeric(used, model.value)
    subjects = pd.factorize(used[model.subject])[0].astype(np.intp)
    visits = factor(used[model.visit], model.visits, model.visit)
    _check_visits(table, model, visits)
    order = np.argsort(subjects * len(visits.levels) + visits.codes, kind="stable")
    used, subjects, visits = used.iloc[order], subjects[order], Factor(visits.levels, visits.codes[order])
    _check_doubles(used, model, subjects, visits)
    factors, numbers = _columns(used, model, visits)
    _check_arms(used, model, subjects, factors)
    groups = factor(used[model.group], None, model.group) if model.group else Factor(("",), np.zeros_like(subjects))
    _one_each(used, model.group or "", subjects, groups, "group")
    return Observed(
        subjects,
        visits,
        floats(used[model.value]),
        factors,
        numbers,
        groups,
        _roots(used, model),
        left_out,
        _places(used, model, subjects),
    )


def _names(model: Model) -> list[str]:
    named = [model.subject, model.visit, model.value, *(name for term in model.mean() for name in term)]
    named += [name for name in (model.group, model.weight) if name]
    named += model.coordinates
    return list(dict.fromkeys(named))


def _complete(table: pd.DataFrame, model: Model, names: list[str]) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    for name in (model.subject, model.visit):
        blank = table[name].isna()
        if blank.any():
            raise BadInput("A row says no subject or visit.", where=where(table[blank], name), remedy="Fill it in.")
    rest = [each for each in names if each not in {model.value, model.subject, model.visit}]
    used, left_out = complete(table, [model.value, *rest])
    return used[names], left_out


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
        doubled = [f"{s} at {v}" for s, v in zip(rows[model.subject], rows[model.visit], strict=True)][:_SHOWN]
        raise BadInput(
            f"A visit is recorded twice: {', '.join(doubled)} ({twice.sum()} in all).",
            where=where(rows, model.visit),
            remedy="Keep one row for each subject and visit.",
        )


def _columns(used: pd.DataFrame, model: Model, visits: Factor) -> tuple[dict[str, Factor], dict[str, Array]]:
    """Split the columns of the mean into factors and numbers."""
    factors, numbers = {model.visit: visits}, {}
    for name in dict.fromkeys(name for term in model.mean() for name in term):
        if name == model.visit:
            continue
        if name == model.arm or name in model.factors or not is_number(used[name]):
            levels = factor(used[name], model.arms if name == model.arm else None, name)
            factors[name] = _referred(levels, model, name)
            if len(factors[name].levels) < 2:
                raise BadInput(
                    f"It has one level, {factors[name].levels[0]}.",
                    where=f"column {name}",
                    remedy="Leave it out of the model, or look for the rows of the others.",
                )
        else:
            numeric(used, name)
            numbers[name] = floats(used[name])
    for name, _ in model.references:
        if name not in factors or name == model.visit:
            told = (
                "the visit, whose order is that of the covariance" if name == model.visit else "no factor of the mean"
            )
            remedy = f"Factors are {', '.join(each for each in factors if each != model.visit)}."
            raise BadInput(f"{name} is {told}.", where="references", remedy=remedy)
    return factors, numbers


def _referred(levels: Factor, model: Model, name: str) -> Factor:
    """Put the reference level first, where the model names one."""
    wanted = dict(model.references).get(name)
    if wanted is None:
        return levels
    if wanted not in levels.levels:
        remedy = f"It has {', '.join(levels.levels)}."
        raise BadInput(f"No row has the reference {wanted}.", where=f"column {name}", remedy=remedy)
    order = (wanted, *(level for level in levels.levels if level != wanted))
    place = np.array([order.index(level) for level in levels.levels], dtype=np.intp)
    return Factor(order, place[levels.codes])


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
            where=where(used.iloc[[place]], name),
            remedy=f"Give every row of a subject the same {noun}.",
        )


def _roots(used: pd.DataFrame, model: Model) -> Array | None:
    """Give the square roots of the weights: a weight divides the variance of its row."""
    if model.weight is None:
        return None
    numeric(used, model.weight)
    weights = floats(used[model.weight])
    if (weights <= 0).any():
        raise BadInput("A weight is not above zero.", where=f"column {model.weight}", remedy="Leave such rows out.")
    return np.sqrt(weights)


def _places(used: pd.DataFrame, model: Model, subjects: Codes) -> Array | None:
    """Give the coordinates of rows (N, C). Raises BadInput where a subject is twice at one place."""
    if not model.coordinates:
        return None
    for name in model.coordinates:
        numeric(used, name)
    places = np.column_stack([floats(used[name]) for name in model.coordinates])
    rows = pd.DataFrame(np.column_stack([subjects, places])).duplicated().to_numpy()
    if rows.any():
        named = ", ".join(model.coordinates)
        raise BadInput(
            "A subject has two rows at one place, which no correlation below one can tell apart.",
            where=where(used[rows], named),
            remedy="Keep one of them, or give the coordinate that tells them apart.",
        )
    return places
