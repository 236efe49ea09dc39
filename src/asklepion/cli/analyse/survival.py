"""`asklepion analyse survival TABLE.csv`: how long it lasted, by arm."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.columns import LeftOut
    from asklepion.stats.survival import Cox, Curve, Followed, LogRank, Proportionality, Restricted

Column = Annotated[str, typer.Option(help="A column's name.")]
Several = Annotated[list[str] | None, typer.Option(help="A further column; repeat it.")]


def register(analyse: typer.Typer) -> None:
    analyse.command()(survival)


def survival(
    table: Annotated[Path, typer.Argument(help="CSV with one row for each subject.")],
    time: Column = "AVAL",
    event: Column = "CNSR",
    event_is: Annotated[str, typer.Option(help="Labels that mean that the event was seen, as 1,2.")] = "0",
    arm: Column = "TRT01P",
    arms: Annotated[str | None, typer.Option(help="Arms in their order, the reference first.")] = None,
    subject: Annotated[str, typer.Option(help="The subject's column; '' for none.")] = "USUBJID",
    stratum: Several = None,
    covariate: Several = None,
    factor: Annotated[list[str] | None, typer.Option(help="A numeric covariate to take as levels.")] = None,
    at: Annotated[str | None, typer.Option(help="Times to tell survival at, as 90,180.")] = None,
    horizon: Annotated[float | None, typer.Option(help="To which time the mean is restricted.")] = None,
    transform: Annotated[str, typer.Option(help="Scale of the curve's interval: log-log, log or plain.")] = "log-log",
    as_json: Json = False,
) -> None:
    """Tell Kaplan-Meier curves, the log-rank test, hazard ratios and restricted means of times to an event.

    Exit 0 if all have numbers, 1 if hazard ratios have none, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, left_out, levels, with_input
    from asklepion.cli.start import answer
    from asklepion.stats import survival as room
    from asklepion.stats.tables import read_csv

    strata, covariates, factors = (tuple(each or ()) for each in (stratum, covariate, factor))
    columns = room.Columns(
        time=time, event=event, event_is=levels(event_is) or (), arm=arm, arms=levels(arms), subject=subject or None,
        strata=strata, covariates=covariates, factors=factors,
    )  # fmt: skip
    times = _times(at)
    source = read_csv(table, labels=[name for name in (subject, arm) if name])
    followed = room.read(source.rows, replace(columns, covariates=()))
    curves = room.kaplan_meier(followed, transform=_transform(transform))
    means = room.restricted_mean(followed, horizon=horizon)
    whole = room.read(source.rows, columns)
    hazards, why = _hazards(whole)
    lost = tuple(each for each in whole.left_out if each not in followed.left_out)
    if as_json:
        answer(with_input(source, _plain(followed, curves, means, hazards, why)))
    else:
        print(f"{followed.people} people, {int(followed.events.sum())} events ({event} is {event_is})")
        for line in left_out(followed.left_out):
            print(f"  {line}")
        _curves(curves, times)
        _tests(room.log_rank(followed), hazards, why, lost)
        _means(means)
        close(source)
    raise typer.Exit(1 if hazards is None else 0)


def _times(given: str | None) -> tuple[float, ...]:
    from asklepion.cli.analyse.shown import levels
    from asklepion.core.errors import BadInput

    try:
        found = tuple(float(each) for each in levels(given) or ())
    except ValueError:
        found = (-1.0,)
    if not all(0 <= each < float("inf") for each in found):
        raise BadInput(f"`{given}` is no list of times.", where="--at", remedy="Write times as 90,180.")
    return found


def _transform(given: str):  # type: ignore[no-untyped-def]
    from asklepion.core.errors import BadInput
    from asklepion.stats.survival import Transform

    if given not in set(Transform):
        raise BadInput(f"There is no {given}.", where="--transform", remedy=f"Known: {', '.join(Transform)}.")
    return Transform(given)


def _hazards(followed: "Followed") -> "tuple[tuple[Cox, tuple[Proportionality, ...]] | None, str]":
    """Give the fit and its tests of proportionality, or why one is none: curves and tests stand without it."""
    from asklepion.core.errors import BadInput
    from asklepion.stats.survival import cox, proportionality

    try:
        fit = cox(followed)
    except BadInput as error:
        return None, str(error)
    try:
        return (fit, proportionality(followed)), ""
    except BadInput as error:
        return (fit, ()), str(error)


