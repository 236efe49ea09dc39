"""Values of many people side by side: by occasion and group, changes from one's own baseline, two levels compared."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from asklepion.flows.recordings.dataset import Recording
from asklepion.flows.recordings.plan import Compare, Plan
from asklepion.flows.recordings.results import Result
from asklepion.paper.cohort import Column
from asklepion.stats import change
from asklepion.stats.change import Compared as MeasureCompared
from asklepion.stats.means import Mean, mean

Key = tuple[str, str]
Values = list[float | None]
Occasion = tuple[tuple[str, str], ...]
_WORDS = {"ses": "session", "acq": "acquisition", "seg": "parcels"}
# Not what a recording is of, but what was made of it, or who it is of.
_NO_OCCASION = ("sub", "desc", "stat")


@dataclass(frozen=True, slots=True)
class Told:
    """A result with the group of its person, the occasion that it is of, and the result that it is told from."""

    result: Result
    occasion: Occasion
    before: Result | None = field(default=None)

    @property
    def person(self) -> str:
        return self.result.recording.person

    @property
    def group(self) -> str:
        return self.result.recording.group

    def value(self, key: Key) -> float | None:
        return self.result.value(key)

    def change(self, key: Key) -> float | None:
        """Return the difference from one's own baseline; None where one of the two has no number."""
        after, before = self.value(key), self.before.value(key) if self.before else None
        return None if after is None or before is None else after - before


def told(found: Sequence[Result], before: Mapping[Recording, Recording]) -> list[Told]:
    """Return results of one modality with their occasions: the entities in which the recordings differ."""
    varying = _varying([each.recording for each in found])
    by_recording = {each.recording: each for each in found}
    return [
        Told(
            each,
            tuple((key, each.recording.name.get(key)) for key in varying),
            by_recording.get(before[each.recording]) if each.recording in before else None,
        )
        for each in found
    ]


def words(occasion: Iterable[tuple[str, str]]) -> str:
    """Return an occasion as people say it.

    >>> words((("ses", "after"), ("run", "1")))
    'session after, run 1'
    """
    return ", ".join(f"{_WORDS.get(key, key)} {value or 'none'}" for key, value in occasion)


def keys(found: Iterable[Told]) -> list[Key]:
    """Return every measure and part that any recording gave, in the order in which they first stand."""
    return list(dict.fromkeys(key for each in found for key in each.result.rows))


def wholes(found: Iterable[Told]) -> list[Key]:
    """Return the measures that are not one of many parts: of the whole, or a name that only one part bears."""
    every = keys(found)
    times = Counter(name for name, _ in every)
    return [key for key in every if not key[1] or times[key[0]] == 1]


def groups(found: Iterable[Told], plan: Plan) -> tuple[str, ...]:
    """Return the groups in the plan's order, then others in that of the alphabet."""
    there = {each.group for each in found}
    first = plan.groups.order if plan.groups else ()
    return (*(each for each in first if each in there), *sorted(there - set(first)))


def columns(found: Sequence[Told], key: Key, plan: Plan) -> tuple[Column, ...]:
    """Return the values of a measure by group and occasion.

    Neighbours of one group are joined where they are of a baseline and what is told from it; without a baseline, all.
    """
    places: dict[tuple[int, Occasion], list[Told]] = {}
    order = groups(found, plan)
    for each in found:
        places.setdefault((order.index(each.group), each.occasion), []).append(each)
    told: list[Column] = []
    based = any(each.before for each in found)
    last: tuple[int, Occasion] | None = None
    for (group, occasion), those in sorted(places.items()):
        points = tuple((each.person, value) for each in those if (value := each.value(key)) is not None)
        without = tuple(each.person for each in those if each.value(key) is None)
        lines = tuple(part for part in (order[group], *words(occasion).split(", ")) if part) or ("all",)
        neighbours = last is not None and last[0] == group
        joined = neighbours and last is not None and (not based or _from(those, places[last]))
        told.append(Column(lines, group, points, _mean([value for _, value in points]), without, joined))
        last = (group, occasion)
    return tuple(told)


def _from(those: Sequence[Told], before: Sequence[Told]) -> bool:
    """Say whether recordings are told from those before, or from the same baselines."""
    own = {each.before.recording for each in those if each.before}
    there = {each.result.recording for each in before} | {each.before.recording for each in before if each.before}
    return bool(own & there)


