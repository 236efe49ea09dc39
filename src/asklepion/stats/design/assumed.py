"""An assumed trial as arrays: means and covariance of baseline and visits, arms of people, dropout."""

from collections.abc import Sequence

import numpy as np

from asklepion.stats.mmrm.batch import Plan


def plan(
    *,
    people: Sequence[int],
    baseline: tuple[float, float],
    means: Sequence[Sequence[float]],
    sd: Sequence[float],
    correlation: float,
    pattern: str,
    dropout: Sequence[Sequence[float]] | None,
) -> Plan:
    """Give what `batch.draw` draws from; arms in order, the first the reference. Raises BadInput.

    `pattern` ar1: neighbours correlate by `correlation`, those two apart by its square and so on, the baseline a visit
    before the first; cs: any two by `correlation`.
    """
    spread = np.array([baseline[1], *sd])
    places = np.arange(len(spread))
    apart = np.abs(places[:, None] - places)
    if pattern == "ar1":
        shape = np.sign(correlation) ** apart * np.abs(correlation) ** apart
    else:
        shape = np.where(apart == 0, 1.0, correlation)
    return Plan(
        arms=np.repeat(np.arange(len(people)), people),
        means=np.array([[baseline[0], *row] for row in means], dtype=np.float64),
        covariance=np.outer(spread, spread) * shape,
        dropout=None if dropout is None else np.array(dropout, dtype=np.float64),
    )
