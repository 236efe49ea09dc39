"""What figures share: what a reader is told around them, round ticks, numbers as words, lines that fit."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from asklepion.paper.svg import Axis, picture, tag, text

LETTER = 6.9
"""How wide a letter of 13 px is, about, in units of a drawing."""
LINE = 17
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What stands around a figure. `id` is its own on a page; `unit` what one unit of the value axis is.

    `sources` are the SHA-256 of the files it rests on; `level` is that of its intervals; `width` is in units: 640 for a
    page, 340 for a phone. `notes` are sentences under it.
    """

    id: str
    title: str
    unit: str
    sources: tuple[str, ...] = ()
    level: float = 0.95
    width: int = 640
    decimals: int = 2
    notes: tuple[str, ...] = ()

    @property
    def interval(self) -> str:
        """Return the name of the interval, as in `95% interval`."""
        return f"{100 * self.level:g}% interval"


def number(value: float | None, decimals: int = 2) -> str:
    """Return a number as printed, with a minus sign; None and what is no number say so in words.

    >>> number(-0.7119, 2), number(None), number(float("inf"))
    ('−0.71', 'none', 'infinite')
    """
    if value is None or math.isnan(value):
        return "none"
    if math.isinf(value):
        return "infinite" if value > 0 else f"{_MINUS}infinite"
    told = f"{value:.{decimals}f}"
    return (told[1:] if float(told) == 0 and told[0] == "-" else told).replace("-", _MINUS)


def span(lower: float | None, upper: float | None, decimals: int = 2) -> str:
    """Return an interval as printed, as in `−0.95 to −0.47`."""
    return f"{number(lower, decimals)} to {number(upper, decimals)}"


def ticks(first: float, last: float, *, most: int = 6) -> list[float]:
    """Return round values from `first` to `last`, no more than `most`; none where the ends are the same."""
    if not last > first:
        return []
    power = 10.0 ** math.floor(math.log10((last - first) / most))
    for step in (each * power for each in (1, 2, 2.5, 5, 10, 20)):
        start, end = math.ceil(first / step - 1e-9), math.floor(last / step + 1e-9)
        if end - start < most:
            return [round(place * step, 12) for place in range(start, end + 1)]
    return []


def tick_words(values: Sequence[float]) -> list[str]:
    """Return ticks as printed, all with the decimals that the finest needs."""
    needed = max((len(f"{value:.10f}".rstrip("0").partition(".")[2]) for value in values), default=0)
    return [number(value, needed) for value in values]


