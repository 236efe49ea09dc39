"""Responders, effect sizes and reliable change against published tables and other programs."""

import doctest
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from asklepion.core.errors import BadInput
from asklepion.stats.responders import (
    Arm,
    Interval,
    Population,
    Scale,
    Summary,
    Verdict,
    between,
    between_summaries,
    classify,
    cutoffs,
    difference,
    effects,
    needed_to_treat,
    odds_ratio,
    paired,
    proportions,
    ratio,
    within,
)

# Newcombe 1998 (Statistics in Medicine 17, 873), table II: contrasts a, b, d and e, methods 10 (hybrid score) and
# 6 (Miettinen-Nurminen).
NEWCOMBE = [
    ((56, 70), (48, 80), (0.0524, 0.3339), (0.0528, 0.3382)),
    ((9, 10), (3, 10), (0.1705, 0.8090), (0.1700, 0.8406)),
    ((6, 7), (2, 7), (0.0582, 0.8062), (0.0342, 0.8534)),
    ((5, 56), (0, 29), (-0.0381, 0.1926), (-0.0326, 0.1933)),
]


@pytest.mark.parametrize(("treated", "control", "hybrid", "score"), NEWCOMBE)
def test_risk_differences_of_newcombe(
    treated: tuple[int, int], control: tuple[int, int], hybrid: tuple[float, float], score: tuple[float, float]
) -> None:
    arms = Arm(*treated), Arm(*control)
    told = difference(*arms, definition="x")
    assert (told.lower, told.upper) == pytest.approx(hybrid, abs=5e-5)
    told = difference(*arms, definition="x", interval=Interval.SCORE)
    assert (told.lower, told.upper) == pytest.approx(score, abs=5e-5)


def test_remission_in_the_second_phase_3_trial_of_mdma() -> None:
    """24 of 52 and 9 of 42 (Mitchell 2023): figures of R in expected_effectsizes.txt."""
    arms = Arm(24, 52), Arm(9, 42)
    told = difference(*arms, definition="no PTSD", interval=Interval.WALD)
    assert (told.estimate, told.lower, told.upper) == pytest.approx((0.2472527473, 0.06351732689, 0.43098816762))
    told = ratio(*arms, definition="no PTSD", interval=Interval.LOGARITHM)
    assert (told.estimate, told.lower, told.upper) == pytest.approx((2.153846154, 1.125226975, 4.122771101))
    needed = needed_to_treat(difference(*arms, definition="no PTSD"))
    assert (needed.to, needed.number) == ("benefit", pytest.approx(4.044444444))
    assert [(each.to, each.least < each.most) for each in needed.stretches] == [("benefit", True)]


def test_a_needed_number_that_may_be_benefit_or_harm_is_two_stretches() -> None:
    of = difference(Arm(10, 40), Arm(8, 40), definition="x")
    needed = needed_to_treat(of)
    assert [(each.to, each.most) for each in needed.stretches] == [("benefit", math.inf), ("harm", math.inf)]
    assert [each.least for each in needed.stretches] == pytest.approx([1 / of.upper, -1 / of.lower])
    assert needed.stretches[0].least < needed.number
    worse = needed_to_treat(difference(Arm(2, 40), Arm(20, 40), definition="x"))
    assert worse.to == worse.stretches[0].to == "harm"
    same = needed_to_treat(difference(Arm(5, 40), Arm(5, 40), definition="x"))
    assert same.number == math.inf
    with pytest.raises(BadInput, match="It comes from a risk difference"):
        needed_to_treat(ratio(Arm(2, 40), Arm(20, 40), definition="x"))


def _slow_p(kind: str, at: float, treated: Arm, control: Arm) -> float:
    """Give the two-sided p of one value of a measure: likelihood maximised by search, not by formula."""

    def other(q: float) -> float:
        odds = at * q / (1 - q)
        return {"difference": q + at, "ratio": q * at, "odds ratio": odds / (1 + odds)}[kind]

    def unlikely(q: float) -> float:
        p = other(q)
        if not (0 < p < 1):
            return 1e9
        return -(stats.binom.logpmf(treated.responders, treated.people, p)
                 + stats.binom.logpmf(control.responders, control.people, q))  # fmt: skip

    grid = np.linspace(1e-6, 1 - 1e-6, 2001)
    best = grid[int(np.argmin([unlikely(q) for q in grid]))]
    q = optimize.minimize_scalar(unlikely, bounds=(max(best - 1e-3, 1e-9), min(best + 1e-3, 1 - 1e-9)),
                                 method="bounded", options={"xatol": 1e-11}).x  # fmt: skip
    p, n, m = other(q), treated.people, control.people
    surprise, variance = {
        "difference": (treated.risk - control.risk - at, p * (1 - p) / n + q * (1 - q) / m),
        "ratio": (treated.risk - at * control.risk, p * (1 - p) / n + at**2 * q * (1 - q) / m),
        "odds ratio": ((treated.risk - p) / (p * (1 - p)) - (control.risk - q) / (q * (1 - q)),
                       1 / (n * p * (1 - p)) + 1 / (m * q * (1 - q))),
    }[kind]  # fmt: skip
    z = surprise / math.sqrt(variance * (n + m) / (n + m - 1))
    return 2 * float(stats.norm.sf(abs(z)))


