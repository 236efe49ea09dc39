"""Adverse events and their ends, contacts, notes: what can be added to a chart at any time."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from asklepion.core.errors import BadInput, IdReused, UnknownId
from asklepion.flows import safety as flow
from asklepion.flows.safety import SafetyPage
from asklepion.web.request import Request
from asklepion.web.safety_forms import Contact, Event, EventEnd, Note
from asklepion.web.visit_forms import EntryForm


def event_new(request: Request, code: str) -> HttpResponse:
    """Record an adverse event, beside those that are open."""

    def save(form: Any) -> str:
        given = {**form.cleaned_data, "serious": form.cleaned_data["serious"] == "yes"}
        del given["device_clock"]
        receipt = flow.record_event(code, by=request.author, **given)
        still = "" if given["ended_on"] else " It stays open until its end is recorded."
        return f"The event is saved as entry {receipt.seq}.{still}"

    return _act(request, code, "event_new", Event, save)


def event_end(request: Request, code: str, event: str) -> HttpResponse:
    """Record the end of an open event, as an amendment with a reason."""
    page = _page(request, code)
    target = next((each for each in page.open_events if each.id == event), None)

    def save(form: Any) -> str:
        given = form.cleaned_data
        receipt = flow.end_event(
            code,
            event,
            given["ended_on"],
            by=request.author,
            reason=given["reason"],
            action=given["action"],
            id=given["id"],
        )
        return f"The end is saved as entry {receipt.seq}. What stood there before stays, struck through."

    if target is None and request.method != "POST":
        raise Http404
    more = {"target": target, "target_words": flow.event_words(target.entry) if target else ""}
    return _act(request, code, "event_end", EventEnd, save, **more)


def contact_new(request: Request, code: str) -> HttpResponse:
    """Record a contact, or the try at one."""

    def save(form: Any) -> str:
        given = form.cleaned_data
        receipt = flow.record_contact(
            code,
            by=request.author,
            how=given["how"],
            reached=given["reached"] == "yes",
            about=given["about"],
            minutes=given["minutes"],
            at=given["happened"],
            clock_offset_ms=form.clock_offset_ms(),
            id=given["id"],
        )
        return f"The contact is saved as entry {receipt.seq}."

    return _act(request, code, "contact_new", Contact, save)


def note_new(request: Request, code: str) -> HttpResponse:
    """Write a note, of the course or of one visit."""

    def save(form: Any) -> str:
        given = form.cleaned_data
        receipt = flow.write_note(code, given["text"], by=request.author, visit=given["visit"], id=given["id"])
        return f"The note is saved as entry {receipt.seq}."

    _page(request, code)
    visits = flow.visits(code, request.reader)
    asked = request.GET.get("visit", "")
    initial = {"visit": asked if asked in visits else ""}

    def make(data: Any = None) -> Note:
        return Note(visits, data) if data is not None else Note(visits, initial=initial)

    return _act(request, code, "note_new", make, save)


def _act(
    request: Request,
    code: str,
    name: str,
    make: Callable[..., EntryForm],
    save: Callable[[Any], str],
    **more: object,
) -> HttpResponse:
    """Show a form, or save it and lead to the chart. A refusal keeps what was typed."""
    page = _page(request, code)
    form = make(request.POST) if request.method == "POST" else make()
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, save(form))
        except UnknownId as unknown:
            raise Http404 from unknown
        except (BadInput, IdReused) as refused:
            form.show(refused)
        else:
            return redirect("chart", code=code)
    events = [(each, flow.event_words(each.entry)) for each in page.open_events]
    here = {"here": "caseload", "course": code, "page": page, "form": form, "events": events, **more}
    return render(request, f"asklepion/{name}.html", here, status=422 if request.method == "POST" else 200)


def _page(request: Request, code: str) -> SafetyPage:
    try:
        return flow.page(code, request.reader)
    except UnknownId as unknown:
        raise Http404 from unknown


urlpatterns = [
    path("courses/<str:code>/events/new/", event_new, name="event_new"),
    path("courses/<str:code>/events/<str:event>/end/", event_end, name="event_end"),
    path("courses/<str:code>/contacts/new/", contact_new, name="contact_new"),
    path("courses/<str:code>/notes/new/", note_new, name="note_new"),
]