def _plain(
    followed: "Followed",
    curves: "tuple[Curve, ...]",
    means: "tuple[Restricted, ...]",
    hazards: "tuple[Cox, tuple[Proportionality, ...]] | None",
    why: str,
) -> dict[str, object]:
    from asklepion.stats.survival import log_rank

    return {
        "people": followed.people,
        "events": int(followed.events.sum()),
        "left_out": [asdict(each) for each in followed.left_out],
        "curves": [
            {name: _listed(value) for name, value in asdict(curve).items()} for curve in curves
        ],
        "log_rank": asdict(log_rank(followed)),
        "restricted_means": [{**asdict(each), **_ends(each)} for each in means],
        "cox": {"why": why} if hazards is None else asdict(hazards[0]),
        "proportionality": [] if hazards is None else [asdict(each) for each in hazards[1]],
    }  # fmt: skip


def _ends(mean: "Restricted") -> dict[str, float | None]:
    """Give the limits; where nobody had the event before the horizon there is no spread to make them of."""
    return {"lower": mean.lower, "upper": mean.upper} if mean.se > 0 else {"lower": None, "upper": None}


def _listed(value: object) -> object:
    """Give an array as a list in which what is no number is None."""
    if not hasattr(value, "tolist"):
        return value
    return [None if each != each else each for each in value.tolist()]


def _curves(curves: "tuple[Curve, ...]", times: tuple[float, ...]) -> None:
    from asklepion.cli.analyse.shown import limits
    from asklepion.cli.start import table
    from asklepion.stats.survival.curves import asked

    print(f"\nKaplan-Meier, 95% intervals on the {curves[0].transform} scale")
    medians = [
        (each.arm, each.people, each.events, _time(each.median.estimate),
         f"{_time(each.median.lower)} to {_time(each.median.upper)}")
        for each in curves
    ]  # fmt: skip
    table(("arm", "people", "events", "median", "95% interval"), medians)
    rows = [
        (each.arm, f"{time:g}", at_risk, f"{share:.4f}", limits(lower, upper))
        for each in curves
        for time, at_risk, share, lower, upper in asked(each, times)
    ]
    past = [f"{each.arm} was followed to {each.times[-1]:g}: nothing at {time:g}." for each in curves for time in times
            if time > each.times[-1]]  # fmt: skip
    if rows or past:
        print()
        for line in past:
            print(f"  {line}")
        table(("arm", "time", "at risk", "without the event", "95% interval"), rows)


def _time(value: float | None) -> str:
    return "not reached" if value is None else f"{value:g}"


def _tests(
    rank: "LogRank",
    hazards: "tuple[Cox, tuple[Proportionality, ...]] | None",
    why: str,
    lost: "tuple[LeftOut, ...]",
) -> None:
    from asklepion.cli.analyse.shown import left_out, limits, p_value
    from asklepion.cli.start import table

    strata = f", {rank.strata} strata" if rank.strata > 1 else ""
    test = f"chi-square {rank.chi_square:.4f}, df {rank.df}, p {p_value(rank.p)}"
    print(f"\nLog-rank{strata}: {test if rank.df else 'no number, the events tell no arms apart'}")
    if hazards is None:
        print(f"\nHazard ratios: no number. {why}")
        return
    fit, tests = hazards
    print(f"\nCox, Efron's likelihood for ties: {fit.people} people, {fit.events} events")
    for line in left_out(lost):
        print(f"  {line}")
    rows = [(each.label, f"{each.ratio:.4f}", limits(each.lower, each.upper), p_value(each.p)) for each in fit.hazards]
    table(("", "hazard ratio", "95% interval", "p"), rows)
    if not tests:
        print(f"\nAre hazards proportional? No number. {why}")
        return
    print("\nAre hazards proportional? A small p says no: then the ratio averages hazards that changed with time")
    table(("", "chi-square", "df", "p"), [(t.label, f"{t.chi_square:.4f}", t.df, p_value(t.p)) for t in tests])


def _means(means: "tuple[Restricted, ...]") -> None:
    from asklepion.cli.analyse.shown import limits, p_value
    from asklepion.cli.start import table

    print(f"\nMean time without the event, up to {means[0].horizon:g}")
    table(
        ("", "estimate", "95% interval", "p"),
        [(each.label, f"{each.estimate:.4f}", limits(**_ends(each)), p_value(each.p)) for each in means],
    )
