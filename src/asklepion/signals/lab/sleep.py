"""Nights from sleep and wake: time in bed, sleep, efficiency, latency, wake after onset, midsleep, and regularity."""

import cmath
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.knowledge.types import Wanted
from asklepion.signals.lab.sleep_record import Actigraph, Span, Stretch
from asklepion.signals.lab.sleep_regularity import DAY_S, regularity
from asklepion.signals.measure import Measure, settings

_NOTHING_S = 0.05
"""Less is rounding."""
_UNITS = {
    "time_in_bed": "min",
    "total_sleep_time": "min",
    "sleep_efficiency": "%",
    "sleep_onset_latency": "min",
    "wake_after_sleep_onset": "min",
    "awakenings": "1",
    "midsleep": "h",
}
_NO_BED = Unscored("The times in bed are not known.")
Value = float | Unscored


@dataclass(frozen=True, slots=True)
class Night:
    """A night, by the local day on which it began (noon to noon), and how much of it was not scored."""

    on: str
    begin: str
    end: str
    missing_min: float
    measures: tuple[Measure, ...]
    quality: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sleeper:
    """A person's nights, means over them, and the Sleep Regularity Index; `said` tells what was left out, and why."""

    subject: str
    nights: tuple[Night, ...]
    means: tuple[Measure, ...]
    regularity: Measure
    said: tuple[str, ...]


def nights(record: Actigraph, wanted: Wanted | None = None) -> Sleeper:
    """Return what a record tells of each night and over all. Missing time is counted and never filled.

    Of several times in bed from noon to noon the longest is the night. Without times in bed only the sleep of each
    whole day, noon to noon, is told. Raises BadInput for no scored time, and for more than a day in bed.
    """
    if not record.stretches:
        raise BadInput("No time is scored.", where=record.subject or "sleep", remedy="Give sleep and wake.")
    said = [f"{record.unscored} rows have no state"] if record.unscored else []
    if record.beds == ():
        said.append("nobody lies in bed at any time")
    if record.beds is None:
        told = [_night(record, span, in_bed=False) for span in _days(record)]
    else:
        beds, left_out = _main(record)
        said += left_out
        told = [_night(record, each, in_bed=True) for each in beds]
    zones = dict.fromkeys(_zone(offset) for _, offset in record.offsets)
    if len(zones) > 1:
        said.append(f"offsets change: {', '.join(zones)}; clock times are those of each night's own offset")
    return Sleeper(record.subject, tuple(told), _means(told, wanted), regularity(record), tuple(said))


def _main(record: Actigraph) -> tuple[list[Span], list[str]]:
    """Return the longest time in bed of each night, in order, and what is said of the others."""
    by_night: dict[str, list[Span]] = {}
    for each in record.beds or ():
        if each.end_s - each.begin_s > DAY_S:
            what = f"From {_clock(record, each.begin_s)} on are {(each.end_s - each.begin_s) / 3600:.1f} h in bed."
            raise BadInput(what, where=record.subject or "in_bed", remedy="Give each night's own time in bed.")
        by_night.setdefault(_night_of(record, each.begin_s), []).append(each)
    kept, said = [], []
    for on, spans in sorted(by_night.items()):
        longest = max(spans, key=lambda each: each.end_s - each.begin_s)
        kept.append(longest)
        for each in spans:
            if each is not longest:
                minutes = (each.end_s - each.begin_s) / 60
                said.append(f"{on}: {minutes:g} min in bed from {_clock(record, each.begin_s)} are not the night")
    return kept, said


def _days(record: Actigraph) -> list[Span]:
    """Return noon to noon, by the local clock of its beginning, from the first scored time to the last."""
    first, last = record.stretches[0].begin_s, record.stretches[-1].end_s
    local = first + _offset(record, first)
    begin = math.floor((local - DAY_S / 2) / DAY_S) * DAY_S + DAY_S / 2 - _offset(record, first)
    found = []
    while begin < last:
        found.append(Span(begin, begin + DAY_S))
        begin += DAY_S
    return found


def _night(record: Actigraph, span: Span, *, in_bed: bool) -> Night:
    parts = _within(record.stretches, span)
    length = span.end_s - span.begin_s
    missing = length - sum(each.end_s - each.begin_s for each in parts)
    missing = 0.0 if missing < _NOTHING_S else missing
    values = _in_bed(record, span, parts, missing) if in_bed else _without_bed(parts, missing)
    on = _night_of(record, span.begin_s)
    told = settings(step_s=record.step_s, layout=record.layout)
    n = round((length - missing) / record.step_s)
    measures = tuple(
        Measure(name=name, of=on, value=values[name], unit=unit, n=n, parameters=told) for name, unit in _UNITS.items()
    )
    quality = []
    if missing:
        quality.append(f"{missing / 60:g} min are not scored.")
    begin, end = _offset(record, span.begin_s), _offset(record, span.end_s)
    if begin != end:
        quality.append(f"The clock went from {_zone(begin)} to {_zone(end)}: durations are by elapsed time.")
    return Night(on, _clock(record, span.begin_s), _clock(record, span.end_s), missing / 60, measures, tuple(quality))


