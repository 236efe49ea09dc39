"""One channel of an EDF or BDF file, by MNE, at the channel's own rate."""

from pathlib import Path
from typing import Any

from asklepion.core.errors import AsklepionError, BadInput
from asklepion.signals.eeg.files import heard
from asklepion.signals.eeg.whole import whole_records
from asklepion.signals.heart.asked import Asked, check_no_unit, same_rate
from asklepion.signals.heart.raw import Signal, check_unit, choose


def read(path: Path, asked: Asked) -> Signal:
    """Return the channel that is named, else the first ECG by name. Raises BadInput for a file that is cut off.

    Only that channel is read: among others MNE would bring it to the fastest one's rate by interpolation.
    """
    check_no_unit(asked, path)
    if not path.is_file():
        raise BadInput("The file cannot be read: there is none.", where=str(path), remedy="Look at the path.")
    whole_records(path)
    listing, _ = _raw(path, ())
    kinds = listing.get_channel_types()
    names = [name for name, kind in zip(listing.ch_names, kinds, strict=True) if kind != "stim"]
    chosen = choose(names, channel=asked.named, signal=asked.signal, where=str(path))
    name = names[chosen.place]
    check_unit(str(listing._orig_units.get(name, "")), chosen.kind, name=name, where=str(path))
    raw, said = _raw(path, (name,))
    rate = same_rate(asked.sampling_hz, float(raw.info["sfreq"]), path)
    words = (f"{path.name}: {raw.n_times / rate:.1f} s at {rate:g} Hz.", chosen.words, *said)
    return Signal(raw.get_data()[0], rate, chosen.kind, name, words, (path,))


def _raw(path: Path, only: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
    """Return MNE's recording, of all channels or of some, and what MNE warned of."""
    try:
        import mne
    except ImportError as error:
        remedy = "Install `asklepion[research]`, or give CSV."
        raise BadInput("MNE is not installed.", where=str(path), remedy=remedy) from error
    reader = mne.io.read_raw_bdf if path.suffix.lower() == ".bdf" else mne.io.read_raw_edf
    try:
        with heard() as said:
            raw = reader(path, preload=False, include=list(only) or None, verbose="warning")
    except AsklepionError:
        raise
    except Exception as error:  # readers raise whatever broke them
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        remedy = "Look whether the file is whole, and of the kind that its name says."
        raise BadInput(f"MNE cannot read it: {first.rstrip('.')}.", where=str(path), remedy=remedy) from error
    return raw, tuple(said)
