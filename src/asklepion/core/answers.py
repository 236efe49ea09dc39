"""The answers to one scale, read: amounts, coded answers, items not asked, blanks; and what can be told from them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import Unscored
from asklepion.knowledge.types import (
    AllTrue,
    Condition,
    CountAtLeast,
    Item,
    NotTrue,
    Operator,
    Scale,
    ScoreAtLeast,
    ScoreRule,
)

_NAMED = 6


@dataclass(frozen=True, slots=True)
class Form:
    """Answers sorted by what they are. An item in none of them is blank. `reported` holds scores from elsewhere."""

    scale: Scale
    amounts: dict[str, int] = field(default_factory=dict)
    coded: dict[str, str] = field(default_factory=dict)
    unasked: set[str] = field(default_factory=set)
    reported: Mapping[str, float] = field(default_factory=dict)

    def blanks(self, items: Iterable[str]) -> tuple[str, ...]:
        """Return those of `items` that were asked and not answered."""
        return tuple(each for each in items if not (each in self.amounts or each in self.coded or each in self.unasked))


@dataclass(frozen=True, slots=True)
class Told:
    """Whether a condition holds; None with the items that leave it open."""

    holds: bool | None
    missing: tuple[str, ...] = ()


def read(scale: Scale, answers: Mapping[str, int | None]) -> Form:
    """Return the form that these answers make. An item that is absent or None is blank, or was not asked.

    Raises ManyFaults for unknown items and for answers outside an item's range, all of them at once.
    """
    items = {item.id: item for item in scale.items}
    faults = tuple(fault for id, value in answers.items() if (fault := _fault(id, value, items)))
    if faults:
        raise ManyFaults(f"Answers to {scale.short} cannot be taken as they are.", faults, remedy="Nothing was scored.")
    form = Form(scale)
    for item in scale.items:
        value = answers.get(item.id)
        label = next((each.label for each in item.coded if each.code == value), None)
        if label is not None:
            form.coded[item.id] = label
        elif value is not None:
            form.amounts[item.id] = value
        elif item.only_if is not None and tell(item.only_if, form).holds is False:
            form.unasked.add(item.id)
    return form


def value(rule: ScoreRule, form: Form) -> float | Unscored:
    """Return the number of one score, or why there is none."""
    if rule.id in form.reported:
        return form.reported[rule.id]
    if refused := tuple(each for each in rule.items if each in form.coded and each not in rule.leaves_out):
        words = ", ".join(f"{each} ({form.coded[each].lower()})" for each in refused)
        return Unscored(f"Answered with no amount: item {words}. This score has no rule for that.", refused)
    if unasked := tuple(each for each in rule.items if each in form.unasked):
        return Unscored(f"Not asked: item {listed(unasked)}.", unasked)
    counted = tuple(each for each in rule.items if each not in form.coded)
    blanks = form.blanks(counted)
    answered = len(counted) - len(blanks)
    if answered == 0:
        return Unscored("No item is answered.", blanks)
    if blanks and (rule.missing is None or not rule.missing.prorated or answered < rule.missing.minimum_answered):
        return Unscored(_blank_words(blanks, rule, answered=answered), blanks)
    return _combined(rule, form, counted)


def tell(condition: Condition, form: Form) -> Told:
    """Return whether a condition holds in Kleene's logic: true, false, or open until named items are answered."""
    match condition:
        case CountAtLeast():
            return _count(condition, form)
        case ScoreAtLeast():
            rule = next(rule for rule in form.scale.scores if rule.id == condition.score)
            number = value(rule, form)
            return Told(None, number.items) if isinstance(number, Unscored) else Told(number >= condition.threshold)
        case NotTrue():
            told = tell(condition.of, form)
            return told if told.holds is None else Told(not told.holds)
        case AllTrue():
            return _gather(condition.of, form, settles=False)
        case _:
            return _gather(condition.of, form, settles=True)


def listed(ids: tuple[str, ...]) -> str:
    """Return ids as a sentence says them: `1, 2 and 3`, the first few of many."""
    if len(ids) == 1:
        return ids[0]
    if len(ids) > _NAMED:
        return f"{', '.join(ids[: _NAMED - 1])} and {len(ids) - _NAMED + 1} more"
    return f"{', '.join(ids[:-1])} and {ids[-1]}"


def _fault(id: str, answer: object, items: Mapping[str, Item]) -> BadInput | None:
    item = items.get(id)
    if item is None:
        return BadInput(f"There is no item {id}.", where=f"item {id}", remedy=f"Items are {listed(tuple(items))}.")
    if answer is None or (type(answer) is int and _allowed(item, answer)):
        return None
    codes = "".join(f", or {each.code} for `{each.label}`" for each in item.coded)
    span = "0 for no or 1 for yes" if item.yes_no else f"a whole number from {item.minimum} to {item.maximum}"
    return BadInput(
        f"{answer!r} is not an answer to `{item.topic}`.",
        where=f"item {id}",
        remedy=f"Give {span}{codes}, or leave it blank.",
    )


def _allowed(item: Item, answer: int) -> bool:
    return item.minimum <= answer <= item.maximum or any(each.code == answer for each in item.coded)


def _blank_words(blanks: tuple[str, ...], rule: ScoreRule, *, answered: int) -> str:
    verb = "is" if len(blanks) == 1 else "are"
    words = f"{len(blanks)} of {answered + len(blanks)} items {verb} blank: {listed(blanks)}."
    if rule.missing is None or not rule.missing.prorated:
        return words
    return f"{words} The scale's rule asks for at least {rule.missing.minimum_answered} answers."


def _combined(rule: ScoreRule, form: Form, counted: tuple[str, ...]) -> float:
    items = {item.id: item for item in form.scale.items}
    there = [items[each] for each in counted if each in form.amounts]
    amounts = [_amount(item, form, reverse=item.id in rule.reverse) for item in there]
    match rule.operator:
        case Operator.SUM:
            return sum(amounts) * len(counted) / len(amounts)
        case Operator.MEAN:
            return sum(amounts) / len(amounts)
        case Operator.MAX:
            return float(max(amounts))
        case _:
            lowest = sum(item.minimum for item in there)
            return 100 * (sum(amounts) - lowest) / (sum(item.maximum for item in there) - lowest)


def _amount(item: Item, form: Form, *, reverse: bool) -> int:
    amount = form.amounts[item.id]
    return item.minimum + item.maximum - amount if reverse else amount


def _count(condition: CountAtLeast, form: Form) -> Told:
    """Count the answers that reach the threshold. A blank or coded one might have; one that was not asked did not."""
    reached = sum(form.amounts.get(each, -math.inf) >= condition.threshold for each in condition.items)
    missing = tuple(each for each in condition.items if each not in form.amounts and each not in form.unasked)
    if reached >= condition.count:
        return Told(True)
    return Told(None, missing) if reached + len(missing) >= condition.count else Told(False)


def _gather(conditions: tuple[Condition, ...], form: Form, *, settles: bool) -> Told:
    """Join conditions: one that equals `settles` settles all, else one that is open leaves all open."""
    told = [tell(each, form) for each in conditions]
    if any(each.holds is settles for each in told):
        return Told(settles)
    if any(each.holds is None for each in told):
        return Told(None, tuple(dict.fromkeys(item for each in told for item in each.missing)))
    return Told(not settles)
