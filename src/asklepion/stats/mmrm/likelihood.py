"""The (restricted) likelihood of a compressed trial, with its closed-form gradient and observed Hessian.

With M the inverse covariance of a visit pattern (zero where a visit is missing), X and y its pseudo-subjects, P the
covariance of the fixed effects and r = y - Xb, let E be the sum of X P X' + r r' over a pattern. Then for -2 log L

    gradient_i   = <n M - M E M, dS_i>
    Hessian_ij   = <n M - M E M, d2S_ij> + tr((2 M E M - n M) dS_i M dS_j) - tr(P A_i P A_j) - 2 q_i' P q_j

with A_i = X' M dS_i M X and q_i = X' M dS_i M r; maximum likelihood drops X P X' from E and the trace of A's. The size
of the work depends on patterns, visits and columns, never on subjects. docs/methods/mmrm.md derives
the formulas; the restricted likelihood is that of [patterson1971].
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.mmrm.structures import Structure

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compressed:
    """Pseudo-subjects with the cross-products of the real ones, in orthonormal columns and a unit residual.

    `rows` (S, J, q + 1) holds X and y, zero where a visit is missing; sorted by pattern, `first_rows` (P,) says where
    each pattern begins. `present` (P, J), `subjects` (P,) and `groups` (P,) describe the patterns. `own` (P,) is the
    place of each pattern's covariance among all; None where the patterns of a group share one.
    """

    rows: Array
    first_rows: NDArray[np.intp]
    present: NDArray[np.bool_]
    subjects: Array
    groups: NDArray[np.intp]
    restricted: bool
    own: NDArray[np.intp] | None = None

    @property
    def columns(self) -> int:
        return int(self.rows.shape[2]) - 1

    @property
    def observations(self) -> int:
        return int(np.sum(self.subjects[:, None] * self.present))

    def pattern_of_row(self) -> NDArray[np.intp]:
        ends = np.append(self.first_rows[1:], len(self.rows))
        return np.repeat(np.arange(len(self.first_rows)), ends - self.first_rows)


@dataclass(frozen=True, slots=True)
class Solved:
    """Everything that follows from a covariance: -2 log L (without constants), fixed effects and what they rest on.

    `inverse` (P, J, J); `beta` (q,), `spread` (q, q) its covariance; `leaned` (S, J, q + 1) is M times [X, r].
    """

    deviance: float
    inverse: Array
    beta: Array
    spread: Array
    root: Array
    leaned: Array


@dataclass(frozen=True, slots=True)
class Slopes:
    """Gradient (K,), observed Hessian (K, K) of -2 log L; [X, r]' M dS_i M [X, r] of each parameter (K, q+1, q+1)."""

    gradient: Array
    hessian: Array
    towers: Array


def solve(data: Compressed, sigmas: Array) -> Solved | None:
    """Give what follows from covariances (G, J, J), or each pattern's own; None where one is not positive definite."""
    inverted = _invert(data, sigmas)
    if inverted is None:
        return None
    inverse, logarithms = inverted
    count, visits, width = data.rows.shape
    leaned = inverse[data.pattern_of_row()] @ data.rows
    crossed = data.rows.reshape(count * visits, width).T @ leaned.reshape(count * visits, width)
    try:
        factor = np.linalg.cholesky(crossed[:-1, :-1])
    except np.linalg.LinAlgError:
        return None
    root = np.linalg.inv(factor).T
    spread = root @ root.T
    beta = spread @ crossed[:-1, -1]
    deviance = float(data.subjects @ logarithms + crossed[-1, -1] - crossed[:-1, -1] @ beta)
    if data.restricted:
        deviance += 2 * float(np.log(np.diag(factor)).sum())
    leaned[:, :, -1] -= leaned[:, :, :-1] @ beta
    return Solved(deviance, inverse, beta, spread, root, leaned)


def _invert(data: Compressed, sigmas: Array) -> tuple[Array, Array] | None:
    """Give inverses (P, J, J), zero where a visit is missing, and log determinants (P,)."""
    both = data.present[:, :, None] & data.present[:, None, :]
    visits = sigmas.shape[-1]
    padded = np.where(both, sigmas[data.groups if data.own is None else data.own], np.eye(visits))
    if not np.all(np.isfinite(padded)):
        return None
    try:
        factors = np.linalg.cholesky(padded)
    except np.linalg.LinAlgError:
        return None
    halves = np.linalg.inv(factors)
    inverse = np.where(both, halves.swapaxes(1, 2) @ halves, 0.0)
    return inverse, 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)


