"""The analysis of a trial with missing values: every strategy beside the others, from the same fits and draws."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.columns import LeftOut
from asklepion.stats.missing.ancova import ancova
from asklepion.stats.missing.completed import Completed, complete
from asklepion.stats.missing.gibbs import Watched, posterior
from asklepion.stats.missing.plan import Approach, Plan, Strategy
from asklepion.stats.missing.pooling import JACKKNIFE, RUBIN, Pooled
from asklepion.stats.missing.refits import Frame, Parameters, Told, bootstrap, frame, leave_one_out
from asklepion.stats.missing.trial import Trial, read
from asklepion.stats.mmrm import mean_weights
from asklepion.stats.mmrm.account import notes

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Imputed:
    """How many values of an arm at a visit were imputed, and as what."""

    arm: str
    visit: str
    strategy: str
    imputed: int
    people: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One strategy: contrasts and means with their intervals, what was imputed; or `why` there is no number."""

    strategy: Strategy
    contrasts: tuple[Pooled, ...]
    means: tuple[Pooled, ...]
    imputed: tuple[Imputed, ...]
    completed: Completed | None
    unused: int
    failed: int
    watched: tuple[Watched, ...]
    notes: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """All strategies asked for, at one visit. `variance` says which variance standard errors come from."""

    plan: Plan
    trial: Trial
    at: str
    answers: tuple[Answer, ...]
    variance: str
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    frame: Frame
    parameters: list[Parameters]
    failed: int
    watched: tuple[Watched, ...]


def analyse(
    data: pd.DataFrame, plan: Plan | None = None, *, events: pd.DataFrame | None = None, told: Told | None = None
) -> Analysis:
    """Impute what is missing under each strategy of the plan, and compare arms at a visit by ANCOVA.

    `data` has one row for each subject and visit; a visit without a value may be blank or absent. `events` says who had
    an event at which visit and, in `STRATEGY`, how to take it; without it, see `trial.read`. A strategy that is the
    subject's own there stands whatever strategy is asked for. `told(done, total)` is called as refits or draws go on.
    Raises BadInput, NotFitted, RefitFailed; a strategy that these data cannot have says why in its answer.
    """
    plan = plan or Plan()
    trial = read(data, plan, events)
    if plan.at is not None and plan.at not in trial.visits:
        raise BadInput(f"There is no visit {plan.at}.", where="at", remedy=f"It has {', '.join(trial.visits)}.")
    ancova(trial, plan)
    drawn: dict[bytes, _Drawn] = {}
    answers = tuple(_answer(trial, plan, strategy, drawn, told) for strategy in plan.strategies)
    variance = JACKKNIFE if plan.approach is Approach.CONDITIONAL_MEAN else RUBIN
    return Analysis(plan, trial, plan.at or trial.visits[-1], answers, variance, trial.left_out)


def _answer(trial: Trial, plan: Plan, strategy: Strategy, drawn: dict[bytes, _Drawn], told: Told | None) -> Answer:
    used = _used(trial, strategy)
    key = used.tobytes()
    if key not in drawn:
        drawn[key] = _draw(trial, plan, used, told)
    source = drawn[key]
    lost = int((trial.seen & ~used).sum())
    said = notes(source.frame.fit)
    try:
        completed = complete(trial, source.frame, parameters=source.parameters, strategy=strategy, plan=plan)
    except BadInput as error:
        return Answer(strategy, (), (), (), None, lost, source.failed, source.watched, said, str(error))
    deltas = {trial.arms.levels.index(arm): delta for arm, delta in plan.deltas.items()}
    lines = completed.lines(deltas)
    split = completed.model.contrasts
    imputed = _imputed(trial, strategy)
    return Answer(strategy, lines[:split], lines[split:], imputed, completed, lost, source.failed, source.watched, said)


def _used(trial: Trial, strategy: Strategy) -> Mask:
    """Give the values that the imputation model rests on: all seen, but none after an event that is not MAR."""
    marred = np.array([(own or strategy) is not Strategy.MAR for own in trial.own])
    later = np.arange(len(trial.visits)) >= trial.events[:, None]
    return np.asarray(trial.seen & ~(later & marred[:, None]))


def _draw(trial: Trial, plan: Plan, used: Mask, told: Told | None) -> _Drawn:
    start = frame(trial, plan.model, used)
    if plan.approach is Approach.CONDITIONAL_MEAN:
        return _Drawn(start, list(leave_one_out(start, labels=trial.labels, told=told)), 0, ())
    if plan.approach is Approach.APPROXIMATE_BAYES:
        found, failed = bootstrap(start, strata=trial.arms.codes, samples=plan.imputations, seed=plan.seed, told=told)
        return _Drawn(start, found, failed, ())
    draws, watched = posterior(start, plan, watch=_watch(trial, plan, start), told=told)
    return _Drawn(start, draws, 0, watched)


def _watch(trial: Trial, plan: Plan, start: Frame) -> dict[str, NDArray[np.float64]]:
    """Give the imputation model's own contrasts at the visit, by which chains are watched."""
    at, levels = plan.at or trial.visits[-1], trial.arms.levels
    reference = mean_weights(start.fit, levels[trial.reference], at)
    return {
        f"{arm} - {levels[trial.reference]} at {at}": mean_weights(start.fit, arm, at) - reference
        for arm in levels
        if arm != levels[trial.reference]
    }


def _imputed(trial: Trial, strategy: Strategy) -> tuple[Imputed, ...]:
    later = np.arange(len(trial.visits)) >= trial.events[:, None]
    taken = np.array([str(own or strategy) for own in trial.own])
    kind = np.where(later, taken[:, None], f"{Strategy.MAR} (before an event or without one)")
    result = []
    for arm, level in enumerate(trial.arms.levels):
        here = trial.arms.codes == arm
        for place, visit in enumerate(trial.visits):
            gaps = here & ~trial.seen[:, place]
            for name in np.unique(kind[gaps, place]):
                count = int((kind[gaps, place] == name).sum())
                result.append(Imputed(level, visit, str(name), count, int(here.sum())))
    return tuple(result)
