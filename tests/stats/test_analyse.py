"""`asklepion analyse mmrm` at the command line: what it prints, what it exits with, and what it says of bad input."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from asklepion.core.errors import BadInput
from asklepion.stats import mmrm
from asklepion.stats.tables import read_csv
from stats.conftest import Ran


@pytest.fixture
def run(analyse: Callable[..., Ran]) -> Callable[..., Ran]:
    return partial(analyse, "mmrm")


def test_json_holds_the_estimates_and_what_they_rest_on(
    run: Callable[..., Ran], file: Path, trial: pd.DataFrame
) -> None:
    code, out, _ = run(str(file), "--covariate", "SITE", "--json")
    told = json.loads(out)
    right = mmrm.contrasts(mmrm.fit(trial, mmrm.Model(covariates=("SITE",))), freedom=mmrm.Freedom.KENWARD_ROGER)
    assert code == 0
    assert told["input"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert told["input"]["rows"] == told["fit"]["observations"] == len(trial)
    assert [each["estimate"] for each in told["contrasts"]] == pytest.approx([each.estimate for each in right])
    assert [each["se"] for each in told["contrasts"]] == pytest.approx([each.se for each in right])
    assert told["contrasts"][-1]["label"] == "treated - placebo at Week 16"
    assert told["fit"]["visits"] == ["Week 4", "Week 8", "Week 12", "Week 16"]
    assert told["attempts"] == [{"structure": "us", "why": ""}]
    assert [each["label"] for each in told["tests"]] == ["BASE", "SITE", "TRT01P", "AVISIT", "BASE:AVISIT",
                                                         "TRT01P:AVISIT"]  # fmt: skip


def test_text_says_structure_method_and_estimates(run: Callable[..., Ran], file: Path) -> None:
    code, out, _ = run(str(file), "--arms", "treated,placebo", "--structure", "ar1h", "--method", "ml")
    assert code == 0
    assert "covariance ar1h, ML, satterthwaite" in out.splitlines()[0]
    assert "placebo - treated at Week 16" in out
    assert "SHA-256" in out


def test_what_was_left_out_and_left_behind_is_said(
    run: Callable[..., Ran], trial: pd.DataFrame, tmp_path: Path
) -> None:
    early = trial.USUBJID.str[-1].astype(int) % 4 < 2
    gone = ((trial.AVISIT == "Week 4") & early) | ((trial.AVISIT == "Week 8") & ~early)
    trial.assign(AVAL=trial.AVAL.mask(gone)).to_csv(tmp_path / "gaps.csv", index=False)
    code, out, _ = run(str(tmp_path / "gaps.csv"))
    assert code == 0
    assert f"{gone.sum()} rows left out: AVAL is missing." in out
    assert "Structure us was tried and left. The likelihood is flat" in out
    assert "The covariance is toeph, not us as asked for." in out
    assert "No subject has values at both of: Week 4 and Week 8." in out
    code, out, err = run(str(tmp_path / "gaps.csv"), "--no-ladder")
    assert (code, out) == (1, "")
    assert "The model could not be fitted. us: The likelihood is flat" in err


def test_misuse_is_two_and_one_sentence(run: Callable[..., Ran], file: Path, tmp_path: Path) -> None:
    text = file.read_text().splitlines()
    cells = text[3].split(",")
    cells[2] = "not done"
    (tmp_path / "typed.csv").write_text("\n".join([*text[:3], ",".join(cells), *text[4:]]))
    code, out, err = run(str(tmp_path / "typed.csv"))
    assert (code, out) == (2, "")
    assert err == "asklepion: column AVAL, line 4: 'not done' is not a number. Write numbers; leave blanks empty.\n"
    assert run(str(file), "--value", "CHG").err.startswith("asklepion: columns: The table has no column CHG.")
    assert "--freedom: There is no bayes" in run(str(file), "--freedom", "bayes").err
    assert "There is no structure wild" in run(str(file), "--structure", "wild").err
    assert "cannot be read" in run(str(tmp_path / "nowhere.csv")).err


def test_a_table_keeps_labels_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("\ufeffid,arm,x\n007,None,1\n7,NA,.\n\n8,b,2.5\n", encoding="utf-8")
    table = read_csv(path, labels=["id"])
    assert list(table.rows.id) == ["007", "7", "8"]
    assert table.rows.arm.iloc[0] == "None"
    assert table.rows.isna().sum().to_dict() == {"id": 0, "arm": 1, "x": 1}
    assert list(table.rows.index) == [2, 3, 5]
    for content in (b"", b"\xff\xfe\x00a,b\n", b"a,b\n", b'a,b\n"1,2\n'):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=r"no table|no rows"):
            read_csv(path)
