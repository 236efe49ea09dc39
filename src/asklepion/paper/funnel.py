"""Funnel plot: each study by its effect and standard error, over the areas in which it would differ from no effect."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from asklepion.paper.figure import LINE, About, across, framed, heading, mark, number, paragraph, reach, upwards
from asklepion.paper.svg import Axis, tag
from asklepion.paper.tables import Row, csv_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A study: its effect (of a ratio its logarithm), standard error, and why it does not count, if so."""

    label: str
    effect: float
    se: float
    excluded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """What stands behind the studies: the pooled effect, and `contours` as (p, its z), z rising.

    `none` is where there is no effect; the contours open from it.
    """

    pooled: float
    contours: tuple[tuple[float, float], ...]
    none: float = 0.0
    small_studies: str = ""
    """What a test of small-study effects found, as a sentence; empty if none was made."""


def funnel(points: Sequence[Point], about: About, *, behind: Funnel) -> Markup:
    """Return the drawing: standard error downwards, so that the most exact study stands on top."""
    _, top = heading(about)
    first, bottom = top + 34, top + 34 + (300 if about.width > 500 else 260)
    deepest = 1.08 * max(each.se for each in points)
    widest = [behind.none - behind.contours[-1][1] * deepest, behind.none + behind.contours[-1][1] * deepest]
    low, high = reach([behind.pooled, *widest, *(each.effect for each in points)])
    x, y = Axis(low, high, 44, about.width - 8), Axis(0.0, deepest, first, bottom)
    parts = [*_contours(x, y, behind, deepest), *upwards(y, left=x.left, right=x.right, most=5, words="standard error")]
    parts += across(x, y=bottom, top=bottom, words=about.unit)
    parts.append(tag("path", class_="ln c dash thin", d=f"M{x.at(behind.pooled)} {first}V{bottom}"))
    parts.append(tag("path", class_="now", d=f"M{x.at(behind.none)} {first}V{bottom}"))
    parts += [_study(each, x, y) for each in points]
    key, end = _key(behind, about, excluded=any(each.excluded for each in points), y=bottom + 54)
    parts += key
    return framed(about, parts, top=top, bottom=end - LINE, description=_finding(points, behind))


def funnel_csv(points: Sequence[Point], about: About) -> str:
    """Return effect and standard error of each study as CSV, those that do not count with why."""
    source = " ".join(about.sources)
    return csv_of(
        Row(
            label=each.label,
            estimate=each.effect,
            unit=about.unit,
            source=source,
            more={"se": each.se, "excluded": each.excluded},
        )
        for each in points
    )


def _contours(x: Axis, y: Axis, behind: Funnel, deepest: float) -> list[Markup]:
    """Draw the areas from the outermost inwards: pale, white, pale, each with a line as its edge."""
    parts = []
    apex = f"{x.at(behind.none)} {y.left}"
    for place, (_, z) in enumerate(reversed(behind.contours)):
        left, right = x.at(behind.none - z * deepest), x.at(behind.none + z * deepest)
        look = "band" if place % 2 == 0 else "sheetf"
        parts.append(tag("path", class_=look, d=f"M{apex}L{left} {y.right}H{right}z"))
        parts.append(tag("path", class_="ax", d=f"M{left} {y.right}L{apex}L{right} {y.right}"))
    return parts


def _study(each: Point, x: Axis, y: Axis) -> Markup:
    told = f"{each.label}: {number(each.effect)}, standard error {number(each.se)}"
    across, down = x.at(each.effect), y.at(each.se)
    if each.excluded:
        return mark(3, across, down, words=f"{told}. {each.excluded}, not counted")
    return mark(0, across, down, words=told)


def _key(behind: Funnel, about: About, *, excluded: bool, y: float) -> tuple[list[Markup], float]:
    """Say what the lines are, from the inside outwards."""
    values = ", ".join(number(p) for p, _ in behind.contours)
    crosses = " Crosses do not count." if excluded else ""
    told = f"Lines, from the inside: where one study alone has p {values}. Dashes: the pooled effect.{crosses}"
    return paragraph([told], y=y, width=about.width)


def _finding(points: Sequence[Point], behind: Funnel) -> str:
    standing = [each for each in points if not each.excluded]
    beyond = sum(1 for each in standing if each.effect < behind.pooled)
    told = [
        f"{len(standing)} studies, {beyond} of them below the pooled effect of {number(behind.pooled)}.",
        f"Standard errors from {number(min(e.se for e in standing))} to {number(max(e.se for e in standing))}.",
        behind.small_studies,
        *(f"{each.label} does not count: {each.excluded}." for each in points if each.excluded),
    ]
    return " ".join(each for each in told if each)
