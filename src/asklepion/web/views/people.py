"""Who a code is: shown, corrected, forgotten. Nothing of it stands on any page of the chart."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from asklepion.core.errors import AsklepionError, BadInput, UnknownId
from asklepion.flows import people as flow
from asklepion.flows.people import Page
from asklepion.record.people import Person
from asklepion.web.request import Request
from asklepion.web.screening_forms import day_field, show


class Who(forms.Form):
    """Name, contact and birth date, saved whole. `edition` is what was shown when they were typed."""

    edition = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=200, required=False)
    contact = forms.CharField(
        label="Contact",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A telephone number, an address, whom to ask for.",
    )
    born = day_field("Born on")

    def person(self) -> Person:
        given = self.cleaned_data
        return Person(given["name"], given["contact"], given["born"].isoformat() if given["born"] else "")


class Forgetting(forms.Form):
    """The code, typed again."""

    typed = forms.CharField(
        label="The code, typed again",
        max_length=40,
        help_text="So that it is the right person.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the code of this course."},
    )


def person(request: Request, code: str) -> HttpResponse:
    """Show who a code is, and let it be corrected whole."""
    if request.method != "POST":
        page = flow.page(code, by=request.author)
        return _person(request, page, Who(initial=_typed(page)))
    form = Who(request.POST)
    if form.is_valid():
        try:
            flow.keep(code, form.person(), edition=form.cleaned_data["edition"], by=request.author)
        except UnknownId:
            raise
        except AsklepionError as refused:
            show(form, refused)
        else:
            messages.success(request, f"Kept apart, encrypted: who {code} is.")
            return redirect("person", code=code)
    return _person(request, flow.page(code, by=request.author), form)


def person_forget(request: Request, code: str) -> HttpResponse:
    """Say what is destroyed and what stays, and destroy it once the code was typed again."""
    page = flow.standing(code, by=request.author)
    form = Forgetting(request.POST or None)
    if request.method == "POST" and page.kept and form.is_valid():
        try:
            flow.forget(code, form.cleaned_data["typed"], by=request.author)
        except BadInput as refused:
            show(form, refused)
        else:
            messages.success(request, f"Who {code} is was destroyed. The chart and its ledger are as they were.")
            return redirect("person", code=code)
    elif request.method == "POST" and page.forgotten_at:
        return redirect("person", code=code)
    return _answer(request, "person_forget", page, form)


def _typed(page: Page) -> dict[str, Any]:
    kept = page.person or Person("")
    return {"edition": page.edition, "name": kept.name, "contact": kept.contact, "born": page.born_on}


def _person(request: Request, page: Page, form: Who) -> HttpResponse:
    return _answer(request, "course_person", page, form)


def _answer(request: Request, name: str, page: Page, form: forms.Form) -> HttpResponse:
    here = {"here": "caseload", "page": page, "form": form}
    return render(request, f"asklepion/{name}.html", here, status=422 if request.method == "POST" else 200)


urlpatterns = [
    path("courses/<str:code>/person/", person, name="person"),
    path("courses/<str:code>/person/forget/", person_forget, name="person_forget"),
]
