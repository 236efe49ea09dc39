"""`kind: responders`: who responded by a definition, how arms differ, and effect sizes of change at one visit."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.paper.shares import Share, shares, shares_csv
from asklepion.stats.responders import Effect, proportions, trial, wilson
from asklepion.stats.responders.definition import definition as response

_LIMITS = (Head(name="lower"), Head(name="upper"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Responders(Asked):
    """`definition` is fall>=50%, fall>=10, value<=11, value>=11 or value=no; `visit_is` the visit at which it is asked.

    The first of `arms` is the control. Those whose response is not known are counted both ways, and both are told.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["responders"]
    definition: str
    visit_is: str
    subject: str = "USUBJID"
    visit: str = "AVISIT"
    value: str = "AVAL"
    baseline: str = "BASE"
    arm: str = "TRT01P"
    arms: Texts | None = None

    def run(self, given: Given) -> Told:
        """Return responders by both ways of counting, comparisons, numbers needed to treat, and the drawing."""
        told = trial.respond(
            given.rows.rows,
            trial.Question(
                definition=response(self.definition),
                visit_is=self.visit_is,
                subject=self.subject,
                visit=self.visit,
                value=self.value,
                baseline=self.baseline,
                arm=self.arm,
                arms=self.arms,
            ),
        )
        unknown = dict(told.unknown)
        return Told(
            used=", ".join(f"{count} of {name}" for name, count in told.people),
            notes=(
                f"A response is {told.definition}, at {self.visit_is}.",
                *(f"{name}: the response of {count} is not known." for name, count in unknown.items() if count),
                *(["Intervals are at 95% whatever the plan's alpha is."] if given.alpha != 0.05 else []),
            ),
            tables=(*(table for count in told.counts for table in self._tables(count)), *_effects(told.effects)),
            figures=(self._figure(given, told, unknown),),
        )

    def _tables(self, count: trial.Count) -> tuple[Table, ...]:
        arms = tuple(Line(name, (arm.responders, arm.people, arm.risk, *wilson(arm))) for name, arm in count.arms)
        others = [name for name, _ in count.arms[1:]]
        each_arm = len(count.comparisons) // max(len(others), 1)
        compared = tuple(
            Line(
                f"{others[place // each_arm]}: {each.measure}, {each.interval}",
                (each.estimate, each.lower, each.upper),
            )
            for place, each in enumerate(count.comparisons)
        )
        needed = tuple(
            Line(
                f"{name}: one more to {stretch.to}",
                (each.number if stretch.to == each.to else "", stretch.least, stretch.most),
            )
            for name, each in zip(others, count.needed, strict=True)
            for stretch in each.stretches
        )
        return (
            Table(
                title=f"Responders, {count.missing}",
                heads=(
                    Head(name="responders", shown="count"),
                    Head(name="n", shown="count"),
                    Head(name="share", decimals=3),
                    Head(name="lower", decimals=3),
                    Head(name="upper", decimals=3),
                ),
                lines=arms,
                made_by=maker(trial.respond),
                note="Wilson's 95% intervals.",
            ),
            Table(
                title=f"Against {count.arms[0][0]}, {count.missing}",
                heads=(
                    Head(name="estimate", decimals=3),
                    Head(name="lower", decimals=3),
                    Head(name="upper", decimals=3),
                ),
                lines=compared,
                made_by=maker(trial.respond),
            ),
            Table(
                title=f"Number needed to treat, {count.missing}",
                heads=(Head(name="number", decimals=1), Head(name="least", decimals=1), Head(name="most", decimals=1)),
                lines=needed,
                made_by=maker(proportions.needed_to_treat),
                note="From Newcombe's interval of the risk difference. Two stretches where it holds zero.",
            ),
        )

    def _figure(self, given: Given, told: trial.Answer, unknown: dict[str, int]) -> Figure:
        known = told.counts[0]
        drawn = []
        for name, arm in known.arms:
            lower, upper = wilson(arm)
            drawn.append(
                Share(
                    arm=name,
                    responders=arm.responders,
                    people=arm.people,
                    share=arm.risk,
                    lower=lower,
                    upper=upper,
                    unknown=unknown[name],
                )
            )
        title = f"{self.title}: {told.definition}"
        about = self.about(given, name="shares", title=title, unit="share")
        return Figure(f"{self.id}-shares", title, shares(drawn, about), shares_csv(drawn, about))


def _effects(given: tuple[tuple[str, Effect], ...]) -> tuple[Table, ...]:
    if not given:
        return ()
    lines = tuple(
        Line(f"{name}: {each.measure}, {each.standardiser}", (each.people, each.estimate, each.lower, each.upper))
        for name, each in given
    )
    return (
        Table(
            title="Effect sizes of change",
            heads=(Head(name="n", shown="count"), Head(name="estimate"), *_LIMITS),
            lines=lines,
            made_by=maker(trial.respond),
            note="Of people whose baseline and value are known.",
        ),
    )
