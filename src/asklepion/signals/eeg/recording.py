"""A recording as it was read: channels of one kind, what is marked in it, and what was left out of it by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats, is_counter
from asklepion.signals.eeg.kinds import EEG, SensorKind

Position = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A mark of the file: when it begins, how long it lasts, what it says."""

    onset_s: float
    duration_s: float
    words: str

    @property
    def bad(self) -> bool:
        """Whether no epoch may touch it: it says `bad` or `boundary`, as MNE and EEGLAB write them."""
        return self.words.lower().startswith(("bad", "edge", "boundary"))


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Channels x samples in the unit of their kind. `left_out` is (channel, why); `words` say what was read.

    `files` are what it was read from, where that is more than the file that was named.
    """

    data: Floats
    names: tuple[str, ...]
    sampling_hz: float
    annotations: tuple[Annotation, ...] = ()
    bads: tuple[str, ...] = ()
    positions: Mapping[str, Position] = field(default_factory=dict)
    left_out: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    kind: SensorKind = EEG

    @property
    def seconds(self) -> float:
        return float(self.data.shape[1] / self.sampling_hz)

    def only(self, names: Sequence[str]) -> "Recording":
        """Return the recording with these channels, in this order. Raises BadInput for one that it does not hold."""
        places = {name: place for place, name in enumerate(self.names)}
        gone = dict(self.left_out)
        for name in names:
            if name in gone:
                raise BadInput(f"{name} was left out: {gone[name]}", where="channels", remedy="Name another channel.")
        check_channels(names, self.names)
        if len(set(names)) != len(names):
            raise BadInput("A channel is named twice.", where="channels", remedy="Name each once.")
        kept = [places[name] for name in names]
        return replace(self, data=self.data[kept], names=tuple(names))


def recording(
    data: Floats,
    names: Sequence[str],
    *,
    sampling_hz: float,
    annotations: Sequence[Annotation] = (),
    bads: Sequence[str] = (),
    positions: Mapping[str, Position] | None = None,
    left_out: Sequence[tuple[str, str]] = (),
    words: Sequence[str] = (),
    unit_is_named: bool = True,
    files: Sequence[Path] = (),
    kind: SensorKind = EEG,
) -> Recording:
    """Return a recording of the channels that can be used.

    Those that are flat, count steps, hold NaN or are marked bad are left out by name. A spread that no head has is an
    error where nobody named the unit, and said in `words` where somebody did. Raises BadInput where no channel is left,
    names do not fit, or the rate is no rate.
    """
    if data.ndim != 2 or len(names) != len(data):
        raise BadInput("Names and channels differ in number.", where="the recording", remedy="Name each row.")
    if len(set(names)) != len(names):
        raise BadInput("Two channels have one name.", where="the recording", remedy="Give each its own.")
    if not (np.isfinite(sampling_hz) and sampling_hz > 0):
        raise BadInput(f"{sampling_hz} Hz is no rate.", where="sampling_hz", remedy="Give samples a second.")
    if data.shape[1] < 2:
        raise BadInput("It holds fewer than two samples.", where="the recording", remedy="Give another file.")
    faults = [_fault(row, name in bads) for row, name in zip(data, names, strict=True)]
    gone = [(name, why) for name, why in zip(names, faults, strict=True) if why]
    kept = [place for place, why in enumerate(faults) if not why]
    every = (*left_out, *gone)
    if not kept:
        told = "; ".join(f"{name}: {why}" for name, why in every[:6])
        raise BadInput(f"No channel can be used. {told}", where="the recording", remedy="Look at the recording.")
    data = np.ascontiguousarray(data[kept])
    return Recording(
        data=data,
        names=tuple(names[place] for place in kept),
        sampling_hz=float(sampling_hz),
        annotations=tuple(annotations),
        bads=tuple(name for name in names if name in bads),
        positions=positions or {},
        left_out=every,
        words=(*words, *_amplitude(data, [names[place] for place in kept], kind, unit_is_named=unit_is_named)),
        files=tuple(files),
        kind=kind,
    )


def check_channels(asked: Sequence[str], held: Sequence[str]) -> None:
    """Raise BadInput for a channel that is asked for and that a file does not hold."""
    if missing := [name for name in asked if name not in held]:
        known = ", ".join(list(held)[:12]) + (", ..." if len(held) > 12 else "")
        raise BadInput(f"There is no channel {missing[0]}.", where="channels", remedy=f"Channels: {known}.")


def _fault(row: Floats, marked: bool) -> str:
    wrong = int(np.count_nonzero(~np.isfinite(row)))
    if wrong:
        return f"{wrong} of its {len(row)} samples are no numbers; nothing is filled in."
    if np.ptp(row) == 0:
        return "It is flat."
    if is_counter(row):
        return "It goes by the same step throughout: a counter or a clock, no signal."
    return "The file marks it as bad." if marked else ""


def _amplitude(data: Floats, names: Sequence[str], kind: SensorKind, *, unit_is_named: bool) -> tuple[str, ...]:
    """Return warnings for a median spread over channels that no head has, and for channels that are alone with one.

    Raises BadInput for such a median if the unit was guessed.
    """
    spreads = data.std(axis=1)
    spread = float(np.median(spreads))
    if kind.least <= spread <= kind.most:
        apart = np.flatnonzero((spreads < kind.least) | (spreads > kind.most))
        look = "unit" if kind.magnetic else "unit and its contact"
        return tuple(
            f"{names[int(at)]} has a standard deviation of {spreads[at]:.3g} {kind.unit}. Look at its {look}."
            for at in apart
        )
    what = f"Half of the channels have a standard deviation of at least {spread:.3g} {kind.unit}: these look like "
    what += _like(kind, too_small=spread < kind.least)
    if unit_is_named:
        return (f"{what} Look at the unit and the gain.",)
    raise BadInput(what, where="unit", remedy="Name the unit: V, mV, uV or nV.")


def _like(kind: SensorKind, *, too_small: bool) -> str:
    if kind.magnetic:
        return f"no {kind.words}s near a head, which lie between {kind.least:g} and {kind.most:g} {kind.unit}."
    return "volts." if too_small else "nanovolts or counts of a converter."
