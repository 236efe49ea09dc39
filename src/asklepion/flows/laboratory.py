"""Laboratory: tables of markers in, values and the change of each person out, by the facts on file. Nothing is kept."""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.flows.facts import facts
from asklepion.knowledge.types import Biomarker
from asklepion.signals.lab import change, sleep_files
from asklepion.signals.lab import markers as marker_files
from asklepion.signals.lab.change import Change, Verdict
from asklepion.signals.lab.freesurfer import Scan, scan
from asklepion.signals.lab.markers import Reading
from asklepion.signals.lab.sleep import Night, Sleeper, nights
from asklepion.signals.measure import Measure, as_json

__all__ = [
    "Change",
    "Markers",
    "Night",
    "Reading",
    "ScanChange",
    "Scans",
    "Sleep",
    "Sleeper",
    "as_json",
    "freesurfer",
    "markers",
    "scan_rows",
    "sleep",
    "sleep_rows",
    "write_measures",
]


MeasureRow = tuple[str, str, str, float, str]
"""participant_id, session, measure, value and unit."""


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

    def measures(self, *, flagged: bool = True) -> tuple[MeasureRow, ...]:
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


_NO_LINE = ("mean_midsleep",)
"""Times of day lie on a circle: their differences are not those of numbers."""


def scan_rows(found: "Scans", session: str) -> tuple[MeasureRow, ...]:
    """Return the numbers of a scan as `write_measures` takes them."""
    return _rows(found.after.subject, session, found.after.measures)


def sleep_rows(found: "Sleep", session: str) -> tuple[MeasureRow, ...]:
    """Return everybody's means over nights and regularity as `write_measures` takes them, without midsleep.

    Raises BadInput for a file that does not say whose nights these are.
    """
    if not all(each.subject for each in found.people):
        what = "The file does not say whose nights these are."
        raise BadInput(what, where="participant_id", remedy="Give it a column participant_id.")
    return tuple(row for each in found.people for row in _rows(each.subject, session, (*each.means, each.regularity)))


def _rows(subject: str, session: str, measures: Sequence[Measure]) -> tuple[MeasureRow, ...]:
    return tuple(
        (
            subject,
            session,
            "_".join(part for part in (each.name, each.of.replace(" ", "_")) if part),
            each.value,
            each.unit,
        )
        for each in measures
        if not isinstance(each.value, Unscored) and each.name not in _NO_LINE
    )


def write_measures(rows: Sequence[MeasureRow], file: Path) -> None:
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


MARKER_OF = {"hippocampal_volume": "hippocampal-volume", "cortical_thickness_mean": "cortical-thickness"}
"""The fact by which a measure of a scan is judged; other measures have none."""


@dataclass(frozen=True, slots=True)
class ScanChange:
    """The change of a measure from one scan to the next, in its unit and in per cent of the scan before."""

    measure: Measure
    before: float | Unscored
    difference: float | Unscored
    percent: float | Unscored
    told: Verdict


@dataclass(frozen=True, slots=True)
class Scans:
    """A scan, the one before if there was one, and what changed; `said` is what to be wary of in comparing them."""

    hashes: tuple[tuple[str, str], ...]
    after: Scan
    before: Scan | None
    changes: tuple[ScanChange, ...]
    said: tuple[str, ...]


def freesurfer(files: Sequence[Path], *, before: Sequence[Path] = (), regions: bool = False) -> Scans:
    """Return what FreeSurfer's stats files tell of a scan and, with the files of an earlier one, what changed.

    Raises BadInput for files that cannot be taken as they are.
    """
    after = scan(files, regions=regions)
    first = scan(before, regions=regions) if before else None
    hashes = tuple((str(each), hashlib.sha256(each.read_bytes()).hexdigest()) for each in (*before, *files))
    if first is None:
        return Scans(hashes, after, None, (), ())
    if {each for _, each in hashes[: len(before)]} & {each for _, each in hashes[len(before) :]}:
        raise BadInput(
            "A file is the same before and after.", where="--before", remedy="Name the earlier scan's files."
        )
    earlier = {(each.name, each.of): each for each in first.measures}
    versions = f"The scan before is by FreeSurfer {first.version or 'not said'}, this by {after.version or 'not said'}."
    mixed = "" if first.version and first.version == after.version else versions
    told = tuple(
        _scan_change(earlier[each.name, each.of], each, mixed)
        for each in after.measures
        if (each.name, each.of) in earlier
    )
    names = f"The scan before is of {first.subject}, this of {after.subject}: are they one person?"
    return Scans(
        hashes,
        after,
        first,
        told,
        (*((names,) if first.subject != after.subject else ()), *((mixed,) if mixed else ())),
    )


def _scan_change(first: Measure, second: Measure, mixed: str) -> ScanChange:
    one, other = first.value, second.value
    if isinstance(one, Unscored) or isinstance(other, Unscored):
        why = next(each for each in (one, other) if isinstance(each, Unscored))
        return ScanChange(second, one, why, why, Verdict(verdict="unknown", why=why.reason))
    if one == 0:
        zero = Unscored("The value before is zero.")
        return ScanChange(second, one, other - one, zero, Verdict(verdict="unknown", why=zero.reason))
    percent = 100 * (other / one - 1)
    name = MARKER_OF.get(second.name)
    if mixed:
        told = Verdict(verdict="unknown", why=mixed)
    elif name is None:
        told = Verdict(verdict="unknown", why="No variation within a person is on file for this.")
    else:
        marker = facts().biomarkers[name]
        told = change.judge(percent, marker, change.chance_limit(marker))
    return ScanChange(second, one, other - one, percent, told)


@dataclass(frozen=True, slots=True)
class Sleep:
    """The nights of every person of a file, with its SHA-256."""

    sha256: str
    people: tuple[Sleeper, ...]


def sleep(file: Path, *, in_bed: Path | None = None, local: bool = False) -> Sleep:
    """Return the nights of every person of a file of scored epochs or intervals, and means by what the facts want.

    Raises BadInput for a file that cannot be taken as it is.
    """
    wanted = next(iter(facts().biomarkers["sleep-efficiency"].wanted), None)
    found = sleep_files.read(file, local=local, in_bed=in_bed)
    return Sleep(hashlib.sha256(file.read_bytes()).hexdigest(), tuple(nights(each, wanted) for each in found))
