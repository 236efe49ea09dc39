"""Responders of two arms compared: difference, ratio and odds ratio of risks, and the number needed to treat.

Score intervals [miettinen1985] keep every estimate under which the data would not be surprising; they hold with zero
cells, where logarithms fail. Newcombe's hybrid [newcombe1998] joins two Wilson intervals. Wald and logarithmic
intervals are there to compare with papers that used them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from scipy import optimize, stats

from asklepion.core.errors import BadInput


class Interval(StrEnum):
    """How an interval is had."""

    NEWCOMBE = "newcombe"
    SCORE = "miettinen-nurminen"
    WALD = "wald"
    LOGARITHM = "logarithm"


@dataclass(frozen=True, slots=True)
class Arm:
    """How many of how many responded. Raises BadInput if that cannot be."""

    responders: int
    people: int

    def __post_init__(self) -> None:
        if not 0 <= self.responders <= self.people or self.people == 0:
            raise BadInput(
                f"{self.responders} of {self.people} cannot have responded.",
                where="arm",
                remedy="Count responders among the people whose response is known.",
            )

    @property
    def risk(self) -> float:
        return self.responders / self.people


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measure of two arms with its interval. `definition` says what a response was; `estimate` None is undefined."""

    measure: str
    definition: str
    treated: Arm
    control: Arm
    estimate: float | None
    lower: float
    upper: float
    level: float
    interval: Interval


def difference(
    treated: Arm, control: Arm, *, definition: str, interval: Interval = Interval.NEWCOMBE, level: float = 0.95
) -> Comparison:
    """Give the risk of the treated less that of the controls.

    >>> told = difference(Arm(56, 70), Arm(48, 80), definition="table II of Newcombe 1998")
    >>> round(told.lower, 4), round(told.upper, 4)
    (0.0524, 0.3339)
    """
    p, q = treated.risk, control.risk
    if interval is Interval.NEWCOMBE:
        limits = _newcombe(treated, control, level)
    elif interval is Interval.SCORE:
        limits = _score_limits(_score_difference(treated, control), p - q, (-1.0, 1.0), level)
    elif interval is Interval.WALD:
        reach = _z(level) * math.sqrt(p * (1 - p) / treated.people + q * (1 - q) / control.people)
        limits = (p - q - reach, p - q + reach)
    else:
        raise _no_interval(interval, "risk difference")
    return Comparison("risk difference", definition, treated, control, p - q, *limits, level, interval)


def ratio(
    treated: Arm, control: Arm, *, definition: str, interval: Interval = Interval.SCORE, level: float = 0.95
) -> Comparison:
    """Give the risk of the treated over that of the controls; infinite if only controls never respond."""
    estimate = _over(treated.risk, control.risk)
    if interval is Interval.SCORE:
        limits = _positive_limits(_score_ratio(treated, control), estimate, level)
    elif interval is Interval.LOGARITHM:
        parts = [1 / a - 1 / n if a else math.inf for a, n in ((x.responders, x.people) for x in (treated, control))]
        limits = _logarithmic(estimate, sum(parts), level)
    else:
        raise _no_interval(interval, "risk ratio")
    return Comparison("risk ratio", definition, treated, control, estimate, *limits, level, interval)


