"""People in clusters: who can be used, what is nested in what, and the columns that variance components need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import BadInput
from asklepion.stats.columns import (
    Array,
    Factor,
    LeftOut,
    complete,
    covariates,
    factor,
    floats,
    named,
    numeric,
    one_row_each,
    where,
)
from asklepion.stats.why.components import Layout
from asklepion.stats.why.people import two_arms

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Columns, one row a person. `clusters` are nested, outermost first: ("SITE", "THERAPIST"), or one alone.

    `arm` None is for a study of one arm. `unclustered` is the arm in which nobody treats, so that its people stand by
    themselves with a variance of their own [roberts2005]. `within_arm` says that every cluster is of one arm, and has
    it checked.
    """

    value: str
    clusters: tuple[str, ...]
    arm: str | None = "TRT01P"
    control: str = ""
    treated: str = ""
    unclustered: str | None = None
    within_arm: bool = False
    subject: str | None = "USUBJID"
    covariates: tuple[str, ...] = ()
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class People:
    """Those who are used: their rows, the arm (N,) as 0 and 1 or None, levels outermost first, who is in a cluster."""

    rows: pd.DataFrame
    arm: Array | None
    levels: tuple[Factor, ...]
    layout: Layout
    clustered: Mask
    left_out: tuple[LeftOut, ...]
    nested: bool


def people(table: pd.DataFrame, question: Question) -> People:
    """Give who can be used. Raises BadInput, with the rows, for clusters that cannot be told from arms or people."""
    _columns(question)
    named(table, list(question.clusters))
    rows, arm, left_out = _rows(table, question)
    numeric(rows, question.value)
    clustered: Mask = np.ones(len(rows), dtype=bool)
    if question.unclustered is not None:
        clustered = (rows[question.arm].astype("string") != question.unclustered).to_numpy(dtype=bool)
        _none_there(rows[~clustered], question)
    if question.arm is not None:
        _recorded(rows[clustered], question, question.arm)
    has = _with_clusters(rows, clustered, question)
    missing = int((~has).sum())
    rows, clustered, arm = rows[has], clustered[has], None if arm is None else arm[has]
    levels = tuple(factor(rows.loc[clustered, name].astype("string"), None, name) for name in question.clusters)
    if len(levels) == 2:
        _one_outer(levels, question.clusters)
    for name, each in zip(question.clusters, levels, strict=True):
        _enough(each, name)
    nested = question.arm is not None and _arms(rows[clustered], levels, question)
    base = [np.ones(len(rows)), *([arm] if arm is not None else []), *covariates(rows, question.covariates)]
    design = np.column_stack(base)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        remedy = "Leave out a covariate that follows from the others or from the arm."
        raise BadInput("The columns of the mean follow from each other.", where="covariates", remedy=remedy)
    codes = []
    for each in levels:
        mine = np.full(len(rows), -1, dtype=np.intp)
        mine[clustered] = each.codes
        codes.append(mine)
    residuals = (~clustered).astype(np.intp)
    layout = Layout(design, floats(rows[question.value]), tuple(codes), residuals)
    told = (*left_out, *([LeftOut(f"{' or '.join(question.clusters)} is missing", missing)] if missing else []))
    return People(rows, arm, levels, layout, clustered, told, nested)


def _columns(question: Question) -> None:
    if not 1 <= len(question.clusters) <= 2:
        raise BadInput("Name one column of clusters, or two that are nested.", where="clusters", remedy="Outer first.")
    if len({*question.clusters, question.value, question.arm}) < len(question.clusters) + 2:
        remedy = "Name a column of therapists, pairs of therapists or sites."
        raise BadInput("A column of clusters is the arm, the value or named twice.", where="clusters", remedy=remedy)
    if question.unclustered is not None:
        if len(question.clusters) > 1:
            remedy = "Name the therapists alone, or give every arm its clusters."
            raise BadInput("An arm without clusters goes with one level only.", where="unclustered", remedy=remedy)
        if question.unclustered not in (question.control, question.treated):
            remedy = f"The arms are {question.control} and {question.treated}."
            raise BadInput(f"{question.unclustered} is no arm of the two.", where="unclustered", remedy=remedy)


