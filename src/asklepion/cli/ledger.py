"""`asklepion ledger verify | rebuild | show CODE`."""

from typing import Annotated

import typer

from asklepion.cli.start import Json

Course = Annotated[str, typer.Argument(help="A course's code, such as AK-0014.")]
SomeCourse = Annotated[str | None, typer.Argument(help="A course's code; all courses without it.")]


def register(app: typer.Typer) -> None:
    room = typer.Typer(no_args_is_help=True, help="Verify, rebuild and read the ledgers.")
    room.command()(verify)
    room.command()(rebuild)
    room.command()(show)
    app.add_typer(room, name="ledger")


def verify(course: SomeCourse = None, as_json: Json = False) -> None:
    """Walk the chains and name every entry that is not what was recorded. Exit 1 if there is one."""
    from asklepion.cli.start import answer, progress, ready

    ready()
    from asklepion.record.verify import verify as walk

    faults = walk(course, progress=progress("Verified"))
    if as_json:
        answer({"whole": not faults, "faults": [{"course": f.course, "seq": f.seq, "what": f.what} for f in faults]})
    elif faults:
        for fault in faults:
            print(f"{fault.course}, entry {fault.seq}: {fault.what}")
    else:
        print("Every chain is whole.")
    raise typer.Exit(1 if faults else 0)


def rebuild(course: SomeCourse = None, as_json: Json = False) -> None:
    """Drop what pages read and fold it again from the ledgers."""
    from asklepion.cli.start import answer, progress, ready

    ready()
    from asklepion.record.verify import rebuild as fold_again

    courses = fold_again(course, progress=progress("Rebuilt"))
    if as_json:
        answer({"courses": courses})
    else:
        print(f"Rebuilt {courses} course{'' if courses == 1 else 's'}.")


def show(
    code: Course,
    role: Annotated[str, typer.Option(help="Read as this role would.")] = "auditor",
    as_json: Json = False,
) -> None:
    """Print the ledger of one course, oldest first, as a role may read it."""
    from asklepion.cli.start import answer, ready, table
    from asklepion.core.access import Role
    from asklepion.core.errors import BadInput

    if role not in list(Role):
        raise BadInput(f"There is no role {role}.", where="--role", remedy=f"Use one of: {', '.join(Role)}.")
    ready()
    from asklepion.flows.audit import lines

    rows = lines(code, Role(role))
    if as_json:
        answer([row.as_json() for row in rows])
    else:
        table(
            ("entry", "happened", "kind", "what", "by", "hash"),
            [(r.seq, f"{r.at:%Y-%m-%d %H:%M:%S}", r.kind, r.what, f"{r.by} ({r.role})", r.hash[:12]) for r in rows],
        )
