"""t intervals, against R 4.2.2's t.test on its own data."""

import pytest

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.stats.means import difference, mean

# R: datasets::sleep (Student 1908), extra sleep under each drug.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_paired_differences_as_r_has_them():
    found = mean([b - a for a, b in zip(FIRST, SECOND, strict=True)])
    # R: t.test(extra ~ group, paired = TRUE): t = 4.0621, df 9, p .002833, 0.7001142 to 2.4598858
    assert (found.n, found.df) == (10, 9)
    assert found.mean == pytest.approx(1.58)
    assert found.t == pytest.approx(4.062128, abs=1e-6)
    assert found.p == pytest.approx(0.002832890, abs=1e-8)
    assert (found.lower, found.upper) == pytest.approx((0.7001142, 2.4598858), abs=1e-7)


def test_two_groups_as_r_has_them():
    found = difference(SECOND, FIRST)
    # R: t.test(extra ~ group): t = 1.8608, df 17.776, p .07939, -0.2054832 to 3.3654832
    assert found.df == pytest.approx(17.77647, abs=1e-5)
    assert found.p == pytest.approx(0.07939414, abs=1e-8)
    assert (found.lower, found.upper) == pytest.approx((-0.2054832, 3.3654832), abs=1e-7)
    assert isinstance(found.sd, Unscored)


def test_one_value_has_a_mean_and_no_interval():
    found = mean([2.0])
    assert found.mean == 2
    assert isinstance(found.lower, Unscored)
    assert isinstance(difference([2.0], FIRST).p, Unscored)


def test_values_that_do_not_vary_have_no_interval():
    found = mean([2.0, 2.0, 2.0])
    assert found.sd == 0
    assert isinstance(found.p, Unscored)
    assert isinstance(difference([1.0, 1.0], [2.0, 2.0]).p, Unscored)


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_no_number_is_refused(values):
    with pytest.raises(BadInput, match="no number"):
        mean(values)
