"""`asklepion analyse mediate TABLE.csv`: how much of the effect goes through what the arm changed."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.why.mediation import Mediated

Column = Annotated[str, typer.Option(help="A column's name.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(mediate)


def mediate(
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject.")],
    control: Annotated[str, typer.Option(help="The control arm.")],
    treated: Annotated[str, typer.Option(help="The treated arm.")],
    mediator: Annotated[list[str], typer.Option(help="A column measured after the start; repeat it.")],
    value: Column = "AVAL",
    arm: Column = "TRT01P",
    subject: Annotated[str, typer.Option(help="The subject's column; '' for none.")] = "USUBJID",
    covariate: Annotated[list[str] | None, typer.Option(help="A column from before; repeat it.")] = None,
    interaction: Annotated[bool, typer.Option(help="The mediator may matter differently in the arms.")] = False,
    draws: Annotated[int, typer.Option(min=200, help="How often people are drawn anew.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same.")] = 0,
    where: Annotated[list[str] | None, typer.Option(help="Keep only rows with COLUMN=VALUE; repeat it.")] = None,
    as_json: Json = False,
) -> None:
    """Tell direct and indirect effects of an arm, with intervals by drawing people anew.

    Exit 0 if they could be told, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, kept, with_input
    from asklepion.cli.start import answer, progress
    from asklepion.stats.tables import read_csv
    from asklepion.stats.why import mediation as room

    question = room.Question(
        value=value, mediators=tuple(mediator), arm=arm, control=control, treated=treated, subject=subject or None,
        covariates=tuple(covariate or ()), interaction=interaction, draws=draws, seed=seed,
    )  # fmt: skip
    source = kept(read_csv(table, labels=[each for each in (arm, subject) if each]), where or ())
    told = room.mediate(source.rows, question, progress=progress("Draws"))
    if as_json:
        answer(with_input(source, asdict(told)))
        return
    _print(told, treated, control)
    close(source)


def _print(told: "Mediated", treated: str, control: str) -> None:
    from asklepion.cli.analyse.shown import left_out, limits, p_value
    from asklepion.cli.start import table

    print(f"{treated} less {control}: {told.people} people, {told.draws} draws, seed {told.seed}")
    for line in left_out(told.left_out):
        print(f"  {line}")
    rows = [
        (each.label, f"{each.estimate:.4f}", f"{each.se:.4f}", limits(each.lower, each.upper),
         limits(*each.percentile), p_value(each.p))
        for each in told.paths
    ]  # fmt: skip
    table(("effect", "estimate", "SE", "95% BCa", "95% percentile", "p"), rows)
    print()
    pairs = [(name, f"{a:.4f}", f"{b:.4f}") for (name, a), (_, b) in zip(told.a, told.b, strict=True)]
    table(("mediator", "arm on it (a)", "it on the value (b)"), pairs)
    share = (
        "no share of the total: direct and indirect point different ways"
        if told.share is None
        else f"{told.share:.1%} of the total"
    )
    print(f"\nIndirect: {share}")
    if told.vanishes_at is not None:
        print(f"It would be zero if what else moves mediator and value correlated {told.vanishes_at:.2f}")
    print("The mediator was not given by lot: what it shares with the value for other reasons counts as mediation.")
