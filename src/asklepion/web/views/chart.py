"""The chart page of one course, and its table as CSV."""

import csv

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from asklepion.core.access import Role
from asklepion.core.chart import Recorded
from asklepion.core.entries import AdverseEvent
from asklepion.flows import chart as flow
from asklepion.flows import outcomes
from asklepion.flows.allocation import has_allocation
from asklepion.flows.chart import CoursePage
from asklepion.flows.describe import describe
from asklepion.flows.facts import facts
from asklepion.flows.lanes import lanes
from asklepion.record import clock
from asklepion.web.access import ROUTES
from asklepion.web.links import gate_line, page_of
from asklepion.web.request import Request
from asklepion.web.svg import course as drawing
from asklepion.web.svg import trajectory as score_drawing
from asklepion.web.views.caseload import inert

LINES_A_PAGE = 100
EVENTS_SHOWN = 12
_ADDITIONS = (
    ("Adverse event", "event_new"),
    ("Contact", "contact_new"),
    ("Note", "note_new"),
)


@require_GET
def chart(request: Request, code: str) -> HttpResponse:
    """Show where a course stands, what stands before the next visit and why, and all that happened."""
    page = flow.course_page(code, request.reader, on=clock.today())
    return render(request, "asklepion/chart.html", _words(request, page))


@require_GET
def course_table(request: Request, code: str) -> HttpResponse:
    """Hand out the whole table of a course, one line an entry or planned visit."""
    page = flow.course_page(code, request.reader, on=clock.today())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{page.course}.csv"'
    write = csv.writer(response).writerow
    write(("kind", "what", "from", "until", "state", "first_seq", "last_seq"))
    for row in page.rows:
        days = [day.isoformat() if day else "" for day in (row.day, row.until)]
        write([inert(row.kind), inert(row.what), *days, inert(row.state), row.first_seq or "", row.last_seq or ""])
    return response


def _words(request: Request, page: CoursePage) -> dict[str, object]:
    role, on = Role(request.reader.role), clock.today()
    scale = page.protocol.shown_scale
    shown = outcomes.trajectory(page.course, request.reader, scale, on=on) if scale else None
    rows = Paginator(page.rows, LINES_A_PAGE).get_page(request.GET.get("page"))
    return {
        "here": "caseload",
        "course": page.course,
        "page": page,
        "next": _next(page, role),
        "gate_lines": [gate_line(line, page.course, role) for line in page.gate.lines] if page.gate else [],
        "lanes": drawing.lanes(lanes(page, facts(), on=on), on),
        "shown": shown,
        "drawing": score_drawing.plot(shown, id="score") if shown and shown.scored else "",
        "rows": rows,
        "table_open": "page" in request.GET,
        "medicines": [(told, describe(told, facts())) for told in page.medicines],
        "events": [(each, describe(each, facts()), _end_of(each, page, role)) for each in page.events[:EVENTS_SHOWN]],
        "events_left_out": max(len(page.events) - EVENTS_SHOWN, 0),
        "additions": _additions(page, role),
        "asides": _asides(page, role),
    }


def _end_of(event: Recorded[AdverseEvent], page: CoursePage, role: Role) -> str:
    """Return where the end of an open event is recorded; nothing where it has ended, or to whom may not."""
    if event.entry.ended_on or role not in ROUTES["event_end"]:
        return ""
    return reverse("event_end", args=[page.course, event.id])


def _asides(page: CoursePage, role: Role) -> list[tuple[str, str]]:
    """Return what is kept apart from the chart and may be opened by this role: who it is, and the allocation."""
    found = [("person", f"Who {page.course} is")] if role in ROUTES["person"] else []
    if role in ROUTES["allocation"] and has_allocation(page.protocol):
        found.append(("allocation", "Arm and kits"))
    return [(title, reverse(name, args=[page.course])) for name, title in found]


def _additions(page: CoursePage, role: Role) -> list[tuple[str, str]]:
    found = [(title, reverse(name, args=[page.course])) for title, name in _ADDITIONS if role in ROUTES[name]]
    if role in ROUTES["visit_hold"]:
        found.append(("Unscheduled visit", reverse("visit", args=[page.course, "unscheduled"])))
    if role in ROUTES["course_end"] and not page.ended:
        found.append(("End of the course", reverse("course_end", args=[page.course])))
    return found


def _next(page: CoursePage, role: Role) -> dict[str, str] | None:
    """Return the one next step: the first task on file that this role can open; where none is left, the end."""
    task = page.next_task
    if task is None:
        may_end = role in ROUTES["course_end"] and not page.ended
        return {"address": reverse("course_end", args=[page.course]), "action": "End the course"} if may_end else None
    route, args = page_of(task, page.course)
    if role not in ROUTES[route]:
        return None
    shut = page.gate is not None and page.gate.shut and task.kind == "visit" and task.what == page.gate.visit
    verb = "Prepare" if shut else "Go to"
    return {"address": reverse(route, args=args), "action": f"{verb} {flow.lowered(task.title)}"}


urlpatterns = [
    path("courses/<str:code>/", chart, name="chart"),
    path("courses/<str:code>/table.csv", course_table, name="course_table"),
]
