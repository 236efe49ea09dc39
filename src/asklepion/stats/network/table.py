"""Trials of a network read from a table: comparisons, one row an arm, or one row a trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pandas as pd

from asklepion.core.errors import BadInput, BadRow
from asklepion.stats.columns import LeftOut, is_number
from asklepion.stats.meta.table import marks as marks_of
from asklepion.stats.network.trial import Contrast, Trial, from_contrasts, log_odds, log_risks, means
from asklepion.stats.tables import Table, read_csv


class Kind(StrEnum):
    """What effects are: as `given`, log odds ratios, log risk ratios, or differences of means."""

    GIVEN = "given"
    OR = "or"
    RR = "rr"
    MD = "md"

    @property
    def ratio(self) -> bool:
        """Tell whether effects are logarithms."""
        return self in (Kind.OR, Kind.RR)


@dataclass(frozen=True, slots=True)
class Trials:
    """Trials of a table, and rows that were not used, with why."""

    source: Table
    trials: tuple[Trial, ...]
    kind: Kind
    left_out: tuple[LeftOut, ...]


_CONTRASTS = (("treat1", "treat2", "TE", "seTE"), ("treatment", "control", "effect", "se"))
_STUDY = ("study", "studlab", "trial", "author", "id", "Study")
_TREATMENT = ("treatment", "trt", "treat", "arm")
_EVENTS = ("events", "event", "r", "xi", "exac", "death", "stroke")
_PEOPLE = ("n", "total", "N", "ni", "randomized")
_MEAN, _SD = ("mean", "mi", "y"), ("sd", "sdi")
_FIRST = ("treat1", "Treatment1", "treatment1", "t1")


def read_trials(
    path: Path, *, study: str | None = None, kind: Kind | None = None, retracted: Mapping[str, str] | None = None
) -> Trials:
    """Give the trials of a CSV file in one of three shapes, told apart by the names of columns.

    Comparisons: study, treat1, treat2, TE, seTE (or treatment, control, effect, se); arms: study, treatment and events,
    n or mean, sd, n; wide: treat1, event1, n1, treat2 ... or treat1, mean1 (y1), sd1, n1. A trial is retracted where a
    column `retracted` says so or where its `doi` is a key of `retracted`. A trial in which nobody or everybody had the
    event is left out of ratios and told. Raises BadInput where no shape fits, BadRow for what is no number.
    """
    labels = [each for each in (study, *_STUDY, *_TREATMENT, "control", "retracted") if each]
    labels += [f"{name[:-1]}{place}" for name in _FIRST for place in range(1, 10)]
    source = read_csv(path, labels=labels)
    rows = source.rows
    if study is not None and study not in rows.columns:
        raise BadInput(f"There is no column {study}.", where=str(path), remedy=f"It has {', '.join(rows.columns)}.")
    label = study or _first(rows, _STUDY)
    marks = marks_of(rows, retracted or {})
    for names in _CONTRASTS:
        if label and all(name in rows.columns for name in names):
            return _compared(source, label, names, marks)
    if _first(rows, _FIRST):
        arms = _wide(rows, label, marks, path)
    elif label and _first(rows, _TREATMENT):
        arms = _long(rows, label, marks, path)
    else:
        raise BadInput(
            f"Its columns ({', '.join(map(str, rows.columns))}) are no trials.",
            where=str(path),
            remedy="Name them study, treatment, events, n; or study, treatment, mean, sd, n; or study, treat1, treat2, "
            "TE, seTE.",
        )
    return _built(source, arms, kind)


@dataclass(frozen=True, slots=True)
class _Arms:
    """Arms of trials by label: (treatment, events, people) or (treatment, mean, sd, people); and rows left out."""

    trials: dict[str, list[tuple[str, tuple[float, ...]]]]
    marks: dict[str, str]
    counts: bool
    left_out: list[LeftOut]


def _first(rows: pd.DataFrame, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in rows.columns), "")


def _compared(source: Table, label: str, names: tuple[str, ...], marks: list[str]) -> Trials:
    rows = source.rows
    numbers = names[2:]
    usable = rows[[label, *names]].notna().all(axis=1).to_numpy()
    left_out = [LeftOut(f"{label}, {', '.join(names)} is missing", int((~usable).sum()))] if not usable.all() else []
    _checked(rows[usable], numbers, source.path)
    contrasts = [
        Contrast(str(each[0]), str(each[1]), str(each[2]), float(each[3]), float(each[4]), mark)
        for each, mark, use in zip(rows[[label, *names]].to_numpy(), marks, usable, strict=True)
        if use
    ]
    return Trials(source, from_contrasts(contrasts), Kind.GIVEN, tuple(left_out))


def _long(rows: pd.DataFrame, label: str, marks: list[str], path: Path) -> _Arms:
    treatment, people = _first(rows, _TREATMENT), _first(rows, _PEOPLE)
    events, mean, sd = _first(rows, _EVENTS), _first(rows, _MEAN), _first(rows, _SD)
    values = (events, people) if events else (mean, sd, people)
    if not all(values):
        raise BadInput("An arm needs events and n, or mean, sd and n.", where=str(path), remedy="Add these columns.")
    usable = rows[[label, treatment, *values]].notna().all(axis=1).to_numpy()
    _checked(rows[usable], values, str(path))
    arms = _Arms({}, {}, bool(events), [])
    if not usable.all():
        arms.left_out.append(LeftOut(f"{', '.join((label, treatment, *values))} is missing", int((~usable).sum())))
    kept = rows[usable]
    marked = [mark for mark, use in zip(marks, usable, strict=True) if use]
    for name, what, each, mark in zip(kept[label], kept[treatment], kept[list(values)].to_numpy(), marked, strict=True):
        arms.trials.setdefault(str(name), []).append((str(what), tuple(map(float, each))))
        arms.marks[str(name)] = arms.marks.get(str(name), "") or mark
    return arms


def _wide(rows: pd.DataFrame, label: str, marks: list[str], path: Path) -> _Arms:
    stem = _first(rows, _FIRST)[:-1]
    counts = "event1" in rows.columns or "events1" in rows.columns
    events = "events" if "events1" in rows.columns else "event"
    stems = (events, "n") if counts else ("mean" if "mean1" in rows.columns else "y", "sd", "n")
    arms = _Arms({}, {}, counts, [])
    place = 1
    while f"{stem}{place}" in rows.columns:
        names = [f"{each}{place}" for each in stems]
        absent = [name for name in names if name not in rows.columns]
        if absent:
            raise BadInput(f"There is no column {', '.join(absent)}.", where=str(path), remedy="Add it.")
        part = rows[rows[names].notna().all(axis=1) & rows[f"{stem}{place}"].notna()]
        _checked(part, tuple(names), str(path))
        kept = part[[f"{stem}{place}", *names]].to_numpy()
        for line, (treatment, *values) in zip(part.index, kept, strict=True):
            name = str(rows.at[line, label]) if label else f"line {line}"
            arms.trials.setdefault(name, []).append((str(treatment), tuple(map(float, values))))
        place += 1
    for line, mark in zip(rows.index, marks, strict=True):
        arms.marks[str(rows.at[line, label]) if label else f"line {line}"] = mark
    return arms


def _built(source: Table, arms: _Arms, kind: Kind | None) -> Trials:
    kind = kind or (Kind.OR if arms.counts else Kind.MD)
    if arms.counts != kind.ratio:
        held = "events and people" if arms.counts else "means"
        raise BadInput(f"It holds {held}: {kind} needs others.", where=source.path, remedy="Choose another measure.")
    trials, left_out = [], arms.left_out
    for name, each in arms.trials.items():
        mark = arms.marks.get(name, "")
        if len(each) < 2:
            left_out.append(LeftOut(f"{name} has one arm", 1))
            continue
        if not arms.counts:
            trials.append(means(name, [(t, v[0], v[1], int(v[2])) for t, v in each], retracted=mark))
            continue
        counts = [(t, _whole(name, v[0]), _whole(name, v[1])) for t, v in each]
        total = sum(e for _, e, _ in counts)
        if total in (0, sum(n for *_, n in counts)):
            left_out.append(LeftOut(f"in {name} {'nobody' if total == 0 else 'everybody'} had the event", len(each)))
            continue
        trials.append((log_odds if kind is Kind.OR else log_risks)(name, counts, retracted=mark))
    return Trials(source, tuple(trials), kind, tuple(left_out))


def _whole(trial: str, value: float) -> int:
    if value != int(value) or value < 0:
        raise BadInput(f"{value} is no count of people.", where=trial, remedy="Give whole numbers.")
    return int(value)


def _checked(rows: pd.DataFrame, names: tuple[str, ...], path: str) -> None:
    for name in names:
        if len(rows) and not is_number(rows[name]):
            wrong = rows[pd.to_numeric(rows[name], errors="coerce").isna()]
            shown = wrong if len(wrong) else rows
            what = f"{shown[name].iloc[0]!r} is not a number."
            raise BadRow(what, file=path, line=int(shown.index[0]), column=name, remedy="Correct it or leave it empty.")
