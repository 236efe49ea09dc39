"""How `asklepion analyse mmrm` shows a fit, and the file of predictions it writes."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asklepion.stats.mmrm import Fit, Line
    from asklepion.stats.mmrm.account import Wish
    from asklepion.stats.tables import Table


def show(fitted: "Fit", wish: "Wish", source: "Table", *, tests: str, as_json: bool) -> None:
    """Print the fit, as JSON or in words; `tests` is the type of the tests of terms to print, or empty."""
    from asklepion.cli.analyse.shown import with_input
    from asklepion.cli.start import answer
    from asklepion.stats.mmrm.account import account

    told = account(fitted, wish)
    if as_json:
        answer(with_input(source, told))
        return
    _print(fitted, wish, source, tests=tests)


def _print(fitted: "Fit", wish: "Wish", source: "Table", *, tests: str) -> None:
    from asklepion.cli.analyse.shown import close
    from asklepion.stats.mmrm import contrasts, lsmeans
    from asklepion.stats.mmrm.account import notes

    print(
        f"{fitted.model.value} at {len(fitted.visits)} visits: {len(fitted.observed.values)} values of "
        f"{fitted.subjects} subjects, covariance {fitted.structure}, {str(fitted.model.method).upper()}, {wish.freedom}"
    )
    for note in notes(fitted):
        print(f"  {note}")
    print(f"-2 log likelihood {fitted.deviance:.4f} after {fitted.iterations} steps, gradient {fitted.gradient:.1e}")
    for title, lines in (
        (f"LS means, {wish.weights} weights", lsmeans(fitted, weights=wish.weights, freedom=wish.freedom)),
        ("Contrasts", contrasts(fitted, weights=wish.weights, freedom=wish.freedom)),
    ):
        print(f"\n{title}")
        _table(lines)
    if tests:
        _tests(fitted, wish, tests)
    close(source)


def _tests(fitted: "Fit", wish: "Wish", tests: str) -> None:
    from asklepion.cli.analyse.shown import p_value
    from asklepion.cli.start import table
    from asklepion.stats.mmrm import terms, terms_of_type_2

    print(f"\nTests of terms, type {tests}")
    found = (terms if tests == "3" else terms_of_type_2)(fitted, freedom=wish.freedom)
    shown = [(t.label, f"{t.f:.4f}", str(t.numerator), f"{t.denominator:.2f}", p_value(t.p)) for t in found]
    table(["", "F", "numerator df", "denominator df", "p"], shown)


def _table(lines: "tuple[Line, ...]") -> None:
    from asklepion.cli.analyse.shown import limits, p_value
    from asklepion.cli.start import table

    table(
        ["", "estimate", "SE", "df", "95% interval", "p"],
        [
            (
                each.label,
                f"{each.estimate:.4f}",
                f"{each.se:.4f}",
                f"{each.df:.2f}",
                limits(each.lower, each.upper),
                p_value(each.p),
            )
            for each in lines
        ],
    )


def write_predictions(fitted: "Fit", source: "Table", out: Path) -> None:
    """Write a prediction for each subject and visit, and say on stderr what the limits leave out."""
    import sys

    from asklepion.core.errors import BadInput
    from asklepion.stats.mmrm import every_visit, predict, rows_needed

    rows = every_visit(fitted, source.rows)
    whole = rows.dropna(subset=rows_needed(fitted))
    told = predict(fitted, whole)
    try:
        told.to_csv(out, index=False)
    except OSError as error:
        raise BadInput(
            f"It cannot be written: {error.strerror or error}.", where=str(out), remedy="Look at the path."
        ) from error
    print(
        f"{out}: {len(told)} subjects' visits, {int((~told.observed).sum())} without a value; "
        f"{len(rows) - len(whole)} left out that lack a column of the model. Limits of 95%, normal: the uncertainty of "
        "the covariance is not in them.",
        file=sys.stderr,
    )
