"""The imputation model fitted again and again: without each subject, and to samples drawn with replacement.

A refit begins at the optimum of all subjects and works on compressed patterns: leaving a subject out changes one
triangle, so that a refit costs a step or two of Newton's method whatever the number of subjects.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import AsklepionError
from asklepion.stats.columns import Codes, Factor
from asklepion.stats.missing.trial import Trial, places
from asklepion.stats.mmrm import Fit, Model, fit, likelihood
from asklepion.stats.mmrm.design import row_values
from asklepion.stats.mmrm.likelihood import Compressed
from asklepion.stats.mmrm.newton import minimise

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Told = Callable[[int, int], None]
# Share of bootstrap samples that may give no optimum before the whole is refused: the default of R's rbmi.
THRESHOLD = 0.01


class RefitFailed(AsklepionError):
    """A refit gave no proper optimum, so that there is no standard error."""

    code = "refit_failed"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Fixed effects (q,) and the covariance of each group (G, J, J), in the units of the table."""

    beta: Array
    sigmas: Array


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything a refit needs, subject by subject (n), in the order of the trial.

    `features` (n, k) are the parts of columns beyond the visit, `as_reference` (n, k) the same were the subject in the
    reference arm; column c of the mean at visit j is `features[:, key_of[c]] * shifts[c, j]`. `values` (n, J) is zero
    where `used` (n, J) is false: not seen, or seen after an event whose strategy is not MAR.
    """

    fit: Fit
    features: Array
    as_reference: Array
    key_of: Codes
    shifts: Array
    values: Array
    used: Mask
    groups: Codes

    def design(self, features: Array) -> Array:
        """Give the columns of the mean of each subject at each visit (n, J, q)."""
        return np.asarray(features[:, None, self.key_of] * self.shifts.T)

    def parameters(self) -> Parameters:
        return Parameters(self.fit.beta, self.fit.covariances)


def frame(trial: Trial, model: Model, used: Mask) -> Frame:
    """Fit the imputation model to the values `used` (n, J). Raises BadInput and NotFitted as `mmrm.fit` does."""
    fitted = fit(_rows(trial, model, used), replace(model, visits=trial.visits, arms=trial.arms.levels))
    people = trial.people
    arm = people.factors[model.arm]
    moved = Factor(arm.levels, np.full_like(arm.codes, trial.reference))
    swapped = replace(people, factors=people.factors | {model.arm: moved})
    keys = list(dict.fromkeys(column.beyond(model.visit) for column in fitted.columns))
    key_of = np.array([keys.index(column.beyond(model.visit)) for column in fitted.columns], dtype=np.intp)
    return Frame(
        fit=fitted,
        features=np.column_stack([row_values(key, people) for key in keys]),
        as_reference=np.column_stack([row_values(key, swapped) for key in keys]),
        key_of=key_of,
        shifts=np.stack([column.by_visit(model.visit, trial.visits) for column in fitted.columns]),
        values=np.where(used, trial.values, 0.0),
        used=used,
        groups=people.groups.codes,
    )


def _rows(trial: Trial, model: Model, used: Mask) -> pd.DataFrame:
    """Give the rows of the values used, in the trial's own order: the order of rows moves no rounding and no draw."""
    place = places(trial.labels, trial.rows[model.subject])
    when = places(trial.visits, trial.rows[model.visit])
    order = np.lexsort((when, place))
    return trial.rows.iloc[order[used[place, when][order]]]


def leave_one_out(frame: Frame, *, labels: tuple[str, ...], told: Told | None = None) -> Iterator[Parameters]:
    """Give the parameters without each subject in turn. Raises RefitFailed, with the subject, where there is none."""
    kinds, kind_of = _kinds(frame)
    members = [np.flatnonzero(kind_of == kind) for kind in range(len(kinds))]
    pieces = [_piece(frame, each, kind) for each, kind in zip(members, kinds, strict=True)]
    counts = np.array([len(each) for each in members], dtype=np.float64)
    whole = frame.parameters()
    for subject, kind in enumerate(kind_of):
        if kind < 0:
            yield whole
        else:
            others = members[kind][members[kind] != subject]
            changed = [*pieces[:kind], _piece(frame, others, kinds[kind]), *pieces[kind + 1 :]]
            left = counts.copy()
            left[kind] -= 1
            found = _refit(frame, changed, kinds, left)
            if isinstance(found, str):
                raise RefitFailed(
                    f"The model has no proper optimum without subject {labels[subject]}, so the jackknife has no "
                    f"standard error. {found}",
                    where="jackknife",
                    remedy="Give a simpler structure, or the method bayes.",
                )
            yield found
        if told is not None:
            told(subject + 1, len(kind_of))


