"""Screening: each criterion judged on one day by what the chart holds. Met only where it is positively shown.

What was recorded for a day after the judged one is not used; of several readings the latest counts. A value that is
older than its criterion allows is unknown, whatever it says.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from asklepion.core import clearance, decisions
from asklepion.core.case import Case
from asklepion.core.case import case as case_of
from asklepion.core.chart import Chart, Observation, Recorded
from asklepion.core.entries import AnswersGiven
from asklepion.core.judgement import Judgement, all_of, any_of, day, days, finding, overlap
from asklepion.core.values import Finding, Span, Verdict, unit_words
from asklepion.knowledge.types import (
    AllOf,
    AnyOf,
    CategoryTest,
    Criterion,
    EventsTest,
    Facts,
    InteractionsTest,
    MeasureTest,
    Protocol,
    ScoreTest,
    StatementTest,
    Test,
    UnsettledTest,
    WashoutTest,
)

SEX = "sex"
Other = Callable[[Test], Judgement]
"""Judges the tests that rest on more than the chart's facts: consent, signatures, visits."""


def judge(criterion: Criterion, protocol: Protocol, facts: Facts, chart: Chart, *, on: date) -> tuple[Finding, ...]:
    """Return the finding of one criterion, or one for each medicine, for tests that rest on the chart's facts.

    Tests of consent, signatures and visits need more than the chart: core.readiness judges them; here they are unknown.
    """
    judged = judgements(criterion.test, case_of(protocol, facts, chart, on=on), other=_not_here)
    return tuple(finding(criterion, each) for each in judged)


def judgements(test: Test, case: Case, *, other: Other) -> tuple[Judgement, ...]:
    """Return what a test says: one judgement, or one for each medicine. `other` judges what is not for this room."""
    match test:
        case MeasureTest():
            return (_measure(test, case),)
        case StatementTest():
            return (_statement(test, case),)
        case ScoreTest():
            return (replace(_score(test, case), facts=case.bases(test.scale, test.score)),)
        case CategoryTest():
            return (replace(_category(test, case), facts=case.bases(test.scale, test.classification)),)
        case UnsettledTest():
            return (_unsettled(test, case),)
        case EventsTest():
            return (decisions.events(test, case),)
        case WashoutTest():
            return clearance.washouts(case)
        case InteractionsTest():
            return clearance.taken_now(case)
        case AllOf(of=of):
            return (all_of(one for each in of for one in judgements(each, case, other=other)),)
        case AnyOf(of=of):
            return (any_of((all_of(judgements(each, case, other=other)) for each in of), on=case.on),)
        case _:
            return (other(test),)


def _not_here(test: Test) -> Judgement:
    return Judgement(Verdict.UNKNOWN, f"A test of the kind {test.kind} is judged with the plan of the course.")


def _measure(test: MeasureTest, case: Case) -> Judgement:
    title = case.observable(test.what)
    seen = case.seen.get(test.what)
    if seen is None:
        return _missing(title)
    known = case.facts.observables.get(test.what)
    if isinstance(seen.value, bool | str):
        return _unknown(f"{title} of {day(seen.on)} is not a number.", f"Record {title} as a number.", seen)
    if known and known.unit != seen.unit:
        recorded, wanted = (unit_words(unit) or "no unit" for unit in (seen.unit, known.unit))
        because = f"{title} of {day(seen.on)} was recorded in {recorded}, not in {wanted}."
        return _unknown(because, f"Record {title} in the unit asked for.", seen)
    if _too_old(seen.on, test.max_age_days, on=case.on):
        good = _within(seen.value, test.at_least, test.at_most) and _sexed(test, seen.value, _sex(case)) is True
        span = _fresh(seen.on, test.max_age_days) if good else None
        return _stale(title, seen.on, test.max_age_days, (seen.source.id,), span)
    return _repeated(test, seen, _measured(test, seen, seen.value, case), case)


def _measured(test: MeasureTest, seen: Observation, value: float, case: Case) -> Judgement:
    sex = case.seen.get(SEX)
    fits = _sexed(test, value, _sex(case))
    amount = f"{value:g} {unit_words(seen.unit)}".strip()
    said = f"{case.observable(test.what)} {amount} on {day(seen.on)}; {_limits(test)}."
    rests_on = (seen.source.id, sex.source.id) if sex and _has_sexes(test) else (seen.source.id,)
    if not _within(value, test.at_least, test.at_most) or fits is False:
        return Judgement(Verdict.NOT_MET, said, rests_on=tuple(dict.fromkeys(rests_on)))
    if fits is None:
        because = f"{said} Which limit holds is not known: no sex that the limits name is on file."
        return Judgement(Verdict.UNKNOWN, because, needed="Record the sex for limits that differ.", rests_on=rests_on)
    known_since = Span(sex.on) if sex and _has_sexes(test) else Span()
    met_on = overlap((_fresh(seen.on, test.max_age_days), known_since))
    return Judgement(Verdict.MET, said, met_on=met_on, rests_on=tuple(dict.fromkeys(rests_on)))


