"""A report as files: report.pdf, numbers.json, and a CSV for each table and figure beside its drawing."""

import json
from pathlib import Path

from asklepion.core.errors import BadInput
from asklepion.paper.pdf import pdf
from asklepion.paper.report import Report, as_json, slug, table_csv
from asklepion.paper.style import standalone


def check_free(folder: Path) -> None:
    """Raise BadInput for a folder that holds something: an earlier report's files would stand among the new."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("It is there and not empty.", where=str(folder), remedy="Name a new folder with --out.")


def write(report: Report, folder: Path) -> tuple[str, ...]:
    """Write a report into a folder that is empty or not there yet; return the names of its files."""
    check_free(folder)
    made: dict[str, str | bytes] = {"report.pdf": pdf(report)}
    made["numbers.json"] = json.dumps(as_json(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    for section in report.sections:
        for place, table in enumerate(section.tables, 1):
            made[f"tables/{section.id}-{place}-{slug(table.title)}.csv"] = table_csv(section, table)
        for figure in section.figures:
            made[f"figures/{figure.name}.svg"] = standalone(figure.svg)
            made[f"figures/{figure.name}.csv"] = figure.csv
    for name, content in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return tuple(made)
