"""Thousands of simulated trials fitted one after another at machine speed: unstructured REML, Satterthwaite.

    from asklepion.stats.mmrm.batch import Plan, draw, fit_many
    plan = Plan(arms=np.repeat([0, 1], 50), means=means, covariance=sigma, dropout=hazards)
    trials = draw(plan, seed=1, first=0, count=10_000)
    fits = fit_many(trials.values, plan.arms, covariates=trials.baseline)
    power = (fits.p[fits.fitted, 0, -1] < 0.05).mean(), fits.ended

Estimates, standard errors and degrees of freedom are those of `mmrm.fit` with structure `us` and an empty ladder. A
trial that gives no optimum has NaN, its reason in `ends`, and is counted in `ended`: what is to become of it in a power
(no rejection, or a simpler structure) is for the caller to say. Each trial is drawn from a generator of its own, keyed
by seed and number, and fitted alone: batches of any size and in any order give the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.errors import BadInput

Array = NDArray[np.float64]
# By the codes of `batch_start`.
WHY = (
    "",
    "The mean cannot be estimated: nobody of an arm at a visit, a column that others determine, or values without "
    "spread.",
    "The starting covariance is not positive definite.",
    "No optimum within the steps allowed.",
    "The likelihood is flat or a saddle where the search ended.",
    "The gradient is not zero where the search ended.",
    "The covariance is singular where the search ended.",
)
_MOST_VISITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a simulated trial is drawn from: N people, A arms, J visits.

    `arms` (N,) says each person's arm, 0 the reference. `means` (A, J + 1) and `covariance` (J + 1, J + 1) are those of
    baseline and visits, jointly normal. `dropout` (A, J) is the probability that someone still there is lost before
    visit j and all later ones, whatever their values; None for nobody.
    """

    arms: NDArray[np.intp]
    means: Array
    covariance: Array
    dropout: Array | None = None

    def __post_init__(self) -> None:
        count, width = self.means.shape
        _arms_of(self.arms, len(self.arms), count)
        if self.covariance.shape != (width, width) or not np.allclose(self.covariance, self.covariance.T):
            raise BadInput(f"It is no symmetric {width} x {width} matrix.", where="covariance", remedy=_BASELINE_FIRST)
        if np.linalg.eigvalsh(self.covariance)[0] <= 0:
            raise BadInput("It is not positive definite.", where="covariance", remedy="Look at its correlations.")
        if self.dropout is None:
            return
        if self.dropout.shape != (count, width - 1) or not np.all((self.dropout >= 0) & (self.dropout < 1)):
            remedy = "Give a probability below 1 for each arm and visit, the baseline left out."
            raise BadInput(f"It is no table of {count} x {width - 1} probabilities.", where="dropout", remedy=remedy)


_BASELINE_FIRST = "Give the baseline first, then every visit."


@dataclass(frozen=True, slots=True)
class Trials:
    """Drawn trials: `values` (T, N, J), NaN after someone dropped out, and `baseline` (T, N)."""

    values: Array
    baseline: Array


@dataclass(frozen=True, slots=True)
class Fits:
    """What T fits came to. Contrasts of arm a + 1 with arm 0 at visit j are at [:, a, j] of the first four.

    `estimate`, `se`, `df`, `p` (T, A - 1, J), p two-sided; `covariances` (T, J, J); `steps` (T,). `ends` (T,) is 0
    where there is an optimum, else the place of the reason in WHY, and all figures are NaN.
    """

    estimate: Array
    se: Array
    df: Array
    p: Array
    covariances: Array
    ends: NDArray[np.int64]
    steps: NDArray[np.int64]

    @property
    def fitted(self) -> NDArray[np.bool_]:
        return np.asarray(self.ends == 0)

    @property
    def ended(self) -> dict[str, int]:
        """Give how many trials gave no optimum, by reason."""
        found, counts = np.unique(self.ends[self.ends > 0], return_counts=True)
        return {WHY[code]: int(count) for code, count in zip(found, counts, strict=True)}


def draw(plan: Plan, *, seed: int, first: int = 0, count: int) -> Trials:
    """Give trials number `first` to `first + count - 1` of a seed, each from Philox keyed by seed and number."""
    people, width = len(plan.arms), plan.means.shape[1]
    root = np.linalg.cholesky(plan.covariance)
    noise, luck = np.empty((count, people, width)), np.empty((count, people, width - 1))
    for t in range(count):
        rng = np.random.Generator(np.random.Philox(key=np.array([seed, first + t], dtype=np.uint64)))
        rng.standard_normal(out=noise[t])
        if plan.dropout is not None:
            rng.random(out=luck[t])
    drawn = plan.means[plan.arms] + (noise.reshape(-1, width) @ root.T).reshape(noise.shape)
    values = np.ascontiguousarray(drawn[:, :, 1:])
    if plan.dropout is not None:
        values[np.logical_or.accumulate(luck < plan.dropout[plan.arms], axis=2)] = np.nan
    return Trials(values, drawn[:, :, 0].copy())


