"""Static connectivity: correlation, its means within and between networks, segregation."""

from dataclasses import dataclass

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats, table
from asklepion.signals.brain.parcels import Recording


@dataclass(frozen=True, slots=True)
class Blocks:
    """Mean Fisher z within and between networks. `z`: networks x networks; NaN within a network of one parcel."""

    networks: tuple[str, ...]
    z: Floats

    def within(self, name: str) -> float | Unscored:
        value = float(self.z[self._at(name), self._at(name)])
        return Unscored(f"{name} has one parcel.") if np.isnan(value) else value

    def between(self, name: str) -> float | Unscored:
        """Return the mean of a network's blocks with each other network, each network counting the same."""
        if len(self.networks) < 2:
            return Unscored("There is one network.")
        return float(np.delete(self.z[self._at(name)], self._at(name)).mean())

    def _at(self, name: str) -> int:
        if name not in self.networks:
            raise BadInput(f"There is no network {name}.", remedy=f"Known: {', '.join(self.networks)}.")
        return self.networks.index(name)


def correlation(volumes: Floats) -> Floats:
    """Return Pearson's correlation of the columns of time x parcels, exactly symmetric, 1 on the diagonal."""
    centred = volumes - volumes.mean(axis=0)
    unit = centred / np.sqrt(np.einsum("tp,tp->p", centred, centred))
    found: Floats = np.clip(unit.T @ unit, -1.0, 1.0)
    found = (found + found.T) / 2
    np.fill_diagonal(found, 1.0)
    return found


def fisher_z(correlations: Floats) -> Floats:
    """Return the inverse hyperbolic tangent off the diagonal, 0 on it. Raises BadInput for two parcels that are one."""
    found = correlations.copy()
    np.fill_diagonal(found, 0.0)
    if np.abs(found).max(initial=0.0) >= 1:
        one, other = (int(each) + 1 for each in np.argwhere(np.abs(found) >= 1)[0])
        what = f"Parcels {one} and {other} (counted from 1) are the same signal, or one is the other turned over."
        raise BadInput(what, where="time x parcels", remedy="Leave one out.")
    return np.asarray(np.arctanh(found))


def mean_connectivity(correlations: Floats) -> float:
    """Return the mean Fisher z over pairs of parcels. It is above the mean correlation."""
    return float(fisher_z(correlations)[np.triu_indices(len(correlations), 1)].mean())


def blocks(found: Recording) -> Blocks:
    """Return mean Fisher z of pairs of parcels within each network and between each two."""
    z = fisher_z(correlation(found.volumes))
    names = found.networks
    one_hot = np.array([[each == name for name in names] for each in found.network], dtype=np.float64)
    sums = one_hot.T @ z @ one_hot
    size = one_hot.sum(axis=0)
    pairs = np.outer(size, size) - np.diag(size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Blocks(names, sums / pairs)


def segregation(found: Recording) -> float | Unscored:
    """Return system segregation (Zw - Zb) / Zw of [chan2014]: negative correlations are zero, parcels pool.

    After the global signal was regressed out it is not defined: connectivity is then centred near zero by construction,
    and the zeroed negatives are half of it.
    """
    if found.without_global_signal:
        return Unscored("Segregation is not defined after global-signal regression.")
    if not found.networks:
        return Unscored("No parcel has a network: give labels.")
    z = np.maximum(fisher_z(correlation(found.volumes[:, found.labelled])), 0.0)
    names = np.array(found.network)[found.labelled]
    same = names[:, None] == names[None]
    above = np.triu(np.ones_like(same), 1)
    if not (same & above).any() or not (~same & above).any():
        return Unscored("It needs pairs within networks and between networks.")
    within, between = float(z[same & above].mean()), float(z[~same & above].mean())
    return Unscored("No pair within a network is positive.") if within == 0 else (within - between) / within


@dataclass(frozen=True, slots=True)
class Connectome:
    """Fisher z of every pair of parcels (0 on the diagonal), each parcel's name and its network, empty for none."""

    z: Floats
    names: tuple[str, ...]
    network: tuple[str, ...]

    @property
    def pairs(self) -> Floats:
        """The upper triangle as one row: each pair of parcels once."""
        return np.asarray(self.z[np.triu_indices(len(self.z), 1)])


def connectome(found: Recording, names: tuple[str, ...] = ()) -> Connectome:
    """Return a recording's connectome; parcels without a name are called by their number, from 1."""
    called = names or tuple(str(place) for place in range(1, len(found.network) + 1))
    return Connectome(fisher_z(correlation(found.volumes)), called, found.network)


def distance(correlations: Floats, baseline: Floats) -> float:
    """Return 1 minus the correlation of two connectivities over pairs of parcels: 0 if alike in pattern.

    It does not see a change of all pairs alike; `rms_distance` does. Raises BadInput for matrices of different size.
    """
    one, other = _alike(correlations, baseline)
    return float(1 - np.corrcoef(one, other)[0, 1])


def rms_distance(z: Floats, baseline: Floats) -> float:
    """Return the root of the mean squared difference of Fisher z over pairs: Euclidean distance / root of pairs.

    In units of z and so the same for any number of parcels. Raises BadInput for matrices of different size.
    """
    one, other = _alike(z, baseline)
    return float(np.sqrt(np.mean((one - other) ** 2)))


def _alike(correlations: Floats, baseline: Floats) -> tuple[Floats, Floats]:
    one, other = table(correlations, where="connectivity"), table(baseline, where="baseline")
    if one.shape != other.shape:
        what = f"It has {one.shape[0]} parcels, the baseline {other.shape[0]}."
        raise BadInput(what, where="connectivity", remedy="Use one parcellation.")
    above = np.triu_indices(len(one), 1)
    return one[above], other[above]
