"""One row a person, of two arms: who can be used."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, LeftOut, complete, named, one_row_each, where


def two_arms(
    table: pd.DataFrame, columns: Sequence[str], *, arm: str, control: str, treated: str, subject: str | None = None
) -> tuple[pd.DataFrame, Array, tuple[LeftOut, ...]]:
    """Give the rows of both arms that have every column, the arm as 0 and 1 (N,), and what was left out.

    Raises BadInput for an arm that nobody is of or only one person, and for a person who stands in two rows.
    """
    needed = list(dict.fromkeys([*columns, arm]))
    if len(needed) < len(columns) + 1:
        name = next(each for each in needed if [*columns, arm].count(each) > 1)
        raise BadInput("One column is named for two things.", where=f"column {name}", remedy="Name it once.")
    named(table, [*needed, *([subject] if subject else [])])
    labels = table[arm].astype("string")
    for label in (control, treated):
        if not (labels == label).any():
            remedy = f"It holds {', '.join(sorted(set(labels.dropna())))}."
            raise BadInput(f"Nobody is of arm {label}.", where=f"column {arm}", remedy=remedy)
    mine = table[labels.isin([control, treated]).fillna(False).to_numpy(dtype=bool)]
    if subject is not None:
        empty = mine[subject].isna()
        if empty.any():
            place = where(mine[empty.to_numpy()], subject)
            raise BadInput("It is empty.", where=place, remedy="Fill it in, or leave the row out.")
        one_row_each(mine, subject)
    used, left_out = complete(mine, needed)
    given: Array = (used[arm].astype("string") == treated).to_numpy(dtype=bool).astype(np.float64)
    if min(given.sum(), len(given) - given.sum()) < 2:
        raise BadInput("An arm has fewer than two people.", where=f"column {arm}", remedy="There is no effect to tell.")
    return used, given, left_out
