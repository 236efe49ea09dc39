"""`kind: unblinding`: the effect without and with what people guessed in the model."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.forest import Effect, forest, forest_csv
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.stats import blinding as room


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblinding(Asked):
    """Columns: who, the value, arm and guess; `occasion` where a person stands in several rows."""

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["unblinding"]
    control: str
    treated: str
    value: str = "AVAL"
    arm: str = "TRT01P"
    guess: str = "GUESS"
    subject: str = "USUBJID"
    occasion: str | None = None
    covariates: Texts = ()

    def run(self, given: Given) -> Told:
        """Return the effect of the arm without the guess and with it, and what the guess carries."""
        told = room.adjusted(
            given.rows.rows,
            room.Question(
                value=self.value, arm=self.arm, guess=self.guess, subject=self.subject, occasion=self.occasion,
                covariates=self.covariates, control=self.control, treated=self.treated,
            ),
        )  # fmt: skip
        named = (
            (f"{self.treated} less {self.control}", told.plain),
            (f"{self.treated} less {self.control}, guess in the model", told.with_guess),
            (f"guessed {self.treated}, arm in the model", told.guess),
        )
        heads = (
            Head(name="estimate"),
            Head(name="SE"),
            Head(name="df", decimals=1),
            Head(name="lower"),
            Head(name="upper"),
            Head(name="p", shown="p"),
        )
        lines = tuple(Line(label, (e.estimate, e.se, e.df, e.lower, e.upper, e.p)) for label, e in named)
        effects = [Effect(label=label, estimate=e.estimate, lower=e.lower, upper=e.upper) for label, e in named]
        title = f"{self.title}: the effect and the guess"
        about = self.about(given, name="guess", title=title, unit=self.unit or self.value)
        level = told.plain.level
        other = (f"Intervals are at {100 * level:g}% whatever the plan's alpha is.",) if level != given.level else ()
        return Told(
            used=f"{told.rows} rows of {told.people} people",
            left_out=tuple((each.why, each.rows) for each in told.left_out),
            notes=("A guess may follow from benefit as well as from side effects: this does not tell which.", *other),
            tables=(
                Table(
                    title="With and without the guess",
                    unit=self.unit,
                    heads=heads,
                    lines=lines,
                    made_by=maker(room.adjusted),
                    note="REML, Satterthwaite's degrees of freedom.",
                ),
            ),
            figures=(Figure(f"{self.id}-guess", title, forest(effects, about), forest_csv(effects, about)),),
        )
