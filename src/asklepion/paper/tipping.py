"""Tipping curve: how the effect and its interval move as those who were lost are taken to be worse off."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from asklepion.paper.figure import About, across, framed, heading, mark, number, paragraph, reach, span, upwards
from asklepion.paper.svg import Axis, tag, text
from asklepion.paper.tables import Row, csv_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Tilt:
    """The effect where the lost are `delta` worse than the model expects, its interval and p."""

    delta: float
    estimate: float
    lower: float
    upper: float
    p: float | None = None


def tipping(
    tilts: Sequence[Tilt], about: About, *, delta_unit: str, tips_at: float | None, none: float = 0.0
) -> Markup:
    """Return the drawing. `tips_at` is where the interval reaches no effect, None if no delta tried does."""
    _, top = heading(about)
    first, bottom = top + 34, top + 34 + (250 if about.width > 500 else 220)
    x = Axis(*reach([each.delta for each in tilts]), 50, about.width - 12)
    low, high = reach([none, *(value for each in tilts for value in (each.lower, each.upper))])
    y = Axis(low, high, bottom, first)
    ordered = sorted(tilts, key=lambda each: each.delta)
    parts = upwards(y, left=x.left, right=x.right, words=about.unit)
    parts.append(_wash(ordered, x, y))
    parts += across(x, y=bottom, top=bottom, words=delta_unit)
    parts.append(tag("path", class_="now", d=f"M{x.left} {y.at(none)}H{x.right}"))
    parts.append(tag("path", class_="ln a", d=_path([(x.at(e.delta), y.at(e.estimate)) for e in ordered])))
    parts += [mark(0, x.at(e.delta), y.at(e.estimate), size=3.5, words=_told(e, about)) for e in ordered]
    if tips_at is not None and x.first <= tips_at <= x.last:
        parts += _tip(x, tips_at, first=first, bottom=bottom, wide=about.width)
    words = "Line: the effect; area: its interval; strong line: no effect."
    key, end = paragraph([words], y=bottom + 56, width=about.width)
    return framed(
        about, [*parts, *key], top=top, bottom=end - 17, description=_finding(ordered, about, delta_unit, tips_at)
    )


def tipping_csv(tilts: Sequence[Tilt], about: About, *, delta_unit: str) -> str:
    """Return each delta with its effect, interval and p as CSV."""
    source = " ".join(about.sources)
    return csv_of(
        Row(
            label=f"delta {each.delta:g}",
            estimate=each.estimate,
            lower=each.lower,
            upper=each.upper,
            unit=about.unit,
            source=source,
            more={"delta": each.delta, "delta_unit": delta_unit, "p": each.p, "level": about.level},
        )
        for each in tilts
    )


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{a} {b}" for a, b in corners)


def _wash(tilts: Sequence[Tilt], x: Axis, y: Axis) -> Markup:
    over = [(x.at(each.delta), y.at(each.upper)) for each in tilts]
    under = [(x.at(each.delta), y.at(each.lower)) for each in reversed(tilts)]
    return tag("path", class_="af wash", d=f"{_path([*over, *under])}z")


def _tip(x: Axis, tips_at: float, *, first: float, bottom: float, wide: float) -> list[Markup]:
    at = x.at(tips_at)
    left = at > wide / 2
    words = f"tips at {number(tips_at)}"
    return [
        tag("path", class_="lim", d=f"M{at} {first}V{bottom}"),
        text(at - 6 if left else at + 6, first + 14, words, look="ti", anchor="end" if left else "start"),
    ]


def _told(each: Tilt, about: About) -> str:
    return f"delta {each.delta:g}: {number(each.estimate)}, {about.interval} {span(each.lower, each.upper)}"


def _finding(tilts: Sequence[Tilt], about: About, delta_unit: str, tips_at: float | None) -> str:
    told = [_told(tilts[0], about), _told(tilts[-1], about)]
    if tips_at is None:
        told.append(f"At no delta ({delta_unit}) that was tried does the interval reach no effect")
    else:
        told.append(f"The interval reaches no effect at a delta of {number(tips_at)} ({delta_unit})")
    return ". ".join(told) + "."
