"""Subjects of one visit pattern compressed to a few pseudo-subjects with the same cross-products.

A subject enters the likelihood only by the products of its columns and values at every two visits of its pattern. The
distinct columns of a pattern (a column that is the same at every visit counts once) are stacked with the values at each
visit to one wide matrix U, a row for each subject; the triangle R in U = QR has R'R = U'U: its rows serve as subjects.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.mmrm import spatial
from asklepion.stats.mmrm.design import Column, row_values
from asklepion.stats.mmrm.likelihood import Compressed
from asklepion.stats.mmrm.table import Observed

Array = NDArray[np.float64]
_RANK = 1e-9


@dataclass(frozen=True, slots=True)
class Scaled:
    """A compressed trial in orthonormal columns and unit residuals, and the way back.

    Fixed effects are `offset + unit * back @ b`, their covariance `unit^2 * back @ P @ back.T`. `moments` (J, J) are
    the residual cross-products of ordinary least squares, `together` (J, J) how many subjects attended both visits.
    `distances` (P, J, J) are those of each pattern where the covariance goes by coordinates of rows.
    """

    data: Compressed
    offset: Array
    back: Array
    unit: float
    log_weights: float
    moments: Array
    together: Array
    distances: Array | None = None


def compress(
    observed: Observed, design: tuple[Column, ...], visit: str, *, restricted: bool, by_place: bool = False
) -> Scaled:
    """Give the compressed trial; with `by_place`, subjects whose places lie apart differently are no one pattern.

    Raises BadInput if columns of the design cannot be told apart or nothing varies.
    """
    kind_of = spatial.kinds(observed) if by_place else np.zeros(observed.people, dtype=np.intp)
    pieces, patterns, subjects, labels = _by_pattern(observed, design, visit, kind_of=kind_of)
    groups, kinds = np.array(labels, dtype=np.intp).T
    distances = own = None
    if by_place:
        distances = spatial.distances(observed)[np.unique(kind_of, return_index=True)[1]][kinds]
        own = np.argsort(np.argsort(groups, kind="stable"))
    rows = np.concatenate(pieces)
    sizes = np.array([len(piece) for piece in pieces])
    back, offset, spread = _orthonormal(rows, design)
    unit = spread / len(observed.values) ** 0.5
    rows[:, :, -1] -= rows[:, :, :-1] @ offset
    rows[:, :, -1] /= unit
    rows[:, :, :-1] = rows[:, :, :-1] @ back
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    present = np.array(patterns)
    counts = np.array(subjects, dtype=np.float64)
    data = Compressed(rows, starts, present, counts, groups, restricted, own)
    residual = rows[:, :, -1]
    together = (present * counts[:, None]).T @ present
    logs = 0.0 if observed.roots is None else 2 * float(np.log(observed.roots).sum())
    return Scaled(data, offset, back, unit, logs, residual.T @ residual, together, distances)


def _by_pattern(
    observed: Observed, design: tuple[Column, ...], visit: str, *, kind_of: NDArray[np.intp]
) -> tuple[list[Array], list[NDArray[np.bool_]], list[int], list[NDArray[np.intp]]]:
    """Give pseudo-subjects, visits, number of subjects, and (group, kind of distances) of each pattern."""
    levels = observed.visits.levels
    keys = list(dict.fromkeys(column.beyond(visit) for column in design))
    columns = np.array([keys.index(column.beyond(visit)) for column in design])
    shifts = np.stack([column.by_visit(visit, levels) for column in design])
    values = np.stack([row_values(key, observed) for key in keys])
    outcome = observed.values
    if observed.roots is not None:
        values, outcome = values * observed.roots, outcome * observed.roots
    same = np.diff(observed.subjects) == 0
    steady = np.array([not np.any((np.diff(each) != 0) & same) for each in values])
    first = np.flatnonzero(np.diff(observed.subjects, prepend=-1))
    seen = np.zeros((observed.people, len(levels)), dtype=bool)
    seen[observed.subjects, observed.visits.codes] = True
    labels = np.column_stack([seen, observed.groups.codes[first], kind_of])
    kinds, which = _distinct(labels)
    pieces, patterns, subjects, ends = [], [], [], []
    for kind, label in enumerate(kinds):
        present = label[:-2].astype(bool)
        members = first[which == kind][:, None] + np.arange(present.sum())
        pieces.append(_piece(values, outcome, members, steady=steady, columns=columns, shifts=shifts, present=present))
        patterns.append(present)
        subjects.append(len(members))
        ends.append(label[-2:])
    return pieces, patterns, subjects, ends


def _distinct(labels: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the distinct rows, and for each row which one it is."""
    packed = np.ascontiguousarray(labels.astype(np.int32))
    _, first, which = np.unique(
        packed.view(np.dtype((np.void, packed.dtype.itemsize * packed.shape[1]))).ravel(),
        return_index=True,
        return_inverse=True,
    )
    return labels[first], which


