"""Pages of the house itself: where a role begins, colours, help at the door, and what went wrong in plain words."""

from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from asklepion.web.access import home_of
from asklepion.web.request import Request

_NEVER_SHOWN = ("csrfmiddlewaretoken", "password", "code")


def home(request: Request) -> HttpResponse:
    """Lead everybody to where their role begins."""
    return redirect(home_of(request.reader.role))


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep day or dim on this device and lead back."""
    back = request.headers.get("referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else "home")
    chosen = "dim" if request.POST.get("theme") == "dim" else "day"
    response.set_cookie("theme", chosen, max_age=365 * 24 * 3600, samesite="Lax", httponly=True)
    return response


def cannot_get_in(request: HttpRequest) -> HttpResponse:
    return render(request, "asklepion/cannot_get_in.html")


def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that a form came too late, keep what was typed on the page, and offer to send it again after signing in."""
    return render(request, "asklepion/not_saved.html", {"kept": _kept(request), "ended": True}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was too old to be trusted, and offer to send it again if it came from our own page."""
    return render(request, "asklepion/not_saved.html", {"kept": _kept(request), "ended": False}, status=403)


def locked(request: HttpRequest, credentials: object = None, *args: object, **kwargs: object) -> HttpResponse:
    """Say that signing in is closed for a while after too many wrong tries."""
    return render(request, "asklepion/locked.html", status=429)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to signing in, and back to the page afterwards. A form that came is kept on a page of its own.

    The bare address is no page of every role: from there each goes to where their role begins.
    """
    if request.method not in ("GET", "HEAD"):
        return signed_out(request)
    return redirect_to_login(reverse("home") if request.path == "/" else request.get_full_path())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what does not exist, and what the reader may not see, in the same words.

    Nobody who is signed out learns which addresses exist: each of them asks to sign in.
    """
    user = getattr(request, "user", None)
    if user is not None and not user.is_authenticated:
        return ask_to_sign_in(request)
    return render(request, "404.html", status=404)


def cannot_be_taken(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what is larger than any form of ours, is damaged, or was sent to another name, without looking at it."""
    return HttpResponse(render_to_string("400.html"), status=400)


def failed(request: HttpRequest) -> HttpResponseBase:
    """Answer a fault of ours without asking anything of what may be broken."""
    return HttpResponse(render_to_string("500.html"), status=500)


def _kept(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """Return the fields that were typed, if the form came from our own page; else nothing is shown or sent on."""
    sent_from = request.headers.get("origin") or request.headers.get("referer") or ""
    if urlsplit(sent_from).netloc != request.get_host():
        return ()
    return tuple(
        (name, value) for name, values in request.POST.lists() if not name.startswith(_NEVER_SHOWN) for value in values
    )


urlpatterns = [
    path("home/", home, name="home"),
    path("theme/", theme, name="theme"),
    path("accounts/help/", cannot_get_in, name="cannot_get_in"),
]