def _without_bed(parts: Sequence[Stretch], missing: float) -> dict[str, Value]:
    return {**dict.fromkeys(_UNITS, _NO_BED), "total_sleep_time": _bounded(_asleep(parts), missing, scale=1 / 60)}


def _in_bed(record: Actigraph, span: Span, parts: Sequence[Stretch], missing: float) -> dict[str, Value]:
    length = span.end_s - span.begin_s
    asleep = _asleep(parts)
    found: dict[str, Value] = {
        "time_in_bed": length / 60,
        "total_sleep_time": _bounded(asleep, missing, scale=1 / 60),
        "sleep_efficiency": _bounded(asleep, missing, scale=100 / length),
    }
    slept = [each for each in parts if each.asleep]
    if not slept:
        why = Unscored(
            "There is no sleep in it." if not missing else f"{missing / 60:g} min are missing, and no sleep."
        )
        return {**dict.fromkeys(_UNITS, why), **found}
    onset, final = slept[0].begin_s, slept[-1].end_s
    before = _gap(parts, Span(span.begin_s, onset))
    after = _gap(parts, Span(final, span.end_s))
    ends = Unscored(f"{(before + after) / 60:g} min before onset or after the last sleep are missing.")
    found["sleep_onset_latency"] = (
        Unscored(f"{before / 60:g} min before onset are missing.") if before else (onset - span.begin_s) / 60
    )
    middle = (onset + final) / 2
    found["midsleep"] = ends if before or after else ((middle + _offset(record, middle)) % DAY_S) / 3600
    awake = [each for each in parts if not each.asleep and onset <= each.begin_s < final]
    whole = Unscored(f"{missing / 60:g} min are missing.")
    found["wake_after_sleep_onset"] = whole if missing else sum(each.end_s - each.begin_s for each in awake) / 60
    found["awakenings"] = whole if missing else float(_separate(awake))
    return found


def _bounded(asleep: float, missing: float, *, scale: float) -> Value:
    if not missing:
        return asleep * scale
    low, high = asleep * scale, (asleep + missing) * scale
    return Unscored(f"{missing / 60:g} min are missing. It lies between {low:.4g} and {high:.4g}.")


def _asleep(parts: Sequence[Stretch]) -> float:
    return sum(each.end_s - each.begin_s for each in parts if each.asleep)


def _gap(parts: Sequence[Stretch], span: Span) -> float:
    scored = sum(each.end_s - each.begin_s for each in _within(parts, span))
    left = span.end_s - span.begin_s - scored
    return 0.0 if left < _NOTHING_S else left


def _separate(awake: Sequence[Stretch]) -> int:
    """Count times awake; epochs one after the other are one."""
    ends = [-math.inf, *(each.end_s for each in awake)]
    return sum(each.begin_s > end for each, end in zip(awake, ends, strict=False))


def _within(parts: Sequence[Stretch], span: Span) -> list[Stretch]:
    first = bisect_right(parts, span.begin_s, key=lambda each: each.end_s)
    found = []
    for each in parts[first:]:
        if each.begin_s >= span.end_s:
            break
        found.append(Stretch(max(each.begin_s, span.begin_s), min(each.end_s, span.end_s), each.asleep))
    return found


def _means(told: Sequence[Night], wanted: Wanted | None) -> tuple[Measure, ...]:
    found = []
    for index, (name, unit) in enumerate(_UNITS.items()):
        values = [each.measures[index].value for each in told]
        known = [each for each in values if not isinstance(each, Unscored)]
        why = Unscored("No night has a number.")
        mean: Value = why if not known else _clock_mean(known) if unit == "h" else sum(known) / len(known)
        quality = []
        if len(known) < len(values):
            quality.append(f"{len(values) - len(known)} of {len(values)} nights have no number.")
        if wanted is not None and len(known) < wanted.at_least:
            quality.append(
                f"{len(known)} {wanted.what}; {wanted.at_least} or more are wanted ({wanted.basis.confidence})."
            )
        found.append(Measure(name=f"mean_{name}", value=mean, unit=unit, n=len(known), quality=tuple(quality)))
    return tuple(found)


def _clock_mean(hours: Sequence[float]) -> Value:
    """Return the mean of times of day on the circle, so that 23:30 and 0:30 make midnight."""
    centre = sum(cmath.exp(2j * math.pi * each / 24) for each in hours) / len(hours)
    if abs(centre) < 1e-9:
        return Unscored("The times lie opposite each other on the clock.")
    found = cmath.phase(centre) * 24 / (2 * math.pi) % 24
    return 0.0 if math.isclose(found, 24) else found


def _offset(record: Actigraph, at: float) -> float:
    index = bisect_right(record.offsets, at, key=lambda each: each[0]) - 1
    return record.offsets[max(index, 0)][1]


def _zone(offset: float) -> str:
    minutes = abs(round(offset / 60))
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _night_of(record: Actigraph, at: float) -> str:
    return datetime.fromtimestamp(at + _offset(record, at) - DAY_S / 2, UTC).date().isoformat()


def _clock(record: Actigraph, at: float) -> str:
    return datetime.fromtimestamp(at + _offset(record, at), UTC).strftime("%Y-%m-%d %H:%M")