def bootstrap(
    frame: Frame, *, strata: Codes, samples: int, seed: int, told: Told | None = None
) -> tuple[list[Parameters], int]:
    """Give parameters of samples of subjects drawn with replacement within strata, and how many samples failed.

    A sample without an optimum is drawn again. Raises RefitFailed where more than 1 in 100 failed, or one if that is
    more.
    """
    rng = np.random.default_rng(seed)
    kinds, kind_of = _kinds(frame)
    groups = [np.flatnonzero(strata == level) for level in np.unique(strata)]
    result: list[Parameters] = []
    failed, limit = 0, max(1, int(np.ceil(THRESHOLD * samples)))
    while len(result) < samples:
        drawn = np.concatenate([rng.choice(each, size=len(each)) for each in groups])
        members = [drawn[kind_of[drawn] == kind] for kind in range(len(kinds))]
        pieces = [_piece(frame, each, kind) for each, kind in zip(members, kinds, strict=True)]
        found = _refit(frame, pieces, kinds, np.array([len(each) for each in members], dtype=np.float64))
        if isinstance(found, str):
            failed += 1
            if failed > limit:
                raise RefitFailed(
                    f"{failed} bootstrap samples gave no proper optimum; the last: {found}",
                    where="approximate-bayes",
                    remedy="Give a simpler structure, or the method bayes.",
                )
            continue
        result.append(found)
        if told is not None:
            told(len(result), samples)
    return result, failed


def compressed(frame: Frame) -> Compressed:
    """Give all subjects, compressed, in the scale of the fit."""
    kinds, kind_of = _kinds(frame)
    members = [np.flatnonzero(kind_of == kind) for kind in range(len(kinds))]
    pieces = [_piece(frame, each, kind) for each, kind in zip(members, kinds, strict=True)]
    return _joined(frame, pieces, kinds, np.array([len(each) for each in members], dtype=np.float64))


def _kinds(frame: Frame) -> tuple[Codes, Codes]:
    """Give the distinct patterns with their group in the last column, and each subject's; -1 where nothing is used."""
    labels = np.column_stack([frame.used, frame.groups]).astype(np.intp)
    some = frame.used.any(axis=1)
    kinds, which = np.unique(labels[some], axis=0, return_inverse=True)
    kind_of = np.full(len(labels), -1, dtype=np.intp)
    kind_of[some] = which.ravel()
    return kinds, kind_of


def _piece(frame: Frame, members: Codes, kind: Codes) -> Array:
    """Give the pseudo-subjects (r, J, q + 1) of one pattern in the scale of the fit, as `mmrm.compress` has them."""
    visits, scaled = np.flatnonzero(kind[:-1]), frame.fit.scaled
    wide = np.concatenate([frame.features[members], frame.values[np.ix_(members, visits)]], axis=1)
    triangle: Array = np.asarray(np.linalg.qr(wide, mode="r")) if len(wide) else wide
    columns = triangle[:, None, frame.key_of] * frame.shifts.T[visits]
    piece = np.zeros((len(triangle), len(kind) - 1, len(frame.key_of) + 1))
    piece[:, visits, :-1] = columns @ scaled.back
    piece[:, visits, -1] = (triangle[:, -len(visits) :] - columns @ scaled.offset) / scaled.unit
    return piece


def _joined(frame: Frame, pieces: list[Array], kinds: Codes, counts: Array) -> Compressed:
    kept = counts > 0
    rows = [piece for piece, some in zip(pieces, kept, strict=True) if some]
    sizes = np.array([len(each) for each in rows])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    return Compressed(
        np.concatenate(rows), starts, kinds[kept, :-1].astype(bool), counts[kept], kinds[kept, -1],
        frame.fit.scaled.data.restricted,
    )  # fmt: skip


def _refit(frame: Frame, pieces: list[Array], kinds: Codes, counts: Array) -> Parameters | str:
    found = minimise(_joined(frame, pieces, kinds, counts), frame.fit.shapes, frame.fit.optimum.at)
    if isinstance(found, str):
        return found
    return found.why or scaled_back(frame, found.solved.beta, likelihood.sigmas(found.at, frame.fit.shapes))


def scaled_back(frame: Frame, beta: Array, sigmas: Array) -> Parameters:
    """Give parameters in the units of the table from those in the scale of the fit."""
    scaled = frame.fit.scaled
    return Parameters(scaled.offset + scaled.unit * scaled.back @ beta, sigmas * scaled.unit**2)
