"""One item of a scale a page, the check of all answers, and handing in: for care roles, and shared with the others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from asklepion.core.errors import BadInput, HandedIn, ManyFaults, UnknownId
from asklepion.flows import scales as flow
from asklepion.flows.scales import Sheet
from asklepion.knowledge.types import Item
from asklepion.web.request import Request

_CHOICES_AT_MOST = 12
"""Above this an answer is typed as a number: a page of fifty circles is no question."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the pages of one sheet are for whoever fills it in, and how an answer of theirs is kept."""

    layout: str
    look: str
    item: Callable[[int], str]
    check: str
    submit: str
    done: str
    home: str
    keep: Callable[[str, int | None], Sheet]
    not_done: str = ""
    crumb: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen. No colour and no order of merit: a number, or our own word for a coded one."""

    value: int
    label: str
    chosen: bool


@contextmanager
def found_or_404() -> Iterator[None]:
    """Answer what does not exist and what is not this reader's in the same way."""
    try:
        yield
    except UnknownId as unknown:
        raise Http404 from unknown


def item_page(request: Request, sheet: Sheet, number: int, ways: Ways) -> HttpResponse:
    """Show one item, or keep its answer and go on to the next that is asked."""
    if sheet.handed_in:
        return _too_late(request, ways)
    with found_or_404():
        item = sheet.item(number)
    if item not in sheet.asked:
        return redirect(_next(sheet, item, ways))
    if request.method != "POST":
        return render(request, "asklepion/scale_item.html", _words(request, sheet, item, ways))
    try:
        value = _typed(request, item)
        sheet = ways.keep(item.id, value)
    except HandedIn:
        return _too_late(request, ways)
    except BadInput as refused:
        words = _words(request, sheet, item, ways) | {"fault": refused}
        return render(request, "asklepion/scale_item.html", words, status=422)
    return redirect(ways.check if "check" in request.GET else _next(sheet, item, ways))


def check_page(request: Request, sheet: Sheet, ways: Ways, *, fault: str = "") -> HttpResponse:
    """Show all answers with a way to change each, and the one button that hands them in."""
    if sheet.handed_in:
        return redirect(ways.done)
    lines = [(item, _said(sheet, item), f"{ways.item(sheet.number(item))}?check=1") for item in sheet.asked]
    words = {
        "sheet": sheet,
        "ways": ways,
        "lines": lines,
        "open": [(item.topic, f"{ways.item(sheet.number(item))}?check=1") for item in sheet.open_items],
        "blank": sum(1 for item in sheet.asked if item.id in sheet.answers and sheet.answers[item.id] is None),
        "last": ways.item(sheet.number(sheet.asked[-1])),
        "fault": fault,
    }
    return render(request, "asklepion/scale_check.html", words, status=422 if fault else 200)


def not_done_page(request: Request, sheet: Sheet, ways: Ways, *, keep: Callable[[str], object]) -> HttpResponse:
    """Ask why a scale was not done, and record it."""
    if sheet.handed_in:
        return redirect(ways.done)
    because, fault = request.POST.get("because", ""), ""
    if request.method == "POST":
        try:
            keep(because)
        except BadInput as refused:
            fault = str(refused)
        else:
            return redirect(ways.home)
    words = {"sheet": sheet, "ways": ways, "because": because, "fault": fault}
    return render(request, "asklepion/scale_not_done.html", words, status=422 if fault else 200)


def faults_of(refused: BadInput) -> str:
    """Return every fault in one line."""
    return " ".join(str(each) for each in refused.faults) if isinstance(refused, ManyFaults) else refused.what


def scale_item(request: Request, code: str, scale: str, visit: str, number: int) -> HttpResponse:
    """One item of a scale that a care role fills in."""
    sheet, ways = _sheet(request, code, scale, visit)
    return item_page(request, sheet, number, ways)


@require_GET
def scale_check(request: Request, code: str, scale: str, visit: str) -> HttpResponse:
    """All answers of a scale that a care role fills in."""
    sheet, ways = _sheet(request, code, scale, visit)
    return check_page(request, sheet, ways)


@require_POST
def scale_submit(request: Request, code: str, scale: str, visit: str) -> HttpResponse:
    """Hand in what a care role filled in."""
    sheet, ways = _sheet(request, code, scale, visit)
    try:
        flow.hand_in(code, scale, visit, by=request.author, reader=request.reader)
    except BadInput as refused:
        return check_page(request, sheet, ways, fault=faults_of(refused))
    return redirect(ways.done)


