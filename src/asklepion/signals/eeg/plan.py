"""What is asked of a recording: preparation, epochs and measures. Nothing is done that does not stand here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from asklepion.core.errors import BadInput
from asklepion.signals.eeg.kinds import EEG, KINDS, SensorKind

DETAILS = ("whole", "regions", "channels", "epochs", "channel epochs", "pairs")
TEN_TWENTY = "10-20"
"""As `regions`: a region is all channels with the same letters in front, such as F for F3, Fz and F4."""
UNITS = ("uV", "mV", "V", "nV")


@dataclass(frozen=True, slots=True)
class Band:
    """A band of frequencies: lower limit within, upper limit without."""

    name: str
    low_hz: float
    high_hz: float

    @property
    def words(self) -> str:
        return f"{self.low_hz:g} to below {self.high_hz:g} Hz"


BANDS = (
    Band("delta", 1, 4),
    Band("theta", 4, 8),
    Band("alpha", 8, 13),
    Band("beta", 13, 30),
    Band("gamma", 30, 45),
)
"""Limits in common use, which differ between authors: they are printed with every number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EegPlan:
    """Choices for one recording or for a thousand; each ends among the parameters of what it touched.

    `kind` is of the sensors, one of KINDS, never two. `sampling_hz` and `unit` are for text, which may not say them;
    `unit` also for an EDF that names none. `channels` empty: every channel that can be used. `reference` is `average`
    (of these channels) or names with commas between (the mean of those), for EEG only. `reject_uv` (EEG), `reject_ft`
    (magnetometers) or `reject_ft_per_cm` (gradiometers) is the largest difference within an epoch, in any channel, that
    is kept.
    `relative_to_hz` is the whole of which relative power and the spectral edge are told. `regions` is region ->
    channels, or `10-20`.
    `measures` are names as `known_measures()` lists them: no definition of Lempel-Ziv is among those taken unasked.
    `detail` says of what parts measures are told (DETAILS).
    """

    kind: str = EEG.name
    sampling_hz: float | None = None
    unit: str | None = None
    channels: tuple[str, ...] = ()
    band_pass_hz: tuple[float, float] | None = None
    notch_hz: tuple[float, ...] = ()
    reference: str | None = None
    resample_hz: float | None = None
    epoch_s: float = 2.0
    reject_uv: float | None = None
    reject_ft: float | None = None
    reject_ft_per_cm: float | None = None
    measures: tuple[str, ...] = ("band_power_welch", "relative_band_power_welch", "aperiodic_exponent_fixed_welch")
    bands: tuple[Band, ...] = BANDS
    relative_to_hz: tuple[float, float] = (1.0, 45.0)
    segment_s: float = 2.0
    tapers_half_width_hz: float = 1.0
    aperiodic_range_hz: tuple[float, float] = (2.0, 40.0)
    least_r2: float | None = None
    edge_percent: float = 95.0
    scales: int = 5
    draws: int = 10
    seed: int = 1
    regions: Mapping[str, tuple[str, ...]] | str | None = field(default=None, hash=False)
    detail: tuple[str, ...] = ("whole", "regions", "channels")

    def __post_init__(self) -> None:
        """Refuse what cannot be done with any recording. Raises BadInput."""
        _fits_kind(self)
        if self.unit is not None and self.unit not in UNITS:
            raise BadInput(f"There is no unit {self.unit}.", where="unit", remedy=f"Known: {', '.join(UNITS)}.")
        _above_zero("epoch_s", self.epoch_s)
        _above_zero("segment_s", self.segment_s)
        _above_zero("tapers_half_width_hz", self.tapers_half_width_hz)
        for name, value in (("resample_hz", self.resample_hz), (self.sensors.limit, self.limit)):
            if value is not None:
                _above_zero(name, value)
        for each in self.notch_hz:
            _above_zero("notch_hz", each)
        if self.seed < 0:
            raise BadInput(f"{self.seed} is no seed.", where="seed", remedy="Give a whole number from 0.")
        if self.least_r2 is not None and not self.least_r2 <= 1:
            raise BadInput(f"{self.least_r2:g} is no R2.", where="least_r2", remedy="Give a number up to 1.")
        for name in ("band_pass_hz", "relative_to_hz", "aperiodic_range_hz"):
            pair = getattr(self, name)
            if pair is not None:
                _rises(name, *pair)
        for band in self.bands:
            _rises(f"band {band.name}", band.low_hz, band.high_hz)
        if len({band.name for band in self.bands}) != len(self.bands):
            raise BadInput("Two bands have one name.", where="bands", remedy="Give each its own.")
        if not 0 < self.edge_percent < 100:
            raise BadInput(f"{self.edge_percent:g} is no per cent of power.", where="edge_percent", remedy="Give 95.")
        if self.scales < 1 or self.draws < 1:
            raise BadInput("Scales and draws are 1 or more.", where="scales, draws", remedy="Give 1 or more.")
        if not self.measures:
            raise BadInput("No measure is asked for.", where="measures", remedy="Name at least one.")
        if not self.detail:
            raise BadInput(
                "No detail is asked for.", where="detail", remedy=f"Name at least one of {', '.join(DETAILS)}."
            )
        if unknown := [each for each in self.detail if each not in DETAILS]:
            known = f"Known: {', '.join(DETAILS)}."
            raise BadInput(f"There is no detail {unknown[0]}.", where="detail", remedy=known)
        if isinstance(self.regions, str) and self.regions != TEN_TWENTY:
            remedy = f"Give region -> channels, or {TEN_TWENTY}."
            raise BadInput(f"There are no regions {self.regions}.", where="regions", remedy=remedy)

    @property
    def sensors(self) -> SensorKind:
        return KINDS[self.kind]

    @property
    def limit(self) -> float | None:
        """The largest difference within an epoch that is kept, in the unit of the kind."""
        found: float | None = getattr(self, self.sensors.limit)
        return found


def _fits_kind(plan: EegPlan) -> None:
    """Refuse a kind that there is not, and choices of another kind. Raises BadInput."""
    if plan.kind not in KINDS:
        raise BadInput(f"There is no kind {plan.kind}.", where="kind", remedy=f"Known: {', '.join(KINDS)}.")
    for other in KINDS.values():
        if other.name != plan.kind and getattr(plan, other.limit) is not None:
            what = f"{other.limit} is of {other.name}, and the kind is {plan.kind}."
            raise BadInput(what, where=other.limit, remedy=f"Give {plan.sensors.limit}, in {plan.sensors.unit}.")
    if not plan.sensors.magnetic:
        return
    if plan.reference is not None:
        what = "A reference is of electric potential: a magnetic field is measured against none."
        raise BadInput(what, where="reference", remedy="Leave it out for MEG.")
    if plan.unit is not None:
        remedy = "Leave it out: MEG is read from files that name their unit."
        raise BadInput(f"{plan.unit} is a unit of electric potential.", where="unit", remedy=remedy)
    if plan.regions == TEN_TWENTY:
        what = "The 10-20 system names places of electrodes, and no MEG sensor."
        raise BadInput(what, where="regions", remedy="Give a file of regions.")


def _above_zero(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise BadInput(f"{value:g} is not above zero.", where=name, remedy="Give a number above zero.")


def _rises(name: str, low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and 0 <= low < high):
        raise BadInput(f"{low:g} to {high:g} Hz is no range.", where=name, remedy="Give the lower limit first, in Hz.")
