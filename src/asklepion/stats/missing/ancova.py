"""The analysis of a visit whose every value is there: least squares on arm and covariates, many completions at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.missing.plan import Plan
from asklepion.stats.missing.trial import Trial

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ancova:
    """The design (n, p) of a visit, and the lines wanted (c, p): each arm less the reference, then each arm's mean.

    A mean is that over all subjects as if all had been in the arm, each with their own covariates.
    """

    design: Array
    lines: Array
    labels: tuple[str, ...]
    contrasts: int

    @property
    def freedom(self) -> int:
        """Give the degrees of freedom of the residual."""
        people, columns = self.design.shape
        return int(people) - int(columns)


def ancova(trial: Trial, plan: Plan) -> Ancova:
    """Give the design. Raises BadInput where covariates cannot be told apart, or people are too few."""
    arms, model = trial.arms, plan.model
    others = [k for k in range(len(arms.levels)) if k != trial.reference]
    parts = [("the mean", np.ones(len(arms.codes))), *((f"arm {arms.levels[k]}", arms.codes == k) for k in others)]
    for name in dict.fromkeys(each for each in (model.baseline, *model.covariates) if each):
        if name in trial.people.numbers:
            parts.append((name, trial.people.numbers[name]))
        elif name in trial.people.factors:
            factor = trial.people.factors[name]
            parts += [(f"{name} {factor.levels[k]}", factor.codes == k) for k in range(1, len(factor.levels))]
    design = np.column_stack([values for _, values in parts]).astype(np.float64)
    _check(design, [name for name, _ in parts])
    average = design.mean(axis=0)
    average[1 : 1 + len(others)] = 0.0
    unit = np.eye(design.shape[1])
    contrasts = [unit[1 + k] for k in range(len(others))]
    means = [average + (unit[1 + others.index(k)] if k != trial.reference else 0) for k in range(len(arms.levels))]
    reference = arms.levels[trial.reference]
    labels = (*(f"{arms.levels[k]} - {reference}" for k in others), *arms.levels)
    return Ancova(design, np.array([*contrasts, *means]), labels, len(others))


def _check(design: Array, names: list[str]) -> None:
    lengths = np.linalg.norm(design, axis=0)
    unit = design / np.where(lengths, lengths, 1)
    ranks = [0, *(int(np.linalg.matrix_rank(unit[:, : k + 1])) for k in range(len(names)))]
    lost = [name for name, low, high in zip(names, ranks, ranks[1:], strict=False) if low == high]
    if lost:
        raise BadInput(
            f"The data cannot tell {', '.join(lost)} from arm and other covariates at the analysis of a visit.",
            where="covariates",
            remedy="Leave it out of the model.",
        )
    if len(design) <= len(names) + 1:
        told = f"{len(design)} subjects are too few for {len(names)} columns in the analysis of a visit."
        raise BadInput(told, where="covariates", remedy="Leave a covariate out, or join levels.")


def without_each(model: Ancova, values: Array) -> Array:
    """Give the lines (n, c) of completions (n, n) of which the i-th is analysed without subject i.

    A mean of an arm is then that over the others: covariates count as drawn with the subjects.
    """
    design = model.design
    crossed = design.T @ design - design[:, :, None] * design[:, None, :]
    aimed = values @ design - np.diagonal(values)[:, None] * design
    beta = np.linalg.solve(crossed, aimed[:, :, None])[:, :, 0]
    moved = (design.mean(axis=0) - design) / (len(design) - 1)
    moved[:, : 1 + model.contrasts] = 0.0
    lines = beta @ model.lines.T
    lines[:, model.contrasts :] += (moved * beta).sum(axis=1, keepdims=True)
    return np.asarray(lines)


def each(model: Ancova, values: Array) -> tuple[Array, Array]:
    """Give the lines (R, c) of completions (R, n) and their variances (R, c)."""
    inverse = np.linalg.inv(model.design.T @ model.design)
    beta = values @ model.design @ inverse
    rest = values - beta @ model.design.T
    spread = (rest**2).sum(axis=1) / model.freedom
    shape = np.einsum("cp,pq,cq->c", model.lines, inverse, model.lines)
    return beta @ model.lines.T, spread[:, None] * shape
