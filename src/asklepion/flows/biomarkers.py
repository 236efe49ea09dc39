"""Biomarkers: a file in, measures out, with the hash of what they rest on. Nothing is recorded."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.signals.heart import files as heart_files
from asklepion.signals.heart.session import Session, session
from asklepion.signals.lab import files as lab_files
from asklepion.signals.lab.concentration import Matrix
from asklepion.signals.lab.cortisol import areas, awakening
from asklepion.signals.measure import Measure, as_json

__all__ = ["Cortisol", "Heart", "Matrix", "Person", "as_json", "cortisol", "heart"]


@dataclass(frozen=True, slots=True)
class Heart:
    """A recording's measures, and the SHA-256 of its file."""

    sha256: str
    session: Session


@dataclass(frozen=True, slots=True)
class Person:
    """The measures of one series of samples, by the name that the file gives it."""

    name: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Cortisol:
    """The measures of every series of a file, and its SHA-256."""

    sha256: str
    people: tuple[Person, ...]


def heart(
    file: Path,
    *,
    unit: str | None = None,
    column: str | None = None,
    method: str = "lomb",
    window_s: float = 300.0,
    baseline_s: tuple[float, float] | None = None,
) -> Heart:
    """Return the measures of a file of intervals between beats. Raises BadInput for what cannot be taken as it is."""
    found = heart_files.read(file, unit=unit, column=column)
    return Heart(_hash(file), session(found, window_s=window_s, method=method, baseline_s=baseline_s))


def cortisol(
    file: Path, *, unit: str, matrix: Matrix, minutes: Sequence[float] | None = None, from_waking: bool = False
) -> Cortisol:
    """Return areas, and with minutes counted from waking the awakening response, of every series of a file."""
    people = []
    for each in lab_files.read(file, unit=unit, matrix=matrix, minutes=minutes):
        try:
            measures = areas(each.samples) + (awakening(each.samples) if from_waking else ())
        except BadInput as error:
            raise BadInput(error.what, where=f"{file}, {each.name}", remedy=error.remedy) from error
        people.append(Person(each.name, measures))
    return Cortisol(_hash(file), tuple(people))


def _hash(file: Path) -> str:
    """Return the SHA-256 of a file; of a WFDB record, of the file that was named."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
