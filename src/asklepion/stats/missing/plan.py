"""What is asked: which strategy after an event, by which method, with which shift of what was imputed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from asklepion.core.errors import BadInput
from asklepion.stats.mmrm import Method, Model


class Strategy(StrEnum):
    """What values after an event are taken to be like [carpenter2013].

    `mar`: those of one's own arm, given what was seen. `jump-to-reference`: the mean is the reference arm's from the
    event on. `copy-reference`: the mean is the reference arm's at every visit. `copy-increments`: from the event on,
    the mean moves in parallel to the reference arm's. `last-mean`: the mean stays what one's own arm's was before the
    event, in every arm.
    """

    MAR = "mar"
    JUMP = "jump-to-reference"
    COPY = "copy-reference"
    INCREMENTS = "copy-increments"
    LAST_MEAN = "last-mean"


SHORT = {
    "MAR": Strategy.MAR,
    "JR": Strategy.JUMP,
    "J2R": Strategy.JUMP,
    "CR": Strategy.COPY,
    "CIR": Strategy.INCREMENTS,
    "LMCF": Strategy.LAST_MEAN,
}


class Approach(StrEnum):
    """How values are imputed, and how the variance is had.

    `conditional-mean`: the mean given what was seen, once, with the jackknife over subjects [wolbers2022]. `bayes`:
    draws from a posterior, with Rubin's rules. `approximate-bayes`: the same with parameters of bootstrap refits.
    """

    CONDITIONAL_MEAN = "conditional-mean"
    BAYES = "bayes"
    APPROXIMATE_BAYES = "approximate-bayes"


def strategy(given: str) -> Strategy:
    """Give a strategy by its name or by the letters of the literature (JR, CR, CIR, LMCF, MAR)."""
    if given.upper() in SHORT:
        return SHORT[given.upper()]
    if given.lower() not in set(Strategy):
        known = ", ".join((*Strategy, *SHORT))
        raise BadInput(f"There is no strategy {given}.", where="strategy", remedy=f"Known: {known}.")
    return Strategy(given.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An analysis of a trial with missing values. `model` is the imputation model, its covariances as asked there.

    `reference` is the arm that reference-based strategies look to and contrasts stand against (the first if None).
    `at` is the visit of the ANCOVA (the last if None), whose covariates are the model's baseline and covariates.
    `deltas` gives, by arm, what is added to values imputed from the event on; `cumulative` adds it once at the event's
    visit, twice at the next, and so on, else it is the same at each. `imputations` must divide among `chains`.
    """

    model: Model = field(default_factory=lambda: Model(ladder=()))
    reference: str | None = None
    strategies: tuple[Strategy, ...] = tuple(Strategy)
    approach: Approach = Approach.CONDITIONAL_MEAN
    at: str | None = None
    deltas: Mapping[str, float] = field(default_factory=dict)
    cumulative: bool = False
    imputations: int = 100
    seed: int = 1
    chains: int = 4
    burn_in: int = 200
    thin: int = 10
    level: float = 0.95

    def __post_init__(self) -> None:
        _check(bool(self.strategies), "No strategy is named.", "strategies", "Name at least one.")
        _check(0 < self.level < 1, f"{self.level} is no level.", "level", "Give one between 0 and 1, as 0.95.")
        _check(self.imputations >= 2, "Rubin's rules need two imputations.", "imputations", "Give 100 or more.")
        _check(self.seed >= 0, "A seed is not negative.", "seed", "Give a whole number from 0.")
        _check(self.model.weight is None, "Weights are not taken here.", "weight", "Leave it out of the model.")
        if self.approach is Approach.BAYES:
            _check_bayes(self)


def _check_bayes(plan: Plan) -> None:
    known = f"{plan.model.structure} has none here"
    remedy = "Take us, or the method approximate-bayes."
    _check(plan.model.structure == "us", f"A prior is known for us; {known}.", "structure", remedy)
    shared = plan.imputations % plan.chains == 0 and plan.imputations // plan.chains >= 2
    _check(plan.chains >= 2, "Convergence is told from two chains or more.", "chains", "Give 4.")
    remedy = f"Give a multiple of {plan.chains}, at least {2 * plan.chains}."
    _check(shared, f"{plan.imputations} do not share out over {plan.chains} chains.", "imputations", remedy)
    _check(plan.burn_in >= 0 and plan.thin >= 1, "Chains run forwards.", "burn_in", "Give 200, and 10 for thin.")
    _check(plan.model.method in set(Method), "There is no such method.", "method", "Take reml or ml.")


def _check(right: bool, what: str, where: str, remedy: str) -> None:
    if not right:
        raise BadInput(what, where=where, remedy=remedy)
