"""A model for repeated measures written as a formula: `CHG ~ BASE + TRT01P*AVISIT + us(AVISIT | USUBJID)`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from asklepion.core.errors import BadInput
from asklepion.stats.mmrm.model import LADDER, STRUCTURES, Method, Model, Term

_COVARIANCE = re.compile(r"^(?P<name>\w+)\s*\((?P<inside>[^()]*)\)$")
_INSIDE = re.compile(r"^(?P<visit>[^|/]+)\|(?:(?P<group>[^|/]+)/)?(?P<subject>[^|/]+)$")
_EXAMPLE = "Write it as in CHG ~ BASE + TRT01P*AVISIT + us(AVISIT | USUBJID)."
_WORD = re.compile(r"^[^\W\d][\w.]*$")


@dataclass(frozen=True, slots=True)
class Formula:
    """What a formula says: the value, the terms of the mean (the intercept is always there), and the covariance.

    `visit` is None where the covariance goes by `coordinates`.
    """

    value: str
    terms: tuple[Term, ...]
    structure: str
    visit: str | None
    subject: str
    group: str | None
    coordinates: tuple[str, ...] = ()


def read(text: str) -> Formula:
    """Give the parts of a formula `value ~ terms + structure(visit | subject)` or `structure(visit | group / subject)`.

    The spatial one has coordinates in place of the visit: `sp_exp(DAY | subject)`, `sp_exp(X, Y | subject)`.
    `a*b` is a + b + a:b; `(a + b)**2` all up to pairs; names that are no words stand in backquotes. Raises BadInput for
    what is no such formula: a transformed column, no intercept, no covariance or two, an unknown structure.

    >>> read("CHG ~ BASE + TRT01P*AVISIT + us(AVISIT | USUBJID)").terms
    (('BASE',), ('TRT01P',), ('AVISIT',), ('TRT01P', 'AVISIT'))
    """
    value, terms = _parsed(text)
    mean, covariances, intercept = [], [], False
    for term in terms:
        found = [name for name in term if "|" in name]
        if found and len(term) > 1:
            raise _bad(f"The covariance {found[0]} stands in an interaction.", _EXAMPLE)
        if found:
            covariances.append(found[0])
        elif term == ("1",):
            intercept = True
        else:
            mean.append(tuple(_column(name) for name in term))
    if not intercept:
        raise _bad("It leaves the intercept out.", "Take the 0 or -1 away: the intercept is always there.")
    if len(covariances) != 1:
        raise _bad(f"It has {len(covariances) or 'no'} covariance{'s' if covariances else ''}, not one.", _EXAMPLE)
    if not mean:
        raise _bad("Its mean has no term.", _EXAMPLE)
    return _covariance(covariances[0], _column(value), tuple(mean))


def model(
    text: str,
    *,
    arm: str = "TRT01P",
    visit: str = "AVISIT",
    references: Mapping[str, str] | None = None,
    method: Method = Method.REML,
    weight: str | None = None,
    factors: tuple[str, ...] = (),
    visits: tuple[object, ...] | None = None,
    ladder: tuple[str, ...] = LADDER,
) -> Model:
    """Give the model that a formula says, for `mmrm.fit`.

    `arm` is the column whose levels are compared; `visit` that of visits where the formula has coordinates;
    `references` gives the level that stands first of a factor; `factors`
    are numeric columns to take as levels. The ladder is the usual one, unless given. Raises BadInput as `read` does.
    """
    said = read(text)
    return Model(
        subject=said.subject,
        visit=said.visit or visit,
        coordinates=said.coordinates,
        value=said.value,
        arm=arm,
        baseline=None,
        terms=said.terms,
        factors=factors,
        visits=visits,
        structure=said.structure,
        method=method,
        group=said.group,
        weight=weight,
        references=tuple((references or {}).items()),
        ladder=ladder,
    )


def _bad(what: str, remedy: str) -> BadInput:
    return BadInput(what, where="formula", remedy=remedy)


def _parsed(text: str) -> tuple[str, list[tuple[str, ...]]]:
    try:
        from formulaic.errors import FormulaicError
        from formulaic.parser import DefaultFormulaParser
    except ImportError as error:
        raise _bad("formulaic is not installed.", "Install `asklepion[research]`, or name columns.") from error
    try:
        found = DefaultFormulaParser().get_terms(text)
    except FormulaicError as error:
        raise _bad(f"It cannot be read ({str(error).splitlines()[0]}).", _EXAMPLE) from error
    left, right = getattr(found, "lhs", None), getattr(found, "rhs", None)
    if left is None or right is None or isinstance(right, tuple) or len(left) != 1:
        raise _bad("It does not name one value before one ~.", _EXAMPLE)
    (value,) = [[str(factor) for factor in term.factors] for term in left]
    if len(value) != 1:
        raise _bad("It does not name one value before one ~.", _EXAMPLE)
    return value[0], [tuple(str(factor) for factor in term.factors) for term in right]


def _column(name: str) -> str:
    """Give a column's name; refuse what would have to be computed."""
    name = name.strip()
    if re.search(r"[()\[\]{}+*/^]", name) and not _WORD.match(name):
        raise _bad(f"{name} is not a column.", "Compute it in the table first, and name its column.")
    if re.fullmatch(r"[\d.]+", name):
        raise _bad(f"{name} is a number.", "Name columns only.")
    return name


def _covariance(text: str, value: str, terms: tuple[Term, ...]) -> Formula:
    """Give the whole with structure, visit or coordinates, subject and group of `us(visit | group / subject)`."""
    outer = _COVARIANCE.match(text.strip())
    inner = _INSIDE.match(outer["inside"]) if outer else None
    if outer is None or inner is None:
        raise _bad(f"{text} is no covariance.", "Write us(AVISIT | USUBJID), or us(AVISIT | GROUP / USUBJID).")
    if outer["name"] not in STRUCTURES:
        raise _bad(f"There is no structure {outer['name']}.", f"Known: {', '.join(STRUCTURES)}.")
    subject, group = _column(inner["subject"]), _column(inner["group"]) if inner["group"] else None
    places = tuple(_column(name) for name in inner["visit"].split(","))
    if outer["name"] == "sp_exp":
        return Formula(value, terms, "sp_exp", None, subject, group, places)
    if len(places) > 1:
        raise _bad(f"{outer['name']} goes by one column of visits, not {len(places)}.", _EXAMPLE)
    return Formula(value, terms, outer["name"], places[0], subject, group)
