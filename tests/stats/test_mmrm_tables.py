"""Tables under broom's names, residuals, and the files and tests that the command line adds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats import mmrm
from asklepion.stats.mmrm import Method, Model


def test_estimates_under_the_names_of_broom(trial: pd.DataFrame) -> None:
    fit = mmrm.fit(trial)
    lines = mmrm.contrasts(fit)
    table = mmrm.tidied(lines)
    assert list(table) == ["term", "estimate", "std.error", "df", "statistic", "p.value", "conf.low", "conf.high"]
    last = lines[-1]
    assert table.iloc[-1].tolist() == [
        last.label,
        last.estimate,
        last.se,
        last.df,
        last.t,
        last.p,
        last.lower,
        last.upper,
    ]
    joint = mmrm.terms(fit)[0]
    tests = mmrm.tidied(mmrm.terms(fit))
    assert list(tests) == ["term", "num.df", "den.df", "statistic", "p.value"]
    assert tests.iloc[0].tolist() == [joint.label, joint.numerator, joint.denominator, joint.f, joint.p]
    assert list(mmrm.tidied(())) == list(table)


def test_the_whole_at_a_glance(trial: pd.DataFrame) -> None:
    fit = mmrm.fit(trial)
    row = mmrm.glanced(fit).iloc[0]
    parameters, people = 10, trial.USUBJID.nunique()
    criteria = (-2 * row.logLik + 2 * parameters, -2 * row.logLik + parameters * np.log(people))
    assert row[["AIC", "BIC"]].tolist() == pytest.approx(criteria)
    assert (row.nobs, row["n.subjects"], row["df.residual"]) == (len(trial), people, len(trial) - 12)
    assert row.converged
    assert row.gradient < 1e-6


@pytest.mark.parametrize(("method", "lost"), [(Method.REML, 12), (Method.ML, 0)])
@pytest.mark.parametrize("structure", ["us", "ar1", "sp_exp"])
def test_scaled_residuals_sum_to_their_number(trial: pd.DataFrame, structure: str, method: Method, lost: int) -> None:
    """At an optimum with a free scale the squares of scaled residuals sum to N, by REML less the columns."""
    table = mmrm.residuals(mmrm.fit(trial, Model(structure=structure, method=method, ladder=())), trial)
    assert (table.scaled**2).sum() == pytest.approx(len(trial) - lost, rel=1e-7)
    assert (table.raw + table.fitted).to_numpy() == pytest.approx(trial.AVAL.to_numpy())


def test_scaled_residuals_by_hand_and_in_any_order(trial: pd.DataFrame) -> None:
    fit = mmrm.fit(trial)
    table = mmrm.residuals(fit, trial)
    own = table[table.subject == "P003"]
    visits = [fit.visits.index(each) for each in own.visit]
    root = np.linalg.cholesky(fit.covariances[0][np.ix_(visits, visits)])
    assert own.scaled.to_numpy() == pytest.approx(np.linalg.solve(root, own.raw.to_numpy()), rel=1e-10)
    mixed = trial.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(mmrm.residuals(fit, mixed).loc[trial.index], table)
    gone = mmrm.residuals(fit, trial.assign(AVAL=trial.AVAL.mask(trial.index == 4)))
    assert gone.loc[4, ["raw", "scaled"]].isna().all()
    assert gone.fitted.to_numpy() == pytest.approx(table.fitted.to_numpy())


def test_every_visit_of_every_subject(trial: pd.DataFrame) -> None:
    fit = mmrm.fit(trial)
    whole = mmrm.every_visit(fit, trial)
    assert len(whole) == trial.USUBJID.nunique() * 4
    assert not whole.duplicated(["USUBJID", "AVISIT"]).any()
    assert whole.AVAL.isna().sum() == len(whole) - len(trial)
    assert (whole.groupby("USUBJID").BASE.nunique() == 1).all()
    assert mmrm.predict(fit, whole).predicted.notna().all()
    pd.testing.assert_frame_equal(
        mmrm.every_visit(fit, whole.sample(frac=1, random_state=0).sort_values("USUBJID")), whole
    )


def test_a_visit_that_one_of_the_two_does_not_know(trial: pd.DataFrame) -> None:
    fit = mmrm.fit(trial, Model(terms=(("TRT01P",),), ladder=()))
    assert len(mmrm.every_visit(fit, trial[trial.AVISIT != "Week 8"])) == 4 * trial.USUBJID.nunique()
    stray = trial.assign(AVISIT=trial.AVISIT.replace("Week 4", "Week 99"))
    with pytest.raises(BadInput, match="The fit has no Week 99"):
        mmrm.predict(fit, mmrm.every_visit(fit, stray))


def test_what_changes_from_visit_to_visit_is_not_carried_over(trial: pd.DataFrame) -> None:
    """Not even where a subject has one row: who was seen on day 3 of one visit was not seen then at another."""
    moving = trial.assign(ADY=np.arange(len(trial)) * 1.0, DOSE=np.arange(len(trial)) % 3)
    one = moving[(moving.USUBJID != "P001") | (moving.index == moving.index[moving.USUBJID == "P001"][0])]
    model = Model(structure="sp_exp", coordinates=("ADY",), covariates=("DOSE",), ladder=())
    added = mmrm.every_visit(mmrm.fit(one, model), one)
    added = added[added.AVAL.isna()]
    assert (added.USUBJID == "P001").sum() == 3
    assert added[["ADY", "DOSE"]].isna().all(axis=None)
    assert added.BASE.notna().all()


def run(monkeypatch: pytest.MonkeyPatch, *asked: str) -> int:
    monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "mmrm", *asked])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_predictions_and_tests_at_the_command_line(
    trial: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = f"{tmp_path}/trial.csv", tmp_path / "predicted.csv"
    trial.to_csv(path, index=False)
    assert run(monkeypatch, path, "--tests", "2", "--predict", str(out)) == 0
    told = capsys.readouterr()
    assert "Tests of terms, type 2" in told.out
    count = 4 * trial.USUBJID.nunique()
    assert f"{count} subjects' visits, {count - len(trial)} without a value; 0 left out" in told.err
    assert "the uncertainty of the covariance is not in them" in told.err
    table = pd.read_csv(out)
    ours = mmrm.predict(mmrm.fit(trial), mmrm.every_visit(mmrm.fit(trial), trial))
    assert table.predicted.sum() == pytest.approx(ours.predicted.sum())
    assert table.visit.tolist()[:4] == ["Week 4", "Week 8", "Week 12", "Week 16"]
    assert run(monkeypatch, path, "--predict", f"{tmp_path}/nowhere/x.csv") == 2
    assert "cannot be written" in capsys.readouterr().err
    assert run(monkeypatch, path, "--tests", "1") == 2
    assert "Ask for 2 or 3" in capsys.readouterr().err
