"""Where a subject's values are taken to come from: mean and covariance at all visits, by strategy.

As [carpenter2013, section 4.3] defines them and R's rbmi computes them. `event` is the place of the first visit after
the event; the number of visits where there is none.
"""

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.missing.plan import Strategy

Array = NDArray[np.float64]


def mean(strategy: Strategy, own: Array, *, reference: Array, event: int) -> Array:
    """Give the means (n, J) of subjects whose own arm's are `own` and whose reference arm's are `reference` (n, J).

    Raises BadInput for `last-mean` where no visit precedes the event: there is no mean to carry forward.
    """
    visits = own.shape[1]
    if strategy is Strategy.MAR or event >= visits:
        return own
    if strategy is Strategy.COPY:
        return reference
    if event == 0:
        if strategy is Strategy.LAST_MEAN:
            raise BadInput(
                "An event stands at the first visit: no mean precedes it that could be carried forward.",
                where="last-mean",
                remedy="Give these subjects another strategy in a table of events.",
            )
        return reference
    result = own.copy()
    if strategy is Strategy.JUMP:
        result[:, event:] = reference[:, event:]
    elif strategy is Strategy.INCREMENTS:
        result[:, event:] = own[:, [event - 1]] + reference[:, event:] - reference[:, [event - 1]]
    else:
        result[:, event:] = own[:, [event - 1]]
    return result


def covariance(strategy: Strategy, own: Array, *, reference: Array, event: int) -> Array:
    """Give the covariance (J, J): one's own up to the event, and after it what the reference's says given the past.

    The covariance of a jump has one's own variances before the event and the reference's regression on them after it.
    Where arms share a covariance it is that one, whatever the strategy.
    """
    if strategy in {Strategy.MAR, Strategy.LAST_MEAN} or event >= len(own):
        return own
    if strategy is Strategy.COPY or event == 0 or own is reference:
        return reference
    past, later = slice(0, event), slice(event, None)
    slope = np.linalg.solve(reference[past, past], reference[past, later]).T
    result = np.empty_like(own)
    result[past, past] = own[past, past]
    result[later, past] = slope @ own[past, past]
    result[past, later] = result[later, past].T
    result[later, later] = reference[later, later] - slope @ (reference[past, past] - own[past, past]) @ slope.T
    return result
