"""`asklepion analyse power PLAN.yaml`: whether a trial is large enough, and what unblinding alone would show."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.flows.power import Told
    from asklepion.stats.design.power import Power


def register(analyse: typer.Typer) -> None:
    analyse.command()(power)


def power(
    plan: Annotated[Path, typer.Argument(help="YAML: arms, people, visits, means, dropout, guesses, sites.")],
    out: Annotated[Path | None, typer.Option(help="A folder for what is done, to be taken up again.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    scheduler: Annotated[str | None, typer.Option(help="A Dask cluster, as tcp://host:port.")] = None,
    as_json: Json = False,
) -> None:
    """Simulate whole trials of a plan, and again with arms that do nothing; the same seed gives the same answer.

    Exit 0 if every trial could be fitted, 1 if one could not (it counts as no rejection), 2 for a plan that is none.
    """
    from asklepion.cli.start import answer, progress
    from asklepion.flows import power as flow

    told = flow.power(plan, out=out, workers=workers, scheduler=scheduler, progress=progress("Pieces"))
    if as_json:
        answer(asdict(told))
    else:
        _print(told, plan)
    raise typer.Exit(0 if told.fitted == told.nothing_fitted == told.trials else 1)


def _print(told: "Told", plan: Path) -> None:
    from asklepion.cli.start import table

    people = ", ".join(f"{name} {count}" for name, count in told.plan.people.items())
    print(f"{told.plan.title}: {people}; at {told.at}, two-sided alpha {told.plan.alpha:g}")
    print(f"{told.trials} trials, {told.fitted} fitted; seed {told.plan.seed}; unstructured REML, Satterthwaite")
    first = told.arms[0]
    headings = ("", "rejects", "95% interval", "put in", "mean estimate", "SD of estimates", "mean SE")
    rows = [_row(f"{told.arms[each.arm]} - {first}", each) for each in told.powers]
    rows += [_row(f"{told.arms[each.arm]} - {first}, arms that do nothing", each) for each in told.nothing]
    table(headings, rows)
    if told.plan.guess is not None:
        print("Arms that do nothing are rejected more often than alpha where people can tell and think it helps.")
    print(f"\n{plan}, SHA-256 {told.sha256}")


def _row(label: str, power: "Power") -> tuple[str, ...]:
    numbers = (power.truth, power.mean, power.sd, power.mean_se)
    return (
        label,
        f"{power.power:.4f}",
        f"{power.lower:.4f} to {power.upper:.4f}",
        *(f"{each:.4f}" for each in numbers),
    )
