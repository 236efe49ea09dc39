"""What a person has to decide: a serious event, a triage that is judged, a reading that was first outside its limits.

A decision counts from whom it is for, and only if it was recorded after what it is about. No is not met, whoever says
it; without one it stays unknown.
"""

from dataclasses import dataclass, replace

from asklepion.core.access import Role
from asklepion.core.case import Case
from asklepion.core.chart import Observation, Recorded
from asklepion.core.entries import AdverseEvent
from asklepion.core.judgement import Judgement, day, overlap
from asklepion.core.values import Span, Verdict
from asklepion.knowledge.types import EventsTest

DECIDE = (Role.PHYSICIAN, Role.MEDICAL_MONITOR)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, in words. `seen` is None where nothing was recorded after what the decision is about."""

    verdict: Verdict
    words: str
    seen: Observation | None = None

    @property
    def rests_on(self) -> tuple[str, ...]:
        return (self.seen.source.id,) if self.seen else ()


def decision(case: Case, what: str, *, after: int) -> Decision:
    """Return the decision on an observable that was recorded after an entry, named by its seq."""
    title, seen = case.observable(what), case.seen.get(what)
    if seen is None or seen.source.seq <= after:
        return Decision(Verdict.UNKNOWN, "No physician has recorded a decision since.")
    who = f"{seen.source.role.replace('_', ' ')} {seen.source.by}".strip() or "somebody"
    if seen.value is not True:
        return Decision(Verdict.NOT_MET, f"{title}: no, recorded by {who} on {day(seen.on)}.", seen)
    if seen.source.role not in DECIDE:
        return Decision(Verdict.UNKNOWN, f"{title}: yes, recorded by {who}, for whom it is not to decide.", seen)
    return Decision(Verdict.MET, f"By decision of {who} on {day(seen.on)}: {title}.", seen)


def until_decided(judged: Judgement, case: Case, what: str, *, after: int) -> Judgement:
    """Return what would be met as it stands once a person has decided it: unknown before, and then in their name."""
    made = decision(case, what, after=after)
    rests_on = tuple(dict.fromkeys((*judged.rests_on, *made.rests_on)))
    if made.verdict is not Verdict.MET or made.seen is None:
        because = f"{judged.because} {made.words}"
        waits = what if made.verdict is Verdict.UNKNOWN else ""
        stands = replace(judged, verdict=made.verdict, because=because, met_on=None, rests_on=rests_on)
        return replace(stands, needed=f"A physician decides, and records: {case.observable(what)}.", decision=waits)
    met_on = overlap((judged.met_on, Span(made.seen.on)))
    return replace(judged, because=f"{made.words} {judged.because}", met_on=met_on, rests_on=rests_on)


def events(test: EventsTest, case: Case) -> Judgement:
    """Return whether a person has decided to go on after the last entry on each serious adverse event."""
    serious = [each for each in case.chart.of(AdverseEvent) if each.entry.serious and each.on <= case.on]
    if not serious:
        return Judgement(Verdict.MET, "No serious adverse event is on file.", met_on=Span())
    said = f"Serious: {'; '.join(_event(each) for each in serious)}."
    standing = Judgement(Verdict.MET, said, met_on=Span(), rests_on=tuple(each.id for each in serious))
    return until_decided(standing, case, test.decided_by, after=max(each.seq for each in serious))


def _event(recorded: Recorded[AdverseEvent]) -> str:
    event = recorded.entry
    lasts = f"ended {day(event.ended_on)}" if event.ended_on else "not ended"
    return f"{event.term}, grade {event.grade}, began {day(event.started_on)}, {lasts}"
