"""The one write path of a chart."""

import fcntl
import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from threading import Lock
from uuid import UUID

import uuid6
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Length

from asklepion.core.access import WRITES, Label, Role, label_of
from asklepion.core.chart import Chart, fold
from asklepion.core.entries import CourseOpened, Entry, Retracted
from asklepion.core.errors import BadInput, IdReused, NotAllowed, UnknownId
from asklepion.record import clock
from asklepion.record.canonical import body_of, hash_of, recorded_of
from asklepion.record.folding import chart_at, keep
from asklepion.record.models import Course, LedgerEntry
from asklepion.record.projecting import Rows, Stored, prepare, write
from asklepion.record.projecting import keep as keep_rows

_ALL = frozenset(Label)
_LONGEST_ID = 36
_TRIES = 100
_WRITERS = Lock()
_TURN = settings.HOME / "turn.lock"


@dataclass(frozen=True, slots=True)
class Author:
    account: str
    role: Role
    device: str = "server"


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    course: str
    seq: int
    hash: str
    recorded_at: datetime


def new_id() -> str:
    """Return a fresh UUIDv7."""
    return str(uuid6.uuid7())


def one_id(*said: str) -> str:
    """Return the id of something that is recorded once, from what says what it is: the same on every device.

    It is keyed (RFC 9562, v8). A hash of what can be guessed would let a reader try whether a sealed entry exists, take
    its id first, or find out what it says by hashing each answer that it may hold.
    """
    key = hashlib.sha256(b"ids" + settings.PEOPLE_KEY.encode()).digest()
    digest = bytearray(hmac.new(key, "\n".join(said).encode(), hashlib.sha256).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(digest)))


@contextmanager
def together() -> Iterator[None]:
    """Let the entries that are appended within stand or fall together: one form, several entries, one transaction."""
    with _turn():
        yield


@contextmanager
def _turn() -> Iterator[None]:
    """Let a transaction begin when those of other threads and processes are done.

    SQLite takes one writer at a time and lets the others sleep ever longer; a lock wakes the next at once. It is taken
    before a transaction and never within one, so that nobody who holds the database waits for it.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with _WRITERS, _TURN.open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            with transaction.atomic():
                yield
    else:
        with transaction.atomic():
            yield


def knows(course: str, id: str | None) -> bool:
    """Return whether an id names an entry of this course: what was sent twice is recognised before it is judged."""
    known = _known(id)
    return known is not None and known.course == course


def holds_real_people() -> bool:
    """Return whether any course is of a person who is not simulated."""
    return Course.objects.filter(simulated=False).exists()


def count_courses(*, device: str = "") -> int:
    """Return how many courses were opened, ended ones too; with `device`, those that were opened on it."""
    if device:
        return LedgerEntry.objects.filter(seq=1, device=device).count()
    return Course.objects.count()


def open_course(
    entry: CourseOpened, *, by: Author, code: str | None = None, at: datetime | None = None, id: str | None = None
) -> Receipt:
    """Begin a ledger. Without a code the next free one (AK-0001) is taken.

    Raises NotAllowed by role, BadInput if the code is taken or the clock is shifted for a real person.
    """
    _check_role(entry, by)
    _check_writing(by, id=id, reason="")

    def write_it() -> Receipt:
        known = _known(id)
        if known:
            return _same(known, known.course if code is None else code, entry, by, at=at, corrects="", reason="")
        if code and Course.objects.filter(code=code).exists():
            raise BadInput(f"The code {code} is taken.", remedy="Leave it out to get the next free one.")
        head = Course.objects.create(code=code or _next_code(), seq=0, hash="", simulated=entry.simulated)
        return _write(_prepared(head, _How(entry, by, at=at, id=id)))

    return _settled(write_it)


def append(
    course: str,
    entry: Entry,
    by: Author,
    *,
    at: datetime | None = None,
    id: str | None = None,
    corrects: str = "",
    reason: str = "",
    clock_offset_ms: int = 0,
) -> Receipt:
    """Record an entry with its projections, in one transaction. The same id again gives the same receipt.

    Raises UnknownId, NotAllowed by role, BadInput for a correction of nothing or without reason, IdReused.
    """
    _check_role(entry, by)
    _check_writing(by, id=id, reason=reason)

    how = _How(entry, by, at=at, id=id, corrects=corrects, reason=reason, clock_offset_ms=clock_offset_ms)
    ready = None if connection.in_atomic_block else _ahead(course, how)

    def write_it() -> Receipt:
        head = Course.objects.select_for_update().filter(code=course).first()
        if head is None:
            raise UnknownId("There is no such course.")
        known = _known(id)
        if known:
            return _same(known, course, entry, by, at=at, corrects=corrects, reason=reason)
        if isinstance(entry, CourseOpened):
            raise BadInput("The course is open already.")
        return _write(ready if ready and ready.row.previous_hash == head.hash else _prepared(head, how))

    return _settled(write_it)


@dataclass(frozen=True, slots=True)
class _How:
    """What is to be recorded, and how it was said."""

    entry: Entry
    by: Author
    _: KW_ONLY
    at: datetime | None
    id: str | None
    corrects: str = ""
    reason: str = ""
    clock_offset_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An entry with all that follows from it, ready to be written after the head that it was made for."""

    row: LedgerEntry
    chart: Chart
    rows: Rows
    simulated: bool