def reach(values: Iterable[float | None], *, room: float = 0.04) -> tuple[float, float]:
    """Return ends that hold every finite value with some room; 0 to 1 where there is none."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    more = (high - low) * room or abs(high) * room or 1.0
    return low - more, high + more


def wrapped(words: str, width: float) -> list[str]:
    """Return a sentence in lines that fit the width; a word that is longer than a line has one of its own."""
    most, lines = max(int(width / LETTER), 1), [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= most or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def clipped(words: str, width: float) -> str:
    """Return words cut to a width, the cut shown by three dots."""
    most = max(int(width / LETTER), 4)
    return words if len(words) <= most else f"{words[: most - 3].rstrip()}..."


def paragraph(sentences: Iterable[str], *, y: float, width: float, look: str = "") -> tuple[list[Markup], float]:
    """Return sentences as lines of text from `y` downwards, each from a new line, and where the next line would be."""
    parts = []
    for sentence in sentences:
        for line in wrapped(sentence, width):
            parts.append(text(0, round(y, 1), line, look=look))
            y += LINE
    return parts, y


def framed(about: About, body: list[Markup], *, top: float, bottom: float, description: str) -> Markup:
    """Return the whole figure: what `body` draws from `top` to `bottom`, notes and sources under it."""
    told = [*about.notes, *(f"Source, SHA-256: {each[:16]}" for each in about.sources)]
    under, end = paragraph(told, y=bottom + LINE, width=about.width)
    head, _ = heading(about)
    hashes = "".join(f" Input SHA-256 {each}." for each in about.sources)
    return picture(
        about.width,
        round(end - LINE + 8),
        [*head, *body, *under],
        title=about.title,
        description=f"{description}{hashes}",
        id=about.id,
    )


def heading(about: About) -> tuple[list[Markup], float]:
    """Return the title in lines, and where the drawing may begin."""
    lines = wrapped(about.title, about.width / 1.25)
    return [text(0, 16 + 21 * place, line, look="hd") for place, line in enumerate(lines)], 16 + 21 * len(lines)


def across(axis: Axis, *, y: float, top: float, most: int = 6, words: str = "", log: bool = False) -> list[Markup]:
    """Return a horizontal scale at `y` with its ticks, grid lines up to `top`, and the words under it."""
    values = log_ticks(axis) if log else ticks(axis.first, axis.last, most=most)
    told = [f"{math.exp(value):g}" for value in values] if log else tick_words(values)
    parts = [tag("path", class_="ax", d=f"M{axis.left} {y}H{axis.right}")]
    for value, said in zip(values, told, strict=True):
        x = axis.at(value)
        parts.append(tag("path", class_="gr", d=f"M{x} {top}V{y}"))
        parts.append(text(x, y + 16, said, anchor="middle"))
    if words:
        parts.append(text(round((axis.left + axis.right) / 2, 1), y + 34, words, anchor="middle"))
    return parts


def log_ticks(axis: Axis) -> list[float]:
    """Return logarithms of round ratios between the ends of an axis of logarithms, few enough to be read."""
    every = [m * 10.0**p for p in range(-6, 7) for m in (1, 2, 5)]
    inside = [math.log(each) for each in every if axis.first <= math.log(each) <= axis.last]
    while len(inside) > 7:
        inside = inside[::2]
    return inside


def upwards(axis: Axis, *, left: float, right: float, most: int = 6, words: str = "") -> list[Markup]:
    """Return a vertical scale: grid lines from `left` to `right`, ticks left of them, the words above."""
    values = ticks(min(axis.first, axis.last), max(axis.first, axis.last), most=most)
    parts = []
    for value, said in zip(values, tick_words(values), strict=True):
        y = axis.at(value)
        parts.append(tag("path", class_="gr", d=f"M{left} {y}H{right}"))
        parts.append(text(left - 8, round(y + 4, 1), said, anchor="end"))
    if words:
        parts.append(text(0, round(min(axis.left, axis.right) - 12, 1), words))
    return parts


_SERIES = (("a", ""), ("b", "dash"), ("c", "dot"), ("inks", "dash thin"))
SHAPES = ("disc", "square", "triangle", "cross")


def line_look(place: int) -> str:
    """Return the classes of the line of a series; colour and dash differ together."""
    colour, dash = _SERIES[place % len(_SERIES)]
    return f"ln {colour} {dash}".rstrip()


def stroke_look(place: int) -> str:
    """Return the classes of a solid stroke of a series: of its interval."""
    return f"ln {_SERIES[place % len(_SERIES)][0]} thin"


def fill_look(place: int) -> str:
    """Return the class that fills as a series."""
    return ("af", "bf", "cf", "inkf")[place % len(_SERIES)]


def mark(place: int, x: float, y: float, *, size: float = 5, words: str = "") -> Markup:
    """Return the mark of a series: disc, square, triangle or cross. `words` are told where a pointer rests."""
    told = tag("title", words) if words else Markup("")
    look, r = fill_look(place), size
    match SHAPES[place % len(SHAPES)]:
        case "disc":
            return tag("circle", told, class_=look, cx=x, cy=y, r=r)
        case "square":
            corner = {"x": round(x - r, 1), "y": round(y - r, 1)}
            return tag("rect", told, class_=look, **corner, width=2 * r, height=2 * r)
        case "triangle":
            d = f"M{x} {round(y - 1.2 * r, 1)}l{1.2 * r:g} {2.1 * r:g}h{-2.4 * r:g}z"
            return tag("path", told, class_=look, d=d)
    d = f"M{round(x - r, 1)} {round(y - r, 1)}l{2 * r:g} {2 * r:g}m0 {-2 * r:g}l{-2 * r:g} {2 * r:g}"
    return tag("path", told, class_="inks", d=d)
