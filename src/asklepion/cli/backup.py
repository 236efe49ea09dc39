"""`asklepion backup FILE` and `asklepion restore FILE`."""

from pathlib import Path
from typing import Annotated

import typer

from asklepion.cli.start import Json

File = Annotated[Path, typer.Argument(help="The backup file.")]


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(file: File, as_json: Json = False) -> None:
    """Write everything to one file while others go on writing. Keep the people key apart from it."""
    from asklepion.cli.start import answer, progress, ready
    from asklepion.core.errors import BadInput

    if file.exists():
        raise BadInput("The file is there already.", where=str(file), remedy="Name another; a backup replaces nothing.")
    ready()
    from asklepion.record import backup as room

    written = room.write(file, progress=progress("Backed up"))
    if as_json:
        answer({"file": str(file), "courses": written.courses, "entries": written.entries, "sha256": written.sha256})
    else:
        print(f"{written.courses} courses, {written.entries} entries in {file}\nsha256 {written.sha256}")
        print("Names can be read again only with the same people key; it is not in the file.")


def restore(file: File, as_json: Json = False) -> None:
    """Read a backup into an empty database. Refused, with nothing written, if a chain in it is broken."""
    from asklepion.cli.start import answer, migrate, progress, ready
    from asklepion.core.errors import BadInput

    if not file.is_file():
        raise BadInput("There is no such file.", where=str(file))
    ready()
    migrate()
    from asklepion.record import backup as room

    restored = room.restore(file, progress=progress("Restored"))
    if as_json:
        answer({"file": str(file), "courses": restored.courses, "entries": restored.entries})
    else:
        print(f"Restored {restored.courses} courses, {restored.entries} entries. Every chain was whole.")
