"""A plan run: every analysis in its order, the failed ones at their place with what they failed of."""

import hashlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

from asklepion.core.errors import AsklepionError, BadInput, ManyFaults
from asklepion.flows.report.asked import Asked, Given, Told
from asklepion.flows.report.plan import DataFile, Plan, Written
from asklepion.flows.report.program import program
from asklepion.paper.report import Report, Section, Source, Tested, Trace, numbered_lines
from asklepion.stats.meta import metapsy
from asklepion.stats.selection import Condition, select
from asklepion.stats.tables import Table, read_csv

_COMMON = {field.name for field in fields(Asked)} | {"kind"}
Progress = Callable[[int, int], None]


def run(written: Written, *, progress: Progress | None = None) -> Report:
    """Return the report of a plan. Raises ManyFaults, before anything is analysed, where a file is not as planned.

    An analysis that fails stands in the report as failed, with its message; the others go on.
    """
    plan = written.value
    tables = _tables(written)
    sections = []
    for number, asked in enumerate(plan.analyses, 1):
        sections.append(_section(number, asked, written, tables))
        if progress:
            progress(number, len(plan.analyses))
    source = Source(name="plan", path=written.file.name, sha256=written.sha256, stated=True, rows=0)
    return Report(
        title=plan.title,
        plan=source,
        program=program(),
        alpha=plan.alpha,
        seed=plan.seed,
        decimals=plan.decimals,
        sources=tuple(_source(name, table, plan) for name, table in tables.items()),
        populations=tuple((each.label, _conditions_words(plan, name)) for name, each in plan.populations.items()),
        sections=tuple(sections),
        testing=_testing(plan, tuple(sections)),
        multiplicity=(
            f"Fixed sequence: each hypothesis at a two-sided alpha of {plan.alpha:g}, in the order of the plan, "
            "until one is not rejected."
            if plan.testing
            else ""
        ),
    )


def _tables(written: Written) -> dict[str, Table]:
    """Read every file of the plan. A file whose content is not what the plan says is refused, all of them at once."""
    found, faults = {}, []
    for name, each in written.value.data.items():
        try:
            table = _read(written.file.parent / each.file, each)
        except BadInput as error:
            faults.append(error)
            continue
        if each.sha256 and each.sha256 != table.sha256:
            faults.append(_other(each, table))
        found[name] = replace(table, path=each.file)
    if faults:
        told = "1 file is" if len(faults) == 1 else f"{len(faults)} files are"
        raise ManyFaults(
            f"{told} not as the plan says.", tuple(faults), where=written.file.name, remedy="Nothing was analysed."
        )
    return found


def _read(path: Path, each: DataFile) -> Table:
    if each.format == "csv" or not path.is_file():
        return read_csv(path, labels=each.text)
    content = path.read_bytes()
    return Table(metapsy.read(content, path), str(path), hashlib.sha256(content).hexdigest())


def _other(each: DataFile, table: Table) -> BadInput:
    return BadInput(
        f"Its SHA-256 is {table.sha256}; the plan says {each.sha256}.",
        where=each.file,
        remedy="Give the file that was planned for, or amend the plan and say why.",
    )


def _source(name: str, table: Table, plan: Plan) -> Source:
    stated = plan.data[name].sha256 is not None
    return Source(name=name, path=table.path, sha256=table.sha256, stated=stated, rows=len(table.rows))


def _section(number: int, asked: Asked, written: Written, tables: dict[str, Table]) -> Section:
    plan = written.value
    table = tables.get(asked.data)
    source = _source(asked.data, table, plan) if table else None
    population = plan.populations[asked.population].label if asked.population else "all rows"
    trace = Trace(source=source, population=population, used="", left_out=(), parameters=_parameters(asked), seed=None)
    whole = Section(number=number, id=asked.id, title=asked.title, kind=str(getattr(asked, "kind", "")), trace=trace)
    try:
        chosen, left_out = _chosen(asked, plan, table)
        given = Given(
            table=chosen,
            alpha=plan.alpha,
            seed=plan.seed,
            decimals=plan.decimals,
            path=written.file.parent / plan.data[asked.data].file if table else None,
            files=tables,
        )
        told = asked.run(given)
    except AsklepionError as error:
        return replace(whole, failed=str(error))
    except Exception as error:  # a fault of ours in one analysis must not hide the others
        return replace(whole, failed=f"The program failed ({type(error).__name__}: {error}). Report this as a fault.")
    return _filled(whole, told, left_out, seed=plan.seed)


def _filled(whole: Section, told: Told, left_out: tuple[tuple[str, int], ...], *, seed: int | None) -> Section:
    trace = replace(
        whole.trace, used=told.used, left_out=(*left_out, *told.left_out), seed=seed if told.random else None
    )
    lost = tuple(f"{rows} rows left out: {why}." for why, rows in left_out)
    return replace(
        whole, trace=trace, notes=(*lost, *told.notes), unmet=told.unmet, tables=told.tables, figures=told.figures
    )


def _chosen(asked: Asked, plan: Plan, table: Table | None) -> tuple[Table | None, tuple[tuple[str, int], ...]]:
    """Return the rows of the population, and how many were left out by which condition."""
    if table is None or not asked.population:
        return table, ()
    rows, left_out = select(table.rows, _conditions(plan, asked.population))
    return replace(table, rows=rows), tuple((each.why, each.rows) for each in left_out)


def _conditions(plan: Plan, name: str) -> tuple[Condition, ...]:
    return tuple(
        Condition(column=e.column, among=e.among, not_among=e.not_among, least=e.least, most=e.most)
        for e in plan.populations[name].where
    )


def _conditions_words(plan: Plan, name: str) -> str:
    return "; ".join(each.words for each in _conditions(plan, name)) or "all rows"


def _parameters(asked: Asked) -> tuple[tuple[str, str], ...]:
    """Return what was asked for, defaults written out: a number must not hang on what a version takes for granted."""
    own = [field.name for field in fields(asked) if field.name not in _COMMON]
    return tuple((name, _words(getattr(asked, name))) for name in own)


def _words(value: object) -> str:
    if value is None:
        return "none given"
    if isinstance(value, tuple):
        return ", ".join(_words(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items())
    if is_dataclass(value):
        return "; ".join(f"{field.name} {_words(getattr(value, field.name))}" for field in fields(value))
    return str(value)


def _testing(plan: Plan, sections: tuple[Section, ...]) -> tuple[Tested, ...]:
    if plan.testing is None:
        return ()
    told, stopped = [], ""
    for each in plan.testing.order:
        section = next(section for section in sections if section.id == each.analysis)
        number, p = _p_of(section, each.line)
        hypothesis = f"{section.title}: {each.line}"
        if stopped:
            verdict = f"not tested: {stopped}"
        elif p is None:
            verdict = "no p: the analysis failed" if section.failed else "no p: there is no such line"
            stopped = "one before it has no p"
        elif p < plan.alpha:
            verdict = "rejected"
        else:
            verdict, stopped = "not rejected", "one before it was not rejected"
        told.append(Tested(hypothesis=hypothesis, number=number, p=p, verdict=verdict))
    return tuple(told)


def _p_of(section: Section, label: str) -> tuple[str, float | None]:
    """Return the number of the first line of that label which has a two-sided p, and the p."""
    for place, table, line in numbered_lines(section):
        for head, cell in zip(table.heads, line.cells, strict=True):
            if line.label == label and head.name == "p" and isinstance(cell, float):
                return f"{section.number}.{place}", cell
    return "", None
