"""`asklepion analyse moderate TABLE.csv`: for whom the effect is larger."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.why.moderation import Moderator

Column = Annotated[str, typer.Option(help="A column's name.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(moderate)


def moderate(
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject.")],
    control: Annotated[str, typer.Option(help="The control arm.")],
    treated: Annotated[str, typer.Option(help="The treated arm.")],
    moderator: Annotated[list[str], typer.Option(help="A column from before treatment; repeat it.")],
    value: Column = "AVAL",
    arm: Column = "TRT01P",
    subject: Annotated[str, typer.Option(help="The subject's column; '' for none.")] = "USUBJID",
    covariate: Annotated[list[str] | None, typer.Option(help="A further column from before; repeat it.")] = None,
    factor: Annotated[list[str] | None, typer.Option(help="A numeric moderator to take as levels.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="Keep only rows with COLUMN=VALUE; repeat it.")] = None,
    as_json: Json = False,
) -> None:
    """Tell whether the effect depends on what was known before, and how large it is at its levels.

    Exit 0 if it could be told, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, kept, with_input
    from asklepion.cli.start import answer
    from asklepion.stats.tables import read_csv
    from asklepion.stats.why import moderation as room

    question = room.Question(
        value=value, moderators=tuple(moderator), arm=arm, control=control, treated=treated, subject=subject or None,
        covariates=tuple(covariate or ()), factors=tuple(factor or ()),
    )  # fmt: skip
    source = kept(read_csv(table, labels=[each for each in (arm, subject) if each]), where or ())
    told = room.moderate(source.rows, question)
    if as_json:
        answer(with_input(source, {"moderators": [asdict(each) for each in told]}))
        return
    _print(told, treated, control)
    close(source)


def _print(told: "tuple[Moderator, ...]", treated: str, control: str) -> None:
    from asklepion.cli.analyse.shown import left_out, limits, p_value
    from asklepion.cli.start import table

    print(f"Does {treated} less {control} depend on it? {len(told)} looked at")
    tests = [
        (each.name, each.people, f"{each.f:.4f}", f"{each.df[0]}, {each.df[1]}", p_value(each.p), p_value(each.p_holm),
         p_value(each.q))
        for each in told
    ]  # fmt: skip
    table(("moderator", "n", "F", "df", "p", "p Holm", "q"), tests)
    for each in told:
        print()
        for line in left_out(each.left_out):
            print(f"  {line}")
        effects = (*([each.slope] if each.slope else []), *each.levels)
        rows = [
            (one.at, one.people, f"{one.estimate:.4f}", f"{one.se:.4f}", limits(one.lower, one.upper), p_value(one.p))
            for one in effects
        ]
        table((each.name, "n", "effect", "SE", "95% interval", "p"), rows)
        if each.turns:
            print(f"The interval meets zero at {', '.join(f'{value:.4g}' for value in each.turns)}")
    print("\nA moderator found by looking is a question for the next trial.")
