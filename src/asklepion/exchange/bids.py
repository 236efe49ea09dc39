"""BIDS: names of files with their entities, tables in TSV, sidecars and descriptions of data sets. Text in, text out.

Follows the specification 1.11.1 [gorgolewski2016]. What it has no suffix for is named in `.bidsignore`.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from asklepion.core.errors import BadInput, BadRow

VERSION = "1.11.1"
# The entities in the order in which the specification puts them, then `stat`, which XCP-D writes after `desc`'s others.
ORDER = (
    "sub",
    "tpl",
    "ses",
    "cohort",
    "sample",
    "task",
    "tracksys",
    "acq",
    "nuc",
    "voi",
    "ce",
    "trc",
    "stain",
    "rec",
    "dir",
    "run",
    "mod",
    "echo",
    "flip",
    "inv",
    "mt",
    "part",
    "proc",
    "hemi",
    "space",
    "split",
    "recording",
    "chunk",
    "atlas",
    "seg",
    "scale",
    "res",
    "den",
    "label",
    "stat",
    "desc",
)
_PART = re.compile(r"([a-z]+)-([A-Za-z0-9+]+)")
_LABEL = re.compile(r"[A-Za-z0-9+]+")
_MISSING = ("n/a", "")


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a file: its entities as they stand, its suffix, its extension with the dot."""

    entities: tuple[tuple[str, str], ...]
    suffix: str
    extension: str

    def get(self, key: str) -> str:
        """Return the value of an entity, empty where the name has none."""
        return dict(self.entities).get(key, "")

    def with_(self, *, suffix: str = "", extension: str = "", **entities: str) -> "Name":
        """Return the name with entities set (an empty value takes one away), in the order of the specification.

        Raises BadInput for a value that is not letters and digits, and for an entity that does not exist.
        """
        found = dict(self.entities) | entities
        for key, value in found.items():
            if key not in ORDER or (value and not _LABEL.fullmatch(value)):
                remedy = "Use letters and digits only, and an entity of the specification."
                raise BadInput(f"`{key}-{value}` is no entity.", where="name of a file", remedy=remedy)
        kept = tuple((key, found[key]) for key in ORDER if found.get(key))
        return Name(kept, suffix or self.suffix, extension or self.extension)

    def __str__(self) -> str:
        return "_".join([*(f"{key}-{value}" for key, value in self.entities), self.suffix]) + self.extension


def parse(file: str) -> Name | None:
    """Return the parts of a file's name; None for what is not named as BIDS names.

    >>> parse("sub-01_ses-a_task-rest_eeg.edf")
    Name(entities=(('sub', '01'), ('ses', 'a'), ('task', 'rest')), suffix='eeg', extension='.edf')
    >>> parse("README.md") is None
    True
    """
    stem, dot, extension = file.partition(".")
    *parts, suffix = stem.split("_")
    found = [_PART.fullmatch(part) for part in parts]
    pairs = tuple((each[1], each[2]) for each in found if each)
    keys = [key for key, _ in pairs]
    if not parts or len(pairs) < len(parts) or len(set(keys)) < len(keys) or not suffix or "-" in suffix:
        return None
    return Name(pairs, suffix, dot + extension)


def inherited(name: Name, candidates: Iterable[Name]) -> list[Name]:
    """Return those sidecars that hold for a file, the least specific first, by the principle of inheritance.

    A sidecar holds where its suffix is the file's and its entities are all among the file's, with the same values.
    """
    own = set(name.entities)
    holding = [
        each
        for each in candidates
        if each.extension == ".json" and each.suffix == name.suffix and set(each.entities) <= own
    ]
    return sorted(holding, key=lambda each: (len(each.entities), str(each)))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as TSV: missing is `n/a`, numbers as short as they can be read back, no tab or line end inside.

    >>> table(("name", "value"), [("a", 0.5), ("b", None)])
    'name\\tvalue\\na\\t0.5\\nb\\tn/a\\n'
    """
    lines = ["\t".join(headings), *("\t".join(_cell(cell) for cell in row) for row in rows)]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None or value == "":
        return "n/a"
    return repr(value) if isinstance(value, float) else " ".join(str(value).split())


def rows(text: str, *, file: str) -> list[dict[str, str]]:
    """Return the rows of a TSV by their headings; `n/a` is empty. Raises BadRow for a row that is too short or long."""
    headings, *lines = text.lstrip("\ufeff").splitlines() or [""]
    names = [name.strip() for name in headings.split("\t")]
    found = []
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(names):
            what = f"It has {len(cells)} cells under {len(names)} headings."
            raise BadRow(what, file=file, line=number, remedy="Separate by one tab; write n/a where nothing is known.")
        stripped = (cell.strip() for cell in cells)
        found.append({name: "" if cell in _MISSING else cell for name, cell in zip(names, stripped, strict=True)})
    return found


def metadata(text: str, *, file: str) -> dict[str, object]:
    """Return the fields of a sidecar. Raises BadInput where it is not an object of JSON."""
    try:
        found = json.loads(text)
    except ValueError as error:
        remedy = "Look at commas and quotes there."
        raise BadInput(f"This is not JSON: {error}.", where=file, remedy=remedy) from error
    if not isinstance(found, dict):
        raise BadInput("A sidecar holds named fields.", where=file, remedy='Begin it with "{".')
    return found


def written(fields: Mapping[str, object]) -> str:
    """Return fields as the text of a sidecar, in the order given, with no number that JSON does not have."""
    return json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def description(name: str, *, version: str, program: str, source: str, address: str = "") -> dict[str, object]:
    """Return the description of a derivative data set: what it is, what made it, and from which data set."""
    maker = {"Name": program, "Version": version, **({"CodeURL": address} if address else {})}
    return {
        "Name": name,
        "BIDSVersion": VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [maker],
        "SourceDatasets": [{"URL": source}],
        "DatasetLinks": {"source": source},
    }
