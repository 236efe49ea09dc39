"""`asklepion screen FACTS.yaml --protocol ID --on DATE`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import Finding
    from asklepion.flows.person_chart import Screened
    from asklepion.knowledge.types import Basis

_WORDS = {"not_met": "NOT MET", "unknown": "UNKNOWN", "met": "MET"}
File = Annotated[Path, typer.Argument(metavar="FACTS.yaml", help="A file of one person's facts.")]
ProtocolId = Annotated[str, typer.Option("--protocol", help="A protocol's id, such as mdma-ptsd-phase-3.")]
On = Annotated[str, typer.Option("--on", help="The day to judge by, as in 2026-11-23.")]
Before = Annotated[str, typer.Option("--before", help="Judge the gate before this visit instead of the worksheet.")]


def register(app: typer.Typer) -> None:
    app.command()(screen)


def screen(facts_file: File, protocol: ProtocolId, on: On, before: Before = "", as_json: Json = False) -> None:
    """Judge one person's facts by a protocol: each criterion met, not met or unknown, and what that rests on.

    Nothing is recorded. Exit 0 if every criterion is met, 1 if one is not met or unknown, 2 if the facts cannot be
    taken as they are.
    """
    from asklepion.cli.start import answer
    from asklepion.core.values import Verdict
    from asklepion.flows import person_chart

    screened = person_chart.screen(facts_file, protocol=protocol, on=_day(on), before=before)
    if as_json:
        answer(_as_json(screened))
    else:
        _print(screened)
    clear = screened.findings and all(each.verdict is Verdict.MET for each in screened.findings)
    raise typer.Exit(0 if clear else 1)


def _day(typed: str) -> date:
    from asklepion.core.errors import BadInput

    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadInput(f"`{typed}` is no day.", where="--on", remedy="Write it as 2026-11-23.") from None


def _counts(screened: "Screened") -> dict[str, int]:
    verdicts = [each.verdict for each in screened.findings]
    return {word: sum(1 for verdict in verdicts if verdict == word) for word in _WORDS}


def _as_json(screened: "Screened") -> dict[str, object]:
    return {
        "person": screened.person,
        "protocol": screened.protocol.id,
        "version": screened.protocol.version,
        "on": screened.on,
        "counts": _counts(screened),
        "earliest": screened.earliest,
        "entries_after_this_day": screened.later,
        "hash": screened.hash,
        "findings": [_finding_json(each) for each in screened.findings],
    }


def _finding_json(each: "Finding") -> dict[str, object]:
    return {
        "criterion": each.criterion,
        "title": each.title,
        "domain": each.domain,
        "effect": each.effect,
        "verdict": each.verdict,
        "because": each.because,
        "needed": each.needed,
        "decides": each.decides,
        "medicine": each.medicine,
        "met_on": {"first": each.met_on.first, "last": each.met_on.last} if each.met_on else None,
        "steps": [{"label": step.label, "value": step.value, "total": step.total} for step in each.steps],
        "rests_on": list(each.rests_on),
        "cautions": list(each.cautions),
        "rule": _basis_json(each.rule),
        "facts": [_basis_json(basis) for basis in each.facts],
    }


def _basis_json(basis: "Basis") -> dict[str, object]:
    return {
        "fact": basis.fact,
        "confidence": basis.confidence,
        "checked": basis.checked,
        "sources": [{"key": source.key, "locator": source.locator} for source in basis.sources],
        "note": basis.note,
    }


def _print(screened: "Screened") -> None:
    from asklepion.core.judgement import day

    counts = ", ".join(f"{n} {_WORDS[word].lower()}" for word, n in _counts(screened).items())
    who = screened.person or "This person"
    print(f"{who} on {day(screened.on)}, by {screened.protocol.title} ({screened.protocol.version}): {counts}.")
    if screened.protocol.tier == "draft":
        print("This protocol is a draft: not checked by a second reader.")
    if screened.later:
        print(f"Dated after that day and not used: {screened.later} of the entries.")
    for each in screened.findings:
        _print_finding(each)
    if screened.earliest:
        print(f"If nothing more is recorded, the earliest day is {day(screened.earliest)}.")
    print("Asklepion documents and reminds; a person decides.")


def _print_finding(each: "Finding") -> None:
    print(f"{_WORDS[each.verdict]:8} {each.title}")
    print(f"         {each.because}")
    for step in each.steps:
        print(f"           {step.label}: {step.value}")
    for caution in each.cautions:
        print(f"         Caution: {caution}")
    if each.needed:
        print(f"         To do ({each.decides.replace('_', ' ')}): {each.needed}")
    bases = dict.fromkeys(_basis(basis) for basis in (each.rule, *each.facts))
    print(f"         Rests on {', '.join(each.rests_on) or 'nothing on file'}. By {'; '.join(bases)}.")


def _basis(basis: "Basis") -> str:
    sources = ", ".join(source.key for source in basis.sources) or "no source opened"
    return f"{basis.fact or 'a rule without a number'} ({basis.confidence}; {sources})"
