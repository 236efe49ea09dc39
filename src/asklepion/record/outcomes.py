"""Scores of many people, read from projections under the reader's labels. Nothing here tells of an arm."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from asklepion.core.access import Role
from asklepion.record.models import Course, ProjectedScore
from asklepion.record.reading import Reader


@dataclass(frozen=True, slots=True)
class Held:
    """A scale of a protocol for which the reader may see scores, and of how many courses."""

    protocol: str
    scale: str
    courses: int


@dataclass(frozen=True, slots=True)
class KeptScore:
    """One score of one course. `value` None was not scored; `categories` are those of the same giving."""

    course: str
    visit: str
    on: date
    seq: int
    value: float | None
    baseline: bool
    categories: Mapping[str, str | None]


def held(reader: Reader, *, simulated: bool) -> tuple[Held, ...]:
    """Return which scales of which protocols have scores, of real people or of simulated ones, never of both."""
    rows = _seen(reader, simulated=simulated).order_by("protocol", "scale").values_list("protocol", "scale")
    return tuple(Held(*row) for row in rows.annotate(courses=Count("course", distinct=True)))


def scores(reader: Reader, *, protocol: str, scale: str, score: str, simulated: bool) -> tuple[KeptScore, ...]:
    """Return every value of one score, by course, then in order of day."""
    found = _seen(reader, simulated=simulated).filter(protocol=protocol, scale=scale, score=score)
    rows = found.order_by("course", "on", "seq").values_list(
        "course", "visit", "on", "seq", "value", "baseline", "categories"
    )
    return tuple(KeptScore(*row[:-1], categories=json.loads(row[-1])) for row in rows.iterator())


def _seen(reader: Reader, *, simulated: bool) -> QuerySet[ProjectedScore]:
    """Return the scores under the reader's labels. A participant reads their own course only: here they see none."""
    if reader.role is Role.PARTICIPANT:
        return ProjectedScore.objects.none()
    invented = Course.objects.filter(simulated=True).values("code")
    found = ProjectedScore.objects.filter(label__in=reader.labels)
    return found.filter(course__in=invented) if simulated else found.exclude(course__in=invented)
