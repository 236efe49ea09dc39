"""Mediation equal to the products of least squares, intervals to SciPy's BCa; moderation equal to R's lm."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats.why import mediation, moderation


def trial(people: int, *, seed: int, b: float = 1.5, both: float = 0.0) -> pd.DataFrame:
    """M that the arm raises by 2 and that lowers the value by b; N that does nothing; BASE moves both by `both`."""
    rng = np.random.default_rng(seed)
    arm = np.arange(people) % 2
    base = rng.normal(0, 1, people)
    m = 2 * arm + both * base + rng.normal(0, 1, people)
    value = 40 - arm - b * m + both * base + rng.normal(0, 2, people)
    return pd.DataFrame(
        {
            "USUBJID": [f"P{k}" for k in range(people)],
            "TRT01P": np.array(["placebo", "drug"])[arm],
            "M": m,
            "N": rng.normal(0, 1, people),
            "BASE": base,
            "AVAL": value,
        }
    )


ASKED = mediation.Question(value="AVAL", mediators=("M",), control="placebo", treated="drug", draws=2000)


def test_the_jobs_trial_gives_its_products(reference: Callable[[str], Path]) -> None:
    """R 4.2.2, mediation 4.5.1 and lavaan: a*b -0.01574464503, direct -0.0402647, total -0.05600934503; SE .012."""
    rows = pd.read_csv(reference("trials/mediation_jobs.csv"))
    question = mediation.Question(
        value="depress2", mediators=("job_seek",), arm="treat", control="0", treated="1", subject=None,
        covariates=("econ_hard", "sex", "age"), draws=2000,
    )  # fmt: skip
    told = mediation.mediate(rows, question)
    total, direct, indirect = told.paths
    assert indirect.estimate == pytest.approx(-0.01574464503, abs=1e-10)
    assert direct.estimate == pytest.approx(-0.0402647, abs=1e-7)
    assert total.estimate == pytest.approx(-0.05600934503, abs=1e-10)
    assert (told.a[0][1], told.b[0][1]) == pytest.approx((0.066, -0.240), abs=5e-4)
    assert indirect.se == pytest.approx(0.012, abs=1e-3)
    # mediation's own quasi-Bayesian interval of the indirect effect: -0.0418 to 0.0091.
    assert indirect.percentile == pytest.approx((-0.0418, 0.0081), abs=0.003)


def test_the_corrected_interval_equals_scipys() -> None:
    table = trial(60, seed=1)
    told = mediation.mediate(table, replace(ASKED, draws=6000))
    columns = [(table["TRT01P"] == "drug").to_numpy(float), table["M"].to_numpy(), table["AVAL"].to_numpy()]

    def product(arm: np.ndarray, m: np.ndarray, y: np.ndarray) -> float:
        a = np.linalg.lstsq(np.column_stack([np.ones(len(m)), arm]), m, rcond=None)[0][1]
        return float(a * np.linalg.lstsq(np.column_stack([np.ones(len(m)), arm, m]), y, rcond=None)[0][2])

    right = stats.bootstrap(
        columns, product, paired=True, vectorized=False, n_resamples=3000, method="BCa", rng=np.random.default_rng(2)
    )
    indirect = told.paths[2]
    assert indirect.estimate == pytest.approx(product(*columns))
    assert indirect.lower == pytest.approx(right.confidence_interval.low, abs=0.15)
    assert indirect.upper == pytest.approx(right.confidence_interval.high, abs=0.15)
    assert indirect.se == pytest.approx(right.standard_error, rel=0.06)


def test_total_is_direct_and_indirect_and_mediators_add_up() -> None:
    told = mediation.mediate(trial(80, seed=3), replace(ASKED, mediators=("M", "N"), covariates=("BASE",)))
    total, direct, indirect, by_m, by_n = told.paths
    assert total.estimate == pytest.approx(direct.estimate + indirect.estimate)
    assert indirect.estimate == pytest.approx(by_m.estimate + by_n.estimate)
    assert by_n.lower < 0 < by_n.upper
    assert by_m.upper < 0
    assert told.vanishes_at is None


def test_with_interaction_each_arm_has_its_effects_and_they_add_up() -> None:
    told = mediation.mediate(trial(80, seed=4), replace(ASKED, interaction=True, covariates=("BASE",)))
    found = {each.label: each.estimate for each in told.paths}
    assert found["total"] == pytest.approx(found["direct, control"] + found["indirect, treated"])
    assert found["total"] == pytest.approx(found["direct, treated"] + found["indirect, control"])
    plain = mediation.mediate(trial(80, seed=4), replace(ASKED, covariates=("BASE",)))
    assert found["total"] == pytest.approx(plain.paths[0].estimate, abs=0.1)


def test_order_changes_no_effect_and_a_unit_scales_it() -> None:
    table = trial(60, seed=5)
    told = mediation.mediate(table, ASKED)
    mixed = mediation.mediate(table.sample(frac=1, random_state=1), ASKED)
    scaled = mediation.mediate(table.assign(AVAL=table["AVAL"] * 10, M=table["M"] * 3), ASKED)
    assert [each.estimate for each in mixed.paths] == pytest.approx([each.estimate for each in told.paths])
    assert [each.lower for each in scaled.paths] == pytest.approx([each.lower * 10 for each in told.paths])
    assert told == mediation.mediate(table, ASKED)


def test_a_common_cause_left_out_looks_like_mediation_and_the_correlation_says_how_strong_it_must_be() -> None:
    table = trial(4000, seed=6, b=0.0, both=1.5)
    blind = mediation.mediate(table, replace(ASKED, draws=400))
    seeing = mediation.mediate(table, replace(ASKED, draws=400, covariates=("BASE",)))
    assert abs(blind.paths[2].estimate) > 0.5
    assert abs(seeing.paths[2].estimate) < 0.25
    # Residuals of M are 1.5 BASE and noise of SD 1, of the value 1.5 BASE and noise of SD 2.
    assert blind.vanishes_at == pytest.approx(2.25 / ((2.25 + 1) * (2.25 + 4)) ** 0.5, abs=0.03)


@pytest.mark.heavy
def test_intervals_of_the_indirect_effect_cover_it() -> None:
    held = 0
    for seed in range(400):
        told = mediation.mediate(trial(60, seed=seed), replace(ASKED, draws=1000, seed=seed))
        held += told.paths[2].lower <= -3.0 <= told.paths[2].upper
    assert 0.91 <= held / 400 <= 0.975


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"M": 1.0}, "column M: It is the same for everybody"),
        ({"TRT01P": "drug"}, "Nobody is of arm placebo. It holds drug"),
        ({"AVAL": "many"}, "'many' is not a number"),
        ({"USUBJID": "P1"}, "A person stands in two rows"),
    ],
)
def test_a_table_that_cannot_be_taken(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        mediation.mediate(trial(20, seed=7).assign(**change), ASKED)


def test_a_mediator_that_is_the_arm_has_no_solution() -> None:
    table = trial(20, seed=8)
    table["M"] = (table["TRT01P"] == "drug") * 1.0
    with pytest.raises(BadInput, match="have no solution"):
        mediation.mediate(table, ASKED)


def sixfold() -> pd.DataFrame:
    """The 24 people on whom R's lm was run."""
    return pd.DataFrame(
        {
            "TRT01P": ["placebo", "drug"] * 12,
            "X": [3, 7, 5, 9, 2, 8, 6, 4, 7, 5, 1, 9, 8, 3, 6, 2, 4, 7, 5, 8, 9, 1, 3, 6],
            "S": list("aabbcc") * 4,
            "BASE": [41, 38, 44, 36, 39, 47, 42, 40, 37, 45, 43, 38, 46, 41, 39, 44, 36, 42, 40, 45, 38, 43, 37, 41],
            "AVAL": [40, 31, 41, 25, 39, 36, 40, 33, 35, 36, 44, 24, 43, 36, 37, 39, 33, 31, 38, 33, 34, 42, 36, 30],
        }
    )


