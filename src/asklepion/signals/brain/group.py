"""A group of recordings with the same parcels: its mean connectome, and the phase states that all share."""

from collections.abc import Sequence

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats
from asklepion.signals.brain import dynamics, states
from asklepion.signals.brain.connectivity import connectome
from asklepion.signals.brain.parcels import Recording, without_global_signal
from asklepion.signals.brain.reading import Loaded, keys

Pair = tuple[Floats, Floats]


def z_pair(found: Recording) -> Pair:
    """Return Fisher z of every pair with the global signal, and after its regression."""
    return connectome(found).z, connectome(without_global_signal(found)).z


def reference(others: Sequence[Loaded], own: Loaded, *, where: str) -> Pair:
    """Return the mean Fisher z of a group, with and without global signal, for a recording that is not in it.

    Raises BadInput for fewer than 2 recordings, and for one of other parcels.
    """
    if len(others) < 2:
        what = f"{len(others)} other recordings are no group."
        raise BadInput(what, where=where, remedy="Give two or more besides the recording itself.")
    for each in others:
        if keys(each) != keys(own):
            one, other = len(own.recording.network), len(each.recording.network)
            what = f"A recording of the group has {other} parcels, this one {one}, or they are called otherwise."
            raise BadInput(what, where=where, remedy="Use one parcellation, with the same parcels covered.")
    pairs = [z_pair(each.recording) for each in others]
    return np.asarray(np.mean([each[0] for each in pairs], axis=0)), np.asarray(
        np.mean([each[1] for each in pairs], axis=0)
    )


def leaving_one_out(members: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return for each member the mean of the others. A mean that held itself would look too near.

    Raises BadInput for fewer than 3 members, or members of different size.
    """
    if len(members) < 3 or len({each[0].shape for each in members}) > 1:
        what = f"{len(members)} recordings, not all of the same parcels, are no group for their own members."
        raise BadInput(what, where="reference group", remedy="Give three or more with the same parcels.")
    sums = [np.sum([each[side] for each in members], axis=0) for side in (0, 1)]
    rest = len(members) - 1
    return tuple(((sums[0] - one) / rest, (sums[1] - other) / rest) for one, other in members)


def group_states(found: Sequence[Recording], *, sampling_hz: float, count: int, seed: int) -> Pair:
    """Return the centroids of so many phase states of all recordings strung together, with and without global signal.

    Raises BadInput for a recording with volumes censored in between.
    """
    if any(each.gaps for each in found):
        what = "Volumes were censored in between: states follow from neighbours in time."
        raise BadInput(what, where="states", remedy="Do not censor, or leave the states out.")
    one, other = (
        states.states(
            [dynamics.leading_eigenvectors(dynamics.phases(each.volumes, sampling_hz=sampling_hz)) for each in side],
            count=count,
            seed=seed,
        ).centroids
        for side in (found, [without_global_signal(each) for each in found])
    )
    return one, other
