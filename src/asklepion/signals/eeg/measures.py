"""Every measure of a plan, from the epochs of a recording: which were asked for, and each under its own name."""

from collections.abc import Callable, Mapping

from asklepion.core.errors import BadInput
from asklepion.signals.eeg import complexity_measures, lag_measures, spectral_measures
from asklepion.signals.eeg.channelwise import NAMES as CHANNELWISE
from asklepion.signals.eeg.channelwise import is_channelwise
from asklepion.signals.eeg.plan import EegPlan
from asklepion.signals.eeg.prepare import Epochs
from asklepion.signals.eeg.summary import Layout
from asklepion.signals.eeg.work import Work
from asklepion.signals.measure import Measure


def known_measures() -> tuple[str, ...]:
    """Return the names that a plan can ask for; bands are added to the names of those that are taken per band."""
    return (*spectral_measures.NAMES, complexity_measures.JOINT, *CHANNELWISE, *lag_measures.NAMES)


def check_names(names: tuple[str, ...]) -> None:
    """Raise BadInput for a name that is no measure."""
    known = known_measures()
    if unknown := [each for each in names if each not in known and not is_channelwise(each)]:
        raise BadInput(f"There is no measure {unknown[0]}.", where="measures", remedy=f"Known: {', '.join(known)}.")


def measures(epochs: Epochs, plan: EegPlan, *, regions: Mapping[str, tuple[str, ...]]) -> tuple[Measure, ...]:
    """Return the measures of a plan in its order, each told of the whole, regions, channels and epochs as it asks.

    Raises BadInput where none is left to tell of.
    """
    check_names(plan.measures)
    work = Work(epochs, plan, Layout(epochs.names, epochs.numbers, regions, plan.detail))
    told = tuple(measure for name in plan.measures for measure in _family(name)(name, work))
    if not told:
        what = f"None of the measures is told of {', '.join(plan.detail)}."
        raise BadInput(what, where="detail", remedy="Ask for `whole` or `channels` too, or give regions.")
    return told


def _family(name: str) -> Callable[[str, Work], tuple[Measure, ...]]:
    if name in lag_measures.NAMES:
        return lag_measures.lag
    if name == complexity_measures.JOINT:
        return complexity_measures.joint
    return complexity_measures.single if is_channelwise(name) else spectral_measures.spectral
