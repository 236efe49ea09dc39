"""Sleep and wake as scored elsewhere, from CSV: a row an epoch, or a row an interval. What is missing stays missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from asklepion.core.errors import BadInput, BadRow, ManyFaults
from asklepion.signals.lab.files import Row, rows
from asklepion.signals.lab.sleep_record import Actigraph, Span, Stretch

SUBJECT = ("participant_id", "subject")
TIME = ("time", "timestamp")
EPOCHS = "epochs: participant_id (if more than one), time, sleep (0 or 1), in_bed (0 or 1, if known)"
INTERVALS = "intervals: participant_id (if more than one), start, end, state (sleep, wake or in_bed)"
GRID_S = 60.0
"""Intervals are looked at once a minute where a regular grid is needed."""
_MISSING = ("", ".", "NA", "n/a")
_TOLD = 20
_TOLERANCE_S = 0.002
Part = TypeVar("Part", Stretch, Span)


@dataclass(slots=True)
class _Sheet:
    """A file while it is read: how its times are to be taken, and the faults met."""

    path: Path
    local: bool
    faults: list[BadInput] = field(default_factory=list)

    def fault(self, what: str, *, line: int, column: str = "", remedy: str = "") -> None:
        self.faults.append(BadRow(what, file=self.path.name, line=line, column=column, remedy=remedy))

    def instant(self, text: str, *, line: int, column: str) -> tuple[float, float] | None:
        """Return seconds and the offset of a stamp; None if it cannot be taken, which is noted."""
        try:
            found = datetime.fromisoformat(text) if len(text) > len("2026-03-01") else None
        except ValueError:
            found = None
        if found is None:
            self.fault(f"`{text}` is no time.", line=line, column=column, remedy="Write 2026-03-01T23:30:00+01:00.")
            return None
        offset = found.utcoffset()
        if offset is None and not self.local:
            remedy = "Write offsets, as 2026-03-01T23:30:00+01:00, or declare the times local (--local)."
            self.fault(f"`{text}` does not say its time zone.", line=line, column=column, remedy=remedy)
            return None
        if offset is not None and self.local:
            remedy = "Leave out --local."
            self.fault(f"`{text}` carries an offset; it is not merely local.", line=line, column=column, remedy=remedy)
            return None
        if offset is None:
            return found.replace(tzinfo=UTC).timestamp(), 0.0
        return found.timestamp(), offset.total_seconds()

    def close(self) -> None:
        if self.faults:
            what = f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}."
            raise ManyFaults(what, tuple(self.faults[:_TOLD]), where=str(self.path))


def read(path: Path, *, local: bool = False, in_bed: Path | None = None) -> tuple[Actigraph, ...]:
    """Return the record of each person of a file of epochs or of intervals.

    `in_bed` names a file of times in bed (start, end). Every stamp carries an offset, or all are `local`. Raises
    ManyFaults with every row that cannot be taken: no time, a state that is neither 0 nor 1, times that do not rise.
    """
    heading, lines = rows(path)
    sheet = _Sheet(path, local)
    people = _by_person(heading, lines)
    time = next((each for each in TIME if each in heading), None)
    if time is not None and "sleep" in heading:
        found = [_epochs(who, mine, heading, time=time, sheet=sheet) for who, mine in people.items()]
    elif {"start", "end", "state"} <= set(heading):
        found = [_intervals(who, mine, sheet) for who, mine in people.items()]
    else:
        what = f"The columns are {', '.join(heading)}."
        raise BadInput(what, where=str(path), remedy=f"Wanted: {EPOCHS}; or {INTERVALS}.")
    sheet.close()
    kept = tuple(each for each in found if each is not None)
    return kept if in_bed is None else _with_beds(kept, in_bed, local=local)


def _by_person(heading: Sequence[str], lines: Sequence[Row]) -> dict[str, list[Row]]:
    column = next((each for each in SUBJECT if each in heading), None)
    people: dict[str, list[Row]] = {}
    for number, row in lines:
        if column and not row[column]:
            raise BadInput(f"Line {number} does not say whose it is.", where=column, remedy="Name the person.")
        people.setdefault(row[column] if column else "", []).append((number, row))
    return people


def _epochs(who: str, lines: Sequence[Row], heading: Sequence[str], *, time: str, sheet: _Sheet) -> Actigraph | None:
    taken: list[tuple[int, float, float, dict[str, str]]] = []
    for number, row in lines:
        stamp = sheet.instant(row[time], line=number, column=time)
        if stamp is not None:
            taken.append((number, *stamp, row))
    for one, other in pairwise(taken):
        if not other[1] > one[1]:
            what = f"{other[3][time]} does not come after line {one[0]}."
            remedy = "A row stands twice, or the clock went back: then give offsets." if sheet.local else "Order rows."
            sheet.fault(what, line=other[0], column=time, remedy=remedy)
    if len(taken) < 2:
        sheet.fault("Fewer than two epochs are given.", line=lines[0][0], remedy="Give a row for each epoch.")
    if sheet.faults:
        return None
    step = _step([other[1] - one[1] for one, other in pairwise(taken)])
    stretches: list[Stretch] = []
    beds: list[tuple[int, float]] = []
    unscored = 0
    for index, (number, at, _, row) in enumerate(taken):
        since = at - taken[index - 1][1] if index else step
        if since < step - _TOLERANCE_S:
            what = f"It begins {since:g} s after the one before; epochs last {step:g} s."
            sheet.fault(what, line=number, column=time, remedy="Give epochs of one length.")
        state = row["sleep"]
        if state in _MISSING:
            unscored += 1
        elif _yes_no(state, "sleep", number, sheet):
            stretches.append(Stretch(at, at + step, state == "1"))
        if "in_bed" in heading and _yes_no(row["in_bed"], "in_bed", number, sheet) and row["in_bed"] == "1":
            beds.append((index, at))
    offsets = _offsets([(at, offset) for _, at, offset, _ in taken])
    lying = _runs(beds, step) if "in_bed" in heading else None
    return Actigraph(who, tuple(stretches), lying, offsets, step, "epochs", unscored)


def _yes_no(text: str, column: str, line: int, sheet: _Sheet) -> bool:
    if text in ("0", "1"):
        return True
    sheet.fault(f"`{text}` is neither 0 nor 1.", line=line, column=column, remedy="Score it first; counts are none.")
    return False


def _step(gaps: Sequence[float]) -> float:
    """Return the most frequent gap, of several the shortest: longer ones are epochs that are missing."""
    counts = Counter(round(gap, 3) for gap in gaps)
    most = max(counts.values())
    return min(gap for gap, count in counts.items() if count == most)


def _runs(beds: Sequence[tuple[int, float]], step: float) -> tuple[Span, ...]:
    """Return rows in bed one after the other as one time; missing epochs between two of them lie in it."""
    found: list[Span] = []
    last = -2
    for index, at in beds:
        if index == last + 1:
            found[-1] = Span(found[-1].begin_s, at + step)
        else:
            found.append(Span(at, at + step))
        last = index
    return tuple(found)


def _intervals(who: str, lines: Sequence[Row], sheet: _Sheet) -> Actigraph | None:
    stretches: list[tuple[int, Stretch]] = []
    beds: list[tuple[int, Span]] = []
    offsets: list[tuple[float, float]] = []
    unscored = 0
    for number, row in lines:
        ends = _ends(number, row, sheet)
        if ends is None:
            continue
        (begin, first), (end, second) = ends
        offsets += [(begin, first), (end, second)]
        state = row["state"].casefold()
        if state in ("sleep", "wake"):
            stretches.append((number, Stretch(begin, end, state == "sleep")))
        elif state == "in_bed":
            beds.append((number, Span(begin, end)))
        elif state in _MISSING:
            unscored += 1
        else:
            sheet.fault(
                f"`{row['state']}` is no state.", line=number, column="state", remedy="Use sleep, wake, in_bed."
            )
    parts = _apart(stretches, sheet)
    lying = _apart(beds, sheet) if beds else None
    return Actigraph(who, parts, lying, _offsets(offsets), GRID_S, "intervals", unscored)


def _ends(number: int, row: Mapping[str, str], sheet: _Sheet) -> tuple[tuple[float, float], tuple[float, float]] | None:
    begin = sheet.instant(row["start"], line=number, column="start")
    end = sheet.instant(row["end"], line=number, column="end")
    if begin is None or end is None:
        return None
    if not end[0] > begin[0]:
        sheet.fault(
            f"{row['end']} does not come after {row['start']}.", line=number, column="end", remedy="Look at both."
        )
        return None
    return begin, end


def _apart(parts: Sequence[tuple[int, Part]], sheet: _Sheet) -> tuple[Part, ...]:
    """Return parts in order of time; note every one that begins before another has ended."""
    ordered = sorted(parts, key=lambda each: (each[1].begin_s, each[1].end_s))
    for (one_line, one), (line, other) in pairwise(ordered):
        if other.begin_s < one.end_s:
            remedy = "One time has one state: mend the ends, or leave one out."
            sheet.fault(f"It overlaps with line {one_line}.", line=line, remedy=remedy)
    return tuple(each for _, each in ordered)


def _offsets(found: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return where the offset changes, the first included."""
    told: list[tuple[float, float]] = []
    for at, offset in sorted(found):
        if not told or told[-1][1] != offset:
            told.append((at, offset))
    return tuple(told)


def _with_beds(people: Sequence[Actigraph], path: Path, *, local: bool) -> tuple[Actigraph, ...]:
    heading, lines = rows(path)
    if not {"start", "end"} <= set(heading):
        raise BadInput("There is no column start, or none end.", where=str(path), remedy="Give start and end of each.")
    if any(each.beds is not None for each in people):
        raise BadInput(
            "The record says itself when they lay in bed.", where="--in-bed", remedy="Leave one of both out."
        )
    sheet = _Sheet(path, local)
    named = _by_person(heading, lines)
    known = {each.subject for each in people}
    for who, mine in named.items():
        if who not in known:
            sheet.fault(
                f"There is no record of `{who}`.", line=mine[0][0], remedy=f"Known: {', '.join(sorted(known))}."
            )
    found = []
    for each in people:
        parts = []
        for number, row in named.get(each.subject, []):
            ends = _ends(number, row, sheet)
            if ends is not None:
                parts.append((number, Span(ends[0][0], ends[1][0])))
        beds = _apart(parts, sheet)
        shown = Actigraph(
            each.subject, each.stretches, beds or None, each.offsets, each.step_s, each.layout, each.unscored
        )
        found.append(shown)
    sheet.close()
    return tuple(found)