def _ahead(course: str, how: _How) -> _Prepared | None:
    """Prepare an entry before the transaction, so that a writer holds the database for its writes only.

    If another writer comes first, it is prepared anew within. The head is read before the id: whoever records the same
    id meanwhile is seen by the one or the other.
    """
    head = Course.objects.filter(code=course).first()
    if head is None or _known(how.id) or isinstance(how.entry, CourseOpened):
        return None
    return _prepared(head, how)


def _settled(write_it: Callable[[], Receipt]) -> Receipt:
    """Return what one transaction gives; it is judged anew where another writer took the same id or code meanwhile."""
    for _ in range(_TRIES - 1):
        try:
            with _turn():
                return write_it()
        except IntegrityError:
            continue
    with _turn():
        return write_it()


def _prepared(head: Course, how: _How) -> _Prepared:
    if clock.is_shifted() and not head.simulated:
        raise BadInput("The clock is shifted.", where=head.code, remedy="Only a simulated course takes such entries.")
    before = chart_at(head, _ALL) if head.seq else Chart(head.code)
    now = clock.now()
    row = LedgerEntry(
        id=how.id or new_id(),
        course=head.code,
        seq=head.seq + 1,
        kind=how.entry.kind,
        body=body_of(how.entry),
        at=_utc(how.at) if how.at else now,
        recorded_at=now,
        clock_offset_ms=how.clock_offset_ms,
        by=how.by.account,
        device=how.by.device,
        role=str(how.by.role),
        label=str(_label(before, how.entry, how.by, corrects=how.corrects, reason=how.reason)),
        corrects=how.corrects,
        reason=how.reason,
        previous_hash=head.hash,
    )
    row.hash = hash_of(row)
    chart = fold([recorded_of(row)], before)
    return _Prepared(row, chart, prepare(chart), head.simulated)


def _write(made: _Prepared) -> Receipt:
    row = made.row
    row.save(force_insert=True)
    Course.objects.filter(code=row.course).update(seq=row.seq, hash=row.hash)
    stored = write(made.rows, head=row.previous_hash)
    after = Course(code=row.course, seq=row.seq, hash=row.hash, simulated=made.simulated)
    transaction.on_commit(lambda: _kept(after, made.chart, stored))
    return _receipt(row)


def _kept(after: Course, chart: Chart, stored: Stored) -> None:
    keep(after, _ALL, chart)
    keep_rows(after.code, stored, after.hash)


def _label(before: Chart, entry: Entry, by: Author, *, corrects: str, reason: str) -> Label:
    """Return the label of a new entry. A correction is never more open than what it corrects."""
    own = label_of(entry)
    if not corrects:
        if isinstance(entry, Retracted):
            raise BadInput("A retraction must name what it retracts.")
        return own
    target = next((each for found in before.kinds.values() for each in found if each.id == corrects), None)
    if target is None:
        raise BadInput("What is to be corrected is not an effective entry of this course.", where=corrects)
    if not reason.strip():
        raise BadInput("A correction needs a reason.", where="reason")
    if by.role not in WRITES[target.entry.kind]:
        raise NotAllowed("This role may not correct such an entry.", where=target.entry.kind)
    if isinstance(target.entry, CourseOpened) and isinstance(entry, Retracted):
        raise BadInput("The opening of a course cannot be retracted.", remedy="End the course.")
    if not isinstance(entry, Retracted) and entry.kind != target.entry.kind:
        raise BadInput("A correction has the kind of what it corrects.", remedy="Retract that entry, record this anew.")
    return Label(target.label) if own is Label.OPEN else own


def _check_role(entry: Entry, by: Author) -> None:
    if by.role not in WRITES[entry.kind]:
        raise NotAllowed(f"A {by.role.replace('_', ' ')} may not record this.", where=entry.kind)


def _check_writing(by: Author, *, id: str | None, reason: str) -> None:
    """Refuse what one of the engines could not store, alike on both."""
    if id is not None and not (0 < len(id) <= _LONGEST_ID and id.isprintable()):
        raise BadInput("This is no id of an entry.", where="id", remedy="Load the page again and send it once more.")
    for where, text in (("reason", reason), ("by", by.account), ("device", by.device)):
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise BadInput("A letter in it cannot be kept.", where=where, remedy="Type it again.")


def _known(id: str | None) -> LedgerEntry | None:
    return LedgerEntry.objects.filter(id=id).first() if id else None


def _same(
    row: LedgerEntry, course: str, entry: Entry, by: Author, *, at: datetime | None, corrects: str, reason: str
) -> Receipt:
    said = (course, body_of(entry), by.account, str(by.role), corrects, reason, _utc(at) if at else row.at)
    if said != (row.course, row.body, row.by, row.role, row.corrects, row.reason, row.at):
        raise IdReused("This id already names another entry.", where=row.id, remedy="Record it under a new id.")
    return _receipt(row)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise BadInput("An instant needs its time zone.", where="at")
    return at.astimezone(UTC)


def _receipt(row: LedgerEntry) -> Receipt:
    return Receipt(row.id, row.course, row.seq, row.hash, row.recorded_at)


def _next_code() -> str:
    codes = Course.objects.filter(code__startswith="AK-").order_by(Length("code").desc(), "-code")
    numbers = (code[3:] for code in codes.values_list("code", flat=True).iterator(chunk_size=1))
    last = next((int(number) for number in numbers if number.isascii() and number.isdigit()), 0)
    return f"AK-{last + 1:04d}"
