"""`asklepion eeg FILE`: power, complexity and phase lag of a recording, each under the name of its definition."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.flows.eeg import Eeg
    from asklepion.signals.measure import Measure

Rate = Annotated[float | None, typer.Option("--sampling-hz", help="Samples a second, for CSV without a time column.")]
Unit = Annotated[str | None, typer.Option("--unit", help="uV, mV, V or nV, for CSV, or EDF that names none.")]
Channels = Annotated[str | None, typer.Option("--channels", help="Only these, as Fz,Cz,Pz.")]
Epoch = Annotated[float | None, typer.Option("--epoch", help="Length of an epoch in seconds; 2 if not said.")]
BandPass = Annotated[str | None, typer.Option("--band-pass", help="As 1-40, in Hz; none if not said.")]
Notch = Annotated[str | None, typer.Option("--notch", help="As 50 or 50,100, in Hz; none if not said.")]
Reference = Annotated[
    str | None, typer.Option("--reference", help="average, or names as TP9,TP10; as recorded if not said.")
]
Resample = Annotated[float | None, typer.Option("--resample-hz", help="Samples a second after resampling.")]
Kind = Annotated[str | None, typer.Option("--kind", help="Sensors: eeg (if not said), meg-mag or meg-grad.")]
Reject = Annotated[float | None, typer.Option("--reject", help="Most uV (MEG: fT, fT/cm) of an epoch, peak to peak.")]
Regions = Annotated[str | None, typer.Option("--regions", help="YAML or CSV of channels and regions, or 10-20.")]
Measures = Annotated[str | None, typer.Option("--measures", help="Names with commas; `list` prints those known.")]
Bands = Annotated[str | None, typer.Option("--bands", help="As theta:4-8,alpha:8-13, in Hz.")]
Relative = Annotated[
    str | None, typer.Option("--relative-to", help="Of what relative power is a share: as 1-45, in Hz.")
]
Range = Annotated[str | None, typer.Option("--aperiodic-range", help="As 2-40, in Hz.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Of shuffles and surrogates.")]
Detail = Annotated[
    str | None, typer.Option("--detail", help="whole,regions,channels,epochs,channel epochs,pairs; the first two.")
]
Plan = Annotated[Path | None, typer.Option("--plan", help="YAML with the choices; other options go before it.")]
Picture = Annotated[
    Path | None, typer.Option("--picture", help="Draw a measure over the head into this SVG, a CSV beside it.")
]
PictureOf = Annotated[str | None, typer.Option("--picture-of", help="The name of the measure to draw.")]


def register(app: typer.Typer) -> None:
    app.command()(eeg)


def eeg(
    file: Annotated[Path | None, typer.Argument(help="EDF, BDF, BrainVision, SET, FIF or CSV.")] = None,
    kind: Kind = None,
    sampling_hz: Rate = None,
    unit: Unit = None,
    channels: Channels = None,
    epoch: Epoch = None,
    band_pass: BandPass = None,
    notch: Notch = None,
    reference: Reference = None,
    resample_hz: Resample = None,
    reject: Reject = None,
    regions: Regions = None,
    measures: Measures = None,
    bands: Bands = None,
    relative_to: Relative = None,
    aperiodic_range: Range = None,
    seed: Seed = None,
    detail: Detail = None,
    plan: Plan = None,
    picture: Picture = None,
    picture_of: PictureOf = None,
    as_json: Json = False,
) -> None:
    """Tell power, complexity and phase lag of an EEG or MEG, prepared as asked for, with every definition beside it.

    Exit 0 if every measure has a number, 1 if one has none, 2 for a file that cannot be taken as it is.
    """
    from asklepion.cli.start import answer
    from asklepion.core.errors import BadInput
    from asklepion.core.values import Unscored
    from asklepion.flows import eeg as flow

    if measures == "list":
        print("\n".join(flow.known_measures()))
        raise typer.Exit(0)
    if file is None:
        remedy = "Name a recording: EDF, BDF, BrainVision, SET, FIF or CSV."
        raise BadInput("No file is named.", where="FILE", remedy=remedy)
    told: dict[str, object] = flow.read_plan(plan) if plan else {"detail": ("whole", "regions")}
    given = {
        "kind": kind,
        "sampling_hz": sampling_hz,
        "unit": unit,
        "channels": _words(channels),
        "epoch_s": epoch,
        "band_pass_hz": _range(band_pass, "--band-pass"),
        "notch_hz": _numbers(notch, "--notch"),
        "reference": reference,
        "resample_hz": resample_hz,
        flow.limit_of(str(kind or told.get("kind", "eeg"))): reject,
        "regions": flow.read_regions(Path(regions)) if regions and regions != flow.TEN_TWENTY else regions,
        "measures": _words(measures),
        "bands": _bands(bands),
        "relative_to_hz": _range(relative_to, "--relative-to"),
        "aperiodic_range_hz": _range(aperiodic_range, "--aperiodic-range"),
        "seed": seed,
        "detail": _words(detail),
    }
    told |= {name: value for name, value in given.items() if value is not None}
    asked = flow.plan_of(_with_channels(told, picture), where=str(plan or "the options"))
    found = flow.eeg(file, plan=asked)
    if picture:
        _draw(file, found, picture, picture_of)
    if as_json:
        answer(_as_json(file, found))
    else:
        _print(found)
    raise typer.Exit(1 if any(isinstance(each.value, Unscored) for each in found.measures) else 0)


def _with_channels(told: dict[str, object], picture: Path | None) -> dict[str, object]:
    """Ask for every channel where a picture is to be drawn: it shows nothing else."""
    detail = told.get("detail")
    if picture is None or not isinstance(detail, tuple | list) or "channels" in detail:
        return told
    return told | {"detail": (*detail, "channels")}


def _words(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(each.strip() for each in text.split(",") if each.strip())


def _numbers(text: str | None, where: str) -> tuple[float, ...] | None:
    from asklepion.core.errors import BadInput

    if text is None:
        return None
    try:
        return tuple(float(each) for each in text.split(","))
    except ValueError as error:
        raise BadInput(f"`{text}` is no list of frequencies.", where=where, remedy="Write it as 50,100.") from error


def _range(text: str | None, where: str) -> tuple[float, float] | None:
    from asklepion.core.errors import BadInput

    if text is None:
        return None
    low, _, high = text.partition("-")
    try:
        return (float(low), float(high))
    except ValueError as error:
        raise BadInput(f"`{text}` is no range of frequencies.", where=where, remedy="Write it as 1-40.") from error


def _bands(text: str | None) -> tuple[dict[str, object], ...] | None:
    if text is None:
        return None
    found = []
    for each in text.split(","):
        name, _, limits = each.partition(":")
        low, high = _range(limits, "--bands") or (0.0, 0.0)
        found.append({"name": name.strip(), "low_hz": low, "high_hz": high})
    return tuple(found)


def _draw(file: Path, found: "Eeg", picture: Path, wanted: str | None) -> None:
    from asklepion.cli.drawing import write
    from asklepion.core.errors import BadInput
    from asklepion.paper.eeg import of_channels, topography, topography_csv
    from asklepion.paper.figure import About

    positions = dict(found.positions)
    if not positions:
        raise BadInput(found.recording_words[-1], where="picture", remedy="Give positions, or draw none.")
    shown = of_channels(found.measures, positions, name=wanted)
    one = shown[0]
    notes = (
        f"{one.name} ({one.source}): means over {one.n} epochs; {len(shown)} sensors, no value between them.",
        *found.recording_words[-1:],
    )
    title = f"{one.name}, {file.name}"
    about = About(id="topography", title=title, unit=one.unit, sources=(found.sha256,), notes=notes)
    write(picture, topography(shown, positions, about), topography_csv(shown, positions), read=file)


def _as_json(file: Path, found: "Eeg") -> dict[str, object]:
    from asklepion.flows.eeg import as_json

    return {
        "file": file.name,
        "sha256": found.sha256,
        "recording": list(found.recording_words),
        "positions": {name: list(at) for name, at in found.positions},
        "measures": [as_json(each) for each in found.measures],
    }


def _print(found: "Eeg") -> None:
    from asklepion.cli.heart import number
    from asklepion.cli.start import table

    print("\n".join(found.recording_words))
    shared = _shared(found.measures)
    print("Of all: " + _settings(shared))
    print()
    rows = [
        (each.name, each.of or "whole", number(each.value), each.unit, each.n, _beside(each)) for each in found.measures
    ]
    table(("measure", "of", "value", "unit", "n epochs", "beside it"), rows)
    print("\nDefinitions")
    firsts: dict[str, Measure] = {}
    for each in found.measures:
        firsts.setdefault(each.name, each)
    for measure in firsts.values():
        own = tuple(each for each in measure.parameters if each not in shared and each[0] not in _OF_THE_PART)
        print(f"{measure.name} ({measure.source}): {_settings(own)}")
    told = dict.fromkeys(words for each in found.measures for words in each.quality)
    if told:
        print("\nBe wary")
        print("\n".join(told))


def _beside(measure: "Measure") -> str:
    """Return how far epochs spread, or how well a line fits."""
    told = dict(measure.parameters)
    words = []
    if "low_95" in told:
        words.append(f"95% {told['low_95']:.3g} to {told['high_95']:.3g}")
    if "r2" in told:
        words.append(f"R2 {told['r2']:.3f}, error {told['error_log10']:.3f}")
    if "sd_over_epochs" in told:
        words.append(f"sd {told['sd_over_epochs']:.3g}")
    if "pairs" in told:
        words.append(f"{told['pairs']} pairs, {told['frequencies']} frequencies")
    return ", ".join(words)


_OF_THE_PART = frozenset(
    ("channels", "sd_over_epochs", "r2", "error_log10", "low_95", "high_95", "offset", "kept", "frequencies", "pairs")
)


def _shared(measures: "tuple[Measure, ...]") -> tuple[tuple[str, object], ...]:
    """Return what was done to the recording: the parameters with which every measure begins."""
    told = measures[0].parameters
    return told[: next(at for at, (name, _) in enumerate(told) if name.startswith("reject_")) + 1]


def _settings(told: tuple[tuple[str, object], ...]) -> str:
    return ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in told)
