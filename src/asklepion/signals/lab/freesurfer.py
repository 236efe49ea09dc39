"""Hippocampal volume and cortical thickness of one scan, from the stats files that FreeSurfer wrote of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.lab.stats_file import StatsFile, read
from asklepion.signals.measure import Measure, settings

DESIKAN_REGIONS = 34
"""Regions of a hemisphere in aparc.annot [desikan2006]."""
_SIDES = {"lh": "Left", "rh": "Right"}


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: whose, by which version (empty if the files do not say), its measures."""

    subject: str
    version: str
    measures: tuple[Measure, ...]


def scan(paths: Sequence[Path], *, regions: bool = False) -> Scan:
    """Return the measures of one scan from aseg.stats, lh.aparc.stats, rh.aparc.stats, or some of them.

    Raises BadInput for a file that cannot be taken, for two of a kind, and for files of two subjects or versions.
    """
    files = [read(path) for path in paths]
    if not files:
        raise BadInput("No file is named.", where="FILE", remedy="Give aseg.stats, lh.aparc.stats and rh.aparc.stats.")
    _one("subject", [(each.path.name, each.subject) for each in files])
    _one("version", [(each.path.name, each.version) for each in files if each.version])
    by_kind: dict[str, StatsFile] = {}
    for each in files:
        key = each.kind if each.kind == "aseg" else each.hemi
        if key in by_kind:
            what = f"{by_kind[key].path} and {each.path} are both {key}."
            raise BadInput(what, where="FILE", remedy="Give one of each kind.")
        by_kind[key] = each
    version = next((each.version for each in files if each.version), "")
    measures: list[Measure] = []
    if "aseg" in by_kind:
        measures += _hippocampus(by_kind["aseg"])
    surfaces = [by_kind[side] for side in _SIDES if side in by_kind]
    if surfaces:
        measures += _thickness(surfaces)
    if regions:
        measures += [one for each in surfaces for one in _regions(each)]
    return Scan(files[0].subject, version, tuple(measures))


def _one(what: str, named: Sequence[tuple[str, str]]) -> None:
    if len({value for _, value in named}) > 1:
        told = ", ".join(f"{name} of {value}" for name, value in named)
        raise BadInput(f"The files are of more than one {what}: {told}.", where="FILE", remedy="Give one scan's files.")


def _hippocampus(file: StatsFile) -> list[Measure]:
    left, right = (file.number(f"{side}-Hippocampus", "Volume_mm3") for side in _SIDES.values())
    sizes = {"left": left, "right": right, "both": left + right}
    for side, size in sizes.items():
        if size == 0:
            what = f"The hippocampus ({side}) has no volume."
            raise BadInput(what, where=file.path.name, remedy="The segmentation failed; look at the scan.")
    told = settings(file=file.path.name, freesurfer=file.version or "not said")
    found = [
        Measure(name="hippocampal_volume", of=side, value=size, unit="mm3", n=1, parameters=told)
        for side, size in sizes.items()
    ]
    whole = file.measures.get("eTIV") or file.measures.get("ICV")
    skull: float | Unscored = Unscored("The header has no eTIV.")
    share: float | Unscored = skull
    if whole is not None and whole[1] != "mm3":
        raise BadInput(f"eTIV is in {whole[1]}.", where=file.path.name, remedy="It is a volume in mm^3.")
    if whole is not None:
        skull = whole[0]
        share = 100 * sizes["both"] / skull if skull > 0 else Unscored("eTIV is zero.")
    found.append(Measure(name="etiv", value=skull, unit="mm3", n=1, parameters=told))
    found.append(Measure(name="hippocampal_share_of_etiv", of="both", value=share, unit="%", n=1, parameters=told))
    return found


def _thickness(files: Sequence[StatsFile]) -> list[Measure]:
    """Return mean thickness, each region weighted by its area, of each hemisphere and of both."""
    if len(files) == 2:
        _same_regions(*files)
    sums = {file.hemi: _weighted(file) for file in files}
    names = {"lh": "left", "rh": "right"}
    found = []
    for file in files:
        volume, area = sums[file.hemi]
        found.append(_mean(names[file.hemi], volume, area, files=[file]))
    if len(files) == 2:
        volume, area = (sum(each[index] for each in sums.values()) for index in (0, 1))
        found.append(_mean("both", volume, area, files=files))
    else:
        lacking = Unscored(f"There is no file of the other hemisphere than {names[files[0].hemi]}.")
        found.append(Measure(name="cortical_thickness_mean", of="both", value=lacking, unit="mm", n=0))
    return found


def _weighted(file: StatsFile) -> tuple[float, float]:
    if file.annotation == f"{file.hemi}.aparc.annot" and len(file.rows) < DESIKAN_REGIONS:
        what = f"{file.annotation} has {DESIKAN_REGIONS} regions; the table has {len(file.rows)}: the file is cut off."
        raise BadInput(what, where=file.path.name, remedy="Take it again from FreeSurfer's folder.")
    areas = {name: file.number(name, "SurfArea") for name in file.rows}
    area = sum(areas.values())
    if area == 0:
        raise BadInput("No region has an area.", where=file.path.name, remedy="The surface failed; look at the scan.")
    return sum(file.number(name, "ThickAvg") * areas[name] for name in file.rows), area


def _mean(side: str, volume: float, area: float, *, files: Sequence[StatsFile]) -> Measure:
    told = [
        f"FreeSurfer's own mean over vertices ({file.hemi}) is {file.measures['MeanThickness'][0]:g} mm."
        for file in files
        if "MeanThickness" in file.measures
    ]
    told += [
        f"The regions are {100 * share:.1f}% of the white surface ({file.hemi})."
        for file in files
        if (share := _covered(file)) is not None
    ]
    return Measure(
        name="cortical_thickness_mean",
        of=side,
        value=volume / area,
        unit="mm",
        n=sum(len(file.rows) for file in files),
        parameters=settings(
            weights="SurfArea",
            annotation=", ".join(file.annotation or "not said" for file in files),
            freesurfer=files[0].version or "not said",
        ),
        quality=tuple(told),
    )


def _covered(file: StatsFile) -> float | None:
    whole = file.measures.get("WhiteSurfArea")
    return None if whole is None or whole[0] == 0 else _area(file) / whole[0]


def _area(file: StatsFile) -> float:
    return sum(file.number(name, "SurfArea") for name in file.rows)


def _same_regions(one: StatsFile, other: StatsFile) -> None:
    gap = sorted(set(one.rows) ^ set(other.rows))
    if gap:
        what = f"Only one hemisphere has {', '.join(gap[:6])}: a file is cut off, or they are of two parcellations."
        raise BadInput(what, where=f"{one.path.name}, {other.path.name}", remedy="Give both of one parcellation.")


def _regions(file: StatsFile) -> list[Measure]:
    told = settings(annotation=file.annotation or "not said", freesurfer=file.version or "not said")
    return [
        Measure(
            name="cortical_thickness",
            of=f"{file.hemi} {name}",
            value=file.number(name, "ThickAvg"),
            unit="mm",
            n=1,
            parameters=told,
        )
        for name in file.rows
    ]