@pytest.mark.parametrize("arms", [(Arm(12, 30), Arm(5, 28)), (Arm(1, 15), Arm(6, 14)), (Arm(29, 30), Arm(20, 40))])
@pytest.mark.parametrize(
    ("kind", "measure"), [("difference", difference), ("ratio", ratio), ("odds ratio", odds_ratio)]
)
def test_limits_of_score_intervals_have_p_of_one_in_twenty(
    kind: str, measure: Callable[..., proportions.Comparison], arms: tuple[Arm, Arm]
) -> None:
    told = measure(*arms, definition="x", interval=Interval.SCORE)
    assert _slow_p(kind, told.lower, *arms) == pytest.approx(0.05, abs=1e-5)
    assert _slow_p(kind, told.upper, *arms) == pytest.approx(0.05, abs=1e-5)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
@settings(max_examples=80, deadline=None)
def test_intervals_hold_their_estimate_and_turn_with_the_arms(n: int, m: int, data: st.DataObject) -> None:
    a = Arm(data.draw(st.integers(0, n)), n)
    b = Arm(data.draw(st.integers(0, m)), m)
    for interval in (Interval.NEWCOMBE, Interval.SCORE):
        told = difference(a, b, definition="x", interval=interval)
        back = difference(b, a, definition="x", interval=interval)
        assert -1 <= told.lower <= told.estimate + 1e-9
        assert told.estimate - 1e-9 <= told.upper <= 1
        assert (told.lower, told.upper) == pytest.approx((-back.upper, -back.lower), abs=1e-6)
    for measure in (ratio, odds_ratio):
        told = measure(a, b, definition="x")
        assert 0 <= told.lower <= told.upper
        if told.estimate is not None:
            assert told.lower <= told.estimate * (1 + 1e-9)
            assert told.estimate <= told.upper * (1 + 1e-9)


def test_zero_cells() -> None:
    assert ratio(Arm(0, 10), Arm(0, 20), definition="x").estimate is None
    assert ratio(Arm(5, 10), Arm(0, 20), definition="x").upper == math.inf
    with pytest.raises(BadInput, match="Ask for a score interval"):
        ratio(Arm(0, 10), Arm(3, 20), definition="x", interval=Interval.LOGARITHM)
    with pytest.raises(BadInput, match="There is no interval newcombe of a risk ratio"):
        ratio(Arm(1, 10), Arm(3, 20), definition="x", interval=Interval.NEWCOMBE)
    for wrong in ((3, 2), (-1, 2), (0, 0)):
        with pytest.raises(BadInput, match="cannot have responded"):
            Arm(*wrong)


# R's datasets::sleep (Student 1908, public domain); effectsize 0.8.3 in expected_effectsizes.txt.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_effect_sizes_of_effectsize() -> None:
    d, g = between(FIRST, SECOND)
    assert (d.estimate, d.lower, d.upper) == pytest.approx((-0.8321810813, -1.7388167693, 0.0954504357), abs=3e-7)
    assert (g.estimate, g.lower, g.upper) == pytest.approx((-0.7969352392, -1.6651716663, 0.0914077687), abs=3e-7)
    d, g = paired(SECOND, FIRST)
    assert (d.estimate, d.lower, d.upper) == pytest.approx((1.284557563, 0.414627668, 2.118016509), abs=3e-7)
    assert (g.estimate, g.lower, g.upper) == pytest.approx((1.173924904, 0.378917815, 1.935602108), abs=3e-7)


def test_sampling_variances_of_metafor(reference: Callable[[str], Path]) -> None:
    """dat.normand1999 by escalc("SMD"), expected_bcg.txt."""
    data = pd.read_csv(reference("synthesis/metadat_dat.normand1999.csv"))
    told = [between_summaries(Summary(row.n1i, row.m1i, row.sd1i), Summary(row.n2i, row.m2i, row.sd2i))[1]
            for row in data.itertuples()]  # fmt: skip
    right = [-0.35516964, -0.34794002, -2.31756916, -1.88798225, -0.38396414, 0.17214867, 0.27205207, -0.42459627,
             0.28955623]  # fmt: skip
    spread = [0.013064676, 0.064468876, 0.045812110, 0.160617736, 0.205433278, 0.036910570, 0.060267126, 0.014863038,
              0.036271734]  # fmt: skip
    assert [each.estimate for each in told] == pytest.approx(right, abs=6e-9)
    assert [each.variance for each in told] == pytest.approx(spread, abs=6e-10)