def odds_ratio(
    treated: Arm, control: Arm, *, definition: str, interval: Interval = Interval.SCORE, level: float = 0.95
) -> Comparison:
    """Give the odds of response of the treated over those of the controls."""
    a, b = treated.responders, treated.people - treated.responders
    c, d = control.responders, control.people - control.responders
    estimate = _over(a * d, b * c)
    if interval is Interval.SCORE:
        limits = _positive_limits(_score_odds(treated, control), estimate, level)
    elif interval is Interval.LOGARITHM:
        limits = _logarithmic(estimate, sum(1 / cell if cell else math.inf for cell in (a, b, c, d)), level)
    else:
        raise _no_interval(interval, "odds ratio")
    return Comparison("odds ratio", definition, treated, control, estimate, *limits, level, interval)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A range of numbers needed to treat, to `benefit` or `harm` one more person; `most` may be infinite."""

    to: str
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class NeededToTreat:
    """The number needed to treat for one more to benefit or be harmed, and the stretches its interval consists of.

    Where the risk difference may be zero there are two stretches, both up to infinity: what the data speak against are
    fewer people than the least of either [altman1998].
    """

    to: str
    number: float
    stretches: tuple[Stretch, ...]
    of: Comparison


def needed_to_treat(of: Comparison) -> NeededToTreat:
    """Give the number needed to treat from a risk difference in which a response is a benefit."""
    if of.measure != "risk difference" or of.estimate is None:
        raise BadInput("It comes from a risk difference.", where="measure", remedy="Give what difference() gives.")
    stretches: tuple[Stretch, ...]
    if of.lower > 0:
        stretches = (Stretch("benefit", 1 / of.upper, 1 / of.lower),)
    elif of.upper < 0:
        stretches = (Stretch("harm", -1 / of.lower, -1 / of.upper),)
    else:
        benefit = Stretch("benefit", _over(1, of.upper) or math.inf, math.inf)
        harm = Stretch("harm", _over(1, -of.lower) or math.inf, math.inf)
        stretches = (benefit, harm)
    number = abs(1 / of.estimate) if of.estimate else math.inf
    return NeededToTreat("harm" if of.estimate < 0 else "benefit", number, stretches, of)


def wilson(arm: Arm, *, level: float = 0.95) -> tuple[float, float]:
    """Give Wilson's score interval of one risk."""
    z, n, p = _z(level), arm.people, arm.risk
    middle, reach = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return max(0.0, (middle - reach) / (1 + z**2 / n)), min(1.0, (middle + reach) / (1 + z**2 / n))


def _newcombe(treated: Arm, control: Arm, level: float) -> tuple[float, float]:
    p, q = treated.risk, control.risk
    (low_p, high_p), (low_q, high_q) = wilson(treated, level=level), wilson(control, level=level)
    lower, upper = p - q - math.hypot(p - low_p, high_q - q), p - q + math.hypot(high_p - p, q - low_q)
    return max(-1.0, lower), min(1.0, upper)


def _z(level: float) -> float:
    return float(stats.norm.ppf((1 + level) / 2))


def _over(above: float, below: float) -> float | None:
    if below == 0:
        return math.inf if above > 0 else None
    return above / below


def _no_interval(interval: Interval, measure: str) -> BadInput:
    return BadInput(f"There is no interval {interval} of a {measure}.", where="interval", remedy="Ask for a score one.")


def _logarithmic(estimate: float | None, variance: float, level: float) -> tuple[float, float]:
    if estimate is None or math.isinf(variance):
        raise BadInput("A logarithm of zero has no interval.", where="interval", remedy="Ask for a score interval.")
    reach = _z(level) * math.sqrt(variance)
    return estimate * math.exp(-reach), estimate * math.exp(reach)


Score = Callable[[float], float]


def _score_limits(score: Score, estimate: float, ends: tuple[float, float], level: float) -> tuple[float, float]:
    """Give where a falling score passes z and -z, or the end beyond which it never does."""
    z = _z(level)

    def edge(end: float, wanted: float) -> float:
        inner = end + 1e-12 * (estimate - end)
        if estimate == end or (score(inner) - wanted) * (score(estimate) - wanted) > 0:
            return end
        return float(optimize.brentq(lambda at: score(at) - wanted, inner, estimate, xtol=1e-14, rtol=1e-13))

    return edge(ends[0], z), edge(ends[1], -z)


