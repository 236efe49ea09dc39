"""The audit of one course: its ledger as pages show it, the check of its chain, corrections, the export."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from asklepion.core.access import WRITES, Role
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import ConsentCountersigned, CourseOpened, Entry, Observed, Retracted, Signed
from asklepion.core.errors import BadInput, UnknownId
from asklepion.flows import screening
from asklepion.flows.describe import describe, kind_of
from asklepion.flows.facts import facts
from asklepion.record import clock, ledger, reading
from asklepion.record import verify as chain
from asklepion.record.ledger import Author, Receipt
from asklepion.record.reading import Reader

__all__ = [
    "Check",
    "Detail",
    "Line",
    "Page",
    "amend",
    "check_chain",
    "describe",
    "detail",
    "export",
    "lines",
    "may_correct",
    "page",
    "retract",
]

Show = Literal["all", "corrections", "signatures"]
_SIGNATURES = ("signed", "consent_signed", "consent_countersigned")
_SIZE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the ledger lists it. `struck_by` and `instead_of` are the numbers of other entries, if any."""

    recorded: Recorded[Entry]
    kind: str
    text: str
    struck_by: Recorded[Entry] | None
    instead_of: "Line | None"
    kept_seconds: int

    @property
    def retracted(self) -> bool:
        return self.struck_by is not None and isinstance(self.struck_by.entry, Retracted)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the ledger, newest first. `older` is the number to ask for entries before, None at the end."""

    lines: tuple[Line, ...]
    older: int | None
    corrections: int
    signatures: int
    last_hash: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One entry with the entry that it corrects, the one that corrects it, and the signatures upon it."""

    line: Line
    signatures: tuple[Line, ...]
    may_correct: bool
    values: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """One entry as the command prints it."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: str
    what: str
    by: str
    role: str
    device: str
    corrects: str
    reason: str
    id: str
    previous_hash: str
    hash: str

    def as_json(self) -> dict[str, object]:
        return {name: _iso(value) for name, value in dataclasses.asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Check:
    """What a walk over the chain found, and when."""

    at: datetime
    faults: tuple[str, ...]


def page(course: str, reader: Reader, *, show: Show = "all", q: str = "", before: int | None = None) -> Page:
    """Return a page of what the reader may see. `q` is looked for in kind, text, person, role, device and hash."""
    chart = reading.chart(course, reader)
    by_id = _Known(course, reader)
    found: list[Line] = []
    cursor = before
    while len(found) <= _SIZE:
        kinds = _SIGNATURES if show == "signatures" else None
        batch = reading.entries(course, reader, before_seq=cursor, limit=200 if q else _SIZE + 1, kinds=kinds)
        if not batch:
            break
        cursor = batch[-1].seq
        wanted = (recorded for recorded in batch if show != "corrections" or recorded.corrects)
        found.extend(line for line in (_line(each, chart, by_id) for each in wanted) if _matches(line, q))
    shown = tuple(found[:_SIZE])
    newest = reading.entries(course, reader, limit=1)
    return Page(
        lines=shown,
        older=shown[-1].recorded.seq if len(found) > _SIZE else None,
        corrections=len(chart.struck),
        signatures=sum(each.entry.kind in _SIGNATURES for found in chart.kinds.values() for each in found),
        last_hash=newest[0].hash if newest else "",
    )


def detail(course: str, seq: int, reader: Reader) -> Detail:
    """Return one entry by its number. Raise UnknownId for what is not there and for what the reader may not see."""
    recorded = _by_seq(course, seq, reader)
    chart = reading.chart(course, reader)
    known = _Known(course, reader)
    signing = (*chart.of(Signed), *chart.of(ConsentCountersigned))
    signed = [each for each in signing if _signs(cast("Recorded[Entry]", each), recorded)]
    return Detail(
        line=_line(recorded, chart, known),
        signatures=tuple(_line(cast("Recorded[Entry]", each), chart, known) for each in signed),
        may_correct=may_correct(recorded, chart, reader.role),
        values=_values(recorded.entry),
    )


def may_correct(recorded: Recorded[Entry], chart: Chart, role: Role) -> bool:
    """Return whether a role may correct an entry: it stands, and the role may record such entries and retract.

    A signature is withdrawn by the role that gave it: nobody takes back another's approval.
    """
    if recorded.id in chart.struck or isinstance(recorded.entry, CourseOpened | Retracted):
        return False
    if isinstance(recorded.entry, Signed) and recorded.role != role:
        return False
    return role in WRITES[recorded.entry.kind] and role in WRITES["retracted"]


def retract(course: str, seq: int, reason: str, *, by: Author, reader: Reader) -> Receipt:
    """Withdraw an entry with a reason. It stays, struck through."""
    recorded = _correctable(course, seq, reason, reader)
    return ledger.append(course, Retracted(), by, corrects=recorded.id, reason=reason.strip())


def amend(
    course: str, seq: int, values: Mapping[str, str | bool | float], reason: str, *, by: Author, reader: Reader
) -> Receipt:
    """Put other values in the place of those of an entry, with a reason. They stand at the same instant."""
    recorded = _correctable(course, seq, reason, reader)
    if not isinstance(recorded.entry, Observed):
        raise BadInput("Only readings can be amended here.", remedy="Retract the entry and record it anew.")
    return screening.record_values(
        course,
        values,
        by=by,
        visit=recorded.entry.visit,
        at=recorded.at,
        corrects=recorded.id,
        reason=reason.strip(),
    )


def check_chain(course: str, reader: Reader) -> Check:
    """Walk the chain of a course that the reader may see, from the first entry on."""
    reading.chart(course, reader)
    return Check(clock.now(), tuple(str(fault) for fault in chain.verify(course)))


def lines(course: str, role: Role) -> tuple[Printed, ...]:
    """Return the ledger of a course as a role may read it, oldest first. Raises UnknownId as every read does."""
    reader = Reader(role, "command line", course)
    return tuple(_printed(recorded) for recorded in reversed(reading.entries(course, reader)))


def _printed(recorded: Recorded[Entry]) -> Printed:
    return Printed(
        seq=recorded.seq,
        at=recorded.at,
        recorded_at=recorded.recorded_at,
        kind=recorded.entry.kind,
        what=describe(recorded, facts()),
        by=recorded.by,
        role=recorded.role,
        device=recorded.device,
        corrects=recorded.corrects,
        reason=recorded.reason,
        id=recorded.id,
        previous_hash=recorded.previous_hash,
        hash=recorded.hash,
    )


def _iso(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def export(course: str, reader: Reader) -> Iterator[str]:
    """Return the ledger as JSON Lines, oldest first: one line on what this file is, then one an entry.

    Whole, with every field that is hashed as it was hashed, if the reader may see every entry; else a filtered copy
    that says that its chain cannot be verified.
    """
    seen = reading.written(course, reader)
    whole = len(seen) == reading.chart(course, reading.JUDGE).seq
    yield json.dumps(_preface(course, len(seen), whole), ensure_ascii=False) + "\n"
    for written in seen:
        yield json.dumps(written, ensure_ascii=False) + "\n"


def _preface(course: str, count: int, whole: bool) -> dict[str, object]:
    what = (
        "A whole ledger. Each hash covers the fields of its line and the hash before it."
        if whole
        else "A filtered copy: entries that your role may not see are left out, so its chain cannot be verified."
    )
    return {"course": course, "exported_at": clock.now().isoformat(), "entries": count, "whole": whole, "what": what}


class _Known:
    """Entries of a course by id, each read once: corrections name each other by id."""

    def __init__(self, course: str, reader: Reader) -> None:
        self._course, self._reader = course, reader
        self._found: dict[str, Recorded[Entry] | None] = {}

    def get(self, id: str) -> Recorded[Entry] | None:
        if id and id not in self._found:
            try:
                self._found[id] = reading.entry(self._course, id, self._reader)
            except UnknownId:
                self._found[id] = None
        return self._found.get(id)


def _line(recorded: Recorded[Entry], chart: Chart, known: _Known) -> Line:
    before = known.get(recorded.corrects)
    return Line(
        recorded=recorded,
        kind=kind_of(recorded),
        text=describe(recorded, facts()),
        struck_by=known.get(chart.struck.get(recorded.id, "")),
        instead_of=_bare(before) if before else None,
        kept_seconds=round((recorded.recorded_at - recorded.at).total_seconds()),
    )


def _bare(recorded: Recorded[Entry]) -> Line:
    """Return the line of an entry that is shown only beside its correction."""
    return Line(recorded, kind_of(recorded), describe(recorded, facts()), None, None, 0)


def _matches(line: Line, q: str) -> bool:
    recorded = line.recorded
    reason = recorded.reason
    haystack = (line.kind, line.text, recorded.by, recorded.role, recorded.device, recorded.hash, reason)
    return all(any(word in text.lower() for text in haystack) for word in q.lower().split())


def _by_seq(course: str, seq: int, reader: Reader) -> Recorded[Entry]:
    found = reading.entries(course, reader, before_seq=seq + 1, limit=1)
    if not found or found[0].seq != seq:
        raise UnknownId("There is no such entry.", where=f"{course}/{seq}")
    return found[0]


def _correctable(course: str, seq: int, reason: str, reader: Reader) -> Recorded[Entry]:
    recorded = _by_seq(course, seq, reader)
    if not may_correct(recorded, reading.chart(course, reader), reader.role):
        raise UnknownId("There is no such entry to correct.", where=f"{course}/{seq}")
    if not reason.strip():
        raise BadInput("A correction needs a reason.", where="reason", remedy="Say in a few words why it is corrected.")
    return recorded


def _signs(signature: Recorded[Entry], recorded: Recorded[Entry]) -> bool:
    return getattr(signature.entry, "signs_hash", "") == recorded.hash


def _values(entry: Entry) -> tuple[tuple[str, str, str], ...]:
    """Return id, title and present value of each value of a reading, for the form that amends them."""
    if not isinstance(entry, Observed):
        return ()
    known = facts().observables
    return tuple((v.what, known[v.what].title if v.what in known else v.what, _typed(v.value)) for v in entry.values)


def _typed(value: bool | float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"
