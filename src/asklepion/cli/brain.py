"""`asklepion brain FILE`: networks of a parcellated recording, with and without the global signal side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import Unscored
    from asklepion.flows.brain import Brain, Conditions, Contrasted
    from asklepion.signals.measure import Measure

File = Annotated[Path, typer.Argument(help="Parcels over time: .npy, .tsv, .csv, .ptseries.nii, .mat, .nii.")]
Labels = Annotated[
    Path | None, typer.Option("--labels", help="Table of parcels: index, name, network; or a *_dseg.tsv.")
]
Tr = Annotated[float | None, typer.Option("--tr", help="Seconds from one volume to the next.")]
Confounds = Annotated[
    Path | None, typer.Option("--confounds", help="Table with framewise_displacement, as fMRIPrep writes it.")
]
Censor = Annotated[
    float | None, typer.Option("--censor-above", help="Leave out volumes of more framewise displacement, in mm.")
]
Variable = Annotated[str | None, typer.Option("--variable", help="The variable of a .mat file.")]
Index = Annotated[str | None, typer.Option("--index", help="The cell of a cell array, as ROW,COLUMN from 1.")]
TimeAxis = Annotated[
    str | None, typer.Option("--time-axis", help="rows or columns: along which time runs, where the file does not say.")
]
Atlas = Annotated[Path | None, typer.Option("--atlas", help="Label image on the grid of a .nii.")]
Baseline = Annotated[Path | None, typer.Option("--baseline", help="One's own recording from before.")]
BaselineIndex = Annotated[str | None, typer.Option("--baseline-index", help="The baseline's cell, as ROW,COLUMN.")]
BaselineConfounds = Annotated[Path | None, typer.Option("--baseline-confounds", help="The baseline's confounds.")]
Group = Annotated[
    list[Path] | None, typer.Option("--group", help="A recording of a reference group; once for each, two or more.")
]
States = Annotated[int | None, typer.Option("--states", help="How many phase states (LEiDA) are told apart.")]
Window = Annotated[float, typer.Option("--window", help="Width of sliding windows in seconds.")]
Lags = Annotated[int, typer.Option("--lags", help="Volumes back in which influence is looked for.")]
Seeds = Annotated[int, typer.Option("--seeds", help="How many partitions the consensus rests on.")]
Seed = Annotated[int, typer.Option("--seed", help="The first seed of what is drawn at random.")]
Contrast = Annotated[
    str | None,
    typer.Option("--contrast", help="Test conditions of a cell array of people x conditions, as 1,-1,-1,1."),
]
Pairs = Annotated[bool, typer.Option("--pairs", help="Print influence by pair of networks, and transitions, too.")]
Picture = Annotated[Path | None, typer.Option("--picture", help="Write an SVG of the connectome, a CSV beside it.")]
_BY_PAIR = ("granger_gain", "state_transition")


def register(app: typer.Typer) -> None:
    app.command()(brain)


def brain(
    file: File,
    labels: Labels = None,
    tr: Tr = None,
    confounds: Confounds = None,
    censor_above: Censor = None,
    variable: Variable = None,
    index: Index = None,
    time_axis: TimeAxis = None,
    atlas: Atlas = None,
    baseline: Baseline = None,
    baseline_index: BaselineIndex = None,
    baseline_confounds: BaselineConfounds = None,
    group: Group = None,
    states: States = None,
    window: Window = 100.0,
    lags: Lags = 1,
    seeds: Seeds = 50,
    seed: Seed = 0,
    contrast: Contrast = None,
    pairs: Pairs = False,
    as_json: Json = False,
    picture: Picture = None,
) -> None:
    """Tell the networks of a parcellated BOLD recording, with and without its global signal side by side.

    Exit 0 if every measure with the global signal has a number, 1 if not, 2 for a file that cannot be taken as it is.
    """
    from asklepion.core.values import Unscored
    from asklepion.flows import brain as flow

    choice = flow.Choice(variable=variable, cell=_cell(index, "--index"), time_axis=time_axis, atlas=atlas)
    rate = _rate(tr)
    if contrast is not None:
        _alone(
            index=index,
            baseline=baseline,
            baseline_index=baseline_index,
            baseline_confounds=baseline_confounds,
            group=group,
            confounds=confounds,
            censor_above=censor_above,
            picture=picture,
        )
        told = flow.conditions(
            file,
            _weights(contrast),
            labels=labels,
            sampling_hz=rate,
            choice=choice,
            seeds=seeds,
            seed=seed,
            states=states,
            window_s=window,
            lags=lags,
        )
        _tell_conditions(file, told, as_json=as_json, pairs=pairs)
        raise typer.Exit(1 if any(isinstance(each.test, Unscored) for each in told.with_global_signal) else 0)
    cell = _cell(baseline_index, "--baseline-index")
    found = flow.brain(
        file,
        labels=labels,
        sampling_hz=rate,
        confounds=confounds,
        censor_above_mm=censor_above,
        baseline=file if cell and baseline is None else baseline,
        baseline_confounds=baseline_confounds,
        seeds=seeds,
        seed=seed,
        choice=choice,
        baseline_cell=cell,
        references=group or (),
        states=states,
        window_s=window,
        lags=lags,
    )
    written = _draw(picture, file, found) if picture else ()
    _tell(file, found, as_json=as_json, pairs=pairs, written=written)
    raise typer.Exit(1 if any(isinstance(each.value, Unscored) for each in found.both.with_global_signal) else 0)


def _cell(text: str | None, where: str) -> tuple[int, int] | None:
    from asklepion.core.errors import BadInput

    if text is None:
        return None
    row, _, column = text.replace("x", ",").partition(",")
    if not (row.strip().isdigit() and column.strip().isdigit()):
        raise BadInput(f"`{text}` is no cell.", where=where, remedy="Write it as 9,4: row and column, from 1.")
    return int(row), int(column)


def _rate(tr: float | None) -> float | None:
    from asklepion.core.errors import BadInput

    if tr is None:
        return None
    if not 0 < tr < 60:
        remedy = "Give seconds; 3 and not 3000."
        raise BadInput(f"{tr:g} s from one volume to the next cannot be.", where="--tr", remedy=remedy)
    return 1 / tr


def _weights(text: str) -> tuple[float, ...]:
    from asklepion.core.errors import BadInput

    try:
        return tuple(float(each) for each in text.split(","))
    except ValueError as error:
        what = f"`{text}` is no contrast."
        raise BadInput(what, where="--contrast", remedy="Write one weight for each condition, as 1,-1,-1,1.") from error


def _alone(**given: object) -> None:
    from asklepion.core.errors import BadInput

    named = [f"--{name.replace('_', '-')}" for name, value in given.items() if value is not None]
    if named:
        what = f"{', '.join(named)} is of one recording, and a contrast is of all."
        raise BadInput(what, where="--contrast", remedy="Leave one of them out.")


def _draw(picture: Path, file: Path, found: "Brain") -> tuple[str, ...]:
    """Write the pictures that there are, each with its numbers beside it, and return their names."""
    from asklepion.cli.drawing import write
    from asklepion.paper import brain as paper

    written: list[str] = []
    for drawing in paper.drawings(found, title=file.name):
        end = "" if drawing.key == "connectome" else f"-{drawing.key}"
        written += write(picture.with_stem(f"{picture.stem}{end}"), drawing.drawn, drawing.csv, read=file)
    return tuple(written)


def _tell(file: Path, found: "Brain", *, as_json: bool, pairs: bool, written: tuple[str, ...]) -> None:
    from asklepion.cli.start import answer, table
    from asklepion.flows.brain import as_json as plain
    from asklepion.flows.brain import definition, stem

    one, other = found.both.with_global_signal, found.both.without_global_signal
    if as_json:
        told = {
            name: [{**plain(each), "definition": definition(each.name)} for each in side]
            for name, side in (("with_global_signal", one), ("without_global_signal", other))
        }
        head = {"file": file.name, "sha256": found.sha256, "words": list(found.words)}
        answer({**head, **told, "written": list(written)})
        return
    print(f"{file.name}: {len(found.matrix.names)} parcels, {len(found.networks)} networks")
    for words in found.words:
        print(f"  {words}")
    rows = [
        (stem(left.name), left.of or "whole", _short(left.value), _short(right.value), left.unit, left.n, left.source)
        for left, right in zip(one, other, strict=True)
        if pairs or stem(left.name) not in _BY_PAIR
    ]
    table(("measure", "of", "with global signal", "without", "unit", "n", "source"), rows)
    _quality(one, other)
    _definitions([str(row[0]) for row in rows])
    if written:
        print(f"Written: {', '.join(written)}.")


def _short(value: "float | Unscored") -> str:
    from asklepion.core.values import Unscored

    return "no number" if isinstance(value, Unscored) else f"{value:.4g}"


def _quality(one: "tuple[Measure, ...]", other: "tuple[Measure, ...]") -> None:
    """Print why a measure has no number, and what to be wary of, each sentence once."""
    from asklepion.core.values import Unscored

    told: dict[str, list[str]] = {}
    for each in (*one, *other):
        why = (f"no number. {each.value.reason}",) if isinstance(each.value, Unscored) else ()
        for words in (*why, *each.quality):
            told.setdefault(words, []).append(each.name)
    for words, names in told.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        print(f"{'Every measure' if len(names) == len(one) + len(other) else names[0] + more}: {words}")


def _definitions(names: list[str]) -> None:
    from asklepion.flows.brain import definition

    print("Definitions")
    same: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        same.setdefault(definition(name), []).append(name)
    for words, of in same.items():
        print(f"  {of[0]}{f' and {len(of) - 1} more' if len(of) > 1 else ''}: {words}")


def _tell_conditions(file: Path, found: "Conditions", *, as_json: bool, pairs: bool) -> None:
    from asklepion.cli.start import answer, table
    from asklepion.flows.brain import stem

    sides = {"with": found.with_global_signal, "without": found.without_global_signal}
    if as_json:
        told = {f"{name}_global_signal": [_test_json(each) for each in side] for name, side in sides.items()}
        head = {"file": file.name, "sha256": found.sha256, "people": found.people, "contrast": list(found.weights)}
        answer({**head, "words": list(found.words), **told})
        return
    weights = ", ".join(f"{each:g}" for each in found.weights)
    print(f"{file.name}: {found.people} people x {len(found.weights)} conditions, contrast {weights}")
    for words in found.words:
        print(f"  {words}")
    rows: list[tuple[object, ...]] = [
        (stem(each.name), each.of or "whole", side, *_test_cells(each, len(found.weights)))
        for both in zip(*sides.values(), strict=True)
        for side, each in zip(sides, both, strict=True)
        if pairs or stem(each.name) not in _BY_PAIR
    ]
    columns = [f"mean {place}" for place in range(1, len(found.weights) + 1)]
    table(("measure", "of", "global signal", "contrast", "t", "df", "p", *columns), rows)
    print(f"p is two-sided and not corrected for the {len(rows)} tests.")
    _definitions([str(row[0]) for row in rows])


def _test_cells(each: "Contrasted", conditions: int) -> tuple[object, ...]:
    from asklepion.cli.heart import number
    from asklepion.core.values import Unscored

    test = each.test
    if isinstance(test, Unscored):
        return (f"no number. {test.reason}", *[""] * (3 + conditions))
    return (f"{test.estimate:.4g}", number(test.t), test.df, number(test.p), *(f"{mean:.4g}" for mean in test.means))


def _test_json(each: "Contrasted") -> dict[str, object]:
    from asklepion.core.values import Unscored
    from asklepion.flows.brain import definition

    named = {"name": each.name, **({"of": each.of} if each.of else {}), "definition": definition(each.name)}
    test = each.test
    if isinstance(test, Unscored):
        return {**named, "value": None, "why": test.reason}
    t, p = (None if isinstance(value, Unscored) else value for value in (test.t, test.p))
    return {**named, "value": test.estimate, "t": t, "df": test.df, "p": p, "n": test.n, "means": list(test.means)}
