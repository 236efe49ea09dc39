"""The heart through a session: heart rate, RMSSD and HF power by window, and how much of each window is valid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored, unit_words
from asklepion.paper.figure import LETTER, About, across, fill_look, framed, heading, line_look, number, reach, upwards
from asklepion.paper.svg import Axis, tag, text
from asklepion.paper.tables import csv_lines
from asklepion.signals.heart.session import ARTEFACT_LIMIT_PERCENT, Session, Window
from asklepion.signals.measure import Measure

LEAST_WINDOWS = 2
_SHOWN = (("mean_heart_rate", "Heart rate"), ("rmssd", "RMSSD"), ("hf_power_", "HF power"))
_LEFT, _RIGHT, _PANEL, _STRIP, _ROOM, _ROW = 48, 12, 96, 44, 36, 20
_HOURS_FROM_S = 3 * 3600
_MOST_NAMED = 6
_OUTLINED = 12
"""From this width on a doubtful bar has an outline; below it a cap, for outlines would fill it."""
_COLUMNS = ("stretch", "begin_s", "end_s", "measure", "value", "unit", "n", "valid_percent", "doubtful", "why_none")


@dataclass(frozen=True, slots=True)
class _Panel:
    """A measure through the windows: its words, its unit in words, and its value in each, None where there is none."""

    place: int
    words: str
    unit: str
    values: tuple[float | None, ...]
    baseline: float | None


def through(told: Session, about: About, *, dose_s: float | None = None) -> Markup:
    """Return the picture: a panel for each measure over one time axis, a bar of valid time for each window under them.

    Where more than 5% of a window's time is marked its marks and its bar are hollow, on a quiet ground, and its per
    cent is written out. A stretch taken as the baseline stands under a bracket, its level dotted; `dose_s` (seconds
    from the first beat) is an upright. No line goes across a window without a number. Raises BadInput for a recording
    of fewer than two windows, and for a dose outside of it.
    """
    _checked(told, dose_s)
    panels = _panels(told)
    _, first = heading(about)
    top = first + 8 + _ROW * ((told.baseline is not None) + (dose_s is not None))
    bottom = top + len(panels) * (_ROOM + _PANEL) + _ROOM + _STRIP
    end_s = max(told.whole.end_s, dose_s or 0.0)
    time = Axis(0, end_s, _LEFT, about.width - _RIGHT)
    scale, words = (3600, "hours") if end_s > _HOURS_FROM_S else (60, "minutes")
    along = Axis(0, end_s / scale, time.left, time.right)
    parts = _doubt(told, time, top=top + _ROOM, bottom=bottom)
    parts += across(along, y=bottom, top=top + _ROOM, words=f"{words} from the first beat")
    parts += _events(told, time, dose_s, top=first + 8, bottom=bottom)
    for panel in panels:
        head = top + panel.place * (_ROOM + _PANEL) + _ROOM
        parts += _panel(told, panel, time, head=head)
    parts += _valid(told, time, head=bottom - _STRIP)
    shown = replace(about, notes=_notes(told, about))
    return framed(shown, parts, top=first, bottom=bottom + 40, description=_in_words(told, panels, dose_s))


def through_csv(told: Session, about: About, *, dose_s: float | None = None) -> str:
    """Return the numbers of the picture: a line for each measure of each window, of the baseline, and the dose."""
    source = " ".join(about.sources)
    stretches = [("window", each) for each in told.windows]
    if told.baseline is not None:
        stretches.append(("baseline", told.baseline))
    lines: list[tuple[object, ...]] = []
    for kind, each in stretches:
        for name in _names(told):
            lines.append((*_line(kind, each, name), source))
    if dose_s is not None:
        lines.append(("dose", float(dose_s), *[None] * (len(_COLUMNS) - 2), source))
    return csv_lines((*_COLUMNS, "source_sha256"), lines)


def _line(kind: str, each: Window, name: str) -> tuple[object, ...]:
    found = _measure(each, name)
    value = found.value if found else Unscored("Too few intervals end in this window.")
    none = isinstance(value, Unscored)
    return (
        kind,
        each.begin_s,
        each.end_s,
        name,
        None if none else value,
        found.unit if found else "",
        found.n if found else 0,
        each.valid_percent,
        "yes" if each.doubtful else "no",
        value.reason if isinstance(value, Unscored) else "",
    )


def _checked(told: Session, dose_s: float | None) -> None:
    if len(told.windows) < LEAST_WINDOWS:
        what = f"The recording fills {len(told.windows)} of the {LEAST_WINDOWS} windows that a picture needs."
        raise BadInput(what, where="picture", remedy="Take shorter windows, or a longer recording.")
    if dose_s is not None and not 0 <= dose_s <= told.whole.end_s:
        what = f"A dose at {dose_s:g} s is not within the recording of {told.whole.end_s:.0f} s."
        raise BadInput(what, where="dose", remedy="Give seconds from the first beat.")


def _names(told: Session) -> list[str]:
    """Return the names of the measures that are drawn: those of which a window has a number."""
    known = dict.fromkeys(
        each.name for one in told.windows for each in one.measures if not isinstance(each.value, Unscored)
    )
    return [name for start, _ in _SHOWN for name in known if name.startswith(start)]


def _panels(told: Session) -> list[_Panel]:
    panels = []
    for place, name in enumerate(_names(told)):
        words = next(words for start, words in _SHOWN if name.startswith(start))
        values = tuple(_value(each, name) for each in told.windows)
        unit = next(one.unit for each in told.windows if (one := _measure(each, name)))
        base = None if told.baseline is None else _value(told.baseline, name)
        panels.append(_Panel(place, words, unit_words(unit), values, base))
    return panels


def _measure(window: Window, name: str) -> Measure | None:
    return next((each for each in window.measures if each.name == name), None)


def _value(window: Window, name: str) -> float | None:
    found = _measure(window, name)
    return None if found is None or isinstance(found.value, Unscored) else found.value


def _decimals(panel: _Panel) -> int:
    return 0 if max((each for each in panel.values if each is not None), default=0.0) >= 1000 else 1


def _doubt(told: Session, time: Axis, *, top: float, bottom: float) -> list[Markup]:
    return [
        tag("rect", class_="band", x=time.at(each.begin_s), y=top, width=_wide(each, time), height=bottom - top)
        for each in told.windows
        if each.doubtful
    ]


def _wide(each: Window, time: Axis) -> float:
    return round(time.at(each.end_s) - time.at(each.begin_s), 1)


def _reach(panel: _Panel) -> tuple[float, float]:
    """Return the ends of a scale, at least a fifth of its middle apart: a hair's breadth shall not look like a wave."""
    low, high = reach([*panel.values, panel.baseline], room=0.1)
    middle = (low + high) / 2
    half = max((high - low) / 2, 0.1 * abs(middle))
    return max(middle - half, 0.0), middle + half


