"""What must hold for biomarkers."""

import math
import re

from asklepion.knowledge.checks.known import Complaints, Known
from asklepion.knowledge.types import Biomarker, OtherUnit, Spread

_PREFIXES = {"": 0, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "d": -1, "c": -2, "k": 3}
_PER_VOLUME = re.compile(r"(?P<top>[munpfk]?)(?P<of>g|mol)/(?P<below>[mundc]?)L")


def complaints(marker: Biomarker, known: Known) -> Complaints:
    del known
    if not marker.unit:
        yield ("unit",), "A biomarker needs its unit.", "Write a UCUM code; a bare number has the unit `1`."
    if len(set(marker.matrices)) < len(marker.matrices):
        yield ("matrices",), "A fluid is named twice.", "Name it once."
    yield from _units(marker)
    for name, spreads in (("within_person", marker.within_person), ("assay", marker.assay)):
        for index, each in enumerate(spreads):
            yield from _spread(marker, each, name, index)
    for index, limit in enumerate(marker.change_limits):
        if not limit.percent > 0:
            yield ("change_limits", index, "percent"), f"{limit.percent:g}% is no limit.", "Write a number above 0."
        yield from _fluid(marker, limit.matrix, "change_limits", index)
    for index, wanted in enumerate(marker.wanted):
        if wanted.at_least < 1:
            yield ("wanted", index, "at_least"), f"{wanted.at_least} are none.", "Write a whole number from 1."


def _units(marker: Biomarker) -> Complaints:
    seen = {marker.unit}
    for index, each in enumerate(marker.other_units):
        path = ("other_units", index)
        if each.unit in seen:
            yield (*path, "unit"), f"The unit {each.unit} stands twice.", "Name it once."
        seen.add(each.unit)
        if not each.factor > 0:
            yield (*path, "factor"), f"{each.factor:g} is no factor.", "Write a number above 0."
        elif each.basis is None:
            yield from _by_prefix(marker.unit, each, *path)


def _by_prefix(unit: str, other: OtherUnit, *path: str | int) -> Complaints:
    """Recompute a factor that rests on nothing but metric prefixes."""
    here, there = _PER_VOLUME.fullmatch(unit), _PER_VOLUME.fullmatch(other.unit)
    if here is None or there is None or here["of"] != there["of"]:
        what = f"More than a prefix lies between {other.unit} and {unit}, yet no basis is given."
        yield (*path, "basis"), what, "Say where the factor is from."
        return
    power = _power(there) - _power(here)
    if not math.isclose(other.factor, 10.0**power, rel_tol=1e-9):
        what = f"1 {other.unit} is {10.0**power:g} {unit}, not {other.factor:g}."
        yield (*path, "factor"), what, "Mend the factor, or the unit."


def _power(unit: re.Match[str]) -> int:
    return _PREFIXES[unit["top"]] - _PREFIXES[unit["below"]]


def _spread(marker: Biomarker, spread: Spread, name: str, index: int) -> Complaints:
    path = (name, index)
    if not 0 < spread.low_percent <= spread.high_percent:
        what = f"{spread.low_percent:g} to {spread.high_percent:g}% is no variation."
        yield (*path, "low_percent"), what, "Write the lower number first, both above 0."
    yield from _fluid(marker, spread.matrix, *path)


def _fluid(marker: Biomarker, matrix: str, *path: str | int) -> Complaints:
    if matrix and matrix not in marker.matrices:
        remedy = f"Use one of: {', '.join(dict.fromkeys(marker.matrices)) or 'none'}."
        yield (*path, "matrix"), f"{matrix} is no fluid of this marker.", remedy
