"""Variants of reliable change: by hand, about their thresholds, and against R's clinicalsignificance.

Expected counts and indices: functions of clinicalsignificance 3.0.0.9000 (github, commit 7b2f20b) under R 4.2; those
of claus_2020 (hamd) and the group of Hageman and Arrindell also stand in its own recorded tests.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats.responders import Method, Population, Scale, Verdict, by_points, by_share, classify, shares

BEFORE = [6.0, 10.0, 14.0]  # mean 10, SD 4
AFTER = [5.0, 6.0, 10.0]  # mean 7; changes -1, -4, -4 with variance 3


@pytest.mark.parametrize(
    ("method", "reliability", "slope", "intercept", "error"),
    [
        (Method.JACOBSON_TRUAX, 0.92, 1, 0, 1.6),  # 4 sqrt(2 * 0.08)
        (Method.GULLIKSEN_LORD_NOVICK, 0.6, 0.6, 4, 3.2),  # 10 - 0.6 * 10; 4 sqrt(1 - 0.36)
        (Method.HSU_LINN_LORD, 0.6, 0.6, 1, 3.2),  # 7 - 0.6 * 10
        (Method.EDWARDS_NUNNALLY, 0.75, 0.75, 2.5, 2),  # 4 sqrt(0.25)
        (Method.NUNNALLY_KOTSCH, 0.75, 0.75, 2.5, 2.5),  # 4 sqrt(0.5625 * 0.25 + 0.25)
        # The error variance of a change is 2 * 16 / 20 = 1.6, its reliability 1.4 / 3; drift -3 * 1.6 / 1.4.
        (Method.HAGEMAN_ARRINDELL, 0.95, 1, -3 * 1.6 / 1.4, math.sqrt(1.6 * 3 / 1.4)),
    ],
)
def test_expected_scores_by_hand(
    method: Method, reliability: float, slope: float, intercept: float, error: float
) -> None:
    told = classify(BEFORE, AFTER, scale=Scale(reliability), functional=None, criterion="a", method=method)
    drift = -intercept if method is Method.HAGEMAN_ARRINDELL else intercept
    assert (told.expected.slope, told.expected.intercept) == pytest.approx((slope, drift))
    assert told.expected.error == pytest.approx(error)
    assert told.reliable_points == pytest.approx(error * (1.6448536 if drift != intercept else 1.96))
    assert told.method is method


@pytest.mark.parametrize("worse", [True, False])
@pytest.mark.parametrize(
    ("method", "reliability", "of_14", "error"),
    [
        (Method.GULLIKSEN_LORD_NOVICK, 0.6, 12.4, 3.2),
        (Method.EDWARDS_NUNNALLY, 0.75, 13.0, 2.0),
        (Method.NUNNALLY_KOTSCH, 0.75, 13.0, 2.5),
    ],
)
def test_verdicts_about_the_threshold(
    method: Method, reliability: float, of_14: float, error: float, worse: bool
) -> None:
    def verdict(later: float) -> Verdict:
        scale = Scale(reliability, higher_is_worse=worse)
        nobody = Population(-1000 if worse else 1000, 1)
        told = classify(BEFORE, [6, 10, later], scale=scale, functional=nobody, criterion="b", method=method)
        return told.verdicts[2]

    low, high = of_14 - 1.96 * error, of_14 + 1.96 * error
    better, worsened = (Verdict.IMPROVED, Verdict.DETERIORATED) if worse else (Verdict.DETERIORATED, Verdict.IMPROVED)
    assert verdict(low + 1e-9) is verdict(of_14) is verdict(high - 1e-9) is Verdict.UNCHANGED
    assert verdict(low - 1e-9) is better
    assert verdict(high + 1e-9) is worsened


def test_nunnally_and_kotsch_weigh_a_second_reliability() -> None:
    scale = Scale(0.75, reliability_after=0.5)
    told = classify(BEFORE, AFTER, scale=scale, functional=None, criterion="a", method=Method.NUNNALLY_KOTSCH)
    assert told.expected.error == pytest.approx(4 * math.sqrt(0.5625 * 0.25 + 0.5))
    for method in set(Method) - {Method.NUNNALLY_KOTSCH}:
        with pytest.raises(BadInput, match=f"{method} asks for one reliability"):
            classify(BEFORE, AFTER, scale=scale, functional=None, criterion="a", method=method)


def _simulated() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    before = rng.normal(30, 8, 300)
    return before, before - 7 + rng.normal(0, 8, 300)


@pytest.mark.parametrize("method", list(Method))
def test_a_scale_turned_round_gives_the_same_verdicts(method: Method) -> None:
    before, after = _simulated()
    healthy = Population(12, 7)
    one = classify(before, after, scale=Scale(0.85), functional=healthy, method=method)
    turned = Scale(0.85, higher_is_worse=False)
    two = classify(-before, -after, scale=turned, functional=Population(-12, 7), method=method)
    assert one.verdicts == two.verdicts
    assert {each for each in Verdict if one.count(each)} == set(Verdict) - {Verdict.UNKNOWN}
    assert (one.cutoff, one.cutoff_after) == pytest.approx((-two.cutoff, -two.cutoff_after))


def test_hageman_and_arrindell_ask_for_the_true_score_beyond_the_cutoff() -> None:
    """Each person's index as the definition writes it: estimated true score after, less the cut-off, over its error."""
    before, after = _simulated()
    told = classify(
        before, after, scale=Scale(0.85), functional=Population(12, 7), method=Method.HAGEMAN_ARRINDELL
    )  # fmt: skip
    error = before.std(ddof=1) * math.sqrt(0.15)
    late = 1 - error**2 / after.var(ddof=1)
    of_change = 1 - 2 * error**2 / (after - before).var(ddof=1)
    moved = ((after - before) * of_change + (after - before).mean() * (1 - of_change)) / (
        math.sqrt(of_change) * math.sqrt(2) * error
    )
    status = (after.mean() + (after - after.mean()) * late - told.cutoff) / (math.sqrt(late) * error)
    for verdict, first, change, now in zip(told.verdicts, before, moved, status, strict=True):
        recovered = first > told.cutoff and change < -1.6448536 and now < -1.6448536
        assert (verdict is Verdict.RECOVERED) == recovered
        assert (verdict is Verdict.DETERIORATED) == (change > 1.6448536)


