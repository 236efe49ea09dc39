"""`asklepion import outcomes TABLE.csv --map MAP.yaml`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.errors import ManyFaults
    from asklepion.flows.imports import Imported, Plan

Table = Annotated[Path, typer.Argument(help="A CSV file, one row a person and visit, its first line the columns.")]
MapFile = Annotated[Path, typer.Option("--map", help="YAML that says what each column is; docs/guide/import.md.")]
Origin = Annotated[
    str, typer.Option("--origin", help="The day on which day 0 is put, as 2001-01-01; counts before the map's.")
]
By = Annotated[str, typer.Option("--by", help="Who imports, as the ledger will name them; else your login name.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything and record nothing.")]


def register(app: typer.Typer) -> None:
    room = typer.Typer(no_args_is_help=True, help="Read tables from elsewhere into courses.")
    room.callback()(lambda: None)
    room.command()(outcomes)
    app.add_typer(room, name="import")


def outcomes(
    table: Table, map_file: MapFile, origin: Origin = "", by: By = "", dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Read a trial's table of scores into courses of a protocol: all of it, or nothing.

    Exit 0 if it was imported or is there already, 1 if rows cannot be taken (every one is named), 2 for misuse and
    for faults of the map.
    """
    from asklepion.cli.start import migrate, progress, ready
    from asklepion.core.errors import BadRow, ManyFaults

    day = _day(origin)
    ready()
    from asklepion.flows import imports as flow

    try:
        plan = flow.plan(table, map_file, origin=day)
        migrate()
        done = flow.outlook(plan) if dry_run else flow.carry_out(plan, by=by or _login(), progress=progress("Imported"))
    except ManyFaults as faults:
        if not all(isinstance(fault, BadRow) for fault in faults.faults):
            raise
        _say_faults(faults, as_json)
        raise typer.Exit(1) from faults
    _say(plan, done, dry_run=dry_run, as_json=as_json)


def _day(origin: str) -> date | None:
    from asklepion.core.errors import BadInput

    try:
        return date.fromisoformat(origin) if origin else None
    except ValueError as error:
        raise BadInput(f"`{origin}` is not a day.", where="--origin", remedy="Write it as 2001-01-01.") from error


def _login() -> str:
    """Return the login name of whoever runs the command; the word import where the system knows none."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "import"


def _say(plan: "Plan", done: "Imported", *, dry_run: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from asklepion.cli.start import answer

    mapped = plan.mapped
    if as_json:
        answer(
            {
                "imported": not dry_run and done.courses > 0,
                "already_there": done.courses == 0,
                "dry_run": dry_run,
                "protocol": mapped.protocol.id,
                "scale": mapped.scale.id,
                "origin": mapped.origin,
                "sha256": plan.sha256,
                **asdict(done),
                "faults": [],
            }
        )
        return
    if done.courses == 0:
        print(f"Already there: {_count(done.standing, 'course')} from this table under this map. Nothing was recorded.")
        return
    verb = "Would import" if dry_run else "Imported"
    more = f", and {_count(done.standing, 'course')} already there" if done.standing else ""
    print(f"{verb} {_count(done.courses, 'course')} of {mapped.protocol.id}, {done.entries} entries{more}.")
    visits = ", ".join(f"{visit} {count}" for visit, count in done.scores_by_visit.items())
    print(f"{mapped.scale.short}: {_count(done.scores, 'score')} as reported ({visits}), {done.blank} blank.")
    if done.missed:
        print(f"{_count(done.missed, 'visit')} with no row in the table, recorded as missed for that reason.")
    print(f"The table tells days, not dates: everybody's day 0 is put on {mapped.origin}.")


def _say_faults(faults: "ManyFaults", as_json: bool) -> None:
    from asklepion.cli.start import answer

    if not as_json:
        print(faults)
        return
    names = ("file", "line", "column", "what", "remedy")
    told = [{name: getattr(fault, name) for name in names} for fault in faults.faults]
    answer({"imported": False, "already_there": False, "faults": told})


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
