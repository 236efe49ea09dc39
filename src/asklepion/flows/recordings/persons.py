"""One person's results as a page: recordings, pictures, measures, and changes from their own baseline."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from asklepion.core.values import unit_words
from asklepion.flows.recordings import comparing, keeping
from asklepion.flows.recordings.comparing import Key, Told
from asklepion.flows.recordings.plan import HEADINGS, Modality, Plan
from asklepion.paper import person
from asklepion.paper.page import said
from asklepion.paper.person import Figure, Missing, Person, Reading, Sheet

MOST_PARTS = 300
"""More readings of parts than this are not listed on a page: they are in the table."""
PAIR = ("_with_global_signal", "_without_global_signal")


def page(
    label: str, by_modality: Mapping[Modality, Sequence[Told]], plan: Plan, missing: tuple[Missing, ...]
) -> Person:
    own = {modality: [each for each in those if each.person == label] for modality, those in by_modality.items()}
    count = sum(len(each) for each in own.values())
    group = next((each.group for those in own.values() for each in those), "")
    lede = f"{f'Group {group}. ' if group else ''}{count} recording{'' if count == 1 else 's'} measured."
    parts = tuple(
        person.Part(
            modality.value, HEADINGS[modality], tuple(_sheet(modality, n, each) for n, each in enumerate(those))
        )
        for modality, those in own.items()
        if those
    )
    version = keeping.program_version()
    return Person(person=label, study=plan.name, lede=lede, parts=parts, left=missing, version=version)


def _sheet(modality: Modality, number: int, each: Told) -> Sheet:
    result = each.result
    paired = any(key[0].endswith(PAIR[0]) for key in result.rows)
    headings: tuple[str, ...] = ("With global signal", "Without") if paired else ("Value",)
    if each.before:
        headings = tuple(name for heading in headings for name in (heading, _change_heading(heading)))
    readings = _readings(each, paired)
    times = Counter(reading.name for reading in readings)
    parts = tuple(reading for reading in readings if reading.part and times[reading.name] > 1)
    listed = parts if len(parts) <= MOST_PARTS else ()
    sheet = f"{modality}-{number}"
    return Sheet(
        id=sheet,
        heading=comparing.words(each.occasion).capitalize() or HEADINGS[modality],
        file=result.recording.shown,
        table=result.table,
        headings=headings,
        readings=tuple(reading for reading in readings if reading not in parts),
        parts=listed,
        more=len(parts) - len(listed),
        figures=tuple(
            Figure(one.words, _drawn(one.desk, sheet), _drawn(one.phone, sheet), one.small) for one in result.pictures
        ),
        words=result.words,
        baseline=each.before.recording.shown if each.before else "",
    )


def _change_heading(heading: str) -> str:
    return "Change" if heading == "Value" else f"{heading}: change"


def _readings(each: Told, paired: bool) -> tuple[Reading, ...]:
    """Return rows of a person's table: a measure with and without the global signal is one row of two numbers."""
    rows = each.result.rows
    found = []
    for key, row in rows.items():
        if paired and key[0].endswith(PAIR[1]):
            continue
        same = [key, (key[0].removesuffix(PAIR[0]) + PAIR[1], key[1])] if paired else [key]
        cells = [cell for one in same for cell in _cells(each, one)]
        notes = dict.fromkeys(rows[one].why for one in same if one in rows and rows[one].why)
        name = key[0].removesuffix(PAIR[0]) if paired else key[0]
        part = "" if key[1] in name else key[1]
        found.append(Reading(name, part, tuple(cells), unit_words(row.unit) or "1", row.n, " ".join(notes)))
    return tuple(found)


def _cells(each: Told, key: Key) -> list[str]:
    value = said(each.value(key))
    if each.before is None:
        return [value]
    change = each.change(key)
    return [value, "none" if change is None else f"+{said(change)}" if change > 0 else said(change)]


def _drawn(svg: str, sheet: str) -> Markup:
    """Return a drawing whose ids begin with its place: a page holds each id once."""
    named = re.sub(r'\bid="', f'id="{sheet}-', svg)
    told = re.sub(
        r'(aria-labelledby|aria-describedby)="([^"]*)"',
        lambda found: f'{found[1]}="{" ".join(f"{sheet}-{each}" for each in found[2].split())}"',
        named,
    )
    return Markup(re.sub(r"(url\(#|href=\"#)", rf"\g<1>{sheet}-", told))
