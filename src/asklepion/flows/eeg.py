"""EEG and MEG: a file in, the measures of a plan out, with the hash of the file and in words what was left out."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.signals.eeg import files, measures, positions, prepare, whole
from asklepion.signals.eeg.kinds import EEG, KINDS
from asklepion.signals.eeg.plan import BANDS, DETAILS, TEN_TWENTY, Band, EegPlan
from asklepion.signals.eeg.recording import Recording
from asklepion.signals.eeg.regions import read_regions, regions_of
from asklepion.signals.eeg.sensors import OF_ANOTHER_KIND
from asklepion.signals.measure import Measure, as_json

__all__ = [
    "BANDS",
    "DETAILS",
    "TEN_TWENTY",
    "Band",
    "Eeg",
    "EegPlan",
    "as_json",
    "eeg",
    "known_measures",
    "limit_of",
    "plan_of",
    "read_plan",
    "read_regions",
]

_MOST_NAMED = 8
known_measures = measures.known_measures


@dataclass(frozen=True, slots=True)
class Eeg:
    """The measures of a recording, the SHA-256 of its file (of several: one after the other), where its sensors lie.

    `recording_words` say what was read, done and left out. `positions` are channel -> (right, front) on the disc seen
    from above, with the nose up and the ring of the 10-20 system as the unit circle.
    """

    sha256: str
    measures: tuple[Measure, ...]
    recording_words: tuple[str, ...]
    positions: tuple[tuple[str, tuple[float, float]], ...] = ()


def eeg(file: Path, *, plan: EegPlan | None = None) -> Eeg:
    """Return the measures of a plan (EegPlan's own where none is given). Raises BadInput for what cannot be taken."""
    asked = plan or EegPlan()
    measures.check_names(asked.measures)
    wanted = asked.channels and (*asked.channels, *_named_reference(asked))
    found = files.read(file, sampling_hz=asked.sampling_hz, unit=asked.unit, channels=tuple(wanted), kind=asked.sensors)
    try:
        epochs = prepare.prepare(found, asked)
        told = measures.measures(epochs, asked, regions=regions_of(epochs.names, asked.regions))
    except BadInput as error:
        place = f"{file}, {error.where}" if error.where else str(file)
        raise BadInput(error.what, where=place, remedy=error.remedy) from error
    placed, whose = positions.on_disc(found)
    count = f"{len(epochs.numbers)} epochs of {epochs.samples / epochs.sampling_hz:g} s, {len(epochs.names)} channels."
    parts = found.files or whole.parts(file)
    hashed = (f"SHA-256 is of {', '.join(each.name for each in parts)}, one after the other.",) if parts[1:] else ()
    words = (*found.words, *hashed, *_left_out(found), *_marks(found), *epochs.words, count, whose)
    return Eeg(_hash(parts), told, words, tuple(placed.items()))


def plan_of(told: Mapping[str, object], *, where: str) -> EegPlan:
    """Return the plan of a mapping such as YAML gives, names as EegPlan has them. Raises BadInput with every fault."""
    from pydantic import TypeAdapter, ValidationError

    known = [each.name for each in fields(EegPlan)]
    if unknown := [str(name) for name in told if name not in known]:
        remedy = f"Known: {', '.join(known)}."
        raise BadInput(f"There is no choice {unknown[0]}.", where=where, remedy=remedy)
    try:
        plan = TypeAdapter(EegPlan).validate_python(dict(told))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(at) for at in each['loc'])}: {each['msg']}" for each in error.errors())
        raise BadInput(f"{faults}.", where=where, remedy="See `asklepion eeg --help`.") from error
    except BadInput as error:
        raise BadInput(error.what, where=f"{where}, {error.where}", remedy=error.remedy) from error
    measures.check_names(plan.measures)
    return plan


def limit_of(kind: str) -> str:
    """Return the name of the limit of rejection that belongs to a kind of sensor; of EEG, if there is no such kind."""
    return KINDS.get(kind, EEG).limit


def read_plan(file: Path) -> dict[str, object]:
    """Return the choices of a YAML file as they stand there, for `plan_of`. Raises BadInput."""
    import yaml

    try:
        told = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        raise BadInput(f"The plan cannot be read: {why}.", where=str(file), remedy="Look at the file.") from error
    if not isinstance(told, dict):
        raise BadInput("The plan holds no choices.", where=str(file), remedy="Write one a line, as `epoch_s: 2`.")
    return {str(name): value for name, value in told.items()}


def _named_reference(plan: EegPlan) -> tuple[str, ...]:
    if plan.reference in (None, "average"):
        return ()
    return tuple(each.strip() for each in str(plan.reference).split(","))


def _left_out(found: Recording) -> tuple[str, ...]:
    """Say which channels were left out, by name, those with the same reason together.

    Of many that are of another kind the number and the ends: the kind says which they are.
    """
    reasons: dict[str, list[str]] = {}
    for name, why in found.left_out:
        reasons.setdefault(why, []).append(name)
    return tuple(f"Left out {_named(names, why)}: {why}" for why, names in reasons.items())


def _named(names: list[str], why: str) -> str:
    if len(names) <= _MOST_NAMED or not why.startswith(OF_ANOTHER_KIND):
        return ", ".join(names)
    return f"{len(names)} channels from {names[0]} to {names[-1]}"


def _marks(found: Recording) -> tuple[str, ...]:
    counts = Counter(each.words for each in found.annotations)
    if not counts:
        return ()
    named = ", ".join(f"{words} ({count})" for words, count in counts.most_common(_MOST_NAMED))
    more = f" and {len(counts) - _MOST_NAMED} more kinds" if len(counts) > _MOST_NAMED else ""
    return (f"Marks in the file: {named}{more}.",)


def _hash(parts: tuple[Path, ...]) -> str:
    found = hashlib.sha256()
    for each in parts:
        found.update(each.read_bytes())
    return found.hexdigest()
