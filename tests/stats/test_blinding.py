"""Indices of blinding against R's BI 1.2.0 (expected_R.json) and what they mean at their ends."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklepion.core.errors import BadInput
from asklepion.stats import blinding
from asklepion.stats.blinding import Guesses, bang, james

# Rows: guessed treated, guessed control, do not know, of (treated, control); James (index, SE); Bang of each arm.
TRIALS = [
    ([[82, 27], [25, 29], [170, 83]], (0.7479275374516, 0.02173739813005),
     (0.2057761732852, 0.03523709047249), (0.01438848920863, 0.05382296247284)),
    ([[48, 22], [4, 30], [330, 319]], (0.8964143426295, 0.01091757700653),
     (0.1151832460733, 0.01793374034057), (0.02156334231806, 0.01940466691132)),
    ([[94, 52], [11, 44], [289, 284]], (0.8233895956936, 0.0132866306063),
     (0.2106598984772, 0.02374354676434), (-0.02105263157895, 0.02576147499307)),
    ([[143, 104], [14, 57], [188, 175]], (0.7051162892112, 0.01594075041474),
     (0.3739130434783, 0.03022914898508), (-0.139880952381, 0.03698455218977)),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "whole", "first", "second"), TRIALS)
def test_indices_of_published_trials(
    counts: list[list[int]], whole: tuple[float, float], first: tuple[float, float], second: tuple[float, float]
) -> None:
    """CRISP (Bang 2004, table 7) and three of Houweling 2014."""
    treated, control = (Guesses(*column) for column in zip(*counts, strict=True))
    told = james(treated, control)
    assert (told.estimate, told.se) == pytest.approx(whole, abs=1e-12)
    for arm, is_treated, right in ((treated, True, first), (control, False, second)):
        index = bang(arm, treated=is_treated)
        assert (index.estimate, index.se) == pytest.approx(right, abs=1e-12)
        assert index.lower == pytest.approx(right[0] - 1.959963985 * right[1])
    assert bang(treated, treated=True).p == pytest.approx(bang(Guesses(*reversed_(treated)), treated=False).p)


def reversed_(arm: Guesses) -> tuple[int, int, int]:
    return arm.control, arm.treated, arm.unknown


def test_ends_of_the_scales() -> None:
    right, wrong, lost = Guesses(30, 0, 0), Guesses(0, 30, 0), Guesses(0, 0, 30)
    assert (bang(right, treated=True).estimate, bang(right, treated=True).se) == (1.0, 0.0)
    assert bang(right, treated=True).p is None
    assert bang(wrong, treated=True).estimate == -1.0
    assert bang(lost, treated=True).estimate == 0.0
    assert james(right, wrong).estimate == pytest.approx(0.0)
    assert james(lost, lost).estimate == 1.0
    assert james(Guesses(10, 10, 0), Guesses(10, 10, 0)).estimate == pytest.approx(0.5)


def test_counts_that_are_none() -> None:
    for wrong in ((0, 0, 0), (-1, 4, 2)):
        with pytest.raises(BadInput, match="no counts of guesses"):
            Guesses(*wrong)
    with pytest.raises(BadInput, match="There is no index"):
        james(Guesses(9, 0, 3), Guesses(0, 0, 12))


@given(*[st.integers(1, 200)] * 6)
def test_an_index_stays_in_its_range(a: int, b: int, c: int, d: int, e: int, f: int) -> None:
    told = james(Guesses(a, b, c), Guesses(d, e, f))
    assert 0 <= told.lower <= told.estimate <= told.upper <= 1
    assert -1 <= bang(Guesses(a, b, c), treated=True).estimate <= 1


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(blinding).failed == 0
