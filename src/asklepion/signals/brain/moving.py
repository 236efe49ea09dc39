"""Measures that need volumes to follow each other: synchrony, windows, phase states, complexity, influence."""

import numpy as np

from asklepion.core.errors import BadInput
from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.brain import dynamics, states, transfer
from asklepion.signals.brain.asked import Asked
from asklepion.signals.brain.noted import measure
from asklepion.signals.brain.parcels import Recording
from asklepion.signals.complexity.lempel_ziv import lzc_schartner
from asklepion.signals.measure import Measure, settings

GAPS = Unscored("Volumes were censored in between: what follows from neighbours in time has no number.")
NO_RATE = Unscored("How often a volume was taken is not known.")


def moving(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    """Return the measures of time; none has a number where volumes were censored in between."""
    return (
        *_synchrony(found, asked),
        *_windows(found, asked),
        *_states(found, asked),
        *_complexity(found, asked),
        *_influence(found, asked),
    )


def _hindered(found: Recording, asked: Asked) -> Unscored | None:
    return GAPS if found.gaps else NO_RATE if asked.sampling_hz is None else None


def _synchrony(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    low, high = dynamics.BAND_HZ
    told = settings(band=f"{low:g} to {high:g} Hz", sampling_hz=asked.sampling_hz or "not known")
    values: tuple[float | Unscored, float | Unscored]
    phase = _phase(found, asked)
    if isinstance(phase, Unscored):
        values = (phase, phase)
    else:
        rhythm = dynamics.synchrony(phase)
        values = (rhythm.synchrony, rhythm.metastability)
    return (
        measure(found, "synchrony", values[0], source="shanahan2010", told=told),
        measure(found, "metastability", values[1], source="shanahan2010", told=told),
    )


def _phase(found: Recording, asked: Asked) -> Floats | Unscored:
    why = _hindered(found, asked)
    if why is not None:
        return why
    try:
        return dynamics.phases(found.volumes, sampling_hz=asked.sampling_hz)
    except BadInput as error:
        return Unscored(error.what)


def _windows(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    """Return how much correlation varies over windows: the mean over pairs of its standard deviation."""
    value: float | Unscored | None = _hindered(found, asked)
    width = round(asked.window_s * (asked.sampling_hz or 0))
    windows = 0
    if value is None and not 3 <= width < len(found.volumes):
        value = Unscored(f"A window of {asked.window_s:g} s is {width} volumes; there are {len(found.volumes)}.")
    if value is None:
        told = dynamics.sliding_variability(found.volumes, width=width)
        windows = told.windows
        spread = told.spread[np.triu_indices(len(told.spread), 1)]
        flat = not np.isfinite(spread).all()
        value = Unscored("A parcel is flat in a window.") if flat else float(spread.mean())
    parameters = settings(window_s=asked.window_s, width_volumes=width, step_volumes=1, windows=windows)
    short = ("The recording is shorter than two windows.",) if len(found.volumes) < 2 * width else ()
    return (measure(found, "sliding_correlation_sd_mean", value, *short, source="leonardi2015", told=parameters),)


def _states(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    if asked.states is None and asked.centroids is None:
        return ()
    phase = _phase(found, asked)
    if isinstance(phase, Unscored) or asked.sampling_hz is None:
        why = phase if isinstance(phase, Unscored) else NO_RATE
        return (measure(found, "state_occupancy", why, source="cabral2017"),)
    vectors = dynamics.leading_eigenvectors(phase)
    if asked.centroids is not None:
        middle, told = asked.centroids[found.without_global_signal], settings(centroids="given")
    else:
        made = states.states([vectors], count=asked.states or 0, seed=asked.seed)
        middle = made.centroids
        told = settings(centroids="of this recording", starts=len(made.of_seeds), seed=asked.seed)
    lived = states.life(vectors, middle, sampling_hz=asked.sampling_hz)
    told += settings(states=len(middle))
    return tuple(each for place in range(len(middle)) for each in _state(found, lived, place, told))


def _state(
    found: Recording, lived: states.Life, place: int, told: tuple[tuple[str, str | int | float | bool], ...]
) -> tuple[Measure, ...]:
    of = f"state {place + 1}"
    stay, dwell = lived.transitions[place, place], lived.dwell_s[place]
    never = Unscored("The state is never entered.")
    source = "cabral2017"
    return (
        measure(found, "state_occupancy", float(lived.occupancy[place]), of=of, source=source, told=told),
        measure(
            found, "state_dwell", never if np.isnan(dwell) else float(dwell), of=of, unit="s", source=source, told=told
        ),
        *(
            measure(
                found,
                "state_transition",
                Unscored("The state is never left or stayed in.") if np.isnan(stay) else float(share),
                of=f"{of} to {other + 1}",
                source=source,
                told=told,
            )
            for other, share in enumerate(lived.transitions[place])
        ),
    )


def _complexity(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    """Return the joint complexity of all parcels and of each network's, by Schartner's LZc."""
    parts = [("", np.arange(found.volumes.shape[1])), *((name, found.members(name)) for name in found.networks)]
    told = []
    for name, at in parts:
        made = lzc_schartner(found.volumes[:, at].T, seed=asked.seed)
        value = GAPS if found.gaps else made.value
        told.append(measure(found, made.name, value, of=name, source=made.source, told=made.parameters))
    return tuple(told)


def _influence(found: Recording, asked: Asked) -> tuple[Measure, ...]:
    """Return what networks send to each other, by network and by pair."""
    if not found.networks:
        return ()
    try:
        made: transfer.Transfer | Unscored = GAPS if found.gaps else transfer.transfer(found, lags=asked.lags)
    except BadInput as error:
        made = Unscored(error.what)
    told = settings(lags=asked.lags, unit_of_information="nat")
    why = made if isinstance(made, Unscored) else None
    out, net = (made.out, made.net) if isinstance(made, transfer.Transfer) else (np.empty(0), np.empty(0))
    of_networks = [
        measure(
            found,
            f"transfer_entropy_gaussian_{what}",
            why or float(values[place]),
            of=name,
            source="barnett2009",
            told=told,
        )
        for what, values in (("out", out), ("net", net))
        for place, name in enumerate(found.networks)
    ]
    return (*of_networks, *_pairs(found, made, asked.lags))


def _pairs(found: Recording, made: transfer.Transfer | Unscored, lags: int) -> tuple[Measure, ...]:
    told = []
    for one, source in enumerate(found.networks):
        for other, target in enumerate(found.networks):
            if one == other:
                continue
            parameters, value = settings(lags=lags), made if isinstance(made, Unscored) else 0.0
            if isinstance(made, transfer.Transfer):
                flow = made.granger
                value = float(flow.gain[one, other])
                parameters += settings(f=float(flow.f[one, other]), p=float(flow.p[one, other]))
            of = f"{source} to {target}"
            told.append(measure(found, "granger_gain", value, of=of, source="granger1969", told=parameters))
    return tuple(told)
