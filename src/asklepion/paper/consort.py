"""CONSORT flow: how many people came to each stage, and for which reasons the others did not. Its sums are checked."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from asklepion.core.errors import BadInput
from asklepion.paper.figure import About, framed, heading, paragraph, wrapped
from asklepion.paper.svg import tag, text
from asklepion.paper.tables import csv_lines

_LINE, _PAD, _GAP, _BETWEEN, _INDENT = 17, 10, 26, 16, 16
_LEAST = 190
_SHARED = 0.44


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A box: `people` came to it, and of these `left` (reason, people) do not come to the next one."""

    title: str
    people: int
    left: tuple[tuple[str, int], ...] = ()

    @property
    def stay(self) -> int:
        return self.people - sum(count for _, count in self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """The stages of an arm from its allocation on."""

    name: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Stages that all share (assessed, randomised), then those of each arm. Raises BadInput if it does not add up."""

    together: tuple[Stage, ...]
    arms: tuple[Arm, ...]

    def __post_init__(self) -> None:
        if not self.together or not self.arms or not all(each.stages for each in self.arms):
            raise BadInput("A flow has shared stages and arms with stages.", where="flow", remedy="Give them.")
        _check_row("all", self.together)
        for arm in self.arms:
            _check_row(arm.name, arm.stages)
        allocated, last = sum(arm.stages[0].people for arm in self.arms), self.together[-1]
        if allocated != last.stay:
            raise BadInput(
                f"The arms begin with {allocated} people, and {last.stay} come out of {last.title}.",
                where="flow",
                remedy="Count everybody in one arm, and everybody else under a reason.",
            )


def _check_row(name: str, stages: Sequence[Stage]) -> None:
    for place, each in enumerate(stages):
        if each.people < 0 or each.stay < 0 or any(count < 0 for _, count in each.left):
            told = f"{each.title}: {each.people - each.stay} of {each.people} people left."
            raise BadInput(told, where=f"flow, {name}", remedy="Look at the counts.")
        after = stages[place + 1] if place + 1 < len(stages) else None
        if after is not None and after.people != each.stay:
            raise BadInput(
                f"{each.title} lets {each.stay} people through, and {after.title} has {after.people}.",
                where=f"flow, {name}",
                remedy="Give a reason for each who left.",
            )


def consort(flow: Flow, about: About) -> Markup:
    """Return the drawing: shared stages down the left, arms beside each other; on a phone below each other."""
    _, top = heading(about)
    parts, y = _together(flow, about, top + 14)
    wide = (about.width - _BETWEEN * (len(flow.arms) - 1)) / len(flow.arms)
    if wide < _LEAST:
        for arm in flow.arms:
            drawn, y = _beside([arm], wide=about.width - _INDENT, left=_INDENT, y=y)
            parts, y = parts + drawn, y + _GAP
        bottom = y - _GAP
    else:
        parts += _split(flow, about, wide=wide, y=y)
        drawn, bottom = _beside(flow.arms, wide=wide, left=0, y=y)
        parts += drawn
    return framed(about, parts, top=top, bottom=bottom + 8, description=_finding(flow))


def consort_csv(flow: Flow, about: About) -> str:
    """Return every count as CSV: arm, stage, what is counted, people, source."""
    source = " ".join(about.sources)
    lines: list[tuple[object, ...]] = []
    for name, stages in (("all", flow.together), *((arm.name, arm.stages) for arm in flow.arms)):
        for each in stages:
            lines.append((name, each.title, "people", each.people, source))
            lines += [(name, each.title, reason, count, source) for reason, count in each.left]
    return csv_lines(("arm", "stage", "what", "n", "source_sha256"), lines)


def _together(flow: Flow, about: About, y: float) -> tuple[list[Markup], float]:
    """Draw the shared stages at the left, those who left beside them at the right."""
    parts: list[Markup] = []
    wide, beside = round(about.width * _SHARED), round(about.width * 0.5)
    for place, each in enumerate(flow.together):
        box, own = _box([f"{each.title}: {each.people}"], left=0, wide=wide, y=y, strong=True)
        parts, end = [*parts, *box], own
        if each.left:
            told = [f"{reason}: {count}" for reason, count in each.left]
            gone, low = _box(
                [f"Not further: {each.people - each.stay}", *told], left=beside, wide=about.width - beside, y=y
            )
            parts += [*gone, tag("path", class_="ax", d=f"M{wide} {y + 14}H{beside}")]
            end = max(end, low)
        parts.append(
            tag(
                "path",
                class_="ax",
                d=f"M{round(wide / 2, 1)} {own}V{end + _GAP - (12 if place + 1 == len(flow.together) else 0)}",
            )
        )
        y = end + _GAP
    return parts, y


def _split(flow: Flow, about: About, *, wide: float, y: float) -> list[Markup]:
    """Draw the line from the last shared stage to each arm."""
    centres = [round(place * (wide + _BETWEEN) + wide / 2, 1) for place in range(len(flow.arms))]
    stem = round(about.width * _SHARED / 2, 1)
    d = f"M{min(stem, centres[0])} {y - 12}H{max(stem, centres[-1])}"
    return [tag("path", class_="ax", d=d), *(tag("path", class_="ax", d=f"M{at} {y - 12}V{y}") for at in centres)]


def _beside(arms: Sequence[Arm], *, wide: float, left: float, y: float) -> tuple[list[Markup], float]:
    """Draw arms beside each other, stage by stage, so that the same stage stands at the same height."""
    parts: list[Markup] = []
    for place in range(max(len(arm.stages) for arm in arms)):
        ends = []
        for column, arm in enumerate(arms):
            if place < len(arm.stages):
                at = round(left + column * (wide + _BETWEEN), 1)
                drawn, own = _stage(arm, place, left=at, wide=round(wide, 1), y=y)
                parts += drawn
                ends.append((at + 12, own, place + 1 < len(arm.stages)))
        low = max(own for _, own, _ in ends) + _GAP
        parts += [tag("path", class_="ax", d=f"M{at} {own}V{low}") for at, own, further in ends if further]
        y = low
    return parts, y - _GAP


def _stage(arm: Arm, place: int, *, left: float, wide: float, y: float) -> tuple[list[Markup], float]:
    """Draw a box and, under it, who left for which reason."""
    each = arm.stages[place]
    name = [arm.name] if place == 0 else []
    parts, end = _box([*name, f"{each.title}: {each.people}"], left=left, wide=wide, y=y, strong=True)
    if not each.left:
        return parts, end
    told, low = paragraph([f"{why}: {count}" for why, count in each.left], y=end + 20, width=wide - 24)
    moved = Markup('<g transform="translate({} 0)">{}</g>').format(left + 24, Markup("").join(told))
    return [*parts, moved, tag("path", class_="ax", d=f"M{left + 12} {end}V{low - 8}")], low - 8


def _box(
    sentences: Sequence[str], *, left: float, wide: float, y: float, strong: bool = False
) -> tuple[list[Markup], float]:
    """Draw a frame as high as its lines; the first sentence is strong, or all."""
    parts, at = [], y + _PAD + 10
    for place, sentence in enumerate(sentences):
        for line in wrapped(sentence, wide - 2 * _PAD):
            parts.append(text(left + _PAD, round(at, 1), line, look="ti" if strong or place == 0 else ""))
            at += _LINE
    end = round(at - 10 + _PAD - 4, 1)
    frame = tag("rect", class_="sheetf ax", x=left, y=y, width=wide, height=round(end - y, 1), rx=3)
    return [frame, *parts], end


def _finding(flow: Flow) -> str:
    told = [f"{each.title}: {each.people} people." for each in flow.together]
    for arm in flow.arms:
        first, last = arm.stages[0], arm.stages[-1]
        told.append(f"{arm.name}: {first.title} {first.people}, {last.title} {last.people}.")
    return " ".join(told)
