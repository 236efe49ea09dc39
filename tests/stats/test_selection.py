"""Populations: who meets conditions, who is left out by which, and what is refused."""

import pandas as pd
import pytest

from asklepion.core.errors import BadInput
from asklepion.stats.columns import LeftOut
from asklepion.stats.selection import Condition, select

ROWS = pd.DataFrame({"ARM": ["a", "a", "b", None], "AGE": [17.0, 18.0, 65.0, 66.0], "SITE": [1.0, 2.0, None, 2.0]})


def test_rows_are_left_out_by_the_first_condition_that_they_do_not_meet() -> None:
    rows, left_out = select(ROWS, (Condition(column="ARM", among=("a", "b")), Condition(column="AGE", least=18.0)))
    assert list(rows.index) == [1, 2]
    assert left_out == (LeftOut("not: ARM is a or b", 1), LeftOut("not: AGE is 18 or more", 1))


@pytest.mark.parametrize(("least", "kept"), [(18.0, [1, 2, 3]), (18.01, [2, 3]), (17.99, [1, 2, 3])])
def test_a_limit_belongs_to_what_is_kept(least: float, kept: list[int]) -> None:
    assert list(select(ROWS, (Condition(column="AGE", least=least),))[0].index) == kept
    assert list(select(ROWS, (Condition(column="AGE", most=36 - least),))[0].index) == [
        k for k in range(4) if ROWS["AGE"][k] <= 36 - least
    ]


def test_an_empty_cell_meets_nothing_and_a_whole_number_is_its_label() -> None:
    assert list(select(ROWS, (Condition(column="SITE", among=(2,)),))[0].index) == [1, 3]
    assert list(select(ROWS, (Condition(column="SITE", not_among=("2",)),))[0].index) == [0]
    assert list(select(ROWS, (Condition(column="SITE"),))[0].index) == [0, 1, 3]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (Condition(column="SEX"), "no column SEX"),
        (Condition(column="ARM", among=("a", "c")), "No row holds c"),
        (Condition(column="ARM", least=3.0), "'a' is not a number"),
        (Condition(column="AGE", least=70.0), "No row meets"),
    ],
)
def test_what_would_select_silently_is_refused(condition: Condition, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        select(ROWS, (condition,))
