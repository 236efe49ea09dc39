"""Phase states: LEiDA's leading eigenvectors put into so many groups, and how a recording lives in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats, table

Labels = NDArray[np.int64]
_MOST_TURNS = 300


@dataclass(frozen=True, slots=True)
class States:
    """Centroids of states, states x parcels, the most lived in first; `spread` is the sum of squared distances.

    `of_seeds` is that sum from every start: starts that disagree have not found one answer.
    """

    centroids: Floats
    spread: float
    of_seeds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """How a recording lives in states, each by its place among the centroids.

    `occupancy` is the share of volumes; `dwell_s` the mean length of a stay in seconds, NaN for a state never entered;
    `transitions` the share of next volumes in each state (row: from; NaN in a row that is never left). `state` is that
    of each volume.
    """

    state: Labels
    occupancy: Floats
    dwell_s: Floats
    transitions: Floats


def states(vectors: Sequence[ArrayLike], *, count: int, seeds: int = 20, seed: int = 0) -> States:
    """Return so many states of the eigenvectors (volumes x parcels) of one person or of a group, strung together.

    k-means by Euclidean distance, begun `seeds` times by k-means++ [arthur2007] from `seed` on, the best kept. The
    vectors carry LEiDA's sign (most elements negative): without one a state and its mirror image would be two. How many
    states there are is the caller's to choose. Raises BadInput for fewer vectors than states.
    """
    found = np.concatenate([table(each, where="eigenvectors") for each in vectors])
    if not 2 <= count <= len(found):
        what = f"{count} states do not fit {len(found)} volumes."
        raise BadInput(what, where="states", remedy="Give 2 or more, and fewer than there are volumes.")
    if seeds < 1:
        raise BadInput("At least one start is needed.", where="seeds", remedy="Give 1 or more.")
    runs = [_clustered(found, count, np.random.default_rng(seed + each)) for each in range(seeds)]
    best, spread = min(runs, key=lambda each: each[1])
    lived = np.bincount(_nearest(found, best), minlength=count)
    return States(best[np.argsort(-lived, kind="stable")], spread, tuple(each[1] for each in runs))


def life(vectors: ArrayLike, centroids: ArrayLike, *, sampling_hz: float) -> Life:
    """Return how one recording lives in given states. Volumes must follow each other without gaps.

    The stays at both ends count as they are seen, so that dwell time is a little short. Raises BadInput for centroids
    of other parcels.
    """
    found, middle = table(vectors, where="eigenvectors"), table(centroids, where="centroids")
    if found.shape[1] != middle.shape[1]:
        what = f"They have {middle.shape[1]} parcels, the recording {found.shape[1]}."
        raise BadInput(what, where="centroids", remedy="Use one parcellation.")
    state = _nearest(found, middle)
    count = len(middle)
    lived = np.bincount(state, minlength=count)
    begins = np.concatenate([[True], state[1:] != state[:-1]])
    stays = np.bincount(state[begins], minlength=count)
    moves = np.zeros((count, count))
    np.add.at(moves, (state[:-1], state[1:]), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        dwell = lived / stays / sampling_hz
        transitions = moves / moves.sum(axis=1, keepdims=True)
    return Life(state, lived / len(state), dwell, transitions)


def _nearest(found: Floats, centroids: Floats) -> Labels:
    apart = (centroids**2).sum(axis=1) - 2 * found @ centroids.T
    return np.asarray(apart.argmin(axis=1))


def _clustered(found: Floats, count: int, rng: np.random.Generator) -> tuple[Floats, float]:
    """Return centroids that no turn of Lloyd's would move, and the sum of squared distances to them."""
    centroids = _begun(found, count, rng)
    state = _nearest(found, centroids)
    for _ in range(_MOST_TURNS):
        for each in range(count):
            own = found[state == each]
            # A state that has emptied begins anew at the vector that lies farthest from its own centroid.
            centroids[each] = own.mean(axis=0) if len(own) else found[_apart(found, centroids, state).argmax()]
        after = _nearest(found, centroids)
        if np.array_equal(after, state):
            break
        state = after
    return centroids, float(_apart(found, centroids, state).sum())


def _begun(found: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Return first centroids after k-means++: each drawn in proportion to its squared distance from those before."""
    chosen = [found[rng.integers(len(found))]]
    nearest = ((found - chosen[0]) ** 2).sum(axis=1)
    while len(chosen) < count:
        total = float(nearest.sum())
        if total <= 1e-12:
            what = f"There are not {count} different volumes."
            raise BadInput(what, where="states", remedy="Ask for fewer states.")
        chosen.append(found[rng.choice(len(found), p=nearest / total)])
        nearest = np.minimum(nearest, ((found - chosen[-1]) ** 2).sum(axis=1))
    return np.array(chosen)


def _apart(found: Floats, centroids: Floats, state: Labels) -> Floats:
    return np.asarray(((found - centroids[state]) ** 2).sum(axis=1))
