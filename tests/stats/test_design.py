"""Boundaries equal to rpact's, lists that are made again from their seed, minimisation that keeps margins level."""

import csv
import io
import json
import stat
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats.design.boundaries import Looks, Shape, boundaries
from asklepion.stats.design.randomisation import (
    Allocated,
    Blocks,
    Minimisation,
    counts,
    fingerprint,
    minimise,
    sealed_list,
)
from asklepion.stats.design.walk import crossing

SHAPES = {"OF": Shape.OBRIEN_FLEMING, "P": Shape.POCOCK, "asOF": Shape.SPEND_OBRIEN_FLEMING, "asP": Shape.SPEND_POCOCK}
BLOCKS = Blocks(arms=("placebo", "drug"), seed="a sentence", people=40, sizes=(4, 6))


def evenly(count: int) -> tuple[float, ...]:
    return tuple((look + 1) / count for look in range(count))


def test_every_boundary_of_rpact_is_met_to_a_millionth(expected: dict[str, Any]) -> None:
    """rpact 3.3.4: z, nominal levels and inflation at power .9, two to five looks, four shapes."""
    assert len(expected["gs"]) == 16
    for name, right in expected["gs"].items():
        count, shape = name[1:].split("_")
        told = boundaries(Looks(information=evenly(int(count)), shape=SHAPES[shape]))
        assert told.z == pytest.approx(right["z"], abs=1e-6)
        assert told.nominal == pytest.approx(right["nominal"], abs=1e-8)
        assert told.inflation == pytest.approx(right["inflation_power90"], abs=1e-6)


@pytest.mark.parametrize(
    ("looks", "z"),
    [
        (
            Looks(information=evenly(5), shape=Shape.OBRIEN_FLEMING),
            (4.5617423, 3.2256389, 2.6337232, 2.2808712, 2.0400732),
        ),
        (Looks(information=(0.6, 1.0)), (2.6686301, 1.9809650)),
        (Looks(information=evenly(4), shape=Shape.SPEND_HSD, gamma=-4), (3.1553730, 2.8183471, 2.4391318, 2.0136473)),
    ],
)
def test_boundaries_that_rpact_prints(looks: Looks, z: tuple[float, ...]) -> None:
    assert boundaries(looks).z == pytest.approx(z, abs=1e-6)


def test_futility_that_does_not_bind_equals_rpact() -> None:
    told = boundaries(Looks(information=evenly(3), futility=True))
    assert told.z == pytest.approx((3.710303, 2.511427, 1.993047), abs=1e-6)
    assert told.futility[:2] == pytest.approx((-0.694541, 1.002460), abs=1e-6)
    assert told.futility[2] == pytest.approx(told.z[2], abs=1e-9)
    assert told.inflation == pytest.approx(1.059393459, abs=1e-6)


def test_one_look_is_the_plain_test() -> None:
    told = boundaries(Looks(information=(1.0,)))
    assert told.z == pytest.approx((1.959963984540054,), abs=1e-9)
    assert (told.inflation, told.expected) == pytest.approx((1, 1), abs=1e-9)


