"""A trial as people by visits: what was seen, which event came when, and who is left out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Codes, Factor, LeftOut, floats, named, where
from asklepion.stats.missing.plan import Plan, Strategy, strategy
from asklepion.stats.mmrm import table as panel

Array = NDArray[np.float64]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """People (n) in an order that depends on their data alone, not on rows or labels; visits (J).

    `values` (n, J) is not a number where nothing was seen. `events` (n,) is the place of the first visit after an
    event, J where there is none; `own` (n,) the strategy that the table of events gives, None where it gives none.
    `people` holds a row of factors and numbers for each; `reference` is the reference arm's place among `arms`.
    """

    labels: tuple[str, ...]
    visits: tuple[str, ...]
    arms: Factor
    reference: int
    people: panel.Observed
    rows: pd.DataFrame
    values: Array
    events: Codes
    own: tuple[Strategy | None, ...]
    given: bool
    left_out: tuple[LeftOut, ...]

    @property
    def seen(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.values)


def read(data: pd.DataFrame, plan: Plan, events: pd.DataFrame | None = None) -> Trial:
    """Give the trial. A subject without a single value stays, to be imputed; one without a covariate is left out.

    Without a table of events a subject's event is the first visit after the last one at which anything was seen; a
    gap before it is no event. With one (columns of subject and visit named as in `data`, `STRATEGY` if wanted) the
    events are those in it and no others. Raises BadInput for what is wrong with either, with the rows.
    """
    used, left_out = _with_covariates(data, plan)
    _check_arms(used, plan)
    observed = panel.read(used, plan.model)
    if plan.model.arm not in observed.factors:
        raise BadInput("The arm is not in the mean.", where="terms", remedy="Strategies need it: add it to the terms.")
    first = _one_each(used, plan, observed)
    values = _values(used, first, plan, observed)
    order = _canonical(first, values, plan, observed)
    first, values = first.iloc[order], values[order]
    labels = tuple(str(each) for each in first[plan.model.subject])
    arms = _coded(first, plan.model.arm, observed)
    reference = _reference(plan, arms)
    when, own = _rule(values) if events is None else _events(events, labels, plan, observed)
    people = _people(first, plan, observed)
    kept = used[used[plan.model.value].notna()]
    return Trial(
        labels, observed.visits.levels, arms, reference, people, kept, values, when, own, events is not None, left_out
    )


def _check_doubles(data: pd.DataFrame, plan: Plan) -> None:
    twice = data.duplicated([plan.model.subject, plan.model.visit])
    if twice.any():
        rows = data[twice]
        who = [f"{s} at {v}" for s, v in zip(rows[plan.model.subject], rows[plan.model.visit], strict=True)][:_SHOWN]
        raise BadInput(
            f"A visit is recorded twice: {', '.join(who)} ({len(rows)} in all).",
            where=where(rows, plan.model.visit),
            remedy="Keep one row for each subject and visit.",
        )


def _covariates(plan: Plan) -> list[str]:
    """Give the columns that must be known of every subject."""
    names = [name for term in plan.model.mean() for name in term if name != plan.model.visit]
    names += [plan.model.arm, *([plan.model.group] if plan.model.group else [])]
    names += [each for each in (plan.model.baseline, *plan.model.covariates) if each]
    return list(dict.fromkeys(names))


def _with_covariates(data: pd.DataFrame, plan: Plan) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """Give the rows of subjects of whom every covariate is known, with covariates filled in from their other rows."""
    names = _covariates(plan)
    named(data, [plan.model.subject, plan.model.visit, plan.model.value, *names])
    for name in (plan.model.subject, plan.model.visit):
        blank = data[name].isna()
        if blank.any():
            raise BadInput("A row says no subject or visit.", where=where(data[blank], name), remedy="Fill it in.")
    _check_doubles(data, plan)
    filled = data.copy()
    filled[names] = data.groupby(plan.model.subject, sort=False, observed=True)[names].transform("first")
    left_out, kept = [], np.ones(len(data), dtype=bool)
    for name in names:
        lost = kept & filled[name].isna().to_numpy()
        if lost.any():
            who = data.loc[lost, plan.model.subject].astype(str).unique()
            told = ", ".join(who[:_SHOWN]) + (f" and {len(who) - _SHOWN} more" if len(who) > _SHOWN else "")
            left_out.append(LeftOut(f"{name} is not known of {told}", int(lost.sum())))
            kept &= ~lost
    for name in names:
        changed = data[name].notna() & (data[name] != filled[name]) & kept
        if changed.any():
            raise BadInput(
                f"{name} changes from visit to visit of a subject.",
                where=where(data[changed], name),
                remedy="What is imputed needs one value a subject: correct it, or leave the column out.",
            )
    return filled[kept], tuple(left_out)


def _check_arms(used: pd.DataFrame, plan: Plan) -> None:
    first = used.drop_duplicates(plan.model.subject)
    arm = first[plan.model.arm].astype(str)
    for level, count in arm.value_counts().items():
        if count < 2:
            raise BadInput(
                f"Arm {level} has one subject.",
                where=where(first[arm == level], plan.model.arm),
                remedy="An arm of one gives no estimate: leave it out or join it to another.",
            )


def _one_each(used: pd.DataFrame, plan: Plan, observed: panel.Observed) -> pd.DataFrame:
    first = used.drop_duplicates(plan.model.subject)
    for name in _covariates(plan):
        if name in observed.factors:
            stray = ~first[name].astype(str).isin(observed.factors[name].levels)
            if stray.any():
                raise BadInput(
                    f"Nobody of {first.loc[stray, name].iloc[0]} has a value.",
                    where=where(first[stray], name),
                    remedy="Leave these subjects out of the table: nothing is known of such as they.",
                )
    return first


def _values(used: pd.DataFrame, first: pd.DataFrame, plan: Plan, observed: panel.Observed) -> Array:
    place = places(tuple(first[plan.model.subject].astype(str)), used[plan.model.subject])
    when = places(observed.visits.levels, used[plan.model.visit])
    values = np.full((len(first), len(observed.visits.levels)), np.nan)
    values[place, when] = floats(used[plan.model.value])
    return values


def _canonical(first: pd.DataFrame, values: Array, plan: Plan, observed: panel.Observed) -> Codes:
    """Give an order of people by their data, so that neither rows nor labels change what a seed draws."""
    keys = [*np.nan_to_num(values, nan=np.inf).T[::-1]]
    for name in _covariates(plan):
        keys.append(_coded(first, name, observed).codes if name not in observed.numbers else floats(first[name]))
    return np.lexsort(keys)


def _coded(first: pd.DataFrame, name: str, observed: panel.Observed) -> Factor:
    known = observed.factors.get(name)
    levels = tuple(sorted(first[name].astype(str).unique())) if known is None else known.levels
    return Factor(levels, places(levels, first[name]))


def places(levels: tuple[str, ...], column: "pd.Series[str]") -> Codes:
    """Give the place of each label among levels; -1 for one that is not there."""
    return np.asarray(pd.Index(levels).get_indexer(pd.Index(column.astype(str))), dtype=np.intp)


def _reference(plan: Plan, arms: Factor) -> int:
    asked = [(plan.reference, "reference")] if plan.reference is not None else []
    for name, place in (*asked, *((each, "deltas") for each in plan.deltas)):
        if name not in arms.levels:
            told = f"The table has {', '.join(arms.levels)}."
            raise BadInput(f"There is no arm {name}.", where=place, remedy=told)
    return 0 if plan.reference is None else arms.levels.index(plan.reference)


def _people(first: pd.DataFrame, plan: Plan, observed: panel.Observed) -> panel.Observed:
    factors = {
        name: _coded(first, name, observed) for name in observed.factors if name != plan.model.visit
    } | {plan.model.visit: Factor(observed.visits.levels, np.zeros(len(first), dtype=np.intp))}  # fmt: skip
    numbers = {name: floats(first[name]) for name in observed.numbers}
    groups = observed.groups
    codes = np.zeros(len(first), dtype=np.intp)
    if plan.model.group:
        codes = places(groups.levels, first[plan.model.group])
    return panel.Observed(
        np.arange(len(first)), factors[plan.model.visit], np.zeros(len(first)), factors, numbers,
        Factor(groups.levels, codes), None, (),
    )  # fmt: skip


def _rule(values: Array) -> tuple[Codes, tuple[None, ...]]:
    """Give the visit after the last one at which anything was seen."""
    seen = ~np.isnan(values)
    visits = values.shape[1]
    last = np.where(seen.any(axis=1), visits - np.argmax(seen[:, ::-1], axis=1), 0)
    return last.astype(np.intp), (None,) * len(values)


def _events(
    events: pd.DataFrame, labels: tuple[str, ...], plan: Plan, observed: panel.Observed
) -> tuple[Codes, tuple[Strategy | None, ...]]:
    subject, visit = plan.model.subject, plan.model.visit
    named(events, [subject, visit])
    _refuse(events, events[subject].isna() | events[visit].isna(), subject, "An event says no subject or visit.")
    who, when = events[subject].astype(str), events[visit].astype(str)
    _refuse(events, ~who.isin(labels), subject, "An event is of a subject who is not in the table, or left out of it:")
    _refuse(events, ~when.isin(observed.visits.levels), visit, "An event is at a visit that the table has not:")
    _refuse(events, who.duplicated(), subject, "A subject has two events; give the first one only:")
    place = places(labels, who)
    result = np.full(len(labels), len(observed.visits.levels), dtype=np.intp)
    result[place] = places(observed.visits.levels, when)
    own: list[Strategy | None] = [None] * len(labels)
    if "STRATEGY" in events.columns:
        for at, given, row in zip(place, events["STRATEGY"], events.index, strict=True):
            if pd.notna(given):
                try:
                    own[at] = strategy(str(given))
                except BadInput as error:
                    place_of = f"column STRATEGY, {events.index.name or 'index'} {row}"
                    raise BadInput(error.what, where=place_of, remedy=error.remedy) from error
    return result, tuple(own)


def _refuse(events: pd.DataFrame, wrong: "pd.Series[bool]", name: str, what: str) -> None:
    if wrong.any():
        found = ", ".join(events.loc[wrong, name].astype(str).unique()[:_SHOWN])
        told = what if what.endswith(".") else f"{what} {found}."
        raise BadInput(told, where=f"events, {where(events[wrong], name)}", remedy="Correct the table of events.")
