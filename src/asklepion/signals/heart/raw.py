"""A signal in which beats are to be found: what it is, which channel was taken, and what its file said of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.signals.arrays import Floats


class Kind(StrEnum):
    """What a signal is of."""

    ECG = "ecg"
    PPG = "ppg"


IN_WORDS = {Kind.ECG: "an electrocardiogram", Kind.PPG: "a pulse wave"}
# Leads as EDF files and the databases of PhysioNet name them; a number is told by rates, not by these.
_LEAD = re.compile(r"i{1,3}|av[rlf]|v[1-9]?r?|ml?(i{1,3}|[1-5])|mv[1-9]|mcl[1-6]|cm[1-5]|cc[1-5]|ecg.*|ekg.*", re.I)
_ECG = re.compile(r"\b(ecg|ekg)|electrocardio", re.IGNORECASE)
_PPG = re.compile(r"\b(ppg|bvp|pleth)|plethysmo|pulse[ _-]?(wave|oximet)|blood volume pulse", re.IGNORECASE)
_RATE = re.compile(r"rate|\bhr\b|\bbpm\b", re.IGNORECASE)
# Units that a potential has; an empty one, steps of a converter and BIDS' `n/a` say nothing.
_POTENTIAL = frozenset({"v", "mv", "uv", "µv", "μv", "nv", "volt", "millivolt", "microvolt"})
_SAYS_NOTHING = frozenset({"", "adu", "nu", "n/a", "a.u.", "au", "arbitrary", "v/v"})
_SHOWN = 24


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One channel, NaN where nothing was recorded; `words` say how it was read, `files` what it rests on."""

    values: Floats
    sampling_hz: float
    kind: Kind
    name: str
    words: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.values) / self.sampling_hz


@dataclass(frozen=True, slots=True)
class Channel:
    """Which of a file's channels is taken, what it is, and how that was settled."""

    place: int
    kind: Kind
    words: str


def kind_of(name: str, described: str = "") -> Kind | None:
    """Return what a channel is by its name, else by its description; None where neither says.

    >>> kind_of("MLII"), kind_of("PLETH"), kind_of("cardiac"), kind_of("cardiac", "ECG, lead II"), kind_of("pulse rate")
    (<Kind.ECG: 'ecg'>, <Kind.PPG: 'ppg'>, None, <Kind.ECG: 'ecg'>, None)
    """
    for text in (name, described):
        if not text or _RATE.search(text):
            continue
        if _PPG.search(text):
            return Kind.PPG
        if _ECG.search(text) or (text is name and _LEAD.fullmatch(text.strip())):
            return Kind.ECG
    return None


def asked_kind(signal: str | None) -> Kind | None:
    """Return the kind that somebody named. Raises BadInput for a word that is neither."""
    if signal is None:
        return None
    if signal not in set(Kind):
        raise BadInput(f"There is no signal {signal}.", where="--signal", remedy="Known: ecg, ppg.")
    return Kind(signal)


def choose(
    names: Sequence[str],
    *,
    channel: str | None,
    signal: str | None,
    where: str,
    described: Sequence[str] = (),
) -> Channel:
    """Return the channel that is named, else the first ECG, else the first pulse wave, with the others in words.

    What it is says `signal`, else its name or description: it is never guessed. Raises BadInput where there is no such
    channel or nobody says what it is; the channels are listed.
    """
    wanted = asked_kind(signal)
    told = [kind_of(name, text) for name, text in zip(names, described or [""] * len(names), strict=True)]
    place = _named(names, channel, where) if channel is not None else _first(names, told, wanted, where)
    kind = wanted or told[place]
    if kind is None:
        what = f"Nobody says whether {names[place]} is an ECG or a pulse wave."
        raise BadInput(what, where=where, remedy="Say it: --signal ecg or --signal ppg; in a plan, `signal: ecg`.")
    others = [name for number, name in enumerate(names) if number != place]
    words = f"Channel {names[place]} is taken as {IN_WORDS[kind]}"
    if told[place] not in (None, kind):
        words += f", as asked, though its name says {told[place]}"
    elif channel is None and others:
        words += ", for it is the first by its name"
    return Channel(place, kind, f"{words}; other channels: {_listed(others) or 'none'}.")


def check_unit(unit: str, kind: Kind, *, name: str, where: str) -> None:
    """Raise BadInput where an ECG is told in a unit that no potential has. Scale changes no beat, so any other does."""
    plain = unit.strip().lower()
    if kind is Kind.ECG and plain not in _POTENTIAL and plain not in _SAYS_NOTHING:
        what = f"{name} is in {unit}, which is no unit of an electrocardiogram."
        raise BadInput(what, where=where, remedy="Name another channel, or correct the file's unit (mV, uV, V).")


def check_rate(sampling_hz: float, kind: Kind, *, where: str) -> None:
    """Raise BadInput where a rate is none, or too low for the filter that finds beats (30 Hz for ECG, 8 for pulse)."""
    least = {Kind.ECG: 60.0, Kind.PPG: 16.0}[kind]
    if not sampling_hz > least:
        what = f"{sampling_hz:g} samples a second are too few: beats in {IN_WORDS[kind]} need more than {least:g}."
        raise BadInput(what, where=where, remedy="Look at the rate that was given, or record faster.")


def _named(names: Sequence[str], channel: str, where: str) -> int:
    found = [place for place, name in enumerate(names) if name == channel]
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} channels are named {channel}." if found else f"There is no channel {channel}."
    raise BadInput(what, where=where, remedy=f"Channels: {_listed(names)}.")


def _first(names: Sequence[str], told: Sequence[Kind | None], wanted: Kind | None, where: str) -> int:
    for kind in (wanted,) if wanted else (Kind.ECG, Kind.PPG):
        if kind in told:
            return told.index(kind)
    if len(names) == 1:
        return 0
    what = (
        f"No channel's name says that it is {IN_WORDS[wanted] if wanted else 'an electrocardiogram or a pulse wave'}."
    )
    remedy = f"Name one with --channel, and with --signal what it is. Channels: {_listed(names)}."
    raise BadInput(what, where=where, remedy=remedy)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
