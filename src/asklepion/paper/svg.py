"""What every drawing is made of: an axis, an element, a text, and the picture with its title and description."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup


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


def tag(name: str, content: Markup | str = "", **attributes: object) -> Markup:
    """Return an element; `class_` is class, and `_` in a name is a hyphen. Attributes of None are left out."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    inside = joined(Markup(' {}="{}"').format(key, value) for key, value in pairs)
    return Markup("<{0}{1}>{2}</{0}>").format(name, inside, content)


def text(x: float, y: float, words: object, *, look: str = "", anchor: str = "start") -> Markup:
    """Return a line of text at a point; `anchor` is start, middle or end."""
    return tag("text", str(words), class_=look or None, x=x, y=y, text_anchor=None if anchor == "start" else anchor)


def joined(parts: Iterable[Markup]) -> Markup:
    """Return parts one after the other."""
    return Markup("").join(parts)


def picture(
    width: float, height: float, parts: Iterable[Markup], *, title: str, description: str, id: str, look: str = ""
) -> Markup:
    """Return a whole drawing that a screen reader is told of. `id` is its own on the page."""
    told = tag("title", title, id=f"{id}-t") + tag("desc", description, id=f"{id}-d")
    return tag(
        "svg",
        told + joined(parts),
        class_=look or None,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_labelledby=f"{id}-t {id}-d",
    )
