"""The scales of one visit, as those who treat may see them."""

from collections.abc import Iterable
from dataclasses import dataclass

from asklepion.core.chart import Chart
from asklepion.core.entries import AnswersGiven, ScaleNotDone
from asklepion.flows.planned import Place
from asklepion.knowledge.types import Administration, Facts


@dataclass(frozen=True, slots=True)
class DueScale:
    """A scale of this visit. `state` is due, given, not_done or sealed; `seq` the entry that says so, 0 for none."""

    scale: str
    title: str
    short: str
    state: str
    seq: int
    because: str
    by_person: bool
    required: bool


def due_scales(here: Place, seen: Chart, known: Facts) -> Iterable[DueScale]:
    """Yield the scales of a visit in the protocol's order. Of a sealed one it is not said whether it was given."""
    given = {each.entry.scale: each.seq for each in seen.of(AnswersGiven) if each.entry.visit == here.visit}
    missed = {each.entry.scale: each for each in seen.of(ScaleNotDone) if each.entry.visit == here.visit}
    for assessment in here.plan.assessments if here.plan else ():
        scale = known.scales.get(assessment.scale)
        told = missed.get(assessment.scale)
        state, seq, because = "due", 0, ""
        if assessment.sealed:
            state = "sealed"
        elif assessment.scale in given:
            state, seq = "given", given[assessment.scale]
        elif told:
            state, seq, because = "not_done", told.seq, told.entry.because
        yield DueScale(
            scale=assessment.scale,
            title=scale.title if scale else assessment.scale,
            short=scale.short if scale else assessment.scale,
            state=state,
            seq=seq,
            because=because,
            by_person=bool(scale and scale.administration is Administration.SELF),
            required=assessment.required,
        )
