"""How alike days are: the Sleep Regularity Index."""

import math

from asklepion.core.values import Unscored
from asklepion.signals.lab.sleep_record import Actigraph, Stretch
from asklepion.signals.measure import Measure, settings

DAY_S = 86400.0
_DAY_MS = 86400000


def regularity(record: Actigraph) -> Measure:
    """Return the Sleep Regularity Index: 200 x the share of times that are in one state with 24 h later, less 100.

    As [phillips2017] define it, by elapsed time; only pairs of which both are scored count. 100 is the same
    every day, 0 is chance.
    """
    grid = _grid(record)
    pairs = [(state, grid[at + _DAY_MS]) for at, state in grid.items() if at + _DAY_MS in grid]
    first, last = record.stretches[0].begin_s, record.stretches[-1].end_s
    possible = max(0, round((last - first - DAY_S) / record.step_s))
    value: float | Unscored = Unscored("Nothing is scored twice at 24 hours' distance.")
    if pairs:
        value = 200 * sum(one == other for one, other in pairs) / len(pairs) - 100
    quality = [f"{len(pairs)} of {possible} pairs of times are scored, over {(last - first) / DAY_S:.1f} days."]
    return Measure(
        name="sleep_regularity_index",
        value=value,
        unit="1",
        n=len(pairs),
        parameters=settings(step_s=record.step_s),
        quality=tuple(quality),
        source="phillips2017",
    )


def _grid(record: Actigraph) -> dict[int, bool]:
    """Return states by millisecond: of each epoch as it is, of intervals once in a step."""
    if record.layout == "epochs":
        return {round(each.begin_s * 1000): each.asleep for each in record.stretches}
    found: dict[int, bool] = {}
    for each in record.stretches:
        first = math.ceil(each.begin_s / record.step_s)
        found |= {round(step * record.step_s * 1000): each.asleep for step in range(first, _last(each, record) + 1)}
    return found


def _last(each: Stretch, record: Actigraph) -> int:
    return math.ceil(each.end_s / record.step_s) - 1
