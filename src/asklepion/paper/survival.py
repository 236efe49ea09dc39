"""Kaplan-Meier curves: who has not had the event, with intervals, censoring, and the numbers at risk below."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from asklepion.paper.figure import (
    LETTER,
    About,
    across,
    clipped,
    framed,
    heading,
    line_look,
    number,
    span,
    stroke_look,
    ticks,
    upwards,
)
from asklepion.paper.svg import Axis, tag, text
from asklepion.paper.tables import Row, csv_of

_ROW = 18
_WASH = ("af wash", "bf wash", "cf wash", "edgef wash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The survival of an arm. `times` are those of events, rising; the three others hold from each of them on.

    `at_risk` are (time, people) at the times that stand under the drawing; `censored` are times of those who left.
    `end` is the last time that anybody was seen.
    """

    arm: str
    times: tuple[float, ...]
    survival: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    at_risk: tuple[tuple[float, int], ...]
    censored: tuple[float, ...] = ()
    end: float = 0.0

    def at(self, time: float) -> float:
        """Return the share that is without event at a time; 1 before the first event."""
        known = [share for when, share in zip(self.times, self.survival, strict=True) if when <= time]
        return known[-1] if known else 1.0


def survival(curves: Sequence[Curve], about: About, *, event: str = "event", time_unit: str = "days") -> Markup:
    """Return the drawing: share without the event from 0 to 1. Where nobody is left at risk, a curve ends."""
    _, top = heading(about)
    first, bottom = top + 34, top + 34 + (260 if about.width > 500 else 220)
    names = max(len(each.arm) for each in curves) * LETTER
    left = round(min(max(names + 48, 52), about.width * 0.36))
    right = about.width - round(min(names, about.width * 0.25)) - 12
    x = Axis(0.0, max(_end(each) for each in curves), left, right)
    y = Axis(0.0, 1.0, bottom, first)
    parts = upwards(y, left=left, right=x.right, words=f"share without {event}")
    parts += across(x, y=bottom, top=bottom, words=time_unit)
    for place, each in enumerate(curves):
        parts += [_wash(each, x, y, place), _line(each, x, y, place), *_censored(each, x, y, place)]
    parts += _names(curves, x, y)
    parts += _risk(curves, x, y=bottom + 56)
    end = bottom + 56 + _ROW * (len(curves) + 1)
    return framed(about, parts, top=top, bottom=end, description=_finding(curves, about, event, time_unit))


def survival_csv(curves: Sequence[Curve], about: About) -> str:
    """Return each step of each curve as CSV; `n` is the number at risk where that time is among the chosen ones."""
    source = " ".join(about.sources)
    return csv_of(
        Row(
            label=f"{each.arm} at {time:g}",
            estimate=share,
            lower=low,
            upper=high,
            n=dict(each.at_risk).get(time),
            unit=about.unit,
            source=source,
            more={"arm": each.arm, "time": time, "level": about.level},
        )
        for each in curves
        for time, share, low, high in zip(each.times, each.survival, each.lower, each.upper, strict=True)
    )


def _end(curve: Curve) -> float:
    return max([curve.end, *curve.times, *curve.censored, *(time for time, _ in curve.at_risk)], default=1.0) or 1.0


def _steps(
    times: Sequence[float], values: Sequence[float], x: Axis, y: Axis, *, end: float
) -> list[tuple[float, float]]:
    """Return the corners of a stair from (0, 1) to the end."""
    corners, last = [(x.at(0), y.at(1))], 1.0
    for time, value in zip(times, values, strict=True):
        corners += [(x.at(time), y.at(last)), (x.at(time), y.at(value))]
        last = value
    return [*corners, (x.at(end), y.at(last))]


def _line(curve: Curve, x: Axis, y: Axis, place: int) -> Markup:
    corners = _steps(curve.times, curve.survival, x, y, end=max([curve.end, *curve.times, *curve.censored]))
    return tag("path", class_=line_look(place), d="M" + "L".join(f"{a} {b}" for a, b in corners))


def _wash(curve: Curve, x: Axis, y: Axis, place: int) -> Markup:
    end = max([curve.end, *curve.times, *curve.censored])
    known = [
        k for k, (low, high) in enumerate(zip(curve.lower, curve.upper, strict=True)) if low == low and high == high
    ]
    times = [curve.times[k] for k in known]
    over = _steps(times, [curve.upper[k] for k in known], x, y, end=end)
    under = _steps(times, [curve.lower[k] for k in known], x, y, end=end)
    corners = "L".join(f"{a} {b}" for a, b in [*over, *reversed(under)])
    return tag("path", class_=_WASH[place % len(_WASH)], d=f"M{corners}z")


def _censored(curve: Curve, x: Axis, y: Axis, place: int) -> list[Markup]:
    parts = []
    for time in sorted(set(curve.censored)):
        at = y.at(curve.at(time))
        parts.append(tag("path", class_=stroke_look(place), d=f"M{x.at(time)} {round(at - 4, 1)}v8"))
    return parts


def _names(curves: Sequence[Curve], x: Axis, y: Axis) -> list[Markup]:
    """Write each arm beside the end of its curve, moved apart where two would touch."""
    parts, last = [], -1e9
    for at, name in sorted((y.at(each.at(_end(each))), each.arm) for each in curves):
        last = max(at + 4, last + 17)
        parts.append(text(x.right + 8, round(last, 1), clipped(name, 30 * LETTER), look="ti"))
    return parts


def _risk(curves: Sequence[Curve], x: Axis, *, y: float) -> list[Markup]:
    """Write the numbers at risk, each row with a piece of its line: the table is the key."""
    parts = [text(0, y, "At risk", look="ti")]
    for row, each in enumerate(curves):
        down = y + _ROW * (row + 1)
        parts.append(tag("path", class_=line_look(row), d=f"M0 {round(down - 4.5, 1)}h26"))
        parts.append(text(32, down, clipped(each.arm, x.left - 46)))
        for time, people in each.at_risk:
            parts.append(text(x.at(time), down, people, anchor="middle"))
    return parts


def risk_times(last: float) -> list[float]:
    """Return round times from 0 to `last` at which numbers at risk are worth saying: those of the scale."""
    return ticks(0.0, last)


def _finding(curves: Sequence[Curve], about: About, event: str, time_unit: str) -> str:
    told = []
    for each in curves:
        end = max([each.end, *each.times, *each.censored])
        people = dict(each.at_risk).get(0.0)
        begun = f"{people} people, " if people is not None else ""
        limits = f", {about.interval} {span(each.lower[-1], each.upper[-1])}" if each.times else ""
        told.append(
            f"{each.arm}: {begun}{number(each.at(end))} without {event} at {end:g} {time_unit}{limits}, "
            f"{len(each.censored)} censored."
        )
    return " ".join(told)
