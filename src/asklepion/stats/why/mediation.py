"""How much of the effect of an arm goes through what it changed: alliance, emotional breakthrough, a marker.

Linear models of each mediator and of the outcome, on the same people; effects are products of coefficients, intervals
come from drawing people anew. The arm may be randomised, the mediator is not: what it shares with the outcome for other
reasons counts as mediation. The correlation of residuals at which the indirect effect would vanish is given for that
[imai2010].
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array, LeftOut, covariates, floats, numeric
from asklepion.stats.why.people import two_arms

Progress = Callable[[int, int], None]
_PIECE = 500
_CELLS = 5_000_000
_ROUNDING = 1e-20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Columns, one row a person. `interaction` lets a single mediator matter differently in the arms."""

    value: str
    mediators: tuple[str, ...]
    arm: str = "TRT01P"
    control: str = ""
    treated: str = ""
    subject: str | None = "USUBJID"
    covariates: tuple[str, ...] = ()
    interaction: bool = False
    draws: int = 5000
    seed: int = 0
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Path:
    """An effect with its interval from the draws, corrected for bias and skew (BCa) [efron1987], and the plain one.

    `p` is the least level at which the plain interval would leave out zero.
    """

    label: str
    estimate: float
    se: float
    lower: float
    upper: float
    percentile: tuple[float, float]
    p: float


@dataclass(frozen=True, slots=True)
class Mediated:
    """Effects in the order: total, direct, indirect of all and of each mediator; with `interaction` those of each arm.

    `a` and `b` are the coefficients of each mediator on the arm and of the outcome on it. `share` is indirect over
    total where direct and indirect have one sign, else None: there is no share of what partly cancels.
    `vanishes_at` is the correlation of residuals at which the indirect effect of a single mediator without
    interaction is zero.
    """

    paths: tuple[Path, ...]
    a: tuple[tuple[str, float], ...]
    b: tuple[tuple[str, float], ...]
    share: float | None
    vanishes_at: float | None
    people: int
    left_out: tuple[LeftOut, ...]
    draws: int
    failed: int
    seed: int


@dataclass(frozen=True, slots=True)
class _Data:
    """One person a row: covariates with intercept (n, c), arm as 0 and 1, mediators (n, m), outcome (n,).

    `columns` are these side by side, the arm times the mediator before the outcome where the arms may differ in it.
    """

    base: Array
    arm: Array
    mediators: Array
    outcome: Array

    columns: Array

    def squares(self, weights: Array) -> Array:
        """Give cross-products of the columns (draws, columns, columns) under weights of people (draws, n)."""
        wide = self.columns.shape[1]
        products = (self.columns[:, :, None] * self.columns[:, None, :]).reshape(len(self.columns), wide * wide)
        return np.asarray((weights @ products).reshape(-1, wide, wide))


def mediate(table: pd.DataFrame, question: Question, *, progress: Progress | None = None) -> Mediated:
    """Estimate direct and indirect effects of treated less control. Raises BadInput, with the rows.

    People who lack any of the columns are left out and counted. The same seed gives the same intervals.
    """
    data, left_out = _read(table, question)
    people = len(data.outcome)
    effects = _effects_of(data, question)
    observed = effects(data.squares(np.ones((1, people))))[0]
    _check_rest(data, question)
    if not np.isfinite(observed).all():
        remedy = "Leave out a column that follows from the others."
        raise BadInput("The models have no solution.", where="mediators, covariates", remedy=remedy)
    drawn = _drawn(effects, data, question, progress)
    usable = np.isfinite(drawn).all(axis=1)
    if usable.mean() < 0.95:
        remedy = "An arm or a level is too small to draw people from."
        raise BadInput(f"{(~usable).sum()} of {len(drawn)} draws had no solution.", where="draws", remedy=remedy)
    left = _left_out(effects, data)
    paths = tuple(
        _path(label, float(observed[k]), drawn[usable, k], left[:, k], question.level)
        for k, label in enumerate(_labels(question))
    )
    a, b = _coefficients(data, question)
    total, direct, indirect = (each.estimate for each in paths[:3])
    share = indirect / total if direct * indirect > 0 else None
    return Mediated(
        paths,
        tuple(zip(question.mediators, a, strict=True)),
        tuple(zip(question.mediators, b, strict=True)),
        share,
        None if len(question.mediators) > 1 or question.interaction else _vanishes(data),
        people,
        left_out,
        question.draws,
        int((~usable).sum()),
        question.seed,
    )


