"""Where sensors lie, seen from above: the nose is up, the ring from Fpz over T7 to Oz is the unit circle."""

import numpy as np

from asklepion.signals.arrays import Floats
from asklepion.signals.eeg.recording import Recording
from asklepion.signals.eeg.regions import bare, is_ten_twenty

_MONTAGES = ("colin27_1005", "standard_1005")
"""The same positions: MNE 1.13 has given them the first name."""


def on_disc(found: Recording) -> tuple[dict[str, tuple[float, float]], str]:
    """Return channel -> (right, front) on the disc, and whose positions those are, in words.

    Those of the file, where it holds all; else MNE's standard montage by label. Labels of another cap have no positions
    there, and a channel without one is not drawn. MEG sensors have those of the file or none, and none where several
    share a place, as planar gradiometers do.
    """
    if found.kind.magnetic:
        return _of_magnetic(found)
    own = {name: found.positions[name] for name in found.names if name in found.positions}
    if len(own) == len(found.names) and len(own) >= 8:
        return _flattened(list(own), np.array(list(own.values()))), "Positions of electrodes are those of the file."
    if not is_ten_twenty(found.names):
        return {}, "Electrodes have no positions: the labels are not of the 10-20 system and the file holds none."
    try:
        import mne
    except ImportError:
        return {}, "Electrodes have no positions: MNE is not installed."
    montage = next(each for each in _MONTAGES if each in mne.channels.get_builtin_montages())
    standard = mne.channels.make_standard_montage(montage).get_positions()["ch_pos"]
    every = dict(zip(standard, _flattened(list(standard), np.array(list(standard.values()))).values(), strict=True))
    known = {name.lower(): name for name in standard}
    placed = {name: every[known[bare(name).lower()]] for name in found.names if bare(name).lower() in known}
    missing = len(found.names) - len(placed)
    rest = f"; {missing} have none" if missing else ""
    return placed, f"Positions of {len(placed)} electrodes are those of MNE's {montage}{rest}."


def _of_magnetic(found: Recording) -> tuple[dict[str, tuple[float, float]], str]:
    own = {name: found.positions[name] for name in found.names if name in found.positions}
    if len(own) < max(8, len(found.names)):
        return {}, "Sensors have no positions on a picture: the file holds fewer than 8, or not all."
    if len({tuple(round(each, 4) for each in at) for at in own.values()}) < len(own):
        return {}, "Sensors have no positions on a picture: several lie at one place, as planar gradiometers do."
    return _flattened(list(own), np.array(list(own.values()))), "Positions of sensors are those of the file."


def _flattened(names: list[str], at: Floats) -> dict[str, tuple[float, float]]:
    """Return the azimuthal equidistant view from above of points about the sphere that fits them best."""
    design = np.column_stack([2 * at, np.ones(len(at))])
    centre = np.linalg.lstsq(design, (at**2).sum(axis=1), rcond=None)[0][:3]
    x, y, z = (at - centre).T
    flat = np.hypot(x, y)
    far = np.arctan2(flat, z) / (np.pi / 2)
    scale = np.divide(far, flat, out=np.zeros_like(flat), where=flat > 0)
    return {name: (float(right), float(front)) for name, right, front in zip(names, x * scale, y * scale, strict=True)}
