"""What must hold for medicines, their classes, substances and interactions."""

from collections.abc import Iterable

from asklepion.knowledge.checks.known import Complaints, Known, every, named, within
from asklepion.knowledge.types import Drug, Facts, Interaction, Substance


def names(facts: Facts) -> dict[str, frozenset[str]]:
    """Return which drugs each name, in small letters, may mean."""
    found: dict[str, frozenset[str]] = {}
    for each in facts.drugs.values():
        for name in (each.id, each.title, *each.names):
            key = name.strip().casefold()
            found[key] = found.get(key, frozenset()) | {each.id}
    return found


def drug(drug: Drug, known: Known) -> Complaints:
    facts = known.facts
    yield from every(drug.classes, facts.drug_classes, "classes", what="drug class")
    for index, active in enumerate(drug.actives):
        path = ("actives", index)
        if not 0 < active.half_life_low_h <= active.half_life_high_h:
            what = f"A half-life of {active.half_life_low_h:g} to {active.half_life_high_h:g} h is none."
            yield (*path, "half_life_low_h"), what, "Write the lower number first, both above 0."
    for index, rule in enumerate(drug.washouts):
        targets = {*facts.substances, *facts.drug_classes}
        yield from every(rule.before, targets, "washouts", index, "before", what="substance or drug class")
        if rule.days < 0:
            yield ("washouts", index, "days"), f"{rule.days} days are none.", "Write whole days from 0."
    for index, name in enumerate((drug.title, *drug.names)):
        others = known.drug_names.get(name.strip().casefold(), frozenset()) - {drug.id}
        if others:
            place: tuple[str | int, ...] = ("names", index - 1) if index else ("title",)
            yield (
                place,
                f"{name} is also a name of {', '.join(sorted(others))}.",
                "A typed name means one medicine.",
            )


def interaction(interaction: Interaction, known: Known) -> Complaints:
    facts = known.facts
    yield from named(interaction.substance, facts.substances, "substance", what="substance")
    yield from every(interaction.classes, facts.drug_classes, "classes", what="drug class")
    yield from every(interaction.drugs, facts.drugs, "drugs", what="drug")
    if not interaction.classes and not interaction.drugs:
        yield ("classes",), "It names neither a class nor a drug.", "Name what interacts."
    handling = interaction.handling
    yield from _days(("days_before", handling.days_before), ("days_after", handling.days_after))


def _days(*given: tuple[str, int | None]) -> Complaints:
    for name, days in given:
        if days is not None and days < 0:
            yield ("handling", name), f"{days} days are none.", "Write whole days from 0."


def substance(substance: Substance, known: Known) -> Complaints:
    for index, rate in enumerate(substance.adverse_events):
        both: Iterable[tuple[str, float]] = (
            ("active_percent", rate.active_percent),
            ("control_percent", rate.control_percent),
        )
        for name, percent in both:
            yield from within(percent, 0, 100, "adverse_events", index, name, what="per cent")
