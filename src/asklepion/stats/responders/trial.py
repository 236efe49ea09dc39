"""Responders of a trial's table: who responded by a definition that is kept with the number, and how the arms differ.

People whose response is not known are never guessed: they are left out of one count and, in a second one that says so,
taken as not having responded. Both are always given, since the choice can turn a result round.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, factor, floats, named, numeric, where
from asklepion.stats.responders import effects, proportions
from asklepion.stats.responders.change import Changes, classify
from asklepion.stats.responders.definition import Definition, responded
from asklepion.stats.responders.effects import Effect
from asklepion.stats.responders.expected import Method
from asklepion.stats.responders.proportions import Arm, Comparison, Interval, NeededToTreat
from asklepion.stats.responders.scale import Scale


class Missing(StrEnum):
    """Who is counted: those whose response is known, or everybody, the unknown as not having responded."""

    LEFT_OUT = "known only"
    NO_RESPONSE = "unknown as no response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which columns, which visit, and what a response is."""

    definition: Definition
    visit_is: str
    subject: str = "USUBJID"
    visit: str = "AVISIT"
    value: str = "AVAL"
    baseline: str = "BASE"
    arm: str = "TRT01P"
    arms: tuple[str, ...] | None = None
    scale: Scale | None = None
    reliable_by: Method = Method.JACOBSON_TRUAX


