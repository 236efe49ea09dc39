"""Where a step is done and where a finding is settled: the address and its words, by role."""

from typing import Protocol

from django.urls import reverse

from asklepion.core.access import Role
from asklepion.flows.chart import GateLine
from asklepion.web.access import ROUTES

_WORDS = {
    "consent": "Go to consent",
    "screening": "Open the worksheet",
    "screening_medicine": "Record the medicine",
    "scale_item": "Open the scale",
    "visit": "Open the visit",
}


class Step(Protocol):
    """What a step of any list says of itself: core.values.Task, flows.caseload.Need."""

    @property
    def kind(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def visit(self) -> str: ...
    @property
    def role(self) -> str: ...


def page_of(step: Step, course: str) -> tuple[str, list[str | int]]:
    """Return the route on which a step is done, and what its address needs."""
    match step.kind:
        case "visit":
            return "visit", [course, step.what]
        case "scale" if step.role == Role.RATER:
            return "ratings", []
        case "scale":
            return "scale_item", [course, step.what, step.visit, 1]
        case "consent" | "countersign":
            return "consent", [course]
        case "contact":
            return "contact_new", [course]
        case "event":
            return "note_new", [course]
        case _:
            return "screening", [course]


def gate_line(line: GateLine, course: str, role: Role) -> tuple[GateLine, str, str]:
    """Return a finding with the address and the words of its link; none where the role may not act there."""
    if line.look == "met" or role not in ROUTES.get(line.page, ()):
        return line, "", ""
    return line, reverse(line.page, args=[course, *line.args]), _WORDS.get(line.page, "Record it on the worksheet")