def _rows(table: pd.DataFrame, question: Question) -> tuple[pd.DataFrame, Array | None, tuple[LeftOut, ...]]:
    needed = [question.value, *question.covariates]
    if question.arm is not None:
        return two_arms(
            table, needed, arm=question.arm, control=question.control, treated=question.treated,
            subject=question.subject,
        )  # fmt: skip
    named(table, [*needed, *([question.subject] if question.subject else [])])
    if question.subject is not None:
        one_row_each(table, question.subject)
    used, left_out = complete(table, needed)
    return used, None, left_out


def _none_there(rows: pd.DataFrame, question: Question) -> None:
    name = question.clusters[0]
    wrong = rows[rows[name].notna().to_numpy()]
    if len(wrong):
        remedy = "Leave the column empty for that arm, or do not say that it is without clusters."
        raise BadInput(f"People of {question.unclustered} are in a cluster.", where=where(wrong, name), remedy=remedy)


def _recorded(rows: pd.DataFrame, question: Question, arm: str) -> None:
    for label, mine in rows.groupby(rows[arm].astype("string")):
        for name in question.clusters:
            if mine[name].isna().all():
                remedy = f"If nobody treats there, say that {label} is without clusters (--unclustered)."
                raise BadInput(f"Nobody of {label} has a cluster.", where=f"column {name}", remedy=remedy)


def _with_clusters(rows: pd.DataFrame, clustered: Mask, question: Question) -> Mask:
    known: Mask = rows[list(question.clusters)].notna().all(axis=1).to_numpy(dtype=bool)
    if not known.any():
        raise BadInput("Nobody has a cluster.", where=f"column {question.clusters[-1]}", remedy="Look at the column.")
    return known | ~clustered


def _one_outer(levels: Sequence[Factor], names: Sequence[str]) -> None:
    pairs = sorted({(int(inner), int(outer)) for outer, inner in zip(levels[0].codes, levels[1].codes, strict=True)})
    inner = [pair[0] for pair in pairs]
    twice = sorted({code for code in inner if inner.count(code) > 1})
    if twice:
        shown = ", ".join(levels[1].levels[code] for code in twice[:5])
        remedy = f"Give each its own label if they are different; if not, analyse {names[1]} alone."
        raise BadInput(f"{shown} stands in two of {names[0]}.", where=f"column {names[1]}", remedy=remedy)
    if len(levels[0].levels) == len(levels[1].levels):
        what = f"Every one of {names[0]} has one of {names[1]}: the two cannot be told apart."
        raise BadInput(what, where=f"column {names[1]}", remedy="Name one of them.")


def _enough(level: Factor, name: str) -> None:
    if len(level.levels) < 2:
        what = f"Everybody is of {level.levels[0]}."
        raise BadInput(what, where=f"column {name}", remedy="Variance between clusters needs two, better many.")
    if len(level.levels) == len(level.codes):
        what = "Every cluster is one person: clusters cannot be told from people."
        raise BadInput(what, where=f"column {name}", remedy="Name a column that several people share.")


def _arms(rows: pd.DataFrame, levels: Sequence[Factor], question: Question) -> bool:
    """Tell whether every innermost cluster is of one arm. Raises BadInput where arm and cluster are one."""
    arms = rows[question.arm].astype("string").to_numpy()
    nested = False
    for name, each in zip(question.clusters, levels, strict=True):
        seen = {(str(arm), int(code)) for arm, code in zip(arms, each.codes, strict=True)}
        codes = [code for _, code in seen]
        both = sorted({code for code in codes if codes.count(code) > 1})
        if both and question.within_arm and name == question.clusters[-1]:
            shown = ", ".join(each.levels[code] for code in both[:5])
            remedy = "Correct the label, or do not say that each is of one arm (--within-arm)."
            raise BadInput(f"{shown} has people of both arms.", where=f"column {name}", remedy=remedy)
        of_arm = [arm for arm, _ in seen]
        if not both and len(set(of_arm)) == len(of_arm) and question.unclustered is None:
            what = f"Each arm is one of {name}: what the arm does cannot be told from who treated."
            raise BadInput(what, where=f"column {name}", remedy="No analysis separates them; tell both as one.")
        nested = not both
    return nested
