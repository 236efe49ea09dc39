"""What somebody must look at today: answers that raise an alert, and serious adverse events.

An alert of answers stands in the scale's own file and is settled by a contact or a visit. A serious event is settled
when the medical monitor has written that they looked at it; whether it has ended is another matter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asklepion.core.access import Role
from asklepion.core.answers import read, tell
from asklepion.core.chart import Chart, Recorded
from asklepion.core.entries import AdverseEvent, AnswersGiven, ContactMade, Note, VisitHeld
from asklepion.core.values import Task
from asklepion.knowledge.types import Alert, Facts, Scale


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that answers raised. Not `certain` where blanks leave it open: that is not safe and needs a person."""

    alert: Alert
    certain: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Answers that raised an alert after which nobody has recorded yet that they spoke with the person."""

    given: Recorded[AnswersGiven]
    scale: Scale
    raised: Raised


def of(scale: Scale, answers: Mapping[str, int | None]) -> tuple[Raised, ...]:
    """Return the alerts that answers raise, those left open by a blank included."""
    form = read(scale, answers)
    found = ((alert, tell(alert.when, form).holds) for alert in scale.alerts)
    return tuple(Raised(alert, certain=holds is True) for alert, holds in found if holds is not False)


def waiting(chart: Chart, known: Facts) -> tuple[Waiting, ...]:
    """Return the alerts of answers that are not sealed, after which no contact and no visit was recorded yet."""
    spoken = max((each.seq for each in conversations(chart)), default=0)
    found: list[Waiting] = []
    for given in chart.of(AnswersGiven):
        scale = known.scales.get(given.entry.scale)
        if scale is None or given.entry.sealed or given.entry.source == "import" or given.seq < spoken:
            continue
        answers = {answer.item: answer.value for answer in given.entry.answers}
        found.extend(Waiting(given, scale, raised) for raised in of(scale, answers))
    return tuple(found)


def tasks(chart: Chart, known: Facts) -> tuple[Task, ...]:
    """Return one task a serious event that nobody has looked at and one an alert that waits: both for the same day."""
    return (*map(_look_at, unseen(chart)), *_speak(chart, known))


def unseen(chart: Chart) -> tuple[Recorded[AdverseEvent], ...]:
    """Return the serious adverse events after which the medical monitor has recorded no note and no contact yet."""
    told = (*chart.of(Note), *chart.of(ContactMade))
    looked = max((each.seq for each in told if each.role == Role.MEDICAL_MONITOR), default=0)
    return tuple(each for each in chart.of(AdverseEvent) if each.entry.serious and each.seq > looked)


def _look_at(event: Recorded[AdverseEvent]) -> Task:
    return Task(
        id=f"alert:{event.id}",
        kind="event",
        what=event.id,
        visit="",
        title=f"Look at a serious adverse event: {event.entry.term}",
        role=str(Role.MEDICAL_MONITOR),
        opens=event.on,
        due=event.on,
        closes=event.on,
    )


def _speak(chart: Chart, known: Facts) -> tuple[Task, ...]:
    return tuple(
        Task(
            id=f"alert:{each.given.id}:{each.raised.alert.id}",
            kind="contact",
            what=each.scale.id,
            visit=each.given.entry.visit,
            title=_title(each),
            role="physician",
            opens=each.given.on,
            due=each.given.on,
            closes=each.given.on,
        )
        for each in waiting(chart, known)
    )


def _title(each: Waiting) -> str:
    said = each.raised.alert.label
    return f"Speak today: {said}" if each.raised.certain else f"Ask today, left blank: {said}"


def conversations(chart: Chart) -> Iterable[Recorded[ContactMade] | Recorded[VisitHeld]]:
    """Yield the contacts in which the person was reached, and the visits that were held."""
    yield from (each for each in chart.of(ContactMade) if each.entry.reached)
    yield from chart.of(VisitHeld)
