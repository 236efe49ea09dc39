"""Cox's proportional hazards [cox1972] with Efron's likelihood for ties [efron1977], and whether they are proportional.

The partial likelihood is written here because the test of proportionality needs its information event by event, which
libraries do not give. Coefficients, errors and likelihood equal R's survival 3.5-3.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.survival.curves import counts
from asklepion.stats.survival.times import Array, Followed

_STEPS = 30
_SETTLED = 1e-10
_FAR = 15.0
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard ratio: its logarithm with standard error, the ratio with its Wald interval, and p."""

    label: str
    log_ratio: float
    se: float
    ratio: float
    lower: float
    upper: float
    level: float
    p: float


@dataclass(frozen=True, slots=True)
class Cox:
    """A fit. `gradient` is the largest element of the score at the end; log likelihoods are partial ones."""

    hazards: tuple[Hazard, ...]
    people: int
    events: int
    null_log_likelihood: float
    log_likelihood: float
    likelihood_ratio_p: float
    iterations: int
    gradient: float


@dataclass(frozen=True, slots=True)
class Proportionality:
    """Score tests that a coefficient does not change with 1 - S(t) [grambsch1994], one each and of all together."""

    label: str
    chi_square: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class _Moments:
    """At beta: log likelihood, and by event its time, its residual (E, p) and its information (E, p, p)."""

    log_likelihood: float
    times: Array
    residuals: Array
    information: Array


def cox(followed: Followed, *, level: float = 0.95) -> Cox:
    """Give hazard ratios of each arm against the first, and of the covariates, within strata if there are any.

    Raises BadInput where a covariate is a combination of others, and where a ratio is infinite because an arm or a
    level has no event: a number there would be the step at which the search stopped.
    """
    labels, design = _design(followed)
    beta, found, steps = _maximise(followed, design, labels)
    covariance = np.linalg.inv(found.information.sum(axis=0))
    null = _moments(followed, design, np.zeros(design.shape[1])).log_likelihood
    z = float(stats.norm.ppf((1 + level) / 2))
    hazards = tuple(
        _hazard(label, float(beta[k]), math.sqrt(covariance[k, k]), z=z, level=level) for k, label in enumerate(labels)
    )
    return Cox(
        hazards,
        followed.people,
        int(followed.events.sum()),
        null,
        found.log_likelihood,
        float(stats.chi2.sf(2 * (found.log_likelihood - null), len(beta))),
        steps,
        float(np.abs(found.residuals.sum(axis=0)).max()),
    )


def proportionality(followed: Followed) -> tuple[Proportionality, ...]:
    """Give the tests of each coefficient and of all: the score of one that grows with 1 - S(t) before each event."""
    labels, design = _design(followed)
    _, found, _ = _maximise(followed, design, labels)
    times, at_risk, seen, _ = counts(followed.times, followed.events)
    before = np.concatenate([[1.0], np.cumprod(1 - seen / at_risk)[:-1]])
    clock = 1 - before[np.searchsorted(times, found.times)]
    clock = clock - clock.mean()
    score = clock @ found.residuals
    plain, once, twice = (np.einsum("e,eij->ij", clock**k, found.information) for k in range(3))
    told = []
    for k, label in enumerate(labels):
        told.append(_scored(label, score[[k]], plain, once[:, [k]], twice[np.ix_([k], [k])]))
    return (*told, _scored("all", score, plain, once, twice))


def _scored(label: str, score: Array, plain: Array, once: Array, twice: Array) -> Proportionality:
    """Give the score test: the rest of the information once the coefficients themselves are taken out."""
    rest = twice - once.T @ np.linalg.solve(plain, once)
    scale = np.sqrt(np.diag(twice))
    if (scale == 0).any() or np.linalg.matrix_rank(rest / np.outer(scale, scale), tol=_NOTHING) < len(score):
        remedy = "Events at several times are needed."
        raise BadInput("The events do not tell whether hazards are proportional.", where=label, remedy=remedy)
    chi_square = float(score @ np.linalg.solve(rest, score))
    return Proportionality(label, chi_square, len(score), float(stats.chi2.sf(chi_square, len(score))))


def _hazard(label: str, beta: float, se: float, *, z: float, level: float) -> Hazard:
    limits = (math.exp(beta - z * se), math.exp(beta + z * se))
    return Hazard(label, beta, se, math.exp(beta), *limits, level, float(2 * stats.norm.sf(abs(beta / se))))


