"""Change: permutation p equal to SciPy's, components to bctpy's, corrections to statsmodels', and refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.stats import change
from asklepion.stats.change.network import Size

# Student 1908: extra hours of sleep under two drugs, ten people.
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def column(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, dtype=float)[:, None]


def test_all_sign_flips_of_students_sleep_equal_scipy() -> None:
    (told,) = change.paired(column(SECOND), column(FIRST), names=["extra"])
    right = stats.permutation_test(
        (SECOND - FIRST,), lambda d, axis: stats.ttest_1samp(d, 0, axis=axis).statistic, permutation_type="samples",
        n_resamples=2000, vectorized=True,
    )  # fmt: skip
    assert (told.exact, told.relabelings) == (True, 1024)
    assert told.p == pytest.approx(right.pvalue)
    assert told.difference.mean == pytest.approx(1.58)
    assert told.difference.p == pytest.approx(0.002833, abs=1e-6)
    assert told.p == told.p_family == told.p_holm == told.q


def test_all_ways_of_dealing_two_groups_equal_scipy() -> None:
    x, y = FIRST[:6], SECOND[:5] + 1
    (told,) = change.independent(column(x), column(y), names=["extra"])
    right = stats.permutation_test(
        (x, y), lambda a, b, axis: abs(stats.ttest_ind(a, b, equal_var=False, axis=axis).statistic),
        permutation_type="independent", n_resamples=5000, vectorized=True, alternative="greater",
    )  # fmt: skip
    assert (told.exact, told.relabelings, told.n) == (True, 462, 11)
    assert told.p == pytest.approx(right.pvalue)
    assert told.difference.df == pytest.approx(stats.ttest_ind(x, y, equal_var=False).df)


def test_drawn_relabelings_come_from_the_seed_and_never_give_zero() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(5, 1, (30, 3)), rng.normal(0, 1, (30, 3))
    names = ["a", "b", "c"]
    first, again, other = (change.paired(x, y, names=names, permutations=500, seed=seed) for seed in (4, 4, 5))
    assert first == again
    assert not first[0].exact
    assert [each.p for each in first] == [1 / 501] * 3 == [each.p for each in other]


def test_corrections_equal_statsmodels() -> None:
    """statsmodels 0.15.0, multipletests(method="holm" and "fdr_bh") of the five known p values."""
    p = [0.01, np.nan, 0.04, 0.03, 0.005, 0.9]
    assert change.holm(p)[[0, 2, 3, 4, 5]] == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.9])
    assert change.benjamini_hochberg(p)[[0, 2, 3, 4, 5]] == pytest.approx([0.025, 0.05, 0.05, 0.025, 0.9])
    assert np.isnan(change.holm(p)[1])


def test_a_missing_value_leaves_the_person_out_of_that_measure_only() -> None:
    after, before = np.column_stack([SECOND, SECOND]), np.column_stack([FIRST, FIRST])
    before[2, 1] = np.nan
    whole, lacking = change.paired(after, before, names=["whole", "lacking"])
    assert (whole.n, whole.left_out, lacking.n, lacking.left_out) == (10, 0, 9, 1)
    alone = np.delete(SECOND - FIRST, 2)
    assert lacking.difference.mean == pytest.approx(alone.mean())
    right = stats.permutation_test(
        (alone,), lambda d, axis: stats.ttest_1samp(d, 0, axis=axis).statistic, permutation_type="samples",
        n_resamples=2000, vectorized=True,
    )  # fmt: skip
    assert lacking.p == pytest.approx(right.pvalue)


def test_what_does_not_vary_has_no_p_and_no_effect() -> None:
    after, before = np.column_stack([SECOND, np.arange(10) + 1]), np.column_stack([FIRST, np.arange(10)])
    _, same = change.paired(after, before, names=["extra", "shifted"])
    assert isinstance(same.effect, Unscored)
    assert isinstance(same.p, Unscored)
    assert same.difference.mean == pytest.approx(1.0)


def test_the_family_p_is_that_of_the_largest_t() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(9, 4))
    x[:, 0] += 1.5
    told = change.paired(x, np.zeros_like(x), names=list("abcd"))
    for each in told:
        assert each.p <= each.p_family  # type: ignore[operator]
    patterns = np.array(np.meshgrid(*[[1.0, -1.0]] * 9)).reshape(9, -1).T
    largest = [
        np.abs(stats.ttest_1samp(sign[:, None] * x, 0).statistic).max() for sign in patterns
    ]  # fmt: skip
    observed = np.abs(stats.ttest_1samp(x, 0).statistic)
    right = [(np.array(largest) >= each - 1e-9).mean() for each in observed]
    assert [each.p_family for each in told] == pytest.approx(right)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_order_of_people_and_unit_change_no_p(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    x, y, order = rng.normal(size=(8, 2)), rng.normal(size=(8, 2)), rng.permutation(8)
    one = change.paired(x, y, names=["a", "b"])
    other = change.paired(x[order] * factor, y[order] * factor, names=["a", "b"])
    assert [each.p for each in one] == pytest.approx([each.p for each in other])
    back = change.paired(y, x, names=["a", "b"])
    assert [each.difference.mean for each in one] == pytest.approx([-each.difference.mean for each in back])


def networks() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x, y = (rng.normal(size=(12, 10, 10)) for _ in range(2))
    x, y = ((each + each.transpose(0, 2, 1)) / 2 for each in (x, y))
    for a, b in ((0, 1), (1, 2), (2, 3), (7, 8)):
        x[:, a, b] += 1.5
        x[:, b, a] += 1.5
    return x, y


def test_components_equal_bctpy() -> None:
    """bctpy 0.6.1, nbs_bct(thresh=2.5, tail="both", k=2000): one component each, p .002 paired and 0 of two groups."""
    x, y = networks()
    within = change.network_based(x - y, threshold=2.5)
    assert [each.edges for each in within.components] == [((0, 1), (0, 7), (1, 2), (2, 3), (2, 7), (7, 8))]
    assert within.components[0].p == pytest.approx(0.002, abs=0.001)
    assert (within.exact, within.relabelings) == (True, 4096)
    apart = change.network_based(x, y, threshold=2.5, permutations=400)
    assert [each.edges for each in apart.components] == [((0, 1), (0, 7), (1, 2), (2, 3), (2, 7), (7, 8), (7, 9))]
    assert apart.components[0].p == 1 / 401


def test_intensity_weighs_by_how_far_an_edge_passed() -> None:
    x, y = networks()
    told = change.network_based(x - y, threshold=2.5, by=Size.INTENSITY)
    assert told.components[0].size == pytest.approx(sum(abs(each) - 2.5 for each in told.components[0].t))


def test_no_edge_beyond_the_threshold_is_no_component() -> None:
    x, y = networks()
    assert change.network_based(x - y, threshold=50).components == ()


@pytest.mark.heavy
def test_no_change_is_found_in_one_of_twenty() -> None:
    rng, found = np.random.default_rng(5), 0
    for _ in range(400):
        noise = rng.normal(size=(8, 6, 6))
        told = change.network_based(noise + noise.transpose(0, 2, 1), threshold=2.0)
        found += bool(told.components) and told.components[0].p <= 0.05
    assert 8 <= found <= 34


def test_matrices_that_cannot_be_taken_are_named() -> None:
    x, y = networks()
    x[0, 1, 2] += 1
    with pytest.raises(BadInput, match="not symmetric"):
        change.network_based(x)
    y[3, 0, 4] = y[3, 4, 0] = np.nan
    with pytest.raises(BadInput, match="no finite number"):
        change.network_based(y)
    with pytest.raises(BadInput, match=r"Its shape is \(12, 10\)"):
        change.network_based(x[:, 0])


def test_one_persons_change_needs_a_source_and_more_than_measuring_twice() -> None:
    points = 1.959963984540054 * 2**0.5 * 5
    at = change.person_change(0, -points, sd_within=5, basis="retest of our site")
    past = change.person_change(0, -points - 1e-9, sd_within=5, basis="retest of our site")
    assert (at.verdict, past.verdict) == ("not reliable", "lower")
    crp = change.person_change(2.0, 5.0, cv_percent=42, basis="macy1997")
    assert crp.points / 2.0 * 100 == pytest.approx(116.4, abs=0.1)  # the source prints 118%, with analytical variation
    with pytest.raises(BadInput, match="not said where the variation is from"):
        change.person_change(1, 2, sd_within=1, basis=" ")
    with pytest.raises(BadInput, match="Give one of both"):
        change.person_change(1, 2, sd_within=1, cv_percent=3, basis="x")
    with pytest.raises(BadInput, match="none is filled in"):
        change.person_change(float("nan"), 2, sd_within=1, basis="x")


def long_table() -> pd.DataFrame:
    rows = []
    for person, (a, b) in enumerate(zip(FIRST, SECOND, strict=True)):
        for session, value in (("before", a), ("after", b)):
            rows.append((f"P{person}", "one" if person < 5 else "two", session, "sleep", value, "h"))
    return pd.DataFrame(rows, columns=["participant_id", "group", "session", "measure", "value", "unit"])


def test_the_command_compares_sessions_and_groups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "measures.tsv"
    long_table().to_csv(file, index=False, sep="\t")

    def run(*more: str) -> dict[str, object]:
        monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "change", str(file), *more, "--json"])
        with pytest.raises(SystemExit) as caught:
            main()
        assert caught.value.code == 0
        told: dict[str, object] = json.loads(capsys.readouterr().out)
        return told

    within = run("--before", "before", "--after", "after")
    (one,) = within["measures"]  # type: ignore[misc]
    (right,) = change.paired(column(SECOND), column(FIRST), names=["sleep"])
    assert one["p"] == pytest.approx(right.p)
    assert (one["name"], one["n"], one["unit"]) == ("sleep", 10, "h")
    apart = run("--before", "before", "--after", "after", "--group", "group")
    (one,) = apart["measures"]  # type: ignore[misc]
    gaps = SECOND - FIRST
    (right,) = change.independent(column(gaps[5:]), column(gaps[:5]), names=["sleep"])
    assert one["difference"]["mean"] == pytest.approx(right.difference.mean)
    assert apart["compared"] == "change of two less change of one"