def _labels(question: Question) -> list[str]:
    if question.interaction:
        return ["total", "direct, mean of arms", "indirect, mean of arms", "direct, control", "direct, treated",
                "indirect, control", "indirect, treated"]  # fmt: skip
    each = [f"indirect by {name}" for name in question.mediators]
    return ["total", "direct", "indirect", *(each if len(each) > 1 else [])]


def _read(table: pd.DataFrame, question: Question) -> tuple[_Data, tuple[LeftOut, ...]]:
    if not question.mediators or (question.interaction and len(question.mediators) > 1):
        remedy = "Name one mediator, or several without interaction."
        raise BadInput("The mediators do not fit.", where="mediators", remedy=remedy)
    columns = [question.value, *question.mediators, *question.covariates]
    used, arm, left_out = two_arms(
        table, columns, arm=question.arm, control=question.control, treated=question.treated, subject=question.subject
    )
    for name in (question.value, *question.mediators):
        numeric(used, name)
        if used[name].nunique() < 2:
            raise BadInput("It is the same for everybody.", where=f"column {name}", remedy="Leave it out.")
    base = np.column_stack([np.ones(len(used)), *covariates(used, question.covariates)])
    mediators, outcome = np.asarray(used[list(question.mediators)].to_numpy(np.float64)), floats(used[question.value])
    more = [arm * mediators[:, 0]] if question.interaction else []
    side_by_side = np.column_stack([base, arm, mediators, *more, outcome])
    return _Data(base, arm, mediators, outcome, side_by_side), left_out


def _check_rest(data: _Data, question: Question) -> None:
    """Raise BadInput where arm, covariates and mediators leave nothing of the outcome."""
    design = data.columns[:, :-1]
    rest = data.outcome - design @ np.linalg.lstsq(design, data.outcome, rcond=None)[0]
    if float((rest**2).sum()) <= _ROUNDING * float((data.outcome**2).sum()):
        what = "The value follows from the mediators and the arm without a rest."
        raise BadInput(what, where=f"column {question.value}", remedy="Name a mediator that is not the value itself.")


def _effects_of(data: _Data, question: Question) -> Callable[[Array], Array]:
    """Give a function from cross-products of the columns (draws, columns, columns) to effects (draws, effects)."""
    wide = data.columns.shape[1]
    base, count = data.base.shape[1], data.mediators.shape[1]

    def effects(squares: Array) -> Array:
        first = _solve(squares, list(range(base + 1)), list(range(base + 1, base + 1 + count)))
        outcome = _solve(squares, list(range(wide - 1)), [wide - 1])[:, :, 0]
        a, direct, b = first[:, base, :], outcome[:, base], outcome[:, base + 1 : base + 1 + count]
        if not question.interaction:
            parts = a * b
            indirect = parts.sum(axis=1)
            told = [direct + indirect, direct, indirect]
            return np.column_stack([*told, *(parts.T if count > 1 else [])])
        extra = outcome[:, base + 2]
        mean = squares[:, 0, :base] / squares[:, 0, :1]
        resting = (mean * first[:, :base, 0]).sum(axis=1)
        indirect = [a[:, 0] * (b[:, 0] + extra * arm) for arm in (0.0, 1.0)]
        plain = [direct + extra * (resting + a[:, 0] * arm) for arm in (0.0, 1.0)]
        total = plain[0] + indirect[1]
        return np.column_stack([total, (plain[0] + plain[1]) / 2, (indirect[0] + indirect[1]) / 2, *plain, *indirect])

    return effects


