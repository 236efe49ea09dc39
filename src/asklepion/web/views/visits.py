"""The page of one visit and its forms: book, missed, hold, finish, values, a scale that was not done."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from asklepion.flows import scales
from asklepion.flows import visits as flow
from asklepion.flows.caseload import short_day
from asklepion.flows.visits import VisitPage
from asklepion.record import clock
from asklepion.web.request import Request
from asklepion.web.templatetags.asklepion import day, instant
from asklepion.web.visit_forms import Before, Book, Finish, Hold, Miss, NotDone, named
from asklepion.web.visit_pages import act, find, words


@require_GET
def visit(request: Request, code: str, visit: str) -> HttpResponse:
    """Show a visit: how today stands to it, what stands before it, its form, and what is recorded of it."""
    return render(request, "asklepion/visit.html", words(request, find(request, code, visit)))


def visit_hold(request: Request, code: str, visit: str) -> HttpResponse:
    """Record that the visit took place, with its values and its note."""

    def save(form: Hold) -> str:
        given = form.cleaned_data
        receipt = flow.hold(
            code,
            visit,
            by=request.author,
            started=given["started"],
            ended=given["ended"],
            how=given["how"],
            covered=given.get("covered", ()),
            present=named(given["present"]),
            title=given.get("title", ""),
            values=form.typed(),
            note=given["note"],
            clock_offset_ms=form.clock_offset_ms(),
            id=given["id"],
        )
        return f"Saved as entry {receipt.seq}." + ("" if given["ended"] else " Add the end when it is over.")

    return act(request, code, visit, "hold", save)


def visit_finish(request: Request, code: str, visit: str) -> HttpResponse:
    """Record the end of a visit that is under way."""

    def save(form: Finish) -> str:
        given = form.cleaned_data
        receipt = flow.finish(
            code,
            given["held"],
            given["ended"],
            by=request.author,
            covered=given.get("covered", ()),
            present=named(given["present"]),
            note=given["note"],
            id=given["id"],
        )
        return f"The end is saved as entry {receipt.seq}."

    return act(request, code, visit, "finish", save)


def visit_values(request: Request, code: str, visit: str) -> HttpResponse:
    """Record values of the visit without holding it."""

    def save(form: Before) -> str:
        given = form.cleaned_data
        receipts = flow.record_values(
            code,
            visit,
            form.typed(),
            by=request.author,
            at=given["taken"],
            clock_offset_ms=form.clock_offset_ms(),
            id=given["id"],
        )
        return f"Saved as {_entries([receipt.seq for receipt in receipts])}."

    return act(request, code, visit, "values", save)


def visit_book(request: Request, code: str, visit: str) -> HttpResponse:
    """Book a time. One outside the window is taken, and said to be."""

    def save(form: Book) -> str:
        given = form.cleaned_data
        flow.book(code, visit, given["starts"], by=request.author, room=given["room"], id=given["id"])
        return f"Booked for {instant(given['starts'])}.{_outside(find(request, code, visit), given['starts'])}"

    return act(request, code, visit, "book", save)


def visit_miss(request: Request, code: str, visit: str) -> HttpResponse:
    """Mark the visit as missed, with a reason."""

    def save(form: Miss) -> str:
        given = form.cleaned_data
        receipt = flow.miss(code, visit, given["because"], by=request.author, id=given["id"])
        return f"Marked as missed, entry {receipt.seq}. Booking it anew opens it again."

    return act(request, code, visit, "miss", save)


def visit_scale(request: Request, code: str, visit: str) -> HttpResponse:
    """Record that a scale was not done at this visit."""

    def save(form: NotDone) -> str:
        given = form.cleaned_data
        receipt = scales.not_done(
            code,
            request.POST.get("which", ""),
            visit,
            given["because"],
            by=request.author,
            reader=request.reader,
            id=given["id"],
        )
        return f"Saved as entry {receipt.seq}: not done. An empty score stays empty, never zero."

    return act(request, code, visit, "scale", save)


def _outside(page: VisitPage, starts: datetime) -> str:
    planned, on = page.planned, clock.local_date(starts)
    if planned and planned.opens and on < planned.opens:
        return f" That is before its window, which opens {short_day(planned.opens, on)}."
    if planned and planned.closes and on > planned.closes:
        return f" That is after its window, which closes {day(planned.closes)}."
    return ""


def _entries(seqs: list[int]) -> str:
    return f"entry {seqs[0]}" if len(seqs) == 1 else f"entries {', '.join(str(seq) for seq in seqs)}"


urlpatterns = [
    path("courses/<str:code>/visits/<str:visit>/", visit, name="visit"),
    path("courses/<str:code>/visits/<str:visit>/hold/", visit_hold, name="visit_hold"),
    path("courses/<str:code>/visits/<str:visit>/finish/", visit_finish, name="visit_finish"),
    path("courses/<str:code>/visits/<str:visit>/values/", visit_values, name="visit_values"),
    path("courses/<str:code>/visits/<str:visit>/book/", visit_book, name="visit_book"),
    path("courses/<str:code>/visits/<str:visit>/missed/", visit_miss, name="visit_miss"),
    path("courses/<str:code>/visits/<str:visit>/scale/", visit_scale, name="visit_scale"),
]
