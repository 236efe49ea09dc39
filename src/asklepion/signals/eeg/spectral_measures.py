"""Band power, its shares, the spectral edge and the aperiodic exponent as measures of each part."""

import numpy as np

from asklepion.core.values import Unscored
from asklepion.signals.arrays import Floats
from asklepion.signals.eeg import spectrum
from asklepion.signals.eeg.aperiodic import Slope, aperiodic
from asklepion.signals.eeg.plan import Band
from asklepion.signals.eeg.summary import Kind, summarised, without
from asklepion.signals.eeg.work import Work
from asklepion.signals.measure import Measure, settings

_SOURCE = {"welch": "welch1967", "multitaper": "thomson1982"}
METHODS = tuple(_SOURCE)
NAMES = tuple(
    f"{what}_{method}"
    for what in ("band_power", "relative_band_power", "spectral_edge", "aperiodic_exponent_fixed")
    for method in METHODS
)


def spectral(name: str, work: Work) -> tuple[Measure, ...]:
    """Return the measures of one name; power and its shares once a band, the band after the name."""
    what, _, method = name.rpartition("_")
    match what:
        case "spectral_edge":
            return _edge(method, work)
        case "aperiodic_exponent_fixed":
            return _exponents(name, method, work)
        case "band_power":
            return tuple(each for band in work.plan.bands for each in _power(name, method, band, work))
    return tuple(each for band in work.plan.bands for each in _share(name, method, band, work))


def _power(name: str, method: str, band: Band, work: Work) -> tuple[Measure, ...]:
    found = work.spectrum(method)
    told = work.parameters((*found.parameters, ("band", band.words)))
    quality = work.filtered_away(band.low_hz, band.high_hz)
    kind = Kind(f"{name}_{band.name}", work.epochs.kind.power_unit, told, _SOURCE[method], quality)
    return _told(kind, spectrum.band_power(found, band), work)


def _share(name: str, method: str, band: Band, work: Work) -> tuple[Measure, ...]:
    found, every = work.spectrum(method), work.whole_power()
    told = work.parameters((*found.parameters, ("band", band.words), ("relative_to", every.words)))
    quality = work.filtered_away(every.low_hz, every.high_hz)
    kind = Kind(f"{name}_{band.name}", "1", told, _SOURCE[method], quality)
    return _told(kind, spectrum.relative_power(found, band, whole=every), work)


def _edge(method: str, work: Work) -> tuple[Measure, ...]:
    found, every, percent = work.spectrum(method), work.whole_power(), work.plan.edge_percent
    told = work.parameters((*found.parameters, ("percent", percent), ("of_power_in", every.words)))
    quality = work.filtered_away(every.low_hz, every.high_hz)
    kind = Kind(f"spectral_edge_{percent:g}_{method}", "Hz", told, _SOURCE[method], quality)
    return _told(kind, spectrum.spectral_edge(found, percent, whole=every), work)


def _told(kind: Kind, values: Floats | Unscored, work: Work) -> tuple[Measure, ...]:
    if isinstance(values, Unscored):
        return without(kind, values, layout=work.layout)
    return summarised(kind, values, layout=work.layout)


def _exponents(name: str, method: str, work: Work) -> tuple[Measure, ...]:
    """Tell of each channel the slope of its mean spectrum over epochs, and of a part the mean over its channels."""
    found, (low, high) = work.spectrum(method), work.plan.aperiodic_range_hz
    fit = settings(
        range=f"{low:g} to {high:g} Hz",
        fit="line of log10 power over log10 Hz, Tukey bisquare 4.685, peaks above 3 scales left out with their flanks",
        fitted_to="mean spectrum over epochs",
    )
    kind = Kind(name, "1", work.parameters((*found.parameters, *fit)), "donoghue2020")
    slopes = _slopes(found, work)
    epochs = len(work.epochs.numbers)
    return tuple(_slope(kind, [slopes[at] for at in places], of, epochs) for of, places in work.layout.groups())


def _slopes(found: spectrum.Spectra, work: Work) -> list[Slope | Unscored]:
    range_hz, least = work.plan.aperiodic_range_hz, work.plan.least_r2
    if words := work.filtered_away(*range_hz):
        why = Unscored(f"{range_hz[0]:g} to {range_hz[1]:g} Hz: {words[0]}")
        return [why] * found.density.shape[1]
    slopes: list[Slope | Unscored] = []
    for row in found.density.mean(axis=0):
        slope = aperiodic(found.hz, row, range_hz=range_hz, correlated=found.correlated)
        if isinstance(slope, Slope) and least is not None and slope.r2 < least:
            slope = Unscored(f"R2 of the line is {slope.r2:.3f}, below {least:g}.")
        slopes.append(slope)
    return slopes


def _slope(kind: Kind, slopes: list[Slope | Unscored], of: str, epochs: int) -> Measure:
    good = [each for each in slopes if isinstance(each, Slope)]
    bad = [each.reason for each in slopes if isinstance(each, Unscored)]
    told = settings(channels=len(slopes))
    if good:
        told += settings(
            r2=float(np.mean([each.r2 for each in good])), error_log10=float(np.mean([each.error for each in good]))
        )
    if len(slopes) == 1 and good:
        one = good[0]
        told += settings(low_95=one.low, high_95=one.high, offset=one.offset, kept=one.kept, frequencies=one.n)
    lost = (f"{len(bad)} of {len(slopes)} channels have no number, and are left out. {bad[0]}",) if bad else ()
    return Measure(
        name=kind.name,
        value=float(np.mean([each.exponent for each in good])) if good else Unscored(bad[0]),
        unit=kind.unit,
        n=epochs if good else 0,
        parameters=(*kind.parameters, *told),
        quality=lost if good else (),
        source=kind.source,
        of=of,
    )
