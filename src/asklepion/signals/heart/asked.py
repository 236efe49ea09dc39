"""What somebody asks of a recording before it is read: the channel, what it is, its rate, and the like."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a file is to be read; what is None is left to the file.

    `unit` (ms or s) and `column` are of intervals as text; `channel`, `signal` (ecg or ppg) and `sampling_hz` of raw
    signals; `annotations` takes the beats of a WFDB record's `.atr`; `sidecar` holds the fields of BIDS' JSON where
    somebody has read them already.
    """

    unit: str | None = None
    column: str | None = None
    channel: str | None = None
    signal: str | None = None
    sampling_hz: float | None = None
    annotations: bool = False
    sidecar: Mapping[str, object] | None = None

    @property
    def raw(self) -> bool:
        """Whether anything was asked that only a raw signal has."""
        return self.signal is not None or self.channel is not None or self.sampling_hz is not None

    @property
    def named(self) -> str | None:
        """The channel or column that was named."""
        return self.channel if self.channel is not None else self.column


def check_no_unit(asked: Asked, path: Path) -> None:
    """Raise BadInput where a unit of intervals was given for a raw signal."""
    if asked.unit is not None:
        what = f"The unit {asked.unit} is one of intervals, and this is a raw signal."
        raise BadInput(what, where=str(path), remedy="Leave --unit out: beats do not depend on the signal's scale.")


def same_rate(asked_hz: float | None, told_hz: float, path: Path) -> float:
    """Return the rate that a file tells. Raises BadInput where another was asked, or it is none."""
    if not 0 < told_hz < float("inf"):
        raise BadInput(f"{told_hz} Hz is no rate.", where=str(path), remedy="Correct the file's sampling rate.")
    if asked_hz is not None and abs(asked_hz - told_hz) > 0.001 * told_hz:
        what = f"The file says {told_hz:.6g} Hz; {asked_hz:g} Hz was given."
        raise BadInput(what, where=str(path), remedy="Leave the rate out, or look at the file.")
    return told_hz
