"""One score over time: the line with its gaps, sessions as discs, the band around the baseline, and the cut-offs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from markupsafe import Markup

from asklepion.core.outcomes import Point
from asklepion.flows.change_words import number
from asklepion.flows.outcomes import Trajectory
from asklepion.knowledge.types import ScoreRule
from asklepion.paper.svg import Axis, picture, tag, text
from asklepion.web.templatetags.asklepion import day

_CROSS = "M{x} {y}l8 8m0-8l-8 8"
_BAND_WORDS = {
    "reliable": ("inside this band a change is not reliable", "not reliable in here"),
    "minimal": ("inside this band a change is less than important", "less than important"),
    "detectable": ("inside this band a change cannot be detected", "not detectable in here"),
}
_LETTER = 6.6
"""How wide a letter is, about, in units of the drawing."""
_STEPS = (1, 2, 4, 8, 13, 26, 52)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One of the two drawings: its size in units and where the plot lies in it."""

    id: str
    width: int
    height: int
    left: int
    right: int
    bottom: int
    roomy: bool
    top: int = 20


@dataclass(frozen=True, slots=True)
class _Plot:
    """A trajectory laid on a sheet."""

    shown: Trajectory
    sheet: _Sheet
    across: Axis
    up: Axis

    def x(self, on: date) -> float:
        return self.across.at(on.toordinal())

    def y(self, value: float) -> float:
        return self.up.at(value)


def plot(shown: Trajectory, *, id: str = "trajectory") -> Markup:
    """Return the drawing twice, for a desk and for a phone; the style sheet shows one. `id` is its own on the page.

    Empty where nothing is scored.
    """
    score = shown.score
    if score is None or not shown.scored:
        return Markup("")
    wide = _Sheet(f"{id}-wide", 640, 320, 40, 625, 262, roomy=True)
    narrow = _Sheet(f"{id}-narrow", 340, 300, 34, 326, 240, roomy=False)
    return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(
        _draw(shown, score, wide), _draw(shown, score, narrow)
    )


def _draw(shown: Trajectory, score: ScoreRule, sheet: _Sheet) -> Markup:
    first, last = _span(shown)
    here = _Plot(
        shown,
        sheet,
        Axis(first.toordinal(), last.toordinal(), sheet.left, sheet.right),
        Axis(score.minimum, score.maximum, sheet.bottom, sheet.top),
    )
    parts = [
        *_band(here),
        *_nights(here),
        *_band_words(here),
        *_grid(here),
        *_cutoffs(here),
        *_weeks(here, first, last),
        *_discs(here),
        *_line(here),
        *_marks(here),
        *_missed(here),
    ]
    title = f"{shown.scale.short}, {score.label} of {shown.course} over time"
    return picture(sheet.width, sheet.height, parts, title=title, description=_told(shown), id=sheet.id)


def _span(shown: Trajectory) -> tuple[date, date]:
    days = [shown.opened_on, *(each.on for each in shown.points), *(each.on for each in shown.gaps if each.on)]
    days.extend([*shown.sessions, *shown.planned])
    first, last = min(days), max(days)
    return first, max(last, first + timedelta(weeks=4))


def _band(here: _Plot) -> Iterator[Markup]:
    start, band = here.shown.baseline, here.shown.band
    if start is None or start.value is None or band is None:
        return
    top, bottom = (
        here.y(min(start.value + band.points, here.up.last)),
        here.y(max(start.value - band.points, here.up.first)),
    )
    left, right = here.x(start.on), here.sheet.right
    yield tag("rect", class_="band", x=left, y=top, width=max(right - left, 4), height=round(bottom - top, 1))
    yield tag("path", class_="ax", d=f"M{left} {here.y(start.value)}H{right}")


