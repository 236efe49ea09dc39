"""Trajectories: the mean of each arm at each visit with its interval, and how many people stand behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from asklepion.paper.figure import (
    LETTER,
    About,
    clipped,
    framed,
    heading,
    line_look,
    mark,
    number,
    reach,
    span,
    stroke_look,
    upwards,
)
from asklepion.paper.svg import Axis, tag, text
from asklepion.paper.tables import Row, csv_of

_ROW = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanAt:
    """An arm's mean at a visit. `n` people have a value there; None for the estimate is a gap, never a bridge."""

    arm: str
    visit: str
    estimate: float | None
    lower: float | None
    upper: float | None
    n: int | None = None


def trajectories(
    means: Sequence[MeanAt], about: About, *, times: Sequence[float] | None = None, zero: bool = False
) -> Markup:
    """Return the drawing. Visits stand at `times`, or at equal steps in the order of their first row.

    `zero` draws no change as a strong line. Arms differ by colour, dash and shape, and stand beside each other.
    """
    arms, visits = _arms(means), _visits(means)
    places = list(times) if times is not None else [float(place) for place in range(len(visits))]
    _, top = heading(about)
    first, bottom = top + 34, top + 34 + (260 if about.width > 500 else 230)
    names = min(max(len(arm) for arm in arms) * LETTER + 10, about.width * 0.3)
    counted = min(max(max(len(arm) for arm in arms) * LETTER + 26, 56), about.width * 0.34)
    x = Axis(min(places), max(places), round(counted) + 14, about.width - round(names) - 14)
    ends = [value for each in means for value in (each.estimate, each.lower, each.upper)]
    low, high = reach([*ends, 0.0 if zero else None])
    y = Axis(low, high, bottom, first)
    parts = upwards(y, left=x.left - 14, right=x.right + 14, words=about.unit)
    if zero:
        parts.append(tag("path", class_="now", d=f"M{x.left - 14} {y.at(0)}H{x.right + 14}"))
    for place, arm in enumerate(arms):
        shift = (place - (len(arms) - 1) / 2) * 7
        parts.extend(_arm([_at(means, arm, visit) for visit in visits], x, y, places, shift=shift, place=place))
    parts += _names(means, arms, visits, x, y)
    parts += _visit_words(visits, places, x, y=bottom + 18, top=first)
    parts += _people(means, arms, visits, x, places, y=bottom + 42)
    end = bottom + 42 + _ROW * (len(arms) + 1)
    return framed(about, parts, top=top, bottom=end, description=_finding(means, about, arms, visits))


def trajectories_csv(means: Sequence[MeanAt], about: About) -> str:
    """Return each arm's mean at each visit as CSV."""
    source = " ".join(about.sources)
    return csv_of(
        Row(
            label=f"{each.arm} at {each.visit}",
            estimate=each.estimate,
            lower=each.lower,
            upper=each.upper,
            n=each.n,
            unit=about.unit,
            source=source,
            more={"arm": each.arm, "visit": each.visit, "level": about.level},
        )
        for each in means
    )


def _arms(means: Sequence[MeanAt]) -> list[str]:
    return list(dict.fromkeys(each.arm for each in means))


def _visits(means: Sequence[MeanAt]) -> list[str]:
    return list(dict.fromkeys(each.visit for each in means))


def _at(means: Sequence[MeanAt], arm: str, visit: str) -> MeanAt | None:
    return next((each for each in means if (each.arm, each.visit) == (arm, visit)), None)


def _arm(
    means: Sequence[MeanAt | None], x: Axis, y: Axis, places: Sequence[float], *, shift: float, place: int
) -> list[Markup]:
    """Draw intervals, then the line in pieces between gaps, then marks."""
    line, intervals, marks, pen = "", [], [], "M"
    for each, at in zip(means, places, strict=True):
        if each is None or each.estimate is None:
            pen = "M"
            continue
        across, up = round(x.at(at) + shift, 1), y.at(each.estimate)
        line, pen = f"{line}{pen}{across} {up}", "L"
        if each.lower is not None and each.upper is not None:
            d = f"M{across} {y.at(each.lower)}V{y.at(each.upper)}"
            intervals.append(tag("path", class_=stroke_look(place), d=d))
        marks.append(mark(place, across, up, words=f"{each.arm} at {each.visit}: {number(each.estimate)}"))
    return [*intervals, tag("path", class_=line_look(place), d=line), *marks] if line else []


def _names(means: Sequence[MeanAt], arms: Sequence[str], visits: Sequence[str], x: Axis, y: Axis) -> list[Markup]:
    """Write each arm beside its last mean, moved apart where two would touch."""
    ends = []
    for arm in arms:
        known = [each for visit in visits if (each := _at(means, arm, visit)) and each.estimate is not None]
        if known:
            ends.append((y.at(known[-1].estimate or 0.0), arm))
    parts, last = [], -1e9
    for at, arm in sorted(ends):
        last = max(at + 4, last + 16)
        parts.append(text(x.right + 18, round(last, 1), clipped(arm, 30 * LETTER), look="ti"))
    return parts


def _visit_words(visits: Sequence[str], places: Sequence[float], x: Axis, *, y: float, top: float) -> list[Markup]:
    """Write visits under the axis: in full where all have room, else without the word that they share."""
    spots = [x.at(at) for at in places]
    room = min((b - a for a, b in pairwise(sorted(spots))), default=x.right)
    shared, words = "", list(visits)
    if max(len(each) for each in words) * LETTER > room:
        shared, words = _without_shared(words)
    step = 1 if max(len(each) for each in words) * LETTER <= room else 2
    parts = [tag("path", class_="gr", d=f"M{at} {top}V{y - 18}") for at in spots]
    parts += [text(at, y, word, anchor="middle") for at, word in list(zip(spots, words, strict=True))[::step]]
    return [*parts, text(x.left - 20, y, shared, anchor="end")] if shared else parts


def _without_shared(words: list[str]) -> tuple[str, list[str]]:
    """Return the first word that all share and what is left of each; all as they are where they share none."""
    firsts = {each.partition(" ")[0] for each in words}
    if len(firsts) > 1 or not all(each.partition(" ")[2] for each in words):
        return "", words
    return firsts.pop(), [each.partition(" ")[2] for each in words]


def _people(
    means: Sequence[MeanAt], arms: Sequence[str], visits: Sequence[str], x: Axis, places: Sequence[float], *, y: float
) -> list[Markup]:
    parts = [text(0, y, "People with a value", look="ti")]
    for row, arm in enumerate(arms):
        down = y + _ROW * (row + 1)
        parts.append(mark(row, 5, round(down - 4.5, 1), size=4))
        parts.append(text(15, down, clipped(arm, x.left - 32)))
        for visit, at in zip(visits, places, strict=True):
            each = _at(means, arm, visit)
            told = str(each.n) if each is not None and each.n is not None else "?"
            parts.append(text(x.at(at), down, told, anchor="middle"))
    return parts


def _finding(means: Sequence[MeanAt], about: About, arms: Sequence[str], visits: Sequence[str]) -> str:
    told = [f"{about.unit} of {len(arms)} arms at {len(visits)} visits, {about.interval}s."]
    for arm in arms:
        each = _at(means, arm, visits[-1])
        if each is None or each.estimate is None:
            told.append(f"{arm} has no mean at {visits[-1]}.")
            continue
        people = f", n {each.n}" if each.n is not None else ""
        shown = f"{number(each.estimate)}, {span(each.lower, each.upper)}{people}"
        told.append(f"{arm} at {visits[-1]}: {shown}.")
    return " ".join(told)
