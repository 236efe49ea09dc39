"""The forms of a dosing session on the page of its visit: readings, doses given, doses withheld."""

from typing import cast

from django.http import HttpResponse
from django.urls import path

from asklepion.core.session import Part
from asklepion.flows import visits as flow
from asklepion.web.request import Request
from asklepion.web.session_forms import Give, Readings, Withhold
from asklepion.web.visit_pages import act


def visit_readings(request: Request, code: str, visit: str) -> HttpResponse:
    """Record a set of readings taken together."""

    def save(form: Readings) -> str:
        given = form.cleaned_data
        receipt = flow.record_readings(
            code,
            visit,
            form.typed(),
            by=request.author,
            at=given["taken"],
            clock_offset_ms=form.clock_offset_ms(),
            id=given["id"],
        )
        return f"The readings are saved as entry {receipt.seq}."

    return act(request, code, visit, "readings", save)


def visit_dose(request: Request, code: str, visit: str, part: str) -> HttpResponse:
    """Record that a dose was swallowed."""

    def save(form: Give) -> str:
        given = form.cleaned_data
        receipt = flow.give_dose(
            code,
            visit,
            cast("Part", part),
            given["level_mg"],
            by=request.author,
            witnessed_by=given["witnessed_by"],
            at=given["given"],
            clock_offset_ms=form.clock_offset_ms(),
            id=given["id"],
        )
        return f"The dose is saved as entry {receipt.seq}."

    return act(request, code, visit, f"give-{part}", save)


def visit_withhold(request: Request, code: str, visit: str, part: str) -> HttpResponse:
    """Record that a dose was withheld, and why."""

    def save(form: Withhold) -> str:
        given = form.cleaned_data
        receipt = flow.withhold_dose(
            code, visit, cast("Part", part), given["because"], by=request.author, id=given["id"]
        )
        return f"Withheld, entry {receipt.seq}."

    return act(request, code, visit, f"withhold-{part}", save)


urlpatterns = [
    path("courses/<str:code>/visits/<str:visit>/readings/", visit_readings, name="visit_readings"),
    path("courses/<str:code>/visits/<str:visit>/doses/<str:part>/", visit_dose, name="visit_dose"),
    path("courses/<str:code>/visits/<str:visit>/doses/<str:part>/withhold/", visit_withhold, name="visit_withhold"),
]
