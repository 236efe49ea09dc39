"""Physiological recordings of BIDS: a table without heading (`*_physio.tsv.gz`), and the JSON that describes it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats
from asklepion.signals.heart.asked import Asked, same_rate
from asklepion.signals.heart.files import names_intervals
from asklepion.signals.heart.intervals import Intervals, intervals
from asklepion.signals.heart.raw import Signal, asked_kind, check_unit, choose, kind_of
from asklepion.signals.heart.tables import Layout, numbers

CARDIAC = "cardiac"
_SUFFIX = re.compile(r"\.tsv(\.gz)?$", re.IGNORECASE)
_RECORDING = re.compile(r"_recording-([A-Za-z0-9+]+)_")
MOST_FILLED = 1.2
"""Intervals that sum to more than this many times the recording are repeated from row to row (ours)."""


def is_physio(path: Path) -> bool:
    """Say whether a file has a name of BIDS' physiological recordings."""
    return re.search(r"_physio\.tsv(\.gz)?$", path.name) is not None


def read(path: Path, asked: Asked) -> Signal | tuple[Intervals, tuple[str, ...]]:
    """Return a signal, or intervals where the column's name says so, with words [gorgolewski2016].

    The column is the one asked, else `cardiac`, else the first whose name says ECG or pulse, else that of intervals.
    What `cardiac` is says the caller, or the column's Description or LongName, or the file's entity `recording`. Raises
    BadInput without a sidecar that names SamplingFrequency and Columns.
    """
    fields = dict(asked.sidecar) if asked.sidecar else _sidecar(path)
    columns = _columns(fields, path)
    rate = _rate(fields, asked, path)
    name = _wanted(columns, asked, path)
    place = columns.index(name)
    described = fields.get(name)
    own = described if isinstance(described, Mapping) else {}
    values = _column(path, columns, place)
    start = fields.get("StartTime")
    begun = f" It begins {start:g} s from the scan's first volume." if isinstance(start, int | float) and start else ""
    head = f"{path.name}: {len(values) / rate:.1f} s at {rate:g} Hz.{begun}"
    unit = str(own.get("Units", ""))
    if names_intervals(name):
        return _intervals(values, asked.unit or unit, seconds=len(values) / rate, name=name, path=path), (head,)
    if asked.unit is not None:
        what = f"The unit {asked.unit} is one of intervals, and {name} is a raw signal."
        raise BadInput(what, where=str(path), remedy="Leave --unit out, or name the column of intervals.")
    label = _RECORDING.search(path.name)
    texts = [_said(fields.get(each), label[1] if label and each == CARDIAC else "") for each in columns]
    chosen = choose(columns, channel=name, signal=asked.signal, where=str(path), described=texts)
    check_unit(unit, chosen.kind, name=name, where=str(path))
    return Signal(values, rate, chosen.kind, name, (head, chosen.words), (path,))


def _sidecar(path: Path) -> dict[str, object]:
    file = path.with_name(_SUFFIX.sub("", path.name) + ".json")
    if not file.is_file():
        what = f"There is no sidecar {file.name} beside it."
        raise BadInput(what, where=str(path), remedy="Write it, with SamplingFrequency, StartTime and Columns.")
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"It cannot be read as JSON: {error}.", where=str(file), remedy="Correct it.") from error
    if not isinstance(found, dict):
        raise BadInput("A sidecar holds named fields.", where=str(file), remedy='Begin it with "{".')
    return found


def _columns(fields: Mapping[str, object], path: Path) -> list[str]:
    columns = fields.get("Columns")
    if not isinstance(columns, list) or not columns or not all(isinstance(each, str) for each in columns):
        what = "Its sidecar names no Columns, and the table has no heading."
        raise BadInput(what, where=str(path), remedy='Write "Columns": ["cardiac", ...] in the order of the table.')
    return columns


def _rate(fields: Mapping[str, object], asked: Asked, path: Path) -> float:
    rate = fields.get("SamplingFrequency")
    if isinstance(rate, bool) or not isinstance(rate, int | float):
        what = "Its sidecar tells no SamplingFrequency."
        raise BadInput(what, where=str(path), remedy="Write it, in samples a second.")
    return same_rate(asked.sampling_hz, float(rate), path)


def _wanted(columns: list[str], asked: Asked, path: Path) -> str:
    if asked.named is not None:
        if asked.named not in columns:
            what = f"There is no column {asked.named}."
            raise BadInput(what, where=str(path), remedy=f"Columns: {', '.join(columns)}.")
        return asked.named
    kind = asked_kind(asked.signal)
    told = [each for each in columns if kind_of(each) and (kind is None or kind_of(each) is kind)]
    listed = [*(each for each in columns if each == CARDIAC), *told, *filter(names_intervals, columns)]
    if not listed:
        remedy = f"Name the column (--column). Columns: {', '.join(columns)}."
        raise BadInput(f"It has no column {CARDIAC}.", where=str(path), remedy=remedy)
    return listed[0]


def _said(described: object, label: str) -> str:
    own = described if isinstance(described, Mapping) else {}
    return " ".join(str(own[each]) for each in ("LongName", "Description") if each in own) + f" {label}"


def _column(path: Path, columns: list[str], place: int) -> Floats:
    layout = Layout("\t", tuple(columns), 0)
    found: Floats = numbers(path, layout, places=(place,))[0]
    return found


def _intervals(values: Floats, unit: str, *, seconds: float, name: str, path: Path) -> Intervals:
    known = {"ms": 1.0, "s": 1000.0}
    if unit not in known:
        told = f"in {unit}" if unit else "without Units in the sidecar"
        what = f"{name} is {told}; intervals are told in ms or s."
        raise BadInput(what, where=str(path), remedy="Give --unit ms or --unit s, or write Units.")
    kept = values[np.isfinite(values)] * known[unit]
    whole = float(kept.sum()) / 1000
    if whole > MOST_FILLED * seconds:
        what = f"The intervals of {name} sum to {whole:.0f} s in a recording of {seconds:.0f} s."
        remedy = "Write each once, in the row in which it ends, and n/a in the others; or correct the unit."
        raise BadInput(what, where=str(path), remedy=remedy)
    try:
        return intervals(kept)
    except BadInput as error:
        raise BadInput(error.what, where=f"{path}, {name}", remedy=error.remedy) from error
