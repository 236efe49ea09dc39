"""`kind: dose`: whether there is a dose-response, of which shape, and which dose reaches an effect."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.report import Head, Line, Table
from asklepion.stats import dose as room


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseResponse(Asked):
    """One row a person; shapes as `asklepion analyse dose` takes them. Its alpha is half the plan's, one-sided."""

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["dose"]
    shapes: Texts
    effect: float
    value: str = "AVAL"
    dose: str = "DOSE"
    subject: str | None = "USUBJID"
    covariates: Texts = ()

    def run(self, given: Given) -> Told:
        """Return means, contrasts and fitted shapes with the dose that reaches the effect."""
        told = room.dose_response(
            given.rows.rows,
            room.Question(
                value=self.value, candidates=tuple(room.candidate(each) for each in self.shapes), effect=self.effect,
                dose=self.dose, subject=self.subject, covariates=self.covariates, alpha=given.alpha / 2,
                seed=given.seeded(),
            ),
        )  # fmt: skip
        shown = "shown" if told.test.shown else "not shown: the shapes below say nothing"
        ends = tuple(str(each.fit.shape) for each in told.targets if each.fit.at_bound)
        bound = (f"A parameter of {', '.join(ends)} ends where the search does: these doses do not tell it.",)
        return Told(
            used=f"{told.people} people at {len(told.doses)} doses",
            left_out=tuple((each.why, each.rows) for each in told.left_out),
            notes=(f"A dose-response is {shown}.", *(bound if ends else ())),
            tables=(self._means(told), _contrasts(told), self._targets(told)),
            random=True,
        )

    def _means(self, told: room.Answer) -> Table:
        heads = (Head(name="n", shown="count"), Head(name="mean"), Head(name="SE"))
        lines = tuple(Line(f"{dose:g}", (n, mean, se)) for dose, n, mean, se in told.doses)
        return Table(title="Doses", unit=self.unit, heads=heads, lines=lines, made_by=maker(room.dose_response))

    def _targets(self, told: room.Answer) -> Table:
        heads = tuple(Head(name=name) for name in ("AIC", "base", "size", "dose", "lower", "upper", "reached by"))
        lines = tuple(
            Line(
                " ".join([each.fit.shape, *(f"{name} {value:.4g}" for name, value in each.fit.parameters)]),
                (each.fit.aic, each.fit.base, each.fit.size, *(_or(v) for v in (each.dose, each.lower, each.upper)),
                 each.reached),
            )
            for each in told.targets
        )  # fmt: skip
        note = f"Least dose that reaches {self.effect:g}, up to the largest given; 95% of {told.draws} draws."
        return Table(title="Shapes and doses", heads=heads, lines=lines, made_by=maker(room.fitted), note=note)


def _or(value: float | None) -> float | str:
    return "not reached" if value is None else value


def _contrasts(told: room.Answer) -> Table:
    heads = (Head(name="t"), Head(name="p", shown="p"), Head(name="p of all", shown="p"))
    lines = tuple(Line(str(each.candidate), (each.t, each.p, each.p_all)) for each in told.test.contrasts)
    note = f"One-sided; the largest t needs {told.test.critical:.4f}, df {told.test.df}."
    return Table(title="Contrasts", heads=heads, lines=lines, made_by=maker(room.best_contrasts), note=note)
