"""An account of a fit in plain values: what was asked, used, left out and found, and what to know before believing."""

from dataclasses import asdict, dataclass

from asklepion.stats.mmrm.fitting import Fit
from asklepion.stats.mmrm.margins import Weights, contrasts, lsmeans, terms, terms_of_type_2
from asklepion.stats.mmrm.model import Freedom


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How estimates are wanted."""

    freedom: Freedom = Freedom.KENWARD_ROGER
    weights: Weights = Weights.EQUAL
    level: float = 0.95


def notes(fit: Fit) -> tuple[str, ...]:
    """Give sentences on what was left out, which structures were left and why, and visits that nobody attended both."""
    told = [f"{each.rows} rows left out: {each.why}." for each in fit.left_out]
    if fit.subjects_left_out:
        told.append(f"{fit.subjects_left_out} subjects have no row that can be used.")
    if fit.structure == "sp_exp" and not fit.model.times and not fit.model.coordinates:
        told.append("sp_exp without times or coordinates: visits are taken as equally spaced, 1 apart.")
    for left in fit.attempts[:-1]:
        told.append(f"Structure {left.structure} was tried and left. {left.why}")
    if len(fit.attempts) > 1:
        told.append(f"The covariance is {fit.structure}, not {fit.model.structure} as asked for.")
    pairs = "; ".join(" and ".join(pair) for pair in fit.never_together)
    if pairs:
        told.append(f"No subject has values at both of: {pairs}.")
    return tuple(told)


def account(fit: Fit, wish: Wish | None = None) -> dict[str, object]:
    """Give the fit as values that JSON can hold."""
    wish = wish or Wish()
    return {
        "model": {**asdict(fit.model), "method": str(fit.model.method), "terms": [":".join(t) for t in _terms(fit)]},
        "fit": fit.glance().iloc[0].to_dict() | {"visits": list(fit.visits), "arms": list(_arms(fit))},
        "attempts": [asdict(each) for each in fit.attempts],
        "notes": list(notes(fit)),
        "weights": str(wish.weights),
        "lsmeans": [
            asdict(each) for each in lsmeans(fit, weights=wish.weights, freedom=wish.freedom, level=wish.level)
        ],
        "contrasts": [
            asdict(each) for each in contrasts(fit, weights=wish.weights, freedom=wish.freedom, level=wish.level)
        ],
        "tests": [asdict(each) for each in terms(fit, freedom=wish.freedom)],
        "tests_of_type_2": [asdict(each) for each in terms_of_type_2(fit, freedom=wish.freedom)],
        "covariances": {group: sigma.tolist() for group, sigma in zip(fit.groups, fit.covariances, strict=False)},
        "parameters": dict(fit.parameters),
    }


def _terms(fit: Fit) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(column.term for column in fit.columns if column.term))


def _arms(fit: Fit) -> tuple[str, ...]:
    return fit.observed.factors[fit.model.arm].levels
