"""What every drawing is made of: an axis, an element, a text, and the picture with its title and description."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Axis:
    """A straight scale: values `first` to `last` lie at `left` to `right`, in user units."""

    first: float
    last: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """Return where a value lies, to a tenth of a unit; outside the ends it is outside."""
        span = self.last - self.first or 1
        return round(self.left + (value - self.first) / span * (self.right - self.left), 1)


def tag(name: str, content: SafeString | str = "", **attributes: object) -> SafeString:
    """Return an element; `class_` is class, and `_` in a name is a hyphen. Attributes of None are left out."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    inside = format_html_join("", ' {}="{}"', pairs)
    return format_html("<{0}{1}>{2}</{0}>", name, inside, content)


def text(x: float, y: float, words: object, *, look: str = "", anchor: str = "start") -> SafeString:
    """Return a line of text at a point; `anchor` is start, middle or end."""
    return tag("text", str(words), class_=look or None, x=x, y=y, text_anchor=None if anchor == "start" else anchor)


def picture(
    width: float, height: float, parts: Iterable[SafeString], *, title: str, description: str, id: str, look: str = ""
) -> SafeString:
    """Return a whole drawing that a screen reader is told of. `id` is its own on the page."""
    return format_html(
        '<svg{} viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">{}</title>'
        '<desc id="{}-d">{}</desc>{}</svg>',
        format_html(' class="{}"', look) if look else "",
        *(width, height, id, id, id, title, id, description),
        format_html_join("", "{}", ((part,) for part in parts)),
    )
