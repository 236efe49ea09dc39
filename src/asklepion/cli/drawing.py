"""A drawing as files: the SVG where it was asked for, its numbers as CSV beside it, never over what was read."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


def write(picture: Path, drawn: "Markup", numbers: str, *, read: Path) -> tuple[str, str]:
    """Write both files and return their names.

    Raises BadInput for a name that does not end in .svg, for one whose CSV is the file that was `read`, and where
    nothing can be written.
    """
    from asklepion.core.errors import BadInput
    from asklepion.paper.style import standalone

    if picture.suffix.lower() != ".svg":
        raise BadInput(f"{picture.name} is no name of an SVG.", where="--picture", remedy="Write it as out.svg.")
    table = picture.with_suffix(".csv")
    if table.resolve() == read.resolve():
        what = f"The numbers of the drawing would be written over {read.name}."
        raise BadInput(what, where="--picture", remedy="Name another file.")
    try:
        picture.write_text(standalone(drawn), "utf-8")
        table.write_text(numbers, "utf-8", newline="")
    except OSError as error:
        what = f"It cannot be written: {error.strerror}."
        raise BadInput(what, where=str(picture), remedy="Name another place.") from error
    return picture.name, table.name
