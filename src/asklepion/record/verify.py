"""Walking the chains, and folding the projections again."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from asklepion.core.chart import Chart, fold
from asklepion.core.entries import CourseOpened
from asklepion.core.errors import UnknownId
from asklepion.record.canonical import entry_of, hash_of, recorded_of
from asklepion.record.models import Course, LedgerEntry, ProjectedCourse
from asklepion.record.projecting import prepare, write
from asklepion.record.snapshot import snapshot

Progress = Callable[[int, int], None]
_UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError)
"""What a row whose columns hold something else than was written raises when it is read."""


@dataclass(frozen=True, slots=True)
class Fault:
    course: str
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.course}, entry {self.seq}: {self.what}"


def verify(course: str | None = None, progress: Progress | None = None) -> list[Fault]:
    """Return the first fault of every broken chain, one snapshot a course; an empty list if all are whole.

    Nobody who writes waits for it. Raises UnknownId if there is nothing under the course's code.
    """
    codes = set(Course.objects.values_list("code", flat=True)) | set(
        LedgerEntry.objects.order_by().values_list("course", flat=True).distinct()
    )
    if course is not None and course not in codes:
        raise UnknownId("There is no such course.", where=course)
    wanted = sorted(codes) if course is None else [course]
    faults = []
    for done, code in enumerate(wanted, 1):
        with snapshot():
            fault = _first_fault(code)
        if fault:
            faults.append(fault)
        if progress:
            progress(done, len(wanted))
    return faults


def _first_fault(code: str) -> Fault | None:
    head = Course.objects.filter(code=code).first()
    if head is None:
        return Fault(code, 0, "the course has no head")
    previous, seq = "", 0
    try:
        for row in LedgerEntry.objects.filter(course=code).order_by("seq").iterator():
            seq += 1
            what = _what_is_wrong(row, seq, previous) or (_opening(row, head) if seq == 1 else "")
            if what:
                return Fault(code, seq, what)
            previous = row.hash
    except (*_UNREADABLE, DatabaseError):
        return Fault(code, seq + 1, "cannot be read")
    if seq != head.seq:
        return Fault(code, min(seq, head.seq) + 1, f"the head stands at {head.seq} but the last entry is {seq}")
    return None if previous == head.hash else Fault(code, seq, "the head names another hash than the last entry")


def _what_is_wrong(row: LedgerEntry, seq: int, previous: str) -> str:
    if row.seq != seq:
        return f"missing; entry {row.seq} follows"
    if row.previous_hash != previous:
        return "does not follow the hash of the entry before it"
    try:
        return "" if hash_of(row) == row.hash else "what it says is not what was hashed"
    except _UNREADABLE:
        return "cannot be read"


def _opening(row: LedgerEntry, head: Course) -> str:
    opened = entry_of(row.body)
    if not isinstance(opened, CourseOpened):
        return "does not open the course"
    return "" if opened.simulated == head.simulated else "the head says otherwise whether the person is simulated"


def rebuild(course: str | None = None, progress: Progress | None = None) -> int:
    """Drop the projections and fold them again from the ledgers. Return how many courses.

    Raises UnknownId if there is no such course.
    """
    heads = Course.objects.order_by("code")
    codes = list((heads if course is None else heads.filter(code=course)).values_list("code", flat=True))
    if course is not None and not codes:
        raise UnknownId("There is no such course.", where=course)
    for done, code in enumerate(codes, 1):
        with transaction.atomic():
            Course.objects.select_for_update().get(code=code)
            ProjectedCourse.objects.filter(course=code).delete()
            rows = LedgerEntry.objects.filter(course=code).order_by("seq")
            write(prepare(fold((recorded_of(row) for row in rows), Chart(code))))
        if progress:
            progress(done, len(codes))
    return len(codes)