def _panel(told: Session, panel: _Panel, time: Axis, *, head: float) -> list[Markup]:
    """Draw a measure: its scale, the baseline's level, the line in pieces between gaps, then the marks."""
    low, high = _reach(panel)
    up = Axis(low, high, head + _PANEL, head)
    words = f"{panel.words}, {panel.unit}"
    parts = upwards(up, left=time.left, right=time.right, most=4, words=words)
    if panel.baseline is not None:
        level = f"M{time.left} {up.at(panel.baseline)}H{time.right}"
        parts.append(tag("path", class_="inks thin dot", d=level))
    line, pen, marks = "", "M", []
    size = max(1.8, min(4.0, 0.34 * _wide(told.windows[0], time)))
    for each, value in zip(told.windows, panel.values, strict=True):
        if value is None:
            pen = "M"
            continue
        x, y = time.at((each.begin_s + each.end_s) / 2), up.at(value)
        line, pen = f"{line}{pen}{x} {y}", "L"
        said = f"{_span(each)}: {number(value, _decimals(panel))} {panel.unit}, {_percent(each)} valid"
        marks.append(_mark(panel.place, x, y, size=size, hollow=each.doubtful, words=said))
    return [*parts, tag("path", class_=line_look(panel.place), d=line), *marks]


def _mark(place: int, x: float, y: float, *, size: float, hollow: bool, words: str) -> Markup:
    """Return a disc, square or triangle, filled, or hollow where the window is doubtful."""
    told = tag("title", words)
    look = f"hol thin {'abc'[place]}" if hollow else fill_look(place)
    r = round(size + hollow, 1)
    if place == 0:
        return tag("circle", told, class_=look, cx=x, cy=y, r=r)
    if place == 1:
        return tag("rect", told, class_=look, x=round(x - r, 1), y=round(y - r, 1), width=2 * r, height=2 * r)
    d = f"M{x} {round(y - 1.2 * r, 1)}l{1.2 * r:.1f} {2.1 * r:.1f}h{-2.4 * r:.1f}z"
    return tag("path", told, class_=look, d=d)


