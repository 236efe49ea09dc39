"""`asklepion analyse dose TABLE.csv`: is there a dose-response, of which shape, and which dose reaches an effect."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.dose import Answer, Target

Column = Annotated[str, typer.Option(help="A column's name.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(dose)


def dose(
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject.")],
    shape: Annotated[list[str], typer.Option(help="A candidate with its guess: linear, emax:5, logistic:8:3.")],
    effect: Annotated[float, typer.Option(help="What the dose sought should reach; -5 is a fall of five.")],
    value: Column = "AVAL",
    dose_column: Annotated[str, typer.Option("--dose", help="The dose's column; placebo is 0.")] = "DOSE",
    subject: Annotated[str, typer.Option(help="The subject's column; '' for none.")] = "USUBJID",
    covariate: Annotated[list[str] | None, typer.Option(help="A column to adjust for; repeat it.")] = None,
    alpha: Annotated[float, typer.Option(help="One-sided.")] = 0.025,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same.")] = 0,
    where: Annotated[list[str] | None, typer.Option(help="Keep only rows with COLUMN=VALUE; repeat it.")] = None,
    as_json: Json = False,
) -> None:
    """Test for a dose-response over candidate shapes, fit them, and tell the dose that reaches an effect.

    Exit 0 if a dose-response was shown, 1 if not, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, kept, with_input
    from asklepion.cli.start import answer
    from asklepion.stats.dose import Question, candidate, dose_response
    from asklepion.stats.tables import read_csv

    question = Question(
        value=value, candidates=tuple(candidate(each) for each in shape), effect=effect, dose=dose_column,
        subject=subject or None, covariates=tuple(covariate or ()), alpha=alpha, seed=seed,
    )  # fmt: skip
    source = kept(read_csv(table, labels=[subject] if subject else []), where or ())
    told = dose_response(source.rows, question)
    if as_json:
        answer(with_input(source, {**asdict(told), "shown": told.test.shown}))
    else:
        _print(told, effect)
        close(source)
    raise typer.Exit(0 if told.test.shown else 1)


def _print(told: "Answer", effect: float) -> None:
    from asklepion.cli.analyse.shown import left_out, p_value
    from asklepion.cli.start import table

    test = told.test
    print(f"{told.people} people; the effect is a {'rise' if test.higher else 'fall'}")
    for line in left_out(told.left_out):
        print(f"  {line}")
    table(("dose", "n", "mean", "SE"), [(f"{d:g}", n, f"{mean:.4f}", f"{se:.4f}") for d, n, mean, se in told.doses])
    said, largest = "shown" if test.shown else "not shown", max(each.t for each in test.contrasts)
    print(f"\nDose-response {said}: largest t {largest:.4f}, needed {test.critical:.4f}, df {test.df}")
    rows = [(str(c.candidate), f"{c.t:.4f}", p_value(c.p), p_value(c.p_all)) for c in test.contrasts]
    table(("candidate", "t", "p", "p of all"), rows)
    print(f"\nDose that reaches {effect:g}, up to the largest given ({told.draws} draws of the means)")
    headings = ("shape", "AIC", "base", "size", "parameters", "dose", "95% interval", "draws that reach it")
    table(headings, [_target(each) for each in told.targets])
    if any(each.fit.at_bound for each in told.targets):
        print("* the parameter ends where the search does: these doses do not tell it")
    if not test.shown:
        print("Shapes are fitted all the same: without a dose-response they say nothing.")


def _target(target: "Target") -> tuple[str, ...]:
    fit = target.fit
    mark = "*" if fit.at_bound else ""
    inside = ", ".join(f"{name} {value:.4g}{mark}" for name, value in fit.parameters) or "-"
    low, high = ("not reached" if each is None else f"{each:.4g}" for each in (target.lower, target.upper))
    reached = "not reached" if target.dose is None else f"{target.dose:.4g}"
    numbers = (f"{fit.aic:.4f}", f"{fit.base:.4f}", f"{fit.size:.4f}")
    return (fit.shape, *numbers, inside, reached, f"{low} to {high}", f"{target.reached:.1%}")
