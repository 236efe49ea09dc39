"""Interviews of the blinded rater. Addresses are tokens; nothing here tells of a visit, a session or an arm."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from asklepion.core.errors import BadInput
from asklepion.flows import ratings as flow
from asklepion.flows.scales import Sheet
from asklepion.record import clock
from asklepion.web.request import Request
from asklepion.web.views.scales import Ways, check_page, faults_of, found_or_404, item_page, not_done_page


@require_GET
def ratings(request: Request) -> HttpResponse:
    """List the interviews that are due, by code and scale only."""
    due = flow.due(request.reader, on=clock.today())
    return render(request, "asklepion/ratings.html", {"due": due, "here": "ratings"})


def rating_item(request: Request, token: str, number: int) -> HttpResponse:
    """One item of an interview."""
    sheet, ways = _sheet(request, token)
    return item_page(request, sheet, number, ways)


def rating_check(request: Request, token: str) -> HttpResponse:
    """All answers of an interview, and handing them in."""
    sheet, ways = _sheet(request, token)
    if request.method != "POST" or sheet.handed_in:
        return check_page(request, sheet, ways)
    try:
        with found_or_404():
            flow.hand_in(token, by=request.author, reader=request.reader)
    except BadInput as refused:
        return check_page(request, sheet, ways, fault=faults_of(refused))
    return redirect(ways.done)


@require_GET
def rating_done(request: Request, token: str) -> HttpResponse:
    """Say that an interview is handed in, and nothing else of it."""
    sheet, ways = _sheet(request, token)
    if not sheet.handed_in:
        return redirect(ways.check)
    return render(request, "asklepion/rating_done.html", {"sheet": sheet, "here": "ratings"})


def rating_not_done(request: Request, token: str) -> HttpResponse:
    """Record that an interview was not held, and why."""
    sheet, ways = _sheet(request, token)

    def keep(because: str) -> None:
        with found_or_404():
            flow.not_done(token, because, by=request.author, reader=request.reader)

    return not_done_page(request, sheet, ways, keep=keep)


def _sheet(request: Request, token: str) -> tuple[Sheet, Ways]:
    with found_or_404():
        sheet = flow.start(token, reader=request.reader)

    def keep(item: str, value: int | None) -> Sheet:
        return flow.answer(token, item=item, value=value, reader=request.reader)

    ways = Ways(
        layout="asklepion/base.html",
        look="rater",
        item=lambda number: reverse("rating_item", args=[token, number]),
        check=reverse("rating_check", args=[token]),
        submit=reverse("rating_check", args=[token]),
        done=reverse("rating_done", args=[token]),
        home=reverse("ratings"),
        keep=keep,
        not_done=reverse("rating_not_done", args=[token]),
        crumb=sheet.course,
    )
    return sheet, ways


urlpatterns = [
    path("ratings/", ratings, name="ratings"),
    path("ratings/<str:token>/<int:number>/", rating_item, name="rating_item"),
    path("ratings/<str:token>/check/", rating_check, name="rating_check"),
    path("ratings/<str:token>/done/", rating_done, name="rating_done"),
    path("ratings/<str:token>/not-done/", rating_not_done, name="rating_not_done"),
]
