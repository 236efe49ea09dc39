"""The fit of a mixed model for repeated measures, down the ladder of structures if it must be."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from asklepion.core.errors import AsklepionError, BadInput
from asklepion.stats.columns import LeftOut
from asklepion.stats.mmrm import likelihood, table
from asklepion.stats.mmrm.compress import Scaled, compress
from asklepion.stats.mmrm.design import Column, columns
from asklepion.stats.mmrm.model import Method, Model
from asklepion.stats.mmrm.newton import Optimum, minimise
from asklepion.stats.mmrm.spatial import Spatial, apart
from asklepion.stats.mmrm.structures import Structure, structure

Array = NDArray[np.float64]


class NotFitted(AsklepionError):
    """No structure that was asked for gave a proper optimum. `attempts` says what each came to."""

    code = "not_fitted"

    def __init__(self, attempts: tuple["Attempt", ...]) -> None:
        self.attempts = attempts
        told = " ".join(f"{each.structure}: {each.why}" for each in attempts)
        super().__init__(
            f"The model could not be fitted. {told}",
            where="structure",
            remedy="Give a simpler structure or a longer ladder, join visits, or look for visits that few attended.",
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A structure that was tried, and why it was left; `why` is empty for the one that stands."""

    structure: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model. Arrays are in the units of the table; q columns of the mean, J visits, G groups, K parameters.

    `covariances` (G, J, J), none where they go by coordinates of rows (`covariance` has both); `beta` (q,) with
    `columns` its names; `beta_covariance` (q, q) is model-based, without small-sample correction. `gradient` is the
    largest component of the gradient of -2 log L where the search ended. `never_together` are pairs of visits that no
    subject attended both. `attempts` are the structures tried, the last one stands.
    """

    model: Model
    structure: str
    attempts: tuple[Attempt, ...]
    columns: tuple[Column, ...]
    visits: tuple[str, ...]
    groups: tuple[str, ...]
    beta: Array
    beta_covariance: Array
    covariances: Array
    parameters: tuple[tuple[str, float], ...]
    deviance: float
    iterations: int
    gradient: float
    subjects: int
    left_out: tuple[LeftOut, ...]
    subjects_left_out: int
    never_together: tuple[tuple[str, str], ...]
    observed: table.Observed
    scaled: Scaled
    shapes: tuple[Structure, ...]
    optimum: Optimum

    @property
    def log_likelihood(self) -> float:
        return -self.deviance / 2

    @property
    def aic(self) -> float:
        return self.deviance + 2 * len(self.parameters)

    @property
    def bic(self) -> float:
        """Bayes's criterion with the number of subjects, as PROC MIXED has it."""
        return self.deviance + len(self.parameters) * float(np.log(self.subjects))

    def covariance(self, group: int, visits: NDArray[np.intp], *, places: Array | None = None) -> Array:
        """Give the covariance (m, m) of one subject at m visits or, where it goes by coordinates, at places (m, C)."""
        shape = self.shapes[group]
        if not isinstance(shape, Spatial):
            return np.asarray(self.covariances[group][np.ix_(visits, visits)])
        assert places is not None
        own = likelihood.blocks(self.optimum.at, self.shapes)[group]
        return np.asarray(Spatial(apart(places)[None]).sigma(own)[0] * self.scaled.unit**2)

    def glance(self) -> pd.DataFrame:
        """Give one row that says how the fit went."""
        row = {
            "structure": self.structure,
            "asked_for": self.model.structure,
            "method": str(self.model.method),
            "subjects": self.subjects,
            "subjects_left_out": self.subjects_left_out,
            "observations": len(self.observed.values),
            "minus2_log_likelihood": self.deviance,
            "aic": self.aic,
            "bic": self.bic,
            "iterations": self.iterations,
            "gradient": self.gradient,
        }
        return pd.DataFrame([row])


def fit(data: pd.DataFrame, model: Model | None = None) -> Fit:
    """Fit a model for repeated measures to a table of one row for each subject and visit.

    A row without a value, or without something that the mean rests on, is left out and counted; a visit that is missing
    is taken as missing at random. Raises BadInput for a table or model that cannot be taken as it is, with the rows;
    NotFitted if neither the structure nor any further down the ladder comes to a proper optimum.
    """
    model = model or Model()
    observed = table.read(data, model)
    design = columns(model.mean(), observed.factors)
    attempts: list[Attempt] = []
    scaled = _compressed(model, observed, design, model.structure)
    for name in model.steps():
        if scaled.distances is not None and attempts:
            scaled = _compressed(model, observed, design, name)
        shapes = _shapes(name, model, observed, scaled)
        found = minimise(scaled.data, shapes, _start(scaled, shapes))
        why = found if isinstance(found, str) else found.why
        attempts.append(Attempt(name, why))
        if not isinstance(found, str) and not why:
            everybody = int(data[model.subject].nunique())
            return _fit(model, tuple(attempts), design, observed, scaled, shapes, found, everybody)
    raise NotFitted(tuple(attempts))


