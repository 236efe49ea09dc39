"""A model written as a formula is the model named by its columns; what a formula cannot say is refused in words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats import formula, mmrm


def table() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    who, when = np.nonzero(rng.random((40, 3)) < 0.9)
    base, own = rng.normal(20, 3, 40), rng.normal(0, 2, 40)
    change = own[who] - when - 2.0 * (who % 2) + rng.normal(0, 2, len(who))
    arm, site = np.array(["active", "sham"])[who % 2], np.array(["X", "Y"])[who % 4 // 2]
    named = {"USUBJID": [f"P{k:02}" for k in who], "AVISIT": [f"Week {k}" for k in when], "CHG": change}
    return pd.DataFrame({**named, "BASE": base[who], "TRT01P": arm, "SITE": site})


def test_the_same_as_by_columns() -> None:
    said = formula.model(
        "CHG ~ BASE + SITE + TRT01P*AVISIT + cs(AVISIT | SITE / USUBJID)", references={"TRT01P": "sham"}
    )
    terms = (("BASE",), ("SITE",), ("TRT01P",), ("AVISIT",), ("TRT01P", "AVISIT"))
    named = mmrm.Model(value="CHG", terms=terms, structure="cs", group="SITE", arms=("sham", "active"))
    one, other = mmrm.fit(table(), said), mmrm.fit(table(), named)
    assert mmrm.contrasts(one) == mmrm.contrasts(other)
    assert one.deviance == other.deviance
    assert mmrm.contrasts(one)[0].label == "active - sham at Week 0"


def test_a_reference_turns_contrasts_and_no_test() -> None:
    text = "CHG ~ BASE*SITE + TRT01P*AVISIT + us(AVISIT | USUBJID)"
    plain = mmrm.fit(table(), formula.model(text))
    turned = mmrm.fit(table(), formula.model(text, references={"SITE": "Y", "TRT01P": "sham"}))
    for one, other in zip(mmrm.contrasts(plain), mmrm.contrasts(turned), strict=True):
        assert (one.estimate, one.se, one.df) == pytest.approx((-other.estimate, other.se, other.df), rel=1e-8)
    assert str(turned.columns[2]) == "SITE[X]"
    assert [each.f for each in mmrm.terms(turned)] == pytest.approx([each.f for each in mmrm.terms(plain)], rel=1e-8)


def test_interactions_are_written_out() -> None:
    pairs = formula.read("`my value` ~ (A + B + C)**2 + ar1h(V | S)")
    assert (pairs.value, pairs.structure, pairs.group) == ("my value", "ar1h", None)
    assert set(map(frozenset, pairs.terms)) == {frozenset(each) for each in ("A", "B", "C", "AB", "AC", "BC")}
    assert formula.read("Y ~ A*B - A:B + us(V|S)").terms == (("A",), ("B",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CHG ~ log(BASE) + us(AVISIT | USUBJID)", r"log\(BASE\) is not a column"),
        ("log(CHG) ~ BASE + us(AVISIT | USUBJID)", r"log\(CHG\) is not a column"),
        ("CHG ~ 0 + BASE + us(AVISIT | USUBJID)", "leaves the intercept out"),
        ("CHG ~ BASE", "It has no covariance"),
        ("CHG ~ us(AVISIT | USUBJID)", "Its mean has no term"),
        ("CHG ~ BASE + us(AVISIT | USUBJID) + cs(AVISIT | USUBJID)", "2 covariances"),
        ("CHG ~ BASE * us(AVISIT | USUBJID)", "stands in an interaction"),
        ("CHG ~ BASE + un(AVISIT | USUBJID)", "no structure un"),
        ("CHG ~ BASE + us(AVISIT, DAY | USUBJID)", "us goes by one column of visits, not 2"),
        ("CHG ~ BASE + sp_exp(log(DAY) | USUBJID)", "is no covariance"),
        ("CHG ~ BASE + us(AVISIT | A / B / USUBJID)", "is no covariance"),
        ("~ BASE + us(AVISIT | USUBJID)", "does not name one value"),
        ("CHG + AVAL ~ BASE + us(AVISIT | USUBJID)", "does not name one value"),
        ("CHG ~ . + us(AVISIT | USUBJID)", "cannot be read"),
        ("CHG ~ BASE + (", "cannot be read"),
        ("CHG ~ BASE ~ us(AVISIT | USUBJID)", "cannot be read"),
    ],
)
def test_what_is_no_formula(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        formula.read(text)


@pytest.mark.parametrize(
    ("references", "words"),
    [
        ({"TRT01P": "placebo"}, "No row has the reference placebo"),
        ({"BASE": "1"}, "BASE is no factor"),
        ({"AVISIT": "Week 1"}, "AVISIT is the visit"),
    ],
)
def test_references_that_are_none(references: dict[str, str], words: str) -> None:
    text = "CHG ~ BASE + TRT01P*AVISIT + us(AVISIT | USUBJID)"
    with pytest.raises(BadInput, match=words):
        mmrm.fit(table(), formula.model(text, references=references))


def test_at_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{tmp_path}/change.csv"
    table().to_csv(path, index=False)
    text = "CHG ~ BASE + TRT01P*AVISIT + us(AVISIT | USUBJID)"
    asked = ["asklepion", "analyse", "mmrm", path, "--formula", text, "--reference", "TRT01P=sham"]
    for more, code, words in (
        (["--freedom", "empirical"], 0, "active - sham at Week 2"),
        (["--value", "CHG"], 2, "--value: The formula says it already"),
        (["--reference", "SITE"], 2, "SITE names no level"),
    ):
        monkeypatch.setattr("sys.argv", [*asked, *more])
        with pytest.raises(SystemExit) as caught:
            main()
        told = capsys.readouterr()
        assert caught.value.code == code
        assert words in told.out + told.err
