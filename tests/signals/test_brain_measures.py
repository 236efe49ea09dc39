"""Gradients, phase states, influence, windows: against definitions, BrainSpace 0.3.0 and known answers."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.brain import connectivity, contrast, dynamics, gradients, group, information, states, transfer
from asklepion.signals.brain.asked import Asked
from asklepion.signals.brain.definitions import definition
from asklepion.signals.brain.parcels import recording, without_global_signal
from asklepion.signals.brain.report import both

PEERS = Path(os.environ.get("ASKLEPION_PEERS", "/tmp/peers"))


def blocks():
    """Return the connectivity of 60 parcels that BrainSpace was given."""
    rng = np.random.default_rng(11)
    volumes = np.repeat(rng.normal(size=(200, 4)), 15, axis=1) + rng.normal(size=(200, 60))
    found = connectivity.correlation(volumes)
    np.fill_diagonal(found, 0.0)
    return found


def test_gradients_solve_their_own_equation():
    """The diffusion operator times a gradient is its eigenvalue times it: what the definition says, by NumPy's eig."""
    found = gradients.gradients(blocks(), components=5)
    affinity = gradients._affinity(blocks(), found.kept)
    kernel = affinity * np.outer(affinity.sum(axis=1), affinity.sum(axis=1)) ** -0.5
    operator = kernel / kernel.sum(axis=1, keepdims=True)
    share = found.weight / (1 + found.weight)
    assert operator @ found.values == pytest.approx(found.values * share, abs=1e-12)
    expected = np.sort(np.linalg.eigvals(operator).real)[::-1]
    assert share == pytest.approx(expected[1:6])
    assert expected[0] == pytest.approx(1)


def test_gradients_of_the_peer():
    """BrainSpace 0.3.0 GradientMaps(approach="dm", kernel="normalized_angle").fit(sparsity=0.9).

    It gives a matrix that is not symmetric to a solver for symmetric ones, so that it is off in the third digit.
    """
    found = gradients.gradients(blocks(), components=5)
    assert found.kept == 5
    assert found.weight == pytest.approx([0.09091985, 0.08710347, 0.08437042, 0.02870512, 0.02628716], rel=4e-3)
    assert found.ranges == pytest.approx([0.28519495, 0.24824503, 0.28029714, 0.17408704, 0.18397695], rel=1.1e-2)


def test_linear_gradients_and_alignment_of_the_peer():
    """BrainSpace 0.3.0 GradientMaps(approach="pca") and alignment.procrustes, to all the digits that it prints."""
    found = gradients.pca_gradients(blocks(), components=5)
    assert found.ranges == pytest.approx([1.11416683, 0.98495418, 1.10033713, 0.70290052, 0.75340516], rel=1e-7)
    reference = np.random.default_rng(12).normal(size=(60, 3))
    told = gradients.aligned(found, reference)
    assert told.values[0] == pytest.approx([0.23553787, 0.24770509, 0.47305451], rel=1e-6)
    assert told.ranges == pytest.approx([1.06425911, 0.91255419, 0.95791262], rel=1e-7)


def test_gradients_of_the_human_connectome():
    """Schaefer 100 of the HCP in BrainSpace 0.3.0's wheel, and what that version gives."""
    places = sorted(PEERS.glob("lib/python3*/site-packages/brainspace/datasets/matrices/main_group"))
    if not places:
        pytest.skip(f"brainspace with its HCP connectivity is not in {PEERS}")
    found = gradients.gradients(np.loadtxt(places[0] / "schaefer_100_mean_connectivity_matrix.csv", delimiter=","))
    assert found.kept == 9
    assert found.weight[:3] == pytest.approx([0.07438196, 0.07028239, 0.05140028], rel=1e-3)
    assert found.ranges[:3] == pytest.approx([0.27610583, 0.24054289, 0.19113414], rel=4e-3)


def test_alignment_undoes_turns_and_mirrors_and_no_more():
    found = gradients.gradients(blocks(), components=3)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    told = gradients.aligned(found, found.values @ turn)
    assert told.values == pytest.approx(found.values @ turn)
    assert gradients.aligned(found, 5 * found.values).values == pytest.approx(found.values)
    assert told.dispersion() == pytest.approx(found.dispersion())


def two_states():
    """Return vectors of a recording that lives 6 volumes in one state, 4 in another, 6 in the first again."""
    one, other = np.zeros((2, 8))
    one[:4], other[4:] = -0.5, -0.5
    rng = np.random.default_rng(2)
    truth = np.repeat([0, 1, 0], [6, 4, 6])
    return np.array([one, other])[truth] + 0.01 * rng.normal(size=(16, 8)), truth


def test_states_that_are_there_are_found():
    vectors, truth = two_states()
    made = states.states([vectors[:9], vectors[9:]], count=2, seeds=5)
    lived = states.life(vectors, made.centroids, sampling_hz=0.5)
    assert lived.state.tolist() == truth.tolist()
    assert lived.occupancy == pytest.approx([0.75, 0.25])
    assert lived.dwell_s == pytest.approx([12.0, 8.0])
    assert lived.transitions == pytest.approx(np.array([[10 / 11, 1 / 11], [1 / 4, 3 / 4]]))
    assert made.of_seeds == pytest.approx([made.spread] * 5)
    assert states.states([vectors], count=2, seeds=5).centroids == pytest.approx(made.centroids)


