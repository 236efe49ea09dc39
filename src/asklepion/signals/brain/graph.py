"""Graph measures of a connectivity matrix: participation, signed modularity, consensus over seeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats, table
from asklepion.signals.compiled import compiled

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Participation:
    """The participation coefficient of each node over positive weights, and over negative ones by their size."""

    positive: Floats
    negative: Floats


@dataclass(frozen=True, slots=True)
class Partition:
    """A consensus of partitions: the module of each node (from 0), its quality, and that of each seed."""

    module: Labels
    quality: float
    of_seeds: tuple[float, ...]


def participation(weights: ArrayLike, module: ArrayLike) -> Floats:
    """Return 1 - sum over modules of (strength to it / strength)^2 for each node [guimera2005]; 0 without strength.

    The diagonal does not count. Of directed weights those that go out count: from row to column.

    Raises BadInput for a negative weight: the definition has no place for one. See `signed_participation`.
    """
    found = _square(weights)
    if found.min(initial=0.0) < 0:
        raise BadInput(
            "A weight is negative, and the participation coefficient needs weights of 0 or more.",
            where="weights",
            remedy="Use signed_participation, which parts the signs.",
        )
    return _participation(found, _one_hot(module, len(found)))


def signed_participation(weights: ArrayLike, module: ArrayLike) -> Participation:
    """Return the participation coefficient of positive and of negative weights, each on its own [rubinov2011]."""
    found = _square(weights)
    modules = _one_hot(module, len(found))
    return Participation(
        _participation(np.maximum(found, 0.0), modules), _participation(np.maximum(-found, 0.0), modules)
    )


def modularity(weights: ArrayLike, module: ArrayLike, *, gamma: float = 1.0) -> float:
    """Return the signed modularity Q* of a partition [rubinov2011]; without negative weights it is Newman's Q.

    Positive weights count by their own null model; negative ones too, scaled by their share of all weight.
    """
    found = _quality_matrix(_matrix(weights), gamma)
    modules = _one_hot(module, len(found))
    return float(np.einsum("ik,ij,jk->", modules, found, modules, optimize=True))


def consensus(
    weights: ArrayLike, *, seeds: int = 50, seed: int = 0, gamma: float = 1.0, threshold: float = 0.5
) -> Partition:
    """Return the consensus of Louvain partitions of signed Q* over so many seeds [blondel2008, lancichinetti2012].

    How often two nodes fall together, below `threshold` zero, is partitioned anew until all seeds agree. Raises
    BadInput for a matrix without weights.
    """
    quality = _quality_matrix(_matrix(weights), gamma)
    if seeds < 1:
        raise BadInput("At least one seed is needed.", where="seeds", remedy="Give 1 or more.")
    runs = [_louvain(quality, seed + each) for each in range(seeds)]
    of_seeds = tuple(_quality(quality, each) for each in runs)
    for turn in range(1, 100):
        if all(np.array_equal(each, runs[0]) for each in runs):
            break
        together = np.mean([each[:, None] == each[None] for each in runs], axis=0)
        np.fill_diagonal(together, 0.0)
        together[together < threshold] = 0.0
        if not together.any():
            runs = [np.arange(len(quality))]
            break
        agreed = _quality_matrix(together, gamma)
        runs = [_louvain(agreed, seed + turn * seeds + each) for each in range(seeds)]
    return Partition(runs[0], _quality(quality, runs[0]), of_seeds)


def _matrix(weights: ArrayLike) -> Floats:
    """Return weights with an empty diagonal. Raises BadInput if they are not square and symmetric."""
    found = _square(weights).copy()
    if np.abs(found - found.T).max(initial=0.0) > 1e-9:
        raise BadInput("It is not symmetric.", where="weights", remedy="Give undirected weights, node x node.")
    np.fill_diagonal(found, 0.0)
    return found


def _square(weights: ArrayLike) -> Floats:
    found = table(weights, where="weights")
    if found.shape[0] != found.shape[1]:
        rows, columns = found.shape
        raise BadInput(f"It is {rows} x {columns}, not square.", where="weights", remedy="Give node x node weights.")
    return found


def _one_hot(module: ArrayLike, nodes: int) -> Floats:
    named = np.asarray(module)
    if named.shape != (nodes,):
        what = f"There are {nodes} nodes and {named.size} labels."
        raise BadInput(what, where="modules", remedy="Give one label for each node.")
    _, coded = np.unique(named, return_inverse=True)
    return np.asarray(np.eye(int(coded.max()) + 1)[coded])


def _participation(weights: Floats, modules: Floats) -> Floats:
    # Modules x nodes: with the few rows first BLAS takes two thirds of the time.
    to_each = modules.T @ weights.T - np.diag(weights) * modules.T
    strength = to_each.sum(axis=0)
    squares = np.einsum("ki,ki->i", to_each, to_each)
    shares = np.divide(squares, strength**2, out=np.ones_like(strength), where=strength > 0)
    return np.asarray(1 - shares)


def _quality_matrix(weights: Floats, gamma: float) -> Floats:
    """Return the matrix whose sum over pairs within modules is Q* [rubinov2011]."""
    positive, negative = np.maximum(weights, 0.0), np.maximum(-weights, 0.0)
    plus, minus = float(positive.sum()), float(negative.sum())
    if plus + minus == 0:
        raise BadInput("All weights are zero.", where="weights", remedy="Look at the recording.")
    found = np.zeros_like(weights)
    if plus:
        found += (positive - gamma * np.outer(positive.sum(0), positive.sum(0)) / plus) / plus
    if minus:
        found -= (negative - gamma * np.outer(negative.sum(0), negative.sum(0)) / minus) / (plus + minus)
    return found


def _quality(quality: Floats, module: Labels) -> float:
    return float(quality[module[:, None] == module[None]].sum())


def _louvain(quality: Floats, seed: int) -> Labels:
    """Return modules that no move of a node, and no joining of two modules, would better; numbered as they appear."""
    rng = np.random.default_rng(seed)
    module = np.arange(len(quality))
    between = quality.copy()
    while True:
        moved = _moves(between, rng.permutation(len(between)))
        _, coded = np.unique(moved, return_inverse=True)
        module = coded[module]
        if coded.max() + 1 == len(between):
            break
        modules = np.eye(int(coded.max()) + 1)[coded]
        between = modules.T @ between @ modules
    _, first, coded = np.unique(module, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[coded])


@compiled
def _moves(quality: Floats, order: Labels) -> Labels:
    """Move nodes in order, again and again, each to the module where it adds most, until none moves."""
    n = len(quality)
    module = np.arange(n)
    to_each = quality.copy()
    going = True
    while going:
        going = False
        for node in order:
            mine = module[node]
            own = quality[node, node]
            best, most = mine, to_each[node, mine] - own + 1e-12
            for other in range(n):
                if other != mine and to_each[node, other] > most:
                    best, most = other, to_each[node, other]
            if best != mine:
                going = True
                module[node] = best
                for each in range(n):
                    to_each[each, mine] -= quality[each, node]
                    to_each[each, best] += quality[each, node]
    return module
