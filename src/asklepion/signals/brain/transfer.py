"""What one network's past tells of another's present: Granger's gain and Gaussian transfer entropy, and their net."""

from dataclasses import dataclass

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats
from asklepion.signals.brain.information import Granger, granger
from asklepion.signals.brain.parcels import Recording

_ONE_SIGNAL = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Transfer:
    """Influence between networks: row on column, the diagonal NaN.

    `nats` is transfer entropy of Gaussian variables: half of Granger's gain [barnett2009].
    """

    networks: tuple[str, ...]
    granger: Granger

    @property
    def nats(self) -> Floats:
        return self.granger.gain / 2

    @property
    def out(self) -> Floats:
        """What each network sends to the others: the mean over them, in nats."""
        return np.asarray(np.nanmean(self.nats, axis=1))

    @property
    def net(self) -> Floats:
        """What each network sends less what it receives, means over the others, in nats: above 0 for a driver."""
        return np.asarray(self.out - np.nanmean(self.nats, axis=0))


def network_series(found: Recording) -> Floats:
    """Return the mean over each network's parcels, time x networks, each parcel first brought to variance 1."""
    centred = found.volumes - found.volumes.mean(axis=0)
    scaled = centred / centred.std(axis=0)
    return np.column_stack([scaled[:, found.members(name)].mean(axis=1) for name in found.networks])


def transfer(found: Recording, *, lags: int = 1) -> Transfer:
    """Return the influence between networks' means over so many volumes. Volumes must follow without gaps.

    Raises BadInput for fewer than two networks, for two whose means are one signal (as two that hold all parcels are
    after the global signal was regressed out), and for a recording too short for the lags.
    """
    if len(found.networks) < 2:
        raise BadInput("There is one network, or none.", where="networks", remedy="Give labels of two or more.")
    series = network_series(found)
    alike = np.abs(np.corrcoef(series.T)) - np.eye(series.shape[1])
    if not np.isfinite(alike).all() or alike.max() > _ONE_SIGNAL:
        one, other = (found.networks[int(each)] for each in np.argwhere(~(alike <= _ONE_SIGNAL))[0])
        what = f"The means of {one} and {other} are one signal, or its mirror image."
        raise BadInput(what, where="networks", remedy="Give labels of more networks.")
    return Transfer(found.networks, granger(series, lags=lags))
