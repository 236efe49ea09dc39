"""`kind: mmrm`: LS means and contrasts of arms at visits from a mixed model for repeated measures."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar, Literal

from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.forest import Effect, Scale, forest, forest_csv
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.paper.trajectories import MeanAt, trajectories, trajectories_csv
from asklepion.stats import mmrm as room
from asklepion.stats.mmrm.account import notes

Structure = Literal["us", "toeph", "toep", "ar1h", "ar1", "csh", "cs", "adh", "ad", "sp_exp"]
_MEAN = (Head(name="n", shown="count"), Head(name="estimate"), Head(name="SE"), Head(name="df", decimals=1))
_LIMITS = (Head(name="lower"), Head(name="upper"))
_TEST = (
    Head(name="F"),
    Head(name="numerator df", shown="count"),
    Head(name="denominator df", decimals=1),
    Head(name="p", shown="p"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mmrm(Asked):
    """Columns and choices as `asklepion analyse mmrm` takes them. `better` says which way is better for people.

    `ladder` are the structures to try where `structure` gives no optimum; an empty list refuses
    instead. `visits` and `arms` give the order, the reference arm first.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["mmrm"]
    subject: str = "USUBJID"
    visit: str = "AVISIT"
    value: str = "AVAL"
    arm: str = "TRT01P"
    baseline: str | None = "BASE"
    covariates: Texts = ()
    factors: Texts = ()
    visits: Texts | None = None
    arms: Texts | None = None
    structure: Structure = "us"
    method: room.Method = room.Method.REML
    group: str | None = None
    freedom: room.Freedom = room.Freedom.KENWARD_ROGER
    weights: room.Weights = room.Weights.EQUAL
    ladder: tuple[Structure, ...] = ("us", "toeph", "ar1h", "csh", "toep", "ar1", "cs")
    better: Literal["lower", "higher"] | None = None

    def model(self) -> room.Model:
        """Return the model as stats.mmrm takes it."""
        return room.Model(
            subject=self.subject,
            visit=self.visit,
            value=self.value,
            arm=self.arm,
            baseline=self.baseline,
            covariates=self.covariates,
            factors=self.factors,
            visits=self.visits,
            arms=self.arms,
            structure=self.structure,
            method=self.method,
            group=self.group,
            ladder=self.ladder,
        )

    def run(self, given: Given) -> Told:
        """Return LS means, contrasts against the first arm, tests of terms, and both drawings."""
        fitted = room.fit(given.rows.rows, self.model())
        how = {"weights": self.weights, "freedom": self.freedom, "level": given.level}
        means = room.lsmeans(fitted, **how)  # type: ignore[arg-type]
        against = room.contrasts(fitted, **how)  # type: ignore[arg-type]
        tests = room.terms(fitted, freedom=self.freedom)
        people = _people(fitted)
        how_words = f"{self.weights} weights, {self.freedom}, covariance {fitted.structure}"
        return Told(
            used=f"{len(fitted.observed.values)} values of {fitted.subjects} subjects",
            left_out=tuple((each.why, each.rows) for each in fitted.left_out),
            notes=("Visits that are missing are taken as missing at random.", *notes(fitted)),
            tables=(
                _fit(fitted),
                Table(
                    title="LS means",
                    unit=self.unit,
                    heads=(*_MEAN, *_LIMITS),
                    lines=tuple(
                        Line(each.label, (n, each.estimate, each.se, each.df, each.lower, each.upper))
                        for each, n in zip(means, people.values(), strict=True)
                    ),
                    made_by=maker(room.lsmeans),
                    note=f"{how_words}; intervals at {100 * given.level:g}%. n: people with a value at the visit.",
                ),
                Table(
                    title="Contrasts",
                    unit=self.unit,
                    heads=(*_MEAN[1:], *_LIMITS, Head(name="p", shown="p")),
                    lines=tuple(
                        Line(each.label, (each.estimate, each.se, each.df, each.lower, each.upper, each.p))
                        for each in against
                    ),
                    made_by=maker(room.contrasts),
                    note=f"{how_words}; two-sided p, not adjusted for the number of visits and arms.",
                ),
                Table(
                    title="Tests of terms, type 3",
                    heads=_TEST,
                    lines=tuple(Line(t.label, (t.f, t.numerator, t.denominator, t.p)) for t in tests),
                    made_by=maker(room.terms),
                ),
            ),
            figures=(self._trajectories(given, means, people), self._forest(given, against, people)),
        )

    def _trajectories(self, given: Given, means: "tuple[room.Line, ...]", people: dict[tuple[str, str], int]) -> Figure:
        drawn = [
            MeanAt(arm=arm, visit=visit, estimate=each.estimate, lower=each.lower, upper=each.upper, n=n)
            for each, ((visit, arm), n) in zip(means, people.items(), strict=True)
        ]
        title = f"{self.title}: LS means"
        about = self.about(given, name="means", title=title, unit=self.unit or self.value)
        about = replace(about, notes=(f"LS means with {about.interval}.",))
        crosses = min(each.lower for each in means) < 0 < max(each.upper for each in means)
        return Figure(
            f"{self.id}-means", title, trajectories(drawn, about, zero=crosses), trajectories_csv(drawn, about)
        )

    def _forest(self, given: Given, against: "tuple[room.Line, ...]", people: dict[tuple[str, str], int]) -> Figure:
        effects = [
            Effect(label=each.label, estimate=each.estimate, lower=each.lower, upper=each.upper) for each in against
        ]
        arms = list(dict.fromkeys(arm for _, arm in people))
        favours = None
        if self.better and len(arms) == 2:
            sides = (f"favours {arms[1]}", f"favours {arms[0]}")
            favours = sides if self.better == "lower" else (sides[1], sides[0])
        title = f"{self.title}: contrasts"
        about = self.about(given, name="contrasts", title=title, unit=self.unit or self.value)
        return Figure(
            f"{self.id}-contrasts",
            title,
            forest(effects, about, scale=Scale(favours=favours)),
            forest_csv(effects, about),
        )


def _fit(fitted: room.Fit) -> Table:
    """Return where the search ended and how flat it is there: whether the optimum is one."""
    heads = (
        Head(name="-2 log likelihood", decimals=4),
        Head(name="AIC", decimals=2),
        Head(name="steps", shown="count"),
        Head(name="gradient", shown="small"),
    )
    line = Line(
        f"{fitted.structure}, {fitted.model.method}", (fitted.deviance, fitted.aic, fitted.iterations, fitted.gradient)
    )
    return Table(title="The fit", heads=heads, lines=(line,), made_by=maker(room.fit))


def _people(fitted: room.Fit) -> dict[tuple[str, str], int]:
    """Return how many have a value by (visit, arm), in the order in which LS means come."""
    observed = fitted.observed
    arm = observed.factors[fitted.model.arm]
    counted = Counter(zip(observed.visits.codes.tolist(), arm.codes.tolist(), strict=True))
    return {
        (visit, name): counted[k, j]
        for (k, visit), (j, name) in product(enumerate(fitted.visits), enumerate(arm.levels))
    }
