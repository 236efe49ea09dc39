"""Power of a trial that a YAML file plans: simulated in pieces, spread over processes, stopped and taken up again."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from asklepion.core.errors import BadInput
from asklepion.flows import written
from asklepion.flows.spread import spread
from asklepion.knowledge.types.common import FORBID
from asklepion.stats.design import assumed
from asklepion.stats.design.power import Guessing, Power, Sites, Tally, Trial, joined, powers, tally, without_effect

Share = Annotated[float, Field(ge=0, le=1)]
Above = Annotated[float, Field(gt=0)]
_PIECE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Mean and SD of the baseline."""

    __pydantic_config__: ClassVar[Any] = FORBID
    mean: float
    sd: Above


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """How many of each arm think that they got the drug, and what that adds to their values at each visit."""

    __pydantic_config__: ClassVar[Any] = FORBID
    thinks: dict[str, Share]
    shift: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesPlan:
    """How many sites, and the SD of what a site adds to its people's values."""

    __pydantic_config__: ClassVar[Any] = FORBID
    count: Annotated[int, Field(ge=1)]
    sd: Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A trial as it is assumed to be. `people` and `means` are by arm, the first one the reference.

    `correlation` is that of neighbouring visits (`pattern: ar1`) or of any two (`cs`), the baseline one of them.
    `dropout` is, by arm, the share of those still there who are lost before each visit.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    title: str
    people: dict[str, Annotated[int, Field(ge=2, le=100_000)]]
    visits: tuple[str, ...]
    baseline: Baseline
    means: dict[str, tuple[float, ...]]
    sd: tuple[Above, ...]
    correlation: Annotated[float, Field(gt=-1, lt=1)]
    pattern: Literal["ar1", "cs"] = "ar1"
    dropout: dict[str, tuple[Share, ...]] = field(default_factory=dict)
    guess: Guess | None = None
    sites: SitesPlan | None = None
    at: str = ""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    trials: Annotated[int, Field(ge=100)] = 10_000
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0