@require_GET
def scale_given(request: Request, code: str, scale: str, visit: str) -> HttpResponse:
    """Say what was handed in, what it came to, and what of it needs a person."""
    sheet, ways = _sheet(request, code, scale, visit)
    with found_or_404():
        given = flow.handed_in(code, scale, visit, reader=request.reader)
    words = {
        "sheet": sheet,
        "ways": ways,
        "code": code,
        "given": given,
        "lines": flow.results(sheet.scale, given.entry),
    }
    return render(request, "asklepion/scale_given.html", words)


def scale_not_done(request: Request, code: str, scale: str, visit: str) -> HttpResponse:
    """Record that a scale was not done, and why."""
    sheet, ways = _sheet(request, code, scale, visit)

    def keep(because: str) -> object:
        return flow.not_done(code, scale, visit, because, by=request.author, reader=request.reader)

    return not_done_page(request, sheet, ways, keep=keep)


def _sheet(request: Request, code: str, scale: str, visit: str) -> tuple[Sheet, Ways]:
    with found_or_404():
        sheet = flow.start(code, scale, visit, reader=request.reader)
    args = [code, scale, visit]

    def keep(item: str, value: int | None) -> Sheet:
        return flow.answer(code, scale, visit, item=item, value=value, reader=request.reader)

    ways = Ways(
        layout="asklepion/base.html",
        look="staff",
        item=lambda number: reverse("scale_item", args=[*args, number]),
        check=reverse("scale_check", args=args),
        submit=reverse("scale_submit", args=args),
        done=reverse("scale_given", args=args),
        home=reverse("chart", args=[code]),
        keep=keep,
        not_done=reverse("scale_not_done", args=args),
        crumb=code,
    )
    return sheet, ways


def _too_late(request: Request, ways: Ways) -> HttpResponse:
    """Lead to what was handed in; what was just chosen in a second tab is said not to be added."""
    if request.method != "POST":
        return redirect(ways.done)
    return render(request, "asklepion/scale_too_late.html", {"ways": ways}, status=409)


def _next(sheet: Sheet, item: Item, ways: Ways) -> str:
    after = sheet.after(item)
    return ways.item(sheet.number(after)) if after else ways.check


def _typed(request: Request, item: Item) -> int | None:
    """Return the answer that was chosen, None for a blank on purpose. Raises BadInput for none and for no number."""
    if "skip" in request.POST:
        return None
    typed = request.POST.get("answer", "").strip()
    if not typed:
        raise BadInput("Choose one, or say that you would rather not answer.", where=item.topic)
    if not typed.lstrip("-").isdecimal() or not typed.isascii() or len(typed) > 6:
        span = f"{item.minimum} to {item.maximum}"
        raise BadInput(f"{typed[:20]} is not a whole number from {span}.", where=item.topic)
    return int(typed)


def _words(request: Request, sheet: Sheet, item: Item, ways: Ways) -> dict[str, object]:
    back = sheet.before(item)
    kept = sheet.answers.get(item.id)
    options = _options(item, kept)
    return {
        "sheet": sheet,
        "ways": ways,
        "item": item,
        "place": sheet.asked.index(item) + 1,
        "count": len(sheet.asked),
        "options": options if len(options) <= _CHOICES_AT_MOST else [],
        "typed": request.POST.get("answer", "" if kept is None else str(kept)),
        "left_blank": item.id in sheet.answers and kept is None,
        "back": ways.check if "check" in request.GET else ways.item(sheet.number(back)) if back else ways.home,
    }


def _options(item: Item, kept: int | None) -> list[Option]:
    named = {0: "No", 1: "Yes"} if item.yes_no else {}
    found = [(value, named.get(value, str(value))) for value in range(item.minimum, item.maximum + 1)]
    found.extend((each.code, each.label) for each in item.coded)
    return [Option(value, label, value == kept) for value, label in found]


def _said(sheet: Sheet, item: Item) -> str:
    if item.id not in sheet.answers:
        return "Not answered yet"
    value = sheet.answers[item.id]
    if value is None:
        return "Left blank"
    return next((each.label for each in _options(item, value) if each.value == value), str(value))


urlpatterns = [
    path("courses/<str:code>/scales/<str:scale>/<str:visit>/<int:number>/", scale_item, name="scale_item"),
    path("courses/<str:code>/scales/<str:scale>/<str:visit>/check/", scale_check, name="scale_check"),
    path("courses/<str:code>/scales/<str:scale>/<str:visit>/submit/", scale_submit, name="scale_submit"),
    path("courses/<str:code>/scales/<str:scale>/<str:visit>/given/", scale_given, name="scale_given"),
    path("courses/<str:code>/scales/<str:scale>/<str:visit>/not-done/", scale_not_done, name="scale_not_done"),
]