def test_the_best_start_is_kept_and_a_state_never_entered_has_no_dwell():
    vectors = dynamics.leading_eigenvectors(np.random.default_rng(3).uniform(-3, 3, (120, 10)))
    made = states.states([vectors], count=5, seeds=8, seed=4)
    assert made.spread == min(made.of_seeds)
    apart = ((vectors[:, None] - made.centroids[None]) ** 2).sum(axis=2)
    assert apart.min(axis=1).sum() == pytest.approx(made.spread)
    far = np.vstack([made.centroids, np.full(10, 9.0)])
    lived = states.life(vectors, far, sampling_hz=1.0)
    assert lived.occupancy[-1] == 0
    assert np.isnan(lived.dwell_s[-1])
    assert np.isnan(lived.transitions[-1]).all()
    assert lived.occupancy.sum() == pytest.approx(1)


def driven():
    """Return a recording of three networks in which B follows A by one volume, and C is alone."""
    rng = np.random.default_rng(6)
    a, b, c = rng.normal(size=(3, 300))
    b[1:] += 0.8 * a[:-1]
    return recording(
        np.repeat(np.column_stack([a, b, c]), 3, axis=1) + 0.3 * rng.normal(size=(300, 9)), list("AAABBBCCC")
    )


def test_influence_goes_from_the_driver():
    found = transfer.transfer(driven())
    assert found.net[0] > 0.05 > -0.05 > found.net[1]
    assert abs(found.net[2]) < 0.02
    assert found.net.sum() == pytest.approx(0)
    series = transfer.network_series(driven())
    now, own, other = series[1:, 1], series[:-1, 1], series[:-1, 0]

    def left(*columns):
        design = np.column_stack([np.ones(299), *columns])
        return ((now - design @ np.linalg.lstsq(design, now, rcond=None)[0]) ** 2).sum()

    assert found.nats[0, 1] == pytest.approx(0.5 * np.log(left(own) / left(own, other)))


@pytest.mark.parametrize("df", [(1, 1), (1, 2), (1, 19), (1, 57), (1, 1196), (3, 40)])
def test_the_tail_of_f_is_that_of_the_incomplete_beta(df):
    """SciPy's fdtrc, from 0 to far out, on both sides of where the series is left."""
    f = np.concatenate([np.linspace(1e-6, 8, 400), [5.9999, 6.0, 40.0, 900.0]])
    assert information._tail(f, df) == pytest.approx(special.fdtrc(*df, f), rel=1e-11)
    assert np.isnan(information._tail(np.array([np.nan, 1.0]), df)).tolist() == [True, False]


def test_two_networks_that_hold_all_parcels_are_mirror_images_without_the_global_signal():
    rng = np.random.default_rng(4)
    volumes = rng.normal(size=(60, 8))
    volumes = np.concatenate([volumes, -volumes + 1e-12 * rng.normal(size=(60, 8))], axis=1)
    found = recording(volumes, ["A"] * 8 + ["B"] * 8)
    with pytest.raises(BadInput, match="means of A and B are one signal, or its mirror image"):
        transfer.transfer(found)
    with pytest.raises(BadInput, match="one network, or none"):
        transfer.transfer(recording(volumes[:, :8], ["A"] * 8))


def test_every_measure_has_both_sides_and_a_definition():
    found = driven()
    before = recording(found.volumes + np.random.default_rng(1).normal(size=found.volumes.shape), found.network)
    told = both(found, Asked(sampling_hz=0.5, seeds=2, states=2, baseline=before))
    pairs = list(zip(told.with_global_signal, told.without_global_signal, strict=True))
    assert all(one.of == other.of and definition(one.name) == definition(other.name) for one, other in pairs)
    ofs = {(one.name, one.of) for one, _ in pairs}
    assert len(ofs) == len(pairs)
    assert ("within_A_z_with_global_signal", "A") in ofs
    assert ("granger_gain_with_global_signal", "A to B") in ofs
    bare = {
        each.name: each for each in both(recording(found.volumes, [""] * 9), Asked(sampling_hz=None)).with_global_signal
    }
    assert "segregation_chan_with_global_signal" not in bare
    assert isinstance(bare["synchrony_with_global_signal"].value, Unscored)
    assert isinstance(bare["sliding_correlation_sd_mean_with_global_signal"].value, Unscored)
    assert isinstance(bare["lzc_schartner_with_global_signal"].value, float)


