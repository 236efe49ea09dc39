"""How a visit, its window and today stand to each other, in plain words."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from asklepion.core.chart import Observation, Recorded
from asklepion.core.entries import VisitHeld
from asklepion.core.values import PlannedVisit, VisitState
from asklepion.flows.caseload import ago, short_day
from asklepion.flows.describe import value_words
from asklepion.flows.facts import facts
from asklepion.knowledge.types import Protocol, VisitPlan, Window
from asklepion.record import clock

_ANCHORS = {
    "opening": "the opening of the course",
    "enrolment": "enrolment",
    "consent": "consent",
    "first_dose": "the first dose",
    "last_dose": "the last dose",
    "last_visit": "the visit before it",
}
_HOW = {"in_person": "in person", "video": "by video", "telephone": "by telephone"}


def standing(planned: PlannedVisit, plan: VisitPlan, on: date) -> str:
    """Return how a visit and today stand to each other: `Window closes Thu 26 Nov, in two days.`"""
    if planned.held_on:
        days = ", ".join(short_day(day, on) for day in planned.held_on)
        outside = f", outside its window{_span(planned, on)}" if planned.outside_window else ""
        again = f" {window_words(planned, on)}" if planned.state is not VisitState.DONE else ""
        times = f" {len(planned.held_on)} of {plan.times} times" if again else ""
        return f"Held{times} {days}{outside}.{again}"
    if planned.missed_because:
        return f"Marked as missed: {planned.missed_because.rstrip('.')}."
    return window_words(planned, on)


def window_words(planned: PlannedVisit, on: date) -> str:
    """Return where today lies in the window of a visit that is still to be held."""
    opens, closes = planned.opens, planned.closes
    if planned.why:
        return planned.why
    if closes and on > closes:
        return f"Window closed {short_day(closes, on)}, {ago(closes, on)}."
    if opens and on < opens:
        if opens == closes:
            return f"Window is {short_day(opens, on)} only, {ago(opens, on)}."
        until = f", and closes {short_day(closes, on)}" if closes else ""
        return f"Window opens {short_day(opens, on)}, {ago(opens, on)}{until}."
    if closes:
        return f"Window closes {short_day(closes, on)}, {ago(closes, on)}."
    return f"Open since {short_day(opens, on)}, without an end." if opens else "It can be held on any day."


def counted(plan: VisitPlan, planned: PlannedVisit, protocol: Protocol) -> str:
    """Return from where the window is counted: `Day 7 after Session 1 (17 Nov 2026), between day 5 and day 9.`"""
    window = window_of(plan, planned)
    titles = {each.id: each.title for each in protocol.visits}
    anchor = titles.get(window.anchor) or _ANCHORS.get(window.anchor, window.anchor)
    side = "after" if window.nominal > 0 else "before"
    where = f"Day {abs(window.nominal)} {side} {anchor}" if window.nominal else f"On the day of {anchor}"
    since = f" ({_day(planned.anchor_on)})" if planned.anchor_on else ""
    return f"{where}{since}{_bounds(window)}."


def window_of(plan: VisitPlan, planned: PlannedVisit) -> Window:
    """Return the window that counts: the other one, where the schedule took it."""
    other = plan.otherwise
    return other if other and planned.anchor == other.anchor != plan.window.anchor else plan.window


def _bounds(window: Window) -> str:
    opens, closes = window.opens, window.closes
    if opens is not None and opens == closes == window.nominal:
        return ", that day only"
    first, last = (None if each is None else f"{each}".replace("-", "\N{MINUS SIGN}") for each in (opens, closes))
    if first is None and last is None:
        return ", without bounds"
    if first is None:
        return f", at the latest day {last}"
    return f", between day {first} and day {last}" if last is not None else f", from day {first} on"


def _span(planned: PlannedVisit, on: date) -> str:
    if planned.opens and planned.closes:
        return f" ({short_day(planned.opens, on)} to {short_day(planned.closes, on)})"
    return ""


@dataclass(frozen=True, slots=True)
class LastValue:
    """What was last recorded of something: `128 mmHg`, on which day, how old that is, in which entry."""

    words: str
    on: date
    age: str
    seq: int


def last_value(last: Observation, on: date) -> LastValue:
    """Return what was last recorded, with its age in words."""
    value = next(each for each in last.source.entry.values if each.what == last.what)
    known = facts().observables.get(last.what)
    title = known.title if known else last.what.replace("_", " ")
    words = value_words(value, facts()).removeprefix(title).lstrip(": ")
    return LastValue(words, last.on, ago(last.on, on), last.source.seq)


def hours(held: VisitHeld) -> str:
    """Return when a visit was held: `09:00 to 10:30, 1 h 30 min, in person`."""
    if held.how == "not_told":
        return "The day is told; the hour, and how it was held, are not"
    how = _HOW[held.how]
    if held.ended is None:
        return f"Since {clock.local(held.started):%H:%M}, {how}"
    first, last = clock.local(held.started), clock.local(held.ended)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{_day(last)}, {last:%H:%M}"
    return f"{first:%H:%M} to {until}, {duration(held.ended - held.started)}, {how}"


def duration(lasted: timedelta) -> str:
    """Return a length of time as people say it: `1 h 30 min`."""
    minutes = round(lasted.total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def kept_words(recorded: Recorded[VisitHeld]) -> str:
    """Return what a reader has to know of the times: recorded on a later day, or from a device whose clock was off."""
    words = []
    if clock.local_date(recorded.recorded_at) > recorded.on:
        at = clock.local(recorded.recorded_at)
        words.append(f"Recorded later, on {_day(at)}, {at:%H:%M}.")
    if offset := recorded.clock_offset_ms:
        side = "ahead of" if offset > 0 else "behind"
        words.append(f"The device's clock was {duration(timedelta(milliseconds=abs(offset)))} {side} the server's.")
    return " ".join(words)


def _day(value: date | datetime) -> str:
    return f"{value.day} {value:%b %Y}"
