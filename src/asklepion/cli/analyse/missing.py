"""`asklepion analyse missing TABLE.csv`: what missing values would have been, under each strategy."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asklepion.stats.missing import Analysis, Plan, Tipping
    from asklepion.stats.tables import Table

Column = Annotated[str, typer.Option(help="A column's name.")]
Several = Annotated[list[str] | None, typer.Option(help="A further column of mean and ANCOVA; repeat it.")]
Order = Annotated[str | None, typer.Option(help="Visits in their order, as in 'Week 4,Week 8'.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(missing)


def missing(
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject and visit.")],
    reference: Annotated[str, typer.Option(help="The reference arm's name.")],
    strategy: Annotated[
        list[str] | None,
        typer.Option(help="mar, jump-to-reference, copy-reference, copy-increments or last-mean; repeat it."),
    ] = None,
    method: Annotated[
        str, typer.Option(help="conditional-mean (jackknife), bayes or approximate-bayes (Rubin's rules).")
    ] = "conditional-mean",
    events: Annotated[
        Path | None, typer.Option(help="CSV of events: subject, first visit after it, STRATEGY if it has its own.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="The visit to analyse; the last one if not given.")] = None,
    imputations: Annotated[int, typer.Option(help="Number of imputed tables.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same.")] = 1,
    burn_in: Annotated[int, typer.Option(help="Steps of a chain before it counts.")] = 200,
    thin: Annotated[int, typer.Option(help="Steps of a chain between imputations.")] = 10,
    delta: Annotated[
        list[str] | None,
        typer.Option(help="ARM=2: add to values imputed after an event; 2: in every arm but the reference."),
    ] = None,
    cumulative: Annotated[bool, typer.Option(help="Add delta once more at each visit after the event.")] = False,
    tipping: Annotated[bool, typer.Option(help="Search the delta at which p reaches 1 - level.")] = False,
    grid: Annotated[str | None, typer.Option(help="Deltas to search, as 0,1,2,3.")] = None,
    level: Annotated[float, typer.Option(help="Of intervals.")] = 0.95,
    subject: Column = "USUBJID",
    visit: Column = "AVISIT",
    value: Column = "AVAL",
    arm: Column = "TRT01P",
    baseline: Annotated[str, typer.Option(help="The baseline's column; '' for none.")] = "BASE",
    covariate: Several = None,
    factor: Annotated[list[str] | None, typer.Option(help="A numeric covariate to take as levels; repeat it.")] = None,
    visits: Order = None,
    structure: Annotated[str, typer.Option(help="Covariance: us, toeph, ar1h, csh and the others of mmrm.")] = "us",
    estimation: Annotated[str, typer.Option(help="reml or ml.")] = "reml",
    group: Annotated[str | None, typer.Option(help="A column whose levels have covariances of their own.")] = None,
    as_json: Json = False,
) -> None:
    """Impute what is missing after events under each strategy, and compare arms by ANCOVA.

    Exit 0 if all have numbers, 1 if a strategy or the model has none, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import levels, with_input
    from asklepion.cli.start import answer, progress
    from asklepion.core.errors import BadInput
    from asklepion.stats import missing as room
    from asklepion.stats.missing.account import account
    from asklepion.stats.mmrm import Method, Model
    from asklepion.stats.tables import read_csv

    labels = [name for name in (subject, visit, arm, group) if name]
    for option, given, known in (("--method", method, room.Approach), ("--estimation", estimation, Method)):
        if given not in set(known):
            raise BadInput(f"There is no {given}.", where=option, remedy=f"Known: {', '.join(known)}.")
    source = read_csv(table, labels=labels)
    model = Model(
        subject=subject, visit=visit, value=value, arm=arm, baseline=baseline or None,
        covariates=tuple(covariate or ()), factors=tuple(factor or ()), visits=levels(visits), structure=structure,
        method=Method(estimation), group=group, ladder=(),
    )  # fmt: skip
    plan = room.Plan(
        model=model, reference=reference, approach=room.Approach(method), at=at, imputations=imputations, seed=seed,
        strategies=tuple(dict.fromkeys(room.strategy(each) for each in strategy or room.Strategy)), burn_in=burn_in,
        thin=thin, deltas=_deltas(delta or [], source, arm, reference=reference), cumulative=cumulative,
        level=level,
    )  # fmt: skip
    happened = None if events is None else read_csv(events, labels=labels).rows
    analysis = room.analyse(source.rows, plan, events=happened, told=progress(_work(plan)))
    tipped = _tipped(analysis, grid) if tipping else ()
    if as_json:
        answer(with_input(source, account(analysis, tipped)))
    else:
        _print(analysis, tipped)
        print(f"\n{source.path}, SHA-256 {source.sha256}")
    raise typer.Exit(1 if any(each.why for each in analysis.answers) else 0)


