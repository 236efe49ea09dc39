"""Projections as rows. Only what changed is written."""

from dataclasses import asdict

from pydantic import TypeAdapter

from asklepion.core.chart import Chart
from asklepion.record.models import ProjectedCourse, ProjectedScore, Todo
from asklepion.record.projection import CourseRow, ProjectedTask, project

_ROWS = TypeAdapter(CourseRow)
_TASKS = TypeAdapter(ProjectedTask)


def row_of(stored: str) -> CourseRow:
    return _ROWS.validate_json(stored)


def task_of(stored: str) -> ProjectedTask:
    return _TASKS.validate_json(stored)


def write(chart: Chart) -> None:
    """Bring the projected rows of a course to what its chart says."""
    projection = project(chart)
    _write_row(chart.course, projection.row)
    _write_tasks(chart.course, projection.tasks)
    now = {(row.seq, row.score): ProjectedScore(course_id=chart.course, **asdict(row)) for row in projection.scores}
    stored = {(row.seq, row.score): row for row in ProjectedScore.objects.filter(course=chart.course)}
    same = {key for key in now.keys() & stored.keys() if _score(now[key]) == _score(stored[key])}
    ProjectedScore.objects.filter(pk__in=[row.pk for key, row in stored.items() if key not in same]).delete()
    ProjectedScore.objects.bulk_create(row for key, row in now.items() if key not in same)


def _score(row: ProjectedScore) -> tuple[object, ...]:
    return (
        *(row.scale, row.score, row.visit, row.on, row.value, row.seq),
        *(row.label, row.protocol, row.baseline, row.categories),
    )


def _write_row(course: str, row: CourseRow) -> None:
    text = _ROWS.dump_json(row).decode()
    if ProjectedCourse.objects.filter(course=course, row=text).exists():
        return
    ProjectedCourse(
        course=course,
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
        row=text,
    ).save()


def _write_tasks(course: str, tasks: tuple[ProjectedTask, ...]) -> None:
    texts = {task.task: _TASKS.dump_json(task).decode() for task in tasks}
    stored = dict(Todo.objects.filter(course=course).values_list("task", "row"))
    gone = [task for task, text in stored.items() if texts.get(task) != text]
    if gone:
        Todo.objects.filter(course=course, task__in=gone).delete()
    Todo.objects.bulk_create(
        Todo(
            course_id=course,
            task=task.task,
            role=task.role,
            opens=task.opens,
            due=task.due,
            closes=task.closes,
            gated=task.gated,
            row=texts[task.task],
        )
        for task in tasks
        if stored.get(task.task) != texts[task.task]
    )
