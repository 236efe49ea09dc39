"""The ledger of one course: its entries, the check of its chain, corrections, the export."""

from datetime import datetime
from typing import cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from asklepion.core.errors import BadInput, NotAllowed, UnknownId
from asklepion.flows import audit as flow
from asklepion.record.ledger import Receipt
from asklepion.web.request import Request

_SHOWS = {"all": "All", "corrections": "Corrections", "signatures": "Signatures"}


class Correction(forms.Form):
    """Retract or amend, and why."""

    reason = forms.CharField(
        label="Reason",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands beside the struck entry for good.",
        error_messages={"required": "Say in a few words why it is corrected."},
    )


def ledger(request: Request, code: str) -> HttpResponse:
    """List the entries that the reader may see, newest first."""
    show = request.GET.get("show", "all")
    q = request.GET.get("q", "").strip()[:100]
    before = request.GET.get("before", "")
    try:
        page = flow.page(
            code,
            request.reader,
            show=cast("flow.Show", show) if show in _SHOWS else "all",
            q=q,
            before=int(before) if before.isdecimal() and len(before) < 10 else None,
        )
    except UnknownId as unknown:
        raise Http404 from unknown
    counts = {"all": None, "corrections": page.corrections, "signatures": page.signatures}
    shows = [(key, title, counts[key]) for key, title in _SHOWS.items()]
    check = _last_check(request, code)
    here = {"code": code, "page": page, "show": show, "q": q, "shows": shows, "check": check, "here": "caseload"}
    return render(request, "asklepion/ledger.html", here)


def entry(request: Request, code: str, seq: int) -> HttpResponse:
    """Show one entry whole."""
    return render(request, "asklepion/entry.html", {"code": code, "detail": _detail(request, code, seq)})


def correct(request: Request, code: str, seq: int) -> HttpResponse:
    """Retract an entry, or amend the values of a reading, with a reason."""
    detail = _detail(request, code, seq)
    struck_by = detail.line.struck_by
    if not detail.may_correct and struck_by is None:
        raise Http404
    form = Correction(request.POST or None)
    faults: tuple[str, ...] = ()
    if struck_by is not None:
        faults = (f"Entry {seq} was corrected in the meantime, by entry {struck_by.seq}. Nothing was saved.",)
    elif request.method == "POST" and form.is_valid():
        try:
            receipt = _save(request, code, seq, detail, form.cleaned_data["reason"])
        except (BadInput, NotAllowed) as refused:
            faults = tuple(str(each) for each in getattr(refused, "faults", (refused,)))
        else:
            messages.success(request, f"Saved as entry {receipt.seq}. Entry {seq} stays, struck through.")
            return redirect("entry", code=code, seq=receipt.seq)
    typed = [(what, title, request.POST.get(f"value-{what}", value)) for what, title, value in detail.values]
    here = {"code": code, "detail": detail, "form": form, "faults": faults, "values": typed}
    return render(request, "asklepion/correct.html", here, status=422 if request.method == "POST" else 200)


def _save(request: Request, code: str, seq: int, detail: flow.Detail, reason: str) -> Receipt:
    how = request.POST.get("how", "")
    if detail.values and how not in ("amend", "retract"):
        raise BadInput("Choose whether other values stand in its place or nothing does.")
    if how == "amend" and detail.values:
        values = {what: request.POST.get(f"value-{what}", "") for what, _, _ in detail.values}
        return flow.amend(code, seq, values, reason, by=request.author, reader=request.reader)
    return flow.retract(code, seq, reason, by=request.author, reader=request.reader)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: Request, code: str) -> HttpResponse:
    """Walk the chain and keep what was found for this session. An address that was only opened leads to the ledger."""
    try:
        if request.method != "POST":
            flow.page(code, request.reader)
            return redirect("ledger", code=code)
        check = flow.check_chain(code, request.reader)
    except UnknownId as unknown:
        raise Http404 from unknown
    request.session["chain_check"] = {"code": code, "at": check.at.isoformat(), "faults": list(check.faults)}
    return redirect("ledger", code=code)


def export(request: Request, code: str) -> StreamingHttpResponse:
    """Hand out the ledger as JSON Lines."""
    try:
        lines = list(flow.export(code, request.reader))
    except UnknownId as unknown:
        raise Http404 from unknown
    response = StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-ledger.jsonl"'
    return response


def _detail(request: Request, code: str, seq: int) -> flow.Detail:
    try:
        return flow.detail(code, seq, request.reader)
    except UnknownId as unknown:
        raise Http404 from unknown


def _last_check(request: Request, code: str) -> dict[str, object] | None:
    kept = request.session.get("chain_check")
    if not kept or kept["code"] != code:
        return None
    return {"at": datetime.fromisoformat(kept["at"]), "faults": kept["faults"]}


urlpatterns = [
    path("courses/<str:code>/ledger/", ledger, name="ledger"),
    path("courses/<str:code>/ledger.jsonl", export, name="ledger_export"),
    path("courses/<str:code>/ledger/verify/", verify, name="ledger_verify"),
    path("courses/<str:code>/ledger/<int:seq>/", entry, name="entry"),
    path("courses/<str:code>/ledger/<int:seq>/correct/", correct, name="correct"),
]
