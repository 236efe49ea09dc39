"""One person's record of sleep and wake: what is scored, when they lay in bed, and by which clock."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in seconds, end excluded, in which somebody slept (`asleep`) or was awake."""

    begin_s: float
    end_s: float
    asleep: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A time in seconds, end excluded."""

    begin_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Actigraph:
    """One person's record. Seconds count from 1970, by elapsed time where stamps carry an offset, else by local clock.

    `beds` is None where nothing says when they lay in bed. `offsets` are (second, seconds east of UTC), in order.
    """

    subject: str
    stretches: tuple[Stretch, ...]
    beds: tuple[Span, ...] | None
    offsets: tuple[tuple[float, float], ...]
    step_s: float
    layout: str
    unscored: int
    """Rows without a state."""
