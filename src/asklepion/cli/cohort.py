"""`asklepion cohort BIDS_DIR`: the recordings of many people measured by a plan, with reports, stopped and resumed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.flows.recordings.study import Study

Folder = Annotated[Path, typer.Argument(metavar="BIDS_DIR", help="A BIDS data set; its derivatives are read too.")]
PlanFile = Annotated[Path, typer.Option("--plan", help="YAML: what is computed of which recordings.")]
Out = Annotated[Path, typer.Option("--out", help="Where results and reports go: BIDS_DIR/derivatives/asklepion, say.")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes on this machine.")]
Scheduler = Annotated[str | None, typer.Option("--scheduler", help="A Dask cluster, as tcp://host:port.")]
Again = Annotated[bool, typer.Option("--again", help="Compute what is done already once more.")]


def register(app: typer.Typer) -> None:
    app.command()(cohort)


def cohort(
    folder: Folder,
    plan: PlanFile,
    out: Out,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    again: Again = False,
    as_json: Json = False,
) -> None:
    """Measure the recordings of a BIDS data set by a plan, and write tables, pictures and reports.

    What rests on the same files, plan and version is not computed again: after a stop (Ctrl-C) the same command goes
    on. A file that cannot be taken is told, and the rest goes on. Exit 0 if every recording was measured, 1 if one was
    not, 2 for a plan or folder that cannot be taken, 130 if it was stopped.
    """
    import sys

    from asklepion.cli.start import answer, progress
    from asklepion.flows.recordings.study import study

    try:
        found = study(
            folder,
            out,
            plan_file=plan,
            workers=workers,
            scheduler=scheduler,
            again=again,
            progress=progress("Recordings"),
        )
    except BaseException as error:
        if not _stopped(error):
            raise
        print("\nasklepion: Stopped. What was done is kept; the same command goes on from there.", file=sys.stderr)
        raise typer.Exit(130) from None
    if as_json:
        answer(_as_json(found))
    else:
        _print(found)
    raise typer.Exit(1 if found.left else 0)


def _stopped(error: BaseException | None) -> bool:
    """Say whether an error came of Ctrl-C: a cluster that is stopped while it starts ends in others of its own."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _as_json(found: "Study") -> dict[str, object]:
    return {
        "name": found.name,
        "people": found.people,
        "recordings": found.recordings,
        "computed": found.computed,
        "done_before": found.done_before,
        "left": [{"where": each.where, "what": each.what, "remedy": each.remedy} for each in found.left],
        "out": str(found.out),
        "reports": [each.relative_to(found.out).as_posix() for each in found.reports],
    }


def _print(found: "Study") -> None:
    print(f"{found.name}: {found.people} people, {found.recordings} recordings")
    print(f"{found.computed} computed, {found.done_before} done before, {len(found.left)} left out")
    for each in found.left:
        print(f"  {each.where}: {each.what} {each.remedy}".rstrip())
    print(f"{found.out / 'group.html'} and {len(found.reports) - 1} reports of one person")