def test_change_within_in_units_before_does_not_grow_with_the_correlation() -> None:
    rng = np.random.default_rng(4)
    before, noise = rng.normal(50, 10, 2000), rng.normal(0, 1, 2000)
    close, loose = before - 5 + noise, 50 + 0.2 * (before - 50) - 5 + 9.8 * noise
    assert within(close, before).estimate == pytest.approx(-0.5, abs=0.03)
    assert within(loose, before).estimate == pytest.approx(-0.5, abs=0.06)
    assert within(close, before).variance < within(loose, before).variance
    assert paired(close, before)[0].estimate < 5 * paired(loose, before)[0].estimate


def test_values_that_make_no_effect() -> None:
    for wrong in ([1.0], [math.nan, 2.0], [3.0, 3.0, 3.0]):
        with pytest.raises(BadInput):
            paired(wrong, [0.0] * len(wrong))
    with pytest.raises(BadInput, match="An arm has one person"):
        between_summaries(Summary(1, 2.0, 1.0), Summary(9, 2.0, 1.0))
    assert paired([1, 2, math.nan, 4], [0, 0, 5, 1])[0].people == 3


@given(st.floats(0.01, 100), st.floats(-50, 50))
def test_effects_have_no_unit(factor: float, shift: float) -> None:
    told = between(np.array(FIRST) * factor + shift, np.array(SECOND) * factor + shift)[1]
    assert told.estimate == pytest.approx(between(FIRST, SECOND)[1].estimate, rel=1e-6)


def test_reliable_and_clinically_significant_change(reference: Callable[[str], Path]) -> None:
    """claus_2020 of R's clinicalsignificance: figures of the reference folder's README."""
    data = pd.read_csv(reference("trials/clinicalsignificance_claus_2020.csv"))
    wide = data.pivot(index="id", columns="time", values="bdi")
    scale, functional = Scale(0.801), Population(7.69, 7.52)
    for criterion, cutoff in (("a", 19.16), ("c", 21.02)):
        told = classify(wide[1], wide[4], scale=scale, functional=functional, criterion=criterion)
        assert told.cutoff == pytest.approx(cutoff, abs=0.005)
        assert [told.count(each) for each in Verdict] == [10, 8, 22, 0, 3]


def test_verdicts_on_the_threshold_above_and_below() -> None:
    """Before 8 and 12: mean 10, SD sqrt(8). With reliability 0.5 a change is reliable beyond 1.96 SD, 5.544."""
    reliable = 1.96 * math.sqrt(8)

    def verdict(later: float, functional: float, *, worse: bool = True) -> Verdict:
        scale, healthy = Scale(0.5, higher_is_worse=worse), Population(functional, math.sqrt(8))
        return classify([8.0, 12.0], [later, 12.0], scale=scale, functional=healthy).verdicts[0]

    # Cut-off c is midway: 5 where the functional mean is 0.
    assert verdict(8 - reliable, 0) is Verdict.UNCHANGED
    assert verdict(8 - reliable - 1e-9, 0) is Verdict.RECOVERED
    assert verdict(8 + reliable, 0) is Verdict.UNCHANGED
    assert verdict(8 + reliable + 1e-9, 0) is Verdict.DETERIORATED
    # At 2 exactly, a cut-off of 2 is not passed; one of 2.001 is; one of 9 was not stood above before.
    assert verdict(2.0, -6.0) is Verdict.IMPROVED
    assert verdict(2.0, -5.998) is Verdict.RECOVERED
    assert verdict(2.0, 8.0) is Verdict.IMPROVED
    assert verdict(2.0, 0, worse=False) is Verdict.DETERIORATED


def test_cutoffs_turn_with_the_scale() -> None:
    clinical, functional = Population(30, 5), Population(10, 4)
    assert cutoffs(Scale(0.8), clinical, functional) == {"a": 20, "b": 18, "c": pytest.approx((5 * 10 + 4 * 30) / 9)}
    assert cutoffs(Scale(0.8, higher_is_worse=False), functional, None) == {"a": 18}
    with pytest.raises(BadInput, match=r"There is no cut-off c\. Known here: a"):
        classify([1, 2], [1, 2], scale=Scale(0.8), functional=None)
    with pytest.raises(BadInput, match=r"1\.2 is no reliability"):
        Scale(1.2)


def test_examples_in_docstrings() -> None:
    for module in (proportions, effects):
        assert doctest.testmod(module).failed == 0