def fit_many(
    values: Array, arms: NDArray[np.intp], *, covariates: Array | None = None, by_visit: bool = True, limit: int = 100
) -> Fits:
    """Fit every trial of `values` (T, N, J), NaN where a visit is missing.

    The mean has visit, arm, arm by visit and `covariates`: (N,) or (N, C) if all trials share them, (T, N) or (T, N, C)
    if not (with (T, N) read before (N, C) where both fit); each by visit, or with `by_visit` false one slope for all
    visits. `arms` (N,) are 0 for the reference, 1, 2 and so on. A person without any value adds nothing. `limit` is the
    most steps of Newton's method. Raises BadInput for shapes that do not fit and numbers that are not finite.
    """
    from asklepion.stats.mmrm.batch_search import search

    trials, people, visits = _shape_of(values)
    codes = _arms_of(arms, people, int(np.max(arms, initial=0)) + 1)
    given = _covariates(covariates, trials, people)
    count = int(codes.max()) + 1
    numbers = np.empty((len(given), people, count + given.shape[2]))
    numbers[:, :, :count] = np.column_stack([np.ones(people), codes[:, None] == np.arange(1, count)])
    numbers[:, :, count:] = given
    place = _places(visits, count, given.shape[2], by_visit=by_visit)
    wanted = np.ascontiguousarray(place[:, 1:count].T.ravel())
    out = np.full((trials, len(wanted), 3), np.nan)
    covariances, ends = np.full((trials, visits, visits), np.nan), np.zeros((trials, 2), dtype=np.int64)
    search(_centred(values), numbers, place, wanted, out, covariances, ends, limit)
    estimate, se, df = np.moveaxis(out.reshape(trials, count - 1, visits, 3), -1, 0)
    p = 2 * stats.t.sf(np.abs(estimate / se), df)
    return Fits(estimate, se, df, p, covariances, ends[:, 0].copy(), ends[:, 1].copy())


def _shape_of(values: Array) -> tuple[int, int, int]:
    if values.ndim != 3 or 0 in values.shape or np.isinf(values).any():
        raise BadInput("It is no array of trials x people x visits.", where="values", remedy="NaN is a missing visit.")
    if values.shape[2] > _MOST_VISITS:
        raise BadInput(f"It has {values.shape[2]} visits.", where="values", remedy=f"Up to {_MOST_VISITS} are taken.")
    trials, people, visits = values.shape
    return trials, people, visits


def _arms_of(arms: NDArray[np.intp], people: int, count: int) -> NDArray[np.intp]:
    codes = np.asarray(arms)
    if codes.shape != (people,) or not np.issubdtype(codes.dtype, np.integer) or codes.min(initial=0) < 0:
        raise BadInput(f"It is no list of {people} whole numbers from 0.", where="arms", remedy="0 is the reference.")
    sizes = np.bincount(codes, minlength=count)
    if len(sizes) > max(count, 1) or count < 2 or sizes.min() < 2:
        raise BadInput(
            f"Arms have {', '.join(map(str, sizes))} people.", where="arms", remedy="Give two arms or more of two each."
        )
    return codes


def _covariates(given: Array | None, trials: int, people: int) -> Array:
    """Give covariates as (T or 1, N, C), each at mean zero and unit spread within its trial."""
    if given is None:
        return np.zeros((1, people, 0))
    told = np.asarray(given, dtype=np.float64)
    shaped = {(people,): (1, people, 1), (trials, people): (trials, people, 1)}.get(told.shape)
    if shaped is None and told.ndim in {2, 3} and told.shape[-2] == people:
        shaped = (len(told) if told.ndim == 3 else 1, people, told.shape[-1])
    if shaped is None or shaped[0] not in {1, trials} or not np.isfinite(told).all():
        remedy = "Give a finite number for everybody, trials x people x covariates."
        raise BadInput(f"Covariates of shape {told.shape} do not fit.", where="covariates", remedy=remedy)
    numbers = told.reshape(shaped)
    numbers = numbers - numbers.mean(axis=1, keepdims=True)
    spread = numbers.std(axis=1, keepdims=True)
    return np.asarray(numbers / np.where(spread > 0, spread, 1.0))


def _places(visits: int, arms: int, covariates: int, *, by_visit: bool) -> NDArray[np.int64]:
    """Give the column of the mean that each number of a person feeds at each visit (J, C)."""
    crossed = arms + (covariates if by_visit else 0)
    place = np.arange(visits * crossed).reshape(visits, crossed)
    if by_visit or not covariates:
        return place
    shared = np.tile(visits * crossed + np.arange(covariates), (visits, 1))
    return np.ascontiguousarray(np.concatenate([place, shared], axis=1))


def _centred(values: Array) -> Array:
    """Take each trial's mean at each visit from its values: no contrast changes, and no digit is lost in squares."""
    seen = ~np.isnan(values)
    means = np.where(seen, values, 0.0).sum(axis=1, keepdims=True) / np.maximum(seen.sum(axis=1, keepdims=True), 1)
    return np.ascontiguousarray(values - means, dtype=np.float64)
