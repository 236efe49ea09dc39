"""`asklepion facts check | list | show ID | schema KIND`."""

from dataclasses import asdict
from typing import Annotated

import typer

from asklepion.cli.start import Json


def register(app: typer.Typer) -> None:
    room = typer.Typer(no_args_is_help=True, help="Check, list and read the facts that rules judge by.")
    room.command()(check)
    room.command("list")(list_)
    room.command()(show)
    room.command()(schema)
    app.add_typer(room, name="facts")


def check(as_json: Json = False) -> None:
    """Read every fact file and say every fault of every one. Exit 1 if there is one.

    Folders of the site are named in ASKLEPION_FACTS.
    """
    from asklepion.cli.start import answer
    from asklepion.core.errors import BadInput, ManyFaults
    from asklepion.flows import facts as room

    faults: tuple[BadInput, ...] = ()
    try:
        faults = room.faults()
    except ManyFaults as unread:
        faults = unread.faults
    if as_json:
        told = [{"where": fault.where, "what": fault.what, "remedy": fault.remedy} for fault in faults]
        answer({"hold_together": not faults, "faults": told, "counts": None if faults else asdict(room.count())})
    elif faults:
        for fault in faults:
            print(fault)
        print(f"{len(faults)} fault{'' if len(faults) == 1 else 's'}.")
    else:
        _print_counts()
    raise typer.Exit(1 if faults else 0)


def _print_counts() -> None:
    from asklepion.flows import facts as room

    found = room.count()
    print(f"{found.facts} facts in {found.files} files hold together.")
    for name, counts in (
        ("tier", found.tiers),
        ("statements", found.confidences),
        ("references", found.references),
    ):
        print(f"{name}: {', '.join(f'{count} {what}' for what, count in sorted(counts.items())) or 'none'}")


def list_(
    kind: Annotated[str, typer.Option(help="Only facts of this kind, such as scale or drug.")] = "",
    as_json: Json = False,
) -> None:
    """List every fact with its tier and the weakest confidence of anything in it."""
    from asklepion.cli.start import answer, table
    from asklepion.core.errors import BadInput
    from asklepion.flows import facts as room
    from asklepion.knowledge.schema import KINDS

    if kind and kind not in KINDS:
        raise BadInput(f"There is no kind {kind}.", where="--kind", remedy=f"Use one of: {', '.join(KINDS)}.")
    lines = [line for line in room.lines() if kind in ("", line.kind)]
    if as_json:
        answer([asdict(line) for line in lines])
    else:
        headings = ("kind", "id", "tier", "weakest", "title")
        table(headings, [(line.kind, line.id, line.tier, line.confidence, line.title) for line in lines])


def show(
    id: Annotated[str, typer.Argument(help="The id of a fact, an observable, a consent element or a reference.")],
    as_json: Json = False,
) -> None:
    """Print what bears an id, with its sources written out. A source that was retracted says so."""
    import yaml

    from asklepion.cli.start import answer
    from asklepion.flows import facts as room

    found = room.find(id)
    if as_json:
        answer(found)
    else:
        print(yaml.safe_dump_all(found, sort_keys=False, allow_unicode=True, width=110), end="")


def schema(kind: Annotated[str, typer.Argument(help="A kind of fact, such as scale or drug.")]) -> None:
    """Print the JSON Schema of a kind of fact, for an editor."""
    from asklepion.cli.start import answer
    from asklepion.knowledge.schema import schema as of

    answer(of(kind))
