"""Forest plot: studies, subgroups or contrasts on one scale, the pooled effect, and what does not count, struck."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from asklepion.paper.figure import LETTER, About, across, clipped, framed, heading, number, reach, span
from asklepion.paper.svg import Axis, tag, text
from asklepion.paper.tables import Row, csv_of

_LEAST_PLOT = 170
_ROW, _STACKED = 28, 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A line of a forest plot. `weight` is in per cent; `pooled` draws a diamond, with `prediction` as dots beside it.

    `excluded` says why it does not count (`Retracted 10 Aug 2024`); `absent` why there is no estimate.
    """

    label: str
    estimate: float | None
    lower: float | None = None
    upper: float | None = None
    weight: float | None = None
    n: int | None = None
    pooled: bool = False
    prediction: tuple[float, float] | None = None
    excluded: str = ""
    absent: str = ""

    @property
    def counts(self) -> bool:
        return not self.excluded and self.estimate is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How effects lie: `none` is where there is no effect; with `ratio` distances are those of logarithms.

    `favours` are the words under the left and the right end.
    """

    none: float = 0.0
    ratio: bool = False
    favours: tuple[str, str] | None = None

    def place(self, value: float) -> float:
        if not self.ratio:
            return value
        return math.log(value) if value > 0 else -math.inf


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where the columns are: labels from 0, the plot, estimates and weights that end at their places."""

    axis: Axis
    label: float
    estimate: float
    weight: float
    stacked: bool
    row: int


def forest(effects: Sequence[Effect], about: About, *, scale: Scale | None = None) -> Markup:
    """Return the drawing. Rows stand in their order, excluded ones where they are given; nothing is left out.

    Where the columns have no room beside each other, label and estimate stand over each row's plot.
    """
    scale = scale or Scale()
    sheet = _sheet(effects, about, scale)
    _, top = heading(about)
    first = top + 24
    bottom = first + sheet.row * len(effects)
    hatch = [_hatch(about)] if any(each.excluded for each in effects) else []
    parts = [
        *hatch,
        *_heads(sheet, about, y=top + 12),
        *_scaffold(effects, sheet, scale, about, first=first, bottom=bottom),
    ]
    for place, each in enumerate(effects):
        parts.extend(_line(each, sheet, scale, about, y=first + sheet.row * place))
    below = bottom + (56 if scale.favours else 38)
    return framed(about, parts, top=top, bottom=below, description=_finding(effects, about, scale))


def forest_csv(effects: Sequence[Effect], about: About) -> str:
    """Return the numbers of the drawing as CSV, what does not count included, with why."""
    source = " ".join(about.sources)
    return csv_of(
        Row(
            label=each.label,
            estimate=each.estimate,
            lower=each.lower,
            upper=each.upper,
            n=each.n,
            unit=about.unit,
            source=source,
            more={
                "level": about.level,
                "weight_percent": each.weight,
                "prediction_lower": each.prediction[0] if each.prediction else None,
                "prediction_upper": each.prediction[1] if each.prediction else None,
                "excluded": each.excluded,
                "absent": each.absent,
            },
        )
        for each in effects
    )


def _words(each: Effect, decimals: int) -> str:
    if each.estimate is None:
        return "none"
    return f"{number(each.estimate, decimals)} [{number(each.lower, decimals)}, {number(each.upper, decimals)}]"


def _label(each: Effect) -> str:
    return f"{each.label}, n {each.n}" if each.n is not None else each.label


def _sheet(effects: Sequence[Effect], about: About, scale: Scale) -> _Sheet:
    values = [value for each in effects if each.counts for value in (each.estimate, each.lower, each.upper)]
    values += [value for each in effects if each.prediction for value in each.prediction]
    low, high = reach([scale.place(value) for value in [*values, scale.none] if value is not None])
    told = max((len(_words(each, about.decimals)) for each in effects), default=0) * LETTER + 4
    names = min(max((len(_label(each)) for each in effects), default=0) * LETTER + 6, 230)
    share = 52 if any(each.weight is not None for each in effects) else 0
    room = about.width - names - told - share - 12
    if room < _LEAST_PLOT:
        axis = Axis(low, high, 8, about.width - 8)
        return _Sheet(axis, about.width - 52, about.width - share, about.width, True, _STACKED)
    axis = Axis(low, high, round(names + 8), round(names + room))
    return _Sheet(axis, names, about.width - share, about.width, False, _ROW)


def _heads(sheet: _Sheet, about: About, *, y: float) -> list[Markup]:
    heading = f"[{about.interval}]"
    parts = [text(0, y, heading) if sheet.stacked else text(sheet.estimate, y, heading, anchor="end")]
    if sheet.weight != sheet.estimate:
        parts.append(text(sheet.weight, y, "weight", anchor="end"))
    return parts


def _scaffold(
    effects: Sequence[Effect], sheet: _Sheet, scale: Scale, about: About, *, first: float, bottom: float
) -> list[Markup]:
    axis = sheet.axis
    parts = across(axis, y=bottom, top=first, most=4 if sheet.stacked else 6, words=about.unit, log=scale.ratio)
    zero = axis.at(scale.place(scale.none))
    parts.append(tag("path", class_="now", d=f"M{zero} {first}V{bottom}"))
    for each in effects:
        if each.pooled and each.estimate is not None:
            x = axis.at(scale.place(each.estimate))
            parts.append(tag("path", class_="ax dot", d=f"M{x} {first}V{bottom}"))
    if scale.favours:
        left, right = scale.favours
        parts.append(text(axis.left, bottom + 52, left, look="ti"))
        parts.append(text(axis.right, bottom + 52, right, look="ti", anchor="end"))
    return parts


