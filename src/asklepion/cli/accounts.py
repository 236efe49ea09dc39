"""`asklepion accounts create | list | reset`: how the first administrator comes into being, or a last one back."""

import sys
from typing import Annotated

import typer

from asklepion.cli.start import Json

Username = Annotated[str, typer.Argument(help="The account: lower-case letters, digits, dots and hyphens.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, not from the terminal.")
]


def register(app: typer.Typer) -> None:
    room = typer.Typer(no_args_is_help=True, help="Make accounts without the pages: the first one, or a lost one.")
    room.command()(create)
    room.command("list")(list_)
    room.command()(reset)
    app.add_typer(room, name="accounts")


def create(
    username: Username,
    role: Annotated[str, typer.Option(help="What the account may do. The first one is an administrator.")],
    name: Annotated[str, typer.Option(help="The printed name, as it stands under a signature.")],
    course: Annotated[str, typer.Option(help="Only for a participant: the code of their course.")] = "",
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """Make an account. Its first sign-in sets up the second factor. Make the first administrator with this."""
    from asklepion.cli.start import answer, migrate, ready
    from asklepion.core.access import Role
    from asklepion.core.errors import BadInput

    if role not in list(Role):
        raise BadInput(f"There is no role {role}.", where="--role", remedy=f"Use one of: {', '.join(Role)}.")
    password = _password(password_stdin)
    ready()
    migrate()
    from asklepion.flows import accounts as room

    room.create(username, Role(role), printed_name=name, password=password, course=course)
    if as_json:
        answer({"username": username, "role": role, "printed_name": name, "course": course})
    else:
        print(f"{username} can sign in as {role.replace('_', ' ')}. The first sign-in sets up the code app.")


def list_(as_json: Json = False) -> None:
    """List every account with its role and state. Exit 1 if nobody can sign in yet."""
    from asklepion.cli.start import answer, migrate, ready, table

    ready()
    migrate()
    from asklepion.flows import accounts as room

    rows = room.everyone()
    if as_json:
        told = ("username", "printed_name", "role", "course", "active", "second_factor")
        answer([{field: getattr(row, field) for field in told} for row in rows])
    elif rows:
        headings = ("account", "printed name", "role", "course", "state", "code app")
        states = [("in use" if row.active else "closed", "yes" if row.second_factor else "not yet") for row in rows]
        table(headings, [(r.username, r.printed_name, r.role, r.course, *s) for r, s in zip(rows, states, strict=True)])
    else:
        print("There is no account yet. Make the first: asklepion accounts create NAME --role administrator --name ...")
    raise typer.Exit(0 if room.any_yet() else 1)


def reset(username: Username, password_stdin: PasswordStdin = False, as_json: Json = False) -> None:
    """Give an account a new password, take away its second factor, and end its sessions."""
    from asklepion.cli.start import answer, migrate, ready

    password = _password(password_stdin)
    ready()
    migrate()
    from asklepion.flows import accounts as room

    room.reset(username, password, by="")
    if as_json:
        answer({"username": username, "reset": True})
    else:
        print(f"{username} has a new password and sets up the code app at the next sign-in.")


def _password(from_stdin: bool) -> str:
    """Return the password, typed twice and not shown, or the first line of standard input.

    Never from an argument: everybody on the machine can read those.
    """
    from asklepion.core.errors import BadInput

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        remedy = "Run it at a terminal, or pipe the password in and add --password-stdin."
        raise BadInput("There is no terminal to ask for the password.", where="password", remedy=remedy)
    from getpass import getpass

    first = getpass("Password, at least twelve characters: ")
    if getpass("The same again: ") != first:
        raise BadInput("The two are not the same.", where="password", remedy="Try again.")
    return first