MODERATED = moderation.Question(
    value="AVAL", moderators=("X", "S"), control="placebo", treated="drug", covariates=("BASE",), subject=None
)


def test_moderators_equal_lm() -> None:
    """R 4.2.2: lm(y ~ b + x * arm), anova(lm(y ~ b + s + arm), lm(y ~ b + s * arm)), lm(y ~ b + s + s:arm)."""
    x, s = moderation.moderate(sixfold(), MODERATED)
    assert x.slope is not None
    assert (x.slope.estimate, x.slope.se, x.slope.p) == pytest.approx(
        (-0.775311788061, 0.2162174865213, 1.97111892573e-03), rel=1e-9
    )
    assert (s.f, s.p, s.df) == (pytest.approx(4.92843, abs=1e-5), pytest.approx(0.020504, abs=1e-6), (2, 17))
    assert [each.estimate for each in s.levels] == pytest.approx([-5.573473282443, -4.103053435115, -11.458969465649])
    assert [each.se for each in s.levels] == pytest.approx([1.74646309927, 1.78700222159, 1.82350240915])
    assert (x.p_holm, s.p_holm) == pytest.approx((2 * x.p, s.p))
    # At the mean of X: -1.875259200213 - 0.775311788061 * 5.3333.
    assert x.levels[1].estimate == pytest.approx(-1.875259200213 - 0.775311788061 * 16 / 3)


