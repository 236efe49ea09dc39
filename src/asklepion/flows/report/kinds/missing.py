"""`kind: missing`: values after an event imputed by the strategies of the plan, and what would tip the result."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.flows.report.kinds.mmrm import Structure
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.forest import Effect, forest, forest_csv
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.paper.tipping import Tilt, tipping, tipping_csv
from asklepion.stats import missing as room
from asklepion.stats.missing.account import counts, notes, variance_sentence
from asklepion.stats.mmrm import Method, Model

_HEADS = (Head(name="estimate"), Head(name="SE"), Head(name="df", decimals=1), Head(name="lower"), Head(name="upper"))
_P = Head(name="p", shown="p")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Asked):
    """Columns and choices as `asklepion analyse missing` takes them; `events` names another file of the plan.

    With `tipping` the delta is searched at which p reaches alpha, on `grid` (from 0 outwards) or in steps of its own.
    Imputations that are drawn need the plan's seed.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["missing"]
    reference: str
    strategies: tuple[room.Strategy, ...] = tuple(room.Strategy)
    approach: room.Approach = room.Approach.CONDITIONAL_MEAN
    at: str | None = None
    events: str = ""
    deltas: dict[str, float] = field(default_factory=dict)
    cumulative: bool = False
    tipping: bool = False
    grid: tuple[float, ...] | None = None
    imputations: int = 100
    burn_in: int = 200
    thin: int = 10
    subject: str = "USUBJID"
    visit: str = "AVISIT"
    value: str = "AVAL"
    arm: str = "TRT01P"
    baseline: str | None = "BASE"
    covariates: Texts = ()
    factors: Texts = ()
    visits: Texts | None = None
    structure: Structure = "us"
    method: Method = Method.REML
    group: str | None = None

    @property
    def random(self) -> bool:
        """Tell whether chance has a part: the conditional mean has none."""
        return self.approach is not room.Approach.CONDITIONAL_MEAN

    def plan(self, given: Given) -> room.Plan:
        """Return the plan as stats.missing takes it."""
        model = Model(
            subject=self.subject, visit=self.visit, value=self.value, arm=self.arm, baseline=self.baseline,
            covariates=self.covariates, factors=self.factors, visits=self.visits, structure=self.structure,
            method=self.method, group=self.group, ladder=(),
        )  # fmt: skip
        return room.Plan(
            model=model, reference=self.reference, strategies=self.strategies, approach=self.approach, at=self.at,
            deltas=self.deltas, cumulative=self.cumulative, imputations=self.imputations,
            seed=given.seeded() if self.random else 0, burn_in=self.burn_in, thin=self.thin, level=given.level,
        )  # fmt: skip

    def run(self, given: Given) -> Told:
        """Return contrasts and means of every strategy, how much was imputed, and the tipping curves if asked for."""
        happened = given.file(self.events).rows if self.events else None
        found = room.analyse(given.rows.rows, self.plan(given), events=happened)
        tipped = self._tipped(found)
        trial = found.trial
        return Told(
            used=(
                f"{len(trial.labels)} people at {found.at}, {int(trial.seen.sum())} values seen and "
                f"{int((~trial.seen).sum())} imputed over all visits"
            ),
            left_out=tuple((each.why, each.rows) for each in found.left_out),
            notes=(*notes(found), variance_sentence(found)),
            unmet=(
                *(f"{each.strategy}: no number. {each.why}" for each in found.answers if each.why),
                *(f"Tipping point of {each.label}, {each.strategy}: {each.why}" for each in tipped if each.why),
            ),
            tables=(
                _lines("Contrasts", [(e.strategy, line) for e in found.answers for line in e.contrasts], self.unit),
                _lines("Means", [(e.strategy, line) for e in found.answers for line in e.means], self.unit),
                _imputed(found),
                *([_tips(tipped)] if tipped else []),
                *(_curve(each, self.unit) for each in tipped if each.curve),
            ),
            figures=(self._forest(given, found), *(self._curve(given, each) for each in tipped if each.curve)),
            random=self.random,
        )

    def _tipped(self, found: room.Analysis) -> list[room.Tipping]:
        if not self.tipping:
            return []
        return [
            room.tipping(found, answer, contrast=place, deltas=self.grid)
            for answer in found.answers
            for place in range(len(answer.contrasts))
        ]

    def _forest(self, given: Given, found: room.Analysis) -> Figure:
        effects = [
            Effect(label=f"{e.strategy}: {line.label}", estimate=line.estimate, lower=line.lower, upper=line.upper)
            for e in found.answers
            for line in e.contrasts
        ]
        effects += [Effect(label=str(e.strategy), estimate=None, absent=e.why) for e in found.answers if e.why]
        title = f"{self.title}: contrasts by strategy"
        about = self.about(given, name="strategies", title=title, unit=self.unit or self.value)
        return Figure(f"{self.id}-strategies", title, forest(effects, about), forest_csv(effects, about))

    def _curve(self, given: Given, found: room.Tipping) -> Figure:
        tilts = [
            Tilt(delta=e.delta, estimate=e.line.estimate, lower=e.line.lower, upper=e.line.upper, p=e.line.p)
            for e in found.curve
        ]
        title = f"{self.title}: tipping point of {found.label}, {found.strategy}"
        unit = f"delta in {found.arm}{', once more at each visit' if found.cumulative else ''}"
        about = self.about(given, name=f"tipping-{found.strategy}", title=title, unit=self.unit or self.value)
        return Figure(
            f"{self.id}-tipping-{found.strategy}-{found.arm.lower()}",
            title,
            tipping(tilts, about, delta_unit=unit, tips_at=found.delta),
            tipping_csv(tilts, about, delta_unit=unit),
        )