def _design(followed: Followed) -> tuple[tuple[str, ...], Array]:
    first, *others = followed.arm.levels
    arms = [(f"{each} against {first}", followed.arm.codes == place) for place, each in enumerate(others, 1)]
    columns = [*arms, *followed.covariates]
    if not columns:
        raise BadInput("There is one arm and no covariate.", where="columns", remedy="Name what hazards depend on.")
    return tuple(label for label, _ in columns), np.column_stack([np.asarray(each, np.float64) for _, each in columns])


def _maximise(followed: Followed, design: Array, labels: tuple[str, ...]) -> tuple[Array, _Moments, int]:
    centred = design - design.mean(axis=0)
    spread = centred.std(axis=0)
    if (spread == 0).any():
        name = labels[int(np.flatnonzero(spread == 0)[0])]
        raise BadInput(f"{name} is the same for everybody.", where="covariates", remedy="Leave it out.")
    if np.linalg.matrix_rank(centred / spread) < design.shape[1]:
        raise BadInput(
            f"Of {', '.join(labels)} one follows from the others.", where="covariates", remedy="Leave one out."
        )
    beta = np.zeros(design.shape[1])
    now = _moments(followed, centred, beta)
    for step in range(1, _STEPS + 1):
        if _singular(now.information.sum(axis=0), spread):
            break
        move = np.linalg.solve(now.information.sum(axis=0), now.residuals.sum(axis=0))
        size, tried = 1.0, _moments(followed, centred, beta + move)
        while tried.log_likelihood < now.log_likelihood - 1e-12 and size > 1e-6:
            size /= 2
            tried = _moments(followed, centred, beta + size * move)
        beta, now = beta + size * move, tried
        far = np.abs(beta) * spread > _FAR
        if far.any():
            break
        if np.abs(size * move * spread).max() < _SETTLED:
            return beta, now, step
    reached, told = np.abs(beta) * spread, np.diag(now.information.sum(axis=0)) * spread**2
    name = labels[int(np.argmax(reached) if reached.max() > _FAR else np.argmin(told))]
    raise BadInput(
        f"{name}: the hazard ratio has no finite estimate.",
        where="covariates",
        remedy="Look for an arm or a level without any event, or strata in which all at risk are alike; compare by the "
        "log-rank test instead.",
    )


def _singular(information: Array, spread: Array) -> bool:
    """Tell whether the events say nothing of some coefficient, each in units of its spread."""
    scaled = information * np.outer(spread, spread)
    return bool(np.linalg.matrix_rank(scaled, tol=_NOTHING, hermitian=True) < len(spread))


def _moments(followed: Followed, design: Array, beta: Array) -> _Moments:
    parts = [
        _stratum(followed.times[mine], followed.events[mine], design[mine], beta)
        for mine in (followed.stratum.codes == place for place in range(len(followed.stratum.levels)))
    ]
    times, residuals, information = (np.concatenate([part[k] for part in parts]) for k in (1, 2, 3))
    return _Moments(sum(part[0] for part in parts), times, residuals, information)


def _stratum(times: Array, events: Array, design: Array, beta: Array) -> tuple[float, Array, Array, Array]:
    """Give the log likelihood and, by event, time, residual and information of one stratum.

    Of d tied events the k-th takes k/d of the tied out of those at risk, as if they had come one after the other.
    """
    order = np.argsort(-times, kind="stable")
    times, events, design = times[order], events[order], design[order]
    weight = np.exp(design @ beta)
    sums = [np.cumsum(each, axis=0) for each in _powers(weight, design)]
    rows = np.flatnonzero(events)
    distinct, place, ties = np.unique(times[rows], return_inverse=True, return_counts=True)
    last = np.searchsorted(-times, -distinct, side="right") - 1
    tied = [_summed(each[rows], place.astype(np.intp), len(distinct)) for each in _powers(weight, design)]
    begin = np.concatenate([[0], np.cumsum(ties)[:-1]])
    rank = np.argsort(np.argsort(place, kind="stable"), kind="stable") - begin[place]
    share = rank / ties[place]
    zero, one, two = (
        whole[last][place] - share.reshape(-1, *[1] * (whole.ndim - 1)) * part[place]
        for whole, part in zip(sums, tied, strict=True)
    )
    mean = one / zero[:, None]
    information = two / zero[:, None, None] - mean[:, :, None] * mean[:, None, :]
    log_likelihood = float((design[rows] @ beta).sum() - np.log(zero).sum())
    return log_likelihood, times[rows], design[rows] - mean, information


def _powers(weight: Array, design: Array) -> tuple[Array, Array, Array]:
    first = weight[:, None] * design
    return weight, first, first[:, :, None] * design[:, None, :]


def _summed(values: Array, place: NDArray[np.intp], groups: int) -> Array:
    told = np.zeros((groups, *values.shape[1:]))
    np.add.at(told, place, values)
    return told
