"""`kind: mediation`: how much of the effect goes through what the arm changed, with bootstrap intervals."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.forest import Effect, forest, forest_csv
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.stats.why import mediation as room

_WARNING = "The mediator was not given by lot: what it shares with the value for other reasons counts as mediation."


@dataclass(frozen=True, slots=True, kw_only=True)
class Mediation(Asked):
    """One row a person; columns as `asklepion analyse mediate` takes them. Draws need the plan's seed."""

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["mediation"]
    mediators: Texts
    control: str
    treated: str
    value: str = "AVAL"
    arm: str = "TRT01P"
    subject: str | None = "USUBJID"
    covariates: Texts = ()
    interaction: bool = False
    draws: Annotated[int, Field(ge=200)] = 5000

    def run(self, given: Given) -> Told:
        """Return direct and indirect effects, the coefficients that they are made of, and the drawing."""
        told = room.mediate(
            given.rows.rows,
            room.Question(
                value=self.value, mediators=self.mediators, arm=self.arm, control=self.control, treated=self.treated,
                subject=self.subject, covariates=self.covariates, interaction=self.interaction, draws=self.draws,
                seed=given.seeded(), level=given.level,
            ),
        )  # fmt: skip
        failed = (f"{told.failed} of {told.draws} draws had no solution.",) if told.failed else ()
        return Told(
            used=f"{told.people} people",
            left_out=tuple((each.why, each.rows) for each in told.left_out),
            notes=(_WARNING, *failed),
            tables=(self._paths(told, given), _coefficients(told), _shares(told)),
            figures=(self._forest(given, told),),
            random=True,
        )

    def _paths(self, told: room.Mediated, given: Given) -> Table:
        heads = (
            Head(name="estimate"),
            Head(name="SE"),
            Head(name="lower"),
            Head(name="upper"),
            Head(name="percentile lower"),
            Head(name="percentile upper"),
            Head(name="p", shown="p"),
        )
        lines = tuple(Line(e.label, (e.estimate, e.se, e.lower, e.upper, *e.percentile, e.p)) for e in told.paths)
        note = f"Lower and upper: BCa at {100 * given.level:g}%, {told.draws} draws; p is that of the percentiles."
        title = f"Effects, {self.treated} less {self.control}"
        return Table(title=title, unit=self.unit, heads=heads, lines=lines, made_by=maker(room.mediate), note=note)

    def _forest(self, given: Given, told: room.Mediated) -> Figure:
        effects = [Effect(label=e.label, estimate=e.estimate, lower=e.lower, upper=e.upper) for e in told.paths]
        title = f"{self.title}: direct and indirect"
        about = self.about(given, name="paths", title=title, unit=self.unit or self.value)
        return Figure(f"{self.id}-paths", title, forest(effects, about), forest_csv(effects, about))


def _coefficients(told: room.Mediated) -> Table:
    heads = (Head(name="arm on it"), Head(name="it on the value"))
    lines = tuple(Line(name, (a, b)) for (name, a), (_, b) in zip(told.a, told.b, strict=True))
    return Table(title="Mediators", heads=heads, lines=lines, made_by=maker(room.mediate))


def _shares(told: room.Mediated) -> Table:
    heads = (Head(name="share of the total", decimals=3), Head(name="vanishes at a correlation of", decimals=3))
    share = "direct and indirect differ in sign" if told.share is None else told.share
    vanishes = "" if told.vanishes_at is None else told.vanishes_at
    note = "The second: the correlation of what else moves mediator and value at which nothing indirect is left."
    line = Line("indirect", (share, vanishes))
    return Table(title="How much, and how firm", heads=heads, lines=(line,), made_by=maker(room.mediate), note=note)
