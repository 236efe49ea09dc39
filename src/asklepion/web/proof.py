"""Proving who signs, guarded like the front door: wrong tries are counted together with those of signing in."""

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest

from asklepion.core.errors import ProofFailed
from asklepion.web.request import Request

_KEPT = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_USER_AGENT", "HTTP_ACCEPT")


def refuse_when_locked(request: Request, username: str) -> None:
    """Raise ProofFailed, without looking at the password, where an account is locked after too many wrong tries."""
    if not AxesProxyHandler.is_allowed(_bare(request), {"username": username}):
        raise ProofFailed("This account is locked after too many wrong tries.", remedy="Wait fifteen minutes.")


def count_failure(request: Request, username: str) -> None:
    """Count a wrong try. After five, signing in and signing are closed to this account for a while."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=_bare(request))


def _bare(request: Request) -> HttpRequest:
    """Return a request that says where it is from and nothing that was typed: what is counted is kept in a table."""
    bare = HttpRequest()
    bare.method, bare.path, bare.path_info = "POST", "/signing/", "/signing/"
    bare.META = {key: request.META[key] for key in _KEPT if key in request.META}
    return bare
