"""A visit with every value there, as often as the method asks: without each subject, or once an imputation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.stats.missing import ancova, impute
from asklepion.stats.missing.plan import Approach, Plan, Strategy
from asklepion.stats.missing.pooling import Pooled, jackknife, rubin
from asklepion.stats.missing.refits import Frame, Parameters
from asklepion.stats.missing.trial import Trial

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Completed:
    """Completions of one visit under one strategy.

    `whole` (n,) is the conditional mean's completion, None after draws; `values` (R, n) are those without each subject
    (R = n) or the imputed ones. `weight` (n,) says how often a delta is added to a subject's value: 0 where it was seen
    or precedes an event.
    """

    model: ancova.Ancova
    whole: Array | None
    values: Array
    weight: Array
    arms: NDArray[np.intp]
    level: float

    def lines(self, deltas: dict[int, float] | None = None) -> tuple[Pooled, ...]:
        """Give the contrasts, then the means of arms, after adding to imputed values a delta for each arm's place."""
        add = np.zeros(len(self.arms))
        for arm, delta in (deltas or {}).items():
            add[self.arms == arm] = delta
        values = self.values + add * self.weight
        if self.whole is not None:
            estimates, _ = ancova.each(self.model, (self.whole + add * self.weight)[None])
            left = ancova.without_each(self.model, values)
            return tuple(
                jackknife(label, float(estimates[0, k]), left=left[:, k], level=self.level)
                for k, label in enumerate(self.model.labels)
            )
        estimates, variances = ancova.each(self.model, values)
        return tuple(
            rubin(label, estimates[:, k], variances=variances[:, k], freedom=self.model.freedom, level=self.level)
            for k, label in enumerate(self.model.labels)
        )


def complete(trial: Trial, frame: Frame, *, parameters: list[Parameters], strategy: Strategy, plan: Plan) -> Completed:
    """Give the completions of the plan's visit. `parameters` are the refits without each subject, or the draws."""
    visit = len(trial.visits) - 1 if plan.at is None else trial.visits.index(plan.at)
    gaps = impute.gaps(trial, frame, strategy=strategy, by_arm=by_arm(plan))
    whole, noise = None, None
    if plan.approach is Approach.CONDITIONAL_MEAN:
        whole = impute.fill(trial, gaps, frame.parameters())[:, visit]
    rng = np.random.default_rng([plan.seed, 1])
    values = np.empty((len(parameters), len(trial.labels)))
    for k, each in enumerate(parameters):
        if whole is None:
            noise = rng.standard_normal(trial.values.shape)
        values[k] = impute.fill(trial, gaps, each, noise=noise)[:, visit]
    weight = weights(trial, visit, cumulative=plan.cumulative)
    return Completed(ancova.ancova(trial, plan), whole, values, weight, trial.arms.codes, plan.level)


def by_arm(plan: Plan) -> bool:
    """Tell whether each arm has a covariance of its own, so that the reference's is another one."""
    return plan.model.group == plan.model.arm


def weights(trial: Trial, visit: int, *, cumulative: bool) -> Array:
    """Give how often a delta is added to each subject's value at a visit (n,): from the event on, where not seen."""
    since = visit - trial.events + 1
    added = (since > 0) & ~trial.seen[:, visit]
    return np.where(added, since if cumulative else 1, 0).astype(np.float64)
