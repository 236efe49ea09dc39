"""`asklepion lab markers TABLE`: values with their limits, and the change of each person against chance."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asklepion.core.values import Unscored
    from asklepion.flows.laboratory import Change, Markers, MeasureRow, Reading
    from asklepion.knowledge.types import Biomarker

AssayCv = Annotated[
    list[str] | None,
    typer.Option("--assay-cv", help="Your assay's own variation in per cent, as crp=4; once for each marker."),
]


def register(lab: typer.Typer) -> None:
    lab.command()(markers)


def markers(
    file: Annotated[Path, typer.Argument(help="CSV: participant_id, session, marker, value, unit, matrix.")],
    before: Annotated[str | None, typer.Option(help="The session before.")] = None,
    after: Annotated[str | None, typer.Option(help="The session after.")] = None,
    assay_cv: AssayCv = None,
    out: Annotated[Path | None, typer.Option(help="Write values as a TSV for `asklepion analyse change`.")] = None,
    without_flagged: Annotated[bool, typer.Option("--without-flagged", help="Leave flagged values out of it.")] = False,
    as_json: Json = False,
) -> None:
    """Tell markers in blood and saliva, and whether a person changed by more than chance.

    Exit 0 if every value, or every change asked for, has a number, 1 if one has none, 2 for a file that cannot be
    taken as it is.
    """
    from asklepion.cli.start import answer
    from asklepion.core.values import Unscored
    from asklepion.flows import laboratory

    found = laboratory.markers(file, before=before, after=after, assay_cv=_cvs(assay_cv))
    write(out, "", [file], lambda _: found.measures(flagged=not without_flagged))
    if as_json:
        answer(_plain(found, file.name))
    else:
        _print(found)
    judged = before is not None
    numbers = [each.percent for each in found.changes] if judged else [each.value for each in found.readings]
    raise typer.Exit(1 if any(each is None or isinstance(each, Unscored) for each in numbers) else 0)


def write(
    out: Path | None,
    session: str | None,
    read: "Sequence[Path | None]",
    rows: "Callable[[str], Sequence[MeasureRow]]",
) -> None:
    """Write the rows of a session where `--out` says, but not over a file that was read, nor without a session."""
    from asklepion.core.errors import BadInput
    from asklepion.flows import laboratory

    if out is None:
        return
    if any(each is not None and each.resolve() == out.resolve() for each in read):
        raise BadInput("It would overwrite what was read.", where="--out", remedy="Name another file.")
    if session is None:
        raise BadInput("The session is not named.", where="--session", remedy="Say which session this is, as before.")
    laboratory.write_measures(rows(session), out)


def _cvs(given: list[str] | None) -> dict[str, float]:
    import math

    from asklepion.core.errors import BadInput

    found = {}
    for each in given or ():
        name, _, number = each.partition("=")
        try:
            percent = float(number)
        except ValueError:
            percent = math.nan
        if not (math.isfinite(percent) and percent >= 0):
            raise BadInput(f"`{each}` is no variation of an assay.", where="--assay-cv", remedy="Write it as crp=4.")
        found[name] = percent
    return found


def _plain(found: "Markers", file: str) -> dict[str, object]:
    values = [
        {
            "participant_id": each.subject,
            "session": each.session,
            "measure": each.measure,
            "value": each.value,
            "unit": each.unit,
            "given_unit": each.given_unit,
            "limit": f"{each.found.limit}{each.found.value:.12g}" if each.found and each.found.limit else None,
            "line": each.line,
            "flags": list(said),
        }
        for each, said in zip(found.readings, found.said, strict=True)
    ]
    return {
        "file": file,
        "sha256": found.sha256,
        "counts": _counts(found.readings),
        "converted": list(found.converted),
        "values": values,
        "changes": [_change(each) for each in found.changes],
        "markers": {each.id: _marker(each) for each in found.known},
    }


def _change(each: "Change") -> dict[str, object]:
    from asklepion.core.values import Unscored

    limit = each.told.limit
    return {
        "participant_id": each.subject,
        "measure": each.measure,
        "before": each.before,
        "after": each.after,
        "unit": each.unit,
        "difference": None if isinstance(each.difference, Unscored) else each.difference,
        "percent": None if isinstance(each.percent, Unscored) else each.percent,
        "verdict": each.told.verdict,
        "why": each.told.why,
        "limit_percent": limit.percent if limit else None,
        "confidence": str(limit.confidence) if limit else None,
        "sources": list(limit.sources) if limit else [],
        "quality": list(each.told.quality),
    }


def _marker(each: "Biomarker") -> dict[str, object]:
    statements = [
        {"topic": one.topic, "statement": one.statement, "confidence": str(one.basis.confidence)}
        for one in each.statements
    ]
    return {"title": each.title, "unit": each.unit, "matrices": list(each.matrices), "statements": statements}


def _counts(readings: "tuple[Reading, ...]") -> dict[str, int]:
    return {
        "rows": len(readings),
        "values": sum(each.value is not None for each in readings),
        "at_a_limit": sum(each.found is not None and each.value is None for each in readings),
        "empty": sum(each.found is None for each in readings),
    }


def _print(found: "Markers") -> None:
    from asklepion.cli.start import table

    counts = _counts(found.readings)
    print(
        f"{counts['rows']} rows: {counts['values']} values, {counts['at_a_limit']} at a limit, {counts['empty']} empty"
    )
    for line in found.converted:
        print(f"  {line}")
    if found.changes:
        headings = ("person", "measure", "before", "after", "unit", "change", "%", "verdict", "why")
        table(headings, [_row(each) for each in found.changes])
    else:
        rows = [(each.subject, each.session, each.measure, _value(each), each.unit) for each in found.readings]
        table(("person", "session", "measure", "value", "unit"), rows)
    for each, said in zip(found.readings, found.said, strict=True):
        for words in said:
            print(f"{each.subject}, {each.session}, {each.measure} {_value(each)}: {words}")
    for quality, names in _qualities(found).items():
        print(f"{', '.join(names)}: {quality}")
    for marker in found.known:
        for one in marker.statements:
            if one.topic == "efficacy":
                print(f"{marker.id}: {one.statement} ({one.basis.confidence})")


def _qualities(found: "Markers") -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for each in found.changes:
        for words in each.told.quality:
            names = told.setdefault(words, [])
            if each.measure not in names:
                names.append(each.measure)
    return told


def _value(each: "Reading") -> str:
    return f"{each.found.limit}{each.found.value:.6g}" if each.found else "-"


def _row(each: "Change") -> tuple[object, ...]:
    def number(value: "float | Unscored") -> str:
        return f"{value:+.4g}" if isinstance(value, float) else "-"

    numbers = (number(each.difference), number(each.percent))
    return (
        each.subject,
        each.measure,
        each.before or "-",
        each.after or "-",
        each.unit,
        *numbers,
        each.told.verdict,
        each.told.why,
    )
