"""What must hold within a scale."""

from collections.abc import Iterable
from itertools import pairwise

from asklepion.knowledge.checks.known import Complaints, Known, every, named, within
from asklepion.knowledge.types import (
    AllTrue,
    AnyTrue,
    Condition,
    CountAtLeast,
    Cutoff,
    Item,
    NotTrue,
    Operator,
    Scale,
    ScoreAtLeast,
    ScoreRule,
)

_TOPIC_WORDS = 4


def complaints(scale: Scale, known: Known) -> Complaints:
    for index, item in enumerate(scale.items):
        yield from _item(item, index, scale)
    for index, rule in enumerate(scale.scores):
        yield from _score(rule, scale, "scores", index)
    if sum(rule.primary for rule in scale.scores) > 1:
        yield ("scores",), "More than one score is primary.", "Mark one."
    for index, found in enumerate(scale.classifications):
        for number, case in enumerate(found.cases):
            yield from condition(case.when, scale, "classifications", index, "cases", number, "when")
    for index, alert in enumerate(scale.alerts):
        yield from condition(alert.when, scale, "alerts", index, "when")
    yield from _cutoffs(scale)
    yield from _change(scale)
    yield from _responses(scale)


def _item(item: Item, index: int, scale: Scale) -> Complaints:
    path = ("items", index)
    if len(item.topic.split()) > _TOPIC_WORDS or item.topic.rstrip().endswith(("?", ".")):
        remedy = f"Write a topic of 1 to {_TOPIC_WORDS} words of our own; no wording is shipped."
        yield (*path, "topic"), "The topic looks like the wording of an item.", remedy
    if item.minimum >= item.maximum:
        yield (*path, "maximum"), f"The answers end at {item.maximum}, not above {item.minimum}.", "Look at the form."
    if item.yes_no and (item.minimum, item.maximum) != (0, 1):
        yield (*path, "yes_no"), "A yes or no is answered 0 or 1.", "Leave yes_no out, or mend the range."
    codes = [coded.code for coded in item.coded]
    for number, code in enumerate(codes):
        if item.minimum <= code <= item.maximum:
            yield (*path, "coded", number, "code"), f"{code} is an amount already.", "A code lies outside the range."
        if code in codes[:number]:
            yield (*path, "coded", number, "code"), f"The code {code} stands twice.", "Give each answer its own code."
    if item.only_if is not None:
        before = {each.id for each in scale.items[:index]}
        for id_ in rests_on(item.only_if):
            if id_ not in before:
                yield (*path, "only_if"), f"It rests on {id_}, which is not asked before it.", "Name an earlier item."


def rests_on(of: Condition) -> Iterable[str]:
    """Yield the items, and the scores, that a condition names."""
    match of:
        case CountAtLeast():
            yield from of.items
        case ScoreAtLeast():
            yield of.score
        case NotTrue():
            yield from rests_on(of.of)
        case AllTrue() | AnyTrue():
            for each in of.of:
                yield from rests_on(each)


def _score(rule: ScoreRule, scale: Scale, *path: str | int) -> Complaints:
    items = {item.id: item for item in scale.items}
    yield from every(rule.items, items, *path, "items", what="item")
    yield from every(rule.reverse, rule.items, *path, "reverse", what="item of this score")
    yield from every(rule.leaves_out, rule.items, *path, "leaves_out", what="item of this score")
    for index, id_ in enumerate(rule.leaves_out):
        if id_ in items and not items[id_].coded:
            yield (*path, "leaves_out", index), f"Item {id_} has no coded answers.", "Write them, or do not name it."
    if not rule.items:
        yield (*path, "items"), "The score has no items.", "Name them."
    elif all(id_ in items for id_ in rule.items):
        yield from _score_range(rule, [items[id_] for id_ in rule.items], *path)
    if rule.missing is not None:
        yield from within(
            rule.missing.minimum_answered, 1, len(rule.items), *path, "missing", "minimum_answered", what="its items"
        )


def _score_range(rule: ScoreRule, items: list[Item], *path: str | int) -> Complaints:
    lowest, highest = possible(rule.operator, items)
    some = bool(rule.leaves_out) or any(item.only_if for item in items)
    for name, said, computed in (("minimum", rule.minimum, lowest), ("maximum", rule.maximum, highest)):
        if abs(said - computed) > 1e-9 and not some:
            what = f"The items of {rule.id} reach from {lowest:g} to {highest:g}, not to {said:g}."
            yield (*path, name), what, "Look at items, operator and range."


