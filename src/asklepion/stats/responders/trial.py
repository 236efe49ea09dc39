"""Responders of a trial's table: who responded by a definition that is kept with the number, and how the arms differ.

People whose response is not known are never guessed: they are left out of one count and, in a second one that says so,
taken as not having responded. Both are always given, since the choice can turn a result round.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, factor, floats, named, numeric, where
from asklepion.stats.responders import effects, proportions
from asklepion.stats.responders.change import Changes, Scale, classify
from asklepion.stats.responders.effects import Effect
from asklepion.stats.responders.proportions import Arm, Comparison, Interval, NeededToTreat


class Missing(StrEnum):
    """Who is counted: those whose response is known, or everybody, the unknown as not having responded."""

    LEFT_OUT = "known only"
    NO_RESPONSE = "unknown as no response"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a response is. `rule` is fall (from baseline), share (of the baseline, in per cent), most, least or is."""

    rule: str
    threshold: float
    label: str = ""

    @property
    def words(self) -> str:
        """Say it in words that stand beside every number made with it."""
        return {
            "fall": f"a fall of at least {self.threshold:g} from baseline",
            "share": f"a fall of at least {self.threshold:g}% of the baseline",
            "most": f"a value of at most {self.threshold:g}",
            "least": f"a value of at least {self.threshold:g}",
            "is": f"the value {self.label}",
        }[self.rule]


_FORMS = (
    ("share", re.compile(r"fall>=(\d+(?:\.\d+)?)%")),
    ("fall", re.compile(r"fall>=(\d+(?:\.\d+)?)")),
    ("most", re.compile(r"value<=(-?\d+(?:\.\d+)?)")),
    ("least", re.compile(r"value>=(-?\d+(?:\.\d+)?)")),
)


def definition(text: str) -> Definition:
    """Give a definition from `fall>=50%`, `fall>=10`, `value<=11`, `value>=11` or `value=no`. Raises BadInput.

    >>> definition("fall>=50%").words
    'a fall of at least 50% of the baseline'
    """
    tight = text.replace(" ", "")
    for rule, form in _FORMS:
        if found := form.fullmatch(tight):
            return Definition(rule, float(found[1]))
    if found := re.fullmatch(r"\s*value\s*=\s*(.+?)\s*", text):
        return Definition("is", 0.0, found[1])
    remedy = "Write fall>=50%, fall>=10, value<=11, value>=11 or value=no."
    raise BadInput(f"`{text}` is no definition of a response.", where="definition", remedy=remedy)


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


@dataclass(frozen=True, slots=True)
class Count:
    """Responders of each arm in their order, by one way of counting the unknown."""

    missing: Missing
    arms: tuple[tuple[str, Arm], ...]
    comparisons: tuple[Comparison, ...]
    needed: tuple[NeededToTreat, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Counts by both ways, effect sizes of change (empty where values are labels), reliable change of each arm."""

    definition: str
    people: tuple[tuple[str, int], ...]
    unknown: tuple[tuple[str, int], ...]
    counts: tuple[Count, ...]
    effects: tuple[tuple[str, Effect], ...]
    changes: tuple[tuple[str, Changes], ...]


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
    people = _people(table, question)
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
        _effects(people),
        _changes(people, question),
    )


def _people(table: pd.DataFrame, question: Question) -> _People:
    needs_baseline = question.definition.rule in {"fall", "share"} or question.scale is not None
    columns = [question.subject, question.visit, question.value, question.arm]
    named(table, [*columns, *([question.baseline] if needs_baseline else [])])
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
        known = table[table[question.baseline].notna()].drop_duplicates(question.subject).set_index(question.subject)
        before = known[question.baseline].astype(float)
    order = everybody.index
    first, last = (floats(each.reindex(order)) for each in (before, after))
    told = [each if isinstance(each, str) else None for each in labels.reindex(order)]
    verdicts = tuple(_responded(a, b, c, question.definition) for a, b, c in zip(first, last, told, strict=True))
    return _People(arm.levels, arm.codes, first, last, verdicts)


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
    labels = now[question.value].astype("string")
    if question.definition.rule == "is":
        return pd.Series(np.nan, index=now.index), labels
    numeric(now, question.value)
    return now[question.value].astype(float), labels


def _responded(before: float, after: float, label: str | None, by: Definition) -> bool | None:
    if by.rule == "is":
        return None if label is None else label == by.label
    if np.isnan(after) or (by.rule in {"fall", "share"} and np.isnan(before)):
        return None
    reached = {
        "fall": before - after >= by.threshold,
        "share": before > 0 and before - after >= by.threshold / 100 * before,
        "most": after <= by.threshold,
        "least": after >= by.threshold,
    }
    return bool(reached[by.rule])


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


def _effects(people: _People) -> tuple[tuple[str, Effect], ...]:
    """Give g within each arm, and d and g of change between each arm and the first; nothing where values are labels."""
    change = people.after - people.before
    groups = [~np.isnan(change) & (people.arm == place) for place in range(len(people.levels))]
    if min(int(each.sum()) for each in groups) < 2:
        return ()
    within = [
        (name, effects.within(people.after[mine], people.before[mine]))
        for name, mine in zip(people.levels, groups, strict=True)
    ]
    first = people.levels[0]
    between = [
        (f"{name} against {first}", each)
        for name, mine in zip(people.levels[1:], groups[1:], strict=True)
        for each in effects.between(change[mine], change[groups[0]])
    ]
    return (*within, *between)


def _changes(people: _People, question: Question) -> tuple[tuple[str, Changes], ...]:
    if question.scale is None:
        return ()
    told = classify(people.before, people.after, scale=question.scale, functional=None, criterion="a")
    return tuple(
        (
            name,
            Changes(
                tuple(each for each, at in zip(told.verdicts, people.arm, strict=True) if at == place),
                told.reliable_points,
                told.cutoff,
                told.criterion,
            ),
        )
        for place, name in enumerate(people.levels)
    )