@dataclass(frozen=True, slots=True)
class Count:
    """Responders of each arm in their order, by one way of counting the unknown."""

    missing: Missing
    arms: tuple[tuple[str, Arm], ...]
    comparisons: tuple[Comparison, ...]
    needed: tuple[NeededToTreat, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Counts by both ways, effect sizes of change, reliable change of each arm.

    `without` says which effect sizes have no number, and why; where values are labels there are none to tell.
    """

    definition: str
    people: tuple[tuple[str, int], ...]
    unknown: tuple[tuple[str, int], ...]
    counts: tuple[Count, ...]
    effects: tuple[tuple[str, Effect], ...]
    changes: tuple[tuple[str, Changes], ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _People:
    """One person a place: arm, baseline and value (NaN where there is none), and response (None where unknown)."""

    levels: tuple[str, ...]
    arm: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    before: Array
    after: Array
    responded: tuple[bool | None, ...]


def respond(table: pd.DataFrame, question: Question) -> Answer:
    """Give responders and effect sizes at one visit. Everybody in the table counts as a person of their arm.

    Raises BadInput, with the rows, for a visit that nobody attended, a subject in two arms or twice at the visit.
    """
    if question.scale is not None and question.definition.rule == "is":
        raise BadInput("Labels have no reliable change.", where="reliability", remedy="Leave the reliability out.")
    people = _people(table, question)
    effects_told, without = _effects(people)
    sizes = [int((people.arm == place).sum()) for place in range(len(people.levels))]
    unknown = [
        sum(each is None for each, at in zip(people.responded, people.arm, strict=True) if at == place)
        for place in range(len(people.levels))
    ]
    return Answer(
        question.definition.words,
        tuple(zip(people.levels, sizes, strict=True)),
        tuple(zip(people.levels, unknown, strict=True)),
        tuple(_count(people, missing, question.definition.words) for missing in Missing),
        effects_told,
        _changes(people, question),
        without,
    )


def _people(table: pd.DataFrame, question: Question) -> _People:
    needs_baseline = question.definition.rule in {"fall", "share"} or question.scale is not None
    columns = [question.subject, question.visit, question.value, question.arm]
    named(table, [*columns, *([question.baseline] if needs_baseline else [])])
    if len({question.subject, question.visit, question.value, question.arm}) < 4:
        raise BadInput("One column is named for two things.", where="columns", remedy="Name another one.")
    for name in (question.subject, question.arm):
        if table[name].isna().any():
            raise BadInput("It is empty.", where=where(table[table[name].isna()], name), remedy="Fill it in.")
    _one_arm(table, question)
    everybody = table.drop_duplicates(question.subject).set_index(question.subject)
    arm = factor(everybody[question.arm], question.arms, question.arm)
    seen = table[(table[question.visit].astype("string") == question.visit_is) & table[question.value].notna()]
    _seen_once(table, seen, question)
    now = seen.set_index(question.subject)
    after, labels = _values(now, question)
    before = pd.Series(np.nan, index=everybody.index)
    if needs_baseline:
        numeric(table[table[question.baseline].notna()], question.baseline)
        before = _baselines(table, question)
    order = everybody.index
    first, last = (floats(each.reindex(order)) for each in (before, after))
    told = [each if isinstance(each, str) else None for each in labels.reindex(order)]
    verdicts = tuple(responded(a, b, c, question.definition) for a, b, c in zip(first, last, told, strict=True))
    return _People(arm.levels, arm.codes, first, last, verdicts)


def _baselines(table: pd.DataFrame, question: Question) -> "pd.Series[float]":
    known = table[table[question.baseline].notna()].drop_duplicates([question.subject, question.baseline])
    twice = known[question.subject].duplicated(keep=False)
    if twice.any():
        who = known[question.subject][twice].iloc[0]
        rows = known[(known[question.subject] == who).to_numpy()]
        remedy = "Give every row of a subject the same baseline."
        raise BadInput(f"{who} has two baselines.", where=where(rows, question.baseline), remedy=remedy)
    return known.set_index(question.subject)[question.baseline].astype(float)


def _one_arm(table: pd.DataFrame, question: Question) -> None:
    arms = table.groupby(question.subject, observed=True)[question.arm].nunique()
    if (arms > 1).any():
        who = arms.index[arms > 1][0]
        rows = table[(table[question.subject] == who).to_numpy()]
        remedy = "Give every row of a subject the same arm."
        raise BadInput(f"Subject {who} is in two arms.", where=where(rows, question.arm), remedy=remedy)


def _seen_once(table: pd.DataFrame, seen: pd.DataFrame, question: Question) -> None:
    if seen.empty:
        known = ", ".join(dict.fromkeys(table[question.visit].dropna().astype(str)))
        what = f"Nobody has a value at {question.visit_is}."
        raise BadInput(what, where=f"column {question.visit}", remedy=f"It holds {known}.")
    twice = seen[question.subject].duplicated()
    if twice.any():
        rows = seen[twice.to_numpy()]
        who = rows[question.subject].iloc[0]
        remedy = "Keep one row for each subject and visit."
        raise BadInput(f"{who} stands twice at the visit.", where=where(rows, question.visit), remedy=remedy)


def _values(now: pd.DataFrame, question: Question) -> "tuple[pd.Series[float], pd.Series[str]]":
    labels = now[question.value].map(_label).astype("string")
    if question.definition.rule == "is":
        if not (labels == question.definition.label).any():
            found = ", ".join(sorted(set(labels.dropna()))[:8])
            what = f"Nobody's value is {question.definition.label} at {question.visit_is}."
            raise BadInput(what, where=f"column {question.value}", remedy=f"It holds {found}.")
        return pd.Series(np.nan, index=now.index), labels
    numeric(now, question.value)
    return now[question.value].astype(float), labels


def _label(value: object) -> str | None:
    """Give a label as it is written in a file: a whole number without a point, though others of it are missing."""
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _count(people: _People, missing: Missing, words: str) -> Count:
    arms = []
    for place, name in enumerate(people.levels):
        mine = [each for each, at in zip(people.responded, people.arm, strict=True) if at == place]
        known = [each for each in mine if each is not None] if missing is Missing.LEFT_OUT else mine
        if not known:
            what = f"Of arm {name} nobody's response is known."
            raise BadInput(what, where="arm", remedy="Look at the visit and the baseline.")
        arms.append((name, Arm(sum(each is True for each in known), len(known))))
    (_, control), *others = arms
    told = f"{words}, {missing}"
    compared = [
        (
            proportions.difference(arm, control, definition=told),
            proportions.difference(arm, control, definition=told, interval=Interval.SCORE),
            proportions.ratio(arm, control, definition=told),
            proportions.odds_ratio(arm, control, definition=told),
        )
        for _, arm in others
    ]
    needed = tuple(proportions.needed_to_treat(first) for first, *_ in compared)
    return Count(missing, tuple(arms), tuple(each for four in compared for each in four), needed)


def _effects(people: _People) -> tuple[tuple[tuple[str, Effect], ...], tuple[str, ...]]:
    """Give g within each arm, and d and g of change between each arm and the first; and which have no number."""
    change = people.after - people.before
    if np.isnan(change).all():
        return (), ()
    mine = {name: ~np.isnan(change) & (people.arm == place) for place, name in enumerate(people.levels)}
    first, *others = people.levels
    told: list[tuple[str, Effect]] = []
    without: list[str] = []

    def tell(label: str, make: Callable[[], tuple[Effect, ...]]) -> None:
        try:
            told.extend((label, each) for each in make())
        except BadInput as error:
            without.append(f"{label}: {error.what}")

    for name, who in mine.items():
        tell(name, lambda who=who: (effects.within(people.after[who], people.before[who]),))  # type: ignore[misc]
    for name in others:
        tell(f"{name} against {first}", lambda name=name: effects.between(change[mine[name]], change[mine[first]]))  # type: ignore[misc]
    return tuple(told), tuple(without)


def _changes(people: _People, question: Question) -> tuple[tuple[str, Changes], ...]:
    if question.scale is None:
        return ()
    told = classify(
        people.before, people.after, scale=question.scale, functional=None, criterion="a", method=question.reliable_by
    )
    verdicts = [
        tuple(each for each, at in zip(told.verdicts, people.arm, strict=True) if at == place)
        for place in range(len(people.levels))
    ]
    return tuple((name, replace(told, verdicts=mine)) for name, mine in zip(people.levels, verdicts, strict=True))
