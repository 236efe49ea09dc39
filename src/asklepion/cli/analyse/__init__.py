"""`asklepion analyse ...`: inference from tables, each with the hash of what it rests on. One module a command."""

from importlib import import_module

import typer

ROOMS = (
    "clusters",
    "mediate",
    "mmrm",
    "moderate",
    "power",
    "predict",
    "missing",
    "blinding",
    "change",
    "dose",
    "responders",
    "survival",
    "report",
    "meta",
    "network",
)


def register(app: typer.Typer) -> None:
    analyse = typer.Typer(help="Estimate from tables: whether it worked, and how sure that is.", no_args_is_help=True)
    for room in ROOMS:
        import_module(f"asklepion.cli.analyse.{room}").register(analyse)
    app.add_typer(analyse, name="analyse")
