"""Reading ledgers. Every read passes the one filter here; what a reader may not see does not exist for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from asklepion.core.access import READS, Label, Role
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import Entry
from asklepion.core.errors import UnknownId
from asklepion.record.canonical import recorded_of, written_of
from asklepion.record.folding import chart_at
from asklepion.record.models import Course, LedgerEntry


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads. `course` is a participant's own."""

    role: Role
    account: str
    course: str = ""

    @property
    def labels(self) -> frozenset[Label]:
        return READS[self.role]

    def may_open(self, course: str) -> bool:
        return bool(self.labels) and (self.role is not Role.PARTICIPANT or self.course == course)


@dataclass(frozen=True, slots=True)
class Judge:
    """Reads all labels, for rules that must know everything. Never for showing."""

    labels: frozenset[Label] = frozenset(Label)

    def may_open(self, course: str) -> bool:
        return True


JUDGE = Judge()


def chart(course: str, reader: Reader | Judge) -> Chart:
    """Return the chart as a reader may see it. Raises UnknownId alike for what is not there and what is not theirs."""
    return chart_at(_head(course, reader), reader.labels)


def entries(
    course: str,
    reader: Reader | Judge,
    *,
    before_seq: int | None = None,
    limit: int | None = None,
    kinds: Iterable[str] | None = None,
) -> tuple[Recorded[Entry], ...]:
    """Return entries, newest first, struck ones included."""
    _head(course, reader)
    found = LedgerEntry.objects.filter(course=course, label__in=reader.labels)
    if before_seq is not None:
        found = found.filter(seq__lt=before_seq)
    if kinds is not None:
        found = found.filter(kind__in=tuple(kinds))
    return tuple(recorded_of(row) for row in found.order_by("-seq")[:limit])


def entry(course: str, id: str, reader: Reader | Judge) -> Recorded[Entry]:
    """Return one entry. Raises UnknownId alike for what is not there and what is not theirs."""
    _head(course, reader)
    row = LedgerEntry.objects.filter(course=course, id=id, label__in=reader.labels).first()
    if row is None:
        raise UnknownId("There is no such entry.")
    return recorded_of(row)


def written(course: str, reader: Reader) -> tuple[dict[str, object], ...]:
    """Return entries as they were written, oldest first: each field as it was hashed, and the hash."""
    _head(course, reader)
    rows = LedgerEntry.objects.filter(course=course, label__in=reader.labels).order_by("seq")
    return tuple(written_of(row) for row in rows)


def _head(course: str, reader: Reader | Judge) -> Course:
    head = Course.objects.filter(code=course).first()
    if head is None or not reader.may_open(course):
        raise UnknownId("There is no such course.")
    return head
