"""Levels, subgroups, influence, asymmetry, common effects and tables of studies, against metafor 3.8-1 and SYPRES.

`LEVELS` was simulated once (numpy default_rng(7): ten studies, standard deviations .3 between and .2 within) and
rounded.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput, BadRow
from asklepion.stats import meta
from asklepion.stats.meta import Cells, Choices, Estimator, Inference, Means, Measure, Nested, Study
from asklepion.stats.meta.metapsy import Selection
from asklepion.stats.meta.table import Kind, Reading, nested, read_studies

Find = Callable[[str], Path]
NORMAL = Choices(inference=Inference.NORMAL)

LEVELS = """0 -.4876 .103 4.68;1 -.2759 .0354 5.48;1 -.0949 .0468 3.22;1 -.1201 .108 7.51;2 -.8408 .071 .25;
2 -.6003 .1047 3.72;
3 -.7485 .084 .3;3 -1.3702 .0942 1.23;3 -1.1264 .0291 9.67;3 -.9516 .0741 6.58;4 -.5703 .0708 4.28;5 -.5189 .1071 5.24;
5 -1.0285 .0561 8.73;5 -.7474 .0798 3.44;5 -.7064 .0259 5.9;5 -.3654 .0588 6.84;6 -.9832 .0523 3.55;6 -.5465 .035 5.19;
7 .1048 .1016 7.65;7 -.0043 .0579 9.09;7 -.3717 .1179 1.51;8 -.9563 .079 9.33;8 -.7466 .0805 .05;9 -.8763 .0838 7.53;
9 -.0288 .0876 8.11;9 -.6253 .0351 1.37;9 -.5988 .064 4.19"""
ROWS = [[float(x) for x in each.split()] for each in LEVELS.replace("\n", "").split(";")]
NESTED = [Nested(str(s), Study(f"effect {k}", y, v)) for k, (s, y, v, _) in enumerate(ROWS)]
MODERATOR = [row[3] for row in ROWS]

# Thirteen trials of BCG (Colditz 1994): cases and others, vaccinated and not; latitude; allocation.
BCG = [(4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
       (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
       (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)]  # fmt: skip
CELLS = {f"trial {k}": Cells(a, a + b, c, c + d) for k, (a, b, c, d) in enumerate(BCG, 1)}
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
ALLOCATED = ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4
TRIALS = [meta.risk_ratio(label, each) for label, each in CELLS.items()]


@pytest.mark.parametrize(
    ("estimator", "right"),
    [("ml", 0.2800281710), ("sj", 0.345515701599), ("he", 0.328563857996), ("hs", 0.228362863677)],
)
def test_further_estimators(estimator: str, right: float) -> None:
    """metafor ends its search for ML 3e-8 short of the optimum; the others are closed formulas."""
    assert meta.pool(TRIALS, choices=Choices(estimator=Estimator(estimator))).tau2 == pytest.approx(right, abs=5e-8)


def test_interval_of_i2() -> None:
    """expected_bcg.txt: 81.917723 to 97.678090 (metafor's root finding is exact to 1e-4 only)."""
    assert meta.pool(TRIALS).i2_interval == pytest.approx((81.917723, 97.678090), abs=4e-3)


@pytest.mark.parametrize(
    ("rho", "right"),
    [
        (0.0, (0.0746316026763, 0.0, -0.600210406628, 0.102552942374, -6.59814506322)),
        (0.6, (0.0383499822362, 0.0344719589476, -0.607147497836, 0.101968185269, -7.149346536)),
    ],
)
def test_three_levels(rho: float, right: tuple[float, ...]) -> None:
    """metafor: rma.mv(y, V, random = ~ 1 | study/id, test = "t"), V with the correlation rho within studies."""
    told = meta.pool_levels(NESTED, rho=rho)
    found = (told.sigma2_between, told.sigma2_within, told.effect.estimate, told.effect.se, told.log_likelihood)
    assert found == pytest.approx(right, abs=1e-7)
    assert told.effect.df == 26


def test_three_levels_with_a_moderator() -> None:
    told = meta.pool_levels(NESTED, rho=0.6, moderators={"m": MODERATOR}, choices=NORMAL)
    assert (told.sigma2_between, told.sigma2_within) == pytest.approx((0.0374392772575, 0.0386128019168), abs=1e-7)
    assert [each.estimate for each in told.coefficients] == pytest.approx([-0.639470211467, 0.00655750858426], abs=1e-8)
    assert [each.se for each in told.coefficients] == pytest.approx([0.137005385535, 0.0181807512666], abs=1e-8)


def test_robust_errors_have_no_bias_where_the_model_is_right() -> None:
    """CR2's defining property: its expectation under the working covariance is the model's variance."""
    from asklepion.stats.meta.components import at
    from asklepion.stats.meta.levels import robust_errors

    y, v = np.array([row[1] for row in ROWS]), np.diag([row[2] for row in ROWS])
    where = np.array([int(row[0]) for row in ROWS])
    together = (where[:, None] == where[None, :]).astype(float)
    x = np.column_stack([np.ones(len(y)), MODERATOR])
    covariance = v + 0.04 * together + 0.03 * np.eye(len(y))
    root, squares = np.linalg.cholesky(covariance), np.zeros(2)
    for column in root.T:
        fit = at([0.04, 0.03], column, x, v, [together, np.eye(len(y))])
        squares += robust_errors(fit, column, x, where)[0] ** 2
    assert squares == pytest.approx(np.diag(fit.spread), rel=1e-9)


def test_published_three_levels(reference: Find) -> None:
    """metafor: rma.mv(yi, vi, random = ~ 1 | district/school) of dat.konstantopoulos2011."""
    rows = pd.read_csv(reference("synthesis/metadat_dat.konstantopoulos2011.csv"))
    columns = zip(rows.district, rows.yi, rows.vi, strict=True)
    told = meta.pool_levels([Nested(str(d), Study(str(k), float(y), float(v))) for k, (d, y, v) in enumerate(columns)])
    assert (told.sigma2_between, told.sigma2_within) == pytest.approx((0.0650619442753, 0.0327365170279), abs=1e-8)
    assert (told.effect.estimate, told.effect.se) == pytest.approx((0.184713163673, 0.0845559187421), abs=1e-8)
    assert (told.q, told.log_likelihood) == pytest.approx((578.864017958, -7.95872403371), abs=1e-8)


def test_subgroups_with_tau_of_their_own_and_shared() -> None:
    shared = meta.subgroups(TRIALS, ALLOCATED, choices=NORMAL)
    lines = {name: effect for name, effect, _ in shared.groups}
    assert (shared.q_between, shared.p, shared.tau2) == pytest.approx((1.7675, 0.4132, 0.3615), abs=6e-5)
    assert (lines["alternate"].estimate, lines["alternate"].se) == pytest.approx((-0.5180, 0.4412), abs=6e-5)
    apart = meta.subgroups(TRIALS, ALLOCATED, common=False, choices=NORMAL)
    found = {name: (each.tau2, each.effect.estimate, each.effect.se) for name, each in apart.pooled}
    assert found["random"] == pytest.approx((0.392526549118, -0.970964475758, 0.275955701509), abs=2e-6)
    assert found["systematic"] == pytest.approx((0.400346296814, -0.424207342954, 0.359745387369), abs=2e-6)
    assert apart.tau2 is None


def test_a_group_of_one_is_in_no_test_of_its_own() -> None:
    told = meta.subgroups(TRIALS, ["one", *ALLOCATED[1:]], common=False)
    assert told.single == ("one",)
    assert told.df == 2
    with pytest.raises(BadInput, match="All studies are in one group"):
        meta.subgroups(TRIALS, ["a"] * 13)


def test_regression_by_t_and_by_relabeling() -> None:
    """metafor: test = "knha" gives -0.0291 (.0082), F 12.5905; permutest p .0085 in 2,000 relabelings."""
    told = meta.regress(TRIALS, {"latitude": LATITUDE}, choices=Choices())
    slope = told.coefficients[1]
    assert (slope.se, slope.statistic, slope.df) == pytest.approx((0.0082, -3.5483, 11), abs=2e-4)
    assert (told.residual_q, told.residual_q_p) == pytest.approx((30.7331, 0.0012), abs=6e-5)
    found = meta.relabel(TRIALS, {"latitude": LATITUDE}, relabelings=499)
    assert 0.002 <= found.omnibus_p < 0.03
    assert found == meta.relabel(TRIALS, {"latitude": LATITUDE}, relabelings=499)
    noise = meta.relabel(TRIALS, {"noise": [5, 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]}, relabelings=199)
    assert noise.omnibus_p > 0.05


def test_influence() -> None:
    """metafor: influence(rma(yi, vi)), trials 1, 4 and 8: rstudent, dffits, cook.d, cov.r, hat, tau2.del."""
    told = meta.influence(TRIALS, choices=NORMAL)
    right = {0: (-0.2181, -0.0407, 0.0017, 1.1164, 0.0506, 0.3362),
             3: (-1.4512, -0.5201, 0.2295, 0.9651, 0.0970, 0.2628),
             7: (1.4501, 0.4775, 0.1992, 1.0011, 0.1019, 0.2732)}  # fmt: skip
    for place, values in right.items():
        each = told[place]
        found = (each.residual, each.dffits, each.cook, each.covariance_ratio, each.hat, each.without.tau2)
        assert found == pytest.approx(values, abs=6e-5)


def test_asymmetry() -> None:
    """metafor: regtest(model = "lm"), ranktest, trimfill(estimator = "L0")."""
    slope = meta.egger(TRIALS)
    assert (slope.statistic, slope.p, slope.df) == pytest.approx((-1.4013, 0.1887, 11), abs=6e-5)
    assert slope.limit is not None
    assert (slope.limit.estimate, slope.limit.lower, slope.limit.upper) == pytest.approx(
        (-0.1909, -0.6753, 0.2935), abs=6e-5
    )
    tau = meta.rank(TRIALS)
    assert (tau.statistic, tau.p) == pytest.approx((0.0256, 0.9524), abs=6e-5)
    filled = meta.trim_and_fill(TRIALS, choices=NORMAL)
    assert (filled.side, filled.missing) == (meta.Side.RIGHT, 1)
    assert (filled.pooled.effect.estimate, filled.pooled.effect.se) == pytest.approx(
        (-0.65708280, 0.17852847), abs=3e-7
    )
    assert "invented" in filled.warning
    assert meta.trim_and_fill(TRIALS, side=meta.Side.LEFT).missing == 0
    assert "too few" in meta.egger(TRIALS[:6]).warning
    with pytest.raises(BadInput, match="All standard errors are the same"):
        meta.egger([Study(str(k), k / 10, 0.1) for k in range(5)])


@pytest.mark.parametrize(
    ("measure", "right"),
    [
        (Measure.RISK_RATIO, (-0.453709604684, 0.0393373668713, 152.567553587)),
        (Measure.ODDS_RATIO, (-0.473410988389, 0.0410077784042, 163.942579569)),
        (Measure.RISK_DIFFERENCE, (-0.00328818183261, 0.000286656748527, 386.775941837)),
    ],
)
def test_mantel_haenszel(measure: Measure, right: tuple[float, ...]) -> None:
    """metafor: rma.mh of dat.bcg."""
    told = meta.mantel_haenszel(CELLS, measure=measure)
    assert (told.effect.estimate, told.effect.se, told.q) == pytest.approx(right, rel=1e-9)


def test_peto_and_studies_without_events() -> None:
    """metafor: rma.peto of dat.bcg."""
    told = meta.peto(CELLS)
    assert (told.effect.estimate, told.effect.se, told.q) == pytest.approx(
        (-0.474446310941, 0.0406590807446, 167.730167511), rel=1e-9
    )
    more = {**CELLS, "none": Cells(0, 40, 0, 41)}
    assert meta.peto(more).effect == told.effect
    assert meta.peto(more).silent == ("none",)
    with pytest.raises(BadInput, match="One side has no event"):
        meta.mantel_haenszel({"a": Cells(0, 10, 2, 10)})


def test_effects_of_means(reference: Find) -> None:
    """expected_bcg.txt, escalc("SMD") of dat.normand1999."""
    told = read_studies(reference("synthesis/metadat_dat.normand1999.csv"))
    assert [each.effect for each in told.studies[:3]] == pytest.approx(
        [-0.35516964, -0.34794002, -2.31756916], abs=5e-9
    )
    assert [each.variance for each in told.studies[:3]] == pytest.approx(
        [0.013064676, 0.064468876, 0.045812110], abs=5e-10
    )
    plain = read_studies(reference("synthesis/metadat_dat.normand1999.csv"), reading=Reading(measure=Kind.MD))
    assert meta.pool(plain.studies).effect.estimate == pytest.approx(-15.1060274744, rel=1e-6)
    with pytest.raises(BadInput, match="two people"):
        meta.hedges_g("x", Means(1, 1, 1, 0, 1, 20))


def test_sypres_mdma_from_the_file_itself(reference: Find) -> None:
    """README: g -0.711930 [-0.953420, -0.470439], p .000635; rows as the published analysis filters them."""
    told = read_studies(reference("synthesis/metapsy_ptsd_mdmactr.csv"))
    pooled = meta.pool(told.studies)
    effect = pooled.effect
    assert (effect.estimate, effect.lower, effect.upper, effect.p) == pytest.approx(
        (-0.711930, -0.953420, -0.470439, 0.000635), abs=6e-7
    )
    assert pooled.prediction == pytest.approx((-1.058764, -0.365095), abs=6e-7)
    assert sum(each.rows for each in told.left_out) + 6 == len(told.source.rows)


@pytest.mark.parametrize(
    ("outcome", "right"), [("response", (1.3494, 1.0985, 1.6577)), ("remission", (2.2499, 1.0401, 4.8667))]
)
def test_sypres_counts_from_the_file_itself(reference: Find, outcome: str, right: tuple[float, ...]) -> None:
    reading = Reading(selection=Selection(outcomes=(outcome,)))
    told = meta.pool(
        read_studies(reference("synthesis/metapsy_ptsd_mdmactr.csv"), reading=reading).studies,
        choices=Choices(estimator=Estimator.PAULE_MANDEL),
    )
    effect = told.effect
    assert np.exp([effect.estimate, effect.lower, effect.upper]) == pytest.approx(right, abs=6e-5)


def test_sypres_psilocybin_from_the_file_itself(reference: Find) -> None:
    """README: REML and HK g -0.9031 [-1.2561, -0.5501], tau2 .1174, prediction [-1.7183, -0.0879], Q 23.84, k 12."""
    file = reference("synthesis/metapsy_depression_psiloctr.csv")
    out = ("Krempien 2023", "Carhart-Harris 2021")
    told = meta.pool(read_studies(file, reading=Reading(leave_out=out)).studies)
    assert (told.effect.estimate, told.effect.lower, told.effect.upper) == pytest.approx(
        (-0.9031, -1.2561, -0.5501), abs=6e-5
    )
    assert told.tau2 == pytest.approx(0.1174, abs=6e-5)
    assert told.prediction == pytest.approx((-1.7183, -0.0879), abs=6e-5)
    assert told.q == pytest.approx(23.84, abs=5e-3)
    assert len(told.studies) == 12
    # metafor on the same 37 rows; SYPRES printed -0.8166 from 39.
    every = read_studies(file, reading=Reading(leave_out=out, selection=Selection(all_times=True)))
    levels = meta.pool_levels(nested(every), rho=0.6)
    assert levels.effects == 37
    assert (levels.effect.estimate, levels.effect.se) == pytest.approx((-0.8048051365, 0.123001310888), abs=2e-7)
    assert (levels.sigma2_between, levels.sigma2_within) == pytest.approx((0.0755639918116, 0.0462817242623), abs=2e-7)


def _table(folder: Path, text: str) -> Path:
    path = folder / "studies.csv"
    path.write_text(text)
    return path


def test_retracted_by_column_and_by_doi(tmp_path: Path) -> None:
    text = (
        "study,yi,vi,doi,retracted\nA,.1,.02,10.1/a,\nB,.3,.03,10.1/B,\nC,.2,.04,10.1/c,Aug 2024\nD,.5,.02,10.1/d,no\n"
    )
    told = read_studies(_table(tmp_path, text), retracted={"10.1/b": "references.bib"})
    pooled = meta.pool(told.studies)
    assert {each.label: each.retracted for each in pooled.excluded} == {"B": "references.bib", "C": "Aug 2024"}
    kept = read_studies(_table(tmp_path, text), reading=Reading(keep_retracted=True))
    assert not meta.pool(kept.studies).excluded


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("study,yi,vi\nA,.1,.02\nB,x,.03\n", BadRow, "line 3, column yi: 'x' is not a number"),
        ("study,yi,vi\nA,.1,.02\nB,.2,0\n", BadInput, "B: Effect 0.2 with variance 0"),
        ("study,yi,sei\nA,.1,.02\nB,.2,-.1\n", BadInput, "B: Effect 0.2 with variance -0"),
        ("study,yi\nA,.1\n", BadInput, "It has no columns to pool: study, yi"),
        ("name,yi,vi\nA,.1,.2\n", BadInput, "There is no column study"),
        ("study,ai,n1i,ci,n2i\nA,5,3,1,9\nB,1,9,2,9\n", BadInput, "More events than people"),
        ("study,ai,n1i,ci,n2i\nA,1.5,3,1,9\nB,1,9,2,9\n", BadInput, "are no counts"),
        ("study,yi,vi\nA,,\n", BadInput, "No row is left to pool"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, text: str, error: type[BadInput], words: str) -> None:
    with pytest.raises(error) as told:
        read_studies(_table(tmp_path, text))
    assert words in str(told.value)


def test_command(tmp_path: Path) -> None:
    lines = [f"{each.label},{each.effect},{each.variance},{lat},{how},{'Aug 2024' if k == 3 else ''}"
             for k, (each, lat, how) in enumerate(zip(TRIALS, LATITUDE, ALLOCATED, strict=True))]  # fmt: skip
    path = _table(tmp_path, "study,yi,vi,latitude,how,retracted\n" + "\n".join([*lines, "blank,,,,,"]))
    words = ["analyse", "meta", str(path), "--moderator", "latitude", "--by", "how", "--robustness"]
    told = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    answer = json.loads(told.stdout)
    right = meta.pool([replace(each, retracted="x") if k == 3 else each for k, each in enumerate(TRIALS)])
    assert answer["pooled"]["effect"]["estimate"] == pytest.approx(right.effect.estimate, rel=1e-12)
    assert answer["left_out"] == [{"why": "yi, vi or study is missing", "rows": 1}]
    assert len(answer["input"]["sha256"]) == 64
    shown = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert "not counted: trial 4 (Aug 2024)" in shown
    plain = CliRunner().invoke(app, [*words[:3], "--inference", "normal", "--json"], catch_exceptions=False).stdout
    assert json.loads(plain)["pooled"]["effect"]["df"] is None
    assert "Trim and fill" in shown


def test_order_of_effects_changes_nothing_and_a_retracted_effect_adds_nothing() -> None:
    right = meta.pool_levels(NESTED, rho=0.6)
    turned = meta.pool_levels(NESTED[::-1], rho=0.6)
    assert turned.effect.estimate == pytest.approx(right.effect.estimate, abs=1e-9)
    gone = Nested("99", Study("gone", 9.0, 0.1, "2024"))
    told = meta.pool_levels([*NESTED, gone], rho=0.6)
    assert told.effect == right.effect
    assert told.excluded == (gone,)
    with pytest.raises(BadInput, match="A correlation of 1"):
        meta.pool_levels(NESTED, rho=1)
