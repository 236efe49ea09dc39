"""`kind: effect`: standardised differences between two arms, and within each from a value before."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from asklepion.core.errors import BadInput
from asklepion.flows.report.asked import Asked, Given, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.report import Head, Line, Table
from asklepion.stats.columns import complete, named, numeric
from asklepion.stats.responders import Effect, between, within


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSize(Asked):
    """`arms` are control and treated; one row a person, so name a population that is one visit.

    With `before`, g within each arm is given too, in units of the standard deviation before.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["effect"]
    arms: tuple[str, str]
    value: str = "CHG"
    before: str | None = None
    subject: str = "USUBJID"
    arm: str = "TRT01P"

    def run(self, given: Given) -> Told:
        """Return d and g between the arms, and g within."""
        needed = [self.subject, self.arm, self.value, *([self.before] if self.before else [])]
        table = given.rows.rows
        named(table, needed)
        known, left_out = complete(table, needed)
        for name in needed[2:]:
            numeric(known, name)
        twice = known[self.subject].duplicated()
        if twice.any():
            who = known[self.subject][twice].iloc[0]
            remedy = "Name a population that has one row a person, such as one visit."
            raise BadInput(f"{who} has more than one row.", where=f"column {self.subject}", remedy=remedy)
        parts = {arm: known[known[self.arm].astype("string") == arm] for arm in self.arms}
        for arm, rows in parts.items():
            if len(rows) < 2:
                raise BadInput(f"Arm {arm} has {len(rows)} rows.", where=f"column {self.arm}", remedy="Two are needed.")
        control, treated = (parts[arm][self.value].to_numpy(dtype=float) for arm in self.arms)
        lines = [
            _line(f"{self.arms[1]} against {self.arms[0]}", each)
            for each in between(treated, control, level=given.level)
        ]
        heads = (Head(name="n", shown="count"), Head(name="estimate"), Head(name="lower"), Head(name="upper"))
        tables = [Table(title="Between arms", heads=heads, lines=tuple(lines), made_by=maker(between))]
        if self.before:
            inside = tuple(
                _line(
                    arm,
                    within(
                        rows[self.value].to_numpy(dtype=float),
                        rows[self.before].to_numpy(dtype=float),
                        level=given.level,
                    ),
                )
                for arm, rows in parts.items()
            )
            tables.append(Table(title="Within arms", heads=heads, lines=inside, made_by=maker(within)))
        others = len(known) - sum(len(rows) for rows in parts.values())
        more = ((f"{self.arm} is neither {' nor '.join(self.arms)}", others),) if others else ()
        return Told(
            used=", ".join(f"{len(rows)} people of {arm}" for arm, rows in parts.items()),
            left_out=(*((each.why, each.rows) for each in left_out), *more),
            tables=tuple(tables),
        )


def _line(label: str, each: Effect) -> Line:
    return Line(f"{label}: {each.measure}, {each.standardiser}", (each.people, each.estimate, each.lower, each.upper))
