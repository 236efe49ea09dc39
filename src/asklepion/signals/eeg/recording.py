"""A recording as it was read: channels in microvolt, what is marked in it, and what was left out of it by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats, is_counter

Position = tuple[float, float, float]

LEAST_UV, MOST_UV = 0.01, 5000.0
"""Median spread over channels beyond which a unit cannot be right: amplifiers are noisier than the one, scalps quieter
than the other, by an order of magnitude or more. Ours, and wide on purpose: it tells V and nV from uV, no more."""


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
    """Channels x samples in microvolt with their names. `left_out` is (channel, why); `words` say what was read.

    `files` are what it was read from, where that is more than the file that was named.
    """

    data_uv: Floats
    names: tuple[str, ...]
    sampling_hz: float
    annotations: tuple[Annotation, ...] = ()
    bads: tuple[str, ...] = ()
    positions: Mapping[str, Position] = field(default_factory=dict)
    left_out: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def seconds(self) -> float:
        return float(self.data_uv.shape[1] / self.sampling_hz)

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
        return replace(self, data_uv=self.data_uv[kept], names=tuple(names))


def recording(
    data_uv: Floats,
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
) -> Recording:
    """Return a recording of the channels that can be used.

    Those that are flat, count steps, hold NaN or are marked bad are left out by name. A spread that no scalp has is an
    error where nobody named the unit, and said in `words` where somebody did. Raises BadInput where no channel is left,
    names do not fit, or the rate is no rate.
    """
    if data_uv.ndim != 2 or len(names) != len(data_uv):
        raise BadInput("Names and channels differ in number.", where="the recording", remedy="Name each row.")
    if len(set(names)) != len(names):
        raise BadInput("Two channels have one name.", where="the recording", remedy="Give each its own.")
    if not (np.isfinite(sampling_hz) and sampling_hz > 0):
        raise BadInput(f"{sampling_hz} Hz is no rate.", where="sampling_hz", remedy="Give samples a second.")
    if data_uv.shape[1] < 2:
        raise BadInput("It holds fewer than two samples.", where="the recording", remedy="Give another file.")
    faults = [_fault(row, name in bads) for row, name in zip(data_uv, names, strict=True)]
    gone = [(name, why) for name, why in zip(names, faults, strict=True) if why]
    kept = [place for place, why in enumerate(faults) if not why]
    every = (*left_out, *gone)
    if not kept:
        told = "; ".join(f"{name}: {why}" for name, why in every[:6])
        raise BadInput(f"No channel can be used. {told}", where="the recording", remedy="Look at the recording.")
    data = np.ascontiguousarray(data_uv[kept])
    return Recording(
        data_uv=data,
        names=tuple(names[place] for place in kept),
        sampling_hz=float(sampling_hz),
        annotations=tuple(annotations),
        bads=tuple(name for name in names if name in bads),
        positions=positions or {},
        left_out=every,
        words=(*words, *_amplitude(data, [names[place] for place in kept], unit_is_named)),
        files=tuple(files),
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


def _amplitude(data: Floats, names: Sequence[str], unit_is_named: bool) -> tuple[str, ...]:
    """Return warnings for a median spread over channels that no scalp has, and for channels that are alone with one.

    Raises BadInput for such a median if the unit was guessed.
    """
    spreads = data.std(axis=1)
    spread = float(np.median(spreads))
    if LEAST_UV <= spread <= MOST_UV:
        apart = np.flatnonzero((spreads < LEAST_UV) | (spreads > MOST_UV))
        return tuple(
            f"{names[int(at)]} has a standard deviation of {spreads[at]:.3g} uV. Look at its unit and its contact."
            for at in apart
        )
    like = "volts" if spread < LEAST_UV else "nanovolts or counts of a converter"
    what = f"Half of the channels have a standard deviation of at least {spread:.3g} uV: these look like {like}."
    if unit_is_named:
        return (f"{what} Look at the unit and the gain.",)
    raise BadInput(what, where="unit", remedy="Name the unit: V, mV, uV or nV.")
