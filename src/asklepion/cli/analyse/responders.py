"""`asklepion analyse responders TABLE.csv`: who responded, by a definition that is kept with the number."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.responders import Method, Scale
    from asklepion.stats.responders.change import Changes
    from asklepion.stats.responders.effects import Effect
    from asklepion.stats.responders.proportions import NeededToTreat
    from asklepion.stats.responders.trial import Answer, Count

Column = Annotated[str, typer.Option(help="A column's name.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(responders)


def responders(
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject and visit.")],
    response: Annotated[str, typer.Option(help="fall>=50%, fall>=10, value<=11, value>=11 or value=no.")],
    at: Annotated[str, typer.Option(help="The visit at which it is judged.")],
    subject: Column = "USUBJID",
    visit: Column = "AVISIT",
    value: Column = "AVAL",
    baseline: Column = "BASE",
    arm: Column = "TRT01P",
    arms: Annotated[str | None, typer.Option(help="Arms in their order, the reference first.")] = None,
    reliability: Annotated[float | None, typer.Option(help="The scale's, 0 to 1: adds reliable change.")] = None,
    reliable_by: Annotated[str, typer.Option(help="By whose formula, such as edwards-nunnally.")] = "jacobson-truax",
    reliability_after: Annotated[float | None, typer.Option(help="At the visit; nunnally-kotsch only.")] = None,
    higher_is_better: Annotated[bool, typer.Option(help="A rise of the scale is a gain.")] = False,
    as_json: Json = False,
) -> None:
    """Tell responders of each arm, and how the arms differ: known only, and unknown as no response.

    Exit 0 if it could be told, 2 if the table or the definition cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, levels, with_input
    from asklepion.cli.start import answer
    from asklepion.stats.responders.definition import definition
    from asklepion.stats.responders.trial import Question, respond
    from asklepion.stats.tables import read_csv

    scale = _scale(reliability, reliability_after, higher_is_better)
    question = Question(
        definition=definition(response), visit_is=at, subject=subject, visit=visit, value=value, baseline=baseline,
        arm=arm, arms=levels(arms), scale=scale, reliable_by=_method(reliable_by, scale),
    )  # fmt: skip
    source = read_csv(table, labels=[subject, arm, visit])
    told = respond(source.rows, question)
    if as_json:
        answer(with_input(source, _plain(told)))
        return
    _print(told, question.scale)
    close(source)


def _scale(reliability: float | None, after: float | None, higher_is_better: bool) -> "Scale | None":
    from asklepion.core.errors import BadInput
    from asklepion.stats.responders import Scale

    if reliability is not None:
        return Scale(reliability, not higher_is_better, after)
    if after is not None:
        raise BadInput("It stands alone.", where="--reliability-after", remedy="Give --reliability, too.")
    return None


def _method(name: str, scale: "Scale | None") -> "Method":
    from asklepion.core.errors import BadInput
    from asklepion.stats.responders import Method

    if name not in set(Method):
        raise BadInput(f"`{name}` is no method.", where="--reliable-by", remedy=f"Known: {', '.join(Method)}.")
    if scale is None and name != Method.JACOBSON_TRUAX:
        raise BadInput("It needs the scale's reliability.", where="--reliable-by", remedy="Give --reliability, too.")
    return Method(name)


def _plain(told: "Answer") -> dict[str, object]:
    plain = {name: value for name, value in asdict(told).items() if name != "changes"}
    counted = [
        {
            "arm": arm,
            "method": str(each.method),
            "expected": asdict(each.expected),
            "reliable_points": each.reliable_points,
            "cutoff_a": each.cutoff,
            "cutoff_after": each.cutoff_after,
            **_verdicts(each),
        }
        for arm, each in told.changes
    ]
    return {**plain, "changes": counted}


def _verdicts(changes: "Changes") -> dict[str, int]:
    from asklepion.stats.responders import Verdict

    return {str(verdict): changes.count(verdict) for verdict in Verdict}


def _print(told: "Answer", scale: "Scale | None") -> None:
    from asklepion.cli.start import table

    unknown = dict(told.unknown)
    people = "; ".join(f"{arm} {count} people, {unknown[arm]} unknown" for arm, count in told.people)
    print(f"Response: {told.definition}. {people}")
    for count in told.counts:
        _count(count)
    if told.effects or told.without:
        print("\nEffect sizes of the change from baseline (a fall is below zero)")
        for line in told.without:
            print(f"  no number for {line}")
        table(("", "measure", "unit", "n", "estimate", "95% interval"), [_effect(*each) for each in told.effects])
    if told.changes and scale is not None:
        first = told.changes[0][1]
        print(f"\nReliable change by {first.method}: more than {first.reliable_points:.2f} points {_expected(first)}")
        names = list(_verdicts(first))
        table(("", *names), [(arm, *_verdicts(each).values()) for arm, each in told.changes])


def _expected(changes: "Changes") -> str:
    slope, intercept = changes.expected.slope, changes.expected.intercept
    away = "of change"
    if (slope, intercept) != (1, 0):
        away = f"away from {slope:.3g} x baseline {'-' if intercept < 0 else '+'} {abs(intercept):.2f}"
    passed = "" if changes.cutoff_after == changes.cutoff else f", passed at a score of {changes.cutoff_after:.2f}"
    return f"{away}; cut-off a {changes.cutoff:.2f}{passed}"


def _count(count: "Count") -> None:
    from asklepion.cli.analyse.shown import limits
    from asklepion.cli.start import table
    from asklepion.stats.responders import wilson

    print(f"\n{str(count.missing).capitalize()}")
    rows = [
        (name, f"{arm.responders}/{arm.people}", f"{arm.risk:.4f}", limits(*wilson(arm)), "wilson")
        for name, arm in count.arms
    ]
    (first, _), *others = count.arms
    pairs = [f"{name} against {first}" for name, _ in others]
    each_pair = len(count.comparisons) // max(len(pairs), 1)
    compared = [
        (
            f"{pairs[place // each_pair]}, {each.measure}",
            "",
            "undefined" if each.estimate is None else f"{each.estimate:.4f}",
            limits(each.lower, each.upper),
            str(each.interval),
        )
        for place, each in enumerate(count.comparisons)
    ]
    table(("", "responded", "estimate", "95% interval", "method"), [*rows, *compared])
    for pair, need in zip(pairs, count.needed, strict=True):
        print(f"Number needed to treat, {pair}: {_needed(need)}")


def _needed(need: "NeededToTreat") -> str:
    stretches = "; to ".join(f"{each.to} {each.least:.1f} to {_far(each.most)}" for each in need.stretches)
    return f"{_far(need.number)} to {need.to} (to {stretches})"


def _far(number: float) -> str:
    return "infinity" if number == float("inf") else f"{number:.1f}"


def _effect(label: str, effect: "Effect") -> tuple[object, ...]:
    from asklepion.cli.analyse.shown import limits

    return (
        label,
        effect.measure,
        effect.standardiser,
        effect.people,
        f"{effect.estimate:.4f}",
        limits(effect.lower, effect.upper),
    )