def test_where_the_interval_meets_zero_is_where_p_is_one_in_twenty() -> None:
    table = sixfold().assign(AVAL=lambda each: each["AVAL"] + 5 * (each["TRT01P"] == "drug"))
    (x,) = moderation.moderate(table, replace(MODERATED, moderators=("X",)))
    assert x.turns
    for value in x.turns:
        (moved,) = moderation.moderate(table.assign(X=table["X"] - value), replace(MODERATED, moderators=("X",)))
        assert moved.slope is not None
        design = np.column_stack([np.ones(24), table["BASE"], table["X"] - value, (table["TRT01P"] == "drug"),
                                  (table["TRT01P"] == "drug") * (table["X"] - value)]).astype(float)  # fmt: skip
        beta, rest, *_ = np.linalg.lstsq(design, table["AVAL"].to_numpy(float), rcond=None)
        se = (rest[0] / 19 * np.linalg.inv(design.T @ design)[3, 3]) ** 0.5
        assert 2 * stats.t.sf(abs(beta[3]) / se, 19) == pytest.approx(0.05, abs=1e-6)


def test_a_number_can_be_taken_as_levels_and_an_empty_cell_is_named() -> None:
    table = sixfold().assign(SITE=[1, 1, 2, 2] * 6)
    (site,) = moderation.moderate(table, replace(MODERATED, moderators=("SITE",), factors=("SITE",)))
    assert [(each.at, each.people) for each in site.levels] == [("1", 12), ("2", 12)]
    alone = sixfold().assign(S=["a", "b"] * 12)
    with pytest.raises(BadInput, match="At a there is nobody of one arm"):
        moderation.moderate(alone, MODERATED)
    with pytest.raises(BadInput, match="It is the arm or the value itself"):
        moderation.moderate(sixfold(), replace(MODERATED, moderators=("TRT01P",)))


def test_the_commands_tell_effects_and_what_to_beware_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "adsl.csv"
    trial(60, seed=9).to_csv(file, index=False)
    arms = ["--control", "placebo", "--treated", "drug"]

    def run(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["asklepion", "analyse", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        assert caught.value.code == 0
        return capsys.readouterr().out

    told = json.loads(run("mediate", str(file), *arms, "--mediator", "M", "--draws", "500", "--json"))
    assert told["paths"][2]["label"] == "indirect"
    assert told["input"]["rows"] == 60
    assert "was not given by lot" in run("mediate", str(file), *arms, "--mediator", "M", "--draws", "500")
    assert "is a question for the next trial" in run("moderate", str(file), *arms, "--moderator", "BASE")
