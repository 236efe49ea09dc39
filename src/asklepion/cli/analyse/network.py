"""`asklepion analyse network TABLE.csv`: trials of many treatments pooled, retracted ones left out and named."""

from dataclasses import asdict
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.stats.network import Decomposition, Network, Rank, Split


def register(analyse: typer.Typer) -> None:
    analyse.command()(network)


def network(
    table: Annotated[Path, typer.Argument(help="CSV of comparisons, of arms, or with a row for each trial.")],
    reference: Annotated[str | None, typer.Option(help="The treatment that others stand against.")] = None,
    study: Annotated[str | None, typer.Option(help="The column of the trial's label.")] = None,
    measure: Annotated[str | None, typer.Option(help="or, rr (events) or md (means).")] = None,
    estimator: Annotated[str, typer.Option(help="Tau squared: reml, dl, or common for none.")] = "reml",
    higher_is_better: Annotated[bool, typer.Option(help="For ranks; else lower is better.")] = False,
    draws: Annotated[int, typer.Option(help="Simulated rankings.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulation.")] = 1,
    as_json: Json = False,
) -> None:
    """Tell every treatment against every other, ranks, and whether direct and indirect evidence agree.

    Exit 0 if it could be told, 2 if the table cannot be taken as it is or the network falls apart.
    """
    from asklepion.cli.analyse.meta import one_of
    from asklepion.cli.analyse.shown import close, left_out, retracted_dois, with_input
    from asklepion.cli.start import answer
    from asklepion.stats.network import Estimator, decompose, league, ranks, split
    from asklepion.stats.network import network as pool_network
    from asklepion.stats.network.table import Kind, read_trials

    kind = one_of(Kind, measure, "measure") if measure else None
    found = read_trials(table, study=study, kind=kind, retracted=retracted_dois())
    net = pool_network(found.trials, reference=reference, estimator=one_of(Estimator, estimator, "estimator"))
    standing = ranks(net, lower_is_better=not higher_is_better, draws=draws, seed=seed)
    parts, splits = decompose(net), split(net)
    if as_json:
        told = {
            "measure": str(found.kind), "network": asdict(net),
            "league": [[each and asdict(each) for each in row] for row in league(net)],
            "ranks": [asdict(each) for each in standing], "lower_is_better": not higher_is_better, "seed": seed,
            "draws": draws, "decomposition": asdict(parts), "splits": [asdict(each) for each in splits],
            "left_out": [asdict(each) for each in found.left_out],
        }  # fmt: skip
        answer(with_input(found.source, told))
        return
    _print(net, standing, parts, ratio=found.kind.ratio)
    _league(net, ratio=found.kind.ratio)
    _splits(splits)
    for line in left_out(found.left_out):
        print(line)
    close(found.source)


def _print(net: "Network", standing: "tuple[Rank, ...]", parts: "Decomposition", *, ratio: bool) -> None:
    from asklepion.cli.analyse.shown import p_value
    from asklepion.cli.start import table

    place = {each.treatment: each for each in standing}
    print(f"{len(net.trials)} trials, {len(net.treatments)} treatments, against {net.reference}; {net.estimator}")
    for trial in net.excluded:
        print(f"not counted: {trial.label} ({trial.retracted})")
    rows = [
        (e.label, f"{exp(e.estimate) if ratio else e.estimate:.6f}", f"{e.se:.6f}",
         _interval(e.lower, e.upper, ratio=ratio), p_value(e.p),
         f"{place[e.label].p_score:.4f}", f"{place[e.label].sucra:.4f}")
        for e in net.effects
    ]  # fmt: skip
    own = place[net.reference]
    rows.append((net.reference, "reference", "", "", "", f"{own.p_score:.4f}", f"{own.sucra:.4f}"))
    table(("", "estimate", "log SE" if ratio else "SE", f"{net.level:.0%} interval", "p", "P-score", "SUCRA"), rows)
    q = f"Q {net.q:.4f} on {net.df}, p {p_value(net.q_p)}" if net.df else "no test: no comparison is made twice"
    print(f"tau2 {net.tau2:.6f}, I2 {net.i2:.1f}%, {q}")
    for name, part in (("within designs", parts.within), ("between designs", parts.between)):
        print(f"Q {name} {part.q:.4f} on {part.df}, p {p_value(part.p)}")
    part = parts.between_random
    print(f"Design by treatment, trials of a design differing: Q {part.q:.4f} on {part.df}, p {p_value(part.p)}")
    for warning in net.warnings:
        print(f"Note: {warning}")


def _interval(lower: float, upper: float, *, ratio: bool) -> str:
    low, high = (exp(lower), exp(upper)) if ratio else (lower, upper)
    return f"{low:.4f} to {high:.4f}"


def _league(net: "Network", *, ratio: bool) -> None:
    from asklepion.cli.start import table
    from asklepion.stats.network import league

    print("\nRow against column")
    rows = [
        (name, *("" if e is None else f"{exp(e.estimate) if ratio else e.estimate:.3f}" for e in row))
        for name, row in zip(net.treatments, league(net), strict=True)
    ]
    table(("", *net.treatments), rows)


def _splits(splits: "tuple[Split, ...]") -> None:
    from asklepion.cli.analyse.shown import p_value
    from asklepion.cli.start import table

    print("\nDirect against indirect")
    rows = [
        (
            f"{each.treatment} against {each.control}",
            each.trials,
            f"{each.direct_share:.2f}",
            f"{each.direct.estimate:.4f}" if each.direct else "",
            f"{each.indirect.estimate:.4f}" if each.indirect else "none",
            f"{each.difference.estimate:.4f}" if each.difference else "",
            p_value(each.difference.p if each.difference else None),
        )
        for each in splits
    ]
    table(("", "trials", "direct share", "direct", "indirect", "difference", "p"), rows)
