"""The report of a group: distributions by session with n, a line for each person, changes and comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markupsafe import Markup

from asklepion.core.values import Unscored
from asklepion.paper.figure import LETTER, fill_look, mark, reach, stroke_look, upwards, wrapped
from asklepion.paper.page import rendered
from asklepion.paper.person import Figure, Missing
from asklepion.paper.svg import Axis, picture, tag, text
from asklepion.stats.change import Compared
from asklepion.stats.means import Mean

WIDE, NARROW = 440, 320
_TOP, _HEIGHT, _LINE = 12, 240, 17


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one kind of recording: of a group, by person; `without` are those who have no number.

    `lines` name it, one under the other. `joined`: a line goes from each person's value in the column before to theirs.
    """

    lines: tuple[str, ...]
    group: int
    points: tuple[tuple[str, float], ...]
    mean: Mean | None
    without: tuple[str, ...] = ()
    joined: bool = False

    @property
    def words(self) -> str:
        return ", ".join(self.lines)


@dataclass(frozen=True, slots=True)
class Contrast:
    """A difference: within people from the baseline, or between two levels."""

    words: str
    told: Compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One measure over all recordings of a modality."""

    id: str
    title: str
    unit: str
    definition: str
    reference: str
    columns: tuple[Column, ...]
    contrasts: tuple[Contrast, ...]

    @property
    def pairs(self) -> list[tuple[str, Compared]]:
        return [(each.words, each.told) for each in self.contrasts]

    @property
    def drawn(self) -> Markup:
        """The drawing twice, for a desk and for a phone."""
        return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(
            drawn(self, width=WIDE, id=f"{self.id}-w"), drawn(self, width=NARROW, id=f"{self.id}-n")
        )

    @property
    def caption(self) -> str:
        """What the marks are."""
        key = "; ".join(f"{_letter(place)}: {each.words}" for place, each in enumerate(self.columns))
        told = "A dot is a person, a thin line joins their recordings; large is the mean with its 95% interval."
        where = "" if _lettered(self, WIDE) else "On a phone, "
        return f"{told} {where}{key}." if _lettered(self, NARROW) else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One modality: what is drawn (`shown`), and each difference of every measure of the whole (`blocks`)."""

    id: str
    heading: str
    lede: str
    table: str
    shown: tuple[Distribution, ...]
    blocks: tuple[tuple[str, tuple[tuple[str, Compared], ...]], ...]
    figures: tuple[Figure, ...] = ()

    @property
    def measures(self) -> int:
        return max((len(rows) for _, rows in self.blocks), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """A study's group."""

    study: str
    lede: str
    parts: tuple[Part, ...]
    left: tuple[Missing, ...]
    people: tuple[str, ...]
    version: str
    notes: tuple[str, ...] = field(default=())


def html(page: Cohort) -> str:
    """Return the report as one HTML file that fetches nothing."""
    return rendered("cohort.html", page=page, kind="Report of a group", version=page.version)


def drawn(of: Distribution, *, width: int, id: str) -> Markup:
    """Return the values of each column as dots, people's lines, and means with intervals; empty without a value."""
    values = [value for column in of.columns for _, value in column.points]
    if not values:
        return Markup("")
    low, high = _ends(of, values)
    up = Axis(low, high, _TOP + _HEIGHT, _TOP)
    left = 58
    step = (width - left) / len(of.columns)
    at = [round(left + step * (place + 0.5), 1) for place in range(len(of.columns))]
    labels = _labels(of, width)
    parts = [
        *upwards(up, left=left, right=width, most=6),
        *_lines(of, at, up),
        *(each for place, column in enumerate(of.columns) for each in _dots(column, at[place], up)),
        *(each for place, column in enumerate(of.columns) for each in _mean(column, at[place], up)),
        *(
            text(at[place], _TOP + _HEIGHT + 22 + _LINE * row, words, look="ti" if row == 0 else "", anchor="middle")
            for place, lines in enumerate(labels)
            for row, words in enumerate(lines)
        ),
    ]
    height = _TOP + _HEIGHT + 14 + _LINE * max(len(lines) for lines in labels)
    told = "; ".join(
        f"{each.words}: n {each.mean.n}, mean {each.mean.mean:.4g}" if each.mean else f"{each.words}: no number"
        for each in of.columns
    )
    return picture(width, height, parts, title=of.title, description=f"{told}.", id=id)


def _ends(of: Distribution, values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the value axis: every dot is within, and an interval as far as half the dots' range beyond."""
    low, high = reach(values, room=0.08)
    room = (high - low) / 2
    limits = [limit for each in of.columns if each.mean for limit in (each.mean.lower, each.mean.upper)]
    known = [min(max(limit, low - room), high + room) for limit in limits if not isinstance(limit, Unscored)]
    return min([low, *known]), max([high, *known])


def _labels(of: Distribution, width: int) -> list[list[str]]:
    """Return the lines under each column: how many, then what it is, or a letter where that does not fit."""
    counts = [f"n {len(each.points)}" for each in of.columns]
    if _lettered(of, width):
        return [[_letter(place), count] for place, count in enumerate(counts)]
    room = _room(of, width)
    return [
        [count, *(row for words in each.lines for row in wrapped(words, room))]
        for count, each in zip(counts, of.columns, strict=True)
    ]


def _room(of: Distribution, width: int) -> float:
    return (width - 58) / len(of.columns) - 6


def _lettered(of: Distribution, width: int) -> bool:
    longest = max(len(word) for each in of.columns for word in each.words.split())
    return longest * LETTER * (1.12 if width < 400 else 1) > _room(of, width)


def _letter(place: int) -> str:
    first, second = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def _lines(of: Distribution, at: Sequence[float], up: Axis) -> list[Markup]:
    """Return a line for each person between columns that are joined and both have a value of theirs."""
    parts = []
    for (place, one), (_, other) in pairwise(enumerate(of.columns)):
        if not other.joined:
            continue
        after = dict(other.points)
        parts += [
            tag("path", class_="per", d=f"M{at[place]} {up.at(value)}L{at[place + 1]} {up.at(after[person])}")
            for person, value in one.points
            if person in after
        ]
    return parts


def _dots(column: Column, x: float, up: Axis) -> list[Markup]:
    look = fill_look(column.group)
    return [
        tag("circle", tag("title", f"{person}: {value:.4g}"), class_=f"{look} point", cx=x, cy=up.at(value), r=3)
        for person, value in column.points
    ]


def _mean(column: Column, x: float, up: Axis) -> list[Markup]:
    """Return the mean of a column, beside its dots, with its interval where it has one."""
    told = column.mean
    if told is None:
        return []
    beside = round(x + 12, 1)
    parts = [mark(column.group, beside, up.at(told.mean), size=5.5, words=f"mean {told.mean:.4g}")]
    if not isinstance(told.lower, Unscored) and not isinstance(told.upper, Unscored):
        low, high = (min(max(limit, up.first), up.last) for limit in (told.lower, told.upper))
        ends = f"M{beside} {up.at(low)}V{up.at(high)}"
        parts.insert(0, tag("path", class_=stroke_look(column.group).replace("thin", "").strip(), d=ends))
    return parts
