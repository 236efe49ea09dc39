"""Network meta-analysis: every treatment against every other, from direct and indirect evidence together."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from asklepion.core.errors import BadInput
from asklepion.stats.meta.components import Fit
from asklepion.stats.meta.inference import INFINITE, Coefficient, chi2_tail, coefficient
from asklepion.stats.network.fitting import Estimator, connected, fit, stack
from asklepion.stats.network.trial import Trial

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Network:
    """A network of trials. `effects` are of each other treatment against `reference`, by treatment.

    `common` are the same without variance between trials. `i2` is in per cent of Q. `excluded` are retracted trials.
    `estimates` and `spread` are those of all treatments in the order of `treatments`, the reference's zero.
    """

    reference: str
    estimator: Estimator
    level: float
    treatments: tuple[str, ...]
    trials: tuple[Trial, ...]
    excluded: tuple[Trial, ...]
    effects: tuple[Coefficient, ...]
    common: tuple[Coefficient, ...]
    tau2: float
    q: float
    df: int
    q_p: float
    i2: float
    estimates: tuple[float, ...]
    spread: tuple[tuple[float, ...], ...]
    warnings: tuple[str, ...]

    def between(self, treatment: str, control: str) -> Coefficient:
        """Give the effect of a treatment against another. Raises BadInput for a treatment that is not there."""
        for name in (treatment, control):
            if name not in self.treatments:
                raise BadInput(f"{name} is in no trial.", where="treatment", remedy=f"Try {self.treatments[0]}.")
        a, b = self.treatments.index(treatment), self.treatments.index(control)
        variance = self.spread[a][a] + self.spread[b][b] - 2 * self.spread[a][b]
        estimate = self.estimates[a] - self.estimates[b]
        label = f"{treatment} against {control}"
        return coefficient(label, estimate, max(variance, 0.0) ** 0.5, df=INFINITE, level=self.level)


@dataclass(frozen=True, slots=True)
class Rank:
    """How a treatment stands. `p_score` [rucker2015] and `sucra` [salanti2011] go from 0, the worst, to 1.

    `probabilities` are of the ranks from first to last; they and `sucra` are simulated.
    """

    treatment: str
    p_score: float
    sucra: float
    mean_rank: float
    probabilities: tuple[float, ...]


def network(
    trials: Iterable[Trial],
    *,
    reference: str | None = None,
    estimator: Estimator = Estimator.REML,
    level: float = 0.95,
) -> Network:
    """Give the network's effects by generalised least squares [rucker2012]; retracted trials are left out and named.

    Trials with several arms count once: their effects correlate, and the variance between trials is halved between two
    effects of one trial [lu2006]. Without `reference`, the first treatment in the order of names. Raises BadInput where
    the network falls apart, naming the parts, or where a trial is there twice.
    """
    given = tuple(trials)
    kept = tuple(each for each in given if not each.retracted)
    excluded = tuple(each for each in given if each.retracted)
    _usable(kept, excluded)
    treatments = tuple(sorted({name for each in kept for name in each.treatments}))
    if reference is not None and reference not in treatments:
        raise BadInput(f"No trial has {reference}.", where="reference", remedy=f"Name one of {', '.join(treatments)}.")
    against = reference or treatments[0]
    stacked = stack(kept, treatments, against)
    common, full = fit(stacked, estimator)
    df = len(stacked.y) - stacked.x.shape[1]
    names = [name for name in treatments if name != against]
    place = treatments.index(against)
    return Network(
        against,
        estimator,
        level,
        treatments,
        kept,
        excluded,
        _lines(names, full, level),
        _lines(names, common, level),
        full.variances[0],
        common.q,
        df,
        chi2_tail(common.q, df),
        100 * max(0.0, (common.q - df) / common.q) if df else 0.0,
        tuple(np.insert(full.beta, place, 0.0).tolist()),
        tuple(map(tuple, np.insert(np.insert(full.spread, place, 0.0, 0), place, 0.0, 1).tolist())),
        _warnings(df, estimator),
    )


def league(net: Network) -> tuple[tuple[Coefficient | None, ...], ...]:
    """Give every treatment (row) against every other (column), in the order of `treatments`; the diagonal is None."""
    return tuple(
        tuple(None if row == column else net.between(row, column) for column in net.treatments)
        for row in net.treatments
    )


def ranks(net: Network, *, lower_is_better: bool, draws: int = 10_000, seed: int = 1) -> tuple[Rank, ...]:
    """Give how treatments stand, best first by P-score: the mean probability to be better than another.

    A rank tells nothing of how large a difference is; read it beside the league.
    """
    estimates, spread = np.array(net.estimates), np.array(net.spread)
    sign = -1.0 if lower_is_better else 1.0
    apart = sign * (estimates[:, None] - estimates[None, :])
    errors = np.sqrt(np.maximum(np.add.outer(np.diag(spread), np.diag(spread)) - 2 * spread, 0))
    many = len(estimates)
    np.fill_diagonal(errors, 1.0)
    better = ndtr(apart / errors)
    np.fill_diagonal(better, 0.0)
    scores = better.sum(axis=1) / (many - 1)
    values, vectors = np.linalg.eigh(spread)
    root = vectors * np.sqrt(np.maximum(values, 0))
    drawn = sign * (estimates + np.random.default_rng(seed).standard_normal((draws, many)) @ root.T)
    standing = np.argsort(np.argsort(-drawn, axis=1), axis=1)
    shares = np.array([(standing == place).mean(axis=0) for place in range(many)])
    means = standing.mean(axis=0)
    told = [
        Rank(
            name, float(scores[k]), float(1 - means[k] / (many - 1)), float(means[k] + 1), tuple(shares[:, k].tolist())
        )
        for k, name in enumerate(net.treatments)
    ]
    return tuple(sorted(told, key=lambda each: -each.p_score))


def _usable(kept: tuple[Trial, ...], excluded: tuple[Trial, ...]) -> None:
    labels = [each.label for each in kept]
    doubled = sorted({label for label in labels if labels.count(label) > 1})
    if doubled:
        raise BadInput(f"{', '.join(doubled)} is there twice.", where="trials", remedy="One entry a trial.")
    if not kept:
        named = f" ({', '.join(each.label for each in excluded)} retracted)" if excluded else ""
        raise BadInput(f"No trial stands{named}.", where="trials", remedy="Give trials.")
    connected(kept)


def _lines(names: list[str], fitted: Fit, level: float) -> tuple[Coefficient, ...]:
    errors = np.sqrt(np.diag(fitted.spread)).tolist()
    triples = zip(names, fitted.beta.tolist(), errors, strict=True)
    return tuple(coefficient(name, b, se, df=INFINITE, level=level) for name, b, se in triples)


def _warnings(df: int, estimator: Estimator) -> tuple[str, ...]:
    if df == 0 and estimator is not Estimator.COMMON:
        return ("Nothing is free to tell how trials differ: the variance between them is taken as zero.",)
    return ()
