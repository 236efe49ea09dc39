"""The effect of the arm before and after the guess is in the model, on the same rows.

If people's guess carries part of the effect, the arm's own part shrinks. The guess is made after the treatment and may
itself follow from feeling better: what is left is no corrected effect, but says how much hangs on guessing.
"""

from dataclasses import dataclass

import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.stats.columns import LeftOut, complete, named
from asklepion.stats.mmrm import Freedom, Line, Model, coefficients, fit

_ROW = "the only occasion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Columns: who, the value, arm and guess, covariates; `occasion` where a person stands in several rows.

    Rows of one person share a correlation (compound symmetry, a random intercept where it is above zero). The arm may
    change within a person, as in a crossover.
    """

    value: str
    arm: str = "TRT01P"
    guess: str = "GUESS"
    subject: str = "USUBJID"
    occasion: str | None = None
    covariates: tuple[str, ...] = ()
    control: str = ""
    treated: str = ""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Treated less control without the guess in the model and with it, and what the guess itself carries."""

    plain: Line
    with_guess: Line
    guess: Line
    rows: int
    people: int
    left_out: tuple[LeftOut, ...]


def adjusted(table: pd.DataFrame, question: Question) -> Adjusted:
    """Fit both models by REML with Satterthwaite's degrees of freedom. Raises BadInput, with the rows.

    The guess takes the levels that the table holds; who does not know is a level of its own.
    """
    used, left_out = usable(table, question)
    plain = _lines(used, question, ())
    with_guess = _lines(used, question, (question.guess,))
    arm = f"{question.arm}[{question.treated}]"
    carried = f"{question.guess}[{question.treated}]"
    if carried not in with_guess:
        remedy = f"It has {', '.join(sorted(set(used[question.guess].astype(str))))}."
        what = f"Nobody guessed {question.treated}, or everybody did."
        raise BadInput(what, where=f"column {question.guess}", remedy=remedy)
    people = int(used[question.subject].nunique())
    return Adjusted(plain[arm], with_guess[arm], with_guess[carried], len(used), people, left_out)


def usable(table: pd.DataFrame, question: Question) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """Give the rows that have everything, arm and guess as levels in their order, control first."""
    columns = [question.value, question.guess, *question.covariates, question.arm, question.subject]
    named(table, [*columns, *([question.occasion] if question.occasion else [])])
    arms = table[question.arm].dropna().astype(str)
    for name in (question.control, question.treated):
        if not (arms == name).any():
            remedy = f"It holds {', '.join(sorted(set(arms)))}."
            raise BadInput(f"Nobody is of arm {name}.", where=f"column {question.arm}", remedy=remedy)
    mine = table[table[question.arm].astype(str).isin([question.control, question.treated])]
    used, left_out = complete(mine, columns)
    others = sorted(set(used[question.guess].astype(str)) - {question.control, question.treated})
    levels = [question.control, question.treated]
    told = used.copy()
    told[question.arm] = pd.Categorical(used[question.arm].astype(str), levels)
    told[question.guess] = pd.Categorical(used[question.guess].astype(str), [*levels, *others])
    told[_ROW] = "once"
    return told, left_out


def _lines(used: pd.DataFrame, question: Question, more: tuple[str, ...]) -> dict[str, Line]:
    terms = tuple((name,) for name in (*question.covariates, question.arm, *more))
    model = Model(
        subject=question.subject,
        visit=question.occasion or _ROW,
        value=question.value,
        arm="",
        baseline=None,
        terms=terms,
        structure="cs" if question.occasion else "us",
        ladder=(),
    )
    return {each.label: each for each in coefficients(fit(used, model), freedom=Freedom.SATTERTHWAITE)}
