"""The caseload page: one form GET with its filters in the address, and the same rows as CSV."""

import csv
from collections.abc import Iterable
from dataclasses import fields, replace
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from asklepion.core.access import Role
from asklepion.flows import caseload as flow
from asklepion.flows.caseload import Asked, Board, Line, Need
from asklepion.record import clock
from asklepion.web.access import ROUTES
from asklepion.web.links import page_of
from asklepion.web.request import Request
from asklepion.web.svg import course as drawing

_LEADS = (
    Role.COORDINATOR,
    Role.PHYSICIAN,
    Role.FACILITATOR,
    Role.PHARMACIST,
    Role.MEDICAL_MONITOR,
    Role.RATER,
    Role.PARTICIPANT,
)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")
"""With these a spreadsheet takes a cell for a formula; the wide ones in some languages."""
_COLUMNS = (
    ("Person", "course", ""),
    ("Course", "", "nolab"),
    ("Where they are", "where", ""),
    ("Next step", "next", ""),
    ("State", "state", ""),
    ("Score, baseline to last", "score", ""),
    ("Open", "", "num"),
)


@require_GET
def caseload(request: Request) -> HttpResponse:
    """Show everyone in care, or hand out the filtered rows as CSV when the address says `as=csv`."""
    asked, on = _asked(request), clock.today()
    if request.GET.get("as") == "csv":
        return _csv(flow.table(request.reader, asked, on=on), on.isoformat())
    board = flow.board(request.reader, asked, on=on)
    return render(request, "asklepion/caseload.html", _words(request, asked, board))


def _asked(request: Request) -> Asked:
    """Read the filters. What is not a known choice counts as no filter: an old bookmark still opens."""
    given = request.GET
    page = given.get("page", "")
    return Asked(
        phase=_known(given.get("phase", ""), flow.PHASES),
        state=_known(given.get("state", ""), flow.STATES),
        role=_known(given.get("role", ""), _LEADS),
        q=given.get("q", "").strip()[:80],
        sort=_known(given.get("sort", ""), (*flow.SORTS, *(f"-{key}" for key in flow.SORTS))),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 and int(page) else 1,
    )


def _known(value: str, choices: Iterable[str]) -> str:
    return value if value in tuple(choices) else ""


def _address(asked: Asked, **more: str) -> str:
    given = {field.name: getattr(asked, field.name) for field in fields(asked)} | more
    kept = {key: value for key, value in given.items() if value and (key, value) != ("page", 1)}
    return f"{reverse('caseload')}?{urlencode(kept)}#all" if kept else f"{reverse('caseload')}#all"


def _words(request: Request, asked: Asked, board: Board) -> dict[str, object]:
    mine = "" if asked.role else str(request.reader.role)
    on = clock.today()
    role = Role(request.reader.role)
    return {
        "here": "caseload",
        "now": clock.now(),
        "asked": asked,
        "board": board,
        "needs": [(need, _leads_to(need, role)) for need in board.needs],
        "lines": [(line, drawing.course_line(line.row, on)) for line in board.lines],
        "parts": _parts(asked, board),
        "states": [(key, title, board.states.get(key, 0)) for key, title in flow.STATES.items()],
        "roles": [(role.value, role.value.replace("_", " ").capitalize()) for role in _LEADS],
        "orders": [("", "Most pressing first"), *flow.SORTS.items()],
        "heads": [_head(title, key, look, asked) for title, key, look in _COLUMNS],
        "filtered": bool(asked.phase or asked.state or asked.role or asked.q),
        "mine_url": _address(replace(asked, role=mine, page=1)).replace("#all", "#need"),
        "earlier": _address(replace(asked, page=asked.page - 1)) if asked.page > 1 else "",
        "later": _address(replace(asked, page=asked.page + 1)) if asked.page * flow.PAGE_SIZE < board.total else "",
        "download": _address(replace(asked, page=1), **{"as": "csv"}).removesuffix("#all"),
        "may_open": role in ROUTES["course_new"],
    }


def _parts(asked: Asked, board: Board) -> list[dict[str, object]]:
    named = [("", "All", board.everyone), *((key, flow.PHASES[key], board.phases.get(key, 0)) for key in flow.PHASES)]
    return [
        {
            "title": title,
            "count": count,
            "address": _address(replace(asked, phase=key, page=1)),
            "current": key == asked.phase,
        }
        for key, title, count in named
        if count or not key or key == asked.phase
    ]


def _head(title: str, key: str, look: str, asked: Asked) -> dict[str, str]:
    turned = f"-{key}" if asked.sort == key else key
    order = {key: "ascending", f"-{key}": "descending"}.get(asked.sort, "") if key else ""
    address = _address(replace(asked, sort=turned, page=1)) if key else ""
    return {"title": title, "look": look, "sorted": order, "address": address}


def _leads_to(need: Need, role: Role) -> str:
    """Return the page on which a step is done; a role that may not open it is led to the chart."""
    route, args = page_of(need, need.course)
    if need.state == "blocked" or role not in ROUTES[route]:
        return f"{reverse('chart', args=[need.course])}#gate"
    return reverse(route, args=args)


def _csv(lines: tuple[Line, ...], day: str) -> HttpResponse:
    """Return one row a course. A cell that a spreadsheet could run as a formula is led by an apostrophe."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="caseload-{day}.csv"'
    write = csv.writer(response).writerow
    write(
        ("course", "protocol", "where", "next_step", "when", "state", "blocked_by", "first", "last", "change", "open")
    )
    for line in lines:
        row = line.row
        cells = (line.course, line.title, line.where, line.next_title, line.next_when, line.state, line.blocked_by)
        write([*map(inert, cells), row.first_score, row.last_score, inert(line.score_text), line.open_events])
    return response


def inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in _BREAKS or cell.strip()[:1] in _FORMULA else cell


urlpatterns = [path("", caseload, name="caseload")]
