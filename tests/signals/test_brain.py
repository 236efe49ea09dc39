"""Brain networks: against definitions written out, bctpy 0.6.1, statsmodels 0.15.0, and real psilocybin BOLD."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.brain import connectivity, dynamics, graph, information
from asklepion.signals.brain.parcels import recording, without_global_signal
from asklepion.signals.brain.report import report
from asklepion.signals.measure import by_name

MODULES = np.repeat([1, 2, 3], 4)
NETWORKS = [f"net{each}" for each in MODULES]


def bold():
    """Return the 60 x 12 recording that the peers were given: three networks of four."""
    rng = np.random.default_rng(3)
    noise, own = rng.normal(size=(60, 12)), np.repeat(rng.normal(size=(60, 3)), 4, axis=1)
    return noise + 1.2 * own


def signed():
    """Return the correlations of that recording after its global signal was taken off: of both signs."""
    return connectivity.correlation(without_global_signal(recording(bold(), NETWORKS)).volumes)


def test_participation_of_the_peer():
    """bctpy 0.6.1 participation_coef_sign, MODULES as communities."""
    found = graph.signed_participation(signed(), MODULES)
    assert found.positive == pytest.approx(
        [
            0.0,
            0.19316533444605866,
            0.013563985288421287,
            0.0,
            0.0,
            0.0620261270834066,
            0.0,
            0.13784215273643707,
            0.0,
            0.0,
            0.0,
            0.0,
        ],
        abs=1e-12,
    )
    assert found.negative == pytest.approx(
        [
            0.46885136815336026,
            0.2092513570962864,
            0.49894057974771344,
            0.47428555747354517,
            0.4984643166776689,
            0.457733297026112,
            0.48740991147741697,
            0.12192293386896247,
            0.4963839193885323,
            0.4674300669506555,
            0.43920667427008653,
            0.49506420114409455,
        ],
        abs=1e-12,
    )


def test_modularity_of_the_peer():
    """bctpy 0.6.1 modularity_louvain_und_sign(qtype="sta") and modularity_louvain_und, the best of 50 seeds each."""
    plain = connectivity.correlation(bold())
    for weights, expected in (
        (plain, 0.3377894791815731),
        (signed(), 0.8646563677349575),
        (np.maximum(plain, 0), 0.31083678421009076),
    ):
        found = graph.consensus(weights, seeds=10)
        assert found.quality == pytest.approx(expected, rel=1e-12)
        assert graph.modularity(weights, found.module) == pytest.approx(expected, rel=1e-12)
        assert found.module.tolist() == np.repeat([0, 1, 2], 4).tolist()


def test_two_cliques_have_modularity_one_half():
    cliques = np.kron(np.eye(2), np.ones((5, 5)))
    found = graph.consensus(cliques, seeds=3)
    assert found.quality == pytest.approx(0.5)
    assert max(found.of_seeds) == found.quality


@pytest.mark.parametrize(
    ("lags", "there", "back"),
    [
        (1, (26.649230342957274, 3.339720243206018e-06), (1.1043732003363735, 0.2978222775675873)),
        (3, (8.41398655194502, 0.0001256428285947663), (1.0695267546851255, 0.3704639983254679)),
    ],
)
def test_granger_of_the_peer(lags, there, back):
    """statsmodels 0.15.0 grangercausalitytests, ssr_ftest; parcel 1 follows parcel 0 by one volume."""
    found = bold()
    found[1:, 1] += 0.8 * found[:-1, 0]
    told = information.granger(found, lags=lags)
    assert (told.f[0, 1], told.p[0, 1]) == pytest.approx(there, rel=1e-9)
    assert (told.f[1, 0], told.p[1, 0]) == pytest.approx(back, rel=1e-9)
    assert told.df == (lags, 60 - lags - 2 * lags - 1)
    assert np.isnan(np.diag(told.f)).all()


def test_one_lag_is_many_lags_of_one():
    found = bold() - bold().mean(axis=0)
    past, now = found[:-1] - found[:-1].mean(axis=0), found[1:] - found[1:].mean(axis=0)
    given = (past.T @ past, past.T @ now, (now**2).sum(axis=0))
    for one, other in zip(information._one_lag(*given), information._many_lags(*given, 1), strict=True):
        off = ~np.eye(12, dtype=bool)
        assert one[off] == pytest.approx(other[off])


@given(st.integers(0, 10_000), st.integers(2, 30))
def test_leading_eigenvector_is_that_of_eigh(seed, parcels):
    phase = np.random.default_rng(seed).uniform(-np.pi, np.pi, (3, parcels))
    for angles, vector in zip(phase, dynamics.leading_eigenvectors(phase), strict=True):
        coherence = np.cos(angles[:, None] - angles[None])
        values, vectors = np.linalg.eigh(coherence)
        assert vector @ vector == pytest.approx(1)
        assert vector @ coherence @ vector == pytest.approx(values[-1])
        if values[-1] - values[-2] > 1e-3:
            assert abs(vector @ vectors[:, -1]) == pytest.approx(1)
        assert (vector > 0).sum() <= parcels / 2


def test_phases_in_step_and_at_random():
    same = np.tile(np.linspace(0, 20, 50)[:, None], (1, 8))
    assert dynamics.synchrony(same).synchrony == pytest.approx(1)
    assert dynamics.synchrony(same).metastability == pytest.approx(0, abs=1e-9)
    spread = np.tile(np.arange(8) * np.pi / 4, (50, 1))
    assert dynamics.synchrony(spread).synchrony == pytest.approx(0, abs=1e-9)
    assert dynamics.synchrony(np.vstack([same, spread])).metastability == pytest.approx(0.5)


def test_the_phase_of_a_wave():
    at = np.arange(400) * 2.0
    found = dynamics.phases(np.column_stack([np.cos(0.3 * at), np.sin(0.3 * at)]), sampling_hz=0.5)
    middle = slice(100, 300)
    assert np.angle(np.exp(1j * (found[middle, 0] - found[middle, 1]))) == pytest.approx(np.pi / 2, abs=0.03)


@pytest.mark.parametrize(("width", "step"), [(10, 1), (7, 3), (20, 25), (60, 1)])
def test_sliding_windows_are_windows(width, step):
    found = bold()
    expected = [np.corrcoef(found[at : at + width].T) for at in range(0, len(found) - width + 1, step)]
    got = [each.copy() for each in dynamics.sliding_correlation(found, width=width, step=step)]
    assert np.array(got) == pytest.approx(np.array(expected), abs=1e-10)
    told = dynamics.sliding_variability(found, width=width, step=step)
    assert told.windows == len(expected)
    assert told.mean == pytest.approx(np.mean(expected, axis=0), abs=1e-10)
    assert told.spread == pytest.approx(np.std(expected, axis=0), abs=1e-7)


def test_running_sums_do_not_drift():
    found = np.random.default_rng(1).normal(size=(1000, 5)).cumsum(axis=0) + 1e4
    for at, each in enumerate(dynamics.sliding_correlation(found, width=30)):
        if at % 97 == 0 or at == 970:
            assert each == pytest.approx(np.corrcoef(found[at : at + 30].T), abs=1e-9)


def test_spatial_complexity_is_normalised_by_rank():
    rng = np.random.default_rng(2)
    assert information.spatial_complexity(rng.normal(size=(20_000, 10))) == pytest.approx(1, abs=1e-3)
    assert information.spatial_complexity(rng.normal(size=(12, 400))) > 0.97
    one = rng.normal(size=(50, 1)) * np.ones(10)
    assert isinstance(information.spatial_complexity(one), Unscored)
    left, _ = np.linalg.qr(rng.normal(size=(50, 2)) - 0)
    left -= left.mean(axis=0)
    left, _ = np.linalg.qr(left)
    pair = np.column_stack([2 * left[:, 0], left[:, 1], np.zeros(50)])
    share = np.array([0.8, 0.2])
    assert information.spatial_complexity(pair) == pytest.approx(-(share * np.log(share)).sum() / math.log(2))


def test_blocks_by_hand():
    found = recording(bold(), NETWORKS)
    z = np.arctanh(np.corrcoef(bold().T) - np.eye(12))
    told = connectivity.blocks(found)
    assert told.within("net1") == pytest.approx(z[:4, :4][np.triu_indices(4, 1)].mean())
    assert told.between("net1") == pytest.approx((z[:4, 4:8].mean() + z[:4, 8:].mean()) / 2)
    positive = np.maximum(z, 0)
    same = MODULES[:, None] == MODULES[None]
    above = np.triu(np.ones((12, 12), bool), 1)
    within, between = positive[same & above].mean(), positive[~same & above].mean()
    assert connectivity.segregation(found) == pytest.approx((within - between) / within)


@given(st.permutations(range(12)))
def test_a_permutation_of_parcels_permutes_results(order):
    order = list(order)
    plain, turned = recording(bold(), NETWORKS), recording(bold()[:, order], [NETWORKS[each] for each in order])
    one, other = connectivity.blocks(plain), connectivity.blocks(turned)
    assert [other.within(name) for name in one.networks] == pytest.approx([one.within(name) for name in one.networks])
    assert connectivity.segregation(turned) == pytest.approx(connectivity.segregation(plain))
    matrix = connectivity.correlation(plain.volumes)
    parts = graph.signed_participation(matrix, MODULES).positive
    assert graph.signed_participation(matrix[np.ix_(order, order)], MODULES[order]).positive == pytest.approx(
        parts[order]
    )
    assert information.granger(bold()[:, order]).f[0, 1] == pytest.approx(
        information.granger(bold()).f[order[0], order[1]]
    )


def test_global_signal_is_gone_and_its_segregation_has_no_number():
    plain = recording(bold(), NETWORKS)
    rest = without_global_signal(plain)
    assert rest.volumes.mean(axis=1) == pytest.approx(0, abs=1e-9)
    assert np.corrcoef(rest.volumes[:, 0], bold().mean(axis=1))[0, 1] == pytest.approx(0, abs=1e-9)
    why = connectivity.segregation(rest)
    assert isinstance(why, Unscored)
    assert "not defined after global-signal regression" in why.reason


def test_distance_from_oneself_is_none():
    matrix = connectivity.correlation(bold())
    assert connectivity.distance(matrix, matrix) == pytest.approx(0)
    assert connectivity.distance(signed(), matrix) > 0.01


def test_both_sides_stand_beside_each_other():
    moved = np.full(60, 0.1)
    moved[30] = 0.9
    told = report(bold(), NETWORKS, sampling_hz=0.5, displacement_mm=moved, censor_above_mm=0.5, seeds=3)
    pairs = list(zip(told.with_global_signal, told.without_global_signal, strict=True))
    stems = [one.name.removesuffix("_with_global_signal") for one, _ in pairs]
    assert stems == [other.name.removesuffix("_without_global_signal") for _, other in pairs]
    assert all(one.n == 59 and dict(one.parameters)["censored"] == 1 for one, _ in pairs)
    assert all(dict(one.parameters)["displacement_mm"] == pytest.approx(0.1) for one, _ in pairs)
    one = by_name(told.with_global_signal)
    assert isinstance(one["segregation_chan_with_global_signal"].value, float)
    assert isinstance(one["synchrony_with_global_signal"].value, Unscored)
    other = by_name(told.without_global_signal)
    assert isinstance(other["segregation_chan_without_global_signal"].value, Unscored)
    whole = report(bold(), NETWORKS, sampling_hz=0.5, seeds=3)
    assert isinstance(by_name(whole.with_global_signal)["metastability_with_global_signal"].value, float)


def with_a_flat_parcel():
    found = bold()
    found[:, 3] = 7
    return found


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: graph.participation(signed(), MODULES), "needs weights of 0 or more"),
        (lambda: graph.participation(np.ones((3, 4)), [1, 1, 1]), "3 x 4, not square"),
        (lambda: graph.participation(np.ones((3, 3)), [1, 1]), "3 nodes and 2 labels"),
        (lambda: graph.consensus(np.triu(np.ones((4, 4)))), "not symmetric"),
        (lambda: graph.consensus(np.eye(4)), "All weights are zero"),
        (lambda: recording(bold(), NETWORKS[:-1]), "12 parcels and 11 labels"),
        (lambda: recording(bold().T, NETWORKS), "turn it"),
        (lambda: recording(with_a_flat_parcel(), NETWORKS), "1 parcels are flat: columns 4"),
        (lambda: recording(bold() * np.nan, NETWORKS), "no finite numbers"),
        (lambda: recording(bold()[:9], NETWORKS), "9 of 9 volumes"),
        (lambda: recording(bold(), NETWORKS, displacement_mm=np.ones(9)), "60 volumes and 9"),
        (lambda: recording(bold(), NETWORKS, displacement_mm=-np.ones(60)), "no number of 0 or more"),
        (lambda: recording(bold(), NETWORKS, censor_above_mm=0.5), "no displacement to censor by"),
        (lambda: recording(bold(), NETWORKS, displacement_mm=np.ones(60), censor_above_mm=0.5), "0 of 60 volumes"),
        (lambda: without_global_signal(without_global_signal(recording(bold(), NETWORKS))), "gone already"),
        (lambda: connectivity.fisher_z(np.ones((3, 3))), "Parcels 1 and 2 .* are the same"),
        (lambda: connectivity.blocks(recording(bold(), NETWORKS)).within("dmn"), "no network dmn"),
        (lambda: connectivity.distance(np.eye(3), np.eye(4)), "3 parcels, the baseline 4"),
        (lambda: list(dynamics.sliding_correlation(bold(), width=61)), "does not fit 60"),
        (lambda: dynamics.phases(bold(), sampling_hz=0.1), "no band at 0.1 Hz"),
        (lambda: information.granger(bold()[:12], lags=5), "5 lags do not fit"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(BadInput, match=words):
        call()


def test_psilocybin_against_placebo(reference):
    """Carhart-Harris 2012, 9 people: mean Fisher z .237 after psilocybin, about .190 otherwise; t(8) 1.88."""
    h5py = pytest.importorskip("h5py", reason="the optional library h5py is not installed")
    with h5py.File(reference("brain/psilotc.mat")) as file:
        scans = file["tc_aal"]
        found = np.array(
            [
                [
                    connectivity.mean_connectivity(connectivity.correlation(np.array(file[scans[kind, person]])))
                    for kind in range(4)
                ]
                for person in range(9)
            ]
        )
    means = found.mean(axis=0)
    assert means[3] == pytest.approx(0.237, abs=5e-4)
    assert means[:3] == pytest.approx([0.190] * 3, abs=2e-3)
    difference = (found[:, 3] - found[:, 2]) - (found[:, 1] - found[:, 0])
    assert difference.mean() / (difference.std(ddof=1) / 3) == pytest.approx(1.88, abs=5e-3)
