"""Coefficients of penalised models along a path of penalties, by coordinate descent, as loops for Numba [friedman2010].

The loss is half the mean square, or the mean minus log likelihood of yes and no; the penalty is
lambda (mix |b| + (1 - mix) b^2 / 2). Columns have mean 0 and standard deviation 1, the intercept is free.
"""

import math

import numpy as np

from asklepion.stats.mmrm.batch_algebra import Array, compiled

_SWEEPS = 20000
_STEPS = 50


@compiled
def descend(square: Array, towards: Array, beta: Array, mix: float, penalty: float, tolerance: float) -> None:
    """Move beta (p,) to the least of b'Sb/2 - t'b and the penalty; S (p, p) is `square`, t (p,) is `towards`."""
    count = len(beta)
    rest = towards - square @ beta
    for _ in range(_SWEEPS):
        farthest = 0.0
        for j in range(count):
            own = square[j, j]
            if own <= 1e-12:
                continue
            pull = rest[j] + own * beta[j]
            size = abs(pull) - penalty * mix
            new = math.copysign(size, pull) / (own + penalty * (1 - mix)) if size > 0 else 0.0
            step = new - beta[j]
            if step != 0.0:
                beta[j] = new
                for i in range(count):
                    rest[i] -= square[i, j] * step
                farthest = max(farthest, abs(step) * math.sqrt(own))
        if farthest < tolerance:
            return


@compiled
def linear_path(columns: Array, values: Array, mix: float, penalties: Array) -> Array:
    """Give coefficients (L, p + 1), the intercept last, at penalties from large to small; values have SD 1, mean 0."""
    people, count = columns.shape
    square, towards = columns.T @ columns / people, columns.T @ values / people
    found = np.zeros((len(penalties), count + 1))
    beta = np.zeros(count)
    for place in range(len(penalties)):
        descend(square, towards, beta, mix, penalties[place], 1e-9)
        found[place, :count] = beta
    return found


@compiled
def logistic_path(columns: Array, values: Array, mix: float, penalties: Array) -> Array:
    """Give coefficients (L, p + 1), the intercept last, for values of 0 and 1: weighted squares anew at each step."""
    people, count = columns.shape
    found = np.zeros((len(penalties), count + 1))
    beta, share = np.zeros(count), values.mean()
    intercept = math.log(share / (1 - share))
    weights, pulled, inside = np.zeros(people), np.zeros(people), np.zeros((people, count))
    for place in range(len(penalties)):
        for _ in range(_STEPS):
            before, level = beta.copy(), intercept
            line = columns @ beta + intercept
            for i in range(people):
                chance = 1 / (1 + math.exp(-line[i]))
                weights[i] = max(chance * (1 - chance), 1e-5)
                pulled[i] = line[i] + (values[i] - chance) / weights[i]
            total = weights.sum()
            middle, centre = weights @ columns / total, weights @ pulled / total
            for i in range(people):
                root = math.sqrt(weights[i] / people)
                pulled[i] = (pulled[i] - centre) * root
                for j in range(count):
                    inside[i, j] = (columns[i, j] - middle[j]) * root
            descend(inside.T @ inside, inside.T @ pulled, beta, mix, penalties[place], 1e-8)
            intercept = centre - middle @ beta
            if max(np.abs(beta - before).max(), abs(intercept - level)) < 1e-6:
                break
        found[place, :count] = beta
        found[place, count] = intercept
    return found
