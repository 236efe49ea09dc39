"""The network-based statistic: connected sets of edges that changed, tested as wholes [zalesky2010]."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from asklepion.core.errors import BadInput
from asklepion.stats.change.permute import members, paired_t, share_beyond, signs, welch_t

Array = NDArray[np.float64]


class Size(StrEnum):
    """How large a component is: how many edges it has, or by how much their |t| passes the threshold in all."""

    EXTENT = "extent"
    INTENSITY = "intensity"


@dataclass(frozen=True, slots=True)
class Component:
    """Nodes (from 0) and edges of a component, the t of each edge, its size and p, corrected for all components."""

    nodes: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]
    t: tuple[float, ...]
    size: float
    p: float


@dataclass(frozen=True, slots=True)
class NetworkBased:
    """Components, the largest first, and what the test rests on. No component says nothing about single edges."""

    components: tuple[Component, ...]
    threshold: float
    by: Size
    people: int
    relabelings: int
    exact: bool
    seed: int


def network_based(
    matrices: ArrayLike,
    other: ArrayLike | None = None,
    *,
    threshold: float | None = None,
    by: Size = Size.EXTENT,
    permutations: int = 5_000,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> NetworkBased:
    """Test differences (people, nodes, nodes) within people, or with `other` two groups of matrices, on |t|.

    Components hold edges of both directions; a t tells which. The threshold of |t| is chosen before looking; without
    one it is that of p = .001, two-sided. Raises BadInput for matrices that are not square, symmetric and finite off
    the diagonal.
    """
    first = _edges(matrices, "matrices")
    nodes = int(np.asarray(matrices).shape[1])
    found = _within(first, permutations, seed) if other is None else _apart(first, other, permutations, seed)
    cut = float(stats.t.isf(0.0005, found.df)) if threshold is None else threshold
    largest = np.zeros(found.count)
    for at in range(found.count):
        sizes, _, _ = _components(found.relabeled(at), nodes, cut=cut, by=by)
        largest[at] = sizes.max(initial=0.0)
        if progress is not None:
            progress(at + 1, found.count)
    components = _told(found.observed, nodes, largest, cut=cut, by=by, exact=found.exact)
    return NetworkBased(components, cut, by, found.people, found.count, found.exact, seed)


@dataclass(frozen=True, slots=True)
class _Relabeled:
    """Edges (people, edges) under relabelings: the observed t, and that of each relabeling when asked for."""

    relabeled: Callable[[int], Array]
    observed: Array
    count: int
    exact: bool
    people: int
    df: int


def _within(values: Array, permutations: int, seed: int) -> _Relabeled:
    people = len(values)
    if people < 2:
        raise BadInput("There are too few people.", where="matrices", remedy="Give two or more.")
    pattern, exact = signs(people, most=permutations, seed=seed)
    observed = paired_t(np.ones((1, people)), values)[0]
    return _Relabeled(
        lambda at: paired_t(pattern[at : at + 1], values)[0], observed, len(pattern), exact, people, people - 1
    )


def _apart(first: Array, matrices: ArrayLike, permutations: int, seed: int) -> _Relabeled:
    values = np.concatenate([first, _edges(matrices, "other")])
    people = len(values)
    if min(len(first), people - len(first)) < 2:
        raise BadInput("There are too few people.", where="matrices", remedy="Each group needs two or more.")
    pattern, exact = members(len(first), people, most=permutations, seed=seed)
    observed = welch_t((np.arange(people) < len(first))[None, :], values)[0]
    return _Relabeled(
        lambda at: welch_t(pattern[at : at + 1], values)[0], observed, len(pattern), exact, people, people - 2
    )


def _told(observed: Array, nodes: int, largest: Array, *, cut: float, by: Size, exact: bool) -> tuple[Component, ...]:
    rows, columns = np.triu_indices(nodes, 1)
    sizes, label, passed = _components(observed, nodes, cut=cut, by=by)
    told = []
    for place in np.argsort(-sizes, kind="stable"):
        mine = np.flatnonzero(passed & (label[rows] == place))
        if not len(mine):
            continue
        p = float(share_beyond(sizes[[place]], largest[:, None], all_of_them=exact)[0])
        edges = tuple((int(rows[k]), int(columns[k])) for k in mine)
        inside = tuple(sorted({node for edge in edges for node in edge}))
        told.append(Component(inside, edges, tuple(observed[mine].tolist()), float(sizes[place]), p))
    return tuple(told)


def _edges(matrices: ArrayLike, where: str) -> Array:
    found = np.asarray(matrices, dtype=np.float64)
    if found.ndim != 3 or found.shape[1] != found.shape[2]:
        what = f"Its shape is {found.shape}."
        raise BadInput(what, where=where, remedy="Give people x nodes x nodes.")
    rows, columns = np.triu_indices(found.shape[1], 1)
    upper, lower = found[:, rows, columns], found[:, columns, rows]
    if not np.isfinite(upper).all():
        raise BadInput("An edge is no finite number.", where=where, remedy="Leave the person or the node out.")
    if not np.allclose(upper, lower, rtol=1e-6, atol=1e-9):
        raise BadInput("A matrix is not symmetric.", where=where, remedy="The statistic is of undirected networks.")
    return upper


def _components(t: Array, nodes: int, *, cut: float, by: Size) -> tuple[Array, NDArray[np.intp], NDArray[np.bool_]]:
    """Give the size of each component (0 for single nodes), the component of each node, and which edges passed."""
    rows, columns = np.triu_indices(nodes, 1)
    size = np.abs(t)
    passed = size > cut
    graph = coo_array((passed[passed], (rows[passed], columns[passed])), shape=(nodes, nodes))
    count, label = connected_components(graph, directed=False)
    weight = np.ones(int(passed.sum())) if by is Size.EXTENT else size[passed] - cut
    sizes = np.bincount(label[rows[passed]], weights=weight, minlength=count).astype(np.float64)
    return sizes, label.astype(np.intp), passed
