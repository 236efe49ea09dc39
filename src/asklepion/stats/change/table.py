"""A long table of measures, a row for each person, session and measure, compared before and after."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.change.compare import Compared, independent, paired, settled
from asklepion.stats.columns import factor, named, numeric, where

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which sessions and columns, and how many relabelings. With `group`, changes of two groups are compared."""

    before: str
    after: str
    group: str | None = None
    groups: tuple[str, ...] | None = None
    subject: str = "participant_id"
    session: str = "session"
    measure: str = "measure"
    value: str = "value"
    unit: str = "unit"
    permutations: int = 10_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """What was compared in words, each measure with its unit, and what was left out."""

    words: str
    measures: tuple[Compared, ...]
    units: tuple[str, ...]
    left_out: tuple[str, ...]


def changed(table: pd.DataFrame, asked: Asked) -> Changed:
    """Compare every measure. Raises BadInput, with the rows, for a value twice, two units, or groups other than two.

    A measure that fewer than two people have at both sessions is left out by name.
    """
    needed = [asked.subject, asked.session, asked.measure, asked.value, *([asked.group] if asked.group else [])]
    named(table, needed)
    _check(table, asked, needed)
    rows = table[table[asked.session].isin([asked.before, asked.after])]
    for session in (asked.before, asked.after):
        if not (rows[asked.session] == session).any():
            known = ", ".join(dict.fromkeys(table[asked.session].dropna().astype(str)))
            what = f"There is no session {session}."
            raise BadInput(what, where=f"column {asked.session}", remedy=f"It holds {known}.")
    rows = rows[rows[asked.value].notna()]
    numeric(rows, asked.value)
    twice = rows.duplicated([asked.subject, asked.session, asked.measure])
    if twice.any():
        place = where(rows[twice], asked.measure)
        raise BadInput("A measure stands twice.", where=place, remedy="Keep one for each person and session.")
    last, first, lost = _pairs(rows, asked)
    names = [str(name) for name in last.columns]
    units = tuple(_unit(rows, name, asked) for name in names)
    if asked.group is None:
        told = paired(last, first, names=names, permutations=asked.permutations, seed=asked.seed)
        return Changed(f"{asked.after} less {asked.before}", told, units, lost)
    gaps = (last - first).to_numpy(np.float64)
    one, other, words = _groups(table, last.index, asked)
    values = np.concatenate([last, first])
    groups = [settled(gaps[mine], values) for mine in (one, other)]
    known = np.array([(~np.isnan(each)).sum(axis=0) for each in groups]).min(axis=0)
    kept = known >= 2
    if not kept.any():
        what = "No measure is known of two people of each group."
        raise BadInput(what, where=f"column {asked.group}", remedy="A spread needs two: look at the groups.")
    lost += tuple(
        f"{name} left out: a group has {n} with both sessions." for name, n in zip(names, known, strict=True) if n < 2
    )
    some = [name for name, good in zip(names, kept, strict=True) if good]
    told = independent(
        *(each[:, kept] for each in groups), names=some, permutations=asked.permutations, seed=asked.seed
    )
    return Changed(words, told, tuple(unit for unit, good in zip(units, kept, strict=True) if good), lost)


def _check(table: pd.DataFrame, asked: Asked, needed: list[str]) -> None:
    """Raise BadInput for a column named twice, one session compared with itself, and rows of nobody or nothing."""
    twice = [name for name in needed if needed.count(name) > 1]
    if twice:
        raise BadInput("One column is named for two things.", where=f"column {twice[0]}", remedy="Name another one.")
    if asked.before == asked.after:
        raise BadInput(f"{asked.after} is both sessions.", where="before, after", remedy="Name two.")
    for name in (asked.subject, asked.measure):
        empty = table[name].isna()
        if empty.any():
            raise BadInput("It is empty.", where=where(table[empty], name), remedy="Fill it in, or leave the row out.")


def _pairs(rows: pd.DataFrame, asked: Asked) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Give values after and before (people, measures), and what too few people have."""
    order = list(dict.fromkeys(rows[asked.measure].astype(str)))
    people = list(dict.fromkeys(rows[asked.subject]))
    last, first = (
        rows[rows[asked.session] == session]
        .pivot(index=asked.subject, columns=asked.measure, values=asked.value)
        .astype(float)
        .reindex(index=people, columns=order)
        for session in (asked.after, asked.before)
    )
    both = (last.notna() & first.notna()).sum()
    few = [name for name in order if both[name] < 2]
    kept = [name for name in order if both[name] >= 2]
    if not kept:
        what = "No measure is known of two people at both sessions."
        raise BadInput(what, where=f"column {asked.subject}", remedy="Look at the names of people and sessions.")
    words = tuple(f"{name} left out: {both[name]} with both sessions." for name in few)
    return last[kept], first[kept], words


def _unit(rows: pd.DataFrame, name: str, asked: Asked) -> str:
    if asked.unit not in rows.columns:
        return ""
    found = list(dict.fromkeys(rows.loc[rows[asked.measure] == name, asked.unit].dropna().astype(str)))
    if len(found) > 1:
        what = f"{name} stands in {' and '.join(found)}."
        raise BadInput(what, where=f"column {asked.unit}", remedy="Bring it to one unit first.")
    return found[0] if found else ""


def _groups(table: pd.DataFrame, people: "pd.Index[str]", asked: Asked) -> tuple[Flags, Flags, str]:
    """Give who is of the second group and who of the first, and what is compared."""
    assert asked.group is not None
    of = table.dropna(subset=[asked.group]).drop_duplicates([asked.subject, asked.group])
    doubled = of[asked.subject].duplicated()
    if doubled.any():
        who = of[asked.subject][doubled].iloc[0]
        remedy = "Give every row of a person the same group."
        raise BadInput(f"{who} is in two groups.", where=where(of[doubled], asked.group), remedy=remedy)
    kept = of.set_index(asked.subject)[asked.group].reindex(people)
    if kept.isna().any():
        who = kept.index[kept.isna()][0]
        raise BadInput(f"{who} is in no group.", where=f"column {asked.group}", remedy="Fill it in.")
    found = factor(kept, asked.groups, asked.group)
    if len(found.levels) != 2:
        what = f"There are {len(found.levels)} groups: {', '.join(found.levels)}."
        raise BadInput(what, where=f"column {asked.group}", remedy="Two can be compared: leave the others out.")
    words = f"change of {found.levels[1]} less change of {found.levels[0]}"
    return np.asarray(found.codes == 1), np.asarray(found.codes == 0), words
