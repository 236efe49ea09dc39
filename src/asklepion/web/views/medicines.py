"""Forms about one medicine: what was told of it, and what a physician decides on it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from asklepion.core.errors import BadInput, IdReused, NotAllowed, ProofFailed, UnknownId
from asklepion.flows import screening as flow
from asklepion.flows.facts import facts
from asklepion.flows.worksheet import Worksheet
from asklepion.record import clock
from asklepion.web import proof
from asklepion.web.request import Request
from asklepion.web.screening_forms import Decision, Medicine, show

REFUSALS = (BadInput, NotAllowed, ProofFailed, IdReused)


def medicine(request: Request, code: str) -> HttpResponse:
    """Record a medicine as told, or bring one up to date. A name that nothing answers to is asked back once."""
    page = worksheet_today(request, code)
    told = next((each for each in page.medicines if each.entry.medicine == request.GET.get("medicine")), None)
    offered = _offered(request.POST.get("typed", "")) if request.method == "POST" else ()
    form = Medicine(request.POST or None, initial=_told(told), offered=offered)
    if request.method == "POST" and form.is_valid():
        try:
            receipt = _save_medicine(code, form.cleaned_data, request)
        except REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, _said(receipt, code, request))
            return redirect("screening", code=code)
    here = {"page": page, "form": form, "told": told, "names": flow.known_names(), "here": "caseload"}
    return render(request, "asklepion/screening_medicine.html", here, status=status_of(request))


@sensitive_post_parameters("second_password")
def decide(request: Request, code: str) -> HttpResponse:
    """Record a decision on a medicine that the facts cannot settle. A second person proves who they are."""
    page = worksheet_today(request, code)
    wanted = request.POST.get("medicine") or request.GET.get("medicine")
    told = next((each for each in page.medicines if each.entry.medicine == wanted), None)
    if told is None:
        raise Http404
    lines = [line for _, found in page.groups for line in found if line.finding.medicine == wanted]
    form = Decision(request.POST or None, initial={"medicine": wanted})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            proof.refuse_when_locked(request, given["second_username"])
            flow.decide_medicine(code, by=request.author, **given)
        except ProofFailed as refused:
            proof.count_failure(request, given["second_username"])
            form.add_error("second_password", str(refused))
        except REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, f"The decision on {told.entry.typed} is saved, with its second person.")
            return redirect("screening", code=code)
    here = {"page": page, "form": form, "told": told, "lines": lines, "here": "caseload"}
    return render(request, "asklepion/screening_decide.html", here, status=status_of(request))


def worksheet_today(request: Request, code: str) -> Worksheet:
    """Return the worksheet of today, or answer as for what does not exist."""
    try:
        return flow.worksheet(code, request.reader, on=clock.today())
    except UnknownId as unknown:
        raise Http404 from unknown


def status_of(request: Request) -> int:
    return 422 if request.method == "POST" else 200


def _offered(typed: str) -> tuple[tuple[str, str], ...]:
    """Return what to choose from where a typed name answers to nothing on file but comes near something."""
    meant = flow.meant(typed)
    return tuple((drug.id, drug.title) for drug in meant) + (
        (("none", "None of these: keep it as typed. No fact is on file, and a person decides."),) if meant else ()
    )


def _told(told: Any) -> dict[str, Any]:
    if told is None:
        return {}
    entry = told.entry
    return {
        "medicine": entry.medicine,
        "typed": entry.typed,
        "dose": entry.dose,
        "taking": "yes" if entry.taking else "no",
        "started_on": entry.started_on,
        "stopped_on": entry.stopped_on,
        "told_by": entry.told_by,
    }


def _save_medicine(code: str, given: dict[str, Any], request: Request) -> flow.Receipt:
    chosen = given.get("chosen")
    return flow.record_medicine(
        code,
        by=request.author,
        typed=given["typed"],
        taking=given["taking"] == "yes",
        drug="" if chosen == "none" else chosen,
        dose=given["dose"],
        started_on=given["started_on"],
        stopped_on=given["stopped_on"],
        told_by=given["told_by"],
        medicine=given["medicine"],
        id=given["id"],
    )


def _said(receipt: flow.Receipt, code: str, request: Request) -> str:
    """Return what was saved, and whether anything on file answers to it."""
    told = flow.told(code, receipt.id, request.reader)
    drug = facts().drugs.get(told.drug)
    if drug is None:
        return f"Saved {told.typed} as typed. No fact is on file about it: it stays unknown until a physician decides."
    known = "" if drug.title.casefold() == told.typed.casefold() else f", read as {drug.title}"
    return f"Saved {told.typed}{known}."
