"""Record tests project trivially: they do not depend on flows."""

import pytest

from asklepion.core.chart import Chart
from asklepion.record.projection import CourseRow, Projection


def project(chart: Chart) -> Projection:
    return Projection(CourseRow(course=chart.course, protocol="p", title=str(chart.seq), phase="screening", where=""))


@pytest.fixture(autouse=True)
def trivial_projector(settings: object) -> None:
    settings.ASKLEPION_PROJECTOR = "tests.record.conftest.project"
