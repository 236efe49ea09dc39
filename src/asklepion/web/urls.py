"""Every address. Each view module brings its own."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern

_NOUNS = (
    "shell", "sign_in", "accounts", "audit", "caseload", "courses", "chart", "screening", "consent", "visits",
    "session", "safety", "people", "allocation", "scales", "outcomes", "ratings", "me",
)  # fmt: skip


def _views(noun: str) -> list[URLPattern]:
    name = f"asklepion.web.views.{noun}"
    return list(import_module(name).urlpatterns) if find_spec(name) else []


urlpatterns = [each for noun in _NOUNS for each in _views(noun)]

handler400 = "asklepion.web.views.shell.cannot_be_taken"
handler404 = "asklepion.web.views.shell.not_found"
handler500 = "asklepion.web.views.shell.failed"