def _piece(
    values: Array,
    outcome: Array,
    members: NDArray[np.intp],
    *,
    steady: NDArray[np.bool_],
    columns: NDArray[np.intp],
    shifts: Array,
    present: NDArray[np.bool_],
) -> Array:
    """Give the pseudo-subjects (r, J, q + 1) of one pattern, whose rows are `members` (n, m)."""
    visits: NDArray[np.intp] = np.flatnonzero(present)
    count = len(visits)
    wide = [values[steady][:, members[:, 0]].T]
    wide += [values[~steady][:, members[:, place]].T for place in range(count)]
    triangle: Array = np.asarray(np.linalg.qr(np.concatenate([*wide, outcome[members]], axis=1), mode="r"))
    place = np.empty((len(values), count), dtype=np.intp)
    place[steady] = np.arange(steady.sum())[:, None]
    place[~steady] = steady.sum() + np.arange((~steady).sum())[:, None] + np.arange(count) * (~steady).sum()
    piece = np.zeros((len(triangle), len(present), len(columns) + 1))
    piece[:, visits, :-1] = triangle[:, place[columns].T] * shifts[:, visits].T
    piece[:, visits, -1] = triangle[:, -count:]
    return piece


def _orthonormal(rows: Array, design: tuple[Column, ...]) -> tuple[Array, Array, float]:
    """Give the matrix that makes columns orthonormal (q, q), least squares (q,), and the length of the residual."""
    flat = rows.reshape(-1, rows.shape[2])
    lengths = np.sqrt((flat[:, :-1] ** 2).sum(axis=0))
    lengths[lengths == 0] = 1.0
    _, triangle, pivots = scipy.linalg.qr(flat[:, :-1] / lengths, mode="economic", pivoting=True)
    strength = np.abs(np.diag(triangle))
    if len(strength) < len(pivots) or strength.min() < _RANK * strength[0]:
        lost = pivots[(strength < _RANK * strength[0]).argmax() :] if len(strength) == len(pivots) else pivots[-1:]
        named = ", ".join(str(design[k]) for k in sorted(lost))
        raise BadInput(
            f"The data cannot tell {named} from the other columns of the mean.",
            where="terms",
            remedy="Leave out the covariate or interaction, or join its levels.",
        )
    back = np.zeros_like(triangle)
    back[pivots] = np.linalg.inv(triangle) / lengths[pivots][:, None]
    base = flat[:, :-1] @ back
    offset = back @ (base.T @ flat[:, -1])
    residual = flat[:, -1] - flat[:, :-1] @ offset
    square, whole = float(residual @ residual), float(flat[:, -1] @ flat[:, -1])
    if square <= 1e-20 * whole or whole == 0:
        raise BadInput(
            "The values do not vary beyond what the mean explains.",
            where="value",
            remedy="A constant outcome, or fewer rows than columns of the mean, gives no estimate.",
        )
    return back, offset, square**0.5
