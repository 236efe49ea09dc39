"""Door: the `asklepion` command. Commands import what they need when they run, so that --help stays quick."""

import os
import sys
from importlib import import_module

import typer

ROOMS = (
    "serve",
    "accounts",
    "facts",
    "score",
    "screen",
    "plan",
    "ledger",
    "imports",
    "backup",
    "people",
    "design",
    "analyse",
    "heart",
    "eeg",
    "lab",
    "cohort",
    "brain",
)

app = typer.Typer(
    name="asklepion",
    help="Carry a person through a course of psychedelic-assisted therapy, and keep the record of it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
for _room in ROOMS:
    import_module(f"asklepion.cli.{_room}").register(app)


def main() -> None:
    """Run the command. Exit 0 for yes, 1 for no, 2 for misuse; an error is one sentence, never a traceback."""
    from asklepion.core.errors import AsklepionError, BadInput

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "asklepion.web.settings")
    try:
        app()
    except AsklepionError as error:
        print(f"asklepion: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, BadInput) else 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
