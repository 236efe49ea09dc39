"""`kind: moderation`: for whom the effect is larger, corrected for how many moderators were looked at."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.forest import Effect, forest, forest_csv
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.stats.why import moderation as room

_WARNING = "A moderator found by looking is a question for the next trial."


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderation(Asked):
    """One row a person; columns as `asklepion analyse moderate` takes them."""

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["moderation"]
    moderators: Texts
    control: str
    treated: str
    value: str = "AVAL"
    arm: str = "TRT01P"
    subject: str | None = "USUBJID"
    covariates: Texts = ()
    factors: Texts = ()

    def run(self, given: Given) -> Told:
        """Return the tests of all moderators, the effect at the levels of each, and the drawing."""
        told = room.moderate(
            given.rows.rows,
            room.Question(
                value=self.value, moderators=self.moderators, arm=self.arm, control=self.control, treated=self.treated,
                subject=self.subject, covariates=self.covariates, factors=self.factors, level=given.level,
            ),
        )  # fmt: skip
        people = "; ".join(f"{each.name}: {each.people} people" for each in told)
        left_out = tuple((f"{each.name}: {one.why}", one.rows) for each in told for one in each.left_out)
        return Told(
            used=people,
            left_out=left_out,
            notes=(_WARNING,),
            tables=(_tests(told), *(self._levels(each, given) for each in told)),
            figures=(self._forest(given, told),),
        )

    def _levels(self, moderator: room.Moderator, given: Given) -> Table:
        heads = (
            Head(name="n", shown="count"), Head(name="effect"), Head(name="SE"), Head(name="lower"), Head(name="upper"),
            Head(name="p", shown="p"),
        )  # fmt: skip
        effects = (*([moderator.slope] if moderator.slope else []), *moderator.levels)
        lines = tuple(Line(e.at, (e.people, e.estimate, e.se, e.lower, e.upper, e.p)) for e in effects)
        turns = ", ".join(f"{each:.4g}" for each in moderator.turns)
        note = f"The interval meets zero at {turns}." if turns else f"Intervals at {100 * given.level:g}%."
        title = f"{self.treated} less {self.control}, by {moderator.name}"
        return Table(title=title, unit=self.unit, heads=heads, lines=lines, made_by=maker(room.moderate), note=note)

    def _forest(self, given: Given, told: tuple[room.Moderator, ...]) -> Figure:
        effects = [
            Effect(label=f"{each.name}: {e.at}", estimate=e.estimate, lower=e.lower, upper=e.upper)
            for each in told
            for e in each.levels
        ]
        title = f"{self.title}: the effect at each level"
        about = self.about(given, name="levels", title=title, unit=self.unit or self.value)
        return Figure(f"{self.id}-levels", title, forest(effects, about), forest_csv(effects, about))


def _tests(told: tuple[room.Moderator, ...]) -> Table:
    heads = (
        Head(name="F"), Head(name="numerator df", shown="count"), Head(name="denominator df", shown="count"),
        Head(name="p", shown="p"), Head(name="p Holm", shown="p"), Head(name="q", shown="p"),
    )  # fmt: skip
    lines = tuple(Line(each.name, (each.f, *each.df, each.p, each.p_holm, each.q)) for each in told)
    note = f"{len(told)} looked at; q is the expected share of false findings."
    title = "Does the effect depend on it?"
    return Table(title=title, heads=heads, lines=lines, made_by=maker(room.moderate), note=note)
