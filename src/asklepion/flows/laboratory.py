"""Laboratory: tables of markers in, values and the change of each person out, by the facts on file. Nothing is kept."""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.flows.facts import facts
from asklepion.knowledge.types import Biomarker
from asklepion.signals.lab import change
from asklepion.signals.lab import markers as marker_files
from asklepion.signals.lab.change import Change
from asklepion.signals.lab.markers import Reading

__all__ = ["Change", "Markers", "Reading", "markers", "write_measures"]


@dataclass(frozen=True, slots=True)
class Markers:
    """The rows of a table and the changes asked for, with what is to be said of each row, in order of rows."""

    sha256: str
    readings: tuple[Reading, ...]
    said: tuple[tuple[str, ...], ...]
    changes: tuple[Change, ...]
    converted: tuple[str, ...]
    known: tuple[Biomarker, ...]
    """The markers that the table holds."""

    def measures(self, *, flagged: bool = True) -> tuple[tuple[str, str, str, float, str], ...]:
        """Return every value as `write_measures` takes it: no blanks, no limits; without what is flagged, if asked."""
        return tuple(
            (each.subject, each.session, each.measure, each.value, each.unit)
            for each, said in zip(self.readings, self.said, strict=True)
            if each.value is not None and (flagged or not said)
        )


def markers(
    file: Path, *, before: str | None = None, after: str | None = None, assay_cv: Mapping[str, float] | None = None
) -> Markers:
    """Return the values of a table of markers and, with both sessions named, the change of every person.

    Raises BadInput for a file that cannot be taken as it is, and where only one session is named.
    """
    known = facts().biomarkers
    own = dict(assay_cv or {})
    for name in own:
        if name not in known:
            raise BadInput(f"There is no marker {name}.", where="--assay-cv", remedy=f"Known: {', '.join(known)}.")
    if (before is None) != (after is None):
        raise BadInput("One session alone has no change.", where="--before, --after", remedy="Name both, or neither.")
    found = marker_files.read(file, known)
    said = tuple(
        tuple(f"{flag.says} ({flag.basis.confidence})" for flag in marker_files.flags(each, known[each.marker]))
        for each in found
    )
    told: tuple[Change, ...] = ()
    if before is not None and after is not None:
        told = change.changes(found, known, before=before, after=after, assay_cv=own)
    return Markers(
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        readings=found,
        said=said,
        changes=told,
        converted=marker_files.converted(found),
        known=tuple(known[name] for name in dict.fromkeys(each.marker for each in found)),
    )


def write_measures(rows: Sequence[tuple[str, str, str, float, str]], file: Path) -> None:
    """Write participant_id, session, measure, value and unit as `asklepion analyse change` reads them.

    Raises BadInput where nothing has a number, or the file cannot be written.
    """
    if not rows:
        raise BadInput("Nothing has a number.", where=str(file), remedy="There is nothing to write.")
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter="\t", lineterminator="\n")
            writer.writerow(("participant_id", "session", "measure", "value", "unit"))
            writer.writerows((who, when, what, f"{value:.12g}", unit) for who, when, what, value, unit in rows)
    except OSError as error:
        raise BadInput(f"It cannot be written: {error.strerror}.", where=str(file), remedy="Name another.") from error
