"""Opening a course and ending one."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from asklepion.core.errors import BadInput, IdReused, NotAllowed, UnknownId
from asklepion.flows import courses as flow
from asklepion.record.people import Person
from asklepion.web.request import Request
from asklepion.web.screening_forms import day_field, entry_id_field, show

REFUSALS = (BadInput, NotAllowed, IdReused)


class NewCourse(forms.Form):
    """A course: its protocol and site. Who it is about may be told; it is kept apart, encrypted."""

    id = entry_id_field()
    protocol = forms.ChoiceField(
        label="Protocol",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the protocol that this course follows."},
    )
    site = forms.CharField(label="Site", max_length=100, help_text="The name or number of your site.")
    code = forms.RegexField(
        r"^[A-Z0-9][A-Z0-9-]{1,30}$",
        label="Code",
        required=False,
        help_text="Capitals, digits and hyphens. Left empty, the next free one is taken, such as AK-0042.",
        error_messages={"invalid": "Use capitals, digits and hyphens only, such as AK-0042."},
    )
    name = forms.CharField(label="Name", max_length=200, required=False)
    contact = forms.CharField(
        label="Contact",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="A telephone number, an address, whom to ask for.",
    )
    born = day_field("Born on")

    def __init__(self, *args: Any, site: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = flow.protocols()
        protocol = cast("forms.ChoiceField", self.fields["protocol"])
        protocol.choices = [(each.id, f"{each.title}, version {each.version}") for each in found]
        self.fields["site"].initial = site
        if len(found) == 1:
            self.fields["protocol"].initial = found[0].id

    def person(self) -> Person | None:
        """Return who the course is about, None where nothing was typed."""
        given = self.cleaned_data
        born = given["born"].isoformat() if given["born"] else ""
        told = given["name"] or given["contact"] or born
        return Person(given["name"], given["contact"], born) if told else None


class Ending(forms.Form):
    """How a course ends, and why."""

    id = entry_id_field()
    how = forms.ChoiceField(
        label="How does it end?",
        choices=list(flow.ENDS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how the course ends."},
    )
    because = forms.CharField(
        label="Why",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed for every end but a completed course. No names.",
    )


def course_new(request: Request) -> HttpResponse:
    """Open a course; in a demo one of a simulated person, as every course there."""
    form = NewCourse(request.POST or None, site=settings.SITE)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            receipt = flow.open_course(
                given["protocol"],
                by=request.author,
                site=given["site"],
                person=form.person(),
                simulated=settings.DEMO,
                code=given["code"] or None,
                id=given["id"],
            )
        except REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, f"Course {receipt.course} is open. Screening comes next.")
            return redirect("screening", code=receipt.course)
    here = {"form": form, "protocols": flow.protocols(), "here": "caseload"}
    return render(request, "asklepion/course_new.html", here, status=_status(request))


def course_end(request: Request, code: str) -> HttpResponse:
    """End a course. Its chart stays readable."""
    try:
        ending = flow.ending(code, request.reader)
    except UnknownId as unknown:
        raise Http404 from unknown
    form = Ending(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            flow.end_course(code, given["how"], by=request.author, because=given["because"], id=given["id"])
        except REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, f"Course {code} has ended. Its chart and its ledger stay readable.")
            return redirect("chart", code=code)
    here = {"ending": ending, "form": form, "here": "caseload"}
    return render(request, "asklepion/course_end.html", here, status=_status(request))


def _status(request: Request) -> int:
    return 422 if request.method == "POST" else 200


urlpatterns = [
    path("courses/new/", course_new, name="course_new"),
    path("courses/<str:code>/end/", course_end, name="course_end"),
]
