"""A participant's own pages: what is due, the next appointment, and their questionnaires."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from asklepion.core.errors import BadInput
from asklepion.flows import own
from asklepion.flows import scales as flow
from asklepion.flows.own import DueScale
from asklepion.flows.scales import Sheet
from asklepion.record import clock
from asklepion.web.request import Request
from asklepion.web.views.scales import Ways, check_page, faults_of, found_or_404, item_page


@require_GET
def me(request: Request) -> HttpResponse:
    """Show what waits, when we meet next and whom to ring."""
    with found_or_404():
        home = own.home(request.reader, on=clock.today())
    due = [(each, _address(each)) for each in home.scales]
    return render(request, "asklepion/me.html", {"home": home, "due": due, "ring": _numbers(), "here": "me"})


def my_scale(request: Request, scale: str, visit: str, number: int) -> HttpResponse:
    """One question a page."""
    sheet, ways = _sheet(request, scale, visit)
    return item_page(request, sheet, number, ways)


def my_scale_check(request: Request, scale: str, visit: str) -> HttpResponse:
    """Read the answers through, and hand them in."""
    sheet, ways = _sheet(request, scale, visit)
    if request.method != "POST" or sheet.handed_in:
        return check_page(request, sheet, ways)
    try:
        flow.hand_in(sheet.course, scale, visit, by=request.author, reader=request.reader)
    except BadInput as refused:
        return check_page(request, sheet, ways, fault=faults_of(refused))
    return redirect(ways.done)


@require_GET
def my_scale_done(request: Request, scale: str, visit: str) -> HttpResponse:
    """Say that it was handed in. Where the answers need a person, stop here for a moment and say who knows."""
    with found_or_404():
        given = flow.handed_in(request.reader.course, scale, visit, reader=request.reader)
        sheet = flow.start(request.reader.course, scale, visit, reader=request.reader)
        left = own.home(request.reader, on=clock.today()).due
    pause = any(raised.certain for raised in given.raised)
    words = {"sheet": sheet, "given": given, "left": left, "ring": _numbers()}
    if pause:
        words["spoken"] = flow.spoken_since(sheet.course, given.receipt.seq)
    return render(request, "asklepion/pause.html" if pause else "asklepion/my_scale_done.html", words)


def _sheet(request: Request, scale: str, visit: str) -> tuple[Sheet, Ways]:
    course = request.reader.course
    with found_or_404():
        sheet = flow.start(course, scale, visit, reader=request.reader)
    args = [scale, visit]

    def keep(item: str, value: int | None) -> Sheet:
        return flow.answer(course, scale, visit, item=item, value=value, reader=request.reader)

    ways = Ways(
        layout="asklepion/person.html",
        look="own",
        item=lambda number: reverse("my_scale", args=[*args, number]),
        check=reverse("my_scale_check", args=args),
        submit=reverse("my_scale_check", args=args),
        done=reverse("my_scale_done", args=args),
        home=reverse("me"),
        keep=keep,
    )
    return sheet, ways


def _address(due: DueScale) -> str:
    """Return where a questionnaire goes on: at the first open question, or at the check of all answers."""
    args = [due.scale, due.visit]
    return reverse("my_scale", args=[*args, due.number]) if due.number else reverse("my_scale_check", args=args)


def _numbers() -> dict[str, str]:
    """Return the numbers that the site has given. None is ours to invent."""
    return {"clinic": settings.CLINIC_PHONE, "emergency": settings.EMERGENCY_PHONE}


urlpatterns = [
    path("me/", me, name="me"),
    path("me/<str:scale>/<str:visit>/<int:number>/", my_scale, name="my_scale"),
    path("me/<str:scale>/<str:visit>/check/", my_scale_check, name="my_scale_check"),
    path("me/<str:scale>/<str:visit>/done/", my_scale_done, name="my_scale_done"),
]
