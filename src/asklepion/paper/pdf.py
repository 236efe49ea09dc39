"""A report as a PDF: words for typst to lay out, every number already printed."""

import json
import re
from importlib.resources import files

from markupsafe import Markup

from asklepion.core.errors import BadInput
from asklepion.paper.figure import number
from asklepion.paper.report import Cell, Head, Report, Section, Table, numbered_lines
from asklepion.paper.style import standalone

_DESCRIPTION = re.compile(r"<desc\b[^>]*>(.*?)</desc>", re.DOTALL)


def pdf(report: Report) -> bytes:
    """Return the report as a tagged PDF (PDF/UA-1); the same report gives the same bytes.

    Fonts are those that typst carries, none of the machine's. Raises BadInput where typst is not installed.
    """
    try:
        import typst
    except ImportError as error:
        raise BadInput("typst is not installed.", where="report", remedy="Install `asklepion[research]`.") from error
    template = files("asklepion.paper").joinpath("templates/report.typ").read_bytes()
    shown = json.dumps(_shown(report), ensure_ascii=False)
    made: bytes = typst.compile(
        template, format="pdf", ignore_system_fonts=True, sys_inputs={"data": shown}, pdf_standards=["ua-1"]
    )
    return made


def cell_words(cell: Cell, head: Head, decimals: int) -> str:
    """Return a value as the report prints it."""
    if cell is None:
        return "none"
    if isinstance(cell, str):
        return cell
    if head.shown == "small":
        return f"{cell:.1e}".replace("-", "\N{MINUS SIGN}")
    if head.shown == "p":
        return "<0.0001" if cell < 0.0001 else number(cell, 4)
    if head.shown == "count" or isinstance(cell, int):
        return number(cell, 0)
    return number(cell, decimals if head.decimals is None else head.decimals)


def _shown(report: Report) -> dict[str, object]:
    """Return what the template lays out: words only, every number already printed."""
    return {
        "title": report.title,
        "facts": [
            ["Plan", report.plan.path],
            ["SHA-256 of the plan", report.plan.sha256],
            ["Made by", report.program],
            ["Two-sided alpha", f"{report.alpha:g}, intervals at {100 * (1 - report.alpha):g}%"],
            ["Seed", "none given" if report.seed is None else str(report.seed)],
        ],
        "failed": [f"{each.number} {each.title}: {each.failed}" for each in report.failed],
        "unmet": [f"{each.number} {each.title}: {why}" for each in report.sections for why in each.unmet],
        "sources": [
            [each.name, each.path, str(each.rows), each.sha256, "as planned" if each.stated else "not in the plan"]
            for each in report.sources
        ],
        "populations": [list(each) for each in report.populations],
        "sections": [_section(each, report.decimals) for each in report.sections],
        "multiplicity": report.multiplicity,
        "testing": [
            [each.number, each.hypothesis, cell_words(each.p, Head(name="p", shown="p"), 4), each.verdict]
            for each in report.testing
        ],
    }


def _section(section: Section, decimals: int) -> dict[str, object]:
    lines = list(numbered_lines(section))
    return {
        "no": section.number,
        "title": section.title,
        "kind": section.kind,
        "failed": section.failed,
        "used": section.trace.used,
        "notes": list(section.notes),
        "unmet": list(section.unmet),
        "tables": [_table(section, table, decimals) for table in section.tables],
        "figures": [
            {
                "title": each.title,
                "name": each.name,
                "svg": standalone(each.svg),
                "alt": str(Markup("".join(_DESCRIPTION.findall(each.svg))).unescape()),
            }
            for each in section.figures
        ],
        "facts": _facts(section),
        "origins": [
            [
                f"{section.number}.{place}",
                line.label,
                "; ".join(f"{head.name} {_exact(cell)}" for head, cell in zip(table.heads, line.cells, strict=True)),
                table.made_by.function,
                table.made_by.place,
            ]
            for place, table, line in lines
        ],
    }


def _table(section: Section, table: Table, decimals: int) -> dict[str, object]:
    return {
        "title": f"{table.title}, {table.unit}" if table.unit else table.title,
        "heads": ["No.", "", *(each.name for each in table.heads)],
        "text": [True, True, *(each.shown == "text" for each in table.heads)],
        "note": table.note,
        "rows": [
            [
                f"{section.number}.{place}",
                line.label,
                *(cell_words(cell, head, decimals) for head, cell in zip(table.heads, line.cells, strict=True)),
            ]
            for place, of, line in numbered_lines(section)
            if of is table
        ],
    }


def _facts(section: Section) -> list[list[str]]:
    trace = section.trace
    source = trace.source
    told = [["Input", f"{source.path}, SHA-256 {source.sha256}, {source.rows} rows" if source else "the plan itself"]]
    told.append(["Population", trace.population])
    told.append(["Used", trace.used or "nothing"])
    told += [["Left out", f"{rows} rows, {why}"] for why, rows in trace.left_out]
    told += [[name, value] for name, value in trace.parameters]
    if trace.seed is not None:
        told.append(["Seed", str(trace.seed)])
    return told


def _exact(cell: Cell) -> str:
    if isinstance(cell, float):
        return repr(cell)
    return "none" if cell is None else str(cell)
