"""What is on file about a medicine together with the substance of a protocol. No fact on file never means safe.

Severity, mechanism and direction stay apart. Where a medicine belongs to several classes, each row is named and the
gravest decides.
"""

from dataclasses import dataclass
from enum import StrEnum

from asklepion.core.values import Step
from asklepion.knowledge.types import (
    Basis,
    Confidence,
    Direction,
    Drug,
    Facts,
    Handling,
    HandlingKind,
    Interaction,
    Protocol,
    Severity,
    WashoutPolicy,
)

GRAVEST = (Severity.CONTRAINDICATED, Severity.MAJOR, Severity.MODERATE, Severity.UNKNOWN, Severity.MINOR)
_STOPS = frozenset({HandlingKind.WASHOUT, HandlingKind.EXCLUDE})
_GOES_ON = frozenset({HandlingKind.CONTINUE, HandlingKind.NOTE})
_DIRECTIONS = {
    Direction.TOXICITY: "harm",
    Direction.BLUNTING: "a weaker effect",
    Direction.MIXED: "harm and a weaker effect",
    Direction.CONDITION_FLAG: "points to a condition that has to be checked",
    Direction.NONE_SEEN: "none seen",
    Direction.UNCLEAR: "not clear",
}


class Standing(StrEnum):
    """What facts say of taking a medicine: it stops, it is left to a person, or it passes with a caution."""

    STOPS = "stops"
    OPEN = "open"
    PASSES = "passes"


@dataclass(frozen=True, slots=True)
class Pair:
    """A medicine with the substance. `rows` the gravest first; `gaps` says in sentences what is not on file."""

    drug: Drug | None
    rows: tuple[Interaction, ...]
    gaps: tuple[str, ...]
    standing: Standing

    @property
    def facts(self) -> tuple[Basis, ...]:
        of_drug = (self.drug.basis,) if self.drug else ()
        return tuple(dict.fromkeys((*(row.basis for row in self.rows), *of_drug)))

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for row in self.rows for step in _steps(row))

    @property
    def words(self) -> str:
        """Every row with its severity in one sentence; empty where there is none."""
        return f"{'; '.join(f'{row.title}: {_severity(row)}' for row in self.rows)}." if self.rows else ""


def pair(drug_id: str, *, typed: str, protocol: Protocol, facts: Facts) -> Pair:
    """Return what is on file about a medicine with the protocol's substance. `drug_id` is empty where none is known."""
    about = [row for row in facts.interactions if row.substance == protocol.substance]
    drug = facts.drugs.get(drug_id)
    if drug is None:
        gap = f"Nothing on file answers to “{typed}”. That is a gap in what we know; it does not mean that it is safe."
        return Pair(None, (), (gap,), Standing.OPEN)
    rows = tuple(sorted((row for row in about if _speaks_of(row, drug)), key=lambda row: GRAVEST.index(row.severity)))
    gaps = tuple(_gaps(drug, rows, facts, substance=protocol.substance, searched=len(about)))
    standings = {_standing(row, protocol) for row in rows} | ({Standing.OPEN} if gaps else set())
    return Pair(drug, rows, gaps, next(each for each in Standing if each in standings))


def handling_basis(row: Interaction) -> Basis:
    """Return what the days of a row rest on: its handling's own basis, else that of the row."""
    return row.handling.basis or row.basis


def _speaks_of(row: Interaction, drug: Drug) -> bool:
    return drug.id in row.drugs or bool(set(row.classes) & set(drug.classes))


def _gaps(drug: Drug, rows: tuple[Interaction, ...], facts: Facts, *, substance: str, searched: int) -> list[str]:
    name = facts.substances[substance].title if substance in facts.substances else substance
    if not rows:
        return [
            f"No interaction of {drug.title} with {name} is on file: {searched} rows were searched. "
            "That is a gap in what we know; it does not mean that the two are safe together."
        ]
    gaps = [f"{row.title}: how grave it is is not known." for row in rows if row.severity is Severity.UNKNOWN]
    disputed = (row.title for row in rows if row.basis.confidence is Confidence.DISPUTED)
    gaps += [f"{title}: sources disagree, so no answer is taken from them." for title in disputed]
    if any(drug.id in row.drugs for row in rows):
        return gaps
    covered = {each for row in rows for each in row.classes}
    titles = [
        facts.drug_classes[id].title if id in facts.drug_classes else id for id in drug.classes if id not in covered
    ]
    return gaps + [f"No interaction of {title} with {name} is on file; that does not mean safe." for title in titles]


def _standing(row: Interaction, protocol: Protocol) -> Standing:
    """Return what one row does to somebody who takes the medicine.

    Where sources disagree about the pair, neither a stop nor a pass is taken from it: a person decides.

    A severity that stops does so, except where the sources go on with the medicine or leave it to the protocol: then
    neither answer is on file, and a person decides. What is contraindicated always stops.
    """
    handling = row.handling.handling
    if row.severity is Severity.UNKNOWN or row.basis.confidence is Confidence.DISPUTED:
        return Standing.OPEN
    if row.severity is Severity.CONTRAINDICATED or handling in _STOPS:
        return Standing.STOPS
    return Standing.OPEN if row.severity in _stopping(protocol.washout) or handling not in _GOES_ON else Standing.PASSES


def _stopping(policy: WashoutPolicy | None) -> tuple[Severity, ...]:
    return policy.stopping_severities if policy else (Severity.CONTRAINDICATED, Severity.MAJOR, Severity.MODERATE)


def _severity(row: Interaction) -> str:
    return row.severity_text or row.severity


def _steps(row: Interaction) -> tuple[Step, ...]:
    return (
        Step(row.title, _severity(row)),
        Step("Direction", _DIRECTIONS[row.direction]),
        Step("Mechanism", row.mechanism),
        Step("Effect", row.effect),
        Step("What sources do with it", _handling(row.handling)),
    )


def _handling(handling: Handling) -> str:
    return handling.text or handling.handling.replace("_", " ")
