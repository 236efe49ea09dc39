"""Template words of the look: icons, states, sources of facts, days, instants and numbers as they are written."""

from datetime import date, datetime

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from asklepion.knowledge.types import Basis

register = template.Library()

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CIRCLE = '<circle cx="12" cy="12" r="9.5"/>'
_SHAPES = {
    "met": _CIRCLE + '<path d="M7.5 12.5l3 3 6-6.5"/>',
    "notmet": '<path d="M8.2 2.5h7.6l5.7 5.7v7.6l-5.7 5.7H8.2l-5.7-5.7V8.2z"/><path d="M8.5 8.5l7 7m0-7l-7 7"/>',
    "unknown": '<circle cx="12" cy="12" r="9.5" stroke-dasharray="3.2 2.8"/>'
    '<path d="M9.2 9.3a2.9 2.9 0 1 1 4.2 2.6c-1 .5-1.4 1-1.4 2"/><path d="M12 17v.2"/>',
    "done": '<path d="M4 12.5l5 5L20 6.5"/>',
    "due": _CIRCLE + '<path d="M12 6.5V12l3.5 2.5"/>',
    "late": '<path class="f" d="M12 2l11 20H1z"/><path class="k" d="M12 9v6m0 3.2v.2"/>',
    "blocked": '<rect x="2.5" y="2.5" width="19" height="19"/><path d="M7 12h10" stroke-width="4"/>',
    "normal": '<path d="M4 12h16"/>',
    "approach": '<path d="M12 4l10 16H2z"/>',
    "above": '<path class="f" d="M12 4l10 16H2z"/>',
    "critical": '<path class="f" d="M7 3l7 18H0z"/><path class="f" d="M17 3l7 18H10z"/>',
    "key": '<circle cx="8" cy="15" r="5"/><path d="M11.5 11.5L21 2m-5 5l3 3"/>',
    "today": '<path class="f" d="M3 5h18l-9 14z"/>',
    "call": '<path d="M5 3h4l2 5-2.5 2a12 12 0 0 0 5.5 5.5L16 13l5 2v4c0 1-1 2-2 2C10 21 3 14 3 5c0-1 1-2 2-2z"/>',
}
_STATES = {
    "met": "Met",
    "notmet": "Not met",
    "unknown": "Unknown",
    "done": "Done",
    "due": "Due",
    "late": "Late",
    "blocked": "Blocked",
    "normal": "Normal",
    "approach": "Approaching limit",
    "above": "Above limit",
    "critical": "Critical",
    "ahead": "Ahead",
    "waiting": "Waiting",
    "missed": "Missed",
    "not_needed": "Not needed",
}
_BADGES = {
    "seen": ("Seen", '<circle class="f" cx="6" cy="6" r="5"/>'),
    "secondary": ("Secondary", '<circle cx="6" cy="6" r="5"/><path class="f" d="M6 1a5 5 0 0 0 0 10z"/>'),
    "recalled": ("Recalled", '<circle cx="6" cy="6" r="5"/>'),
    "disputed": ("Disputed", '<path class="f" d="M4.6 2a5 5 0 0 0 0 10z"/><path d="M7.6 0a5 5 0 0 1 0 10z"/>'),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the drawing of a shape, hidden from screen readers: the word stands beside it."""
    drawing = mark_safe(_SHAPES[name])  # our own constants
    return format_html('<svg class="ic" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', drawing)


@register.simple_tag
def st(state: str, words: str = "") -> SafeString:
    """Return a state as word, shape, border and colour. `words` replaces the state's own word."""
    known = "notmet" if str(state) == "not_met" else str(state)
    shape = icon(known) if known in _SHAPES else SafeString("")
    look = known if known in _SHAPES else "plain"
    return format_html('<span class="st {}">{}{}</span>', look, shape, words or _STATES[known])


@register.simple_tag
def source(basis: Basis) -> SafeString:
    """Return the badge and the source line of a fact: how near somebody stood, where it is written, when checked."""
    word, drawing = _BADGES[str(basis.confidence)]
    badge = format_html(
        '<span class="bd {}"><svg viewBox="0 0 12 12" aria-hidden="true">{}</svg>{}</span>',
        str(basis.confidence),
        mark_safe(drawing),  # our own constants
        word,
    )
    works = format_html_join("; ", "{}{}", ((s.key, f", {s.locator}" if s.locator else "") for s in basis.sources))
    where = works or "No source was opened"
    return format_html('<p class="src">{} {}. Checked {}.{}</p>', badge, where, day(basis.checked), _rest(basis))


def _rest(basis: Basis) -> str:
    row = f" Row {basis.fact}." if basis.fact else ""
    return f"{row} {basis.note}" if basis.note else row


@register.filter
def day(value: date | datetime | None) -> str:
    """Return a date as 24 Nov 2026; an instant as its date in the clinic's zone; nothing for None."""
    if not value:
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


@register.filter
def instant(value: datetime | None) -> str:
    """Return an instant as 24 Nov 2026, 09:00 in the clinic's zone."""
    return f"{day(value)}, {timezone.localtime(value):%H:%M}" if value else ""


@register.filter
def to_second(value: datetime | None) -> str:
    """Return an instant as 24 Nov 2026, 09:00:31 in the clinic's zone: the audit trail needs the second."""
    return f"{day(value)}, {timezone.localtime(value):%H:%M:%S}" if value else ""


@register.filter
def plain_number(value: float | None) -> str:
    """Return a number without idle digits and with a real minus sign."""
    return "" if value is None else f"{value:g}".replace("-", "\N{MINUS SIGN}")


@register.filter
def signed_number(value: float | None) -> str:
    """Return a change with its sign: +3, a real minus before 3, and 0 bare."""
    if value is None:
        return ""
    return f"+{value:g}" if value > 0 else plain_number(value)


@register.filter
def short_hash(value: str) -> str:
    """Return the first sixteen digits of a hash in groups of four."""
    return " ".join(value[start : start + 4] for start in range(0, min(len(value), 16), 4))


@register.filter
def role_word(role: str) -> str:
    """Return a role as people say it: medical monitor."""
    return role.replace("_", " ")


@register.filter
def dialled(number: str) -> str:
    """Return a telephone number as a link dials it: digits, and a plus before them if there was one."""
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")


@register.filter
def control(field: BoundField) -> SafeString:
    """Return a form field's input in the look."""
    return field.as_widget(attrs={"class": f"in {field.field.widget.attrs.get('class', '')}".strip()})
