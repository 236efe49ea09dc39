"""`kind: meta`: the pooled effect of a table of studies; retracted ones are left out and named."""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, ClassVar, Literal

from asklepion.core.errors import BadInput
from asklepion.flows.report.asked import Asked, Given, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.forest import Effect, Scale, forest, forest_csv
from asklepion.paper.funnel import Funnel, Point, funnel, funnel_csv
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.stats import meta as room
from asklepion.stats.columns import complete, named, numeric

_EFFECT = (Head(name="estimate"), Head(name="SE"), Head(name="lower"), Head(name="upper"))
_CONTOURS = (0.1, 0.05, 0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta(Asked):
    """A row a study: its label, effect, and variance or standard error; `retracted` names a column that says when.

    With `ratio`, effects are logarithms and are shown as ratios. `favours` are the words under both ends of the plot.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["meta"]
    label: str = "study"
    effect: str = "effect"
    variance: str | None = None
    se: str | None = None
    people: str | None = None
    retracted: str | None = None
    ratio: bool = False
    estimator: room.Estimator = room.Estimator.REML
    inference: room.Inference = room.Inference.HARTUNG_KNAPP
    prediction: room.Prediction = room.Prediction.K_1
    favours: tuple[str, str] | None = None

    def run(self, given: Given) -> Told:
        """Return the synthesis, what each study changes, a test of small-study effects, forest and funnel plot."""
        studies, people, left_out = self._studies(given)
        choices = room.Choices(
            estimator=self.estimator, inference=self.inference, prediction=self.prediction, level=given.level
        )
        told = room.pool(studies, choices=choices)
        kept = len(told.studies)
        without = room.leave_one_out(studies, choices=choices) if kept > 2 else {}
        small = room.small_study(studies) if kept > 2 else None
        slope = small.coefficients[1] if small else None
        named = tuple(f"{each.label} does not count: retracted {each.retracted}." for each in told.excluded)
        few = () if kept > 2 else ("Two studies: nothing is said of leaving one out or of small studies.",)
        return Told(
            used=f"{kept} studies",
            left_out=(*left_out, *((("retracted", len(told.excluded)),) if told.excluded else ())),
            notes=(*named, *told.warnings, *few),
            tables=(
                *self._pooled(told, given),
                *([_without(without, self.unit)] if without else []),
                *([_small(slope)] if slope else []),
            ),
            figures=(self._forest(given, told, people), self._funnel(given, told, slope)),
        )

    def _studies(self, given: Given) -> tuple[list[room.Study], dict[str, int], tuple[tuple[str, int], ...]]:
        spread = self.variance or self.se
        if spread is None or (self.variance and self.se):
            remedy = "Write `variance:` or `se:` and the name of the column."
            raise BadInput("Name the variance or the standard error, one of them.", where="variance, se", remedy=remedy)
        table = given.rows.rows
        needed = [self.label, self.effect, spread]
        named(table, [*needed, *(each for each in (self.retracted, self.people) if each)])
        known, left_out = complete(table, needed)
        for name in (self.effect, spread, *([self.people] if self.people else [])):
            numeric(known[known[name].notna()], name)
        studies, people = [], {}
        for _, row in known.iterrows():
            label, size = str(row[self.label]), float(row[spread])
            variance = size**2 if self.se else size
            why = str(row[self.retracted]) if self.retracted and not _blank(row[self.retracted]) else ""
            studies.append(room.Study(label, float(row[self.effect]), variance, why))
            if self.people and not _blank(row[self.people]):
                people[label] = int(row[self.people])
        return studies, people, tuple((each.why, each.rows) for each in left_out)

    def _pooled(self, told: room.Pooled, given: Given) -> tuple[Table, Table]:
        effect = told.effect
        pooled = Table(
            title="Pooled effect",
            unit=f"logarithm of {self.unit}" if self.ratio else self.unit,
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

    def _forest(self, given: Given, told: room.Pooled, people: dict[str, int]) -> Figure:
        z = NormalDist().inv_cdf((1 + given.level) / 2)
        turn = math.exp if self.ratio else float

        def shown(study: room.Study, weight: float | None) -> Effect:
            reach = z * math.sqrt(study.variance)
            return Effect(
                label=study.label,
                estimate=turn(study.effect),
                lower=turn(study.effect - reach),
                upper=turn(study.effect + reach),
                weight=weight,
                n=people.get(study.label),
                excluded=f"Retracted {study.retracted}" if study.retracted else "",
            )

        effect = told.effect
        together = Effect(
            label=f"Together, {len(told.studies)} studies",
            estimate=turn(effect.estimate),
            lower=turn(effect.lower),
            upper=turn(effect.upper),
            weight=100.0,
            pooled=True,
            prediction=(turn(told.prediction[0]), turn(told.prediction[1])) if told.prediction else None,
        )
        effects = [
            *(shown(study, weight) for study, weight in zip(told.studies, told.weights, strict=True)),
            together,
            *(shown(study, None) for study in told.excluded),
        ]
        title = f"{self.title}: studies and pooled effect"
        about = self.about(given, name="forest", title=title)
        about = replace(
            about,
            notes=(
                "Squares are as large as the weight; the diamond is the pooled effect, dots the prediction interval.",
            ),
        )
        scale = Scale(none=1.0 if self.ratio else 0.0, ratio=self.ratio, favours=self.favours)
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
        unit = f"logarithm of {self.unit}" if self.ratio else self.unit
        about = self.about(given, name="funnel", title=title, unit=unit, notes=(said,) if said else ())
        behind = Funnel(pooled=told.effect.estimate, contours=contours, small_studies=said)
        return Figure(f"{self.id}-funnel", title, funnel(points, about, behind=behind), funnel_csv(points, about))


def _blank(value: object) -> bool:
    return value is None or value != value or str(value) in {"", "<NA>"}


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