def _line(each: Effect, sheet: _Sheet, scale: Scale, about: About, *, y: float) -> list[Markup]:
    words, plot = (y + 14, y + 47) if sheet.stacked else (y + 18, y + 14)
    gone = " gone" if each.excluded else ""
    full = tag("title", _label(each))
    label = tag("text", full + clipped(_label(each), sheet.label), class_=f"ti{gone}", x=0, y=words)
    told, look = _words(each, about.decimals), f"{'dim-text' if each.excluded else 'ti'}{gone}"
    value = (
        text(0, y + 31, told, look=look)
        if sheet.stacked
        else text(sheet.estimate, words, told, look=look, anchor="end")
    )
    parts = [label, value]
    if sheet.weight != sheet.estimate:
        share = f"{each.weight:.0f}%" if each.weight is not None else "none" if each.excluded else ""
        parts.append(text(sheet.weight, words, share, anchor="end"))
    why = f"{each.excluded}, not counted" if each.excluded else each.absent
    if not each.counts:
        ground = _ground(each, sheet, about, y=y)
        middle = round((sheet.axis.left + sheet.axis.right) / 2, 1)
        said = clipped(why, sheet.axis.right - sheet.axis.left)
        return [*ground, *parts, text(middle, plot + 4, said, look="ti", anchor="middle")]
    return [*parts, *_drawn(each, sheet.axis, scale, y=plot)]


def _ground(each: Effect, sheet: _Sheet, about: About, *, y: float) -> list[Markup]:
    """Draw what lies behind a row without a mark: the hatch of what was withdrawn, a dashed line for what is absent."""
    if not each.excluded:
        middle = y + (47 if sheet.stacked else 14)
        return [tag("path", class_="gr dash", d=f"M{sheet.axis.left} {middle}H{sheet.axis.right}")]
    fill = f"url(#{about.id}-gone)"
    return [tag("rect", fill=fill, x=0, y=y + 1, width=about.width, height=sheet.row - 2)]


def _hatch(about: About) -> Markup:
    """Return the hatch of the look for what was withdrawn, under an id of its own."""
    line = tag("path", class_="band", d="M0 16L16 0H8L0 8zM16 16V8L8 16z")
    pattern = tag("pattern", line, id=f"{about.id}-gone", width=16, height=16, patternUnits="userSpaceOnUse")
    return tag("defs", pattern)


def _drawn(each: Effect, axis: Axis, scale: Scale, *, y: float) -> list[Markup]:
    """Draw one effect: a square as large as its weight, or a diamond; an end beyond the scale is an arrow."""
    x = axis.at(scale.place(each.estimate or 0.0))
    left = _inside(each.lower, axis, scale)
    right = _inside(each.upper, axis, scale)
    if each.pooled:
        parts = [tag("path", class_="cf", d=f"M{left} {y}L{x} {y - 8}L{right} {y}L{x} {y + 8}z")]
        if each.prediction:
            low, high = (_inside(value, axis, scale) for value in each.prediction)
            parts.insert(0, tag("path", class_="ln c dot", d=f"M{low} {y}H{high}"))
        return parts
    half = 4.0 if each.weight is None else round(2.5 + 5.5 * math.sqrt(max(each.weight, 0) / 100), 1)
    parts = [tag("path", class_="ln a thin", d=f"M{left} {y}H{right}")]
    parts += [_arrow(end, y, to) for value, end, to in ((each.lower, left, -1), (each.upper, right, 1)) if _open(value)]
    square = tag("rect", class_="af", x=round(x - half, 1), y=round(y - half, 1), width=2 * half, height=2 * half)
    return [*parts, square]


def _open(value: float | None) -> bool:
    return value is None or math.isinf(value)


def _inside(value: float | None, axis: Axis, scale: Scale) -> float:
    if value is None:
        return axis.left
    place = scale.place(value)
    if math.isinf(place):
        return axis.left if place < 0 else axis.right
    return axis.at(place)


def _arrow(x: float, y: float, to: int) -> Markup:
    return tag("path", class_="ln a thin", d=f"M{x - 5 * to} {y - 4}L{x} {y}L{x - 5 * to} {y + 4}")


def _finding(effects: Sequence[Effect], about: About, scale: Scale) -> str:
    """Tell the pooled effect, or else each effect, its interval and whether that holds no effect."""
    standing = [each for each in effects if each.counts]
    pooled = [each for each in standing if each.pooled]
    told = []
    for each in pooled or standing:
        holds = each.lower is not None and each.upper is not None and each.lower <= scale.none <= each.upper
        edge = number(scale.none, 0 if scale.none == int(scale.none) else 2)
        where = f"which {'holds' if holds else 'does not hold'} {edge}, no effect"
        told.append(
            f"{each.label}: {number(each.estimate, about.decimals)} {about.unit}, {about.interval} "
            f"{span(each.lower, each.upper, about.decimals)}, {where}."
        )
        if each.prediction:
            told.append(f"Prediction interval {span(*each.prediction, about.decimals)}.")
    if pooled:
        told.append(f"{len(standing) - len(pooled)} effects are shown.")
    told += [f"{each.label} does not count: {each.excluded}." for each in effects if each.excluded]
    told += [f"{each.label} has no estimate: {each.absent}." for each in effects if each.absent]
    return " ".join(told)
