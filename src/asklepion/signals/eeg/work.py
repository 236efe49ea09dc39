"""What every family of measures is handed: epochs, plan, the parts to tell of, and spectra computed once."""

from dataclasses import dataclass, field

from asklepion.core.values import Unscored
from asklepion.signals.eeg import spectrum
from asklepion.signals.eeg.lag import Lag, phase_lag
from asklepion.signals.eeg.plan import Band, EegPlan
from asklepion.signals.eeg.prepare import Epochs
from asklepion.signals.eeg.summary import Layout, Settings


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """Epochs, plan and layout. `spectra` and `lags` fill as they are asked for."""

    epochs: Epochs
    plan: EegPlan
    layout: Layout
    spectra: dict[str, spectrum.Spectra] = field(default_factory=dict)
    lags: dict[str, Lag | Unscored] = field(default_factory=dict)

    def spectrum(self, method: str) -> spectrum.Spectra:
        """Return the spectra of all epochs by `welch` or `multitaper`."""
        if method not in self.spectra:
            data, hz = self.epochs.data, self.epochs.sampling_hz
            self.spectra[method] = (
                spectrum.welch(data, hz, segment_s=self.plan.segment_s)
                if method == "welch"
                else spectrum.multitaper(data, hz, half_width_hz=self.plan.tapers_half_width_hz)
            )
        return self.spectra[method]

    def lag(self, band: Band) -> Lag | Unscored:
        """Return the phase-lag indices of a band between all channels."""
        if band.name not in self.lags:
            self.lags[band.name] = phase_lag(self.epochs.data, self.epochs.sampling_hz, band=band)
        return self.lags[band.name]

    def parameters(self, own: Settings) -> Settings:
        """Return what was done to the epochs, and after it the parameters of one measure."""
        return (*self.epochs.parameters, *own)

    def whole_power(self) -> Band:
        """Return the range of which relative power and the spectral edge are told."""
        return Band("the whole", *self.plan.relative_to_hz)

    def filtered_away(self, low_hz: float, high_hz: float) -> tuple[str, ...]:
        """Say where a filter of the plan has changed the power of a range."""
        plan, words = self.plan, []
        if plan.band_pass_hz and (low_hz < plan.band_pass_hz[0] or high_hz > plan.band_pass_hz[1]):
            words.append(f"The band-pass {plan.band_pass_hz[0]:g} to {plan.band_pass_hz[1]:g} Hz took part of it away.")
        words.extend(f"The notch at {each:g} Hz lies in it." for each in plan.notch_hz if low_hz <= each <= high_hz)
        return tuple(words)
