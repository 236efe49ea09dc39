"""Sealed lists in permuted blocks, and minimisation, each made again from its seed.

What decides the next arm is drawn from a keyed hash of the seed, the stratum and the place in it, so that a list is the
same on any machine and with any version of a library, and lengthening one stratum changes no other.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from asklepion.core.errors import BadInput

_TAKEN = ("place", "block", "arm")
_MOST = 1_000_000
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """What a list is to be. `ratio` has a whole number for each arm; block sizes are multiples of their sum.

    A block's size is drawn for each block anew, so that whoever sees the arms unblinded cannot count to the end of one.
    `factors` are the levels of each factor of stratification; a list is made for each combination.
    """

    arms: tuple[str, ...]
    seed: str
    people: int
    sizes: tuple[int, ...]
    ratio: tuple[int, ...] = ()
    factors: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One place of a sealed list: its stratum's levels, its place from 1, its block, and the arm."""

    stratum: tuple[str, ...]
    place: int
    block: int
    arm: str


def sealed_list(blocks: Blocks) -> tuple[Row, ...]:
    """Give at least `people` places for each stratum, the last block whole. Raises BadInput for unbalanced blocks.

    Once made, the list is the pharmacist's: it is the arm itself.
    """
    ratio = blocks.ratio or (1,) * len(blocks.arms)
    _check(blocks, ratio)
    return tuple(
        row for levels in product(*(levels for _, levels in blocks.factors)) for row in _stratum(blocks, ratio, levels)
    )