def _band_words(here: _Plot) -> Iterator[Markup]:
    start, band = here.shown.baseline, here.shown.band
    if start is None or start.value is None or band is None:
        return
    top = here.y(min(start.value + band.points, here.up.last))
    words = _BAND_WORDS[band.kind][0 if here.sheet.roomy else 1]
    if here.sheet.right - here.x(start.on) > 7 * len(words):
        yield text(here.sheet.right - 6, round(top + 17, 1), words, anchor="end")


def _nights(here: _Plot) -> Iterator[Markup]:
    for on in here.shown.sessions:
        x = round(here.x(on) - 6, 1)
        yield tag("rect", class_="nightw", x=x, y=here.sheet.top, width=12, height=here.sheet.bottom - here.sheet.top)


def _grid(here: _Plot) -> Iterator[Markup]:
    low, high = here.up.first, here.up.last
    step = next(each for each in (1, 2, 5, 10, 20, 25, 50, 100, 1000) if (high - low) / each <= 5)
    value = low
    while value <= high:
        y = here.y(value)
        yield tag("path", class_="gr", d=f"M{here.sheet.left} {y}H{here.sheet.right}")
        yield text(here.sheet.left - 10, round(y + 4, 1), number(value), anchor="end")
        value += step


def _cutoffs(here: _Plot) -> Iterator[Markup]:
    said: list[float] = []
    for cutoff in sorted(here.shown.drawn, key=lambda each: each.at):
        y = here.y(cutoff.at)
        yield tag(
            "path",
            tag("title", f"{number(cutoff.at)}: {cutoff.label}"),
            class_="lim",
            d=f"M{here.sheet.left} {y}H{here.sheet.right}",
        )
        if all(abs(y - other) >= 18 for other in said):
            said.append(y)
            words = (
                f"{number(cutoff.at)} or more: {cutoff.label}" if here.sheet.roomy else f"{number(cutoff.at)} or more"
            )
            x, beside, anchor = _free(here, y, words)
            yield text(x, beside, words, anchor=anchor)


def _free(here: _Plot, y: float, words: str) -> tuple[float, float, str]:
    """Return where the words of a cut-off stand: left or right, under or over its line, where they cover least."""
    wide = _LETTER * len(words)
    left, right = here.sheet.left + 6, here.sheet.right - 6
    places = [(left, left, "start"), (right - wide, right, "end")]
    found = [
        (_covered(here, (begin, begin + wide), (round(y + down - 12, 1), round(y + down + 4, 1))), x, y + down, anchor)
        for down in (16, -6)
        for begin, x, anchor in places
    ]
    _, x, beside, anchor = min(found, key=lambda each: each[0])
    return x, round(beside, 1), anchor


def _covered(here: _Plot, across: tuple[float, float], up: tuple[float, float]) -> int:
    """Return how much lies in a box: pieces of the line, numbers of points, and lines of other cut-offs."""
    spots = [(here.x(point.on), here.y(point.value or 0) - 16) for point in here.shown.scored]
    for run in here.shown.runs:
        corners = [(here.x(point.on), here.y(point.value or 0)) for point in run]
        for (x, y), (to_x, to_y) in pairwise(corners):
            spots += [(x + (to_x - x) * part / 40, y + (to_y - y) * part / 40) for part in range(41)]
    lines = sum(up[0] < here.y(other.at) < up[1] for other in here.shown.drawn)
    reach = 10
    return 5 * lines + sum(
        across[0] - reach < x < across[1] + reach and up[0] - reach < y < up[1] + reach for x, y in spots
    )


