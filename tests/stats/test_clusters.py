"""Variance between therapists and sites equal to lme4, nlme and pbkrtest; its limits and tests exact; refusals.

R 4.2.2 with lme4 1.1.31, pbkrtest 0.5.2 and nlme 3.1.162 on docs/guide/small-clusters.csv (65 invented people).
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.stats import mmrm
from asklepion.stats.why import clustering, clusters, components, shares
from asklepion.stats.why.clusters import Question

FILE = Path(__file__).parents[2] / "docs" / "guide" / "small-clusters.csv"
ASKED = Question(
    value="AVAL", clusters=("THERAPIST",), control="placebo", treated="treated", covariates=("BASE",)
)  # fmt: skip


@pytest.fixture
def small() -> pd.DataFrame:
    return pd.read_csv(FILE)


def drawn(groups: int, each: int, *, seed: int, between: float = 1.0, effect: float = 0.0) -> pd.DataFrame:
    """Give people of both arms in clusters with variance `between` beside 1 within; clusters of different size."""
    rng = np.random.default_rng(seed)
    code = np.repeat(np.arange(groups), rng.integers(2, each + 1, groups))
    arm = rng.permutation(np.arange(len(code)) % 2)
    value = effect * arm + rng.normal(0, between**0.5, groups)[code] + rng.normal(0, 1, len(code))
    who = [f"P{k}" for k in range(len(code))]
    named = {"USUBJID": who, "TRT01P": np.array(["placebo", "treated"])[arm], "THERAPIST": [f"T{k}" for k in code]}
    return pd.DataFrame({**named, "AVAL": value})


def test_one_level_equals_lme4_with_kenward_roger(small: pd.DataFrame) -> None:
    told = clusters.cluster(small, ASKED)
    (level,), effect = told.levels, told.effect
    assert effect is not None
    assert (level.variance, told.residual[0]) == pytest.approx((21.22108696, 10.39587657), rel=1e-6)
    assert told.deviance == pytest.approx(368.144063977, abs=1e-8)
    assert effect.estimate == pytest.approx(-3.721664203866, rel=1e-6)
    assert effect.se == pytest.approx(0.924996666830, rel=1e-6)
    assert effect.df == pytest.approx(50.071624083, rel=1e-6)
    assert effect.p == pytest.approx(0.000193795124, rel=1e-4)
    assert [each.part for each in told.units[:3]] == pytest.approx([3.787657621, -4.277253110, -3.851478123], rel=1e-5)
    # anova(lm(AVAL ~ BASE + TRT01P), lm(AVAL ~ BASE + TRT01P + THERAPIST)); -2 REML of the first is 402.71604281
    assert level.exact is not None
    assert level.exact[1] == (15, 47)
    assert level.exact[0] == pytest.approx(9.0932, abs=5e-5)
    assert level.exact[2] == pytest.approx(2.2949e-09, rel=1e-4)
    assert level.drop == pytest.approx(402.71604281 - 368.144063977, abs=1e-6)
    assert level.p == pytest.approx(float(stats.chi2.sf(level.drop, 1)) / 2)


def test_therapists_within_sites_equal_lme4(small: pd.DataFrame) -> None:
    told = clusters.cluster(small, replace(ASKED, clusters=("SITE", "THERAPIST")))
    site, therapist = told.levels
    assert told.effect is not None
    assert (therapist.variance, site.variance, told.residual[0]) == pytest.approx(
        (11.21652441, 12.29502365, 10.41735859), rel=1e-5
    )
    assert (told.effect.estimate, told.effect.se) == pytest.approx((-3.6952397862668, 0.9252628768817), rel=1e-6)
    assert told.effect.df == pytest.approx(50.8711598647932, rel=1e-5)
    assert told.deviance == pytest.approx(364.6642132, abs=1e-6)
    assert site.drop == pytest.approx(368.144063977 - 364.6642132, abs=1e-6)
    assert therapist.drop == pytest.approx(380.859714277 - 364.6642132, abs=1e-6)
    parts = {each.cluster: each.part for each in told.units}
    assert parts["S2"] == pytest.approx(3.102154861794, rel=1e-5)
    assert parts["S1T2"] == pytest.approx(-3.841464735, rel=1e-5)


def test_an_arm_in_which_nobody_treats_equals_nlme(small: pd.DataFrame) -> None:
    """lme(random = ~ 0 + treated | therapist, weights = varIdent(~ 1 | arm)); placebo people each by themselves."""
    alone = small.assign(THERAPIST=small.THERAPIST.where(small.TRT01P == "treated"))
    told = clusters.cluster(alone, replace(ASKED, unclustered="placebo"))
    assert told.effect is not None
    assert told.levels[0].variance == pytest.approx(16.44085646, rel=1e-4)
    assert told.residual == pytest.approx((2.831649629**2, 6.068046311**2), rel=1e-4)
    assert told.effect.estimate == pytest.approx(-2.047762814, rel=1e-4)
    assert told.deviance == pytest.approx(386.523083313, abs=1e-5)
    placebo, treated = told.in_arms
    assert isinstance(placebo.share, Unscored)
    assert (treated.people, told.people) == (35, 65)


def test_a_negative_share_equals_compound_symmetry_of_mmrm() -> None:
    """stats.mmrm is held to SAS; people as visits of a cluster: the same estimate and error before correction."""
    table = drawn(12, 4, seed=7, between=0.0)
    table["TRT01P"] = table.THERAPIST.map({f"T{k}": ("placebo", "treated")[k % 2] for k in range(12)})
    told = clusters.cluster(table, replace(ASKED, covariates=()))
    assert told.effect is not None
    assert told.levels[0].variance < 0
    assert told.levels[0].p == 1.0
    assert isinstance(told.units[0].part, Unscored)
    assert any("less alike" in each for each in told.notes)
    place = table.groupby("THERAPIST").cumcount().astype(str)
    model = mmrm.Model(
        subject="THERAPIST", visit="PLACE", structure="cs", terms=(("TRT01P",),), ladder=(), baseline=None
    )
    fitted = mmrm.fit(table.assign(PLACE=place), model)
    line = mmrm.coefficients(fitted, freedom=mmrm.Freedom.SATTERTHWAITE)[1]
    layout = clustering.people(table, replace(ASKED, covariates=())).layout
    plain = components.fit(layout).plain[1, 1] ** 0.5
    assert (told.effect.estimate, plain) == pytest.approx((line.estimate, line.se), rel=1e-5)
    # The correction rests on expected information here, as in pbkrtest, and on observed information there, as in SAS.
    corrected = mmrm.coefficients(fitted, freedom=mmrm.Freedom.KENWARD_ROGER)[1]
    assert told.effect.se == pytest.approx(corrected.se, rel=0.01)


def test_limits_are_right_as_often_as_they_say() -> None:
    """300 trials with a share of .5 between 8 clusters: the exact limits miss in about 15, the test of none in few."""
    missed, found = 0, []
    for seed in range(300):
        table = drawn(8, 6, seed=seed)
        codes = pd.factorize(table.THERAPIST)[0]
        design = np.column_stack([np.ones(len(table)), (table.TRT01P == "treated").astype(float)])
        told = components.exact(design, table.AVAL.to_numpy(), codes)
        missed += not told.share[0] < 0.5 < told.share[1]
        none = drawn(8, 6, seed=seed + 1000, between=0.0)
        codes = pd.factorize(none.THERAPIST)[0]
        design = np.column_stack([np.ones(len(none)), (none.TRT01P == "treated").astype(float)])
        found.append(components.exact(design, none.AVAL.to_numpy(), codes).p)
    assert 5 <= missed <= 27
    assert stats.kstest(found, "uniform").pvalue > 0.01


def test_the_profile_has_its_bottom_at_the_optimum(small: pd.DataFrame) -> None:
    told = clusters.cluster(small, replace(ASKED, clusters=("SITE", "THERAPIST")))
    site, therapist = told.levels
    for each in told.levels:
        assert each.lower < each.share < each.upper
    used = clustering.people(small, replace(ASKED, clusters=("SITE", "THERAPIST")))
    sums = shares._sums(used.layout)
    best = np.array([site.share, therapist.share])
    assert shares.deviance(sums, best) == pytest.approx(told.deviance, abs=1e-8)
    assert shares.deviance(sums, best + np.array([0.05, 0])) > told.deviance
    assert shares.deviance(sums, best - np.array([0, 0.05])) > told.deviance
    assert shares.deviance(sums, np.array([0.7, 0.4])) == np.inf


def test_order_labels_and_scale_change_nothing_but_scale(small: pd.DataFrame) -> None:
    told = clusters.cluster(small, ASKED)
    other = clusters.cluster(small.sample(frac=1, random_state=3).replace({"S1T1": "x"}), ASKED)
    scaled = clusters.cluster(small.assign(AVAL=10 * small.AVAL + 7), ASKED)
    assert told.effect is not None
    assert other.effect is not None
    assert scaled.effect is not None
    assert other.effect.p == pytest.approx(told.effect.p, rel=1e-6)
    assert scaled.effect.p == pytest.approx(told.effect.p, rel=1e-6)
    assert scaled.levels[0].share == pytest.approx(told.levels[0].share, rel=1e-6)
    assert scaled.levels[0].variance == pytest.approx(100 * told.levels[0].variance, rel=1e-6)
    assert scaled.effect.se == pytest.approx(10 * told.effect.se, rel=1e-6)


def test_the_design_effect_of_equal_clusters_is_kishs() -> None:
    table = pd.DataFrame({"AVAL": [1.0, 2, 1.5, 5, 6, 5.5, 3, 3.2, 4], "THERAPIST": list("aaabbbccc")})
    told = clusters.cluster(table, Question(value="AVAL", clusters=("THERAPIST",), arm=None, subject=None))
    assert told.effect is None
    assert told.design_effect == pytest.approx(1 + 2 * told.levels[0].share)
    assert told.effective_people == pytest.approx(9 / told.design_effect)
    # Balanced, so restricted likelihood is the table of variances: between 15.86, within 0.2511.
    between, within = table.groupby("THERAPIST").AVAL.mean().var() * 3, table.groupby("THERAPIST").AVAL.var().mean()
    assert told.levels[0].share == pytest.approx((between - within) / (between + 2 * within), rel=1e-6)


def test_limits_of_a_balanced_share_are_those_of_the_textbook() -> None:
    """(F/F_u - 1) / (F/F_u + m - 1) for clusters of m, F_u the upper quantile, and the lower one for the other end."""
    table = pd.DataFrame({"AVAL": [1.0, 2, 1.5, 5, 6, 5.5, 3, 3.2, 4], "THERAPIST": list("aaabbbccc")})
    (level,) = clusters.cluster(table, Question(value="AVAL", clusters=("THERAPIST",), arm=None, subject=None)).levels
    assert level.exact is not None
    for limit, tail in ((level.lower, 0.975), (level.upper, 0.025)):
        over = level.exact[0] / float(stats.f.ppf(tail, 2, 6))
        assert limit == pytest.approx((over - 1) / (over + 2), rel=1e-6)


def test_limits_of_parts_are_those_of_hendersons_equations(small: pd.DataFrame) -> None:
    told = clusters.cluster(small, ASKED)
    x = np.column_stack([np.ones(len(small)), small.TRT01P == "treated", small.BASE]).astype(float)
    z = np.asarray(pd.get_dummies(small.THERAPIST), dtype=float)
    variance, within = told.levels[0].variance, told.residual[0]
    both = np.column_stack([x, z])
    equations = both.T @ both / within
    equations[3:, 3:] += np.eye(z.shape[1]) / variance
    inverse = np.linalg.inv(equations)
    parts = (inverse @ both.T @ small.AVAL.to_numpy() / within)[3:]
    reach = 1.959963984540054 * np.sqrt(np.diag(inverse)[3:])
    assert [each.part for each in told.units] == pytest.approx(list(parts), rel=1e-6)
    assert [each.upper for each in told.units] == pytest.approx(list(parts + reach), rel=1e-6)


def test_people_without_a_cluster_are_counted_and_clusters_of_one_are_told(small: pd.DataFrame) -> None:
    small.loc[[0, 5], "THERAPIST"] = None
    small.loc[1, "THERAPIST"] = "S1T9"
    told = clusters.cluster(small, ASKED)
    assert told.people == 63
    assert [(each.why, each.rows) for each in told.left_out] == [("THERAPIST is missing", 2)]
    assert told.levels[0].alone == 1
    assert any("one person" in each for each in told.notes)


@pytest.mark.parametrize(
    ("change", "asked", "words"),
    [
        ({"THERAPIST": "T"}, {}, "Everybody is of T"),
        ({"THERAPIST": None}, {}, "has a cluster"),
        ({}, {"clusters": ("USUBJID",)}, "Every cluster is one person"),
        ({}, {"clusters": ("TRT01P",)}, "is the arm"),
        ({}, {"clusters": ("SITE", "SITE")}, "named twice"),
        ({}, {"clusters": ("THERAPIST", "SITE")}, "stands in two of THERAPIST"),
        ({}, {"within_arm": True}, "people of both arms"),
        ({}, {"unclustered": "placebo"}, "People of placebo are in a cluster"),
        ({}, {"unclustered": "other"}, "no arm of the two"),
        ({}, {"clusters": ("SITE", "THERAPIST"), "unclustered": "placebo"}, "one level only"),
        ({"BASE": 1.0}, {}, "follow from each other"),
        ({"AVAL": 1.0}, {}, "the same for everybody"),
        ({}, {"clusters": ("NOWHERE",)}, "no column NOWHERE"),
    ],
)
def test_what_cannot_be_told_is_refused(
    small: pd.DataFrame, change: dict[str, object], asked: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        clusters.cluster(small.assign(**change), replace(ASKED, **asked))  # type: ignore[arg-type]


def test_an_arm_that_is_a_therapist_cannot_be_told_from_them(small: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="cannot be told from who treated"):
        clusters.cluster(small.assign(THERAPIST=small.TRT01P + "!"), ASKED)
    alone = small.assign(THERAPIST=small.THERAPIST.where(small.TRT01P == "treated"))
    with pytest.raises(BadInput, match="Nobody of placebo has a cluster"):
        clusters.cluster(alone, ASKED)


def test_therapists_of_one_arm_each_are_told() -> None:
    table = drawn(10, 5, seed=3, effect=1.0)
    of = {f"T{k}": ("placebo", "treated")[k % 2] for k in range(10)}
    table["TRT01P"] = table.THERAPIST.map(of)
    told = clusters.cluster(table, replace(ASKED, covariates=(), within_arm=True))
    assert told.effect is not None
    assert told.effect.df < 12
    assert told.effect.se > told.effect.plain_se
    assert any("5 of THERAPIST are of placebo only" in each for each in told.notes)


def test_the_command_answers_in_words_and_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*more: str, code: int = 0) -> tuple[str, str]:
        said = ["analyse", "clusters", str(FILE), "--cluster", "SITE", "--cluster", "THERAPIST", "--covariate", "BASE"]
        monkeypatch.setattr("sys.argv", ["asklepion", *said, *more])
        with pytest.raises(SystemExit) as caught:
            main()
        assert (caught.value.code or 0) == code
        told = capsys.readouterr()
        return told.out, told.err

    arms = ["--control", "placebo", "--treated", "treated"]
    assert "no\nverdict on anybody" in run(*arms)[0]
    told = json.loads(run(*arms, "--json")[0])
    assert told["levels"][0]["variance"] == pytest.approx(12.29502365, rel=1e-5)
    assert "Nobody is of arm sham" in run("--control", "sham", "--treated", "treated", code=2)[1]
