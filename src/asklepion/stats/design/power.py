"""Power by simulating whole trials: dropout, sites, people who can tell what they got, analysed as the trial will be.

Each trial is drawn from its seed and number, fitted by unstructured REML with Satterthwaite's degrees of freedom
(`stats.mmrm.batch`), and tallied; tallies of any pieces add up to the same whole. A trial that gives no optimum rejects
nothing and is counted.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, Codes
from asklepion.stats.mmrm.batch import Plan, draw, fit_many


@dataclass(frozen=True, slots=True)
class Guessing:
    """What thinking that one got the drug does: `thinks` (A,) is the share of each arm, `shift` (J,) by how much.

    A person who thinks so has `shift` added to the values of every visit, whatever they got.
    """

    thinks: tuple[float, ...]
    shift: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sites:
    """How many sites people are dealt to in turn within each arm, and the SD of what a site adds to all its values."""

    count: int
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A trial to be drawn and judged at one visit (its place), two-sided at `alpha`, each arm against the first."""

    plan: Plan
    at: int
    alpha: float = 0.05
    guessing: Guessing | None = None
    sites: Sites | None = None

    def __post_init__(self) -> None:
        arms, width = self.plan.means.shape
        if not 0 <= self.at < width - 1 or not 0 < self.alpha < 1:
            raise BadInput("There is no such visit or alpha.", where="at, alpha", remedy="Name a visit and .05.")
        guess = self.guessing
        if guess and (len(guess.thinks) != arms or len(guess.shift) != width - 1 or not _shares(guess.thinks)):
            remedy = "Give a share from 0 to 1 for each arm, and a shift for each visit."
            raise BadInput("The guesses do not fit the arms and visits.", where="guess", remedy=remedy)
        if self.sites and (self.sites.count < 1 or self.sites.sd < 0):
            raise BadInput("There are no such sites.", where="sites", remedy="Give a count above 0, and an SD.")


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of some trials: how many, fitted, rejections of each contrast, sums of estimates, squares and SE."""

    trials: int
    fitted: int
    rejected: tuple[int, ...]
    estimates: tuple[float, ...]
    squares: tuple[float, ...]
    errors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """One contrast: the share of trials that reject, with its exact interval, and how its estimates lie.

    `truth` is the difference that was put in, through the arm and through thinking so together; `sd` of the estimates
    beside the mean of their standard errors says whether the errors are right.
    """

    arm: int
    power: float
    lower: float
    upper: float
    mean: float
    truth: float
    sd: float
    mean_se: float


def tally(trial: Trial, *, seed: int, first: int, count: int) -> Tally:
    """Draw and fit trials number `first` to `first + count - 1` of a seed."""
    drawn = draw(trial.plan, seed=seed, first=first, count=count)
    values, baseline = drawn.values, drawn.baseline
    if trial.guessing or trial.sites:
        values, baseline = _moved(trial, values, baseline, seed=seed, first=first)
    fits = fit_many(values, trial.plan.arms, covariates=baseline)
    good = fits.fitted
    estimate, se, p = (each[good][:, :, trial.at] for each in (fits.estimate, fits.se, fits.p))
    return Tally(
        count,
        int(good.sum()),
        tuple(int(each) for each in (p < trial.alpha).sum(axis=0)),
        tuple(math.fsum(column) for column in estimate.T),
        tuple(math.fsum(column) for column in (estimate**2).T),
        tuple(math.fsum(column) for column in se.T),
    )


def joined(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up; exact sums, so that the order of the pieces changes nothing."""
    found = tuple(tallies)

    def sums(name: str) -> tuple[float, ...]:
        return tuple(math.fsum(column) for column in zip(*(getattr(each, name) for each in found), strict=True))

    rejected = tuple(sum(column) for column in zip(*(each.rejected for each in found), strict=True))
    trials, fitted = sum(each.trials for each in found), sum(each.fitted for each in found)
    return Tally(trials, fitted, rejected, sums("estimates"), sums("squares"), sums("errors"))


def powers(trial: Trial, of: Tally, *, level: float = 0.95) -> tuple[Power, ...]:
    """Give the power of each arm against the first. Raises BadInput if fewer than two trials were fitted."""
    if of.fitted < 2:
        raise BadInput("Hardly a trial could be fitted.", where="people", remedy="There are too few people or values.")
    told = []
    for place, rejected in enumerate(of.rejected):
        lower, upper = _exact(rejected, of.trials, level)
        mean = of.estimates[place] / of.fitted
        spread = (of.squares[place] - of.fitted * mean**2) / (of.fitted - 1)
        truth = _truth(trial, place + 1)
        se = of.errors[place] / of.fitted
        told.append(Power(place + 1, rejected / of.trials, lower, upper, mean, truth, math.sqrt(max(spread, 0.0)), se))
    return tuple(told)


def without_effect(trial: Trial) -> Trial:
    """Give the same trial in which the arms themselves do nothing: every arm has the means of the first.

    With guesses, what is rejected then is rejected because people could tell.
    """
    plan = trial.plan
    same = Plan(
        arms=plan.arms, means=np.tile(plan.means[0], (len(plan.means), 1)), covariance=plan.covariance,
        dropout=plan.dropout,
    )  # fmt: skip
    return Trial(plan=same, at=trial.at, alpha=trial.alpha, guessing=trial.guessing, sites=trial.sites)


def _shares(values: tuple[float, ...]) -> bool:
    return all(0 <= each <= 1 for each in values)


def _truth(trial: Trial, arm: int) -> float:
    means = trial.plan.means[:, trial.at + 1]
    through = 0.0
    if trial.guessing:
        thinks = trial.guessing.thinks
        through = trial.guessing.shift[trial.at] * (thinks[arm] - thinks[0])
    return float(means[arm] - means[0] + through)


def _moved(trial: Trial, values: Array, baseline: Array, *, seed: int, first: int) -> tuple[Array, Array]:
    """Add what guesses and sites do, from a stream of each trial's own beside that of its values."""
    arms = trial.plan.arms
    place = _dealt(trial)
    values, baseline = values.copy(), baseline.copy()
    for t in range(len(values)):
        key = np.array([seed, first + t], dtype=np.uint64)
        rng = np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, 0, 1], dtype=np.uint64)))
        luck, shifts = rng.random(len(arms)), rng.standard_normal(int(place.max()) + 1)
        if trial.guessing:
            thinks = luck < np.array(trial.guessing.thinks)[arms]
            values[t] += thinks[:, None] * np.array(trial.guessing.shift)
        if trial.sites:
            added = trial.sites.sd * shifts[place]
            values[t] += added[:, None]
            baseline[t] += added
    return values, baseline


def _dealt(trial: Trial) -> Codes:
    """Give each person's site: in turn within their arm."""
    arms, count = trial.plan.arms, trial.sites.count if trial.sites else 1
    place = np.zeros(len(arms), dtype=np.intp)
    for arm in np.unique(arms):
        mine = np.flatnonzero(arms == arm)
        place[mine] = np.arange(len(mine)) % count
    return place


def _exact(successes: int, trials: int, level: float) -> tuple[float, float]:
    found = stats.binomtest(successes, trials).proportion_ci(confidence_level=level, method="exact")
    return float(found.low), float(found.high)