def _weeks(here: _Plot, first: date, last: date) -> Iterator[Markup]:
    sheet, zero = here.sheet, here.shown.opened_on
    yield tag("path", class_="ax", d=f"M{sheet.left} {sheet.bottom}H{sheet.right}")
    begin, end = -((zero - first).days // 7), (last - zero).days // 7
    step = next((each for each in _STEPS if (end - begin) / each <= (9 if sheet.roomy else 7)), 104)
    for week in range(begin, end + 1):
        if week % step == 0:
            x = here.x(zero + timedelta(weeks=week))
            yield text(x, sheet.bottom + 26, number(week), anchor="middle")
    yield text(sheet.right, sheet.bottom + 44, "weeks from the first entry", anchor="end")


def _discs(here: _Plot) -> Iterator[Markup]:
    for on in here.shown.sessions:
        yield tag(
            "circle",
            tag("title", f"Session held, {day(on)}"),
            class_="nightf",
            cx=here.x(on),
            cy=here.sheet.bottom,
            r=7,
        )
    for on in here.shown.planned:
        yield tag(
            "circle",
            tag("title", f"Session planned, {day(on)}"),
            class_="nights",
            cx=here.x(on),
            cy=here.sheet.bottom,
            r=6,
        )


def _line(here: _Plot) -> Iterator[Markup]:
    """Yield the pieces of the line. A missed visit or a form without a score breaks it."""
    for run in here.shown.runs:
        if len(run) > 1:
            corners = (f"{here.x(point.on)} {here.y(point.value or 0)}" for point in run)
            yield tag("path", class_="ln a", d=f"M{'L'.join(corners)}")


def _marks(here: _Plot) -> Iterator[Markup]:
    scored = here.shown.scored
    for point in scored:
        title = tag("title", f"{number(point.value or 0)}, {day(point.on)}")
        yield tag("circle", title, class_="af", cx=here.x(point.on), cy=here.y(point.value or 0), r=5)
    for point, x in _labelled(here):
        value = point.value or 0
        beside = point is scored[-1] and x + 70 < here.sheet.width
        words = _last_words(here.shown, point) if point is scored[-1] and here.sheet.roomy and beside else number(value)
        if beside:
            yield text(round(x + 10, 1), round(here.y(value) + 5, 1), words, look="ti")
        else:
            yield text(x, round(max(here.y(value) - 12, 12), 1), words, look="ti", anchor="middle")


def _labelled(here: _Plot) -> Iterator[tuple[Point, float]]:
    """Yield the points whose number stands beside them: first, baseline and last always, others where there is room."""
    scored = here.shown.scored
    always = {point.id for point in (*scored[:1], *scored[-1:], here.shown.baseline) if point}
    taken = [here.x(point.on) for point in scored if point.id in always]
    for point in scored:
        x = here.x(point.on)
        if point.id in always:
            yield point, x
        elif all(abs(x - other) >= 26 for other in taken):
            taken.append(x)
            yield point, x


def _last_words(shown: Trajectory, point: Point) -> str:
    said = number(point.value or 0)
    if shown.change is None or shown.change.points == 0:
        return said
    way = "down" if shown.change.points < 0 else "up"
    return f"{said}, {way} {number(abs(shown.change.points))}"


def _missed(here: _Plot) -> Iterator[Markup]:
    y = here.sheet.bottom - 4
    said: list[float] = []
    days = [(gap.on, "missing", f"{gap.title}: {gap.why}") for gap in here.shown.gaps if gap.on]
    days.extend((point.on, "no score", f"No score: {point.why}") for point in here.shown.points if point.value is None)
    for on, word, title in sorted(days):
        x = here.x(on)
        yield tag("path", tag("title", title), class_="ln b", d=_CROSS.format(x=round(x - 4, 1), y=y))
        if all(abs(x - other) >= 60 for other in said):
            said.append(x)
            yield text(min(x, here.sheet.right - 20), y - 10, word, look="tb", anchor="middle")


def _told(shown: Trajectory) -> str:
    """Return what a screen reader says: every number with its day, what is missing, what the change is worth."""
    found = [f"{number(point.value)} on {day(point.on)}" for point in shown.points if point.value is not None]
    missing = [f"missing: {gap.title}" for gap in shown.gaps]
    held = f"{len(shown.sessions)} sessions held" if len(shown.sessions) != 1 else "1 session held"
    return f"{'; '.join([*found, *missing, held])}. {shown.words} The same numbers stand in the table below."
