"""A recording made ready as the plan says, and cut into epochs of one length. What was not asked for is not done."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats
from asklepion.signals.eeg.files import heard
from asklepion.signals.eeg.kinds import EEG, SensorKind
from asklepion.signals.eeg.plan import EegPlan
from asklepion.signals.eeg.recording import Recording
from asklepion.signals.measure import Setting, settings

Settings = tuple[tuple[str, Setting], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Epochs:
    """Epochs x channels x samples in the unit of their kind; `numbers` are their places in the recording, from 1.

    `parameters` are all that was done to them; `words` say what was left out.
    """

    data: Floats
    names: tuple[str, ...]
    sampling_hz: float
    numbers: tuple[int, ...]
    parameters: Settings
    words: tuple[str, ...]
    kind: SensorKind = EEG

    @property
    def samples(self) -> int:
        return int(self.data.shape[2])


def prepare(found: Recording, plan: EegPlan) -> Epochs:
    """Return the epochs of a recording: reference, notch, band-pass and resampling in this order, as far as asked for.

    The average reference is the mean of the channels chosen; named references may be any channel that can be used.
    Filters run over the whole recording before it is cut. Raises BadInput where no epoch is left, where a filter asks
    for frequencies that the rate does not hold, or where a filter is longer than the recording.
    """
    if found.kind != plan.sensors:
        what = f"The recording is of {found.kind.name}, the plan of {plan.kind}."
        raise BadInput(what, where="kind", remedy="Read the kind that the plan names.")
    chosen, reference = _referenced(found, plan)
    ready, told, words = _filtered(chosen, plan)
    return _cut(ready, plan, parameters=settings(kind=found.kind.name, reference=reference, **dict(told)), words=words)


def _referenced(found: Recording, plan: EegPlan) -> tuple[Recording, str]:
    chosen = _chosen(found, plan.channels)
    if plan.reference is None:
        return chosen, "none" if found.kind.magnetic else "as recorded"
    if plan.reference == "average":
        if len(chosen.names) < 2:
            raise BadInput("One channel has no average.", where="reference", remedy="Choose more channels.")
        mean = chosen.data.mean(axis=0)
        return replace(chosen, data=chosen.data - mean), f"average of {len(chosen.names)} channels"
    named = tuple(each.strip() for each in plan.reference.split(","))
    mean = found.only(named).data.mean(axis=0)
    kept = [name for name in chosen.names if name != named[0] or len(named) > 1]
    if not kept:
        raise BadInput("Only the reference is left.", where="reference", remedy="Choose more channels.")
    rest = chosen.only(kept)
    return replace(rest, data=rest.data - mean), f"mean of {', '.join(named)}" if len(named) > 1 else named[0]


def _chosen(found: Recording, channels: tuple[str, ...]) -> Recording:
    """Return the channels asked for without those that were left out when read. Raises BadInput if none is left."""
    if not channels:
        return found
    gone = {name for name, _ in found.left_out}
    kept = tuple(name for name in channels if name not in gone)
    return found.only(kept or channels)


def _filtered(found: Recording, plan: EegPlan) -> tuple[Recording, Settings, tuple[str, ...]]:
    if not (plan.notch_hz or plan.band_pass_hz or plan.resample_hz):
        return found, settings(filter="none"), ()
    mne = _mne()
    data, hz, nyquist = found.data, found.sampling_hz, found.sampling_hz / 2
    told: list[tuple[str, Setting]] = []
    with heard() as said:
        if plan.notch_hz:
            _below(max(plan.notch_hz), nyquist, "notch_hz")
            data = _tried(mne.filter.notch_filter, data, hz, list(plan.notch_hz), where="notch_hz")
            told.append(("notch", ", ".join(f"{each:g} Hz" for each in plan.notch_hz)))
        if plan.band_pass_hz:
            low, high = plan.band_pass_hz
            _below(high, nyquist, "band_pass_hz")
            data = _tried(mne.filter.filter_data, data, hz, low or None, high, where="band_pass_hz")
            told.append(("band_pass", f"{low:g} to {high:g} Hz"))
            told.append(("transitions", _transitions(low, high, nyquist)))
        told.append(("filter", f"MNE {mne.__version__}: FIR, Hamming, zero phase" if told else "none"))
        if plan.resample_hz and plan.resample_hz > hz:
            what = f"{plan.resample_hz:g} Hz is above {hz:g} Hz, at which it was recorded."
            raise BadInput(what, where="resample_hz", remedy="Ask for less: no sample is made up.")
        if plan.resample_hz and plan.resample_hz != hz:
            data = _tried(mne.filter.resample, data, plan.resample_hz, hz, where="resample_hz")
            told.append(("resampled_from_hz", hz))
            hz = plan.resample_hz
    if longer := [each for each in said if "filter_length" in each]:
        raise BadInput(longer[0], where="band_pass_hz, notch_hz", remedy="Give a longer recording or a wider band.")
    return replace(found, data=np.ascontiguousarray(data), sampling_hz=hz), tuple(told), tuple(said)


def _transitions(low: float, high: float, nyquist: float) -> str:
    """Return how wide MNE lets a band-pass fall off at each end, by its rule `auto`."""
    below = f"{min(max(low / 4, 2.0), low):g} Hz below, " if low else ""
    return f"{below}{min(max(high / 4, 2.0), nyquist - high):g} Hz above"


def _mne() -> Any:
    try:
        import mne
    except ImportError as error:
        remedy = "Install `asklepion[research]`, or ask for no filter."
        raise BadInput("MNE is not installed.", where="band_pass_hz", remedy=remedy) from error
    return mne


def _below(hz: float, nyquist: float, where: str) -> None:
    if hz >= nyquist:
        what = f"{hz:g} Hz is not below {nyquist:g} Hz, half of the sampling rate."
        raise BadInput(what, where=where, remedy="Ask for lower frequencies.")


def _tried(work: Callable[..., Any], data: Floats, *values: object, where: str) -> Floats:
    try:
        made: Floats = work(data.copy(), *values, verbose="warning")
    except (ValueError, RuntimeError) as error:
        first = " ".join(str(error).split()).rstrip(".")
        raise BadInput(f"MNE cannot do it: {first}.", where=where, remedy="Change the limits.") from error
    return made


def _cut(found: Recording, plan: EegPlan, *, parameters: Settings, words: tuple[str, ...]) -> Epochs:
    hz = found.sampling_hz
    length = round(plan.epoch_s * hz)
    count = found.data.shape[1] // length if length > 1 else 0
    if not count:
        what = f"{found.seconds:.3g} s at {hz:g} Hz make no epoch of {plan.epoch_s:g} s."
        raise BadInput(what, where="epoch_s", remedy="Ask for shorter epochs, or give a longer recording.")
    used = found.data[:, : count * length]
    data = used.reshape(len(found.names), count, length).transpose(1, 0, 2)
    touched = _touched(found, length, count)
    wide = np.zeros(count, dtype=bool) if plan.limit is None else (np.ptp(data, axis=2) > plan.limit).any(1)
    kept = ~(touched | wide)
    rest = found.data.shape[1] - count * length
    told = (*words, *_left_out(plan, touched, wide, rest_s=rest / hz))
    if not kept.any():
        what = f"None of {count} epochs is left. {' '.join(told)}"
        raise BadInput(what, where="epochs", remedy="Look at the recording, or at the limit of rejection.")
    done = settings(sampling_hz=hz, epoch_s=length / hz, epoch_samples=length)
    limit = settings(**{found.kind.limit: "none" if plan.limit is None else plan.limit})
    return Epochs(
        data=np.ascontiguousarray(data[kept]),
        names=found.names,
        sampling_hz=hz,
        numbers=tuple(int(each) + 1 for each in np.flatnonzero(kept)),
        parameters=(*parameters, *done, *limit),
        words=told,
        kind=found.kind,
    )


def _touched(found: Recording, length: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which epochs a mark of bad data or a jump lies in."""
    begins = np.arange(count) * length / found.sampling_hz
    ends = begins + length / found.sampling_hz
    touched = np.zeros(count, dtype=bool)
    for each in found.annotations:
        if each.bad:
            end = each.onset_s + each.duration_s
            inside = (begins < end) & (each.onset_s < ends) if each.duration_s else (begins < end) & (end < ends)
            touched |= inside
    return touched


def _left_out(plan: EegPlan, touched: Any, wide: Any, *, rest_s: float) -> tuple[str, ...]:
    count, words = len(touched), []
    if touched.any():
        words.append(f"{int(touched.sum())} of {count} epochs touch what the file marks as bad, and are left out.")
    if plan.limit is not None:
        only = int((wide & ~touched).sum())
        most = f"{plan.limit:g} {plan.sensors.unit}"
        words.append(f"{only} of {count} epochs exceed {most} peak to peak, and are left out.")
    if rest_s > 0:
        words.append(f"The last {rest_s:.3g} s fill no epoch, and are left out.")
    return tuple(words)