@dataclass(frozen=True, slots=True)
class Told:
    """Power of each arm against the first, and how often it would be rejected if the arms themselves did nothing."""

    plan: Plan
    sha256: str
    arms: tuple[str, ...]
    at: str
    trials: int
    fitted: int
    powers: tuple[Power, ...]
    nothing: tuple[Power, ...]
    nothing_fitted: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Trials to draw of one of the two assumptions: a whole item of work that can be sent anywhere."""

    trial: Trial
    seed: int
    first: int
    count: int
    name: str


def power(
    file: Path,
    *,
    out: Path | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Told:
    """Simulate the trial of a plan. The answer is the same however many workers there are.

    With `out` each piece is kept there when it is done, and taken up from there by the same plan and program.
    """
    found = read(file)
    plan = found.value
    trial = _trial(plan)
    pieces = [*_pieces(trial, plan, "assumed"), *_pieces(without_effect(trial), plan, "nothing")]
    kept = _Kept(out, found.sha256)
    done = {piece.name: known for piece in pieces if (known := kept.read(piece.name)) is not None}
    left = [piece for piece in pieces if piece.name not in done]
    if progress is not None:
        progress(len(done), len(pieces))
    for place, answer in spread(_work, left, workers=workers, scheduler=scheduler):
        if isinstance(answer, Exception):
            raise answer
        kept.write(left[place].name, answer)
        done[left[place].name] = answer
        if progress is not None:
            progress(len(done), len(pieces))
    return _told(found, trial, pieces, done)


def read(file: Path) -> written.Written[Plan]:
    """Return the plan of a file. Raises ManyFaults with the line and path of every fault."""
    found = written.read(file, Plan, noun="plan", undone="Nothing was simulated.")
    plan = found.value
    arms, visits = set(plan.people), len(plan.visits)
    faults: list[written.Fault] = []
    tables: list[tuple[tuple[str, ...], dict[str, Any]]] = [(("means",), dict(plan.means))]
    tables += [(("dropout",), dict(plan.dropout))] if plan.dropout else []
    tables += [(("guess", "thinks"), dict(plan.guess.thinks))] if plan.guess else []
    for path, table in tables:
        if set(table) != arms:
            faults.append((path, "Its arms are not those of `people`.", f"Name {', '.join(plan.people)}."))
        faults += [
            ((*path, name), f"{len(row)} values are given for {visits} visits.", "Give one for each visit.")
            for name, row in table.items()
            if isinstance(row, tuple) and len(row) != visits
        ]
    rows = [(("sd",), plan.sd), *([(("guess", "shift"), plan.guess.shift)] if plan.guess else [])]
    faults += [
        (path, f"{len(row)} values are given for {visits} visits.", "Give one for each visit.")
        for path, row in rows
        if len(row) != visits
    ]
    if len(arms) < 2:
        faults.append((("people",), "There is one arm.", "Name two or more, the reference first."))
    if len(set(plan.visits)) < len(plan.visits) or not plan.visits:
        faults.append((("visits",), "There is no visit, or one is named twice.", "Name each visit once, in order."))
    faults += [
        (("dropout", name), "A chance of 1 leaves nobody.", "Give chances below 1.")
        for name, row in plan.dropout.items()
        if max(row, default=0.0) >= 1
    ]
    if plan.at and plan.at not in plan.visits:
        faults.append((("at",), f"There is no visit {plan.at}.", f"There are: {', '.join(plan.visits)}."))
    found.refuse(faults)
    return found


def _trial(plan: Plan) -> Trial:
    arms = list(plan.people)
    assumption = assumed.plan(
        people=[plan.people[name] for name in arms],
        baseline=(plan.baseline.mean, plan.baseline.sd),
        means=[plan.means[name] for name in arms],
        sd=plan.sd,
        correlation=plan.correlation,
        pattern=plan.pattern,
        dropout=[plan.dropout[name] for name in arms] if plan.dropout else None,
    )
    guess = Guessing(tuple(plan.guess.thinks[name] for name in arms), plan.guess.shift) if plan.guess else None
    sites = Sites(plan.sites.count, plan.sites.sd) if plan.sites else None
    at = plan.visits.index(plan.at) if plan.at else len(plan.visits) - 1
    return Trial(plan=assumption, at=at, alpha=plan.alpha, guessing=guess, sites=sites)


def _pieces(trial: Trial, plan: Plan, name: str) -> list[_Piece]:
    firsts = range(0, plan.trials, _PIECE)
    return [
        _Piece(trial, plan.seed, first, min(_PIECE, plan.trials - first), f"{name}-{first:08d}") for first in firsts
    ]


def _work(piece: _Piece) -> Tally:
    return tally(piece.trial, seed=piece.seed, first=piece.first, count=piece.count)


def _told(found: written.Written[Plan], trial: Trial, pieces: list[_Piece], done: dict[str, Tally]) -> Told:
    names = {part: [piece.name for piece in pieces if piece.name.startswith(part)] for part in ("assumed", "nothing")}
    whole, null = (joined(done[name] for name in names[part]) for part in ("assumed", "nothing"))
    return Told(
        found.value,
        found.sha256,
        tuple(found.value.people),
        found.value.visits[trial.at],
        whole.trials,
        whole.fitted,
        powers(trial, whole),
        powers(without_effect(trial), null),
        null.fitted,
    )


class _Kept:
    """Pieces that are done, one file each, of one plan and one version of the program; a half-written file is none."""

    def __init__(self, folder: Path | None, plan: str) -> None:
        from importlib.metadata import version

        self._folder = folder
        self._of = {"plan": plan, "version": version("asklepion")}
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                what = f"The folder cannot be made: {error.strerror}."
                raise BadInput(what, where=str(folder), remedy="Name another one with --out.") from error

    def read(self, name: str) -> Tally | None:
        if self._folder is None:
            return None
        try:
            found = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(found, dict) or found.get("of") != self._of:
            return None
        try:
            body = found["tally"]
            return Tally(
                body["trials"],
                body["fitted"],
                *(tuple(body[name]) for name in ("rejected", "estimates", "squares", "errors")),
            )
        except (KeyError, TypeError):
            return None

    def write(self, name: str, answer: Tally) -> None:
        if self._folder is None:
            return
        draft = self._folder / f"{name}.part"
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump({"of": self._of, "tally": asdict(answer)}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / f"{name}.json")
        except OSError as error:
            what = f"A piece cannot be written: {error.strerror}."
            raise BadInput(what, where=str(self._folder), remedy="Name another folder with --out.") from error
