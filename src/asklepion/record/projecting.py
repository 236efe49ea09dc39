"""Projections as rows. Only what changed is written.

What a course's rows were is kept beside its chart, so that an append in a warm process asks the database nothing.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock

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
    """The rows of one course as they stand in the database: texts by what they are about, and the scores."""

    row: str = ""
    tasks: Mapping[str, str] | None = None
    scores: frozenset[ScoreRow] = frozenset()


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


def write(rows: Rows, *, head: str = "") -> None:
    """Bring the projected rows of a course to `rows`. `head` is the hash up to which what is kept of it holds."""
    with _lock:
        kept_at, kept = _written.get(rows.course, ("", Stored()))
    before = kept if head and kept_at == head else _stored(rows.course)
    if before.row != rows.stored.row:
        _write_row(rows, is_new=not before.row)
    _write_tasks(rows, before.tasks or {})
    _write_scores(rows, before.scores)


def keep(rows: Rows, head: str) -> None:
    """Keep what was written, once it is committed; the longest unused one goes."""
    with _lock:
        _written[rows.course] = (head, rows.stored)
        _written.move_to_end(rows.course)
        while len(_written) > _KEPT:
            _written.popitem(last=False)


def _stored(course: str) -> Stored:
    row = ProjectedCourse.objects.filter(course=course).values_list("row", flat=True).first()
    if row is None:
        return Stored()
    scores = ProjectedScore.objects.filter(course=course).values(*ScoreRow.__slots__)
    tasks = dict(Todo.objects.filter(course=course).values_list("task", "row"))
    return Stored(row, tasks, frozenset(ScoreRow(**each) for each in scores))


def _write_row(rows: Rows, *, is_new: bool) -> None:
    row = rows.row
    ProjectedCourse(
        course=rows.course,
        phase=row.phase,
        title=row.title,
        next_role=row.next_role,
        next_opens=row.next_opens,
        next_due=row.next_due,
        next_closes=row.next_closes,
        gated=row.gated,
        never_opens=row.gate_shut_never_opens,
        gate_opens=row.gate_opens,
        gate_closes=row.gate_closes,
        last_score=row.last_score,
        search=row.search,
        row=rows.stored.row,
    ).save(force_insert=is_new, force_update=not is_new)


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
