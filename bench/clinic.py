"""A clinic of any size, made of the demo's courses: every copy has a whole chain of its own."""

import dataclasses
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import uuid6

from asklepion.core.access import Label, Role
from asklepion.core.entries import Observed, Value
from asklepion.record import ledger
from asklepion.record.canonical import body_of, hash_of
from asklepion.record.models import Course, LedgerEntry, ProjectedCourse, ProjectedScore, Todo

Progress = Callable[[int, int], None]
_BATCH = 5000


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
    """One course as it stands in the database, with what is projected from it."""

    entries: tuple[LedgerEntry, ...]
    row: ProjectedCourse
    todos: tuple[Todo, ...]
    scores: tuple[ProjectedScore, ...]


def templates() -> tuple[Template, ...]:
    """Return every course on file."""
    return tuple(
        Template(
            tuple(LedgerEntry.objects.filter(course=row.course).order_by("seq")),
            row,
            tuple(Todo.objects.filter(course=row)),
            tuple(ProjectedScore.objects.filter(course=row)),
        )
        for row in ProjectedCourse.objects.order_by("course")
    )


def grow(courses: int, entries_each: int, *, progress: Progress) -> int:
    """Add copies until there are `courses` courses, each of `entries_each` entries or more. Return how many entries."""
    made = templates()
    pick = random.Random(1)
    here = Course.objects.count()
    rows: list[LedgerEntry] = []
    heads, projected, todos, scores = [], [], [], []
    for number in range(here, courses):
        template = pick.choice(made)
        code = f"BK-{number:05d}"
        copied = list(_copied(template, code, entries_each))
        rows.extend(copied)
        heads.append(Course(code=code, seq=len(copied), hash=copied[-1].hash, simulated=True))
        projected.append(_renamed(template.row, code, pk=True))
        todos.extend(_renamed(each, code) for each in template.todos)
        scores.extend(_renamed(each, code) for each in template.scores)
        if len(rows) >= _BATCH or number == courses - 1:
            LedgerEntry.objects.bulk_create(rows)
            Course.objects.bulk_create(heads)
            ProjectedCourse.objects.bulk_create(projected)
            Todo.objects.bulk_create(todos)
            ProjectedScore.objects.bulk_create(scores)
            for each in (rows, heads, projected, todos, scores):
                each.clear()
            progress(number + 1, courses)
    return LedgerEntry.objects.count()


def lengthen(course: str, entries: int) -> None:
    """Add readings to a course until it has `entries` entries, as one session's pulse a minute would."""
    head = Course.objects.get(code=course)
    last = LedgerEntry.objects.filter(course=course).order_by("-seq").first()
    assert last is not None  # a course has its opening
    rows = list(_readings(last, entries - head.seq))
    if not rows:
        return
    LedgerEntry.objects.bulk_create(rows, batch_size=_BATCH)
    # The head only advances by one at a time: the trigger is laid aside as no program of ours ever does.
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'head_advances'")
        (sql,) = cursor.fetchone()
        cursor.execute("DROP TRIGGER head_advances")
        Course.objects.filter(code=course).update(seq=rows[-1].seq, hash=rows[-1].hash)
        cursor.execute(sql)


def physician() -> ledger.Author:
    """Return an author whose role may record readings."""
    return ledger.Author("physician", Role.PHYSICIAN)


def _copied(template: Template, code: str, least: int) -> Iterator[LedgerEntry]:
    ids = {each.id: str(uuid6.uuid7()) for each in template.entries}
    previous = ""
    row = template.entries[0]
    for original in template.entries:
        row = _row(original, code)
        row.id = ids[original.id]
        row.corrects = ids.get(original.corrects, original.corrects)
        row.previous_hash = previous
        row.hash = previous = hash_of(row)
        yield row
    yield from _readings(row, least - len(template.entries))


def _readings(last: LedgerEntry, count: int) -> Iterator[LedgerEntry]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    previous, seq = last.hash, last.seq
    for number in range(max(count, 0)):
        seq += 1
        when = at + timedelta(minutes=number)
        row = LedgerEntry(
            id=str(uuid6.uuid7()),
            course=last.course,
            seq=seq,
            kind="observed",
            body=body_of(Observed((Value("heart-rate", float(60 + number % 40), "/min"),))),
            at=when,
            recorded_at=when,
            clock_offset_ms=0,
            by="physician",
            device="bench",
            role=str(Role.PHYSICIAN),
            label=str(Label.OPEN),
            previous_hash=previous,
        )
        row.hash = previous = hash_of(row)
        yield row


def _row(original: LedgerEntry, code: str) -> LedgerEntry:
    kept = {field.name: getattr(original, field.name) for field in LedgerEntry._meta.fields}
    return LedgerEntry(**{**kept, "course": code})


def _renamed(original, code: str, *, pk: bool = False):
    fields = type(original)._meta.fields
    kept = {field.attname: getattr(original, field.attname) for field in fields if field.name != "id"}
    old = original.course if pk else original.course_id
    kept["course" if pk else "course_id"] = code
    for name in ("row", "search"):
        if name in kept:
            kept[name] = kept[name].replace(old, code).replace(old.lower(), code.lower())
    return type(original)(**kept)
