"""Tables and models that cannot be taken: each says what, where and what to do, and gives no estimate."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from asklepion.core.errors import BadInput
from asklepion.stats import mmrm
from asklepion.stats.mmrm import Freedom, Method, Model


def _twice(trial: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([trial, trial.iloc[[5]].assign(AVAL=1.0)], ignore_index=True)


def _moved(trial: pd.DataFrame) -> pd.DataFrame:
    return trial.assign(TRT01P=trial.TRT01P.where(trial.index != trial.index[trial.USUBJID == "P004"][1], "treated"))


def _alone(trial: pd.DataFrame) -> pd.DataFrame:
    return trial.assign(TRT01P=trial.TRT01P.where(trial.USUBJID != "P004", "third"))


def _one_armed(trial: pd.DataFrame) -> pd.DataFrame:
    return trial[~((trial.AVISIT == "Week 12") & (trial.TRT01P == "treated"))]


def _nobody(trial: pd.DataFrame) -> pd.DataFrame:
    return trial.assign(AVAL=trial.AVAL.mask(trial.AVISIT == "Week 8"))


def _text(trial: pd.DataFrame) -> pd.DataFrame:
    values = trial.AVAL.astype(object)
    values.iloc[3] = "not done"
    return trial.assign(AVAL=values)


def _infinite(trial: pd.DataFrame) -> pd.DataFrame:
    return trial.assign(AVAL=trial.AVAL.mask(trial.index == 4, np.inf))


def _unnamed(trial: pd.DataFrame) -> pd.DataFrame:
    return trial.assign(USUBJID=trial.USUBJID.mask(trial.index == 7))


def _as_arm(trial: pd.DataFrame) -> pd.DataFrame:
    return trial.assign(BASE=(trial.TRT01P == "treated") * 2.0)


def _empty(trial: pd.DataFrame) -> pd.DataFrame:
    return trial.assign(AVAL=np.nan)


WRONG = [
    (_twice, "A visit is recorded twice: P001 at Week 8.*Keep one row"),
    (_moved, "column TRT01P, index [0-9]+: A subject is in two arms: placebo, treated"),
    (_alone, "Arm third has one subject with data.*leave it out or join"),
    (_one_armed, "At Week 12 nobody of arm treated has a value"),
    (_nobody, "Nobody has a value at Week 8.*Leave the visit out"),
    (_text, "column AVAL, index 3: 'not done' is not a number"),
    (_infinite, "column AVAL, index 4: A value is infinite"),
    (_unnamed, "column USUBJID, index 7: A row says no subject or visit"),
    (_as_arm, r"The data cannot tell .*(BASE|TRT01P\[treated\]).* from the other columns"),
    (_empty, "No row has everything that is needed"),
    (lambda trial: trial.assign(AVAL=4.0), "The values do not vary"),
    (lambda trial: trial.assign(AVAL=trial.BASE * 2), "The values do not vary beyond what the mean explains"),
    (lambda trial: trial.drop(columns="BASE"), "The table has no column BASE. It has USUBJID, AVISIT"),
    (lambda trial: trial[trial.TRT01P == "treated"], "column TRT01P: It has one level, treated"),
    (lambda trial: trial.assign(AVISIT=pd.Series([1, "1"] * 200)[: len(trial)]), "Two of its labels read the same"),
]


@pytest.mark.parametrize(("spoil", "words"), WRONG)
def test_a_table_that_cannot_be_taken(trial: pd.DataFrame, spoil, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput, match=words.replace(": ", ".*")):
        mmrm.fit(spoil(trial), Model())


def test_a_model_that_cannot_be_taken(trial: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match=r"There is no structure wild\. Known: us"):
        Model(structure="wild")
    with pytest.raises(BadInput, match="TRT01P:AVISIT stands without AVISIT"):
        mmrm.fit(trial, Model(terms=(("TRT01P",), ("TRT01P", "AVISIT"))))
    with pytest.raises(BadInput, match="Week 12, Week 16 is not in the given order"):
        mmrm.fit(trial, Model(visits=("Week 4", "Week 8")))
    with pytest.raises(BadInput, match="Give 4 different times"):
        mmrm.fit(trial, Model(structure="sp_exp", times=(1, 2, 2, 3)))
    with pytest.raises(BadInput, match="A weight is not above zero"):
        mmrm.fit(trial.assign(W=0.0), Model(weight="W"))
    with pytest.raises(BadInput, match="A subject is in two groups"):
        mmrm.fit(trial, Model(group="AVISIT"))
    with pytest.raises(BadInput, match=r"There is no method fiml. Known: reml, ml"):
        Model(method="fiml")  # type: ignore[arg-type]


def test_questions_that_a_fit_cannot_answer(trial: pd.DataFrame) -> None:
    fitted = mmrm.fit(trial, Model(method=Method.ML))
    with pytest.raises(BadInput, match="Kenward-Roger is defined for REML"):
        mmrm.contrasts(fitted, freedom=Freedom.KENWARD_ROGER)
    with pytest.raises(BadInput, match=r"There is no arm high\. The fit has placebo, treated"):
        mmrm.mean_weights(fitted, "high", "Week 4")
    without = mmrm.fit(trial, replace(Model(), terms=(("AVISIT",),)))
    with pytest.raises(BadInput, match="The arm is not in the mean"):
        mmrm.lsmeans(without)
