"""Pages over many people: read from projections, never a fold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When

from asklepion.core.access import Label, Role
from asklepion.record.models import LedgerEntry, ProjectedCourse, Todo
from asklepion.record.projecting import row_of, task_of
from asklepion.record.projection import INTERVIEW, CourseRow, ProjectedTask
from asklepion.record.reading import Reader

ALL = 1_000_000
_SOON = timedelta(days=7)
_NEAR = timedelta(days=1)
_PRESSING = {"late": "1", "blocked": "2", "due": "3", "ahead": "4", "ended": "5"}
_SORTS = {"course": "course", "where": "phase", "next": "next_due", "state": "pressing", "score": "last_score"}


@dataclass(frozen=True, slots=True)
class Found:
    row: CourseRow
    state: str


@dataclass(frozen=True, slots=True)
class CaseloadPage:
    rows: tuple[Found, ...]
    by_phase: dict[str, int]
    by_state: dict[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    task: ProjectedTask
    row: CourseRow
    state: str


@dataclass(frozen=True, slots=True)
class WaitingPage:
    tasks: tuple[Waiting, ...]
    total: int


def caseload(
    reader: Reader,
    *,
    on: date,
    phase: str = "",
    state: str = "",
    q: str = "",
    sort: str = "",
    role: str = "",
    page: int = 1,
    size: int = 50,
) -> CaseloadPage:
    """Return a page of courses with their state on a day; the counts are over all that the reader may see."""
    seen = _seen(reader).annotate(state=_state(on, closes="next_closes", due="next_due", opens="next_opens", gate=""))
    found = seen
    for name, wanted in (("phase", phase), ("state", state), ("next_role", role), ("search__contains", q.lower())):
        if wanted:
            found = found.filter(**{name: wanted})
    pressing = Case(*(When(state=name, then=Value(rank)) for name, rank in _PRESSING.items()), output_field=CharField())
    key = F(_SORTS.get(sort.lstrip("-"), "pressing"))
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    ordered = found.annotate(pressing=pressing).order_by(order, F("next_due").asc(nulls_last=True), "course")
    first = (page - 1) * size
    # The rows are wide: they are sorted by their keys alone, and only those that are shown are read.
    shown = list(ordered.values_list("pk", "state")[first : first + size])
    rows = dict(ProjectedCourse.objects.filter(pk__in=[code for code, _ in shown]).values_list("pk", "row"))
    counts = list(seen.order_by().values_list("phase", "state").annotate(count=Count("pk")))
    return CaseloadPage(
        rows=tuple(Found(row_of(rows[code]), stands) for code, stands in shown),
        by_phase=_summed((phase, count) for phase, _, count in counts),
        by_state=_summed((stands, count) for _, stands, count in counts),
        total=sum(count for _, _, count in counts) if found is seen else found.count(),
    )


def waiting(reader: Reader, *, on: date, role: str = "", limit: int = 10) -> WaitingPage:
    """Return what waits across courses: alerts, then what is late, blocked, due.

    Of what is blocked, a step for today or tomorrow stands first: a gate shut before a session that is near.
    """
    if not _sees_courses(reader):
        return WaitingPage((), 0)
    tasks = (
        Todo.objects.filter(Q(opens__lte=on) | Q(closes__lt=on))
        .annotate(state=_state(on, closes="closes", due="due", opens="opens", gate="course__"))
        .filter(state__in=("late", "blocked", "due"))
    )
    tasks = tasks.filter(role=role) if role else tasks.exclude(task__startswith=INTERVIEW)
    ranks = (When(state=name, then=Value(rank)) for name, rank in _PRESSING.items())
    near = When(state="blocked", gated=True, due__gte=on, due__lte=on + _NEAR, then=Value("19"))
    alert = When(task__startswith="alert:", then=Value("0"))
    pressing = Case(alert, near, *ranks, output_field=CharField())
    ordered = tasks.annotate(pressing=pressing).order_by("pressing", "closes", "opens", "pk")
    first = list(ordered.values_list("pk", "state")[:limit])
    rows = Todo.objects.select_related("course").in_bulk([pk for pk, _ in first])
    shown = tuple(Waiting(task_of(rows[pk].row), row_of(rows[pk].course.row), state) for pk, state in first)
    return WaitingPage(shown, tasks.count())


def running(reader: Reader) -> Iterator[CourseRow]:
    """Yield the row of every course that has not ended and that the reader may see, in order of code."""
    for stored in _seen(reader).exclude(phase="ended").order_by("course").values_list("row", flat=True).iterator():
        yield row_of(stored)


def consent_withdrawn(courses: Iterable[str], reader: Reader) -> frozenset[str]:
    """Return those of a few courses whose last standing act of consent is a withdrawal."""
    known = _seen(reader).filter(course__in=tuple(courses)).values("course")
    corrected = LedgerEntry.objects.filter(course__in=known).exclude(corrects="").values("corrects")
    acts = LedgerEntry.objects.filter(course__in=known, kind__in=("consent_signed", "consent_withdrawn"))
    last = dict(acts.exclude(pk__in=corrected).order_by("course", "seq").values_list("course", "kind"))
    return frozenset(course for course, kind in last.items() if kind == "consent_withdrawn")


def _seen(reader: Reader) -> QuerySet[ProjectedCourse]:
    """Return the courses of a reader. The rows tell of treatment: who may not read that sees none."""
    return ProjectedCourse.objects.all() if _sees_courses(reader) else ProjectedCourse.objects.none()


def _sees_courses(reader: Reader) -> bool:
    return Label.TREATMENT in reader.labels and reader.role is not Role.PARTICIPANT


def _state(on: date, *, closes: str, due: str, opens: str, gate: str) -> Case:
    """Return how a step stands on a day. A window that is open for months makes nothing due before its day is near."""
    shut = Q(gated=True) & (
        Q(**{f"{gate}never_opens": True}) | Q(**{f"{gate}gate_opens__gt": on}) | Q(**{f"{gate}gate_closes__lt": on})
    )
    soon = on + _SOON
    near = Q(**{f"{due}__isnull": True}) | Q(**{f"{due}__lte": soon}) | Q(**{f"{closes}__lte": soon})
    begun = Q(**{f"{opens}__lte": on}) & near
    ended = Q(phase="ended") if not gate else Q(course__phase="ended")
    return Case(
        When(ended, then=Value("ended")),
        When(**{f"{closes}__lt": on}, then=Value("late")),
        When(shut & begun, then=Value("blocked")),
        When(begun, then=Value("due")),
        default=Value("ahead"),
        output_field=CharField(),
    )


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, count in counts:
        found[name] = found.get(name, 0) + count
    return found
