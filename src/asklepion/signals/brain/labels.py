"""Which network each parcel belongs to, by a table; and the table of confounds that goes with a recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats
from asklepion.signals.brain.series import listed
from asklepion.signals.brain.tables import rows_of

_NAMES = ("name", "label", "parcel", "region", "roi")
_NETWORKS = ("network", "network_label", "networks", "network_name")
_NONE = ("", "n/a", "none", "nan")
_MOTION = "framewise_displacement"


@dataclass(frozen=True, slots=True)
class Labels:
    """A table of parcels in its order: `numbers` (empty where it has no `index`), `names` and `networks` of each."""

    numbers: tuple[str, ...]
    names: tuple[str, ...]
    networks: tuple[str, ...]


def read_labels(file: Path) -> Labels:
    """Return the labels of a TSV or CSV with headings: `network`, and `name` or `label`, and `index`; also *_dseg.tsv.

    A network that is empty or n/a is none. Raises BadInput for a table without a network or a name for each parcel.
    """
    if not file.is_file():
        raise BadInput("There is no such file.", where=str(file), remedy="Give a table: index, name, network.")
    heads, lines = rows_of(file)
    lower = [each.lower() for each in heads]
    network, name = _column(lower, _NETWORKS), _column(lower, _NAMES)
    if network is None:
        what = f"It has no column for the network; it has {listed(heads) or 'no headings'}."
        raise BadInput(what, where=str(file), remedy=f"Head it with one of {', '.join(_NETWORKS)}.")
    cells = [each for _, each in lines]
    number = [each[lower.index("index")] for each in cells] if "index" in lower else []
    names = [each[name] for each in cells] if name is not None else number
    if not names:
        raise BadInput("It names no parcels.", where=str(file), remedy="Head a column with `name`, `label` or `index`.")
    for known in (names, number):
        twice = [each for each in dict.fromkeys(known) if known.count(each) > 1]
        if twice:
            what = f"Parcels come twice: {listed(twice)}."
            raise BadInput(what, where=str(file), remedy="Give one row for each parcel.")
    networks = ["" if each[network].lower() in _NONE else each[network] for each in cells]
    if not any(networks):
        raise BadInput("No parcel has a network.", where=str(file), remedy="Fill in the column of the network.")
    return Labels(tuple(number), tuple(names), tuple(networks))


def matched(labels: Labels, names: Sequence[str], *, parcels: int, where: str) -> tuple[Labels, tuple[str, ...]]:
    """Return the labels of a recording's parcels in their order, with words on how they were matched.

    By name, or by the numbers of an atlas; a recording without names goes by order, and the counts have to be the same.
    Raises BadInput, with both counts and the first names that miss, where a parcel has no label.
    """
    if not names:
        if len(labels.names) != parcels:
            what = f"There are {parcels} parcels and {len(labels.names)} labels."
            raise BadInput(what, where=where, remedy="Give the labels of this parcellation, in its order.")
        return labels, ("Labels go by order: the recording does not name its parcels.", *_alone(labels))
    keys = labels.numbers if set(names) <= set(labels.numbers) else labels.names
    places = {name: place for place, name in enumerate(keys)}
    missing = [each for each in names if each not in places]
    if missing:
        what = (
            f"There are {len(names)} parcels and {len(labels.names)} labels; {len(missing)} parcels have none: "
            f"{listed(missing)}."
        )
        raise BadInput(what, where=where, remedy="Give the labels of this parcellation, by the same names.")
    at = [places[each] for each in names]
    numbers = tuple(labels.numbers[each] for each in at) if labels.numbers else ()
    found = Labels(numbers, tuple(labels.names[each] for each in at), tuple(labels.networks[each] for each in at))
    spare = len(labels.names) - len(at)
    words = (f"{spare} labels are of no parcel of this recording.",) if spare else ()
    return found, (*words, *_alone(found))


def _alone(labels: Labels) -> tuple[str, ...]:
    alone = sum(1 for each in labels.networks if not each)
    return (f"{alone} parcels are in no network.",) if alone else ()


def read_displacement(file: Path) -> Floats:
    """Return framewise displacement in mm of each volume, by a table of confounds; the first may be n/a (NaN).

    Raises BadInput for a table without that column.
    """
    if not file.is_file():
        raise BadInput(
            "There is no such file.", where=str(file), remedy="Give fMRIPrep's *_desc-confounds_timeseries.tsv."
        )
    heads, lines = rows_of(file)
    if _MOTION not in heads:
        what = f"It has no column {_MOTION}; it has {listed(heads) or 'no headings'}."
        raise BadInput(what, where=str(file), remedy="Give fMRIPrep's confounds, or XCP-D's motion.tsv.")
    at = heads.index(_MOTION)
    try:
        return np.array([float("nan") if cells[at].lower() in _NONE else float(cells[at]) for _, cells in lines])
    except ValueError as error:
        raise BadInput(f"{_MOTION}: {error}.", where=str(file), remedy="Give numbers in mm.") from error


def _column(heads: Sequence[str], known: Sequence[str]) -> int | None:
    return next((heads.index(each) for each in known if each in heads), None)
