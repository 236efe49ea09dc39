"""Whether each medicine on file stands in the way of a session: taken, stopped long enough ago, or not known.

What a person decided counts where facts are silent, never against them, and no longer than the record of the medicine
stays as it was. Nothing here says that a medicine should be stopped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from asklepion.core.case import Case
from asklepion.core.chart import Observation, Recorded
from asklepion.core.entries import MedicineDecided, MedicineRecorded
from asklepion.core.interactions import Pair, Standing, pair
from asklepion.core.judgement import Judgement, day, days, overlap
from asklepion.core.values import Span, Step, Verdict
from asklepion.core.washout import Washout, washout
from asklepion.knowledge.types import Basis, Protocol

REVIEWED = "medicines-reviewed"
"""The observable by which somebody says that every medicine was gone through."""

_DECIDE = "Ask a pharmacist, write down what the decision rests on; a second person joins it."
_PRESCRIBER = "Whether and how it is stopped is for its prescriber, with watch kept on relapse and suicidality."
_ABRUPT = "It must not be stopped abruptly."
_LAST_DOSE = "Record the day of the last dose; if it is not known, the latest day on which it can have been."
_NO_DAY = "It is no longer taken, but the day of the last dose is not on file."
_VOID = "A decision was made before the record of this medicine changed; it no longer counts."


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine as it stands on a day: what was last told, what was decided on that, what facts say."""

    told: Recorded[MedicineRecorded]
    decided: Recorded[MedicineDecided] | None
    pair: Pair
    void: bool

    @property
    def forbidden(self) -> bool:
        return self.decided is not None and self.decided.entry.decision == "stops_the_course"

    @property
    def lifted(self) -> Span | None:
        """The days from a valid decision on that the medicine may go on."""
        decided = self.decided
        if decided is None or decided.entry.decision != "may_go_on" or not decided.entry.second_person.strip():
            return None
        return Span(decided.on)


def washouts(case: Case) -> tuple[Judgement, ...]:
    """Return for each medicine whether it has been washed out, and whether anybody asked for medicines at all."""
    judged = tuple(_washout(line, case.protocol, on=case.on) for line in lines(case))
    return (*_asked(case.seen.get(REVIEWED), any_on_file=bool(judged)), *judged)


def taken_now(case: Case) -> tuple[Judgement, ...]:
    """Return for each medicine whether taking it stands in the way on the day."""
    judged = tuple(_taking(line, on=case.on) for line in lines(case))
    return (*_asked(case.seen.get(REVIEWED), any_on_file=bool(judged)), *judged)


def lines(case: Case) -> Iterator[Line]:
    """Yield each medicine as it was known on a day, in order of first mention."""
    told: dict[str, list[Recorded[MedicineRecorded]]] = {}
    for recorded in case.chart.of(MedicineRecorded):
        if recorded.on <= case.on:
            told.setdefault(recorded.entry.medicine, []).append(recorded)
    decisions: dict[str, list[Recorded[MedicineDecided]]] = {}
    for each in case.chart.of(MedicineDecided):
        if each.on <= case.on:
            decisions.setdefault(each.entry.medicine, []).append(each)
    for medicine, records in told.items():
        changed = max(record.seq for record in records)
        decided = decisions.get(medicine, [])
        valid = [each for each in decided if each.seq > changed]
        entry = records[-1].entry
        known = pair(entry.drug, typed=entry.typed, protocol=case.protocol, facts=case.facts)
        yield Line(records[-1], valid[-1] if valid else None, known, bool(decided) and not valid)


def _asked(seen: Observation | None, *, any_on_file: bool) -> tuple[Judgement, ...]:
    """Return whether the list can be relied on: no medicine on file is not the same as none taken."""
    if seen is None or seen.value is not True:
        because = "Nobody has recorded that every medicine was gone through. An empty list does not mean none is taken."
        if any_on_file:
            because = "Nobody has recorded that every medicine was gone through. There may be more than those on file."
        needed = "Ask for every medicine, prescribed, bought and herbal, and record that it was done."
        return (Judgement(Verdict.UNKNOWN, because, needed=needed, rests_on=(seen.source.id,) if seen else ()),)
    if any_on_file:
        return ()
    because = f"Every medicine was gone through on {day(seen.on)}; none is on file."
    return (Judgement(Verdict.MET, because, met_on=Span(seen.on), rests_on=(seen.source.id,)),)


def _taking(line: Line, *, on: date) -> Judgement:
    told = line.told.entry
    if line.forbidden:
        return _decided_against(line)
    if line.pair.standing is Standing.PASSES:
        return _judgement(line, Verdict.MET, f"{line.pair.words} It does not stop this protocol.", met_on=Span())
    if told.taking:
        return _while_taken(line, "It is taken.", met_on=None)
    if told.stopped_on is None:
        return _judgement(line, Verdict.UNKNOWN, f"{_NO_DAY} {_if_taken(line)}", needed=_LAST_DOSE)
    free = Span(told.stopped_on + timedelta(days=1))
    if free.holds(on):
        because = f"Not taken since {day(told.stopped_on)}. {_if_taken(line)}"
        return _judgement(line, Verdict.MET, because, met_on=free)
    return _while_taken(line, f"It is taken until {day(told.stopped_on)}.", met_on=free)


def _washout(line: Line, protocol: Protocol, *, on: date) -> Judgement:
    told = line.told.entry
    if line.forbidden:
        return _decided_against(line)
    if line.pair.standing is Standing.PASSES:
        because = f"{line.pair.words} This protocol asks for no days without it."
        return _judgement(line, Verdict.MET, because, met_on=Span())
    if told.taking:
        return _while_taken(line, "It is taken; the days begin with its last dose.", met_on=None)
    if told.stopped_on is None:
        return _judgement(line, Verdict.UNKNOWN, _NO_DAY, needed=_LAST_DOSE)
    return _stopped(line, told.stopped_on, protocol, on=on)


