"""A measure over the head: each electrode where it lies, its value as number, size and shade, nothing in between."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored, unit_words
from asklepion.paper.figure import About, framed, heading, number
from asklepion.paper.svg import Axis, joined, tag, text
from asklepion.paper.tables import csv_lines
from asklepion.signals.measure import Measure

Positions = Mapping[str, tuple[float, float]]

_SMALL, _LARGE = 4.0, 12.0
_PALE, _FULL = 0.25, 1.0
_FOR_NAMES, _FOR_NUMBERS = 52.0, 34.0
"""Units between neighbours, half of them having more, that name and number need, and that a number alone needs."""
_DIGIT, _BETWEEN = 7.5, 6.0
"""Units that a digit of a long number takes, and that stay free between two numbers."""
_NO_DECIMALS = 1000.0
"""From here a number is drawn without decimals."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The middle of the head, the radius of the ring, the room between neighbours, the scales of size and shade.

    `numbers` says whether there is room for them.
    """

    x: float
    y: float
    radius: float
    room: float
    numbers: bool
    size: Axis
    shade: Axis


def of_channels(measures: Sequence[Measure], positions: Positions, *, name: str | None = None) -> tuple[Measure, ...]:
    """Return the measures of single channels with one name, the first that has any where no name is given.

    Raises BadInput where there is none, or where no channel has a position.
    """
    held = [each for each in measures if each.of in positions and (name is None or each.name == name)]
    if not held and not positions:
        remedy = "Give a recording with positions, or with labels of the 10-20 system."
        raise BadInput("No electrode has a position: there is nothing to draw.", where="picture", remedy=remedy)
    if not held:
        known = ", ".join(dict.fromkeys(each.name for each in measures if each.of in positions)) or "none"
        what = f"There is no measure {name} of single channels." if name else "No measure is of single channels."
        raise BadInput(what, where="picture", remedy=f"Those of single channels: {known}.")
    return tuple(each for each in held if each.name == held[0].name)


def topography(measures: Sequence[Measure], positions: Positions, about: About) -> Markup:
    """Return the head from above, nose up, with a disc for each measure, whose `of` is its channel.

    `positions` are (right, front) with the ring of Fpz, T7, Oz and T8 as the unit circle. Size and shade grow from the
    least to the most of these values; a hollow disc has no number. Where electrodes lie close, names are told where a
    pointer rests and in the description only, and where they lie closer, or numbers are long, the numbers too, which is
    said. `topography_csv` has them all.
    """
    values = [each.value for each in measures if not isinstance(each.value, Unscored)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if max(abs(low), abs(high)) >= _NO_DECIMALS:
        about = replace(about, decimals=0)
    longest = max([0, *(len(number(each, about.decimals)) for each in values)])
    _, top = heading(about)
    reach = max([1.1, *(max(abs(right), abs(front)) for right, front in positions.values())])
    radius = (about.width / 2 - 22) / reach
    room = _room([positions[each.of] for each in measures]) * radius
    sheet = _Sheet(
        x=about.width / 2,
        y=top + 30 + (about.width / 2 - 22),
        radius=radius,
        room=room,
        numbers=room >= max(_FOR_NUMBERS, longest * _DIGIT + _BETWEEN),
        size=Axis(low, high, _SMALL, max(_SMALL, min(_LARGE, room * 0.4))),
        shade=Axis(low, high, _PALE, _FULL),
    )
    bottom = sheet.y + about.width / 2 - 6
    parts = [*_head(sheet), *(_electrode(each, sheet, positions, about) for each in measures)]
    legend, end = _legend(sheet, about, y=bottom + 22) if values else ([], bottom)
    if not sheet.numbers:
        about = replace(about, notes=("The numbers are told where a pointer rests, and in the table.", *about.notes))
    return framed(about, [*parts, *legend], top=top, bottom=end, description=_in_words(measures, about))


def topography_csv(measures: Sequence[Measure], positions: Positions) -> str:
    """Return the numbers of the drawing: channel, position on the disc, value, unit, n, and why there is no number."""
    lines = []
    for each in measures:
        missing = each.value.reason if isinstance(each.value, Unscored) else ""
        right, front = positions[each.of]
        value = "" if isinstance(each.value, Unscored) else repr(each.value)
        lines.append((each.name, each.of, f"{right:.4f}", f"{front:.4f}", value, each.unit, each.n, missing))
    return csv_lines(("measure", "channel", "right", "front", "value", "unit", "n", "why_none"), lines)


def _room(places: Sequence[tuple[float, float]]) -> float:
    """Return the distance to the nearest neighbour that half of the electrodes reach; one alone has all the room."""
    near = sorted(
        min(math.dist(one, other) for at, other in enumerate(places) if at != place)
        for place, one in enumerate(places)
        if len(places) > 1
    )
    return near[len(near) // 2] if near else 1.0


def _head(sheet: _Sheet) -> list[Markup]:
    x, y, r = round(sheet.x, 1), round(sheet.y, 1), round(sheet.radius, 1)
    ear = round(r * 0.16, 1)
    return [
        tag("path", class_="ax", d=f"M{x - 14} {round(y - r, 1)}l14 -18l14 18"),
        tag("path", class_="ax", d=f"M{round(x - r, 1)} {y - ear}q-14 {ear} 0 {2 * ear}"),
        tag("path", class_="ax", d=f"M{round(x + r, 1)} {y - ear}q14 {ear} 0 {2 * ear}"),
        tag("circle", class_="ax", cx=x, cy=y, r=r),
        tag("path", class_="gr", d=f"M{x} {round(y - r, 1)}V{round(y + r, 1)}M{round(x - r, 1)} {y}H{round(x + r, 1)}"),
    ]


def _electrode(each: Measure, sheet: _Sheet, positions: Positions, about: About) -> Markup:
    right, front = positions[each.of]
    x, y = round(sheet.x + right * sheet.radius, 1), round(sheet.y - front * sheet.radius, 1)
    missing = isinstance(each.value, Unscored)
    said = "none" if isinstance(each.value, Unscored) else number(each.value, about.decimals)
    told = tag("title", f"{each.of}: {each.value.reason if isinstance(each.value, Unscored) else said}")
    size = sheet.size.right / 2 if isinstance(each.value, Unscored) else sheet.size.at(each.value)
    shade = None if isinstance(each.value, Unscored) else round(_shade(sheet.shade, each.value), 2)
    look = "hol a dash thin" if missing else "af"
    parts = [
        tag("circle", class_="sheetf", cx=x, cy=y, r=size),
        tag("circle", told, class_=look, cx=x, cy=y, r=size, fill_opacity=shade),
    ]
    if sheet.numbers:
        parts.append(text(x, round(y + size + 12, 1), said, look="ti", anchor="middle"))
    if sheet.room >= _FOR_NAMES:
        parts.append(text(x, round(y - size - 5, 1), each.of, anchor="middle"))
    return joined(parts)


def _shade(scale: Axis, value: float) -> float:
    """Return an opacity; an axis rounds to tenths, which are too coarse for it."""
    span = scale.last - scale.first or 1
    return scale.left + (value - scale.first) / span * (scale.right - scale.left)


def _legend(sheet: _Sheet, about: About, *, y: float) -> tuple[list[Markup], float]:
    """Return discs of the least, middle and greatest value with their numbers and the unit, and where they end."""
    size, shade, low, high = sheet.size, sheet.shade, sheet.size.first, sheet.size.last
    parts: list[Markup] = []
    x = 14.0
    for value in dict.fromkeys((low, (low + high) / 2, high)):
        said = number(value, about.decimals)
        parts.append(
            tag("circle", class_="af", cx=x, cy=y - 4, r=size.at(value), fill_opacity=round(_shade(shade, value), 2))
        )
        parts.append(text(x + 18, y, said))
        x += 40 + 8 * len(said)
    unit = unit_words(about.unit)
    words = f"{unit}, the least, middle and most drawn" if unit else "the least, middle and most drawn"
    parts.append(text(0, y + 24, words))
    return parts, y + 24


def _in_words(measures: Sequence[Measure], about: About) -> str:
    told = ", ".join(
        f"{each.of} {'none' if isinstance(each.value, Unscored) else number(each.value, about.decimals)}"
        for each in measures
    )
    unit = unit_words(about.unit)
    return f"The head from above, nose up. {about.title}{f', in {unit}' if unit else ''}: {told}."
