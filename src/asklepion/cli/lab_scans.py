"""`asklepion lab freesurfer FILE...`: hippocampal volume and cortical thickness, and their change between two scans."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import Unscored
    from asklepion.flows.laboratory import ScanChange, Scans


def register(lab: typer.Typer) -> None:
    lab.command()(freesurfer)


def freesurfer(
    files: Annotated[list[Path], typer.Argument(help="aseg.stats, lh.aparc.stats, rh.aparc.stats of one scan.")],
    before: Annotated[list[Path] | None, typer.Option(help="A file of the earlier scan; once for each file.")] = None,
    regions: Annotated[bool, typer.Option("--regions", help="Tell thickness of every region, too.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write values as a TSV for `asklepion analyse change`.")] = None,
    session: Annotated[str | None, typer.Option(help="The session that --out names.")] = None,
    as_json: Json = False,
) -> None:
    """Tell hippocampal volume and cortical thickness from FreeSurfer's tables.

    Exit 0 if every measure has a number, 1 if one has none, 2 for files that cannot be taken as they are.
    """
    from asklepion.cli.lab_markers import write
    from asklepion.cli.start import answer
    from asklepion.core.values import Unscored
    from asklepion.flows import laboratory

    found = laboratory.freesurfer(files, before=before or (), regions=regions)
    write(out, session, [*files, *(before or ())], lambda name: laboratory.scan_rows(found, name))
    if as_json:
        answer(_plain(found))
    else:
        _print(found)
    values = [each.value for each in found.after.measures] + [each.percent for each in found.changes]
    raise typer.Exit(1 if any(isinstance(each, Unscored) for each in values) else 0)


def _plain(found: "Scans") -> dict[str, object]:
    from asklepion.flows.laboratory import as_json

    return {
        "subject": found.after.subject,
        "freesurfer": found.after.version,
        "before": found.before and {"subject": found.before.subject, "freesurfer": found.before.version},
        "sha256": dict(found.hashes),
        "measures": [as_json(each) for each in found.after.measures],
        "changes": [_change(each) for each in found.changes],
        "quality": list(found.said),
    }


def _change(each: "ScanChange") -> dict[str, object]:
    def plain(value: "float | Unscored") -> float | None:
        return value if isinstance(value, float) else None

    limit = each.told.limit
    return {
        "name": each.measure.name,
        "of": each.measure.of,
        "unit": each.measure.unit,
        "before": plain(each.before),
        "difference": plain(each.difference),
        "percent": plain(each.percent),
        "verdict": each.told.verdict,
        "why": each.told.why,
        "limit_percent": limit.percent if limit else None,
        "confidence": str(limit.confidence) if limit else None,
    }


def _print(found: "Scans") -> None:
    from asklepion.cli.start import table

    scan = found.after
    print(f"{scan.subject}, FreeSurfer {scan.version or 'of a version that the files do not tell'}")
    for line in found.said:
        print(f"  {line}")
    rows = [(each.name, each.of, _number(each.value), each.unit, each.n) for each in scan.measures]
    table(("measure", "of", "value", "unit", "n"), rows)
    if found.changes:
        print("Change from the scan before:")
        told = [
            (
                e.measure.name,
                e.measure.of,
                _number(e.difference, "+"),
                _number(e.percent, "+"),
                e.told.verdict,
                e.told.why,
            )
            for e in found.changes
        ]
        table(("measure", "of", "change", "%", "verdict", "why"), told)
    for line in dict.fromkeys(quality for each in scan.measures for quality in each.quality):
        print(line)


def _number(value: "float | Unscored", sign: str = "") -> str:
    if not isinstance(value, float):
        return f"- ({value.reason})"
    return f"{value:{sign}.0f}" if abs(value) >= 1e5 else f"{value:{sign}.5g}"
