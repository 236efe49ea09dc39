"""The screening worksheet and its forms: values, medicines, decisions, the signature."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from asklepion.core.access import Role
from asklepion.core.errors import ProofFailed, UnknownId
from asklepion.core.values import unit_words
from asklepion.flows import screening as flow
from asklepion.flows.describe import describe
from asklepion.flows.facts import facts
from asklepion.flows.worksheet import Line, Worksheet
from asklepion.record import clock
from asklepion.web import proof
from asklepion.web.access import ROUTES
from asklepion.web.request import Request
from asklepion.web.screening_forms import GROUPS, Signing, Values, show
from asklepion.web.svg import washout
from asklepion.web.views.medicines import REFUSALS, decide, medicine, status_of, worksheet_today

_MANY = 4


@require_GET
def screening(request: Request, code: str) -> HttpResponse:
    """Show every criterion judged today, or on another day to look ahead."""
    on, fault = _asked_day(request)
    try:
        page = flow.worksheet(code, request.reader, on=on)
    except UnknownId as unknown:
        raise Http404 from unknown
    words = _words(request, page, _signing(page, request))
    return render(request, "asklepion/screening.html", words | {"fault": fault})


def values(request: Request, code: str) -> HttpResponse:
    """Record diagnoses, readings and laboratory values, several at once."""
    page = worksheet_today(request, code)
    known = facts().observables
    form = Values([known[what] for what in page.observables], request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            receipts = flow.record_groups(
                code,
                form.typed(),
                by=request.author,
                ids=form.ids(),
                at=form.at(),
            )
        except REFUSALS as refused:
            show(form, refused)
        else:
            said = "one entry" if len(receipts) == 1 else f"{len(receipts)} entries"
            messages.success(request, f"Saved as {said}. Every criterion is judged anew.")
            return redirect("screening", code=code)
    here = {"page": page, "form": form, "groups": _groups(form, code, request), "here": "caseload"}
    return render(request, "asklepion/screening_values.html", here, status=status_of(request))


@require_POST
@sensitive_post_parameters("password")
def sign(request: Request, code: str) -> HttpResponse:
    """Sign the worksheet as it was shown. If it has changed since, it is shown anew and nothing is signed."""
    page = worksheet_today(request, code)
    form = _signing(page, request)
    if form.is_valid():
        given = form.cleaned_data
        try:
            proof.refuse_when_locked(request, request.author.account)
            flow.sign_worksheet(code, by=request.author, **given)
        except ProofFailed as refused:
            proof.count_failure(request, request.author.account)
            form.add_error("password", str(refused))
        except REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, "Signed. The signature stands under the worksheet.")
            return redirect(f"{reverse('screening', args=[code])}#signatures")
    form.show_anew(page.hash)
    return render(request, "asklepion/screening.html", _words(request, page, form), status=422)


def _asked_day(request: Request) -> tuple[date, str]:
    asked = request.GET.get("on", "").strip()
    if not asked:
        return clock.today(), ""
    try:
        return date.fromisoformat(asked), ""
    except ValueError:
        return clock.today(), f"`{asked[:40]}` is no day. Choose one, or type it as 2026-11-19. Today is shown."


def _signing(page: Worksheet, request: Request) -> Signing:
    may_approve = page.clear and Role(request.reader.role) is page.approver
    typed = request.POST if request.method == "POST" else None
    return Signing(typed, initial={"shown_hash": page.hash}, may_approve=may_approve)


def _words(request: Request, page: Worksheet, form: Signing) -> dict[str, Any]:
    role = Role(request.reader.role)
    today = clock.today()
    live = page.on == today
    when = "today" if live else "that day"
    may = {name: role in ROUTES[name] and not page.ended and live for name in ROUTES if name.startswith("screening_")}
    return {
        "here": "caseload",
        "page": page,
        "now": clock.now(),
        "today": today,
        "live": live,
        "may": may,
        "may_end": role in ROUTES["course_end"] and live and not page.ended,
        "approver": page.approver.replace("_", " "),
        "may_approve": page.clear and role is page.approver,
        "printed_name": getattr(request.user, "printed_name", ""),
        "groups": [(title, [_drawn(line, page, may, when=when) for line in lines]) for title, lines in page.groups],
        **_steps(page),
        "medicines": [(told, describe(told, facts())) for told in page.medicines],
        "form": form,
    }


def _steps(page: Worksheet) -> dict[str, Any]:
    """Return what has to happen; where many values are missing they are one line, told apart below it."""
    values = [step for step in page.steps if step.look == "due" and step.line.page == "screening_values"]
    to_record = values if len(values) > _MANY else []
    waits = [step for step in page.steps if step.look == "plain"]
    steps = [step for step in page.steps if step not in to_record and step not in waits]
    return {"steps": steps, "to_record": to_record, "waits": waits}


def _drawn(line: Line, page: Worksheet, may: dict[str, bool], *, when: str) -> dict[str, Any]:
    """Return a finding with its bar and the links by which somebody may settle it."""
    bar = washout.bar(line.washout, id=line.id, when=when) if line.washout else ""
    bases = [basis for basis in dict.fromkeys(line.finding.facts) if basis != line.finding.rule]
    return {"line": line, "bar": bar, "bases": bases, "links": _links(line, page, may)}


def _links(line: Line, page: Worksheet, may: dict[str, bool]) -> list[tuple[str, str]]:
    if line.look == "met":
        return []
    links = []
    if line.told:
        asked = f"?medicine={line.told.entry.medicine}"
        if line.look == "unknown" and may["screening_decide"]:
            links.append(("Record a decision", reverse("screening_decide", args=[page.course]) + asked))
        if may["screening_medicine"]:
            links.append(("Change what was told", reverse("screening_medicine", args=[page.course]) + asked))
    elif line.page == "screening_medicine":
        links += _links_to_list(line, page, may)
    elif line.page == "screening_values" and may["screening_values"] and line.observables:
        links.append(("Record it", f"{reverse('screening_values', args=[page.course])}#id_{line.observables[0]}"))
    elif line.page in _ELSEWHERE and may["screening_values"]:
        links.append((_ELSEWHERE[line.page], reverse(line.page, args=[page.course, *line.args])))
    return links


def _links_to_list(line: Line, page: Worksheet, may: dict[str, bool]) -> list[tuple[str, str]]:
    """Return the links where nobody said yet that every medicine was gone through."""
    links = []
    if may["screening_medicine"]:
        links.append(("Record a medicine", reverse("screening_medicine", args=[page.course])))
    if may["screening_values"] and line.observables:
        address = reverse("screening_values", args=[page.course])
        links.append(("All were gone through", f"{address}#id_{line.observables[0]}"))
    return links


_ELSEWHERE = {"consent": "Go to consent", "visit": "Open the visit", "scale_item": "Open the scale"}


def _groups(form: Values, code: str, request: Request) -> list[dict[str, Any]]:
    """Return the fields by group, each with its unit and what is on file."""
    on_file = flow.on_file(code, form.observables, request.reader)
    groups = []
    for group, title in GROUPS.items():
        fields = [
            {"field": form[each.id], "unit": unit_words(each.unit), "before": on_file.get(each.id)}
            for each in form.observables.values()
            if each.group == group
        ]
        if fields:
            groups.append({"title": title, "key": group, "id": form[f"id-{group}"], "fields": fields})
    return groups


urlpatterns = [
    path("courses/<str:code>/screening/", screening, name="screening"),
    path("courses/<str:code>/screening/values/", values, name="screening_values"),
    path("courses/<str:code>/screening/medicine/", medicine, name="screening_medicine"),
    path("courses/<str:code>/screening/decide/", decide, name="screening_decide"),
    path("courses/<str:code>/screening/sign/", sign, name="screening_sign"),
]
