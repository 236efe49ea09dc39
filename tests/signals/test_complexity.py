"""Lempel-Ziv and entropies, against counting by hand and against antropy 0.2.3 and NeuroKit2 0.2.13."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.complexity import entropy, lempel_ziv
from asklepion.signals.complexity.lempel_ziv_kernels import _by_automaton, _by_index, _packed
from asklepion.signals.complexity.template_kernels import matching_pairs

BITS = st.lists(st.integers(0, 1), min_size=1, max_size=300)


def noisy_sine():
    """Return the series that both peers were given."""
    return np.sin(np.arange(1000) * 0.1) + np.random.default_rng(7).normal(size=1000) * 0.3


def words_by_hand(text: str) -> int:
    """Count LZ76 words by their definition: each the shortest that does not occur before its own last symbol."""
    count = start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and text[start:end] in text[: end - 1]:
            end += 1
        count, start = count + 1, end
    return count


def dictionary_by_hand(text: str) -> int:
    known, word = set(), ""
    for symbol in text:
        if word + symbol in known:
            word += symbol
        else:
            known.add(word + symbol)
            word = symbol
    return len(known)


@given(BITS)
def test_linear_count_is_the_naive_count(bits):
    text = "".join(map(str, bits))
    symbols = np.array(bits, dtype=np.uint8)
    expected = words_by_hand(text)
    assert lempel_ziv.lz76_count(symbols) == expected
    assert _by_automaton(symbols, 2) == expected
    assert _by_index(_packed(symbols), len(symbols), 3, 10**9) == expected
    assert lempel_ziv.lzw_count(symbols) == dictionary_by_hand(text)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200))
def test_more_symbols_than_two(symbols):
    assert lempel_ziv.lz76_count(symbols) == words_by_hand("".join(map(str, symbols)))


@given(BITS, st.integers(2, 40))
def test_repetition_adds_at_most_one_word(bits, times):
    once = lempel_ziv.lz76_count(bits)
    assert once <= lempel_ziv.lz76_count(bits * times) <= once + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("0001101001000101", 6), ("0" * 5000, 2), ("01" * 5000, 3), ("1", 1), ("10", 2)],
)
def test_known_counts(text, words):
    assert lempel_ziv.lz76_count([int(each) for each in text]) == words


def test_long_texts_of_both_kinds():
    rng = np.random.default_rng(3)
    coin = rng.integers(0, 2, 30_000).astype(np.uint8)
    wave = (np.sin(np.arange(30_000) * 0.25 + rng.normal(size=30_000).cumsum() * 0.02) > 0).astype(np.uint8)
    for text in (coin, wave, np.zeros(30_000, np.uint8)):
        assert lempel_ziv.lz76_count(text) == _by_automaton(text, 2)


def test_counts_of_the_peers():
    """antropy 0.2.3 lziv_complexity(bits): 39, normalised 0.3886655871018214; NeuroKit2 0.2.13: the same two."""
    values = noisy_sine()
    assert lempel_ziv.lz76_count(lempel_ziv.binary(values)) == 39
    assert lempel_ziv.lz76_log(values).value == pytest.approx(0.3886655871018214, rel=1e-12)


def test_every_definition_has_its_name():
    values = np.random.default_rng(0).normal(size=(3, 400))
    names = {
        lempel_ziv.lz76_log(values[0]).name,
        lempel_ziv.lz76_log(values[0], threshold="mean").name,
        lempel_ziv.lz76_shuffled(values[0], shuffles=2, seed=1).name,
        lempel_ziv.lz76_phase(values[0], surrogates=2, seed=1).name,
        lempel_ziv.lzc_schartner(values, seed=1).name,
        lempel_ziv.lzs_schartner(values, seed=1).name,
    }
    assert len(names) == 6


def test_a_wave_is_simple_and_noise_is_not():
    rng = np.random.default_rng(5)
    noise, wave = rng.normal(size=4000), np.sin(np.arange(4000) * 0.3)
    assert lempel_ziv.lz76_shuffled(noise, shuffles=5, seed=1).value == pytest.approx(1, abs=0.03)
    assert lempel_ziv.lz76_shuffled(wave, shuffles=5, seed=1).value < 0.2
    assert lempel_ziv.lz76_phase(noise, surrogates=5, seed=1).value == pytest.approx(1, abs=0.03)
    filtered = np.convolve(noise, np.ones(20) / 20, "valid")
    assert lempel_ziv.lz76_shuffled(filtered, shuffles=5, seed=1).value < 0.6
    assert lempel_ziv.lz76_phase(filtered, surrogates=20, seed=1).value == pytest.approx(1, abs=0.1)


def test_one_seed_gives_one_number():
    values = np.random.default_rng(5).normal(size=(4, 500))
    first, again, other = (lempel_ziv.lzc_schartner(values, seed=seed).value for seed in (1, 1, 2))
    assert first == again != other


def test_joint_complexity_sees_what_channels_share():
    rng = np.random.default_rng(8)
    own = rng.normal(size=(6, 1000))
    shared = np.tile(own[0], (6, 1))
    assert lempel_ziv.lzc_schartner(shared, seed=1).value < 0.6 * lempel_ziv.lzc_schartner(own, seed=1).value
    assert lempel_ziv.lzs_schartner(shared, seed=1).value == pytest.approx(
        lempel_ziv.lzs_schartner(own, seed=1).value, abs=0.05
    )


def test_surrogates_keep_the_spectrum():
    values = noisy_sine()
    drawn = lempel_ziv.phase_randomised(values, np.random.default_rng(1))
    assert np.allclose(np.abs(np.fft.rfft(values)), np.abs(np.fft.rfft(drawn)))
    assert not np.allclose(values, drawn)


def pairs_by_hand(values, m, radius):
    n = len(values) - m
    templates = np.array([values[at : at + m + 1] for at in range(n)])
    apart = np.abs(templates[:, None] - templates[None])
    above = np.triu_indices(n, 1)
    return (apart[..., :m].max(2) <= radius)[above].sum(), (apart.max(2) <= radius)[above].sum()


@given(
    st.lists(st.floats(-3, 3) | st.integers(-3, 3).map(lambda each: each / 5), min_size=6, max_size=150),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.2, 0.4, 1.0, 7.0]),
)
def test_matches_are_those_of_comparing_all(values, m, radius):
    found = matching_pairs(np.array(values), dimension=m, radius=radius)
    assert (found.shorter, found.longer) == pairs_by_hand(np.array(values), m, radius)


@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize("digits", [1, 12])
def test_matches_across_tiles(monkeypatch, m, digits):
    monkeypatch.setattr("asklepion.signals.complexity.template_kernels._TILE", 128)
    values = np.random.default_rng(2).normal(size=700).round(digits)
    values[300:400] = values[0]
    found = matching_pairs(values, dimension=m, radius=0.3)
    assert (found.shorter, found.longer) == pairs_by_hand(values, m, 0.3)


@pytest.mark.parametrize("radius", [0.0, 1.0, math.nan])
@pytest.mark.parametrize("large", [1e308, math.inf])
def test_matches_after_an_overflow(radius, large):
    """Infinite less infinite is no number, and within no radius."""
    values = np.array([large, -large, large, -large, 3.0, 3.0, 3.0, large])
    found = matching_pairs(values, dimension=1, radius=radius)
    with np.errstate(invalid="ignore", over="ignore"):
        assert (found.shorter, found.longer) == pairs_by_hand(values, 1, radius)


def test_equal_to_the_radius_is_alike():
    """0, 1, 0, 1, ... with radius 1: by `<=` all templates are alike, by `<` only every second."""
    values = np.tile([0.0, 1.0], 10)
    assert entropy.sample_entropy_within(values, radius=1.0).value == 0
    pairs = dict(entropy.sample_entropy_within(values, radius=1.0).parameters)
    assert (pairs["pairs_m"], pairs["pairs_m1"]) == (153, 153)


def test_sample_entropy_of_the_peers():
    """antropy 0.2.3 and NeuroKit2 0.2.13, m 2, tolerance 0.2 SD (divisor n)."""
    assert entropy.sample_entropy(noisy_sine()).value == pytest.approx(1.3811714382670537, rel=1e-12)


def test_multiscale_entropy_of_the_peer():
    """NeuroKit2 0.2.13, method MSEn, tolerance 0.15 SD of the series, scales 1 to 5 (printed to 8 digits)."""
    found = [each.value for each in entropy.multiscale_entropy(noisy_sine(), scales=5)]
    assert found == pytest.approx([1.63547715, 1.46583003, 1.36498457, 1.28153104, 1.05270259], abs=1e-8)


def test_white_noise_falls_with_scale_because_the_radius_stays():
    """Costa 2002: entropy of white noise falls with scale."""
    found = [each.value for each in entropy.multiscale_entropy(np.random.default_rng(0).normal(size=20_000), scales=8)]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[-1] > 0.8


def test_sample_entropy_of_white_noise():
    """For normal noise -ln P(|x - y| <= r) = -ln erf(r / 2), r in SD."""
    value = entropy.sample_entropy(np.random.default_rng(0).normal(size=20_000)).value
    assert value == pytest.approx(-math.log(math.erf(0.1)), abs=0.03)


def test_permutation_entropy_of_the_peers():
    """antropy 0.2.3 perm_entropy(normalize=True): order 3, and order 5 with delay 2; NeuroKit2 0.2.13: order 3."""
    values = noisy_sine()
    assert entropy.permutation_entropy(values).value == pytest.approx(0.9996515882923916, rel=1e-12)
    assert entropy.permutation_entropy(values, order=5, delay=2).value == pytest.approx(0.9417626147563464, rel=1e-12)


def test_permutation_entropy_of_the_paper():
    """Bandt and Pompe 2002: 4 7 9 10 6 11 3 has 4 rises and 2 falls (0.918 bits), and 1.522 bits for order 3."""
    values = [4, 7, 9, 10, 6, 11, 3]
    assert entropy.permutation_entropy(values, order=2).value == pytest.approx(0.918, abs=5e-4)
    assert entropy.permutation_entropy(values, order=3).value * math.log2(6) == pytest.approx(1.522, abs=5e-4)


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=80), st.floats(0.1, 9), st.floats(-9, 9))
def test_order_is_all_that_permutation_entropy_sees(values, times, plus):
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)
    found = entropy.permutation_entropy(ranks).value
    assert entropy.permutation_entropy(ranks * times + plus).value == pytest.approx(found)
    assert 0 <= found <= 1


@pytest.mark.parametrize(
    "flat",
    [
        lambda: lempel_ziv.lz76_log(np.ones(50)),
        lambda: lempel_ziv.lz76_shuffled(np.ones(50), shuffles=1, seed=1),
        lambda: lempel_ziv.lzc_schartner(np.ones((2, 50)), seed=1),
        lambda: lempel_ziv.lzs_schartner(np.ones((2, 50)), seed=1),
        lambda: entropy.sample_entropy(np.ones(50)),
        lambda: entropy.sample_entropy([1.0, 5.0, 2.0, 9.0, 30.0, 17.0]),
        lambda: entropy.permutation_entropy([1.0]),
    ],
)
def test_no_number_without_ground(flat):
    assert isinstance(flat().value, Unscored)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: entropy.sample_entropy([1.0, math.nan, 2.0]), "the first at index 1"),
        (lambda: entropy.sample_entropy([[1.0, 2.0]]), "2 dimensions"),
        (lambda: entropy.sample_entropy([1.0, 2.0], dimension=0), "no length"),
        (lambda: entropy.sample_entropy_within([1.0, 2.0], radius=-1), "no radius"),
        (lambda: entropy.permutation_entropy([1.0, 2.0], order=1), "no order"),
        (lambda: entropy.multiscale_entropy([1.0, 2.0], scales=0), "At least one scale"),
        (lambda: lempel_ziv.lz76_count([0.5, 1.0]), "whole numbers"),
        (lambda: lempel_ziv.lz76_count(range(20)), "20 different symbols"),
        (lambda: lempel_ziv.binary([1.0], threshold="zero"), "no threshold"),
        (lambda: lempel_ziv.lz76_shuffled(np.arange(9.0), shuffles=0, seed=1), "At least one draw"),
        (lambda: lempel_ziv.lzc_schartner(["a"], seed=1), "no real numbers"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(BadInput, match=words):
        call()


@pytest.mark.parametrize("samples", [2, 3, 250, 251])
def test_the_envelope_is_that_of_scipy(samples):
    found = np.random.default_rng(5).normal(size=(3, samples)).cumsum(axis=1)
    straight = signal.detrend(found, axis=1)
    np.testing.assert_allclose(lempel_ziv._straightened(found), straight, atol=1e-12)
    envelope = np.abs(signal.hilbert(straight, axis=1))
    np.testing.assert_allclose(lempel_ziv._envelope(straight), envelope, atol=1e-12)