def _positive_limits(score: Score, estimate: float | None, level: float) -> tuple[float, float]:
    """Give the limits of a ratio, searched for on the scale of its logarithm; wholly open where it is undefined."""
    if estimate is None:
        return 0.0, math.inf
    z, far = _z(level), 25.0
    middle = min(max(math.log(estimate), -far) if estimate > 0 else -far, far)

    def edge(end: float, wanted: float) -> float | None:
        if middle == end or (score(math.exp(end)) - wanted) * (score(math.exp(middle)) - wanted) > 0:
            return None
        found = optimize.brentq(lambda at: score(math.exp(at)) - wanted, end, middle, xtol=1e-13, rtol=1e-13)
        return math.exp(float(found))

    lower, upper = edge(-far, z), edge(far, -z)
    return (0.0 if lower is None else lower), (math.inf if upper is None else upper)


def _standard(surprise: float, variance: float, people: int) -> float:
    """Give the score over its root of variance, enlarged by n / (n - 1) as Miettinen and Nurminen do."""
    enlarged = variance * people / (people - 1)
    if enlarged <= 0:
        return 0.0 if surprise == 0 else math.copysign(math.inf, surprise)
    return surprise / math.sqrt(enlarged)


def _score_difference(treated: Arm, control: Arm) -> Score:
    n, m, people = treated.people, control.people, treated.people + control.people

    def score(delta: float) -> float:
        q = _control_risk(treated, control, delta)
        p = min(max(q + delta, 0.0), 1.0)
        variance = p * (1 - p) / n + q * (1 - q) / m
        return _standard(treated.risk - control.risk - delta, variance, people)

    return score


def _control_risk(treated: Arm, control: Arm, delta: float) -> float:
    """Give the controls' likeliest risk under a difference: the root of the cubic of [miettinen1985] in closed form."""
    n, m, x, y = treated.people, control.people, treated.responders, control.responders
    people, events = n + m, x + y
    cubic, square = people, (n + 2 * m) * delta - people - events
    line = (m * delta - people - 2 * y) * delta + events
    constant = y * delta * (1 - delta)
    v = square**3 / (27 * cubic**3) - square * line / (6 * cubic**2) + constant / (2 * cubic)
    u = math.copysign(math.sqrt(max(square**2 / (9 * cubic**2) - line / (3 * cubic), 0.0)), v)
    turn = math.acos(min(1.0, max(-1.0, v / u**3))) if u else math.pi / 2
    q = 2 * u * math.cos((math.pi + turn) / 3) - square / (3 * cubic)
    return min(max(q, max(0.0, -delta)), min(1.0, 1 - delta))


def _score_ratio(treated: Arm, control: Arm) -> Score:
    n, m, people = treated.people, control.people, treated.people + control.people

    def score(theta: float) -> float:
        a = people * theta
        b = -(n * theta + treated.responders + m + control.responders * theta)
        c = treated.responders + control.responders
        q = 2 * c / (-b + math.sqrt(max(b * b - 4 * a * c, 0.0)))
        p = min(q * theta, 1.0)
        variance = p * (1 - p) / n + theta**2 * q * (1 - q) / m
        return _standard(treated.risk - theta * control.risk, variance, people)

    return score


def _score_odds(treated: Arm, control: Arm) -> Score:
    n, m, people = treated.people, control.people, treated.people + control.people

    def score(theta: float) -> float:
        a = m * (theta - 1)
        b = n * theta + m - (treated.responders + control.responders) * (theta - 1)
        c = -(treated.responders + control.responders)
        root = math.sqrt(max(b * b - 4 * a * c, 0.0))
        q = -2 * c / (b + root) if b > 0 else (-b + root) / (2 * a)
        p = theta * q / (theta * q + max(1 - q, 0.0)) if q > 0 else 0.0
        inside = n * p * (1 - p)
        outside = m * q * (1 - q)
        if inside <= 0 or outside <= 0:
            return 0.0
        return _standard((treated.risk - p) * n, 1 / (1 / inside + 1 / outside), people)

    return score
