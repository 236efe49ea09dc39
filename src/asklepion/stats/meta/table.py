"""Studies read from a table: effects, means or counts of two arms, or a file of the Metapsy databases."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import pandas as pd

from asklepion.core.errors import BadInput, BadRow
from asklepion.stats.columns import LeftOut, is_number
from asklepion.stats.meta import metapsy
from asklepion.stats.meta.levels import Nested
from asklepion.stats.meta.study import (
    Cells,
    Means,
    Study,
    Zero,
    hedges_g,
    mean_difference,
    odds_ratio,
    risk_difference,
    risk_ratio,
)
from asklepion.stats.tables import Table, read_csv


class Kind(StrEnum):
    """What is computed from means (`smd`, `md`) or counts (`rr`, `or`, `rd`); `given` takes effects as they stand."""

    GIVEN = "given"
    SMD = "smd"
    MD = "md"
    RR = "rr"
    OR = "or"
    RD = "rd"

    @property
    def ratio(self) -> bool:
        """Tell whether the effect is a logarithm."""
        return self in (Kind.RR, Kind.OR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a table is read. `measure` None: what the columns hold. `keep_retracted` counts them as if they stood.

    `selection` says which rows of a Metapsy file; `leave_out` are labels of studies.
    """

    study: str = "study"
    measure: Kind | None = None
    zero: Zero = Zero.PEOPLE
    keep_retracted: bool = False
    leave_out: tuple[str, ...] = ()
    selection: metapsy.Selection = field(default_factory=metapsy.Selection)


@dataclass(frozen=True, slots=True)
class Studies:
    """Studies of a table, each with its row in `rows`, in the same order; rows that were not used, and why."""

    source: Table
    studies: tuple[Study, ...]
    rows: pd.DataFrame
    measure: Kind
    left_out: tuple[LeftOut, ...]
    reading: str


_EFFECTS = (("yi", "vi"), ("yi", "sei"), ("effect", "variance"), ("effect", "se"), ("g", "se"), (".g", ".g_se"))
_MEANS = (
    ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
    ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2"),
)
_COUNTS = (("ai", "n1i", "ci", "n2i"), ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"))
_CELLS = (("ai", "bi", "ci", "di"), ("tpos", "tneg", "cpos", "cneg"))
_VARIANCES = ("vi", "variance")
_OF_COUNTS = (Kind.RR, Kind.OR, Kind.RD)


def read_studies(path: Path, *, reading: Reading | None = None, retracted: Mapping[str, str] | None = None) -> Studies:
    """Give the studies of a CSV or a Metapsy file (semicolons, decimal commas).

    A row is retracted where its column `retracted` says so (when, where, or yes), or where its `doi` is a key of
    `retracted`. Raises BadInput where no known set of columns is there, BadRow for a value that is no number.
    """
    reading = reading or Reading()
    source, is_metapsy = _source(path, reading.study)
    rows, told = source.rows, ""
    left_out: list[LeftOut] = []
    if reading.study not in rows.columns:
        raise BadInput(
            f"There is no column {reading.study}.", where=str(path), remedy=f"It has {_named(rows)}; say --study."
        )
    measure, default = reading.measure, reading.measure
    if is_metapsy:
        rows, left_out = metapsy.select(rows, reading.selection)
        told = metapsy.told(reading.selection)
        default = measure or (Kind.RR if reading.selection.counts else Kind.GIVEN)
    rows, more = _without(rows, reading)
    left_out = [*left_out, *more]
    names, measure = _columns_of(rows, default, path)
    usable = rows[list(names)].notna().all(axis=1) & rows[reading.study].notna()
    if (~usable).any():
        left_out.append(LeftOut(f"{', '.join(names)} or {reading.study} is missing", int((~usable).sum())))
        rows = rows[usable]
    if rows.empty:
        raise BadInput("No row is left to pool.", where=str(path), remedy=_why(left_out))
    _numbers(rows, names, path)
    make = _maker(names, measure, reading.zero)
    marked = [""] * len(rows) if reading.keep_retracted else marks(rows, retracted or {})
    studies = tuple(
        make(str(label), [float(x) for x in values], mark)
        for label, values, mark in zip(rows[reading.study], rows[list(names)].to_numpy(), marked, strict=True)
    )
    return Studies(source, studies, rows, measure, tuple(left_out), told)


def _source(path: Path, study: str) -> tuple[Table, bool]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"It cannot be read: {error.strerror}.", where=str(path), remedy="Look at the path.") from error
    head = content.split(b"\n", 1)[0].decode("utf-8-sig", "replace")
    if head.count(";") <= head.count(","):
        return read_csv(path, labels=[study]), False
    rows = metapsy.read(content, path)
    return Table(rows, str(path), hashlib.sha256(content).hexdigest()), metapsy.is_metapsy(rows)


def _named(rows: pd.DataFrame) -> str:
    shown = [str(name) for name in rows.columns[:12]]
    return ", ".join(shown) + (" and more" if len(rows.columns) > len(shown) else "")


def _without(rows: pd.DataFrame, reading: Reading) -> tuple[pd.DataFrame, list[LeftOut]]:
    labels = rows[reading.study].astype("string")
    stray = [name for name in reading.leave_out if not (labels == name).any()]
    if stray:
        raise BadInput(f"No study is called {', '.join(stray)}.", where="leave out", remedy="Write it as in the table.")
    gone = labels.isin(reading.leave_out).to_numpy(dtype=bool)
    told = [LeftOut(f"{name} was left out as asked", int((labels == name).sum())) for name in reading.leave_out]
    return rows[~gone], told