def _repeated(test: MeasureTest, seen: Observation, judged: Judgement, case: Case) -> Judgement:
    """Show every reading of the day once one of them lay outside; met then only after a person's decision."""
    taken = [each for each in case.chart.observations(test.what) if each.on == seen.on] if test.repeat_needs else []
    outside = [each for each in taken if not _keeps(test, each, case)]
    if not outside or len(taken) == 1:
        return judged
    rests_on = tuple(dict.fromkeys((*judged.rests_on, *(each.source.id for each in taken))))
    said = f"{judged.because} Read on that day: {', '.join(_read(each, case) for each in taken)}."
    shown = replace(judged, because=said, rests_on=rests_on)
    if judged.verdict is not Verdict.MET:
        return shown
    last = max(each.source.seq for each in outside)
    return decisions.until_decided(shown, case, test.repeat_needs, after=last)


def _keeps(test: MeasureTest, seen: Observation, case: Case) -> bool:
    """Say whether a reading is known to keep the limits. What cannot be held against them does not."""
    if isinstance(seen.value, bool | str):
        return False
    return _within(seen.value, test.at_least, test.at_most) and _sexed(test, seen.value, _sex(case)) is True


def _read(seen: Observation, case: Case) -> str:
    """Return `172/104 at 08:05`: a reading with the one typed with it, where the two belong together."""
    known = case.facts.observables
    lower = known[seen.what].exceeds if seen.what in known else ""
    upper = next((each.id for each in known.values() if each.exceeds == seen.what), "")
    pair = (seen.what, lower) if lower else (upper, seen.what)
    typed = {value.what: value.value for value in seen.source.entry.values}
    numbers = "/".join(_word(typed[what]) for what in pair if what in typed)
    clock = seen.source.clock
    return f"{numbers} at {clock:%H:%M}" if clock else f"{numbers} at {seen.source.at:%H:%M} UTC"


