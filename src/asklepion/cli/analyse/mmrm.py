"""`asklepion analyse mmrm TABLE.csv`: inference from a table, with the hash of what it rests on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.mmrm.account import Wish

Column = Annotated[str, typer.Option(help="A column's name.")]
Covariate = Annotated[list[str] | None, typer.Option("--covariate", help="A further column of the mean; repeat it.")]
Factor = Annotated[list[str] | None, typer.Option("--factor", help="A numeric column to take as levels; repeat it.")]
Order = Annotated[str | None, typer.Option(help="Levels in their order, as in 'Week 4,Week 8'.")]
Structure = Annotated[str, typer.Option(help="us, toeph, toep, ar1h, ar1, csh, cs, adh, ad or sp_exp.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(mmrm)


def mmrm(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject and visit.")],
    subject: Column = "USUBJID",
    visit: Column = "AVISIT",
    value: Column = "AVAL",
    arm: Column = "TRT01P",
    baseline: Annotated[str, typer.Option(help="The baseline's column; '' for none.")] = "BASE",
    covariate: Covariate = None,
    factor: Factor = None,
    visits: Order = None,
    arms: Annotated[str | None, typer.Option(help="Arms in their order, the reference first.")] = None,
    structure: Structure = "us",
    times: Annotated[str | None, typer.Option(help="For sp_exp: the time of each visit, as in '1,2,4,8'.")] = None,
    coordinate: Annotated[
        list[str] | None, typer.Option("--coordinate", help="For sp_exp: a column of places by row; repeat it.")
    ] = None,
    method: Annotated[str, typer.Option(help="reml or ml.")] = "reml",
    group: Annotated[str | None, typer.Option(help="A column whose levels have covariances of their own.")] = None,
    freedom: Annotated[
        str | None, typer.Option(help="kenward-roger (after reml), kenward-roger-linear, satterthwaite, empirical.")
    ] = None,
    weights: Annotated[str, typer.Option(help="Of LS means: equal, observed or counterfactual.")] = "equal",
    formula: Annotated[
        str | None,
        typer.Option(
            help="In place of columns: 'CHG ~ BASE + TRT01P*AVISIT + us(AVISIT | USUBJID)'; the arm by --arm."
        ),
    ] = None,
    reference: Annotated[
        list[str] | None, typer.Option("--reference", help="COLUMN=LEVEL that the others stand against; repeat it.")
    ] = None,
    ladder: Annotated[bool, typer.Option(help="Try simpler structures where one gives no optimum.")] = True,
    tests: Annotated[str, typer.Option(help="Show tests of terms of type 2 or 3; '' for none.")] = "",
    predict: Annotated[
        Path | None, typer.Option(help="A CSV to write predictions to, for each row of the table.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit a mixed model for repeated measures; missing visits are taken as missing at random.

    Exit 0 if it was fitted, 1 if no structure gave an optimum, 2 if the table or the model cannot be taken as it is.
    """
    from dataclasses import replace

    from asklepion.cli.analyse.mmrm_shown import show, write_predictions
    from asklepion.cli.analyse.shown import levels
    from asklepion.stats.mmrm import LADDER, Model, fit
    from asklepion.stats.tables import read_csv

    asked = Model(
        subject=subject,
        visit=visit,
        value=value,
        arm=arm,
        baseline=baseline or None,
        covariates=tuple(covariate or ()),
        factors=tuple(factor or ()),
        visits=levels(visits),
        arms=levels(arms),
        structure=structure,
        times=_times(times),
        coordinates=tuple(coordinate or ()),
        method=_choice("method", method),
        group=group,
        references=_references(reference or []),
        ladder=LADDER if ladder else (),
    )
    model = asked
    if formula is not None:
        from asklepion.stats import formula as formulas

        said = formulas.read(formula)
        told = ("subject", "value", "baseline", "covariate", "structure", "group", "times", "coordinate")
        _only(context, (*told, "visit") if said.visit else told)
        model = replace(
            asked,
            subject=said.subject,
            visit=said.visit or visit,
            value=said.value,
            baseline=None,
            terms=said.terms,
            structure=said.structure,
            coordinates=said.coordinates,
            group=said.group,
        )
    wish = _wish(freedom or ("satterthwaite" if method == "ml" else "kenward-roger"), weights)
    source = read_csv(table, labels=[name for name in (model.subject, arm, model.group) if name])
    _one_of(tests)
    fitted = fit(source.rows, model)
    show(fitted, wish, source, tests=tests, as_json=as_json)
    if predict is not None:
        write_predictions(fitted, source, predict)


def _times(given: str | None) -> tuple[float, ...] | None:
    from asklepion.core.errors import BadInput

    try:
        return tuple(float(each) for each in given.split(",")) if given else None
    except ValueError as error:
        raise BadInput(f"{given} are no times.", where="--times", remedy="Write numbers: 1,2,4,8.") from error


def _references(given: list[str]) -> tuple[tuple[str, str], ...]:
    from asklepion.core.errors import BadInput

    pairs = [each.partition("=") for each in given]
    for (name, sign, level), text in zip(pairs, given, strict=True):
        if not (name and sign and level):
            raise BadInput(f"{text} names no level.", where="--reference", remedy="Write COLUMN=LEVEL.")
    return tuple((name.strip(), level.strip()) for name, _, level in pairs)


def _only(context: typer.Context, names: tuple[str, ...]) -> None:
    """Raise BadInput where an option was given that the formula says already."""
    from asklepion.core.errors import BadInput

    for name in names:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise BadInput("The formula says it already.", where=f"--{name}", remedy="Give one or the other.")


def _wish(freedom: str, weights: str) -> "Wish":
    from asklepion.stats.mmrm.account import Wish

    return Wish(freedom=_choice("freedom", freedom), weights=_choice("weights", weights))


def _choice(option: str, given: str):  # type: ignore[no-untyped-def]
    from asklepion.core.errors import BadInput
    from asklepion.stats.mmrm import Freedom, Method, Weights

    known = {"method": Method, "freedom": Freedom, "weights": Weights}[option]
    if given not in set(known):
        raise BadInput(f"There is no {given}.", where=f"--{option}", remedy=f"Known: {', '.join(known)}.")
    return known(given)


def _one_of(tests: str) -> None:
    from asklepion.core.errors import BadInput

    if tests not in {"", "2", "3"}:
        raise BadInput(f"There are no tests of type {tests}.", where="--tests", remedy="Ask for 2 or 3.")
