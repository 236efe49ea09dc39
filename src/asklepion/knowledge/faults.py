"""What pydantic finds wrong with a document, in plain words and with the place in the file."""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from asklepion.knowledge import text


def told(error: ValidationError, value: object) -> Iterable[tuple[text.Path, str, str]]:
    """Yield path, what and remedy of every fault; several guesses at one place are one fault."""
    places: dict[text.Path, list[tuple[str, str]]] = {}
    for each in error.errors(include_url=False):
        path = _path(each["loc"], value)
        places.setdefault(path, []).append(_words(each, path, value))
    for path, said in places.items():
        whats = dict.fromkeys(what for what, _ in said)
        yield path, " ".join(whats), next((remedy for _, remedy in said if remedy), "")


def _path(loc: tuple[str | int, ...], value: object) -> text.Path:
    """Return the place in the file: pydantic also names the member of a union, which no file holds."""
    path: list[str | int] = []
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(value, dict) and (part in value or (last and part != value.get("kind"))):
            path.append(part)
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            path.append(part)
            value = value[part]
    return tuple(path)


def _words(each: Any, path: text.Path, document: object) -> tuple[str, str]:
    name = f"`{path[-1]}`" if path else "The document"
    kind = document.get("kind", "KIND") if isinstance(document, dict) else "KIND"
    given = each["input"]
    context = each.get("ctx", {})
    match each["type"]:
        case "missing":
            return f"{name} is missing.", "Write it."
        case "unexpected_keyword_argument":
            return f"There is no field {name} here.", f"`asklepion facts schema {kind}` lists the fields."
        case "string_type":
            return f"Text is wanted, not {_said(given)}.", "Put it in quotes." if given is not None else "Write it."
        case "int_type" | "int_from_float":
            return f"A whole number is wanted, not {_said(given)}.", ""
        case "float_type":
            return f"A number is wanted, not {_said(given)}.", ""
        case "bool_type":
            return f"true or false is wanted, not {_said(given)}.", ""
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return f"A day is wanted, not {_said(given)}.", "Write it as 2026-11-23."
        case "enum" | "literal_error":
            return f"{_said(given)} is not taken here.", f"Use one of: {_plainly(context['expected'])}."
        case "union_tag_invalid":
            return f"There is no kind {context['tag']}.", f"Use one of: {_plainly(context['expected_tags'])}."
        case "union_tag_not_found":
            return "`kind` is missing.", "Say which kind it is."
        case "tuple_type":
            return f"A list is wanted, not {_said(given)}.", "Begin each line of it with a dash."
        case "dict_type" | "dataclass_type" | "dataclass_exact_type" | "model_attributes_type":
            return f"Named fields are wanted, not {_said(given)}.", "Write `name: value` on a line each."
        case _:
            return f"{each['msg']}.", ""


def _plainly(expected: str) -> str:
    """Return pydantic's `'a', 'b' or 'c'` as `a, b, c`."""
    return expected.replace(" or ", ", ").replace("'", "").replace("False", "false").replace("True", "true")


def _said(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "a list"
    return "other fields" if isinstance(value, dict) else f"`{value}`"
