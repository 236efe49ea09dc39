"""Answers to one scale from a JSON, YAML or CSV file that gives each item's answer."""

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from asklepion.core.errors import BadInput, ManyFaults

if TYPE_CHECKING:
    from asklepion.knowledge.types import Scale

Pairs = list[tuple[str, object]]
_WHOLE = re.compile(r"[+-]?[0-9]+")
_YES_NO = {"yes": 1, "true": 1, "no": 0, "false": 0}
_NULLS = ("", "null", "~")


def read(file: Path, scale: "Scale") -> dict[str, int | None]:
    """Return each item's answer in a file, None for a blank. The name's ending tells CSV and JSON; all else is YAML.

    Raises BadInput, or ManyFaults with every fault, for a file or an answer that cannot be taken as it is.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(f"The file cannot be read: {why}.", where=str(file), remedy="Name another file.") from error
    match file.suffix.lower():
        case ".csv":
            pairs = _rows(text, file)
        case ".json":
            pairs = _json(text, file)
        case _:
            pairs = _yaml(text, file)
    if not pairs:
        raise BadInput("The file gives no answers.", where=str(file), remedy='Write it as {"1": 2, "2": 0}.')
    return numbers(pairs, scale, where=str(file))


def numbers(pairs: Iterable[tuple[str, object]], scale: "Scale", *, where: str) -> dict[str, int | None]:
    """Return answers as whole numbers, blanks as None. Yes and no are taken only by items that ask for them.

    Raises ManyFaults for answers that are no whole numbers and for items that stand twice.
    """
    yes_no = {item.id for item in scale.items if item.yes_no}
    found: dict[str, int | None] = {}
    faults = []
    for item, value in pairs:
        text = "" if value is None else str(value).strip()
        if item in found:
            faults.append(BadInput("It stands here twice.", where=f"item {item}", remedy="Keep one answer."))
        elif item in yes_no and text.lower() in _YES_NO:
            found[item] = _YES_NO[text.lower()]
        elif not text or _WHOLE.fullmatch(text):
            found[item] = int(text) if text else None
        else:
            remedy = "Give a whole number, or leave it empty for a blank."
            faults.append(BadInput(f"`{text}` is no answer.", where=f"item {item}", remedy=remedy))
    if faults:
        raise ManyFaults("The answers cannot be taken as they are.", tuple(faults), where=where)
    return found


def _rows(text: str, file: Path) -> Pairs:
    """Return the rows `item,answer` of a CSV; a first row of those very words is a heading."""
    pairs: Pairs = []
    faults = []
    for line, row in enumerate(csv.reader(text.splitlines()), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (line == 1 and [cell.lower() for cell in cells] == ["item", "answer"]):
            continue
        if len(cells) == 2:
            pairs.append((cells[0], cells[1]))
        else:
            what = "A row is an item and its answer."
            faults.append(BadInput(what, where=f"line {line}", remedy="Write it as 1,2 and a blank as 1,"))
    if faults:
        raise ManyFaults("The table cannot be taken as it is.", tuple(faults), where=str(file))
    return pairs


def _json(text: str, file: Path) -> Pairs:
    try:
        found = json.loads(text, object_pairs_hook=tuple)
    except json.JSONDecodeError as error:
        where = f"{file}, line {error.lineno}"
        raise BadInput(f"This is not JSON: {error.msg}.", where=where, remedy="Look at this line.") from error
    return list(found) if isinstance(found, tuple) else []


def _yaml(text: str, file: Path) -> Pairs:
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}, line {mark.line + 1}" if mark else str(file)
        raise BadInput("This is not YAML.", where=where, remedy="Look at this line and the one before it.") from error
    if not isinstance(root, yaml.MappingNode):
        return []
    return [(str(item.value), _scalar(answer)) for item, answer in root.value]


def _scalar(node: object) -> object:
    """Return the text of a scalar as it is written, None for a null; anything else as a text that is no answer."""
    value = getattr(node, "value", None)
    if not isinstance(value, str):
        return "a list or a mapping"
    return None if value.lower() in _NULLS else value
