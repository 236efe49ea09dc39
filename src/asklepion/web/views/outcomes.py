"""Scores over time of one person, and outcomes of everybody in a protocol."""

import csv
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from asklepion.core.outcomes import Point
from asklepion.flows import outcomes as flow
from asklepion.flows.outcomes import Trajectory
from asklepion.record import clock
from asklepion.web.request import Request
from asklepion.web.svg import trajectory as drawing
from asklepion.web.views.caseload import inert
from asklepion.web.views.scales import found_or_404

_OUTCOME_COLUMNS = (
    *("protocol", "scale", "score", "people", "visit", "n", "unscored", "mean", "sd"),
    *("definition", "responded", "not_responded", "known", "not_known"),
)
_COLUMNS = ("course", "scale", "score", "visit", "title", "on", "value", "state", "why", "seq")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the table twin. `seq` 0 has no entry."""

    visit: str
    title: str
    on: date | None
    value: float | None
    state: str
    why: str
    seq: int


@require_GET
def trajectory(request: Request, code: str) -> HttpResponse:
    """Show one score of a person over time, with its gaps, its band and where each number is from."""
    shown = _shown(request, code)
    words = {
        "course": shown.course,
        "shown": shown,
        "lines": _lines(shown),
        "drawing": drawing.plot(shown, id="score"),
        "bands": [band for band in shown.scale.change if shown.score and band.score == shown.score.id],
        "here": "caseload",
    }
    return render(request, "asklepion/trajectory.html", words)


@require_GET
def scores_csv(request: Request, code: str) -> HttpResponse:
    """Hand out the numbers of the drawing, gaps included."""
    shown = _shown(request, code)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{shown.course}-{shown.scale.id}.csv"'
    write = csv.writer(response).writerow
    write(_COLUMNS)
    named = (shown.course, shown.scale.id, shown.score.id if shown.score else "")
    for line in _lines(shown):
        day = line.on.isoformat() if line.on else ""
        value = "" if line.value is None else line.value
        cells = (inert(line.visit), inert(line.title), day, value, line.state, inert(line.why), line.seq or "")
        write((*named, *cells))
    return response


@require_GET
def outcomes(request: Request) -> HttpResponse:
    """Show n, means and responders of a scale over everybody in a protocol whose scores this role may see."""
    people = {False: flow.held(request.reader, simulated=False), True: flow.held(request.reader, simulated=True)}
    simulated = request.GET.get("people") == "simulated" if people[False] else bool(people[True])
    held = people[simulated]
    asked = request.GET.get("of", "")
    chosen = next((each for each in held if f"{each.protocol}/{each.scale}" == asked), None)
    if asked and chosen is None:
        raise Http404
    chosen = chosen or next(iter(held), None)
    shown = chosen and flow.responders(request.reader, chosen.protocol, chosen.scale, simulated=simulated)
    if shown and request.GET.get("as") == "csv":
        return _outcomes_csv(shown, simulated=simulated)
    words = {
        "shown": shown,
        "chosen": chosen,
        "choices": [(f"{each.protocol}/{each.scale}", *flow.names(each)) for each in held],
        "simulated": simulated,
        "both": bool(people[False] and people[True]),
        "here": "outcomes",
    }
    return render(request, "asklepion/outcomes.html", words)


def _outcomes_csv(shown: flow.Responders, *, simulated: bool) -> HttpResponse:
    """Return one row a visit and definition, and one for each definition at everybody's last score."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="outcomes-{shown.protocol.id}-{shown.scale.id}.csv"'
    write = csv.writer(response).writerow
    write(_OUTCOME_COLUMNS)
    named = (shown.protocol.id, shown.scale.id, shown.score.id, "simulated" if simulated else "real")
    for visit in shown.visits:
        scored = (inert(visit.title), visit.n, visit.unscored, visit.mean, visit.deviation)
        for each in visit.responses or (None,):
            write((*named, *scored, *_counted(each)))
    for each in shown.last:
        write((*named, "last score of each person", "", "", "", "", *_counted(each)))
    return response


def _counted(response: flow.Response | None) -> tuple[str | int, ...]:
    if response is None:
        return ("",) * 5
    return response.rule.id, response.responded, response.not_responded, response.known, response.unknown


def _shown(request: Request, code: str) -> Trajectory:
    with found_or_404():
        return flow.trajectory(code, request.reader, request.GET.get("scale", ""), on=clock.today())


def _lines(shown: Trajectory) -> list[_Line]:
    """Return what was handed in and what is missing, in order of day."""
    found = [
        *_handed_in(shown),
        *(_Line(gap.visit, gap.title, gap.on, None, "missing", gap.why, 0) for gap in shown.gaps),
    ]
    return sorted(found, key=lambda line: line.on or date.max)


def _handed_in(shown: Trajectory) -> list[_Line]:
    outside = "Outside the plan"
    if shown.score is None:
        return [
            _Line(each.visit, shown.titles.get(each.visit, outside), each.on, None, "sorted", each.words, each.seq)
            for each in shown.sorted
        ]
    start = shown.baseline.id if shown.baseline else ""
    return [
        _Line(
            point.visit,
            shown.titles.get(point.visit, outside),
            point.on,
            point.value,
            _state(point, start),
            point.why,
            point.seq,
        )
        for point in shown.points
    ]


def _state(point: Point, start: str) -> str:
    if point.value is None:
        return "no score"
    said = "reported, not computed here" if point.reported else "scored"
    return f"baseline, {said}" if point.id == start else said


urlpatterns = [
    path("courses/<str:code>/scores/", trajectory, name="trajectory"),
    path("courses/<str:code>/scores.csv", scores_csv, name="scores_csv"),
    path("outcomes/", outcomes, name="outcomes"),
]
