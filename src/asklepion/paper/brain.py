"""Drawings of brain networks: the connectome by network, parcels along gradients, and the phase states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.paper.figure import LETTER, About, across, clipped, framed, heading, number, reach, tick_words, ticks
from asklepion.paper.pixels import colour, image
from asklepion.paper.svg import Axis, tag, text
from asklepion.paper.tables import csv_lines
from asklepion.signals.arrays import Floats
from asklepion.signals.brain.connectivity import Connectome
from asklepion.signals.brain.report import Both
from asklepion.signals.measure import Measure

_STRONG = 0.98
"""The share of pairs inside the ends of the scale: one pair that is far out would pale all others."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: its `key`, title, a sentence under it, its elements, and its numbers as CSV."""

    key: str
    title: str
    words: str
    drawn: Markup
    csv: str


class Networks(Protocol):
    """The measures of a recording on both sides of the global signal, its matrices and first two gradients."""

    @property
    def matrix(self) -> Connectome: ...
    @property
    def matrix_without_global_signal(self) -> Connectome: ...
    @property
    def gradients(self) -> tuple[Floats | None, Floats | None]: ...
    @property
    def sha256(self) -> str: ...
    @property
    def both(self) -> Both: ...


_BESIDE = 480
"""From this width on the two matrices stand beside each other, below it one under the other."""
_ROOM = 20
"""What is left free right of a scale."""
_SCALE = "Fisher z; below zero ochre, above zero darker"
Span = tuple[str, int, int]
"""A network, and where it begins and ends among ordered parcels."""
SIDES = ("With global signal", "After its regression")


def drawings(found: Networks, *, title: str = "", id: str = "brain") -> tuple[Drawing, ...]:
    """Return the drawings that a recording has: connectome, gradients, and states where there are any."""
    told = [connectome(found, title=title, id=f"{id}-connectome")]
    if found.gradients[0] is not None and found.gradients[1] is not None:
        told.append(gradients(found, title=title, id=f"{id}-gradients"))
    if any(each.name.startswith("state_occupancy") and each.of for each in found.both.with_global_signal):
        told.append(states(found, title=title, id=f"{id}-states"))
    return tuple(told)


