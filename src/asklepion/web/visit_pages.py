"""The page of a visit made ready: its forms by name, what the template needs, and what a refused form shows again."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from asklepion.core.access import Role
from asklepion.core.errors import BadInput, GateShut, HandedIn, IdReused, UnknownId
from asklepion.core.values import Task
from asklepion.flows import visits as flow
from asklepion.flows.caseload import when_words
from asklepion.flows.chart import GateLine
from asklepion.flows.session_page import Offer
from asklepion.flows.visit_page import VisitPage
from asklepion.flows.visit_scales import DueScale
from asklepion.record import clock
from asklepion.web.access import ROUTES
from asklepion.web.links import gate_line, page_of
from asklepion.web.request import Request
from asklepion.web.session_forms import Give, Readings, Withhold
from asklepion.web.visit_forms import Before, Book, EntryForm, Finish, Hold, Miss, NotDone

REFUSALS = (BadInput, GateShut, IdReused, HandedIn)
Save = Callable[[Any], str]
"""Saves a form that is valid and returns what to say about it. Raises one of REFUSALS, or UnknownId."""


def act(request: Request, code: str, visit: str, name: str, save: Save) -> HttpResponse:
    """Save one form of a visit's page and lead back to it; a refusal shows the page again with all that was typed."""
    page = find(request, code, visit)
    make = forms_of(page).get(name)
    if make is None:
        raise Http404
    if request.method != "POST":
        return redirect("visit", code=code, visit=visit)
    form = make(request.POST)
    if form.is_valid():
        try:
            messages.success(request, save(form))
        except UnknownId as unknown:
            raise Http404 from unknown
        except REFUSALS as refused:
            form.show(refused)
        else:
            return redirect("visit", code=code, visit=visit)
    return render(request, "asklepion/visit.html", words(request, page, name=name, form=form), status=422)


def find(request: Request, code: str, visit: str) -> VisitPage:
    """Return the page of a visit, or answer as for what does not exist."""
    try:
        return flow.page(code, visit, request.reader, on=clock.today())
    except UnknownId as unknown:
        raise Http404 from unknown


def forms_of(page: VisitPage) -> dict[str, Callable[..., EntryForm]]:
    """Return a maker of each form of the page, by name. Every form has a prefix of its own, so that ids differ."""
    made: dict[str, Callable[..., EntryForm]] = {
        "hold": lambda data=None: Hold(page, data, prefix="hold"),
        "finish": lambda data=None: Finish(page, data, prefix="finish"),
        "values": lambda data=None: Before(page.asked, data, prefix="values", wanted=page.wanted),
        "book": lambda data=None: Book(data, prefix="book"),
        "miss": lambda data=None: Miss(data, prefix="miss"),
        "scale": lambda data: NotDone(data, prefix=_scale_prefix(data.get("which", ""))),
    }
    if page.session:
        made["readings"] = lambda data=None: Readings(page.measured, data, prefix="readings")
        for offer in page.session.offers:
            made[f"give-{offer.part}"] = _give(offer)
            made[f"withhold-{offer.part}"] = _withhold(offer)
    return made


def words(request: Request, page: VisitPage, *, name: str = "", form: EntryForm | None = None) -> dict[str, object]:
    """Return what the template needs. `form` is the one that was refused, by its name."""
    role, on = Role(request.reader.role), clock.today()
    shown = {each: make() for each, make in forms_of(page).items() if each != "scale"}
    if form is not None and name in shown:
        shown[name] = form
    offers = page.session.offers if page.session else ()
    return {
        "here": "caseload",
        "page": page,
        "course": page.course,
        "form": form,
        "refused": name,
        "may": {route: role in ROUTES[route] for route in ROUTES if route.startswith("visit_")},
        "gate_lines": [_gate_line(line, page, role) for line in page.gate.lines] if page.gate else [],
        "scales": [_scale(each, page, role, form) for each in page.scales],
        "steps": [_step(task, page, role, on) for task in page.next_steps],
        "may_note": role in ROUTES["note_new"],
        "may_event": role in ROUTES["event_new"],
        "offers": [(offer, shown[f"give-{offer.part}"], shown[f"withhold-{offer.part}"]) for offer in offers],
        **{f"{each}_form": made for each, made in shown.items() if "-" not in each},
    }


def _give(offer: Offer) -> Callable[..., EntryForm]:
    return lambda data=None: Give(offer.levels_mg, data, prefix=f"give-{offer.part}")


def _withhold(offer: Offer) -> Callable[..., EntryForm]:
    return lambda data=None: Withhold(data, prefix=f"withhold-{offer.part}")


def _gate_line(line: GateLine, page: VisitPage, role: Role) -> tuple[GateLine, str, str]:
    """Return a finding with the address that settles it: on this page where its value is asked for here."""
    if (line.page, line.args) == ("visit", (page.visit,)) and line.look != "met":
        return (line, "#values", "Record it below") if role in ROUTES["visit_values"] else (line, "", "")
    return gate_line(line, page.course, role)


def _scale(
    scale: DueScale, page: VisitPage, role: Role, refused: EntryForm | None
) -> tuple[DueScale, str, EntryForm, bool]:
    """Return a scale, the address at which it is filled in, the form that says why it was not, and if that is open."""
    prefix = _scale_prefix(scale.scale)
    is_refused = refused is not None and refused.prefix == prefix
    may = scale.state == "due" and role in ROUTES["scale_item"]
    address = reverse("scale_item", args=[page.course, scale.scale, page.visit, 1]) if may else ""
    return scale, address, refused if is_refused and refused else NotDone(prefix=prefix), is_refused


def _scale_prefix(scale: str) -> str:
    return f"scale-{scale}"


def _step(task: Task, page: VisitPage, role: Role, on: date) -> tuple[str, str, str]:
    """Return title, when and address of a step; no address where the role may not take it."""
    route, args = page_of(task, page.course)
    when = f"{when_words(task.opens, task.due, task.closes, on=on)}, with {task.role.replace('_', ' ')}"
    return task.title, when, reverse(route, args=args) if role in ROUTES[route] else ""