def _stopped(line: Line, stopped_on: date, protocol: Protocol, *, on: date) -> Judgement:
    """Judge the days since the last dose. Days stated for this very pair are a fact: no gap is left for these days."""
    drug = line.pair.drug
    if drug and any(protocol.substance in stated.before for stated in drug.washouts):
        line = replace(line, pair=replace(line.pair, gaps=()))
    need = washout(drug, line.pair.rows, protocol) if drug else Washout(None, "", (), ())
    first = None if need.days is None else stopped_on + timedelta(days=need.days)
    met_on = _met_on(line, first)
    waits = first is not None and on < first
    verdict = Verdict.NOT_MET if waits and line.pair.standing is Standing.STOPS else Verdict.UNKNOWN
    if met_on and met_on.holds(on):
        verdict = Verdict.MET
    total = (Step(f"Clear from {first:%a} {day(first)}", f"{need.days} d", total=True),) if first else ()
    without = _met_on(replace(line, decided=None), first)
    return _judgement(
        line,
        verdict,
        f"Last dose {day(stopped_on)}. {_passed(need.days, stopped_on, on=on)}",
        by_decision=verdict is Verdict.MET and not (without and without.holds(on)),
        met_on=met_on,
        needed=f"Wait until {day(first)}." if first and not line.pair.gaps else _DECIDE,
        steps=(*need.steps, *total),
        facts=need.facts,
    )


def _met_on(line: Line, first: date | None) -> Span | None:
    """Return the days on which a stopped medicine does not stand in the way. `first` is the day after its washout.

    A gap in the facts, or days that nothing on file gives, need a decision; a decision does not shorten known days.
    """
    clear = None if first is None else Span(first)
    if line.pair.standing is Standing.STOPS:
        return overlap((clear or Span(), line.lifted)) if line.pair.gaps or clear is None else clear
    return line.lifted or (None if line.pair.gaps else clear)


def _while_taken(line: Line, taken: str, *, met_on: Span | None) -> Judgement:
    """Judge a medicine that is taken on the day and does not simply pass. `met_on` are the days after its last dose."""
    if line.pair.standing is Standing.STOPS:
        return _judgement(line, Verdict.NOT_MET, f"{taken} {line.pair.words}", met_on=met_on, needed=_PRESCRIBER)
    said = f" {line.pair.words} Neither a stop nor a pass is on file." if line.pair.rows else ""
    verdict = Verdict.MET if line.lifted else Verdict.UNKNOWN
    met_on, by = line.lifted or met_on, line.lifted is not None
    return _judgement(line, verdict, f"{taken}{said}", by_decision=by, met_on=met_on, needed=_DECIDE)


def _decided_against(line: Line) -> Judgement:
    return _judgement(line, Verdict.NOT_MET, "A person decided that it stops the course.")


def _judgement(
    line: Line,
    verdict: Verdict,
    because: str,
    *,
    by_decision: bool = False,
    met_on: Span | None = None,
    needed: str = "",
    steps: tuple[Step, ...] | None = None,
    facts: tuple[Basis, ...] = (),
) -> Judgement:
    return Judgement(
        verdict,
        " ".join(
            (
                *(_deciders(line.decided) if by_decision and line.decided else ()),
                because,
                *line.pair.gaps,
                *_decision(line),
            )
        ),
        met_on=met_on,
        needed=needed,
        steps=line.pair.steps if steps is None else steps,
        rests_on=(line.told.id, line.decided.id) if line.decided else (line.told.id,),
        facts=tuple(dict.fromkeys((*facts, *line.pair.facts))),
        cautions=tuple(_cautions(line, verdict)),
        medicine=line.told.entry.medicine,
        about=line.told.entry.typed,
    )


def _cautions(line: Line, verdict: Verdict) -> Iterator[str]:
    if line.pair.drug and line.pair.drug.not_stopped_abruptly:
        yield _ABRUPT
    if line.pair.standing is Standing.PASSES:
        yield from (f"{row.title}: {row.effect}" for row in line.pair.rows)
    if line.void and verdict is not Verdict.MET:
        yield _VOID


def _deciders(decided: Recorded[MedicineDecided]) -> tuple[str]:
    """Return who let a medicine pass that no fact lets pass, and when."""
    who = f"{decided.role.replace('_', ' ')} {decided.by}".strip()
    return (f"By decision of {who} and {decided.entry.second_person} on {day(decided.on)}, not by a fact.",)


def _decision(line: Line) -> Iterator[str]:
    if line.decided:
        entry = line.decided.entry
        may = "it may go on" if entry.decision == "may_go_on" else "it stops the course"
        who = (
            f"second person {entry.second_person}"
            if entry.second_person.strip()
            else "no second person, so it does not count"
        )
        yield f"Decided on {day(line.decided.on)}: {may}. It rests on: {entry.rests_on} ({who})."


def _if_taken(line: Line) -> str:
    stops = line.pair.standing is Standing.STOPS
    then = "Taking it would stop the course." if stops else "Taking it would be for a person to decide."
    return f"{line.pair.words} {then}".strip()


def _passed(needed: int | None, stopped_on: date, *, on: date) -> str:
    passed = (on - stopped_on).days
    gone = "That day lies ahead" if passed < 0 else f"{days(passed)} {'has' if passed == 1 else 'have'} passed"
    if needed is None:
        return f"{gone}; no rule on file says how many are needed."
    return f"{gone}; {needed} {'is' if needed == 1 else 'are'} needed."
