"""The door of every request: who asks, on which device, and may they. How long a session lives."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from asklepion.core.access import Role
from asklepion.core.errors import UnknownId
from asklepion.record import clock
from asklepion.record.ledger import Author
from asklepion.record.reading import Reader
from asklepion.web.access import FIRST_STEPS, PUBLIC, ROUTES
from asklepion.web.request import Request
from asklepion.web.views.shell import ask_to_sign_in, not_found

_DEVICE = "asklepion_device"
_TEN_YEARS = 10 * 365 * 24 * 3600
_LONGEST = timedelta(hours=12)


class Door:
    """Lets a request in by the permission table. What a role may not open answers as what does not exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.get_signed_cookie(_DEVICE, default="", salt=_DEVICE)
        device = known or f"browser-{uuid4().hex[:8]}"
        if request.user.is_authenticated:
            _end_when_too_old(request)
        if request.user.is_authenticated:
            _introduce(cast(Request, request), device)
        response = self.get_response(request)
        add_never_cache_headers(response)
        if not known:
            _remember(response, device)
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Return None to go on to the view, or the answer of the door."""
        match = request.resolver_match
        name = match.view_name if match else ""
        if _cannot_be_kept(request):
            raise Http404
        if name in PUBLIC:
            return None
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        if Role(cast(Any, request.user).role) not in ROUTES.get(name, frozenset()):
            raise Http404
        if name not in FIRST_STEPS and not _has_second_factor(request):
            return redirect("mfa_activate_totp")
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what is on no file, or not this reader's, as an address that does not exist, whoever asked."""
        return not_found(request, exception) if isinstance(exception, UnknownId) else None


def _introduce(request: Request, device: str) -> None:
    user: Any = request.user
    role = Role(user.role)
    request.reader = Reader(role, user.get_username(), user.course)
    request.author = Author(user.get_username(), role, device)


def _remember(response: HttpResponse, device: str) -> None:
    response.set_signed_cookie(
        _DEVICE,
        device,
        salt=_DEVICE,
        max_age=_TEN_YEARS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _end_when_too_old(request: HttpRequest) -> None:
    """Sign out twelve hours after signing in, however busy the session was. Idle ones end by the cookie's age."""
    now = clock.now().timestamp()
    began = request.session.setdefault("began", now)
    if now - began > _LONGEST.total_seconds():
        logout(request)


def _cannot_be_kept(request: HttpRequest) -> bool:
    """Return whether an address holds the letter that PostgreSQL refuses: nothing of ours can be named by it."""
    return "\0" in request.path or any("\0" in value for values in request.GET.lists() for value in values[1])


def _has_second_factor(request: HttpRequest) -> bool:
    """Return whether the account has a code app. Once seen it is remembered for the session: no query a page."""
    if request.session.get("second_factor"):
        return True
    found: bool = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP).exists()
    if found:
        request.session["second_factor"] = True
    return found
