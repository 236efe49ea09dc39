"""A projection that needs no facts: the title is the number of the last entry."""

from asklepion.core.chart import Chart
from asklepion.record.projection import CourseRow, Projection


def project(chart: Chart) -> Projection:
    return Projection(CourseRow(course=chart.course, protocol="p", title=str(chart.seq), phase="screening", where=""))
