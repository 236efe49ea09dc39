"""Brain networks: a file of parcels over time in, measures out, with the hash of the file and what was left out."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.brain import gradients, group, matlab, reading
from asklepion.signals.brain.asked import Asked
from asklepion.signals.brain.connectivity import Connectome, connectome
from asklepion.signals.brain.contrast import Contrast, check_weights, contrast
from asklepion.signals.brain.definitions import definition, stem
from asklepion.signals.brain.parcels import Recording, without_global_signal
from asklepion.signals.brain.reading import Choice, Loaded
from asklepion.signals.brain.report import Both, both
from asklepion.signals.measure import as_json

__all__ = ["Brain", "Choice", "Conditions", "Contrasted", "as_json", "brain", "conditions", "definition", "stem"]

_NOT_EVERYWHERE = Unscored("It is not told of every recording.")


@dataclass(frozen=True, slots=True)
class Brain:
    """The measures of a recording with and without its global signal, and the SHA-256 of its file.

    `words` say what was read and left out. `matrix` and `matrix_without_global_signal` are Fisher z of every pair;
    `gradients` the first two of each, parcels x 2, None where there are too few parcels.
    """

    sha256: str
    both: Both
    words: tuple[str, ...]
    matrix: Connectome
    matrix_without_global_signal: Connectome
    networks: tuple[str, ...]
    gradients: tuple[Floats | None, Floats | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Contrasted:
    """A measure over people and conditions with one choice of global signal: its test, or why there is none."""

    name: str
    of: str
    test: Contrast | Unscored


@dataclass(frozen=True, slots=True)
class Conditions:
    """The tests of every measure of a cell array of people x conditions, with and without global signal."""

    sha256: str
    people: int
    weights: tuple[float, ...]
    with_global_signal: tuple[Contrasted, ...]
    without_global_signal: tuple[Contrasted, ...]
    words: tuple[str, ...]


def brain(
    file: Path,
    *,
    labels: Path | None,
    sampling_hz: float | None,
    confounds: Path | None = None,
    censor_above_mm: float | None = None,
    baseline: Path | None = None,
    baseline_confounds: Path | None = None,
    seeds: int = 50,
    seed: int = 0,
    choice: Choice | None = None,
    baseline_cell: tuple[int, int] | None = None,
    references: Sequence[Path] = (),
    states: int | None = None,
    window_s: float = 100.0,
    lags: int = 1,
) -> Brain:
    """Return the measures of a parcellated recording. Raises BadInput for what cannot be taken as it is.

    `labels` is a table with the network of each parcel; without it there are measures of the whole brain only.
    `sampling_hz` is volumes a second; None takes the file's own. `baseline` is one's own recording from before.
    `choice` says what of the files is read; `baseline_cell` names the baseline's cell where it is another. `references`
    are recordings of a group; the file itself, if it is among them, is left out. `states`, `window_s` and `lags` are
    as in `signals.brain.asked`.
    """
    chosen = choice or Choice()
    _possible(window_s=window_s, seed=seed)
    if baseline is None and baseline_confounds is not None:
        raise BadInput("There is no baseline.", where=str(baseline_confounds), remedy="Give --baseline too.")
    own = reading.load(file, chosen, labels=labels, confounds=confounds, censor_above_mm=censor_above_mm)
    before = None
    if baseline is not None:
        limit = censor_above_mm if baseline_confounds else None
        other = replace(chosen, cell=baseline_cell or chosen.cell)
        if baseline.resolve() == file.resolve() and other.cell == chosen.cell:
            what = "The recording is its own baseline."
            raise BadInput(what, where=str(baseline), remedy="Give another recording, or another cell.")
        before = reading.load(baseline, other, labels=labels, confounds=baseline_confounds, censor_above_mm=limit)
        own, before = reading.shared(own, before, where=str(baseline))
    asked = Asked(
        sampling_hz=reading.rate(own, sampling_hz, str(file)),
        seeds=seeds,
        seed=seed,
        baseline=before.recording if before else None,
        states=states,
        window_s=window_s,
        lags=lags,
    )
    asked, others = _referred(asked, own, file, references, labels=labels, choice=chosen)
    try:
        told = both(own.recording, asked)
        bare = without_global_signal(own.recording)
    except BadInput as error:
        raise reading.placed(error, file) from error
    words = (*own.words, *_moved(own.recording), *((f"Baseline: {each}" for each in before.words) if before else ()))
    matrices = connectome(own.recording, own.names), connectome(bare, own.names)
    laid = (_first_two(matrices[0]), _first_two(matrices[1]))
    return Brain(_hash(file), told, (*words, *others), *matrices, own.recording.networks, laid)


def conditions(
    file: Path,
    weights: tuple[float, ...],
    *,
    labels: Path | None,
    sampling_hz: float | None,
    choice: Choice,
    seeds: int = 50,
    seed: int = 0,
    states: int | None = None,
    window_s: float = 100.0,
    lags: int = 1,
) -> Conditions:
    """Return the test of a contrast of conditions, of a .mat file's cell array of people x conditions.

    Each recording is also told from the mean of the others of its condition, and its gradients are laid on that mean's;
    `states` are made of all recordings together. Raises BadInput for weights that do not fit, and for a cell that
    cannot be taken as it is.
    """
    _possible(window_s=window_s, seed=seed)
    cells = matlab.all_cells(file, choice.variable)
    check_weights(weights, len(cells[0]))
    read = [
        [
            reading.prepared(each, file, choice, labels=labels, confounds=None, censor_above_mm=None, at=(row, column))
            for column, each in enumerate(of_person, 1)
        ]
        for row, of_person in enumerate(cells, 1)
    ]
    asked = Asked(sampling_hz=sampling_hz, seeds=seeds, seed=seed, window_s=window_s, lags=lags)
    if states is not None:
        if sampling_hz is None:
            raise BadInput("States need the repetition time.", where="--states", remedy="Give --tr.")
        every = [each.recording for row in read for each in row]
        shared = group.group_states(every, sampling_hz=sampling_hz, count=states, seed=seed)
        asked = replace(asked, centroids=shared)
    told = _by_cell(read, asked)
    sides = [
        tuple(_contrasted([[_side(each, side) for each in row] for row in told], weights)) for side in (False, True)
    ]
    words = (*dict.fromkeys(word for row in read for each in row for word in each.words[1:]),)
    return Conditions(_hash(file), len(read), weights, sides[0], sides[1], words)


def _by_cell(read: Sequence[Sequence[Loaded]], asked: Asked) -> list[list[Both]]:
    """Return the measures of every cell, each with the mean of its condition's others as reference."""
    pairs = [[group.z_pair(each.recording) for each in row] for row in read]
    people = len(read)
    told: list[list[Both]] = [[] for _ in read]
    for column in range(len(read[0])):
        middles = group.leaving_one_out([row[column] for row in pairs])
        for person in range(people):
            own = replace(asked, reference=middles[person], reference_n=people - 1)
            told[person].append(both(read[person][column].recording, own))
    return told


