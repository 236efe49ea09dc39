"""What a change of score is worth, in sentences: larger than its band, inside it, or no band on file."""

from asklepion.core.outcomes import Change, Point
from asklepion.knowledge.types import ChangeBand, Scale

_WHAT = {
    "reliable": "that the scale's own noise can explain",
    "minimal": "that are held to be the smallest important change",
    "detectable": "that are the smallest change the scale can detect",
}


def sentence(scale: Scale, start: Point | None, last: Point | None, change: Change | None, *, count: int) -> str:
    """Return what a line of scores says: `37 now, 56 at baseline. The fall of 19 is larger than the 15 points ...`"""
    if last is None or last.value is None:
        return "No score yet. Empty does not mean zero."
    if count == 1:
        return f"{number(last.value)} at the only reading. A change needs two."
    if start is None or start.value is None:
        return f"{number(last.value)} now. There is no score from before the first session, so no change is counted."
    if change is None:
        return f"{number(last.value)} now. It is the baseline itself: nothing later is scored yet."
    return f"{number(last.value)} now, {number(start.value)} at baseline. {_worth(scale, change)}"


def _worth(scale: Scale, change: Change) -> str:
    moved = abs(change.points)
    if moved == 0:
        return "There is no change."
    way = "fall" if change.points < 0 else "rise"
    said = f"The {way} of {number(moved)}"
    if change.band is None:
        return f"{said} cannot be told from noise: no band is on file for this scale."
    return f"{said} {_against(moved, change.band)}.{_direction(scale, change)}"


def _against(moved: float, band: ChangeBand) -> str:
    points = f"the {number(band.points)} points {_WHAT[band.kind]}"
    if moved < band.points:
        return f"is smaller than {points}"
    return f"is as large as {points}" if moved == band.points else f"is larger than {points}"


def _direction(scale: Scale, change: Change) -> str:
    if change.verdict != "worse":
        return ""
    return " A higher score is worse." if scale.higher_is_worse else " A lower score is worse."


def number(value: float) -> str:
    """Return a number as pages write it: no idle digits, a real minus sign."""
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