@dataclass(frozen=True, slots=True)
class Compared:
    """A difference of many measures at once: what it is, and each measure's."""

    words: str
    by_key: Mapping[Key, MeasureCompared] = field(hash=False)


def contrasts(found: Sequence[Told], among: Sequence[Key], plan: Plan) -> tuple[Compared, ...]:
    """Return changes from the baseline by group and occasion, then the comparison that the plan asks for.

    p is corrected for the measures `among`, in each difference by itself.
    """
    if not among:
        return ()
    return (*_changes(found, among, plan), *(_levels(found, among, plan.compare) if plan.compare else ()))


def _changes(found: Sequence[Told], among: Sequence[Key], plan: Plan) -> Iterable[Compared]:
    places: dict[tuple[str, Occasion], list[Told]] = {}
    for each in found:
        if each.before:
            places.setdefault((each.group, each.occasion), []).append(each)
    order = groups(found, plan)
    for (group, occasion), those in sorted(places.items(), key=lambda item: (order.index(item[0][0]), item[0][1])):
        after = [[each.value(key) for key in among] for each in those]
        before = [[each.before.value(key) if each.before else None for key in among] for each in those]
        named = ", ".join(part for part in (group, words(occasion)) if part)
        yield _named(f"Change from baseline{f': {named}' if named else ''}", among, within=(after, before))


def _levels(found: Sequence[Told], among: Sequence[Key], compare: Compare) -> Iterable[Compared]:
    """Return the second level less the first: of changes where there is a baseline, else of values."""
    changed = any(each.before for each in found)
    places: dict[Occasion, dict[str, dict[str, Values]]] = {}
    for each in found:
        level = each.group if compare.by == "group" else dict(each.occasion).get(compare.by, "")
        if level in compare.levels and (each.before or not changed):
            rest = tuple(pair for pair in each.occasion if pair[0] != compare.by)
            values = [each.change(key) if changed else each.value(key) for key in among]
            places.setdefault(rest, {}).setdefault(level, {})[each.person] = values
    first, second = compare.levels
    for rest, levels in sorted(places.items()):
        one, other = levels.get(first, {}), levels.get(second, {})
        how = "between groups" if compare.by == "group" else "within people"
        named = f"{'Change' if changed else 'Value'}: {second} less {first}, {how}{f', {words(rest)}' if rest else ''}"
        both = sorted(one.keys() & other.keys())
        if compare.by == "group" and one and other:
            yield _named(named, among, between=(list(other.values()), list(one.values())))
        elif compare.by != "group" and both:
            yield _named(named, among, within=([other[each] for each in both], [one[each] for each in both]))


def _named(
    told: str,
    among: Sequence[Key],
    *,
    within: tuple[list[Values], list[Values]] | None = None,
    between: tuple[list[Values], list[Values]] | None = None,
) -> Compared:
    """Compare those measures that somebody has: within people both times, between groups in each."""
    one, other = within or between or ([], [])
    held = [
        k for k in range(len(among)) if (_both if within else _each)([row[k] for row in one], [r[k] for r in other])
    ]
    if not held:
        return Compared(told, {})
    compare = change.paired if within else change.independent
    names = [" ".join(among[k]).strip() for k in held]
    found = compare(_numbers(one, held), _numbers(other, held), names=names)
    return Compared(told, {among[k]: each for k, each in zip(held, found, strict=True)})


def _both(one: Values, other: Values) -> bool:
    return any(a is not None and b is not None for a, b in zip(one, other, strict=True))


def _each(one: Values, other: Values) -> bool:
    return any(a is not None for a in one) and any(b is not None for b in other)


def _numbers(rows: list[Values], held: list[int]) -> list[list[float]]:
    return [[math.nan if (value := row[k]) is None else value for k in held] for row in rows]


def _mean(values: Sequence[float]) -> Mean | None:
    return mean(values) if values else None


def _varying(found: Sequence[Recording]) -> tuple[str, ...]:
    """Return the entities in which recordings of one modality differ, in the order of the specification."""
    values: dict[str, set[str]] = {}
    every = list(dict.fromkeys(key for each in found for key, _ in each.name.entities))
    for each in found:
        for key in every:
            values.setdefault(key, set()).add(each.name.get(key))
    return tuple(key for key in every if len(values[key]) > 1 and key not in _NO_OCCASION)
