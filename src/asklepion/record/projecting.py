"""Projections as rows. Only what changed is written.

What a course's rows were is kept beside its chart, so that an append in a warm process asks the database nothing.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import Any

import uuid6
from pydantic import TypeAdapter

from asklepion.core.chart import Chart
from asklepion.record.models import ProjectedCourse, ProjectedScore, Todo
from asklepion.record.projection import CourseRow, ProjectedTask, ScoreRow, project

_ROWS = TypeAdapter(CourseRow)
_TASKS = TypeAdapter(ProjectedTask)
_KEPT = 512
_written: "OrderedDict[str, tuple[str, Stored]]" = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows of one course as they stand in the database: texts by what they are about, and the scores.

    `edition` is None where there are none yet.
    """

    row: str = ""
    tasks: Mapping[str, str] | None = None
    scores: frozenset[ScoreRow] = frozenset()
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """What is to stand in the database of one course."""

    course: str
    row: CourseRow
    tasks: Mapping[str, ProjectedTask]
    stored: Stored


def row_of(stored: str) -> CourseRow:
    return _ROWS.validate_json(stored)


def task_of(stored: str) -> ProjectedTask:
    return _TASKS.validate_json(stored)


def prepare(chart: Chart) -> Rows:
    """Return the rows of a chart. Asks the database nothing, so it may be done before a transaction."""
    projection = project(chart)
    texts = {task.task: _TASKS.dump_json(task).decode() for task in projection.tasks}
    row = _ROWS.dump_json(projection.row).decode()
    tasks = {task.task: task for task in projection.tasks}
    return Rows(chart.course, projection.row, tasks, Stored(row, texts, frozenset(projection.scores)))


def write(rows: Rows, *, head: str = "") -> Stored:
    """Bring the projected rows of a course to `rows` and return how they stand, to be kept once that is committed.

    `head` is the hash up to which what is kept of the course holds. What is kept is not believed if the rows were made
    anew since: another program may have folded them by other facts.
    """
    with _lock:
        kept_at, kept = _written.get(rows.course, ("", Stored()))
    before = kept
    if not (head and kept_at == head and kept.edition and _changed(rows, kept)):
        before = _stored(rows.course)
        if before.edition is None:
            before = _begun(rows)
        else:
            _changed(rows, before)
    _write_tasks(rows, before.tasks or {})
    _write_scores(rows, before.scores)
    return replace(rows.stored, edition=before.edition)


def _changed(rows: Rows, before: Stored) -> bool:
    """Return whether the row of the course is of this edition, and bring it to what it is now."""
    found = ProjectedCourse.objects.filter(course=rows.course, edition=before.edition)
    if before.row == rows.stored.row:
        return found.exists()
    return bool(found.update(**_columns(rows)))


def _begun(rows: Rows) -> Stored:
    made = ProjectedCourse(course=rows.course, edition=str(uuid6.uuid7()), **_columns(rows))
    made.save(force_insert=True)
    return Stored(rows.stored.row, edition=made.edition)


def keep(course: str, stored: Stored, head: str) -> None:
    """Keep what was written, once it is committed; the longest unused one goes."""
    with _lock:
        _written[course] = (head, stored)
        _written.move_to_end(course)
        while len(_written) > _KEPT:
            _written.popitem(last=False)


def _stored(course: str) -> Stored:
    found = ProjectedCourse.objects.filter(course=course).values_list("row", "edition").first()
    if found is None:
        return Stored()
    scores = ProjectedScore.objects.filter(course=course).values(*ScoreRow.__slots__)
    tasks = dict(Todo.objects.filter(course=course).values_list("task", "row"))
    return Stored(found[0], tasks, frozenset(ScoreRow(**each) for each in scores), found[1])


def _columns(rows: Rows) -> dict[str, Any]:
    row = rows.row
    return {
        "phase": row.phase,
        "title": row.title,
        "next_role": row.next_role,
        "next_opens": row.next_opens,
        "next_due": row.next_due,
        "next_closes": row.next_closes,
        "gated": row.gated,
        "never_opens": row.gate_shut_never_opens,
        "gate_opens": row.gate_opens,
        "gate_closes": row.gate_closes,
        "last_score": row.last_score,
        "search": row.search,
        "row": rows.stored.row,
    }


def _write_tasks(rows: Rows, before: Mapping[str, str]) -> None:
    now = rows.stored.tasks or {}
    gone = [task for task, text in before.items() if now.get(task) != text]
    if gone:
        Todo.objects.filter(course=rows.course, task__in=gone).delete()
    Todo.objects.bulk_create(
        Todo(
            course_id=rows.course,
            task=task,
            role=each.role,
            opens=each.opens,
            due=each.due,
            closes=each.closes,
            gated=each.gated,
            row=now[task],
        )
        for task, each in rows.tasks.items()
        if before.get(task) != now[task]
    )


def _write_scores(rows: Rows, before: frozenset[ScoreRow]) -> None:
    now = rows.stored.scores
    for seq in {row.seq for row in before - now}:
        names = [row.score for row in before - now if row.seq == seq]
        ProjectedScore.objects.filter(course=rows.course, seq=seq, score__in=names).delete()
    new = sorted(now - before, key=lambda row: (row.seq, row.score))
    ProjectedScore.objects.bulk_create(ProjectedScore(course_id=rows.course, **asdict(row)) for row in new)
