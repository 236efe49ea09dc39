"""Times to an event, read and checked: a row a person, a time, and whether the event was seen or it was censored."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Factor, LeftOut, complete, factor, floats, is_number, named, numeric, where

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column is what; the defaults are ADTTE's. `event_is` are the labels of `event` that mean it was seen.

    ADaM's CNSR is 0 for an event and larger for a censored time, so `event_is` is ("0",) by default. `strata` and
    `covariates` are further columns; a covariate named in `factors`, or that holds text, is taken as levels.
    """

    time: str = "AVAL"
    event: str = "CNSR"
    event_is: tuple[str, ...] = ("0",)
    arm: str = "TRT01P"
    arms: tuple[str, ...] | None = None
    subject: str | None = "USUBJID"
    strata: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Followed:
    """N people: their time (N,), whether the event was seen (N,), arm, stratum, and covariates by name (N,)."""

    times: Array
    events: Flags
    arm: Factor
    stratum: Factor
    covariates: tuple[tuple[str, Array], ...]
    left_out: tuple[LeftOut, ...]

    @property
    def people(self) -> int:
        return len(self.times)


def read(table: pd.DataFrame, columns: Columns | None = None) -> Followed:
    """Give who was followed for how long. Raises BadInput, with the rows, for what cannot be taken as it is.

    Left out and counted: rows in which the time, the event, the arm, a stratum or a covariate is missing. Refused: a
    subject twice, a time below zero, no event label that means an event, an arm with one person.
    """
    model = columns or Columns()
    needed = [model.time, model.event, model.arm, *model.strata, *model.covariates]
    named(table, [*needed, *([model.subject] if model.subject else [])])
    _once_each(table, model)
    used, left_out = complete(table, needed)
    numeric(used, model.time)
    times = floats(used[model.time])
    if (times < 0).any():
        raise BadInput("A time is below zero.", where=where(used[times < 0], model.time), remedy="Correct it.")
    arm = factor(used[model.arm], model.arms, model.arm)
    _two_each(arm, model)
    return Followed(times, _events(used, model), arm, _stratum(used, model), _covariates(used, model), left_out)


def _once_each(table: pd.DataFrame, model: Columns) -> None:
    if model.subject is None:
        return
    empty = table[model.subject].isna()
    if empty.any():
        place = where(table[empty.to_numpy()], model.subject)
        raise BadInput("It is empty.", where=place, remedy="Fill it in, or leave the row out.")
    twice = table[model.subject].duplicated(keep="first") & table[model.subject].notna()
    if twice.any():
        raise BadInput(
            f"{twice.sum()} subjects stand in it twice.",
            where=where(table[twice.to_numpy()], model.subject),
            remedy="Keep one row for each subject: choose one PARAMCD first.",
        )


def _events(used: pd.DataFrame, model: Columns) -> Flags:
    labels = used[model.event].map(_event)
    seen = labels.isin([_event(each) for each in model.event_is]).to_numpy(dtype=bool)
    if not seen.any():
        found = ", ".join(sorted(set(labels))[:5])
        raise BadInput(
            f"No row's {model.event} is {' or '.join(model.event_is)}: nobody had the event.",
            where=f"column {model.event}",
            remedy=f"It holds {found}. Say which of them means that the event was seen.",
        )
    return np.asarray(seen)


def _label(value: object) -> str:
    """Give a label as it is written in a file: 1.0 and 1 are the same."""
    return str(int(value)) if isinstance(value, float | int) and float(value).is_integer() else str(value)


def _event(value: object) -> str:
    """Give an event's label: a number as a whole one however it is written, and a truth value as a word."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    text = _label(value).strip()
    return text.removesuffix(".0") if text.removesuffix(".0").isdigit() else text


def _two_each(arm: Factor, model: Columns) -> None:
    for level, people in zip(arm.levels, np.bincount(arm.codes, minlength=len(arm.levels)), strict=True):
        if people < 2:
            raise BadInput(
                f"Arm {level} has one person.",
                where=f"column {model.arm}",
                remedy="An arm of one gives no estimate: leave it out or join it to another.",
            )


def _stratum(used: pd.DataFrame, model: Columns) -> Factor:
    if not model.strata:
        return Factor(("",), np.zeros(len(used), dtype=np.intp))
    joined = used[list(model.strata)].map(_label).agg(", ".join, axis=1)
    return factor(joined, None, ", ".join(model.strata))


def _covariates(used: pd.DataFrame, model: Columns) -> tuple[tuple[str, Array], ...]:
    found: list[tuple[str, Array]] = []
    for name in model.covariates:
        if name in model.factors or not is_number(used[name]):
            levels = factor(used[name], None, name)
            found += [
                (f"{name} {level} against {levels.levels[0]}", (levels.codes == place).astype(np.float64))
                for place, level in enumerate(levels.levels)
                if place
            ]
        else:
            numeric(used, name)
            found.append((name, floats(used[name])))
    return tuple(found)
