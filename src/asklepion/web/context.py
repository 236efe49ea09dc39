"""What every page shows: navigation by role, the demo's ribbon, the theme, when facts were last checked."""

from importlib.metadata import version

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from asklepion.core.access import Role
from asklepion.flows.facts import facts
from asklepion.web.access import ROUTES
from asklepion.web.templatetags.asklepion import day

_VERSION = version("asklepion")
_PLACES = (
    ("caseload", "Caseload", "caseload"),
    ("outcomes", "Outcomes", "outcomes"),
    ("consent", "Consent", "consent_versions"),
    ("ratings", "Interviews", "ratings"),
    ("me", "My check-ins", "me"),
    ("accounts", "Accounts", "accounts"),
)


def shell(request: HttpRequest) -> dict[str, object]:
    """Return what base.html needs. Works for somebody who is not signed in, and on error pages."""
    role = _role(request)
    return {
        "demo": settings.DEMO,
        "clinic": settings.SITE,
        "theme": request.COOKIES.get("theme", "day"),
        "version": _VERSION,
        "facts_checked": day(facts().checked),
        "nav": _nav(role) if role else (),
        "who": _who(request, role) if role else "",
        "role": role,
    }


def _role(request: HttpRequest) -> Role | None:
    user = getattr(request, "user", None)
    return Role(user.role) if user is not None and user.is_authenticated else None


def _nav(role: Role) -> tuple[tuple[str, str, str], ...]:
    return tuple((key, title, reverse(name)) for key, title, name in _PLACES if role in ROUTES[name])


def _who(request: HttpRequest, role: Role) -> str:
    words = [request.user.get_username(), role.replace("_", " "), settings.SITE]
    return ", ".join(dict.fromkeys(word for word in words if word))
