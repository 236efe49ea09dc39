"""What a cohort's results become: tables of the group, a page for each person, a page of the group."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from asklepion.core.values import unit_words
from asklepion.exchange import bids
from asklepion.flows.recordings import comparing, keeping, persons
from asklepion.flows.recordings.comparing import Key, Told
from asklepion.flows.recordings.dataset import DataSet, Left, Recording
from asklepion.flows.recordings.definitions import definition
from asklepion.flows.recordings.plan import HEADINGS, Modality, Plan
from asklepion.flows.recordings.results import COLUMNS, Result
from asklepion.paper import cohort, person
from asklepion.paper.cohort import Cohort, Distribution
from asklepion.paper.person import Missing

SHOWN_UNASKED = 6
_GROUP_COLUMNS = {
    "participant_id": "The person.",
    "group": "The group of participants.tsv that the plan names; n/a without.",
    "recording": "The table of the recording, from the root of this data set.",
    "occasion": "What the recordings of this kind differ in.",
    **COLUMNS,
    "baseline": "The number of one's own baseline recording, as the plan names it.",
    "change": "`value` less `baseline`.",
}
_README = """# {name}

Measures of the recordings of {source}, made by Asklepion {version} by the plan in `code/plan.yaml`.

- `sub-*/*/*_desc-asklepion_measures.tsv`: the measures of one recording, one in each row. The JSON beside it defines
  each of them and holds parameters, program version and the SHA-256 of every input.
- `desc-bold_measures.tsv`, `desc-eeg_measures.tsv`, `desc-heart_measures.tsv`: all people, with changes from baseline.
- `sub-*.html`, `group.html`: reports that need nothing else. `sub-*/figures`: their pictures.
- `logs/failures.tsv`: files that gave nothing, why, and what to do.

