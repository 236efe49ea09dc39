"""What must hold for observables."""

from asklepion.knowledge.checks.known import Complaints, Known, named
from asklepion.knowledge.types import Observable, Observables, ValueKind


def complaints(group: Observables, known: Known) -> Complaints:
    for index, each in enumerate(group.observables):
        yield from _one(each, known, "observables", index)


def _one(each: Observable, known: Known, *path: str | int) -> Complaints:
    measured = each.value is ValueKind.QUANTITY
    bounded = each.lowest is not None or each.highest is not None
    if measured and not each.unit:
        yield (*path, "unit"), "A quantity needs its unit.", "Write a UCUM code; a bare number has the unit `1`."
    if not measured and (each.unit or bounded or each.exceeds):
        yield path, "Only a quantity has a unit, bounds, or another that it exceeds.", "Leave them out."
    if each.lowest is not None and each.highest is not None and each.lowest >= each.highest:
        yield (*path, "highest"), f"{each.highest:g} is not above {each.lowest:g}.", "Write the lower bound first."
    if each.value is ValueKind.CHOICE and len(set(each.choices)) < 2:
        yield (*path, "choices"), "A choice needs two different ones at least.", "Write them."
    if each.value is not ValueKind.CHOICE and each.choices:
        yield (*path, "choices"), "Only a choice has choices.", "Leave them out, or make it a choice."
    if each.exceeds:
        yield from named(each.exceeds, known.facts.observables, *path, "exceeds", what="observable")
        other = known.facts.observables.get(each.exceeds)
        if other is not None and other.unit != each.unit:
            yield (*path, "exceeds"), f"{other.id} has another unit.", "Only what has one unit can be compared."
