"""YAML text as plain values: what JSON can say, and nothing that YAML guesses. Every fault of a text is told."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import yaml

from asklepion.core.errors import BadFact

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TAG = "tag:yaml.org,2002:"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a text, counted from 1, as a plain value and as the nodes that know their lines."""

    number: int
    value: object
    root: yaml.Node

    def line(self, path: Path) -> int:
        """Return the line, from 1, on which the value at `path` stands, or the nearest that is there."""
        node = self.root
        for part in path:
            below = _child(node, part)
            if below is None:
                break
            node = below
        return int(node.start_mark.line) + 1


def documents(text: str, file: str) -> tuple[tuple[Document, ...], tuple[BadFact, ...]]:
    """Return the documents of a text and its faults. A text that is no YAML from some line on ends there."""
    found: list[Document] = []
    faults: list[BadFact] = []
    try:
        for number, root in enumerate(yaml.compose_all(text, Loader=_Loader), 1):
            reader = _Reader(file, number, faults)
            found.append(Document(number, reader.value(root, ()), root))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        line = mark.line + 1 if mark else 0
        faults.append(
            BadFact(
                f"This is not YAML: {what}.",
                file=file,
                line=line,
                remedy="Look at indents, quotes and colons on this line and the one before it.",
            )
        )
    return tuple(found), tuple(faults)


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        below: yaml.Node = node.value[part]
        return below
    return None


class _Reader:
    """Makes plain values of the nodes of one document and notes what it cannot take."""

    def __init__(self, file: str, number: int, faults: list[BadFact]) -> None:
        self._file, self._number, self._faults = file, number, faults
        self._within: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> object:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._within:
            self._fault(node, path, "This holds itself.", "Write it out without the alias.")
            return None
        self._within.add(id(node))
        if isinstance(node, yaml.MappingNode):
            value: object = dict(self._pairs(node, path))
        else:
            value = [self.value(each, (*path, index)) for index, each in enumerate(node.value)]
        self._within.discard(id(node))
        return value

    def _pairs(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, object]]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != f"{_TAG}str":
                said = f"`{key.value}`" if isinstance(key, yaml.ScalarNode) else "This"
                self._fault(
                    key, path, f"{said} is no name of a field.", "Names are plain words; merge keys are not taken."
                )
                continue
            name = key.value
            if name in seen:
                what = f"`{name}` stands here twice; the first is on line {seen[name]}."
                self._fault(key, (*path, name), what, "Keep one.")
                continue
            seen[name] = key.start_mark.line + 1
            yield name, self.value(value, (*path, name))

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> object:
        text = node.value
        read = _SCALARS.get(node.tag.removeprefix(_TAG))
        if read is None:
            self._fault(node, path, f"The tag {node.tag} is not taken.", "Write text, numbers, dates, true or false.")
            return None
        pattern, make, remedy = read
        if pattern is not None and not pattern.fullmatch(text):
            self._fault(node, path, f"`{text}` could be read in more than one way.", remedy)
            return None
        return make(text)

    def _fault(self, node: yaml.Node, path: Path, what: str, remedy: str) -> None:
        self._faults.append(
            BadFact(
                what,
                file=self._file,
                document=self._number,
                line=node.start_mark.line + 1,
                path=spelled(path),
                remedy=remedy,
            )
        )


def spelled(path: Path) -> str:
    """Return a path as it is written in messages: `items.3.topic`, counted from 0."""
    return ".".join(map(str, path))


_SCALARS: dict[str, tuple[re.Pattern[str] | None, Callable[[str], object], str]] = {
    "str": (None, str, ""),
    "null": (None, lambda _: None, ""),
    "bool": (re.compile(r"true|false"), lambda text: text == "true", "Write true or false, or put it in quotes."),
    "int": (_INTEGER, int, "Write a whole number in plain digits, or put it in quotes."),
    "float": (_DECIMAL, float, "Write a decimal number such as 0.5, or put it in quotes."),
    "timestamp": (_DAY, str, "Write a day as 2026-11-23."),
}
