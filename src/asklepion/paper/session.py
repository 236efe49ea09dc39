"""The heart through a session: heart rate and RMSSD of each window, doubtful ones hollow, gaps left as gaps."""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from asklepion.core.values import Unscored, unit_words
from asklepion.paper.figure import About, across, framed, heading, line_look, mark, number, reach, upwards
from asklepion.paper.svg import Axis, tag
from asklepion.signals.heart.session import Session, Window

SHOWN = ("mean_heart_rate", "rmssd")
_WORDS = {"mean_heart_rate": "heart rate", "rmssd": "RMSSD"}
_PANEL, _ROOM = 120, 34


def through(session: Session, about: About) -> Markup:
    """Return heart rate over RMSSD by window; empty for a recording shorter than two windows.

    A hollow mark is a window of which more than 5% of the time is marked. No line goes across a window without a
    number.
    """
    windows = session.windows
    if len(windows) < 2:
        return Markup("")
    _, top = heading(about)
    time = Axis(0, windows[-1].end_s / 60, 48, about.width - 10)
    parts: list[Markup] = []
    said = []
    for place, name in enumerate(SHOWN):
        values = [_value(each, name) for each in windows]
        first = top + _ROOM + place * (_PANEL + _ROOM)
        up = Axis(*reach(values, room=0.1), first + _PANEL, first)
        unit = unit_words(next(each.unit for each in windows[0].measures if each.name == name))
        parts += upwards(up, left=48, right=about.width - 10, most=4, words=f"{_WORDS[name]}, {unit}")
        parts += _line(windows, values, place=place, time=time, up=up)
        known = [value for value in values if value is not None]
        if known:
            said.append(f"{_WORDS[name]} from {number(min(known), 1)} to {number(max(known), 1)} {unit}")
    bottom = top + 2 * (_PANEL + _ROOM)
    parts += across(time, y=bottom, top=bottom, words="minutes")
    told = f"{len(windows)} windows of {windows[0].end_s - windows[0].begin_s:g} s; {', '.join(said)}."
    return framed(about, parts, top=top, bottom=bottom + 40, description=told)


def _value(window: Window, name: str) -> float | None:
    found = next((each.value for each in window.measures if each.name == name), None)
    return None if found is None or isinstance(found, Unscored) else found


def _line(
    windows: Sequence[Window], values: Sequence[float | None], *, place: int, time: Axis, up: Axis
) -> list[Markup]:
    at = [time.at((each.begin_s + each.end_s) / 120) for each in windows]
    steps = [
        tag("path", class_=line_look(place), d=f"M{at[k]} {up.at(one)}L{at[k + 1]} {up.at(other)}")
        for k, (one, other) in enumerate(pairwise(values))
        if one is not None and other is not None
    ]
    marks = []
    for x, window, value in zip(at, windows, values, strict=True):
        if value is None:
            continue
        words = f"{window.begin_s / 60:g} to {window.end_s / 60:g} min: {number(value, 1)}"
        hollow = tag("circle", tag("title", words), class_=f"hol {'ab'[place]}", cx=x, cy=up.at(value), r=4)
        marks.append(hollow if window.doubtful else mark(place, x, up.at(value), size=3.5, words=words))
    return [*steps, *marks]
