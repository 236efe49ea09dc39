"""What must hold within a protocol: visits, windows, arms, gates."""

from asklepion.knowledge.checks import dosing, tests
from asklepion.knowledge.checks.known import Complaints, Known, every, named
from asklepion.knowledge.types import ANCHORS, Effect, Protocol, VisitKind, VisitPlan, Window


def complaints(protocol: Protocol, known: Known) -> Complaints:
    facts = known.facts
    if protocol.substance:
        yield from named(protocol.substance, facts.substances, "substance", what="substance")
    for field in ("primary_scale", "shown_scale"):
        if getattr(protocol, field):
            yield from named(getattr(protocol, field), facts.scales, field, what="scale")
    if protocol.consent_document:
        documents = {each.document for each in facts.consent_documents}
        yield from named(protocol.consent_document, documents, "consent_document", what="consent document")
    if protocol.blinded and len(protocol.arms) < 2:
        yield ("arms",), "A blinded protocol has two arms at least.", "Name them, or call it open."
    for index, visit in enumerate(protocol.visits):
        yield from _visit(visit, protocol, known, "visits", index)
    yield from _circles(protocol)
    yield from _gates(protocol)
    yield from dosing.complaints(protocol, known)
    for index, criterion in enumerate(protocol.criteria):
        yield from named(criterion.decides, known.roles, "criteria", index, "decides", what="role")
        yield from tests.complaints(criterion.test, protocol, known, "criteria", index, "test")


def _visit(visit: VisitPlan, protocol: Protocol, known: Known, *path: str | int) -> Complaints:
    yield from named(visit.role, known.roles, *path, "role", what="role")
    yield from every(visit.records, known.facts.observables, *path, "records", what="observable")
    for index, assessment in enumerate(visit.assessments):
        place = (*path, "assessments", index)
        yield from named(assessment.scale, known.facts.scales, *place, "scale", what="scale")
        if assessment.role:
            yield from named(assessment.role, known.roles, *place, "role", what="role")
    for name, window in (("window", visit.window), ("otherwise", visit.otherwise)):
        if window is not None:
            yield from _window(window, visit, protocol, *path, name)
    if visit.times < 1 or (visit.times > 1 and not visit.repeatable):
        yield (*path, "times"), f"It is to be held {visit.times} times.", "Write 1, or let it be repeatable."


def _window(window: Window, visit: VisitPlan, protocol: Protocol, *path: str | int) -> Complaints:
    anchors = {*ANCHORS, *(each.id for each in protocol.visits)} - {visit.id}
    yield from named(window.anchor, anchors, *path, "anchor", what="other visit and no anchor")
    low = window.nominal if window.opens is None else window.opens
    high = window.nominal if window.closes is None else window.closes
    if not low <= window.nominal <= high:
        what = f"Day {window.nominal} lies outside the window, {low} to {high}."
        yield (*path, "nominal"), what, "Write opens, nominal and closes in order of days."


def _circles(protocol: Protocol) -> Complaints:
    hangs_on = {visit.id: visit.window.anchor for visit in protocol.visits}
    for index, visit in enumerate(protocol.visits):
        seen = [visit.id]
        while (anchor := hangs_on.get(seen[-1])) in hangs_on and anchor not in seen:
            seen.append(str(anchor))
        if anchor == visit.id and len(seen) > 1 and visit.id == min(seen):
            what = f"The windows hang on each other in a circle: {', '.join(seen)}."
            yield ("visits", index, "window", "anchor"), what, "Hang one of them on something else."


def _gates(protocol: Protocol) -> Complaints:
    visits = {visit.id for visit in protocol.visits}
    criteria = {criterion.id for criterion in protocol.criteria}
    for index, gate in enumerate(protocol.gates):
        yield from every(gate.before, visits, "gates", index, "before", what="visit")
        yield from every(gate.criteria, criteria, "gates", index, "criteria", what="criterion")
    guarded = {visit for gate in protocol.gates for visit in gate.before}
    used = {criterion for gate in protocol.gates for criterion in gate.criteria}
    for index, visit in enumerate(protocol.visits):
        if visit.kind is VisitKind.DOSING and visit.id not in guarded:
            yield ("visits", index), f"{visit.id} gives a dose behind no gate.", "Name it in `before` of a gate."
    for index, criterion in enumerate(protocol.criteria):
        if criterion.effect is Effect.STOP and criterion.id not in used:
            yield ("criteria", index), f"{criterion.id} stands in no gate and stops nothing.", "Name it in a gate."