def _valid(told: Session, time: Axis, *, head: float) -> list[Markup]:
    """Draw a bar of valid time for each window, hollow where it is doubtful, with its number where it has room."""
    up = Axis(0, 100, head + _STRIP, head)
    parts = upwards(
        up, left=time.left, right=time.right, most=3, words=f"Valid time, %; line at {100 - ARTEFACT_LIMIT_PERCENT:g}"
    )
    wide = _wide(told.windows[0], time)
    for each in told.windows:
        y = up.at(each.valid_percent)
        shape = {"x": time.at(each.begin_s) + 1, "y": y, "width": max(0.5, round(wide - 2, 1))}
        outline = "hol inks thin" if wide >= _OUTLINED else "sheetf"
        height = round(up.at(0) - y, 1)
        said = tag("title", f"{_span(each)}: {_percent(each)}")
        parts.append(tag("rect", said, class_=outline if each.doubtful else "edgef", **shape, height=height))
        if each.doubtful and wide < _OUTLINED:
            parts.append(tag("path", class_="inks", d=f"M{time.at(each.begin_s)} {y}H{time.at(each.end_s)}"))
        if wide >= 5 * LETTER:
            x = time.at((each.begin_s + each.end_s) / 2)
            parts.append(text(x, round(up.at(0) - 8, 1), number(each.valid_percent, 1), look="ti", anchor="middle"))
    limit = up.at(100 - ARTEFACT_LIMIT_PERCENT)
    return [*parts, tag("path", class_="lim", d=f"M{time.left} {limit}H{time.right}")]


def _events(told: Session, time: Axis, dose_s: float | None, *, top: float, bottom: float) -> list[Markup]:
    """Draw the bracket of the baseline and the upright of the dose, each with its word in a row of its own."""
    parts: list[Markup] = []
    y = top + 14
    if told.baseline is not None:
        left, right = time.at(told.baseline.begin_s), time.at(min(told.baseline.end_s, time.last))
        parts.append(tag("path", class_="inks", d=f"M{left} {y + 14}V{y + 6}H{right}V{y + 14}"))
        parts.append(_word(left, y, f"Baseline, {_span(told.baseline)}", time))
        y += _ROW
    if dose_s is not None:
        at = time.at(dose_s)
        parts.append(tag("path", class_="now", d=f"M{at} {y + 6}V{bottom}"))
        parts.append(_word(at, y, f"Dose, {number(dose_s / 60, 1)} min", time))
    return parts


def _word(x: float, y: float, words: str, time: Axis) -> Markup:
    late = x + LETTER * len(words) > time.right
    return text(time.right if late else x, y, words, look="ti", anchor="end" if late else "start")


def _span(each: Window) -> str:
    return f"{each.begin_s / 60:g} to {each.end_s / 60:g} min"


def _percent(each: Window) -> str:
    return f"{number(each.valid_percent, 1)}%"


def _notes(told: Session, about: About) -> tuple[str, ...]:
    """Return how many intervals there are, which are marked, which windows are doubtful, and what fills no window."""
    of = dict(told.marks)
    marked = ", ".join(f"{count} {name}" for name, count in of.items() if count and name != "normal") or "none"
    notes = [f"n = {told.whole.intervals} intervals, {of.get('normal', 0)} of them normal; marked: {marked}."]
    doubtful = [each for each in told.windows if each.doubtful]
    if doubtful:
        named = ", ".join(f"{_span(each)} ({_percent(each)})" for each in doubtful[:_MOST_NAMED])
        more = f" and {len(doubtful) - _MOST_NAMED} more, see the table" if len(doubtful) > _MOST_NAMED else ""
        many = f"{len(doubtful)} of {len(told.windows)} windows"
        notes.append(
            f"Hollow: more than {ARTEFACT_LIMIT_PERCENT:g}% of the time is marked, {many}; valid {named}{more}."
        )
    if told.baseline is not None:
        notes.append("Dotted: the level of the baseline.")
    rest = told.whole.end_s - told.windows[-1].end_s
    if rest >= 1:
        notes.append(f"The last {number(rest, 0)} s fill no window.")
    return (*notes, *about.notes)


def _in_words(told: Session, panels: Sequence[_Panel], dose_s: float | None) -> str:
    said = [f"{len(told.windows)} windows of {told.windows[0].end_s - told.windows[0].begin_s:g} s"]
    for panel in panels:
        known = [each for each in panel.values if each is not None]
        low, high = (number(each, _decimals(panel)) for each in (min(known), max(known)))
        base = "" if panel.baseline is None else f", {number(panel.baseline, _decimals(panel))} at baseline"
        said.append(f"{panel.words} from {low} to {high} {panel.unit} in {len(known)} of them{base}")
    valid = [each.valid_percent for each in told.windows]
    said.append(f"valid time {number(min(valid), 1)} to {number(max(valid), 1)}%")
    said.append(f"doubtful windows: {sum(each.doubtful for each in told.windows)}")
    if dose_s is not None:
        said.append(f"dose at {number(dose_s / 60, 1)} min")
    return f"{'; '.join(said)}."