def _within(value: float, at_least: float | None, at_most: float | None) -> bool:
    return (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


def _has_sexes(test: MeasureTest) -> bool:
    return test.at_most_female is not None or test.at_most_male is not None


def _sex(case: Case) -> str:
    seen = case.seen.get(SEX)
    return str(seen.value) if seen else ""


def _sexed(test: MeasureTest, value: float, sex: str) -> bool | None:
    """Return whether a value keeps the limit of a sex. None where the sex is not known and the limits disagree."""
    if not _has_sexes(test):
        return True
    limits = {"female": test.at_most_female, "male": test.at_most_male}
    kept = {name: limit is None or value <= limit for name, limit in limits.items()}
    if sex in kept:
        return kept[sex]
    return None if any(kept.values()) else False


def _limits(test: MeasureTest) -> str:
    bounds = (
        ("at least", test.at_least, ""),
        ("at most", test.at_most, ""),
        ("at most", test.at_most_female, " in women"),
        ("at most", test.at_most_male, " in men"),
    )
    return ", ".join(f"{word} {bound:g}{whom}" for word, bound, whom in bounds if bound is not None) or "no limit"


def _statement(test: StatementTest, case: Case) -> Judgement:
    """Judge a statement, or the exemption from it. A contrary one made after the exemption leaves both in doubt."""
    asked = _asked(test, case)
    exempt = case.seen.get(test.unless) if test.unless else None
    if exempt is None or not _same(exempt.value, test.unless_equals):
        return asked
    because = f"{case.observable(test.unless)}: {_word(exempt.value)}, {day(exempt.on)}. This is not asked of them."
    seen = case.seen.get(test.what)
    if seen and not _same(seen.value, test.equals) and _place(seen) > _place(exempt):
        because = f"{because} But {case.observable(test.what)} was recorded as {_word(seen.value)} on {day(seen.on)}."
        needed = "The two contradict each other: correct the one that is wrong."
        return Judgement(Verdict.UNKNOWN, because, needed=needed, rests_on=(exempt.source.id, seen.source.id))
    return Judgement(Verdict.MET, because, met_on=Span(exempt.on), rests_on=(exempt.source.id,))


def _asked(test: StatementTest, case: Case) -> Judgement:
    title = case.observable(test.what)
    seen = case.seen.get(test.what)
    if seen is None:
        return _missing(title)
    fits = _same(seen.value, test.equals)
    if _too_old(seen.on, test.max_age_days, on=case.on):
        span = _fresh(seen.on, test.max_age_days) if fits else None
        return _stale(title, seen.on, test.max_age_days, (seen.source.id,), span)
    said = f"{title}: {_word(seen.value)}, {day(seen.on)}."
    if fits:
        return Judgement(Verdict.MET, said, met_on=_fresh(seen.on, test.max_age_days), rests_on=(seen.source.id,))
    return Judgement(Verdict.NOT_MET, f"{said} Asked for: {_word(test.equals)}.", rests_on=(seen.source.id,))


def _score(test: ScoreTest, case: Case) -> Judgement:
    title = case.scale(test.scale)
    given = case.given.get(test.scale)
    if given is None:
        return _missing(title)
    score = next((score for score in given.entry.scores if score.id == test.score), None)
    if score is None or score.value is None:
        why = score.unscored if score and score.unscored else f"there is no score {test.score}"
        return _unknown(f"{title} of {day(given.on)} gives no number: {why}.", f"Have {title} filled in again.", given)
    fits = _within(score.value, test.at_least, test.at_most)
    number = "its number is sealed" if given.entry.sealed else f"{score.value:g}"
    said = f"{title} of {day(given.on)}: {number}; {_limits_of_score(test)}."
    return _dated(title, said, fits, given, max_age_days=test.max_age_days, on=case.on)


def _limits_of_score(test: ScoreTest) -> str:
    return _limits(MeasureTest("measure", test.score, at_least=test.at_least, at_most=test.at_most))


def _category(test: CategoryTest, case: Case) -> Judgement:
    title = case.scale(test.scale)
    given = case.given.get(test.scale)
    if given is None:
        return _missing(title)
    category = next((each for each in given.entry.categories if each.id == test.classification), None)
    if category is None or category.value is None:
        blanks = f"; blank: {', '.join(category.missing)}" if category and category.missing else ""
        because = f"{title} of {day(given.on)} cannot be classified{blanks}."
        return _unknown(because, f"Have {title} filled in again.", given)
    fits = category.value not in test.not_values
    result = "its result is sealed" if given.entry.sealed else category.value.replace("_", " ")
    said = f"{title} of {day(given.on)}: {result}. Not met would be: {', '.join(test.not_values)}."
    judged = _dated(title, said, fits, given, max_age_days=test.max_age_days, on=case.on)
    if judged.verdict is Verdict.MET and category.value in test.judged_values:
        return decisions.until_decided(judged, case, test.decided_by, after=given.seq)
    return judged


def _dated(
    title: str, said: str, fits: bool, given: Recorded[AnswersGiven], *, max_age_days: int | None, on: date
) -> Judgement:
    span = _fresh(given.on, max_age_days) if fits else None
    if _too_old(given.on, max_age_days, on=on):
        return _stale(title, given.on, max_age_days, (given.id,), span)
    return Judgement(Verdict.MET if fits else Verdict.NOT_MET, said, met_on=span, rests_on=(given.id,))


def _unsettled(test: UnsettledTest, case: Case) -> Judgement:
    title = case.observable(test.decided_by)
    seen = case.seen.get(test.decided_by)
    if seen is None or seen.value in (False, ""):
        because = f"Sources disagree or are silent, and {title} has not been decided here."
        rests_on = (seen.source.id,) if seen else ()
        return Judgement(Verdict.UNKNOWN, because, rests_on=rests_on)
    because = f"Decided on {day(seen.on)}. {title}: {_word(seen.value)}."
    return Judgement(Verdict.MET, because, met_on=Span(seen.on), rests_on=(seen.source.id,))


def _missing(title: str) -> Judgement:
    return Judgement(Verdict.UNKNOWN, f"Not on file: {title}.")


def _unknown(because: str, needed: str, seen: Observation | Recorded[AnswersGiven]) -> Judgement:
    source = seen.source.id if isinstance(seen, Observation) else seen.id
    return Judgement(Verdict.UNKNOWN, because, needed=needed, rests_on=(source,))


def _stale(
    title: str, taken_on: date, max_age_days: int | None, rests_on: tuple[str, ...], met_on: Span | None
) -> Judgement:
    because = f"{title} of {day(taken_on)} is older than {days(max_age_days or 0)}."
    if not max_age_days:
        because = f"{title} of {day(taken_on)} is not of the day itself."
    needed = f"Record {title} again."
    return Judgement(Verdict.UNKNOWN, because, met_on=met_on, needed=needed, rests_on=rests_on, stale=True)


def _too_old(taken_on: date, max_age_days: int | None, *, on: date) -> bool:
    return max_age_days is not None and (on - taken_on).days > max_age_days


def _fresh(taken_on: date, max_age_days: int | None) -> Span:
    return Span(taken_on, None if max_age_days is None else taken_on + timedelta(days=max_age_days))


def _same(value: bool | float | str, asked: bool | str | None) -> bool:
    """Say whether a value is the one asked for. Zero is not no, and one is not yes."""
    return value == asked and isinstance(value, bool) == isinstance(asked, bool)


def _place(seen: Observation) -> tuple[object, int]:
    return seen.source.at, seen.source.seq


def _word(value: bool | float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"