def _side(found: Both, without: bool) -> dict[tuple[str, str], float | Unscored]:
    measures = found.without_global_signal if without else found.with_global_signal
    return {(each.name, each.of): each.value for each in measures}


def _contrasted(
    rows: Sequence[Sequence[dict[tuple[str, str], float | Unscored]]], weights: tuple[float, ...]
) -> list[Contrasted]:
    told = []
    for name, of in rows[0][0]:
        values = [
            [each.get((name, of), Unscored("It is not told of every recording.")) for each in row] for row in rows
        ]
        missing = [each for row in values for each in row if isinstance(each, Unscored)]
        test = missing[0] if missing else contrast(values, weights)  # type: ignore[arg-type]
        told.append(Contrasted(name, of, test))
    return told


def _referred(
    asked: Asked, own: Loaded, file: Path, references: Sequence[Path], *, labels: Path | None, choice: Choice
) -> tuple[Asked, tuple[str, ...]]:
    """Return what is asked with a group's mean to be told from, and a word on who is in it."""
    if not references:
        return asked, ()
    if len({each.resolve() for each in references}) < len(references):
        raise BadInput("A recording is named twice.", where="reference group", remedy="Name each once.")
    others = [each for each in references if each.resolve() != file.resolve()]
    read = [reading.load(each, choice, labels=labels, confounds=None, censor_above_mm=None) for each in others]
    middle = group.reference(read, own, where="reference group")
    itself = ", the recording itself left out" if len(others) < len(references) else ""
    told = f"Reference group: the mean of {len(others)} recordings{itself}."
    return replace(asked, reference=middle, reference_n=len(others)), (told,)


def _possible(*, window_s: float, seed: int) -> None:
    if not (math.isfinite(window_s) and window_s > 0):
        raise BadInput(f"{window_s:g} s is no window.", where="window", remedy="Give seconds above zero.")
    if seed < 0:
        raise BadInput(f"{seed} is no seed.", where="seed", remedy="Give a whole number from 0.")


def _first_two(matrix: Connectome) -> Floats | None:
    try:
        found: Floats = gradients.gradients(matrix.z).values[:, :2]
    except BadInput:
        return None
    return found


def _moved(own: Recording) -> tuple[str, ...]:
    if own.displacement_mm is None:
        return ("No framewise displacement was given.",)
    mean = f"Mean framewise displacement {own.displacement_mm:.3f} mm"
    return (f"{mean}; {own.censored} of {len(own.kept)} volumes censored.",)


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