def test_alpha_is_spent_whole_and_crossing_equals_simulation() -> None:
    looks = Looks(information=(0.3, 0.7, 1.0), shape=Shape.SPEND_POCOCK)
    told = boundaries(looks)
    assert told.spent[-1] == pytest.approx(0.025, abs=1e-9)
    times = np.array(looks.information)
    steps = np.random.default_rng(3).normal(size=(400_000, 3)) * np.sqrt(np.diff(times, prepend=0))
    z = (steps.cumsum(axis=1) + 2.5 * times) / np.sqrt(times)
    over = z >= np.array(told.z)
    first = np.where(over.any(axis=1), over.argmax(axis=1), 3)
    passed, below = crossing(times, np.array(told.z), drift=2.5)
    assert [float((first == look).mean()) for look in range(3)] == pytest.approx(passed.tolist(), abs=0.0025)
    assert not below.any()


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        (Looks(information=(0.5, 0.4, 1.0)), "Looks at 0.5, 0.4, 1 are none"),
        (Looks(information=(0.5,)), "Looks at 0.5 are none"),
        (Looks(information=(1.0,), alpha=0.6), "One-sided alpha 0.6 with power 0.9 cannot be"),
        (Looks(information=(1.0,), shape=Shape.SPEND_HSD), "Gamma goes with spend-hsd"),
        (Looks(information=(1.0,), gamma=1.0), "Gamma goes with spend-hsd"),
    ],
)
def test_looks_that_are_none_are_refused(looks: Looks, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        boundaries(looks)


def test_a_list_is_balanced_block_by_block_and_comes_from_its_seed() -> None:
    rows = sealed_list(BLOCKS)
    blocks: dict[int, list[str]] = {}
    for row in rows:
        blocks.setdefault(row.block, []).append(row.arm)
    assert {len(each) for each in blocks.values()} == {4, 6}
    assert all(Counter(each)["drug"] * 2 == len(each) for each in blocks.values())
    assert [row.place for row in rows] == list(range(1, len(rows) + 1))
    assert rows == sealed_list(BLOCKS)
    assert rows != sealed_list(replace(BLOCKS, seed="another sentence"))
    # Made once and kept: a new version that made another list from the same seed would break every trial in progress.
    assert fingerprint(rows) == FINGERPRINT


FINGERPRINT = "a6159894685889c0e24bad5604d53b833c6058db81fe743cd6a9d36d14b01235"


def test_lengthening_the_list_or_adding_a_stratum_leaves_what_was_there() -> None:
    short = sealed_list(replace(BLOCKS, factors=(("SITE", ("north", "south")),)))
    long = sealed_list(replace(BLOCKS, people=80, factors=(("SITE", ("north", "south", "west")),)))
    for site in ("north", "south"):
        before = [row for row in short if row.stratum == (site,)]
        assert [row for row in long if row.stratum == (site,)][: len(before)] == before
    assert counts(short)["north",].keys() == {"placebo", "drug"}


@given(st.integers(1, 3), st.integers(1, 3), st.text(min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_a_ratio_is_kept_in_every_whole_list(a: int, b: int, seed: str) -> None:
    rows = sealed_list(replace(BLOCKS, ratio=(a, b), sizes=(a + b, 2 * (a + b)), seed=seed))
    found = Counter(row.arm for row in rows)
    assert found["placebo"] * b == found["drug"] * a


def test_every_order_of_a_block_is_as_likely() -> None:
    rows = sealed_list(replace(BLOCKS, people=12_000, sizes=(4,)))
    orders: Counter[str] = Counter()
    for at in range(0, len(rows), 4):
        orders["".join(row.arm[0] for row in rows[at : at + 4])] += 1
    assert len(orders) == 6
    assert sum((each - 500) ** 2 / 500 for each in orders.values()) < 20.5  # chi-square, 5 df, p .001


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sizes": (5,)}, "A block of 5 cannot hold the ratio. Give multiples of 2"),
        ({"arms": ("drug", "drug")}, "There are not two different arms"),
        ({"ratio": (1,)}, "The ratio does not fit the arms"),
        ({"seed": ""}, "People and seed are needed"),
    ],
)
def test_blocks_that_cannot_be_balanced_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        sealed_list(replace(BLOCKS, **change))


def minimised(design: Minimisation, people: int) -> list[Allocated]:
    rng, history = np.random.default_rng(2), []
    for _ in range(people):
        levels = (("north", "south", "west")[rng.integers(3)], ("f", "m")[rng.integers(2)])
        history.append(Allocated(levels, minimise(design, history, levels).arm))
    return history


def test_minimisation_keeps_every_margin_closer_than_tossing() -> None:
    design = Minimisation(arms=("placebo", "drug"), seed="s", factors=("SITE", "SEX"))
    history = minimised(design, 200)
    assert history == minimised(design, 200)
    for factor, level in ((0, "north"), (0, "south"), (0, "west"), (1, "f"), (1, "m")):
        found = Counter(each.arm for each in history if each.levels[factor] == level)
        assert abs(found["placebo"] - found["drug"]) <= 8
    best = sum(
        minimise(design, history[:k], each.levels).imbalance[design.arms.index(each.arm)]
        == min(minimise(design, history[:k], each.levels).imbalance)
        for k, each in enumerate(history)
    )
    assert 0.7 * 200 < best < 0.95 * 200  # favoured at .8, and ties


def test_the_imbalance_is_what_pocock_and_simon_count() -> None:
    design = Minimisation(arms=("a", "b"), seed="s", factors=("SITE", "SEX"), favoured=1.0, weights=(2.0, 1.0))
    history = [Allocated(("n", "f"), "a"), Allocated(("n", "m"), "a"), Allocated(("s", "f"), "b")]
    told = minimise(design, history, ("n", "f"))
    # To a: site n 3-0, sex f 2-1; to b: site n 2-1, sex f 1-2.
    assert told.imbalance == (2 * 3 + 1, 2 * 1 + 1)
    assert told.arm == "b"
    with pytest.raises(BadInput, match="1 levels are given for 2 factors"):
        minimise(design, history, ("n",))
    with pytest.raises(BadInput, match="person 1: Its arm or its levels do not fit"):
        minimise(design, [Allocated(("n", "f"), "c")], ("n", "f"))


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr("sys.argv", ["asklepion", "design", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code


def test_the_command_writes_a_list_that_it_does_not_print(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "sealed.csv"
    monkeypatch.setattr("sys.stdin", io.StringIO("a secret sentence\n"))
    arguments = ["randomise", "--arms", "placebo,drug", "--people", "8", "--sizes", "4", "--seed-stdin"]
    arguments += ["--factor", "SITE=north,south", "--out", str(out)]
    assert call(monkeypatch, *arguments) == 0
    printed = capsys.readouterr().out
    assert "placebo" not in printed
    assert "16 places in 2 strata" in printed
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert Counter((row["SITE"], row["arm"]) for row in rows) == dict.fromkeys(
        [(site, arm) for site in ("north", "south") for arm in ("placebo", "drug")], 4
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    monkeypatch.setattr("sys.stdin", io.StringIO("a secret sentence\n"))
    assert call(monkeypatch, *arguments) == 2
    assert "It is there already." in capsys.readouterr().err


def test_the_command_tells_boundaries(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, "boundaries", "--looks", "3", "--json") == 0
    assert json.loads(capsys.readouterr().out)["z"] == pytest.approx([3.710303, 2.511427, 1.993047], abs=1e-6)
    assert call(monkeypatch, "boundaries", "--looks", "half,1") == 2
    assert "`half,1` is no list of looks" in capsys.readouterr().err
