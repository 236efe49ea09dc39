"""Measures before and after within people, or between two groups: effect, interval, permutation p, correction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.stats.change.multiplicity import benjamini_hochberg, holm
from asklepion.stats.change.permute import members, paired_t, share_beyond, signs, welch_t
from asklepion.stats.means import Mean, difference, mean
from asklepion.stats.responders.effects import Effect, between
from asklepion.stats.responders.effects import paired as paired_effect

Array = NDArray[np.float64]
Progress = Callable[[int, int], None]
_PIECE = 2_000_000
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One measure. `difference` is after less before, or the first group less the second, with its t interval.

    `p` is by permutation, two-sided, of t; `p_family` by the largest |t| of all measures in each relabeling
    [westfall1993], `p_holm` and `q` (share of false findings) from `p`. `left_out` counts people without the measure.
    Unscored where nothing varies or fewer than two are known. `exact` says that all relabelings were taken.
    """

    name: str
    n: int
    left_out: int
    difference: Mean
    effect: Effect | Unscored
    p: float | Unscored
    p_family: float | Unscored
    p_holm: float | Unscored
    q: float | Unscored
    relabelings: int
    exact: bool
    seed: int


def paired(
    after: ArrayLike,
    before: ArrayLike,
    *,
    names: Sequence[str],
    permutations: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[Compared, ...]:
    """Compare measures (people, measures) within people by flipping the signs of their differences.

    A person who lacks a measure at either time is left out of that measure. Of a crossover give changes under drug and
    under placebo: that is the difference in differences. Raises BadInput for shapes that do not pair.
    """
    last, first = _table(after, names, "after"), _table(before, names, "before")
    if last.shape != first.shape:
        what = f"{len(last)} people after, {len(first)} before."
        raise BadInput(
            what, where="after, before", remedy="Give a row each, in the same order, NaN for what is missing."
        )
    gaps = settled(last - first, np.abs(np.concatenate([last, first])))
    pattern, exact = signs(len(gaps), most=permutations, seed=seed)
    told = [_paired_mean(gaps[:, k], last[:, k], first[:, k], name, level) for k, name in enumerate(names)]
    return _compared(told, paired_t, pattern, gaps, paired_t(np.ones((1, len(gaps))), gaps)[0], exact=exact, seed=seed)


def independent(
    first: ArrayLike,
    second: ArrayLike,
    *,
    names: Sequence[str],
    permutations: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[Compared, ...]:
    """Compare measures of two groups (people, measures), first less second, by dealing people out anew.

    The statistic is Welch's t, so that groups may differ in spread [chung2013]. Give changes from baseline to compare
    how groups changed.
    """
    one, other = _table(first, names, "first group"), _table(second, names, "second group")
    values = np.concatenate([one, other])
    own = np.arange(len(values)) < len(one)
    pattern, exact = members(len(one), len(values), most=permutations, seed=seed)
    told = [_between_mean(one[:, k], other[:, k], name, level) for k, name in enumerate(names)]
    return _compared(told, welch_t, pattern, values, welch_t(own[None, :], values)[0], exact=exact, seed=seed)


def settled(gaps: Array, values: Array) -> Array:
    """Give gaps (people, measures) made one where they differ by no more than the rounding of the values they are of.

    0.3 - 0.1 and 0.4 - 0.2 are two numbers to a computer: a change that is the same for all would get a spread.
    """
    told = gaps.copy()
    for k in range(gaps.shape[1]):
        known = ~np.isnan(gaps[:, k])
        if known.any() and np.ptp(gaps[known, k]) <= _ROUNDING * np.nanmax(np.abs(values[:, k])):
            told[known, k] = gaps[known, k][0]
    return told


_Told = tuple[str, int, int, Mean, Effect | Unscored]


def _table(values: ArrayLike, names: Sequence[str], where: str) -> Array:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2 or found.shape[1] != len(names):
        what = f"Its shape is {found.shape}; {len(names)} measures are named."
        raise BadInput(what, where=where, remedy="Give a row a person and a column a measure.")
    if np.isinf(found).any():
        raise BadInput("A value is infinite.", where=where, remedy="Correct it, or give NaN for what has no number.")
    return found


def _paired_mean(gaps: Array, last: Array, first: Array, name: str, level: float) -> _Told:
    known = ~np.isnan(gaps)
    told = mean(_some(gaps[known].tolist(), name), level=level)
    effect: Effect | Unscored
    if isinstance(told.t, Unscored):
        effect = told.t
    else:
        enough = told.n > 2
        effect = paired_effect(last, first, level=level)[1] if enough else Unscored("The factor of g needs three.")
    return name, told.n, int((~known).sum()), told, effect


def _between_mean(one: Array, other: Array, name: str, level: float) -> _Told:
    x, y = one[~np.isnan(one)], other[~np.isnan(other)]
    told = difference(_some(x.tolist(), name), _some(y.tolist(), name), level=level)
    effect = told.t if isinstance(told.t, Unscored) else between(x, y, level=level)[1]
    return name, told.n, len(one) + len(other) - told.n, told, effect


def _some(values: list[float], name: str) -> list[float]:
    if not values:
        raise BadInput("Nobody has it.", where=name, remedy="Leave the measure out.")
    return values


def _compared(
    told: Sequence[_Told],
    statistic: Callable[..., Array],
    pattern: NDArray[np.float64] | NDArray[np.bool_],
    values: Array,
    observed: Array,
    *,
    exact: bool,
    seed: int,
) -> tuple[Compared, ...]:
    """Give p of each measure and of the family, a piece of the relabelings at a time so that memory stays small."""
    piece = max(1, _PIECE // max(values.shape[1], 1))
    pieces = [np.abs(statistic(pattern[at : at + piece], values)) for at in range(0, len(pattern), piece)]
    found = np.nan_to_num(np.concatenate(pieces), nan=0.0, posinf=np.inf)
    open_ones = np.array([isinstance(gap.t, Unscored) for _, _, _, gap, _ in told])
    size = np.where(open_ones, np.nan, np.abs(observed))
    p = np.where(np.isfinite(size), share_beyond(size, found, all_of_them=exact), np.nan)
    largest = found[:, np.isfinite(size)].max(axis=1, initial=0.0)
    family = np.where(np.isfinite(size), share_beyond(size, largest[:, None], all_of_them=exact), np.nan)
    columns = (p, family, holm(p), benjamini_hochberg(p))
    return tuple(
        Compared(
            name=name,
            n=n,
            left_out=lost,
            difference=gap,
            effect=effect,
            p=_number(columns[0][k], gap.t),
            p_family=_number(columns[1][k], gap.t),
            p_holm=_number(columns[2][k], gap.t),
            q=_number(columns[3][k], gap.t),
            relabelings=len(pattern),
            exact=exact,
            seed=seed,
        )
        for k, (name, n, lost, gap, effect) in enumerate(told)
    )


def _number(value: float, t: float | Unscored) -> float | Unscored:
    if np.isnan(value):
        return t if isinstance(t, Unscored) else Unscored("Nothing varies.")
    return float(value)
