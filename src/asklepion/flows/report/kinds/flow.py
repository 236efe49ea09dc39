"""`kind: participants`: the CONSORT flow from counts that the plan gives, held to add up."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from asklepion.flows.report.asked import Asked, Given, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper import consort as drawing
from asklepion.paper.report import Figure, Head, Line, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How many came to a stage, and for which reason how many went no further."""

    __pydantic_config__: ClassVar[Any] = FORBID
    title: str
    people: int
    left: dict[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    __pydantic_config__: ClassVar[Any] = FORBID
    name: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participants(Asked):
    """Stages that all share, then those of each arm."""

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["participants"]
    together: tuple[Stage, ...]
    arms: tuple[Arm, ...]

    def run(self, given: Given) -> Told:
        """Return the flow as a table and a drawing. Raises BadInput where it does not add up."""
        flow = drawing.Flow(
            together=_stages(self.together),
            arms=tuple(drawing.Arm(name=arm.name, stages=_stages(arm.stages)) for arm in self.arms),
        )
        about = self.about(given, name="flow", title=self.title, unit="people")
        lines = [
            Line(f"{name}{each.title}", (each.people, each.people - each.stay, _reasons(each)))
            for name, stages in (("", flow.together), *((f"{arm.name}: ", arm.stages) for arm in flow.arms))
            for each in stages
        ]
        return Told(
            used=f"counts of {self.together[0].people} people, as the plan gives them",
            tables=(
                Table(
                    title="Flow of participants",
                    heads=(
                        Head(name="people", shown="count"),
                        Head(name="not further", shown="count"),
                        Head(name="why", shown="text"),
                    ),
                    lines=tuple(lines),
                    made_by=maker(Participants.run),
                ),
            ),
            figures=(
                Figure(f"{self.id}-flow", self.title, drawing.consort(flow, about), drawing.consort_csv(flow, about)),
            ),
        )


def _stages(given: tuple[Stage, ...]) -> tuple[drawing.Stage, ...]:
    return tuple(
        drawing.Stage(title=each.title, people=each.people, left=tuple((each.left or {}).items())) for each in given
    )


def _reasons(stage: drawing.Stage) -> str:
    return "; ".join(f"{why} {count}" for why, count in stage.left)
