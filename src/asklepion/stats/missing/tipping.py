"""The tipping point: how much worse imputed values must be before a difference is no longer told from none."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from asklepion.core.errors import BadInput
from asklepion.stats.missing.analysis import Analysis, Answer
from asklepion.stats.missing.pooling import Pooled

# A search stops after so many steps: then nothing tips the result that is worth a thought.
LIMIT = 200
_PRECISION = 1e-6


@dataclass(frozen=True, slots=True)
class Tilted:
    """A contrast after a delta was added to what was imputed in its arm."""

    delta: float
    line: Pooled


@dataclass(frozen=True, slots=True)
class Tipping:
    """The curve of one contrast under one strategy, and where p reaches alpha: `delta`, or `why` there is no such.

    `between` are the neighbours of the grid it lies between; `delta` is found to 1e-6 by repeating the analysis there,
    not by drawing a line between them.
    """

    strategy: str
    label: str
    arm: str
    alpha: float
    cumulative: bool
    curve: tuple[Tilted, ...]
    between: tuple[float, float] | None
    delta: float | None
    why: str = ""


def tipping(
    analysis: Analysis, answer: Answer, *, contrast: int = 0, deltas: tuple[float, ...] | None = None
) -> Tipping:
    """Search the delta of a contrast's arm, that of the reference staying as the plan has it.

    `deltas` is the grid, from 0 outwards. Without one, steps of a quarter of the standard deviation of what was seen at
    the visit lead towards no difference until p crosses alpha (one less the plan's level), and one step further.
    """
    if answer.completed is None:
        raise BadInput(f"There is no result to tip. {answer.why}", where=answer.strategy, remedy="Take another.")
    search = _Search.of(analysis, answer, contrast)
    if not answer.completed.weight[analysis.trial.arms.codes == search.arm].any():
        return search.told((), None, None, "No value of this arm at this visit was imputed after an event.")
    grid = deltas if deltas is not None else search.steps()
    curve: list[Tilted] = []
    beyond = 0
    for delta in grid:
        curve.append(Tilted(delta, search.line(delta)))
        beyond += curve[-1].line.p >= search.alpha
        if deltas is None and beyond > 1:
            break
    return search.found(tuple(curve))


@dataclass(frozen=True, slots=True)
class _Search:
    analysis: Analysis
    answer: Answer
    contrast: int
    arm: int

    @classmethod
    def of(cls, analysis: Analysis, answer: Answer, contrast: int) -> "_Search":
        others = [k for k in range(len(analysis.trial.arms.levels)) if k != analysis.trial.reference]
        return cls(analysis, answer, contrast, others[contrast])

    @property
    def alpha(self) -> float:
        return 1 - self.analysis.plan.level

    def line(self, delta: float) -> Pooled:
        assert self.answer.completed is not None
        levels = self.analysis.trial.arms.levels
        deltas = {levels.index(arm): each for arm, each in self.analysis.plan.deltas.items()}
        return self.answer.completed.lines(deltas | {self.arm: delta})[self.contrast]

    def steps(self) -> tuple[float, ...]:
        place = self.analysis.trial.visits.index(self.analysis.at)
        step = float(f"{np.nanstd(self.analysis.trial.values[:, place], ddof=1) / 4:.1g}")
        towards = -1.0 if self.line(0.0).estimate > 0 else 1.0
        return tuple(towards * step * k for k in range(LIMIT + 1))

    def found(self, curve: tuple[Tilted, ...]) -> Tipping:
        """Give the first crossing; a contrast is linear in delta, so that a step over no difference is seen too."""
        if curve[0].line.p >= self.alpha:
            told = f"p is {curve[0].line.p:.4f} at delta {curve[0].delta:g} already: there is nothing to tip."
            return self.told(curve, None, None, told)
        for one, next_one in pairwise(curve):
            here, there = one.line.estimate, next_one.line.estimate
            turned = here * there < 0
            if next_one.line.p >= self.alpha or turned:
                low, high = one.delta, next_one.delta
                nought = low + (high - low) * here / (here - there) if turned else high
                root = float(brentq(lambda delta: self.line(delta).p - self.alpha, low, nought, xtol=_PRECISION))
                return self.told(curve, (low, high), root, "")
        return self.told(curve, None, None, f"p stays below {self.alpha:g} up to delta {curve[-1].delta:g}.")

    def told(
        self, curve: tuple[Tilted, ...], between: tuple[float, float] | None, delta: float | None, why: str
    ) -> Tipping:
        label = self.answer.contrasts[self.contrast].label
        arm = self.analysis.trial.arms.levels[self.arm]
        return Tipping(
            self.answer.strategy, label, arm, self.alpha, self.analysis.plan.cumulative, curve, between, delta, why
        )
