"""Markers in blood and saliva from a long table: one row a person, session, marker and fluid; limits are no values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from asklepion.core.errors import BadInput, BadRow, ManyFaults
from asklepion.knowledge.types import Biomarker, Flag
from asklepion.signals.lab.concentration import Concentration, Limit, Matrix, parse
from asklepion.signals.lab.files import rows

MISSING = ("", ".", "NA", "n/a")
"""What is taken for a cell without a value."""
_COLUMNS = {
    "participant_id": ("participant_id", "subject"),
    "session": ("session", "when"),
    "marker": ("marker",),
    "value": ("value",),
    "unit": ("unit",),
    "matrix": ("matrix",),
}
_TOLD = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """One row: whose, when, of what in which fluid, in the unit of the marker; `found` is None for an empty cell."""

    subject: str
    session: str
    marker: str
    matrix: Matrix
    found: Concentration | None
    unit: str
    given_unit: str
    line: int

    @property
    def measure(self) -> str:
        """The marker with its fluid: what is compared with its like only."""
        return f"{self.marker}_{self.matrix}"

    @property
    def value(self) -> float | None:
        """The value; None where there is none, or only a limit of the assay."""
        return None if self.found is None or self.found.limit else self.found.value


def read(path: Path, markers: Mapping[str, Biomarker]) -> tuple[Reading, ...]:
    """Return the rows of a table of markers, values in the unit of each marker.

    Columns participant_id (or subject), session (or when), marker, value, unit, matrix. Raises ManyFaults with every
    row that cannot be taken: an unknown marker, a unit or fluid that is not the marker's, no value, a row that is there
    already.
    """
    heading, lines = rows(path)
    columns = _columns(heading, path)
    faults: list[BadInput] = []
    found: list[Reading] = []
    first: dict[tuple[str, str, str], int] = {}
    for number, row in lines:
        reading = _reading(number, row, columns, markers=markers, path=path, faults=faults)
        if reading is None:
            continue
        before = first.setdefault((reading.subject, reading.session, reading.measure), number)
        if before != number:
            what = f"{reading.measure} of {reading.subject} at {reading.session} stands already in line {before}."
            faults.append(BadRow(what, file=path.name, line=number, remedy="Keep one of both, or name two sessions."))
        found.append(reading)
    if faults:
        what = f"{len(faults)} row{'' if len(faults) == 1 else 's'} cannot be taken."
        raise ManyFaults(what, tuple(faults[:_TOLD]), where=str(path))
    return tuple(found)


def flags(reading: Reading, marker: Biomarker) -> tuple[Flag, ...]:
    """Return what is to be said of a value: it lies above a bound, or its lower limit does."""
    found = reading.found
    if found is None or found.limit is Limit.BELOW:
        return ()
    beyond = found.limit is Limit.ABOVE
    return tuple(each for each in marker.flags if found.value > each.above or (beyond and found.value == each.above))


def converted(readings: Sequence[Reading]) -> tuple[str, ...]:
    """Return which measures came in other units than their own, in words."""
    units: dict[str, dict[str, int]] = {}
    for each in readings:
        counts = units.setdefault(each.measure, {})
        counts[each.given_unit] = counts.get(each.given_unit, 0) + 1
    own = {each.measure: each.unit for each in readings}
    return tuple(
        f"{count} of {name} in {unit} converted to {own[name]}"
        for name, counts in units.items()
        for unit, count in counts.items()
        if unit != own[name]
    )


def _columns(heading: Sequence[str], path: Path) -> dict[str, str]:
    found = {name: [each for each in known if each in heading] for name, known in _COLUMNS.items()}
    missing = [" or ".join(_COLUMNS[name]) for name, there in found.items() if not there]
    if missing:
        what = f"There is no column {', '.join(missing)}."
        raise BadInput(what, where=str(path), remedy=f"It has: {', '.join(heading)}.")
    doubled = [there for there in found.values() if len(there) > 1]
    if doubled:
        what = f"Columns {' and '.join(doubled[0])} say the same."
        raise BadInput(what, where=str(path), remedy="Leave one of them out.")
    return {name: there[0] for name, there in found.items()}


def _reading(
    number: int,
    row: Mapping[str, str],
    columns: Mapping[str, str],
    *,
    markers: Mapping[str, Biomarker],
    path: Path,
    faults: list[BadInput],
) -> Reading | None:
    def fault(error: BadInput, name: str) -> None:
        faults.append(BadRow(error.what, file=path.name, line=number, column=columns[name], remedy=error.remedy))

    cell = {name: row[column] for name, column in columns.items()}
    for name in ("participant_id", "session"):
        if not cell[name]:
            fault(BadInput("It is empty.", remedy="Say whose value this is, and when it was taken."), name)
            return None
    name = "marker"
    try:
        marker = _marker(cell["marker"], markers)
        name = "matrix"
        matrix = _matrix(cell["matrix"], marker)
        name = "unit"
        unit = _spelled(cell["unit"])
        factor = _factor(unit, marker)
        name = "value"
        text = cell["value"]
        found = None if text in MISSING else parse(text, unit=marker.unit, matrix=matrix)
    except BadInput as error:
        fault(error, name)
        return None
    if found is not None:
        found = replace(found, value=found.value * factor)
    return Reading(cell["participant_id"], cell["session"], marker.id, matrix, found, marker.unit, unit, number)


def _marker(text: str, markers: Mapping[str, Biomarker]) -> Biomarker:
    fluids = {name: each for name, each in markers.items() if each.matrices}
    found = fluids.get(text.casefold().replace("_", "-").replace(" ", "-"))
    if found is None:
        raise BadInput(f"There is no marker `{text}`.", remedy=f"Known: {', '.join(sorted(fluids))}.")
    return found


def _matrix(text: str, marker: Biomarker) -> Matrix:
    found = next((each for each in marker.matrices if each == text.casefold()), None)
    if found is None:
        what = f"`{text}` is no fluid of {marker.id}." if text else "The fluid is not said."
        raise BadInput(what, remedy=f"Known: {', '.join(marker.matrices)}.")
    return Matrix(found)


def _spelled(unit: str) -> str:
    """Return a unit as UCUM's preferred spelling has it: ug for µg, L for l."""
    plain = unit.replace("µ", "u").replace("μ", "u")
    return f"{plain[:-1]}L" if plain.endswith("l") and not plain.endswith("mol") else plain


def _factor(unit: str, marker: Biomarker) -> float:
    known = {marker.unit: 1.0, **{each.unit: each.factor for each in marker.other_units}}
    if unit not in known:
        what = f"`{unit}` is no unit of {marker.id}." if unit else "The unit is not said."
        raise BadInput(what, remedy=f"Known: {', '.join(known)}.")
    return known[unit]
