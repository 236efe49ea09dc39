"""`kind: blinding`: whether people guessed what they were given, from a column of guesses or from printed counts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from asklepion.core.errors import BadInput
from asklepion.flows.report.asked import Asked, Given, Texts, Told, maker
from asklepion.knowledge.types.common import FORBID
from asklepion.paper.report import Head, Line, Table
from asklepion.stats import blinding as room
from asklepion.stats.columns import complete, named

_COUNTED = ("guessed treated", "guessed control", "did not know")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of one arm: how many guessed treated, guessed control, did not know."""

    __pydantic_config__: ClassVar[Any] = FORBID
    treated: int
    control: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding(Asked):
    """Either `counts` of both arms, or `data` with one row a person and the labels of both, `treated` and `control`.

    A guess that is one of `unknown` means that they did not know; any other label is refused. A row without a guess is
    left out and counted: not to have been asked is not the same as not to know.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    kind: Literal["blinding"]
    counts: dict[Literal["treated", "control"], Counts] | None = None
    subject: str = "USUBJID"
    arm: str = "TRT01P"
    guess: str = "GUESS"
    treated: str = ""
    control: str = ""
    unknown: Texts = ()

    def run(self, given: Given) -> Told:
        """Return Bang's index of each arm and James's of the trial."""
        treated, control, left_out = self._counted(given)
        made = (
            ("Bang's index, an arm each", room.bang, [
                room.bang(treated, treated=True, level=given.level),
                room.bang(control, treated=False, level=given.level),
            ]),
            ("James's index, the trial", room.james, [room.james(treated, control, level=given.level)]),
        )  # fmt: skip
        heads = (
            Head(name="estimate", decimals=3),
            Head(name="SE", decimals=3),
            Head(name="lower", decimals=3),
            Head(name="upper", decimals=3),
            Head(name="one-sided p", shown="p"),
        )
        guesses = Table(
            title="Guesses",
            heads=tuple(Head(name=each, shown="count") for each in _COUNTED),
            lines=tuple(
                Line(name, (each.treated, each.control, each.unknown))
                for name, each in ((self.treated or "treated", treated), (self.control or "control", control))
            ),
            made_by=maker(Blinding._counted),
        )
        tables = tuple(
            Table(
                title=title,
                heads=heads,
                lines=tuple(
                    Line(e.label, (e.estimate, e.se, e.lower, e.upper, "" if e.p is None else e.p)) for e in indices
                ),
                made_by=maker(function),
            )
            for title, function, indices in made
        )
        return Told(
            used=f"guesses of {treated.people + control.people} people",
            left_out=left_out,
            notes=("Bang: 0 is chance, 1 all guessed right. James: 1 nobody knew, 0.5 chance, 0 all guessed right.",),
            tables=(guesses, *tables),
        )

    def _counted(self, given: Given) -> tuple[room.Guesses, room.Guesses, tuple[tuple[str, int], ...]]:
        if self.counts is not None:
            both = [self.counts.get("treated"), self.counts.get("control")]
            if None in both:
                raise BadInput("Counts of one arm are missing.", where="counts", remedy="Give treated and control.")
            first, second = (room.Guesses(each.treated, each.control, each.unknown) for each in both if each)
            return first, second, ()
        table = given.rows.rows
        named(table, [self.subject, self.arm, self.guess])
        known, left_out = complete(table, [self.arm, self.guess])
        if known[self.subject].duplicated().any():
            who = known[self.subject][known[self.subject].duplicated()].iloc[0]
            remedy = "Name a population that has one row a person."
            raise BadInput(f"{who} has more than one guess.", where=f"column {self.subject}", remedy=remedy)
        pairs = Counter(zip(known[self.arm].astype(str), known[self.guess].astype(str), strict=True))
        self._check(pairs)
        arms = []
        for arm in (self.treated, self.control):
            nothing = sum(pairs[arm, each] for each in self.unknown)
            arms.append(room.Guesses(pairs[arm, self.treated], pairs[arm, self.control], nothing))
        return arms[0], arms[1], tuple((each.why, each.rows) for each in left_out)

    def _check(self, pairs: "Counter[tuple[str, str]]") -> None:
        arms = {self.treated, self.control}
        strange = [arm for arm, _ in pairs if arm not in arms]
        if strange:
            remedy = "Name both arms under `treated` and `control`, or a population that has only these."
            raise BadInput(f"There is an arm {strange[0]}.", where=f"column {self.arm}", remedy=remedy)
        odd = [guess for _, guess in pairs if guess not in {*arms, *self.unknown}]
        if odd:
            remedy = "Name under `unknown` every label that means that they did not know."
            raise BadInput(f"{odd[0]} is no guess that the plan names.", where=f"column {self.guess}", remedy=remedy)
