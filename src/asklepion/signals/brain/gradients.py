"""Principal gradients: a diffusion map of which parcels are connected alike, laid on a reference, and its span."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats, table

SPARSITY = 0.9
ALPHA = 0.5
COMPONENTS = 10


@dataclass(frozen=True, slots=True)
class Gradients:
    """Gradients of parcels, parcels x components, strongest first, and the `weight` of each, lambda / (1 - lambda).

    `kept` is how many connections of each parcel the affinity rests on.
    """

    values: Floats
    weight: Floats
    kept: int

    @property
    def ranges(self) -> Floats:
        """The largest less the smallest value of each gradient: how far apart its ends are."""
        return np.asarray(np.ptp(self.values, axis=0))

    def dispersion(self, components: int = 3) -> float:
        """Return the root of parcels' mean squared distance from their centre over the first gradients."""
        part = self.values[:, :components]
        return float(np.sqrt(((part - part.mean(axis=0)) ** 2).sum(axis=1).mean()))


def gradients(
    connectivity: ArrayLike, *, components: int = COMPONENTS, sparsity: float = SPARSITY, alpha: float = ALPHA
) -> Gradients:
    """Return the gradients of a symmetric connectivity, parcels x parcels, as BrainSpace has them [vosdewael2020].

    Each parcel keeps its strongest connections, int(parcels x (1 - sparsity)); affinity is 1 less the angle between two
    such rows over pi; the map is that of [coifman2006] over all scales of time. The sign of a gradient is such that its
    largest element is positive. Raises BadInput for too few parcels for so many components.
    """
    found = _square(connectivity)
    # As BrainSpace counts: 1 - 0.9 is a little below 0.1, so that 400 parcels keep 39 connections and not 40.
    kept = int(len(found) * (1 - sparsity))
    if not 0 <= sparsity < 1 or kept < 2 or components > len(found) - 2:
        what = f"{len(found)} parcels are too few for {components} gradients at a sparsity of {sparsity:g}."
        raise BadInput(what, where="gradients", remedy="Use a finer parcellation, or a lower sparsity.")
    values, weight = _diffused(_affinity(found, kept), components, alpha)
    return Gradients(values, weight, kept)


def pca_gradients(connectivity: ArrayLike, *, components: int = COMPONENTS, sparsity: float = SPARSITY) -> Gradients:
    """Return the principal components of the same affinity: the linear map. `weight` is the share of variance."""
    found = _square(connectivity)
    kept = int(len(found) * (1 - sparsity))
    if kept < 2 or components > len(found) - 2:
        what = f"{len(found)} parcels are too few for {components} gradients at a sparsity of {sparsity:g}."
        raise BadInput(what, where="gradients", remedy="Use a finer parcellation, or a lower sparsity.")
    affinity = _affinity(found, kept)
    left, spread, _ = np.linalg.svd(affinity - affinity.mean(axis=0), full_matrices=False)
    values = left[:, :components] * spread[:components]
    return Gradients(_signed(values), spread[:components] ** 2 / (spread**2).sum(), kept)


def aligned(found: Gradients, reference: ArrayLike) -> Gradients:
    """Return gradients turned and mirrored, not stretched, to lie nearest to a reference, parcels x components.

    Orthogonal Procrustes [schonemann1966]. After it a gradient is a mixture of those that came in, and `weight`, which
    belongs to these, no longer goes with it. Raises BadInput for a reference of other parcels or fewer components.
    """
    target = table(reference, where="reference gradients")
    components = min(target.shape[1], found.values.shape[1])
    if len(target) != len(found.values):
        what = f"It has {len(target)} parcels, the recording {len(found.values)}."
        raise BadInput(what, where="reference gradients", remedy="Use one parcellation.")
    source = found.values[:, :components]
    left, _, right = np.linalg.svd(source.T @ target[:, :components])
    return Gradients(source @ (left @ right), found.weight[:components], found.kept)


def _square(connectivity: ArrayLike) -> Floats:
    found = table(connectivity, where="connectivity")
    if found.shape[0] != found.shape[1] or np.abs(found - found.T).max(initial=0.0) > 1e-9:
        raise BadInput("It is not symmetric.", where="connectivity", remedy="Give parcels x parcels.")
    return found


def _affinity(found: Floats, kept: int) -> Floats:
    strongest = np.argpartition(found, len(found) - kept, axis=1)[:, -kept:]
    rows = np.zeros_like(found)
    np.put_along_axis(rows, strongest, np.take_along_axis(found, strongest, axis=1), axis=1)
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    if not length.all():
        place = int(np.flatnonzero(length == 0)[0]) + 1
        what = f"Parcel {place} (counted from 1) has no connection above zero."
        raise BadInput(what, where="connectivity", remedy="Leave it out.")
    rows /= length[:, None]
    return np.asarray(1 - np.arccos(np.clip(rows @ rows.T, -1.0, 1.0)) / np.pi)


def _diffused(affinity: Floats, components: int, alpha: float) -> tuple[Floats, Floats]:
    """Return the diffusion map, by the symmetric matrix that has the same eigenvalues as the operator."""
    scale = affinity.sum(axis=1) ** -alpha
    kernel = affinity * scale * scale[:, None]
    root = np.sqrt(kernel.sum(axis=1))
    values, vectors = np.linalg.eigh(kernel / root / root[:, None])
    largest = np.argsort(-np.abs(values))[: components + 1]
    values, vectors = values[largest], vectors[:, largest]
    # The first vector is the root itself: dividing by it gives the operator's own vectors, the first of them all ones.
    maps = vectors[:, 1:] / vectors[:, :1]
    share = values[1:] / values[0]
    weight = share / (1 - share)
    return _signed(maps * weight), weight


def _signed(values: Floats) -> Floats:
    largest = np.abs(values).argmax(axis=0)
    return np.asarray(values * np.sign(values[largest, np.arange(values.shape[1])]))
