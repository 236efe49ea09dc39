"""Projections that need no facts: the title is the number of the last entry, the one task bears it too."""

from dataclasses import replace

from asklepion.core.chart import Chart
from asklepion.record.projection import CourseRow, ProjectedTask, Projection


def project(chart: Chart) -> Projection:
    row = CourseRow(course=chart.course, protocol="p", title=str(chart.seq), phase="screening", where="")
    return Projection(row, (_task(chart.seq),))


def otherwise(chart: Chart) -> Projection:
    """Project as a program with other facts would: another title, and the task after the next entry as well."""
    usual = project(chart)
    return replace(usual, row=replace(usual.row, title="otherwise"), tasks=(*usual.tasks, _task(chart.seq + 1)))


def _task(number: int) -> ProjectedTask:
    return ProjectedTask(task=f"t{number}", kind="visit", what="v", visit="v", title="T", role="physician")
