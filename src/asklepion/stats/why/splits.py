"""Who is kept for judging: people dealt out at random, classes evenly, groups never torn."""

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.columns import Array, Codes

Groups = NDArray[np.intp]


def deal(count: int, folds: int, *, rng: np.random.Generator, classes: Array | None = None) -> Codes:
    """Give a fold of 0 to `folds` - 1 to each of `count` people; each class is dealt out as evenly as can be."""
    found = np.zeros(count, dtype=np.intp)
    start = 0
    for label in [None] if classes is None else np.unique(classes):
        mine = np.arange(count) if label is None or classes is None else np.flatnonzero(classes == label)
        found[rng.permutation(mine)] = (start + np.arange(len(mine))) % folds
        start += len(mine)
    return found


def deal_groups(groups: Groups, folds: int, *, rng: np.random.Generator) -> Codes:
    """Give a fold to each person so that a group is in one fold; the largest groups go first, to the smallest fold."""
    labels, sizes = np.unique(groups, return_counts=True)
    order = rng.permutation(len(labels))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled, of = np.zeros(folds), np.zeros(len(labels), dtype=np.intp)
    for place in order:
        of[place] = int(np.argmin(filled))
        filled[of[place]] += sizes[place]
    return np.asarray(of[np.searchsorted(labels, groups)], dtype=np.intp)
