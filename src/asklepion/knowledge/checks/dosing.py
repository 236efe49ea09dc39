"""What must hold for doses, readings and limits."""

from collections.abc import Mapping

from asklepion.knowledge.checks.known import Complaints, Known, equals, every, named, within
from asklepion.knowledge.types import DoseRule, Limit, Observable, Protocol, ValueKind, VisitKind

_WIDE = 1e9
_BOUNDS = ("above", "at_least", "rise_above", "rise_at_least", "equals")


def complaints(protocol: Protocol, known: Known) -> Complaints:
    given: set[str] = set()
    for index, rule in enumerate(protocol.doses):
        yield from _dose(rule, protocol, known, "doses", index)
        if rule.visit in given:
            yield ("doses", index, "visit"), f"{rule.visit} has a dose rule already.", "Write one for each visit."
        given.add(rule.visit)
    for index, time in enumerate(protocol.readings):
        yield from every(time.measures, known.facts.observables, "readings", index, "measures", what="observable")
        if time.opens_min > time.closes_min:
            yield ("readings", index, "closes_min"), "It closes before it opens.", "Write the earlier minute first."
    for index, limit in enumerate(protocol.limits):
        yield from _limit(limit, known, "limits", index)


def _dose(rule: DoseRule, protocol: Protocol, known: Known, *path: str | int) -> Complaints:
    dosing = {visit.id for visit in protocol.visits if visit.kind is VisitKind.DOSING}
    yield from named(rule.visit, dosing, *path, "visit", what="dosing visit")
    if not rule.levels:
        yield (*path, "levels"), "No dose is named.", "Write the levels."
    for index, level in enumerate(rule.levels):
        if level.initial_mg <= 0 or not 0 <= level.supplemental_mg <= level.initial_mg:
            what = f"{level.supplemental_mg:g} mg after {level.initial_mg:g} mg is no such pair of doses."
            yield (*path, "levels", index), what, "The first is above 0, the supplement not above the first."
    windows = [((), rule.supplement_opens_min, rule.supplement_closes_min)]
    windows += [(("decided", n), each.opens_min, each.closes_min) for n, each in enumerate(rule.decided)]  # type: ignore[misc]
    for place, opens, closes in windows:
        if not 0 <= opens <= closes:
            yield (*path, *place), f"The supplement's window runs from {opens} to {closes} minutes.", "Order them."
    yield from _decisions(rule, known.facts.observables, *path)


def _decisions(rule: DoseRule, known: Mapping[str, Observable], *path: str | int) -> Complaints:
    if bool(rule.decided_by) != bool(rule.decided):
        yield (*path, "decided_by"), "A decision needs who decides and what follows.", "Write both or neither."
    if rule.decided_by:
        yield from named(rule.decided_by, known, *path, "decided_by", what="observable")
    if rule.decided_by in known:
        for index, each in enumerate(rule.decided):
            yield from equals(known[rule.decided_by], each.choice, *path, "decided", index, "choice")
    if rule.released_by:
        yield from named(rule.released_by, known, *path, "released_by", what="observable")
    if rule.released_by in known:
        yield from equals(known[rule.released_by], True, *path, "released_by")


def _limit(limit: Limit, known: Known, *path: str | int) -> Complaints:
    yield from named(limit.measure, known.facts.observables, *path, "measure", what="observable")
    given = [name for name in _BOUNDS if getattr(limit, name) is not None]
    if not given:
        yield path, "The limit has no bound.", f"Write one of: {', '.join(_BOUNDS)}."
    measured = known.facts.observables.get(limit.measure)
    if measured is None:
        return
    if limit.equals is not None:
        yield from equals(measured, limit.equals, *path, "equals")
    if measured.value is not ValueKind.QUANTITY:
        for name in given:
            if name != "equals":
                yield (*path, name), f"{measured.id} is no quantity.", "Use `equals`."
        return
    low = -_WIDE if measured.lowest is None else measured.lowest
    high = _WIDE if measured.highest is None else measured.highest
    what = f"what can be typed for {measured.id}: it would never be passed"
    for name in ("above", "at_least"):
        yield from within(getattr(limit, name), low, high, *path, name, what=what)
    for name in ("rise_above", "rise_at_least"):
        yield from within(getattr(limit, name), 0, high - low, *path, name, what=what)
