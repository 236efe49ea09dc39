"""`asklepion analyse clusters TABLE.csv`: how much hangs on who treated and where."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import Unscored
    from asklepion.stats.why.clusters import Clustered

Column = Annotated[str, typer.Option(help="A column's name.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(clusters)


def clusters(
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject.")],
    cluster: Annotated[list[str], typer.Option(help="Column of clusters; twice for nested ones, the outer first.")],
    control: Annotated[str, typer.Option(help="The control arm.")] = "",
    treated: Annotated[str, typer.Option(help="The treated arm.")] = "",
    value: Column = "AVAL",
    arm: Annotated[str, typer.Option(help="The arm's column; '' for a study of one arm.")] = "TRT01P",
    subject: Annotated[str, typer.Option(help="The subject's column; '' for none.")] = "USUBJID",
    covariate: Annotated[list[str] | None, typer.Option(help="A column from before; repeat it.")] = None,
    unclustered: Annotated[str, typer.Option(help="The arm in which nobody treats.")] = "",
    within_arm: Annotated[bool, typer.Option(help="Every cluster is of one arm: check it.")] = False,
    where: Annotated[list[str] | None, typer.Option(help="Keep only rows with COLUMN=VALUE; repeat it.")] = None,
    as_json: Json = False,
) -> None:
    """Tell the variance between therapists, pairs or sites, and the effect of an arm that allows for it.

    Exit 0 if it could be told, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, kept, with_input
    from asklepion.cli.start import answer
    from asklepion.stats.tables import read_csv
    from asklepion.stats.why import clusters as room

    question = room.Question(
        value=value, clusters=tuple(cluster), arm=arm or None, control=control, treated=treated,
        unclustered=unclustered or None, within_arm=within_arm, subject=subject or None,
        covariates=tuple(covariate or ()),
    )  # fmt: skip
    source = kept(read_csv(table, labels=[each for each in (arm, subject, *cluster) if each]), where or ())
    told = room.cluster(source.rows, question)
    if as_json:
        answer(with_input(source, asdict(told)))
        return
    _print(told, question.value, f"{treated} less {control}")
    close(source)


def _print(told: "Clustered", value: str, against: str) -> None:
    from asklepion.cli.analyse.shown import left_out, limits, p_value
    from asklepion.cli.start import table

    print(f"{value} of {told.people} people, restricted likelihood")
    for line in (*left_out(told.left_out), *told.notes):
        print(f"  {line}")
    print()
    rows = [
        (each.name, each.clusters, f"{each.smallest} to {each.largest}", f"{each.variance:.4f}", f"{each.share:.4f}",
         f"{limits(each.lower, each.upper)}, {each.how}", p_value(each.p),
         "-" if each.exact is None else p_value(each.exact[2]))
        for each in told.levels
    ]  # fmt: skip
    table(("level", "n", "people", "variance", "share (ICC)", "95% interval", "p mixture", "p exact"), rows)
    print(f"Within: {', '.join(f'{each:.4f}' for each in told.residual)}")
    print(f"Design effect of a mean {told.design_effect:.4f}: as many as {told.effective_people:.1f} people alone")
    if told.effect is not None:
        one = told.effect
        print()
        table(
            (against, "effect", "SE", "df", "95% interval", "p"),
            [
                ("clusters in the model", f"{one.estimate:.4f}", f"{one.se:.4f}", f"{one.df:.2f}",
                 limits(one.lower, one.upper), p_value(one.p)),
                ("without them", f"{one.plain_estimate:.4f}", f"{one.plain_se:.4f}", "", "", ""),
            ],
        )  # fmt: skip
    if told.in_arms:
        print()
        within = [
            (each.arm, each.people, each.clusters, _number(each.share), _between(each.lower, each.upper))
            for each in told.in_arms
        ]
        table(("arm alone", "people", "clusters", "share (ICC)", "95% interval"), within)
    print()
    units = [
        (
            each.level,
            each.cluster,
            each.people,
            f"{each.mean:.4f}",
            _number(each.part),
            _between(each.lower, each.upper),
        )
        for each in told.units
    ]
    table(("level", "cluster", "people", "mean", "its part", "95% interval"), units)
    print("A part says how far a cluster stood from the rest after arm and covariates, drawn towards zero. It is no")
    print("verdict on anybody: people were not given to clusters by lot, and few people say little.")


def _number(value: "float | Unscored") -> str:
    return f"{value:.4f}" if isinstance(value, float) else f"- ({value.reason.rstrip('.').lower()})"


def _between(lower: "float | Unscored", upper: "float | Unscored") -> str:
    return f"{lower:.4f} to {upper:.4f}" if isinstance(lower, float) and isinstance(upper, float) else "-"
