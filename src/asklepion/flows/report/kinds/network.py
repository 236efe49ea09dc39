"""`kind: network`: trials of many treatments together, from arms or from comparisons."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from asklepion.core.errors import BadInput
from asklepion.flows.report.asked import Asked, Given, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.forest import Effect, Scale, forest, forest_csv
from asklepion.paper.report import Figure, Head, Line, Table
from asklepion.stats import network as room
from asklepion.stats.columns import complete, named, numeric
from asklepion.stats.meta import Coefficient

_EFFECT = (
    Head(name="estimate"),
    Head(name="SE"),
    Head(name="lower"),
    Head(name="upper"),
    Head(name="p", shown="p"),
)
_NUMBERS = {"contrasts": ("effect", "se"), "odds": ("events", "people"), "risks": ("events", "people"),
            "means": ("mean", "sd", "people")}  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network(Asked):
    """Rows are `contrasts` (control, effect, se) or arms: `odds`, `risks` (events, people), `means` (mean, sd, people).

    Columns are called by these words, with `trial` and `treatment`; `retracted` says when, if there is such a column.
    Odds and risks are pooled as logarithms and shown as ratios too. Ranks are simulated: they need the plan's seed.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["network"]
    of: Literal["contrasts", "odds", "risks", "means"]
    lower_is_better: bool
    reference: str | None = None
    estimator: room.Estimator = room.Estimator.REML
    ratio: bool = False

    def run(self, given: Given) -> Told:
        """Return effects against the reference, every comparison, ranks, and where evidence disagrees."""
        trials, left_out = self._trials(given)
        net = room.network(trials, reference=self.reference, estimator=self.estimator, level=given.level)
        ranked = room.ranks(net, lower_is_better=self.lower_is_better, seed=given.seeded())
        pairs = [
            each
            for row, line in enumerate(room.league(net))
            for column, each in enumerate(line)
            if each is not None and column < row
        ]
        gone = tuple(f"{each.label} does not count: retracted {each.retracted}." for each in net.excluded)
        return Told(
            used=f"{len(net.trials)} trials of {len(net.treatments)} treatments",
            left_out=(*left_out, *((("retracted trials", len(net.excluded)),) if net.excluded else ())),
            notes=(*gone, *net.warnings, "A rank tells nothing of how large a difference is."),
            tables=(
                _effects(f"Against {net.reference}", net.effects, maker(room.network), self.unit),
                _effects("Every comparison", pairs, maker(room.league), self.unit),
                _between(net),
                _ranks(ranked),
                _agreement(net),
            ),
            figures=(self._forest(given, net),),
            random=True,
        )

    def _trials(self, given: Given) -> tuple[tuple[room.Trial, ...], tuple[tuple[str, int], ...]]:
        numbers = _NUMBERS[self.of]
        words = ("trial", "treatment", *(("control",) if self.of == "contrasts" else ()))
        table = given.rows.rows
        named(table, [*words, *numbers])
        known, left_out = complete(table, [*words, *numbers])
        for each in numbers:
            numeric(known, each)
        rows: list[Row] = [{str(k): v for k, v in row.items()} for row in known.to_dict("records")]
        why = {str(row["trial"]): str(row["retracted"]) for row in rows if _said(row.get("retracted"))}
        lost = tuple((each.why, each.rows) for each in left_out)
        if self.of == "contrasts":
            return room.from_contrasts(
                room.Contrast(
                    trial=str(row["trial"]),
                    treatment=str(row["treatment"]),
                    control=str(row["control"]),
                    effect=float(row["effect"]),
                    se=float(row["se"]),
                    retracted=why.get(str(row["trial"]), ""),
                )
                for row in rows
            ), lost  # fmt: skip
        arms: dict[str, list[Row]] = {}
        for row in rows:
            arms.setdefault(str(row["trial"]), []).append(row)
        return tuple(self._of_arms(label, found, why.get(label, "")) for label, found in arms.items()), lost

    def _of_arms(self, label: str, rows: list[Row], why: str) -> room.Trial:
        if len(rows) < 2:
            raise BadInput("The trial has one arm.", where=label, remedy="Give the others, or leave it out.")
        if self.of == "means":
            arms = [(str(r["treatment"]), float(r["mean"]), float(r["sd"]), int(r["people"])) for r in rows]
            return room.means(label, arms, retracted=why)
        counts = [(str(r["treatment"]), int(r["events"]), int(r["people"])) for r in rows]
        make = room.log_odds if self.of == "odds" else room.log_risks
        return make(label, counts, retracted=why)

    def _forest(self, given: Given, net: room.Network) -> Figure:
        ratio = self.ratio or self.of in ("odds", "risks")
        turn = math.exp if ratio else float
        effects = [
            Effect(label=each.label, estimate=turn(each.estimate), lower=turn(each.lower), upper=turn(each.upper))
            for each in net.effects
        ]
        title = f"{self.title}: against {net.reference}"
        about = self.about(given, name="network", title=title)
        scale = Scale(none=1.0 if ratio else 0.0, ratio=ratio)
        return Figure(f"{self.id}-network", title, forest(effects, about, scale=scale), forest_csv(effects, about))


def _said(value: object) -> bool:
    return value is not None and value == value and str(value) not in {"", "<NA>"}


def _effects(title: str, given: "list[Coefficient] | tuple[Coefficient, ...]", made_by: Any, unit: str) -> Table:
    lines = tuple(Line(e.label, (e.estimate, e.se, e.lower, e.upper, e.p)) for e in given)
    return Table(title=title, heads=_EFFECT, lines=lines, made_by=made_by, unit=unit)


def _ranks(ranked: tuple[room.Rank, ...]) -> Table:
    heads = (Head(name="P-score", decimals=3), Head(name="SUCRA", decimals=3), Head(name="mean rank"))
    lines = tuple(Line(each.treatment, (each.p_score, each.sucra, each.mean_rank)) for each in ranked)
    return Table(
        title="Ranks", heads=heads, lines=lines, made_by=maker(room.ranks), note="SUCRA and mean rank: simulated."
    )


def _agreement(net: room.Network) -> Table:
    parts = room.decompose(net)
    heads = (Head(name="Q"), Head(name="df", shown="count"), Head(name="p", shown="p"))
    named = (
        ("Within designs", parts.within),
        ("Between designs", parts.between),
        ("Between designs, trials of one design may differ", parts.between_random),
    )
    lines = tuple(Line(label, (each.q, each.df, each.p)) for label, each in named)
    return Table(title="Where evidence disagrees", heads=heads, lines=lines, made_by=maker(room.decompose))


def _between(net: room.Network) -> Table:
    heads = (
        Head(name="tau2", decimals=4),
        Head(name="I2 per cent", decimals=1),
        Head(name="Q"),
        Head(name="df", shown="count"),
        Head(name="p of Q", shown="p"),
    )
    line = Line("The network", (net.tau2, net.i2, net.q, net.df, net.q_p))
    return Table(title="Differences between trials", heads=heads, lines=(line,), made_by=maker(room.network))
