"""The days of a washout as one bar: what has passed, what is needed, and the day that is judged."""

from markupsafe import Markup

from asklepion.flows.worksheet import Washout
from asklepion.paper.svg import Axis, picture, tag, text

_WIDE, _NARROW, _HEIGHT = 560, 300, 62
_LETTER = {_WIDE: 7.2, _NARROW: 8.0}
"""How wide a letter of a label is, in user units: the narrow drawing is set larger (tokens: 13 and 14.5)."""


def bar(days: Washout, *, id: str, when: str = "today") -> Markup:
    """Return the bar twice, for a desk and for a phone. `id` is its own on the page; `when` names the judged day."""
    return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(
        _drawn(days, _WIDE, id=f"{id}-wide", when=when),
        _drawn(days, _NARROW, id=f"{id}-narrow", when=when),
    )


def in_words(days: Washout, *, when: str = "today") -> str:
    """Return the same in a sentence, for those who do not see the bar."""
    stable = f", the last {days.stable_days} of them for stability" if days.stable_days else ""
    return f"Day {days.passed_days} {when}; {days.needed_days} days are needed{stable}."


def _drawn(days: Washout, width: int, *, id: str, when: str) -> Markup:
    whole = max(days.passed_days, days.needed_days)
    axis = Axis(0, whole, 4, width - 26)
    needed, passed = axis.at(days.needed_days), axis.at(max(days.passed_days, 0))
    clear = days.passed_days >= days.needed_days
    parts = [
        tag("rect", class_="band", x=4, y=22, width=round(needed - 4, 1), height=16),
        *_segments(days, axis, width),
        tag("rect", class_="af" if clear else "edgef", x=4, y=26, width=round(passed - 4, 1), height=8),
        tag("path", class_="now", d=f"M{passed} 14v28"),
        *_top(days, passed, needed, width, when=when),
    ]
    return picture(width, _HEIGHT, parts, title="Washout in days", description=in_words(days, when=when), id=id)


def _segments(days: Washout, axis: Axis, width: int) -> list[Markup]:
    """Return the two stretches of what is needed, each with its label where the label has room."""
    gone = days.needed_days - days.stable_days
    ends = [(0, gone, "washout"), (gone, days.needed_days, "stable")]
    parts: list[Markup] = []
    for first, last, word in ends:
        if first == last:
            continue
        left, right = axis.at(first), axis.at(last)
        parts.append(tag("path", class_="ax", d=f"M{right} 18v24"))
        label = f"{word}, {last - first} d"
        if len(label) * _LETTER[width] <= right - left:
            parts.append(text(round((left + right) / 2, 1), 56, label, anchor="middle"))
    return parts


def _top(days: Washout, passed: float, needed: float, width: int, *, when: str) -> list[Markup]:
    """Return the label of the judged day, and that of the day that is needed where both have room."""
    today, last = f"{when}, day {days.passed_days}", f"day {days.needed_days}"
    half = len(today) * _LETTER[width] / 2
    anchor = "start" if passed - half < 0 else "end" if passed + half > width else "middle"
    right = {"start": passed + 2 * half, "middle": passed + half, "end": passed}[anchor]
    parts = [text(passed, 11, today, look="ti", anchor=anchor)]
    if needed - len(last) * _LETTER[width] > right + 8:
        parts.append(text(needed, 11, last, look="ti", anchor="end"))
    return parts