def _compressed(model: Model, observed: table.Observed, design: tuple[Column, ...], name: str) -> Scaled:
    by_place = name == "sp_exp" and observed.places is not None
    return compress(observed, design, model.visit, restricted=model.method is Method.REML, by_place=by_place)


def _shapes(name: str, model: Model, observed: table.Observed, scaled: Scaled) -> tuple[Structure, ...]:
    if scaled.distances is not None:
        found = scaled.distances
        return tuple(Spatial(found[scaled.data.groups == k]) for k in range(len(observed.groups.levels)))
    visits = len(observed.visits.levels)
    times = None
    if name == "sp_exp" and model.times is not None:
        if len(model.times) != visits or len(set(model.times)) != visits:
            raise BadInput(f"Give {visits} different times, one for each visit.", where="times")
        times = np.asarray(model.times, dtype=np.float64)
    return (structure(name, visits, times=times),) * len(observed.groups.levels)


def _start(scaled: Scaled, shapes: tuple[Structure, ...]) -> Array:
    """Give working parameters near the moments of ordinary residuals, drawn to the diagonal until positive definite."""
    together = np.maximum(scaled.together, 1.0)
    moments = scaled.moments / together
    variances = np.maximum(np.diag(moments), 1e-3 * np.diag(moments).mean())
    off = moments - np.diag(np.diag(moments))
    for _ in range(60):
        trial = off + np.diag(variances)
        roots = np.sqrt(variances)
        if np.linalg.eigvalsh(trial / np.outer(roots, roots))[0] > 0.02:
            break
        off = 0.9 * off
    return np.concatenate([shape.start(trial) for shape in shapes])


def _fit(
    model: Model,
    attempts: tuple[Attempt, ...],
    design: tuple[Column, ...],
    observed: table.Observed,
    scaled: Scaled,
    shapes: tuple[Structure, ...],
    found: Optimum,
    everybody: int,
) -> Fit:
    solved, unit, back = found.solved, scaled.unit, scaled.back
    covariances = likelihood.sigmas(found.at, shapes)[: 0 if scaled.distances is not None else None] * unit**2
    levels = observed.visits.levels
    apart = [(levels[i], levels[j]) for i, j in zip(*np.nonzero(np.triu(scaled.together == 0, 1)), strict=True)]
    return Fit(
        model=model,
        structure=attempts[-1].structure,
        attempts=attempts,
        columns=design,
        visits=levels,
        groups=observed.groups.levels,
        beta=scaled.offset + unit * back @ solved.beta,
        beta_covariance=unit**2 * back @ solved.spread @ back.T,
        covariances=covariances,
        parameters=_parameters(found, shapes, observed.groups.levels, unit),
        deviance=_deviance(scaled, solved.deviance),
        iterations=found.iterations,
        gradient=found.gradient,
        subjects=observed.people,
        left_out=observed.left_out,
        subjects_left_out=everybody - observed.people,
        never_together=tuple(apart),
        observed=observed,
        scaled=scaled,
        shapes=shapes,
        optimum=found,
    )


def _parameters(
    found: Optimum, shapes: tuple[Structure, ...], groups: tuple[str, ...], unit: float
) -> tuple[tuple[str, float], ...]:
    named = []
    for group, shape, own in zip(groups, shapes, likelihood.blocks(found.at, shapes), strict=True):
        for name, value in shape.natural(own):
            spread = name.startswith(("var", "cov"))
            named.append((f"{name} {group}".strip(), value * (unit**2 if spread else 1.0)))
    return tuple(named)


def _deviance(scaled: Scaled, inner: float) -> float:
    """Give -2 log L in the units of the table, with its constants as PROC MIXED has them."""
    data = scaled.data
    free = data.observations - (data.columns if data.restricted else 0)
    turned = 2 * float(np.linalg.slogdet(scaled.back)[1]) if data.restricted else 0.0
    return inner + free * float(np.log(2 * np.pi * scaled.unit**2)) - turned - scaled.log_weights
