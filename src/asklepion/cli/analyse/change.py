"""`asklepion analyse change TABLE`: measures before and after, or how groups changed, each with its correction."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.change.table import Changed

Column = Annotated[str, typer.Option(help="A column's name.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(change)


def change(
    table: Annotated[Path, typer.Argument(help="CSV or TSV, a row for each person, session and measure.")],
    before: Annotated[str, typer.Option(help="The session before.")],
    after: Annotated[str, typer.Option(help="The session after.")],
    group: Annotated[str | None, typer.Option(help="A column of two groups: compare how they changed.")] = None,
    groups: Annotated[str | None, typer.Option(help="The groups in their order, the reference first.")] = None,
    subject: Column = "participant_id",
    session: Column = "session",
    measure: Column = "measure",
    value: Column = "value",
    unit: Column = "unit",
    permutations: Annotated[int, typer.Option(min=100, help="At most so many relabelings; all, if fewer.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same.")] = 0,
    as_json: Json = False,
) -> None:
    """Compare every measure of a table within people, or between two groups, by permutation.

    Exit 0 if all measures have a p, 1 if one has none, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, levels, with_input
    from asklepion.cli.start import answer
    from asklepion.core.values import Unscored
    from asklepion.stats.change.table import Asked, changed
    from asklepion.stats.tables import read_csv

    asked = Asked(
        before=before, after=after, group=group, groups=levels(groups), subject=subject, session=session,
        measure=measure, value=value, unit=unit, permutations=permutations, seed=seed,
    )  # fmt: skip
    source = read_csv(table, labels=[name for name in (subject, session, measure, unit, group) if name])
    told = changed(source.rows, asked)
    if as_json:
        answer(with_input(source, _plain(told)))
    else:
        _print(told)
        close(source)
    raise typer.Exit(1 if any(isinstance(each.p, Unscored) for each in told.measures) else 0)


def _plain(told: "Changed") -> dict[str, object]:
    rows = [{**_known(asdict(each)), "unit": unit} for each, unit in zip(told.measures, told.units, strict=True)]
    return {"compared": told.words, "measures": rows, "left_out": list(told.left_out)}


def _known(value: object) -> dict[str, object]:
    """Give nested values in which what has no number is None."""
    assert isinstance(value, dict)
    return {
        name: None if _is_open(each) else _known(each) if isinstance(each, dict) else each
        for name, each in value.items()
    }


def _is_open(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"reason", "items"}


def _print(told: "Changed") -> None:
    from asklepion.cli.analyse.shown import limits, p_value
    from asklepion.cli.start import table
    from asklepion.core.values import Unscored

    def number(value: float | Unscored) -> float | None:
        return None if isinstance(value, Unscored) else value

    first = told.measures[0]
    count = f"all {first.relabelings}" if first.exact else f"{first.relabelings} of the possible"
    print(f"{told.words}; p by {count} relabelings, seed {first.seed}")
    for line in told.left_out:
        print(f"  {line}")
    for each in told.measures:
        if each.left_out:
            print(f"  {each.name}: {each.left_out} people left out, without it at both sessions.")
    rows = []
    for each, unit in zip(told.measures, told.units, strict=True):
        gap, effect = each.difference, each.effect
        g = "-" if isinstance(effect, Unscored) else f"{effect.estimate:.3f}"
        around = limits(number(gap.lower), number(gap.upper))
        corrected = (p_value(number(value)) for value in (each.p, each.p_family, each.p_holm, each.q))
        rows.append((each.name, each.n, f"{gap.mean:.4f}", unit, around, g, *corrected))
    table(("measure", "n", "difference", "unit", "95% interval", "g", "p", "p of all", "p Holm", "q"), rows)
