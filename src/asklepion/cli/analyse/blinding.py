"""`asklepion analyse blinding TABLE.csv`: whether people could tell, and what is left of the effect if not."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.blinding import Adjusted, AtRate, Counted
    from asklepion.stats.blinding.indices import Index
    from asklepion.stats.tables import Table

Column = Annotated[str, typer.Option(help="A column's name.")]
_RATES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def register(analyse: typer.Typer) -> None:
    analyse.command()(blinding)


def blinding(
    table: Annotated[Path, typer.Argument(help="CSV with the arm and the guess.")],
    control: Annotated[str, typer.Option(help="The control arm, as arm and guess name it.")],
    treated: Annotated[str, typer.Option(help="The treated arm, as arm and guess name it.")],
    arm: Column = "TRT01P",
    guess: Column = "GUESS",
    unknown: Annotated[list[str] | None, typer.Option(help="A label of not knowing; repeat it.")] = None,
    value: Annotated[str | None, typer.Option(help="The outcome's column: tells the effect with the guess.")] = None,
    subject: Column = "USUBJID",
    occasion: Annotated[str | None, typer.Option(help="The column that tells rows of one person apart.")] = None,
    covariate: Annotated[list[str] | None, typer.Option(help="A further column of the mean; repeat it.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="Keep only rows with COLUMN=VALUE; repeat it.")] = None,
    as_json: Json = False,
) -> None:
    """Tell Bang's and James's index, and with an outcome the effect before and after the guess is in the model.

    Exit 0 if it could be told, 2 if the table cannot be taken as it is.
    """
    from asklepion.cli.analyse.shown import close, kept, with_input
    from asklepion.cli.start import answer
    from asklepion.stats import blinding as room
    from asklepion.stats.tables import read_csv

    source = kept(read_csv(table, labels=[arm, guess, subject]), where or ())
    told = room.counted(
        source.rows, arm=arm, guess=guess, control=control, treated=treated, unknown=tuple(unknown or ())
    )
    found: Adjusted | None = None
    curve: tuple[AtRate, ...] = ()
    if value is not None:
        question = room.Question(
            value=value, arm=arm, guess=guess, subject=subject, occasion=occasion,
            covariates=tuple(covariate or ()), control=control, treated=treated,
        )  # fmt: skip
        found = room.adjusted(source.rows, question)
        curve = room.at_rates(source.rows, question, _RATES)
    if as_json:
        counted = {**asdict(told), "bang": [_told(one) for one in told.bang], "james": _told(told.james)}
        plain = {"counted": counted, "adjusted": None if found is None else asdict(found)}
        answer(with_input(source, {**plain, "at_rates": [asdict(each) for each in curve]}))
        return
    _indices(told, source, repeated=occasion is not None)
    if found is not None:
        _effects(found, curve, treated, control)
    close(source)


def _indices(told: "Counted", source: "Table", *, repeated: bool) -> None:
    from asklepion.cli.analyse.shown import left_out, limits, p_value
    from asklepion.cli.start import table

    words = "guesses, several of one person: intervals hold as if each were another person's" if repeated else "guesses"
    print(f"{sum(one.people for one in told.guesses)} {words}; of those who guessed {told.correct_rate:.1%} were right")
    for line in left_out(told.left_out):
        print(f"  {line}")
    rows = [(name, one.treated, one.control, one.unknown) for name, one in zip(told.arms, told.guesses, strict=True)]
    table(("arm", f"guessed {told.arms[1]}", f"guessed {told.arms[0]}", "do not know"), rows)
    print()
    indices = [
        (one.label, f"{one.estimate:.4f}", f"{one.se:.4f}", limits(*_ends(one)), p_value(one.p))
        for one in (*told.bang, told.james)
    ]
    table(("index", "estimate", "SE", "95% interval", "p one-sided"), indices)
    if any(one.se == 0 for one in (*told.bang, told.james)):
        print(
            "Where all are alike the formula gives a standard error of nought: that is no certainty, and no interval."
        )
    print("Bang: 0 is chance, 1 all right, -1 all wrong. James: 1 nobody knows, .5 chance, 0 all right.")


def _ends(index: "Index") -> tuple[float | None, float | None]:
    return (index.lower, index.upper) if index.se > 0 else (None, None)


def _told(index: "Index") -> dict[str, object]:
    lower, upper = _ends(index)
    return {**asdict(index), "lower": lower, "upper": upper}


def _effects(found: "Adjusted", curve: "tuple[AtRate, ...]", treated: str, control: str) -> None:
    from asklepion.cli.analyse.shown import left_out, limits, p_value
    from asklepion.cli.start import table

    print(f"\n{treated} less {control}: {found.rows} rows of {found.people} people, the same in both models")
    for line in left_out(found.left_out):
        print(f"  {line}")
    rows = [
        (label, f"{one.estimate:.4f}", f"{one.se:.4f}", f"{one.df:.1f}", limits(one.lower, one.upper), p_value(one.p))
        for label, one in (
            ("effect of the arm", found.plain),
            ("the same, guess in the model", found.with_guess),
            (f"having guessed {treated}", found.guess),
        )
    ]
    table(("", "estimate", "SE", "df", "95% interval", "p"), rows)
    print("A guess may follow from feeling better: what is left of the effect is no corrected effect.")
    print("\nHad another share guessed right (weighted; robust intervals, too narrow where effective rows are few)")
    table(
        ("right guesses", "estimate", "95% interval", "p", "effective rows"),
        [
            (f"{one.rate:.1%}{' observed' if one.observed else ''}", f"{one.estimate:.4f}",
             limits(one.lower, one.upper), p_value(one.p), f"{one.effective:.0f}")
            for one in curve
        ],
    )  # fmt: skip
