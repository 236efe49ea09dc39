"""Brain networks: a file of parcels over time in, measures out, with the hash of the file and what was left out."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.signals.brain import reading
from asklepion.signals.brain.asked import Asked
from asklepion.signals.brain.connectivity import Connectome, connectome
from asklepion.signals.brain.parcels import Recording, without_global_signal
from asklepion.signals.brain.reading import Choice
from asklepion.signals.brain.report import Both, both
from asklepion.signals.measure import as_json

__all__ = ["Brain", "Choice", "as_json", "brain"]


@dataclass(frozen=True, slots=True)
class Brain:
    """The measures of a recording with and without its global signal, and the SHA-256 of its file.

    `words` say what was read and left out. `matrix` and `matrix_without_global_signal` are Fisher z of every pair.
    """

    sha256: str
    both: Both
    words: tuple[str, ...]
    matrix: Connectome
    matrix_without_global_signal: Connectome
    networks: tuple[str, ...]


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
) -> Brain:
    """Return the measures of a parcellated recording. Raises BadInput for what cannot be taken as it is.

    `labels` is a table with the network of each parcel; without it there are measures of the whole brain only.
    `sampling_hz` is volumes a second; None takes the file's own. `baseline` is one's own recording from before.
    `choice` says what of the files is read; `baseline_cell` names the baseline's cell where it is another.
    """
    chosen = choice or Choice()
    own = reading.load(file, chosen, labels=labels, confounds=confounds, censor_above_mm=censor_above_mm)
    before = None
    if baseline is not None:
        other = replace(chosen, cell=baseline_cell or chosen.cell)
        before = reading.load(
            baseline,
            other,
            labels=labels,
            confounds=baseline_confounds,
            censor_above_mm=_limit(baseline_confounds, censor_above_mm),
        )
        own, before = reading.shared(own, before, where=str(baseline))
    rate = reading.rate(own, sampling_hz, str(file))
    asked = Asked(sampling_hz=rate, seeds=seeds, seed=seed, baseline=before.recording if before else None)
    try:
        told = both(own.recording, asked)
        bare = without_global_signal(own.recording)
    except BadInput as error:
        raise reading.placed(error, file) from error
    words = (*own.words, *_moved(own.recording), *((f"Baseline: {each}" for each in before.words) if before else ()))
    return Brain(
        _hash(file),
        told,
        words,
        connectome(own.recording, own.names),
        connectome(bare, own.names),
        own.recording.networks,
    )


def _moved(own: Recording) -> tuple[str, ...]:
    censored = own.censored
    if own.displacement_mm is None:
        return ("No framewise displacement was given.",)
    return (
        f"Mean framewise displacement {own.displacement_mm:.3f} mm; {censored} of {len(own.kept)} volumes censored.",
    )


def _limit(confounds: Path | None, censor_above_mm: float | None) -> float | None:
    return censor_above_mm if confounds is not None else None


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
