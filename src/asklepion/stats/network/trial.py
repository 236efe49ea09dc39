"""A trial as a network sees it: its treatments, effects against the first of them, and how those hang together."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from asklepion.core.errors import BadInput

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """Effects (m - 1) of the treatments after the first against the first, with their covariance (m - 1, m - 1).

    `retracted` says when or where it was, and is empty if it was not.
    """

    label: str
    treatments: tuple[str, ...]
    effects: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    retracted: str = ""

    def __post_init__(self) -> None:
        if len(self.treatments) < 2 or len(set(self.treatments)) < len(self.treatments):
            raise BadInput("A trial compares at least two treatments, each once.", where=self.label, remedy="Mend it.")
        numbers = [*self.effects, *(value for row in self.covariance for value in row)]
        square = np.array(self.covariance)
        if not all(map(math.isfinite, numbers)) or np.linalg.eigvalsh(square)[0] <= 0:
            raise BadInput(
                "Its effects or variances are no estimates.",
                where=self.label,
                remedy="Give numbers and standard errors above zero that fit each other, or leave the trial out.",
            )


@dataclass(frozen=True, slots=True)
class Contrast:
    """One comparison of one trial: the effect of `treatment` against `control`."""

    trial: str
    treatment: str
    control: str
    effect: float
    se: float
    retracted: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One arm: an estimate (a mean, or the logarithm of a risk or of odds) and its sampling variance."""

    treatment: str
    estimate: float
    variance: float


def from_arms(label: str, arms: Sequence[Outcome], *, retracted: str = "") -> Trial:
    """Give a trial from its arms; what they share, the first arm, is the covariance of its effects."""
    for each in arms:
        if not (math.isfinite(each.estimate) and math.isfinite(each.variance) and each.variance > 0):
            raise BadInput(
                f"{each.treatment}: {each.estimate} with variance {each.variance} is no estimate.",
                where=label,
                remedy="Leave the arm or the trial out.",
            )
    first = arms[0]
    effects = tuple(each.estimate - first.estimate for each in arms[1:])
    own = [each.variance for each in arms[1:]]
    covariance = np.full((len(own), len(own)), first.variance) + np.diag(own)
    return Trial(label, tuple(a.treatment for a in arms), effects, tuple(map(tuple, covariance.tolist())), retracted)


def log_odds(label: str, arms: Sequence[tuple[str, int, int]], *, retracted: str = "") -> Trial:
    """Give a trial on the log odds scale from (treatment, events, people), half an event more in all its cells where
    one of them is zero, as R's netmeta does."""
    more = _checked(label, arms, both=True)
    told = [(t, e + more, n - e + more) for t, e, n in arms]
    return from_arms(label, [Outcome(t, math.log(a / b), 1 / a + 1 / b) for t, a, b in told], retracted=retracted)


def log_risks(label: str, arms: Sequence[tuple[str, int, int]], *, retracted: str = "") -> Trial:
    """Give a trial on the log risk scale from (treatment, events, people), half an event and one person more in all
    its arms where a cell is zero."""
    more = _checked(label, arms, both=True)
    told = [(t, e + more, n + 2 * more) for t, e, n in arms]
    return from_arms(label, [Outcome(t, math.log(a / n), 1 / a - 1 / n) for t, a, n in told], retracted=retracted)


def means(label: str, arms: Sequence[tuple[str, float, float, int]], *, retracted: str = "") -> Trial:
    """Give a trial on the scale of its measure from (treatment, mean, standard deviation, people)."""
    return from_arms(label, [Outcome(t, mean, sd**2 / n) for t, mean, sd, n in arms], retracted=retracted)


def from_contrasts(contrasts: Iterable[Contrast]) -> tuple[Trial, ...]:
    """Give trials from comparisons. A trial of m treatments needs all of its m (m - 1) / 2 comparisons.

    From those follow the variances of the arms, and so the covariance of effects, as in [rucker2012]. Raises BadInput
    where comparisons are missing, twice there, or contradict each other.
    """
    by: dict[str, list[Contrast]] = {}
    for each in contrasts:
        if not (math.isfinite(each.effect) and math.isfinite(each.se) and each.se > 0):
            raise BadInput(
                f"Effect {each.effect} with standard error {each.se} is no estimate.",
                where=f"{each.trial}, {each.treatment} against {each.control}",
                remedy="Give a number and a standard error above zero, or leave the trial out.",
            )
        by.setdefault(each.trial, []).append(each)
    return tuple(_solved(label, rows) for label, rows in by.items())


def _checked(label: str, arms: Sequence[tuple[str, int, int]], *, both: bool) -> float:
    for treatment, events, people in arms:
        if not 0 <= events <= people or people == 0:
            raise BadInput(f"{treatment}: {events} events of {people}.", where=label, remedy="Look at the counts.")
    total = sum(events for _, events, _ in arms)
    if total == 0 or total == sum(people for *_, people in arms):
        raise BadInput(
            "All or none of its people had the event: it says nothing about ratios.",
            where=label,
            remedy="Leave it out.",
        )
    return 0.5 if both and any(e in (0, n) for _, e, n in arms) else 0.0


def _solved(label: str, rows: list[Contrast]) -> Trial:
    names = tuple(dict.fromkeys(name for each in rows for name in (each.control, each.treatment)))
    pairs = {frozenset((each.treatment, each.control)) for each in rows}
    wanted = {frozenset(pair) for pair in combinations(names, 2)}
    if len(pairs) < len(rows) or pairs != wanted:
        lacking = sorted(" and ".join(sorted(pair)) for pair in wanted - pairs)
        what = f"the comparison of {', '.join(lacking)} is missing" if lacking else "a comparison is there twice"
        raise BadInput(
            f"{len(names)} treatments, but {what}.",
            where=label,
            remedy="Give every comparison of a trial once, or its arms.",
        )
    first = names[0]
    if len(rows) == 1:
        return Trial(label, (first, rows[0].treatment), (rows[0].effect,), ((rows[0].se ** 2,),), rows[0].retracted)
    signs = np.array([[(n == r.treatment) - float(n == r.control) for n in names] for r in rows])
    effects = np.linalg.lstsq(signs[:, 1:], np.array([r.effect for r in rows]), rcond=None)[0]
    if np.abs(signs[:, 1:] @ effects - [r.effect for r in rows]).max() > 0.01 * max(r.se for r in rows) + 1e-3:
        raise BadInput("Its comparisons contradict each other.", where=label, remedy="Look at effects and directions.")
    variances = np.linalg.lstsq(np.abs(signs), np.array([r.se**2 for r in rows]), rcond=None)[0]
    covariance = np.full((len(names) - 1,) * 2, variances[0]) + np.diag(variances[1:])
    return Trial(label, names, tuple(effects.tolist()), tuple(map(tuple, covariance.tolist())), rows[0].retracted)
