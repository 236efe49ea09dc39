"""An account of an analysis in plain values, and the sentences that a reader must have with its figures."""

from dataclasses import asdict

from asklepion.stats.missing.analysis import Analysis
from asklepion.stats.missing.gibbs import Watched
from asklepion.stats.missing.plan import Approach, Strategy
from asklepion.stats.missing.pooling import Pooled
from asklepion.stats.missing.tipping import Tipping

# Chains whose R-hat is above it have not come together yet [gelman2013, section 11.5].
R_HAT = 1.1


def variance_sentence(analysis: Analysis) -> str:
    """Say which variance standard errors are, and why the other one differs."""
    if analysis.plan.approach is Approach.CONDITIONAL_MEAN:
        return (
            "Standard errors are the jackknife's: how far the estimate would vary over repeated trials. Under a "
            "reference-based strategy Rubin's rules give larger ones by design, up to about twice the variance: name "
            "the one in the plan."
        )
    return (
        "Standard errors are those of Rubin's rules, which anchor information: what is imputed adds none. Under a "
        "reference-based strategy the jackknife gives smaller ones by design, the variance over repeated trials being "
        "down to about half: name the one in the plan."
    )


def notes(analysis: Analysis) -> tuple[str, ...]:
    """Give sentences on what was left out, what was not used and why, and chains or samples that went wrong."""
    told = [f"{each.rows} row{'s' if each.rows > 1 else ''} left out: {each.why}." for each in analysis.left_out]
    trial = analysis.trial
    if trial.given:
        told.append(f"Events are as given: {int((trial.events < len(trial.visits)).sum())} subjects have one.")
    else:
        told.append("An event is taken to be the first visit after the last one at which anything was seen.")
    bare = int((~trial.seen.any(axis=1)).sum())
    if bare:
        told.append(f"{bare} subject{'s have' if bare > 1 else ' has'} no value at all; imputed from covariates alone.")
    for answer in analysis.answers:
        told += [each for each in answer.notes if each not in told]
        if answer.unused:
            told.append(
                f"{answer.strategy}: {answer.unused} values seen after an event are not in the imputation model; "
                "they stand in the ANCOVA as they are."
            )
        if answer.failed:
            told.append(f"{answer.strategy}: {answer.failed} bootstrap samples gave no optimum and were drawn again.")
    apart = {each.label for answer in analysis.answers for each in answer.watched if not each.r_hat < R_HAT}
    remedy = "or are too short to tell: burn in longer, or draw more"
    told += [f"Chains have not come together for {each}, {remedy}." for each in sorted(apart)]
    return tuple(told)


def account(analysis: Analysis, tipped: tuple[Tipping, ...] = ()) -> dict[str, object]:
    """Give the analysis as values that JSON can hold."""
    plan, trial = analysis.plan, analysis.trial
    drawn = plan.approach is not Approach.CONDITIONAL_MEAN
    return {
        "at": analysis.at,
        "reference": trial.arms.levels[trial.reference],
        "method": str(plan.approach),
        "model": {"structure": plan.model.structure, "estimation": str(plan.model.method), "group": plan.model.group},
        "covariates": [each for each in (plan.model.baseline, *plan.model.covariates) if each],
        "seed": plan.seed if drawn else None,
        "imputations": plan.imputations if drawn else None,
        "refits": len(trial.labels) if not drawn else None,
        "people": len(trial.labels),
        "values_seen": int(trial.seen.sum()),
        "values_imputed": int((~trial.seen).sum()),
        "variance": analysis.variance,
        "variance_told": variance_sentence(analysis),
        "deltas": dict(plan.deltas),
        "delta": "cumulative" if plan.cumulative else "constant",
        "level": plan.level,
        "left_out": [asdict(each) for each in analysis.left_out],
        "notes": list(notes(analysis)),
        "strategies": [
            {
                "strategy": str(each.strategy),
                "why": each.why,
                "contrasts": [_plain(line) for line in each.contrasts],
                "means": [_plain(line) for line in each.means],
                "imputed": [asdict(count) for count in each.imputed],
                "chains": [_plain(chain) for chain in each.watched],
            }
            for each in analysis.answers
        ],
        "tipping": [
            {name: value for name, value in asdict(each).items() if name != "curve"}
            | {"curve": [{"delta": point.delta, **_plain(point.line)} for point in each.curve]}
            for each in tipped
        ],
    }


def _plain(line: Pooled | Watched) -> dict[str, object]:
    """Give the fields of a line; what is no number is None, which JSON can hold."""
    return {
        name: None if isinstance(value, float) and value != value else value for name, value in asdict(line).items()
    }


def counts(analysis: Analysis) -> list[tuple[str, str, int, int, int]]:
    """Give arm, visit, people, values imputed after an event, and values imputed as missing at random otherwise."""
    trial, result = analysis.trial, []
    for arm, level in enumerate(trial.arms.levels):
        here = trial.arms.codes == arm
        for place, visit in enumerate(trial.visits):
            gaps = here & ~trial.seen[:, place]
            later = gaps & (trial.events <= place)
            result.append((level, visit, int(here.sum()), int(later.sum()), int((gaps & ~later).sum())))
    return result


def of_its_own(analysis: Analysis) -> dict[Strategy, int]:
    """Give how many subjects have which strategy of their own in the table of events."""
    own = [each for each in analysis.trial.own if each is not None]
    return {each: own.count(each) for each in Strategy if each in own}