def possible(operator: Operator, items: list[Item]) -> tuple[float, float]:
    """Return the lowest and the highest value that a score of such items can take."""
    lows, highs = [item.minimum for item in items], [item.maximum for item in items]
    match operator:
        case Operator.SUM:
            return sum(lows), sum(highs)
        case Operator.MEAN:
            return sum(lows) / len(lows), sum(highs) / len(highs)
        case Operator.MAX:
            return max(lows), max(highs)
        case Operator.PERCENT_OF_MAX:
            return 100 * sum(lows) / sum(highs), 100


def condition(of: Condition, scale: Scale, *path: str | int) -> Complaints:
    """Complain about a condition that names nothing of the scale, or can never hold."""
    match of:
        case CountAtLeast():
            items = {item.id: item for item in scale.items}
            yield from every(of.items, items, *path, "items", what="item")
            yield from within(of.count, 1, len(of.items), *path, "count", what="the number of its items")
            reached = [items[id_].maximum for id_ in of.items if id_ in items]
            if reached and not any(of.threshold <= highest for highest in reached):
                yield (*path, "threshold"), f"No answer reaches {of.threshold}.", "Look at the items' ranges."
        case ScoreAtLeast():
            yield from on_score(of.score, scale, of.threshold, *path, field="threshold")
        case NotTrue():
            yield from condition(of.of, scale, *path, "of")
        case AllTrue() | AnyTrue():
            if not of.of:
                yield (*path, "of"), "There is nothing in it.", "Name the conditions."
            for index, each in enumerate(of.of):
                yield from condition(each, scale, *path, "of", index)


def on_score(id: str, scale: Scale, value: float | None, *path: str | int, field: str) -> Complaints:
    """Complain about a score that the scale has not, or about a value outside its range."""
    rules = {rule.id: rule for rule in scale.scores}
    yield from named(id, rules, *path, "score", what=f"score of {scale.id}")
    if id in rules:
        yield from within(
            value, rules[id].minimum, rules[id].maximum, *path, field, what=f"the range of {scale.id} {id}"
        )


def _cutoffs(scale: Scale) -> Complaints:
    last: dict[tuple[str, str], Cutoff] = {}
    for index, cutoff in enumerate(scale.cutoffs):
        path = ("cutoffs", index)
        yield from on_score(cutoff.score, scale, cutoff.at, *path, field="at")
        before = last.get((cutoff.score, cutoff.scheme))
        if before is not None and cutoff.at <= before.at:
            what = f"{cutoff.at:g} does not rise above {before.at:g}, the one before it in scheme {cutoff.scheme}."
            yield (*path, "at"), what, "Order them from low to high; each stands once."
        last[cutoff.score, cutoff.scheme] = cutoff


def _change(scale: Scale) -> Complaints:
    rules = {rule.id: rule for rule in scale.scores}
    for index, band in enumerate(scale.change):
        yield from on_score(band.score, scale, None, "change", index, field="points")
        if band.score in rules:
            reach = rules[band.score].maximum - rules[band.score].minimum
            if not 0 < band.points <= reach:
                what = f"{band.points:g} points are no change within a range of {reach:g}."
                yield ("change", index, "points"), what, "Look it up again."
    chosen = [(index, band.score) for index, band in enumerate(scale.change) if band.chosen]
    for (_, earlier), (index, later) in pairwise(sorted(chosen, key=lambda pair: pair[1])):
        if earlier == later:
            yield ("change", index, "chosen"), f"Two bands of {later} are chosen.", "Choose one."


def _responses(scale: Scale) -> Complaints:
    kinds = {each.id: each for each in scale.classifications}
    for index, rule in enumerate(scale.responses):
        path = ("responses", index)
        yield from on_score(rule.score, scale, rule.at_most, *path, field="at_most")
        if rule.percent_fall is not None:
            yield from within(rule.percent_fall, 0, 100, *path, "percent_fall", what="per cent")
        if (rule.percent_fall, rule.points_fall, rule.at_most, rule.classification) == (None, None, None, ""):
            yield path, "Nothing is asked for.", "Give a fall, a bound or a category."
        if bool(rule.classification) != bool(rule.not_value):
            yield path, "A category needs `classification` and `not_value`.", "Write both or neither."
        if rule.classification:
            yield from named(rule.classification, kinds, *path, "classification", what="classification")
        if rule.classification in kinds and rule.not_value:
            found = kinds[rule.classification]
            values = {*(case.value for case in found.cases), found.otherwise}
            yield from named(rule.not_value, values, *path, "not_value", what=f"value of {found.id}")