def _deltas(given: list[str], source: "Table", arm: str, *, reference: str) -> "Mapping[str, float]":
    """Give the delta of each arm. A number alone is that of every arm but the reference."""
    result: dict[str, float] = {}
    for each in given:
        name, _, number = each.rpartition("=")
        others = source.rows[arm].dropna().unique() if arm in source.rows.columns else ()
        for level in [name] if name else [str(other) for other in others if str(other) != reference]:
            result[level] = _number(number, "--delta", "Write it as 2 or as ARM=2.")
    return result


def _number(given: str, option: str, remedy: str) -> float:
    from math import isfinite

    from asklepion.core.errors import BadInput

    try:
        found = float(given)
    except ValueError:
        found = float("nan")
    if not isfinite(found):
        raise BadInput(f"{given or 'Nothing'} is not a number.", where=option, remedy=remedy)
    return found


def _work(plan: "Plan") -> str:
    return {"conditional-mean": "Jackknife", "bayes": "Chains"}.get(plan.approach, "Bootstrap")


def _tipped(analysis: "Analysis", grid: str | None) -> "tuple[Tipping, ...]":
    from asklepion.cli.analyse.shown import levels
    from asklepion.stats.missing import tipping

    deltas = tuple(_number(each, "--grid", "Write it as 0,1,2.") for each in levels(grid) or ()) or None
    return tuple(
        tipping(analysis, each, contrast=k, deltas=deltas)
        for each in analysis.answers
        for k in range(len(each.contrasts))
    )


def _print(analysis: "Analysis", tipped: "tuple[Tipping, ...]") -> None:
    from asklepion.stats.missing.account import notes, variance_sentence

    plan, trial = analysis.plan, analysis.trial
    drawn = plan.approach != "conditional-mean"
    how = f"{plan.imputations} imputations, seed {plan.seed}" if drawn else f"{len(trial.labels)} refits"
    print(
        f"{plan.model.value} at {analysis.at}: {len(trial.labels)} people, {int(trial.seen.sum())} values seen, "
        f"{int((~trial.seen).sum())} imputed; {plan.approach}, {how}, covariance {plan.model.structure}, "
        f"{plan.model.method.upper()}"
    )
    for note in notes(analysis):
        print(f"  {note}")
    for arm, delta in plan.deltas.items():
        print(f"  delta {delta:g} in {arm}, {'cumulative' if plan.cumulative else 'constant'} from the event on.")
    _strategies(analysis)
    print(f"\n{variance_sentence(analysis)}")
    _imputed(analysis)
    _chains(analysis)
    for each in tipped:
        _tipping(each)


def _strategies(analysis: "Analysis") -> None:
    from asklepion.cli.analyse.shown import limits, p_value
    from asklepion.cli.start import table

    for title, lines in (
        ("Contrasts", [(each, line) for each in analysis.answers for line in each.contrasts]),
        ("Means", [(each, line) for each in analysis.answers for line in each.means]),
    ):
        drawn = any(line.df is not None for _, line in lines)
        heads = ["strategy", "", "estimate", "SE", *(["df", "Monte Carlo error"] if drawn else []), "interval", "p"]
        print(f"\n{title}, {analysis.plan.level:.0%} intervals")
        rows = []
        for each, line in lines:
            more = [f"{line.df:.1f}", f"{line.monte_carlo:.4f}"] if line.df is not None else []
            ends = limits(line.lower, line.upper)
            start = [str(each.strategy), line.label, f"{line.estimate:.4f}", f"{line.se:.4f}"]
            rows.append([*start, *more, ends, p_value(line.p)])
        table(heads, rows)
    for each in analysis.answers:
        if each.why:
            print(f"{each.strategy}: no number. {each.why}")


def _imputed(analysis: "Analysis") -> None:
    from asklepion.cli.start import table
    from asklepion.stats.missing.account import counts, of_its_own

    print("\nImputed values")
    table(("arm", "visit", "people", "after an event", "otherwise, as mar"), counts(analysis))
    for strategy, people in of_its_own(analysis).items():
        who = "1 subject has" if people == 1 else f"{people} subjects have"
        print(f"{who} {strategy} by the table of events, whatever the strategy above.")


def _chains(analysis: "Analysis") -> None:
    from asklepion.cli.start import table

    watched = next((each.watched for each in analysis.answers if each.watched), ())
    if watched:
        print(f"\n{analysis.plan.chains} chains after burning in")
        rows = [(each.label, f"{each.mean:.4f}", f"{each.r_hat:.4f}", f"{each.effective:.0f}") for each in watched]
        table(("", "mean", "R-hat", f"effective draws of {watched[0].draws}"), rows)


def _tipping(found: "Tipping") -> None:
    from asklepion.cli.analyse.shown import limits, p_value
    from asklepion.cli.start import table

    where = f"tips at {found.delta:.4f}" if found.delta is not None else found.why
    print(f"\nTipping point of {found.label}, {found.strategy}, delta in {found.arm}: {where}")
    rows = [
        (f"{each.delta:g}", f"{each.line.estimate:.4f}", f"{each.line.se:.4f}",
         limits(each.line.lower, each.line.upper), p_value(each.line.p))
        for each in found.curve
    ]  # fmt: skip
    if rows:
        table(("delta", "estimate", "SE", "interval", "p"), rows)
