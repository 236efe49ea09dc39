"""`asklepion analyse meta TABLE.csv`: studies of one comparison pooled, retracted ones left out and named."""

from dataclasses import asdict
from enum import StrEnum
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.meta import Choices, Coefficient, Levels, Pooled, Study
    from asklepion.stats.meta.table import Studies

Code = TypeVar("Code", bound=StrEnum)
Names = Annotated[str | None, typer.Option(help="Names in their order, with commas between.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(meta)


def meta(
    table: Annotated[Path, typer.Argument(help="CSV with a row for each study, or a Metapsy file.")],
    study: Annotated[str, typer.Option(help="The column of the study's label.")] = "study",
    measure: Annotated[str | None, typer.Option(help="given, smd, md, rr, or, rd.")] = None,
    estimator: Annotated[str, typer.Option(help="reml, ml, dl, pm, he, sj, hs.")] = "reml",
    inference: Annotated[str, typer.Option(help="hartung-knapp, hartung-knapp-safe, normal.")] = "hartung-knapp",
    prediction: Annotated[str, typer.Option(help="k-1, k-2, hartung-knapp.")] = "k-1",
    level: Annotated[float, typer.Option(help="Of intervals.")] = 0.95,
    zero: Annotated[str, typer.Option(help="Half an event in zero cells: people or cells.")] = "people",
    outcome: Annotated[
        str, typer.Option(help="Metapsy: msd,imsd (the first there is), change, response.")
    ] = "msd,imsd",
    instrument: Annotated[str | None, typer.Option(help="Metapsy: in order of preference; else the primary.")] = None,
    all_times: Annotated[bool, typer.Option(help="Metapsy: every time after baseline; needs --rho.")] = False,
    all_arms: Annotated[bool, typer.Option(help="Metapsy: every pair of doses.")] = False,
    leave_out: Names = None,
    by: Annotated[str | None, typer.Option(help="A column of subgroups, tau squared shared.")] = None,
    moderator: Names = None,
    rho: Annotated[float | None, typer.Option(help="Three levels; sampling errors of a study correlate by it.")] = None,
    robustness: Annotated[bool, typer.Option(help="Add leave-one-out and small-study tests.")] = False,
    keep_retracted: Annotated[bool, typer.Option(help="Count retracted studies as if they stood.")] = False,
    as_json: Json = False,
) -> None:
    """Pool the studies of a table: effect, prediction interval, heterogeneity.

    Exit 0 if it could be told, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import levels, retracted_dois
    from asklepion.stats.meta import Choices, Estimator, Inference, Prediction, Zero
    from asklepion.stats.meta.metapsy import Selection
    from asklepion.stats.meta.table import Kind, Reading, read_studies

    choices = Choices(
        estimator=one_of(Estimator, estimator, "estimator"), inference=one_of(Inference, inference, "inference"),
        prediction=one_of(Prediction, prediction, "prediction"), level=level,
    )  # fmt: skip
    selection = Selection(
        outcomes=levels(outcome) or (), instruments=levels(instrument) or (), all_times=all_times, all_arms=all_arms
    )
    reading = Reading(
        study=study, measure=one_of(Kind, measure, "measure") if measure else None, zero=one_of(Zero, zero, "zero"),
        keep_retracted=keep_retracted, leave_out=levels(leave_out) or (), selection=selection,
    )  # fmt: skip
    found = read_studies(table, reading=reading, retracted=retracted_dois())
    moderators = levels(moderator) or ()
    if rho is not None:
        _tell_levels(found, choices, rho=rho, moderators=moderators, as_json=as_json)
        return
    _tell(found, choices, by=by, moderators=moderators, robustness=robustness, as_json=as_json)


def one_of(kind: type[Code], value: str, name: str) -> Code:
    """Give a code by its name. Raises BadInput with the names there are."""
    from asklepion.core.errors import BadInput

    try:
        return kind(value)
    except ValueError:
        raise BadInput(f"{value} is none.", where=name, remedy=f"Name one of {', '.join(map(str, kind))}.") from None


def _tell(
    found: "Studies",
    choices: "Choices",
    *,
    by: str | None,
    moderators: tuple[str, ...],
    robustness: bool,
    as_json: bool,
) -> None:
    from asklepion.cli.analyse.shown import close, left_out, with_input
    from asklepion.cli.start import answer
    from asklepion.stats.meta import egger, leave_one_out, pool, rank, regress, subgroups, trim_and_fill
    from asklepion.stats.meta.table import labels_of, numbers_of

    pooled = pool(found.studies, choices=choices)
    told: dict[str, object] = {"measure": str(found.measure), "reading": found.reading, "pooled": asdict(pooled)}
    groups = subgroups(found.studies, labels_of(found, by), choices=choices) if by else None
    slopes = regress(found.studies, numbers_of(found, moderators), choices=choices) if moderators else None
    told |= {"left_out": [asdict(each) for each in found.left_out]}
    told |= {"subgroups": asdict(groups)} if groups else {}
    told |= {"regression": asdict(slopes)} if slopes else {}
    without, tests, filled = {}, [], None
    if robustness:
        without = leave_one_out(found.studies, choices=choices)
        tests, filled = [egger(found.studies), rank(found.studies)], trim_and_fill(found.studies, choices=choices)
        told |= {"leave_one_out": {name: asdict(each) for name, each in without.items()}}
        told |= {"small_study": [asdict(each) for each in tests], "trim_and_fill": asdict(filled)}
    if as_json:
        answer(with_input(found.source, told))
        return
    _print(pooled, ratio=found.measure.ratio)
    if groups:
        print(f"\nSubgroups by {by}: Q between {groups.q_between:.4f} on {groups.df}, p {groups.p:.4f}")
        _lines([(name, each) for name, each, _ in groups.groups], ratio=found.measure.ratio)
    if slopes:
        print(f"\nModerators: tau2 {slopes.tau2:.6f}, R2 {slopes.r2:.1f}%")
        _lines([(each.label, each) for each in slopes.coefficients], ratio=False)
    if without:
        print("\nWithout")
        _lines([(name, each.effect) for name, each in without.items()], ratio=found.measure.ratio)
    for test in tests:
        print(f"{test.test}: {test.statistic:.4f}, p {test.p:.4f} {test.warning}".rstrip())
    if filled:
        print(f"Trim and fill: {filled.missing} at the {filled.side}. {filled.warning}")
        _lines([("filled", filled.pooled.effect)], ratio=found.measure.ratio)
    for line in filter(None, [found.reading, *left_out(found.left_out)]):
        print(line)
    close(found.source)


def _print(pooled: "Pooled", *, ratio: bool) -> None:
    from asklepion.cli.analyse.shown import limits
    from asklepion.cli.start import table

    def shown(value: float) -> str:
        return f"{exp(value) if ratio else value:.4f}"

    choices = pooled.choices
    reach = 1.959963984540054
    rows = [
        (each.label, shown(each.effect), f"{shown(each.effect - reach * each.variance**0.5)} to "
         f"{shown(each.effect + reach * each.variance**0.5)}", f"{weight:.1f}%")
        for each, weight in zip(pooled.studies, pooled.weights, strict=True)
    ]  # fmt: skip
    table(("study", "effect", "95% normal", "weight"), rows)
    _excluded(pooled.excluded)
    effect = pooled.effect
    print(f"\n{len(pooled.studies)} studies, {choices.estimator}, {choices.inference}")
    _lines([("pooled effect", effect)], ratio=ratio)
    if pooled.prediction:
        low, high = pooled.prediction
        print(f"Prediction interval ({choices.prediction}): {shown(low)} to {shown(high)}")
    print(
        f"tau2 {pooled.tau2:.6f} ({limits(*pooled.tau2_interval)}), I2 {pooled.i2:.1f}% "
        f"({pooled.i2_interval[0]:.1f} to {pooled.i2_interval[1]:.1f}), Q {pooled.q:.4f} p {pooled.q_p:.4f}"
    )
    for warning in pooled.warnings:
        print(f"Note: {warning}")


def _excluded(studies: "tuple[Study, ...]") -> None:
    for each in studies:
        print(f"not counted: {each.label} ({each.retracted})")


def _lines(lines: "list[tuple[str, Coefficient]]", *, ratio: bool) -> None:
    from asklepion.cli.analyse.shown import p_value
    from asklepion.cli.start import table

    def shown(value: float) -> str:
        return f"{exp(value) if ratio else value:.6f}"

    rows = [
        (name, shown(e.estimate), f"{e.se:.6f}", f"{shown(e.lower)} to {shown(e.upper)}", f"{e.statistic:.4f}",
         "" if e.df == float("inf") else f"{e.df:.4g}", p_value(e.p))
        for name, e in lines
    ]  # fmt: skip
    table(("", "estimate", "log SE" if ratio else "SE", "interval", "statistic", "df", "p"), rows)


def _tell_levels(
    found: "Studies", choices: "Choices", *, rho: float, moderators: tuple[str, ...], as_json: bool
) -> None:
    from asklepion.cli.analyse.shown import close, left_out, with_input
    from asklepion.cli.start import answer
    from asklepion.stats.meta import pool_levels
    from asklepion.stats.meta.table import nested, numbers_of

    fitted: Levels = pool_levels(nested(found), rho=rho, moderators=numbers_of(found, moderators), choices=choices)
    if as_json:
        told = {"measure": str(found.measure), "reading": found.reading, "levels": asdict(fitted)}
        left = [asdict(each) for each in found.left_out]
        answer(with_input(found.source, told | {"left_out": left}))
        return
    print(f"{len(fitted.studies)} studies with {fitted.effects} effects, correlation of sampling errors {rho}")
    _excluded(tuple(each.effect for each in fitted.excluded))
    _lines([(each.label, each) for each in fitted.coefficients], ratio=found.measure.ratio)
    _lines([(f"{each.label}, robust", each) for each in fitted.robust], ratio=found.measure.ratio)
    print(f"sigma2 between studies {fitted.sigma2_between:.6f}, within {fitted.sigma2_within:.6f}; Q {fitted.q:.4f}")
    for warning in fitted.warnings:
        print(f"Note: {warning}")
    for line in filter(None, [found.reading, *left_out(found.left_out)]):
        print(line)
    close(found.source)
