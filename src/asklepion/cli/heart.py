"""`asklepion heart FILE`: intervals between beats, and what their variability says."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import Unscored
    from asklepion.flows.biomarkers import Heart
    from asklepion.signals.heart.session import Window
    from asklepion.signals.measure import Measure

Unit = Annotated[
    str | None, typer.Option("--unit", help="Of intervals: ms or s; without it what the heading says, else ms.")
]
Column = Annotated[str | None, typer.Option("--column", help="The column of intervals, or of a BIDS physio table.")]
Channel = Annotated[str | None, typer.Option("--channel", help="The channel of a raw recording; else its first ECG.")]
Signal = Annotated[str | None, typer.Option("--signal", help="ecg or ppg, where the file does not say what it is.")]
Rate = Annotated[
    float | None, typer.Option("--sampling-hz", help="Samples a second of a table without a column of time.")
]
Annotations = Annotated[
    bool, typer.Option("--annotations", help="Take the beats that a WFDB record's .atr names, and find none.")
]
Method = Annotated[str, typer.Option("--method", help="How the spectrum is taken: lomb or welch.")]
Seconds = Annotated[float, typer.Option("--window", help="Length of a window in seconds.")]
Baseline = Annotated[
    str | None, typer.Option("--baseline", help="A stretch in seconds, as 0-300: changes are told from it.")
]
Picture = Annotated[
    Path | None,
    typer.Option("--picture", help="Write an SVG of the session by window, a CSV of its numbers beside it."),
]
DoseAt = Annotated[
    float | None, typer.Option("--dose-at", help="Seconds from the first beat to the dose: marked in the picture.")
]
_SHOWN = ("mean_heart_rate", "rmssd", "sdnn", "hf_power_lomb", "hf_power_welch", "sample_entropy_m2")
_LONG = "multiscale_entropy"
"""Wants hours: of a shorter recording its greatest scales have no number, which is no fault of the recording."""


def register(app: typer.Typer) -> None:
    app.command()(heart)


def heart(
    file: Annotated[Path, typer.Argument(help="Intervals, or a raw ECG or pulse wave.")],
    unit: Unit = None,
    column: Column = None,
    channel: Channel = None,
    signal: Signal = None,
    sampling_hz: Rate = None,
    annotations: Annotations = False,
    method: Method = "lomb",
    window: Seconds = 300.0,
    baseline: Baseline = None,
    as_json: Json = False,
    picture: Picture = None,
    dose_at: DoseAt = None,
) -> None:
    """Tell heart rate variability of a recording, whole and in windows, with artefacts marked.

    Intervals as text or CSV are taken as they are. Beats are found in WFDB records, EDF, BDF, BIDS physio and CSV.

    Exit 0 if every measure of the whole but multiscale entropy has a number and at most 5% of its time is marked, 1 if
    not, 2 for a file that cannot be taken as it is.
    """
    from asklepion.cli.start import answer
    from asklepion.core.errors import BadInput
    from asklepion.core.values import Unscored
    from asklepion.flows import biomarkers

    if dose_at is not None and picture is None:
        raise BadInput("A dose is marked in the picture only.", where="--dose-at", remedy="Add --picture OUT.svg.")
    found = biomarkers.heart(
        file,
        unit=unit,
        column=column,
        channel=channel,
        signal=signal,
        sampling_hz=sampling_hz,
        annotations=annotations,
        method=method,
        window_s=window,
        baseline_s=_stretch(baseline),
    )
    written = _draw(picture, file, found, dose_s=dose_at) if picture else ()
    if as_json:
        answer(_as_json(file, found) | ({"written": list(written)} if written else {}))
    else:
        _print(file, found)
        if written:
            print(f"Written: {', '.join(written)}.")
    whole = found.session.whole
    open_ = any(isinstance(each.value, Unscored) for each in whole.measures if not each.name.startswith(_LONG))
    raise typer.Exit(1 if open_ or whole.doubtful else 0)


def _stretch(text: str | None) -> tuple[float, float] | None:
    from asklepion.core.errors import BadInput

    if text is None:
        return None
    begin, _, end = text.partition("-")
    try:
        return (float(begin), float(end))
    except ValueError as error:
        what = f"`{text}` is no stretch of time."
        raise BadInput(what, where="--baseline", remedy="Write it as 0-300, in seconds.") from error


def _draw(picture: Path, file: Path, found: "Heart", *, dose_s: float | None) -> tuple[str, ...]:
    """Write the picture and its numbers beside it, and return the names of both."""
    from asklepion.cli.drawing import write
    from asklepion.paper import heart as paper
    from asklepion.paper.figure import About

    about = About(id="heart", title=f"The heart through {file.name}", unit="", sources=(found.sha256,))
    numbers = paper.through_csv(found.session, about, dose_s=dose_s)
    return write(picture, paper.through(found.session, about, dose_s=dose_s), numbers, read=file)


def _as_json(file: Path, found: "Heart") -> dict[str, object]:
    from asklepion.flows.biomarkers import as_json

    told = found.session
    return {
        "file": file.name,
        "sha256": found.sha256,
        "words": list(found.words),
        "marks": dict(told.marks),
        "whole": _window_json(told.whole),
        "windows": [_window_json(each) for each in told.windows],
        "changes": [[as_json(measure) for measure in each] for each in told.changes],
    }


def _window_json(window: "Window") -> dict[str, object]:
    from asklepion.flows.biomarkers import as_json

    return {
        "begin_s": window.begin_s,
        "end_s": window.end_s,
        "intervals": window.intervals,
        "valid_percent": window.valid_percent,
        "doubtful": window.doubtful,
        "measures": [as_json(each) for each in window.measures],
    }


def _print(file: Path, found: "Heart") -> None:
    from asklepion.cli.start import table
    from asklepion.core.values import Unscored

    told = found.session
    marked = ", ".join(f"{count} {name}" for name, count in told.marks if count and name != "normal") or "none"
    doubt = ". More than 5% is marked: take the figures with care" if told.whole.doubtful else ""
    for words in found.words:
        print(words)
    print(f"{file.name}: {told.whole.intervals} intervals, {told.whole.end_s / 60:.1f} min; marked: {marked}{doubt}")
    short = [each for each in told.whole.measures if each.name.startswith(_LONG) and isinstance(each.value, Unscored)]
    shown = [line(each) for each in told.whole.measures if each not in short]
    table(("measure", "value", "unit", "n", "source"), shown)
    if short:
        print(f"{short[0].name} and greater scales: {number(short[0].value)}")
    if told.windows:
        names = [name for name in _SHOWN if any(one.name == name for each in told.windows for one in each.measures)]
        print()
        table(("from s", "to s", "valid %", *names), [_row(each, names) for each in told.windows])
    if told.changes:
        print("\nChanges. change_ln_cv_rmssd is corrected for heart rate: RMSSD over mean NN (degeus2019).")
    for window, changes in zip(told.windows, told.changes, strict=False):
        words = ", ".join(f"{each.name} {number(each.value)}" for each in changes)
        print(f"{window.begin_s:.0f} to {window.end_s:.0f} s: {words}")


def line(measure: "Measure") -> tuple[object, ...]:
    """Return a measure as a row of a table."""
    return (measure.name, number(measure.value), measure.unit, measure.n, measure.source)


def number(value: "float | Unscored") -> str:
    """Return a number to four digits, or why there is none."""
    from asklepion.core.values import Unscored

    return f"no number. {value.reason}" if isinstance(value, Unscored) else f"{value:.4g}"


def _row(window: "Window", names: list[str]) -> tuple[object, ...]:
    from asklepion.core.values import Unscored

    values = {each.name: each.value for each in window.measures}
    cells = ["-" if isinstance(values.get(name, Unscored("")), Unscored) else f"{values[name]:.4g}" for name in names]
    doubt = " *" if window.doubtful else ""
    return (f"{window.begin_s:.0f}", f"{window.end_s:.0f}", f"{window.valid_percent:.1f}{doubt}", *cells)