def slopes(data: Compressed, at: Array, solved: Solved, shapes: tuple[Structure, ...]) -> Slopes:
    """Give gradient and Hessian by the working parameters of all groups, one group's after the other's."""
    own = blocks(at, shapes)
    changes = [shape.first(block) for shape, block in zip(shapes, own, strict=True)]
    parts = [_group(data, solved, change, k) for k, change in enumerate(changes)]
    towers = np.concatenate([part.towers for part in parts])
    gradient = np.concatenate([part.gradient for part in parts])
    hessian = _between(towers, solved.spread, restricted=data.restricted)
    done = 0
    for shape, block, part in zip(shapes, own, parts, strict=True):
        inside = slice(done, done + shape.size)
        hessian[inside, inside] += part.traces + shape.curvature(block, part.weight)
        done += shape.size
    return Slopes(gradient, (hessian + hessian.T) / 2, towers)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one group adds: <., dS_i>, the traces over pairs of changes, the towers, and the weight n M - M E M."""

    gradient: Array
    traces: Array
    towers: Array
    weight: Array


def _group(data: Compressed, solved: Solved, change: Array, group: int) -> _Part:
    chosen = data.groups == group
    rows = chosen[data.pattern_of_row()]
    seen, inverse = solved.leaned[rows], solved.inverse[chosen]
    starts = np.concatenate([[0], np.cumsum(np.diff(np.append(data.first_rows, len(data.rows)))[chosen])[:-1]])
    outer = _outer(seen, solved.root, restricted=data.restricted)
    weighed = np.add.reduceat(outer, starts.astype(np.intp), axis=0)
    scaled = data.subjects[chosen][:, None, None] * inverse
    if change.ndim == 4:
        place = (np.cumsum(chosen) - 1)[data.pattern_of_row()[rows]]
        return _apart(seen, scaled, weighed, inverse=inverse, change=change, place=place)
    weight = (scaled - weighed).sum(axis=0)
    flat = change.reshape(len(change), -1)
    return _Part(flat @ weight.ravel(), _traces(2 * weighed - scaled, inverse, change), _towers(seen, flat), weight)


def _apart(
    seen: Array, scaled: Array, weighed: Array, *, inverse: Array, change: Array, place: NDArray[np.intp]
) -> _Part:
    """Give a group's part where patterns have changes of their own (K, P, J, J); `place` (S,) is a row's pattern."""
    weight, width = scaled - weighed, seen.shape[2]
    traces = np.einsum("ipab,jpba->ij", (2 * weighed - scaled) @ change, inverse @ change)
    aimed = (change[:, place] @ seen).reshape(len(change), -1, width)
    towers = seen.reshape(-1, width).T @ aimed
    return _Part(np.einsum("kpab,pab->k", change, weight), traces, towers, weight)


def _outer(leaned: Array, root: Array, *, restricted: bool) -> Array:
    """Give M (X P X' + r r') M of each pseudo-subject (S, J, J)."""
    residual = leaned[:, :, -1:]
    sides = np.concatenate([leaned[:, :, :-1] @ root, residual], axis=2) if restricted else residual
    return np.asarray(sides @ sides.swapaxes(1, 2))


def _traces(left: Array, right: Array, change: Array) -> Array:
    """Give the sum over patterns of tr(left dS_i right dS_j) for all i, j."""
    patterns, visits, _ = left.shape
    pairs = left.reshape(patterns, -1).T @ right.reshape(patterns, -1)
    turned = pairs.reshape(visits, visits, visits, visits).transpose(1, 2, 3, 0).reshape(visits**2, visits**2)
    flat = change.reshape(len(change), -1)
    return np.asarray(flat @ turned @ flat.T)


def _towers(leaned: Array, flat: Array) -> Array:
    """Give [X, r]' M dS_i M [X, r] for each i (K, q+1, q+1)."""
    count, visits, width = leaned.shape
    side = leaned.reshape(count, -1)
    crossed = (side.T @ side).reshape(visits, width, visits, width).transpose(0, 2, 1, 3).reshape(visits**2, -1)
    return np.asarray((flat @ crossed).reshape(-1, width, width))


def _between(towers: Array, spread: Array, *, restricted: bool) -> Array:
    """Give -tr(P A_i P A_j) - 2 q_i' P q_j."""
    aimed = towers[:, :-1, -1]
    hessian = -2 * aimed @ spread @ aimed.T
    if restricted:
        wide = spread @ towers[:, :-1, :-1]
        hessian -= wide.reshape(len(wide), -1) @ wide.swapaxes(1, 2).reshape(len(wide), -1).T
    return np.asarray(hessian)


def sigmas(at: Array, shapes: tuple[Structure, ...]) -> Array:
    """Give the covariance of each group (G, J, J), or of each group's patterns, one group's after the other's."""
    each = [shape.sigma(block) for shape, block in zip(shapes, blocks(at, shapes), strict=True)]
    return np.concatenate([sigma.reshape(-1, *sigma.shape[-2:]) for sigma in each])


def blocks(at: Array, shapes: tuple[Structure, ...]) -> list[Array]:
    """Give each group's own working parameters."""
    return np.split(at, np.cumsum([shape.size for shape in shapes])[:-1])