BIDS 1.11.1 has no suffix for measures of a recording: these tables, the reports and the pictures are named in
`.bidsignore`.
"""
_IGNORED = "*_measures.tsv\n*_measures.json\n*.html\n/sub-*/figures\n"


def describe(found: DataSet, plan: Plan) -> None:
    """Write what a derivative data set says of itself."""
    out, version = found.out, keeping.program_version()
    keeping.write(out / ".bidsignore", _IGNORED)
    keeping.write(out / "README.md", _README.format(name=plan.name, source=found.root.name, version=version))
    desc = [("desc-asklepion", "Measures of a recording, each with its definition in the JSON beside the table.")]
    keeping.write(out / "descriptions.tsv", bids.table(("desc_id", "description"), desc))


def write(
    kept: Sequence[Result], found: DataSet, plan: Plan, *, before: Mapping[Recording, Recording], left: Sequence[Left]
) -> tuple[Path, ...]:
    """Write the tables of the group and every report; return the reports, that of the group first."""
    by_modality = {
        each: comparing.told([one for one in kept if one.recording.modality == each], before)
        for each in plan.modalities
    }
    missing = tuple(Missing(each.where, each.what, each.remedy) for each in left)
    for modality, those in by_modality.items():
        _write_table(found.out, modality, those)
    group = found.out / "group.html"
    keeping.write(group, cohort.html(_cohort(by_modality, found, plan, missing)))
    pages = []
    for label in found.people:
        file = found.out / f"sub-{label}.html"
        own = tuple(each for each in missing if re.search(rf"(^|/)sub-{re.escape(label)}(/|_|$)", each.where))
        keeping.write(file, person.html(persons.page(label, by_modality, plan, own)))
        pages.append(file)
    _write_participants(found, {each.recording.person: each.recording.group for each in kept})
    return (group, *pages)


def _write_participants(found: DataSet, groups: Mapping[str, str]) -> None:
    rows = [(f"sub-{label}", groups.get(label, "")) for label in found.people]
    told = {
        "participant_id": {"Description": "The person."},
        "group": {"Description": "The group that the plan names."},
    }
    keeping.write(found.out / "participants.tsv", bids.table(("participant_id", "group"), rows))
    keeping.write(found.out / "participants.json", bids.written(told))


def _table_name(modality: Modality) -> str:
    return f"desc-{modality}_measures.tsv"


def _write_table(out: Path, modality: Modality, those: Sequence[Told]) -> None:
    rows = [
        (
            f"sub-{each.person}",
            each.group,
            each.result.table,
            comparing.words(each.occasion),
            *(row.name, row.of, row.value, row.unit, row.n, row.why, row.quality),
            each.before.value(key) if each.before else None,
            each.change(key),
        )
        for each in those
        for key, row in each.result.rows.items()
    ]
    file = out / _table_name(modality)
    columns = {name: {"Description": told} for name, told in _GROUP_COLUMNS.items()}
    keeping.write(file, bids.table(tuple(_GROUP_COLUMNS), rows))
    keeping.write(file.with_suffix(".json"), bids.written(columns))


def _cohort(
    by_modality: Mapping[Modality, Sequence[Told]], found: DataSet, plan: Plan, missing: tuple[Missing, ...]
) -> Cohort:
    count = sum(len(each) for each in by_modality.values())
    lede = f"{len(found.people)} people, {count} recordings measured"
    lede += f", {len(missing)} files left out." if missing else ", none left out."
    return Cohort(
        study=plan.name,
        lede=lede,
        parts=tuple(_group_part(each, those, plan) for each, those in by_modality.items() if those),
        left=missing,
        people=tuple(f"sub-{each}" for each in found.people),
        version=keeping.program_version(),
        notes=(*_notes(plan), *_not_there(by_modality, plan)),
    )


def _notes(plan: Plan) -> tuple[str, ...]:
    notes = [
        "Intervals are t intervals of a mean at 95%. A difference within people rests on those who have both.",
        "Effect g is Hedges' standardised difference: within people in units of the SD of their changes, between "
        "groups of the pooled SD.",
        "p is by permutation: signs of changes flipped, or people dealt anew to groups. Corrected p allows for the "
        "number of measures of its modality, by the largest of them in each permutation.",
        "A value that is missing is left out, and n says of how many the figure is.",
    ]
    for modality in plan.modalities:
        chosen = plan.of(modality)
        if chosen and chosen.baseline:
            named = comparing.words((str(key), value) for key, value in chosen.baseline.items())
            notes.append(f"{HEADINGS[modality]}: a change is from the same person's recording of {named}.")
    return tuple(notes)


def _not_there(by_modality: Mapping[Modality, Sequence[Told]], plan: Plan) -> Iterator[str]:
    """Say what of the plan no recording has: it would otherwise be missed in silence."""
    every = [each for those in by_modality.values() for each in those]
    if plan.compare:
        by = plan.compare.by
        there = {each.group if by == "group" else each.result.recording.name.get(by) for each in every}
        for level in plan.compare.levels:
            if level not in there:
                yield f"The plan compares {comparing.words([(by, level)])}, and no recording measured is of it."
    for modality, those in by_modality.items():
        wanted = plan.of(modality)
        for pattern in wanted.shown if wanted else ():
            if not _shown(those, [pattern]):
                yield f"{HEADINGS[modality]}: the plan shows {pattern}, and no measure is called so."
        if wanted and wanted.baseline and those and not any(each.before for each in those):
            named = comparing.words((str(key), value) for key, value in wanted.baseline.items())
            yield f"{HEADINGS[modality]}: no recording has a baseline of {named}."


def _group_part(modality: Modality, those: Sequence[Told], plan: Plan) -> cohort.Part:
    wholes = comparing.wholes(those)
    wanted = plan.of(modality)
    shown = _shown(those, wanted.shown) if wanted and wanted.shown else _unasked(wholes)
    among = list(dict.fromkeys([*wholes, *shown]))
    found = comparing.contrasts(those, among, plan)
    people = len({each.person for each in those})
    return cohort.Part(
        id=modality.value,
        heading=HEADINGS[modality],
        lede=f"{len(those)} recordings of {people} people.",
        table=_table_name(modality),
        shown=tuple(
            _distribution(f"{modality}-{place}", key, those, plan=plan, found=found) for place, key in enumerate(shown)
        ),
        blocks=tuple(
            (each.words, tuple((title(key), compared) for key, compared in each.by_key.items()))
            for each in found
            if each.by_key
        ),
    )


def _shown(those: Sequence[Told], patterns: Sequence[str]) -> list[Key]:
    """Return what the plan names to be drawn of the group, in its order."""
    every = comparing.keys(those)
    named = (key for pattern in patterns for key in every if fnmatchcase(title(key), pattern))
    return list(dict.fromkeys(named))


def _unasked(wholes: Sequence[Key]) -> list[Key]:
    """Return the first measures, each with the global signal followed by the same after its regression."""
    told: list[Key] = []
    for name, part in wholes:
        without = (name.removesuffix(persons.PAIR[0]) + persons.PAIR[1], part)
        told += [(name, part), without] if name.endswith(persons.PAIR[0]) and without in wholes else [(name, part)]
    return list(dict.fromkeys(told))[:SHOWN_UNASKED]


def title(key: Key) -> str:
    """Return a measure with its part, as a plan's `shown` names it: `alpha_power of Cz`."""
    return key[0] if not key[1] or key[1] in key[0] else f"{key[0]} of {key[1]}"


def _distribution(
    id: str, key: Key, those: Sequence[Told], *, plan: Plan, found: Sequence[comparing.Compared]
) -> Distribution:
    first = next(each.result for each in those if key in each.result.rows)
    return Distribution(
        id=id,
        title=title(key),
        unit=unit_words(first.rows[key].unit),
        definition=definition(key[0]),
        reference=first.sources.get(key[0], ""),
        columns=comparing.columns(those, key, plan),
        contrasts=tuple(cohort.Contrast(each.words, each.by_key[key]) for each in found if key in each.by_key),
    )
