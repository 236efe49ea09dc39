"""What a person is judged by on one day: protocol, facts, chart, and the latest of each thing that was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from asklepion.core.chart import Chart, Observation, Recorded
from asklepion.core.entries import AnswersGiven, Observed
from asklepion.knowledge.types import Basis, Facts, Protocol


@dataclass(frozen=True, slots=True)
class Case:
    """`seen` and `given` are the latest value of each observable and the latest answers to each scale, up to `on`.

    Sealed answers are among them: they count for judging.
    """

    protocol: Protocol
    facts: Facts
    chart: Chart
    on: date
    seen: Mapping[str, Observation]
    given: Mapping[str, Recorded[AnswersGiven]]

    def observable(self, what: str) -> str:
        """Return the title of an observable, or its id where it is not on file."""
        known = self.facts.observables.get(what)
        return known.title if known else what

    def scale(self, scale: str) -> str:
        """Return the short name of a scale, or its id where it is not on file."""
        known = self.facts.scales.get(scale)
        return known.short if known else scale

    def bases(self, scale: str, part: str) -> tuple[Basis, ...]:
        """Return what a score or a classification of a scale rests on; nothing where it is not on file."""
        known = self.facts.scales.get(scale)
        if known is None:
            return ()
        named = {**{each.id: each.basis for each in known.classifications}, **{r.id: r.basis for r in known.scores}}
        return (named[part],) if part in named else ()


def case(protocol: Protocol, facts: Facts, chart: Chart, *, on: date) -> Case:
    """Return a case, its chart read once. What is dated after `on` is left out; of one day the latest `at` counts."""
    seen: dict[str, Observation] = {}
    for recorded in reversed(chart.of(Observed)):
        if recorded.on <= on:
            for value in recorded.entry.values:
                if value.what not in seen:
                    seen[value.what] = Observation(value.what, value.value, value.unit, recorded)
    given = {answered.entry.scale: answered for answered in chart.of(AnswersGiven) if answered.on <= on}
    return Case(protocol, facts, chart, on, seen, given)
