"""The Django app of the pages, with the check that every route is in the permission table."""

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from asklepion.web.access import PUBLIC, ROUTES


class Web(AppConfig):
    name = "asklepion.web"
    label = "web"

    def ready(self) -> None:
        register(every_route_is_listed)


def route_names(patterns: list[URLPattern | URLResolver] | None = None) -> list[str]:
    """Return the name of every route, in order of address; an unnamed one as its pattern in angle brackets."""
    found: list[str] = []
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            found.extend(route_names(each.url_patterns))
        else:
            found.append(each.name or f"<{each.pattern}>")
    return found


def every_route_is_listed(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Return an error for each route that web/access.py does not list: it would answer as not existing."""
    return [
        Error(f"Route {name} is not in web/access.py.", hint="List the roles that may open it.", id="asklepion.E001")
        for name in route_names()
        if name not in PUBLIC and name not in ROUTES
    ]
