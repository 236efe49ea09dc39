"""`asklepion people forget CODE`: for an installation without pages, or when nobody can sign in."""

from typing import Annotated

import typer

from asklepion.cli.start import Json

Code = Annotated[str, typer.Argument(help="A course's code, such as AK-0014.")]
Yes = Annotated[bool, typer.Option("--yes", help="Needed: it cannot be undone.")]


def register(app: typer.Typer) -> None:
    room = typer.Typer(no_args_is_help=True, help="Let a person be forgotten.")
    room.callback()(_named)
    room.command()(forget)
    app.add_typer(room, name="people")


def _named() -> None:
    """Let a person be forgotten."""


def forget(code: Code, yes: Yes = False, as_json: Json = False) -> None:
    """Destroy name, contact and birth date of a person. The ledger stays whole. Exit 1 if nobody is kept."""
    from asklepion.cli.start import answer, ready
    from asklepion.core.access import Role
    from asklepion.core.errors import BadInput

    if not yes:
        remedy = "It cannot be undone. If you mean it, add --yes."
        raise BadInput("Nobody was forgotten.", where=code, remedy=remedy)
    ready()
    from asklepion.flows import people as room
    from asklepion.record.ledger import Author

    room.forget(code, code, by=Author("command line", Role.COORDINATOR, "command line"))
    if as_json:
        answer({"course": code, "forgotten": True})
    else:
        print(
            f"Nobody can read any more who {code} is. Its ledger stays whole. Backups made before keep what they hold."
        )