def fingerprint(rows: Sequence[Row]) -> str:
    """Give the SHA-256 of a list, to be kept by who may not see it and compared when it is opened."""
    text = "\n".join("\t".join((*row.stratum, str(row.place), row.arm)) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimisation:
    """Pocock and Simon's minimisation [pocock1975]: the arm that keeps the factors' margins level, most of the time.

    `favoured` is the chance of the best arm (1 would let the next arm be foretold); `weights` are of the factors.
    """

    arms: tuple[str, ...]
    seed: str
    factors: tuple[str, ...]
    favoured: float = 0.8
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Allocated:
    """Who was given which arm, with the levels of the factors, in the order in which they came."""

    levels: tuple[str, ...]
    arm: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The arm, and the imbalance that each arm would have made: the sum over factors of largest less smallest count."""

    arm: str
    imbalance: tuple[float, ...]


def minimise(design: Minimisation, before: Sequence[Allocated], levels: Sequence[str]) -> Choice:
    """Give the arm of the next person. The same seed and history give the same arm. Raises BadInput.

    Of arms that tie for the least imbalance one is drawn; with the chance left over by `favoured`, one of the others.
    """
    _check_minimisation(design, before, levels)
    weights = design.weights or (1.0,) * len(design.factors)
    imbalance = tuple(
        sum(
            weight * _range(design, before, factor=k, level=level, arm=arm)
            for k, (weight, level) in enumerate(zip(weights, levels, strict=True))
        )
        for arm in design.arms
    )
    least = min(imbalance)
    near = least + _ROUNDING * max(weights)
    best = [arm for arm, each in zip(design.arms, imbalance, strict=True) if each <= near]
    others = [arm for arm in design.arms if arm not in best]
    draw = _uniforms(design.seed, "minimise", str(len(before)))
    chosen = best if not others or next(draw) < design.favoured else others
    return Choice(chosen[int(next(draw) * len(chosen))], imbalance)


def _range(design: Minimisation, before: Sequence[Allocated], *, factor: int, level: str, arm: str) -> int:
    """Give how far apart the arms' counts of a level would be if the next person went to an arm."""
    counts = dict.fromkeys(design.arms, 0)
    for each in before:
        counts[each.arm] += each.levels[factor] == level
    counts[arm] += 1
    return max(counts.values()) - min(counts.values())


def _stratum(blocks: Blocks, ratio: tuple[int, ...], levels: tuple[str, ...]) -> Iterator[Row]:
    draw = _uniforms(blocks.seed, "blocks", *levels)
    place, block = 0, 0
    whole = sum(ratio)
    while place < blocks.people:
        block += 1
        size = blocks.sizes[int(next(draw) * len(blocks.sizes))]
        arms = [arm for arm, share in zip(blocks.arms, ratio, strict=True) for _ in range(share * size // whole)]
        for arm in _shuffled(arms, draw):
            place += 1
            yield Row(levels, place, block, arm)


def _shuffled(arms: list[str], draw: Iterator[float]) -> list[str]:
    """Give the arms of a block in an order in which every one is as likely (Fisher and Yates)."""
    for last in range(len(arms) - 1, 0, -1):
        other = int(next(draw) * (last + 1))
        arms[last], arms[other] = arms[other], arms[last]
    return arms


def _uniforms(seed: str, *where: str) -> Iterator[float]:
    """Yield numbers from 0 to below 1: 53 bits each of HMAC-like SHA-256 of the seed, the place and a counter."""
    key = hashlib.sha256("\x1f".join((seed, *where)).encode()).digest()
    count = 0
    while True:
        digest = hashlib.sha256(key + count.to_bytes(8, "big")).digest()
        yield (int.from_bytes(digest[:8], "big") >> 11) / 2**53
        count += 1


def _check(blocks: Blocks, ratio: tuple[int, ...]) -> None:
    if len(blocks.arms) < 2 or len(set(blocks.arms)) != len(blocks.arms):
        raise BadInput("There are not two different arms.", where="arms", remedy="Name each arm once.")
    if len(ratio) != len(blocks.arms) or min(ratio) < 1:
        raise BadInput(
            "The ratio does not fit the arms.", where="ratio", remedy="Give a whole number for each, as 2,1."
        )
    wrong = [size for size in blocks.sizes if size < 1 or size % sum(ratio)]
    if not blocks.sizes or wrong:
        what = f"A block of {wrong[0]} cannot hold the ratio." if wrong else "No block size is given."
        raise BadInput(what, where="sizes", remedy=f"Give multiples of {sum(ratio)}.")
    if blocks.people < 1 or not blocks.seed:
        raise BadInput("People and seed are needed.", where="people, seed", remedy="Say how many places, and a seed.")
    _check_strata(blocks)


def _check_strata(blocks: Blocks) -> None:
    names = [name for name, _ in blocks.factors]
    strange = [name for name in names if name in _TAKEN or names.count(name) > 1]
    if strange:
        remedy = f"Name each factor once, and none {' or '.join(_TAKEN)}."
        raise BadInput(f"There are two columns {strange[0]}.", where="factors", remedy=remedy)
    for name, levels in blocks.factors:
        if len(set(levels)) != len(levels):
            raise BadInput(f"A level of {name} is named twice.", where="factors", remedy="Name each level once.")
    places = math.prod(len(levels) for _, levels in blocks.factors) * max(blocks.people, *blocks.sizes)
    if places > _MOST:
        raise BadInput(f"These are {places} places.", where="people, sizes", remedy=f"Take at most {_MOST} in all.")


def _check_minimisation(design: Minimisation, before: Sequence[Allocated], levels: Sequence[str]) -> None:
    if len(design.arms) < 2 or not 1 / len(design.arms) <= design.favoured <= 1:
        remedy = "Give two arms or more, and a chance of the best arm above that of a toss, as 0.8."
        raise BadInput("This is no minimisation.", where="arms, favoured", remedy=remedy)
    if len(set(design.arms)) != len(design.arms):
        raise BadInput("An arm is named twice.", where="arms", remedy="Name each arm once.")
    if design.weights and (
        len(design.weights) != len(design.factors) or not all(0 < each < math.inf for each in design.weights)
    ):
        remedy = f"Give a number above 0 for each of {', '.join(design.factors)}."
        raise BadInput("The weights do not fit the factors.", where="weights", remedy=remedy)
    if len(levels) != len(design.factors) or not all(levels):
        what = f"{len(levels)} levels are given for {len(design.factors)} factors."
        raise BadInput(what, where="levels", remedy=f"Give a level of each: {', '.join(design.factors)}.")
    for place, each in enumerate(before):
        if each.arm not in design.arms or len(each.levels) != len(design.factors):
            what = "Its arm or its levels do not fit the design."
            raise BadInput(what, where=f"person {place + 1}", remedy="Correct the history: nothing is skipped.")


def counts(rows: Sequence[Row]) -> Mapping[tuple[str, ...], Mapping[str, int]]:
    """Give how many places of each arm a list has, by stratum."""
    told: dict[tuple[str, ...], dict[str, int]] = {}
    for row in rows:
        inside = told.setdefault(row.stratum, {})
        inside[row.arm] = inside.get(row.arm, 0) + 1
    return told