def _pairs(reference: Callable[[str], Path], of: tuple[str, str, str, str]) -> pd.DataFrame:
    file, who, when, value = of
    data = pd.read_csv(reference(f"trials/clinicalsignificance_{file}.csv"))
    return data.pivot(index=who, columns=when, values=value)


HAMD = ("claus_2020", "id", "time", "hamd")
BDI = ("claus_2020", "id", "time", "bdi")
DAS = ("jacobson_1989", "subject", "time", "das")
MOOD = ("antidepressants", "patient", "measurement", "mom_di")
PAIN = ("hechler_2014", "patient", "measurement", "disability")
# File; before, after; reliability, after; functional population (invented but for the BDI); cut-off. Then by method in
# their order: recovered, improved, unchanged, deteriorated; index of the first person; last the cut-offs.
PROGRAM = [
    (HAMD, (1, 4), (0.8, 0.5), (8, 8), "c", True,
     [(26, 3, 10, 1), (26, 3, 10, 1), (12, 0, 16, 12), (26, 6, 5, 3), (26, 2, 11, 1), (23, 9, 7, 1)],
     [-5.680532020, -5.972836986, -1.045371218, -8.013401711, -4.522224207, -5.821029230],
     (19.88699808, 20.2090661)),
    (BDI, (1, 4), (0.801, 0.7), (7.69, 7.52), "c", True,
     [(10, 8, 22, 0), (11, 8, 18, 3), (8, 2, 22, 8), (13, 9, 14, 4), (11, 8, 21, 0), (7, 18, 15, 0)],
     [-1.165713336, -1.329267194, 0.6720476752, -1.783894404, -1.216849651, -1.497265089],
     (21.0166122, 20.8607051)),
    (DAS, ("pre", "post"), (0.88, 0.8), (114.8, 17.8), "c", False,
     [(14, 5, 10, 1), (14, 5, 9, 2), (7, 0, 15, 8), (15, 6, 7, 2), (14, 4, 11, 1), (10, 10, 9, 1)],
     [1.12197272881, 1.3477237973, -1.583916695, 1.8479057702, 1.1827419515, 1.422115808],
     (94.84241453, 94.55110163)),
    (MOOD, ("Before", "After"), (0.8, 0.7), (15, 8), "c", True,
     [(226, 48, 237, 44), (238, 50, 229, 38), (126, 7, 294, 128), (252, 73, 169, 61), (230, 43, 245, 37),
      (146, 170, 203, 36)],
     [-2.6810867181, -2.2097516381, -0.2314721570, -2.9646929258, -2.0266223620, -2.777128784],
     (24.71108741, 24.6706189)),
    (PAIN, (1, 2), (0.9, 0.8), (15, 10), "a", True,
     [(35, 26, 27, 4), (35, 26, 27, 4), (21, 7, 38, 26), (36, 30, 21, 5), (35, 23, 32, 2), (22, 43, 23, 4)],
     [-6.954323495, -7.005282665, -3.6998696570, -9.656115777, -5.760355734, -6.936820473],
     (17.07915103, 18.03616185)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("of", "at", "reliable", "functional", "criterion", "worse", "counts", "indices", "cuts"),
    PROGRAM,
    ids=["hamd", "bdi", "das", "mood", "pain"],
)
def test_counts_of_clinicalsignificance(
    reference: Callable[[str], Path],
    of: tuple[str, str, str, str],
    at: tuple[object, object],
    reliable: tuple[float, float],
    functional: tuple[float, float],
    criterion: str,
    worse: bool,
    counts: list[tuple[int, ...]],
    indices: list[float],
    cuts: tuple[float, float],
) -> None:
    wide = _pairs(reference, of)
    before, after = wide[at[0]], wide[at[1]]
    place = int(np.flatnonzero((before.notna() & after.notna()).to_numpy())[0])
    for method, right, index in zip(Method, counts, indices, strict=True):
        scale = Scale(reliable[0], worse, reliable[1] if method is Method.NUNNALLY_KOTSCH else None)
        told = classify(
            before, after, scale=scale, functional=Population(*functional), criterion=criterion, method=method
        )  # fmt: skip
        assert tuple(told.count(each) for each in Verdict)[:4] == right
        assert told.count(Verdict.UNKNOWN) == (before.isna() | after.isna()).sum()
        first = (after.iloc[place] - told.expected.of(before.iloc[place])) / told.expected.error
        assert first == pytest.approx(index, rel=1e-8)
        assert told.cutoff == pytest.approx(cuts[method is Method.HAGEMAN_ARRINDELL], rel=1e-8)


def test_shares_of_the_group(reference: Callable[[str], Path]) -> None:
    """90.31% changed and 75.55% functional: clinicalsignificance, tests/testthat/_snaps/cs_combined.md."""
    wide = _pairs(reference, HAMD)
    told = shares(wide[1], wide[4], scale=Scale(0.8), cutoff=20.2090661)
    assert (told.people, round(told.better, 4), round(told.beyond, 4)) == (40, 0.9031, 0.7555)
    turned = shares(-wide[1], -wide[4], scale=Scale(0.8, higher_is_worse=False), cutoff=-20.2090661)
    assert (turned.better, turned.beyond) == pytest.approx((told.better, told.beyond))


def test_what_leaves_no_true_scores_is_refused() -> None:
    def ask(after: list[float], reliability: float, functional: Population | None = None) -> None:
        criterion = "c" if functional else "a"
        classify(
            BEFORE, after, scale=Scale(reliability), functional=functional, criterion=criterion,
            method=Method.HAGEMAN_ARRINDELL,
        )  # fmt: skip

    with pytest.raises(BadInput, match="Changes vary no more than measurement error"):
        ask(AFTER, 0.8)
    with pytest.raises(BadInput, match=r"Scores \(after\) vary no more"):
        ask([7, 7, 7.5], 0.9)
    with pytest.raises(BadInput, match=r"Scores \(functional\) vary no more"):
        ask(AFTER, 0.95, Population(2, 0.5))
    with pytest.raises(BadInput, match=r"There is no cut-off b\. Known here: a, c"):
        classify(
            BEFORE, AFTER, scale=Scale(0.95), functional=Population(2, 3), criterion="b",
            method=Method.HAGEMAN_ARRINDELL,
        )  # fmt: skip
    for method in Method:
        with pytest.raises(BadInput, match="All scores before are the same"):
            classify([5, 5, 5], AFTER, scale=Scale(0.95), functional=None, criterion="a", method=method)
    with pytest.raises(BadInput, match="do not pair"):
        shares([1.0, math.nan], [1.0, 2.0], scale=Scale(0.9), cutoff=0)


# Points and shares for better and worse (invented); then improved, unchanged, deteriorated by points and by shares, of
# clinicalsignificance's calc_anchor and calc_percentage. 50% and 30% of claus_2020 are in its recorded tests, too.
THRESHOLDS = [
    (HAMD, (1, 4), True, (7, 3), (0.5, 0.3), (26, 11, 3), (16, 24, 0)),
    (BDI, (1, 4), True, (7, 5), (0.25, 0.1), (25, 10, 5), (21, 14, 5)),
    (DAS, ("pre", "post"), False, (10, 2), (0.1, 0.05), (19, 8, 3), (20, 7, 3)),
    (MOOD, ("Before", "After"), True, (8, 4), (0.3, 0.1), (316, 147, 92), (281, 176, 98)),
    (PAIN, (1, 2), True, (6, 3), (0.4, 0.2), (65, 20, 7), (47, 41, 4)),
]


@pytest.mark.parametrize(("of", "at", "worse", "points", "part", "by_point", "by_part"), THRESHOLDS)
def test_points_and_shares_of_clinicalsignificance(
    reference: Callable[[str], Path],
    of: tuple[str, str, str, str],
    at: tuple[object, object],
    worse: bool,
    points: tuple[float, float],
    part: tuple[float, float],
    by_point: tuple[int, ...],
    by_part: tuple[int, ...],
) -> None:
    wide = _pairs(reference, of)
    before, after = wide[at[0]], wide[at[1]]
    for judge, (better, worsened), right in ((by_points, points, by_point), (by_share, part, by_part)):
        told = judge(before, after, better=better, worse=worsened, higher_is_worse=worse)
        counts = (told.count(Verdict.IMPROVED), told.count(Verdict.UNCHANGED), told.count(Verdict.DETERIORATED))
        assert counts == right
        assert told.count(Verdict.UNKNOWN) == len(wide) - sum(right)


def test_points_and_shares_at_their_thresholds() -> None:
    better, same, worse, unknown = Verdict.IMPROVED, Verdict.UNCHANGED, Verdict.DETERIORATED, Verdict.UNKNOWN
    after = [10.0, 10.1, 20.0, 29.9, 30.0, math.nan]
    assert by_points([20.0] * 6, after, better=10) == (better, same, same, same, worse, unknown)
    assert by_share([20.0] * 6, after, better=0.5) == (better, same, same, same, worse, unknown)
    assert by_points([20.0] * 6, after, better=10, higher_is_worse=False) == (worse, same, same, same, better, unknown)
    assert by_share([20.0] * 6, after, better=0.6, worse=0.49) == (same, same, same, worse, worse, unknown)
    assert by_share([0.0, 0.0, math.nan], [0.0, 5.0, 5.0], better=0.5) == (unknown,) * 3
    # 0.3 - 0.2 and 1 - 0.9 fall short of 0.1 by the rounding of a computer alone.
    assert by_points([0.3, 1.0], [0.2, 0.9], better=0.1) == (better, better)


def test_thresholds_that_are_none() -> None:
    for wrong in (0, -1, math.nan, math.inf):
        with pytest.raises(BadInput, match="is no threshold of change"):
            by_points([1], [2], better=wrong)
        with pytest.raises(BadInput, match="is no threshold of change"):
            by_share([1], [2], better=0.5, worse=wrong)
    with pytest.raises(BadInput, match="do not pair"):
        by_points([1, 2], [2], better=1)
    with pytest.raises(BadInput, match="A score below zero has no share"):
        by_share([-1], [2], better=0.5)


def _command(monkeypatch: pytest.MonkeyPatch, *more: str) -> object:
    arguments = ["docs/guide/small-arms.csv", "--response", "value<=20", "--at", "Week 8", *more]
    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "responders", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_the_command_names_the_method(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    scale = ("--reliability", "0.9", "--reliable-by", "nunnally-kotsch", "--reliability-after", "0.8")
    assert _command(monkeypatch, *scale) == 0
    assert "Reliable change by nunnally-kotsch: more than " in capsys.readouterr().out
    assert _command(monkeypatch, *scale, "--json") == 0
    told = json.loads(capsys.readouterr().out)["changes"]
    assert [each["method"] for each in told] == ["nunnally-kotsch"] * 2
    assert told[0]["expected"]["slope"] == 0.9


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--reliable-by", "edwards", "--reliability", "0.9"), "`edwards` is no method. Known: jacobson-truax, "),
        (("--reliable-by", "edwards-nunnally"), "It needs the scale's reliability. Give --reliability, too."),
        (("--reliability-after", "0.9"), "It stands alone. Give --reliability, too."),
    ],
)
def test_options_that_do_not_go_together(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], words: str
) -> None:
    assert _command(monkeypatch, *more) == 2
    assert words in capsys.readouterr().err
