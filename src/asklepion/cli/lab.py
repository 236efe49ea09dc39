"""`asklepion lab cortisol | markers | freesurfer | sleep`: measures from the laboratory, from scans and from nights."""

from pathlib import Path
from typing import Annotated

import typer

from asklepion.cli import lab_markers, lab_scans, lab_sleep
from asklepion.cli.start import Json

Unit = Annotated[str, typer.Option("--unit", help="The unit of the file (UCUM): nmol/L, ug/dL, ug/L or ng/mL.")]
Fluid = Annotated[str, typer.Option("--matrix", help="What was measured: saliva, serum or plasma.")]
Minutes = Annotated[str | None, typer.Option("--minutes", help="When each column of samples was taken, as 0,30,45,60.")]
Waking = Annotated[bool, typer.Option("--from-waking", help="Minutes count from waking: tell the awakening response.")]


def register(app: typer.Typer) -> None:
    lab = typer.Typer(no_args_is_help=True)
    lab.callback()(room)
    lab.command()(cortisol)
    for each in (lab_markers.register, lab_scans.register, lab_sleep.register):
        each(lab)
    app.add_typer(lab, name="lab")


def room() -> None:
    """Tell measures from the laboratory."""


def cortisol(
    file: Annotated[Path, typer.Argument(help="CSV: subject, minutes, value; or a column for each sample.")],
    unit: Unit,
    matrix: Fluid,
    minutes: Minutes = None,
    from_waking: Waking = False,
    as_json: Json = False,
) -> None:
    """Tell cortisol's areas under the curve by the times that were kept.

    Exit 0 if every measure has a number, 1 if one has none, 2 for a file that cannot be taken as it is.
    """
    from asklepion.cli.heart import line
    from asklepion.cli.start import answer, table
    from asklepion.core.errors import BadInput
    from asklepion.core.values import Unscored
    from asklepion.flows import biomarkers

    known = [str(each) for each in biomarkers.Matrix]
    if matrix not in known:
        raise BadInput(f"There is no matrix {matrix}.", where="--matrix", remedy=f"Known: {', '.join(known)}.")
    fluid = biomarkers.Matrix(matrix)
    found = biomarkers.cortisol(file, unit=unit, matrix=fluid, minutes=_minutes(minutes), from_waking=from_waking)
    if as_json:
        people = [
            {"name": each.name, "measures": [biomarkers.as_json(one) for one in each.measures]} for each in found.people
        ]
        answer({"file": file.name, "sha256": found.sha256, "people": people})
    else:
        rows = [(each.name, *line(one)) for each in found.people for one in each.measures]
        table(("series", "measure", "value", "unit", "n", "source"), rows)
    values = [one.value for each in found.people for one in each.measures]
    raise typer.Exit(1 if any(isinstance(each, Unscored) for each in values) else 0)


def _minutes(text: str | None) -> tuple[float, ...] | None:
    from asklepion.core.errors import BadInput

    if text is None:
        return None
    try:
        return tuple(float(each) for each in text.split(","))
    except ValueError as error:
        what = f"`{text}` is no list of minutes."
        raise BadInput(what, where="--minutes", remedy="Write it as 0,30,45,60.") from error
