"""Kinds of sensor, of which a recording holds one: electrodes, magnetometers or gradiometers, each in its own unit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorKind:
    """A kind by the name that plans give it, with the unit (UCUM) of its data and of their power.

    `mne` is the kind as MNE calls it and `fiff_unit` the code of the unit in which MNE gives it; times `factor` it is
    in `unit`. `limit` is the plan's choice of the largest difference within an epoch. Between `least` and `most` lies a
    standard deviation that can be right: ours, and wide on purpose, to tell units apart and no more.
    """

    name: str
    words: str
    unit: str
    power_unit: str
    mne: str
    fiff_unit: int
    factor: float
    limit: str
    least: float
    most: float

    @property
    def magnetic(self) -> bool:
        return self.name != EEG.name


EEG = SensorKind(
    name="eeg",
    words="EEG",
    unit="uV",
    power_unit="uV2",
    mne="eeg",
    fiff_unit=107,
    factor=1e6,
    limit="reject_uv",
    least=0.01,
    most=5000.0,
)
"""Amplifiers are noisier than the lower limit, scalps quieter than the upper, by an order of magnitude or more."""

MEG_MAG = SensorKind(
    name="meg-mag",
    words="magnetometer",
    unit="fT",
    power_unit="fT2",
    mne="mag",
    fiff_unit=112,
    factor=1e15,
    limit="reject_ft",
    least=1.0,
    most=1e7,
)
MEG_GRAD = SensorKind(
    name="meg-grad",
    words="gradiometer",
    unit="fT/cm",
    power_unit="fT2/cm2",
    mne="grad",
    fiff_unit=201,
    factor=1e13,
    limit="reject_ft_per_cm",
    least=0.1,
    most=1e6,
)
KINDS = {each.name: each for each in (EEG, MEG_MAG, MEG_GRAD)}
BY_MNE = {each.mne: each for each in KINDS.values()}
