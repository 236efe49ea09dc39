"""What is known of one biomarker: units, fluids, how much it varies within a person, and what it is good for."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from asklepion.knowledge.types.common import FORBID, Basis, Tier
from asklepion.knowledge.types.drug import Identifier

Fluid = Literal["saliva", "serum", "plasma"]


@dataclass(frozen=True, slots=True)
class OtherUnit:
    """A unit (UCUM) that is also taken: a value in it, times `factor`, is in the unit of the marker.

    Without `basis` only metric prefixes differ, and the check recomputes the factor.
    """

    __pydantic_config__: ClassVar = FORBID
    unit: str
    factor: float
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """A coefficient of variation in per cent, as a range (both ends equal for one figure).

    `matrix` is the fluid in which it was found; empty where the facts do not say, or where there is none.
    """

    __pydantic_config__: ClassVar = FORBID
    low_percent: float
    high_percent: float
    basis: Basis
    matrix: Fluid | Literal[""] = ""
    over: str = ""
    """How far apart the measurements were: `1 to 12 months`."""


@dataclass(frozen=True, slots=True)
class ChangeLimit:
    """A change of one person, in per cent, below which it is not told from chance: as the source gives it."""

    __pydantic_config__: ClassVar = FORBID
    percent: float
    basis: Basis
    matrix: Fluid | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """A value above which something is to be said of it, in the unit of the marker."""

    __pydantic_config__: ClassVar = FORBID
    above: float
    says: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many single measurements a mean should rest on."""

    __pydantic_config__: ClassVar = FORBID
    what: str
    at_least: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class MarkerStatement:
    """A sentence of ours on one topic: `efficacy` says whether it can tell that a treatment works."""

    __pydantic_config__: ClassVar = FORBID
    topic: Literal["efficacy", "handling", "reliability", "norm"]
    statement: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Biomarker:
    """One marker. `unit` is UCUM; `matrices` are the fluids it may be measured in, none for what is no concentration.

    What is not on file stays empty: no variation known is not a variation of zero.
    """

    __pydantic_config__: ClassVar = FORBID
    kind: Literal["biomarker"]
    id: str
    title: str
    tier: Tier
    unit: str
    basis: Basis
    other_units: tuple[OtherUnit, ...] = ()
    matrices: tuple[Fluid, ...] = ()
    codes: tuple[Identifier, ...] = ()
    within_person: tuple[Spread, ...] = ()
    assay: tuple[Spread, ...] = ()
    change_limits: tuple[ChangeLimit, ...] = ()
    flags: tuple[Flag, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    statements: tuple[MarkerStatement, ...] = ()
