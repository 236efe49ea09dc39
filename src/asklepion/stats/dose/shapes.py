"""Shapes of a dose-response curve, each a standard form of the dose that is shifted and stretched [bretz2005]."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.stats.columns import Array


class Shape(StrEnum):
    """A family of curves; how many parameters its standard form has stands in PARAMETERS."""

    LINEAR = "linear"
    EMAX = "emax"
    EXPONENTIAL = "exponential"
    LOGISTIC = "logistic"
    QUADRATIC = "quadratic"


PARAMETERS = {
    Shape.LINEAR: (),
    Shape.EMAX: ("ed50",),
    Shape.EXPONENTIAL: ("delta",),
    Shape.LOGISTIC: ("ed50", "delta"),
    Shape.QUADRATIC: ("delta",),
}
# Within which multiples of the largest dose they are searched for, as R's DoseFinding does (defBnds).
BOUNDS = {
    Shape.EMAX: ((0.001, 1.5),),
    Shape.EXPONENTIAL: ((0.1, 2.0),),
    Shape.LOGISTIC: ((0.001, 1.5), (0.01, 0.5)),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A shape with the parameters of its standard form, guessed before the trial.

    linear d; emax d / (ed50 + d); exponential exp(d / delta) - 1; logistic 1 / (1 + exp((ed50 - d) / delta));
    quadratic d + delta d^2.
    """

    shape: Shape
    guess: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        names = PARAMETERS[self.shape]
        if len(self.guess) != len(names):
            wanted = ", ".join(names) or "no parameter"
            remedy = f"Write it as {':'.join([self.shape, *names])}{', a number for each name' if names else ''}."
            raise BadInput(f"{self.shape} takes {wanted}.", where="candidates", remedy=remedy)
        if not all(abs(each) < float("inf") for each in self.guess):
            raise BadInput(f"A guess of {self} is no number.", where="candidates", remedy="Give a dose.")
        if self.shape not in (Shape.LINEAR, Shape.QUADRATIC) and min(self.guess) <= 0:
            raise BadInput(f"A guess of {self} is not above zero.", where="candidates", remedy="Give a dose.")

    def __str__(self) -> str:
        return ":".join([self.shape, *(f"{each:g}" for each in self.guess)])


def standard(shape: Shape, doses: Array, parameters: tuple[float, ...]) -> Array:
    """Give the standard form at doses (K,)."""
    if shape is Shape.LINEAR:
        return doses
    if shape is Shape.EMAX:
        return np.asarray(doses / (parameters[0] + doses))
    if shape is Shape.EXPONENTIAL:
        return np.expm1(doses / parameters[0])
    if shape is Shape.LOGISTIC:
        return np.asarray(1 / (1 + np.exp((parameters[0] - doses) / parameters[1])))
    return np.asarray(doses + parameters[0] * doses**2)


def candidate(text: str) -> Candidate:
    """Give a candidate from `linear`, `emax:5` or `logistic:8:3`. Raises BadInput.

    >>> str(candidate("logistic:8:3"))
    'logistic:8:3'
    """
    name, *guesses = text.split(":")
    if name not in set(Shape):
        raise BadInput(f"There is no shape {name}.", where="candidates", remedy=f"Known: {', '.join(Shape)}.")
    try:
        return Candidate(Shape(name), tuple(float(each) for each in guesses))
    except ValueError as error:
        raise BadInput(f"`{text}` is no shape.", where="candidates", remedy="Write it as emax:5.") from error
