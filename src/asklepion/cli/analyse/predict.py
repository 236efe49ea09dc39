"""`asklepion analyse predict TABLE.csv`: what can be foretold before treatment, judged on people not used."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import Unscored
    from asklepion.stats.why.prediction import Predicted, Question

Column = Annotated[str, typer.Option(help="A column's name.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(predict)


def predict(
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject.")],
    predictor: Annotated[list[str], typer.Option(help="A column known before treatment; repeat it.")],
    value: Column = "AVAL",
    event: Annotated[str, typer.Option(help="The label of yes, if the value is yes or no.")] = "",
    baseline: Annotated[str, typer.Option(help="The column that the others have to be better than.")] = "",
    group: Annotated[str, typer.Option(help="Leave one of these out at a time: a site.")] = "",
    factor: Annotated[list[str] | None, typer.Option(help="A numeric predictor to take as labels.")] = None,
    penalty: Annotated[str, typer.Option(help="ridge or elastic-net.")] = "ridge",
    folds: Annotated[int, typer.Option(min=2, help="Parts of people, each foretold by the others.")] = 10,
    inner: Annotated[int, typer.Option(min=2, help="Parts in which the penalty is chosen.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="How often people are dealt into parts.")] = 20,
    permutations: Annotated[int, typer.Option(min=0, help="How often the outcome is shuffled; 0 for no p.")] = 200,
    seed: int = 0,
    subject: Annotated[str, typer.Option(help="The subject's column; '' for none.")] = "USUBJID",
    where: Annotated[list[str] | None, typer.Option(help="Keep only rows with COLUMN=VALUE; repeat it.")] = None,
    as_json: Json = False,
) -> None:
    """Tell how well a value or yes and no is foretold from before treatment, by nested cross-validation.

    Exit 0 if it could be told, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, kept, with_input
    from asklepion.cli.start import answer, progress
    from asklepion.stats.tables import read_csv
    from asklepion.stats.why import prediction as room

    question = room.Question(
        value=value, predictors=tuple(predictor), event=event or None, baseline=baseline or None, group=group or None,
        factors=tuple(factor or ()), penalty=penalty, subject=subject or None, folds=folds, inner=inner,
        repeats=repeats, permutations=permutations, seed=seed,
    )  # fmt: skip
    source = kept(
        read_csv(table, labels=[each for each in (subject, group, value if event else "") if each]), where or ()
    )
    told = room.predict(source.rows, question, progress=progress("Repeats and shuffles"))
    if as_json:
        answer(with_input(source, asdict(told)))
        return
    _print(told, question)
    close(source)


def _print(told: "Predicted", question: "Question") -> None:
    from asklepion.cli.analyse.shown import left_out, limits, p_value
    from asklepion.cli.start import table

    yes = "" if told.yes is None else f", {told.yes} with {question.event}"
    print(
        f"{question.value} of {told.people} people{yes}, {told.columns} columns, {question.penalty}, "
        f"{told.folds} folds, {told.repeats} {'repeats' if told.repeats > 1 else 'repeat'}, seed {told.seed}"
    )
    for line in (*left_out(told.left_out), *told.notes):
        print(f"  {line}")
    print()
    rows = [
        (each.name, _number(each.value), limits(_end(each.least), _end(each.most)) if told.repeats > 1 else "-",
         _number(each.mean_only),
         "-" if each.baseline_only is None else _number(each.baseline_only))
        for each in told.figures
    ]  # fmt: skip
    table(("on people not used", "predictors", "over repeats", "mean only", "baseline only"), rows)
    print()
    table(
        ("gain over", "loss", "less by", "SE", "95% interval"),
        [
            (each.against, each.loss, f"{each.estimate:.4f}", f"{each.se:.4f}", limits(each.lower, each.upper))
            for each in told.gains
        ],
    )
    if told.p is not None:
        print(f"p {p_value(told.p)}: the whole of it with {told.permutations} shuffled outcomes")
    print()
    table(
        ("predictor", "taken", "as the last", "per SD", "per unit"),
        [
            (each.name, f"{each.taken:.0%}", f"{each.as_last:.0%}", f"{each.per_sd:.4f}", f"{each.per_unit:.4f}")
            for each in told.predictors
        ],
    )
    print(f"Model on all people: intercept {told.intercept:.4f}, mix {told.mix:g}, penalty {told.penalty:.4g}.")
    print("Its coefficients are shrunken and chosen to foretell: no effect, no interval and no p belongs to them.")


def _number(value: "float | Unscored") -> str:
    return f"{value:.4f}" if isinstance(value, float) else "-"


def _end(value: "float | Unscored") -> float | None:
    return value if isinstance(value, float) else None
