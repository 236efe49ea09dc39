"""Responders: the share of each arm with its interval, who responded of how many, and who is not known."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from asklepion.paper.figure import LETTER, About, across, clipped, framed, heading, mark, number, span
from asklepion.paper.svg import Axis, tag, text
from asklepion.paper.tables import Row, csv_of

_ROW = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An arm: `responders` of `people` whose response is known, the share and its interval (0 to 1).

    `unknown` people are in neither count. `n` in words stands beside the dot, for a share without it says little.
    """

    arm: str
    responders: int
    people: int
    share: float
    lower: float
    upper: float
    unknown: int = 0


def shares(given: Sequence[Share], about: About) -> Markup:
    """Return the drawing: a dot with its interval for each arm, from 0 to 100 per cent."""
    _, top = heading(about)
    first = top + 14
    bottom = first + _ROW * len(given)
    x = Axis(0.0, 100.0, 8, about.width - 20)
    parts = across(x, y=bottom, top=first, most=6 if about.width > 500 else 5, words=f"per cent, {about.interval}")
    for place, each in enumerate(given):
        parts += _arm(each, x, place, y=first + _ROW * place, wide=about.width)
    return framed(about, parts, top=top, bottom=bottom + 38, description=_finding(given, about))


def shares_csv(given: Sequence[Share], about: About) -> str:
    """Return each arm's share (0 to 1) as CSV, with responders and who is not known."""
    source = " ".join(about.sources)
    return csv_of(
        Row(
            label=each.arm,
            estimate=each.share,
            lower=each.lower,
            upper=each.upper,
            n=each.people,
            unit="share",
            source=source,
            more={"responders": each.responders, "unknown": each.unknown, "level": about.level},
        )
        for each in given
    )


def _arm(each: Share, x: Axis, place: int, *, y: float, wide: float) -> list[Markup]:
    unknown = f", {each.unknown} not known" if each.unknown else ""
    told = f"{each.responders} of {each.people}, {number(100 * each.share, 0)}%{unknown}"
    low, high, at = (x.at(100 * value) for value in (each.lower, each.upper, each.share))
    look = ("ln a", "ln b dash", "ln c dot", "inks")[place % 4]
    return [
        text(0, y + 16, clipped(each.arm, wide - len(told) * LETTER - 16), look="ti"),
        text(wide, y + 16, told, anchor="end"),
        tag("path", class_=look, d=f"M{low} {y + 33}H{high}"),
        mark(place, at, y + 33, size=5.5, words=told),
    ]


def _finding(given: Sequence[Share], about: About) -> str:
    return " ".join(
        f"{each.arm}: {each.responders} of {each.people} responded, {number(100 * each.share, 0)} per cent, "
        f"{about.interval} {span(100 * each.lower, 100 * each.upper, 0)}; {each.unknown} not known."
        for each in given
    )
