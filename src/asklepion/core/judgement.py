"""A judgement before it bears the name of a criterion, and how several make one. Unknown is never met.

`met_on` speaks of the day that is judged and of those after it: on any of them that lies in the span the same chart
gives met. Days before the judged one are not vouched for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from asklepion.core.values import Finding, Span, Step, Verdict
from asklepion.knowledge.types import Basis, Criterion

ORDER = (Verdict.NOT_MET, Verdict.UNKNOWN, Verdict.MET)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a test says on one day. `medicine` and `about` are a medicine's line and its name, if it is about one."""

    verdict: Verdict
    because: str
    met_on: Span | None = None
    needed: str = ""
    steps: tuple[Step, ...] = ()
    rests_on: tuple[str, ...] = ()
    facts: tuple[Basis, ...] = ()
    cautions: tuple[str, ...] = ()
    medicine: str = ""
    about: str = ""
    stale: bool = False
    decision: str = ""


def finding(criterion: Criterion, judged: Judgement) -> Finding:
    """Return a judgement under its criterion. Where it says nothing of its own, the criterion says what is missing."""
    open_ = judged.verdict is not Verdict.MET
    return Finding(
        criterion=criterion.id,
        title=f"{judged.about}: {_lowered(criterion.title)}" if judged.about else criterion.title,
        domain=criterion.domain,
        effect=criterion.effect,
        verdict=judged.verdict,
        because=judged.because,
        decides=criterion.decides,
        rule=criterion.basis,
        met_on=judged.met_on,
        needed=(judged.needed or criterion.missing) if open_ else "",
        steps=judged.steps,
        rests_on=judged.rests_on,
        facts=judged.facts,
        medicine=judged.medicine,
        cautions=judged.cautions,
        stale=judged.stale,
        decision=judged.decision,
    )


def all_of(judgements: Iterable[Judgement]) -> Judgement:
    """Return one judgement that is met only where each is. Of none at all nothing is known."""
    each = tuple(judgements)
    verdicts = {one.verdict for one in each}
    verdict = next((verdict for verdict in ORDER if verdict in verdicts), Verdict.UNKNOWN)
    return _made_of(each, verdict, overlap(one.met_on for one in each) if each else None)


def any_of(judgements: Iterable[Judgement], *, on: date) -> Judgement:
    """Return one judgement that is met where any is, and not met only where each is not.

    Its span is one unbroken stretch: that which holds `on`, else the next one ahead. Days of a later stretch are not
    claimed, though they may be met.
    """
    each = tuple(judgements)
    verdicts = {one.verdict for one in each}
    verdict = next((verdict for verdict in reversed(ORDER) if verdict in verdicts), Verdict.UNKNOWN)
    return _made_of(each, verdict, stretch((one.met_on for one in each), on=on))


def overlap(spans: Iterable[Span | None]) -> Span | None:
    """Return the days that every span has, or None where there is none."""
    common = Span()
    for span in spans:
        if span is None:
            return None
        common = common.both(span)
    return None if common.first and common.last and common.last < common.first else common


def stretch(spans: Iterable[Span | None], *, on: date) -> Span | None:
    """Return one unbroken stretch of the days that any span has: the one with `on`, else the next, else the last."""
    merged: list[Span] = []
    for span in sorted((span for span in spans if span), key=lambda span: span.first or date.min):
        before = merged[-1] if merged else None
        if before and _touch(before, span):
            merged[-1] = Span(before.first, None if not (before.last and span.last) else max(before.last, span.last))
        else:
            merged.append(span)
    ahead = next((span for span in merged if span.last is None or span.last >= on), None)
    return ahead or (merged[-1] if merged else None)


def day(on: date) -> str:
    """Return a date as pages write it.

    >>> day(date(2026, 11, 9))
    '9 Nov 2026'
    """
    return f"{on.day} {on:%b} {on.year}"


def days(count: int) -> str:
    """Return a number of days in words.

    >>> days(1), days(29)
    ('1 day', '29 days')
    """
    return f"{count} day" if count == 1 else f"{count} days"


def _made_of(each: tuple[Judgement, ...], verdict: Verdict, met_on: Span | None) -> Judgement:
    if len(each) == 1:
        return replace(each[0], met_on=met_on)
    deciding = [one for one in each if one.verdict is verdict]
    return Judgement(
        verdict,
        " ".join(dict.fromkeys(one.because for one in deciding)) or "The criterion names no test.",
        met_on=met_on,
        needed=" ".join(dict.fromkeys(one.needed for one in deciding if one.needed)),
        steps=tuple(step for one in each for step in one.steps),
        rests_on=tuple(dict.fromkeys(id for one in each for id in one.rests_on)),
        facts=tuple(dict.fromkeys(basis for one in each for basis in one.facts)),
        cautions=tuple(dict.fromkeys(caution for one in each for caution in one.cautions)),
        stale=bool(deciding) and all(one.stale for one in deciding),
        decision=next((one.decision for one in deciding if one.decision), ""),
    )


def _touch(before: Span, after: Span) -> bool:
    return before.last is None or after.first is None or after.first <= before.last + timedelta(days=1)


def _lowered(title: str) -> str:
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
