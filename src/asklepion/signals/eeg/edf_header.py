"""What the header of an EDF says that its reader would pass over: channels of other rates, and units of no potential.

The reader fills channels of lower rates up to the fastest one, and takes for volts what it does not know.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.signals.eeg.regions import LABEL, bare
from asklepion.signals.eeg.whole import Track, tracks

_READ = ("uV", "\u00b5V", "\u03bcV", "mV", "V")
_NO_SIGNALS = ("EDF Annotations", "BDF Annotations", "Status")
_IN_VOLTS = {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "nV": 1e-9}


@dataclass(frozen=True, slots=True)
class Header:
    """Channels that are of another rate than those taken, with why; and why a channel has no unit of potential.

    `blank` are those whose unit is not written at all: somebody may name it.
    """

    other_rates: tuple[tuple[str, str], ...] = ()
    no_unit: Mapping[str, str] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()

    def factor(self, name: str, unit: str | None) -> float | None:
        """Return by what the reader's volts of a channel are multiplied, None where nothing says its unit."""
        if name not in self.no_unit:
            return 1.0
        return _IN_VOLTS[unit] if unit is not None and name in self.blank else None


def edf_header(path: Path, channels: tuple[str, ...]) -> Header:
    """Return what is to be left out of an EDF or BDF. Raises BadInput if `channels` were sampled at several rates.

    Unless channels are named, those of one rate are taken: that of most labels of the 10-20 system, else of most.
    """
    every = [each for each in tracks(path) if each.label not in _NO_SIGNALS]
    rates = {each.samples for each in every if each.label in channels}
    if len(rates) > 1:
        what = "The channels named were sampled at several rates."
        raise BadInput(what, where=str(path), remedy="Name those of one rate; they are not brought to one here.")
    kept = rates.pop() if rates else _most(every)
    others = [each for each in every if each.samples != kept]
    no_unit = {each.label: _why(each.unit) for each in every if each.unit not in _READ}
    return Header(
        tuple((each.label, f"It has {each.samples} samples a record, those taken {kept}.") for each in others),
        no_unit,
        frozenset(each.label for each in every if not each.unit),
    )


def _most(every: list[Track]) -> int:
    placed = Counter(each.samples for each in every if LABEL.match(bare(each.label)))
    counts = placed or Counter(each.samples for each in every)
    return max(counts, key=lambda samples: (counts[samples], samples), default=0)


def _why(unit: str) -> str:
    return (
        f"Its header gives it in `{unit}`, no unit of potential that is read." if unit else "Its header names no unit."
    )
