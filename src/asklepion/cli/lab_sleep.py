"""`asklepion lab sleep FILE`: nights, means over them and regularity, from sleep and wake as scored elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import Unscored
    from asklepion.flows.laboratory import Sleep, Sleeper


def register(lab: typer.Typer) -> None:
    lab.command()(sleep)


def sleep(
    file: Annotated[Path, typer.Argument(help="CSV: time, sleep (0 or 1), in_bed; or start, end, state.")],
    in_bed: Annotated[Path | None, typer.Option(help="CSV of times in bed: start, end.")] = None,
    local: Annotated[bool, typer.Option("--local", help="Times are by the local clock, without an offset.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write values as a TSV for `asklepion analyse change`.")] = None,
    session: Annotated[str | None, typer.Option(help="The session that --out names.")] = None,
    as_json: Json = False,
) -> None:
    """Tell nights from actigraphy that is scored as sleep and wake: efficiency, latency, awakenings, regularity.

    Exit 0 if every mean has a number, 1 if one has none, 2 for a file that cannot be taken as it is.
    """
    from asklepion.cli.lab_markers import write
    from asklepion.cli.start import answer
    from asklepion.core.values import Unscored
    from asklepion.flows import laboratory

    found = laboratory.sleep(file, in_bed=in_bed, local=local)
    write(out, session, [file, in_bed], lambda name: laboratory.sleep_rows(found, name))
    if as_json:
        answer(_plain(found, file.name))
    else:
        for each in found.people:
            _print(each)
    values = [one.value for each in found.people for one in (*each.means, each.regularity)]
    raise typer.Exit(1 if any(isinstance(each, Unscored) for each in values) else 0)


def _plain(found: "Sleep", file: str) -> dict[str, object]:
    from asklepion.flows.laboratory import as_json

    people = [
        {
            "participant_id": each.subject,
            "nights": [
                {
                    "night": night.on,
                    "begin": night.begin,
                    "end": night.end,
                    "missing_min": night.missing_min,
                    "measures": [as_json(one) for one in night.measures],
                    "quality": list(night.quality),
                }
                for night in each.nights
            ],
            "means": [as_json(one) for one in each.means],
            "regularity": as_json(each.regularity),
            "left_out": list(each.said),
        }
        for each in found.people
    ]
    return {"file": file, "sha256": found.sha256, "people": people}


def _print(person: "Sleeper") -> None:
    from asklepion.cli.start import table

    count = len(person.nights)
    print(f"{person.subject or 'One person'}: {count} night{'' if count == 1 else 's'}")
    for line in person.said:
        print(f"  {line}")
    headings = (
        "night",
        "in bed",
        "asleep",
        "efficiency",
        "latency",
        "awake after",
        "awakenings",
        "midsleep",
        "missing",
    )
    rows = [
        (night.on, *(_number(one.value, one.unit) for one in night.measures), f"{night.missing_min:g}")
        for night in person.nights
    ]
    means = [(f"mean of {_counts(person)}", *(_number(one.value, one.unit) for one in person.means), "")]
    units = [("", "min", "min", "%", "min", "min", "", "clock", "min")]
    table(headings, units + rows + means)
    index = person.regularity
    print(f"Sleep Regularity Index {_number(index.value, '1')}: {' '.join(index.quality)}")
    for words in dict.fromkeys(f"{night.on}: {quality}" for night in person.nights for quality in night.quality):
        print(words)
    told: dict[str, list[str]] = {}
    for one in person.means:
        for words in one.quality:
            told.setdefault(words, []).append(one.name.removeprefix("mean_"))
    for words, names in told.items():
        print(f"{'means' if len(names) == len(person.means) else ', '.join(names)}: {words}")


def _counts(person: "Sleeper") -> str:
    counts = sorted({one.n for one in person.means})
    return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def _number(value: "float | Unscored", unit: str) -> str:
    if not isinstance(value, float):
        return "-"
    if unit == "h":
        minutes = round(value * 60) % (24 * 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{value:.1f}"