def connectome(found: Networks, *, title: str = "", id: str = "connectome", width: int = 640) -> Drawing:
    """Return Fisher z of every pair, ordered by network, on both sides of the global signal, on one scale."""
    sides = (found.matrix, found.matrix_without_global_signal)
    order, spans = _ordered(found.matrix.network)
    limit = _limit(sides)
    about = About(
        id=id,
        title=f"Connectome by network{_of(title)}",
        unit="Fisher z",
        sources=(found.sha256,),
        width=width,
        notes=(f"A pixel is a pair of parcels. {100 * _STRONG:g}% of pairs lie within the ends of the scale.",),
    )
    _, top = heading(about)
    longest = max((len(name) for name, _, _ in spans), default=0)
    left = min(longest * LETTER + 16, 150, width * 0.36)
    columns = 2 if width >= _BESIDE else 1
    size = round((width - left - 20 * (columns - 1)) / columns)
    parts: list[Markup] = []
    for place, (matrix, side) in enumerate(zip(sides, SIDES, strict=True)):
        x = round(left + place % columns * (size + 20), 1)
        y = top + place // columns * (size + 42)
        parts.append(text(x, y + 16, side, look="ti"))
        parts += _matrix(matrix, order, spans, x=x, y=y + 26, size=size, limit=limit)
        if place % columns == 0:
            parts += _names(spans, len(order), y=y + 26, size=size, left=left)
    bottom = top + 26 + size + (2 // columns - 1) * (size + 42)
    begin, wide = 0 if columns == 1 else left, min(size, 220)
    beside = begin + wide + 10 + LETTER * len(_SCALE) <= width
    parts += _scale(limit, x=begin, y=bottom + 14, width=wide, beside=beside)
    bottom += 0 if beside else 18
    words = _within(found)
    return Drawing(
        "connectome",
        about.title,
        "Correlation of every pair of parcels as Fisher z, parcels ordered by network.",
        framed(about, parts, top=top, bottom=bottom + 44, description=f"Two matrices of {len(order)} parcels. {words}"),
        _pairs_csv(sides, order),
    )


def gradients(found: Networks, *, title: str = "", id: str = "gradients", width: int = 640) -> Drawing:
    """Return parcels along the first two gradients with the global signal, a mark for each network."""
    values, without = found.gradients
    if values is None or without is None:
        raise BadInput("There are too few parcels for gradients.", where="gradients", remedy="Leave this drawing out.")
    about = About(
        id=id,
        title=f"Parcels along the first two gradients{_of(title)}",
        unit="1",
        sources=(found.sha256,),
        width=width,
        notes=("With global signal. Parcels near each other are connected alike; which end is which is free.",),
    )
    names = _networks(found.matrix.network)
    legend, top = _legend(names, about)
    x = Axis(*reach([float(each[0]) for each in values]), 52, width - 12)
    bottom = top + 380
    y = Axis(*reach([float(each[1]) for each in values]), bottom, top + 24)
    parts = [*legend, *across(x, y=bottom, top=top + 24, words="gradient 1")]
    for value, said in _ticks(y):
        parts.append(tag("path", class_="gr", d=f"M52 {y.at(value)}H{width - 12}"))
        parts.append(text(46, round(y.at(value) + 4, 1), said, anchor="end"))
    parts.append(text(0, top + 14, "gradient 2"))
    for each, name, network in zip(values, found.matrix.names, found.matrix.network, strict=True):
        place = names.index(network)
        parts.append(
            _mark(place, x.at(float(each[0])), y.at(float(each[1])), words=f"{name}, {network or 'no network'}")
        )
    spans = ", ".join(
        f"gradient {place + 1} from {number(min(float(each[place]) for each in values), 3)} to "
        f"{number(max(float(each[place]) for each in values), 3)}"
        for place in (0, 1)
    )
    rows = [
        (name, network, *(float(each) for each in (*one, *other)))
        for name, network, one, other in zip(found.matrix.names, found.matrix.network, values, without, strict=True)
    ]
    heads = ("parcel", "network", "gradient_1", "gradient_2", "gradient_1_without", "gradient_2_without")
    return Drawing(
        "gradients",
        about.title,
        "Where each parcel lies along the two strongest gradients of connectivity.",
        framed(about, parts, top=top, bottom=bottom + 38, description=f"{len(rows)} parcels: {spans}."),
        csv_lines(heads, rows),
    )


def states(found: Networks, *, title: str = "", id: str = "states", width: int = 640) -> Drawing:
    """Return the share of volumes in each phase state and the mean stay, on both sides of the global signal."""
    about = About(
        id=id,
        title=f"Phase states{_of(title)}",
        unit="share of volumes",
        sources=(found.sha256,),
        width=width,
        notes=("States are numbered by how much is lived in them; those of the two sides are not the same states.",),
    )
    _, top = heading(about)
    count = sum(1 for each in found.both.with_global_signal if each.name.startswith("state_occupancy"))
    bottom = top + 6 + 2 * (36 + 26 * count)
    y, rows = top + 6.0, list[tuple[object, ...]]()
    x = Axis(0.0, 100.0, 76, width - _ROOM)
    parts = across(x, y=bottom, top=top + 30, words="per cent of volumes")
    for side, measures in zip(SIDES, (found.both.with_global_signal, found.both.without_global_signal), strict=True):
        lived = [each for each in measures if each.name.startswith("state_occupancy")]
        stays = {each.of: each.value for each in measures if each.name.startswith("state_dwell")}
        parts.append(text(0, y + 14, side, look="ti"))
        for place, each in enumerate(lived):
            parts += _state(each, stays.get(each.of), x, y=y + 24 + 26 * place, look="af" if side == SIDES[0] else "bf")
            rows.append((side, each.of, _plain(each.value), _plain(stays.get(each.of)), "", ""))
        for each in (each for each in measures if each.name.startswith("state_transition")):
            start, _, end = each.of.partition(" to ")
            rows.append((side, start, None, None, f"state {end}", _plain(each.value)))
        y += 24 + 26 * len(lived) + 12
    heads = ("global_signal", "state", "occupancy", "dwell_s", "next_state", "transition")
    said = " ".join(f"{row[0]}, {row[1]}: {_percent(row[2])}." for row in rows if row[2] is not None)
    drawn = framed(about, parts, top=top, bottom=bottom + 38, description=said)
    return Drawing("states", about.title, "How much is lived in each phase state.", drawn, csv_lines(heads, rows))


def _of(title: str) -> str:
    return f", {title}" if title else ""


def _networks(network: Sequence[str]) -> list[str]:
    """Return networks in the order in which they appear, no network last."""
    named = dict.fromkeys(each for each in network if each)
    return [*named, *([""] if "" in network else [])]


def _ordered(network: Sequence[str]) -> tuple[list[int], list[Span]]:
    """Return the places of parcels by network, and where each network begins and ends among them."""
    order: list[int] = []
    spans = []
    for name in _networks(network):
        own = [place for place, each in enumerate(network) if each == name]
        spans.append((name or ("no network" if any(network) else "all parcels"), len(order), len(order) + len(own)))
        order += own
    return order, spans


def _limit(sides: Iterable[Connectome]) -> float:
    sizes = sorted(abs(float(value)) for each in sides for place, row in enumerate(each.z) for value in row[:place])
    return sizes[int(_STRONG * (len(sizes) - 1))] or 1.0


def _matrix(
    matrix: Connectome,
    order: Sequence[int],
    spans: Sequence[Span],
    *,
    x: float,
    y: float,
    size: float,
    limit: float,
) -> list[Markup]:
    steps = [colour(step / 100) for step in range(-100, 101)]
    grey = bytes((213, 217, 210))
    rows = []
    for one in order:
        own = [float(value) for value in matrix.z[one]]
        rows.append(
            b"".join(
                grey if other == one else steps[round(100 * min(max(own[other] / limit, -1.0), 1.0)) + 100]
                for other in order
            )
        )
    parts = [image(rows, x=x, y=y, width=size, height=size)]
    ends = [(round(begin * size / len(order), 1), round(end * size / len(order), 1)) for _, begin, end in spans]
    parts += [
        tag("path", class_="ax", d=f"M{x} {round(y + at, 1)}h{size}M{round(x + at, 1)} {y}v{size}")
        for at, _ in ends[1:]
    ]
    for at, end in ends:
        long = round(end - at, 1)
        parts.append(tag("rect", class_="now", x=round(x + at, 1), y=round(y + at, 1), width=long, height=long))
    parts.append(tag("rect", class_="ax", x=x, y=y, width=size, height=size))
    return parts


def _names(spans: Sequence[Span], parcels: int, *, y: float, size: float, left: float) -> list[Markup]:
    """Return networks' names left of the matrix; those of small networks move down, with a line to their own."""
    parts, last = [], y - 15.0
    for name, begin, end in spans:
        own = y + (begin + end) / 2 / parcels * size
        at = max(own, last + 15)
        last = at
        parts.append(text(round(left - 12, 1), round(at + 4, 1), clipped(name, left - 12), anchor="end"))
        parts.append(
            tag("path", class_="ax", d=f"M{round(left - 9, 1)} {round(at, 1)}L{round(left - 1, 1)} {round(own, 1)}")
        )
    return parts


def _scale(limit: float, *, x: float, y: float, width: float, beside: bool) -> list[Markup]:
    row = b"".join(colour(step / 50) for step in range(-50, 51))
    axis = Axis(-limit, limit, x, x + width)
    parts = [
        image([row], x=x, y=y, width=width, height=10),
        tag("rect", class_="ax", x=x, y=y, width=width, height=10),
    ]
    for value, said in zip((-limit, 0.0, limit), tick_words([round(-limit, 2), 0.0, round(limit, 2)]), strict=True):
        anchor = "start" if value < 0 else "end" if value > 0 else "middle"
        parts.append(text(axis.at(value), y + 25, said, anchor=anchor))
    return [*parts, text(round(x + width + 10, 1), y + 10, _SCALE) if beside else text(x, y + 43, _SCALE)]


def _within(found: Networks) -> str:
    told = []
    for side, measures in zip(SIDES, (found.both.with_global_signal, found.both.without_global_signal), strict=True):
        own = [
            f"{each.of} {number(each.value)}"
            for each in measures
            if each.name.startswith("within_") and not isinstance(each.value, Unscored)
        ]
        if own:
            told.append(f"{side}, mean within networks: {', '.join(own)}.")
    return " ".join(told)


def _pairs_csv(sides: Sequence[Connectome], order: Sequence[int]) -> str:
    one, other = sides
    rows = [
        (one.names[a], one.network[a], one.names[b], one.network[b], float(one.z[a][b]), float(other.z[a][b]))
        for place, a in enumerate(order)
        for b in order[place + 1 :]
    ]
    return csv_lines(("parcel_1", "network_1", "parcel_2", "network_2", "z_with", "z_without"), rows)


def _legend(names: Sequence[str], about: About) -> tuple[list[Markup], float]:
    """Return a mark and a name for each network in rows that fit, and where the drawing may begin."""
    _, top = heading(about)
    parts, x, y = [], 0.0, top + 10.0
    for place, name in enumerate(names):
        words = name or ("no network" if any(names) else "parcel")
        wide = 20 + len(words) * LETTER + 16
        if x and x + wide > about.width:
            x, y = 0.0, y + 20
        parts += [_mark(place, x + 7, y - 4, words=""), text(round(x + 18, 1), y, words)]
        x += wide
    return parts, y + 8


def _mark(place: int, x: float, y: float, *, words: str) -> Markup:
    """Return the mark of a network: four shapes, filled, hollow, and small and filled: no two of twelve alike."""
    shape, style = place % 4, place // 4 % 3
    colour = "abc"[place % 3]
    look = f"hol {colour}" if style == 1 else f"{colour}f"
    r = 3.0 if style == 2 else 4.5
    told = tag("title", words) if words else Markup("")
    if shape == 0:
        return tag("circle", told, class_=look, cx=x, cy=y, r=r)
    d = {
        1: f"M{round(x - r, 1)} {round(y - r, 1)}h{2 * r:g}v{2 * r:g}h{-2 * r:g}z",
        2: f"M{x} {round(y - 1.2 * r, 1)}l{1.2 * r:g} {2.1 * r:g}h{-2.4 * r:g}z",
        3: f"M{x} {round(y - 1.3 * r, 1)}l{1.3 * r:g} {1.3 * r:g}l{-1.3 * r:g} {1.3 * r:g}l{-1.3 * r:g} {-1.3 * r:g}z",
    }[shape]
    return tag("path", told, class_=look, d=d)


def _ticks(axis: Axis) -> list[tuple[float, str]]:
    values = ticks(min(axis.first, axis.last), max(axis.first, axis.last))
    return list(zip(values, tick_words(values), strict=True))


def _state(each: Measure, stay: float | Unscored | None, x: Axis, *, y: float, look: str) -> list[Markup]:
    parts = [text(0, round(y + 14, 1), each.of)]
    if isinstance(each.value, Unscored):
        return [*parts, text(x.left, round(y + 14, 1), each.value.reason)]
    end = x.at(100 * each.value)
    dwell = "" if stay is None or isinstance(stay, Unscored) else f", stays {number(stay, 1)} s"
    bar = tag("rect", class_=look, x=x.left, y=round(y + 2, 1), width=round(end - x.left, 1), height=16)
    words = f"{_percent(each.value)}{dwell}"
    if end + 6 + LETTER * len(words) > x.right + _ROOM:
        return [*parts, bar, text(end - 6, round(y + 14, 1), words, look="tn", anchor="end")]
    return [*parts, bar, text(end + 6, round(y + 14, 1), words, look="ti")]


def _percent(value: object) -> str:
    return f"{number(100 * value, 0)}%" if isinstance(value, float) else "no number"


def _plain(value: float | Unscored | None) -> float | None:
    return None if value is None or isinstance(value, Unscored) else float(value)
