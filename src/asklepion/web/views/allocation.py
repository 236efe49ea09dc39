"""The allocation of a blinded course: its arm and its kits. To everybody but a pharmacist the page does not exist."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from asklepion.core.errors import BadInput, IdReused
from asklepion.flows import allocation as flow
from asklepion.flows.allocation import Page
from asklepion.web.request import Request
from asklepion.web.screening_forms import entry_id_field, show


class Assigned(forms.Form):
    """The arm, as the sealed list says it."""

    prefix = "arm"
    id = entry_id_field()
    arm = forms.ChoiceField(
        label="Arm on the sealed list",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the arm that the sealed list says."},
    )

    def __init__(self, page: Page, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["arm"]
        chosen.choices = [(arm.id, arm.title) for arm in page.arms]


class Kit(forms.Form):
    """A kit that was dispensed for a visit, and what it holds."""

    prefix = "kit"
    id = entry_id_field()
    visit = forms.ChoiceField(label="For the visit", error_messages={"required": "Choose a visit."})
    kit = forms.CharField(
        label="Number of the kit",
        max_length=flow.LONGEST_KIT,
        help_text="As it stands on the kit.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type what stands on the kit."},
    )
    content = forms.CharField(
        label="What it holds",
        max_length=flow.LONGEST_CONTENT,
        help_text="As the sealed list says it. Only a pharmacist reads this.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type what the sealed list says that it holds."},
    )

    def __init__(self, page: Page, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visit: Any = self.fields["visit"]
        visit.choices = [("", "Choose a visit"), *page.visits.items()]


def allocation(request: Request, code: str) -> HttpResponse:
    """Show the arm and the kits of a course, and record one or the other."""
    page = flow.page(code, request.reader)
    do = request.POST.get("do", "")
    arm = Assigned(page, request.POST if do == "arm" else None)
    kit = Kit(page, request.POST if do == "kit" else None)
    form = {"arm": arm, "kit": kit}.get(do)
    if form is not None and form.is_valid():
        given = form.cleaned_data
        try:
            if do == "arm":
                receipt = flow.assign(code, given["arm"], by=request.author, id=given["id"])
            else:
                kept = (given["visit"], given["kit"], given["content"])
                receipt = flow.dispense(code, *kept, by=request.author, id=given["id"])
        except (BadInput, IdReused) as refused:
            show(form, refused)
        else:
            messages.success(request, f"Saved as entry {receipt.seq}. Only a pharmacist can open it.")
            return redirect("allocation", code=code)
    here = {"here": "caseload", "page": page, "arm": arm, "kit": kit, "form": form}
    return render(request, "asklepion/allocation.html", here, status=422 if request.method == "POST" else 200)


urlpatterns = [path("courses/<str:code>/allocation/", allocation, name="allocation")]