def _lines(title: str, given: list[tuple[room.Strategy, room.Pooled]], unit: str) -> Table:
    lines = tuple(
        Line(
            f"{strategy}: {each.label}",
            (each.estimate, each.se, "normal" if each.df is None else each.df, each.lower, each.upper, each.p),
        )
        for strategy, each in given
    )
    return Table(title=title, heads=(*_HEADS, _P), lines=lines, made_by=maker(room.analyse), unit=unit)


def _imputed(found: room.Analysis) -> Table:
    heads = (
        Head(name="people", shown="count"),
        Head(name="after an event", shown="count"),
        Head(name="otherwise", shown="count"),
    )
    lines = tuple(
        Line(f"{arm} at {visit}", (int(people), int(after), int(other)))
        for arm, visit, people, after, other in counts(found)
    )
    note = "Imputed otherwise than after an event: at random given what was seen, whatever the strategy."
    return Table(title="Imputed values", heads=heads, lines=lines, made_by=maker(counts), note=note)


def _curve(found: room.Tipping, unit: str) -> Table:
    lines = tuple(
        Line(f"delta {e.delta:g}", (e.line.estimate, e.line.se, e.line.lower, e.line.upper, e.line.p))
        for e in found.curve
    )
    heads = (Head(name="estimate"), Head(name="SE"), Head(name="lower"), Head(name="upper"), _P)
    title = f"Tipping curve of {found.label}, {found.strategy}"
    return Table(title=title, heads=heads, lines=lines, made_by=maker(room.tipping), unit=unit)


def _tips(tipped: list[room.Tipping]) -> Table:
    heads = (Head(name="delta"), Head(name="arm", shown="text"), Head(name="between", shown="text"))
    lines = tuple(
        Line(
            f"{each.strategy}: {each.label}",
            (each.delta, each.arm, f"{each.between[0]:g} and {each.between[1]:g}" if each.between else ""),
        )
        for each in tipped
    )
    note = "Delta is added to what was imputed after an event in that arm; at it p reaches alpha."
    return Table(title="Tipping points", heads=heads, lines=lines, made_by=maker(room.tipping), note=note)