def test_parcels_in_no_network_do_not_change_those_of_networks():
    volumes = driven().volumes
    more = np.column_stack([volumes, np.random.default_rng(9).normal(size=(300, 3))])
    one, other = recording(volumes, driven().network), recording(more, [*driven().network, "", "", ""])
    assert other.networks == one.networks
    assert connectivity.blocks(other).z == pytest.approx(connectivity.blocks(one).z)
    assert connectivity.segregation(other) == pytest.approx(connectivity.segregation(one))
    assert transfer.transfer(other).nats[0, 1] == pytest.approx(transfer.transfer(one).nats[0, 1])


def test_distances_by_hand():
    one, other = (connectivity.connectome(each).z for each in (driven(), without_global_signal(driven())))
    above = np.triu_indices(9, 1)
    assert connectivity.rms_distance(one, other) == pytest.approx(
        np.linalg.norm(one[above] - other[above]) / np.sqrt(36)
    )
    assert connectivity.rms_distance(one, one) == 0
    assert connectivity.rms_distance(one + 0.1, one) == pytest.approx(0.1)
    assert connectivity.distance(one + 0.1, one) == pytest.approx(0)


def test_nobody_is_in_their_own_reference():
    members = [(np.full((3, 3), float(each)), np.full((3, 3), 10.0 * each)) for each in range(4)]
    found = group.leaving_one_out(members)
    assert found[0][0] == pytest.approx(np.full((3, 3), 2.0))
    assert found[3][1] == pytest.approx(np.full((3, 3), 10.0))
    with pytest.raises(BadInput, match="2 recordings"):
        group.leaving_one_out(members[:2])


def test_states_of_a_group_are_shared():
    rng = np.random.default_rng(7)
    people = [recording(rng.normal(size=(60, 8)).cumsum(axis=0), [""] * 8) for _ in range(3)]
    one, _ = group.group_states(people, sampling_hz=0.5, count=3, seed=0)
    vectors = [dynamics.leading_eigenvectors(dynamics.phases(each.volumes, sampling_hz=0.5)) for each in people]
    assert one == pytest.approx(states.states(vectors, count=3).centroids)
    told = both(people[0], Asked(sampling_hz=0.5, seeds=1, centroids=(one, one)))
    lived = states.life(vectors[0], one, sampling_hz=0.5).occupancy
    values = [each.value for each in told.with_global_signal if each.name == "state_occupancy_with_global_signal"]
    assert values == pytest.approx(lived)


def test_gradients_are_laid_on_the_baseline_else_on_the_group():
    rng = np.random.default_rng(2)
    volumes = np.repeat(rng.normal(size=(120, 4)), 10, axis=1) + rng.normal(size=(120, 40))
    own, before = recording(volumes, [""] * 40), recording(volumes[::-1] + rng.normal(size=(120, 40)), [""] * 40)
    middle = connectivity.connectome(before).z
    for asked, whose in (
        (Asked(sampling_hz=None, seeds=1), "nothing"),
        (Asked(sampling_hz=None, seeds=1, baseline=before), "baseline"),
        (Asked(sampling_hz=None, seeds=1, reference=(middle, middle), reference_n=2), "group"),
    ):
        told = [each for each in both(own, asked).with_global_signal if each.name.startswith("gradient_range")]
        assert {dict(each.parameters)["aligned_to"] for each in told} == {whose}
        found = gradients.gradients(connectivity.connectome(own).z)
        laid = found if whose == "nothing" else gradients.aligned(found, gradients.gradients(middle).values)
        assert [each.value for each in told] == pytest.approx(laid.ranges[:2])


def test_a_contrast_is_a_paired_t_test():
    """R 4.2 datasets::sleep, t.test(paired = TRUE): t 4.0621, df 9, p .002833, mean difference 1.58."""
    one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    told = contrast.contrast(np.column_stack([one, other]), (-1.0, 1.0))
    assert (told.estimate, told.t, told.p, told.df) == pytest.approx((1.58, 4.0621, 0.002833, 9), abs=5e-5)
    assert isinstance(contrast.contrast([[1, 2], [3, 4]], (-1.0, 1.0)).t, Unscored)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gradients.gradients(np.eye(12)), "12 parcels are too few for 10 gradients"),
        (lambda: gradients.gradients(np.triu(np.ones((30, 30)))), "not symmetric"),
        (lambda: gradients.gradients(np.zeros((30, 30))), "Parcel 1 .* has no connection"),
        (lambda: gradients.aligned(gradients.gradients(blocks()), np.ones((9, 2))), "9 parcels, the recording 60"),
        (lambda: states.states([two_states()[0]], count=17), "17 states do not fit 16 volumes"),
        (lambda: states.states([np.ones((16, 8))], count=2), "not 2 different volumes"),
        (lambda: states.states([two_states()[0]], count=2, seeds=0), "At least one start"),
        (lambda: states.life(np.ones((5, 3)), np.ones((2, 4)), sampling_hz=1.0), "4 parcels, the recording 3"),
        (lambda: contrast.contrast(np.ones((3, 2)), (1.0, 1.0)), "weights sum to 2"),
        (lambda: contrast.contrast(np.ones((3, 2)), (1.0, -1.0, 0.0)), "2 conditions and 3 weights"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(BadInput, match=words):
        call()
