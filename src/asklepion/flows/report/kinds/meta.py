"""`kind: meta`: the pooled effect of a table of studies; retracted ones are left out and named."""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, ClassVar, Literal

from asklepion.flows.report.asked import Given, Told, maker
from asklepion.flows.report.kinds.studies import OfStudies
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.forest import Effect, Scale, forest, forest_csv
from asklepion.paper.funnel import Funnel, Point, funnel, funnel_csv
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.stats import meta as room

_EFFECT = (Head(name="estimate"), Head(name="SE"), Head(name="lower"), Head(name="upper"))
_CONTOURS = (0.1, 0.05, 0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta(OfStudies):
    """How studies are pooled; `favours` are the words under both ends of the forest plot."""

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["meta"]
    estimator: room.Estimator = room.Estimator.REML
    inference: room.Inference = room.Inference.HARTUNG_KNAPP
    prediction: room.Prediction = room.Prediction.K_1
    favours: tuple[str, str] | None = None

    @property
    def pooled_unit(self) -> str:
        """Return what one unit of the pooled effect is: of a ratio its logarithm."""
        return f"logarithm of {self.unit or 'the ratio'}" if self.ratio else self.unit

    def run(self, given: Given) -> Told:
        """Return the synthesis, what each study changes, a test of small-study effects, forest and funnel plot."""
        studies, people, left_out, more = self.studies(given)
        choices = room.Choices(
            estimator=self.estimator, inference=self.inference, prediction=self.prediction, level=given.level
        )
        told = room.pool(studies, choices=choices)
        kept, each = len(told.studies), self._each(given, told, people)
        without = room.leave_one_out(studies, choices=choices) if kept > 2 else {}
        small = room.small_study(studies) if kept > 2 else None
        slope = small.coefficients[1] if small else None
        named = tuple(f"{gone.label} does not count: retracted {gone.retracted}." for gone in told.excluded)
        few = () if kept > 2 else ("Two studies: nothing is said of leaving one out or of small studies.",)
        return Told(
            used=f"{kept} studies",
            left_out=(*left_out, *((("retracted", len(told.excluded)),) if told.excluded else ())),
            notes=(*more, *named, *told.warnings, *few),
            tables=(
                self._studies_table(each, given),
                *self._pooled(told, given),
                *([self._as_ratio(told)] if self.ratio else []),
                *([_without(without, self.pooled_unit)] if without else []),
                *([_small(slope)] if slope else []),
            ),
            figures=(self._forest(given, told, each), self._funnel(given, told, slope)),
        )

    def _pooled(self, told: room.Pooled, given: Given) -> tuple[Table, Table]:
        effect = told.effect
        pooled = Table(
            title="Pooled effect",
            unit=self.pooled_unit,
            heads=(*_EFFECT, Head(name="df", shown="count"), Head(name="p", shown="p")),
            lines=(
                Line("All that stand", (effect.estimate, effect.se, effect.lower, effect.upper, effect.df, effect.p)),
                *([Line("Prediction, the next study", ("", "", *told.prediction, "", ""))] if told.prediction else []),
            ),
            made_by=maker(room.pool),
            note=f"{self.estimator}, {self.inference}, at {100 * given.level:g}%; prediction by {self.prediction}.",
        )
        between = Table(
            title="Differences between studies",
            heads=(
                Head(name="tau2", decimals=4),
                Head(name="lower", decimals=4),
                Head(name="upper", decimals=4),
                Head(name="I2 per cent", decimals=1),
                Head(name="Q"),
                Head(name="p of Q", shown="p"),
            ),
            lines=(Line("All that stand", (told.tau2, *told.tau2_interval, told.i2, told.q, told.q_p)),),
            made_by=maker(room.pool),
            note="The interval of tau2 is by the Q profile.",
        )
        return pooled, between

    def _as_ratio(self, told: room.Pooled) -> Table:
        effect, next_one = told.effect, told.prediction
        heads = (Head(name="estimate"), Head(name="lower"), Head(name="upper"))
        ends = (effect.estimate, effect.lower, effect.upper)
        lines = [Line("All that stand, as a ratio", tuple(math.exp(each) for each in ends))]
        if next_one:
            lines.append(Line("Prediction, as a ratio", ("", *(math.exp(each) for each in next_one))))
        title = "Pooled effect as a ratio"
        return Table(title=title, unit=self.unit, heads=heads, lines=tuple(lines), made_by=maker(Meta._as_ratio))

    def _each(self, given: Given, told: room.Pooled, people: dict[str, int]) -> list[Effect]:
        """Return each study with its own normal interval: its effect and z times its standard error."""
        z = NormalDist().inv_cdf((1 + given.level) / 2)
        turn = math.exp if self.ratio else float
        weights = [*told.weights, *(None for _ in told.excluded)]
        return [
            Effect(
                label=study.label,
                estimate=turn(study.effect),
                lower=turn(study.effect - z * math.sqrt(study.variance)),
                upper=turn(study.effect + z * math.sqrt(study.variance)),
                weight=weight,
                n=people.get(study.label),
                excluded=f"Retracted {study.retracted}" if study.retracted else "",
            )
            for study, weight in zip((*told.studies, *told.excluded), weights, strict=True)
        ]

    def _studies_table(self, each: list[Effect], given: Given) -> Table:
        heads = (
            Head(name="estimate"),
            Head(name="lower"),
            Head(name="upper"),
            Head(name="weight per cent", decimals=1),
            Head(name="counts", shown="text"),
        )
        lines = tuple(
            Line(
                e.label,
                (e.estimate, e.lower, e.upper, "" if e.weight is None else e.weight, e.excluded or "yes"),
            )
            for e in each
        )
        note = f"A study's own interval: its effect and z times its standard error, at {100 * given.level:g}%."
        return Table(title="Studies", unit=self.unit, heads=heads, lines=lines, made_by=maker(Meta._each), note=note)

    def _forest(self, given: Given, told: room.Pooled, each: list[Effect]) -> Figure:
        turn = math.exp if self.ratio else float
        effect, kept = told.effect, len(told.studies)
        together = Effect(
            label=f"Together, {kept} studies",
            estimate=turn(effect.estimate),
            lower=turn(effect.lower),
            upper=turn(effect.upper),
            weight=100.0,
            pooled=True,
            prediction=(turn(told.prediction[0]), turn(told.prediction[1])) if told.prediction else None,
        )
        effects = [*each[:kept], together, *each[kept:]]
        title = f"{self.title}: studies and pooled effect"
        about = self.about(given, name="forest", title=title)
        said = "Squares are as large as the weight; the diamond is the pooled effect, dots the prediction interval."
        scale = Scale(none=1.0 if self.ratio else 0.0, ratio=self.ratio, favours=self.favours)
        about = replace(about, notes=(said,))
        return Figure(f"{self.id}-forest", title, forest(effects, about, scale=scale), forest_csv(effects, about))

    def _funnel(self, given: Given, told: room.Pooled, slope: room.Coefficient | None) -> Figure:
        points = [
            Point(
                label=each.label,
                effect=each.effect,
                se=math.sqrt(each.variance),
                excluded=f"Retracted {each.retracted}" if each.retracted else "",
            )
            for each in (*told.studies, *told.excluded)
        ]
        contours = tuple((p, NormalDist().inv_cdf(1 - p / 2)) for p in _CONTOURS)
        said = f"The regression on standard errors has p {slope.p:.2f}." if slope else ""
        title = f"{self.title}: small studies"
        about = self.about(given, name="funnel", title=title, unit=self.pooled_unit, notes=(said,) if said else ())
        behind = Funnel(pooled=told.effect.estimate, contours=contours, small_studies=said)
        return Figure(f"{self.id}-funnel", title, funnel(points, about, behind=behind), funnel_csv(points, about))


def _without(told: dict[str, room.Pooled], unit: str) -> Table:
    lines = tuple(
        Line(
            f"without {label}", (each.effect.estimate, each.effect.se, each.effect.lower, each.effect.upper, each.tau2)
        )
        for label, each in told.items()
    )
    heads = (*_EFFECT, Head(name="tau2", decimals=4))
    return Table(title="Leaving each study out", heads=heads, lines=lines, made_by=maker(room.leave_one_out), unit=unit)


def _small(slope: room.Coefficient) -> Table:
    return Table(
        title="Small-study effects",
        heads=(*_EFFECT, Head(name="z"), Head(name="p", shown="p")),
        lines=(Line("Slope of the effect by its standard error", (
            slope.estimate, slope.se, slope.lower, slope.upper, slope.statistic, slope.p,
        )),),
        made_by=maker(room.small_study),
        note="Regression on standard errors with normal inference. With fewer than ten studies it can tell little.",
    )  # fmt: skip
