"""JSON Schema of each kind of fact, for editors."""

from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

from asklepion.core.errors import BadInput
from asklepion.knowledge.types import Fact

KINDS: dict[str, type] = {get_args(get_type_hints(each)["kind"])[0]: each for each in get_args(Fact)}


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of fact. Raises BadInput if there is no such kind."""
    if kind not in KINDS:
        raise BadInput(f"There is no kind {kind}.", where="KIND", remedy=f"Use one of: {', '.join(KINDS)}.")
    found = TypeAdapter(KINDS[kind]).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
