"""How many whole days after its last dose a medicine is counted as gone, with every line of the arithmetic.

The longest of three rules decides: the protocol's half-lives of the longest-lived active substance, a number of days
stated for this medicine, and the days that an interaction row asks for (facts DR-03, WO-*).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from asklepion.core.interactions import handling_basis
from asklepion.core.judgement import days as in_words
from asklepion.core.values import Step
from asklepion.knowledge.types import ActiveSubstance, Basis, Drug, Interaction, Protocol, WashoutPolicy, WashoutRule

HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Washout:
    """Days needed after the last dose, or None where no rule on file is valid. `decided_by` names the rule."""

    days: int | None
    decided_by: str
    steps: tuple[Step, ...]
    facts: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    days: int
    name: str
    bases: tuple[Basis, ...]


def washout(drug: Drug, rows: tuple[Interaction, ...], protocol: Protocol) -> Washout:
    """Return the days that a medicine has to have been stopped for before a session of the protocol.

    Where the effect outlasts the half-life no arithmetic is valid: a stated rule decides, or nothing is known.
    """
    rules: list[_Rule] = []
    steps: list[Step] = []
    if drug.effect_outlasts_half_life:
        steps.append(Step("Half-lives", "not valid: the effect outlasts them"))
    elif drug.actives and protocol.washout:
        rule, lines = _by_half_lives(drug, protocol.washout)
        rules.append(rule)
        steps.extend(lines)
    for rule, line in _stated(drug, rows, protocol):
        rules.append(rule)
        steps.append(line)
    if not rules:
        return Washout(None, "", tuple(steps), (drug.basis,))
    longest = max(rules, key=lambda rule: rule.days)
    steps.append(Step("Decided by", f"{longest.name} ({_confidence(longest)})"))
    bases = dict.fromkeys((*longest.bases, *(basis for rule in rules for basis in rule.bases)))
    return Washout(longest.days, longest.name, tuple(steps), tuple(bases))


def whole_days(hours: float) -> int:
    """Return hours as days, rounded up.

    >>> whole_days(480), whole_days(520)
    (20, 22)
    """
    return math.ceil(round(hours / HOURS_A_DAY, 9))


def _by_half_lives(drug: Drug, policy: WashoutPolicy) -> tuple[_Rule, list[Step]]:
    longest: ActiveSubstance = max(drug.actives, key=lambda active: active.half_life_high_h)
    hours = policy.half_lives * longest.half_life_high_h
    gone = whole_days(hours)
    steps = [
        Step(f"Longest half-life, {longest.name}", f"{longest.half_life_high_h:,g} h"),
        Step(f"times {policy.half_lives}, rounded up", f"{hours:,g} h = {gone} d"),
    ]
    if policy.stabilisation_days:
        steps.append(Step("stabilisation, this protocol", f"+ {policy.stabilisation_days} d"))
    name = (
        f"{policy.half_lives} half-lives of {longest.name}{' and stabilisation' if policy.stabilisation_days else ''}"
    )
    return _Rule(gone + policy.stabilisation_days, name, (longest.basis, policy.basis)), steps


def _stated(drug: Drug, rows: tuple[Interaction, ...], protocol: Protocol) -> Iterator[tuple[_Rule, Step]]:
    for stated in drug.washouts:
        if protocol.substance in stated.before:
            name = f"stated for {drug.title} ({stated.rule})"
            yield _Rule(stated.days, name, (stated.basis,)), Step(_capital(name), _days(stated))
    for row in rows:
        if row.handling.days_before is not None:
            rule = _Rule(row.handling.days_before, row.title, (handling_basis(row),))
            yield rule, Step(row.title, f"{row.handling.days_before} d")


def _days(stated: WashoutRule) -> str:
    return f"{stated.days} d ({stated.stated})" if stated.stated else f"{stated.days} d"


def _confidence(rule: _Rule) -> str:
    return f"{in_words(rule.days)}, {', '.join(dict.fromkeys(basis.confidence for basis in rule.bases))}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
