"""A course as a line with its nights (caseload), and as lanes on one time axis (chart)."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from markupsafe import Markup

from asklepion.flows.lanes import Bar, Lanes, Mark
from asklepion.paper.svg import Axis, joined, picture, tag, text
from asklepion.record.projection import CourseRow

_WIDE, _HIGH, _MIDDLE = 192, 24, 13
_TOP, _LANE, _ROW = 34, 44, 22
_WIDEST_WEEK, _NARROWEST_WEEK, _FITS = 38.5, 30.0, 980
_TICK = "M{x} {y}l4 4 7-8"
_CROSS = "M{x} {y}l8 8m0-8l-8 8"


def course_line(row: CourseRow, on: date) -> Markup:
    """Return the 192 x 24 line of a caseload row: sessions held and planned, today, and where it stopped.

    Follow-up is long and empty: the line ends half its length after the last session, and what is later stands there.
    """
    days = [day for each in row.sessions for day in (each.held_on, each.planned_on) if day]
    begun = min([*([row.enrolled_on] if row.enrolled_on else []), *days, on])
    last = max(days) + (max(days) - begun) // 2 if days else row.ends_on or on
    axis = Axis(0, max((last - begun).days, 1), 8, 184)
    today = min(max(axis.at((on - begun).days), 8), 180)
    ended = row.phase == "ended"
    stop = min(axis.at(((row.ends_on or on) - begun).days), 184) if ended else today
    parts = [tag("path", class_="ax thick-s", d=f"M8 {_MIDDLE - 5}v10")]
    parts.append(tag("path", class_="inks", d=f"M8 {_MIDDLE}H{stop}"))
    if not ended:
        parts.append(tag("path", class_="ax dash", d=f"M{stop} {_MIDDLE}H184"))
    for session in row.sessions:
        day = session.held_on or session.planned_on
        if day and not (ended and not session.held_on):
            look = "nightf" if session.held_on else "nights"
            x = min(max(axis.at((day - begun).days), 14), 178)
            parts.append(tag("circle", class_=look, cx=x, cy=_MIDDLE, r=6 if session.held_on else 5))
    mark = tag("rect", class_="inkf", x=stop - 2, y=_MIDDLE - 6, width=4, height=12) if ended else _pointer(today, 0)
    held = sum(1 for each in row.sessions if each.held_on)
    words = f"{held} of {len(row.sessions)} sessions held" if row.sessions else "No sessions in this protocol"
    return Markup('<svg class="course" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>').format(
        *(_WIDE, _HIGH, words, joined(parts), mark),
    )


def _pointer(x: float, y: float) -> Markup:
    return tag("path", class_="nowf", d=f"M{round(x - 5, 1)} {y}h10l-5 7z")


def lanes(course: Lanes, on: date) -> Markup:
    """Return the lanes of the chart page: names that stay, and the drawing that scrolls under them on a phone."""
    medicines, events = max(len(course.medicines), 2), max(len(course.events), 2)
    rows = (
        ("Visits", 2),
        ("Sessions", 2),
        ("Scales", 2),
        ("Medicines", medicines),
        ("Adverse events", events),
        ("Contacts", 2),
    )
    names = joined(Markup('<li class="rows-{}">{}</li>').format(count, name) for name, count in rows)
    heights = [count * _ROW for _, count in rows]
    tops = [_TOP + sum(heights[:place]) for place in range(len(rows))]
    bottom = _TOP + sum(heights)
    until = min(on, course.last)
    weeks = max((course.last - course.first).days / 7, 1)
    week = min(max(_FITS / weeks, _NARROWEST_WEEK), _WIDEST_WEEK)
    width = round(weeks * week + 48)
    axis = Axis(course.first.toordinal(), course.last.toordinal(), 24, width - 24)
    parts = [
        *_grid(course, axis, tops=tops, bottom=bottom, width=width, week=week),
        *_nights(course.sessions, axis, bottom=bottom),
        *(_today(axis, on, bottom=bottom) if on <= course.last else ()),
        *_windows(course.windows, axis, y=tops[0]),
        *_points(course.visits, axis, y=tops[0] + 22),
        *_sessions(course.sessions, axis, y=tops[1] + 22),
        *_scales(course.scales, axis, y=tops[2] + 22),
        *_bars(course.medicines, axis, y=tops[3], look="a", on=until, width=width),
        *_bars(course.events, axis, y=tops[4], look="b", on=until, width=width),
        *_contacts(course.contacts, axis, y=tops[5] + 22),
    ]
    drawing = picture(
        width, bottom + 6, parts, id="lanes", title=f"Course of {course.course} in weeks from {course.zero_words}",
        description=_words(course, on),
    )  # fmt: skip
    sized = drawing.replace("<svg ", f'<svg width="{width}" height="{bottom + 6}" ', 1)
    place = round(20 * (axis.at(_in_view(course, on).toordinal()) / width))
    return Markup(
        '<div class="lanes"><ul class="names">{}</ul><div class="scroll" role="region" tabindex="0" '
        'aria-label="Time axis, scrolls sideways">{}<span class="today-at at-{}"></span></div></div>{}'
    ).format(
        *(names, Markup(sized), min(max(place, 0), 20), _left_out(course)),
    )


def _in_view(course: Lanes, on: date) -> date:
    """Return the day that is in view at first: today; where the course is over, the middle one of its sessions."""
    held = [each.on for each in course.sessions]
    return held[len(held) // 2] if held and on >= course.last else min(on, course.last)


def _left_out(course: Lanes) -> Markup:
    counts = ((course.medicines_left_out, "medicines"), (course.events_left_out, "adverse events"))
    words = [f"{count} more {what}" for count, what in counts if count]
    said = " and ".join(words)
    return Markup('<p class="small quiet">{} stand in the table.</p>').format(said) if words else Markup("")


def _grid(course: Lanes, axis: Axis, *, tops: list[int], bottom: int, width: int, week: float) -> Iterator[Markup]:
    for y in (*tops, bottom):
        yield tag("path", class_="gr", d=f"M0 {y}H{width}")
    every = 2 if week >= 24 else 4
    first = -((course.zero - course.first).days // 7)
    for number in range(first, (course.last - course.zero).days // 7 + 1):
        if number % every == 0:
            x = axis.at((course.zero + timedelta(weeks=number)).toordinal())
            yield tag("path", class_="gr", d=f"M{x} 26V{bottom}")
            yield text(x, 16, str(number).replace("-", "\N{MINUS SIGN}"), anchor="middle")


def _nights(sessions: Iterable[Mark], axis: Axis, *, bottom: int) -> Iterator[Markup]:
    for each in sessions:
        if each.look == "done":
            x = round(axis.at(each.on.toordinal()) - 6, 1)
            yield tag("rect", class_="nightw", x=x, y=_TOP, width=12, height=bottom - _TOP)


def _today(axis: Axis, on: date, *, bottom: int) -> Iterator[Markup]:
    x = axis.at(on.toordinal())
    yield tag("path", class_="now", d=f"M{x} 24V{bottom}")
    yield tag("path", class_="nowf", d=f"M{round(x - 6, 1)} 20h12l-6 8z")
    yield (
        text(round(x - 10, 1), 29, "today", look="ti", anchor="end")
        if x > 60
        else text(round(x + 10, 1), 29, "today", look="ti")
    )


def _windows(windows: Iterable[tuple[date, date]], axis: Axis, *, y: int) -> Iterator[Markup]:
    for opens, closes in windows:
        left, right = axis.at(opens.toordinal()), axis.at(closes.toordinal() + 1)
        if right >= 0 and left <= axis.right:
            wide = round(max(min(right, axis.right + 12) - max(left, 0), 3), 1)
            yield tag("rect", class_="band", x=max(left, 0), y=y + 13, width=wide, height=18)


def _points(marks: Iterable[Mark], axis: Axis, *, y: int) -> Iterator[Markup]:
    for each in marks:
        x = axis.at(each.on.toordinal())
        yield _point(each, x, y)


def _point(each: Mark, x: float, y: int) -> Markup:
    match each.look:
        case "done":
            shape = tag(
                "path", tag("title", f"{each.label} held"), class_="inks", d=_TICK.format(x=round(x - 5, 1), y=y)
            )
        case "again":
            shape = tag(
                "path",
                tag("title", f"{each.label}, again or unscheduled"),
                class_="inks",
                d=f"M{round(x - 5, 1)} {y}h10m-5-5v10",
            )
        case "missed":
            shape = tag(
                "path", tag("title", f"{each.label} missed"), class_="ln b", d=_CROSS.format(x=round(x - 4, 1), y=y - 4)
            )
        case _:
            shape = tag(
                "rect",
                tag("title", f"{each.label} planned"),
                class_="sheetf ax",
                x=round(x - 4.5, 1),
                y=y - 4.5,
                width=9,
                height=9,
            )
    return shape


def _sessions(sessions: Iterable[Mark], axis: Axis, *, y: int) -> Iterator[Markup]:
    for each in sessions:
        x = axis.at(each.on.toordinal())
        held = each.look == "done"
        yield tag("circle", class_="nightf" if held else "nights", cx=x, cy=y, r=12)
        yield text(x, y + 4.5, each.label, look="tn" if held else "ti", anchor="middle")
        if each.look == "missed":
            yield tag("path", class_="ln b", d=_CROSS.format(x=round(x - 4, 1), y=y - 4))


def _scales(scales: Iterable[Mark], axis: Axis, *, y: int) -> Iterator[Markup]:
    for each in scales:
        x = axis.at(each.on.toordinal())
        if each.look == "missed":
            yield _point(each, x, y)
        else:
            look = "af" if each.look == "done" else "hol a"
            yield tag("circle", tag("title", each.label), class_=look, cx=x, cy=y, r=4.5)


def _bars(bars: Iterable[Bar], axis: Axis, *, y: int, look: str, on: date, width: int) -> Iterator[Markup]:
    for row, bar in enumerate(bars):
        middle = y + row * _ROW + 11
        left = axis.at(bar.first.toordinal()) if bar.first else 0
        right = axis.at(bar.last.toordinal() + 1) if bar.last else axis.at(on.toordinal())
        left, right = max(min(left, width - 8), 0), max(min(right, width), 4)
        yield tag("path", class_=f"ln {look} thick", d=f"M{left} {middle}H{max(right, left + 4)}")
        if not bar.last:
            yield tag("path", class_=f"ln {look} dash", d=f"M{max(right, left + 4)} {middle}h14")
        roomy = right + 24 + 7 * len(bar.label) < width
        if roomy:
            yield text(round(max(right, left + 4) + 20, 1), middle + 4, bar.label)
        else:
            yield text(max(left - 8, 7 * len(bar.label)), middle + 4, bar.label, anchor="end")


def _contacts(contacts: Iterable[Mark], axis: Axis, *, y: int) -> Iterator[Markup]:
    for each in contacts:
        x = axis.at(each.on.toordinal())
        reached = each.look == "done"
        words = f"{each.label}, {'reached' if reached else 'not reached'}"
        yield tag("circle", tag("title", words), class_="inkf" if reached else "nights", cx=x, cy=y, r=3.5)


def _words(course: Lanes, on: date) -> str:
    held = sum(1 for each in course.sessions if each.look == "done")
    missed = sum(1 for each in course.visits if each.look == "missed")
    return (
        f"{held} of {len(course.sessions)} sessions held, {missed} visits missed, {len(course.medicines)} medicines, "
        f"{len(course.events)} adverse events. {_reached(course, on)} The same data stand in the table below."
    )


def _reached(course: Lanes, on: date) -> str:
    if on > course.last:
        return f"It ended by week {(course.last - course.zero).days // 7}."
    return f"Today is week {(on - course.zero).days // 7}."
