"""`kind: survival`: how long it lasted, by arm: curves, log-rank, hazard ratios, restricted means."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from asklepion.core.errors import BadInput
from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper import survival as drawing
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.stats import survival as room
from asklepion.stats.survival.curves import asked

_LIMITS = (Head(name="lower"), Head(name="upper"), Head(name="p", shown="p"))
_TEST = (Head(name="chi-square"), Head(name="df", shown="count"), Head(name="p", shown="p"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival(Asked):
    """Columns as `asklepion analyse survival` takes them; `event_words` name the event in the drawing."""

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["survival"]
    time: str = "AVAL"
    event: str = "CNSR"
    event_is: Texts = ("0",)
    arm: str = "TRT01P"
    arms: Texts | None = None
    subject: str = "USUBJID"
    strata: Texts = ()
    covariates: Texts = ()
    factors: Texts = ()
    horizon: float | None = None
    transform: room.Transform = room.Transform.LOG_LOG
    event_words: str = "event"

    def run(self, given: Given) -> Told:
        """Return curves, tests and means; where hazard ratios have no number it says why."""
        columns = room.Columns(
            time=self.time, event=self.event, event_is=self.event_is, arm=self.arm, arms=self.arms,
            subject=self.subject, strata=self.strata, covariates=self.covariates, factors=self.factors,
        )  # fmt: skip
        table = given.rows.rows
        followed = room.read(table, replace(columns, covariates=()))
        curves = room.kaplan_meier(followed, level=given.level, transform=self.transform)
        hazards, why = _hazards(room.read(table, columns), given.level)
        means = room.restricted_mean(followed, horizon=self.horizon, level=given.level)
        return Told(
            used=f"{followed.people} people, {int(followed.events.sum())} of them with the event",
            left_out=tuple((each.why, each.rows) for each in followed.left_out),
            unmet=(why,) if why else (),
            tables=(
                self._medians(curves),
                self._shares(curves),
                _rank(room.log_rank(followed)),
                *hazards,
                Table(
                    title=f"Mean time without {self.event_words}, up to {means[0].horizon:g}",
                    unit=self.unit,
                    heads=(Head(name="estimate"), Head(name="SE"), *_LIMITS),
                    lines=tuple(
                        Line(e.label, (e.estimate, e.se, e.lower, e.upper, "" if e.p is None else e.p)) for e in means
                    ),
                    made_by=maker(room.restricted_mean),
                ),
            ),
            figures=(self._figure(given, curves),),
        )

    def _medians(self, curves: tuple[room.Curve, ...]) -> Table:
        return Table(
            title=f"Median time without {self.event_words}",
            unit=self.unit,
            heads=(
                Head(name="people", shown="count"),
                Head(name="events", shown="count"),
                Head(name="median"),
                Head(name="lower"),
                Head(name="upper"),
            ),
            lines=tuple(
                Line(e.arm, (e.people, e.events, e.median.estimate, e.median.lower, e.median.upper)) for e in curves
            ),
            made_by=maker(room.kaplan_meier),
            note=f"Intervals on the {self.transform} scale. None: the curve does not fall so far.",
        )

    def _shares(self, curves: tuple[room.Curve, ...]) -> Table:
        """Return survival at the times that stand under the drawing."""
        chosen = drawing.risk_times(max(float(each.times[-1]) for each in curves))
        heads = (
            Head(name="at risk", shown="count"),
            Head(name="share", decimals=3),
            Head(name="lower", decimals=3),
            Head(name="upper", decimals=3),
        )
        lines = tuple(
            Line(f"{each.arm} at {time:g}", (at_risk, share, lower, upper))
            for each in curves
            for time, at_risk, share, lower, upper in asked(each, chosen)
        )
        note = "The drawing has every step; its CSV holds them all. Past the last time of an arm nothing is known."
        return Table(
            title=f"Share without {self.event_words}", heads=heads, lines=lines, made_by=maker(asked), note=note
        )

    def _figure(self, given: Given, curves: tuple[room.Curve, ...]) -> Figure:
        last = max(float(each.times[-1]) for each in curves)
        chosen = drawing.risk_times(last)
        drawn = [_drawn(each, chosen) for each in curves]
        about = self.about(given, name="curves", title=self.title, unit=f"share without {self.event_words}")
        about = replace(about, notes=(f"Areas: {about.interval}. Ticks: censored.",))
        svg = drawing.survival(drawn, about, event=self.event_words, time_unit=self.unit or self.time)
        return Figure(f"{self.id}-curves", self.title, svg, drawing.survival_csv(drawn, about))


def _drawn(curve: room.Curve, chosen: list[float]) -> drawing.Curve:
    seen = [place for place, count in enumerate(curve.events_at.tolist()) if count]
    censored = [
        time for time, count in zip(curve.times.tolist(), curve.censored_at.tolist(), strict=True) for _ in range(count)
    ]
    risk = [(time, curve.risk_at(time)) for time in chosen]
    return drawing.Curve(
        arm=curve.arm,
        times=tuple(float(curve.times[k]) for k in seen),
        survival=tuple(float(curve.survival[k]) for k in seen),
        lower=tuple(float(curve.lower[k]) for k in seen),
        upper=tuple(float(curve.upper[k]) for k in seen),
        at_risk=tuple(risk),
        censored=tuple(censored),
        end=float(curve.times[-1]),
    )


def _rank(rank: room.LogRank) -> Table:
    heads = (Head(name="observed", decimals=0), Head(name="expected"), *_TEST)
    arms = [
        Line(arm, (seen, hoped, "", "", ""))
        for arm, seen, hoped in zip(rank.arms, rank.observed, rank.expected, strict=True)
    ]
    lines = (*arms, Line("Test of all arms", ("", "", rank.chi_square, rank.df, "" if rank.p is None else rank.p)))
    return Table(title="Log-rank", heads=heads, lines=lines, made_by=maker(room.log_rank))


def _hazards(followed: room.Followed, level: float) -> tuple[tuple[Table, ...], str]:
    try:
        fit = room.cox(followed, level=level)
    except BadInput as error:
        return (), f"Hazard ratios have no number. {error}"
    ratios = Table(
        title="Hazard ratios",
        heads=(Head(name="ratio"), *_LIMITS),
        lines=tuple(Line(e.label, (e.ratio, e.lower, e.upper, e.p)) for e in fit.hazards),
        made_by=maker(room.cox),
        note=f"Cox, Efron's likelihood for ties; {fit.people} people, {fit.events} events.",
    )
    try:
        tests = room.proportionality(followed)
    except BadInput as error:
        return (ratios,), f"Whether hazards are proportional cannot be told. {error}"
    checks = Table(
        title="Are hazards proportional?",
        heads=_TEST,
        lines=tuple(Line(t.label, (t.chi_square, t.df, t.p)) for t in tests),
        made_by=maker(room.proportionality),
        note="A small p says no: then the ratio averages hazards that changed with time.",
    )
    return (ratios, checks), ""
