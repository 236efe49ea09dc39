"""Which channels of a file are of the kind that is asked for, why the others are not, and where MEG sensors lie."""

from pathlib import Path
from typing import Any

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.eeg.kinds import BY_MNE, MEG_MAG, SensorKind
from asklepion.signals.eeg.recording import Position

OF_ANOTHER_KIND = "Its kind is"
"""How the reason of a channel begins that was left out for its kind."""


def wanted_channels(
    path: Path, raw: Any, channels: tuple[str, ...], *, kind: SensorKind
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the channels that are taken, and the others with why they are not.

    Raises BadInput if none is of the kind, and for one that is named and is of another kind.
    """
    kinds = dict(zip(raw.ch_names, raw.get_channel_types(), strict=True))
    wanted = [name for name in raw.ch_names if name in channels or (not channels and kinds[name] == kind.mne)]
    others = [(name, _other(each)) for name, each in kinds.items() if each != kind.mne and name not in wanted]
    if not wanted:
        raise _none(path, kinds, kind)
    units = {name: int(each["unit"]) for name, each in zip(raw.ch_names, raw.info["chs"], strict=True)}
    strange = [name for name in wanted if units[name] != kind.fiff_unit or (kind.magnetic and kinds[name] != kind.mne)]
    if strange and kind.magnetic:
        what = f"{strange[0]} is no {kind.words}: {_other(kinds[strange[0]])}"
        raise BadInput(what, where=str(path), remedy="Name channels of one kind.")
    if strange:
        what = f"{strange[0]} is not in volts."
        raise BadInput(what, where=str(path), remedy="Name channels of electric potential only.")
    if kind == MEG_MAG:
        _one_design(path, raw, wanted)
    return wanted, others


def _other(kind: str) -> str:
    reads = f" `--kind {BY_MNE[kind].name}` reads it." if kind in BY_MNE else ""
    return f"{OF_ANOTHER_KIND} {kind}.{reads}"


def _none(path: Path, kinds: dict[str, str], kind: SensorKind) -> BadInput:
    held = sorted(set(kinds.values()))
    readable = [f"--kind {each.name}" for each in BY_MNE.values() if each.mne in held]
    others = f"Ask for {' or '.join(readable)}. " if readable else ""
    what = f"It holds no {kind.words} channel, only {', '.join(held)}."
    return BadInput(what, where=str(path), remedy=f"{others}Channels: {', '.join(list(kinds)[:12])}.")


def _axial(raw: Any, names: list[str]) -> list[str]:
    """Return which channels are axial gradiometers: their unit is T, and MNE counts them among magnetometers."""
    coils = {each["ch_name"]: repr(each["coil_type"]) for each in raw.info["chs"]}
    return [name for name in names if "GRAD" in coils[name]]


def _one_design(path: Path, raw: Any, wanted: list[str]) -> None:
    axial = _axial(raw, wanted)
    if axial and len(axial) < len(wanted):
        what = f"{len(axial)} of its {len(wanted)} channels in T are axial gradiometers, as {axial[0]}."
        raise BadInput(what, where=str(path), remedy="Name magnetometers or axial gradiometers: --channels.")


def of_sensors(raw: Any, wanted: list[str], kind: SensorKind) -> tuple[str, ...]:
    """Say what of sensors changes how numbers are to be read: axial gradiometers, and projections not applied."""
    words = []
    if kind == MEG_MAG and (axial := _axial(raw, wanted)):
        words.append(f"Its {len(axial)} sensors in T are axial gradiometers: a difference between two coils.")
    if idle := [each["desc"] for each in raw.info["projs"] if not each["active"]]:
        words.append(f"{len(idle)} projections of the file are not applied: {', '.join(idle)}.")
    return tuple(words)


def of_magnetic(raw: Any, names: list[str]) -> dict[str, Position]:
    """Return where the file has its MEG sensors, in metres of the device."""
    places = {each["ch_name"]: each["loc"][:3] for each in raw.info["chs"]}
    return {
        name: (float(places[name][0]), float(places[name][1]), float(places[name][2]))
        for name in names
        if np.isfinite(places[name]).all() and np.any(places[name])
    }
