"""Events in two arms pooled without studies' own estimates: Mantel-Haenszel and Peto. One effect for all studies."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.meta.inference import INFINITE, Coefficient, chi2_tail, coefficient
from asklepion.stats.meta.study import Cells

Array = NDArray[np.float64]


class Measure(StrEnum):
    """What is pooled: logarithms of ratios, or a difference of risks."""

    RISK_RATIO = "risk ratio"
    ODDS_RATIO = "odds ratio"
    RISK_DIFFERENCE = "risk difference"


@dataclass(frozen=True, slots=True)
class Common:
    """One effect for all studies, of a ratio its logarithm. `silent` are studies without events (or without others).

    `q` compares the studies that have an estimate of their own with it.
    """

    method: str
    measure: Measure
    effect: Coefficient
    q: float
    q_df: int
    q_p: float
    studies: tuple[str, ...]
    silent: tuple[str, ...]


def mantel_haenszel(studies: Mapping[str, Cells], *, measure: Measure = Measure.RISK_RATIO) -> Common:
    """Give the pooled measure [mantel1959], zero cells as they are.

    Its variance is that of [greenland1985] for risk ratios, [robins1986] for odds ratios, [sato1989] for differences.
    Raises BadInput where no study, or no arm, has an event.
    """
    names, a, b, c, d = _cells(studies)
    n, m = a + b, c + d
    whole = n + m
    if measure is Measure.RISK_DIFFERENCE:
        pooled = float(np.sum((a * m - c * n) / whole) / np.sum(n * m / whole))
        tilt = (n**2 * c - m**2 * a + n * m * (m - n) / 2) / whole**2
        cross = (a * d + c * b) / (2 * whole)
        error = float(pooled * tilt.sum() + cross.sum()) ** 0.5 / float(np.sum(n * m / whole))
        loud = np.ones(len(n), dtype=bool)
    elif measure is Measure.RISK_RATIO:
        up, down = float(np.sum(a * m / whole)), float(np.sum(c * n / whole))
        pooled = _log_ratio(up, down)
        error = float(np.sum((n * m * (a + c) - a * c * whole) / whole**2) / (up * down)) ** 0.5
        loud = a + c > 0
    else:
        r, s = a * d / whole, b * c / whole
        up, down = float(r.sum()), float(s.sum())
        pooled = _log_ratio(up, down)
        p, q = (a + d) / whole, (b + c) / whole
        parts = p @ r / (2 * up**2) + (p @ s + q @ r) / (2 * up * down) + q @ s / (2 * down**2)
        error = float(parts) ** 0.5
        loud = (a + c > 0) & (b + d > 0)
    y, v, own = _estimates(a, b, c, d, measure)
    between = float(np.sum((y - pooled)[own] ** 2 / v[own]))
    effect = coefficient("pooled effect", pooled, error, df=INFINITE)
    return _common("mantel-haenszel", measure, effect, between, own, loud, names)


def peto(studies: Mapping[str, Cells]) -> Common:
    """Give the one-step odds ratio [yusuf1985]: events above what is expected, over their hypergeometric variance.

    Right for rare events and arms of like size; biased where effects are large.
    """
    names, a, b, c, d = _cells(studies)
    n, m, events = a + b, c + d, a + c
    whole = n + m
    over = a - n * events / whole
    variance = n * m * events * (b + d) / (whole**2 * (whole - 1))
    if not variance.sum() > 0:
        raise BadInput("No study has both events and people without.", where="studies", remedy="Nothing is to pool.")
    pooled = float(over.sum() / variance.sum())
    loud = variance > 0
    q = float(np.sum(over[loud] ** 2 / variance[loud]) - over.sum() ** 2 / variance.sum())
    effect = coefficient("pooled effect", pooled, float(variance.sum()) ** -0.5, df=INFINITE)
    return _common("peto", Measure.ODDS_RATIO, effect, q, loud, loud, names)


def _cells(studies: Mapping[str, Cells]) -> tuple[list[str], Array, Array, Array, Array]:
    if not studies:
        raise BadInput("There is no study.", where="studies", remedy="Give events and people of both arms.")
    for each in studies.values():
        each.parts()
    rows = [(s.events, s.people, s.control_events, s.control_people) for s in studies.values()]
    a, n, c, m = np.array(rows, dtype=np.float64).T
    if not (n.min() > 0 and m.min() > 0):
        raise BadInput("An arm has no people.", where="studies", remedy="Leave that study out.")
    return list(studies), a, n - a, c, m - c


def _log_ratio(up: float, down: float) -> float:
    if up <= 0 or down <= 0:
        raise BadInput(
            "One side has no event in any study.", where="studies", remedy="Pool risk differences, or tell the counts."
        )
    return float(np.log(up / down))


def _estimates(a: Array, b: Array, c: Array, d: Array, measure: Measure) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Give each study's own estimate and variance, half an event more in all cells where one is zero."""
    own = (a + c > 0) & (b + d > 0)
    more = np.where(np.minimum.reduce([a, b, c, d]) == 0, 0.5, 0.0)
    a, b, c, d = a + more, b + more, c + more, d + more
    if measure is Measure.RISK_DIFFERENCE:
        return a / (a + b) - c / (c + d), a * b / (a + b) ** 3 + c * d / (c + d) ** 3, np.ones(len(a), dtype=bool)
    if measure is Measure.RISK_RATIO:
        return np.log(a / (a + b) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), own
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d, own


def _common(
    method: str,
    measure: Measure,
    effect: Coefficient,
    q: float,
    own: NDArray[np.bool_],
    loud: NDArray[np.bool_],
    names: list[str],
) -> Common:
    df = int(own.sum()) - 1
    heard = tuple(name for name, each in zip(names, loud, strict=True) if each)
    silent = tuple(name for name, each in zip(names, loud, strict=True) if not each)
    return Common(method, measure, effect, q, df, chi2_tail(q, df), heard, silent)
