"""`asklepion score SCALE --answers 2,1,...|--file F`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asklepion.cli import answer_file
from asklepion.cli.start import Json

if TYPE_CHECKING:
    from asklepion.core.values import Category, ScaleResult, Score
    from asklepion.knowledge.types import Basis, Cutoff, Scale

Answers = Annotated[
    str | None,
    typer.Option("--answers", help="Answers in the order of the form, as in 2,1,0; a blank is left empty: 2,,0."),
]
File = Annotated[
    Path | None,
    typer.Option("--file", help="JSON, YAML or CSV that gives each item's answer; an item left out is blank."),
]


def register(app: typer.Typer) -> None:
    app.command()(score)


def score(
    scale: Annotated[str, typer.Argument(help="A scale's id, such as pcl-5.")],
    answers: Answers = None,
    file: File = None,
    as_json: Json = False,
) -> None:
    """Score one form as its scale says. A blank is never counted as zero.

    Exit 0 if every number and category is known, 1 if one is not, 2 if the answers cannot be taken as they are.
    """
    from asklepion.cli.start import answer
    from asklepion.core import scoring
    from asklepion.core.errors import BadInput
    from asklepion.core.values import Unscored
    from asklepion.flows.facts import facts

    known = facts().scales
    found = known.get(scale)
    if found is None:
        raise BadInput(f"There is no scale {scale}.", remedy=f"On file: {', '.join(sorted(known))}.")
    if (answers is None) == (file is None):
        raise BadInput("Answers come from one place.", where="--answers, --file", remedy="Give one of the two.")
    given = answer_file.read(file, found) if file is not None else _from_line(answers or "", found)
    result = scoring.score(found, given)
    raised = tuple(alert.label for alert in scoring.alerts(found, given))
    if as_json:
        answer(_as_json(found, result, raised))
    else:
        _print(found, result, raised)
    open_ = any(isinstance(each.value, Unscored) for each in result.scores)
    raise typer.Exit(1 if open_ or any(each.value is None for each in result.categories) else 0)


def _from_line(line: str, scale: "Scale") -> dict[str, int | None]:
    from asklepion.core.errors import BadInput

    cells = line.split(",")
    if len(cells) != len(scale.items):
        raise BadInput(
            f"{scale.short} has {len(scale.items)} items; {len(cells)} answers are given.",
            where="--answers",
            remedy=f"Give them in the order {', '.join(item.id for item in scale.items)}; leave a blank empty.",
        )
    pairs = [(item.id, cell) for item, cell in zip(scale.items, cells, strict=True)]
    return answer_file.numbers(pairs, scale, where="--answers")


def _as_json(scale: "Scale", result: "ScaleResult", alerts: tuple[str, ...]) -> dict[str, object]:
    return {
        "scale": scale.id,
        "version": result.version,
        "tier": scale.tier,
        "scores": [_score_json(scale, score) for score in result.scores],
        "categories": [
            {
                "id": each.id,
                "label": each.label,
                "value": each.value,
                "value_label": each.value_label,
                "missing": list(each.missing),
            }
            for each in result.categories
        ],
        "alerts": list(alerts),
        "rights": {"holder": scale.rights.holder, "terms": scale.rights.terms},
    }


def _score_json(scale: "Scale", score: "Score") -> dict[str, object]:
    from asklepion.core.scoring import bands
    from asklepion.core.values import Unscored

    told = {"id": score.id, "label": score.label, "minimum": score.minimum, "maximum": score.maximum}
    if isinstance(score.value, Unscored):
        return {**told, "value": None, "why": score.value.reason, "missing": list(score.value.items)}
    reached = [
        {
            "at": cutoff.at,
            "label": cutoff.label,
            "scheme": cutoff.scheme,
            "confidence": cutoff.basis.confidence,
            "sources": [source.key for source in cutoff.basis.sources],
        }
        for cutoff in bands(scale, score.id, score.value)
    ]
    return {**told, "value": score.value, "prorated": score.prorated, "cutoffs": reached}


def _print(scale: "Scale", result: "ScaleResult", alerts: tuple[str, ...]) -> None:
    draft = ". A draft: not checked by a second reader" if scale.tier == "draft" else ""
    print(f"{scale.short}: {scale.title} ({result.version}){draft}")
    for alert in alerts:
        print(f"ALERT  {alert}: raised, or left open by a blank. Speak with them the same day.")
    for score in result.scores:
        _print_score(scale, score)
    for category in result.categories:
        _print_category(category)
    print(f"Rights: {scale.rights.holder}. {scale.rights.terms}")


def _print_score(scale: "Scale", score: "Score") -> None:
    from asklepion.core.scoring import bands
    from asklepion.core.values import Unscored

    if isinstance(score.value, Unscored):
        print(f"{score.label}: no number. {score.value.reason}")
        return
    prorated = ", blanks bridged by the scale's own rule" if score.prorated else ""
    print(f"{score.label}: {score.value:.4g} of {score.minimum:g} to {score.maximum:g}{prorated}")
    for cutoff in bands(scale, score.id, score.value):
        print(f"  from {cutoff.at:g}: {_cutoff(cutoff)}")


def _cutoff(cutoff: "Cutoff") -> str:
    return f"{cutoff.label} ({cutoff.scheme}; {_basis(cutoff.basis)})"


def _basis(basis: "Basis") -> str:
    sources = ", ".join(source.key for source in basis.sources) or "no source opened"
    return f"{sources}, {basis.confidence}"


def _print_category(category: "Category") -> None:
    from asklepion.core.answers import listed

    missing = f" (open: {listed(category.missing)})" if category.missing else ""
    print(f"{category.label}: {category.value_label}{missing}")
