"""A concentration as a laboratory reports it: its unit, the fluid it was measured in, and its limits of detection."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from asklepion.core.errors import BadInput

_TEXT = re.compile(r"(?P<limit>[<>]?)\s*(?P<number>[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?)")

_THOUSAND = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")

CORTISOL_NMOL_L = {"nmol/L": 1.0, "ug/dL": 27.59, "ug/L": 2.759, "ng/mL": 2.759}
"""UCUM units of cortisol in nmol/L: 1 ug/dL is 27.59 nmol/L (molar mass 362.46)."""


class Matrix(StrEnum):
    """The fluid. Concentrations in different fluids are different quantities."""

    SALIVA = "saliva"
    SERUM = "serum"
    PLASMA = "plasma"


class Limit(StrEnum):
    """Whether a value is a value, or lies below or above what the assay can tell."""

    NONE = ""
    BELOW = "<"
    ABOVE = ">"


@dataclass(frozen=True, slots=True)
class Concentration:
    """A value in a unit (UCUM) and a fluid. With a limit, `value` is the limit of the assay, not a value."""

    value: float
    unit: str
    matrix: Matrix
    limit: Limit = Limit.NONE


def parse(text: str, *, unit: str, matrix: Matrix) -> Concentration:
    """Return a concentration from what a laboratory writes: 6.9, 6,9, <0.5 or >88.

    Raises BadInput for anything else: a negative value, one too large to be a number, and 1,234, which may be 1234.

    >>> parse("<0.5", unit="nmol/L", matrix=Matrix.SALIVA).limit
    <Limit.BELOW: '<'>
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise BadInput(f"`{text}` is no concentration.", remedy="Write 6.9, or <0.5 below the limit of detection.")
    if _THOUSAND.fullmatch(found["number"]):
        plain = found["number"].replace(",", "")
        what = f"The comma in `{text}` may be a decimal one, or one of thousands."
        raise BadInput(what, remedy=f"Write {plain} or {found['number'].replace(',', '.')}.")
    value = float(found["number"].replace(",", "."))
    if not value < 1e100:
        raise BadInput(f"`{text}` is beyond what a number can be.", remedy="Look at its exponent.")
    return Concentration(value, unit, matrix, Limit(found["limit"]))


def cortisol_nmol_l(found: Concentration) -> Concentration:
    """Return cortisol in nmol/L. Raises BadInput for a unit that is not known."""
    if found.unit not in CORTISOL_NMOL_L:
        remedy = f"Known: {', '.join(CORTISOL_NMOL_L)}."
        raise BadInput(f"There is no unit {found.unit} for cortisol.", where="unit", remedy=remedy)
    return Concentration(found.value * CORTISOL_NMOL_L[found.unit], "nmol/L", found.matrix, found.limit)


def same_fluid(one: Concentration, other: Concentration) -> None:
    """Raise BadInput if two concentrations are of different fluids or units: they are not comparable."""
    if one.matrix != other.matrix:
        what = f"One is of {one.matrix}, the other of {other.matrix}."
        raise BadInput(what, where="matrix", remedy="Compare what was measured in one fluid.")
    if one.unit != other.unit:
        what = f"One is in {one.unit}, the other in {other.unit}."
        raise BadInput(what, where="unit", remedy="Convert one first.")


def change_percent(before: Concentration, after: Concentration) -> float | None:
    """Return the change in per cent of the first, None if either is a limit or the first is zero. Raises BadInput."""
    same_fluid(before, after)
    if before.limit or after.limit or before.value == 0:
        return None
    return 100 * (after.value / before.value - 1)


def reference_change_percent(within_person_cv: float, assay_cv: float = 0.0) -> float:
    """Return the change between two values of one person that chance passes in 5 of 100: 1.96 sqrt 2 sqrt(CVi2 + CVa2).

    Coefficients of variation in per cent. For C-reactive protein [macy1997] give 42 within a person and print 118; the
    formula gives 116 without the assay.

    >>> round(reference_change_percent(42))
    116
    """
    if not (math.isfinite(within_person_cv) and within_person_cv > 0 and assay_cv >= 0):
        raise BadInput("A coefficient of variation is above zero.", where="cv", remedy="Give per cent.")
    return 1.96 * math.sqrt(2) * math.hypot(within_person_cv, assay_cv)