def _solve(squares: Array, on: list[int], of: list[int]) -> Array:
    """Give coefficients (draws, on, of) from cross-products; NaN where a draw has no solution."""
    left, right = squares[:, on][:, :, on], squares[:, on][:, :, of]
    scale = np.sqrt(np.einsum("dii->di", left))
    scale = np.where(scale > 0, scale, 1.0)
    scaled = left / scale[:, :, None] / scale[:, None, :]
    good = np.linalg.cond(scaled) < 1e10
    told = np.full(right.shape, np.nan)
    if good.any():
        told[good] = np.linalg.solve(scaled[good], right[good] / scale[good][:, :, None]) / scale[good][:, :, None]
    return told


def _drawn(effects: Callable[[Array], Array], data: _Data, question: Question, progress: Progress | None) -> Array:
    people = len(data.outcome)
    piece = max(1, min(_PIECE, _CELLS // people))
    rng, found = np.random.default_rng(question.seed), []
    for at in range(0, question.draws, piece):
        size = min(piece, question.draws - at)
        chosen = rng.integers(0, people, size=(size, people))
        weights = np.zeros((size, people))
        np.add.at(weights, (np.arange(size)[:, None], chosen), 1)
        found.append(effects(data.squares(weights)))
        if progress is not None:
            progress(at + size, question.draws)
    return np.concatenate(found)


def _left_out(effects: Callable[[Array], Array], data: _Data) -> Array:
    """Give the effects without each person in turn (n, effects): from all cross-products less their own."""
    columns = data.columns
    whole = columns.T @ columns
    pieces = [columns[at : at + _PIECE] for at in range(0, len(columns), _PIECE)]
    return np.concatenate([effects(whole - piece[:, :, None] * piece[:, None, :]) for piece in pieces])


def _path(label: str, observed: float, drawn: Array, left: Array, level: float) -> Path:
    """Give the effect with its intervals: BCa from the share of draws below it and from leaving each person out."""
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    below = (float((drawn < observed).mean()) + float((drawn <= observed).mean())) / 2
    off = left.mean() - left
    spread = float((off**2).sum())
    skew = float((off**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    bias = float(stats.norm.ppf(min(max(below, 0.5 / len(drawn)), 1 - 0.5 / len(drawn))))
    z = bias + stats.norm.ppf(tails)
    lower, upper = np.quantile(drawn, stats.norm.cdf(bias + z / (1 - skew * z)))
    low, high = np.quantile(drawn, tails)
    side = min(float((drawn <= 0).mean()), float((drawn >= 0).mean()))
    p = min(1.0, 2 * max(side, 1 / (len(drawn) + 1)))
    se = float(drawn.std(ddof=1))
    return Path(label, observed, se, float(lower), float(upper), (float(low), float(high)), p)


def _coefficients(data: _Data, question: Question) -> tuple[list[float], list[float]]:
    more = [data.arm * data.mediators[:, 0]] if question.interaction else []
    first = np.linalg.lstsq(np.column_stack([data.base, data.arm]), data.mediators, rcond=None)[0]
    design = np.column_stack([data.base, data.arm, data.mediators, *more])
    outcome = np.linalg.lstsq(design, data.outcome, rcond=None)[0]
    base, count = data.base.shape[1], data.mediators.shape[1]
    return first[base].tolist(), outcome[base + 1 : base + 1 + count].tolist()


def _vanishes(data: _Data) -> float:
    """Give the correlation of what arm and covariates leave of mediator and outcome: there the effect would be zero."""
    design = np.column_stack([data.base, data.arm])
    both = np.column_stack([data.mediators[:, 0], data.outcome])
    rest = both - design @ np.linalg.lstsq(design, both, rcond=None)[0]
    return float(np.corrcoef(rest.T)[0, 1])
