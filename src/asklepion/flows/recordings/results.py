"""Results as tables and back: what a recording gave is written as TSV and sidecar, and read again for the reports."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from asklepion.core.values import Unscored
from asklepion.exchange import bids
from asklepion.flows.recordings import keeping
from asklepion.flows.recordings.dataset import Recording
from asklepion.flows.recordings.definitions import definition
from asklepion.flows.recordings.keeping import Place
from asklepion.flows.recordings.measuring import Measured, Task
from asklepion.flows.recordings.pictures import Picture
from asklepion.flows.recordings.plan import computed
from asklepion.knowledge.references import references, shipped
from asklepion.signals.measure import Measure

COLUMNS = {
    "name": "The measure. The name says which definition was used; `Measures` in this file tells it.",
    "of": "The part that it was taken of: a channel, a region, a network, a stretch of time; n/a for the whole.",
    "value": "The number; n/a where there is none, and `why` says why.",
    "unit": "The unit (UCUM); 1 for a number without one.",
    "n": "How many samples it rests on.",
    "why": "Why there is no number.",
    "quality": "What to be wary of.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A measure as it was kept."""

    name: str
    of: str
    value: float | None
    unit: str
    n: int
    why: str
    quality: str

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.of


@dataclass(frozen=True, slots=True)
class Result:
    """What was kept of a recording: its rows by name and part, words, pictures, and the source of each measure."""

    recording: Recording
    rows: Mapping[tuple[str, str], Row] = field(hash=False)
    words: tuple[str, ...]
    pictures: tuple[Picture, ...]
    sources: Mapping[str, str] = field(hash=False)
    table: str = ""

    def value(self, key: tuple[str, str]) -> float | None:
        row = self.rows.get(key)
        return row.value if row else None


def keep(where: Place, task: Task, found: Measured, inputs: Mapping[str, str]) -> None:
    """Write what a recording gave: table, pictures, and the sidecar that makes it done."""
    rows = [(each.name, each.of, _number(each), each.unit, each.n, *_words(each)) for each in found.measures]
    pictures = {key: drawn for each in found.pictures for key, drawn in each.files.items()}
    keeping.keep(
        where, table=bids.table(tuple(COLUMNS), rows), pictures=pictures, sidecar=_sidecar(where, task, found, inputs)
    )


def is_done(where: Place, task: Task, inputs: Mapping[str, str]) -> bool:
    """Say whether what is kept rests on the same files, the same plan and the same version, and is whole."""
    found = keeping.kept(where)
    if found is None:
        return False
    made = found.get("Asklepion")
    return isinstance(made, dict) and made == _made(task, inputs)


def read(where: Place, recording: Recording) -> Result:
    """Return what was kept of a recording."""
    sidecar = bids.metadata(where.sidecar.read_text("utf-8"), file=where.sidecar.name)
    rows = [_row(each) for each in bids.rows(where.table.read_text("utf-8"), file=where.table.name)]
    told: dict[str, dict[str, str]] = sidecar["Measures"]  # type: ignore[assignment]
    drawn: list[dict[str, str]] = sidecar["Pictures"]  # type: ignore[assignment]
    pictures = tuple(
        Picture(each["Key"], each["Words"], *(where.picture(key).read_text("utf-8") for key in _keys(each["Key"])))
        for each in drawn
    )
    words: Sequence[str] = sidecar["Words"]  # type: ignore[assignment]
    return Result(
        recording,
        {row.key: row for row in rows},
        tuple(words),
        pictures,
        {name: each.get("Reference", "") for name, each in told.items()},
        where.shown(where.table),
    )


def _keys(key: str) -> tuple[str, ...]:
    return tuple(Picture(key, "", "", "").files)


def _number(each: Measure) -> float | None:
    return None if isinstance(each.value, Unscored) else float(each.value)


def _words(each: Measure) -> tuple[str, str]:
    return each.value.reason if isinstance(each.value, Unscored) else "", " ".join(each.quality)


def _row(cells: Mapping[str, str]) -> Row:
    value = float(cells["value"]) if cells["value"] else None
    n = int(float(cells["n"] or 0))
    return Row(cells["name"], cells["of"], value, cells["unit"], n, cells["why"], cells["quality"])


def _made(task: Task, inputs: Mapping[str, str]) -> dict[str, object]:
    """Return what decides whether a recording is computed again."""
    plan = computed(task.chosen)
    return {
        "Version": keeping.program_version(),
        "PlanSHA256": keeping.digest(plan),
        "Plan": plan,
        "InputSHA256": dict(inputs),
    }


def _sidecar(where: Place, task: Task, found: Measured, inputs: Mapping[str, str]) -> dict[str, object]:
    sources = [f"bids:source:{task.recording.shown}"]
    if task.baseline is not None:
        sources.append(f"bids:source:{task.baseline.shown}")
    pictures = [
        {"Key": each.key, "Files": [where.shown(where.picture(key)) for key in each.files], "Words": each.words}
        for each in found.pictures
    ]
    return {
        "Description": f"Measures of {task.recording.shown}, one in each row.",
        **{name: {"Description": told} for name, told in COLUMNS.items()},
        "Sources": sources,
        "Measures": {name: _told(each) for name, each in _named(found.measures).items()},
        "Words": list(found.words),
        "Pictures": pictures,
        "Asklepion": _made(task, inputs),
    }


def _named(measures: Iterable[Measure]) -> dict[str, list[Measure]]:
    named: dict[str, list[Measure]] = {}
    for each in measures:
        named.setdefault(each.name, []).append(each)
    return named


def _told(same: Sequence[Measure]) -> dict[str, object]:
    """Return what a measure is: its definition, unit and source, and its parameters, by part where they differ."""
    first = same[0]
    source = {"Source": first.source, "Reference": reference(first.source)} if first.source else {}
    alike = all(each.parameters == first.parameters for each in same)
    parameters: dict[str, object] = (
        {"Parameters": dict(first.parameters)}
        if alike
        else {"ParametersOf": {each.of or "whole": dict(each.parameters) for each in same}}
    )
    return {"Definition": definition(first.name), "Units": first.unit, **source, **parameters}


@cache
def _library() -> Mapping[str, str]:
    file = shipped()
    found, _ = references(file.read_text("utf-8"), file.name)
    return {key: " ".join(part for part in (each.text, each.url) if part) for key, each in found.items()}


def reference(source: str) -> str:
    """Return works as text by their keys in docs/references.bib; empty where there are none."""
    told = (_library().get(key, "") for key in re.split(r"[,;\s]+", source))
    return " ".join(each for each in told if each)