def _why(left_out: list[LeftOut]) -> str:
    return " ".join(f"{each.rows} rows left out: {each.why}." for each in left_out) or "Look at the table."


def _columns_of(rows: pd.DataFrame, measure: Kind | None, path: Path) -> tuple[tuple[str, ...], Kind]:
    choices: list[tuple[tuple[tuple[str, ...], ...], Kind]] = []
    if measure in (None, Kind.GIVEN):
        choices.append((_EFFECTS, Kind.GIVEN))
    if measure in (None, Kind.SMD, Kind.MD):
        choices.append((_MEANS, measure or Kind.SMD))
    if measure is None or measure in _OF_COUNTS:
        choices.append(((*_COUNTS, *_CELLS), measure or Kind.RR))
    for sets, found in choices:
        for names in sets:
            if all(name in rows.columns for name in names):
                return names, found
    known = "; ".join(", ".join(names) for sets, _ in choices for names in sets)
    raise BadInput(f"It has no columns to pool: {_named(rows)}.", where=str(path), remedy=f"Name them {known}.")


def _numbers(rows: pd.DataFrame, names: tuple[str, ...], path: Path) -> None:
    for name in names:
        if not is_number(rows[name]):
            wrong = rows[pd.to_numeric(rows[name], errors="coerce").isna()]
            line = int((wrong if len(wrong) else rows).index[0])
            value = (wrong if len(wrong) else rows)[name].iloc[0]
            raise BadRow(f"{value!r} is not a number.", file=str(path), line=line, column=name, remedy="Correct it.")


def marks(rows: pd.DataFrame, retracted: Mapping[str, str]) -> list[str]:
    """Give, for each row, what its column `retracted` says, else what is known of its DOI; empty where it stands."""
    no = ("", "no", "0", "false", "n")
    told = rows["retracted"].astype("string").fillna("") if "retracted" in rows else pd.Series("", index=rows.index)
    dois = rows["doi"].astype("string").fillna("") if "doi" in rows else pd.Series("", index=rows.index)
    found = []
    for mark, doi in zip(told, dois, strict=True):
        said = str(mark).strip()
        known = retracted.get(str(doi).strip().lower().removeprefix("https://doi.org/"), "")
        found.append(known if said.lower() in no else "retracted" if said.lower() in ("yes", "1", "true") else said)
    return found


def _maker(names: tuple[str, ...], measure: Kind, zero: Zero) -> Callable[[str, list[float], str], Study]:
    def given(label: str, values: list[float], mark: str) -> Study:
        spread = values[1] if names[1] in _VARIANCES else abs(values[1]) * values[1]
        return Study(label, values[0], spread, mark)

    def of_means(label: str, values: list[float], mark: str) -> Study:
        mean, sd, n, control_mean, control_sd, m = values
        means = Means(mean, sd, int(n), control_mean, control_sd, int(m))
        make = hedges_g if measure is Kind.SMD else mean_difference
        return make(label, means, retracted=mark)

    def of_counts(label: str, values: list[float], mark: str) -> Study:
        if any(value != int(value) or value < 0 for value in values):
            raise BadInput(f"{values} are no counts.", where=label, remedy="Give whole numbers of people.")
        a, n, c, m = (int(value) for value in values)
        cells = Cells(a, a + n, c, c + m) if names in _CELLS else Cells(a, n, c, m)
        if measure is Kind.RR:
            return risk_ratio(label, cells, zero=zero, retracted=mark)
        return (odds_ratio if measure is Kind.OR else risk_difference)(label, cells, retracted=mark)

    if measure is Kind.GIVEN:
        return given
    return of_means if measure in (Kind.SMD, Kind.MD) else of_counts


def labels_of(found: Studies, column: str) -> list[str]:
    """Give a column as text, one a study. Raises BadInput where it is not there or has a gap."""
    values = _column(found, column).astype("string")
    if values.isna().any():
        raise BadInput(f"{int(values.isna().sum())} studies have no {column}.", where=column, remedy="Fill it in.")
    return [str(each) for each in values]


def numbers_of(found: Studies, columns: tuple[str, ...]) -> dict[str, list[float]]:
    """Give columns as numbers, one a study. Raises BadInput where one is not there, no number, or has a gap."""
    told = {}
    for name in columns:
        values = pd.to_numeric(_column(found, name), errors="coerce")
        if values.isna().any():
            lines = ", ".join(str(line) for line in found.rows.index[values.isna()][:5])
            raise BadInput(f"No number in line {lines}.", where=f"column {name}", remedy="Fill it in, or leave it out.")
        told[name] = [float(each) for each in values]
    return told


def nested(found: Studies) -> tuple[Nested, ...]:
    """Give each row as an effect within its study, labelled by its line."""
    pairs = zip(found.studies, found.rows.index, strict=True)
    return tuple(Nested(each.label, replace(each, label=f"{each.label}, line {line}")) for each, line in pairs)


def _column(found: Studies, name: str) -> "pd.Series[str]":
    if name not in found.rows.columns:
        raise BadInput(f"There is no column {name}.", where=found.source.path, remedy=f"It has {_named(found.rows)}.")
    return found.rows[name]
