"""A recording of a heart from any file that is read here: its intervals, and how they came about."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.signals.heart import edf, files, physio, records, tables
from asklepion.signals.heart.asked import Asked
from asklepion.signals.heart.beats import Beats, beats
from asklepion.signals.heart.intervals import Intervals
from asklepion.signals.heart.raw import IN_WORDS, Kind, Signal, kind_of

_DETECTOR = {Kind.ECG: "sleepecg", Kind.PPG: "two moving averages [elgendi2013]"}


@dataclass(frozen=True, slots=True)
class Recording:
    """Intervals with their marks; `words` say what was read, found and left out; `files` are what they rest on."""

    intervals: Intervals
    words: tuple[str, ...]
    files: tuple[Path, ...]


def read(path: Path, asked: Asked | None = None) -> Recording:
    """Return the intervals of a file: WFDB, EDF, BDF, BIDS physio, a table of raw signals, or intervals as text.

    A table is one of raw signals where a channel, a signal or a rate was asked, or where its heading says ECG or pulse
    and names no intervals. Raises BadInput for what cannot be taken as it is.
    """
    asked = asked or Asked()
    suffix = path.suffix.lower()
    if suffix == ".atr" or (asked.annotations and records.is_record(path)):
        found, words = records.annotated(path)
        return Recording(found, words, (path if suffix == ".atr" else records.record(path).with_suffix(".atr"),))
    if asked.annotations:
        remedy = "Name a WFDB record that has an .atr."
        raise BadInput("Annotated beats are of WFDB records.", where=str(path), remedy=remedy)
    if physio.is_physio(path):
        held = physio.read(path, asked)
        return _of(held) if isinstance(held, Signal) else Recording(*held, (path,))
    if suffix in (".edf", ".bdf"):
        return _of(edf.read(path, asked))
    if records.is_record(path):
        return _of(records.read(path, asked))
    if asked.raw or _says_raw(path):
        return _of(tables.read(path, asked))
    return Recording(files.read(path, unit=asked.unit, column=asked.column), (), (path,))


def _says_raw(path: Path) -> bool:
    """Say whether a table's heading names an ECG or a pulse wave, and no intervals."""
    if path.suffix.lower() not in (".csv", ".tsv") or not path.is_file():
        return False
    names = tables.headings(path)
    return any(kind_of(name) for name in names) and not any(files.names_intervals(name) for name in names)


def _of(signal: Signal) -> Recording:
    try:
        found = beats(signal)
        told = found.intervals()
    except BadInput as error:
        where = f"{signal.files[0]}, {error.where}" if signal.files else error.where
        raise BadInput(error.what, where=where, remedy=error.remedy) from error
    return Recording(told, (*signal.words, *_words(signal, found)), signal.files)


def _words(signal: Signal, found: Beats) -> tuple[str, ...]:
    first, last = float(found.at_s[0]), float(found.at_s[-1])
    told = [f"{len(found.at_s)} beats by {_DETECTOR[signal.kind]}, the first at {first:.3f} s."]
    if found.turned:
        told.append(f"The signal points down and was turned over: {IN_WORDS[signal.kind]} with a trough for a peak.")
    usual = float(np.median(np.diff(found.at_s)))
    for length, where in ((first, "before the first beat"), (signal.seconds - last, "after the last beat")):
        if length > max(3.0, 3 * usual):
            told.append(f"{length:.1f} s {where} hold no beat and belong to no window.")
    for why in dict.fromkeys(each.why for each in found.stretches):
        every = [each for each in found.stretches if each.why == why]
        seconds = sum(each.end - each.begin for each in every) / found.sampling_hz
        much = f"{len(every)} beats" if why == "faint" else f"{seconds:.2f} s in {_many(len(every), 'stretch')}"
        told.append(f"{why}: {much}; intervals that touch them are marked `signal`.")
    return tuple(told)


def _many(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}es"
