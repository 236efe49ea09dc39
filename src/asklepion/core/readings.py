"""Typed values made into readings: bounds against slips of the hand, units, pairs that must differ."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date

from asklepion.core.entries import Value
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.core.values import unit_words
from asklepion.knowledge.types import Observable, ValueKind

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_WITH_UNIT = re.compile(r"(?P<number>[+-]?\d+(?:[.,]\d+)?)\s*(?P<unit>[^\d\s.,+-].*)")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_LOOK = "Look at the device and type it again."


def read(observables: Mapping[str, Observable], typed: Mapping[str, str | bool | float]) -> tuple[Value, ...]:
    """Return what was typed as values with their UCUM units, in the order typed. Blanks are left out, never filled in.

    Raises ManyFaults with one fault a field (`where` is the observable's id): an observable not on file, no number,
    outside its guard, another unit, a choice or date that does not exist, or a pair that stands the wrong way round.
    """
    values: list[Value] = []
    faults: list[BadInput] = []
    for what, given in typed.items():
        if isinstance(given, str) and not given.strip():
            continue
        observable = observables.get(what)
        if observable is None:
            faults.append(BadInput(f"`{what}` is not on file.", where=what, remedy="Add it to the observables."))
            continue
        try:
            values.append(Value(what, _value(observable, given), observable.unit))
        except BadInput as fault:
            faults.append(fault)
    faults.extend(_wrong_way_round(observables, values))
    if faults:
        raise ManyFaults("Not every value can be taken as it is. Nothing was saved.", tuple(faults))
    return tuple(values)


def _value(observable: Observable, given: str | bool | float) -> str | bool | float:
    match observable.value:
        case ValueKind.QUANTITY:
            return _guarded(observable, _number(observable, given))
        case ValueKind.YES_NO:
            return _yes_no(observable, given)
        case ValueKind.CHOICE:
            return _choice(observable, given)
        case ValueKind.DATE:
            return _day(observable, given)
        case _:
            return _text(observable, given)


def _number(observable: Observable, given: str | bool | float) -> float:
    if isinstance(given, bool) or (isinstance(given, float) and not math.isfinite(given)):
        raise _fault(observable, f"{given} is not a number.", "Type figures only.")
    if not isinstance(given, str):
        return float(given)
    text = given.strip()
    carried = _WITH_UNIT.fullmatch(text)
    if carried:
        unit = carried["unit"]
        if not observable.unit or unit not in (observable.unit, observable.unit.translate(_BRACKETS)):
            named = f"in {unit_words(observable.unit)}" if observable.unit else "without a unit"
            raise _fault(observable, f"`{text}` carries the unit {unit}.", f"Type the number alone, {named}.")
        text = carried["number"]
    if _COMMA.fullmatch(text):
        raise _fault(observable, f"`{text}` has a comma.", f"Write {text.replace(',', '.')}, with a point.")
    if not _NUMBER.fullmatch(text):
        raise _fault(observable, f"`{text}` is not a number.", "Type figures only, with a point before decimals.")
    return float(text)


_BRACKETS = str.maketrans("", "", "[]")


def _guarded(observable: Observable, number: float) -> float:
    lowest, highest = observable.lowest, observable.highest
    low, high = lowest is not None and number < lowest, highest is not None and number > highest
    if not (low or high):
        return number
    if lowest is not None and highest is not None:
        raise _fault(observable, f"{number:g} lies outside {lowest:g} to {highest:g}.", _LOOK)
    if low:
        raise _fault(observable, f"{number:g} lies below {lowest:g}.", _LOOK)
    raise _fault(observable, f"{number:g} lies above {highest:g}.", _LOOK)


def _yes_no(observable: Observable, given: str | bool | float) -> bool:
    if isinstance(given, bool):
        return given
    answer = _YES_NO.get(given.strip().lower()) if isinstance(given, str) else None
    if answer is None:
        raise _fault(observable, f"`{given}` is neither yes nor no.", "Answer yes or no.")
    return answer


def _choice(observable: Observable, given: str | bool | float) -> str:
    if isinstance(given, str) and given.strip() in observable.choices:
        return given.strip()
    raise _fault(observable, f"`{given}` is not one of the choices.", f"Choose {' or '.join(observable.choices)}.")


def _day(observable: Observable, given: str | bool | float) -> str:
    try:
        return date.fromisoformat(str(given).strip()).isoformat()
    except ValueError:
        remedy = "Write year, month and day, as in 2026-11-23."
        raise _fault(observable, f"`{given}` is not a date.", remedy) from None


def _text(observable: Observable, given: str | bool | float) -> str:
    if not isinstance(given, str):
        raise _fault(observable, f"`{given}` is not text.", "Write it in words.")
    return given.strip()


def _wrong_way_round(observables: Mapping[str, Observable], values: list[Value]) -> Iterator[BadInput]:
    numbers = {value.what: value.value for value in values if isinstance(value.value, float)}
    for what, number in numbers.items():
        other = observables[what].exceeds
        if other in numbers and number <= numbers[other]:
            above = f"{observables[what].title} {number:g} must be above {observables[other].title} {numbers[other]:g}."
            yield BadInput(above, where=what, remedy="Look whether the two were typed the wrong way round.")


def _fault(observable: Observable, what: str, remedy: str) -> BadInput:
    return BadInput(f"{observable.title}: {what}", where=observable.id, remedy=remedy)
