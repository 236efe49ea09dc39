"""`asklepion design`: before the trial. A sealed list from a seed, and boundaries for looks on the way."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.design.randomisation import Row


def register(app: typer.Typer) -> None:
    design = typer.Typer(help="Before the trial: who gets which arm, and when it may stop.", no_args_is_help=True)
    design.command()(boundaries)
    design.command()(randomise)
    app.add_typer(design, name="design")


def boundaries(
    looks: Annotated[str, typer.Option(help="Shares of the information at each look, as 0.5,1; or how many, as 3.")],
    shape: Annotated[
        str, typer.Option(help="obrien-fleming, pocock, spend-obrien-fleming, spend-pocock, spend-hsd.")
    ] = "spend-obrien-fleming",
    alpha: Annotated[float, typer.Option(help="One-sided.")] = 0.025,
    power: float = 0.9,
    gamma: Annotated[float | None, typer.Option(help="Of spend-hsd.")] = None,
    futility: Annotated[bool, typer.Option(help="Add a futility boundary that does not bind.")] = False,
    as_json: Json = False,
) -> None:
    """Tell the z at which a trial may stop at each look, and by how much looking enlarges it."""
    from asklepion.cli.start import answer, table
    from asklepion.core.errors import BadInput
    from asklepion.stats.design.boundaries import Looks, Shape
    from asklepion.stats.design.boundaries import boundaries as told_of

    if shape not in set(Shape):
        raise BadInput(f"There is no {shape}.", where="--shape", remedy=f"Known: {', '.join(Shape)}.")
    told = told_of(
        Looks(information=_shares(looks), shape=Shape(shape), alpha=alpha, power=power, gamma=gamma, futility=futility)
    )
    if as_json:
        answer(asdict(told))
        return
    print(f"{shape}, one-sided alpha {alpha:g}, power {power:g}")
    low = [f"{each:.4f}" for each in told.futility] or ["-"] * len(told.z)
    rows = [
        (f"{time:.4g}", f"{z:.4f}", f"{level:.6f}", f"{spent:.6f}", f"{stop:.4f}", down)
        for time, z, level, spent, stop, down in zip(
            told.information, told.z, told.nominal, told.spent, told.stops, low, strict=True
        )
    ]
    table(("information", "z", "nominal p", "alpha spent", "stops here if it works", "futility z"), rows)
    print(f"Largest information {told.inflation:.4f}, expected {told.expected:.4f} times that of one look")


def _shares(text: str) -> tuple[float, ...]:
    from asklepion.core.errors import BadInput

    try:
        if text.isdigit() and int(text) > 1:
            return tuple((look + 1) / int(text) for look in range(int(text)))
        return tuple(float(each) for each in text.split(","))
    except ValueError as error:
        what = f"`{text}` is no list of looks."
        raise BadInput(what, where="--looks", remedy="Write shares as 0.5,1, or a number of looks as 3.") from error


def randomise(
    arms: Annotated[str, typer.Option(help="The arms, as placebo,drug.")],
    people: Annotated[int, typer.Option(min=1, help="Places in each stratum, at least.")],
    sizes: Annotated[str, typer.Option(help="Block sizes to draw from, as 4,6.")],
    out: Annotated[Path, typer.Option(help="The sealed list, a CSV file that does not exist yet.")],
    ratio: Annotated[str, typer.Option(help="As 2,1; without it all arms alike.")] = "",
    factor: Annotated[list[str] | None, typer.Option(help="As SITE=north,south; repeat it.")] = None,
    seed_stdin: Annotated[bool, typer.Option("--seed-stdin", help="Read the seed from standard input.")] = False,
) -> None:
    """Write a sealed list in permuted blocks, and print its fingerprint, never its arms.

    The seed is a secret sentence, asked for at the terminal: with it anybody can make the list again. Keep the file
    where only the pharmacist reads it, and the fingerprint where the inspector does. Exit 2 if the list cannot be
    balanced or the file is there already.
    """
    from asklepion.stats.design.randomisation import Blocks, counts, fingerprint, sealed_list

    factors = tuple(_factor(each) for each in factor or ())
    seed = (
        sys.stdin.readline().strip() if seed_stdin else typer.prompt("Seed", hide_input=True, confirmation_prompt=True)
    )
    rows = sealed_list(
        Blocks(
            arms=_parts(arms), seed=seed, people=people, sizes=_numbers(sizes, "--sizes"),
            ratio=_numbers(ratio, "--ratio") if ratio else (), factors=factors,
        )
    )  # fmt: skip
    _write(out, rows, [name for name, _ in factors])
    print(f"{out}: {len(rows)} places in {len(counts(rows))} strata, SHA-256 of the list {fingerprint(rows)}")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _numbers(text: str, option: str) -> tuple[int, ...]:
    from asklepion.core.errors import BadInput

    try:
        return tuple(int(each) for each in text.split(","))
    except ValueError as error:
        what = f"`{text}` holds what is no whole number."
        raise BadInput(what, where=option, remedy="Write whole numbers, as 4,6.") from error


def _factor(text: str) -> tuple[str, tuple[str, ...]]:
    from asklepion.core.errors import BadInput

    name, _, levels = text.partition("=")
    if not name or len(_parts(levels)) < 2:
        what = f"`{text}` is no factor."
        raise BadInput(what, where="--factor", remedy="Write it with its levels, as SITE=north,south.")
    return name.strip(), _parts(levels)


def _write(out: Path, rows: "tuple[Row, ...]", names: list[str]) -> None:
    """Write the list so that only its owner may read it; a file that is there is never replaced."""
    import csv
    import os

    from asklepion.core.errors import BadInput

    try:
        place = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        what = (
            "It is there already." if isinstance(error, FileExistsError) else f"It cannot be written: {error.strerror}."
        )
        raise BadInput(what, where=str(out), remedy="Name a new file; a list is never replaced.") from error
    with os.fdopen(place, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "place", "block", "arm"])
        writer.writerows([*row.stratum, row.place, row.block, row.arm] for row in rows)
