"""Guesses of a table, counted by arm, with their indices."""

from dataclasses import dataclass

import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.stats.blinding.indices import Guesses, Index, bang, james
from asklepion.stats.columns import LeftOut, complete, named


@dataclass(frozen=True, slots=True)
class Counted:
    """Guesses of the control and the treated arm, in that order, Bang's index of each and James's of both."""

    arms: tuple[str, str]
    guesses: tuple[Guesses, Guesses]
    bang: tuple[Index, Index]
    james: Index
    correct_rate: float
    left_out: tuple[LeftOut, ...]


def counted(
    table: pd.DataFrame, *, arm: str, guess: str, control: str, treated: str, unknown: tuple[str, ...] = ()
) -> Counted:
    """Count guesses. A guess bears the name of an arm, or one of `unknown` for people who say that they do not know.

    Rows without a guess are left out and counted: not to have been asked is not the same as not to know.
    `correct_rate` is of those who guessed. Raises BadInput for labels that are none of these.
    """
    named(table, [arm, guess])
    if control == treated:
        raise BadInput(f"{control} is both arms.", where="control, treated", remedy="Name two.")
    named_twice = sorted({control, treated} & set(unknown))
    if named_twice:
        what = f"{named_twice[0]} is an arm and the label of who does not know."
        raise BadInput(what, where="unknown", remedy="Name other labels.")
    used, left_out = complete(table, [arm, guess])
    _only(used, arm, (control, treated), "arm")
    _only(used, guess, (control, treated, *unknown), "guess")
    told = []
    for name in (control, treated):
        mine = used.loc[used[arm].astype(str) == name, guess].astype(str)
        told.append(
            Guesses(int((mine == treated).sum()), int((mine == control).sum()), int(mine.isin(list(unknown)).sum()))
        )
    low, high = told
    guessed = low.treated + low.control + high.treated + high.control
    if guessed == 0:
        raise BadInput("Nobody guessed.", where=f"column {guess}", remedy="There is nothing to judge blinding by.")
    return Counted(
        (control, treated),
        (low, high),
        (bang(low, treated=False), bang(high, treated=True)),
        james(high, low),
        (low.control + high.treated) / guessed,
        left_out,
    )


def _only(used: pd.DataFrame, name: str, known: tuple[str, ...], noun: str) -> None:
    labels = used[name].astype(str)
    for label in known[:2]:
        if noun == "arm" and not (labels == label).any():
            found = ", ".join(sorted(set(labels)))
            raise BadInput(f"Nobody is of arm {label}.", where=f"column {name}", remedy=f"It holds {found}.")
    stray = used[~labels.isin(known).to_numpy()]
    if len(stray):
        label = str(stray[name].iloc[0])
        remedy = f"Known: {', '.join(known)}. Name the labels of those who do not know, or leave other rows out."
        raise BadInput(f"`{label}` is no {noun} ({len(stray)} rows).", where=f"column {name}", remedy=remedy)
