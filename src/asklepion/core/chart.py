"""The chart: a fold over a ledger. Corrections resolved, entries of a kind side by side, nothing judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Generic, TypeVar, cast

from asklepion.core.entries import CourseOpened, Entry, MedicineRecorded, Observed, Retracted, Value

E = TypeVar("E", covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """An entry with its place in the ledger. `on` is the clinic's local date of `at`; instants are aware UTC."""

    id: str
    course: str
    seq: int
    entry: E
    at: datetime
    on: date
    recorded_at: datetime
    by: str
    role: str
    device: str
    label: str
    corrects: str
    reason: str
    clock_offset_ms: int
    previous_hash: str
    hash: str
    clock: time | None = None
    """What the clinic's clock showed at `at`, where that is known."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One value with the entry it came from."""

    what: str
    value: bool | float | str
    unit: str
    source: Recorded[Observed]

    @property
    def on(self) -> date:
        return self.source.on


@dataclass(frozen=True, slots=True)
class Chart:
    """The state of one course. Only effective entries are in `kinds`; `struck` maps a corrected id to its correction.

    An amendment stands in the place (`at`) that it gives itself; it replaces what it corrects, under its own id.
    """

    course: str
    seq: int = 0
    kinds: Mapping[type, tuple[Recorded[Entry], ...]] = field(default_factory=dict)
    struck: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: type[E]) -> tuple[Recorded[E], ...]:
        """Return the effective entries of one type, in order of `at`, then of `seq`."""
        return cast("tuple[Recorded[E], ...]", self.kinds.get(kind, ()))

    def opened(self) -> Recorded[CourseOpened] | None:
        return next(iter(self.of(CourseOpened)), None)

    def observed(self, what: str, on: date | None = None) -> Observation | None:
        """Return the latest value of `what` taken on or before `on`."""
        for recorded in reversed(self.of(Observed)):
            if on is not None and recorded.on > on:
                continue
            for value in recorded.entry.values:
                if value.what == what:
                    return _observation(value, recorded)
        return None

    def observations(self, what: str) -> tuple[Observation, ...]:
        """Return every value of `what`, earliest first."""
        return tuple(
            _observation(value, recorded)
            for recorded in self.of(Observed)
            for value in recorded.entry.values
            if value.what == what
        )

    def medicines(self) -> tuple[Recorded[MedicineRecorded], ...]:
        """Return what was last recorded of each medicine, in order of first mention."""
        latest: dict[str, Recorded[MedicineRecorded]] = {}
        for recorded in self.of(MedicineRecorded):
            latest[recorded.entry.medicine] = recorded
        return tuple(latest.values())


def _observation(value: Value, recorded: Recorded[Observed]) -> Observation:
    return Observation(value.what, value.value, value.unit, recorded)


def fold(entries: Iterable[Recorded[Entry]], onto: Chart | None = None, *, course: str = "") -> Chart:
    """Return the chart after `entries`, which follow those already in `onto`. The same whole or in pieces.

    A later amendment of an amendment replaces it; a retraction of a retraction is not a way back: record it anew.
    """
    start = onto or Chart(course)
    kinds = {kind: {recorded.id: recorded for recorded in found} for kind, found in start.kinds.items()}
    struck = dict(start.struck)
    touched: set[type] = set()
    seq = start.seq
    for recorded in entries:
        seq = recorded.seq
        kind = type(recorded.entry)
        if recorded.corrects:
            struck[recorded.corrects] = recorded.id
            for known in kinds.values():
                known.pop(recorded.corrects, None)
        if kind is not Retracted and recorded.id not in struck:
            kinds.setdefault(kind, {})[recorded.id] = recorded
            touched.add(kind)
    ordered = {
        kind: tuple(sorted(found.values(), key=_place)) if kind in touched else tuple(found.values())
        for kind, found in kinds.items()
    }
    return replace(start, seq=seq, kinds=ordered, struck=struck)


def _place(recorded: Recorded[Entry]) -> tuple[datetime, int]:
    return recorded.at, recorded.seq
