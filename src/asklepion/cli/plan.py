"""`asklepion plan PROTOCOL --anchor EVENT=DATE ...`."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import PlannedVisit

Anchors = Annotated[
    list[str] | None,
    typer.Option("--anchor", help="EVENT=DATE: a visit, or opening, consent, enrolment, first_dose, last_dose."),
]
On = Annotated[str, typer.Option("--on", help="Also say how each visit would stand on this day, as in 2026-11-23.")]


def register(app: typer.Typer) -> None:
    app.command()(plan)


def plan(
    protocol: Annotated[str, typer.Argument(help="A protocol's id, such as mdma-ptsd-phase-3.")],
    anchor: Anchors = None,
    on: On = "",
    as_json: Json = False,
) -> None:
    """Lay a protocol's visits on the calendar, counted from the days that you name.

    A visit whose anchor has no day yet waits for it: no day is made up.
    """
    from asklepion.cli.start import answer, table
    from asklepion.core import schedule
    from asklepion.core.errors import UnknownId
    from asklepion.flows.facts import facts

    known = facts().protocols
    found = known.get(protocol)
    if found is None:
        raise UnknownId(f"There is no protocol {protocol}.", remedy=f"On file: {', '.join(sorted(known))}.")
    days = _days(anchor or [])
    day = _day(on, "--on") if on else max(days.values(), default=date.min)
    visits = schedule.calendar(found, days, on=day)
    if as_json:
        answer({"protocol": found.id, "version": found.version, "visits": [_row(visit, on) for visit in visits]})
        return
    headings = ("visit", "number", "title", "opens", "nominal", "closes", *(("state",) if on else ()))
    table(headings, [_cells(visit, on) for visit in visits])


def _days(anchors: list[str]) -> dict[str, date]:
    from asklepion.core.errors import BadInput

    days: dict[str, date] = {}
    for each in anchors:
        event, equals, day = each.partition("=")
        where = f"--anchor {each}"
        if not (event and equals):
            raise BadInput(
                "An anchor is an event and its day.", where=where, remedy="Write it as enrolment=2026-11-23."
            )
        if event in days:
            raise BadInput(f"{event} has two days.", where=where, remedy="Name each event once.")
        days[event] = _day(day, where)
    return days


def _day(text: str, where: str) -> date:
    from asklepion.core.errors import BadInput

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        remedy = "Write year, month and day, as in 2026-11-23."
        raise BadInput(f"`{text}` is not a date.", where=where, remedy=remedy) from error


def _row(visit: "PlannedVisit", on: str) -> dict[str, object]:
    shown = ("id", "number", "title", "kind", "role", "required", "anchor", "anchor_on", "opens", "nominal", "closes")
    row = {name: value for name, value in asdict(visit).items() if name in shown}
    told = {"waits_for": visit.anchor if visit.anchor_on is None else None, "given_on": visit.held_on or None}
    return {**row, **told, **({"state": visit.state} if on else {})}


def _cells(visit: "PlannedVisit", on: str) -> tuple[str, ...]:
    state = (str(visit.state).replace("_", " "),) if on else ()
    name = (visit.id, visit.number, visit.title)
    if visit.held_on and visit.anchor_on is None:
        return (*name, "", f"{visit.held_on[0]} given", "", *state)
    if visit.anchor_on is None:
        return (*name, f"waits for {visit.anchor}", "", "", *state)
    nominal = f"{visit.held_on[0]} given" if visit.held_on else str(visit.nominal)
    return (*name, str(visit.opens or "open"), nominal, str(visit.closes or "open"), *state)
