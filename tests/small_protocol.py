"""A small protocol and its visits: for tests of the schedule that need no facts."""

from datetime import date

from asklepion.core.entries import CourseOpened, Entry, VisitHeld
from asklepion.knowledge.types import Basis, Confidence, Protocol, Tier, VisitKind, VisitPlan, Window
from small_chart import instant

BASIS = Basis(Confidence.RECALLED, date(2026, 11, 23))


def window(anchor: str, opens: int | None = 0, nominal: int = 0, closes: int | None = None) -> Window:
    return Window(anchor, nominal, opens, closes, BASIS)


def visit(id: str, hangs: Window, kind: VisitKind = VisitKind.ASSESSMENT, **more: object) -> VisitPlan:
    return VisitPlan(id, f"Visit {id}", kind, "coordinator", hangs, BASIS, **more)  # type: ignore[arg-type]


def protocol(*visits: VisitPlan) -> Protocol:
    return Protocol(
        kind="protocol",
        id="small",
        version="1",
        title="A small protocol",
        short="Small",
        tier=Tier.DRAFT,
        condition="",
        substance="",
        visits=visits,
        basis=BASIS,
        consent_document="paper",
    )


OPENED = (0, CourseOpened("small", "1", "Site"))


def held(id: str, number: int, title: str = "") -> tuple[int, Entry]:
    return number, VisitHeld(id, instant(number), title=title)
