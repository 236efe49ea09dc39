"""`asklepion analyse report PLAN.yaml --out DIR`: a statistical analysis plan run, and its report."""

from pathlib import Path
from typing import Annotated

import typer

from asklepion.cli.start import Json


def register(analyse: typer.Typer) -> None:
    analyse.command()(report)


def report(
    plan: Annotated[Path, typer.Argument(help="The plan, a YAML file.")],
    out: Annotated[Path, typer.Option(help="A new folder for report.pdf, numbers.json, figures and tables.")],
    as_json: Json = False,
) -> None:
    """Run a statistical analysis plan: a PDF, drawings, tables, and where each number comes from.

    Exit 0 if everything has its numbers, 1 if something failed (it stands in the report as failed), 2 if plan or data
    cannot be taken as they are.
    """
    from asklepion.cli.start import answer, progress, table
    from asklepion.flows import report as flow
    from asklepion.paper.report import as_json as plain

    written = flow.read(plan)
    flow.check_free(out)
    made = flow.run(written, progress=progress("Analyses"))
    files = flow.write(made, out)
    if as_json:
        answer(plain(made))
    else:
        rows = [(each.number, each.kind, each.title, each.failed or each.trace.used) for each in made.sections]
        table(("", "kind", "analysis", "used"), rows)
        for line in (f"{each.title}: {why}" for each in made.sections for why in each.unmet):
            print(line)
        for each in made.testing:
            print(f"{each.hypothesis}: {each.verdict}")
        print(f"\n{len(files)} files in {out}; {made.program}")
    raise typer.Exit(0 if made.whole else 1)
