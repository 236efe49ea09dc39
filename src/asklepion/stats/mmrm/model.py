"""What is to be fitted: columns by name, terms of the mean, structure of the covariance."""

from dataclasses import dataclass
from enum import StrEnum

from asklepion.core.errors import BadInput

Term = tuple[str, ...]


class Method(StrEnum):
    """How variance parameters are estimated: restricted or full maximum likelihood."""

    REML = "reml"
    ML = "ml"


class Freedom(StrEnum):
    """How standard errors and degrees of freedom are had.

    `kenward-roger` is SAS's: second derivatives of the covariance by its natural parameters [kenward1997].
    `kenward-roger-linear` leaves second derivatives out (SAS's FIRSTORDER); for linear structures the two are one.
    `kenward-roger-working` is that of R's mmrm: second derivatives by log standard deviations and Cholesky factors.
    `empirical` is the sandwich of SAS's EMPIRICAL, with two corrections for few subjects, `empirical-jackknife` and
    `empirical-bias-reduced`: from the subjects' residuals, right in large trials even where the covariance is not.
    """

    SATTERTHWAITE = "satterthwaite"
    KENWARD_ROGER = "kenward-roger"
    KENWARD_ROGER_LINEAR = "kenward-roger-linear"
    KENWARD_ROGER_WORKING = "kenward-roger-working"
    EMPIRICAL = "empirical"
    EMPIRICAL_JACKKNIFE = "empirical-jackknife"
    EMPIRICAL_BIAS_REDUCED = "empirical-bias-reduced"

    @property
    def robust(self) -> bool:
        return self.value.startswith("empirical")


STRUCTURES = ("us", "toeph", "toep", "ar1h", "ar1", "csh", "cs", "adh", "ad", "sp_exp")

# Tried in this order after a structure that gives no proper optimum; what was tried stands with every fit.
LADDER = ("us", "toeph", "ar1h", "csh", "toep", "ar1", "cs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A mixed model for repeated measures. The column names of CDISC ADaM are the defaults.

    `terms` are the fixed effects, each a tuple of columns ("TRT01P", "AVISIT"); the intercept is always there. Without
    them: baseline, baseline by visit, covariates, arm, visit, arm by visit. A column that is not numeric, the visit,
    the arm and what `factors` names are factors. `visits` and `arms` give the order (the first arm is the reference);
    without them a categorical column's own order, or the order of the numbers in the labels. `group` names a column
    whose levels have covariances of their own. `references` names the level that others stand against, as in
    (("SEX", "Female"),). For `sp_exp`, `times` gives the time of each visit, or `coordinates` the columns whose
    Euclidean distance it goes by, which may differ from subject to subject. `ladder` are the structures to try if
    `structure` gives no proper optimum; empty for none.
    """

    subject: str = "USUBJID"
    visit: str = "AVISIT"
    value: str = "AVAL"
    arm: str = "TRT01P"
    baseline: str | None = "BASE"
    covariates: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    terms: tuple[Term, ...] | None = None
    visits: tuple[object, ...] | None = None
    arms: tuple[object, ...] | None = None
    times: tuple[float, ...] | None = None
    coordinates: tuple[str, ...] = ()
    structure: str = "us"
    method: Method = Method.REML
    group: str | None = None
    weight: str | None = None
    references: tuple[tuple[str, str], ...] = ()
    ladder: tuple[str, ...] = LADDER

    def __post_init__(self) -> None:
        for name in (self.structure, *self.ladder):
            if name not in STRUCTURES:
                raise BadInput(f"There is no structure {name}.", where="structure", remedy=f"Known: {_known()}.")
        if self.method not in set(Method):
            known = ", ".join(Method)
            raise BadInput(f"There is no method {self.method}.", where="method", remedy=f"Known: {known}.")
        if (self.coordinates or self.times) and self.structure != "sp_exp":
            remedy = "Ask for sp_exp, or leave times and coordinates away."
            raise BadInput(f"{self.structure} does not go by times or coordinates.", where="structure", remedy=remedy)
        if self.coordinates and self.times:
            raise BadInput("It has both times and coordinates.", where="times", remedy="Give one or the other.")

    def steps(self) -> tuple[str, ...]:
        """Give the structures to try, in order: the one asked for, then those further down the ladder."""
        if self.structure in self.ladder:
            return self.ladder[self.ladder.index(self.structure) :]
        return (self.structure, *self.ladder[1:]) if self.ladder else (self.structure,)

    def mean(self) -> tuple[Term, ...]:
        """Give the terms of the mean, the empty tuple (intercept) first; every interaction has its lower terms."""
        terms = self.terms if self.terms is not None else self._usual()
        seen = {frozenset(term) for term in terms}
        for term in terms:
            _check_hierarchy(term, seen)
        return ((), *sorted(dict.fromkeys(terms), key=len))

    def _usual(self) -> tuple[Term, ...]:
        base: tuple[Term, ...] = ((self.baseline,), (self.baseline, self.visit)) if self.baseline else ()
        more: tuple[Term, ...] = tuple((name,) for name in self.covariates)
        return (*base, *more, (self.arm,), (self.visit,), (self.arm, self.visit))


def _known() -> str:
    return ", ".join(STRUCTURES)


def _check_hierarchy(term: Term, seen: set[frozenset[str]]) -> None:
    if len(set(term)) != len(term) or not term:
        raise BadInput(
            f"{':'.join(term) or 'An empty term'} is no term.", where="terms", remedy="Name each column once."
        )
    for left_out in term if len(term) > 1 else ():
        below = frozenset(term) - {left_out}
        if below not in seen:
            raise BadInput(
                f"{':'.join(term)} stands without {':'.join(sorted(below))}.",
                where="terms",
                remedy="Give an interaction together with its main effects and lower interactions.",
            )
