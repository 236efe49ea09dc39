"""What the commands of `analyse` share: how numbers are printed, and what every JSON answer says of its input."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asklepion.stats.columns import LeftOut
    from asklepion.stats.tables import Table


def levels(given: str | None) -> tuple[str, ...] | None:
    """Give `a,b,c` as its parts; None stays None."""
    return tuple(each.strip() for each in given.split(",")) if given else None


def p_value(p: float | None) -> str:
    """Give a p value to four digits; `-` where there is none."""
    if p is None:
        return "-"
    return "<.0001" if p < 0.0001 else f"{p:.4f}"


def limits(lower: float | None, upper: float | None) -> str:
    """Give an interval to four digits; an end that does not exist is `-`."""
    low, high = ("-" if each is None or each != each else f"{each:.4f}" for each in (lower, upper))
    return f"{low} to {high}"


def left_out(rows: "Iterable[LeftOut]") -> list[str]:
    """Give a sentence for each reason for which rows were left out."""
    return [f"{each.rows} row{'s' if each.rows > 1 else ''} left out: {each.why}." for each in rows]


def kept(source: "Table", where: "Sequence[str]") -> "Table":
    """Give the rows whose columns hold what is asked for, each as COLUMN=VALUE; the hash stays that of the file."""
    from dataclasses import replace

    from asklepion.core.errors import BadInput
    from asklepion.stats.columns import named

    rows = source.rows
    for each in where:
        name, mark, value = each.partition("=")
        if not mark:
            raise BadInput(f"`{each}` is no filter.", where="--where", remedy="Write it as COLUMN=VALUE.")
        named(rows, [name])
        labels = rows[name].astype("string")
        if not (labels == value).any():
            found = ", ".join(sorted(set(labels.dropna()))[:8])
            raise BadInput(f"No row has {value}.", where=f"column {name}", remedy=f"It holds {found}.")
        rows = rows[(labels == value).fillna(False).to_numpy(dtype=bool)]
    return replace(source, rows=rows)


def with_input(source: "Table", told: Mapping[str, object]) -> dict[str, object]:
    """Give an answer with the input's hash and the program's version before it; infinity, which JSON lacks, is null."""
    from importlib.metadata import version

    read = {"path": source.path, "sha256": source.sha256, "rows": len(source.rows)}
    return {"input": read, "program": "asklepion", "version": version("asklepion"), **told}


def close(source: "Table") -> None:
    """Print what an answer rests on."""
    print(f"\n{source.path}, SHA-256 {source.sha256}")


def retracted_dois() -> dict[str, str]:
    """Give the retracted works of docs/references.bib: by DOI in small letters, what is said of them."""
    from asklepion.knowledge.references import references, shipped

    found, _ = references(shipped().read_text("utf-8"), "references.bib")
    gone = [each for each in found.values() if each.status == "retracted" and "doi.org/" in each.url]
    return {each.url.partition("doi.org/")[2].lower(): f"retracted: references.bib, {each.key}" for each in gone}
