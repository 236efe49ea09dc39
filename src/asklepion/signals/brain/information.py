"""Spatial complexity and directed influence."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats, table

_NEAR = 6.0
"""Up to this F the tail is above 0.01 for any but few degrees of freedom, and 1 less the rest keeps 14 digits."""


@dataclass(frozen=True, slots=True)
class Granger:
    """Pairwise Granger causality: row influences column. `f` is the F statistic, `p` its tail, `gain` ln RSS0 / RSS1.

    The diagonal is NaN. `df` are the degrees of freedom of F.
    """

    f: Floats
    p: Floats
    gain: Floats
    df: tuple[int, int]


def spatial_complexity(volumes: ArrayLike) -> float | Unscored:
    """Return NGSC: entropy of the shares of variance of principal components over ln(rank) [siegel2024], 0 to 1.

    The rank is the number of components that have variance: at most volumes - 1, fewer after a regression or a filter.
    Dividing by ln(parcels) instead, as some do, makes a short recording look orderly.
    """
    found = table(volumes, where="time x parcels", at_least=2)
    centred = found - found.mean(axis=0)
    gram = centred @ centred.T if len(found) < found.shape[1] else centred.T @ centred
    power = np.maximum(np.linalg.eigvalsh(gram), 0.0)
    power = power[power > power.max() * max(found.shape) * np.finfo(float).eps * 10] if power.max() > 0 else power[:0]
    if len(power) < 2:
        return Unscored("Fewer than two components have variance.")
    share = power / power.sum()
    return float(-(share * np.log(share)).sum() / math.log(len(power)))


def granger(volumes: ArrayLike, *, lags: int = 1) -> Granger:
    """Return pairwise Granger causality of parcels: does i's past add to j's own past in telling j [granger1969]?

    As ordinary least squares with a constant for every pair, but had from two products: of the lagged recording with
    itself and with the present. The F statistic is that of statsmodels' ssr_ftest. Volumes must follow each other
    without gaps. Raises BadInput for a recording too short for the lags.
    """
    found = table(volumes, where="time x parcels")
    n = len(found) - lags
    if lags < 1 or n < 3 * lags + 2:
        raise BadInput(
            f"{lags} lags do not fit {len(found)} volumes.", where="lags", remedy="Give 1 or more; or more volumes."
        )
    past = np.concatenate([found[lags - each : len(found) - each] for each in range(1, lags + 1)], axis=1)
    past, now = past - past.mean(axis=0), found[lags:] - found[lags:].mean(axis=0)
    own, to_now = past.T @ past, past.T @ now
    left = np.einsum("tp,tp->p", now, now)
    df = (lags, n - 2 * lags - 1)
    if lags == 1:
        before, after = _one_lag(own, to_now, left)
    else:
        before, after = _many_lags(own, to_now, left, lags)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = (before - after) / df[0] / (after / df[1])
        gain = np.log(before / after)
    for each in (f, gain):
        np.fill_diagonal(each, np.nan)
    return Granger(f, _tail(f, df), gain, df)


def _tail(f: Floats, df: tuple[int, int]) -> Floats:
    """Return the upper tail of F. For one degree of freedom most of it by a series whose coefficients are shared.

    With y = F / (F + df2) the lower tail is I_y(1/2, df2/2) = y^a (1 - y)^b / (a B(a, b)) times the sum of
    (a + b)_n / (a + 1)_n y^n: all terms positive. Where the tail is small, the difference from 1 would lose digits, and
    the incomplete beta function is taken as it is.
    """
    found = np.full_like(f, np.nan)
    near = f < _NEAR if df[0] == 1 else np.zeros_like(f, dtype=bool)
    found[~near] = special.fdtrc(*df, f[~near])
    if near.any():
        a, b = 0.5, df[1] / 2
        share = f[near] / (f[near] + df[1])
        largest, coefficients = float(share.max()), [1.0]
        while coefficients[-1] * largest ** (len(coefficients) - 1) > 1e-17:
            n = len(coefficients) - 1
            coefficients.append(coefficients[-1] * (a + b + n) / (a + 1 + n))
        total = np.full_like(share, coefficients[-1])
        for each in coefficients[-2::-1]:
            total *= share
            total += each
        # 1 / (a B(a, b)) by a product: logarithms of large gamma functions would lose three digits.
        steps = np.arange(b % 1 or 1.0, b)
        scale = (2 / np.pi if b % 1 else 1.0) * np.prod((steps + 0.5) / steps)
        total *= np.sqrt(share) * np.exp(b * np.log1p(-share)) * scale
        found[near] = 1 - total
    return found


def _one_lag(own: Floats, to_now: Floats, left: Floats) -> tuple[Floats, Floats]:
    """Return residual sums of squares without and with each source (source x target), for one lag, in closed form."""
    variance = np.diag(own)
    slope = np.diag(to_now) / variance
    before = np.broadcast_to(left - slope * np.diag(to_now), own.shape)
    partial = to_now - own * slope
    rest = variance[:, None] - own * own / variance
    with np.errstate(divide="ignore", invalid="ignore"):
        return before.copy(), before - partial**2 / rest


def _many_lags(own: Floats, to_now: Floats, left: Floats, lags: int) -> tuple[Floats, Floats]:
    """Return the same for several lags: each target's own past is taken off all sources at once."""
    parcels = len(left)
    before, after = np.empty((parcels, parcels)), np.full((parcels, parcels), np.nan)
    places = np.arange(lags) * parcels
    for target in range(parcels):
        mine = places + target
        solved = np.linalg.solve(own[np.ix_(mine, mine)], np.column_stack([own[mine], to_now[mine, target]]))
        partial = to_now[:, target] - own[:, mine] @ solved[:, -1]
        alone = left[target] - to_now[mine, target] @ solved[:, -1]
        others = np.delete(np.arange(parcels), target)
        at = others[:, None] + places
        taken = np.einsum("skm,msl->skl", own[at][:, :, mine], solved[:, at])
        rest = own[at[:, :, None], at[:, None, :]] - taken
        adds = np.linalg.solve(rest, partial[at][:, :, None])[:, :, 0]
        before[:, target] = alone
        after[others, target] = alone - np.einsum("sk,sk->s", partial[at], adds)
    return before, after
